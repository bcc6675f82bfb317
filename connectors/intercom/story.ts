// A conversation as the REST interface gives it, told as events. Webhooks carry the same objects, so normalize.ts uses
// the same functions: an event has the same key and the same fields by both roads because it is made here only.
import { contextIn, plainText } from '../../src/text.ts'
import type { ContextFields } from '../../src/text.ts'
import type { Channel, EventFact, Instant, PersonRef, TicketEvent } from '../../src/types.ts'
import { fieldsOf, idOf, instantOf, listOf, stringOf } from './fields.ts'
import type { Fields } from './fields.ts'
import { hasMarker, isNote, messageText, roleOf, subjectText } from './message.ts'

/** One event that does not yet know its ticket. */
export type Said = EventFact & { key: string, at: Instant }

const CHANNELS: Readonly<Record<string, Channel>> = {
  conversation: 'chat',
  email: 'email',
  facebook: 'social',
  instagram: 'social',
  twitter: 'social',
  whatsapp: 'social',
  sms: 'phone',
  phone_call: 'phone',
  phone_switch: 'phone'
}
const SENT_BY_MACHINES = new Set(['campaigns_initiated', 'operator_initiated', 'automated'])
const REOPENING = new Set(['open', 'assign_and_reopen', 'note_and_reopen'])

/**
 * The whole story, in order of time. Intercom returns the 500 newest parts at most
 * (https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/retrieveconversation):
 * of a longer conversation the middle is missing, the opening message is not.
 */
export function tellConversation (
  conversation: Fields, connection: string, fields: ContextFields = []
): TicketEvent[] {
  const ticketId = idOf(conversation.id)
  if (ticketId === null) return []
  const parts = partsOf(conversation)
  const said = [
    ...tellOpening(conversation, fields) ?? [],
    ...parts.flatMap(part => tellPart(part) ?? []),
    ...tellPriority(conversation, parts),
    ...tellTags(conversation),
    ...tellRating(conversation) ?? []
  ]
  return toEvents(said.sort((a, b) => compare(a.at, b.at)), connection, ticketId)
}

export function toEvents (said: Said[], connection: string, ticketId: string): TicketEvent[] {
  const first = new Map<string, Said>()
  for (const one of said) if (!first.has(one.key)) first.set(one.key, one)
  return [...first.values()].map(one => ({ ...one, connection, ticketId }))
}

/** The parts of the conversation and of the ticket that shares its id, each once, oldest first. */
export function partsOf (conversation: Fields): Fields[] {
  const parts = [
    ...listOf(fieldsOf(conversation.conversation_parts).conversation_parts),
    ...listOf(fieldsOf(fieldsOf(conversation.ticket).ticket_parts).ticket_parts)
  ]
  const byId = new Map<string, Fields>()
  for (const part of parts) {
    const id = idOf(part.id)
    if (id !== null && !byId.has(id)) byId.set(id, part)
  }
  return [...byId.values()].sort((a, b) => compare(instantOf(a.created_at) ?? '', instantOf(b.created_at) ?? ''))
}

/** Null when the object does not say enough. Tags at the opening are not told: Intercom only keeps the present ones. */
export function tellOpening (conversation: Fields, fields: ContextFields = []): Said[] | null {
  const at = instantOf(conversation.created_at)
  const source = fieldsOf(conversation.source)
  const author = fieldsOf(source.author)
  const role = roleOf(author)
  if (at === null || role === null) return null
  const messageId = idOf(source.id) ?? 'source'
  const page = pageOf(source.url)
  const opened: Said = {
    key: 'opened',
    at,
    kind: 'opened',
    subject: subjectText(source.subject),
    channel: CHANNELS[stringOf(source.type)] ?? 'other',
    person: role === 'customer' ? personOf(author, conversation) : personOf({}, conversation),
    ...(page === null ? {} : { page }),
    tags: []
  }
  const begins = [opened, ...tellPlace(conversation, at, fields)]
  // A redacted opening carries no time of its own; the opening's is the only one that never moves.
  if (source.redacted === true) return [...begins, { key: `redacted:${messageId}`, at, kind: 'redacted', messageId }]
  const text = messageText(source.body)
  if (text === '') return begins
  const key = `message:${messageId}`
  if (role === 'customer') {
    return [...begins, { key, at, kind: 'asked', messageId, text, person: personOf(author, conversation) }]
  }
  const isHuman = role === 'human' && !SENT_BY_MACHINES.has(stringOf(source.delivered_as)) && !hasMarker(text)
  const agentId = idOf(author.id) ?? stringOf(author.type)
  return [...begins, { key, at, kind: 'answered', messageId, agentId, text, by: isHuman ? 'human' : 'bot' }]
}

// Only the present attributes are told, without a time: the first reading stays, as the key says no value.
function tellPlace (conversation: Fields, at: Instant, fields: ContextFields): Said[] {
  const attributes = fieldsOf(conversation.custom_attributes)
  return contextIn(fields, field => attributes[field])
    .map(said => ({ key: `context:${said.name}`, at, kind: 'context', ...said }))
}

/** What one part says; an empty list for what is no event to us, null when the part does not say enough. */
export function tellPart (part: Fields): Said[] | null {
  const id = idOf(part.id)
  const at = instantOf(part.created_at)
  const type = stringOf(part.part_type)
  if (id === null || at === null || type === '') return null
  // That a note reopened the conversation is a fact about the ticket; the note itself stays unsaid.
  const said: Said[] = REOPENING.has(type) ? [{ key: `reopened:${at}`, at, kind: 'reopened' }] : []
  if (isNote(type)) return said
  if (part.redacted === true) {
    said.push({ key: `redacted:${id}`, at: instantOf(part.updated_at) ?? at, kind: 'redacted', messageId: id })
  } else {
    const message = tellMessage(part, id, at, type)
    if (message === null) return null
    said.push(...message)
  }
  said.push(...tellAssignment(part, at))
  if (type === 'close') said.push({ key: `solved:${at}`, at, kind: 'solved' })
  if (type.startsWith('ticket_state_updated')) said.push(...tellTicketState(part, at))
  return said
}

/** Null when nobody has rated. `updated_at` is the time of the rating, `created_at` that of the request for one. */
export function tellRating (conversation: Fields): Said[] | null {
  const { rating, remark, updated_at: updatedAt } = fieldsOf(conversation.conversation_rating)
  const at = instantOf(updatedAt)
  if (typeof rating !== 'number' || !Number.isInteger(rating) || rating < 1 || rating > 5 || at === null) return null
  const comment = messageText(remark)
  return [{
    key: `rated:${at}`, at, kind: 'rated', good: rating >= 4, score: rating, ...(comment === '' ? {} : { comment })
  }]
}

/** Tags that were put on together are one event. Tags without `applied_at` cannot be told the same way twice. */
export function tellTags (conversation: Fields): Said[] {
  const byTime = new Map<Instant, Set<string>>()
  for (const tag of listOf(fieldsOf(conversation.tags).tags)) {
    const at = instantOf(tag.applied_at)
    const name = plainText(stringOf(tag.name))
    if (at !== null && name !== '') byTime.set(at, (byTime.get(at) ?? new Set()).add(name))
  }
  return [...byTime].map(([at, names]) => ({
    key: `tagged:${at}`, at, kind: 'tagged', added: [...names].sort(compare), removed: []
  }))
}

function tellMessage (part: Fields, id: string, at: Instant, type: string): Said[] | null {
  const text = messageText(part.body)
  if (text === '') return []
  const author = fieldsOf(part.author)
  const role = roleOf(author, type)
  if (role === null) return null
  if (role === 'automation') return []
  const key = `message:${id}`
  if (role === 'customer') return [{ key, at, kind: 'asked', messageId: id, text, person: personOf(author, {}) }]
  const agentId = idOf(author.id) ?? stringOf(author.type)
  const by = role === 'human' && !hasMarker(text) ? 'human' : 'bot'
  return [{ key, at, kind: 'answered', messageId: id, agentId, text, by }]
}

function tellAssignment (part: Fields, at: Instant): Said[] {
  const to = fieldsOf(part.assigned_to)
  const id = idOf(to.id)
  const base = { key: `assigned:${at}`, at, kind: 'assigned' } as const
  if (to.type === 'nobody_admin') return [base]
  if (id === null) return []
  if (to.type === 'admin') return [{ ...base, agentId: id }]
  return to.type === 'team' ? [{ ...base, group: id }] : []
}

function tellTicketState (part: Fields, at: Instant): Said[] {
  const { ticket_state: state, previous_ticket_state: before } = part
  if (state === before) return []
  if (state === 'resolved') return [{ key: `solved:${at}`, at, kind: 'solved' }]
  return before === 'resolved' ? [{ key: `reopened:${at}`, at, kind: 'reopened' }] : []
}

// A `priority_changed` part does not say to what. The newest one led to the present priority, so only that one is sure.
// `priority` is the highest until API version 2.15, `urgent` from 2.16 on.
function tellPriority (conversation: Fields, parts: Fields[]): Said[] {
  const newest = parts.findLast(part => part.part_type === 'priority_changed')
  const at = instantOf(newest?.created_at)
  const isHighest = conversation.priority === 'urgent' || conversation.priority === 'priority'
  return at !== null && isHighest ? [{ key: `escalated:priority:${at}`, at, kind: 'escalated', how: 'priority' }] : []
}

function personOf (author: Fields, conversation: Fields): PersonRef {
  const contact = listOf(fieldsOf(conversation.contacts).contacts)[0]
  const name = plainText(stringOf(author.name))
  const email = plainText(stringOf(author.email))
  return {
    id: idOf(author.id) ?? idOf(contact?.id) ?? 'unknown',
    ...(name === '' ? {} : { name }),
    ...(email === '' ? {} : { email })
  }
}

function pageOf (url: unknown): string | null {
  const page = plainText(stringOf(url))
  return /^https?:\/\//i.test(page) && page.length <= 2000 ? page : null
}

function compare (a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
