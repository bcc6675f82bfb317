// An anomaly as one Slack message, in every state of its life; and the modals that its buttons open. What customers share
// is escaped: in mrkdwn three characters act. https://docs.slack.dev/messaging/formatting-message-text
import type { KnownBlock, ModalView } from '@slack/web-api'
import type { AnomalyView } from '../outside.ts'

const SIGNS: Record<AnomalyView['state'], string> = {
  open: '🔴', acknowledged: '🟡', filed: '🟠', fixed: '🔵', verified: '🟢', not_fixed: '🔴', closed: '🟢', merged: '⚪', noise: '⚪'
}
const LONGEST_HEADER = 150
const LONGEST_TEXT = 2_900

export interface Rendered { text: string, blocks: KnownBlock[] }

/** `picture`: the id of an uploaded chart; `shown` is what it shows, in words. */
export function renderAlert (a: AnomalyView, picture: string | null, shown: string): Rendered {
  const headline = `${SIGNS[a.state]} ${a.title}`
  const text = `${escapeMrkdwn(a.title)}. ${a.tickets} tickets of ${a.people} customers${a.usual > 0 ? `, about ${count(a.usual)} expected` : ''}. ${escapeMrkdwn(stateOf(a))}.`
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
  return { text: cut(text, 3_000), blocks }
}

/** A short line for the thread: only what changed. */
export function renderChange (a: AnomalyView): Rendered {
  const text = `${SIGNS[a.state]} ${stateOf(a)}: ${a.tickets} tickets of ${a.people} customers.`
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: escapeMrkdwn(text) } }] }
}

/** Why it is no anomaly, in one press. */
export function noiseModal (id: string): ModalView {
  return {
    type: 'modal',
    callback_id: 'deskloop_noise',
    private_metadata: id,
    title: { type: 'plain_text', text: 'Not an anomaly' },
    submit: { type: 'plain_text', text: 'Save' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [{
      type: 'input',
      block_id: 'why',
      label: { type: 'plain_text', text: 'What was it?' },
      element: {
        type: 'radio_buttons',
        action_id: 'why',
        options: ['A mailing or campaign of ours', 'A release that people know of', 'The same as another alert', 'Something else'].map((text, i) => ({
          text: { type: 'plain_text' as const, text }, value: ['campaign', 'release', 'duplicate', 'other'][i] ?? 'other'
        }))
      }
    }]
  }
}

/**
 * What would be filed, to be looked at before it is; or which open issue it is the same as. `against`: why the gate would not
 * have it, null when it would: then a reason is asked for.
 */
export function fileModal (
  id: string, title: string, likely: Array<{ id: string, identifier: string, title: string, url: string }>,
  against: string | null = null
): ModalView {
  const known = likely.slice(0, 3).map(i => `<${i.url}|${escapeMrkdwn(i.identifier)}> ${escapeMrkdwn(cut(i.title, 120))}`)
  return {
    type: 'modal',
    callback_id: 'deskloop_file',
    private_metadata: id,
    title: { type: 'plain_text', text: 'File in Linear' },
    submit: { type: 'plain_text', text: 'File' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      {
        type: 'input',
        block_id: 'title',
        label: { type: 'plain_text', text: 'Title' },
        element: { type: 'plain_text_input', action_id: 'title', initial_value: cut(title, 200), max_length: 200 }
      },
      {
        type: 'section',
        text: { type: 'mrkdwn', text: known.length === 0 ? 'No open issue looks like it.' : `*Looks alike:*\n${known.join('\n')}` }
      },
      ...(known.length === 0 ? [] : [sameAs(likely.slice(0, 3))]),
      ...(against === null ? [] : whyAll(against))
    ]
  }
}

// Nothing chosen: a new issue.
function sameAs (likely: Array<{ id: string, identifier: string, title: string }>): KnownBlock {
  return {
    type: 'input',
    block_id: 'same',
    optional: true,
    label: { type: 'plain_text', text: 'It is the same as' },
    element: {
      type: 'radio_buttons',
      action_id: 'same',
      options: likely.map(i => ({ text: { type: 'plain_text' as const, text: cut(`${i.identifier} ${i.title}`, 74) }, value: i.id }))
    }
  }
}

function whyAll (against: string): KnownBlock[] {
  return [
    { type: 'section', text: { type: 'mrkdwn', text: `⚠️ ${escapeMrkdwn(against)}` } },
    {
      type: 'input',
      block_id: 'why',
      optional: true,
      label: { type: 'plain_text', text: 'File it all the same, because' },
      hint: { type: 'plain_text', text: 'Kept with your name. Without a reason no new issue is made.' },
      element: { type: 'plain_text_input', action_id: 'why', max_length: 300 }
    }
  ]
}

/** The newest tickets behind it: numbers and times, no words of theirs. */
export function ticketsModal (title: string, lines: Array<{ text: string, url: string | null }>): ModalView {
  const list = lines.slice(0, 10).map(({ text, url }) => url === null ? `• ${escapeMrkdwn(text)}` : `• <${url}|${escapeMrkdwn(text)}>`)
  return {
    type: 'modal',
    title: { type: 'plain_text', text: 'Tickets' },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*${escapeMrkdwn(cut(title, 200))}*` } },
      { type: 'section', text: { type: 'mrkdwn', text: cut(list.join('\n') || 'No tickets are known any more.', LONGEST_TEXT) } }
    ]
  }
}

function stateOf (a: AnomalyView): string {
  switch (a.state) {
    case 'open': return a.filing ? `Being filed, asked by ${a.approvedBy ?? 'somebody'}` : 'Open'
    case 'acknowledged': return a.filing ? `Being filed, asked by ${a.approvedBy ?? 'somebody'}` : `${a.assignee ?? 'Somebody'} is on it`
    case 'filed': return `Filed as ${a.issue?.identifier ?? 'an issue'}`
    case 'fixed': return `Fixed (${a.issue?.identifier ?? 'issue done'}), watching whether it stays so`
    case 'verified': return 'Verified: back to normal'
    case 'not_fixed': return `Not fixed: still above normal although ${a.issue?.identifier ?? 'the issue'} is done`
    case 'closed': return a.reason === null ? 'Closed' : `Closed: ${a.reason}`
    case 'merged': return a.reason ?? 'Merged'
    case 'noise': return `Not an anomaly${a.reason === null ? '' : ` (${a.reason})`}`
  }
}

function magnitudeOf (a: AnomalyView): string {
  const parts = [`*${a.tickets} tickets*, *${a.people} customers*${a.usual > 0 ? `, about ${count(a.usual)} usual` : ''}`, `began ${clock(a.openedAt)}`]
  if (a.release !== null) parts.push(`*${a.release.minutes} min after* \`${escapeMrkdwn(a.release.name)}\` (a coincidence is possible)`)
  parts.push(a.issue === null ? stateOf(a) : `<${a.issue.url}|${escapeMrkdwn(a.issue.identifier)}> · ${stateOf(a)}`)
  return parts.join(' · ')
}

function fieldsOf (a: AnomalyView): Array<{ type: 'mrkdwn', text: string }> {
  const said = a.terms.slice(0, 8).map(term => escapeMrkdwn(term)).join(', ')
  const fields = [
    ...(said === '' ? [] : [{ label: 'Words they share', text: said }]),
    ...a.facts.map(({ label, text }) => ({ label: escapeMrkdwn(label), text: escapeMrkdwn(text) }))
  ]
  return fields.slice(0, 10).map(({ label, text }) => ({ type: 'mrkdwn', text: cut(`*${label}*\n${text}`, 1_900) }))
}

function actionsOf (a: AnomalyView): KnownBlock | null {
  if (!['open', 'acknowledged'].includes(a.state)) return null
  const button = (id: string, text: string, style?: 'primary'): { type: 'button', action_id: string, text: { type: 'plain_text', text: string }, value: string, style?: 'primary' } =>
    ({ type: 'button', action_id: id, text: { type: 'plain_text', text }, value: a.id, ...(style === undefined ? {} : { style }) })
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
          { text: { type: 'plain_text', text: 'Snooze 4 h' }, value: 'snooze_4h' },
          { text: { type: 'plain_text', text: 'Why this alert?' }, value: 'why' }
        ]
      }
    ]
  }
}

function chanceOf (p: number): string {
  if (p <= 1e-6) return 'by accident less than once in a million'
  return `by accident about once in ${Math.round(1 / Math.max(p, 1e-6)).toLocaleString('en')}`
}

// Slack shows it in the reader's own time zone. https://docs.slack.dev/messaging/formatting-message-text#date-formatting
function clock (at: string): string {
  return `<!date^${Math.floor(Date.parse(at) / 1000)}^{date_short_pretty} {time}|${at}>`
}

function count (n: number): string {
  return n < 1 ? 'none' : String(Math.round(n))
}

export function escapeMrkdwn (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function cut (text: string, most: number): string {
  const letters = [...text]
  return letters.length <= most ? text : letters.slice(0, most - 1).join('') + '…'
}
