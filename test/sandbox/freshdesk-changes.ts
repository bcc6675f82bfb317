// What can happen to a ticket, whoever does it: each function applies one save, keeps the vendor's
// times, writes the journal, and lets the rules see it.
import type { Instant, JournalEntry, Person } from './types.ts'
import type { Conversation, Desk, Ticket, TicketRow } from './freshdesk-model.ts'
import {
  CUSTOM_FIELDS, SUPPORT_EMAIL, SURVEY_ID, agentOf, contactOf, later, nextId, shelve, touch
} from './freshdesk-model.ts'
import type { Change, Performer } from './freshdesk-rules.ts'
import { fireCreated, fireUpdated } from './freshdesk-rules.ts'
import { cleanHtml, quoteOf, toHtml, toPlain } from './freshdesk-html.ts'

export interface Actor { by: JournalEntry['by'], performer: Performer, id: number | null }

export const agentActor = (desk: Desk, key?: string): Actor =>
  ({ by: 'agent', performer: 'agent', id: key === undefined ? null : agentOf(desk, key).id })
export const customerActor = (ticket: Ticket): Actor =>
  ({ by: 'customer', performer: 'requester', id: ticket.row.requester_id })
export const botActor = (desk: Desk): Actor => ({ by: 'bot', performer: 'system', id: desk.bot.id })
/** The performer of an API call is the agent who owns the key. */
export const apiActor = (desk: Desk): Actor => ({ by: 'api', performer: 'agent', id: desk.self.id })

export interface Opening {
  at: Instant, subject: string, text: string, person: Person, tags: string[], page?: string, source: number
}

export function openTicket (desk: Desk, o: Opening): Ticket {
  desk.booth.tell(o.at)
  const contact = contactOf(desk, o.person, o.at)
  const custom: Record<string, string | null> = {}
  for (const name of Object.keys(CUSTOM_FIELDS)) custom[name] = null
  if (o.page !== undefined) custom.cf_page_url = o.page
  const isMail = o.source === 1
  const row: TicketRow = {
    cc_emails: [],
    fwd_emails: [],
    reply_cc_emails: [],
    ticket_cc_emails: [],
    fr_escalated: false,
    spam: false,
    email_config_id: null,
    group_id: null,
    priority: 1,
    requester_id: contact.id,
    responder_id: null,
    source: o.source,
    company_id: contact.company_id,
    status: 2,
    subject: o.subject,
    association_type: null,
    support_email: isMail ? SUPPORT_EMAIL : null,
    to_emails: isMail ? [SUPPORT_EMAIL] : null,
    product_id: null,
    id: nextId(desk, 'ticket'),
    type: null,
    due_by: later(o.at, 48 * 3600),
    fr_due_by: later(o.at, 8 * 3600),
    is_escalated: false,
    custom_fields: custom,
    created_at: o.at,
    updated_at: o.at,
    tags: [...new Set(o.tags)],
    nr_due_by: null,
    nr_escalated: false
  }
  const stats = {
    agent_responded_at: null,
    requester_responded_at: null,
    first_responded_at: null,
    status_updated_at: o.at,
    reopened_at: null,
    resolved_at: null,
    closed_at: null,
    pending_since: null
  }
  const ticket: Ticket = {
    row, description: toHtml(o.text), descriptionText: o.text.trim(), stats, conversations: [], ratings: []
  }
  shelve(desk, ticket)
  record(desk, ticket, o.at, 'opened', customerActor(ticket), true, { text: o.text })
  fireCreated(desk, ticket)
  return ticket
}

export type Patch = Partial<Pick<TicketRow,
  'subject' | 'type' | 'status' | 'priority' | 'source' | 'responder_id' | 'group_id' | 'tags' |
  'custom_fields' | 'due_by' | 'fr_due_by'>>

/** One save of properties: applied, journalled, then shown to the rules as a whole. */
export function changeTicket (desk: Desk, ticket: Ticket, at: Instant, actor: Actor, patch: Patch): void {
  const changes = applyPatch(desk, ticket, at, actor, patch)
  fireUpdated(desk, ticket, actor.performer, actor.id, changes)
}

function applyPatch (desk: Desk, ticket: Ticket, at: Instant, actor: Actor, patch: Patch): Change[] {
  const { row } = ticket
  const before = { ...row }
  desk.booth.tell(at)
  Object.assign(row, patch)
  touch(desk, ticket, at)
  const changes: Change[] = []
  const watch = (field: string, from: string | number | null, to: string | number | null): void => {
    if (from !== to) changes.push({ field, from, to })
  }
  watch('status', before.status, row.status)
  watch('responder_id', before.responder_id, row.responder_id)
  watch('group_id', before.group_id, row.group_id)
  watch('priority', before.priority, row.priority)
  watch('ticket_type', before.type, row.type)
  if (before.status !== row.status) moveStatus(desk, ticket, at, actor, before.status)
  if (before.responder_id !== row.responder_id || before.group_id !== row.group_id) {
    record(desk, ticket, at, 'assigned', actor, false)
  }
  if (patch.tags !== undefined) record(desk, ticket, at, 'tagged', actor, false, { text: row.tags.join(', ') })
  const isOther = Object.keys(patch).some(key => !['status', 'responder_id', 'group_id', 'tags'].includes(key))
  if (isOther) record(desk, ticket, at, 'updated', actor, false)
  return changes
}

function moveStatus (desk: Desk, ticket: Ticket, at: Instant, actor: Actor, from: number): void {
  const { row, stats } = ticket
  const wasDone = from === 4 || from === 5
  const isDone = row.status === 4 || row.status === 5
  stats.status_updated_at = at
  stats.pending_since = row.status === 3 ? at : null
  if (wasDone && !isDone) Object.assign(stats, { reopened_at: at, resolved_at: null, closed_at: null })
  if (isDone) stats.resolved_at ??= at
  if (row.status === 4) stats.closed_at = null
  if (row.status === 5) stats.closed_at = at
  // The requester sees the state in the portal and is mailed about it, whoever changed it.
  record(desk, ticket, at, statusKind(row.status, wasDone), actor, true)
}

function statusKind (status: number, wasDone: boolean): JournalEntry['kind'] {
  if (status === 4) return 'solved'
  if (status === 5) return 'closed'
  return wasDone ? 'reopened' : 'updated'
}

export interface Message {
  at: Instant, html: string, plain?: string, incoming: boolean, private: boolean, source: number
  userId: number, kind: 'message' | 'note'
  automation?: number
  to?: string[]
  cc?: string[]
  bcc?: string[]
}

export function addMessage (desk: Desk, ticket: Ticket, actor: Actor, m: Message): Conversation {
  desk.booth.tell(m.at)
  const isMail = m.source === 0
  const body = cleanHtml(m.html)
  const conversation: Conversation = {
    body,
    body_text: m.plain ?? toPlain(body),
    id: nextId(desk, 'conversation'),
    incoming: m.incoming,
    private: m.private,
    user_id: m.userId,
    support_email: isMail ? SUPPORT_EMAIL : null,
    source: m.source,
    category: m.incoming ? 1 : 2,
    to_emails: m.to ?? [],
    from_email: isMail ? fromOf(desk, ticket, m.incoming) : null,
    cc_emails: m.cc ?? [],
    bcc_emails: m.bcc ?? [],
    email_failure_count: null,
    outgoing_failures: null,
    thread_id: null,
    thread_message_id: null,
    created_at: m.at,
    updated_at: m.at,
    last_edited_at: null,
    last_edited_user_id: null,
    attachments: [],
    automation_id: m.automation ?? null,
    automation_type_id: m.automation === undefined ? null : 1,
    auto_response: m.automation !== undefined,
    ticket_id: ticket.row.id,
    threading_type: null,
    source_additional_info: null
  }
  const after = ticket.conversations.findLastIndex(one => one.created_at <= m.at)
  ticket.conversations.splice(after + 1, 0, conversation)
  desk.conversations.set(conversation.id, conversation)
  if (m.incoming && isMail) ticket.stats.requester_responded_at = m.at
  if (!m.incoming && isMail && actor.by !== 'bot') {
    ticket.stats.agent_responded_at = m.at
    ticket.stats.first_responded_at ??= m.at
  }
  touch(desk, ticket, m.at)
  record(desk, ticket, m.at, m.kind, actor, !m.private, said(conversation))
  const changes: Change[] = [messageChange(m)]
  const isReopening = m.incoming && isMail && (ticket.row.status === 4 || ticket.row.status === 5)
  if (isReopening) changes.push(...applyPatch(desk, ticket, m.at, actor, { status: 2 }))
  fireUpdated(desk, ticket, actor.performer, actor.id, changes)
  return conversation
}

function messageChange (m: Message): Change {
  if (m.source === 6) return { field: 'customer_feedback_comment', value: 'sent' }
  if (m.kind === 'note') return { field: 'note_type', value: m.private ? 'private' : 'public' }
  return { field: 'reply_sent', value: 'sent' }
}

function fromOf (desk: Desk, ticket: Ticket, isIncoming: boolean): string | null {
  if (!isIncoming) return `Northwharf Tools <${SUPPORT_EMAIL}>`
  const contact = desk.contacts.get(ticket.row.requester_id)
  return contact?.email == null ? null : `${contact.name} <${contact.email}>`
}

/** The customer's answer; by e-mail his program may append what it answers to. */
export function customerWrites (desk: Desk, ticket: Ticket, o: { at: Instant, text: string }): Conversation {
  const last = ticket.conversations.findLast(one => !one.private && !one.incoming)
  const quoted = last?.body_text ?? ticket.descriptionText
  const author = last?.from_email ?? SUPPORT_EMAIL
  const isQuoting = desk.quotes && ticket.row.source === 1
  const quote = isQuoting
    ? quoteOf(quoted, author, last?.created_at ?? ticket.row.created_at)
    : { html: '', plain: '' }
  return addMessage(desk, ticket, customerActor(ticket), {
    at: o.at,
    html: toHtml(o.text) + quote.html,
    plain: o.text.trim() + quote.plain,
    incoming: true,
    private: false,
    source: 0,
    userId: ticket.row.requester_id,
    kind: 'message',
    to: [SUPPORT_EMAIL]
  })
}

/** 103 is the best answer of the survey, -103 the worst. A rating alone does not move updated_at. */
export function rate (desk: Desk, ticket: Ticket, o: { at: Instant, good: boolean, comment?: string }): void {
  desk.booth.tell(o.at)
  const actor = customerActor(ticket)
  const score = o.good ? 103 : -103
  const rating = {
    id: nextId(desk, 'rating'),
    survey_id: SURVEY_ID,
    user_id: ticket.row.requester_id,
    agent_id: ticket.row.responder_id,
    feedback: o.comment ?? null,
    group_id: ticket.row.group_id,
    ticket_id: ticket.row.id,
    ratings: { default_question: score },
    created_at: o.at,
    updated_at: o.at
  }
  ticket.ratings.push(rating)
  desk.ratings.push(rating)
  record(desk, ticket, o.at, 'rated', actor, true, o.comment === undefined ? {} : { text: o.comment })
  fireUpdated(desk, ticket, 'requester', actor.id, [{ field: 'customer_feedback', value: String(score) }])
  if (o.comment === undefined) return
  const shape = { incoming: true, private: false, source: 6, kind: 'message' } as const
  addMessage(desk, ticket, actor, {
    at: o.at, html: toHtml(o.comment), plain: o.comment.trim(), userId: ticket.row.requester_id, ...shape
  })
}

export type Exit = 'spam' | 'deleted'

export function moveOut (desk: Desk, ticket: Ticket, at: Instant, actor: Actor, exit: Exit): void {
  desk.booth.tell(at)
  if (exit === 'spam') ticket.row.spam = true
  else ticket.row.deleted = true
  touch(desk, ticket, at)
  record(desk, ticket, at, exit, actor, false)
  const value = exit === 'spam' ? 'marked_spam' : 'delete'
  fireUpdated(desk, ticket, actor.performer, actor.id, [{ field: 'ticket_action', value }])
}

export function record (
  desk: Desk, ticket: Ticket, at: Instant, kind: JournalEntry['kind'], actor: Actor, isPublic: boolean,
  more: Partial<JournalEntry> = {}
): void {
  const author = actor.id === null ? {} : { authorId: String(actor.id) }
  desk.booth.record({
    at, ticketId: String(ticket.row.id), kind, by: actor.by, public: isPublic, ...author, ...more
  })
}

export function said (conversation: Conversation): Partial<JournalEntry> {
  return { messageId: String(conversation.id), text: conversation.body_text }
}
