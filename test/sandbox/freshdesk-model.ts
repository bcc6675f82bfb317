// The account behind the pretend Freshdesk: its rows in the vendor's own shapes, its ids, and the
// order of updates. Everything is kept in maps; the incremental list reads one sorted array.
import type { Booth } from './booth.ts'
import type { Instant, Person } from './types.ts'
import type { Rule } from './freshdesk-rules.ts'
import type { Knowledge } from './freshdesk-knowledge.ts'

export interface Stats {
  agent_responded_at: Instant | null, requester_responded_at: Instant | null
  first_responded_at: Instant | null, status_updated_at: Instant | null
  reopened_at: Instant | null, resolved_at: Instant | null
  closed_at: Instant | null, pending_since: Instant | null
}

/** One row of `GET /tickets`: https://developers.freshdesk.com/api/#list_all_tickets */
export interface TicketRow {
  id: number, subject: string, type: string | null, status: number, priority: number, source: number
  requester_id: number, responder_id: number | null, group_id: number | null, company_id: number | null
  tags: string[], custom_fields: Record<string, string | null>, spam: boolean, deleted?: true
  created_at: Instant, updated_at: Instant, due_by: Instant, fr_due_by: Instant
  cc_emails: string[], fwd_emails: string[], reply_cc_emails: string[], ticket_cc_emails: string[]
  fr_escalated: boolean, is_escalated: boolean, nr_due_by: Instant | null, nr_escalated: boolean
  email_config_id: null, association_type: null, support_email: string | null
  to_emails: string[] | null, product_id: null
}

export interface Ticket {
  row: TicketRow, description: string, descriptionText: string, stats: Stats
  conversations: Conversation[], ratings: Rating[]
}

/** https://developers.freshdesk.com/api/#conversations, with the extra fields newer accounts show. */
export interface Conversation {
  id: number, ticket_id: number, user_id: number, body: string, body_text: string
  incoming: boolean, private: boolean, source: number, category: number
  support_email: string | null, from_email: string | null
  to_emails: string[], cc_emails: string[], bcc_emails: string[]
  email_failure_count: null, outgoing_failures: null, thread_id: null, thread_message_id: null
  created_at: Instant, updated_at: Instant
  last_edited_at: Instant | null, last_edited_user_id: number | null
  attachments: never[], automation_id: number | null, automation_type_id: number | null
  auto_response: boolean, threading_type: null, source_additional_info: null
}

export interface Rating {
  id: number, survey_id: number, user_id: number, agent_id: number | null, group_id: number | null
  ticket_id: number, feedback: string | null, ratings: { default_question: number }
  created_at: Instant, updated_at: Instant
}

export interface Contact {
  id: number, key: string, name: string, email: string | null, company_id: number | null
  created_at: Instant, updated_at: Instant
}

export interface Agent { id: number, name: string, email: string }
export interface Group { id: number, name: string }
export interface Company { id: number, name: string, domain: string }
export interface Job { id: string, reads: number }

export interface Desk {
  booth: Booth
  origin: string                                    // known once the server listens
  quotes: boolean
  rulesAsArray: boolean
  runsAllRules: boolean                             // every matching rule for new tickets runs, not the first alone
  automations: 'yes' | 'not in the plan' | 'not for this role'
  self: Agent                                       // the owner of the API key
  bot: Agent
  tickets: Map<number, Ticket>
  byUpdate: Ticket[]                                // ascending by updated_at, then id
  byDay: Map<string, Ticket[]>                      // day of creation -> tickets, for the search
  byRequester: Map<number, Ticket[]>
  conversations: Map<number, Conversation>
  ratings: Rating[]                                 // in order of creation
  contacts: Map<number, Contact>
  contactKeys: Map<string, Contact>                 // e-mail, or the person's id without one
  contactIds: Map<string, Contact>                  // unique_external_id
  agents: Map<number, Agent>
  agentKeys: Map<string, Agent>
  groups: Map<number, Group>
  groupNames: Map<string, Group>
  companies: Map<number, Company>
  companyDomains: Map<string, Company>
  rules: Rule[]
  knowledge: Knowledge
  jobs: Map<string, Job>
  counters: Map<string, number>
}

export const SUPPORT_EMAIL = 'support@northwharf.example'
export const HELPDESK_NAME = 'Northwharf Tools'
export const BORN: Instant = '2019-02-04T08:00:00Z'            // when the account was set up
export const SURVEY_ID = 61000000501
export const FORM_ID = 61000000601
export const STATUSES: Readonly<Record<number, readonly [agent: string, customer: string]>> = {
  2: ['Open', 'Being Processed'],
  3: ['Pending', 'Awaiting your Reply'],
  4: ['Resolved', 'This ticket has been Resolved'],
  5: ['Closed', 'This ticket has been Closed'],
  6: ['Waiting on Customer', 'Awaiting your Reply'],
  7: ['Waiting on Third Party', 'Being Processed']
}
export const PRIORITIES: Readonly<Record<number, string>> = {
  1: 'Low', 2: 'Medium', 3: 'High', 4: 'Urgent'
}
export const SOURCES: Readonly<Record<number, string>> = {
  1: 'Email', 2: 'Portal', 3: 'Phone', 4: 'Forum', 5: 'Twitter', 6: 'Facebook', 7: 'Chat', 9: 'Feedback Widget'
}
export const TICKET_TYPES: readonly string[] = ['Question', 'Incident', 'Problem', 'Feature Request']
export const AREAS: readonly string[] = ['Billing', 'Product', 'Delivery']
/** Custom fields of the account; the second one is a dropdown. */
export const CUSTOM_FIELDS: Readonly<Record<string, readonly string[] | null>> = {
  cf_page_url: null, cf_area: AREAS, cf_deskloop: null
}

const BASES: Readonly<Record<string, number>> = {
  ticket: 0,
  group: 61000000010,
  agent: 61000000100,
  company: 61000003000,
  rule: 61000163000,
  article: 61000120000,
  canned: 61000140000,
  contact: 61001000000,
  rating: 61005000000,
  conversation: 61010000000,
  job: 0
}

/** The next id of a kind: the same calls give the same ids. */
export function nextId (desk: Desk, kind: string): number {
  const count = (desk.counters.get(kind) ?? 0) + 1
  desk.counters.set(kind, count)
  return (BASES[kind] ?? 0) + count
}

export function findAgent (desk: Desk, key: string): Agent | null {
  return desk.agentKeys.get(key) ?? (/^\d+$/.test(key) ? desk.agents.get(Number(key)) ?? null : null)
}

/** The agent of this key or vendor id, made on first use. */
export function agentOf (desk: Desk, key: string): Agent {
  const found = findAgent(desk, key)
  if (found !== null) return found
  const id = nextId(desk, 'agent')
  const mailbox = key.toLowerCase().replace(/[^a-z0-9]+/g, '.').replace(/^\.+|\.+$/g, '') || 'agent'
  const agent = { id, name: key, email: `${mailbox}.${id % 1000}@northwharf.example` }
  desk.agents.set(id, agent)
  desk.agentKeys.set(key, agent)
  return agent
}

export function groupOf (desk: Desk, name: string): Group {
  const found = desk.groupNames.get(name)
  if (found !== undefined) return found
  const group = { id: nextId(desk, 'group'), name }
  desk.groups.set(group.id, group)
  desk.groupNames.set(name, group)
  return group
}

/** One contact per e-mail address, as Freshdesk keeps them; a known domain joins him to its company. */
export function contactOf (desk: Desk, person: Person, at: Instant): Contact {
  const email = person.email.trim().toLowerCase()
  const key = email === '' ? `id ${person.id}` : email
  const found = desk.contactKeys.get(key)
  if (found !== undefined) return found
  const company = desk.companyDomains.get(email.slice(email.indexOf('@') + 1))
  const contact: Contact = {
    id: nextId(desk, 'contact'),
    key: person.id,
    name: person.name,
    email: email === '' ? null : email,
    company_id: company?.id ?? null,
    created_at: at,
    updated_at: at
  }
  desk.contacts.set(contact.id, contact)
  desk.contactKeys.set(key, contact)
  if (!desk.contactIds.has(person.id)) desk.contactIds.set(person.id, contact)
  return contact
}

export function addCompany (desk: Desk, domain: string, name: string): void {
  const company = { id: nextId(desk, 'company'), name, domain }
  desk.companies.set(company.id, company)
  desk.companyDomains.set(domain, company)
}

/** Puts a new ticket where the lists find it. */
export function shelve (desk: Desk, ticket: Ticket): void {
  const day = ticket.row.created_at.slice(0, 10)
  desk.tickets.set(ticket.row.id, ticket)
  pushTo(desk.byDay, day, ticket)
  pushTo(desk.byRequester, ticket.row.requester_id, ticket)
  desk.byUpdate.splice(seatOf(desk, ticket.row.updated_at, ticket.row.id), 0, ticket)
}

/** Moves a ticket's updated_at; time never goes back there. */
export function touch (desk: Desk, ticket: Ticket, at: Instant): void {
  if (at <= ticket.row.updated_at) return
  desk.byUpdate.splice(seatOf(desk, ticket.row.updated_at, ticket.row.id), 1)
  ticket.row.updated_at = at
  desk.byUpdate.splice(seatOf(desk, at, ticket.row.id), 0, ticket)
}

/** Index of the first ticket that is not before (at, id) in the order of updates. */
export function seatOf (desk: Desk, at: Instant, id: number): number {
  let low = 0
  let high = desk.byUpdate.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const row = desk.byUpdate[middle]?.row
    const isBefore = row !== undefined && (row.updated_at < at || (row.updated_at === at && row.id < id))
    if (isBefore) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Closed and idle for more than 120 days: kept in the archive only.
 * https://support.freshdesk.com/support/solutions/articles/212901
 */
export function isArchived (desk: Desk, ticket: Ticket): boolean {
  return ticket.row.status === 5 && !ticket.row.spam && ticket.row.deleted !== true &&
    ticket.row.updated_at < later(desk.booth.now(), -120 * 86_400)
}

export function later (at: Instant, seconds: number): Instant {
  return new Date(Date.parse(at) + seconds * 1000).toISOString().slice(0, 19) + 'Z'
}

function pushTo<K> (map: Map<K, Ticket[]>, key: K, ticket: Ticket): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [ticket])
  else list.push(ticket)
}
