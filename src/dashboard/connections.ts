// The connections page: how each one is, in words; how far its history is; and of each day, whether all of its tickets are
// here.
import { html } from 'ghtml'
import type { Instant } from '../types.ts'
import type { Backfill } from '../store/backfill.ts'
import type { DayCheck } from '../store/completeness.ts'
import { sayState } from '../store/connection-state.ts'
import type { ConnectionState, Line } from '../store/connection-state.ts'
import { progressOf, sayProgress } from '../store/progress.ts'
import { layOutBadge, layOutEmpty, layOutPage, layOutTime } from './layout.ts'
import { NONE, showCount, showDuration, showPercent } from './numbers.ts'
import type { Badge } from './wording.ts'

/** `more`: finished html that others have to say about a connection, such as its token or its limits. */
export function layOutConnections (states: ConnectionState[], now: Instant, more: (name: string) => string = () => ''): string {
  const body = states.length === 0
    ? layOutEmpty('No helpdesk is connected yet.', 'Set the variables of your helpdesk in the environment (.env.example lists them) and start Deskloop again.')
    : states.map(state => layOutConnection(state, now, more(state.name))).join('\n')
  return layOutPage('Connections', 'connections', html`<h1>Connections</h1>
<p class="lead">Is every ticket here, does the helpdesk reach Deskloop, and what waits.</p>
!${body}`)
}

const TONES: Record<Line['level'], Badge> = {
  ok: { label: 'well', tone: 'good', detail: '' },
  look: { label: 'look', tone: 'fair', detail: '' },
  stop: { label: 'act', tone: 'poor', detail: '' }
}
const RANK: Record<Line['level'], number> = { stop: 0, look: 1, ok: 2 }

function layOutConnection (s: ConnectionState, now: Instant, more: string): string {
  // While all is well with the history, its bar says it already.
  const lines = sayState(s, now).filter(line => line.level !== 'ok' || !line.what.startsWith('history: '))
    .toSorted((a, b) => RANK[a.level] - RANK[b.level])
  const type = s.connector === s.name ? '' : html` <small>${s.connector}</small>`
  return html`<section aria-labelledby="c-${s.name}"><h2 id="c-${s.name}">${s.name}!${type}</h2>
<dl class="facts">
<div><dt>Last webhook</dt><dd>!${layOutSince(s.lastDeliveryAt, now)}</dd></div>
<div><dt>Last event, by its clock</dt><dd>!${layOutSince(s.lastEventAt, now)}</dd></div>
<div><dt>Last asked what has changed</dt><dd>!${layOutSince(s.lastAskedAt, now)}</dd></div>
<div><dt>Tickets here</dt><dd>${showCount(s.tickets)}</dd></div>
<div><dt>Tickets waiting</dt><dd>${showCount(s.undone)}!${s.held === 0 ? '' : html`, ${showCount(s.held)} held until their history is whole`}</dd></div>
<div><dt>Notes waiting</dt><dd>${showCount(s.notesWaiting)}</dd></div>
</dl>
!${s.backfill === null ? '' : layOutBackfill(s.backfill)}
!${layOutDays(s.days)}
<ul class="lines">!${lines.map(layOutLine)}</ul>
!${more}</section>`
}

function layOutSince (at: Instant | null, now: Instant): string {
  if (at === null) return 'never'
  const seconds = (Date.parse(now) - Date.parse(at)) / 1000
  return html`!${layOutTime(at)} <small>${showDuration(seconds)} ago</small>`
}

function layOutLine (line: Line): string {
  const todo = line.todo === undefined ? '' : html` <span class="todo">${line.todo}</span>`
  return html`<li>!${layOutBadge(TONES[line.level])} ${line.what}!${todo}</li>`
}

function layOutBackfill (b: Backfill): string {
  const p = progressOf(b)
  const bar = p.share === null ? html`<progress></progress>` : html`<progress max="1000" value="${Math.floor(p.share * 1000)}"></progress>`
  return html`<div class="backfill"><p><b>History</b> !${bar} ${p.share === null ? NONE : showPercent(p.share)}</p><p class="hint">${sayProgress(b)}</p></div>`
}

/** One small square for each checked day, oldest first; what is wrong is named below, for a colour alone says nothing. */
function layOutDays (days: DayCheck[]): string {
  if (days.length === 0) return ''
  const cells = days.toReversed().map(day =>
    html`<li class="!${toneOf(day)}" title="${sayDay(day)}"><span>${day.day.slice(8)}</span><span class="unseen">${sayDay(day)}</span></li>`)
  const isOdd = (day: DayCheck): boolean => day.missing.length + day.healed.length + day.extra.length > 0
  const odd = days.filter(day => isOdd(day) || day.listed < day.theirs)
  const rows = odd.slice(0, MOST_ODD_DAYS).map(day => html`<li>!${layOutOddDay(day)}</li>`)
  const list = rows.length === 0 ? '' : html`<details class="definitions"><summary>${odd.length} of ${days.length} days ${odd.length === 1 ? 'has' : 'have'} something to tell</summary><ul>!${rows}</ul></details>`
  return html`<h3>Complete, day by day</h3><ol class="days">!${cells}</ol>!${list}`
}

const MOST_ODD_DAYS = 14
const MOST_NAMED = 20

function toneOf (day: DayCheck): 'good' | 'fair' | 'poor' {
  if (day.missing.length > 0) return 'poor'
  return day.listed < day.theirs || day.healed.length > 0 ? 'fair' : 'good'
}

function sayDay (day: DayCheck): string {
  const healed = day.healed.length === 0 ? '' : `, ${day.healed.length} were missing and were fetched`
  const extra = day.extra.length === 0 ? '' : `, ${day.extra.length} only here`
  return `${day.day}: ${day.ours} of ${Math.max(day.theirs, day.listed)} here${day.missing.length === 0 ? '' : `, ${day.missing.length} missing`}${healed}${extra}`
}

function layOutOddDay (day: DayCheck): string {
  const parts = [
    ['missing', day.missing] as const, ['were missing and were fetched', day.healed] as const
  ].flatMap(([what, ids]) => ids.length === 0 ? [] : [html`${what}: ${nameSome(ids)}`])
  const reasons = Map.groupBy(day.extra, one => one.why)
  for (const [why, extra] of reasons) parts.push(html`only here, ${why}: ${nameSome(extra.map(one => one.ticketId))}`)
  if (day.listed < day.theirs) parts.push(html`the helpdesk counts ${day.theirs} and names ${day.listed}`)
  return html`<b>${day.day}</b> !${parts.join('; ')}`
}

function nameSome (ids: string[]): string {
  return ids.slice(0, MOST_NAMED).join(', ') + (ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : '')
}
