// A Freshdesk webhook as a look at one ticket. Its values are display labels in the account's language and name only
// one of the changes that were saved together, so nothing but the ticket's number is believed.
// https://support.freshdesk.com/support/solutions/articles/132589
import type { Look } from '../../src/types.ts'
import { idOf, isFields } from './records.ts'

/** Our own template has the number at the top, the vendor's simple form one level down. */
export function normalize (body: unknown): Look[] {
  if (!isFields(body)) return []
  const simple = body.freshdesk_webhook
  const ticketId = idOf(isFields(simple) ? simple.ticket_id : body.ticket_id)
  return ticketId === null ? [] : [{ kind: 'look', ticketId }]
}
