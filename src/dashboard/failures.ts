// What stopped and waits for a person, each with its reason and a button that tries it anew; and the banner that stands
// on every page while a note was seen in public.
import { html } from 'ghtml'
import type { Failure, FailureKind } from '../store/failures.ts'
import type { NoteAlarm } from '../store/pauses.ts'
import { layOutEmpty, layOutPage, layOutTable, layOutTime } from './layout.ts'
import type { Column } from './layout.ts'
import { showCount } from './numbers.ts'

export type FailureCounts = Record<FailureKind, number>

const NAMES: ReadonlyArray<[FailureKind, name: string]> = [
  ['effect', 'Writes that were given up'],
  ['delivery', 'Deliveries that could not be read'],
  ['look', 'Tickets that could not be looked at'],
  ['wake-up', 'Tickets whose work failed again and again']
]

const COLUMNS: Column[] = [
  { name: 'Since' },
  { name: 'Where' },
  { name: 'What' },
  { name: 'Why', kind: 'wrap' },
  { name: 'Attempts', kind: 'number' },
  { name: 'Again' }
]

export function layOutFailures (failures: Failure[], counts: FailureCounts, told: string): string {
  const sections = NAMES.map(([kind, name]) => {
    return layOutKind(kind, name, failures.filter(f => f.kind === kind), counts[kind])
  })
  const none = failures.length === 0
    ? layOutEmpty('Nothing has stopped.', 'What could not be written, read or looked at stands here, with its reason and a button to try it anew.')
    : ''
  return layOutPage('Failures', 'failures', html`<h1>Failures</h1>
<p class="lead">What was given up and waits for a person. Trying anew does nothing twice: what may have been applied is looked for first.</p>
!${told === '' ? '' : html`<p role="status"><b>${told}</b></p>`}
!${sections.join('\n')}!${none}`)
}

function layOutKind (kind: FailureKind, name: string, failures: Failure[], count: number): string {
  if (count === 0) return ''
  const rows = failures.map(f => [
    layOutTime(f.at), html`${f.account}${f.ticketId === null ? '' : ` #${f.ticketId}`}`, layOutWhat(f), html`${f.reason}`,
    f.attempts === null ? '–' : showCount(f.attempts), layOutButton('id', f.id, 'Try anew')
  ])
  const more = count > failures.length ? html`<p class="hint">${showCount(count - failures.length)} more are not shown.</p>` : ''
  return html`<section aria-labelledby="${kind}"><h2 id="${kind}">${name} (${showCount(count)})</h2>
!${layOutTable(name, COLUMNS, rows)}!${more}
!${count > 1 ? layOutButton('kind', kind, `Try all ${showCount(count)} anew`) : ''}</section>`
}

function layOutWhat (f: Failure): string {
  if (f.body === null || f.body === '{}') return html`${f.what}`
  return html`<details><summary>${f.what}</summary><pre dir="auto">${f.body.slice(0, 2000)}</pre></details>`
}

function layOutButton (name: string, value: string, label: string): string {
  return html`<form method="post" action="/failures/replay"><input type="hidden" name="${name}" value="${value}"><button>${label}</button></form>`
}

/** Stands at the head of every page until each alarm was cleared; empty without one. */
export function layOutAlarms (alarms: NoteAlarm[]): string {
  if (alarms.length === 0) return ''
  const items = alarms.map(a => html`<li><p><b>${a.account}${a.ticketId === null ? '' : ` #${a.ticketId}`}</b>, !${layOutTime(a.at)}: ${a.why}. Every write of ${a.account} is stopped.</p>
<form method="post" action="/alarms/${a.id}/clear">
<label>Who are you? <input name="who" required maxlength="100" autocomplete="name"></label>
<label>What did you find? <input name="why" required maxlength="500" size="40"></label>
<button>Clear, and let it write again</button></form></li>`)
  return html`<section class="alarms wide" role="alert" aria-label="Alarm"><h2>A note was seen in public</h2><ul>!${items}</ul></section>`
}

/** A finished page with the banner before its main part. */
export function withAlarms (page: string, alarms: NoteAlarm[]): string {
  return alarms.length === 0 ? page : page.replace('<main', () => `${layOutAlarms(alarms)}\n<main`)
}
