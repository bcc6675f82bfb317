// The calls that read tickets: the list with its windows and walls, one ticket, the archive, the search.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Desk, Ticket } from './freshdesk-model.ts'
import { isArchived, later, seatOf } from './freshdesk-model.ts'
import { parseQuery, searchTickets } from './freshdesk-search.ts'
import type { Paging } from './freshdesk-refusals.ts'
import {
  PAGE_KEYS, Refusal, cutPage, idIn, instantIn, linkNext, listOf, notFound, numberIn, oneOf, pagingOf, readQuery,
  wrongValue
} from './freshdesk-refusals.ts'
import { conversationView, listRow, searchRow, ticketView } from './freshdesk-shapes.ts'

const LIST_KEYS = [
  'filter', 'requester_id', 'email', 'unique_external_id', 'company_id', 'updated_since', 'order_by', 'order_type',
  'include', ...PAGE_KEYS
]
const LAST_PAGE = 300

export function addTicketReads (app: FastifyInstance, desk: Desk): void {
  app.get('/api/v2/tickets', (request, reply) => {
    const query = readQuery(request, LIST_KEYS)
    const include = listOf(query, 'include', ['stats', 'requester', 'description'])
    const paging = pagingOf(query)
    // Seen on live accounts: https://github.com/airbytehq/airbyte/issues/3858
    if (paging.page > LAST_PAGE) {
      throw wrongValue('page', 'You cannot access tickets beyond the 300th page. Please provide a smaller page number.')
    }
    const found = listTickets(desk, query, paging)
    linkNext(desk, request, reply, paging.page, found.more)
    return found.tickets.map(ticket => listRow(desk, ticket, include))
  })

  app.get('/api/v2/tickets/:id', (request, reply) => {
    const query = readQuery(request, ['include'])
    const include = listOf(query, 'include', ['conversations', 'requester', 'company', 'stats'])
    const ticket = getTicket(desk, request)
    if (isArchived(desk, ticket)) {
      return reply.code(301).header('location', `${desk.origin}/api/v2/tickets/archived/${ticket.row.id}`).send()
    }
    return ticketView(desk, ticket, include)
  })

  app.get('/api/v2/tickets/:id/conversations', (request, reply) => {
    const paging = pagingOf(readQuery(request, PAGE_KEYS))
    const ticket = liveTicket(desk, request)
    return cutPage(desk, request, reply, ticket.conversations, paging).map(conversationView)
  })

  app.get('/api/v2/tickets/:id/satisfaction_ratings', (request, reply) => {
    const paging = pagingOf(readQuery(request, PAGE_KEYS))
    return cutPage(desk, request, reply, liveTicket(desk, request).ratings.toReversed(), paging)
  })

  app.get('/api/v2/tickets/archived/:id', request => {
    readQuery(request, ['include'])
    return { ...ticketView(desk, archivedTicket(desk, request)), archived: true }
  })

  app.get('/api/v2/tickets/archived/:id/conversations', (request, reply) => {
    const paging = pagingOf(readQuery(request, PAGE_KEYS))
    return cutPage(desk, request, reply, archivedTicket(desk, request).conversations, paging).map(conversationView)
  })

  app.get('/api/v2/search/tickets', request => {
    const query = readQuery(request, ['query', 'page'])
    if (query.query === undefined) {
      throw new Refusal(400, { description: 'Validation failed', errors: [{ field: 'query', message: 'It should be a/an String', code: 'missing_field' }] })
    }
    const page = numberIn(query, 'page') ?? 1
    if (page > 10) throw wrongValue('page', 'It should be a Positive Integer less than or equal to 10')
    const found = searchTickets(desk, parseQuery(query.query))
    return { total: found.length, results: found.slice((page - 1) * 30, page * 30).map(searchRow) }
  })
}

/** The ticket a path names, wherever it lies. */
export function getTicket (desk: Desk, request: FastifyRequest): Ticket {
  const ticket = desk.tickets.get(idIn(request))
  if (ticket === undefined) throw notFound()
  return ticket
}

/** The same, but what went into the archive is not found here. */
export function liveTicket (desk: Desk, request: FastifyRequest): Ticket {
  const ticket = getTicket(desk, request)
  if (isArchived(desk, ticket)) throw notFound()
  return ticket
}

function archivedTicket (desk: Desk, request: FastifyRequest): Ticket {
  const ticket = getTicket(desk, request)
  if (!isArchived(desk, ticket)) throw notFound()
  return ticket
}

type Query = Record<string, string>

/** Without updated_since only what was created in the last 30 days is listed, whatever else is asked. */
function listTickets (desk: Desk, query: Query, paging: Paging): { tickets: Ticket[], more: boolean } {
  const orderBy = oneOf(query, 'order_by', ['created_at', 'due_by', 'updated_at', 'status']) ?? 'created_at'
  const isAscending = (oneOf(query, 'order_type', ['asc', 'desc']) ?? 'desc') === 'asc'
  const since = instantIn(query, 'updated_since')
  const newest = later(desk.booth.now(), -30 * 86_400)
  const isAsked = filterOf(desk, query)
  const isListed = (ticket: Ticket): boolean =>
    (since !== undefined || ticket.row.created_at >= newest) && !isArchived(desk, ticket) && isAsked(ticket)
  const wanted = paging.page * paging.perPage
  const found: Ticket[] = []
  const requester = requesterOf(desk, query)
  if (requester === null && orderBy === 'updated_at') {
    const first = seatOf(desk, since ?? newest, 0)
    const count = desk.byUpdate.length - first
    for (let i = 0; i < count && found.length <= wanted; i++) {
      const ticket = desk.byUpdate[isAscending ? first + i : desk.byUpdate.length - 1 - i]
      if (ticket !== undefined && isListed(ticket)) found.push(ticket)
    }
  } else {
    const candidates = requester === null
      ? desk.byUpdate.slice(seatOf(desk, since ?? newest, 0))
      : (desk.byRequester.get(requester) ?? []).filter(ticket => ticket.row.updated_at >= (since ?? newest))
    found.push(...candidates.filter(isListed).sort(inOrder(orderBy, isAscending)))
  }
  return { tickets: found.slice(wanted - paging.perPage, wanted), more: found.length > wanted }
}

function inOrder (field: string, isAscending: boolean): (a: Ticket, b: Ticket) => number {
  const keyOf = ({ row }: Ticket): string => {
    if (field === 'status') return String(row.status).padStart(3, '0')
    if (field === 'due_by') return row.due_by
    return field === 'updated_at' ? row.updated_at : row.created_at
  }
  const sign = isAscending ? 1 : -1
  return (a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)]
    if (x === y) return sign * (a.row.id - b.row.id)
    return x < y ? -sign : sign
  }
}

/** Spam and trash show only where they are asked for. */
function filterOf (desk: Desk, query: Query): (ticket: Ticket) => boolean {
  const filter = oneOf(query, 'filter', ['new_and_my_open', 'watching', 'spam', 'deleted'])
  const company = numberIn(query, 'company_id')
  if (company !== undefined && !desk.companies.has(company)) {
    throw wrongValue('company_id', 'There is no company matching the given company_id')
  }
  return ({ row }) => {
    if (company !== undefined && row.company_id !== company) return false
    if (filter === 'deleted') return row.deleted === true
    if (row.deleted === true) return false
    if (filter === 'spam') return row.spam
    if (row.spam || filter === 'watching') return false
    if (filter !== 'new_and_my_open') return true
    return row.status === 2 && (row.responder_id === null || row.responder_id === desk.self.id)
  }
}

function requesterOf (desk: Desk, query: Query): number | null {
  const id = numberIn(query, 'requester_id')
  const { email, unique_external_id: external } = query
  const asked = [
    { field: 'requester_id', wanted: id, contact: desk.contacts.get(id ?? -1) },
    { field: 'email', wanted: email, contact: desk.contactKeys.get(email?.toLowerCase() ?? '') },
    { field: 'unique_external_id', wanted: external, contact: desk.contactIds.get(external ?? '') }
  ].filter(one => one.wanted !== undefined)
  for (const { field, contact } of asked) {
    if (contact === undefined) throw wrongValue(field, `There is no contact matching the given ${field}`)
  }
  return asked[0]?.contact?.id ?? null
}
