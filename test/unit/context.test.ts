// What is taken of a call of the product, what is refused because it looks personal, and the facts that a note shows.
import { readMessage } from '../../src/http/context-message.ts'
import { findPersonal, lookOf } from '../../src/http/personal.ts'
import { ageInWords, contextFacts } from '../../src/learn/context.ts'
import type { ContextEvent } from '../../src/learn/context.ts'
import { hashEmail } from '../../src/store/context.ts'
import type { DraftRow } from '../../src/store/drafts.ts'
import { layOutNote, renderNoteText } from '../../src/work/note.ts'

const NOW = new Date('2026-11-20T10:00:00Z')
const ASKED = '2026-11-20T10:00:00Z'

test.each([
  'ida@moorings.example', 'Ask ida.b+x@mail.moorings.example please', '<ida@moorings.example>', 'ида@почта.рф',
  '/in?who=ida%40moorings.example'
])('looks like an e-mail address: %s', text => { expect(lookOf(text)).toBe('an e-mail address') })

test.each(['+49 170 1234567', '+14155550123', 'call (415) 555-0123', '415-555-0123', '0170 1234567', '030 1234 5678', '+44 (0)20 7946 0958'])(
  'looks like a phone number: %s', text => { expect(lookOf(text)).toBe('a phone number') })

test.each(['4111 1111 1111 1111', '4111111111111111', '5500-0000-0000-0004', '378282246310005', 'paid with 6011111111111117.'])(
  'looks like a card number: %s', text => { expect(lookOf(text)).toBe('a card number') })

test.each([
  '', 'Billing › Plan', '2026-11-20T10:00:00Z', '2026-11-20T10:00:00+01:00', '1763632800000', '1763632800123456', '42', '4111111111111112',
  '550e8400-e29b-41d4-a716-446655440000', 'v1.24.3', '10.0.12.255', 'order 2026-000123', '@ida', 'ida@localhost', '1,234,567.89 EUR',
  '+5', '48.137154, 11.576124', 'https://app.moorings.example/berths/415/555', 'E42', '4915 of 5012 berths', '0.12345678901234'
])('is nobody’s: %s', text => { expect(lookOf(text)).toBeNull() })

test('the path is told, the value never', () => {
  expect(findPersonal({ a: { b: [{ c: 'x' }, { d: 'ida@moorings.example' }] } }, new Set()))
    .toEqual({ path: 'a.b[1].d', looks: 'an e-mail address' })
  expect(findPersonal({ a: { 'ida@moorings.example': 1 } }, new Set())).toEqual({ path: 'a name in a', looks: 'an e-mail address' })
  expect(findPersonal({ n: 4111111111111111 }, new Set())).toEqual({ path: 'n', looks: 'a card number' })
  expect(findPersonal({ traits: { email: 'ida@moorings.example' } }, new Set(['traits.email']))).toBeNull()
})

test('a hostile text is looked through in no time', () => {
  const startedMs = performance.now()
  for (const text of ['a'.repeat(32_000), '+1'.repeat(16_000), '4 '.repeat(16_000), 'a@'.repeat(16_000), 'a@' + 'b.'.repeat(16_000), '(415) '.repeat(5_000)]) lookOf(text)
  expect(performance.now() - startedMs).toBeLessThan(1_500)
})

test('calls in the usual shape are taken, cut down to what is needed', () => {
  const identify = readMessage({
    type: 'identify', messageId: 'm1', userId: 'u1', anonymousId: 'b1', timestamp: '2026-11-20T09:59:00Z',
    traits: { email: ' Ida@Moorings.Example ', plan: 'Starter' }, context: { ip: '10.0.0.1', userAgent: 'x' }, integrations: { All: true }
  }, NOW)
  expect(identify).toEqual({
    messageId: 'm1', kind: 'identify', userId: 'u1', anonymousId: 'b1', emailHash: hashEmail('ida@moorings.example'), name: '',
    data: { plan: 'Starter' }, at: '2026-11-20T09:59:00.000Z'
  })
  const page = readMessage({
    type: 'page', userId: 7, name: 'Plan', properties: { url: 'https://app.moorings.example/plan?token=abc#x', search: '?token=abc', title: 'Plan' }
  }, NOW)
  expect(page).toMatchObject({ kind: 'page', userId: '7', name: 'Plan', data: { url: 'https://app.moorings.example/plan', title: 'Plan' } })
  expect(Object.keys(page.data)).toEqual(['url', 'title'])
  expect(page.messageId).toMatch(/^[0-9a-f-]{36}$/)
  expect(readMessage({ type: 'track', anonymousId: 'b1', event: 'A\0b\ud800' }, NOW).name).toBe('A\ufffdb\ufffd')
})

test.each<[string, Record<string, unknown>, string]>([
  ['no type', { userId: 'u' }, 'type must be identify, page or track'],
  ['a group', { type: 'group', userId: 'u' }, 'type must be'],
  ['nobody', { type: 'page' }, 'userId or anonymousId must be given'],
  ['a track without a name', { type: 'track', userId: 'u' }, 'event must name'],
  ['traits that are a list', { type: 'identify', userId: 'u', traits: [] }, 'traits must be an object'],
  ['a time that is none', { type: 'page', userId: 'u', timestamp: 'soon' }, 'timestamp must be an instant'],
  ['a time long ago', { type: 'page', userId: 'u', timestamp: '2020-01-01T00:00:00Z' }, 'more than a year back'],
  ['a long id', { type: 'page', userId: 'u'.repeat(201) }, 'userId must be a text of at most 200'],
  ['an id that is an object', { type: 'page', userId: {} }, 'userId must be a text'],
  ['an e-mail address as user id', { type: 'page', userId: 'ida@moorings.example' }, 'userId looks like an e-mail address: leave it out, send your own id'],
  ['an e-mail address in a property', { type: 'track', userId: 'u', event: 'x', properties: { form: { note: 'ida@moorings.example' } } }, 'properties.form.note looks like an e-mail address'],
  ['an e-mail address as traits of a track', { type: 'track', userId: 'u', event: 'x', properties: { email: 'ida@moorings.example' } }, 'properties.email looks like an e-mail address: leave it out (an address belongs into traits.email'],
  ['a phone number', { type: 'identify', userId: 'u', traits: { phone: '+49 170 1234567' } }, 'traits.phone looks like a phone number'],
  ['a card number', { type: 'track', userId: 'u', event: 'Paid', properties: { card: '4111 1111 1111 1111' } }, 'properties.card looks like a card number'],
  ['an e-mail address as the name of a page', { type: 'page', userId: 'u', name: 'Inbox of ida@moorings.example' }, 'name looks like an e-mail address'],
  ['too much', { type: 'track', userId: 'u', event: 'x', properties: { a: 'b'.repeat(33_000) } }, 'at most 32768 (32 kB)'],
  ['nesting', { type: 'track', userId: 'u', event: 'x', properties: JSON.parse('{"a":'.repeat(12) + '1' + '}'.repeat(12)) }, 'nested deeper than 8']
])('%s is refused in words', (_name, call, words) => {
  expect(() => readMessage(call, NOW)).toThrow(words)
})

test('a wrong clock is set right by the time of sending, and nothing lies in the future', () => {
  const call = { type: 'page', userId: 'u', timestamp: '2026-11-20T12:00:00Z' }
  expect(readMessage({ ...call, sentAt: '2026-11-20T12:00:30Z' }, NOW).at).toBe('2026-11-20T09:59:30.000Z')
  expect(readMessage(call, NOW, '2026-11-20T12:01:00Z').at).toBe('2026-11-20T09:59:00.000Z')
  expect(readMessage(call, NOW).at).toBe(NOW.toISOString())
})

// --- the facts

function seen (kind: ContextEvent['kind'], name: string, at: string, data: Record<string, unknown> = {}): ContextEvent {
  return { kind, name, data, at }
}

test('at most three facts: the last page, the last error, the plan', () => {
  expect(contextFacts([
    seen('identify', '', '2026-11-20T08:00:00Z', { plan: 'Starter' }),
    seen('page', 'Berths', '2026-11-20T09:30:00Z'),
    seen('track', 'Berth opened', '2026-11-20T09:31:00Z'),
    seen('page', 'Billing › Plan', '2026-11-20T09:56:00Z'),
    seen('track', 'error', '2026-11-20T09:20:00Z', { code: 'E17' }),
    seen('track', 'upload_failed', '2026-11-20T09:54:00Z', { code: 'E42' }),
    seen('page', 'Later', '2026-11-20T10:00:01Z')
  ], ASKED)).toEqual(['on Billing › Plan, 4 min before asking', 'error E42, 6 min before asking', 'plan Starter'])
  expect(contextFacts([], ASKED)).toEqual([])
  expect(contextFacts([seen('track', 'Terror level set', ASKED), seen('track', 'Report opened', ASKED)], ASKED)).toEqual([])
})

test('the order of arrival plays no part, and the events are left as they are', () => {
  const events = [seen('page', 'A', '2026-11-20T09:00:00Z'), seen('page', 'B', '2026-11-20T09:10:00Z')]
  const before = structuredClone(events)
  expect(contextFacts(events, ASKED)).toEqual(contextFacts(events.toReversed(), ASKED))
  expect(events).toEqual(before)
})

test.each([
  ['2026-11-20T09:59:30Z', 'just before asking'], ['2026-11-20T09:59:00Z', '1 min before asking'], ['2026-11-20T09:00:01Z', '59 min before asking'],
  ['2026-11-20T09:00:00Z', '1 h before asking'], ['2026-11-19T10:00:01Z', '23 h before asking']
])('%s is %s', (at, words) => { expect(ageInWords(at, ASKED)).toBe(words) })

test('what a stranger sends becomes no link, no markup and no second line', () => {
  const facts = contextFacts([
    seen('page', 'Go to https://evil.example/now\nor www.evil.example <b>now</b> [x](y) ' + 'z'.repeat(200), ASKED),
    seen('track', 'error', ASKED, { code: 'https://app.moorings.example/x/y?secret=1' })
  ], ASKED)
  expect(facts.join()).not.toMatch(/evil|<|>|\n|\[|secret/)
  expect(facts[0]?.length).toBeLessThan(90)
  expect(facts[1]).toBe('error /x/y, just before asking')
})

test('a page without a name is told by its title or path', () => {
  expect(contextFacts([seen('page', '', ASKED, { path: '/berths', title: 'Berths' })], ASKED)).toEqual(['on Berths, just before asking'])
  expect(contextFacts([seen('page', '', ASKED, { url: 'https://app.moorings.example/berths/4' })], ASKED)).toEqual(['on /berths/4, just before asking'])
})

test('the note has a line for it only when there is something to say', () => {
  const draft: DraftRow = {
    connection: 'moorings', ticketId: '1', questionId: 'q', key: 'dl-aaaaaaaaaaaaa', askedAt: ASKED, basis: 'm', language: 'en', text: 'Yes.',
    topic: 'berths', score: 0.9, threshold: 0.5, action: 'note', reason: '', sources: [], articles: [], topicNumber: null
  }
  expect(renderNoteText(layOutNote(draft, { highScore: 0.8 }, '', ['on Berths, just before asking', 'plan Starter'])))
    .toContain('\nContext on Berths, just before asking; plan Starter\n')
  expect(renderNoteText(layOutNote(draft, { highScore: 0.8 }, ''))).not.toContain('Context')
})
