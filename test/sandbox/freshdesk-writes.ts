// The calls that change tickets: properties, trash, merge, bulk. Unknown keys, foreign ids and closed
// doors are refused before anything is applied.
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Conversation, Desk, Ticket } from './freshdesk-model.ts'
import { CUSTOM_FIELDS, PRIORITIES, SOURCES, STATUSES, TICKET_TYPES, isArchived, nextId } from './freshdesk-model.ts'
import type { Patch } from './freshdesk-changes.ts'
import { addMessage, apiActor, changeTicket, moveOut } from './freshdesk-changes.ts'
import { bringBack, mergeTickets } from './freshdesk-edits.ts'
import type { Fault, Fields, Shape } from './freshdesk-refusals.ts'
import {
  Refusal, checkFields, invalid, isRecord, isText, notFound, readBody, readQuery, unknownKey, wrongValue, wrongVerb
} from './freshdesk-refusals.ts'
import { getTicket, liveTicket } from './freshdesk-tickets.ts'
import { ticketView } from './freshdesk-shapes.ts'

const codes = (names: Readonly<Record<number, string | readonly string[]>>): number[] => Object.keys(names).map(Number)

const PROPERTIES: Shape = {
  subject: { kind: 'String', most: 255 },
  type: { kind: 'String', nullable: true, oneOf: TICKET_TYPES },
  status: { kind: 'Integer', oneOf: codes(STATUSES) },
  priority: { kind: 'Integer', oneOf: codes(PRIORITIES) },
  source: { kind: 'Integer', oneOf: codes(SOURCES) },
  responder_id: { kind: 'Integer', nullable: true },
  group_id: { kind: 'Integer', nullable: true },
  tags: { kind: 'Array' },
  custom_fields: { kind: 'Object' },
  due_by: { kind: 'Date' },
  fr_due_by: { kind: 'Date' }
}

export function addTicketWrites (app: FastifyInstance, desk: Desk): void {
  app.put('/api/v2/tickets/:id', request => {
    const ticket = openDoor(desk, request)
    const fields = readBody(request, PROPERTIES)
    if (Object.keys(fields).length === 0) throw nothingGiven()
    const patch = patchOf(desk, ticket, fields)
    changeTicket(desk, ticket, desk.booth.now(), apiActor(desk), patch)
    return ticketView(desk, ticket)
  })

  app.delete('/api/v2/tickets/:id', (request, reply) => {
    const ticket = liveTicket(desk, request)
    if (ticket.row.deleted === true) throw wrongVerb('DELETE', ['GET'])
    moveOut(desk, ticket, desk.booth.now(), apiActor(desk), 'deleted')
    return reply.code(204).send()
  })

  app.put('/api/v2/tickets/:id/restore', (request, reply) => {
    const ticket = getTicket(desk, request)
    if (!ticket.row.spam && ticket.row.deleted !== true) throw notFound()
    bringBack(desk, ticket, desk.booth.now(), apiActor(desk))
    return reply.code(204).send()
  })

  app.put('/api/v2/tickets/merge', (request, reply) => {
    const fields = readBody(request, {
      primary_id: { kind: 'Integer', required: true },
      ticket_ids: { kind: 'Array', required: true },
      note_in_primary: { kind: 'Object' },
      note_in_secondary: { kind: 'Object' },
      convert_recepients_to_cc: { kind: 'Boolean' }
    })
    const [primary] = ticketsOf(desk, 'primary_id', [fields.primary_id])
    const secondaries = ticketsOf(desk, 'ticket_ids', fields.ticket_ids)
    if (primary === undefined || secondaries.includes(primary)) {
      throw wrongValue('ticket_ids', 'The primary ticket cannot be one of the secondary tickets')
    }
    const notes = { primary: mergeNote(fields, 'note_in_primary'), secondary: mergeNote(fields, 'note_in_secondary') }
    for (const secondary of secondaries) {
      mergeTickets(desk, primary, secondary, desk.booth.now(), apiActor(desk), notes)
    }
    return reply.code(204).send()
  })

  app.post('/api/v2/tickets/bulk_update', (request, reply) => {
    const body = readBody(request, { bulk_action: { kind: 'Object', required: true } })
    const action = checkFields(body.bulk_action, {
      ids: { kind: 'Array', required: true }, properties: { kind: 'Object' }, reply: { kind: 'Object' }
    }, 'bulk_action.')
    const tickets = ticketsOf(desk, 'ids', action.ids)
    const properties = action.properties === undefined ? {} : checkFields(action.properties, PROPERTIES)
    const answer = action.reply === undefined ? null : checkFields(action.reply, { body: { kind: 'String', required: true } })
    if (Object.keys(properties).length === 0 && answer === null) throw nothingGiven()
    const patches = tickets.map(ticket => patchOf(desk, ticket, properties))
    tickets.forEach((ticket, i) => {
      const patch = patches[i] ?? {}
      if (Object.keys(patch).length > 0) changeTicket(desk, ticket, desk.booth.now(), apiActor(desk), patch)
      if (isText(answer?.body)) sendReply(desk, ticket, answer.body)
    })
    const id = createHash('sha256').update(`job ${nextId(desk, 'job')}`).digest('hex').slice(0, 29)
    desk.jobs.set(id, { id, reads: 0 })
    return reply.code(202).send({ job_id: id, href: `${desk.origin}/api/v2/jobs/${id}` })
  })

  // Done at once, but as there, the first look still finds it at work.
  app.get('/api/v2/jobs/:id', request => {
    readQuery(request, [])
    const params: unknown = request.params
    const job = isRecord(params) && isText(params.id) ? desk.jobs.get(params.id) : undefined
    if (job === undefined) throw notFound()
    return { id: job.id, status: job.reads++ === 0 ? 'IN PROGRESS' : 'COMPLETED' }
  })
}

/** The ticket of a write: what lies in spam or trash may only be read. */
export function openDoor (desk: Desk, request: FastifyRequest): Ticket {
  const ticket = liveTicket(desk, request)
  if (ticket.row.spam || ticket.row.deleted === true) throw wrongVerb(request.method, ['GET'])
  return ticket
}

export interface ReplyTo { cc: string[], bcc: string[], userId: number }

/** A reply through the API is mail to the customer, like one an agent sends. */
export function sendReply (
  desk: Desk, ticket: Ticket, html: string, more: Partial<ReplyTo> = {}
): Conversation {
  const to = desk.contacts.get(ticket.row.requester_id)?.email
  return addMessage(desk, ticket, apiActor(desk), {
    at: desk.booth.now(),
    html,
    incoming: false,
    private: false,
    source: 0,
    userId: more.userId ?? desk.self.id,
    kind: 'message',
    to: to == null ? [] : [to],
    cc: more.cc ?? [],
    bcc: more.bcc ?? []
  })
}

function nothingGiven (): Refusal {
  return invalid([{ field: 'request', message: 'Select at least one field to change', code: 'missing_field' }])
}

/** Tags are replaced as a whole, custom fields are merged key by key. */
function patchOf (desk: Desk, ticket: Ticket, fields: Fields): Patch {
  const faults: Fault[] = []
  const foreign = (field: string, what: string): void => {
    faults.push({ field, message: `There is no ${what} matching the given ${field}`, code: 'invalid_value' })
  }
  const { responder_id: responder, group_id: group, tags, custom_fields: custom } = fields
  const patch: Patch = {}
  if (isText(fields.subject)) patch.subject = fields.subject
  if (fields.type === null || isText(fields.type)) patch.type = fields.type
  if (typeof fields.status === 'number') patch.status = fields.status
  if (typeof fields.priority === 'number') patch.priority = fields.priority
  if (typeof fields.source === 'number') patch.source = fields.source
  if (isText(fields.due_by)) patch.due_by = wholeSeconds(fields.due_by)
  if (isText(fields.fr_due_by)) patch.fr_due_by = wholeSeconds(fields.fr_due_by)
  if (responder === null || typeof responder === 'number') {
    patch.responder_id = responder
    if (responder !== null && !desk.agents.has(responder)) foreign('responder_id', 'agent')
  }
  if (group === null || typeof group === 'number') {
    patch.group_id = group
    if (group !== null && !desk.groups.has(group)) foreign('group_id', 'group')
  }
  if (Array.isArray(tags)) patch.tags = tagsOf(tags, faults)
  if (isRecord(custom)) patch.custom_fields = { ...ticket.row.custom_fields, ...customOf(custom, faults) }
  if (faults.length > 0) throw invalid(faults)
  return patch
}

function tagsOf (tags: unknown[], faults: Fault[]): string[] {
  const texts = tags.filter(isText).map(tag => tag.trim()).filter(tag => tag !== '')
  if (!tags.every(isText)) {
    faults.push({ field: 'tags', message: 'It should contain elements of type String only', code: 'datatype_mismatch' })
  }
  if (texts.some(tag => tag.length > 32)) {
    faults.push({ field: 'tags', message: 'It should only contain elements that have maximum of 32 characters', code: 'invalid_value' })
  }
  if (texts.some(tag => tag.includes(','))) {
    faults.push({ field: 'tags', message: 'It should not contain any of these special characters: \',\'', code: 'invalid_value' })
  }
  return [...new Set(texts)]
}

function customOf (custom: Record<string, unknown>, faults: Fault[]): Record<string, string | null> {
  const values: Record<string, string | null> = {}
  for (const [name, value] of Object.entries(custom)) {
    const field = `custom_fields.${name}`
    const choices = Object.hasOwn(CUSTOM_FIELDS, name) ? CUSTOM_FIELDS[name] : undefined
    if (choices === undefined) faults.push(unknownKey(field))
    else if (value !== null && !isText(value)) {
      faults.push({ field, message: 'It should be a/an String', code: 'datatype_mismatch' })
    } else if (choices !== null && value !== null && !choices.includes(value)) {
      faults.push({ field, message: `It should be one of these values: '${choices.join(',')}'`, code: 'invalid_value' })
    } else values[name] = value
  }
  return values
}

function mergeNote (fields: Fields, name: string): { body: string, private: boolean } {
  if (fields[name] === undefined) return { body: '<div>Tickets were merged.</div>', private: true }
  const note = checkFields(fields[name], {
    body: { kind: 'String', required: true }, private: { kind: 'Boolean' }
  }, `${name}.`)
  return { body: String(note.body), private: note.private !== false }
}

function ticketsOf (desk: Desk, field: string, ids: unknown): Ticket[] {
  const list: unknown[] = Array.isArray(ids) ? ids : []
  const tickets: Ticket[] = []
  for (const id of list) {
    const ticket = typeof id === 'number' ? desk.tickets.get(id) : undefined
    const isGone = ticket === undefined || ticket.row.spam || ticket.row.deleted === true || isArchived(desk, ticket)
    if (isGone) throw wrongValue(field, `There are no records matching the ids: '${String(id)}'`)
    tickets.push(ticket)
  }
  if (tickets.length === 0) throw wrongValue(field, 'It should not be blank as this is a mandatory field')
  return tickets
}

function wholeSeconds (instant: string): string {
  return new Date(instant).toISOString().slice(0, 19) + 'Z'
}
