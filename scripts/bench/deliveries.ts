// Deliveries as the three helpdesks send them, made from a number: the same number, the same bytes. All people, words
// and ids are made up; the shapes are the vendors'.
import { createHash, createHmac } from 'node:crypto'

export interface BenchDelivery {
  connection: string
  /** What the stored row is found by: the identity inside the body, or a hash of a body that has none. */
  proof: string
  identity: string | null
  body: Buffer
}

export const SECRETS = { zendesk: 'bench-zendesk', intercom: 'bench-intercom', freshdesk: 'bench-freshdesk' }

const TICKETS_IN_TURN = 1000
const TURNS_PER_TICKET = 3                          // a ticket is spoken of three times, a thousand deliveries apart
const SENTENCES = [
  'The booking page has shown the wrong opening hours since this morning.',
  'I changed the card on the account, and the reminder still names the old one.',
  'Two of our drivers cannot see the route that was shared with them yesterday.',
  'Could you tell me where the summary of last quarter has gone?',
  'It worked on my phone before the update, and the tablet has the same trouble.',
  'We have a delivery on Friday, so an answer before then would help a lot.',
  'I signed out, cleared what the browser keeps and signed in again without luck.',
  'The list is empty for everyone in the warehouse, but not for the office.'
]

/** Which of the three sends number n, and about which ticket. */
export function makeDelivery (n: number, nowMs: number): BenchDelivery {
  const ticket = Math.floor(n / (TICKETS_IN_TURN * TURNS_PER_TICKET)) * TICKETS_IN_TURN + n % TICKETS_IN_TURN
  const at = new Date(nowMs).toISOString().slice(0, 19) + 'Z'
  if (ticket % 3 === 0) return deliveryOf('zendesk', zendeskId(n), zendeskBody(n, ticket, at))
  if (ticket % 3 === 1) return deliveryOf('intercom', intercomId(n), intercomBody(n, ticket, Math.floor(nowMs / 1000)))
  return deliveryOf('freshdesk', null, freshdeskBody(n, ticket))
}

/** The header lines of a delivery, signed with the present time where the vendor signs one. */
export function signedHeaders (delivery: BenchDelivery, nowMs: number): string {
  const type = 'content-type: application/json\r\n'
  if (delivery.connection === 'zendesk') {
    // https://developer.zendesk.com/documentation/webhooks/verifying/
    const at = new Date(nowMs).toISOString().slice(0, 19) + 'Z'
    const digest = createHmac('sha256', SECRETS.zendesk).update(at).update(delivery.body).digest('base64')
    return `${type}user-agent: Zendesk Webhook\r\nx-zendesk-webhook-id: 01K0BENCH\r\n` +
      `x-zendesk-webhook-signature: ${digest}\r\nx-zendesk-webhook-signature-timestamp: ${at}\r\n`
  }
  if (delivery.connection === 'intercom') {
    // https://developers.intercom.com/docs/webhooks/setting-up-webhooks
    const digest = createHmac('sha1', SECRETS.intercom).update(delivery.body).digest('hex')
    return `${type}user-agent: intercom-parrot-service-client/1.0\r\nx-hub-signature: sha1=${digest}\r\n`
  }
  return `${type}x-deskloop-secret: ${SECRETS.freshdesk}\r\n`
}

function deliveryOf (connection: string, identity: string | null, content: object): BenchDelivery {
  const body = Buffer.from(JSON.stringify(content))
  return { connection, identity, body, proof: identity ?? createHash('sha256').update(body).digest('hex') }
}

function zendeskId (n: number): string {
  return `${n.toString(16).padStart(8, '0')}-b0bb-4c0d-9a11-000000000000`
}

function intercomId (n: number): string {
  return `notif_${n.toString(16).padStart(8, '0')}-c1c1-4d1d-8a22-000000000000`
}

function words (n: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => SENTENCES[(n * 5 + i * 3) % SENTENCES.length] ?? '')
}

// https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
function zendeskBody (n: number, ticket: number, at: string): object {
  const person = String(720_000_000 + ticket % 900)
  const subject = words(ticket, 1).join('')
  return {
    account_id: 62_000_001,
    detail: {
      actor_id: person, assignee_id: null, brand_id: '610000001', created_at: at, custom_status: '610000002',
      description: words(ticket, 3).join(' '), external_id: null, form_id: '610000003', group_id: '610000004',
      id: String(500_000 + ticket), is_public: true, organization_id: null, priority: 'NORMAL', requester_id: person,
      status: 'OPEN', subject, submitter_id: person, tags: ['booking', 'web'], type: 'QUESTION', updated_at: at,
      via: { channel: 'mail' }
    },
    event: {
      comment: {
        author: { id: person, is_staff: false, name: `Person ${ticket % 900}` },
        body: `Hello,\n\n${words(n, 5).join(' ')}\n\nThank you\nPerson ${ticket % 900}`,
        id: String(9_000_000 + n),
        is_public: true
      }
    },
    id: zendeskId(n),
    subject: `zen:ticket:${500_000 + ticket}`,
    time: `${at.slice(0, 19)}.${String(100_000_000 + n)}Z`,
    type: 'zen:event-type:ticket.comment_added',
    zendesk_event_version: '2022-11-06'
  }
}

// https://developers.intercom.com/docs/references/webhooks/webhook-models
function intercomBody (n: number, ticket: number, atSeconds: number): object {
  const id = String(41_900_000_000_000 + ticket)
  const person = {
    type: 'user', id: `5f${String(ticket % 900).padStart(22, '0')}`, name: `Guest ${ticket % 900}`,
    email: `guest-${ticket % 900}@larkfield.example`
  }
  return {
    type: 'notification_event',
    app_id: 'be11nchx',
    data: {
      type: 'notification_event_data',
      item: {
        type: 'conversation', id, created_at: atSeconds - 600, updated_at: atSeconds, waiting_since: atSeconds - 600,
        snoozed_until: null,
        source: {
          type: 'conversation', id: String(71_000_000 + ticket), delivered_as: 'customer_initiated', subject: '',
          body: `<p>${words(ticket, 2).join(' ')}</p>`, author: person, attachments: [],
          url: 'https://app.larkfield.example/routes?week=30', redacted: false
        },
        contacts: { type: 'contact.list', contacts: [{ type: 'contact', id: person.id, external_id: null }] },
        first_contact_reply: { created_at: atSeconds - 600, type: 'conversation', url: null },
        admin_assignee_id: null, team_assignee_id: null, open: true, state: 'open', read: false,
        tags: { type: 'tag.list', tags: [] }, priority: 'not_priority', sla_applied: null,
        statistics: { type: 'conversation_statistics', count_reopens: 0, count_assignments: 0, last_closed_by_id: null },
        conversation_rating: null, teammates: { type: 'admin.list', admins: [] }, title: null,
        custom_attributes: { Depot: 'north' }, topics: { type: 'topic.list', topics: [], total_count: 0 }, ticket: null,
        linked_objects: { type: 'list', data: [], total_count: 0, has_more: false }, ai_agent: null,
        ai_agent_participated: false,
        conversation_parts: {
          type: 'conversation_part.list',
          conversation_parts: [{
            type: 'conversation_part', id: String(83_000_000 + n), part_type: 'comment',
            body: `<p>${words(n, 2).join(' ')}</p><p>We&#39;re at <b>depot 4</b>.</p><ul><li>${words(n + 1, 1).join('')}` +
              `</li><li>${words(n + 2, 1).join('')}</li></ul>`,
            created_at: atSeconds, updated_at: atSeconds, notified_at: atSeconds, assigned_to: null, author: person,
            attachments: [], external_id: null, redacted: false, metadata: {}, email_message_metadata: null,
            state: 'open', tags: [], event_details: {}, app_package_code: null
          }],
          total_count: 1
        }
      }
    },
    links: {},
    id: intercomId(n),
    topic: 'conversation.user.replied',
    delivery_status: 'pending',
    delivery_attempts: 1,
    delivered_at: 0,
    first_sent_at: atSeconds,
    created_at: atSeconds,
    self: null
  }
}

// The template that our automation rule sends; the tag makes each body one of a kind.
// https://support.freshdesk.com/support/solutions/articles/132589
function freshdeskBody (n: number, ticket: number): object {
  return {
    schema: 'deskloop.freshdesk/1', rule: 'ticket_updated', ticket_id: String(300_000 + ticket),
    triggered_event: '{note_type:public}', status: 'Open', tags: `round-${n}`
  }
}
