// The connector as the house sees it: webhooks become looks, and a look becomes the ticket's story.
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import nock from 'nock'
import connector from './index.ts'
import { isFields } from './records.ts'
import { renderNote } from './note.ts'
import { scoreOf } from './story.ts'
import { AGENT, API, INES, KEY, makeNote, makeQuestion, makeRating, makeReply, makeTicket, serveTicket, settings } from './fixtures/rest.ts'
import type { TicketEvent } from '../../src/types.ts'

const folder = new URL('./fixtures/', import.meta.url)
const fixtures = readdirSync(folder).filter(name => name.endsWith('.json')).map(name => {
  const fixture: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
  if (!isFields(fixture)) throw new Error(`${name} is no fixture`)
  return { name, body: fixture.body, events: fixture.events }
})

beforeAll(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())
afterAll(() => {
  nock.enableNetConnect()
  nock.restore()
})

function fetchStory (): Promise<TicketEvent[]> {
  return connector.open(settings, 'fd').fetchTicket('90311')
}

function find (story: TicketEvent[], key: string): TicketEvent | undefined {
  return story.find(event => event.key === key)
}

describe('webhooks', () => {
  test.each(fixtures)('$name', ({ body, events }) => {
    expect(connector.normalize(body, 'fd')).toEqual(events)
    expect(connector.identify(body)).toBeNull()
  })

  test('whatever comes in, normalize answers the same list twice and never throws', () => {
    const bodies = fixtures.map(fixture => fixture.body)
    const keys = fc.oneof(fc.constantFrom('ticket_id', 'freshdesk_webhook', 'schema'), fc.string())
    const values = fc.oneof(fc.jsonValue(), fc.jsonValue().map(value => ({ ticket_id: value })))
    const mutated = fc.tuple(fc.constantFrom(...bodies), keys, values).map(([body, key, value]) =>
      isFields(body) ? { ...body, [key]: value } : body)
    fc.assert(fc.property(fc.oneof(mutated, fc.jsonValue()), body => {
      const looks = connector.normalize(body, 'fd')
      expect(connector.normalize(structuredClone(body), 'fd')).toEqual(looks)
      expect(looks.length).toBeLessThanOrEqual(1)
      for (const look of looks) expect(look).toEqual({ kind: 'look', ticketId: expect.stringMatching(/^[1-9]\d{0,15}$/) })
    }), { numRuns: 500 })
  })

  test('the secret travels in a header of our own, and every setting has its sentence', () => {
    expect(connector.signature).toEqual({ kind: 'shared', header: 'x-deskloop-secret', secret: 'FRESHDESK_WEBHOOK_SECRET' })
    expect(Object.keys(connector.settings)).toEqual([...Object.keys(settings), ...connector.optional])
  })
})

describe('the story', () => {
  test('is the same by webhooks, looked at after each of them, and by one reading at the end', async () => {
    const ticket = makeTicket()
    const question = makeQuestion(71, '2026-11-02T09:00:00Z', 'Any news?')
    const reply = makeReply(72, '2026-11-02T10:00:00Z', 'They left today.')
    const solved = { status: 4, stats: { resolved_at: '2026-11-02T10:00:01Z' }, updated_at: '2026-11-02T10:00:01Z' }
    const reopened = { status: 2, stats: { resolved_at: null, reopened_at: '2026-11-04T07:00:00Z' } }
    const again = { status: 5, stats: { resolved_at: '2026-11-05T07:00:00Z', reopened_at: '2026-11-04T07:00:00Z' } }
    const steps = [
      { file: 'ticket-created', ticket, conversations: [], ratings: [] },
      { file: 'public-note', ticket, conversations: [question], ratings: [] },
      { file: 'status-resolved', ticket: makeTicket(solved), conversations: [question, reply], ratings: [] },
      { file: 'survey-answered', ticket: makeTicket(solved), conversations: [question, reply], ratings: [makeRating(5, '2026-11-03T10:00:00Z', -101)] },
      { file: 'status-reopened', ticket: makeTicket(reopened), conversations: [question, reply], ratings: [makeRating(5, '2026-11-03T10:00:00Z', -101)] },
      { file: 'status-resolved', ticket: makeTicket(again), conversations: [question, reply], ratings: [makeRating(5, '2026-11-03T10:00:00Z', -101)] }
    ]
    const byWebhook = new Map<string, TicketEvent>()
    let last: TicketEvent[] = []
    for (const step of steps) {
      nock.cleanAll()
      serveTicket(step.ticket, step.conversations, step.ratings)
      const body = fixtures.find(fixture => fixture.name === `${step.file}.json`)?.body
      for (const look of connector.normalize(body, 'fd')) {
        last = await connector.open(settings, 'fd').fetchTicket(look.ticketId)
        for (const event of last) {
          expect(byWebhook.get(event.key) ?? event).toEqual(event)
          byWebhook.set(event.key, event)
        }
      }
    }
    expect([...byWebhook.keys()]).toEqual([
      'opened', 'message:description', 'message:71', 'message:72', 'solved:2026-11-02T10:00:01Z', 'rated:5',
      'reopened:2026-11-04T07:00:00Z', 'solved:2026-11-05T07:00:00Z'
    ])
    // Freshdesk forgets the first end of a ticket that was opened again: only a webhook's look has seen it.
    expect(last).toEqual([...byWebhook.values()].filter(event => event.key !== 'solved:2026-11-02T10:00:01Z'))
  })

  test('says who asked, who answered and how it was rated', async () => {
    serveTicket(makeTicket({ source: 1 }), [
      makeReply(71, '2026-11-02T08:30:00Z', 'We got your mail.', { auto_response: true }),
      makeQuestion(72, '2026-11-02T09:00:00Z', 'Bag no. 4 &amp; 5, please', { user_id: 61000005002, from_email: '"Rui" <rui@example.org>' }),
      makeReply(73, '2026-11-02T09:30:00+01:00', 'Sent.', { source: 2 }),
      makeReply(74, '2026-11-02T11:00:00Z', 'Noted in the portal', { user_id: INES, source: 2 })
    ], [makeRating(8, '2026-11-03T00:00:00Z', 102, { feedback: 'Quick <3' })])
    const story = await fetchStory()
    const base = { connection: 'fd', ticketId: '90311' }
    const ines = { id: String(INES), name: 'Ines Moura', email: 'ines@example.org' }
    expect(story.slice(0, 2)).toEqual([
      {
        ...base,
        key: 'opened',
        at: '2026-11-02T08:00:05Z',
        kind: 'opened',
        subject: 'Tent poles missing',
        channel: 'email',
        person: ines,
        page: 'https://northtent.example.com/orders/7',
        tags: []
      },
      {
        ...base, key: 'message:description', at: '2026-11-02T08:00:05Z', kind: 'asked', messageId: 'description', text: 'Two of the four poles are not in the bag.', person: ines
      }
    ])
    expect(find(story, 'message:71')).toMatchObject({ kind: 'answered', by: 'bot', text: 'We got your mail.' })
    expect(find(story, 'message:72')).toMatchObject({ kind: 'asked', text: 'Bag no. 4 & 5, please', person: { id: '61000005002', name: 'Rui', email: 'rui@example.org' } })
    expect(find(story, 'message:73')).toMatchObject({ kind: 'answered', by: 'human', agentId: String(AGENT), at: '2026-11-02T08:30:00Z' })
    expect(find(story, 'message:74')).toMatchObject({ kind: 'asked', person: ines })
    expect(find(story, 'rated:8')).toMatchObject({ good: true, score: 0.833, comment: 'Quick <3' })
    expect(story).toHaveLength(7)
  })

  test('notes, forwards, surveys, absence notes and empty messages are no part of it', async () => {
    serveTicket(makeTicket(), [
      makeReply(71, '2026-11-02T09:00:00Z', `AI draft ${KEY}`, { private: true, source: 2 }),
      makeReply(72, '2026-11-02T09:01:00Z', 'please check', { private: true, source: 2 }),
      makeReply(73, '2026-11-02T09:02:00Z', 'to the carrier', { private: true, source: 8 }),
      makeQuestion(74, '2026-11-02T09:03:00Z', 'Great help!', { source: 6 }),
      makeQuestion(75, '2026-11-02T09:04:00Z', 'I am away until Monday', { auto_response: true }),
      makeQuestion(76, '2026-11-02T09:05:00Z', ' '),
      makeReply(77, '2026-11-02T09:06:00Z', 'is this public?', { private: null })
    ])
    expect((await fetchStory()).map(event => event.key)).toEqual(['opened', 'message:description'])
  })

  test('the mail that was answered is cut off', async () => {
    const quote = '<div class="freshdesk_quote"><blockquote class="freshdesk_quote">older</blockquote></div>'
    serveTicket(makeTicket({ description: null, description_text: 'Poles?\nOn Mon, 2 Nov 2026, Ana wrote:\n> hi' }), [
      makeReply(71, '2026-11-02T09:00:00Z', '', { body: `<p>Yes,</p><p>four.</p>${quote}` })
    ])
    const story = await fetchStory()
    expect(find(story, 'message:description')).toMatchObject({ text: 'Poles?' })
    expect(find(story, 'message:71')).toMatchObject({ text: 'Yes,\n\nfour.' })
  })

  test('the fields that the operator names say where it was asked, and what looks personal stays out', async () => {
    const fields = { cf_plan: 'Pier', cf_fault: 'Upload failed for 20261105', cf_mail: 'ines@example.org', cf_none: null }
    serveTicket(makeTicket({ custom_fields: fields }))
    const open = connector.open({
      ...settings, FRESHDESK_CONTEXT_FIELDS: 'plan=cf_plan,error=cf_fault,region=cf_mail,version=cf_none,page=cf_gone'
    }, 'fd')
    const story = await open.fetchTicket('90311')
    expect(story.filter(one => one.kind === 'context').map(one => [one.key, one.value])).toEqual([
      ['context:plan', 'pier'], ['context:error', 'upload failed for #']
    ])
    expect(story.find(one => one.kind === 'context')?.at).toBe(story[0]?.at)
    serveTicket(makeTicket({ custom_fields: fields }))
    expect((await fetchStory()).some(one => one.kind === 'context')).toBe(false)
    expect(() => connector.open({ ...settings, FRESHDESK_CONTEXT_FIELDS: 'plan' }, 'fd')).toThrow('names no field')
  })

  test('a mail that an agent sent first is an answer, not a question', async () => {
    serveTicket(makeTicket({ source: 10, custom_fields: {} }))
    const [opened, first] = await fetchStory()
    expect(opened).not.toHaveProperty('page')
    expect(first).toMatchObject({ key: 'message:description', kind: 'answered', by: 'human' })
  })

  test('spam and bin are told, closed without being resolved is solved', async () => {
    serveTicket(makeTicket({ spam: true, deleted: true, status: 5, stats: { closed_at: '2026-11-06T00:00:00Z' }, updated_at: '2026-11-07T00:00:00Z' }))
    expect((await fetchStory()).map(event => `${event.key} ${event.at}`).slice(2)).toEqual([
      'solved:2026-11-06T00:00:00Z 2026-11-06T00:00:00Z', 'spam 2026-11-07T00:00:00Z', 'deleted 2026-11-07T00:00:00Z'
    ])
  })

  test('a ticket in the archive is read there, one that is nowhere is given up', async () => {
    const archived = makeTicket({ archived: true, status: 5, stats: undefined, requester: undefined })
    nock(API).get('/tickets/90311').query(true).reply(301, '', { location: '/elsewhere' })
    nock(API).get('/tickets/archived/90311').reply(200, archived)
    nock(API).get(`/contacts/${INES}`).reply(200, { id: INES, name: 'Ines Moura', email: 'ines@example.org' })
    nock(API).get('/tickets/archived/90311/conversations').query(true).reply(200, [makeReply(71, '2026-11-02T09:00:00Z', 'Sent.')])
    nock(API).get('/tickets/90311/satisfaction_ratings').reply(404)
    const story = await fetchStory()
    expect(story.map(event => event.key)).toEqual(['opened', 'message:description', 'message:71'])
    expect(story[0]).toMatchObject({ person: { id: String(INES), name: 'Ines Moura', email: 'ines@example.org' } })
    nock(API).get('/tickets/90311').query(true).reply(404)
    nock(API).get('/tickets/archived/90311').reply(404)
    await expect(fetchStory()).rejects.toMatchObject({ name: 'GiveUp', message: 'freshdesk has no ticket 90311, and neither has its archive' })
  })

  test('both scales of ratings become one', () => {
    const values = [-103, -102, -101, 100, 101, 102, 103, 3, 2, 1, 0, 104, null]
    expect(values.map(scoreOf)).toEqual([0, 0.167, 0.333, 0.5, 0.667, 0.833, 1, 0, 0.5, 1, null, null, null])
  })
})

test('a note stays a note whatever its texts contain', () => {
  const hostile = '<script>alert("1")</script> & \'x\' <img src=x onerror=alert(1)>'
  const harmless = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; &lt;img src=x onerror=alert(1)&gt;'
  const link = { text: '"Poles"', url: 'https://help.example.com/?a=1&b="><b>' }
  const trap = { text: 'no', url: 'javascript:alert(1)' }
  const links = [{ text: 'Open', url: 'https://loop.example.com/d/1' }, { text: 'Wrong?', url: 'nowhere' }]
  const html = renderNote(makeNote({
    parts: [
      { kind: 'headline', label: 'AI draft · private', text: hostile },
      { kind: 'rule' },
      { kind: 'draft', paragraphs: ['Hi Ines,\nthanks', hostile] },
      { kind: 'rule' },
      { kind: 'facts', items: [{ label: 'Why', text: hostile, link }, { label: 'Check', text: 'two\nlines', link: trap }] },
      { kind: 'facts', items: [] },
      { kind: 'footer', hint: 'We learn.', links, key: KEY }
    ]
  }))
  expect(html.replaceAll(/(?<=<hr>)|(?=<hr>)|(?<=<\/ul>|<\/li>)/g, '\n').split('\n')).toEqual([
    `<div><b>AI draft · private</b> · ${harmless}</div>`,
    '<hr>',
    `<div>Hi Ines,<br>thanks<br><br>${harmless}</div>`,
    '<hr>',
    `<ul><li><b>Why:</b> ${harmless} <a href="https://help.example.com/?a=1&amp;b=&quot;&gt;&lt;b&gt;">&quot;Poles&quot;</a></li>`,
    '<li><b>Check:</b> two lines no</li>',
    '</ul>',
    `<div><i>We learn.</i><br><a href="https://loop.example.com/d/1">Open</a> · Wrong? · ${KEY}</div>`
  ])
})
