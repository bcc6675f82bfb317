// The vendor's REST objects, read with suspicion: a field of the wrong type counts as missing, an object without its
// id or time as none. Field names: https://developers.freshdesk.com/api/#ticket_attributes
import { cutQuotes, eitherToText, htmlToText, plainText, toInstant } from '../../src/text.ts'
import type { Channel, Instant, PersonRef } from '../../src/types.ts'

export type Fields = Readonly<Record<string, unknown>>

export interface Ticket {
  id: string
  subject: string
  text: string                                      // the first message: part of the ticket, no conversation
  channel: Channel
  outbound: boolean                                 // an agent wrote first
  requester: PersonRef
  page: string | null
  custom: Fields                                    // fields that the operator has made
  status: number | null
  spam: boolean
  deleted: boolean
  createdAt: Instant
  updatedAt: Instant
  solvedAt: Instant | null
  reopenedAt: Instant | null
}

export const CLOSED = 5
export const NOBODY = 'unknown'
const RESOLVED = 4
const OUTBOUND_EMAIL = 10

// 8 and 11 to 15 are undocumented, and accounts may add their own above 100.
const CHANNELS: Readonly<Record<number, Channel>> = {
  1: 'email',
  2: 'web',
  3: 'phone',
  4: 'web',                                         // the forum
  5: 'social',
  6: 'social',
  7: 'chat',
  8: 'chat',                                        // its kit for mobile apps
  9: 'web',                                         // the feedback widget
  10: 'email',
  12: 'chat',                                       // a bot
  13: 'chat',                                       // WhatsApp
  15: 'chat'
}

// What Freshdesk itself wraps around the mail that was answered, in replies it sends and in those it receives.
const QUOTE = /<(?:div|blockquote)\b[^<>]{0,500}\bclass\s*=\s*["'][^"'<>]{0,200}\bfreshdesk_quote\b/i

export function isFields (value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The rows of a list; null when it is none. */
export function rowsOf (value: unknown): Fields[] | null {
  return Array.isArray(value) ? value.filter(isFields) : null
}

/** Ids come as numbers by REST and as text in webhooks; ours are text. Labels and unfilled placeholders are none. */
export function idOf (value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? String(value) : null
  return typeof value === 'string' && /^[1-9]\d{0,15}$/.test(value.trim()) ? value.trim() : null
}

/** A text in one line, null when it is missing or blank. */
export function lineOf (value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = plainText(value).replaceAll('\n', ' ')
  return text === '' ? null : text
}

export function instantOf (value: unknown): Instant | null {
  return typeof value === 'string' ? toInstant(value) : null
}

/** What a person wrote, without the mail he answered. Html keeps paragraphs and links that the plain form has lost. */
export function messageText (html: unknown, plain: unknown): string {
  if (typeof html !== 'string' || html.trim() === '') {
    return typeof plain === 'string' ? cutQuotes(plainText(plain)) : ''
  }
  const quote = html.search(QUOTE)
  const own = quote < 0 ? '' : cutQuotes(eitherToText(html.slice(0, quote)))
  return own === '' ? cutQuotes(eitherToText(html)) : own
}

/** Everything a note holds, for finding a key in it. */
export function fullText (html: unknown, plain: unknown): string {
  return [html, plain].map(text => typeof text === 'string' ? htmlToText(text) : '').join('\n')
}

/** The same from `GET /tickets/{id}?include=stats,requester` and from a row of a list that includes both. */
export function readTicket (value: unknown): Ticket | null {
  if (!isFields(value)) return null
  const id = idOf(value.id)
  const createdAt = instantOf(value.created_at)
  const updatedAt = instantOf(value.updated_at) ?? createdAt
  if (id === null || createdAt === null || updatedAt === null) return null
  const stats = isFields(value.stats) ? value.stats : {}
  const custom = isFields(value.custom_fields) ? value.custom_fields : {}
  const source = typeof value.source === 'number' ? value.source : 0
  const status = typeof value.status === 'number' ? value.status : null
  const closedAt = status === RESOLVED || status === CLOSED ? instantOf(stats.closed_at) : null
  return {
    id,
    subject: lineOf(value.subject) ?? '',
    text: messageText(value.description, value.description_text),
    channel: CHANNELS[source] ?? 'other',
    outbound: source === OUTBOUND_EMAIL,
    requester: requesterOf(value),
    // The feedback widget tells no page by itself: the operator fills this custom field from it.
    page: lineOf(custom.cf_page_url),
    custom,
    status,
    spam: value.spam === true,
    deleted: value.deleted === true,
    createdAt,
    updatedAt,
    solvedAt: instantOf(stats.resolved_at) ?? closedAt,
    reopenedAt: instantOf(stats.reopened_at)
  }
}

/** `Ada Bell <ada@example.org>`, as the header of a mail says who wrote. */
export function personFrom (id: string, address: unknown): PersonRef {
  const found = typeof address === 'string' ? /^([^<>]{0,200})<([^<>\s]{3,254})>\s*$/.exec(address) : null
  return makePerson(id, found?.[1]?.replaceAll('"', ''), found?.[2])
}

function requesterOf (value: Fields): PersonRef {
  const id = idOf(value.requester_id) ?? NOBODY
  return isFields(value.requester) ? makePerson(id, value.requester.name, value.requester.email) : { id }
}

export function makePerson (id: string, name: unknown, email: unknown): PersonRef {
  const person: PersonRef = { id }
  const known = lineOf(name)
  const address = lineOf(email)
  if (known !== null) person.name = known
  if (address !== null) person.email = address
  return person
}
