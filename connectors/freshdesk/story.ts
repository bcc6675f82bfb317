// A ticket's story from what REST tells of it: the only maker of Freshdesk's events, for webhooks and for history.
// What Freshdesk gives no time for makes no event, because its key would change with every reading: assignments,
// priorities, tags, merges (no pointer to the other ticket) and removed messages. `is_escalated` is a breached
// deadline, not a person who asked for help.
import { contextIn, plainText } from '../../src/text.ts'
import type { ContextFields } from '../../src/text.ts'
import type { Instant, PersonRef, TicketEvent } from '../../src/types.ts'
import { idOf, instantOf, isFields, messageText, NOBODY, personFrom } from './records.ts'
import type { Fields, Ticket } from './records.ts'

/** One message that the customer can see. */
export interface Message {
  id: string
  at: Instant
  from: 'customer' | 'agent' | 'bot'
  author: PersonRef
  text: string                                      // empty when only files were sent
}

export const DESCRIPTION = 'description'
const SURVEY = 6
const FORWARD = 8

export function makeStory (
  connection: string, ticket: Ticket, conversations: Fields[], ratings: Fields[], fields: ContextFields = []
): TicketEvent[] {
  const base = { connection, ticketId: ticket.id }
  const events: TicketEvent[] = [{
    ...base,
    key: 'opened',
    at: ticket.createdAt,
    kind: 'opened',
    subject: ticket.subject,
    channel: ticket.channel,
    person: ticket.requester,
    ...(ticket.page === null ? {} : { page: ticket.page }),
    tags: []                                        // only today's tags can be read, never those it was opened with
  }]
  // Only today's values are told, without a time: the first reading stays, as the key says no value.
  for (const said of contextIn(fields, field => ticket.custom[field])) {
    events.push({ ...base, key: `context:${said.name}`, at: ticket.createdAt, kind: 'context', ...said })
  }
  for (const message of listMessages(ticket, conversations)) {
    const { id, at, from, author, text } = message
    if (text === '') continue
    const said = { ...base, key: `message:${id}`, at, messageId: id, text }
    if (from === 'customer') events.push({ ...said, kind: 'asked', person: author })
    else events.push({ ...said, kind: 'answered', agentId: author.id, by: from === 'bot' ? 'bot' : 'human' })
  }
  const { solvedAt, reopenedAt, updatedAt } = ticket
  if (solvedAt !== null) events.push({ ...base, key: `solved:${solvedAt}`, at: solvedAt, kind: 'solved' })
  if (reopenedAt !== null) events.push({ ...base, key: `reopened:${reopenedAt}`, at: reopenedAt, kind: 'reopened' })
  for (const rating of ratings) {
    const event = readRating(base, rating)
    if (event !== null) events.push(event)
  }
  // Both are only flags. The nearest time is that of the last change, which moves: so the key has none, and the first
  // reading stays.
  if (ticket.spam) events.push({ ...base, key: 'spam', at: updatedAt, kind: 'spam' })
  if (ticket.deleted) events.push({ ...base, key: 'deleted', at: updatedAt, kind: 'deleted' })
  return events.sort((a, b) => compareInstants(a.at, b.at))
}

/** What the customer wrote and saw, oldest first; the ticket's description is the first of it. */
export function listMessages (ticket: Ticket, conversations: Fields[]): Message[] {
  const first: Message = {
    id: DESCRIPTION,
    at: ticket.createdAt,
    from: ticket.outbound ? 'agent' : 'customer',
    author: ticket.outbound ? { id: NOBODY } : ticket.requester,   // who sent an outbound mail is not told
    text: ticket.text
  }
  const later = conversations.map(row => readMessage(ticket, row)).filter(message => message !== null)
  return [first, ...later].sort((a, b) => compareInstants(a.at, b.at))
}

function readMessage (ticket: Ticket, row: Fields): Message | null {
  const id = idOf(row.id)
  const at = instantOf(row.created_at)
  // Only what is plainly said to be public is: notes, forwards and anything unclear stay out of the story.
  if (id === null || at === null || row.private !== false) return null
  // A survey's comment is told by the rating it belongs to.
  if (row.source === SURVEY || row.source === FORWARD) return null
  const text = messageText(row.body, row.body_text)
  const userId = idOf(row.user_id)
  const machine = row.auto_response === true || (row.automation_id ?? null) !== null
  // A customer's note in the portal is not marked as incoming: its author tells.
  if (row.incoming === true || userId === ticket.requester.id) {
    if (machine) return null                        // an absence note of the customer's mail program asks nothing
    const other = userId !== null && userId !== ticket.requester.id
    return { id, at, from: 'customer', author: other ? personFrom(userId, row.from_email) : ticket.requester, text }
  }
  const bot = machine || userId === null
  return { id, at, from: bot ? 'bot' : 'agent', author: { id: userId ?? NOBODY }, text }
}

function readRating (base: { connection: string, ticketId: string }, row: Fields): TicketEvent | null {
  const id = idOf(row.id)
  const at = instantOf(row.created_at)
  const score = isFields(row.ratings) ? scoreOf(row.ratings.default_question) : null
  if (id === null || at === null || score === null) return null
  const comment = typeof row.feedback === 'string' ? plainText(row.feedback) : ''
  const said = comment === '' ? {} : { comment }
  return { ...base, key: `rated:${id}`, at, kind: 'rated', good: score >= 0.5, score, ...said }
}

/**
 * Two scales as one from 0 to 1: -103 to -101, 100 and 101 to 103, and the classic 1 (happy), 2, 3 (unhappy).
 * https://developers.freshdesk.com/api/#view_ratings_of_a_ticket
 */
export function scoreOf (value: unknown): number | null {
  if (value === 1) return 1
  if (value === 2 || value === 100) return 0.5
  if (value === 3) return 0
  if (typeof value !== 'number' || !Number.isInteger(value)) return null
  const steps = Math.abs(value) - 100
  if (steps < 1 || steps > 3) return null
  return Math.round((0.5 + Math.sign(value) * steps / 6) * 1000) / 1000
}

function compareInstants (a: Instant, b: Instant): number {
  return Number(a > b) - Number(a < b)
}
