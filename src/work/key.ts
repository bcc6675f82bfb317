// The key of a note: `dl-` and 13 characters of 64 random bits. It stands in the note's last line, so that a person can
// quote it and we can look for it.
import { randomBytes } from 'node:crypto'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'   // base32 of RFC 4648, lower case: no letter is mistaken for a digit

export function makeKey (): string {
  let bits = randomBytes(8).readBigUInt64BE()
  let key = ''
  for (let i = 0; i < 13; i++) {
    key += LETTERS[Number(bits & 31n)]
    bits >>= 5n
  }
  return `dl-${key}`
}
