// The webhooks of the pretend intercom: the envelope, its signature, and which item a topic carries.
// https://developers.intercom.com/docs/webhooks/webhook-notifications
import { createHash, createHmac } from 'node:crypto'
import type { Booth } from './booth.ts'
import { conversationShape, partShape, ticketPartShape, ticketShape } from './intercom-shapes.ts'
import type { Conversation, Part, Tag, World } from './intercom-model.ts'

export interface Webhooks {
  /** Conversation topics: the item is the conversation, with at most this one part. */
  conversation: (topic: string, conversation: Conversation, part: Part | null, at: number, tags?: Tag[]) => void
  /** Ticket topics about one part: the whole ticket beside the new part. */
  ticketPart: (topic: string, conversation: Conversation, part: Part, at: number) => void
  deleted: (conversationId: string, at: number) => void
  ping: (at: number) => void
}

export function makeWebhooks (booth: Booth, world: World, secret: string): Webhooks {
  const version = world.payloadVersion
  // From 2.15 on the texts of a webhook are plain, while REST stays html
  const how = { version, plain: version === '2.16', webhook: true }

  function deliver (topic: string, ticketId: string, item: unknown, at: number, isPing = false): void {
    const body = JSON.stringify({
      type: 'notification_event',
      app_id: world.appId,
      data: { type: 'notification_event_data', item },
      links: {},
      id: isPing ? null : `notif_${idOf(world.next('notification'))}`,
      topic,
      delivery_status: isPing ? null : 'pending',
      delivery_attempts: 1,
      delivered_at: 0,
      first_sent_at: isPing ? at : at + 1,
      created_at: at,
      self: null
    })
    booth.deliver({ event: topic, ticketId, body, headers: () => headersOf(body, secret) })
  }

  return {
    conversation (topic, conversation, part, at, tags) {
      const parts = part === null ? [] : [partShape(part, how.plain)]
      const item = {
        ...conversationShape(world, conversation, how),
        conversation_parts: {
          type: 'conversation_part.list', conversation_parts: parts, total_count: parts.length
        },
        ...tags === undefined ? {} : { tags_added: { type: 'tag.list', tags: tags.map(t => ({ type: 'tag', ...t })) } }
      }
      deliver(topic, conversation.id, item, at)
    },
    ticketPart (topic, conversation, part, at) {
      const ticket = ticketShape(world, conversation, true)
      if (ticket === null) return
      const item = { type: 'ticket_ticket_part', ticket, ticket_part: ticketPartShape(part) }
      deliver(topic, conversation.id, item, at)
    },
    deleted (conversationId, at) {
      const item = { type: 'conversation', conversation_id: conversationId }
      deliver('conversation.deleted', conversationId, item, at)
    },
    ping (at) {
      deliver('ping', '', { type: 'ping', message: 'a quiet hello from the workshop' }, at, true)
    }
  }
}

/** HMAC-SHA1 over the raw bytes with the app's client secret; no time is signed, so each attempt has the same. */
export function signatureOf (body: string, secret: string): string {
  return 'sha1=' + createHmac('sha1', secret).update(body, 'utf8').digest('hex')
}

function headersOf (body: string, secret: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'intercom-parrot-service-client/1.0',
    'x-hub-signature': signatureOf(body, secret)
  }
}

function idOf (count: number): string {
  const hex = createHash('sha1').update(`notification ${count}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
