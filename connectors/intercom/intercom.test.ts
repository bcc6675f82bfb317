// The pure half of the connector: what webhooks say, that both roads say the same, how a note looks.
import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import connector from './index.ts'
import { isFields } from './fields.ts'
import type { Fields } from './fields.ts'
import { renderNote } from './note.ts'
import { tellConversation } from './story.ts'
import { readContextFields } from '../../src/text.ts'
import type { Look, Note, TicketEvent } from '../../src/types.ts'

interface Fixture { name: string, body: unknown, events: unknown }

const folder = new URL('./fixtures/', import.meta.url)
const fixtures: Fixture[] = readdirSync(folder).map(name => {
  const { body, events } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
  return { name, body, events }
})

function fixture (name: string): unknown {
  return fixtures.find(one => one.name === `${name}.json`)?.body
}

describe('webhooks', () => {
  test.each(fixtures)('$name says what it must', ({ body, events }) => {
    expect(connector.normalize(body, 'ic')).toEqual(events)
  })

  test('a notification is known by its id, and a ping has none', () => {
    expect(connector.identify(fixture('user-replied'))).toBe('notif_5d0e77c1-0001')
    expect(connector.identify(fixture('ping'))).toBeNull()
    expect(connector.identify(null)).toBeNull()
  })

  test('two topics about one part give the same keys', () => {
    const keys = (name: string): unknown[] => connector.normalize(fixture(name), 'ic').map(one => 'key' in one && one.key)
    expect(keys('admin-replied-and-assigned')).toEqual(keys('admin-open-assigned-same-part'))
  })

  test('whatever comes, normalize answers, and answers the same again', () => {
    fc.assert(fc.property(fc.oneof(mutated(), fc.jsonValue()), body => {
      const said = connector.normalize(body, 'ic')
      expect(connector.normalize(structuredClone(body), 'ic')).toEqual(said)
      const keys = said.map(one => 'key' in one ? one.key : 'look')
      expect(new Set(keys).size).toBe(keys.length)
      for (const one of said) {
        expect(one.ticketId).not.toBe('')
        if (one.kind !== 'look') expect(one.at).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/)
      }
    }), { numRuns: 1500 })
  })

  test('a body nested without end is no reason to stop', () => {
    let deep: unknown = 1
    for (let i = 0; i < 50_000; i++) deep = [deep]
    const body = { topic: 'conversation.deleted', created_at: deep, data: { item: { conversation_id: '12', id: deep } } }
    expect(connector.normalize(body, 'ic')).toEqual([{ kind: 'look', ticketId: '12' }])
  })

  test('the signature is the hex digest of the raw body with its prefix', () => {
    const raw = '{"type":"notification_event","id":"notif_vector","topic":"ping","data":{"item":{"type":"ping"}}}'
    const { signature } = connector
    if (signature.kind !== 'hmac') throw new Error('intercom signs its webhooks')
    const digest = createHmac(signature.hash, 'invented-client-secret').update(raw).digest(signature.encoding)
    expect(`${signature.prefix ?? ''}${digest}`).toBe('sha1=254e4242e1ea77496a2a7144207b3050f556fec8')
    expect(signature.header).toBe('x-hub-signature')
    expect(Object.keys(connector.settings)).toContain(signature.secret)
  })
})

// One conversation with everything in it, as the REST interface gives it; bodies are html there.
const CUSTOMER = { type: 'lead', id: 'c0ffee01', name: 'Yara Fenwick', email: 'yara@copperkettle.example' }
const AGENT = { type: 'admin', id: '4501', name: 'Bo Lindqvist' }
const part = (id: string, type: string, author: Fields, at: number, body: string | null, more: Fields = {}): Fields =>
  ({ type: 'conversation_part', id, part_type: type, author, created_at: at, updated_at: at, body, ...more })
const parts = [
  part('1', 'comment', { type: 'bot', id: '9', is_ai_answer: true }, 1_790_000_010, '<p>Have you tried the export page?</p>'),
  part('2', 'comment', CUSTOMER, 1_790_000_020, '<p>Yes, R&amp;D sees &lt;empty&gt; files &quot;again&quot;.</p>'),
  part('3', 'note', AGENT, 1_790_000_030, '<p>Looks like the nightly job.</p>'),
  part('4', 'assignment', AGENT, 1_790_000_040, '<p>I am on it.</p>', { assigned_to: { type: 'admin', id: '4501' } }),
  part('5', 'priority_changed', AGENT, 1_790_000_050, null),
  part('6', 'close', AGENT, 1_790_000_060, '<p>The files are whole now.</p>'),
  part('7', 'open', CUSTOMER, 1_790_000_070, '<p>Not quite.</p>'),
  part('8', 'comment', CUSTOMER, 1_790_000_080, '<p><i>This message was deleted</i></p>',
    { redacted: true, updated_at: 1_790_000_090 }),
  part('9', 'close', AGENT, 1_790_000_100, null)
]
const tag = { type: 'tag', id: '5', name: 'exports' }
const rest = {
  type: 'conversation',
  id: '771',
  created_at: 1_790_000_000,
  updated_at: 1_790_000_200,
  state: 'closed',
  priority: 'urgent',
  source: {
    type: 'conversation',
    id: '88',
    delivered_as: 'customer_initiated',
    subject: '',
    body: '<p>Exports are empty, isn&#39;t that odd?</p>',
    author: CUSTOMER,
    url: 'https://app.copperkettle.example/exports'
  },
  contacts: { contacts: [{ type: 'contact', id: 'c0ffee01' }] },
  tags: { tags: [{ ...tag, applied_at: 1_790_000_085 }] },
  conversation_rating: { rating: 5, remark: 'Thanks', created_at: 1_790_000_101, updated_at: 1_790_000_110 },
  conversation_parts: { conversation_parts: parts, total_count: parts.length }
}

/** The same conversation as its deliveries; `plain` is the form of API version 2.15 and later. */
function deliveries (form: 'html' | 'plain'): unknown[] {
  const body = (html: unknown): unknown => form === 'html' || typeof html !== 'string'
    ? html
    : html.replace(/<[^>]*>/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'").replaceAll('&amp;', '&')
  const item = (some: Fields[]): Fields => ({
    ...rest,
    priority: form === 'html' ? 'priority' : 'urgent',
    source: { ...rest.source, body: body(rest.source.body) },
    conversation_parts: { conversation_parts: some.map(one => ({ ...one, body: body(one.body) })) }
  })
  const topics: Record<string, string> = {
    1: 'operator.replied',
    3: 'admin.noted',
    4: 'admin.open.assigned',
    5: 'priority.updated',
    6: 'admin.closed',
    9: 'admin.closed'
  }
  const hook = (topic: string, some: Fields[], more: Fields = {}): unknown =>
    ({ type: 'notification_event', id: `n-${topic}`, topic, data: { item: { ...item(some), ...more } } })
  return [
    hook('conversation.user.created', []),
    ...parts.map(one => hook(one.redacted === true
      ? 'conversation_part.redacted'
      : `conversation.${topics[String(one.id)] ?? 'user.replied'}`, [one])),
    hook('conversation_part.tag.created', parts.slice(1, 2), { tags_added: { tags: [tag] } }),
    hook('conversation.rating.added', [])
  ]
}

describe('both roads', () => {
  test.each(['html', 'plain'] as const)('the webhooks (%s) and the REST interface tell one story', form => {
    const story = tellConversation(rest, 'ic')
    const said = deliveries(form).flatMap(body => connector.normalize(body, 'ic'))
    const byKey = (events: Array<TicketEvent | Look>): Record<string, unknown> =>
      Object.fromEntries(events.map(one => ['key' in one ? one.key : 'look', one]))
    // What the priority became is not in the delivery: it asks to look, and only the reading tells.
    const { look, ...facts } = byKey(said)
    expect(look).toEqual({ kind: 'look', ticketId: '771' })
    expect({ ...facts, ...byKey(story.filter(one => one.kind === 'escalated')) }).toEqual(byKey(story))
    expect(said.filter(one => one.kind === 'look')).toHaveLength(1)
  })

  test('the attributes that the operator names say where it was asked, by both roads alike', () => {
    const settings = { INTERCOM_CONTEXT_FIELDS: 'plan=Plan,version=App version,language=Locale,region=Region' }
    const custom = { Plan: 'Pier & Mole', 'App version': 4.12, Locale: 'de-AT', Region: '+49 171 2345678', Other: 'x' }
    const opened = { ...rest, custom_attributes: custom }
    const isPlace = (one: TicketEvent | Look): boolean => one.kind === 'context'
    const story = tellConversation(opened, 'ic', readContextFields(settings.INTERCOM_CONTEXT_FIELDS)).filter(isPlace)
    expect(story.map(one => one.kind === 'context' && [one.key, one.name, one.value])).toEqual([
      ['context:plan', 'plan', 'pier & mole'], ['context:version', 'version', '4.12'], ['context:language', 'language', 'de']
    ])
    const [first] = deliveries('html')
    if (!isFields(first) || !isFields(first.data) || !isFields(first.data.item)) throw new Error('it opens with no delivery')
    const delivered = { ...first, data: { item: { ...first.data.item, custom_attributes: custom } } }
    expect(connector.normalize(delivered, 'ic', settings).filter(isPlace)).toEqual(story)
    expect(connector.normalize(delivered, 'ic').filter(isPlace)).toEqual([])
    expect(() => connector.open({ ...settings, INTERCOM_CONTEXT_FIELDS: 'who=Plan' }, 'ic')).toThrow('names no field')
  })

  test('the story is whole, in order, and without the note', () => {
    const story = tellConversation(rest, 'ic')
    expect(story.map(one => one.key)).toEqual([
      'opened', 'message:88', 'message:1', 'message:2', 'message:4', 'assigned:2026-09-21T14:14:00Z',
      'escalated:priority:2026-09-21T14:14:10Z', 'message:6', 'solved:2026-09-21T14:14:20Z',
      'reopened:2026-09-21T14:14:30Z', 'message:7', 'tagged:2026-09-21T14:14:45Z', 'redacted:8',
      'solved:2026-09-21T14:15:00Z', 'rated:2026-09-21T14:15:10Z'
    ])
    expect(story.find(one => one.key === 'message:2')).toMatchObject({ text: 'Yes, R&D sees <empty> files "again".' })
    expect(JSON.stringify(story)).not.toContain('nightly job')
  })

  test('a ticket that is resolved and taken up again is solved and reopened', () => {
    const state = (id: string, at: number, before: string, now: string): Fields =>
      part(id, 'ticket_state_updated_by_admin', AGENT, at, null, { previous_ticket_state: before, ticket_state: now })
    const ticket = {
      ticket_parts: {
        ticket_parts: [
          state('20', 1_790_000_300, 'in_progress', 'resolved'),
          state('21', 1_790_000_400, 'resolved', 'in_progress'),
          state('22', 1_790_000_500, 'submitted', 'submitted')
        ]
      }
    }
    const kinds = tellConversation({ ...rest, ticket }, 'ic').filter(one => one.at >= '2026-09-21T14:18').map(one => one.key)
    expect(kinds).toEqual(['solved:2026-09-21T14:18:20Z', 'reopened:2026-09-21T14:20:00Z'])
  })

  test('a lowered priority is no escalation, and a conversation without an id is no story', () => {
    expect(tellConversation({ ...rest, priority: 'low' }, 'ic').filter(one => one.kind === 'escalated')).toEqual([])
    expect(tellConversation({ ...rest, id: null }, 'ic')).toEqual([])
  })
})

test('a note is escaped, keeps its draft in one block, links only to the web and ends with its key', () => {
  const note: Note = {
    key: 'dl-a1b2c3d4e5f6g',
    basis: '88',
    parts: [
      { kind: 'headline', label: 'AI draft · private', text: 'High <script>alert(1)</script>' },
      { kind: 'rule' },
      { kind: 'draft', paragraphs: ['Hi "Yara" & co,', "it's <img src=x onerror=alert(1)>\nsecond line"] },
      { kind: 'rule' },
      {
        kind: 'facts',
        items: [
          { label: 'Why', text: '11 similar', link: { text: 'Exports & files', url: 'https://help.example/e?a=1&b="2"' } },
          { label: 'Check', text: 'nothing', link: { text: 'bad', url: 'javascript:alert(1)' } }
        ]
      },
      { kind: 'footer', hint: 'We learn <b>', links: [{ text: 'Open', url: 'https://desk.example/d/1' }], key: 'dl-a1b2c3d4e5f6g' }
    ]
  }
  expect(renderNote(note)).toBe([
    '<p><b>AI draft · private</b> · High &lt;script&gt;alert(1)&lt;/script&gt;</p>',
    '<p>————————</p>',
    '<p>Hi &quot;Yara&quot; &amp; co,</p><p>it&#39;s &lt;img src=x onerror=alert(1)&gt;<br>second line</p>',
    '<p>————————</p>',
    '<ul><li><b>Why:</b> 11 similar <a href="https://help.example/e?a=1&amp;b=%222%22">Exports &amp; files</a></li>',
    '<li><b>Check:</b> nothing bad</li></ul>',
    '<p><i>We learn &lt;b&gt;</i><br><a href="https://desk.example/d/1">Open</a> · dl-a1b2c3d4e5f6g</p>'
  ].join(''))
})

/** A true delivery in which one value, at any depth, became something else. */
function mutated (): fc.Arbitrary<unknown> {
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(1e300, -1, 8.64e12, '', '\0', '\uD800', '<p', '<script>', '9999-99-99T'))
  return fc.tuple(fc.constantFrom(...fixtures), fc.infiniteStream(fc.nat()), odd).map(([one, dice, value]) => {
    const body: unknown = structuredClone(one.body)
    let at: unknown = body
    while (isFields(at) || Array.isArray(at)) {
      const keys = Object.keys(at)
      const key = keys[(dice.next().value ?? 0) % Math.max(keys.length, 1)]
      if (key === undefined) break
      const inner: unknown = Reflect.get(at, key)
      if (typeof inner !== 'object' || inner === null || (dice.next().value ?? 0) % 6 === 0) {
        Reflect.set(at, key, value)
        break
      }
      at = inner
    }
    return body
  })
}
