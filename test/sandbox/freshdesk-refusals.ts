// How Freshdesk says no, and the checks that make it say so: unknown keys, wrong types, page limits.
// https://developers.freshdesk.com/api/#error
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Desk } from './freshdesk-model.ts'

/** An answer that is a refusal: thrown by a route, sent by the gate. */
export class Refusal extends Error {
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
  constructor (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`refused with ${status}`)
    this.name = 'Refusal'
    this.status = status
    this.body = body
    this.headers = headers
  }
}

export interface Fault { field: string, message: string, code: string }

export function invalid (faults: Fault[]): Refusal {
  return new Refusal(400, { description: 'Validation failed', errors: faults })
}

export function wrongValue (field: string, message: string): Refusal {
  return invalid([{ field, message, code: 'invalid_value' }])
}

export const notFound = (): Refusal => new Refusal(404, undefined)

/** A wrong verb, and also a write on something that may only be read (a ticket in spam or trash). */
export function wrongVerb (method: string, allowed: readonly string[]): Refusal {
  const verbs = allowed.join(', ')
  const message = `${method} method is not allowed. It should be one of these method(s): ${verbs}`
  return new Refusal(405, { message }, { allow: verbs })
}

export type Kind = 'String' | 'Boolean' | 'Integer' | 'Array' | 'Object' | 'Date'
export interface FieldRule {
  kind: Kind
  required?: true
  nullable?: true
  oneOf?: ReadonlyArray<string | number>
  most?: number                                     // longest text
}
export type Shape = Readonly<Record<string, FieldRule>>
export type Fields = Readonly<Record<string, unknown>>

/** The body of a write, checked key by key; all faults are told at once. */
export function readBody (request: FastifyRequest, shape: Shape): Fields {
  return checkFields(request.body, shape)
}

export function checkFields (body: unknown, shape: Shape, prefix = ''): Fields {
  if (!isRecord(body)) throw notJson()
  const faults = Object.keys(body).filter(key => !Object.hasOwn(shape, key)).map(key => unknownKey(prefix + key))
  for (const [key, rule] of Object.entries(shape)) {
    const fault = faultOf(prefix + key, body[key], rule)
    if (fault !== null) faults.push(fault)
  }
  if (faults.length > 0) throw invalid(faults)
  return body
}

export function unknownKey (field: string): Fault {
  return { field, message: 'Unexpected/invalid field in request', code: 'invalid_field' }
}

export function notJson (): Refusal {
  return new Refusal(400, { code: 'invalid_json', message: 'Request body has invalid json format' })
}

/** The query of a read; a key the call does not know is refused like one in a body. */
export function readQuery (request: FastifyRequest, allowed: readonly string[]): Record<string, string> {
  const raw: unknown = request.query
  const query: Record<string, string> = {}
  if (!isRecord(raw)) return query
  const unknown = Object.keys(raw).filter(key => !allowed.includes(key))
  if (unknown.length > 0) throw invalid(unknown.map(unknownKey))
  for (const [key, value] of Object.entries(raw)) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value
    if (typeof last === 'string') query[key] = last
  }
  return query
}

export function oneOf (query: Record<string, string>, field: string, values: readonly string[]): string | undefined {
  const value = query[field]
  if (value === undefined || values.includes(value)) return value
  throw wrongValue(field, `It should be one of these values: '${values.join(',')}'`)
}

export function listOf (query: Record<string, string>, field: string, values: readonly string[]): string[] {
  const wanted = query[field]?.split(',') ?? []
  if (wanted.every(value => values.includes(value))) return wanted
  throw wrongValue(field, `It should be one of these values: '${values.join(',')}'`)
}

export function numberIn (query: Record<string, string>, field: string): number | undefined {
  const value = query[field]
  if (value === undefined) return undefined
  if (/^[1-9]\d{0,15}$/.test(value)) return Number(value)
  throw invalid([{ field, message: 'It should be a/an Positive Integer', code: 'datatype_mismatch' }])
}

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/** An instant of the query, cut to the whole second that the vendor compares by. */
export function instantIn (query: Record<string, string>, field: string): string | undefined {
  const value = query[field]
  if (value === undefined) return undefined
  if (!isInstant(value)) {
    throw invalid([{ field, message: 'It should be in the combined date and time ISO8601 format', code: 'invalid_value' }])
  }
  return new Date(value).toISOString().slice(0, 19) + 'Z'
}

export interface Paging { page: number, perPage: number }

export const PAGE_KEYS = ['page', 'per_page'] as const

/** https://developers.freshdesk.com/api/#pagination: 30 rows, at most 100, counted from page 1. */
export function pagingOf (query: Record<string, string>): Paging {
  const page = positive(query.page ?? '1')
  const perPage = positive(query.per_page ?? '30')
  if (page === null) throw wrongValue('page', 'It should be a Positive Integer')
  if (perPage === null || perPage > 100) {
    throw wrongValue('per_page', 'It should be a Positive Integer less than or equal to 100')
  }
  return { page, perPage }
}

/** One page of rows that are all at hand; the link header stands only while there are more. */
export function cutPage<T> (desk: Desk, request: FastifyRequest, reply: FastifyReply, rows: T[], at: Paging): T[] {
  const from = (at.page - 1) * at.perPage
  linkNext(desk, request, reply, at.page, rows.length > from + at.perPage)
  return rows.slice(from, from + at.perPage)
}

export function linkNext (desk: Desk, request: FastifyRequest, reply: FastifyReply, page: number, more: boolean): void {
  if (!more) return
  const next = new URL(request.url, desk.origin)
  next.searchParams.delete('page')
  next.searchParams.append('page', String(page + 1))
  reply.header('link', `<${next.href}>; rel="next"`)
}

/** The id in a path; what is no number is no path of Freshdesk. */
export function idIn (request: FastifyRequest, name = 'id'): number {
  const params: unknown = request.params
  const value = isRecord(params) ? params[name] : undefined
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) throw notFound()
  return Number(value)
}

export function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isText (value: unknown): value is string {
  return typeof value === 'string'
}

export function isInstant (value: string): boolean {
  return ISO.test(value) && !Number.isNaN(Date.parse(value))
}

function positive (value: string): number | null {
  return /^[1-9]\d{0,8}$/.test(value) ? Number(value) : null
}

function faultOf (field: string, value: unknown, rule: FieldRule): Fault | null {
  if (value === undefined) {
    return rule.required === true ? { field, message: `It should be a/an ${rule.kind}`, code: 'missing_field' } : null
  }
  if (value === null && rule.nullable === true) return null
  if (!isOfKind(value, rule.kind)) {
    const message = `Value set is of type ${rubyType(value)}. It should be a/an ${rule.kind}`
    return { field, message, code: 'datatype_mismatch' }
  }
  if (rule.required === true && isText(value) && value.trim() === '') {
    return { field, message: 'It should not be blank as this is a mandatory field', code: 'invalid_value' }
  }
  if (rule.oneOf !== undefined && !rule.oneOf.some(known => known === value)) {
    return { field, message: `It should be one of these values: '${rule.oneOf.join(',')}'`, code: 'invalid_value' }
  }
  if (rule.most !== undefined && isText(value) && value.length > rule.most) {
    const message = `Has ${value.length} characters, it can have maximum of ${rule.most} characters`
    return { field, message, code: 'invalid_value' }
  }
  return null
}

function isOfKind (value: unknown, kind: Kind): boolean {
  if (kind === 'String') return isText(value)
  if (kind === 'Boolean') return typeof value === 'boolean'
  if (kind === 'Integer') return Number.isSafeInteger(value)
  if (kind === 'Array') return Array.isArray(value)
  if (kind === 'Object') return isRecord(value)
  return isText(value) && isInstant(value)
}

function rubyType (value: unknown): string {
  if (value === null) return 'Null'
  if (Array.isArray(value)) return 'Array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'Float'
  if (typeof value === 'object') return 'key/value pair'
  return typeof value === 'boolean' ? 'Boolean' : 'String'
}
