// One call of the product, in the shape that Segment made common, checked and cut down to what is kept. What is wrong is
// said with its path. https://segment.com/docs/connections/spec/
import { randomUUID } from 'node:crypto'
import { BadRequest } from '../errors.ts'
import { hashEmail } from '../store/context.ts'
import type { ContextRow } from '../store/context.ts'
import { toInstant } from '../text.ts'
import { findPersonal } from './personal.ts'

export const MOST_BYTES = 32_768
const MOST_DEEP = 8
const LONGEST_ID = 200
const LONGEST_NAME = 200
const OLDEST_MS = 365 * 86_400_000

// The one place where an address belongs: it is needed to find the person in the helpdesk, and only its hash is kept.
const EXPECTED: ReadonlySet<string> = new Set(['traits.email'])

type Fields = Readonly<Record<string, unknown>>

/** Throws `BadRequest` with the path of what is wrong. Everything else of the call (`context`, `integrations` …) is dropped. */
export function readMessage (given: unknown, receivedAt: Date, sentAt: unknown = null): ContextRow {
  if (!isFields(given)) throw new BadRequest('a call must be a JSON object')
  const bytes = Buffer.byteLength(JSON.stringify(given))
  if (bytes > MOST_BYTES) throw new BadRequest(`the call has ${bytes} bytes: at most ${MOST_BYTES} (32 kB) are taken`, 413)
  const kind = given['type']
  if (kind !== 'identify' && kind !== 'page' && kind !== 'track') throw new BadRequest('type must be identify, page or track')
  const userId = readId(given['userId'], 'userId')
  const anonymousId = readId(given['anonymousId'], 'anonymousId')
  if (userId === null && anonymousId === null) throw new BadRequest('userId or anonymousId must be given')
  const messageId = readId(given['messageId'], 'messageId') ?? randomUUID()
  const name = readName(kind, given)
  const field = kind === 'identify' ? 'traits' : 'properties'
  const data = readData(given[field], field)
  const found = findPersonal({ userId, anonymousId, messageId, [kind === 'track' ? 'event' : 'name']: name, [field]: data }, EXPECTED)
  if (found !== null) throw new BadRequest(`${found.path} looks like ${found.looks}: leave it out${adviceFor(found.path)}`)
  const email = kind === 'identify' ? data['email'] : undefined
  if (email !== undefined && typeof email !== 'string') throw new BadRequest('traits.email must be a text')
  const { email: _email, ...kept } = data
  return {
    messageId,
    kind,
    userId,
    anonymousId,
    emailHash: email === undefined || email === '' ? null : hashEmail(email),
    name,
    data: kind === 'identify' ? kept : data,
    at: readTime(given['timestamp'], given['sentAt'] ?? sentAt, receivedAt)
  }
}

function readId (value: unknown, path: string): string | null {
  if (value === undefined || value === null || value === '') return null
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text.length > LONGEST_ID) throw new BadRequest(`${path} must be a text of at most ${LONGEST_ID} characters`)
  return clean(text)
}

function readName (kind: ContextRow['kind'], given: Fields): string {
  if (kind === 'identify') return ''
  const path = kind === 'track' ? 'event' : 'name'
  const value = given[path] ?? ''
  if (typeof value !== 'string' || value.length > LONGEST_NAME) throw new BadRequest(`${path} must be a text of at most ${LONGEST_NAME} characters`)
  if (kind === 'track' && value.trim() === '') throw new BadRequest('event must name what happened, such as "Invoice opened"')
  return clean(value)
}

function readData (value: unknown, path: string): Record<string, unknown> {
  if (value === undefined || value === null) return {}
  if (!isFields(value)) throw new BadRequest(`${path} must be an object`)
  const data = cleanAll(value, path, 0)
  return isFields(data) ? { ...data } : {}
}

// What follows a question mark is dropped from every address: it often names people and never the page.
function cleanAll (value: unknown, path: string, depth: number): unknown {
  if (depth > MOST_DEEP) throw new BadRequest(`${path} is nested deeper than ${MOST_DEEP}`)
  if (typeof value === 'string') return clean(/^https?:\/\//i.test(value) ? value.replace(/[?#].*$/s, '') : value)
  if (Array.isArray(value)) return value.map((inner, i) => cleanAll(inner, `${path}[${i}]`, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'search')
    .map(([key, inner]) => [clean(key), cleanAll(inner, `${path}.${key}`, depth + 1)]))
}

// The clock of a browser may be wrong, but it is equally wrong when the call is sent: the difference is what counts.
function readTime (value: unknown, sentAt: unknown, receivedAt: Date): string {
  if (value === undefined || value === null) return receivedAt.toISOString()
  const ms = typeof value === 'string' && toInstant(value) !== null ? Date.parse(value) : NaN
  if (Number.isNaN(ms)) throw new BadRequest('timestamp must be an instant such as 2026-11-22T09:10:00Z')
  const sentMs = typeof sentAt === 'string' ? Date.parse(sentAt) : NaN
  const atMs = Number.isNaN(sentMs) ? ms : receivedAt.getTime() - Math.max(0, sentMs - ms)
  if (atMs < receivedAt.getTime() - OLDEST_MS) throw new BadRequest('timestamp lies more than a year back')
  return new Date(Math.min(atMs, receivedAt.getTime())).toISOString()
}

function adviceFor (path: string): string {
  if (path === 'userId') return ', send your own id of the user, and the address as traits.email of identify'
  return path.endsWith('email') ? ' (an address belongs into traits.email of identify, where only its hash is kept)' : ''
}

function clean (text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed()
}

function isFields (value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
