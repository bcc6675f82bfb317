// Phrases found in what people wrote: words in their order within one sentence, with a few ways to say the same. Accents,
// case and punctuation play no part. A phrase is text, so that people who are no programmers can read and change it.
import { words } from '../text.ts'

/** `exact`: the whole word. Otherwise the word's beginning. */
interface Word { text: string, exact: boolean }

/** One place of a phrase. `gap`: up to three words of any kind. */
type Place = { kind: 'gap' } | { kind: 'word', any: Word[], optional: boolean }

export interface Phrase { text: string, places: Place[] }

const GAP = 3
const LONGEST_TEXT = 20_000
const SENTENCE_END = /[.!?;:\n…。！？]+/

/**
 * Reads phrases. `a|b` one of them, `a?` may be missing, `a*` any word that begins so, `...` up to three words in between.
 * Throws on a phrase that could match nothing in particular: one without a word that must be there.
 */
export function readPhrases (texts: string[]): Phrase[] {
  return texts.map(text => {
    const places = text.trim().split(/\s+/).map(readPlace)
    const first = places[0]
    if (first === undefined || first.kind === 'gap' || first.optional || places.at(-1)?.kind === 'gap') {
      throw new Error(`the phrase "${text}" must begin with a word that has to be there, and end with a word`)
    }
    return { text, places }
  })
}

function readPlace (part: string): Place {
  if (part === '...') return { kind: 'gap' }
  const optional = part.endsWith('?')
  const any = (optional ? part.slice(0, -1) : part).split('|').map(one => {
    const text = foldWord(one.replace(/\*$/, ''))
    if (!/^[\p{L}\p{N}']+$/u.test(text)) throw new Error(`"${one}" is no word`)
    return { text, exact: !one.endsWith('*') }
  })
  return { kind: 'word', any, optional }
}

/** The sentences of a text as folded words, of at most its first 20,000 characters. */
export function sentencesOf (text: string): string[][] {
  const parts = text.slice(0, LONGEST_TEXT).split(SENTENCE_END)
  return parts.map(part => words(part).map(foldWord)).filter(sentence => sentence.length > 0)
}

/** The first of the phrases that a sentence holds; null: none. Time grows with words times phrases, never faster. */
export function findPhrase (sentence: string[], phrases: Phrase[]): Phrase | null {
  return phrases.find(phrase => sentence.some((_, at) => matchesAt(sentence, at, phrase.places, 0))) ?? null
}

function matchesAt (sentence: string[], at: number, places: Place[], index: number): boolean {
  const place = places[index]
  if (place === undefined) return true
  if (place.kind === 'gap') {
    for (let skip = 0; skip <= GAP && at + skip < sentence.length; skip++) {
      if (matchesAt(sentence, at + skip, places, index + 1)) return true
    }
    return false
  }
  const word = sentence[at]
  const fits = word !== undefined && place.any.some(w => w.exact ? word === w.text : word.startsWith(w.text))
  if (fits && matchesAt(sentence, at + 1, places, index + 1)) return true
  return place.optional && matchesAt(sentence, at, places, index + 1)
}

// Many people write without accents, and telephones put in curly apostrophes.
function foldWord (word: string): string {
  return word.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll('’', "'").replaceAll('ß', 'ss')
}
