// What stands in an alert in each state of its life: what may be pressed, what is known already, and what it came to.
import { renderAlert } from '../../src/bridge/slack-message.ts'
import { splitModal } from '../../src/bridge/slack-modals.ts'
import type { AnomalyView } from '../../src/outside.ts'

const view: AnomalyView = {
  id: 'an_l', state: 'open', kind: 'spike', topic: 'SSO', title: 'SSO: 23 tickets', tickets: 23, people: 20, usual: 4,
  openedAt: '2026-11-20T09:10:00Z', terms: [], facts: [], chance: 0.001, precision: { right: 0, judged: 0 }, issue: null,
  filing: false, assignee: null, approvedBy: null, reason: null, release: null, home: ''
}

function pressable (a: AnomalyView): string[] {
  const actions = renderAlert(a, null, '').blocks.find(block => block.type === 'actions')
  return actions === undefined
    ? []
    : actions.elements.flatMap(one => one.type === 'overflow'
      ? one.options.map(option => `${one.action_id}/${option.value ?? ''}`)
      : 'action_id' in one ? [one.action_id ?? ''] : [])
}

test('what may be pressed follows the state; its tickets can be seen and told apart as long as it lives', () => {
  const menu = ['more/snooze_4h', 'more/merge', 'more/split', 'more/why']
  expect(pressable(view)).toEqual(['file_linear', 'see_tickets', 'ack', 'real', 'noise', ...menu])
  expect(pressable({ ...view, state: 'acknowledged' })).toEqual(['file_linear', 'see_tickets', 'real', 'noise', ...menu])
  expect(pressable({ ...view, filing: true })).toEqual(['see_tickets', 'ack', 'real', 'more/snooze_4h', 'more/split', 'more/why'])
  for (const state of ['filed', 'fixed', 'not_fixed'] as const) {
    expect([state, pressable({ ...view, state })]).toEqual([state, ['see_tickets', 'more/split', 'more/why']])
  }
  expect(pressable({ ...view, tickets: 1 })).not.toContain('more/split')
  for (const state of ['verified', 'closed', 'merged', 'noise'] as const) expect(pressable({ ...view, state })).toEqual([])
})

test('its end says what it came to, as far as that is known', () => {
  const said = (end: AnomalyView['end']): string => renderAlert({ ...view, state: 'verified', ...(end === undefined ? {} : { end }) }, null, '').text
  expect(said({ peak: 41, told: 19 })).toContain('Verified: back to normal (41 customers an hour at its peak, 19 tickets told).')
  expect(said({ peak: null, told: 1 })).toContain('back to normal (1 ticket told).')
  expect(said({ peak: 0, told: 0 })).toContain('back to normal.')
  expect(said(undefined)).toContain('back to normal.')
})

test('what was split is told in both messages, and no customer’s words become markup there', () => {
  const text = (split: AnomalyView['split']): string => JSON.stringify(renderAlert({ ...view, ...(split === undefined ? {} : { split }) }, null, '').blocks[1])
  expect(text({ from: { title: 'A <!channel> & more' }, off: [] })).toContain('split off from “A &lt;!channel&gt; &amp; more”')
  expect(text({ from: null, off: [{ title: 'B <!here>', tickets: 2 }] })).toContain('2 tickets split off: “B &lt;!here&gt;”')
  const modal = JSON.stringify(splitModal('an_l', 9, [{ key: 'says:x', label: `saying “${'x'.repeat(200)}”`, tickets: 3 }]))
  expect(modal).toContain('3 of 9 saying')
  expect(modal).not.toContain('x'.repeat(76))
  expect(JSON.stringify(splitModal('an_l', 1, []))).toContain('nothing to split')
})
