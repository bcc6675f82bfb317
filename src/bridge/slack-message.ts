// An anomaly as one Slack message, in every state of its life. What customers share is escaped.
import type { KnownBlock } from '@slack/web-api'
import type { AnomalyView } from '../outside.ts'

const SIGNS: Record<AnomalyView['state'], string> = {
  open: '🔴', acknowledged: '🟡', filed: '🟠', fixed: '🔵', verified: '🟢', not_fixed: '🔴', closed: '🟢', merged: '⚪', noise: '⚪'
}
const LONGEST_HEADER = 150
const LONGEST_FIELD = 700
const MOST_IN_ALL = 12_800
export const LONGEST_TEXT = 2_900

export interface Rendered { text: string, blocks: KnownBlock[] }

/** `picture`: the id of an uploaded chart; `shown` is what it shows, in words. */
export function renderAlert (a: AnomalyView, picture: string | null, shown: string): Rendered {
  const headline = `${SIGNS[a.state]} ${a.title}`
  const began = a.release === null ? '' : ` Began ${age(a.release.minutes)} after release ${escapeMrkdwn(a.release.name)}.`
  const text = `${escapeMrkdwn(a.title)}. ${sizeOf(a, '')}.${began} ${escapeMrkdwn(stateOf(a))}.`
  const blocks: KnownBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: cut(headline, LONGEST_HEADER), emoji: true } },
    { type: 'section', text: { type: 'mrkdwn', text: cut(magnitudeOf(a), LONGEST_TEXT) } }
  ]
  if (picture !== null) blocks.push({ type: 'image', slack_file: { id: picture }, alt_text: cut(shown, 1_900) })
  const fields = fieldsOf(a)
  if (fields.length > 0) blocks.push({ type: 'section', fields })
  const actions = actionsOf(a)
  if (actions !== null) blocks.push(actions)
  const judged = a.precision.judged
  const right = judged === 0 ? 'nobody has judged its alerts yet' : `this detector was right ${a.precision.right} of its last ${judged}`
  const pauses = ['open', 'acknowledged', 'filed', 'not_fixed'].includes(a.state) && a.kind !== 'drift'
  const paused = pauses ? ' · its tickets do not teach meanwhile' : ''
  blocks.push({
    type: 'context',
    elements: [{ type: 'mrkdwn', text: `${chanceOf(a.chance)} · ${right}${paused} · ${a.id}` }]
  })
  return { text: cut(text, 3_000), blocks: fit(blocks) }
}

/** A short line for the thread: only what changed. */
export function renderChange (a: AnomalyView): Rendered {
  const size = `${count(a.tickets, 'ticket')} of ${count(a.people, 'customer')}`
  const text = cut(escapeMrkdwn(`${SIGNS[a.state]} ${stateOf(a)}: ${size}.`), LONGEST_TEXT)
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] }
}

function stateOf (a: AnomalyView): string {
  switch (a.state) {
    case 'open': return a.filing ? `Being filed, asked by ${a.approvedBy ?? 'somebody'}` : 'Open'
    case 'acknowledged': return a.filing ? `Being filed, asked by ${a.approvedBy ?? 'somebody'}` : `${a.assignee ?? 'Somebody'} is on it`
    case 'filed': return `Filed as ${a.issue?.identifier ?? 'an issue'}`
    case 'fixed': return `Fixed (${a.issue?.identifier ?? 'issue done'}), watching whether it stays so`
    case 'verified': return `Verified: back to normal${endOf(a)}`
    case 'not_fixed': return `Not fixed: still above normal although ${a.issue?.identifier ?? 'the issue'} is done`
    case 'closed': return a.reason === null ? 'Closed' : `Closed: ${a.reason}`
    case 'merged': return a.reason ?? 'Merged'
    case 'noise': return `Not an anomaly${a.reason === null ? '' : ` (${a.reason})`}`
  }
}

// What it came to, as far as is known.
function endOf ({ end }: AnomalyView): string {
  const peak = end?.peak == null || end.peak < 1 ? '' : `${count(end.peak, 'customer')} an hour at its peak`
  const told = end === undefined || end.told === 0 ? '' : `${count(end.told, 'ticket')} told`
  const parts = [peak, told].filter(part => part !== '')
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function magnitudeOf (a: AnomalyView): string {
  const parts = [sizeOf(a, '*'), ...worthOf(a), `began ${clock(a.openedAt)}`]
  if (a.release !== null) parts.push(`*${age(a.release.minutes)} after* \`${escapeMrkdwn(a.release.name).replaceAll('`', '')}\` (a coincidence is possible)`)
  if (a.snoozed !== undefined && a.snoozed !== null) parts.push(`snoozed by ${escapeMrkdwn(a.snoozed.by)} until ${clock(a.snoozed.until)}`)
  if (a.split?.from != null) parts.push(`split off from “${escapeMrkdwn(cut(a.split.from.title, 100))}”`)
  for (const part of a.split?.off.slice(0, 3) ?? []) {
    parts.push(`${count(part.tickets, 'ticket')} split off: “${escapeMrkdwn(cut(part.title, 100))}”`)
  }
  const state = escapeMrkdwn(stateOf(a))
  parts.push(a.issue === null ? state : `<${a.issue.url}|${escapeMrkdwn(a.issue.identifier)}> · ${state}`)
  return parts.join(' · ')
}

// Whom it hits: what is not known is not said.
function worthOf ({ worth }: AnomalyView): string[] {
  if (worth === undefined || worth === null) return []
  const { companies, arr, arrKnown, renewals, renewalArr, renewalKnown, withinDays } = worth
  const money = (sum: number | null, known: number, of: number): string =>
    sum === null ? '' : ` (ARR ${known < of ? 'at least ' : ''}${shortNumber(sum)})`
  const soon = renewals === 0 ? '' : `, ${renewals} of them renew${renewals === 1 ? 's' : ''} within ${withinDays} days${money(renewalArr, renewalKnown, renewals)}`
  return [`*${companies === 1 ? '1 company' : `${companies} companies`}*${money(arr, arrKnown, companies)}${soon}`]
}

function shortNumber (n: number): string {
  if (n >= 10_000_000) return `${Math.round(n / 1_000_000)}M`
  return n >= 10_000 ? `${Math.round(n / 1_000)}k` : Math.round(n).toLocaleString('en')
}

// How much it is and how much was to be expected; nothing is said of what is not known.
function sizeOf (a: AnomalyView, bold: '*' | ''): string {
  const size = `${bold}${count(a.tickets, 'ticket')}${bold} of ${bold}${count(a.people, 'customer')}${bold}`
  const span = a.hours === undefined || a.hours === null ? '' : ` in ${spanOf(a.hours)}`
  if (a.kind !== 'spike' || (a.usual <= 0 && span === '')) return size + span
  return `${size}${span}, ${a.usual < 1 ? 'less than one' : `about ${Math.round(a.usual)}`} expected`
}

function spanOf (hours: number): string {
  if (hours < 1) return `${Math.max(1, Math.round(hours * 60))} min`
  return hours < 48 ? `${hours < 10 ? Math.round(hours * 10) / 10 : Math.round(hours)} h` : `${Math.round(hours / 24)} days`
}

function age (minutes: number): string {
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

function fieldsOf (a: AnomalyView): Array<{ type: 'mrkdwn', text: string }> {
  const said = a.terms.slice(0, 8).map(term => escapeMrkdwn(cut(term, 40))).join(', ')
  const fields = [
    ...(said === '' ? [] : [{ label: 'Words they share', text: said }]),
    ...a.facts.map(({ label, text }) => ({ label: escapeMrkdwn(label), text: escapeMrkdwn(text) }))
  ]
  return fields.slice(0, 10).map(({ label, text }) => ({ type: 'mrkdwn', text: cut(`*${label}*\n${text}`, LONGEST_FIELD) }))
}

function actionsOf (a: AnomalyView): KnownBlock | null {
  const isFiled = ['filed', 'fixed', 'not_fixed'].includes(a.state)
  if (!isFiled && !['open', 'acknowledged'].includes(a.state)) return null
  const button = (id: string, text: string, style?: 'primary'): { type: 'button', action_id: string, text: { type: 'plain_text', text: string }, value: string, style?: 'primary' } =>
    ({ type: 'button', action_id: id, text: { type: 'plain_text', text }, value: a.id, ...(style === undefined ? {} : { style }) })
  const splits = a.tickets < 2 ? [] : [option('Split…', 'split')]
  const why = option('Why this alert?', 'why')
  // What was filed is decided; its tickets may still be looked at, and told apart.
  if (isFiled) {
    const menu = { type: 'overflow' as const, action_id: 'more', options: [...splits, why] }
    return { type: 'actions', block_id: a.id, elements: [button('see_tickets', 'See tickets'), menu] }
  }
  return {
    type: 'actions',
    block_id: a.id,
    elements: [
      ...(a.filing ? [] : [button('file_linear', 'File in Linear', 'primary')]),
      button('see_tickets', 'See tickets'),
      ...(a.state === 'open' ? [button('ack', "I'm on it")] : []),
      button('real', 'Real'),
      ...(a.filing ? [] : [button('noise', 'Not real')]),
      {
        type: 'overflow',
        action_id: 'more',
        options: [
          option('Snooze 4 h', 'snooze_4h'), ...(a.filing ? [] : [option('Merge with…', 'merge')]), ...splits, why
        ]
      }
    ]
  }
}

function option (text: string, value: string): { text: { type: 'plain_text', text: string }, value: string } {
  return { text: { type: 'plain_text', text }, value }
}

function chanceOf (p: number): string {
  if (p <= 1e-6) return 'by accident less than once in a million'
  return `by accident about once in ${Math.round(1 / Math.max(p, 1e-6)).toLocaleString('en')}`
}

// Slack shows it in the reader's own time zone. https://docs.slack.dev/messaging/formatting-message-text#date-formatting
function clock (at: string): string {
  return `<!date^${Math.floor(Date.parse(at) / 1000)}^{date_short_pretty} {time}|${at}>`
}

function count (n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}

// In mrkdwn three characters act. https://docs.slack.dev/messaging/formatting-message-text#escaping
export function escapeMrkdwn (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/**
 * Blocks that together are not too long: what explains goes before what acts does.
 * Measured by others, documented nowhere: https://github.com/slackapi/bolt-js/issues/2509
 */
export function fit (blocks: KnownBlock[]): KnownBlock[] {
  let kept = blocks
  while (JSON.stringify(kept).length > MOST_IN_ALL) {
    const last = kept.findLastIndex((block, i) => i > 1 && block.type === 'section')
    if (last < 0) return kept
    kept = kept.filter((_, i) => i !== last)
  }
  return kept
}

/** At most so many characters as Slack counts them (UTF-16), never half of one. */
export function cut (text: string, most: number): string {
  if (text.length <= most) return text
  let kept = ''
  for (const letter of text) {
    if (kept.length + letter.length > most - 1) break
    kept += letter
  }
  return `${kept}…`
}
