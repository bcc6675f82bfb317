// What REST says about a ticket is the story that its webhooks told, and a history is many such stories.

import fc from 'fast-check'
import nock from 'nock'
import { GiveUp } from '../../src/errors.ts'
import { readContextFields } from '../../src/text.ts'
import type { TicketEvent } from '../../src/types.ts'
import zendesk from './index.ts'
import {
  api, audit, byKey, change, collect, comment, helpdesk, keepInside, ORIGIN, script, tell, USERS
} from './scripted-ticket.ts'
import { recordOf, recordsOf } from './shapes.ts'
import { tellStory } from './story.ts'

keepInside()

describe('stories', () => {
  test('webhooks and REST tell the same ticket with the same keys and fields', async () => {
    const story = await tell(script())
    const heard = script().webhooks.flatMap(body => zendesk.normalize(body, 'main'))
    const facts = heard.filter((one): one is TicketEvent => one.kind !== 'look')
    expect(heard.some(one => one.kind === 'look')).toBe(true)
    // What only REST can say: how it began, and how it was rated
    const restOnly = story.filter(one => ['opened', 'message:7700', 'rated:2026-11-20T09:00:00Z'].includes(one.key))
    expect(restOnly.map(one => one.kind)).toEqual(['opened', 'asked', 'rated'])
    expect([...facts, ...restOnly].sort(byKey)).toEqual([...story].sort(byKey))
    expect(new Set(story.map(one => one.key)).size).toBe(story.length)
    expect(story.map(one => one.at)).toEqual(story.map(one => one.at).toSorted())
  })

  test('the beginning is told as it was, not as it is now', async () => {
    expect((await tell(script()))[0]).toEqual({
      key: 'opened',
      connection: 'main',
      ticketId: '9041',
      at: '2026-11-20T08:02:11Z',
      kind: 'opened',
      subject: 'Export button stays grey',
      channel: 'web',
      person: { id: '71', name: 'Ilse Brandt', email: 'ilse@example.org' },
      page: 'https://app.acme.test/reports',
      tags: ['export']
    })
  })

  test('the fields that the operator names say where it was asked, as the form said it and not as an agent filled it in', () => {
    const { ticket, comments, audits, users } = script()
    const fields = [
      { id: 41, value: 'plan_pier' }, { id: 42, value: 'v4.12.3' }, { id: 43, value: 'E42' }, { id: 44, value: 'ilse@example.org' }
    ]
    const sources = {
      ticket: { ...ticket, custom_fields: fields },
      comments,
      users,
      conversation: [],
      // The plan was corrected later, the error filled in by an agent when all was over.
      audits: [...audits, audit(8, 9, '08:55:00', [change('41', 'plan_pier', 'plan_mole'), change('43', 'E42', null)])]
    }
    const named = readContextFields('plan=41, version=42,error=43,region=44,page=45')
    const told = tellStory(sources, 'main', named).filter(one => one.kind === 'context')
    expect(told).toEqual([
      { key: 'context:plan', connection: 'main', ticketId: '9041', at: '2026-11-20T08:02:11Z', kind: 'context', name: 'plan', value: 'plan_mole' },
      { key: 'context:version', connection: 'main', ticketId: '9041', at: '2026-11-20T08:02:11Z', kind: 'context', name: 'version', value: '4.12' }
    ])
    expect(tellStory(sources, 'main').some(one => one.kind === 'context')).toBe(false)
  })

  test('a setting that names no field is told when the account is opened, not when the first ticket comes', () => {
    for (const wrong of ['plan', 'plan=', 'tier=41', 'plan:41']) {
      expect(() => zendesk.open({ ZENDESK_URL: ORIGIN, ZENDESK_OAUTH_TOKEN: 't', ZENDESK_CONTEXT_FIELDS: wrong }, 'main'))
        .toThrow('names no field')
    }
  })

  test('a ticket that an agent opens asks nothing, and its requester is looked up', async () => {
    const { ticket } = script()
    api('GET', '/users/71.json', 200, { user: { id: 71, name: 'Ilse Brandt', email: 'ilse@example.org', role: 'end-user' } })
    const story = await tell({
      ticket: { ...ticket, custom_fields: [], satisfaction_rating: null },
      comments: [comment(7700, 9, '08:02:11', 'We found a fault in your export.')],
      audits: [audit(1, 9, '08:02:11', [{ id: 1, type: 'Create', field_name: 'requester_id', value: '71' }])],
      users: USERS.filter(user => user.id !== 71)
    })
    expect(story.map(one => one.kind)).toEqual(['opened', 'answered'])
    expect(story[0]).toMatchObject({ person: { id: '71', name: 'Ilse Brandt', email: 'ilse@example.org' } })
  })

  test('who was an agent once stays one in the story, and a bot is told by how his words came in', async () => {
    const story = await tell({
      ...script(),
      comments: [
        comment(7700, 71, '08:02:11', 'Help'), comment(7701, 12, '08:10:00', 'Try again'),
        { ...comment(7702, 13, '08:11:00', 'Did that help?'), via: { channel: 'api' } }, comment(7703, 13, '08:12:00', 'It is me')
      ],
      audits: [audit(1, 9, '08:05:00', [change('assignee_id', '12', null)])],
      users: [...USERS, { id: 12, role: 'end-user', name: 'Pim' }, { id: 13, role: 'agent', name: 'Theo Bot' }]
    })
    expect(story.flatMap(one => one.kind === 'answered' ? [one.by] : [])).toEqual(['human', 'bot', 'human'])
  })

  test('chats are read from the conversation log', async () => {
    const chat = (id: string, type: string, text: string, at: string) => ({
      id,
      type: 'Messaging::ConversationMessage',
      created_at: `2026-11-20T${at}Z`,
      author: { id: '71', type },
      content: { type: 'text', text }
    })
    api('GET', '/tickets/9041/conversation_log', 200, {
      events: [chat('aa1', 'user', 'Anyone?', '08:03:00'), chat('aa2', 'bot', 'One moment', '08:03:01')],
      meta: { has_more: false }
    })
    const ticket = { ...script().ticket, from_messaging_channel: true }
    const story = await tell({ ticket, comments: [], audits: [], users: USERS })
    expect(story.filter(one => one.key.startsWith('message:')).map(one => [one.key, one.kind]))
      .toEqual([['message:aa1', 'asked'], ['message:aa2', 'answered']])
  })

  test('pages are followed by their cursor, and never to another host', async () => {
    const { ticket, comments, audits } = script()
    api('GET', '/tickets/9041', 200, { ticket })
    const links = { next: 'https://evil.test/api/v2/tickets/9041/comments' }
    api('GET', '/tickets/9041/comments', 200, { comments: comments.slice(0, 1), users: USERS, meta: { has_more: true, after_cursor: 'a=b' }, links })
    nock(ORIGIN).get('/api/v2/tickets/9041/comments').query(query => query['page[after]'] === 'a=b')
      .reply(200, { comments: comments.slice(1), users: [], meta: { has_more: false } })
    api('GET', '/tickets/9041/audits', 200, { audits, meta: { has_more: false } })
    expect(await helpdesk().fetchTicket('9041')).toEqual(await tell(script()))
    api('GET', '/tickets/9041', 200, { ticket })
    api('GET', '/tickets/9041/comments', 200, { comments, users: USERS, next_page: links.next })
    api('GET', '/tickets/9041/audits', 200, { audits, meta: { has_more: false } })
    await expect(helpdesk().fetchTicket('9041')).rejects.toThrow('another host')
  })

  test('one wrong value anywhere makes no story fail', () => {
    const { ticket, comments, audits, users } = script()
    const whole = JSON.stringify({ ticket, comments, audits, users, conversation: [] })
    const size = whole.split(/[{,[]/).length
    fc.assert(fc.property(fc.nat(size), fc.jsonValue(), (place, value) => {
      let left = place
      const wrong = recordOf(JSON.parse(whole, (_, one) => left-- === 0 ? value : one))
      const story = tellStory({
        ticket: recordOf(wrong.ticket),
        comments: recordsOf(wrong.comments),
        audits: recordsOf(wrong.audits),
        users: recordsOf(wrong.users),
        conversation: []
      }, 'main')
      expect(new Set(story.map(one => one.key)).size).toBe(story.length)
      for (const { at } of story) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    }), { numRuns: 500 })
  })

  test('a ticket that is gone is given up, and what is no id never reaches an address', async () => {
    api('GET', '/tickets/9041', 404, { error: 'RecordNotFound' })
    await expect(helpdesk().fetchTicket('9041')).rejects.toBeInstanceOf(GiveUp)
    await expect(helpdesk().fetchTicket('../users/me')).rejects.toBeInstanceOf(GiveUp)
  })
})

describe('history', () => {
  test('goes on from its cursor, waits when asked to, and names what was deleted', async () => {
    const { ticket, comments, audits } = script()
    const since = '2026-11-01T00:00:00Z'
    const gone = (id: number) =>
      ({ id, status: 'deleted', created_at: '2026-11-02T00:00:00Z', updated_at: '2026-11-03T00:00:00Z' })
    nock(ORIGIN).get('/api/v2/incremental/tickets/cursor').query(query => query.start_time === '1793491200')
      .reply(429, '', { 'retry-after': '1' })
    nock(ORIGIN).get('/api/v2/incremental/tickets/cursor').query(query => query.start_time === '1793491200')
      .reply(200, { tickets: [{ ...ticket, tags: [] }, gone(9039), ticket], users: USERS, after_cursor: 'c1==', end_of_stream: false })
    const answerLast = () => nock(ORIGIN).get('/api/v2/incremental/tickets/cursor').query(query => query.cursor === 'c1==')
      .reply(200, {
        tickets: [gone(9040)],
        after_cursor: 'c2',
        end_of_stream: true
      })
    answerLast()
    api('GET', '/tickets/9041/comments', 200, { comments, users: USERS, meta: { has_more: false } })
    api('GET', '/tickets/9041/audits', 200, { audits, meta: { has_more: false } })
    const pages = await collect(helpdesk().fetchHistory(since))
    expect(pages.map(page => page.cursor)).toEqual(['c1==', 'c2'])
    expect(pages[0]?.stories.map(story => story.ticketId)).toEqual(['9039', '9041'])
    expect(pages[0]?.stories[1]?.events).toEqual(await tell(script()))
    expect(pages[1]?.stories).toEqual([{
      ticketId: '9040',
      events: [{ key: 'deleted:2026-11-03T00:00:00Z', connection: 'main', ticketId: '9040', at: '2026-11-03T00:00:00Z', kind: 'deleted' }]
    }])
    answerLast()
    expect(await collect(helpdesk().fetchHistory(since, 'c1=='))).toEqual(pages.slice(1))
  })

  test('a ticket that goes away while it is read is left out, and a quiet end says nothing', async () => {
    nock(ORIGIN).get('/api/v2/incremental/tickets/cursor').query(true)
      .reply(200, { tickets: [script().ticket], after_cursor: 'c1', end_of_stream: true })
    api('GET', '/tickets/9041/comments', 404, {})
    api('GET', '/tickets/9041/audits', 404, {})
    expect(await collect(helpdesk().fetchHistory('2026-11-01T00:00:00Z'))).toEqual([{ stories: [], cursor: 'c1' }])
    nock(ORIGIN).get('/api/v2/incremental/tickets/cursor').query(true)
      .reply(200, { tickets: [], after_cursor: 'c1', end_of_stream: true })
    expect(await collect(helpdesk().fetchHistory('2026-11-01T00:00:00Z', 'c1'))).toEqual([])
  })
})
