// The one way anything changes in the pretend Zendesk: an edit becomes an audit, moves `updated_at`, is journalled and
// makes the webhooks. What changes nothing leaves no trace, as at the vendor.
import { blackOut } from './zendesk-text.ts'
import type { Written } from './zendesk-text.ts'
import { STATUS_IDS } from './zendesk-state.ts'
import type { Audit, AuditEvent, Comment, FieldValue, State, Ticket, User, Values } from './zendesk-state.ts'
import { fieldTitle, fieldType, makeSystem, makeVia } from './zendesk-shapes.ts'
import { idText } from './zendesk-hooks.ts'
import { mailsOf } from './zendesk-triggers.ts'
import type { Fact, Hooks } from './zendesk-hooks.ts'
import type { Instant, JournalEntry } from './types.ts'

export interface Edit {
  at: Instant
  actor: User
  by: JournalEntry['by']
  channel: string
  comment?: { written: Written, author: User, public: boolean, kind: 'message' | 'note' }
  set?: Partial<Values>
  fields?: Map<number, FieldValue>
  custom?: object                                   // metadata that an API client left with its update
  events?: Array<{ type: string, [name: string]: unknown }>
  facts?: Fact[]                                    // what the changes do not say by themselves
  journal?: JournalEntry                            // in place of the entries the changes would make
}

type Name = keyof Values
const NAMES: readonly Name[] = ['subject', 'type', 'priority', 'status', 'custom_status_id', 'assignee_id', 'group_id',
  'requester_id', 'external_id', 'tags']
const CHANGED_TOPICS: Readonly<Partial<Record<Name, string>>> = {
  subject: 'subject_changed',
  type: 'type_changed',
  priority: 'priority_changed',
  status: 'status_changed',
  custom_status_id: 'custom_status_changed',
  assignee_id: 'agent_assignment_changed',
  group_id: 'group_assignment_changed',
  requester_id: 'requester_changed',
  external_id: 'external_id_changed'
}

interface Change { name: string, value: unknown, previous: unknown }

export interface Done { audit: Audit, comment: Comment | null }

/** Null when nothing was to change. */
export function updateTicket (state: State, hooks: Hooks, ticket: Ticket, edit: Edit): Done | null {
  const changes = applyValues(ticket, completed(ticket, edit.set ?? {}))
  const fieldChanges = applyFields(ticket, edit.fields ?? new Map())
  const isNothing = changes.length + fieldChanges.length === 0
  if (isNothing && edit.comment === undefined && edit.events === undefined) return null

  const audit = makeAudit(state, ticket, edit)
  const comment = edit.comment === undefined ? null : addComment(state, ticket, audit, edit.comment)
  for (const { name, value, previous } of [...changes, ...fieldChanges]) {
    audit.events.push({ id: state.nextId(), type: 'Change', value, field_name: name, previous_value: previous })
  }
  for (const event of edit.events ?? []) audit.events.push({ id: state.nextId(), ...event })
  if (comment?.public === true && edit.actor.role !== 'end-user') audit.events.push(notification(state, ticket))
  const mails = mailsOf(state, ticket, { publicComment: comment?.public ?? null, isNew: false })
  audit.events.push(...mails)
  state.touch(ticket, edit.at)

  const entries = edit.journal === undefined ? journalOf(ticket, edit, changes, fieldChanges, comment) : [edit.journal]
  for (const entry of entries) state.booth.record(entry)
  for (const mail of mails) {
    const toCustomer = Array.isArray(mail.recipients) && mail.recipients.includes(ticket.values.requester_id)
    state.booth.record({ at: edit.at, ticketId: String(ticket.id), kind: 'mailed', by: 'bot', public: toCustomer })
  }
  const added = comment === null || edit.comment === undefined ? [] : [commentAdded(comment, edit.comment.author)]
  hooks.fire(ticket, edit.actor, edit.at,
    [...changes.map(changedFact), ...fieldChanges.map(fieldFact), ...added, ...edit.facts ?? []])
  return { audit, comment }
}

/** The first audit of a ticket: its first comment, and what it was made with. */
export function beginTicket (state: State, hooks: Hooks, ticket: Ticket, edit: Edit & { comment: NonNullable<Edit['comment']> }): Comment {
  state.addTicket(ticket)
  const audit = makeAudit(state, ticket, edit)
  audit.via = ticket.via
  const comment = addComment(state, ticket, audit, edit.comment)
  for (const name of NAMES) {
    const value = auditValue(name, ticket.values[name])
    if (value === null || (Array.isArray(value) && value.length === 0)) continue
    audit.events.push({ id: state.nextId(), type: 'Create', value, field_name: name })
  }
  for (const [id, value] of ticket.fields) {
    audit.events.push({ id: state.nextId(), type: 'Create', value, field_name: String(id) })
  }
  audit.events.push(notification(state, ticket))
  state.touch(ticket, edit.at)
  state.booth.record({
    at: edit.at, ticketId: String(ticket.id), kind: 'opened', by: 'customer', public: true, messageId: String(comment.id),
    authorId: String(edit.actor.id), text: comment.plain
  })
  // The first comment is the description: it comes with `created` and has no `comment_added` of its own.
  hooks.fire(ticket, edit.actor, edit.at, [{ topic: 'created', event: {} }])
  return comment
}

export function redactComment (comment: Comment, audit: Audit | undefined, written?: Written): void {
  const next = written ?? {
    html: comment.html.replace(/>([^<]+)/g, (_, text: string) => `>${blackOut(text)}`), body: blackOut(comment.body), plain: blackOut(comment.plain)
  }
  Object.assign(comment, next)
  const kept = audit?.events.find(event => event.type === 'Comment' && event.id === comment.id)
  if (kept !== undefined) Object.assign(kept, { body: next.body, html_body: next.html, plain_body: next.plain })
}

/** What the vendor adds of itself: a custom status for each status, "open" for a new ticket that gets an agent. */
function completed (ticket: Ticket, set: Partial<Values>): Partial<Values> {
  const takes = set.status === undefined && ticket.values.status === 'new' && typeof set.assignee_id === 'number'
  const status = takes ? 'open' : set.status
  return status === undefined ? set : { ...set, status, custom_status_id: STATUS_IDS[status] }
}

function applyValues (ticket: Ticket, set: Partial<Values>): Change[] {
  const changes: Change[] = []
  for (const name of NAMES) {
    const next = set[name]
    const previous = ticket.values[name]
    if (next === undefined || JSON.stringify(next) === JSON.stringify(previous)) continue
    Object.assign(ticket.values, { [name]: next })
    changes.push({ name, value: auditValue(name, next), previous: auditValue(name, previous) })
  }
  return changes
}

function applyFields (ticket: Ticket, fields: Map<number, FieldValue>): Change[] {
  const changes: Change[] = []
  for (const [id, next] of fields) {
    const previous = ticket.fields.get(id) ?? null
    if (JSON.stringify(previous) === JSON.stringify(next)) continue
    ticket.fields.set(id, next)
    changes.push({ name: String(id), value: next, previous })
  }
  return changes
}

function auditValue (name: Name, value: Values[Name]): unknown {
  return name.endsWith('_id') && typeof value === 'number' ? String(value) : value
}

function makeAudit (state: State, ticket: Ticket, edit: Edit): Audit {
  const id = state.nextId()
  const audit: Audit = {
    id,
    ticketId: ticket.id,
    createdAt: edit.at,
    authorId: edit.actor.id,
    via: makeVia(state, edit.channel, edit.actor),
    metadata: { system: makeSystem(edit.channel, id), custom: edit.custom ?? {} },
    events: []
  }
  ticket.audits.push(audit)
  state.addAudit(audit)
  return audit
}

function addComment (state: State, ticket: Ticket, audit: Audit, c: NonNullable<Edit['comment']>): Comment {
  const comment: Comment = {
    id: state.nextId(),
    auditId: audit.id,
    authorId: c.author.id,
    html: c.written.html,
    body: c.written.body,
    plain: c.written.plain,
    public: c.public,
    createdAt: audit.createdAt,
    via: audit.via,
    metadata: audit.metadata
  }
  ticket.comments.push(comment)
  state.commentHome.set(comment.id, ticket)
  audit.events.push({
    id: comment.id,
    type: 'Comment',
    author_id: comment.authorId,
    body: comment.body,
    html_body: comment.html,
    plain_body: comment.plain,
    public: comment.public,
    attachments: [],
    audit_id: audit.id
  })
  return comment
}

function notification (state: State, ticket: Ticket): AuditEvent {
  const from = { deleted: false, title: 'Tell the requester', id: 41950000000002 }
  return {
    id: state.nextId(),
    type: 'Notification',
    via: { channel: 'rule', source: { from, rel: 'trigger' } },
    subject: '{{ticket.title}}',
    body: 'Your request was updated.',
    recipients: [ticket.values.requester_id]
  }
}

function journalOf (
  ticket: Ticket, edit: Edit, changes: Change[], fields: Change[], comment: Comment | null
): JournalEntry[] {
  const base = { at: edit.at, ticketId: String(ticket.id), by: edit.by, authorId: String(edit.actor.id) }
  const entries: JournalEntry[] = []
  if (comment !== null && edit.comment !== undefined) {
    entries.push({
      ...base, kind: edit.comment.kind, public: comment.public, messageId: String(comment.id),
      authorId: String(comment.authorId), text: comment.plain
    })
  }
  const kinds = new Set<JournalEntry['kind']>()
  for (const change of changes) {
    const kind = kindOf(change)
    if (kind !== null) kinds.add(kind)
  }
  if (fields.length > 0) kinds.add('updated')
  return [...entries, ...[...kinds].map(kind => ({ ...base, kind, public: false }))]
}

function kindOf ({ name, value, previous }: Change): JournalEntry['kind'] | null {
  if (name === 'tags') return 'tagged'
  if (name === 'assignee_id' || name === 'group_id') return 'assigned'
  if (name === 'custom_status_id') return null
  if (name !== 'status') return 'updated'
  if (value === 'solved') return 'solved'
  if (value === 'closed') return 'closed'
  if (previous === 'solved') return 'reopened'
  return previous === 'new' ? null : 'updated'
}

function changedFact ({ name, value, previous }: Change): Fact {
  if (name === 'tags') {
    const [now, before] = [listOf(value), listOf(previous)]
    const added = now.filter(tag => !before.includes(tag))
    return { topic: 'tags_changed', event: { tags_added: added, tags_removed: before.filter(tag => !now.includes(tag)) } }
  }
  const topic = NAMES.map(one => one === name ? CHANGED_TOPICS[one] : undefined).find(one => one !== undefined)
  const loud = ['status', 'priority', 'type'].includes(name)
  const say = (one: unknown): unknown => loud && typeof one === 'string' ? one.toUpperCase() : one
  return { topic: topic ?? `${name}_changed`, event: { current: say(value), previous: say(previous) } }
}

function fieldFact ({ name, value, previous }: Change): Fact {
  const id = Number(name)
  const field = { id: name, title: fieldTitle(id), type: fieldType(id) }
  return { topic: 'custom_field_changed', event: { current: { value }, custom_field: field, previous: { value: previous } } }
}

function commentAdded (comment: Comment, author: User): Fact {
  const who = { id: idText(author.id), is_staff: author.role !== 'end-user', name: author.name }
  return {
    topic: 'comment_added',
    event: { comment: { author: who, body: comment.body, id: String(comment.id), is_public: comment.public } }
  }
}

function listOf (value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
