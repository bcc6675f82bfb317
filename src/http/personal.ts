// Finds what should not have been sent: values that look like an e-mail address, a phone number or a card number. Only the
// path of a value is ever told or logged, never the value.
import { lookOf } from '../text.ts'
import type { Personal } from '../text.ts'

export { lookOf } from '../text.ts'

export interface Finding { path: string, looks: Personal }

const MOST_DEEP = 8

/** The first value that looks personal, with its path; `expected` are paths where an address belongs. */
export function findPersonal (value: unknown, expected: ReadonlySet<string>, path = '', depth = 0): Finding | null {
  if (typeof value === 'string' || typeof value === 'number') {
    const looks = lookOf(String(value))
    return looks === null || (looks === 'an e-mail address' && expected.has(path)) ? null : { path, looks }
  }
  if (typeof value !== 'object' || value === null || depth > MOST_DEEP) return null
  for (const [key, inner] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    const looks = Array.isArray(value) ? null : lookOf(key)
    if (looks !== null) return { path: `a name in ${path === '' ? 'the message' : path}`, looks }
    const found = findPersonal(inner, expected, at, depth + 1)
    if (found !== null) return found
  }
  return null
}
