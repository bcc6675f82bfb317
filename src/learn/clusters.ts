// New clusters: terms, or pairs of terms, that come more often in the last hours than the labels of these hours explain.
// Because the expectation is made from the labels, a rush on a known topic, or a season, is invisible here.
import { sizeOf, upperTail } from './tail.ts'
import type { Term, Terms } from './terms.ts'
import { SPANS, recentOf, ticketOf, weightAt } from './terms.ts'

export interface Cluster {
  p: number, terms: string[], tickets: number[], labels: Record<string, number>,
  accounts: number
}

const LEAST = 3                                     // accounts
const COMMON = 0.01                                 // terms in more tickets than this share say nothing alone
const COMMON_IN_PAIRS = 0.1
const BUSY_IN_PAIRS = 80                            // tickets of three days: bounds the work for one ticket
const MOST_IN_PAIRS = 8                             // rarest terms of a ticket that are looked at in pairs
const HINT = 0.7                                    // a pair is looked at from this power of the threshold on
const SLACK = 1.3                                   // expectation is raised by this
const UNREST = 1 / 1.2                              // relative variance of a term's arrivals
const MISLABELLED = 0.1                             // share of tickets whose label says nothing of their terms

interface Suspect { p: number, terms: string[], numbers: number[] }

/**
 * The least likely cluster that the newest ticket is part of; null when nothing is remarkable (p above `below`). `doubt` widens the
 * law while there is little history: relative variance, 0 or more.
 */
export function clusterAt (terms: Terms, number: number, below: number, doubt = 0): Cluster | null {
  const ticket = ticketOf(terms, number)
  if (ticket === undefined || terms.n <= 0) return null
  const unit = weightAt(terms, ticket.at)
  const all = terms.n / unit
  const singles: Suspect[] = []
  const inPairs: Array<{ name: string, term: Term, n: number }> = []
  for (const name of ticket.terms) {
    const term = terms.list[name]
    if (term === undefined || term.recent.length < LEAST) continue
    const n = term.n / unit
    if (n > Math.max(COMMON_IN_PAIRS * all, 4)) continue
    if (term.recent.length <= BUSY_IN_PAIRS) inPairs.push({ name, term, n })
    if (n > Math.max(COMMON * all, 4)) continue
    const suspect = judge(terms, doubt, term.recent, span => meanOfTerm(terms, term, span, n, all))
    if (suspect !== null) singles.push({ ...suspect, terms: [name] })
  }
  singles.sort((a, b) => a.p - b.p)
  const [best, second, third] = singles
  const alone = best === undefined
    ? null
    : {
        ...best,
        p: best.p * Math.sqrt(weigh(best, second) * weigh(best, third))
      }
  if (alone !== null && alone.p < below) return tell(terms, alone, singles)
  inPairs.sort((a, b) => a.n - b.n)
  const pair = bestPair(terms, doubt, inPairs.slice(0, MOST_IN_PAIRS), all, unit, below)
  return pair === null || pair.p >= below ? null : tell(terms, pair, [pair])
}

// A second term counts for half its evidence, and only as far as it comes in the same tickets.
function weigh (best: Suspect, other: Suspect | undefined): number {
  if (other === undefined) return 1
  const shared = other.numbers.filter(n => best.numbers.includes(n)).length
  return other.p ** (shared / Math.max(best.numbers.length, other.numbers.length))
}

// `numbers` rise. A span is worth a closer look only when its count is above what is expected.
function judge (terms: Terms, doubt: number, numbers: number[], meanIn: (span: number) => number): {
  p: number,
  numbers: number[]
} | null {
  let best: { p: number, numbers: number[] } | null = null
  for (let span = 0; span < SPANS.length; span++) {
    const first = placeOf(numbers, terms.inside[span] ?? 0)
    const count = numbers.length - first
    if (count < LEAST) continue
    const mean = meanIn(span)
    if (count < mean * 1.5 + 2) continue
    const inside = numbers.slice(first)
    const accounts = new Set(inside.map(n => ticketOf(terms, n)?.account)).size
    if (accounts < LEAST || accounts < mean * 1.5 + 2) continue
    const p = upperTail(accounts, mean, sizeOf(UNREST + doubt))
    if (best === null || p < best.p) best = { p, numbers: inside }
  }
  return best
}

function placeOf (numbers: number[], from: number): number {
  let place = numbers.length
  while (place > 0 && (numbers[place - 1] ?? 0) >= from) place--
  return place
}

function meanOfTerm (terms: Terms, term: Term, span: number, n: number, all: number): number {
  let sum = 0
  for (const label in term.by) {
    const known = terms.labels[label]
    if (known !== undefined && known.n > 0) sum += (known.recent[span] ?? 0) * (term.by[label] ?? 0) / known.n
  }
  const recent = recentOf(terms, span)
  return SLACK * ((1 - MISLABELLED) * sum + MISLABELLED * n / all * recent) + (0.3 + 0.15 * n) * recent / all
}

type Pairable = { name: string, term: Term, n: number }

function bestPair (terms: Terms, doubt: number, list: Pairable[], all: number, unit: number,
  below: number): Suspect | null {
  const holds = new Map<number, number>()           // ticket -> which of the terms it holds, as bits
  for (const [i, { term }] of list.entries()) {
    for (const n of term.recent) {
      holds.set(n, (holds.get(n) ??
    0) | (1 << i))
    }
  }
  const counts = new Map<number, number[]>()
  for (const [n, bits] of holds) {
    if ((bits & (bits - 1)) === 0) continue
    for (let i = 0; i < list.length; i++) {
      if ((bits & (1 << i)) === 0) continue
      for (let j = i + 1; j < list.length; j++) {
        if ((bits & (1 << j)) === 0) continue
        const key = i * 32 + j
        const numbers = counts.get(key)
        if (numbers === undefined) counts.set(key, [n])
        else numbers.push(n)
      }
    }
  }
  const tried = list.length * (list.length - 1) / 2
  const hint = below ** HINT
  const found: Suspect[] = []
  for (const [key, numbers] of counts) {
    const one = list[key >> 5]
    const two = list[key & 31]
    if (one === undefined || two === undefined || numbers.length < LEAST) continue
    numbers.sort((a, b) => a - b)
    if (!couldBe(terms, numbers, one, two, all, hint)) continue
    const first = judge(terms, doubt, numbers, span => meanOfPair(terms, one, two, span, all, unit))
    if (first === null || first.p > hint) continue
    // Now the dearer question: how often did the two come together before?
    const together = togetherBefore(terms, one.term, two.term)
    const sure = judge(terms, doubt, numbers, span => {
      const recent = recentOf(terms, span)
      return meanOfPair(terms, one, two, span, all, unit) + 2 * (together + 0.3) * recent
    })
    if (sure !== null && sure.p < hint) found.push({ ...sure, terms: [one.name, two.name] })
  }
  // Three words that come together make three pairs: the others add to the evidence of the best
  const [best, second, third] = found.sort((a, b) => a.p - b.p)
  if (best === undefined) return null
  return { ...best, p: best.p * tried * Math.sqrt(weigh(best, second) * weigh(best, third)) }
}

// The cheapest question first: were it unlikely even if no label explained anything?
function couldBe (terms: Terms, numbers: number[], one: Pairable, two: Pairable, all: number,
  below: number): boolean {
  return SPANS.some((_, span) => {
    const count = numbers.length - placeOf(numbers, terms.inside[span] ?? 0)
    return count >= LEAST && upperTail(count, floorOfPair(terms, one, two, span, all), sizeOf(UNREST)) < below
  })
}

function floorOfPair (terms: Terms, one: Pairable, two: Pairable, span: number, all: number): number {
  const recent = recentOf(terms, span)
  return recent * ((one.n / all) * (two.n / all) + 0.15 / all)
}

// Were the two independent inside each label
function meanOfPair (terms: Terms, one: Pairable, two: Pairable, span: number, all: number, unit: number): number {
  let sum = 0
  for (const label in one.term.by) {
    const known = terms.labels[label]
    const second = two.term.by[label]
    if (known === undefined || second === undefined || known.n <= 0) continue
    const n = known.n + unit
    sum += (known.recent[span] ?? 0) * ((one.term.by[label] ?? 0) / n) * (second / n)
  }
  return 2 * SLACK * sum + floorOfPair(terms, one, two, span, all)
}

// Share of older tickets that held both, from what is remembered of each.
function togetherBefore (terms: Terms, one: Term, two: Term): number {
  const from = Math.max(one.old[0] ?? 0, two.old[0] ?? 0)
  const span = Math.max(1, (terms.inside[SPANS.length - 1] ?? 0) - from)
  const other = new Set(two.old)
  return one.old.filter(n => n >= from && other.has(n)).length / span
}

function tell (terms: Terms, best: Suspect, all: Suspect[]): Cluster {
  const tickets = best.numbers.flatMap(n => ticketOf(terms, n) ?? [])
  const labels: Record<string, number> = {}
  for (const { label } of tickets) labels[label] = (labels[label] ?? 0) + 1
  const names = [...best.terms, ...all.filter(s => s.p < 1e-3).flatMap(s => s.terms)]
  return {
    p: best.p,
    terms: [...new Set(names)].slice(0, 5),
    tickets: tickets.map(ticket => ticket.id),
    labels,
    accounts: new Set(tickets.map(ticket => ticket.account)).size
  }
}
