// The pretend intercom against the vendor's public facts: what it refuses, the shapes it tells, its webhooks and their
// signature, paging to the end, each kind of misfortune, and the journal.
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { existsSync, readFileSync } from 'node:fs'
import { openIntercom } from '../sandbox/intercom.ts'
import type { IntercomOptions, PretendIntercom } from '../sandbox/intercom.ts'
import { differences, loadYaml, nullable } from '../sandbox/intercom-comparing.ts'
import { signatureOf } from '../sandbox/intercom-webhooks.ts'
import type { Person } from '../sandbox/types.ts'

const samples = new URL('../../../shared/vendors/samples/intercom/', import.meta.url)
const description = new URL('../../../shared/vendor-specs/intercom-api-2.16.yaml', import.meta.url)
const nadia: Person = { id: 'cust-31', name: 'Nadia Quist', email: 'nadia@pellworth.example' }
const start = Date.parse('2026-03-02T09:00:00Z')
const at = (minute: number): string => new Date(start + minute * 60_000).toISOString().slice(0, 19) + 'Z'

interface Tree { [key: string]: Tree }              // whatever came, asked by path in a test
interface Answer { status: number, headers: Headers, body: Tree }

async function withDesk (run: (desk: PretendIntercom) => Promise<void>, options: IntercomOptions = {}): Promise<void> {
  const desk = await openIntercom(options)
  try { await run(desk) } finally { await desk.close() }
}

async function call (
  desk: PretendIntercom, method: string, path: string, body?: unknown, headers: Record<string, string> = {}
): Promise<Answer> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  const authorization = `Bearer ${desk.settings.INTERCOM_ACCESS_TOKEN ?? ''}`
  const payload = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
  const answer = await fetch(desk.url + path, {
    method, headers: { authorization, accept: 'application/json', ...json, ...headers }, ...payload,
    signal: AbortSignal.timeout(5000)
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, body: text === '' ? {} : JSON.parse(text) }
}

function openOne (desk: PretendIntercom, minute = 0): string {
  return desk.openTicket({
    at: at(minute), subject: 'Late crates', text: 'Two crates of glass are late.\nWhere are they?', person: nadia,
    page: 'https://shop.pellworth.example/orders/88'
  })
}

const noteOf = (desk: PretendIntercom, body = '<p><b>Draft</b> They left on Monday.</p>'): Record<string, unknown> =>
  ({ message_type: 'note', type: 'admin', admin_id: desk.settings.INTERCOM_ADMIN_ID, body })
const partsOf = (answer: Answer): Tree[] => Object.values(answer.body.conversation_parts?.conversation_parts ?? {})
const errorOf = (answer: Answer): unknown => answer.body.errors?.[0]?.code
const topicsOf = (desk: PretendIntercom): string[] => desk.pending.map(d => d.event)
const itemOf = (desk: PretendIntercom, topic: string): Tree => {
  const found = desk.pending.findLast(d => d.event === topic)
  if (found === undefined) throw new Error(`no ${topic} among ${topicsOf(desk).join(', ')}`)
  return JSON.parse(found.body).data.item
}

describe('what is refused', () => {
  test('a wrong token, a wrong version and a wrong media type each have their own answer', async () => {
    await withDesk(async desk => {
      const answers = await Promise.all([
        call(desk, 'GET', '/me', undefined, { authorization: 'Bearer nobody' }),
        call(desk, 'GET', '/me', undefined, { 'intercom-version': '3.1' }),
        call(desk, 'GET', '/me', undefined, { accept: 'text/html' }),
        call(desk, 'POST', '/tags', 'name=late', { 'content-type': 'application/x-www-form-urlencoded' }),
        call(desk, 'POST', '/tags', '{"name":', {}),
        call(desk, 'GET', '/conversation'),
        call(desk, 'DELETE', '/admins'),
        call(desk, 'GET', '/macros', undefined, { 'intercom-version': '2.14' }),
        call(desk, 'GET', '/conversations/deleted', undefined, { 'intercom-version': '2.13' })
      ])
      expect(answers.map(a => [a.status, errorOf(a)])).toEqual([
        [401, 'unauthorized'], [400, 'intercom_version_invalid'], [406, 'media_type_not_acceptable'],
        [415, 'client_error'], [400, 'bad_request'], [404, 'not_found'], [405, 'client_error'],
        [400, 'intercom_version_invalid'], [400, 'intercom_version_invalid']
      ])
      for (const answer of answers) {
        expect(answer.body.type).toBe('error.list')
        expect(answer.headers.get('x-ratelimit-limit')).toBe('1667')
        expect(Number(answer.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000 - 1)
      }
    })
  })

  test('a note needs a known admin, words, known fields and a conversation that is there', async () => {
    await withDesk(async desk => {
      const id = openOne(desk)
      const good = noteOf(desk)
      const refused: Array<[string, unknown, number, string]> = [
        [id, { ...good, admin_id: undefined }, 400, 'parameter_not_found'],
        [id, { ...good, admin_id: '12' }, 404, 'not_found'],
        [id, { ...good, admin_id: true }, 400, 'parameter_invalid'],
        [id, { ...good, body: '' }, 400, 'parameter_invalid'],
        [id, { ...good, body: 7 }, 400, 'parameter_invalid'],
        [id, { ...good, message_type: 'remark' }, 400, 'parameter_invalid'],
        [id, { ...good, type: 'bot' }, 400, 'parameter_invalid'],
        [id, { ...good, private: true }, 400, 'parameter_invalid'],
        [id, { ...good, created_at: '2026-03-02' }, 400, 'parameter_invalid'],
        [id, { ...good, attachment_urls: Array(11).fill('https://files.example/a.png') }, 400, 'parameter_invalid'],
        [id, [good], 400, 'parameter_invalid'],
        ['215473000999999', good, 404, 'not_found'],
        ['last', good, 404, 'not_found']
      ]
      for (const [ticketId, body, status, code] of refused) {
        const answer = await call(desk, 'POST', `/conversations/${ticketId}/reply`, body)
        expect([body, answer.status, errorOf(answer)]).toEqual([body, status, code])
      }
      expect(desk.journal.map(line => line.kind)).toEqual(['opened'])
      expect((await call(desk, 'POST', `/conversations/${id}/reply`, { ...good, admin_id: 7190999 })).status).toBe(200)
    })
  })

  test('a search says what is wrong with it', async () => {
    await withDesk(async desk => {
      openOne(desk)
      const one = { field: 'updated_at', operator: '>', value: 1 }
      const or = (...value: unknown[]): unknown => ({ operator: 'OR', value })
      const refused: unknown[] = [
        {}, { query: { ...one, field: 'colour' } }, { query: { ...one, operator: '~' } },
        { query: { ...one, operator: '>=' } }, { query: { ...one, value: 'yesterday' } },
        { query: { field: 'open', operator: '=', value: 'yes' } },
        { query: { field: 'state', operator: 'IN', value: 'open' } },
        { query: { field: 'state', operator: '>', value: 'open' } },
        { query: or(or(or(one))) }, { query: or(...Array(16).fill(one)) }, { query: { operator: 'XOR', value: [one] } },
        { query: one, pagination: { per_page: 151 } }, { query: one, pagination: { per_page: 0 } },
        { query: one, pagination: { starting_after: 'page two' } }, { query: one, sort: { field: 'updated_at', order: 'asc' } },
        { query: one, sort: { field: 'mood' } }, { query: one, limit: 5 }
      ]
      for (const body of refused) {
        const answer = await call(desk, 'POST', '/conversations/search', body)
        expect([body, answer.status]).toEqual([body, 400])
      }
      const two = { query: { operator: 'AND', value: [or(one, one), one] }, pagination: { per_page: 150 } }
      expect((await call(desk, 'POST', '/conversations/search', two)).body.total_count).toBe(1)
      expect((await call(desk, 'GET', '/conversations?per_page=151')).status).toBe(400)
      expect((await call(desk, 'GET', '/conversations/deleted?per_page=61')).status).toBe(400)
    })
  })

  test('managing, redacting, tagging, events and attributes are held to their rules', async () => {
    await withDesk(async desk => {
      const id = openOne(desk)
      const admin = { admin_id: desk.settings.INTERCOM_ADMIN_ID }
      const cases: Array<[string, string, unknown, number, string]> = [
        ['POST', `/conversations/${id}/parts`, { message_type: 'close', ...admin }, 400, 'parameter_not_found'],
        ['POST', `/conversations/${id}/parts`, { message_type: 'snoozed', ...admin }, 400, 'parameter_not_found'],
        ['POST', `/conversations/${id}/parts`, { message_type: 'assignment', type: 'team', assignee_id: '5', ...admin },
          404, 'assignee_not_found'],
        ['POST', '/conversations/redact', { type: 'conversation_part', conversation_id: id, conversation_part_id: '1' },
          404, 'conversation_part_or_message_not_found'],
        ['POST', `/conversations/${id}/tags`, { id: '4', ...admin }, 404, 'tag_not_found'],
        ['DELETE', `/conversations/${id}/tags/4`, admin, 404, 'tag_not_found'],
        ['POST', '/tags', { title: 'late' }, 400, 'parameter_invalid'],
        ['PUT', `/conversations/${id}`, { custom_attributes: { Mood: 'grim' } }, 400, 'parameter_invalid'],
        ['GET', '/contacts/6a0dffffffffffffffffffff', undefined, 404, 'not_found'],
        ['GET', `/tickets/${id}`, undefined, 404, 'not_found'],
        ['POST', '/events', { event_name: 'viewed', email: nadia.email }, 400, 'parameter_not_found'],
        ['POST', '/events', { event_name: 'viewed', created_at: 1, email: 'x@y.example' }, 404, 'not_found']
      ]
      for (const [method, path, body, status, code] of cases) {
        const answer = await call(desk, method, path, body)
        expect([path, body, answer.status, errorOf(answer)]).toEqual([path, body, status, code])
      }
      const date = { field: 'created_at', operator: '!=', value: 5 }
      expect((await call(desk, 'POST', '/contacts/search', { query: date })).status).toBe(400)
    })
  })
})

describe('what is told', () => {
  test('a note of a program stays inside, is stamped with the present and comes back as a webhook', async () => {
    await withDesk(async desk => {
      const id = openOne(desk)
      desk.setNow(at(5))
      const answer = await call(desk, 'POST', `/conversations/${id}/reply`,
        noteOf(desk, '<!-- key --><p data-key="k">They left <i>Monday</i>.</p>'))
      const note = partsOf(answer).at(-1)
      expect(note).toMatchObject({
        part_type: 'note', body: '<p>They left <i>Monday</i>.</p>', created_at: (start + 300_000) / 1000,
        app_package_code: 'deskloop-fernhollow', author: { id: desk.settings.INTERCOM_ADMIN_ID, type: 'admin' }
      })
      expect(answer.body.updated_at).toBe((start + 300_000) / 1000)
      expect(itemOf(desk, 'conversation.admin.noted').conversation_parts?.conversation_parts?.[0]?.id).toBe(note?.id)
      expect(desk.journal.at(-1)).toMatchObject({ kind: 'note', by: 'api', public: false, text: 'They left Monday.' })
    })
  })

  test('a comment of a program is seen by the customer, and the journal says so', async () => {
    await withDesk(async desk => {
      const id = openOne(desk)
      const answer = await call(desk, 'POST', `/conversations/${id}/reply`, { ...noteOf(desk), message_type: 'comment' })
      expect(partsOf(answer).at(-1)?.part_type).toBe('comment')
      expect(desk.journal.at(-1)).toMatchObject({ kind: 'message', by: 'api', public: true, ticketId: id })
      expect(topicsOf(desk)).toEqual(['conversation.user.created', 'conversation.admin.replied'])
    })
  })

  test('texts are html in REST, plain when asked, and in webhooks as the version has it', async () => {
    for (const payloadVersion of ['2.14', '2.16'] as const) {
      await withDesk(async desk => {
        const id = openOne(desk)
        desk.customerWrites(id, { at: at(1), text: 'Glass & "fragile"\n\nPlease <hurry>' })
        const html = '<p>Glass &amp; &quot;fragile&quot;</p><p>Please &lt;hurry&gt;</p>'
        const plain = 'Glass & "fragile"\n\nPlease <hurry>'
        const said = itemOf(desk, 'conversation.user.replied')
        expect(said.conversation_parts?.conversation_parts?.[0]?.body).toBe(payloadVersion === '2.14' ? html : plain)
        expect(said.priority).toBe(payloadVersion === '2.14' ? 'not_priority' : 'none')
        expect(partsOf(await call(desk, 'GET', `/conversations/${id}`))[0]?.body).toBe(html)
        expect(partsOf(await call(desk, 'GET', `/conversations/${id}?display_as=plaintext`))[0]?.body).toBe(plain)
        const first = (await call(desk, 'GET', `/conversations/${id}`)).body.source?.body
        expect(first).toBe('<p>Two crates of glass are late.<br>Where are they?</p>')
      }, { payloadVersion })
    }
  })

  test('one action fires all its topics with the same part', async () => {
    await withDesk(async desk => {
      const id = openOne(desk)
      const part = desk.agentReplies(id, { at: at(4), text: 'On their way.', agentId: 'bram', assign: true })
      expect(topicsOf(desk).slice(1)).toEqual([
        'conversation.admin.replied', 'conversation.admin.assigned', 'conversation.admin.open.assigned'
      ])
      for (const topic of topicsOf(desk).slice(1)) {
        const told = itemOf(desk, topic).conversation_parts?.conversation_parts?.[0]
        expect([told?.id, told?.part_type, told?.body]).toEqual([part, 'assignment', 'On their way.'])
      }
      const s = (await call(desk, 'GET', `/conversations/${id}`)).body.statistics
      expect(s).toMatchObject({
        time_to_admin_reply: 240, time_to_assignment: 240, first_admin_reply_at: start / 1000 + 240,
        last_assignment_admin_reply_at: start / 1000 + 240
      })
      expect(itemOf(desk, 'conversation.admin.replied').statistics?.first_admin_reply_at).toBe('2026-03-02T09:04:00.000Z')
    })
  })

  test('a customer on a closed conversation opens it with the message itself', async () => {
    await withDesk(async desk => {
      const id = openOne(desk)
      desk.solve(id, { at: at(2), agentId: 'bram', text: 'They arrived.' })
      desk.customerWrites(id, { at: at(9), text: 'One is broken.' })
      const { body } = await call(desk, 'GET', `/conversations/${id}`)
      expect(body).toMatchObject({ state: 'open', open: true, waiting_since: start / 1000 + 540 })
      expect(body.statistics).toMatchObject({ count_reopens: 1, time_to_first_close: 120, last_closed_by_id: '7190101' })
      const part = itemOf(desk, 'conversation.user.replied').conversation_parts?.conversation_parts?.[0]
      expect(part).toMatchObject({ part_type: 'open', body: 'One is broken.' })
      expect(topicsOf(desk)).toEqual(['conversation.user.created', 'conversation.admin.replied',
        'conversation.admin.closed', 'conversation.user.replied'])
    })
  })

  test('every other thing people do has its topic, its trace and its line in the journal', async () => {
    await withDesk(async desk => {
      const id = openOne(desk)
      const other = openOne(desk)
      const message = desk.customerWrites(id, { at: at(1), text: 'Order 88.' })
      desk.botReplies(id, { at: at(2), text: 'Have you looked at the map?' })
      desk.agentNotes(id, { at: at(3), text: 'Ask the depot.', agentId: 'ines' })
      desk.assign(id, { at: at(4), agentId: 'ines' })
      desk.assign(id, { at: at(5), group: 'Depot' })
      desk.tag(id, { at: at(6), tags: ['late', 'LATE'] })
      desk.escalate(id, { at: at(7) })
      desk.solve(id, { at: at(8) })
      desk.rate(id, { at: at(9), good: false, comment: 'Slow' })
      desk.rate(id, { at: at(10), good: true })
      desk.reopen(id, { at: at(11) })
      desk.redact(id, { at: at(12), messageId: message })
      desk.merge(other, { at: at(13), into: id })
      expect(topicsOf(desk).slice(2)).toEqual([
        'conversation.user.replied', 'conversation.operator.replied', 'conversation.admin.noted',
        'conversation.admin.assigned', 'conversation.admin.open.assigned', 'conversation.admin.assigned',
        'conversation.admin.open.assigned', 'conversation_part.tag.created', 'conversation.priority.updated',
        'conversation.admin.closed', 'conversation.rating.added', 'conversation.admin.opened',
        'conversation_part.redacted', 'conversation.admin.closed'
      ])
      const { body } = await call(desk, 'GET', `/conversations/${id}`)
      expect(body).toMatchObject({
        priority: 'urgent', conversation_rating: { rating: 5, remark: null }, admin_assignee_id: 7190101,
        team_assignee_id: 9790001, ai_agent_participated: true, tags: { tags: [{ name: 'late' }] }
      })
      expect(partsOf({ status: 200, headers: new Headers(), body })[0]).toMatchObject({
        id: message, body: '<p><i>This message was deleted</i></p>', redacted: true
      })
      const gone = (await call(desk, 'GET', `/conversations/${other}`)).body
      expect([gone.state, gone.linked_objects?.data?.[0]?.id]).toEqual(['closed', id])
      expect(partsOf({ status: 200, headers: new Headers(), body: gone })[0]?.part_type).toBe('merged_primary_conversation')
      desk.remove(other, { at: at(14) })
      expect(itemOf(desk, 'conversation.deleted')).toEqual({ type: 'conversation', conversation_id: other })
      expect((await call(desk, 'GET', `/conversations/${other}`)).status).toBe(404)
      expect((await call(desk, 'GET', '/conversations/deleted')).body.conversations?.[0]?.id).toBe(other)
      expect(desk.journal.map(l => `${l.kind} ${l.by} ${l.public}`)).toEqual([
        'opened customer true', 'opened customer true', 'message customer true', 'message bot true', 'note agent false',
        'assigned agent false', 'assigned agent false', 'tagged agent false', 'updated agent false',
        'solved agent false', 'rated customer true', 'rated customer true', 'reopened agent false',
        'redacted agent true', 'merged bot false', 'deleted bot false'
      ])
      expect(desk.ticketIds()).toEqual([id])
    })
  })

  test('programs can tag, manage, update, redact and answer for a contact', async () => {
    await withDesk(async desk => {
      const id = openOne(desk)
      const admin = { admin_id: desk.settings.INTERCOM_ADMIN_ID }
      const tag = (await call(desk, 'POST', '/tags', { name: 'breakage' })).body
      expect((await call(desk, 'POST', '/tags', { name: 'Breakage' })).body).toEqual(tag)
      const applied = await call(desk, 'POST', `/conversations/${id}/tags`, { id: tag.id, ...admin })
      expect(applied.body).toMatchObject({ type: 'tag', name: 'breakage', applied_at: start / 1000 })
      expect((await call(desk, 'DELETE', `/conversations/${id}/tags/${String(tag.id)}`, admin)).status).toBe(200)
      const reply = { message_type: 'comment', type: 'user', email: nadia.email, body: 'Still waiting' }
      const asked = await call(desk, 'POST', '/conversations/last/reply', reply)
      expect(partsOf(asked).at(-1)).toMatchObject({ body: '<p>Still waiting</p>', author: { type: 'user' } })
      const until = start / 1000 + 7200
      const manage = (body: object): Promise<Answer> => call(desk, 'POST', `/conversations/${id}/parts`, { ...body, ...admin })
      expect((await manage({ message_type: 'snoozed', snoozed_until: until })).body).toMatchObject({ state: 'snoozed' })
      expect((await manage({ message_type: 'open' })).body).toMatchObject({ state: 'open', snoozed_until: null })
      expect((await manage({ message_type: 'close', type: 'admin', body: 'Bye' })).body).toMatchObject({ open: false })
      const nobody = await manage({ message_type: 'assignment', type: 'admin', assignee_id: '0' })
      expect(partsOf(nobody).at(-1)).toMatchObject({ assigned_to: { type: 'nobody_admin', id: null } })
      desk.addAttribute('Depot')
      const put = await call(desk, 'PUT', `/conversations/${id}`, { title: 'Glass', custom_attributes: { Depot: 'N4' } })
      expect(put.body).toMatchObject({ title: 'Glass', custom_attributes: { Depot: 'N4' } })
      const source = { type: 'source', conversation_id: id, source_id: put.body.source?.id }
      expect((await call(desk, 'POST', '/conversations/redact', source)).body.source).toMatchObject({ redacted: true })
      const event = { event_name: 'viewed-order', created_at: 1, user_id: nadia.id, metadata: { order: '88' } }
      expect((await call(desk, 'POST', '/events', event)).status).toBe(202)
    })
  })
})

describe('lists', () => {
  test('searching pages to the end, oldest change first, each conversation once and without parts', async () => {
    await withDesk(async desk => {
      const ids = Array.from({ length: 7 }, (_, i) => openOne(desk, i))
      desk.customerWrites(ids[2] ?? '', { at: at(30), text: 'More' })
      const query = {
        operator: 'AND',
        value: [
          { field: 'updated_at', operator: '>', value: start / 1000 + 60 },      // inclusive, as documented
          { field: 'updated_at', operator: '<', value: String(start / 1000 + 1800) }
        ]
      }
      const seen: unknown[] = []
      let after: unknown
      for (let page = 1; page < 9; page++) {
        const { body } = await call(desk, 'POST', '/conversations/search', {
          query, sort: { field: 'updated_at', order: 'ascending' }, pagination: { per_page: 2, starting_after: after }
        })
        expect(body.total_count).toBe(6)
        expect(body.pages).toMatchObject({ page, per_page: 2, total_pages: 3 })
        for (const c of Object.values(body.conversations ?? {})) {
          expect(c).not.toHaveProperty('conversation_parts')
          seen.push(c.id)
        }
        after = body.pages?.next?.starting_after
        if (after === undefined) break
      }
      expect(seen).toEqual([ids[1], ids[3], ids[4], ids[5], ids[6], ids[2]])
      const list = (await call(desk, 'GET', '/conversations?per_page=2')).body
      expect(Object.values(list.conversations ?? {}).map(c => c.id)).toEqual([ids[2], ids[6]])
      const rest = (await call(desk, 'GET', `/conversations?starting_after=${String(list.pages?.next?.starting_after)}`)).body
      expect(Object.values(rest.conversations ?? {})).toHaveLength(5)
    })
  })

  test('the search understands every operator', async () => {
    await withDesk(async desk => {
      const a = openOne(desk)
      const b = desk.openTicket({
        at: at(1), subject: 'Invoice', text: 'The invoice is doubled', channel: 'email',
        person: { id: 'cust-32', name: 'Ove Lindqvist', email: 'ove@tarnby.example' }, tags: ['billing']
      })
      desk.assign(b, { at: at(2), agentId: 'ines' })
      const find = async (field: string, operator: string, value: unknown): Promise<unknown[]> => {
        const { body } = await call(desk, 'POST', '/conversations/search', { query: { field, operator, value } })
        return Object.values(body.conversations ?? {}).map(c => c.id)
      }
      expect(await find('source.author.email', '=', 'ove@tarnby.example')).toEqual([b])
      expect(await find('source.author.email', '~', 'TARNBY')).toEqual([b])
      expect(await find('source.author.email', '!~', 'tarnby')).toEqual([a])
      expect(await find('source.author.name', '^', 'Ov')).toEqual([b])
      expect(await find('source.author.name', '$', 'Quist')).toEqual([a])
      expect(await find('source.body', '=', 'invoice')).toEqual([b])
      expect(await find('source.body', '=', 'The invoice')).toEqual([])
      expect(await find('admin_assignee_id', '=', null)).toEqual([a])
      expect(await find('admin_assignee_id', '!=', null)).toEqual([b])
      expect(await find('state', 'IN', ['open', 'snoozed'])).toEqual([b, a])
      expect(await find('id', 'NIN', [a])).toEqual([b])
      expect(await find('tag_ids', '=', '9100001')).toEqual([b])
      expect(await find('statistics.count_assignments', '>', 1)).toEqual([b])
      expect(await find('open', '=', true)).toEqual([b, a])
    })
  })

  test('people, knowledge and tickets can be listed', async () => {
    await withDesk(async desk => {
      const id = openOne(desk)
      desk.addArticle({ at: at(1), title: 'Glass by mail', text: 'Crates leave on Mondays.' })
      desk.addArticle({ at: at(2), title: 'Draft of nothing', text: 'Later', draft: true })
      for (const i of [3, 4, 5]) desk.addMacro({ at: at(i), name: `Greeting ${i}`, html: '<p>Hi <attribute key="user.name" default="you"/></p>' })
      const company = desk.addCompany({ at: at(3), name: 'Pellworth Glass', companyId: 'pw-1', person: nadia })
      const found = await call(desk, 'GET', '/articles/search?phrase=crates&highlight=true')
      expect(found.body).toMatchObject({ total_count: 1, data: { articles: [{ title: 'Glass by mail' }] } })
      const articles = (await call(desk, 'GET', '/articles?per_page=1')).body
      expect(articles).toMatchObject({ total_count: 2, data: [{ title: 'Draft of nothing' }] })
      expect(String(articles.pages?.next)).toBe(`${desk.url}/articles?per_page=1&page=2`)
      const macros = (await call(desk, 'GET', '/macros?per_page=2')).body
      expect(macros.data?.[0]).toMatchObject({ name: 'Greeting 5', body_text: 'Hi {{user.name|fallback:"you"}}' })
      const next = String(macros.pages?.next?.starting_after)
      expect((await call(desk, 'GET', `/macros?starting_after=${next}`)).body).toMatchObject({ data: [{ name: 'Greeting 3' }], pages: { next: null } })
      const query = { field: 'email', operator: '=', value: nadia.email }
      const contact = (await call(desk, 'POST', '/contacts/search', { query })).body.data?.[0]
      expect(contact).toMatchObject({ external_id: nadia.id, companies: { data: [{ id: company }] } })
      const dated = (value: number): Promise<Answer> =>
        call(desk, 'POST', '/contacts/search', { query: { field: 'created_at', operator: '>', value } })
      expect((await dated(start / 1000 - 3600)).body.total_count).toBe(0)        // the same day is not "greater"
      expect((await dated(start / 1000 - 86400)).body.total_count).toBe(1)
      desk.convertToTicket(id, { at: at(6), title: 'Crates' })
      const note = await call(desk, 'POST', `/tickets/${id}/reply`, noteOf(desk))
      expect(note.body).toMatchObject({ type: 'ticket_part', part_type: 'note' })
      expect(itemOf(desk, 'ticket.note.created')).toMatchObject({ type: 'ticket_ticket_part', ticket: { id, admin_assignee_id: '0' } })
      const title = { field: 'title', operator: '=', value: 'Crates' }
      expect((await call(desk, 'POST', '/tickets/search', { query: title })).body).toMatchObject({ type: 'ticket.list', total_count: 1 })
      desk.mergeContact({ ...nadia, id: 'cust-40', email: 'nq@pellworth.example' }, nadia)
      const merged = await call(desk, 'GET', '/contacts/6a0d00000000000000000002')
      expect([merged.status, merged.headers.get('link')]).toEqual([410, `</contacts/${String(contact?.id)}>; rel="canonical"`])
    })
  })

  test('of a long conversation only the 500 newest parts are told, with the true count', async () => {
    await withDesk(async desk => {
      const id = openOne(desk)
      for (let i = 0; i < 503; i++) desk.customerWrites(id, { at: at(i + 1), text: `Line ${i}` })
      const answer = await call(desk, 'GET', `/conversations/${id}`)
      expect(answer.body.conversation_parts?.total_count).toBe(503)
      expect(partsOf(answer)).toHaveLength(500)
      expect(partsOf(answer)[0]?.body).toBe('<p>Line 3</p>')
    })
  })

  test('the same calls make the same ids and bodies', async () => {
    const bodies: string[][] = []
    for (let i = 0; i < 2; i++) {
      await withDesk(async desk => {
        desk.agentReplies(openOne(desk), { at: at(1), text: 'Yes', agentId: 'bram' })
        bodies.push(desk.pending.map(d => d.body))
      })
    }
    expect(bodies[0]).toHaveLength(2)
    expect(bodies[0]).toEqual(bodies[1])
  })
})

describe('deliveries', () => {
  test('the signature is the one of the published vector', () => {
    if (!existsSync(samples)) { console.warn('no samples of the vendor here: the vector is not checked'); return }
    const vector = JSON.parse(readFileSync(new URL('webhook.signature.vector.json', samples), 'utf8'))
    expect(signatureOf(vector.raw_body, vector.client_secret)).toBe(vector.headers['X-Hub-Signature'])
  })

  test('a delivery is signed over its bytes, and an address is asked with HEAD before', async () => {
    const got: Array<{ method: string, signature: string, body: Buffer }> = []
    const server = createServer((request, answer) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const signature = String(request.headers['x-hub-signature'])
        got.push({ method: request.method ?? '', signature, body: Buffer.concat(chunks) })
        answer.statusCode = request.url === '/hook' ? 200 : 404
        answer.end()
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    await withDesk(async desk => {
      const url = `http://127.0.0.1:${address.port}`
      expect([await desk.validate(`${url}/hook`), await desk.validate(`${url}/elsewhere`)]).toEqual([true, false])
      openOne(desk)
      desk.ping()
      desk.webhookUrl = `${url}/hook`
      expect(await desk.send({ concurrency: 1 })).toMatchObject({ sent: 2, failed: 0 })
      const [first, second] = got.slice(2)
      const key = desk.settings.INTERCOM_CLIENT_SECRET ?? ''
      expect(first?.signature).toBe('sha1=' + createHmac('sha1', key).update(first?.body ?? '').digest('hex'))
      expect(JSON.parse(String(second?.body))).toMatchObject({ topic: 'ping', id: null, delivery_status: null })
    })
    await new Promise(resolve => { server.close(resolve); server.closeAllConnections() })
  })
})

describe('misfortunes', () => {
  test('each kind happens as it is told', async () => {
    await withDesk(async desk => {
      const id = openOne(desk)
      const write = (): Promise<Answer> => call(desk, 'POST', `/conversations/${id}/reply`, noteOf(desk))
      const notes = (): number => desk.journal.filter(line => line.by === 'api').length
      const calm = { ...desk.faults }
      desk.faults = { ...calm, error500: 1 }
      expect(await write()).toMatchObject({ status: 500, body: { type: 'error.list' } })
      expect((await call(desk, 'POST', '/conversations/search', { query: { field: 'id', operator: '=', value: id } })).status).toBe(200)
      desk.faults = { ...calm, rateLimited: 1 }
      const limited = await write()
      expect([limited.status, errorOf(limited), limited.headers.get('x-ratelimit-remaining')])
        .toEqual([429, 'rate_limit_exceeded', '0'])
      expect(notes()).toBe(0)
      desk.faults = { ...calm, lostAnswer: 1 }
      await expect(write()).rejects.toThrow()
      expect(notes()).toBe(1)
      const hurried = (): Promise<Response> => fetch(`${desk.url}/conversations/${id}/reply`, {
        method: 'POST', body: JSON.stringify(noteOf(desk)), signal: AbortSignal.timeout(30),
        headers: { authorization: `Bearer ${desk.settings.INTERCOM_ACCESS_TOKEN ?? ''}`, 'content-type': 'application/json' }
      })
      desk.faults = { ...calm, hang: 1 }
      await expect(hurried()).rejects.toThrow()
      desk.faults = { ...calm, slowMs: 60 }
      await expect(hurried()).rejects.toThrow()
      for (let i = 0; i < 50 && notes() < 2; i++) await new Promise(resolve => setTimeout(resolve, 20))
      expect(notes()).toBe(2)                       // slow is not lost; what hung is
      desk.faults = { ...calm, late: 1, lateMs: 60 }
      await expect(hurried()).rejects.toThrow()
      desk.faults = calm
      for (let i = 0; i < 50 && notes() < 3; i++) await new Promise(resolve => setTimeout(resolve, 20))
      expect(notes()).toBe(3)
      expect(desk.journal.every(line => line.kind !== 'note' || !line.public)).toBe(true)
      desk.faults = { ...calm, publicNotes: 1 }
      const told = partsOf(await write()).at(-1)
      expect(told?.part_type).toBe('comment')
      expect(desk.journal.at(-1)).toMatchObject({ kind: 'message', by: 'api', public: true, messageId: told?.id })
      expect(topicsOf(desk).at(-1)).toBe('conversation.admin.replied')
    })
  })

  test('the limit of a slice is refused where it is asked for', async () => {
    await withDesk(async desk => {
      const seen = new Set<number>()
      for (let i = 0; i < 8; i++) seen.add((await call(desk, 'GET', '/me')).status)
      expect([...seen]).toEqual([200, 429])
    }, { rateLimit: 3 })
  })
})

describe('against what the vendor publishes', () => {
  test('answers and webhooks have the keys of the samples', async () => {
    if (!existsSync(samples)) { console.warn('no samples of the vendor here: shapes are not compared'); return }
    await withDesk(async desk => {
      const id = openOne(desk)
      const message = desk.customerWrites(id, { at: at(1), text: 'Order 88.' })
      desk.botReplies(id, { at: at(2), text: 'Look here.' })
      desk.agentReplies(id, { at: at(3), text: 'On it.', agentId: 'ines', assign: true })
      desk.tag(id, { at: at(4), tags: ['late'] })
      desk.escalate(id, { at: at(4) })
      desk.solve(id, { at: at(5) })
      desk.rate(id, { at: at(6), good: true, comment: 'Fine' })
      desk.redact(id, { at: at(7), messageId: message })
      desk.reopen(id, { at: at(8) })
      desk.assign(id, { at: at(9), group: 'Depot' })
      desk.addArticle({ at: at(1), title: 'Glass', text: 'Crates' })
      desk.addMacro({ at: at(1), name: 'Hello', html: '<p>Hi</p>' })
      desk.addCompany({ at: at(1), name: 'Pellworth', companyId: 'pw', person: nadia, plan: 'Big' })
      const noted = await call(desk, 'POST', `/conversations/${id}/reply`, noteOf(desk))
      const newer = { 'intercom-version': '2.16' }
      const contactId = String(noted.body.contacts?.contacts?.[0]?.id)
      openOne(desk, 1)
      const list = { query: { field: 'created_at', operator: '>', value: 1 }, pagination: { per_page: 1 } }
      const tag = { id: '9100001', admin_id: desk.settings.INTERCOM_ADMIN_ID }
      const told: Record<string, unknown> = {
        'rest.conversation.get': (await call(desk, 'GET', `/conversations/${id}`)).body,
        'rest.conversation.reply.note.response': noted.body,
        'rest.conversations.search.response': (await call(desk, 'POST', '/conversations/search', list)).body,
        'rest.conversation.tag.response': (await call(desk, 'POST', `/conversations/${id}/tags`, tag)).body,
        'rest.me': (await call(desk, 'GET', '/me')).body,
        'rest.admins.list': (await call(desk, 'GET', '/admins')).body,
        'rest.teams.list': (await call(desk, 'GET', '/teams')).body,
        'rest.macros.list': (await call(desk, 'GET', '/macros', undefined, newer)).body,
        'rest.articles.search': (await call(desk, 'GET', '/articles/search?phrase=glass&highlight=true')).body,
        'rest.contact.get': (await call(desk, 'GET', `/contacts/${contactId}`)).body,
        'rest.contact.companies': (await call(desk, 'GET', `/contacts/${contactId}/companies`)).body,
        'rest.error.404': (await call(desk, 'GET', '/conversations/7')).body,
        'rest.error.400': (await call(desk, 'POST', `/conversations/${id}/reply`, { ...noteOf(desk), admin_id: [] })).body
      }
      desk.remove(id, { at: at(20) })
      for (const d of desk.pending) told[`webhook.${d.event}`] = JSON.parse(d.body)
      expect(Object.keys(told).length).toBeGreaterThan(25)
      for (const [name, answer] of Object.entries(told)) {
        const sample = JSON.parse(readFileSync(new URL(`${name}.json`, samples), 'utf8'))
        expect([name, differences(answer, sample)]).toEqual([name, []])
      }
    }, { payloadVersion: '2.14' })
  })

  test('answers hold to the published description', async () => {
    const yaml = await loadYaml()
    if (yaml === null || !existsSync(description)) { console.warn('no description of the vendor here: not compared'); return }
    const { Ajv } = await import('ajv')
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
    ajv.addSchema({ $id: 'intercom', components: nullable(yaml(readFileSync(description, 'utf8'))) })
    await withDesk(async desk => {
      const id = openOne(desk)
      desk.assign(id, { at: at(1), agentId: 'ines' })
      desk.assign(id, { at: at(1), group: 'Depot' })
      desk.tag(id, { at: at(1), tags: ['late'] })
      desk.addArticle({ at: at(1), title: 'Glass', text: 'Crates' })
      desk.addMacro({ at: at(1), name: 'Hello', html: '<p>Hi</p>' })
      desk.convertToTicket(id, { at: at(2), title: 'Crates' })
      desk.remove(openOne(desk), { at: at(3) })
      const cases: Array<[string, string]> = [
        ['/me', 'admin_with_app'], ['/admins', 'admin_list'], ['/teams', 'team_list'], ['/tags', 'tag_list'],
        ['/macros', 'macro_list'], ['/articles', 'article_list'], ['/articles/search?phrase=glass', 'article_search_response'],
        ['/conversations/deleted', 'deleted_conversation_list'], [`/tickets/${id}`, 'ticket'],
        ['/conversations/7', 'error'], [`/conversations/${id}`, 'conversation']
      ]
      for (const [path, schema] of cases) {
        const { body } = await call(desk, 'GET', path)
        // Real answers have null among the statistics and booleans among the attributes; the description has neither
        if (schema === 'conversation') Object.assign(body, { statistics: null, ticket: undefined, custom_attributes: {} })
        // The described request id is a uuid, the seen ones are not; formats are therefore not compared
        ajv.validate({ $ref: `intercom#/components/schemas/${schema}` }, JSON.parse(JSON.stringify(body)))
        const faults = (ajv.errors ?? []).map(e => `${e.instancePath} ${e.message ?? ''}`)
        expect([path, faults]).toEqual([path, []])
      }
    })
  })
})
