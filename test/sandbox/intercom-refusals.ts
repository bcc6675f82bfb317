// What the pretend intercom refuses, and how it says so: status, code and message in an error.list. Also the small
// checks that read a request. https://developers.intercom.com/docs/references/rest-api/errors/http-responses
import { isBefore } from './intercom-shapes.ts'

export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly field: string | undefined
  constructor (status: number, code: string, message: string, field?: string) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.code = code
    this.field = field
  }
}

export type Fields = Record<string, unknown>

export function errorList (requestId: string, code: string, message: string, field?: string): Fields {
  const error = field === undefined ? { code, message } : { code, message, field }
  return { type: 'error.list', request_id: requestId, errors: [error] }
}

export function notFound (message = 'Resource Not Found', code = 'not_found'): Refusal {
  return new Refusal(404, code, message)
}

export function invalid (message: string, field?: string): Refusal {
  return new Refusal(400, 'parameter_invalid', message, field)
}

export function missing (field: string): Refusal {
  return new Refusal(400, 'parameter_not_found', `${field} not specified`, field)
}

export function isFields (value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A body with no other fields than these. The vendor does not say whether it refuses unknown fields or drops them in
 * silence; here they are refused, because a dropped field would be a mistake that nobody sees.
 */
export function bodyOf (body: unknown, allowed: readonly string[]): Fields {
  if (!isFields(body)) throw invalid('The request body must be a JSON object')
  for (const name of Object.keys(body)) {
    if (!allowed.includes(name)) throw invalid(`${name} is not a recognised parameter`, name)
  }
  return body
}

export function queryOf (query: unknown, allowed: readonly string[]): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(isFields(query) ? query : {})) {
    if (!allowed.includes(name) || typeof value !== 'string') throw invalid(`bad '${name}' parameter`, name)
    out[name] = value
  }
  return out
}

/** Ids are said as strings; the vendor's own examples send them as integers too. */
export function idOf (body: Fields, field: string): string {
  const value = body[field]
  if (value === undefined || value === null || value === '') throw missing(field)
  if (typeof value === 'string') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  throw invalid(`${field} is invalid`, field)
}

export function oneOf (body: Fields, field: string, allowed: readonly string[]): string {
  const value = body[field]
  if (value === undefined || value === null) throw missing(field)
  if (typeof value !== 'string' || !allowed.includes(value)) throw invalid(`${field} isn't an option`, field)
  return value
}

export function textOf (body: Fields, field: string): string | null {
  const value = body[field]
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') throw invalid(`${field} must be a string`, field)
  return value
}

export function secondsOf (body: Fields, field: string): number | null {
  const value = body[field]
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > 99999999999) {
    throw invalid(`${field} must be a Unix timestamp (integer)`, field)
  }
  return value
}

export function flagOf (body: Fields, field: string): boolean | null {
  const value = body[field]
  if (value === undefined || value === null) return null
  if (typeof value !== 'boolean') throw invalid(`${field} must be a boolean`, field)
  return value
}

export function countOf (value: unknown, field: string, fallback: number, most: number): number {
  if (value === undefined || value === null) return fallback
  const isDigits = typeof value === 'string' && /^\d{1,9}$/.test(value)
  const count = isDigits ? Number(value) : value
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > most) {
    throw invalid(`${field} must be between 1 and ${most}`, field)
  }
  return count
}

const VERSIONS: readonly string[] = [
  ...[0, 1, 2, 3, 4].map(minor => `1.${minor}`), ...Array.from({ length: 18 }, (_, minor) => `2.${minor}`), 'Unstable'
]

/** The version of this request: its header, or what the app was set to. */
export function versionOf (header: unknown, fallback: string): string {
  if (header === undefined) return fallback
  if (typeof header === 'string' && VERSIONS.includes(header)) return header
  throw new Refusal(400, 'intercom_version_invalid', 'The requested version could not be found')
}

export function since (version: string, first: string): void {
  if (!isBefore(version, first)) return
  throw new Refusal(400, 'intercom_version_invalid', 'Requested resource is not available in current API version.')
}

export function encodeCursor (value: number, id: string): string {
  return Buffer.from(JSON.stringify([value, Number.isSafeInteger(Number(id)) ? Number(id) : id])).toString('base64')
}

export function decodeCursor (text: unknown): { value: number, id: string } | null {
  if (text === undefined || text === null) return null
  try {
    const pair: unknown = JSON.parse(Buffer.from(String(text), 'base64').toString('utf8'))
    if (Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'number') {
      return { value: pair[0], id: String(pair[1]) }
    }
  } catch { /* not one of ours: refused below */ }
  throw new Refusal(400, 'client_error',
    'Invalid starting_after param. Please try again using a starting_after value from a paginated response')
}
