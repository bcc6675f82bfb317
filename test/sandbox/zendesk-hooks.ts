// The webhooks of the pretend Zendesk: which exist, what an event looks like on the wire, and how it is signed.
// https://developer.zendesk.com/documentation/webhooks/verifying/
// https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
import { createHmac } from 'node:crypto'
import { BRAND_ID, FORM_ID } from './zendesk-shapes.ts'
import type { State, Ticket, User } from './zendesk-state.ts'
import type { Instant } from './types.ts'

export const ACCOUNT_ID = 41000001
export const TRIGGER_KIND = 'conditional_ticket_events'

export interface Hook {
  id: string, name: string, description: string | null, status: string, subscriptions: string[], endpoint: string
  http_method: string, request_format: string, created_at: Instant, created_by: string, updated_at: Instant
  updated_by: string, authentication?: { type: string, add_position: string }, custom_headers?: object
}

/** One thing that happened to a ticket, in the words of the event. */
export interface Fact { topic: string, event: object }

export interface Hooks {
  all: Map<string, Hook>
  secrets: Map<string, string>                      // by the id of the hook
  resetSecret (id: string): string
  nextId (): string
  /** One delivery per fact, to the oldest active event webhook, when it subscribed to the topic. */
  fire (ticket: Ticket, actor: User, at: Instant, facts: Fact[]): void
}

export const TOPICS: ReadonlySet<string> = new Set(['created', 'comment_added', 'comment_made_private', 'comment_redacted',
  'attachment_linked_to_comment', 'attachment_redacted_from_comment', 'status_changed', 'custom_status_changed',
  'agent_assignment_changed', 'group_assignment_changed', 'priority_changed', 'type_changed', 'subject_changed',
  'description_changed', 'external_id_changed', 'requester_changed', 'submitter_changed', 'organization_changed',
  'brand_changed', 'form_changed', 'custom_field_changed', 'tags_changed', 'followers_changed', 'email_ccs_changed',
  'problem_link_changed', 'task_due_at_changed', 'merged', 'marked_as_spam', 'soft_deleted', 'undeleted',
  'permanently_deleted', 'csat_requested', 'csat_received', 'sla_policy_changed', 'ola_policy_changed', 'schedule_changed',
  'next_sla_breach_changed'].map(name => `zen:event-type:ticket.${name}`))

const READY = ['created', 'comment_added', 'comment_made_private', 'comment_redacted', 'status_changed',
  'agent_assignment_changed', 'group_assignment_changed', 'priority_changed', 'tags_changed', 'custom_field_changed',
  'requester_changed', 'merged', 'marked_as_spam', 'soft_deleted', 'csat_received']

// Events name channels in another vocabulary than REST. https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/
const EVENT_CHANNELS: Readonly<Record<string, string>> = { email: 'mail', web: 'web_form', api: 'web_service', chat: 'chat' }

export function openHooks (state: State, settings: Record<string, string>, readySecret: string): Hooks {
  const setting = 'ZENDESK_WEBHOOK_SECRET'
  const all = new Map<string, Hook>()
  const secrets = new Map<string, string>()
  let made = 0
  let events = 0
  let resets = 0
  const nextId = (): string => `01K0DESK${String(++made).padStart(18, '0')}`
  const ready: Hook = {
    id: nextId(),
    name: 'Deskloop ticket events',
    description: null,
    status: 'active',
    subscriptions: READY.map(name => `zen:event-type:ticket.${name}`),
    created_at: '2025-01-06T08:00:00Z',
    created_by: String(state.self.id),
    updated_at: '2025-01-06T08:00:00Z',
    updated_by: String(state.self.id),
    endpoint: 'https://deskloop.example/webhooks/zendesk',
    http_method: 'POST',
    request_format: 'json'
  }
  all.set(ready.id, ready)
  secrets.set(ready.id, readySecret)
  settings[setting] = readySecret

  return {
    all,
    secrets,
    nextId,
    resetSecret (id) {
      const secret = Buffer.from(`${id}-${state.subdomain}-${++resets}`).toString('base64')
      secrets.set(id, secret)
      if (id === ready.id) settings[setting] = secret
      return secret
    },
    fire (ticket, actor, at, facts) {
      const hook = [...all.values()].find(one => one.status === 'active' && !one.subscriptions.includes(TRIGGER_KIND))
      if (hook === undefined) return
      const told = facts.filter(fact => hook.subscriptions.includes(`zen:event-type:ticket.${fact.topic}`))
      const group = `01K0SEQ${String(events + 1).padStart(19, '0')}`
      for (const [i, { topic, event }] of told.entries()) {
        const number = ++events
        const type = `zen:event-type:ticket.${topic}`
        const envelope = {
          account_id: ACCOUNT_ID,
          detail: snapshot(ticket, actor),
          event,
          id: eventId(number),
          subject: `zen:ticket:${ticket.id}`,
          time: `${at.slice(0, 19)}.${String(100_000_000 + number % 900_000_000)}Z`,
          type,
          zendesk_event_version: '2022-11-06',
          // Events born of one action say so; a lone event carries no sequence.
          ...(told.length > 1 ? { meta: { sequence: { id: group, position: i + 1 } } } : {})
        }
        const body = JSON.stringify(envelope)
        const invocation = `01K0CALL${String(number).padStart(18, '0')}`
        state.booth.deliver({
          event: type,
          ticketId: String(ticket.id),
          body,
          headers: sentAt => signedHeaders(hook.id, invocation, secrets.get(hook.id) ?? '', body, sentAt)
        })
      }
    }
  }
}

/** base64(HMAC-SHA256(secret, timestamp + body)); the secret is used as it reads, not decoded. */
export function sign (secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(timestamp + body, 'utf8').digest('base64')
}

function signedHeaders (
  hook: string, invocation: string, secret: string, body: string, sentAt: Date
): Record<string, string> {
  const timestamp = sentAt.toISOString().slice(0, 19) + 'Z'
  return {
    'Content-Type': 'application/json; charset=utf-8',
    'User-Agent': 'Zendesk Webhook',
    'X-Zendesk-Account-Id': String(ACCOUNT_ID),
    'X-Zendesk-Webhook-Id': hook,
    'X-Zendesk-Webhook-Invocation-Id': invocation,
    'X-Zendesk-Webhook-Signature': sign(secret, timestamp, body),
    'X-Zendesk-Webhook-Signature-Timestamp': timestamp
  }
}

function snapshot (ticket: Ticket, actor: User): object {
  const v = ticket.values
  return {
    actor_id: String(actor.id),
    assignee_id: idText(v.assignee_id),
    brand_id: String(BRAND_ID),
    created_at: ticket.createdAt,
    custom_status: String(v.custom_status_id),
    description: ticket.description,
    external_id: v.external_id,
    form_id: String(FORM_ID),
    group_id: idText(v.group_id),
    id: String(ticket.id),
    is_public: ticket.comments.some(comment => comment.public),
    organization_id: idText(ticket.organizationId),
    priority: v.priority?.toUpperCase() ?? null,
    requester_id: String(v.requester_id),
    status: ticket.deleted === null ? v.status.toUpperCase() : 'DELETED',
    subject: v.subject,
    submitter_id: String(ticket.submitterId),
    tags: [...v.tags],
    type: v.type?.toUpperCase() ?? null,
    updated_at: ticket.updatedAt,
    via: { channel: EVENT_CHANNELS[ticket.via.channel] ?? ticket.via.channel }
  }
}

export function idText (id: number | null): string | null {
  return id === null ? null : String(id)
}

function eventId (number: number): string {
  const hex = number.toString(16).padStart(8, '0')
  return `${hex}-5e11-4d0c-8a3f-${((number * 2654435761) % 2 ** 48).toString(16).padStart(12, '0')}`
}
