// What was out of the ordinary: the list with the detector's own precision, and one anomaly with its tickets, everything
// that was done with it, and the buttons that say what it was.
import { html } from 'ghtml'
import type { Anomaly, AnomalyTicket, Change } from '../store/anomalies.ts'
import { layOutBadge, layOutEmpty, layOutPage, layOutTable, layOutTime } from './layout.ts'
import { showCount } from './numbers.ts'
import type { Badge } from './wording.ts'

const STATES: Record<Anomaly['state'], Badge> = {
  open: { label: 'open', tone: 'poor', detail: 'told, and nobody has taken it yet' },
  acknowledged: { label: 'somebody is on it', tone: 'fair', detail: '' },
  filed: { label: 'filed', tone: 'fair', detail: 'an issue stands in Linear' },
  fixed: { label: 'fixed, watching', tone: 'open', detail: 'the issue is done; it is watched whether the tickets stop' },
  verified: { label: 'verified', tone: 'good', detail: 'fixed, and back to normal' },
  not_fixed: { label: 'not fixed', tone: 'poor', detail: 'the issue is done and the tickets go on' },
  closed: { label: 'closed', tone: 'quiet', detail: '' },
  merged: { label: 'merged', tone: 'quiet', detail: '' },
  noise: { label: 'not an anomaly', tone: 'quiet', detail: '' }
}

export function layOutAnomalies (
  list: Anomaly[], precision: { right: number, judged: number }, isWatching: boolean
): string {
  const lead = precision.judged === 0
    ? 'Nobody has judged an alert within the last 30 days: “Real” and “Not real” teach the detector.'
    : `Of the alerts judged within 30 days, ${precision.right} of ${precision.judged} were real.`
  const rows = list.map(a => [
    layOutTime(a.openedAt), html`<a href="/anomalies/${a.id}">${a.title}</a>`, layOutBadge(STATES[a.state]), showCount(a.tickets), showCount(a.people),
    a.issueUrl === null ? '–' : html`<a href="${a.issueUrl}">${a.issueIdentifier ?? 'issue'}</a>`
  ])
  const table = rows.length === 0
    ? layOutEmpty('Nothing was out of the ordinary.', isWatching ? 'New questions are compared with what is usual for their hour, topic and words.' : 'The watch begins with the first question.')
    : layOutTable('Anomalies', [{ name: 'Since' }, { name: 'What', kind: 'wrap' }, { name: 'State' }, { name: 'Tickets', kind: 'number' }, { name: 'Customers', kind: 'number' }, { name: 'Issue' }], rows)
  return layOutPage('Anomalies', 'anomalies', html`<h1>Anomalies</h1><p class="lead">${lead}</p>!${table}`)
}

/** `against`: why it should not be filed; null: it may be. */
export function layOutAnomaly (
  a: Anomaly, tickets: AnomalyTicket[], changes: Change[], against: string | null = null
): string {
  const state = STATES[a.state]
  const facts: Array<[string, string]> = [
    ['State', html`!${layOutBadge(state)} <small>${a.reason ?? state.detail}</small>`],
    ['Since', layOutTime(a.openedAt)],
    ['Tickets', html`${showCount(a.tickets)} of ${showCount(a.people)} customers`],
    ['By accident', html`about once in ${showCount(Math.round(Math.min(1e9, 1 / Math.max(a.p, 1e-9))))}`]
  ]
  if (a.assignee !== null) facts.push(['On it', html`${a.assignee}`])
  if (a.issueUrl !== null) facts.push(['Issue', html`<a href="${a.issueUrl}">${a.issueIdentifier ?? 'issue'}</a>${a.approvedBy === null ? '' : `, asked by ${a.approvedBy}`}`])
  const buttons = buttonsOf(a)
  const form = buttons.length === 0
    ? ''
    : html`<form method="post" action="/anomalies/${a.id}" class="acts"><label>Who are you? <input name="who" required maxlength="100" autocomplete="name"></label>
<label>Why? <input name="why" maxlength="300" size="30"></label> !${fileHint(a, against)} !${buttons.map(([move, label]) => html`<button name="move" value="${move}">${label}</button>`).join(' ')}</form>`
  const rows = tickets.map(t => [layOutTime(t.at), html`${t.connection} #${t.ticketId}`])
  const moves = changes.map(c => [layOutTime(c.at), html`${c.by}`, html`${c.move.replaceAll('_', ' ')}${c.applied ? '' : ' (made no sense any more)'}`, html`${c.detail ?? ''}`])
  return layOutPage(a.title, 'anomalies', html`<p class="crumb"><a href="/anomalies">Anomalies</a></p><h1>${a.title}</h1>
<dl class="facts">!${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>!${value}</dd></div>`)}</dl>
!${form}
<section aria-labelledby="tickets"><h2 id="tickets">Its tickets</h2>!${layOutTable('Tickets', [{ name: 'Asked' }, { name: 'Ticket' }], rows)}</section>
<section aria-labelledby="changes"><h2 id="changes">What was done</h2>!${layOutTable('Changes', [{ name: 'Time' }, { name: 'Who' }, { name: 'What' }, { name: 'Why', kind: 'wrap' }], moves)}</section>`)
}

// What the gate has against an issue, and the way to say that there is one already.
function fileHint (a: Anomaly, against: string | null): string {
  if (a.filing || a.hasIssue || (a.state !== 'open' && a.state !== 'acknowledged')) return ''
  const why = against === null ? '' : html`<p class="hint">${against} Whoever files it all the same says why.</p>`
  return html`!${why}<label>Same as issue <input name="issue" maxlength="60" size="10" placeholder="ENG-80"></label> <button name="move" value="attach">Same as this issue</button>`
}

function buttonsOf (a: Anomaly): Array<[move: string, label: string]> {
  switch (a.state) {
    case 'open': return [['ack', 'I am on it'], ['real', 'Real'], ...(a.filing ? [] : [['file', 'File in Linear'], ['noise', 'Not real']] as Array<[string, string]>)]
    case 'acknowledged': return [['real', 'Real'], ...(a.filing ? [] : [['file', 'File in Linear'], ['noise', 'Not real']] as Array<[string, string]>)]
    case 'noise': return [['undo_noise', 'It was real after all']]
    default: return []
  }
}
