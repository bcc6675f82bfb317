// A text as a list of hashed features: stems, pairs of neighbouring stems and, for short texts, pieces of words, so that a
// spelling mistake or an ending costs little. Facts beside the text (a form field, the answer before) are named features.
import { words } from '../../text.ts'
import { isStopWord } from '../stop-words.ts'

/** Distinct features in order of first use, each with how much it counts before rarity is known. */
export interface Features { ids: number[], values: number[] }

const SIZE = 1 << 20
const STEM_LENGTH = 6                               // crude, and right for many languages at once
const MOST_WORDS = 400
const SHORT_WORDS = 80                              // pieces of words are worth their cost in short texts only
const SHORTEST_PIECE = 3
const LONGEST_PIECE = 5
const WEIGHT = { stem: 1, subject: 5, little: 0.15, pair: 0.7, piece: 0.15, fact: 4 }
const LONGEST_SUBJECT = 25                          // words

/**
 * The features of a text; `facts` are namespaced by whoever names them, as in `locale=de`. `subject`: the part of the text that
 * says what it is about; its stems count for more.
 */
export function featuresOf (text: string, facts: string[] = [], subject = ''): Features {
  const stems = stemList(text)
  const found = new Map<number, number>()
  const add = (id: number, weight: number): void => { found.set(id, (found.get(id) ?? 0) + weight) }
  for (const [i, stem] of stems.entries()) {
    // Before rarity is known, that a little word says little must be known beforehand
    add(hashOf(stem, 1), isStopWord(stem) ? WEIGHT.little : WEIGHT.stem)
    if (i > 0) add(hashOf(`${stems[i - 1]} ${stem}`, 2), WEIGHT.pair)
  }
  for (const stem of stemList(subject)) add(hashOf(stem, 1), isStopWord(stem) ? WEIGHT.little : WEIGHT.subject)
  if (stems.length <= SHORT_WORDS) addPieces(text, add)
  for (const fact of facts) add(hashOf(fact, 4), WEIGHT.fact)
  return { ids: [...found.keys()], values: [...found.values()] }
}

/** The first of several lines, where it is short; else empty. A ticket's text begins with its subject. */
export function subjectOf (text: string): string {
  const [first = '', ...rest] = text.trim().split('\n', 2)
  return rest.length === 0 || words(first).length > LONGEST_SUBJECT ? '' : first
}

/**
 * The same in one number per feature, its value in twentieths: all weights of one feature are, and their sums. Values above
 * 12.75 are cut.
 */
export function packFeatures ({ ids, values }: Features): number[] {
  return ids.map((id, i) => id * 256 + Math.min(255, Math.round((values[i] ?? 0) * 20)))
}

export function unpackFeatures (packed: number[]): Features {
  return { ids: packed.map(n => Math.floor(n / 256)), values: packed.map(n => n % 256 / 20) }
}

/** The stems of a text in their order; numbers of three digits and more, addresses and links are masked. */
export function stemList (text: string): string[] {
  return words(masked(text)).slice(0, MOST_WORDS).map(word => /^\p{N}{3,}$/u.test(word) ? '#' : word.slice(0, STEM_LENGTH))
}

function addPieces (text: string, add: (id: number, weight: number) => void): void {
  for (const word of words(masked(text))) {
    const edged = ` ${word} `
    for (let from = 0; from < edged.length; from++) {
      let hash = seedOf(3)
      for (let to = from; to < Math.min(edged.length, from + LONGEST_PIECE); to++) {
        hash = step(hash, edged.charCodeAt(to))
        if (to - from + 1 >= SHORTEST_PIECE) add(settle(hash), WEIGHT.piece)
      }
    }
  }
}

function masked (text: string): string {
  return text.replace(/https?:\/\/\S+|\S+@\S+/g, ' ')
}

// FNV-1a (Fowler, Noll & Vo), with the kind of a feature as its first letter, and its bits mixed once more at the end
// because the table takes only the lowest twenty.
function hashOf (text: string, kind: number): number {
  let hash = seedOf(kind)
  for (let i = 0; i < text.length; i++) hash = step(hash, text.charCodeAt(i))
  return settle(hash)
}

function seedOf (kind: number): number {
  return step(0x811C9DC5, kind)
}

function step (hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193)
}

function settle (hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2C1B3C6D)
  return ((mixed ^ (mixed >>> 13)) >>> 0) % SIZE
}
