// Careful reading of JSON that a stranger wrote: nothing is believed before it was looked at, and nothing throws.
// Intercom's real payloads differ from its own description (null where it says integer), so only shapes are checked.
import { toInstant } from '../../src/text.ts'
import type { Instant } from '../../src/types.ts'

export type Fields = Readonly<Record<string, unknown>>

const ID = /^[\x21-\x7e]{1,200}$/

export function isFields (value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object itself, or an empty one. */
export function fieldsOf (value: unknown): Fields {
  return isFields(value) ? value : {}
}

export function listOf (value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}

/** Intercom's ids are strings in most places and numbers in some; to us they are opaque strings. */
export function idOf (value: unknown): string | null {
  const id = typeof value === 'number' ? String(value) : value
  return typeof id === 'string' && ID.test(id) ? id : null
}

export function stringOf (value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Unix seconds, or ISO 8601 as in some webhooks; everything else, and every year beyond four digits, is no instant. */
export function instantOf (value: unknown): Instant | null {
  const isTime = typeof value === 'number' ? value > 0 : /^\d{4}-\d{2}-\d{2}T/.test(stringOf(value))
  const at = isTime ? toInstant(value) : null
  return at !== null && /^\d{4}-/.test(at) ? at : null
}
