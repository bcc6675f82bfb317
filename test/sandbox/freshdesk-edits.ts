// What is changed after the fact: merged tickets, edited, removed and redacted messages, tickets that
// come back from spam or trash.
import type { Instant } from './types.ts'
import type { Conversation, Desk, Ticket } from './freshdesk-model.ts'
import { touch } from './freshdesk-model.ts'
import type { Actor } from './freshdesk-changes.ts'
import { addMessage, changeTicket, record, said } from './freshdesk-changes.ts'
import { cleanHtml, toHtml, toPlain } from './freshdesk-html.ts'

export interface MergeNotes {
  primary: { body: string, private: boolean }
  secondary: { body: string, private: boolean }
}

/** The secondary is closed with a note; no field points to the primary, only the words do. */
export function mergeTickets (
  desk: Desk, primary: Ticket, secondary: Ticket, at: Instant, actor: Actor, notes?: MergeNotes
): void {
  const [into, from] = [primary.row.id, secondary.row.id]
  const inSecondary = notes?.secondary ??
    { body: toHtml(`This ticket is closed and merged into ticket ${into}`), private: true }
  const inPrimary = notes?.primary ??
    { body: toHtml(`Ticket ${from} is merged into this ticket\n\n${secondary.descriptionText}`), private: true }
  record(desk, secondary, at, 'merged', actor, !inSecondary.private)
  addNote(desk, secondary, at, actor, inSecondary)
  changeTicket(desk, secondary, at, actor, { status: 5 })
  addNote(desk, primary, at, actor, inPrimary)
}

function addNote (
  desk: Desk, ticket: Ticket, at: Instant, actor: Actor, note: { body: string, private: boolean }
): void {
  addMessage(desk, ticket, actor, {
    at,
    html: note.body,
    incoming: false,
    private: note.private,
    source: 2,
    userId: actor.id ?? desk.self.id,
    kind: 'note'
  })
}

/** Freshdesk edits notes in place and says who and when. */
export function editNote (
  desk: Desk, ticket: Ticket, note: Conversation, at: Instant, actor: Actor, html: string
): void {
  desk.booth.tell(at)
  note.body = cleanHtml(html)
  note.body_text = toPlain(note.body)
  note.updated_at = at
  note.last_edited_at = at
  note.last_edited_user_id = actor.id
  touch(desk, ticket, at)
  record(desk, ticket, at, 'note-edited', actor, !note.private, said(note))
}

export function removeNote (desk: Desk, ticket: Ticket, note: Conversation, at: Instant, actor: Actor): void {
  desk.booth.tell(at)
  ticket.conversations = ticket.conversations.filter(one => one.id !== note.id)
  desk.conversations.delete(note.id)
  touch(desk, ticket, at)
  record(desk, ticket, at, 'note-removed', actor, !note.private, said(note))
}

/** Takes words out of a message; the ticket's own id means its description. */
export function redact (desk: Desk, ticket: Ticket, messageId: string, at: Instant, actor: Actor): void {
  const conversation = ticket.conversations.find(one => String(one.id) === messageId)
  const blank = '[redacted]'
  if (conversation !== undefined) {
    conversation.body = toHtml(blank)
    conversation.body_text = blank
    conversation.updated_at = at
    conversation.last_edited_at = at
    conversation.last_edited_user_id = actor.id
  } else if (messageId === String(ticket.row.id)) {
    ticket.description = toHtml(blank)
    ticket.descriptionText = blank
  } else {
    throw new Error(`the pretend Freshdesk has no message ${messageId} on ticket ${ticket.row.id}`)
  }
  desk.booth.tell(at)
  touch(desk, ticket, at)
  record(desk, ticket, at, 'redacted', actor, conversation?.private !== true, { messageId })
}

export function bringBack (desk: Desk, ticket: Ticket, at: Instant, actor: Actor): void {
  ticket.row.spam = false
  delete ticket.row.deleted
  touch(desk, ticket, at)
  record(desk, ticket, at, 'updated', actor, false)
}
