// Tickets of the pretend Zendesk by REST: reading one with its comments and audits, and every way a program may change it.
// https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
import { booleanOf, idsOf, integerOf, isObject, stringOf, ticketOf, wrapped } from './zendesk-route.ts'
import type { Call, Route } from './zendesk-route.ts'
import { conflict, hasCursor, invalidAttribute, invalidRecord, listOfErrors, notFound, offsetPage, pageOf, Refusal } from './zendesk-answers.ts'
import type { Answer, Listing } from './zendesk-answers.ts'
import type { Hooks } from './zendesk-hooks.ts'
import { makeLeak, readComment, readTicketChange, splitTags } from './zendesk-input.ts'
import { showAudit, showComment, showMetrics, showTicket, showUser } from './zendesk-shapes.ts'
import { unix } from './zendesk-state.ts'
import type { Audit, Comment, State, Ticket } from './zendesk-state.ts'
import { blackOut, redactMarked, unwrap, writtenAsHtml } from './zendesk-text.ts'
import { redactComment, updateTicket } from './zendesk-update.ts'
import type { Edit } from './zendesk-update.ts'

const UPDATE = 'api/v2/tickets/update'
const MOST_COMMENTS = 5000

export function ticketRoutes (state: State, hooks: Hooks): Route[] {
  const leaks = makeLeak(() => state.booth.faults)

  return [
    { method: 'GET', path: 'tickets/show_many', handle: showMany },
    {
      method: 'GET',
      path: 'tickets/:',
      handle: call => {
        const ticket = ticketOf(state, call, 'api/v2/tickets/show')
        return { status: 200, body: { ticket: showTicket(state, ticket), ...sideload(call, [ticket]) } }
      }
    },
    { method: 'PUT', path: 'tickets/:', handle: update },
    { method: 'GET', path: 'tickets/:/comments', handle: listComments },
    { method: 'PUT', path: 'tickets/:/comments/:/make_private', handle: makePrivate },
    { method: 'PUT', path: 'comment_redactions/:', handle: redact },
    { method: 'GET', path: 'tickets/:/audits', handle: listAudits },
    {
      method: 'GET',
      path: 'tickets/:/metrics',
      handle: call => ({ status: 200, body: { ticket_metric: showMetrics(state, ticketOf(state, call, 'api/v2/ticket_metrics/show')) } })
    },
    {
      method: 'GET',
      path: 'tickets/:/tags',
      handle: call => ({ status: 200, body: { tags: ticketOf(state, call, 'api/v2/tags/index').values.tags } })
    },
    { method: 'PUT', path: 'tickets/:/tags', handle: call => changeTags(call, 200, (had, given) => [...new Set([...had, ...given])]) },
    { method: 'POST', path: 'tickets/:/tags', handle: call => changeTags(call, 201, (_, given) => given) },
    { method: 'DELETE', path: 'tickets/:/tags', handle: call => changeTags(call, 204, (had, given) => had.filter(tag => !given.includes(tag))) }
  ]

  function sideload (call: Call, tickets: Ticket[]): object {
    const include = (call.url.searchParams.get('include') ?? '').split(',')
    return include.includes('users') ? { users: usersOf(state, tickets) } : {}
  }

  function showMany (call: Call): Answer {
    const tickets = idsOf(call.url, 'api/v2/tickets/show_many').map(id => state.tickets.get(id))
      .filter(ticket => ticket !== undefined).filter(ticket => ticket.deleted === null)
    const { body } = offsetPage('tickets', { items: tickets, idOf: ticket => ticket.id, show: ticket => showTicket(state, ticket) }, call.url)
    return { status: 200, body: { ...body, ...sideload(call, tickets) } }
  }

  function update (call: Call): Answer {
    const ticket = ticketOf(state, call, UPDATE)
    call.limits.take(call.reply, 'tickets-update', 100, 60, '')
    call.limits.take(call.reply, 'per-ticket-updates', 30, 600, `${ticket.id} ${call.user.id}`)
    const input = wrapped(call.body, 'ticket', UPDATE)
    const change = readTicketChange(state, ticket, input, UPDATE)
    const comment = readComment(state, ticket, input.comment, call.user, UPDATE)
    checkClosed(ticket)
    checkStamp(ticket, input, UPDATE)
    if (comment !== undefined && ticket.comments.length >= MOST_COMMENTS) {
      throw invalidRecord('base', `Ticket has reached the limit of ${MOST_COMMENTS} comments`)
    }
    if (comment !== undefined && !comment.public && leaks()) comment.public = true
    const custom = isObject(input.metadata) ? { custom: input.metadata } : {}
    const edit: Edit = { ...byApi(call), ...change, ...custom, ...(comment === undefined ? {} : { comment }) }
    const done = updateTicket(state, hooks, ticket, edit)
    // An update that changes nothing is answered like any other, with an audit that holds no events.
    const audit = done?.audit ?? emptyAudit(call, ticket)
    return { status: 200, body: { ticket: showTicket(state, ticket), audit: showAudit(audit) } }
  }

  function byApi (call: Call): Edit {
    return { at: state.booth.now(), actor: call.user, by: 'api', channel: 'api' }
  }

  function emptyAudit (call: Call, ticket: Ticket): Audit {
    const metadata = { system: {}, custom: {} }
    const made = { id: state.nextId(), createdAt: state.booth.now(), authorId: call.user.id }
    return { ...made, ticketId: ticket.id, via: ticket.via, metadata, events: [] }
  }

  function listComments (call: Call): Answer {
    const ticket = ticketOf(state, call, 'api/v2/ticket_comments/index')
    const items = sorted(ticket.comments, call.url)
    const { body, page } = pageOf<Comment>('comments', { items, idOf: comment => comment.id, show: showComment }, call.url)
    if (!(call.url.searchParams.get('include') ?? '').split(',').includes('users')) return { status: 200, body }
    const authors = [...new Set(page.map(comment => comment.authorId))].map(id => state.users.get(id))
      .filter(user => user !== undefined)
    return { status: 200, body: { ...body, users: authors.map(user => showUser(state, user)) } }
  }

  function listAudits (call: Call): Answer {
    const ticket = ticketOf(state, call, 'api/v2/ticket_audits/index')
    const listing: Listing<Audit> = { items: sorted(ticket.audits, call.url), idOf: audit => audit.id, show: showAudit }
    return { status: 200, body: pageOf('audits', listing, call.url).body }
  }

  function makePrivate (call: Call): Answer {
    const place = 'api/v2/ticket_comments/make_private'
    const ticket = ticketOf(state, call, place)
    const id = integerOf(call.params[1], 'id', place)
    const comment = ticket.comments.find(one => one.id === id)
    if (comment === undefined) throw notFound()
    checkClosed(ticket)
    if (!comment.public) return { status: 200, body: '' }
    comment.public = false
    for (const audit of ticket.audits) for (const event of audit.events) if (event.id === id) event.public = false
    const edit = byApi(call)
    updateTicket(state, hooks, ticket, {
      ...edit,
      events: [{ type: 'CommentPrivacyChange', comment_id: id, public: false }],
      facts: [{ topic: 'comment_made_private', event: { comment: { id: String(id) } } }],
      journal: {
        at: edit.at, ticketId: String(ticket.id), kind: 'note-edited', by: 'api', public: false, messageId: String(id),
        authorId: String(call.user.id), text: comment.plain
      }
    })
    return { status: 200, body: '' }
  }

  /** https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-ticket-comment-in-agent-workspace */
  function redact (call: Call): Answer {
    const place = 'api/v2/comment_redactions/update'
    const id = integerOf(call.params[0], 'id', place)
    if (!isObject(call.body)) throw invalidAttribute('ticket_id', 'must be an integer', place)
    const ticket = state.commentHome.get(id)
    if (ticket === undefined || ticket.deleted !== null || ticket.id !== integerOf(call.body.ticket_id, 'ticket_id', place)) throw notFound()
    const comment = ticket.comments.find(one => one.id === id)
    if (comment === undefined) throw notFound()
    const html = stringOf(call.body.html_body, 'html_body', place)
    if (!/<redact>[\s\S]*<\/redact>/i.test(html)) throw invalidRecord('html_body', 'Html body: does not contain anything to redact')
    if (unwrap(html.replace(/<\/?redact>/gi, '')) !== unwrap(comment.html)) {
      throw invalidRecord('html_body', 'Html body: does not match the comment')
    }
    const home = ticket.audits.find(audit => audit.id === comment.auditId)
    redactComment(comment, home, writtenAsHtml(unwrap(redactMarked(html))))
    if (comment === ticket.comments[0]) ticket.description = comment.plain === '' ? blackOut(ticket.description) : comment.plain
    const edit = byApi(call)
    updateTicket(state, hooks, ticket, {
      ...edit,
      events: [{ type: 'CommentRedactionEvent', comment_id: id }],
      facts: [{ topic: 'comment_redacted', event: { comment: { id: String(id) } } }],
      journal: {
        at: edit.at, ticketId: String(ticket.id), kind: 'redacted', by: 'api', public: comment.public, messageId: String(id),
        authorId: String(call.user.id)
      }
    })
    return { status: 200, body: { comment: showComment(comment) } }
  }

  function changeTags (call: Call, status: number, next: (had: string[], given: string[]) => string[]): Answer {
    const place = 'api/v2/tags/update'
    const ticket = ticketOf(state, call, place)
    const body = isObject(call.body) ? call.body : {}
    const given = splitTags(body.tags ?? call.url.searchParams.get('tags') ?? undefined, place)
    checkClosed(ticket)
    checkStamp(ticket, body, place)
    updateTicket(state, hooks, ticket, { ...byApi(call), set: { tags: next(ticket.values.tags, given) } })
    return status === 204 ? { status } : { status, body: { tags: [...ticket.values.tags] } }
  }
}

export function usersOf (state: State, tickets: readonly Ticket[]): object[] {
  const ids = new Set(tickets.flatMap(({ values: v, submitterId }) => [v.requester_id, submitterId, v.assignee_id]))
  return [...ids].map(id => id === null ? undefined : state.users.get(id)).filter(user => user !== undefined)
    .map(user => showUser(state, user))
}

function checkClosed (ticket: Ticket): void {
  if (ticket.values.status === 'closed') throw invalidRecord('status', 'Status: closed prevents ticket update')
}

/** `safe_update` counts as true whatever its value: a value of false has the same effect as true. */
function checkStamp (ticket: Ticket, input: Record<string, unknown>, place: string): void {
  if (input.safe_update === undefined || input.safe_update === null) return
  booleanOf(input.safe_update, 'safe_update', place)
  if (input.updated_stamp === undefined) throw invalidRecord('updated_stamp', 'Updated stamp: cannot be blank', 'BlankValue')
  const stamp = unix(stringOf(input.updated_stamp, 'updated_stamp', place))
  if (Number.isNaN(stamp)) throw invalidAttribute('updated_stamp', 'must be a date', place)
  if (stamp !== unix(ticket.updatedAt)) throw conflict()
}

/** Oldest first, unless asked otherwise: `sort` with cursors, `sort_order` with offsets. */
function sorted<T> (items: readonly T[], url: URL): readonly T[] {
  const sort = hasCursor(url) ? url.searchParams.get('sort') : url.searchParams.get('sort_order')
  if (sort === null || sort === 'created_at' || sort === 'asc') return items
  if (sort === '-created_at' || sort === 'desc') return items.toReversed()
  if (hasCursor(url)) throw listOfErrors(400, 'InvalidPaginationParameter', 'sort is not valid')
  throw new Refusal(400, { error: 'InvalidValue', description: `sort_order must be one of asc, desc: ${sort}` })
}
