// What a webhook and a REST object have in common: both roads make their events here, so that keys and fields are
// the same whichever arrives first.

import { cutQuotes, plainText } from '../../src/text.ts'
import type { EventFact, Instant, TicketEvent } from '../../src/types.ts'

/** Where and when something happened. */
export interface Moment { connection: string, ticketId: string, at: Instant }

/** One public message. `unsure` is a member of staff with a bot's name: only REST knows how his text came in. */
export interface Message { id: string, at: Instant, authorId: string, by: Author, text: string }

export type Author = 'customer' | 'human' | 'bot' | 'unsure'

export interface Writer {
  authorId: string
  actorId: string | null                            // who caused the change; a rule may write in a person's name
  requesterId: string | null
  staff: boolean
  name: string
  text: string
}

const OPEN = new Set(['NEW', 'OPEN', 'PENDING', 'HOLD'])
const OVER = new Set(['SOLVED', 'CLOSED'])
const OUR_LINE = /\bdl-[a-z0-9]{13}\b/

/**
 * The text of a comment. Zendesk's plain text keeps one entity, `&nbsp;`; all others in it were typed by a person.
 * https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
 */
export function messageText (raw: string): string {
  return cutQuotes(plainText(raw.replaceAll('&nbsp;', ' ')))
}

/** Who speaks, told only from what a webhook and REST both say. An agent who asks for himself is a customer. */
export function whoWrote (writer: Writer): Author {
  if (isSystem(writer.authorId)) return 'bot'
  if (!writer.staff || writer.authorId === writer.requesterId) return 'customer'
  if (isSystem(writer.actorId) || carriesOurLine(writer.text)) return 'bot'
  return /\b(bot|chatbot|autoreply|automation)\b/i.test(writer.name) ? 'unsure' : 'human'
}

/** Does the last line of a text end as the last line of our notes does? */
export function carriesOurLine (text: string, key?: string): boolean {
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  return key === undefined ? OUR_LINE.test(last) : key !== '' && last.endsWith(key)
}

/** A message without words is no question and no answer. */
export function messageEvents (place: Omit<Moment, 'at'>, message: Message): TicketEvent[] {
  const { id: messageId, authorId, text, by } = message
  if (text === '' || by === 'unsure') return []
  const moment = { ...place, at: message.at }
  if (by === 'customer') {
    return [event(moment, `message:${messageId}`, { kind: 'asked', messageId, text, person: { id: authorId } })]
  }
  return [event(moment, `message:${messageId}`, { kind: 'answered', messageId, agentId: authorId, text, by })]
}

/** Statuses in either spelling. A ticket closed without being solved was not solved. */
export function statusEvents (moment: Moment, previous: string, current: string): TicketEvent[] {
  const [before, after] = [previous.toUpperCase(), current.toUpperCase()]
  if (after === 'SOLVED' && before !== 'SOLVED') return [event(moment, `solved:${moment.at}`, { kind: 'solved' })]
  if (!OVER.has(before) || !OPEN.has(after)) return []
  return [event(moment, `reopened:${moment.at}`, { kind: 'reopened' })]
}

export function priorityEvents (moment: Moment, previous: string, current: string): TicketEvent[] {
  if (current.toUpperCase() !== 'URGENT' || previous.toUpperCase() === 'URGENT') return []
  const how = 'priority urgent'
  return [event(moment, `escalated:${how}:${moment.at}`, { kind: 'escalated', how })]
}

/** Who or which group is in the key: both often change in the same second. Taking a ticket away assigns nobody. */
export function agentEvents (moment: Moment, agentId: string | null): TicketEvent[] {
  if (agentId === null) return []
  return [event(moment, `assigned:agent-${agentId}:${moment.at}`, { kind: 'assigned', agentId })]
}

export function groupEvents (moment: Moment, group: string | null): TicketEvent[] {
  if (group === null) return []
  return [event(moment, `assigned:group-${group}:${moment.at}`, { kind: 'assigned', group })]
}

/** Our own tags say nothing about the ticket. */
export function tagEvents (moment: Moment, added: string[], removed: string[]): TicketEvent[] {
  const fact = { added: foreignTags(added), removed: foreignTags(removed) }
  if (fact.added.length + fact.removed.length === 0) return []
  return [event(moment, `tagged:${moment.at}`, { kind: 'tagged', ...fact })]
}

export function foreignTags (tags: string[]): string[] {
  return tags.filter(tag => !tag.startsWith('deskloop_'))
}

export function mergedEvent (moment: Moment, into: string): TicketEvent {
  return event(moment, 'merged', { kind: 'merged', into })
}

export function deletedEvent (moment: Moment): TicketEvent {
  return event(moment, `deleted:${moment.at}`, { kind: 'deleted' })
}

export function spamEvent (moment: Moment): TicketEvent {
  return event(moment, `spam:${moment.at}`, { kind: 'spam' })
}

/** Also for a message that was made private: from then on its words are nobody's question or answer. */
export function redactedEvent (moment: Moment, messageId: string): TicketEvent {
  return event(moment, `redacted:${messageId}`, { kind: 'redacted', messageId })
}

export function event (moment: Moment, key: string, fact: EventFact): TicketEvent {
  return { key, connection: moment.connection, ticketId: moment.ticketId, at: moment.at, ...fact }
}

// The system acts as author -1: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/
function isSystem (id: string | null): boolean {
  return id?.startsWith('-') ?? false
}
