// The modals that the buttons of an anomaly's message open. What customers wrote is escaped, and redacted before it comes here.
import type { KnownBlock, ModalView } from '@slack/web-api'
import { LONGEST_TEXT, cut, escapeMrkdwn } from './slack-message.ts'

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
 * have it, null when it would: then a reason is asked for. `found` null: Linear did not answer, so nobody knows.
 */
export function fileModal (
  id: string, title: string, found: Array<{ id: string, identifier: string, title: string, url: string }> | null,
  against: string | null = null
): ModalView {
  const likely = found ?? []
  const none = found === null ? 'Linear did not answer: nobody has looked for issues like it.' : 'No open issue looks like it.'
  const known = likely.slice(0, 3).map(i => `<${i.url}|${escapeMrkdwn(cut(i.identifier, 40))}> ${escapeMrkdwn(cut(i.title, 120))}`)
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
        text: { type: 'mrkdwn', text: known.length === 0 ? none : `*Looks alike:*\n${known.join('\n')}` }
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

/** The newest tickets behind it, each with its link and a line of redacted words. */
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

/** Which other anomaly it is the same as. `others`: those that live. */
export function mergeModal (id: string, others: Array<{ id: string, title: string }>): ModalView {
  const close = { type: 'plain_text' as const, text: 'Cancel' }
  const title = { type: 'plain_text' as const, text: 'Merge with…' }
  if (others.length === 0) {
    const none = { type: 'mrkdwn' as const, text: 'There is no other open anomaly that it could be merged with.' }
    return { type: 'modal', title, close, blocks: [{ type: 'section', text: none }] }
  }
  return {
    type: 'modal',
    callback_id: 'deskloop_merge',
    private_metadata: id,
    title,
    submit: { type: 'plain_text', text: 'Merge' },
    close,
    blocks: [{
      type: 'input',
      block_id: 'into',
      label: { type: 'plain_text', text: 'It is the same as' },
      hint: { type: 'plain_text', text: 'Its tickets are counted there from then on, and this message says so.' },
      element: {
        type: 'static_select',
        action_id: 'into',
        options: others.slice(0, 100).map(o => ({ text: { type: 'plain_text', text: cut(o.title, 75) || o.id }, value: o.id }))
      }
    }]
  }
}

/** Which of its tickets are another matter: by groups, by words that they share, or both. `total`: how many it has. */
export function splitModal (
  id: string, total: number, groups: Array<{ key: string, label: string, tickets: number }>
): ModalView {
  const close = { type: 'plain_text' as const, text: 'Cancel' }
  const title = { type: 'plain_text' as const, text: 'Split…' }
  if (total < 2) {
    const none = { type: 'mrkdwn' as const, text: 'It has one ticket: there is nothing to split.' }
    return { type: 'modal', title, close, blocks: [{ type: 'section', text: none }] }
  }
  const options = groups.slice(0, 10).map(g => ({
    text: { type: 'plain_text' as const, text: cut(`${g.tickets} of ${total} ${g.label}`, 75) }, value: g.key
  }))
  return {
    type: 'modal',
    callback_id: 'deskloop_split',
    private_metadata: id,
    title,
    submit: { type: 'plain_text', text: 'Split off' },
    close,
    blocks: [
      ...(options.length === 0
        ? []
        : [{
            type: 'input' as const,
            block_id: 'groups',
            optional: true,
            label: { type: 'plain_text' as const, text: 'Tickets that are another matter' },
            element: { type: 'checkboxes' as const, action_id: 'groups', options }
          }]),
      {
        type: 'input',
        block_id: 'words',
        optional: true,
        label: { type: 'plain_text', text: 'And those that say all of these words' },
        element: { type: 'plain_text_input', action_id: 'words', max_length: 200 }
      },
      {
        type: 'input',
        block_id: 'title',
        optional: true,
        label: { type: 'plain_text', text: 'What it is' },
        hint: { type: 'plain_text', text: 'They get a message of their own, and what comes later goes to the nearer one. Merging takes it back.' },
        element: { type: 'plain_text_input', action_id: 'title', max_length: 150 }
      }
    ]
  }
}

/** Why it was told: sentences with their numbers, one under the other. */
export function whyModal (title: string, reasons: string[]): ModalView {
  const blocks: KnownBlock[] = [
    { type: 'section', text: { type: 'mrkdwn', text: `*${escapeMrkdwn(cut(title, 200))}*` } },
    { type: 'section', text: { type: 'mrkdwn', text: cut(reasons.map(r => `• ${escapeMrkdwn(r)}`).join('\n') || 'Nothing is known of it any more.', LONGEST_TEXT) } }
  ]
  return { type: 'modal', title: { type: 'plain_text', text: 'Why this alert?' }, close: { type: 'plain_text', text: 'Close' }, blocks }
}
