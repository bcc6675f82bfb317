// How customers put it: the phrases that several of them share and that others do not use. What only one customer wrote
// is never among them, and whatever was redacted breaks a phrase.
import { isStopWord } from './stop-words.ts'

export interface Saying { text: string, people: number }

const LONGEST = 5                                   // words of a phrase
const LONGEST_WORD = 30                             // letters; what is longer is no word
const MOST_WORDS = 300                              // of one text
const LIFT = 3                                      // times as often as elsewhere
const TOKEN = /[\p{L}\p{N}]+(?:[-_.'’/][\p{L}\p{N}]+)*/gu
const BREAK = /[.!?;:,()"“”«»\n…。！？]+(?=\s|$)|\[[A-Z]+_\d+\]|\[…\]|\n/gu

/**
 * The phrases (`least` to `longest` words) that at least two customers share and that come at least three times as often here as
 * in `others`; at most `most`, those of most customers first, then the longer. No two of them tell the same words twice.
 * `texts` must be redacted already; `[EMAIL_1]` and its like end a phrase. Time grows linearly with the words.
 */
export function sayingsOf (
  texts: Array<{ person: string, text: string }>, others: string[],
  { least = 2, longest = LONGEST, most = 3 } = {}
): Saying[] {
  const found = new Map<string, { text: string, people: Set<string>, size: number }>()
  for (const { person, text } of texts) {
    for (const phrase of phrasesOf(text, least, longest)) {
      const key = phrase.toLowerCase()
      const known = found.get(key) ?? { text: phrase, people: new Set(), size: phrase.split(' ').length }
      known.people.add(person)
      found.set(key, known)
    }
  }
  const shared = [...found].filter(([, f]) => f.people.size >= 2)
  if (shared.length === 0) return []
  const elsewhere = countIn(others, least, longest, new Set(shared.map(([key]) => key)))
  const customers = new Set(texts.map(t => t.person)).size
  const candidates = shared.filter(([key, f]) => {
    const usual = ((elsewhere.get(key) ?? 0) + 0.5) / (others.length + 1)
    return others.length === 0 || f.people.size / customers >= LIFT * usual
  }).map(([key, f]) => ({ key, text: f.text, people: f.people.size, size: f.size }))
    .toSorted(
      (a, b) => b.people * b.size ** 0.5 - a.people * a.size ** 0.5 || b.size - a.size || (a.key < b.key ? -1 : 1)
    )
  const chosen: typeof candidates = []
  for (const one of candidates) {
    if (chosen.length >= most) break
    if (!chosen.some(other => overlap(one.key, other.key) * 2 > Math.min(one.size, other.size))) chosen.push(one)
  }
  return chosen.toSorted((a, b) => b.people - a.people).map(({ text, people }) => ({ text, people }))
}

function countIn (texts: string[], least: number, longest: number, wanted: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) {
    const here = new Set(phrasesOf(text, least, longest).map(phrase => phrase.toLowerCase()))
    for (const key of here) if (wanted.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

// Runs of words inside one sentence that begin and end with a word that says something.
function phrasesOf (text: string, least: number, longest: number): string[] {
  const phrases: string[] = []
  let left = MOST_WORDS
  for (const sentence of text.slice(0, 8_000).split(BREAK)) {
    const tokens = (sentence.match(TOKEN) ?? []).slice(0, left)
    left -= tokens.length
    const says = tokens.map(t => !isStopWord(t.toLowerCase()) && t.length <= LONGEST_WORD && (t.length > 2 || /\d/.test(t)))
    for (let i = 0; i < tokens.length; i++) {
      if (says[i] !== true) continue
      for (let size = least; size <= longest && i + size <= tokens.length; size++) {
        if ((tokens[i + size - 1]?.length ?? 0) > LONGEST_WORD) break
        if (says[i + size - 1] === true) phrases.push(tokens.slice(i, i + size).join(' '))
      }
    }
  }
  return phrases
}

function overlap (one: string, two: string): number {
  const words = new Set(two.split(' '))
  return one.split(' ').filter(word => words.has(word)).length
}
