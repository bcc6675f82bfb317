// What else the tickets of a burst have in common. Words that only chance has brought together stand among different words
// each time; a new problem brings its words along.
import { upperTail } from './tail.ts'
import type { Term, Terms } from './terms.ts'
import { COPY } from './runs.ts'
import { ticketOf } from './terms.ts'

export interface Mate { term: Term, p: number }

const TOLD = 2                                      // more say the same again
const DEPENDENT = 0.6                               // power of the chance: words come in phrases

/**
 * Terms of the newest ticket, its own (`own`) left out, that more of the burst's other tickets hold than `shareOf` leads to
 * expect: at most two, the least likely first, with the chance that any of the ticket's terms would be in as many (binomial
 * tail, its Poisson bound, after Bonferroni), 0 to 1. `numbers`: the burst, the newest ticket last.
 */
export function matesOf (terms: Terms, numbers: number[], own: Term[], shareOf: (term: Term) => number): Mate[] {
  const newest = ticketOf(terms, numbers.at(-1) ?? -1)
  if (newest === undefined) return []
  const others = numbers.slice(0, -1).flatMap(number => ticketOf(terms, number) ?? [])
  const found: Mate[] = []
  for (const place of newest.terms) {
    const term = terms.list[place]
    if (term === undefined || term === null || own.includes(term)) continue
    const held = others.filter(ticket => ticket.terms.includes(place)).length
    if (held === 0) continue
    const p = upperTail(held, others.length * Math.min(1, shareOf(term)), 1e9) * newest.terms.length
    if (p < 1) found.push({ term, p })
  }
  found.sort((a, b) => a.p - b.p)
  const told: Mate[] = []
  for (const mate of found) {
    if (told.length === TOLD) break
    if (![...own, ...told.map(({ term }) => term)].some(term => overlap(term, mate.term))) told.push(mate)
  }
  return told
}

// Two runs of the same words are one thing, and so are a run and a word of it
function overlap (one: Term, two: Term): boolean {
  const [run, other] = one.name.startsWith(COPY) ? [one, two] : [two, one]
  if (!run.name.startsWith(COPY)) return false
  const words = new Set(run.name.slice(COPY.length).split(' '))
  return (other.name.startsWith(COPY) ? other.name.slice(COPY.length) : other.name).split(' ').some(word => words.has(word))
}

/** What they add to the evidence of the burst: a factor, 0 to 1. */
export function weightOf (mates: Mate[]): number {
  return mates.reduce((product, { p }) => product * p ** DEPENDENT, 1)
}
