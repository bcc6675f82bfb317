// The answers' shapes: which keys a ticket, a note, a person shows in which call.
// https://developers.freshdesk.com/api/#ticket_attributes
import type { Agent, Company, Contact, Conversation, Desk, Group, Ticket } from './freshdesk-model.ts'
import { BORN, FORM_ID } from './freshdesk-model.ts'

export type Json = Record<string, unknown>

/** A row of the list: no description, no attachments, but the scores that only lists show. */
export function listRow (desk: Desk, ticket: Ticket, include: readonly string[]): Json {
  const row: Json = {
    ...ticket.row, associated_tickets_count: null, sentiment_score: null, initial_sentiment_score: null
  }
  if (include.includes('description')) Object.assign(row, described(ticket))
  return { ...row, ...included(desk, ticket, include) }
}

export function ticketView (desk: Desk, ticket: Ticket, include: readonly string[] = []): Json {
  return { ...searchRow(ticket), attachments: [], ...included(desk, ticket, include) }
}

export function searchRow (ticket: Ticket): Json {
  return {
    ...ticket.row,
    ...described(ticket),
    source_additional_info: null,
    form_id: FORM_ID
  }
}

function described (ticket: Ticket): Json {
  return {
    description: ticket.description,
    description_text: ticket.descriptionText,
    structured_description: { description_contents: structured(ticket.descriptionText) }
  }
}

function included (desk: Desk, ticket: Ticket, include: readonly string[]): Json {
  const more: Json = {}
  // The first ten are the oldest ten: https://developers.freshdesk.com/api/#view_a_ticket
  if (include.includes('conversations')) {
    more.conversations = ticket.conversations.slice(0, 10).map(conversationView)
  }
  if (include.includes('requester')) more.requester = requesterOf(desk, ticket)
  if (include.includes('company')) {
    const company = desk.companies.get(ticket.row.company_id ?? -1)
    more.company = company === undefined ? {} : { id: company.id, name: company.name }
  }
  if (include.includes('stats')) more.stats = ticket.stats
  return more
}

function requesterOf (desk: Desk, ticket: Ticket): Json {
  const contact = desk.contacts.get(ticket.row.requester_id)
  return {
    id: ticket.row.requester_id, name: contact?.name ?? null, email: contact?.email ?? null, mobile: null, phone: null
  }
}

function structured (text: string): unknown[] {
  return [{ type: 'text', data: { content: text } }]
}

export function conversationView (conversation: Conversation): Json {
  return { ...conversation, structured_body: { body_contents: structured(conversation.body_text) } }
}

/** What creating a note answers: no source, no senders. */
export function noteView (note: Conversation, notified: string[]): Json {
  return {
    body_text: note.body_text,
    body: note.body,
    structured_body: { body_contents: structured(note.body_text) },
    id: note.id,
    incoming: note.incoming,
    private: note.private,
    user_id: note.user_id,
    support_email: note.support_email,
    ticket_id: note.ticket_id,
    notified_to: notified,
    attachments: [],
    created_at: note.created_at,
    updated_at: note.updated_at
  }
}

export function replyView (reply: Conversation): Json {
  return {
    body_text: reply.body_text,
    body: reply.body,
    structured_body: { body_contents: structured(reply.body_text) },
    id: reply.id,
    user_id: reply.user_id,
    from_email: reply.from_email,
    cc_emails: reply.cc_emails,
    bcc_emails: reply.bcc_emails,
    ticket_id: reply.ticket_id,
    replied_to: reply.to_emails,
    attachments: [],
    created_at: reply.created_at,
    updated_at: reply.updated_at
  }
}

export function agentRow (agent: Agent): Json {
  return {
    available: true,
    occasional: false,
    id: agent.id,
    ticket_scope: 1,
    signature: null,
    created_at: BORN,
    updated_at: BORN,
    last_active_at: BORN,
    available_since: null,
    type: 'support_agent',
    deactivated: false,
    focus_mode: true,
    contact: {
      active: true,
      email: agent.email,
      job_title: null,
      language: 'en',
      last_login_at: BORN,
      mobile: null,
      name: agent.name,
      phone: null,
      time_zone: 'Rome',
      created_at: BORN,
      updated_at: BORN
    }
  }
}

export function agentView (agent: Agent): Json {
  return { ...agentRow(agent), group_ids: [], role_ids: [61000000301], skill_ids: [] }
}

export function groupRow (group: Group): Json {
  return {
    id: group.id,
    name: group.name,
    description: null,
    escalate_to: null,
    unassigned_for: null,
    business_hour_id: null,
    group_type: 'support_agent_group',
    created_at: BORN,
    updated_at: BORN,
    auto_ticket_assign: 0
  }
}

export function contactRow (contact: Contact): Json {
  const [first = '', ...rest] = contact.name.split(' ')
  const tail = String(contact.id).padStart(12, '0')
  return {
    active: true,
    address: null,
    company_id: contact.company_id,
    description: null,
    email: contact.email,
    id: contact.id,
    job_title: null,
    language: 'en',
    mobile: null,
    name: contact.name,
    phone: null,
    time_zone: 'Rome',
    twitter_id: null,
    facebook_id: null,
    csat_rating: null,
    preferred_source: null,
    unique_external_id: contact.key,
    first_name: first,
    last_name: rest.join(' ') || null,
    visitor_id: `00000000-0000-4000-8000-${tail}`,
    org_contact_id: ORG_CONTACT_ID,
    other_phone_numbers: [],
    created_at: contact.created_at,
    updated_at: contact.updated_at,
    custom_fields: {}
  }
}

// The vendor's ids of 19 digits do not survive JSON.parse; neither does this one, on purpose.
const ORG_CONTACT_ID = Number('1870000000000000700')

export function contactView (contact: Contact): Json {
  return {
    ...contactRow(contact),
    view_all_tickets: false,
    contact_type: 'contact',
    social_handler: [],
    tags: [],
    other_emails: [],
    other_companies: [],
    avatar: null,
    devices: []
  }
}

export function companyView (company: Company): Json {
  return {
    id: company.id,
    name: company.name,
    description: null,
    note: null,
    domains: [company.domain],
    created_at: BORN,
    updated_at: BORN,
    custom_fields: {},
    health_score: null,
    account_tier: null,
    renewal_date: null,
    industry: null
  }
}
