// What a person may ask of the learned: approve it, edit it, take it back, go back to a moment. Who asks and why is kept.
// It stands with the store because pages and API ask it, and the worker's side carries it out.
import { BadRequest } from '../errors.ts'
import { toInstant } from '../text.ts'
import type { Instant } from '../types.ts'

export interface Wish { action: string, by: string, reason: string, text?: string, to?: Instant }

/** Last month's recorded questions asked again, with an item and without it. */
export interface Preview {
  asked: number
  changed: number                                   // of which would be answered otherwise
  shown: number                                     // of these were notes, or would be
  most: Array<{ key: string, connection: string, ticketId: string, before: string, after: string }>
}

/** Carries wishes out. Made where the mind is known, used where people ask. */
export interface Decider {
  item: (id: string, wish: Wish) => Promise<{ decision: number, state: string }>
  goBack: (wish: Wish) => Promise<{ decision: number }>
  admit: (group: string, wish: Wish) => Promise<{ decision: number }>
  topic: (topic: string, wish: Wish) => Promise<{ decision: number }>
  preview: (id: string) => Promise<Preview>
}

/** What was asked for, from JSON or a form. A decision needs a reason: without one nobody will know later. */
export function wishOf (action: string, given: unknown): Wish {
  const body = fieldsOf(given)
  const reason = fieldOf(body, 'reason', 1_000)
  if (reason === '') throw new BadRequest('say why, in the field reason: the ledger keeps it')
  const to = body['to'] === undefined || body['to'] === '' ? undefined : toInstant(body['to'])
  if (to === null) throw new BadRequest('to must be an instant such as 2026-11-20T18:00:00Z')
  const text = fieldOf(body, 'text', 20_000)
  return {
    action, reason, by: fieldOf(body, 'by', 100) || 'unnamed', ...(text === '' ? {} : { text }),
    ...(to === undefined ? {} : { to })
  }
}

export function fieldsOf (body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : {}
}

/** A text of a form, trimmed; empty when it is not there. */
export function fieldOf (body: Record<string, unknown>, name: string, most: number): string {
  const value = body[name]
  if (value === undefined) return ''
  if (typeof value !== 'string' || value.length > most) {
    throw new BadRequest(`${name} must be a text of at most ${most} characters`)
  }
  return value.trim()
}
