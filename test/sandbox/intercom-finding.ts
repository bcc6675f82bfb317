// What can be searched in the pretend intercom, field by field, and a search over conversations that uses the order
// they are kept in.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/searchconversations
import { cutPage, matches } from './intercom-search.ts'
import type { Filter, Kind, Page, Search, Searchable, Value } from './intercom-search.ts'
import { toPlain } from './intercom-text.ts'
import { place } from './intercom-world.ts'
import type { Contact, Conversation, World } from './intercom-model.ts'

const STATISTICS: readonly string[] = [
  'time_to_assignment', 'time_to_admin_reply', 'time_to_first_close', 'time_to_last_close', 'median_time_to_reply',
  'first_contact_reply_at', 'first_assignment_at', 'first_admin_reply_at', 'first_close_at', 'last_assignment_at',
  'last_assignment_admin_reply_at', 'last_contact_reply_at', 'last_admin_reply_at', 'last_close_at', 'count_reopens',
  'count_assignments', 'count_conversation_parts'
]

const CONVERSATION: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...namesOf('string', 'id', 'source.type', 'source.id', 'source.delivered_as', 'source.subject', 'source.body',
    'source.author.id', 'source.author.type', 'source.author.name', 'source.author.email', 'source.url', 'contact_ids',
    'teammate_ids', 'channel_initiated', 'state', 'tag_ids', 'priority', 'statistics.last_closed_by_id',
    'conversation_rating.remark', 'conversation_rating.contact_id', 'ai_agent.resolution_state',
    'ai_agent.last_answer_type', 'ai_agent.source_type', 'ai_agent.source_title', 'ai_agent.rating_remark'),
  ...namesOf('integer', 'admin_assignee_id', 'team_assignee_id', 'conversation_rating.score', 'ai_agent.rating'),
  ...namesOf('date', 'created_at', 'updated_at', 'waiting_since', 'snoozed_until', 'conversation_rating.requested_at',
    'conversation_rating.replied_at'),
  ...namesOf('boolean', 'open', 'read', 'ai_agent_participated'),
  ...STATISTICS.map((name): [string, Kind] => [`statistics.${name}`, name.endsWith('_at') ? 'date' : 'integer'])
])

const CONTACT: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...namesOf('string', 'id', 'role', 'name', 'email', 'email_domain', 'external_id', 'phone', 'owner_id'),
  ...namesOf('date', 'created_at', 'updated_at', 'signed_up_at', 'last_seen_at', 'last_replied_at',
    'last_contacted_at'),
  ...namesOf('boolean', 'unsubscribed_from_emails', 'marked_email_as_spam', 'has_hard_bounced')
])

const TICKET: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...namesOf('string', 'id', 'title', 'description', 'category', 'ticket_type_id', 'contact_ids', 'teammate_ids',
    'admin_assignee_id', 'team_assignee_id', 'state'),
  ...namesOf('date', 'created_at', 'updated_at', 'snoozed_until'),
  ...namesOf('boolean', 'open')
])

function namesOf (kind: Kind, ...names: string[]): Array<[string, Kind]> {
  return names.map(name => [name, kind])
}

export const conversationSearch: Searchable<Conversation> = {
  kindOf: field => CONVERSATION.get(field) ?? null,
  valueOf: conversationValue,
  dates: 'inclusive',
  sortable: ['created_at', 'updated_at', 'waiting_since', 'snoozed_until'],
  defaultPerPage: 20
}

export const ticketSearch: Searchable<Conversation> = {
  kindOf: field => TICKET.get(field) ?? null,
  valueOf: ticketValue,
  dates: 'inclusive',
  sortable: ['created_at', 'updated_at'],
  defaultPerPage: 20
}

export const contactSearch: Searchable<Contact> = {
  kindOf: field => CONTACT.get(field) ?? null,
  valueOf: contactValue,
  dates: 'days',
  sortable: ['created_at', 'updated_at', 'last_replied_at', 'last_seen_at', 'signed_up_at'],
  defaultPerPage: 50
}

/** A range of time that stands at the top of the query is answered from the rows that are kept in that order. */
export function searchConversations (world: World, search: Search, what = conversationSearch): Page<Conversation> {
  const tops = search.query
  const singles = 'filters' in tops && tops.operator === 'AND' ? tops.filters : [tops]
  const key = singles.some(f => isRange(f, 'created_at')) ? 'created_at' : 'updated_at'
  const rows = key === 'created_at' ? world.byCreated : world.byUpdated
  const ranges = singles.filter(f => isRange(f, key))
  let [from, to] = [0, rows.length]
  for (const range of ranges) {
    if (!('field' in range) || typeof range.value !== 'number') continue
    if (range.operator === '>') from = Math.max(from, place(rows, key, range.value, 0))
    else to = Math.min(to, place(rows, key, range.value + 1, 0))
  }
  const rest = singles.filter(f => !isRange(f, key))
  const isTicketSearch = what === ticketSearch
  const found = rows.slice(from, Math.max(from, to))
    .filter(c => (!isTicketSearch || c.ticket !== null) && rest.every(f => matches(c, f, what)))
  const sortKey = (c: Conversation): number => Number(what.valueOf(c, search.sort.field) ?? 0)
  if (search.sort.field !== key) found.sort((a, b) => sortKey(a) - sortKey(b) || a.ordinal - b.ordinal)
  if (!search.sort.ascending) found.reverse()
  return cutPage(found, sortKey, c => Number(c.id), search.perPage, search.after, search.sort.ascending)
}

function isRange (filter: Filter, key: string): boolean {
  return 'field' in filter && filter.field === key && (filter.operator === '>' || filter.operator === '<') &&
    typeof filter.value === 'number'
}

export function searchContacts (world: World, search: Search): Page<Contact> {
  const order = (contact: Contact): number => Number.parseInt(contact.id.slice(4), 16)
  const sortKey = (contact: Contact): number => Number(contactValue(contact, search.sort.field) ?? 0)
  const found = [...world.contacts.values()]
    .filter(contact => contact.mergedInto === null && matches(contact, search.query, contactSearch))
    .sort((a, b) => sortKey(a) - sortKey(b) || order(a) - order(b))
  if (!search.sort.ascending) found.reverse()
  return cutPage(found, sortKey, order, search.perPage, search.after, search.sort.ascending)
}

function conversationValue (c: Conversation, field: string): Value {
  if (field === 'updated_at') return c.updated_at
  if (field === 'created_at') return c.created_at
  const [head = '', name = ''] = field.split('.')
  if (head === 'statistics') return valueIn(c.statistics, name)
  if (head === 'source') return sourceValue(c, field)
  if (head === 'conversation_rating') return ratingValue(c, name)
  if (head === 'ai_agent') return aiAgentValue(c, name)
  const values: Record<string, Value> = {
    id: c.id, contact_ids: [c.contactId], teammate_ids: c.teammateIds,
    admin_assignee_id: c.adminId === null ? null : Number(c.adminId),
    team_assignee_id: c.teamId === null ? null : Number(c.teamId),
    channel_initiated: c.source.type, open: c.state !== 'closed', read: c.read, state: c.state,
    waiting_since: c.waiting_since, snoozed_until: c.snoozed_until, tag_ids: c.tags.map(t => t.id),
    priority: c.priority, ai_agent_participated: c.answeredByAi !== null
  }
  return values[field] ?? null
}

function sourceValue (c: Conversation, field: string): Value {
  const { author } = c.source
  const values: Record<string, Value> = {
    'source.type': c.source.type, 'source.id': c.source.id, 'source.delivered_as': 'customer_initiated',
    'source.subject': toPlain(c.source.subject), 'source.url': c.source.url, 'source.author.id': author.id,
    'source.author.type': author.type, 'source.author.name': author.name, 'source.author.email': author.email
  }
  // The body is searched word by word: a whole sentence finds nothing
  if (field === 'source.body') return toPlain(c.source.body).split(/[^\p{L}\p{N}'-]+/u).filter(word => word !== '')
  return values[field] ?? null
}

function ratingValue (c: Conversation, name: string): Value {
  if (c.rating === null) return null
  const { rating, remark, created_at: requested, updated_at: replied } = c.rating
  const values: Record<string, Value> = {
    score: rating, remark, requested_at: requested, replied_at: replied, contact_id: c.contactId
  }
  return values[name] ?? null
}

function aiAgentValue (c: Conversation, name: string): Value {
  if (c.answeredByAi === null) return null
  if (name === 'last_answer_type') return 'ai_answer'
  return name === 'source_type' ? 'workflow' : null
}

function ticketValue (c: Conversation, field: string): Value {
  if (field === 'title') return c.ticket?.title ?? null
  if (field === 'description') return toPlain(c.source.body)
  if (field === 'category') return 'request'         // the search calls a customer ticket so
  if (field === 'ticket_type_id') return '3090001'
  if (field === 'state') return c.ticket?.category ?? null
  if (field === 'admin_assignee_id') return c.adminId ?? '0'
  if (field === 'team_assignee_id') return c.teamId ?? '0'
  return conversationValue(c, field)
}

function contactValue (contact: Contact, field: string): Value {
  const values: Record<string, Value> = {
    id: contact.id, role: 'user', name: contact.name, email: contact.email, external_id: contact.externalId,
    email_domain: contact.email.split('@')[1] ?? null, created_at: contact.created_at, updated_at: contact.updated_at,
    signed_up_at: contact.created_at, last_seen_at: contact.last_replied_at,
    last_replied_at: contact.last_replied_at, unsubscribed_from_emails: false, marked_email_as_spam: false,
    has_hard_bounced: false
  }
  return values[field] ?? null
}

function valueIn (fields: object, name: string): Value {
  for (const [key, value] of Object.entries(fields)) {
    if (key === name && (typeof value === 'number' || typeof value === 'string')) return value
  }
  return null
}
