// Finds what should not have been sent: values that look like an e-mail address, a phone number or a card number. Only the
// path of a value is ever told or logged, never the value.
import { hasCheckDigit } from '../text.ts'

export type Personal = 'an e-mail address' | 'a phone number' | 'a card number'

export interface Finding { path: string, looks: Personal }

const EMAIL = /[\p{L}\p{N}._%+-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,4}\.\p{L}{2,24}/u
// A plus and a country, a national 0 with groups, or the groups of North America. A bare row of digits is an id.
const PHONES = [
  /(?<![\w+.])\+\d(?:[ ().\-/]{0,2}\d){7,14}(?!\d)/,
  /(?<![\w.-])0\d{2,4}[ /-]\d{3,8}(?:[ -]\d{2,5}){0,3}(?![\w-])/,
  /(?<![\w.-])\(?[2-9]\d{2}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])/
]
const CARD = /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])/g
// Beginnings of the large schemes: an id that happens to pass the check digit is rarely one of these too.
const ISSUER = /^(?:4(?:\d{12}|\d{15}|\d{18})$|(?:5[1-5]|2[2-7])\d{14}$|3[47]\d{13}$|3(?:0[0-5]|[689]\d)\d{11}$|6(?:011|4[4-9]|5|2)\d+$|35\d{14}$)/

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

export function lookOf (text: string): Personal | null {
  if (EMAIL.test(text)) return 'an e-mail address'
  for (const [digits] of text.matchAll(CARD)) {
    const bare = digits.replace(/\D/g, '')
    if (ISSUER.test(bare) && hasCheckDigit(bare)) return 'a card number'
  }
  return PHONES.some(phone => phone.test(text)) ? 'a phone number' : null
}
