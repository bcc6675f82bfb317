// The list of drafts, newest first, and the table of drafts that the overview shows too.
import { html } from 'ghtml'
import { BadRequest } from '../errors.ts'
import type { DraftPage, DraftPlace } from '../store/pages.ts'
import type { DraftLine } from '../store/stats.ts'
import { toInstant } from '../text.ts'
import { layOutBadge, layOutEmpty, layOutPage, layOutTable, layOutTime } from './layout.ts'
import type { Column } from './layout.ts'
import { NONE, showPercent } from './numbers.ts'
import { actionBadge, outcomeBadge, scoreWords } from './wording.ts'
import type { Badge, ScoreRules } from './wording.ts'

const COLUMNS: Column[] = [
  { name: 'Time', says: 'When the draft was due' },
  { name: 'Ticket', kind: 'wrap' },
  { name: 'Topic', kind: 'wrap', says: 'Found by Deskloop, named by its own words' },
  { name: 'Score', says: 'How likely the draft is sent as is or lightly edited' },
  { name: 'Threshold', kind: 'number', says: 'The score from which drafts of this topic are shown; – while none can be trusted' },
  { name: 'What was done, and why', kind: 'prose' },
  { name: 'Outcome', kind: 'wrap', says: 'What the agent sent beside it: as is, edited (share of words kept), replaced, or the note came too late' }
]

export function layOutDraftTable (lines: DraftLine[], rules: ScoreRules): string {
  if (lines.length === 0) {
    return layOutEmpty('There are no drafts yet.',
      'The first one is made as soon as a customer asks something in a connected helpdesk; it is shown here whether or not a note is written.')
  }
  return layOutTable('Drafts', COLUMNS, lines.map(line => [
    layOutTime(line.askedAt),
    html`<a href="/drafts/${line.key}">${line.connection} #${line.ticketId}</a>`,
    html`<span dir="auto">${line.topic}</span>`,
    layOutScore(line, rules),
    html`${showThreshold(line.threshold)}`,
    html`!${layOutBadge(actionBadge(line))} !${small(actionBadge(line).detail)}<br><small>${line.reason}</small>`,
    layOutOutcome(outcomeBadge(line))
  ]))
}

export function layOutScore (line: { text: string, score: number }, rules: ScoreRules): string {
  return line.text === '' ? NONE : html`${scoreWords(line.score, rules)} <small>${showPercent(line.score)}</small>`
}

/** A threshold of 1 stands for "no score can be trusted yet". */
export function showThreshold (threshold: number): string {
  return threshold >= 1 ? NONE : showPercent(threshold)
}

export function layOutOutcome (badge: Badge): string {
  return html`!${layOutBadge(badge)} !${small(badge.detail)}`
}

function small (text: string): string {
  return text === '' ? '' : html`<small>${text}</small>`
}

export function layOutDrafts (page: DraftPage, before: DraftPlace | null, rules: ScoreRules): string {
  const isEmptyEnd = page.lines.length === 0 && before !== null
  const table = isEmptyEnd
    ? layOutEmpty('There are no older drafts.', 'This is the end of the list.')
    : layOutDraftTable(page.lines, rules)
  const newest = before === null ? '' : '<a href="/drafts">Newest drafts</a>'
  const older = page.older === null ? '' : html`<a rel="next" href="/drafts?before=${placeText(page.older)}">Older drafts</a>`
  return layOutPage('Drafts', 'drafts', html`<h1>Drafts</h1>
<p class="lead">Every question that Deskloop has looked at, newest first, with what it would have answered.</p>
!${table}
<p class="more">!${newest} !${older}</p>`)
}

/** `2026-11-22T09:10:00Z` or, to begin between drafts of one second, the same with a comma and the key of the last one. */
export function readPlace (text: unknown): DraftPlace | null {
  if (text === undefined) return null
  const [time = '', key = ''] = typeof text === 'string' ? text.split(',') : []
  const at = /^\d{4}-\d\d-\d\d/.test(time) ? toInstant(time) : null
  if (at === null || !/^[\w-]{0,64}$/.test(key)) throw new BadRequest('before must be an instant such as 2026-11-22T09:10:00Z')
  return { at, key }
}

function placeText (place: DraftPlace): string {
  return encodeURIComponent(`${place.at},${place.key}`)
}
