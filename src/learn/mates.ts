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
  // Runs of one message are one thing
  let runs = own.some(term => term.name.startsWith(COPY)) ? 1 : 0
  return found.filter(({ term }) => !term.name.startsWith(COPY) || runs++ === 0).slice(0, TOLD)
}

/** What they add to the evidence of the burst: a factor, 0 to 1. */
export function weightOf (mates: Mate[]): number {
  return mates.reduce((product, { p }) => product * p ** DEPENDENT, 1)
}
