// What was out of the ordinary: the list with the detector's own precision, and one anomaly with its tickets, everything
// that was done with it, and the buttons that say what it was.
import { html } from 'ghtml'
import type { Anomaly, AnomalyTicket, Change } from '../store/anomalies.ts'
import { courseWords, readFacts, segmentWords } from '../learn/facts.ts'
import type { AnomalyFacts } from '../learn/facts.ts'
import type { Origin } from '../store/splits.ts'
import { courseLooks } from './anomaly-chart.ts'
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
  a: Anomaly, tickets: AnomalyTicket[], changes: Change[], against: string | null = null,
  origin: Origin = { from: null, off: [] }
): string {
  const state = STATES[a.state]
  const known = readFacts(a.facts)
  const facts: Array<[string, string]> = [
    ['State', html`!${layOutBadge(state)} <small>${a.reason ?? state.detail}</small>`],
    ['Since', layOutTime(a.openedAt)],
    ['Tickets', html`${showCount(a.tickets)} of ${showCount(a.people)} customers`],
    ...usualOf(a, known),
    ['By accident', html`about once in ${showCount(Math.round(Math.min(1e9, 1 / Math.max(a.p, 1e-9))))}`]
  ]
  if (a.assignee !== null) facts.push(['On it', html`${a.assignee}`])
  if (a.issueUrl !== null) facts.push(['Issue', html`<a href="${a.issueUrl}">${a.issueIdentifier ?? 'issue'}</a>${a.approvedBy === null ? '' : `, asked by ${a.approvedBy}`}`])
  if (known.release !== null) facts.push(['After a release', html`${known.release.minutes} min after <code>${known.release.name}</code> <small>a coincidence is possible</small>`])
  if (a.mergedInto !== null) facts.push(['Merged into', html`<a href="/anomalies/${a.mergedInto}">the other one</a>`])
  if (origin.from !== null) facts.push(['Split off from', html`<a href="/anomalies/${origin.from.id}">${origin.from.title}</a>`])
  for (const part of origin.off) facts.push(['Split off', html`<a href="/anomalies/${part.id}">${part.title}</a>, ${showCount(part.tickets)} tickets`])
  const told = toldWhere(a)
  if (told !== null) facts.push(['Told', html`${told}`])
  const buttons = buttonsOf(a)
  const form = buttons.length === 0
    ? ''
    : html`<form method="post" action="/anomalies/${a.id}" class="acts"><label>Who are you? <input name="who" required maxlength="100" autocomplete="name"></label>
<label>Why? <input name="why" maxlength="300" size="30"></label> !${fileHint(a, against)} !${buttons.map(([move, label]) => html`<button name="move" value="${move}">${label}</button>`).join(' ')}</form>`
  const moves = changes.map(c => [layOutTime(c.at), html`${c.by}`, html`${MOVES[c.move] ?? c.move.replaceAll('_', ' ')}${c.applied ? '' : ': too late, nothing changed'}`, html`${c.detail ?? ''}`])
  return layOutPage(a.title, 'anomalies', html`<p class="crumb"><a href="/anomalies">Anomalies</a></p><h1>${a.title}</h1>
<dl class="facts">!${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>!${value}</dd></div>`)}</dl>
!${form}
!${layOutCourse(a, known)}!${layOutFacts(known)}
<section aria-labelledby="tickets"><h2 id="tickets">Its tickets</h2>!${layOutTickets(tickets)}!${layOutSplitting(a, origin)}</section>
<section aria-labelledby="changes"><h2 id="changes">What was done</h2>!${layOutTable('Changes', [{ name: 'Time' }, { name: 'Who' }, { name: 'What' }, { name: 'Why', kind: 'wrap' }], moves)}</section>`)
}

// What a page tells of a move; the others say it by their name.
const MOVES: Readonly<Record<string, string>> = {
  opened: 'told', grew: 'it grew', quiet: 'quiet for a day', ack: 'is on it', real: 'said that it is real', noise: 'said that it is not real',
  undo_noise: 'took that back', file: 'asked for an issue', attach: 'named an issue that stands there', filed: 'the issue stands in Linear',
  refused: 'Linear did not take it', started: 'work on the issue has begun', done: 'the issue is done', restarted: 'the issue is open again',
  not_a_bug: 'the issue was closed without a fix', duplicate: 'the issue was merged into another', calm: 'the fix holds', still_high: 'still above normal',
  merge: 'merged into another', snooze: 'snoozed', split: 'split tickets off'
}
const FIRST_TICKETS = 12

function layOutTickets (tickets: AnomalyTicket[]): string {
  const table = (list: AnomalyTicket[]): string => layOutTable('Tickets', [{ name: 'Asked' }, { name: 'Ticket' }], list.map(t =>
    [layOutTime(t.at), html`<a href="/t/${encodeURIComponent(t.connection)}/${encodeURIComponent(t.ticketId)}">${t.connection} #${t.ticketId}</a>`]))
  const more = tickets.slice(FIRST_TICKETS)
  return table(tickets.slice(0, FIRST_TICKETS)) + (more.length === 0 ? '' : html`<details><summary>${more.length} more</summary>!${table(more)}</details>`)
}

// A way to take tickets out, and one to put back what was taken out.
function layOutSplitting (a: Anomaly, { from }: Origin): string {
  const isLive = ['open', 'acknowledged', 'filed', 'fixed', 'not_fixed'].includes(a.state)
  const split = isLive && a.tickets > 1 ? html`<p><a href="/anomalies/${a.id}/split">Two things at once? Split it</a></p>` : ''
  if (from === null || !isLive || a.hasIssue || a.filing) return split
  return html`!${split}<form method="post" action="/anomalies/${a.id}/merge" class="acts"><input type="hidden" name="into" value="${from.id}">
<label>Who are you? <input name="who" required maxlength="100" autocomplete="name"></label> <button>Merge it back</button></form>`
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

function usualOf (a: Anomaly, known: AnomalyFacts): Array<[string, string]> {
  if (known.hours === null || a.kind !== 'spike') return []
  const usual = a.usual < 1 ? 'less than one customer' : `about ${Math.round(a.usual)} customers`
  return [['Usual', html`${usual} in the ${known.hours < 10 ? Math.round(known.hours * 10) / 10 : Math.round(known.hours)} h that it took so far`]]
}

/** Where it was told, or what it waits for, in words. */
function toldWhere ({ telling, slackTs, snoozedUntil }: Anomaly): string | null {
  if (snoozedUntil !== null) return `snoozed by ${telling.snoozedBy ?? 'somebody'} until ${snoozedUntil.slice(0, 16).replace('T', ' ')} UTC`
  if (telling.heldUntil !== null) return `not yet: quiet hours end ${telling.heldUntil.slice(0, 16).replace('T', ' ')} UTC`
  if (telling.rolledUp !== null && telling.channel === null) return 'as a line of the day’s further alerts in Slack'
  if (telling.channel !== null) return slackTs === null ? 'on its way to Slack' : `in Slack, as ${telling.route}`
  return null
}

function layOutCourse (a: Anomaly, known: AnomalyFacts): string {
  const words = courseWords(a.topic, known)
  if (words === null) return ''
  const at = (name: string): string => `/anomalies/${encodeURIComponent(a.id)}/${name}`
  const sources = [
    ['course-narrow-dark.svg', '(max-width: 640px) and (prefers-color-scheme: dark)'], ['course-narrow.svg', '(max-width: 640px)'],
    ['course-dark.svg', '(prefers-color-scheme: dark)']
  ].map(([name = '', media]) =>
    html`<source srcset="${at(name)}" media="${media}" width="${courseLooks[name]?.width}" height="${courseLooks[name]?.height}">`)
  const { width, height } = courseLooks['course.svg'] ?? { width: 0, height: 0 }
  return html`<section aria-labelledby="course"><h2 id="course">Its course</h2>
<picture>!${sources}<img src="${at('course.svg')}" alt="${words}" width="${width}" height="${height}"></picture></section>`
}

function layOutFacts ({ segments, sayings }: AnomalyFacts): string {
  const lists: Array<[string, string[]]> = [
    ['Mostly', segments.map(segmentWords)], ['Customers say', sayings.map(s => `“${s.text}” (${s.people} customers)`)]
  ]
  const parts = lists.filter(([, lines]) => lines.length > 0)
  if (parts.length === 0) return ''
  const laidOut = parts.map(([name, lines]) => html`<h3>${name}</h3><ul>!${lines.map(line => html`<li>${line}</li>`)}</ul>`)
  return html`<section aria-labelledby="known"><h2 id="known">What they have in common</h2>!${laidOut}</section>`
}
