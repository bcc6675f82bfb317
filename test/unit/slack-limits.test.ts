// Whatever an anomaly holds, what we send keeps to Slack's documented forms and lengths, and no text of a customer acts.
import * as fc from 'fast-check'
import type { ChatPostMessageArguments, ViewsOpenArguments } from '@slack/web-api'
import { readAuditDigest, readLearningDigest, renderAudit, renderLearning, renderRollup } from '../../src/bridge/slack-digest.ts'
import { renderAlert, renderChange } from '../../src/bridge/slack-message.ts'
import type { Rendered } from '../../src/bridge/slack-message.ts'
import { fileModal, mergeModal, noiseModal, ticketsModal, whyModal } from '../../src/bridge/slack-modals.ts'
import { STATES } from '../../src/learn/life.ts'
import type { AnomalyView } from '../../src/outside.ts'
import { checkBlocks, checkModal } from '../sandbox/slack-blocks.ts'

const hostile = fc.oneof(
  fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 400 }), fc.constant('🔴'.repeat(300)), fc.constant('&'.repeat(900)),
  fc.constant('<!channel> <@U123> <https://evil.example|click> `*_~'), fc.constant('x'.repeat(5_000)), fc.constant('')
)
const lines = fc.array(fc.record({ label: hostile, text: hostile }), { maxLength: 14 })
const view = fc.record<AnomalyView>({
  id: fc.constant('an_0123456789abc'),
  state: fc.constantFrom(...STATES),
  kind: fc.constantFrom('spike', 'novel', 'drift'),
  topic: hostile,
  title: hostile,
  tickets: fc.integer({ min: 0, max: 1e6 }),
  people: fc.integer({ min: 0, max: 1e6 }),
  usual: fc.double({ min: 0, max: 1e6, noNaN: true }),
  openedAt: fc.constant('2026-11-20T09:10:00Z'),
  terms: fc.array(hostile, { maxLength: 30 }),
  facts: lines,
  chance: fc.double({ min: 0, max: 1, noNaN: true }),
  precision: fc.record({ right: fc.nat(9), judged: fc.nat(20) }),
  issue: fc.option(fc.record({ identifier: hostile, url: fc.constant('https://linear.example/ENG-1') })),
  filing: fc.boolean(),
  assignee: fc.option(hostile),
  approvedBy: fc.option(hostile),
  reason: fc.option(hostile),
  release: fc.option(fc.record({ name: hostile, minutes: fc.nat(400) })),
  home: fc.constantFrom('', 'https://deskloop.example'),
  hours: fc.option(fc.double({ min: 0, max: 500, noNaN: true })),
  snoozed: fc.option(fc.record({ until: fc.constant('2026-11-20T13:10:00Z'), by: hostile })),
  picture: fc.constant(null)
})

const isReady = (): boolean => true

// Only mrkdwn acts: plain texts and the words for a picture are shown as they are.
function acting (text: string, blocks: unknown): string {
  const found: string[] = [text]
  JSON.stringify(blocks, (_key, value: unknown) => {
    if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'mrkdwn' && 'text' in value) found.push(String(value.text))
    return value
  })
  return found.join('\n')
}

// Typed by the vendor's own arguments: what does not fit them does not compile.
function check (rendered: Rendered): void {
  const message: ChatPostMessageArguments = { channel: 'C0', text: rendered.text, blocks: rendered.blocks }
  checkBlocks(message.blocks, isReady)
  expect(rendered.text.length).toBeGreaterThan(0)
  expect(rendered.text.length).toBeLessThanOrEqual(4_000)
  expect(acting(rendered.text, rendered.blocks)).not.toMatch(/<!(channel|here|everyone)|<@U/)
}

test('alerts and their changes, in every state', () => {
  fc.assert(fc.property(view, hostile, (a, shown) => {
    check(renderAlert(a, 'F0123', shown))
    check(renderAlert(a, null, ''))
    check(renderChange(a))
  }), { numRuns: 400 })
})

test('modals', () => {
  const some = fc.array(fc.record({ id: fc.uuid(), identifier: hostile, title: hostile, url: fc.constant('https://linear.example/x') }), { maxLength: 120 })
  fc.assert(fc.property(hostile, some, fc.array(hostile, { maxLength: 20 }), (title, list, texts) => {
    const tickets = texts.map((text, i) => ({ text, url: i % 2 === 0 ? null : 'https://deskloop.example/t/1' }))
    const opened: Array<ViewsOpenArguments['view']> = [
      noiseModal('an_1'), fileModal('an_1', title, list), mergeModal('an_1', list), ticketsModal(title, tickets), whyModal(title, texts)
    ]
    for (const modal of opened) {
      checkModal(modal, isReady)
      expect(acting('', modal.blocks)).not.toMatch(/<!(channel|here|everyone)|<@U/)
    }
  }), { numRuns: 200 })
})

test('digests and roll-ups, even of what was written down otherwise', () => {
  const body = fc.dictionary(fc.constantFrom('learned', 'drifting', 'review', 'drafts', 'items', 'of', 'waiting'), fc.anything())
  const rows = fc.array(fc.record({ id: fc.constant('an_0123456789abc'), title: hostile, state: fc.constantFrom(...STATES), tickets: fc.nat(), people: fc.nat() }), { maxLength: 100 })
  fc.assert(fc.property(body, rows, fc.array(hostile, { maxLength: 12 }), (odd, list, topics) => {
    check(renderLearning(readLearningDigest(odd), '2026-W47', 'https://deskloop.example'))
    check(renderAudit(readAuditDigest(odd), '2026-11', ''))
    const review = topics.slice(0, 5).map(topic => ({ id: 'a-1', topic }))
    check(renderLearning(readLearningDigest({ learned: 3, drifting: topics, review }), '2026-W47', 'https://deskloop.example'))
    if (list.length > 0) check(renderRollup(list, '2026-11-21', 'https://deskloop.example'))
  }), { numRuns: 200 })
})
