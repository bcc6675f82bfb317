// Prints of texts: short numbers that tell whether two texts are nearly the same, without keeping what was written.
import { words } from '../text.ts'

/** 64 bits as two numbers of 32, because bits of larger numbers cannot be counted here. */
export type Simhash = [high: number, low: number]

const MOST_PRINTS = 300
const MOST_WORDS = 400

/** 32 bits of a text (FNV-1a by Fowler, Noll & Vo, its bits mixed once more). 0 to 2^32 - 1; `seed` gives independent ones. */
export function hashOf (text: string, seed = 0): number {
  let hash = (0x811C9DC5 ^ Math.imul(seed, 0x9E3779B1)) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2C1B3C6D)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297A2D39)
  return (hash ^ (hash >>> 15)) >>> 0
}

/** A name made of letters and digits, the same for the same text: 62 bits in base 36. */
export function nameOf (text: string): string {
  return (hashOf(text, 1) >>> 1).toString(36).padStart(6, '0') + (hashOf(text, 2) >>> 1).toString(36).padStart(6, '0')
}

/** SimHash of a text's words and pairs of words (Charikar 2002): similar texts differ in few bits. */
export function simhashOf (text: string): Simhash {
  const list = words(text).slice(0, MOST_WORDS)
  const sums = new Int32Array(64)
  const add = (feature: string, weight: number): void => {
    const low = hashOf(feature, 3)
    const high = hashOf(feature, 4)
    for (let bit = 0; bit < 32; bit++) {
      sums[bit] = (sums[bit] ?? 0) + ((low >>> bit & 1) === 1 ? weight : -weight)
      sums[bit + 32] = (sums[bit + 32] ?? 0) + ((high >>> bit & 1) === 1 ? weight : -weight)
    }
  }
  for (const [i, word] of list.entries()) {
    add(word, 2)
    if (i > 0) add(`${list[i - 1]} ${word}`, 1)
  }
  const half = (from: number): number => {
    let bits = 0
    for (let bit = 0; bit < 32; bit++) if ((sums[from + bit] ?? 0) > 0) bits |= 1 << bit
    return bits >>> 0
  }
  return [half(32), half(0)]
}

/** How many of the 64 bits differ. */
export function bitsApart (a: Simhash, b: Simhash): number {
  return ones(a[0] ^ b[0]) + ones(a[1] ^ b[1])
}

function ones (bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0F0F0F0F, 0x01010101) >>> 24
}

/** Hashes of a text's shingles of three words (Broder 1997), each once, at most 300; a shorter text is one shingle. */
export function printsOf (text: string): number[] {
  const list = words(text)
  if (list.length < 3) return [hashOf(list.join(' '))]
  const found = new Set<number>()
  for (let i = 0; i + 3 <= list.length && found.size < MOST_PRINTS; i++) {
    found.add(hashOf(`${list[i]} ${list[i + 1]} ${list[i + 2]}`))
  }
  return [...found]
}

/** Jaccard similarity of two lists of prints, 0 to 1. */
export function likeness (a: number[], b: number[]): number {
  const known = new Set(a)
  let common = 0
  for (const print of b) if (known.has(print)) common++
  return common / (a.length + b.length - common || 1)
}
