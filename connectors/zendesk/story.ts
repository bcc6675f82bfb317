// What REST says about one ticket, told as events: pure. The ticket's present fields are only the last word of its
// audits, so whatever belongs to an earlier moment is read from those.

import { contextIn, htmlToText, plainText } from '../../src/text.ts'
import type { ContextFields } from '../../src/text.ts'
import type { Channel, Instant, PersonRef, TicketEvent } from '../../src/types.ts'
import {
  agentEvents, deletedEvent, event, foreignTags, groupEvents, mergedEvent, messageEvents, messageText, priorityEvents,
  redactedEvent, statusEvents, tagEvents, whoWrote
} from './facts.ts'
import type { Author, Message, Moment } from './facts.ts'
import { idOf, instantOf, recordOf, recordsOf, stringOf, wordsOf } from './shapes.ts'
import type { Json } from './shapes.ts'

export interface Sources {
  ticket: Json
  comments: Json[]
  audits: Json[]
  users: Json[]                                     // whoever wrote, and the requester where Zendesk still knows him
  conversation: Json[]                              // messages of a chat, which are no comments
}

/** A message that was made private is told, because it was read, but is no longer seen. */
interface Seen extends Message { visible: boolean }

interface Change { at: Instant, field: string, created: boolean, value: unknown, previous: unknown }

// https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/
const CHANNELS: ReadonlyMap<string, Channel> = new Map<string, Channel>([
  ['email', 'email'], ['mail', 'email'], ['web', 'web'], ['web_form', 'web'], ['web_widget', 'web'],
  ['chat', 'chat'], ['native_messaging', 'chat'], ['messaging', 'chat'], ['mobile_sdk', 'chat'], ['sms', 'chat'],
  ['api', 'api'], ['web_service', 'api'], ['voice', 'phone'], ['phone', 'phone'],
  ['whatsapp', 'social'], ['facebook', 'social'], ['twitter', 'social'], ['instagram_dm', 'social'], ['line', 'social']
])
const MERGE_NOTE = /\bmerged into (?:request|ticket) #(\d+)/i
const MACHINE = /^(rule|system|api|answer_bot.*)$/

/** The whole story, oldest first. A ticket without a beginning has none. */
export function tellStory (sources: Sources, connection: string, fields: ContextFields = []): TicketEvent[] {
  const ticketId = idOf(sources.ticket.id)
  const createdAt = instantOf(sources.ticket.created_at)
  if (ticketId === null || createdAt === null) return []
  const place = { connection, ticketId }
  if (sources.ticket.status === 'deleted') {
    return [deletedEvent({ ...place, at: instantOf(sources.ticket.updated_at) ?? createdAt })]
  }
  const changes = listChanges(sources.audits)
  const told = [
    ...opening({ ...place, at: createdAt }, sources, changes),
    ...placeOfAsking({ ...place, at: createdAt }, sources, changes, fields),
    ...listMessages(sources).flatMap(message => messageEvents(place, message)),
    ...changes.flatMap(change => changeEvents({ ...place, at: change.at }, change)),
    ...tagging(place, changes),
    ...sources.audits.flatMap(audit => auditEvents(place, audit)),
    ...merging(place, sources),
    ...rating(place, sources)
  ]
  const seen = new Set<string>()
  return told
    .filter(({ key }) => !seen.has(key) && seen.add(key))
    .sort((a, b) => a.at === b.at ? 0 : a.at < b.at ? -1 : 1)
}

/** Every message the customer could see once, oldest first, with those that have no words. */
export function listMessages (sources: Sources): Seen[] {
  const changes = listChanges(sources.audits)
  const staff = listStaff(sources, changes)
  const names = new Map(sources.users.map(user => [idOf(user.id), stringOf(user.name)]))
  const actors = new Map(sources.audits.map(audit => [idOf(audit.id), idOf(audit.author_id)]))
  const hidden = new Set(eventsOf(sources.audits, 'CommentPrivacyChange').map(found => idOf(found.comment_id)))
  const messages: Seen[] = []
  for (const comment of sources.comments) {
    const [id, authorId, at] = [idOf(comment.id), idOf(comment.author_id), instantOf(comment.created_at)]
    if (id === null || authorId === null || at === null || (comment.public !== true && !hidden.has(id))) continue
    const text = textOf(comment)
    const by = whoWrote({
      authorId,
      actorId: actors.get(idOf(comment.audit_id)) ?? null,
      requesterId: idOf(valueAt(sources.ticket, changes, 'requester_id', at)),
      staff: staff.has(authorId),
      name: names.get(authorId) ?? '',
      text
    })
    messages.push({ id, at, authorId, by: settle(by, comment), text, visible: comment.public === true })
  }
  return [...messages, ...listChat(sources.conversation)].sort((a, b) => a.at === b.at ? 0 : a.at < b.at ? -1 : 1)
}

/** Who asked for the ticket when it was opened; the requester may be another by now. */
export function openerOf (sources: Sources): string | null {
  return idOf(valueAt(sources.ticket, listChanges(sources.audits), 'requester_id', null))
}

function opening (moment: Moment, sources: Sources, changes: Change[]): TicketEvent[] {
  const requesterId = openerOf(sources)
  if (requesterId === null) return []
  const page = pageOf(sources, changes)
  return [event(moment, 'opened', {
    kind: 'opened',
    subject: plainText(stringOf(valueAt(sources.ticket, changes, 'subject', null))).replaceAll('\n', ' '),
    channel: CHANNELS.get(stringOf(recordOf(sources.ticket.via).channel)) ?? 'other',
    person: personOf(requesterId, sources.users),
    ...(page === null ? {} : { page }),
    tags: foreignTags(wordsOf(valueAt(sources.ticket, changes, 'tags', null)))
  })]
}

// As the form said it when the ticket was opened: what agents fill in later would tell how it ended.
function placeOfAsking (moment: Moment, sources: Sources, changes: Change[], fields: ContextFields): TicketEvent[] {
  const present = new Map(recordsOf(sources.ticket.custom_fields).map(field => [idOf(field.id), field.value]))
  const valueOf = (field: string): unknown => valueAt({ [field]: present.get(field) }, changes, field, null)
  return contextIn(fields, valueOf).map(said => event(moment, `context:${said.name}`, { kind: 'context', ...said }))
}

function changeEvents (moment: Moment, change: Change): TicketEvent[] {
  const { field, created, value } = change
  const [before, after] = [stringOf(change.previous), stringOf(value)]
  if (field === 'status') return statusEvents(moment, before, after)
  if (created) return []                            // how a ticket begins is no escalation and no assignment
  if (field === 'priority') return priorityEvents(moment, before, after)
  if (field === 'assignee_id') return agentEvents(moment, idOf(value))
  return field === 'group_id' ? groupEvents(moment, idOf(value)) : []
}

// Triggers change tags again within the same second: what counts is what was there before and after it.
function tagging (place: Omit<Moment, 'at'>, changes: Change[]): TicketEvent[] {
  const moments = Map.groupBy(changes.filter(change => change.field === 'tags' && !change.created), change => change.at)
  return [...moments].flatMap(([at, group]) => {
    const before = wordsOf(group[0]?.previous)
    const after = wordsOf(group.at(-1)?.value)
    const added = after.filter(tag => !before.includes(tag))
    return tagEvents({ ...place, at }, added, before.filter(tag => !after.includes(tag)))
  })
}

function auditEvents (place: Omit<Moment, 'at'>, audit: Json): TicketEvent[] {
  const at = instantOf(audit.created_at)
  if (at === null) return []
  return recordsOf(audit.events).flatMap(found => {
    const comment = idOf(found.comment_id)
    const gone = found.type === 'CommentRedactionEvent' || (found.type === 'CommentPrivacyChange' && found.public === false)
    return gone && comment !== null ? [redactedEvent({ ...place, at }, comment)] : []
  })
}

// The source of a merge is closed by an audit that names the target: in an event of its own, in `via`, or only in the
// private comment for the agents.
function merging (place: Omit<Moment, 'at'>, sources: Sources): TicketEvent[] {
  for (const audit of sources.audits) {
    const at = instantOf(audit.created_at)
    const events = recordsOf(audit.events)
    const own = idOf(events.find(found => found.type === 'TicketMergeAudit')?.target_ticket_id)
    const closed = events.some(found => found.field_name === 'status' && found.value === 'closed')
    if (at === null || (own === null && !(closed && mentionsMerge(audit, events)))) continue
    const source = recordOf(recordOf(audit.via).source)
    const note = events.map(found => MERGE_NOTE.exec(textOf(found))?.[1]).find(id => id !== undefined)
    const into = own ?? idOf(recordOf(source.to).ticket_id) ?? idOf(recordOf(source.from).ticket_id) ?? idOf(note)
    if (into !== null && into !== place.ticketId) return [mergedEvent({ ...place, at }, into)]
  }
  return []
}

function mentionsMerge (audit: Json, events: Json[]): boolean {
  const via = recordOf(audit.via)
  return via.channel === 'merge' || recordOf(via.source).rel === 'merge' ||
    events.some(found => found.field_name === 'tags' && wordsOf(found.value).includes('closed_by_merge'))
}

// The audit knows when the customer rated; without it the rating's own id makes the key.
function rating (place: Omit<Moment, 'at'>, sources: Sources): TicketEvent[] {
  const present = recordOf(sources.ticket.satisfaction_rating)
  const told = sources.audits.flatMap(audit => {
    const at = instantOf(audit.created_at)
    const found = eventsOf([audit], 'SatisfactionRating').findLast(one => isScore(one.score))
    if (at === null || found === undefined) return []
    return [{ at, key: `rated:${at}`, score: found.score, comment: stringOf(found.body) }]
  })
  if (told.length === 0 && isScore(present.score)) {
    const at = instantOf(present.updated_at) ?? instantOf(present.created_at) ?? instantOf(sources.ticket.updated_at)
    if (at !== null) told.push({ at, key: `rated:${idOf(present.id) ?? at}`, score: present.score, comment: '' })
  }
  return told.map(({ at, key, score, comment }, i) => {
    const last = i === told.length - 1 && score === present.score
    const words = plainText(comment === '' && last ? stringOf(present.comment) : comment)
    const rated = { kind: 'rated' as const, good: score === 'good' }
    return event({ ...place, at }, key, words === '' ? rated : { ...rated, comment: words })
  })
}

function isScore (score: unknown): score is 'good' | 'bad' {
  return score === 'good' || score === 'bad'
}

function listChanges (audits: Json[]): Change[] {
  return audits.flatMap(audit => {
    const at = instantOf(audit.created_at)
    if (at === null) return []
    return recordsOf(audit.events).filter(({ type }) => type === 'Create' || type === 'Change').map(found => ({
      at,
      field: stringOf(found.field_name),
      created: found.type === 'Create',
      value: found.value,
      previous: found.previous_value
    }))
  }).sort((a, b) => a.at === b.at ? 0 : a.at < b.at ? -1 : 1)
}

/** A field as it was at an instant; null: as it was when the ticket was opened. */
function valueAt (ticket: Json, changes: Change[], field: string, at: Instant | null): unknown {
  const own = changes.filter(change => change.field === field)
  const created = own.find(change => change.created)
  const later = own.filter(change => !change.created)
  const first = later[0]
  const initial = created !== undefined ? created.value : first !== undefined ? first.previous : ticket[field]
  if (at === null) return initial
  const last = later.findLast(change => change.at <= at)
  return last === undefined ? initial : last.value
}

// Who left the company is shown as an end user; that he was once assigned still gives him away.
function listStaff (sources: Sources, changes: Change[]): Set<string> {
  const roles = sources.users.filter(({ role }) => stringOf(role) !== '' && role !== 'end-user')
  const assigned = changes.filter(change => change.field === 'assignee_id')
    .flatMap(change => [idOf(change.value), idOf(change.previous)])
  const all = [...roles.map(user => idOf(user.id)), ...assigned, idOf(sources.ticket.assignee_id)]
  return new Set(all.filter(id => id !== null))
}

function settle (by: Author, comment: Json): Author {
  if (by !== 'unsure') return by
  return MACHINE.test(stringOf(recordOf(comment.via).channel)) ? 'bot' : 'human'
}

// https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#show-conversation-log-for-ticket
function listChat (conversation: Json[]): Seen[] {
  return conversation.flatMap(found => {
    const author = recordOf(found.author)
    const [id, at, type] = [stringOf(found.id), instantOf(found.created_at), stringOf(author.type)]
    if (found.type !== 'Messaging::ConversationMessage' || id === '' || at === null) return []
    const by = type === 'agent' ? 'human' : type === 'user' || type === 'end_user' ? 'customer' : 'bot'
    const text = messageText(stringOf(recordOf(found.content).text))
    return [{ id, at, authorId: stringOf(author.id), by, text, visible: true }]
  })
}

function textOf (comment: Json): string {
  const plain = stringOf(comment.plain_body) || stringOf(comment.body)
  return plain === '' ? messageText(htmlToText(stringOf(comment.html_body))) : messageText(plain)
}

function personOf (id: string, users: Json[]): PersonRef {
  const user = users.find(one => idOf(one.id) === id)
  const [name, email] = [plainText(stringOf(user?.name)), stringOf(user?.email)]
  return { id, ...(name === '' ? {} : { name }), ...(email === '' ? {} : { email }) }
}

// Zendesk has no field for the page a question was asked on. Forms keep it in a custom field, widgets write a line.
function pageOf (sources: Sources, changes: Change[]): string | null {
  for (const field of recordsOf(sources.ticket.custom_fields)) {
    const id = idOf(field.id)
    const value = id === null ? '' : valueAt({ [id]: field.value }, changes, id, null)
    if (typeof value === 'string' && /^https?:\/\/\S+$/.test(value)) return value
  }
  return /^Submitted from:\s*(https?:\/\/\S+)/im.exec(stringOf(sources.ticket.description).slice(0, 65_536))?.[1] ?? null
}

function eventsOf (audits: Json[], type: string): Json[] {
  return audits.flatMap(audit => recordsOf(audit.events)).filter(found => found.type === type)
}
