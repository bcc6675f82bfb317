// How the pretend Zendesk shows things in its REST answers. Key sets are those of recorded answers of real accounts.
import { AREA_FIELD, AREAS, ORDER_FIELD, PAGE_FIELD, unix } from './zendesk-state.ts'
import type { Audit, Comment, Group, Organization, Rating, State, Ticket, User, Via } from './zendesk-state.ts'
import type { Instant } from './types.ts'

const MAIL_CLIENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const FIELD_TITLES: Readonly<Record<number, string>> = {
  [PAGE_FIELD]: 'Page address', [ORDER_FIELD]: 'Order number', [AREA_FIELD]: 'Area'
}
export const FORM_ID = 41700000000001
export const BRAND_ID = 41800000000001

export function showTicket (state: State, ticket: Ticket): Record<string, unknown> {
  const v = ticket.values
  const fields = [PAGE_FIELD, ORDER_FIELD, AREA_FIELD].map(id => ({ id, value: ticket.fields.get(id) ?? null }))
  return {
    url: `${state.url}/api/v2/tickets/${ticket.id}.json`,
    id: ticket.id,
    external_id: v.external_id,
    via: ticket.via,
    created_at: ticket.createdAt,
    updated_at: ticket.updatedAt,
    generated_timestamp: ticket.stamp,
    type: v.type,
    subject: v.subject,
    raw_subject: v.subject,
    description: ticket.description,
    priority: v.priority,
    status: ticket.deleted === null ? v.status : 'deleted',
    recipient: ticket.via.channel === 'email' ? `support@${state.subdomain}.zendesk.com` : null,
    requester_id: v.requester_id,
    submitter_id: ticket.submitterId,
    assignee_id: v.assignee_id,
    organization_id: ticket.organizationId,
    group_id: v.group_id,
    collaborator_ids: [],
    follower_ids: [],
    email_cc_ids: [],
    forum_topic_id: null,
    problem_id: null,
    has_incidents: false,
    is_public: ticket.comments.some(comment => comment.public),
    due_at: null,
    tags: [...v.tags],
    custom_fields: fields,
    satisfaction_rating: ticket.rating === null ? { score: 'unoffered' } : showRatingField(ticket.rating),
    sharing_agreement_ids: [],
    custom_status_id: v.custom_status_id,
    encoded_id: encodedId(ticket.id),
    fields,
    followup_ids: [],
    ticket_form_id: FORM_ID,
    brand_id: BRAND_ID,
    allow_channelback: false,
    allow_attachments: true,
    from_messaging_channel: false,
    support_type: 'agent'
  }
}

export function showComment (comment: Comment): Record<string, unknown> {
  return {
    id: comment.id, type: 'Comment', author_id: comment.authorId, body: comment.body, html_body: comment.html,
    plain_body: comment.plain, public: comment.public, attachments: [], audit_id: comment.auditId, via: comment.via,
    created_at: comment.createdAt, metadata: comment.metadata
  }
}

export function showAudit (audit: Audit): Record<string, unknown> {
  return {
    id: audit.id, ticket_id: audit.ticketId, created_at: audit.createdAt, author_id: audit.authorId,
    metadata: audit.metadata, events: audit.events, via: audit.via
  }
}

export function showUser (state: State, user: User): Record<string, unknown> {
  const staff = user.role !== 'end-user'
  return {
    id: user.id, url: `${state.url}/api/v2/users/${user.id}.json`, name: user.name, email: user.email,
    created_at: user.createdAt, updated_at: user.createdAt, time_zone: 'London', iana_time_zone: 'Europe/London', phone: null,
    shared_phone_number: null, photo: null, locale_id: 1, locale: 'en-US', organization_id: user.organizationId,
    role: user.role, verified: true, external_id: null, tags: [], alias: '', active: true, shared: false,
    shared_agent: false, last_login_at: null, two_factor_auth_enabled: null, signature: null, details: '', notes: '',
    role_type: roleType(user), custom_role_id: null, is_billing_admin: false, moderator: staff,
    ticket_restriction: staff ? null : 'requested', only_private_comments: false, restricted_agent: !staff,
    suspended: user.suspended, default_group_id: staff ? state.home.id : null, report_csv: false, user_fields: {},
    suspension_details: null
  }
}

export function showGroup (state: State, group: Group): Record<string, unknown> {
  return {
    url: `${state.url}/api/v2/groups/${group.id}.json`, id: group.id, is_public: true, name: group.name, description: '',
    default: group.isDefault, deleted: false, created_at: group.createdAt, updated_at: group.createdAt
  }
}

export function showOrganization (state: State, organization: Organization): Record<string, unknown> {
  return {
    url: `${state.url}/api/v2/organizations/${organization.id}.json`, id: organization.id, name: organization.name,
    shared_tickets: false, shared_comments: false, external_id: null, created_at: organization.createdAt,
    updated_at: organization.createdAt, domain_names: [organization.domain], details: '', notes: '', group_id: null, tags: [],
    organization_fields: {}
  }
}

export function showRating (state: State, ticket: Ticket, rating: Rating): Record<string, unknown> {
  return {
    url: `${state.url}/api/v2/satisfaction_ratings/${rating.id}.json`, id: rating.id, assignee_id: ticket.values.assignee_id,
    group_id: ticket.values.group_id, requester_id: ticket.values.requester_id, ticket_id: ticket.id,
    score: rating.score, created_at: rating.createdAt, updated_at: rating.updatedAt, comment: rating.comment, reason: 'No reason provided',
    reason_id: 0, reason_code: 0
  }
}

export function showField (state: State, id: number): Record<string, unknown> {
  const title = FIELD_TITLES[id] ?? ''
  const at = '2025-01-06T08:00:00Z'
  const options = AREAS.map((value, i) => {
    const name = value.slice('area_'.length)
    return { id: 41610000000001 + i, name, raw_name: name, value, default: false }
  })
  return {
    url: `${state.url}/api/v2/ticket_fields/${id}.json`, id, type: fieldType(id), title, raw_title: title, description: '',
    raw_description: '', position: 9999, active: true, required: false, collapsed_for_agents: false,
    regexp_for_validation: null, title_in_portal: title, raw_title_in_portal: title, visible_in_portal: true,
    editable_in_portal: true, required_in_portal: false, agent_can_edit: true, tag: null, created_at: at,
    updated_at: at, removable: true, key: null, agent_description: null, raw_agent_description: null,
    ...(id === AREA_FIELD ? { custom_field_options: options } : {})
  }
}

export function fieldTitle (id: number): string {
  return FIELD_TITLES[id] ?? ''
}

export function fieldType (id: number): 'text' | 'tagger' {
  return id === AREA_FIELD ? 'tagger' : 'text'
}

/** Minutes and counts of a ticket, read from its audits. https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metrics/ */
export function showMetrics (state: State, ticket: Ticket): Record<string, unknown> {
  const changes = (field: string): Array<{ at: Instant, value: unknown, previous: unknown }> =>
    ticket.audits.flatMap(audit => audit.events
      .filter(event => event.type === 'Change' && event.field_name === field)
      .map(event => ({ at: audit.createdAt, value: event.value, previous: event.previous_value })))
  const statuses = changes('status')
  const assigned = changes('assignee_id').filter(change => change.value !== null)
  const solved = statuses.filter(change => change.value === 'solved' || change.value === 'closed')
  const replies = ticket.comments.filter(comment => comment.public && state.users.get(comment.authorId)?.role !== 'end-user')
  const lastBy = (id: number | null): Comment | undefined => ticket.comments.findLast(one => one.authorId === id)
  const asked = lastBy(ticket.values.requester_id)
  const since = (at: Instant | undefined): number | null => at === undefined ? null : unix(at) - unix(ticket.createdAt)
  const both = (seconds: number | null): object => {
    const minutes = seconds === null ? null : Math.floor(seconds / 60)
    return { calendar: minutes, business: minutes }
  }
  const done = ['solved', 'closed'].includes(ticket.values.status)
  return {
    url: `${state.url}/api/v2/ticket_metrics/${ticket.id + 41_900_000_000_000}.json`,
    id: ticket.id + 41_900_000_000_000,
    ticket_id: ticket.id,
    created_at: ticket.createdAt,
    updated_at: ticket.updatedAt,
    group_stations: 1 + changes('group_id').length,
    assignee_stations: assigned.length,
    reopens: statuses.filter(change => change.previous === 'solved' && change.value !== 'closed').length,
    replies: replies.length,
    assignee_updated_at: lastBy(ticket.values.assignee_id)?.createdAt ?? null,
    requester_updated_at: asked?.createdAt ?? ticket.createdAt,
    status_updated_at: statuses.at(-1)?.at ?? ticket.createdAt,
    initially_assigned_at: assigned[0]?.at ?? null,
    assigned_at: assigned.at(-1)?.at ?? null,
    solved_at: done ? solved.at(-1)?.at ?? null : null,
    latest_comment_added_at: ticket.comments.at(-1)?.createdAt ?? ticket.createdAt,
    reply_time_in_minutes: both(since(replies[0]?.createdAt)),
    reply_time_in_seconds: { calendar: since(replies[0]?.createdAt) },
    first_resolution_time_in_minutes: both(since(solved[0]?.at)),
    full_resolution_time_in_minutes: both(done ? since(solved.at(-1)?.at) : null),
    agent_wait_time_in_minutes: both(null),
    requester_wait_time_in_minutes: both(since(replies[0]?.createdAt)),
    on_hold_time_in_minutes: both(0),
    custom_status_updated_at: statuses.at(-1)?.at ?? ticket.createdAt
  }
}

/** Where something came from, in the REST vocabulary. https://developer.zendesk.com/documentation/ticketing/reference-guides/via-object-reference/ */
export function makeVia (state: State, channel: string, person?: User, page?: string): Via {
  const desk = { name: 'Support', address: `support@${state.subdomain}.zendesk.com` }
  if (channel === 'email') {
    const from = person === undefined ? {} : { address: person.email, name: person.name }
    return { channel, source: { from, to: desk, rel: null } }
  }
  if (channel === 'api') return { channel, source: { from: {}, to: { ...desk, email_ccs: [] }, rel: null } }
  if (channel === 'rule') {
    return { channel, source: { from: { deleted: false, title: 'First answer by bot', id: 41950000000001 }, to: {}, rel: 'trigger' } }
  }
  if (channel === 'merge') return { channel: 'system', source: { from: {}, to: {}, rel: 'merge' } }
  return { channel, source: { from: {}, to: {}, rel: channel === 'web' && page !== undefined ? 'web_widget' : null } }
}

export function makeSystem (channel: string, id: number): object {
  if (channel === 'email') {
    const name = `41000001/${id}`
    return {
      message_id: `<${id}@mail.example>`, email_id: `01K${id}`, raw_email_identifier: `${name}.eml`,
      json_email_identifier: `${name}.json`, eml_redacted: false
    }
  }
  const client = channel === 'api' ? 'Deskloop' : MAIL_CLIENT
  return { client, ip_address: '198.51.100.23', location: 'Leeds, ENG, United Kingdom', latitude: 53.7965, longitude: -1.5478 }
}

function showRatingField (rating: Rating): object {
  return { id: rating.id, score: rating.score, comment: rating.comment, reason: 'No reason provided', reason_id: 0 }
}

function roleType (user: User): number | null {
  if (user.role === 'end-user') return null
  return user.role === 'admin' ? 4 : 0
}

function encodedId (id: number): string {
  const code = (id * 7919 + 104729).toString(36).toUpperCase().padStart(6, '0')
  return `${code.slice(-6)}-${((id * 31) % 46656).toString(36).toUpperCase().padStart(4, 'Q')}`
}
