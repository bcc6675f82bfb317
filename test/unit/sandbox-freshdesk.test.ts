// The pretend Freshdesk answers, refuses and misbehaves as the vendor does.
import type { PretendFreshdesk } from '../sandbox/freshdesk.ts'
import type { Answer } from '../sandbox/freshdesk-visit.ts'
import {
  ada, faults, get, hasSamples, keysOf, openReceiver, readSample, rows, sampledCalls, tell, withDesk
} from '../sandbox/freshdesk-visit.ts'

const events = (desk: PretendFreshdesk): string[] => desk.pending.map(one => one.event)

test('who has no key, asks for another type or sends no JSON is refused', () => withDesk({}, async (desk, call) => {
  const id = tell(desk)
  const anonymous = await call('GET', '/agents/me', undefined, { authorization: 'Basic bm9ib2R5Olg=' })
  expect([anonymous.status, get(anonymous.body, 'code')]).toEqual([401, 'invalid_credentials'])
  expect(anonymous.headers.get('x-ratelimit-total')).toBe('400')
  expect((await call('GET', '/agents/me', undefined, { accept: 'text/html' })).status).toBe(406)
  expect((await call('POST', `/tickets/${id}/notes`, 'body=x', { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await call('POST', `/tickets/${id}/notes`, '{"body":')).body).toMatchObject({ code: 'invalid_json' })
  expect(desk.journal.filter(one => one.by === 'api')).toEqual([])
}))

test('unknown paths and ids are empty 404s, a wrong verb names the right ones', () => withDesk({}, async (_, call) => {
  for (const path of ['/tickets/77', '/tickets/abc', '/nothing', '/contacts/1', '/automations/2/rules']) {
    const answer = await call('GET', path)
    expect([path, answer.status, answer.body]).toEqual([path, 404, undefined])
  }
  const verb = await call('PATCH', '/tickets/1')
  expect([verb.status, verb.headers.get('allow')]).toEqual([405, 'DELETE, GET, PUT'])
}))

test('a note refuses what the vendor does not know and is private unless told otherwise', () => withDesk({}, async (desk, call) => {
  const id = tell(desk)
  desk.setNow('2026-03-03T10:00:00Z')
  expect(faults(await call('POST', `/tickets/${id}/notes`, { body: 'x', isPrivate: true }))).toEqual([['isPrivate', 'invalid_field']])
  expect(faults(await call('POST', `/tickets/${id}/notes`, { private: true }))).toEqual([['body', 'missing_field']])
  expect(faults(await call('POST', `/tickets/${id}/notes`, { body: 7, private: 'yes' }))).toEqual([['body', 'datatype_mismatch'], ['private', 'datatype_mismatch']])
  expect(faults(await call('POST', `/tickets/${id}/notes`, { body: 'x', user_id: 5 }))).toEqual([['user_id', 'invalid_value']])
  expect(faults(await call('POST', `/tickets/${id}/notes`, { body: 'x', notify_emails: ['out@side.example'] }))).toEqual([['notify_emails', 'invalid_value']])
  const me = get((await call('GET', '/agents/me')).body, 'id')
  const made = await call('POST', `/tickets/${id}/notes`, { body: '<div>One &amp; two<script>x()</script></div>' })
  expect(made.status).toBe(201)
  expect(made.headers.get('location')).toBe(`${desk.url}/api/v2/conversations/${get(made.body, 'id')}`)
  expect(made.body).toMatchObject({ private: true, incoming: false, user_id: me, body_text: 'One & two', created_at: '2026-03-03T10:00:00Z' })
  expect(get(made.body, 'body')).not.toContain('script')
  expect((await call('GET', `/tickets/${id}`)).body).toMatchObject({ updated_at: '2026-03-03T10:00:00Z' })
  expect(desk.journal.at(-1)).toMatchObject({ kind: 'note', by: 'api', public: false, messageId: String(get(made.body, 'id')) })
}))

test('notes can be edited and removed, mails cannot', () => withDesk({}, async (desk, call) => {
  const id = tell(desk)
  const made = await call('POST', `/tickets/${id}/notes`, { body: 'first', private: true })
  const path = `/conversations/${get(made.body, 'id')}`
  const mail = desk.agentReplies(id, { at: '2026-03-02T11:00:00Z', text: 'Sent.', agentId: 'jo' })
  expect((await call('PUT', path, { body: 'second' })).body).toMatchObject({ body_text: 'second', last_edited_user_id: get(made.body, 'user_id') })
  expect(faults(await call('PUT', path, { body: 'third', private: false }))).toEqual([['private', 'invalid_field']])
  expect((await call('PUT', `/conversations/${mail}`, { body: 'no' })).status).toBe(405)
  for (const status of [204, 404]) expect((await call('DELETE', path)).status).toBe(status)
  expect(desk.journal.map(one => one.kind).slice(-4)).toEqual(['note', 'message', 'note-edited', 'note-removed'])
}))

test('a reply through the API reaches the customer and is journalled so', () => withDesk({}, async (desk, call) => {
  const id = tell(desk)
  const made = await call('POST', `/tickets/${id}/reply`, { body: 'Hello' })
  expect([made.status, get(made.body, 'replied_to')]).toEqual([201, [ada.email]])
  expect(desk.journal.at(-1)).toMatchObject({ kind: 'message', by: 'api', public: true, text: 'Hello' })
  expect(desk.pending.at(-1)?.event).toBe('{reply_sent:sent}')
  expect(faults(await call('POST', `/tickets/${id}/reply`, { body: 'x', private: true }))).toEqual([['private', 'invalid_field']])
}))

test('tags are replaced, custom fields merged, foreign values refused', () => withDesk({}, async (desk, call) => {
  const id = tell(desk)
  const put = (body: unknown): Promise<Answer> => call('PUT', `/tickets/${id}`, body)
  expect((await put({ tags: ['deskloop'], custom_fields: { cf_area: 'Product' } })).body).toMatchObject({ tags: ['deskloop'], custom_fields: { cf_area: 'Product', cf_page_url: null } })
  expect(faults(await put({ custom_fields: { cf_nope: 'x' } }))).toEqual([['custom_fields.cf_nope', 'invalid_field']])
  expect(faults(await put({ custom_fields: { cf_area: 'Moon' }, tags: ['a'.repeat(33)] }))).toEqual([['tags', 'invalid_value'], ['custom_fields.cf_area', 'invalid_value']])
  expect(faults(await put({ status: 9, priority: '1', responder_id: 1 }))).toEqual([['status', 'invalid_value'], ['priority', 'datatype_mismatch']])
  expect(faults(await put({ responder_id: 1 }))).toEqual([['responder_id', 'invalid_value']])
  expect(faults(await put({ state: 'open' }))).toEqual([['state', 'invalid_field']])
  expect((await put({})).status).toBe(400)
}))

test('what lies in spam or trash can be read and listed, not written', () => withDesk({}, async (desk, call) => {
  const [junk, gone] = [tell(desk), tell(desk)]
  desk.spam(junk, { at: '2026-03-02T12:00:00Z' })
  desk.remove(gone, { at: '2026-03-02T12:00:00Z' })
  for (const id of [junk, gone]) {
    expect((await call('PUT', `/tickets/${id}`, { tags: [] })).status).toBe(405)
    expect(get((await call('POST', `/tickets/${id}/notes`, { body: 'x' })).body, 'message')).toContain('POST method is not allowed')
    expect((await call('GET', `/tickets/${id}`)).status).toBe(200)
  }
  expect((await call('GET', '/tickets')).body).toEqual([])
  expect((await call('GET', '/tickets?filter=spam')).body).toMatchObject([{ id: Number(junk), spam: true }])
  expect((await call('GET', '/tickets?filter=deleted')).body).toMatchObject([{ id: Number(gone), deleted: true }])
  expect((await call('PUT', `/tickets/${gone}/restore`)).status).toBe(204)
  expect((await call('GET', `/tickets/${gone}`)).body).not.toHaveProperty('deleted')
}))

test('the list walks every ticket once, in order of update, and stops at its walls', () => withDesk({}, async (desk, call) => {
  for (let i = 0; i < 250; i++) {
    const at = new Date(Date.UTC(2026, 0, 1) + i * 3600_000).toISOString().slice(0, 19) + 'Z'
    desk.openTicket({ at, subject: `n ${i}`, text: 'x', person: { ...ada, id: `p-${i}`, email: `u${i}@else.example` } })
  }
  desk.tag('3', { at: '2026-02-01T00:00:00Z', tags: ['late'] })
  const ids: number[] = []
  let next: string | null = '/tickets?updated_since=2026-01-01T00:00:00Z&order_by=updated_at&order_type=asc&per_page=100'
  for (let reads = 0; next !== null && reads < 9; reads++) {
    const page = await call('GET', next)
    ids.push(...rows(page.body).map(row => Number(get(row, 'id'))))
    next = /<[^>]*\/api\/v2([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? null
  }
  expect([ids.length, new Set(ids).size, ids[0], ids[2], ids.at(-1)]).toEqual([250, 250, 1, 4, 3])
  expect((await call('GET', '/tickets?updated_since=2026-02-01T00:00:00Z')).body).toHaveLength(1)
  // 2026-02-01 minus thirty days is 2026-01-02: the first day's tickets fell out.
  expect((await call('GET', '/tickets?per_page=1&order_by=created_at&order_type=asc')).body).toMatchObject([{ id: 25 }])
  expect((await call('GET', '/tickets?email=u240@else.example')).body).toMatchObject([{ id: 241 }])
  for (const bad of ['per_page=101', 'page=301', 'page=0', 'order_by=name', 'filter=all', 'since=1', 'updated_since=soon', 'email=no@one.example', 'include=conversations']) {
    expect([bad, (await call('GET', `/tickets?${bad}`)).status]).toEqual([bad, 400])
  }
}))

test('search counts by the day and ends at its tenth page', () => withDesk({}, async (desk, call) => {
  for (let i = 0; i < 310; i++) {
    desk.openTicket({ at: `2026-03-0${1 + Math.floor(i / 155)}T10:00:00Z`, subject: 's', text: 'x', person: ada, tags: i === 0 ? ['first one'] : [] })
  }
  desk.solve('1', { at: '2026-03-05T00:00:00Z' })
  const search = (query: string, page = 1): Promise<Answer> => call('GET', `/search/tickets?query=${encodeURIComponent(query)}&page=${page}`)
  expect((await search('"created_at:>\'2026-03-02\' AND created_at:<\'2026-03-02\'"')).body).toMatchObject({ total: 155 })
  expect((await search('"(status:4 OR priority:4) AND tag:\'first one\'"')).body).toMatchObject({ total: 1, results: [{ id: 1 }] })
  expect(get((await search('"status:2 AND agent_id:null"', 10)).body, 'results')).toHaveLength(30)
  for (const bad of ['status:2', '"status:2', '"requester_id:1"', '"status:\'2\'"', '"created_at:>\'2026-03-02T00:00:00Z\'"', '"status:2 AND"', '""']) {
    expect([bad, (await search(bad)).status]).toEqual([bad, 400])
  }
  expect((await search('"status:2"', 11)).status).toBe(400)
  expect((await call('GET', '/search/tickets?query="status:2"&per_page=100')).status).toBe(400)
}))

test('a save makes one webhook that names one change, and private notes make none', () => withDesk({}, async (desk, call) => {
  const id = tell(desk)
  expect(events(desk)).toEqual(['{ticket_action:created}', '{responder_id:{from:,to:61000000101}}', '{reply_sent:sent}'])
  desk.agentNotes(id, { at: '2026-03-02T09:20:00Z', text: 'Known fault', agentId: 'jo' })
  desk.botReplies(id, { at: '2026-03-02T09:21:00Z', text: 'Are you there?' })
  expect(events(desk)).toHaveLength(3)
  desk.solve(id, { at: '2026-03-02T09:30:00Z', agentId: 'jo' })
  desk.customerWrites(id, { at: '2026-03-02T10:00:00Z', text: 'Still wobbles' })
  desk.escalate(id, { at: '2026-03-02T10:01:00Z' })
  await call('POST', `/tickets/${id}/notes`, { body: 'draft', private: true })
  await call('POST', `/tickets/${id}/notes`, { body: 'open', private: false })
  await call('PUT', `/tickets/${id}`, { priority: 1, status: 3 })
  expect(events(desk).slice(3)).toEqual(['{status:{from:2,to:4}}', '{status:{from:4,to:2}}', '{priority:{from:1,to:4}}', '{note_type:public}', '{status:{from:2,to:3}}'])
  expect(desk.pending.at(-1)?.body).toBe(`{"schema":"deskloop.freshdesk/1","rule":"ticket_updated","ticket_id":"${id}","triggered_event":"{status:{from:2,to:3}}","status":"Pending","tags":"saw"}`)
  expect(desk.pending[0]?.headers(new Date())).toEqual({ 'Content-Type': 'application/json', 'X-Deskloop-Secret': desk.settings.FRESHDESK_WEBHOOK_SECRET })
  const stats = get((await call('GET', `/tickets/${id}?include=stats`)).body, 'stats')
  expect(stats).toMatchObject({ reopened_at: '2026-03-02T10:00:00Z', resolved_at: null, first_responded_at: '2026-03-02T09:10:00Z' })
}))

test('deliveries carry the secret over the wire', () => withDesk({}, async desk => {
  const receiver = await openReceiver()
  tell(desk)
  desk.webhookUrl = receiver.url
  expect(await desk.send({ concurrency: 1 })).toEqual({ sent: 3, attempts: 3, failed: 0, dropped: 0 })
  await receiver.close()
  expect(receiver.seen.map(one => one.secret)).toEqual(Array(3).fill(desk.settings.FRESHDESK_WEBHOOK_SECRET))
  expect(receiver.seen.map(one => get(one.body, 'ticket_id'))).toEqual(['1', '1', '1'])
}))

test('ratings stand in their lists, the comment among the conversations', () => withDesk({}, async (desk, call) => {
  const id = tell(desk)
  desk.rate(id, { at: '2026-03-04T08:00:00Z', good: true })
  expect((await call('GET', `/tickets/${id}`)).body).toMatchObject({ updated_at: '2026-03-02T09:10:00Z' })
  desk.rate(id, { at: '2026-03-05T08:00:00Z', good: false, comment: 'Broke again' })
  const own = (await call('GET', `/tickets/${id}/satisfaction_ratings`)).body
  expect(rows(own).map(one => [get(one, 'ratings', 'default_question'), get(one, 'feedback')])).toEqual([[-103, 'Broke again'], [103, null]])
  expect((await call('GET', '/surveys/satisfaction_ratings?created_since=2026-03-05T00:00:00Z')).body).toHaveLength(1)
  expect(get((await call('GET', `/tickets/${id}/conversations`)).body, -1)).toMatchObject({ incoming: true, source: 6, body_text: 'Broke again' })
}))

test('merged tickets point nowhere, closed ones go to the archive after 120 days', () => withDesk({}, async (desk, call) => {
  const [old, kept] = [tell(desk), tell(desk)]
  desk.merge(old, { at: '2026-03-02T12:00:00Z', into: kept })
  const closed = (await call('GET', `/tickets/${old}?include=conversations`)).body
  expect(get(closed, 'status')).toBe(5)
  expect(get(closed, 'conversations', -1)).toMatchObject({ private: true, source: 2, body_text: `This ticket is closed and merged into ticket ${kept}` })
  expect(get(closed, 'conversations', -1, 'user_id')).not.toBe(get((await call('GET', '/agents/me')).body, 'id'))
  expect((await call('GET', `/tickets/archived/${old}`)).status).toBe(404)
  desk.setNow('2026-09-01T00:00:00Z')
  const moved = await call('GET', `/tickets/${old}`)
  expect([moved.status, moved.headers.get('location')]).toEqual([301, `${desk.url}/api/v2/tickets/archived/${old}`])
  expect((await call('GET', `/tickets/archived/${old}`)).body).toMatchObject({ archived: true, status: 5 })
  expect((await call('GET', `/tickets/archived/${old}/conversations`)).body).toHaveLength(2)
  expect((await call('GET', '/tickets?updated_since=2026-01-01T00:00:00Z')).body).toMatchObject([{ id: Number(kept) }])
  expect((await call('POST', `/tickets/${old}/notes`, { body: 'x' })).status).toBe(404)
}))

test('text is html there: escaped, lines broken, mail with its history only when asked', () => withDesk({ quotes: true }, async (desk, call) => {
  const id = tell(desk)
  desk.customerWrites(id, { at: '2026-03-02T10:00:00Z', text: 'No luck' })
  const ticket = (await call('GET', `/tickets/${id}?include=conversations`)).body
  expect(get(ticket, 'description')).toBe('<div>It hums &amp; wobbles.<br>Since "May".</div>')
  expect(get(ticket, 'description_text')).toBe('It hums & wobbles.\nSince "May".')
  expect(get(ticket, 'conversations', 0, 'body')).toBe('<div>Tighten the collar.<br><br>Then try again.</div>')
  expect(get(ticket, 'conversations', 1, 'body_text')).toMatch(/^No luck\n\nOn .+ wrote:\n> Tighten the collar\.\n> \n> Then try again\.$/)
  expect(get(ticket, 'conversations', 1, 'body')).toContain('<blockquote')
}))

test('rules can be installed, changed and removed; half a webhook breaks the vendor', () => withDesk({ rules: false }, async (desk, call) => {
  const action = { field_name: 'trigger_webhook', request_type: 'POST', url: 'https://hooks.example/f', content_type: 'JSON', content_layout: '2', content: { id: '{{ticket.id}}', what: '{{triggered_event}}' }, custom_headers: { 'X-Deskloop-Secret': 'one' } }
  const rule = { name: 'r', performer: { type: 2 }, events: [{ field_name: 'reply_sent' }], actions: [action] }
  expect((await call('POST', '/automations/4/rules', { ...rule, actions: [{ ...action, url: undefined }] })).status).toBe(500)
  expect(faults(await call('POST', '/automations/1/rules', rule))).toEqual([['performer', 'invalid_field'], ['events', 'invalid_field']])
  const made = await call('POST', '/automations/4/rules', rule)
  expect([made.status, get(made.body, 'meta'), get(made.body, 'conditions', 0, 'properties')]).toEqual([201, { total_active_count: 1, total_count: 1 }, []])
  const own = `/automations/4/rules/${get(made.body, 'id')}`
  const id = tell(desk)
  expect(desk.pending).toEqual([])
  desk.customerWrites(id, { at: '2026-03-02T10:00:00Z', text: 'Hello?' })
  expect(desk.pending.map(one => one.body)).toEqual([`{"id":"${id}","what":"{reply_sent:sent}"}`])
  await call('PUT', own, { active: false })
  desk.customerWrites(id, { at: '2026-03-02T11:00:00Z', text: 'Hello??' })
  expect(desk.pending).toHaveLength(1)
  expect(get((await call('GET', '/automations/4/rules')).body, 'meta')).toEqual({ count: 1, cascading_rules: true })
  for (const status of [204, 404]) expect((await call('DELETE', own)).status).toBe(status)
}))

test('includes cost calls, and over the limit the vendor says how long to wait', () => withDesk({ plan: 'growth', limits: true }, async (_, call) => {
  const list = await call('GET', '/tickets?include=stats,requester')
  expect(list.headers.get('x-ratelimit-used-currentrequest')).toBe('5')
  expect([list.headers.get('x-ratelimit-remaining'), list.headers.get('retry-after')]).toEqual(['195', null])
  // The sub-limit of the list is 20; a minute may turn over once in between.
  const answers = await Promise.all(Array.from({ length: 45 }, () => call('GET', '/tickets')))
  const refused = answers.find(answer => answer.status === 429)
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(get(refused?.body, 'message')).toContain('exceeded')
}))

test('each misfortune looks as it does from outside', () => withDesk({}, async (desk, call) => {
  const id = tell(desk)
  const notes = (): number => desk.journal.filter(one => one.kind === 'note').length
  const post = (): Promise<Answer> => call('POST', `/tickets/${id}/notes`, { body: 'n', private: true })
  const calm = { ...desk.faults }
  desk.faults = { ...calm, error500: 1 }
  expect([(await post()).status, notes()]).toEqual([500, 0])
  desk.faults = { ...calm, rateLimited: 1 }
  const limited = await post()
  expect([limited.status, limited.headers.get('retry-after'), notes()]).toEqual([429, '1', 0])
  for (const misfortune of ['lostAnswer', 'hang', 'late']) {
    desk.faults = { ...calm, lateMs: 1700, [misfortune]: 1 }
    await expect(post()).rejects.toThrow()
    expect([misfortune, notes()]).toEqual([misfortune, 1])
  }
  await new Promise(resolve => { setTimeout(resolve, 500) })
  expect(notes()).toBe(2)
  desk.faults = { ...calm, publicNotes: 1 }
  const exposed = await post()
  expect([get(exposed.body, 'private'), desk.journal.at(-1)?.public]).toEqual([false, true])
  expect(desk.pending.at(-1)?.event).toBe('{note_type:public}')
  desk.faults = { ...calm, slowMs: 40, onlyWrites: false }
  const from = Date.now()
  await call('GET', `/tickets/${id}`)
  expect(Date.now() - from).toBeGreaterThanOrEqual(39)
}))

test('the same calls give the same journal and bodies', async () => {
  const played: string[] = []
  for (let i = 0; i < 2; i++) {
    await withDesk({}, async (desk, call) => {
      const id = tell(desk)
      desk.redact(id, { at: '2026-03-02T13:00:00Z', messageId: id })
      const bodies = [(await call('GET', `/tickets/${id}?include=conversations,stats,requester,company`)).body, desk.pending.map(one => one.body)]
      played.push(JSON.stringify([desk.journal, bodies]))
    })
  }
  expect(played[0]).toBe(played[1])
  expect(played[0]).toMatch(/\[redacted\].*Bright Lathe/)
})

const sampled = hasSamples() ? test : test.skip
sampled('answers have the keys of the recorded samples (skipped where there are none)', () => withDesk({}, async (desk, call) => {
  const [id, junk] = [tell(desk), tell(desk)]
  desk.customerWrites(id, { at: '2026-03-02T10:00:00Z', text: 'Thanks' })
  desk.rate(id, { at: '2026-03-02T11:00:00Z', good: true, comment: 'Fine' })
  desk.spam(junk, { at: '2026-03-02T12:00:00Z' })
  const job = await call('POST', '/tickets/bulk_update', { bulk_action: { ids: [Number(id)], properties: { priority: 2 } } })
  const note = await call('POST', `/tickets/${id}/notes`, { body: 'n' })
  expect(keysOf(note.body)).toEqual(keysOf(readSample('api.ticket.note.create.response')))
  expect(keysOf(job.body)).toEqual(keysOf(readSample('api.tickets.bulk_update.response')))
  const calls = [...await sampledCalls(call, id), ['api.job', `/jobs/${get(job.body, 'job_id')}`] as const]
  for (const [file, path] of calls) {
    expect([file, keysOf((await call('GET', path)).body)]).toEqual([file, keysOf(readSample(file))])
  }
  expect(keysOf(JSON.parse(desk.pending[1]?.body ?? ''))).toEqual(keysOf(readSample('webhook.advanced.agent_changed')))
  const rule = 'api.automation.rule.create.ticket_updated'
  const made = await call('POST', '/automations/4/rules', readSample(`${rule}.request`))
  expect(keysOf(made.body)).toEqual(keysOf(readSample(`${rule}.response`)))
  expect((await call('PUT', `/tickets/${junk}`, { tags: [] })).body).toEqual(get(readSample('error.405.spam_or_deleted_ticket'), 'body'))
  const refused = await call('POST', `/tickets/${id}/notes`, { body: 'x', isPrivate: true })
  expect(refused.body).toEqual(get(readSample('error.400.invalid_field'), 'body'))
  expect((await call('PUT', `/tickets/${id}`, { priority: 9 })).body).toEqual(get(readSample('error.400.validation'), 'body'))
  const stranger = await call('GET', '/agents/me', undefined, { authorization: 'x' })
  expect(stranger.body).toEqual(get(readSample('error.401'), 'body'))
}))
