// How the pretend intercom says things: one function per object. REST and webhooks differ in small ways that matter,
// and both are kept. https://developers.intercom.com/docs/references/rest-api/api.intercom.io
import { toPlain } from './intercom-text.ts'
import type {
  Admin, Article, Company, Contact, Conversation, Macro, Part, Statistics, Team, World
} from './intercom-model.ts'

export interface How { version: string, plain: boolean, webhook: boolean }
export type Shape = Record<string, unknown>

/** Everything but the parts, which lists and searches never carry. */
export function conversationShape (world: World, c: Conversation, how: How): Shape {
  const contact = world.contacts.get(c.contactId)
  const contacts = [{ type: 'contact', id: c.contactId, external_id: contact?.externalId ?? null }]
  const teammates = c.teammateIds.map(id => ({ type: 'admin', id }))
  return {
    type: 'conversation',
    id: c.id,
    created_at: c.created_at,
    updated_at: c.updated_at,
    waiting_since: c.waiting_since,
    snoozed_until: c.snoozed_until,
    source: sourceShape(c, how.plain),
    contacts: { type: 'contact.list', contacts },
    first_contact_reply: { created_at: c.created_at, type: c.source.type, url: c.source.url },
    admin_assignee_id: c.adminId === null ? null : Number(c.adminId),
    team_assignee_id: c.teamId === null ? null : Number(c.teamId),
    open: c.state !== 'closed',
    state: c.state,
    read: c.read,
    tags: {
      type: 'tag.list',
      tags: c.tags.map(t => ({
        type: 'tag', id: t.id, name: t.name, applied_at: t.applied_at,
        applied_by: { type: 'admin', id: t.applied_by }
      }))
    },
    priority: priorityOf(c, how.version),
    sla_applied: null,
    statistics: statisticsShape(c.statistics, how.webhook),
    conversation_rating: ratingShape(c, contacts[0]),
    teammates: { type: 'admin.list', [how.webhook ? 'admins' : 'teammates']: teammates },
    title: c.title,
    custom_attributes: c.attributes,
    topics: how.webhook ? { type: 'topic.list', topics: [], total_count: 0 } : {},
    ticket: ticketShape(world, c, how.webhook),
    linked_objects: linkedShape(c.mergedInto),
    ai_agent: aiAgentShape(c),
    ai_agent_participated: c.answeredByAi !== null
  }
}

/** At most the 500 newest parts are told, with the true total beside them. */
export function conversationWithParts (world: World, c: Conversation, how: How): Shape {
  return {
    ...conversationShape(world, c, how),
    conversation_parts: {
      type: 'conversation_part.list',
      conversation_parts: c.parts.slice(-500).map(part => partShape(part, how.plain)),
      total_count: c.parts.length
    }
  }
}

export function partShape (part: Part, plain: boolean): Shape {
  return {
    type: 'conversation_part',
    id: part.id,
    part_type: part.part_type,
    body: part.body === null || !plain ? part.body : toPlain(part.body),
    created_at: part.created_at,
    updated_at: part.updated_at,
    notified_at: part.created_at,
    assigned_to: part.assigned_to,
    author: part.author,
    attachments: part.attachments,
    external_id: null,
    redacted: part.redacted,
    metadata: {},
    email_message_metadata: null,
    state: part.state,
    tags: part.tags.map(tag => ({ type: 'tag', id: tag.id, name: tag.name })),
    event_details: {},
    app_package_code: part.app_package_code
  }
}

function sourceShape (c: Conversation, plain: boolean): Shape {
  const { id, name, email, type } = c.source.author
  return {
    type: c.source.type,
    id: c.source.id,
    delivered_as: 'customer_initiated',
    subject: plain ? toPlain(c.source.subject) : c.source.subject,
    body: plain ? toPlain(c.source.body) : c.source.body,
    author: { type, id, name, email },
    attachments: [],
    url: c.source.url,
    redacted: c.source.redacted
  }
}

/** Up to 2.15 a conversation has priority or not; from 2.16 on there are five degrees. */
export function priorityOf (c: Conversation, version: string): string {
  if (!isBefore(version, '2.16')) return c.priority
  return c.priority === 'none' ? 'not_priority' : 'priority'
}

/** Whether one version is older than another; `Unstable` is newer than all. */
export function isBefore (version: string, other: string): boolean {
  const [major, minor] = version.split('.').map(Number)
  const [otherMajor, otherMinor] = other.split('.').map(Number)
  if (major === undefined || Number.isNaN(major)) return false
  if (major !== otherMajor) return major < (otherMajor ?? 0)
  return (minor ?? 0) < (otherMinor ?? 0)
}

// Webhooks tell these times in ISO and the closer as a number; REST tells seconds and a string
function statisticsShape (s: Statistics, webhook: boolean): Shape {
  const told: Shape = { type: 'conversation_statistics' }
  for (const [key, value] of Object.entries(s)) {
    const isTime = key.endsWith('_at') && typeof value === 'number'
    told[key] = webhook && isTime ? new Date(value * 1000).toISOString() : value
  }
  if (webhook && s.last_closed_by_id !== null) told.last_closed_by_id = Number(s.last_closed_by_id)
  told.assigned_team_first_response_time = []
  told.assigned_team_first_response_time_in_office_hours = []
  told.handling_time = null
  return told
}

function ratingShape (c: Conversation, contact: Shape | undefined): Shape | null {
  if (c.rating === null) return null
  const { rating, remark, created_at: requested, updated_at: changed } = c.rating
  const by = c.teammateIds.at(-1)
  const teammate = by === undefined ? null : { type: 'admin', id: by }
  return { rating, remark, created_at: requested, updated_at: changed, contact, teammate }
}

// A conversation that was merged away is linked to the one that survives
function linkedShape (mergedInto: string | null): Shape {
  const data = mergedInto === null ? [] : [{ type: 'conversation', id: mergedInto, category: null }]
  return { type: 'list', data, total_count: data.length, has_more: false }
}

function aiAgentShape (c: Conversation): Shape | null {
  if (c.answeredByAi === null) return null
  return {
    source_type: 'workflow', source_title: 'First answer', last_answer_type: 'ai_answer', resolution_state: null,
    rating: null, rating_remark: null, created_at: c.created_at, updated_at: c.answeredByAi,
    content_sources: { type: 'content_source.list', total_count: 0, content_sources: [] }
  }
}

/** Null unless the conversation is a ticket. In webhooks the assignees are strings, `"0"` for nobody. */
export function ticketShape (world: World, c: Conversation, webhook: boolean): Shape | null {
  if (c.ticket === null) return null
  const id = (value: string | null): string | number => webhook ? value ?? '0' : Number(value ?? 0)
  const label = c.ticket.category === 'resolved' ? 'Resolved' : 'Submitted'
  const stateId = c.ticket.category === 'resolved' ? '4690004' : '4690001'
  const category = c.ticket.category
  const externalId = world.contacts.get(c.contactId)?.externalId ?? null
  return {
    type: 'ticket',
    id: c.id,
    ticket_id: c.ticket.ticketId,
    ticket_attributes: { _default_title_: c.ticket.title, _default_description_: toPlain(c.source.body) },
    ticket_state: { type: 'ticket_state', id: stateId, category, internal_label: label, external_label: label },
    ticket_type: {
      type: 'ticket_type', id: '3090001', name: 'Request', description: 'Something a customer asks for', icon: '🎫',
      workspace_id: world.appId, archived: false, created_at: 1735689600, updated_at: 1735689600,
      is_internal: false, ticket_type_attributes: { type: 'list', data: [] }, category: 'Customer'
    },
    contacts: {
      type: 'contact.list', contacts: [{ type: 'contact', id: c.contactId, external_id: externalId }]
    },
    admin_assignee_id: id(c.adminId),
    team_assignee_id: id(c.teamId),
    created_at: c.created_at,
    updated_at: c.updated_at,
    ticket_parts: {
      type: 'ticket_part.list', ticket_parts: c.parts.map(ticketPartShape), total_count: c.parts.length
    },
    open: c.state !== 'closed',
    linked_objects: { type: 'list', data: [], total_count: 0, has_more: false },
    category: 'Customer',
    is_shared: true,
    channel: c.source.type === 'email' ? 'email' : 'messenger'
  }
}

export function ticketPartShape (part: Part): Shape {
  const { id, type, name, email } = part.author
  return {
    type: 'ticket_part',
    id: part.id,
    part_type: part.part_type,
    body: part.body,
    created_at: part.created_at,
    updated_at: part.updated_at,
    author: { id, type, name, email },
    attachments: part.attachments,
    redacted: part.redacted,
    ...part.app_package_code === null ? {} : { app_package_code: part.app_package_code }
  }
}

export function adminShape (admin: Admin): Shape {
  return {
    type: 'admin', email: admin.email, id: admin.id, name: admin.name, away_mode_enabled: false,
    away_mode_reassign: false, has_inbox_seat: true, team_ids: admin.teamIds.map(Number)
  }
}

export function meShape (world: World): Shape {
  const { id, email, name } = world.self
  return {
    type: 'admin', id, email, name, email_verified: true,
    app: {
      type: 'app', id_code: world.appId, name: 'Fernhollow', created_at: 1703980800, secure: true,
      identity_verification: true, timezone: 'Europe/Lisbon', region: 'US'
    },
    avatar: { type: 'avatar', image_url: 'https://static.fernhollow.example/avatar.png' },
    has_inbox_seat: true
  }
}

export function teamShape (world: World, team: Team): Shape {
  const members = [...world.admins.values()].filter(a => a.teamIds.includes(team.id)).map(a => Number(a.id))
  return {
    type: 'team', id: team.id, name: team.name, admin_ids: members,
    admin_priority_level: { primary_admin_ids: members, secondary_admin_ids: [] },
    assignment_limit: 10, distribution_method: 'round_robin'
  }
}

export function contactShape (world: World, contact: Contact): Shape {
  const list = (kind: string, data: Shape[] = []): Shape => ({
    type: 'list', data, url: `/contacts/${contact.id}/${kind}`, total_count: data.length, has_more: false
  })
  const companies = contact.companyIds.map(id => ({ id, type: 'company', url: `/companies/${id}` }))
  const unknown: Shape = {}
  for (const key of UNKNOWN_OF_CONTACT) unknown[key] = null
  return {
    ...unknown,
    type: 'contact', id: contact.id, workspace_id: world.appId, external_id: contact.externalId, role: 'user',
    email: contact.email, name: contact.name, social_profiles: { type: 'list', data: [] },
    has_hard_bounced: false, marked_email_as_spam: false, unsubscribed_from_emails: false,
    created_at: contact.created_at, updated_at: contact.updated_at, signed_up_at: contact.created_at,
    last_seen_at: contact.last_replied_at, last_replied_at: contact.last_replied_at,
    location: {
      type: 'location', country: null, region: null, city: null, country_code: null, continent_code: null
    },
    custom_attributes: {},
    tags: list('tags'), notes: list('notes'), companies: list('companies', companies),
    opted_out_subscription_types: list('subscriptions'), opted_in_subscription_types: list('subscriptions')
  }
}

const UNKNOWN_OF_CONTACT: readonly string[] = [
  'phone', 'avatar', 'owner_id', 'last_contacted_at', 'last_email_opened_at', 'last_email_clicked_at',
  'language_override', 'browser', 'browser_version', 'browser_language', 'os', 'utm_campaign', 'utm_content',
  'utm_medium', 'utm_source', 'utm_term', 'referrer', 'enabled_push_messaging',
  ...['android', 'ios'].flatMap(os =>
    ['app_name', 'app_version', 'device', 'os_version', 'sdk_version', 'last_seen_at'].map(key => `${os}_${key}`))
]

export function companyShape (world: World, company: Company): Shape {
  return {
    type: 'company', company_id: company.companyId, id: company.id, app_id: world.appId, name: company.name,
    remote_created_at: company.at, created_at: company.at, updated_at: company.at, last_request_at: company.at,
    monthly_spend: 0, session_count: 0, user_count: 1, size: 0, website: '', industry: '',
    tags: { type: 'tag.list', tags: [] }, segments: { type: 'segment.list', segments: [] },
    plan: company.plan === null ? {} : { type: 'plan', id: '1', name: company.plan }, custom_attributes: {}
  }
}

export function articleShape (world: World, article: Article): Shape {
  const { id, title, description, body, state, created_at: createdAt, updated_at: updatedAt } = article
  const slug = title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
  const url = state === 'published' ? `https://help.fernhollow.example/en/articles/${id}-${slug}` : null
  return {
    id, type: 'article', workspace_id: world.appId, parent_id: 4490001, parent_type: 'collection',
    parent_ids: [4490001], title, description, body, author_id: Number(world.self.id), state,
    created_at: createdAt, updated_at: updatedAt, url
  }
}

/** Macros tell ISO dates, unlike the rest, and their placeholders in two dialects. */
export function macroShape (macro: Macro): Shape {
  const text = macro.body.replace(/<attribute key="([^"]*)" default="([^"]*)"\s*\/>/g, '{{$1|fallback:"$2"}}')
  return {
    type: 'macro', id: macro.id, name: macro.name, body: macro.body, body_text: toPlain(text),
    created_at: new Date(macro.created_at * 1000).toISOString(),
    updated_at: new Date(macro.updated_at * 1000).toISOString(),
    visible_to: 'everyone', visible_to_team_ids: [], available_on: ['inbox']
  }
}
