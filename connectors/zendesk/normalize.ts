// Zendesk's webhooks into our events: pure and total. What a body does not say as REST would say it becomes a look.
// https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/

import type { Look, TicketEvent } from '../../src/types.ts'
import {
  agentEvents, deletedEvent, groupEvents, mergedEvent, messageEvents, messageText, priorityEvents, redactedEvent,
  spamEvent, statusEvents, tagEvents, whoWrote
} from './facts.ts'
import type { Moment } from './facts.ts'
import { idOf, instantOf, isRecord, recordOf, stringOf, wordsOf } from './shapes.ts'
import type { Json } from './shapes.ts'

const FAMILY = 'zen:event-type:ticket.'
const MESSAGING = 'zen:event-type:messaging_ticket.message_added'

type Reading = (moment: Moment, happened: Json, detail: Json) => TicketEvent[] | null

/** Null: this body does not say enough, look at the ticket. */
const READINGS: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ['comment_added', readComment],
  ['status_changed', (moment, happened) => change(happened, (a, b) => statusEvents(moment, a, b))],
  ['priority_changed', (moment, happened) => change(happened, (a, b) => priorityEvents(moment, a, b))],
  ['agent_assignment_changed', (moment, { current }) => current === undefined ? null : agentEvents(moment, idOf(current))],
  ['group_assignment_changed', (moment, { current }) => current === undefined ? null : groupEvents(moment, idOf(current))],
  ['tags_changed', readTags],
  ['merged', readMerge],
  ['marked_as_spam', moment => [spamEvent(moment)]],
  ['soft_deleted', moment => [deletedEvent(moment)]],
  ['permanently_deleted', moment => [deletedEvent(moment)]],
  ['comment_redacted', readRedaction],
  ['comment_made_private', readRedaction],
  // The first comment comes without its id, and a rating's body is documented nowhere.
  ['created', () => null],
  ['csat_received', () => null],
  ['undeleted', () => null]
])

/** What the webhook subscribes to: exactly what is read here. */
export const SUBSCRIPTIONS: readonly string[] = [...READINGS.keys()].map(topic => FAMILY + topic)

export function normalize (body: unknown, connection: string): Array<TicketEvent | Look> {
  const delivery = recordOf(body)
  const type = stringOf(delivery.type)
  const ticketId = ticketOf(delivery)
  if (ticketId === null) return []
  const look: Look = { kind: 'look', ticketId }
  if (type === MESSAGING || isTrigger(delivery)) return [look]
  if (!type.startsWith(FAMILY)) return []
  const reading = READINGS.get(type.slice(FAMILY.length))
  if (reading === undefined) return []
  const at = instantOf(delivery.time)
  if (at === null) return [look]
  return reading({ connection, ticketId, at }, recordOf(delivery.event), recordOf(delivery.detail)) ?? [look]
}

/** The id of the event, which is signed; those in the headers are not. A trigger's body has none. */
export function identify (body: unknown): string | null {
  const delivery = recordOf(body)
  const id = stringOf(delivery.id)
  return id !== '' && stringOf(delivery.type).startsWith('zen:event-type:') ? id : null
}

function readComment (moment: Moment, happened: Json, detail: Json): TicketEvent[] | null {
  const comment = recordOf(happened.comment)
  if (comment.is_public === false) return []
  const author = recordOf(comment.author)
  const [id, authorId] = [idOf(comment.id), idOf(author.id)]
  if (comment.is_public !== true || typeof author.is_staff !== 'boolean' || typeof comment.body !== 'string') return null
  if (id === null || authorId === null) return null
  const text = messageText(comment.body)
  const by = whoWrote({
    authorId,
    actorId: idOf(detail.actor_id),
    requesterId: idOf(detail.requester_id),
    staff: author.is_staff,
    name: stringOf(author.name),
    text
  })
  if (by === 'unsure') return null
  return messageEvents(moment, { id, at: moment.at, authorId, by, text })
}

function readTags (moment: Moment, happened: Json): TicketEvent[] | null {
  if (!Array.isArray(happened.tags_added) || !Array.isArray(happened.tags_removed)) return null
  return tagEvents(moment, wordsOf(happened.tags_added), wordsOf(happened.tags_removed))
}

function readMerge (moment: Moment, happened: Json): TicketEvent[] | null {
  const into = idOf(happened.target_ticket_id)
  return into === null ? null : [mergedEvent(moment, into)]
}

function readRedaction (moment: Moment, happened: Json): TicketEvent[] | null {
  const id = idOf(recordOf(happened.comment).id)
  return id === null ? null : [redactedEvent(moment, id)]
}

// A priority may change from or to nothing, a status never; neither makes an event then.
function change (happened: Json, make: (previous: string, current: string) => TicketEvent[]): TicketEvent[] | null {
  if (happened.current === undefined) return null
  return make(stringOf(happened.previous), stringOf(happened.current))
}

// A trigger's body is written by hand in Zendesk, and its texts break its JSON: ours says no more than which ticket.
function isTrigger (delivery: Json): boolean {
  return stringOf(delivery.schema).startsWith('deskloop.zendesk.trigger')
}

function ticketOf (delivery: Json): string | null {
  const named = isRecord(delivery.detail) ? idOf(delivery.detail.id) : idOf(delivery.ticket_id)
  const id = named ?? idOf(/^zen:ticket:(\d+)$/.exec(stringOf(delivery.subject))?.[1])
  return id === null || id.startsWith('-') ? null : id
}
