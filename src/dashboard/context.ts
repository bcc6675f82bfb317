// What the product tells, as it arrives: for whoever puts the snippet in. Everything is text.
import { html } from 'ghtml'
import type { SeenContext } from '../store/context.ts'
import { layOutEmpty, layOutPage, layOutTable, layOutTime } from './layout.ts'
import type { Column } from './layout.ts'
import { NONE } from './numbers.ts'

const COLUMNS: Column[] = [
  { name: 'Arrived' },
  { name: 'Happened', says: 'By the sender’s clock, corrected' },
  { name: 'Kind' },
  { name: 'Who', kind: 'wrap', says: 'The user id, or the browser before anybody has signed in' },
  { name: 'E-mail', says: 'Whether an address came along; only its hash is kept' },
  { name: 'What', kind: 'wrap', says: 'The page or the action' },
  { name: 'Data', kind: 'prose' }
]
const LONGEST = 300

export function layOutContext (seen: SeenContext[]): string {
  const table = seen.length === 0
    ? layOutEmpty('Nothing has arrived yet.', 'Set DESKLOOP_CONTEXT_KEYS, put /context.js with your key into your product or call POST /v1/context; a refusal is told in the answer and in the browser’s console.')
    : layOutTable('Product events', COLUMNS, seen.map(layOutRow))
  return layOutPage('Context', 'context', html`<h1>Context</h1>
<p class="lead">What people do in your product before they ask, newest first. This page looks again every five seconds.</p>
!${table}`)
}

function layOutRow (e: SeenContext): string[] {
  const data = JSON.stringify(e.data)
  const who = e.userId ?? `${(e.anonymousId ?? '').slice(0, 8)}… (browser)`
  return [
    layOutTime(e.receivedAt), layOutTime(e.at), html`${e.kind}`, html`${who}`, e.emailHash === null ? NONE : 'yes',
    e.name === '' ? NONE : html`${e.name}`,
    html`<code>${data.length > LONGEST ? data.slice(0, LONGEST).toWellFormed() + '…' : data}</code>`
  ]
}
