// The pretend Zendesk is held to the vendor's public facts: what it refuses, what a note does, what it delivers.
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { noFaults } from '../sandbox/types.ts'
import { at, basic, events, newTicket, OLGA, openDesk, topics } from '../sandbox/zendesk-asking.ts'
import type { Ask, Asking, Got, Seen } from '../sandbox/zendesk-asking.ts'
import type { PretendZendesk } from '../sandbox/zendesk.ts'

const LOOK = { html_body: '<p>Look inside</p>', public: false }

let desk: PretendZendesk
let ask: Ask

beforeEach(async () => { ({ desk, ask } = await openDesk()) })
afterEach(async () => { await desk.close() })

async function note (id: string, ticket: object = {}, comment: object = LOOK, how: Asking = {}): Promise<Got> {
  return await ask('PUT', `tickets/${id}.json`, { ticket: { comment, ...ticket } }, how)
}

describe('who may ask', () => {
  test('credentials are checked, and nobody is shown as nobody', async () => {
    const guess = { authorization: basic(`${desk.settings.ZENDESK_EMAIL}/token:guess`) }
    const wrong = await ask('GET', 'users/me', undefined, { headers: guess })
    expect([wrong.status, wrong.body]).toEqual([401, { error: "Couldn't authenticate you" }])
    expect((await ask('GET', 'groups', undefined, { headers: { authorization: 'Bearer guess' } })).body.error).toBe('invalid_token')
    expect((await ask('GET', 'users/me.json')).body.user).toMatchObject({ email: desk.settings.ZENDESK_EMAIL, role: 'admin' })
    const nobody = await fetch(`${desk.url}/api/v2/users/me`)
    expect([nobody.status, (await nobody.json() as Seen).user.id]).toEqual([200, null])
    expect((await fetch(`${desk.url}/api/v2/groups`)).status).toBe(401)
  })

  test('a client gets a bearer token, and a malformed scope is only noticed later', async () => {
    const { id, secret } = desk.oauthClient
    const grant = { grant_type: 'client_credentials', client_id: id, client_secret: secret, expires_in: 3600 }
    const bearer = async (scope: string): Promise<Asking> => {
      const { body } = await ask('POST', '/oauth/tokens', { ...grant, scope })
      expect(body).toMatchObject({ token_type: 'bearer', scope, expires_in: 3600 })
      return { headers: { authorization: `Bearer ${body.access_token}` } }
    }
    expect((await ask('GET', 'groups', undefined, await bearer('read write'))).status).toBe(200)
    expect((await ask('GET', 'groups', undefined, await bearer('tickets:read'))).status).toBe(403)
    expect((await ask('GET', 'groups', undefined, await bearer('read,write'))).body.error.title).toBe('Forbidden')
    expect((await ask('POST', '/oauth/tokens', { ...grant, client_secret: 'x' })).status).toBe(401)
    expect((await ask('POST', '/oauth/tokens', { ...grant, expires_in: 10 })).status).toBe(400)
  })

  test('unknown paths and wrong bodies are refused', async () => {
    const id = newTicket(desk)
    expect((await ask('GET', 'spaceships')).body).toEqual({ error: 'InvalidEndpoint', description: 'Not found' })
    expect((await ask('GET', '/hc/nothing')).headers.get('content-type')).toBe('text/html')
    expect((await ask('GET', 'tickets/99')).body).toEqual({ error: 'RecordNotFound', description: 'Not found' })
    expect((await ask('GET', 'tickets/abc')).body.error).toMatchObject({ title: 'Invalid attribute' })
    expect((await ask('PUT', `tickets/${id}`, 'ticket=1', { headers: { 'content-type': 'text/plain' } })).status).toBe(415)
    expect((await ask('PUT', `tickets/${id}`, '{"ticket":')).status).toBe(422)
    expect((await ask('PUT', `tickets/${id}`, { note: {} })).status).toBe(400)
    expect(desk.requests.at(-1)).toMatchObject({ method: 'PUT', path: `/api/v2/tickets/${id}`, status: 400 })
  })
})

describe('a note', () => {
  test('is private, tells its comment id, and echoes as a webhook', async () => {
    const id = newTicket(desk)
    desk.setNow(at(5))
    const { status, body } = await note(id, { metadata: { deskloop: { effect: 'e1' } } })
    const written = body.audit.events.find((event: Seen) => event.type === 'Comment')
    expect([status, written.public, body.audit.metadata.custom]).toEqual([200, false, { deskloop: { effect: 'e1' } }])
    expect([body.ticket.updated_at, body.ticket.status]).toEqual([at(5), 'new'])
    const { comments } = (await ask('GET', `tickets/${id}/comments`)).body
    expect(comments.at(-1)).toMatchObject({ id: written.id, public: false, created_at: at(5), plain_body: 'Look inside' })
    const echo = { id: String(written.id), is_public: false, author: { is_staff: true } }
    expect(events(desk).at(-1).event.comment).toMatchObject(echo)
    expect(desk.journal.at(-1)).toMatchObject({ kind: 'note', by: 'api', public: false, text: 'Look inside', at: at(5) })
  })

  test('without `public` follows the first comment, and so becomes a message', async () => {
    const { body } = await note(newTicket(desk), {}, { body: 'Oops' })
    expect(body.audit.events[0].public).toBe(true)
    expect(desk.journal.at(-1)).toMatchObject({ kind: 'message', by: 'api', public: true })
  })

  test('is refused when it cannot be what it should be', async () => {
    const id = newTicket(desk)
    const before = desk.journal.length
    for (const comment of [{ body: 'a', html_body: 'b', public: false }, { public: false }, { Body: 'a', public: false },
      { html_body: '<script>x</script>', public: false }, { body: 'x'.repeat(65_536), public: false },
      { body: 'a', public: false, author_id: 7 }]) expect((await note(id, {}, comment)).status).toBe(422)
    for (const comment of [{ body: 'a', public: 'maybe' }, { body: 7 }, { body: 'a', author_id: 'me' }]) {
      expect((await note(id, {}, comment)).body.error.title).toBe('Invalid attribute')
    }
    expect((await note(id, { status: 'done' })).body.details).toHaveProperty('status')
    expect((await note(id, { status: 'solved' })).body.details.base[0].description).toContain('Assignee')
    expect((await note(id, { due_at: at(9) })).status).toBe(501)
    expect((await note('77')).status).toBe(404)
    expect(desk.journal).toHaveLength(before)
    expect((await note(id, { nonsense: 1 })).status).toBe(200)
  })

  test('is refused on a closed ticket, and a stale stamp is a conflict whatever safe_update says', async () => {
    const [id, other] = [newTicket(desk), newTicket(desk, 1)]
    const { updated_at: stamp } = (await ask('GET', `tickets/${id}`)).body.ticket
    expect((await note(id, { safe_update: true, updated_stamp: stamp })).status).toBe(200)
    desk.customerWrites(id, { at: at(3), text: 'And?' })
    for (const safe of [true, false, 'true']) {
      expect((await note(id, { safe_update: safe, updated_stamp: stamp })).body.error).toBe('UpdateConflict')
    }
    expect((await note(id, { safe_update: true })).status).toBe(422)
    expect((await ask('PUT', `tickets/${id}/tags`, { tags: ['a'], safe_update: 'true', updated_stamp: stamp })).status).toBe(409)
    desk.merge(other, { at: at(4), into: id })
    expect((await note(other)).body.details.status[0].description).toBe('Status: closed prevents ticket update')
    expect(() => desk.customerWrites(other, { at: at(5), text: 'Hello?' })).toThrow('follow-up')
  })

  test('can be hidden afterwards, never shown again, and redacted', async () => {
    const id = newTicket(desk)
    const message = desk.agentReplies(id, { at: at(1), text: 'Code 4711', agentId: 'a' })
    expect((await ask('PUT', `tickets/${id}/comments/${message}/make_private`)).status).toBe(200)
    const html = '<div class="zd-comment" dir="auto"><p dir="auto">Code <redact>4711</redact></p></div>'
    expect((await ask('PUT', `comment_redactions/${message}`, { html_body: html })).status).toBe(400)
    const { body } = await ask('PUT', `comment_redactions/${message}`, { ticket_id: Number(id), html_body: html })
    expect(body.comment).toMatchObject({ public: false, plain_body: 'Code ▇▇▇▇' })
    expect(topics(desk, id).slice(-2)).toEqual(['comment_made_private', 'comment_redacted'])
  })
})

test('tags are added, replaced and removed, and only real changes are told', async () => {
  const id = newTicket(desk, 0, { tags: ['a'] })
  expect((await ask('PUT', `tickets/${id}/tags`, { tags: ['B c', 'a'] })).body).toEqual({ tags: ['a', 'b', 'c'] })
  expect((await ask('PUT', `tickets/${id}/tags`, { tags: ['a'] })).status).toBe(200)
  expect((await ask('DELETE', `tickets/${id}/tags`, { tags: ['b'] })).status).toBe(204)
  const set = await ask('POST', `tickets/${id}/tags.json`, { tags: ['d'] })
  expect([set.status, set.body]).toEqual([201, { tags: ['d'] }])
  expect((await ask('PUT', `tickets/${id}/tags`, { tags: 7 })).status).toBe(400)
  expect(topics(desk, id)).toEqual(['created', 'tags_changed', 'tags_changed', 'tags_changed'])
})

describe('what people do', () => {
  test('comes as one webhook per topic', async () => {
    const id = newTicket(desk, 0, { tags: ['vip'] })
    desk.agentReplies(id, { at: at(1), text: 'Soon', agentId: 'ines' })
    desk.assign(id, { at: at(2), agentId: 'ines', group: 'Tier 2' })
    desk.tag(id, { at: at(3), tags: ['late'] })
    desk.escalate(id, { at: at(4) })
    desk.solve(id, { at: at(5) })
    desk.customerWrites(id, { at: at(6), text: 'Not yet' })
    desk.botReplies(id, { at: at(7), text: 'Try this' })
    desk.solve(id, { at: at(8) })
    desk.rate(id, { at: at(9), good: true, comment: 'Fine' })
    desk.reopen(id, { at: at(10) })
    desk.remove(id, { at: at(11) })
    expect(topics(desk, id)).toEqual(['created', 'status_changed', 'comment_added', 'agent_assignment_changed', 'group_assignment_changed',
      'tags_changed', 'priority_changed', 'status_changed', 'status_changed', 'comment_added', 'comment_added',
      'status_changed', 'csat_received', 'status_changed', 'soft_deleted'])
    const all = events(desk, id)
    expect(new Set(all.map(event => event.id)).size).toBe(all.length)
    expect(all.map(event => event.time)).toEqual(all.map(event => event.time).toSorted())
    expect(all[1].meta.sequence.id).toBe(all[2].meta.sequence.id)
    expect(all[8].event).toEqual({ current: 'OPEN', previous: 'SOLVED' })
    expect(all[5].event).toEqual({ tags_added: ['late'], tags_removed: [] })
    expect((await ask('GET', `tickets/${id}`)).status).toBe(404)
    expect((await ask('GET', 'deleted_tickets')).body.deleted_tickets[0]).toMatchObject({ id: Number(id), previous_state: 'open' })
    expect(desk.journal.map(entry => [entry.kind, entry.public])).toEqual([['opened', true], ['message', true], ['assigned', false],
      ['tagged', false], ['updated', false], ['solved', false], ['message', true], ['reopened', false], ['message', true],
      ['solved', false], ['rated', true], ['reopened', false], ['deleted', false]])
  })

  test('merging closes the source and marks it, spam suspends the sender', async () => {
    const [id, target, spam] = [newTicket(desk), newTicket(desk, 1), newTicket(desk, 2)]
    desk.merge(id, { at: at(3), into: target })
    expect(topics(desk, id)).toEqual(['created', 'status_changed', 'agent_assignment_changed', 'tags_changed', 'comment_added', 'merged'])
    expect((await ask('GET', `tickets/${id}`)).body.ticket).toMatchObject({ status: 'closed', tags: ['closed_by_merge'] })
    desk.spam(spam, { at: at(4) })
    expect(events(desk, spam).at(-1).detail.status).toBe('DELETED')
    expect((await ask('GET', `users/search?query=email:${OLGA.email}`)).body.users[0].suspended).toBe(true)
  })

  test('is signed anew for each attempt', async () => {
    const got: Array<{ headers: Seen, body: string }> = []
    const server = createServer((request, answer) => {
      let body = ''
      request.on('data', piece => { body += String(piece) })
      request.on('end', () => { got.push({ headers: request.headers, body }); answer.writeHead(got.length === 1 ? 409 : 200).end() })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    desk.webhookUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
    newTicket(desk)
    expect(await desk.send({ retries: 1, retryMs: 1100 })).toMatchObject({ sent: 1, failed: 0 })
    server.close()
    const secret = desk.settings.ZENDESK_WEBHOOK_SECRET ?? ''
    const stamps = got.map(({ headers, body }) => {
      const stamp = headers['x-zendesk-webhook-signature-timestamp']
      const want = createHmac('sha256', secret).update(`${stamp}${body}`).digest('base64')
      expect(headers['x-zendesk-webhook-signature']).toBe(want)
      return stamp
    })
    expect(new Set(stamps).size).toBe(2)
  })
})

test('faults happen as they are told, and no more than once each', async () => {
  const id = newTicket(desk)
  const told = async (fault: object): Promise<number | 'none'> => {
    desk.faults = { ...noFaults, ...fault }
    return await note(id, {}, undefined, { waitMs: 500 }).then(got => got.status, () => 'none' as const)
  }
  const notes = (): number => desk.journal.filter(entry => entry.kind === 'note').length
  expect([await told({ error500: 1 }), notes()]).toEqual([500, 0])
  expect([await told({ rateLimited: 1 }), notes()]).toEqual([429, 0])
  expect([await told({ lostAnswer: 1 }), notes()]).toEqual(['none', 1])
  expect([await told({ hang: 1 }), notes()]).toEqual(['none', 1])
  expect([await told({ late: 1, lateMs: 600 }), notes()]).toEqual(['none', 1])
  await new Promise(resolve => setTimeout(resolve, 400))
  expect(notes()).toBe(2)
  expect([await told({ publicNotes: 1 }), desk.journal.at(-1)?.public]).toEqual([200, true])
  expect([await told({ publicNotes: 0 }), desk.journal.at(-1)?.public]).toEqual([200, false])
  expect((await ask('GET', `tickets/${id}`)).headers.get('ratelimit-reset')).toBe('60')
})

test('limits are kept when asked for: thirty updates of a ticket in ten minutes', async () => {
  await desk.close();
  ({ desk, ask } = await openDesk({ limits: true }))
  const id = newTicket(desk)
  const answers: Got[] = []
  for (let i = 0; i < 31; i++) answers.push(await note(id))
  expect(answers[29]?.headers.get('zendesk-ratelimit-per-ticket-updates')).toBe('total=30; remaining=0; resets=600')
  expect([answers[29]?.status, answers[30]?.status, answers[30]?.headers.get('retry-after')]).toEqual([200, 429, '600'])
  desk.setNow(at(11))
  expect((await note(id)).status).toBe(200)
})

test('webhooks and triggers can be set up, read, and refused', async () => {
  const hook = { name: 'x', status: 'active', endpoint: 'https://hooks.example/z', http_method: 'POST', request_format: 'json' }
  const made = await ask('POST', 'webhooks', { webhook: { ...hook, subscriptions: ['conditional_ticket_events'] } })
  expect(made.status).toBe(201)
  const id = made.body.webhook.id
  const secret = (await ask('GET', `webhooks/${id}/signing_secret`)).body.signing_secret
  expect(secret.algorithm).toBe('SHA256')
  expect((await ask('POST', `webhooks/${id}/signing_secret`)).body.signing_secret.secret).not.toBe(secret.secret)
  expect((await ask('PATCH', `webhooks/${id}`, { webhook: { subscriptions: ['zen:event-type:ticket.created'] } })).status).toBe(400)
  expect((await ask('POST', 'webhooks', { webhook: { ...hook, subscriptions: ['zen:event-type:ticket.updated'] } })).status).toBe(400)
  expect((await ask('POST', 'webhooks', { webhook: { ...hook, endpoint: 'http://x.example', subscriptions: [] } })).status).toBe(400)
  const category = (await ask('GET', 'trigger_categories?page[size]=10')).body.trigger_categories[0].id
  const actions = [{ field: 'notification_webhook', value: [id, '{}'] }]
  const trigger = { title: 't', category_id: category, conditions: { all: [], any: [] }, actions }
  expect((await ask('POST', 'triggers', { trigger: { ...trigger, category_id: 1 } })).status).toBe(422)
  const rule = (await ask('POST', 'triggers', { trigger })).body.trigger
  expect((await ask('DELETE', `webhooks/${id}`)).status).toBe(400)
  expect((await ask('PUT', `triggers/${rule.id}`, { trigger: { active: false } })).body.trigger.active).toBe(false)
  expect((await ask('DELETE', `webhooks/${id}`)).status).toBe(204)
})
