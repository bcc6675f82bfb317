// One event of the stream as others read it: CloudEvents 1.0 in JSON, structured mode.
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
import { createHash } from 'node:crypto'
import type { Instant } from '../types.ts'
import type { StreamEvent } from './stream.ts'

export interface CloudEvent {
  specversion: '1.0'
  id: string                                        // the same for ever, by webhook and by history
  source: string
  type: string
  subject: string                                   // the ticket
  time: Instant                                     // when it happened, by the helpdesk's clock
  datacontenttype: 'application/json'
  dataschema: string
  sequence: string                                  // its place in the stream: what `after` and Last-Event-ID take
  data: Record<string, unknown>
}

/** Grows when a reader of the old form could not read the new one. */
export const SCHEMA_VERSION = 1
export const SCHEMA_ID = `urn:deskloop:schema:event:${SCHEMA_VERSION}`

export function toCloudEvent ({ place, event }: StreamEvent): CloudEvent {
  const { key, connection, ticketId, at, kind, ...data } = event
  return {
    specversion: '1.0',
    id: `evt_${createHash('sha256').update(`${connection}\n${ticketId}\n${key}`).digest('hex').slice(0, 32)}`,
    source: `/connections/${connection}`,
    type: `deskloop.ticket.${kind}`,
    subject: ticketId,
    time: at,
    datacontenttype: 'application/json',
    dataschema: SCHEMA_ID,
    sequence: place,
    data
  }
}
