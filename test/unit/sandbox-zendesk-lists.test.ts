// The lists of the pretend Zendesk end where the vendor's end, and its answers look like recorded ones.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import { at, events, newTicket, openDesk } from '../sandbox/zendesk-asking.ts'
import type { Ask, Got, Seen } from '../sandbox/zendesk-asking.ts'
import { sign } from '../sandbox/zendesk-hooks.ts'
import type { PretendZendesk } from '../sandbox/zendesk.ts'

const SHARED = new URL('../../../shared/', import.meta.url)
const SAMPLES = new URL('vendors/samples/zendesk/', SHARED)
const SPEC = new URL('vendor-specs/zendesk-support-openapi.yaml', SHARED)

let desk: PretendZendesk
let ask: Ask

beforeEach(async () => { ({ desk, ask } = await openDesk()) })
afterEach(async () => { await desk.close() })

describe('lists', () => {
  test('are read to the end by cursor and by offset', async () => {
    const id = newTicket(desk)
    for (let i = 1; i <= 7; i++) desk.customerWrites(id, { at: at(i), text: `more ${i}` })
    const seen: number[] = []
    for (let next: string | null = `tickets/${id}/comments?page[size]=3`; next !== null;) {
      const { body }: Got = await ask('GET', next)
      seen.push(...body.comments.map((comment: Seen) => comment.id))
      next = body.meta.has_more === true ? body.links.next : null
    }
    const all = (await ask('GET', `tickets/${id}/comments.json?include=users`)).body
    expect(seen).toEqual(all.comments.map((comment: Seen) => comment.id))
    expect([all.count, all.next_page, all.users.length]).toEqual([8, null, 1])
    const last = (await ask('GET', `tickets/${id}/comments?sort=-created_at&page[size]=1`)).body
    expect(last.comments[0].id).toBe(seen.at(-1))
    const second = (await ask('GET', `tickets/${id}/audits?per_page=5&page=2`)).body
    expect([second.audits.length, second.next_page]).toEqual([3, null])
    for (const bad of ['page[size]=101', 'page[size]=2&page[after]=zzz', 'page=101', 'page[size]=2&sort=body', 'page=x']) {
      expect((await ask('GET', `tickets/${id}/comments?${bad}`)).status).toBe(400)
    }
    expect((await ask('GET', 'users/search?query=olga&page[size]=5')).body.error.title).toBe('Invalid attribute')
  })

  test('of changes come in order of change, without the latest minute', async () => {
    const ids = Array.from({ length: 5 }, (_, i) => newTicket(desk, i))
    desk.customerWrites(ids[0] ?? '', { at: at(10), text: 'again' })
    desk.remove(ids[1] ?? '', { at: at(11) })
    const start = Date.parse(at(0)) / 1000
    const recent = await ask('GET', `incremental/tickets/cursor?start_time=${Date.parse(at(10, 30)) / 1000}`)
    expect([recent.status, recent.body.error]).toEqual([422, 'InvalidValue'])
    expect((await ask('GET', `incremental/tickets/cursor?start_time=${start}&per_page=1001`)).status).toBe(400)
    const early = (await ask('GET', `incremental/tickets/cursor?start_time=${start}&per_page=2&include=users`)).body
    expect([early.tickets.length, early.users.length, early.end_of_stream]).toEqual([2, 1, false])
    const rest = (await ask('GET', early.after_url)).body
    expect([rest.tickets.at(-1).id, rest.end_of_stream]).toEqual([Number(ids[0]), true])
    desk.setNow(at(20))
    const late = (await ask('GET', `incremental/tickets/cursor?cursor=${encodeURIComponent(rest.after_cursor)}`)).body
    expect(late.tickets.map((ticket: Seen) => [ticket.id, ticket.status])).toEqual([[Number(ids[1]), 'deleted']])
    const again = (await ask('GET', `incremental/tickets/cursor?cursor=${encodeURIComponent(late.after_cursor)}`)).body
    expect([again.tickets, again.after_cursor, again.end_of_stream]).toEqual([[], late.after_cursor, true])
    const happened = (await ask('GET', `incremental/ticket_events?start_time=${start}&include=comment_events`)).body
    expect([happened.count, happened.end_of_stream, happened.ticket_events[5].child_events[0].body]).toEqual([7, true, 'again'])
  })

  test('of a search are counted, cut by creation, and end at a thousand', async () => {
    for (let i = 0; i < 30; i++) newTicket(desk, i)
    const count = async (query: string): Promise<unknown> => {
      return (await ask('GET', `search/count?query=${encodeURIComponent(query)}`)).body.count
    }
    expect(await count(`type:ticket created>=${at(5)} created<${at(15)}`)).toBe(10)
    expect(await count('type:ticket created:2026-03-02 -status:new')).toBe(0)
    const found = (await ask('GET', 'search.json?query=type:ticket&sort_by=created_at&sort_order=asc&per_page=20')).body
    expect([found.count, found.results[0].result_type, found.results.length]).toEqual([30, 'ticket', 20])
    expect((await ask('GET', found.next_page)).body.results).toHaveLength(10)
    expect((await ask('GET', 'search?query=type:ticket&page=11')).status).toBe(422)
  })
})

const sampled = existsSync(SAMPLES) ? test : test.skip
sampled('answers have the key sets of recorded ones (skipped without the samples)', async () => {
  const id = newTicket(desk, 0, { tags: ['a'] })
  desk.agentReplies(id, { at: at(1), text: 'Yes', agentId: 'ines' })
  desk.rate(id, { at: at(2), good: false, comment: 'Slow' })
  await ask('PUT', `tickets/${id}`, { ticket: { comment: { body: 'Look', public: false } } })
  const shown: Record<string, unknown> = {
    'api.ticket.show': (await ask('GET', `tickets/${id}`)).body,
    'api.ticket.comments.offset': (await ask('GET', `tickets/${id}/comments?per_page=1`)).body,
    'api.ticket.audits': (await ask('GET', `tickets/${id}/audits?page[size]=1`)).body,
    'api.users.me': (await ask('GET', 'users/me')).body,
    'api.groups': (await ask('GET', 'groups?page[size]=1')).body,
    'api.ticket_fields': (await ask('GET', 'ticket_fields?page[size]=1')).body,
    'api.macros': (await ask('GET', 'macros?page[size]=1')).body,
    'api.search': (await ask('GET', 'search?query=type:ticket')).body,
    'api.satisfaction_ratings': (await ask('GET', 'satisfaction_ratings')).body,
    'api.ticket_metrics.by_ticket': (await ask('GET', `tickets/${id}/metrics`)).body,
    'api.help_center.incremental.articles': (await ask('GET', 'help_center/incremental/articles?start_time=0')).body,
    'api.organization.show': (await ask('GET', 'organizations/41300000000001')).body,
    'event.ticket.created': events(desk, id)[0],
    'event.ticket.comment_added.with_sequence': events(desk, id)[2],
    'event.ticket.csat_received': events(desk, id)[3]
  }
  for (const [name, body] of Object.entries(shown)) {
    const sample: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, SAMPLES), 'utf8'))
    expect([name, keysOf(body)]).toEqual([name, keysOf(sample)])
  }
  const hook = JSON.parse(readFileSync(new URL('headers.webhook_request.json', SAMPLES), 'utf8'))
  const sent = desk.pending[0]?.headers(new Date()) ?? {}
  expect(Object.keys(sent).toSorted()).toEqual(Object.keys(hook.headers).toSorted())
  const signed = hook.headers
  expect(sign(hook.signing_secret, signed['X-Zendesk-Webhook-Signature-Timestamp'], hook.raw_body))
    .toBe(signed['X-Zendesk-Webhook-Signature'])
})

/** The names on the first three levels, lists by their first element. */
function keysOf (value: Seen, depth = 3): unknown {
  if (Array.isArray(value)) return typeof value[0] === 'object' && depth > 0 ? [keysOf(value[0], depth)] : 'list'
  if (typeof value !== 'object' || value === null || depth === 0) return null
  const free = new Set([
    'custom', 'metadata', 'via', 'user_fields', 'organization_fields',
    'actions', 'events', 'custom_fields', 'fields', 'tags', 'satisfaction_rating'
  ])
  const names = Object.keys(value).toSorted()
  return Object.fromEntries(names.map(key => [key, free.has(key) ? null : keysOf(value[key], depth - 1)]))
}

const described = existsSync(SPEC) ? test : test.skip
described('answers fit the published description (skipped without it)', async () => {
  const id = newTicket(desk)
  desk.agentReplies(id, { at: at(1), text: 'Yes', agentId: 'ines' })
  const spec = createRequire(import.meta.url)('js-yaml').load(readFileSync(SPEC, 'utf8'))
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'zendesk', components: spec.components })
  // Recorded answers hold null where the description forgets it, so nulls are left out before the check.
  for (const [path, name] of [[`tickets/${id}`, 'TicketResponse'], [`tickets/${id}/comments`, 'TicketCommentsResponse'],
    [`tickets/${id}/audits`, 'TicketAuditsResponseNoneCursor'], ['groups', 'GroupsResponse'], ['search?query=type:ticket', 'SearchResponse'],
    ['incremental/tickets/cursor?start_time=0', 'CursorBasedExportIncrementalTicketsResponse']]) {
    const { body } = await ask('GET', path ?? '')
    const filled: unknown = JSON.parse(JSON.stringify(body), (_, value) => value === null ? undefined : value)
    expect([name, ajv.validate({ $ref: `zendesk#/components/schemas/${name}` }, filled), ajv.errors]).toEqual([name, true, null])
  }
})
