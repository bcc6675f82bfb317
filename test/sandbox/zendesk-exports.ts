// What the pretend Zendesk gives to programs that catch up or count: incremental exports, search, deleted tickets.
// https://developer.zendesk.com/documentation/ticketing/managing-tickets/using-the-incremental-export-api/
import { invalidAttribute, numberOf, offsetOf, pageOf, Refusal, withParams } from './zendesk-answers.ts'
import type { Answer } from './zendesk-answers.ts'
import { readQuery } from './zendesk-query.ts'
import type { Call, Route } from './zendesk-route.ts'
import { showGroup, showOrganization, showTicket } from './zendesk-shapes.ts'
import { lowerBound, unix } from './zendesk-state.ts'
import type { Audit, AuditEvent, State, Ticket } from './zendesk-state.ts'
import { usersOf } from './zendesk-tickets.ts'

const FRESH_SECONDS = 60                            // the latest minute is never exported
const MOST_PER_PAGE = 1000
const MOST_FOUND = 1000
const VIA_NAMES: Readonly<Record<string, string>> = {
  web: 'Web form', email: 'Mail', api: 'Web service', rule: 'Rule', chat: 'Chat', system: 'Merge'
}

export function exportRoutes (state: State): Route[] {
  return [
    { method: 'GET', path: 'incremental/tickets/cursor', handle: exportTickets },
    { method: 'GET', path: 'incremental/ticket_events', handle: exportEvents },
    { method: 'GET', path: 'search', handle: search },
    {
      method: 'GET',
      path: 'search/count',
      handle: call => ({ status: 200, body: { count: readQuery(state, queryOf(call)).length } })
    },
    { method: 'GET', path: 'deleted_tickets', handle: listDeleted }
  ]

  function exportTickets (call: Call): Answer {
    const place = 'api/v2/incremental/tickets/cursor'
    call.limits.take(call.reply, 'incremental-exports-cursor', 20, 60, '')
    const size = numberOf(call.url, 'per_page', MOST_PER_PAGE)
    if (size === null || size < 1 || size > MOST_PER_PAGE) throw invalidAttribute('per_page', `must be an integer up to ${MOST_PER_PAGE}`, place)
    const cursor = call.url.searchParams.get('cursor')
    const after = cursor === null ? { stamp: startOf(call, place), id: 0 } : readCursor(cursor, place)
    const until = unix(state.booth.now()) - FRESH_SECONDS
    const order = state.changed()
    const from = lowerBound(order, t => t.stamp < after.stamp || (t.stamp === after.stamp && t.id <= after.id))
    const end = lowerBound(order, t => t.stamp <= until)
    const taken = order.slice(from, Math.min(end, from + size))
    const page = call.url.searchParams.get('exclude_deleted') === 'true' ? taken.filter(t => t.deleted === null) : taken
    const last = taken.at(-1)
    const next = last === undefined ? cursor : makeCursor(last)
    const body = {
      tickets: page.map(ticket => showTicket(state, ticket)),
      ...sideloads(call, page),
      after_url: next === null ? null : withParams(call.url, { cursor: next, start_time: null }),
      after_cursor: next,
      before_url: null,
      before_cursor: null,
      end_of_stream: from + taken.length >= end
    }
    return { status: 200, body }
  }

  function sideloads (call: Call, page: readonly Ticket[]): object {
    const include = (call.url.searchParams.get('include') ?? '').split(',')
    const groupIds = new Set(page.map(ticket => ticket.values.group_id))
    const organizationIds = new Set(page.map(ticket => ticket.organizationId))
    const groups = [...state.groups.values()].filter(group => groupIds.has(group.id))
    const organizations = [...state.organizations.values()].filter(organization => organizationIds.has(organization.id))
    return {
      ...(include.includes('users') ? { users: usersOf(state, page) } : {}),
      ...(include.includes('groups') ? { groups: groups.map(group => showGroup(state, group)) } : {}),
      ...(include.includes('organizations') ? { organizations: organizations.map(one => showOrganization(state, one)) } : {})
    }
  }

  function startOf (call: Call, place: string): number {
    const start = numberOf(call.url, 'start_time', -1)
    if (start === null || start < 0) throw invalidAttribute('start_time', 'must be an integer', place)
    // Exporters report this wording from the times of a limit of five minutes; today's is one.
    if (start > unix(state.booth.now()) - FRESH_SECONDS) {
      throw new Refusal(422, { error: 'InvalidValue', description: 'Too recent start_time. Use a start_time older than 1 minute' })
    }
    return start
  }

  function exportEvents (call: Call): Answer {
    const place = 'api/v2/incremental/ticket_events'
    call.limits.take(call.reply, 'incremental-exports', 10, 60, '')
    const start = startOf(call, place)
    const withComments = (call.url.searchParams.get('include') ?? '').split(',').includes('comment_events')
    const until = unix(state.booth.now()) - FRESH_SECONDS
    const order = state.audits()
    const from = lowerBound(order, audit => unix(audit.createdAt) < start)
    const end = lowerBound(order, audit => unix(audit.createdAt) <= until)
    // A page ends with a whole second, or a busy second would never be passed: the next page begins at `end_time`.
    const full = order[Math.min(end, from + MOST_PER_PAGE) - 1]
    const to = full === undefined ? from : lowerBound(order, audit => audit.createdAt <= full.createdAt)
    const page = order.slice(from, Math.max(from, Math.min(end, to)))
    const last = page.at(-1)
    const ended = last === undefined ? start : unix(last.createdAt)
    const body = {
      ticket_events: page.map(audit => showEvent(audit, withComments)),
      next_page: withParams(call.url, { start_time: String(ended) }),
      count: page.length,
      end_of_stream: from + page.length >= end,
      end_time: ended
    }
    return { status: 200, body }
  }

  /** https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/ */
  function search (call: Call): Answer {
    const { number, size } = offsetOf(call.url)
    call.limits.take(call.reply, 'search-index', 2500, 60, '')
    if (number * size > MOST_FOUND) {
      throw new Refusal(422, { error: 'invalid', description: 'Invalid search: Requested response size was greater than Search Response Limits' })
    }
    const found = sortFound(readQuery(state, queryOf(call)), call.url)
    const from = (number - 1) * size
    const page = found.slice(from, from + size)
    const body = {
      results: page.map(ticket => ({ ...showTicket(state, ticket), result_type: 'ticket' })),
      facets: null,
      next_page: from + page.length < found.length ? withParams(call.url, { page: String(number + 1) }) : null,
      previous_page: number > 1 ? withParams(call.url, { page: String(number - 1) }) : null,
      count: found.length
    }
    return { status: 200, body }
  }

  function listDeleted (call: Call): Answer {
    call.limits.take(call.reply, 'deleted-tickets', 10, 60, '')
    const items = state.removed.toSorted((a, b) => a.id - b.id)
    const show = (ticket: Ticket): object => ({
      id: ticket.id,
      subject: ticket.values.subject,
      description: ticket.description,
      actor: { id: ticket.deleted?.by.id ?? null, name: ticket.deleted?.by.name ?? null },
      deleted_at: ticket.deleted?.at ?? null,
      previous_state: ticket.deleted?.previous ?? null
    })
    return { status: 200, body: pageOf('deleted_tickets', { items, idOf: ticket => ticket.id, show }, call.url).body }
  }
}

function queryOf (call: Call): string {
  const query = call.url.searchParams.get('query')
  if (query === null || query.trim() === '') throw invalidAttribute('query', 'must be a string', 'api/v2/search/index')
  return query
}

function sortFound (found: Ticket[], url: URL): Ticket[] {
  const by = url.searchParams.get('sort_by')
  const down = url.searchParams.get('sort_order') !== 'asc'
  if (by === null) return found.toReversed()
  const key = (ticket: Ticket): number => unix(by === 'updated_at' ? ticket.updatedAt : ticket.createdAt)
  return found.toSorted((a, b) => (down ? -1 : 1) * (key(a) - key(b) || a.id - b.id))
}

function showEvent (audit: Audit, withComments: boolean): object {
  const via = VIA_NAMES[audit.via.channel] ?? 'Web service'
  return {
    id: audit.id,
    ticket_id: audit.ticketId,
    timestamp: unix(audit.createdAt),
    created_at: audit.createdAt,
    updater_id: audit.authorId,
    via,
    system: audit.metadata.system,
    metadata: audit.metadata.custom,
    event_type: 'Audit',
    child_events: audit.events.map(event => showChild(event, audit, via, withComments))
  }
}

function showChild (event: AuditEvent, audit: Audit, via: string, withComments: boolean): object {
  const { type, field_name: field, value, previous_value: previous, ...rest } = event
  const child = { id: event.id, via, via_reference_id: null, event_type: type }
  if (type === 'Comment') {
    const base = { ...child, via: audit.via, type, created_at: audit.createdAt }
    return withComments ? { ...base, ...rest } : base
  }
  if (type === 'Change') return { ...child, [String(field)]: value, previous_value: previous }
  if (type === 'Create') return { ...child, [String(field)]: value }
  return { ...rest, ...child }
}

/** `1772443990.0||4711|` in base64: second and ticket, as seen in recorded cursors. */
function makeCursor (ticket: Ticket): string {
  return Buffer.from(`${ticket.stamp}.0||${ticket.id}|`).toString('base64')
}

function readCursor (text: string, place: string): { stamp: number, id: number } {
  const found = /^(\d+)\.0\|\|(\d+)\|$/.exec(Buffer.from(text, 'base64').toString('utf8'))
  if (found === null) throw invalidAttribute('cursor', 'must be a valid cursor', place)
  return { stamp: Number(found[1]), id: Number(found[2]) }
}
