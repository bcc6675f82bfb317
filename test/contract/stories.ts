// What a connector tells of a ticket: the same story by webhook and by reading, whatever people wrote into it.
import { verify } from '../../src/http/signature.ts'
import { sortStory } from '../../src/learn/story.ts'
import { plainText } from '../../src/text.ts'
import type { TicketEvent } from '../../src/types.ts'
import { after, listen, person } from './opened.ts'
import type { Traits, Use, WithDesk } from './opened.ts'

const HOSTILE: Array<[string, string]> = [
  ['a script', 'Please run <script>alert("x")</script> & tell me'],
  ['a way out of the paragraph', 'Look: </p><img src=x onerror=alert(1)><p> thanks'],
  ['the mark of our notes', 'Your note dl-aaaaaaaaaaaaa came by mail.\nWhat is dl-aaaaaaaaaaaaa there for?'],
  ['64 kB', 'Ä plank & a rope. '.repeat(3_700)],
  ['emoji', 'The boat 🚣🏽‍♀️ leaks 💧💧 again'],
  ['right to left', 'הסירה דולפת ‮ abc ‬ שוב'],
  ['entities', 'Write &amp; as &#38; and &lt;b&gt; as is'],
  ['addresses', 'See https://boats.example/a?b=1&c=2 and boats.example'],
  ['lines', 'first line\nsecond line\n\nnew paragraph']
]

export function describeStories (withDesk: WithDesk, traits: Traits): void {
  test('it says who we are', () => withDesk(async ({ helpdesk }) => {
    const self = await helpdesk.fetchSelf()
    expect(self.id).toMatch(/\S/)
    expect(self.name).toMatch(/\S/)
    expect(await helpdesk.fetchSelf()).toEqual(self)
  }))

  test('webhooks heard as they come tell the story that reading tells', () => withDesk(async o => {
    const known = new Map<string, TicketEvent>()
    const ticketId = await live(o, () => listen(o, known))
    expectTold([...known.values()], await o.helpdesk.fetchTicket(ticketId), traits)
  }))

  test('webhooks heard late, doubled and backwards tell the same story', () => withDesk(async o => {
    const known = new Map<string, TicketEvent>()
    const ticketId = await live(o, async () => {})
    const all = o.desk.pending.splice(0)
    o.desk.pending.push(...all.toReversed(), ...all)
    await listen(o, known)
    expectTold([...known.values()], await o.helpdesk.fetchTicket(ticketId), traits)
  }))

  test('each delivery is signed, and a flipped byte is noticed', () => withDesk(async o => {
    await live(o, async () => {})
    const { signature } = o.connector
    expect(o.desk.pending.length).toBeGreaterThan(5)
    for (const { body, headers } of o.desk.pending) {
      const now = new Date()
      const sent = Object.fromEntries(Object.entries(headers(now)).map(([name, value]) => [name.toLowerCase(), value]))
      const judge = (given: Record<string, string>, bytes: Buffer): string =>
        verify(signature, o.desk.settings, given, bytes, now.getTime())
      const bytes = Buffer.from(body)
      expect(judge(sent, bytes)).toBe('true')
      const proof = sent[signature.header] ?? ''
      const forged = (proof.startsWith('A') ? 'B' : 'A') + proof.slice(1)
      expect(judge({ ...sent, [signature.header]: forged }, bytes)).toBe('false')
      // A shared secret says nothing about the body: such a delivery may only make us look.
      if (signature.kind === 'hmac') expect(judge(sent, flip(bytes))).toBe('false')
      else expect(o.connector.normalize(JSON.parse(body), 'c').every(fact => fact.kind === 'look')).toBe(true)
    }
  }))

  test('a delivery has the same identity and the same events each time', () => withDesk(async o => {
    await live(o, async () => {})
    const identities = o.desk.pending.map(({ body }) => {
      const [one, two]: unknown[] = [JSON.parse(body), JSON.parse(body)]
      expect(o.connector.normalize(one, 'c')).toEqual(o.connector.normalize(two, 'c'))
      expect(o.connector.identify(one)).toBe(o.connector.identify(two))
      return o.connector.identify(one)
    }).filter(identity => identity !== null)
    expect(new Set(identities).size).toBe(identities.length)
    // Without an identity a redelivery cannot be told: then nothing but looks may come of it.
    const looksOnly = o.desk.pending.every(d => o.connector.normalize(JSON.parse(d.body), 'c').every(f => f.kind === 'look'))
    expect(identities.length === o.desk.pending.length || looksOnly).toBe(true)
  }))

  test('what is no delivery makes no event and no error', () => withDesk(async ({ connector, desk }) => {
    desk.openTicket({ at: after(0), subject: 'Oars', text: 'Two oars are missing.', person })
    const whole: unknown = JSON.parse(desk.pending[0]?.body ?? 'null')
    for (const body of [null, 1, '', [], {}, [[]], { type: 5, topic: 5 }, ...maimed(whole)]) {
      const facts = connector.normalize(body, 'c')
      expect(facts.every(fact => fact.ticketId !== '' && (fact.kind === 'look' || fact.key !== ''))).toBe(true)
      expect(['string', 'object']).toContain(typeof connector.identify(body))
    }
  }))

  test.each(HOSTILE)('%s stays text, by webhook and by reading', (_, text) => withDesk(async o => {
    const known = new Map<string, TicketEvent>()
    const { desk } = o
    const ticketId = desk.openTicket({ at: after(0), subject: text.slice(0, 80), text, person })
    const first = desk.customerWrites(ticketId, { at: after(60), text })
    const answer = desk.agentReplies(ticketId, { at: after(120), text: `${text}\n\nMira from the shed`, agentId: 'mira' })
    await listen(o, known)
    const story = await o.helpdesk.fetchTicket(ticketId)
    expectTold([...known.values()], story, { ...traits, tells: ['opened', 'asked', 'answered'] })
    expectText(textOf(story, first), text)
    expectText(textOf(story, answer), `${text}\n\nMira from the shed`)
    expectText(story.find(event => event.kind === 'asked')?.text, text)
  }))
}

/** A life with everything in it; `heard` is called after each thing that happens. */
async function live ({ desk }: Use, heard: () => Promise<void>): Promise<string> {
  const ticketId = desk.openTicket({
    at: after(0), subject: 'Boat shed key', text: 'Good morning,\nthe key of the boat shed does not turn.', person,
    tags: ['shed'], channel: 'email'
  })
  const steps: Array<() => unknown> = [
    () => desk.customerWrites(ticketId, { at: after(20), text: 'It turned yesterday.' }),
    () => desk.customerWrites(ticketId, { at: after(35), text: 'Is there a second key?' }),
    () => desk.botReplies(ticketId, { at: after(50), text: 'We have received your message.' }),
    () => desk.agentReplies(ticketId, { at: after(300), text: 'Please try some oil.\n\nMira', agentId: 'mira' }),
    () => desk.customerWrites(ticketId, { at: after(400), text: 'Oil did not help. Who has the second key?' }),
    () => desk.agentNotes(ticketId, { at: after(450), text: 'The second key hangs in the office.', agentId: 'mira' }),
    () => desk.tag(ticketId, { at: after(500), tags: ['keys'] }),
    () => desk.escalate(ticketId, { at: after(550) }),
    () => desk.assign(ticketId, { at: after(600), agentId: 'joost' }),
    () => desk.assign(ticketId, { at: after(650), group: 'Escalations' }),
    () => desk.agentReplies(ticketId, { at: after(700), text: 'Come to the office, the key is there.', agentId: 'joost' }),
    () => desk.solve(ticketId, { at: after(800), agentId: 'joost' }),
    () => desk.customerWrites(ticketId, { at: after(5_000), text: 'The office is closed on Sunday!' }),
    () => desk.agentReplies(ticketId, { at: after(5_300), text: 'I have opened it for you.', agentId: 'joost' }),
    () => desk.solve(ticketId, { at: after(5_400), agentId: 'joost' }),
    () => desk.rate(ticketId, { at: after(6_000), good: false, comment: 'Three days for a key' })
  ]
  await heard()
  for (const step of steps) {
    step()
    await heard()
  }
  return ticketId
}

function expectTold (heard: TicketEvent[], read: TicketEvent[], traits: Traits): void {
  const { tells, forgets, unheard } = traits
  const keys = read.map(event => event.key)
  expect(new Set(keys).size).toBe(keys.length)
  // A fact that was heard in time and is not told any more stays; of anything else the two must be the same.
  const compared = heard.filter(event => keys.includes(event.key) || !forgets.includes(event.kind))
  const heardKeys = new Set(heard.map(event => event.key))
  const expected = read.filter(event => heardKeys.has(event.key) || !unheard.includes(event.kind))
  expect(shortened(sortStory(compared))).toEqual(shortened(sortStory(expected)))
  const kinds = new Set([...heard, ...read].map(event => event.kind))
  expect(tells.filter(kind => !kinds.has(kind))).toEqual([])
  expect(JSON.parse(JSON.stringify(read))).toEqual(read)
  const told = JSON.stringify(read)
  expect(told).not.toContain('The second key hangs in the office')
}

// A failed comparison shall be readable: of a very long text its ends and its length say enough.
function shortened (story: TicketEvent[]): unknown[] {
  return story.map(event => 'text' in event && event.text.length > 1_000
    ? { ...event, text: [event.text.slice(0, 80), event.text.slice(-80), event.text.length] }
    : event)
}

function textOf (story: TicketEvent[], messageId: string): string | undefined {
  const found = story.find(event => (event.kind === 'asked' || event.kind === 'answered') && event.messageId === messageId)
  return found?.kind === 'asked' || found?.kind === 'answered' ? found.text : undefined
}

// A long text may be cut, never before 60 kB.
function expectText (told: string | undefined, written: string): void {
  const whole = plainText(written)
  expect(told?.slice(0, 200)).toBe(whole.slice(0, 200))
  expect(told?.slice(0, 60_000) === whole.slice(0, 60_000)).toBe(true)
}

function flip (bytes: Buffer): Buffer {
  const flipped = Buffer.from(bytes)
  flipped[10] = (flipped[10] ?? 0) ^ 1
  return flipped
}

/** The same object with each of its parts, three levels down, taken away or made into something else. */
function maimed (value: unknown, depth = 3): unknown[] {
  if (typeof value !== 'object' || value === null || depth === 0) return [null, 7, 'x', [], {}]
  return Object.entries(value).flatMap(([key, inner]) =>
    maimed(inner, depth - 1).map(broken => Array.isArray(value)
      ? value.with(Number(key), broken)
      : { ...value, [key]: broken }))
}
