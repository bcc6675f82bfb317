// What many customers share, and nothing that one of them wrote alone: before words of tickets leave the house, every word
// that is not in the tickets of two customers is taken out. A name, an address or a number of one person never stays.
import { isStopWord } from './stop-words.ts'

const LEAST_CUSTOMERS = 2
const LEAST_LEFT = 0.6                              // of a sentence: with less it says nothing any more
const SHORTEST = 4
const LONGEST = 24
const MOST_QUOTES = 3
const MOST_TEXT = 4_000
const GAP = '[…]'
const WORD = /[\p{L}\p{N}](?:[\p{L}\p{N}'’_.@+-]*[\p{L}\p{N}])?/gu
const HIDDEN = /\[\p{L}+\]/u                       // what the redactor has left of something personal

export interface Usage {
  customers: Map<string, number>                    // who use the word, whatever its letters
  plain: Map<string, number>                        // who write it in small letters: no name, then
}

/** How many customers use each word, as `masked` asks for it. */
export function countWords (tickets: Array<{ customer: string, text: string }>): Usage {
  const count = (words: (text: string) => string[]): Map<string, number> => {
    const seen = new Set(tickets.flatMap(({ customer, text }) =>
      words(text.slice(0, MOST_TEXT)).map(word => `${word}\n${customer}`)))
    const found = new Map<string, number>()
    for (const pair of seen) {
      const word = pair.split('\n')[0] ?? ''
      found.set(word, (found.get(word) ?? 0) + 1)
    }
    return found
  }
  return {
    customers: count(text => text.toLowerCase().match(WORD) ?? []),
    plain: count(text => (text.match(WORD) ?? []).filter(word => word === word.toLowerCase()))
  }
}

/**
 * The text with a gap for each word that fewer than two customers use, and for each capitalised one that fewer than two
 * write in small letters, unless it is `known` (in small letters): a name that many mention is a name all the same. Also
 * the share of words that are left, 0 to 1. German capitalises its nouns and keeps few words.
 */
export function masked (
  text: string, usage: Usage, known: ReadonlySet<string> = new Set()
): { text: string, left: number } {
  let all = 0
  let kept = 0
  const shown = text.replace(WORD, word => {
    all++
    const small = word.toLowerCase()
    const isPlain = isStopWord(small) || known.has(small) || (usage.plain.get(small) ?? 0) >= LEAST_CUSTOMERS
    if (!isPlain || (usage.customers.get(small) ?? 0) < LEAST_CUSTOMERS) return GAP
    kept++
    return word
  }).replace(/(?:\[…\][\s,;]*){2,}/g, `${GAP} `)
  return { text: shown.trim(), left: all === 0 ? 0 : kept / all }
}

/**
 * Sentences that say most with shared words, each of another customer, best first. `texts` are redacted already; `known`:
 * words that may be told however they are written, in small letters. Pure.
 */
export function sharedQuotes (
  texts: Array<{ customer: string, text: string }>, known: ReadonlySet<string> = new Set()
): Array<{ text: string, ticket: number }> {
  const usage = countWords(texts)
  const sentences = texts.flatMap(({ text, customer }, ticket) =>
    text.slice(0, MOST_TEXT).split(/(?<=[.!?])\s+|\n+/).map(sentence => ({ sentence, customer, ticket })))
  const found = sentences.map(({ sentence, customer, ticket }) => {
    const said = sentence.trim()
    const n = said.match(WORD)?.length ?? 0
    const { text: shown, left } = masked(said, usage, known)
    const kept = shown.toLowerCase().match(WORD) ?? []
    const weight = kept.reduce((sum, word) => sum + (usage.customers.get(word) ?? 0), 0)
    return { text: shown, ticket, customer, left, n, weight: n === 0 ? 0 : weight / n }
  }).filter(q => !HIDDEN.test(q.text) && q.left >= LEAST_LEFT && q.n >= SHORTEST && q.n <= LONGEST)
    .sort((a, b) => b.weight - a.weight || b.n - a.n || a.ticket - b.ticket)
  const quotes: Array<{ text: string, ticket: number }> = []
  const seen = new Set<string>()
  for (const { text, ticket, customer } of found) {
    if (quotes.length === MOST_QUOTES) break
    if (seen.has(customer) || quotes.some(q => q.text.toLowerCase() === text.toLowerCase())) continue
    seen.add(customer)
    quotes.push({ text, ticket })
  }
  return quotes
}
