// Looking into JSON whose shape nobody promised: every question here has an answer, whatever it is asked about.
// Zendesk sends ids as strings in webhooks and as numbers over REST; in here they are always strings.

import { toInstant } from '../../src/text.ts'
import type { Instant } from '../../src/types.ts'

export type Json = Readonly<Record<string, unknown>>

/** The object behind a value, or an empty one. */
export function recordOf (value: unknown): Json {
  return isRecord(value) ? value : {}
}

/** The objects of a list; what is no object is left out. */
export function recordsOf (value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** The words of a list, sorted, each once. */
export function wordsOf (value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return [...new Set(value.filter(item => typeof item === 'string' && item !== ''))].map(String).sort()
}

export function stringOf (value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** An id as digits, `-1` (the system itself) included. A cleared id comes as null, "" or "0": all three are none. */
export function idOf (value: unknown): string | null {
  const id = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : stringOf(value)
  return /^-?[1-9]\d{0,19}$/.test(id) ? id : null
}

/** Only what looks like an instant is one: a date's other spellings mean different things to different machines. */
export function instantOf (value: unknown): Instant | null {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(value) ? toInstant(value) : null
}

export function isRecord (value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
