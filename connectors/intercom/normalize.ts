// Intercom's webhooks as events. Complete where the delivery says exactly what a later reading would say, a look where
// it does not. Facts come from the part: the conversation around it is rendered at delivery and may be newer.
// Topics: https://developers.intercom.com/docs/references/webhooks/webhook-models
import { readContextFields } from '../../src/text.ts'
import type { ContextFields } from '../../src/text.ts'
import type { Look, Settings, TicketEvent } from '../../src/types.ts'
import { fieldsOf, idOf, instantOf, listOf } from './fields.ts'
import type { Fields } from './fields.ts'
import { isExact } from './message.ts'
import { tellOpening, tellPart, tellRating, tellTags, toEvents } from './story.ts'
import type { Said } from './story.ts'

const WITH_PARTS = new Set([
  'conversation.user.replied', 'conversation.operator.replied', 'conversation.admin.replied',
  'conversation.admin.noted', 'conversation.admin.assigned', 'conversation.admin.open.assigned',
  'conversation.admin.closed', 'conversation.admin.opened', 'conversation.admin.snoozed',
  'conversation.admin.unsnoozed', 'conversation_part.redacted'
])
const TICKET_LOOKS = new Set([
  'ticket.created', 'ticket.state.updated', 'ticket.resolved', 'ticket.contact.replied', 'ticket.admin.replied',
  'ticket.admin.assigned', 'ticket.team.assigned', 'ticket.attribute.updated', 'ticket.rating.provided',
  'ticket.contact.attached', 'ticket.contact.detached'
])

/** What a person subscribes to in the Developer Hub: exactly what is read below. */
export const SUBSCRIPTIONS: readonly string[] = [
  'conversation.user.created', 'conversation.admin.single.created', 'conversation.rating.added',
  'conversation_part.tag.created', 'conversation.deleted', 'conversation.priority.updated',
  'conversation.contact.attached', 'conversation.contact.detached', 'ticket.closed', ...WITH_PARTS, ...TICKET_LOOKS
]

/** The id of the notification. A `ping` has none. */
export function identify (body: unknown): string | null {
  return idOf(fieldsOf(body).id)
}

export function normalize (body: unknown, connection: string, settings: Settings = {}): Array<TicketEvent | Look> {
  const envelope = fieldsOf(body)
  const item = fieldsOf(fieldsOf(envelope.data).item)
  switch (envelope.topic) {
    case 'conversation.user.created':
    case 'conversation.admin.single.created':
      return say(item, tellFirst(item, readContextFields(settings.INTERCOM_CONTEXT_FIELDS)), connection)
    case 'conversation.rating.added':
      return say(item, tellRating(item), connection)
    case 'conversation_part.tag.created':
      return say(item, tellNewTags(item), connection)
    case 'conversation.deleted':
      return tellDeleted(item, envelope, connection)
    case 'conversation.priority.updated':             // the part does not say what the priority became
      return look(item.id)
    case 'conversation.contact.attached':             // a raw internal object without type or id of its own
    case 'conversation.contact.detached':
      return look(fieldsOf(fieldsOf(item.conversation).model).id)
    case 'ticket.closed':                             // from API 2.15 on the conversation, before it the ticket
      return item.type === 'conversation' ? say(item, tellParts(item), connection) : lookAtTicket(item)
  }
  if (typeof envelope.topic !== 'string') return []
  if (WITH_PARTS.has(envelope.topic)) return say(item, tellParts(item), connection)
  return TICKET_LOOKS.has(envelope.topic) ? lookAtTicket(item) : []
}

function say (item: Fields, said: Said[] | null, connection: string): Array<TicketEvent | Look> {
  const ticketId = idOf(item.id)
  if (ticketId === null) return []
  return said === null ? look(ticketId) : toEvents(said, connection, ticketId)
}

function look (id: unknown): Look[] {
  const ticketId = idOf(id)
  return ticketId === null ? [] : [{ kind: 'look', ticketId }]
}

// A ticket shares its id with its conversation. Back-office and tracker tickets have no customer to answer.
function lookAtTicket (item: Fields): Look[] {
  const ticket = item.type === 'ticket' ? item : fieldsOf(item.ticket)
  return ticket.category === 'Back-office' || ticket.category === 'Tracker' ? [] : look(ticket.id)
}

function tellFirst (item: Fields, fields: ContextFields): Said[] | null {
  const source = fieldsOf(item.source)
  if (idOf(source.id) === null || !isExact(source.body, item.priority)) return null
  const first = tellOpening(item, fields)
  return first?.some(one => one.kind === 'opened' && one.person.id === 'unknown') === true ? null : first
}

function tellParts (item: Fields): Said[] | null {
  const parts = listOf(fieldsOf(item.conversation_parts).conversation_parts)
  if (parts.length === 0) return null
  const said: Said[] = []
  for (const part of parts) {
    const told = tellPart(part)
    if (told === null) return null
    const hasText = told.some(one => one.kind === 'asked' || one.kind === 'answered')
    if (hasText && !isExact(part.body, item.priority)) return null
    said.push(...told)
  }
  return said
}

// The delivery names the new tags, and the conversation says when each was applied: only together are they an event.
function tellNewTags (item: Fields): Said[] | null {
  const applied = listOf(fieldsOf(item.tags).tags)
  const times = listOf(fieldsOf(item.tags_added).tags).map(added => {
    const tag = applied.find(one => idOf(one.id) !== null && idOf(one.id) === idOf(added.id))
    return instantOf(tag?.applied_at)
  })
  if (times.length === 0 || times.includes(null)) return null
  return tellTags(item).filter(one => times.includes(one.at))
}

// Documented as `{ id, deleted: true }`, delivered as `{ conversation_id }`.
function tellDeleted (item: Fields, envelope: Fields, connection: string): Array<TicketEvent | Look> {
  const id = idOf(item.conversation_id) ?? idOf(item.id)
  const at = instantOf(envelope.created_at)
  if (id === null || at === null) return look(id)
  return toEvents([{ key: `deleted:${at}`, at, kind: 'deleted' }], connection, id)
}
