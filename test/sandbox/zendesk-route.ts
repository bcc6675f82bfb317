// One route of the pretend Zendesk, and how the values in a call are read: a value of the wrong kind is refused with 400.
import type { FastifyReply } from 'fastify'
import { invalidAttribute, notFound, Refusal } from './zendesk-answers.ts'
import type { Answer } from './zendesk-answers.ts'
import type { Limits } from './zendesk-limits.ts'
import type { State, Ticket, User } from './zendesk-state.ts'

export interface Call { reply: FastifyReply, url: URL, params: string[], body: unknown, user: User, limits: Limits }
/** `path` follows /api/v2/, its `:` stands for any one segment. */
export interface Route { method: string, path: string, handle: (call: Call) => Answer }

export function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object under one key of a body, as every write of the vendor wraps it. */
export function wrapped (body: unknown, key: string, place: string): Record<string, unknown> {
  const inner = isObject(body) ? body[key] : undefined
  if (!isObject(inner)) throw invalidAttribute(key, 'must be an object', place)
  return inner
}

/** A whole number; digits in a string are taken too. */
export function integerOf (value: unknown, name: string, place: string): number {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : ''
  if (!/^\d{1,16}$/.test(text)) throw invalidAttribute(name, 'must be an integer', place)
  return Number(text)
}

export function booleanOf (value: unknown, name: string, place: string): boolean {
  if (value === true || value === 'true' || value === '1' || value === 1) return true
  if (value === false || value === 'false' || value === '0' || value === 0) return false
  throw invalidAttribute(name, 'must be either true or false', place)
}

export function stringOf (value: unknown, name: string, place: string): string {
  if (typeof value !== 'string') throw invalidAttribute(name, 'must be a string', place)
  return value
}

/** The ticket of a path. A deleted one is as unknown as one that never was. */
export function ticketOf (state: State, call: Call, place: string, at = 0): Ticket {
  const ticket = state.tickets.get(integerOf(call.params[at], 'id', place))
  if (ticket === undefined || ticket.deleted !== null) throw notFound()
  return ticket
}

/** Up to a hundred ids of a `show_many`. */
export function idsOf (url: URL, place: string): number[] {
  const ids = (url.searchParams.get('ids') ?? '').split(',').filter(text => text.trim() !== '')
  if (ids.length > 100) throw new Refusal(400, { error: 'TooManyValues', description: 'Too many values: at most 100 ids' })
  return ids.map(text => integerOf(text.trim(), 'ids', place))
}
