// A text as a bag of words, counted once, so that many texts can be compared with each other cheaply.
import { words } from '../text.ts'

export interface Bag { counts: Map<string, number>, size: number }

const MOST_WORDS = 400

export const EMPTY_BAG: Bag = { counts: new Map(), size: 0 }

/** The first 400 words of a text, each with how often it comes. */
export function bagOf (text: string): Bag {
  const list = words(text).slice(0, MOST_WORDS)
  const counts = new Map<string, number>()
  for (const word of list) counts.set(word, (counts.get(word) ?? 0) + 1)
  return { counts, size: list.length }
}

/** Overlap of two bags as F1 of their words, 0 to 1; 0 when one is empty. */
export function bagF1 (a: Bag, b: Bag): number {
  if (a.size === 0 || b.size === 0) return 0
  const [small, large] = a.counts.size < b.counts.size ? [a, b] : [b, a]
  let common = 0
  for (const [word, n] of small.counts) common += Math.min(n, large.counts.get(word) ?? 0)
  return 2 * common / (a.size + b.size)
}
