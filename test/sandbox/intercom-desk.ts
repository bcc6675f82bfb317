// What is done to conversations of the pretend intercom, by people and by programs alike: the change itself, the line
// in the journal, and the webhooks the vendor would make of it.
import type { Booth } from './booth.ts'
import {
  addPart, addTag, noteAnswer, noteAssignment, noteClose, noteQuestion, noteReopen, redact
} from './intercom-changes.ts'
import { toPlain } from './intercom-text.ts'
import type { Webhooks } from './intercom-webhooks.ts'
import { authorOfContact, dropConversation, touch } from './intercom-world.ts'
import type { Attachment, Author, Contact, Conversation, Part, Ref, Tag, World } from './intercom-model.ts'
import type { JournalEntry } from './types.ts'

export interface Desk { booth: Booth, world: World, webhooks: Webhooks }

/** Who does it and when. `byApi`: a program, through REST. */
export interface Act { at: number, author: Author, byApi?: boolean }

export interface Message extends Act {
  body: string | null                               // html
  createdAt?: number
  attachments?: Attachment[]
  assign?: boolean                                  // the reply takes the conversation over, in the same part
  quickReply?: boolean
  viaTicket?: boolean                               // written through /tickets: the ticket topics fire instead
}

export function ask (desk: Desk, c: Conversation, contact: Contact, o: Message): Part {
  const { world, webhooks } = desk
  const wasClosed = c.state === 'closed'
  const part = addPart(world, c, {
    ...o, author: authorOfContact(contact), type: wasClosed ? 'open' : 'comment', state: 'open'
  })
  noteQuestion(c, contact, part.created_at)
  if (wasClosed) noteReopen(c)
  record(desk, c, o, 'message', true, part)
  if (wasClosed) record(desk, c, o, 'reopened', false)
  webhooks.conversation('conversation.user.replied', c, part, o.at)
  return part
}

/**
 * A public answer of a teammate. On a closed conversation it opens it again; a reply that assigns is one part with
 * three topics, as captured deliveries show.
 */
export function answer (desk: Desk, c: Conversation, o: Message): Part {
  const { world, webhooks } = desk
  const wasClosed = c.state === 'closed'
  const to: Ref = { type: 'admin', id: o.author.id }
  const part = addPart(world, c, {
    ...o,
    type: typeOfAnswer(o, wasClosed),
    ...wasClosed ? { state: 'open' } : {},
    ...o.assign === true ? { assignedTo: to } : {}
  })
  if (wasClosed) noteReopen(c)
  if (o.assign === true) noteAssignment(c, to, part.created_at)
  noteAnswer(c, part.created_at)
  record(desk, c, o, 'message', true, part)
  if (wasClosed) record(desk, c, o, 'reopened', false)
  if (o.viaTicket === true) { webhooks.ticketPart('ticket.admin.replied', c, part, o.at); return part }
  webhooks.conversation('conversation.admin.replied', c, part, o.at)
  if (wasClosed) webhooks.conversation('conversation.admin.opened', c, part, o.at)
  if (o.assign === true) {
    record(desk, c, o, 'assigned', false)
    webhooks.conversation('conversation.admin.assigned', c, part, o.at)
    webhooks.conversation('conversation.admin.open.assigned', c, part, o.at)
  }
  return part
}

function typeOfAnswer (o: Message, wasClosed: boolean): string {
  if (o.assign === true) return wasClosed ? 'assign_and_reopen' : 'assignment'
  if (o.quickReply === true) return 'quick_reply'
  return wasClosed ? 'open' : 'comment'
}

/** A note leaves state and waiting time as they are. */
export function jot (desk: Desk, c: Conversation, o: Message): Part {
  const part = addPart(desk.world, c, { ...o, type: 'note' })
  record(desk, c, o, 'note', false, part)
  if (o.viaTicket === true) desk.webhooks.ticketPart('ticket.note.created', c, part, o.at)
  else desk.webhooks.conversation('conversation.admin.noted', c, part, o.at)
  return part
}

export function answerByBot (desk: Desk, c: Conversation, at: number, body: string): Part {
  const author = desk.world.bot
  const part = addPart(desk.world, c, { at, author, body, type: 'comment' })
  c.waiting_since = null
  c.answeredByAi = at
  record(desk, c, { at, author }, 'message', true, part)
  desk.webhooks.conversation('conversation.operator.replied', c, part, at)
  return part
}

export function assign (desk: Desk, c: Conversation, to: Ref, o: Act & { body?: string | null }): Part {
  const part = addPart(desk.world, c, { ...o, type: 'assignment', assignedTo: to })
  noteAssignment(c, to, o.at)
  saidAlong(desk, c, part, o)
  record(desk, c, o, 'assigned', false)
  desk.webhooks.conversation('conversation.admin.assigned', c, part, o.at)
  if (c.state === 'open') desk.webhooks.conversation('conversation.admin.open.assigned', c, part, o.at)
  return part
}

export function close (
  desk: Desk, c: Conversation, o: Act & { body?: string | null }, kind: 'solved' | 'spam' = 'solved'
): Part {
  const part = addPart(desk.world, c, { ...o, type: 'close', state: 'closed' })
  saidAlong(desk, c, part, o)
  noteClose(c, o.author.id, o.at)
  if (c.ticket !== null) c.ticket.category = 'resolved'
  record(desk, c, o, kind, false)
  desk.webhooks.conversation('conversation.admin.closed', c, part, o.at)
  return part
}

export function open (desk: Desk, c: Conversation, o: Act): void {
  if (c.state === 'open') return
  const wasSnoozed = c.state === 'snoozed'
  const part = addPart(desk.world, c, { ...o, type: wasSnoozed ? 'unsnoozed' : 'open', state: 'open' })
  c.snoozed_until = null
  if (wasSnoozed) { desk.webhooks.conversation('conversation.admin.unsnoozed', c, part, o.at); return }
  noteReopen(c)
  record(desk, c, o, 'reopened', false)
  desk.webhooks.conversation('conversation.admin.opened', c, part, o.at)
}

export function snooze (desk: Desk, c: Conversation, until: number, o: Act): void {
  const part = addPart(desk.world, c, { ...o, type: 'snoozed', state: 'snoozed' })
  c.snoozed_until = until
  record(desk, c, o, 'updated', false)
  desk.webhooks.conversation('conversation.admin.snoozed', c, part, o.at)
}

// An assignment or a close may carry the words of a reply: then it is one
function saidAlong (desk: Desk, c: Conversation, part: Part, o: Act): void {
  if (part.body === null) return
  noteAnswer(c, o.at)
  record(desk, c, o, 'message', true, part)
  desk.webhooks.conversation('conversation.admin.replied', c, part, o.at)
}

/** The topic carries the tagged message, not a new one; on the opening message alone there is none. */
export function tag (desk: Desk, c: Conversation, one: Tag, o: Act): void {
  if (!addTag(desk.world, c, one, o.author.id, o.at)) return
  const part = c.parts.findLast(known => known.body !== null) ?? null
  part?.tags.push(one)
  if (part !== null) part.updated_at = Math.max(part.updated_at, o.at)
  record(desk, c, o, 'tagged', false, undefined, one.name)
  desk.webhooks.conversation('conversation_part.tag.created', c, part, o.at, [one])
}

export function escalate (desk: Desk, c: Conversation, o: Act): void {
  if (c.priority === 'urgent') return
  c.priority = 'urgent'
  const part = addPart(desk.world, c, { ...o, type: 'priority_changed' })
  record(desk, c, o, 'updated', false)
  desk.webhooks.conversation('conversation.priority.updated', c, part, o.at)
}

/** Only the first rating has a topic. A changed one, and a later remark, show by reading again alone. */
export function rate (
  desk: Desk, c: Conversation, contact: Contact, o: { at: number, rating: number, remark: string | null }
): void {
  const { at, rating, remark } = o
  const isFirst = c.rating === null
  const author = authorOfContact(contact)
  addPart(desk.world, c, { at, author, type: 'conversation_rating_changed' })
  if (remark !== null) addPart(desk.world, c, { at, author, type: 'conversation_rating_remark_added' })
  // created_at is when the rating was asked for: here, when the conversation was closed
  const requested = c.rating?.created_at ?? c.statistics.last_close_at ?? at
  c.rating = { rating, remark, created_at: requested, updated_at: at }
  const text = remark === null ? {} : { text: remark }
  desk.booth.record({ ...lineOf(c, { at, author }, 'rated', true), ...text })
  if (isFirst) desk.webhooks.conversation('conversation.rating.added', c, null, at)
}

/** The secondary conversation is closed and points to the primary, which survives. */
export function merge (desk: Desk, secondary: Conversation, primary: Conversation, o: Act): void {
  secondary.mergedInto = primary.id
  addPart(desk.world, secondary, { ...o, type: 'merged_primary_conversation' })
  const part = addPart(desk.world, secondary, { ...o, type: 'close', state: 'closed' })
  noteClose(secondary, o.author.id, o.at)
  touch(desk.world, primary, o.at)
  record(desk, secondary, o, 'merged', false)
  desk.webhooks.conversation('conversation.admin.closed', secondary, part, o.at)
}

export function remove (desk: Desk, c: Conversation, o: Act): void {
  dropConversation(desk.world, c, o.at)
  record(desk, c, o, 'deleted', false)
  desk.webhooks.deleted(c.id, o.at)
}

/** False when there is no such message, or none with a text. */
export function redactMessage (desk: Desk, c: Conversation, messageId: string, o: Act): boolean {
  const found = redact(desk.world, c, messageId, o.at)
  if (found === null) return false
  desk.booth.record({ ...lineOf(c, o, 'redacted', true), messageId })
  desk.webhooks.conversation('conversation_part.redacted', c, found === 'source' ? null : found, o.at)
  return true
}

export function record (
  desk: Desk, c: Conversation, o: Act, kind: JournalEntry['kind'], isPublic: boolean, part?: Part, text?: string
): void {
  const said = part === undefined ? {} : { messageId: part.id, text: toPlain(part.body ?? '') }
  const words = text === undefined ? {} : { text }
  // An ask comes with the contact as its author, so `by` is told from the part where there is one
  const author = part?.author ?? o.author
  desk.booth.record({ ...lineOf(c, { ...o, author }, kind, isPublic), ...said, ...words })
}

function lineOf (c: Conversation, o: Act, kind: JournalEntry['kind'], isPublic: boolean): JournalEntry {
  return { at: instantOf(o.at), ticketId: c.id, kind, by: byOf(o), public: isPublic, authorId: o.author.id }
}

function byOf (o: Act): JournalEntry['by'] {
  if (o.byApi === true) return 'api'
  if (o.author.type === 'user') return 'customer'
  return o.author.type === 'bot' ? 'bot' : 'agent'
}

export function instantOf (seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19) + 'Z'
}
