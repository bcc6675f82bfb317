// New clusters: terms, or pairs of terms, that come more often in the last hours than the labels of these hours explain.
// Because the expectation is made from the labels, a rush on a known topic, or a season, is invisible here.
import type { Mate } from './mates.ts'
import { matesOf, weightOf } from './mates.ts'
import { sizeOf, upperTail } from './tail.ts'
import { COPY } from './runs.ts'
import type { Term, Terms } from './terms.ts'
import { SPANS, homeOf, recentOf, ticketOf, weightAt } from './terms.ts'
import { meanInTongues } from './tongues.ts'

export interface Cluster {
  p: number, terms: string[], tickets: number[], labels: Record<string, number>,
  home: string | null                               // the topic that all its terms belong to
  accounts: number
  mean: number                                      // tickets that were to be expected
  span: number                                      // in so many seconds
  from: number                                      // its first ticket, unix seconds
}

const LEAST = 3                                     // accounts
const COMMON = 0.01                                 // terms in more tickets than this share say nothing alone
const COMMON_IN_PAIRS = 0.1
const BUSY_IN_PAIRS = 80                            // tickets of three days: bounds the work for one ticket
const MOST_IN_PAIRS = 8                             // rarest terms of a ticket that are looked at in pairs
const HINT = 0.7                                    // a pair is looked at from this power of the threshold on
const LONE = 0.02                                   // of the budget for what is said alike, and nothing else with it
const YOUNG = 0.12                                  // doubt from which on terms are not yet taken together
const ALONE = 0.1                                   // weight of its mates from which on it is so
const SLACK = 1.3                                   // expectation is raised by this
const UNREST = 1 / 1.2                              // relative variance of a term's arrivals
const MISLABELLED = 0.1                             // share of tickets whose label says nothing of their terms

type InTongues = (span: number, n: number) => { mean: number, of: number }

interface Burst { p: number, numbers: number[], mean: number, span: number }

interface Suspect extends Burst { terms: Term[] }

interface Candidate { term: Term, n: number }

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
  const inPairs: Candidate[] = []
  for (const place of ticket.terms) {
    const term = terms.list[place]
    if (term === undefined || term === null || term.recent.length < LEAST) continue
    const n = term.n / unit
    if (n > Math.max(COMMON_IN_PAIRS * all, 4)) continue
    if (term.recent.length <= BUSY_IN_PAIRS && !term.name.startsWith(COPY)) inPairs.push({ term, n })
    if (n > Math.max(COMMON * all, 4)) continue
    const inTongues = tonguesOf(terms, term.recent, unit)
    const suspect = judge(terms, doubt, term.recent, n / all, span =>
      meanOfTerm(terms, term, span, n, all) + inTongues(span, n).mean)
    if (suspect !== null) singles.push({ ...suspect, terms: [term] })
  }
  singles.sort((a, b) => a.p - b.p)
  const hint = below ** HINT
  // What belongs together at this desk it has yet to learn: a topic's page and words would look like news
  const isYoung = doubt > YOUNG
  const [best] = singles
  if (best !== undefined && best.p < hint) {
    const mates = matesOf(terms, best.numbers, best.terms, term => shareIn(terms, term, best, all, unit))
    const weight = weightOf(mates)
    const p = isYoung ? best.p : best.p * weight
    const isAlone = weight > ALONE && best.terms.every(isSaid)
    if (p < (isAlone ? below * LONE : below)) return tell(terms, { ...best, p }, mates)
  }
  if (isYoung) return null
  inPairs.sort((a, b) => a.n - b.n)
  const pair = bestPair(terms, doubt, inPairs.slice(0, MOST_IN_PAIRS), all, unit, below)
  return pair === null || pair.p >= below ? null : tell(terms, pair, pair.mates)
}

// Words and turns of speech; a code or a page is no chance of wording
function isSaid (term: Term): boolean {
  return !/^(?:err|code|page):/.test(term.name)
}

// What of a span's tickets a term may be in because of their language
function tonguesOf (terms: Terms, numbers: number[], unit: number): InTongues {
  if (terms.tongues.length < 2) return () => ({ mean: 0, of: 0 })
  const tickets = numbers.flatMap(number => ticketOf(terms, number) ?? [])
  return (span, n) => meanInTongues(terms.tongues, tickets, span, n * unit, unit)
}

// In what share of a burst's tickets another term is to be expected
function shareIn (terms: Terms, term: Term, burst: Burst, all: number, unit: number): number {
  const span = SPANS.indexOf(burst.span)
  const n = term.n / unit
  const foreign = tonguesOf(terms, burst.numbers, unit)(span, n)
  return Math.max(meanOfTerm(terms, term, span, n, all) / Math.max(1, recentOf(terms, span)),
    foreign.mean / Math.max(1, foreign.of))
}

// `numbers` rise. A span is worth a closer look only when its count is above what is usual of all tickets (`usual`: share
// of tickets), whatever their labels; then also above what the labels explain.
function judge (terms: Terms, doubt: number, numbers: number[], usual: number,
  meanIn: (span: number) => number): Burst | null {
  let best: Burst | null = null
  for (let span = 0; span < SPANS.length; span++) {
    const first = placeOf(numbers, terms.inside[span] ?? 0)
    const count = numbers.length - first
    if (count < LEAST || count < 1.2 * usual * recentOf(terms, span) + 2) continue
    const mean = meanIn(span)
    if (count < mean * 1.5 + 2) continue
    const inside = numbers.slice(first)
    const accounts = new Set(inside.map(n => ticketOf(terms, n)?.account)).size
    if (accounts < LEAST || accounts < mean * 1.5 + 2) continue
    const p = upperTail(accounts, mean, sizeOf(UNREST + doubt))
    if (best === null || p < best.p) best = { p, numbers: inside, mean, span: SPANS[span] ?? 0 }
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
  for (let i = 0; i < term.labels.length; i++) {
    const label = terms.labels[term.labels[i] ?? -1]
    if (label !== undefined && label.n > 0) sum += (label.recent[span] ?? 0) * (term.counts[i] ?? 0) / label.n
  }
  const recent = recentOf(terms, span)
  return SLACK * ((1 - MISLABELLED) * sum + MISLABELLED * n / all * recent) + (0.3 + 0.15 * n) * recent / all
}

function bestPair (terms: Terms, doubt: number, list: Candidate[], all: number, unit: number,
  below: number): (Suspect & { mates: Mate[] }) | null {
  const tried = list.length * (list.length - 1) / 2
  const hint = below ** HINT
  const found: Suspect[] = []
  for (const [i, one] of list.entries()) {
    for (let j = i + 1; j < list.length; j++) {
      const two = list[j]
      if (two === undefined) continue
      const numbers = inBoth(one.term.recent, two.term.recent)
      if (numbers.length < LEAST || !couldBe(terms, numbers, one, two, all, hint)) continue
      const inTongues = tonguesOf(terms, numbers, unit)
      const first = judge(terms, doubt, numbers, 0, span =>
        meanOfPair(terms, one, two, span, all, unit) + inTongues(span, Math.min(one.n, two.n)).mean)
      if (first === null || first.p > hint) continue
      // Now the dearer question: how often did the two come together before?
      const together = togetherBefore(terms, one.term, two.term)
      const sure = judge(terms, doubt, numbers, 0, span => {
        const recent = recentOf(terms, span)
        const foreign = inTongues(span, Math.min(one.n, two.n)).mean
        return meanOfPair(terms, one, two, span, all, unit) + 2 * together * recent + foreign
      })
      if (sure !== null && sure.p < hint) found.push({ ...sure, terms: [one.term, two.term] })
    }
  }
  const [best] = found.sort((a, b) => a.p - b.p)
  if (best === undefined) return null
  const mates = matesOf(terms, best.numbers, best.terms, term => shareIn(terms, term, best, all, unit))
  return { ...best, p: best.p * tried * weightOf(mates), mates }
}

// Both rise, and so does what they share.
function inBoth (one: number[], two: number[]): number[] {
  const shared: number[] = []
  for (let i = 0, j = 0; i < one.length && j < two.length;) {
    const a = one[i] ?? 0
    const b = two[j] ?? 0
    if (a === b) shared.push(a)
    if (a <= b) i++
    if (b <= a) j++
  }
  return shared
}

// The cheapest question first: were it unlikely even if no label explained anything?
function couldBe (terms: Terms, numbers: number[], one: Candidate, two: Candidate, all: number,
  below: number): boolean {
  return SPANS.some((_, span) => {
    const count = numbers.length - placeOf(numbers, terms.inside[span] ?? 0)
    return count >= LEAST && upperTail(count, floorOfPair(terms, one, two, span, all), sizeOf(UNREST)) < below
  })
}

function floorOfPair (terms: Terms, one: Candidate, two: Candidate, span: number, all: number): number {
  const recent = recentOf(terms, span)
  return recent * ((one.n / all) * (two.n / all) + 0.15 / all)
}

// Were the two independent inside each label
function meanOfPair (terms: Terms, one: Candidate, two: Candidate, span: number, all: number, unit: number): number {
  let sum = 0
  for (let i = 0; i < one.term.labels.length; i++) {
    const place = one.term.labels[i] ?? -1
    const other = two.term.labels.indexOf(place)
    const label = terms.labels[place]
    if (other < 0 || label === undefined || label.n <= 0) continue
    const n = label.n + unit
    sum += (label.recent[span] ?? 0) * ((one.term.counts[i] ?? 0) / n) * ((two.term.counts[other] ?? 0) / n)
  }
  return 2 * SLACK * sum + floorOfPair(terms, one, two, span, all)
}

// Share of older tickets that held both, from what is remembered of each.
function togetherBefore (terms: Terms, one: Term, two: Term): number {
  const from = Math.max(one.old[0] ?? 0, two.old[0] ?? 0)
  const span = Math.max(1, (terms.inside[SPANS.length - 1] ?? 0) - from)
  const other = new Set(two.old)
  return (one.old.filter(n => n >= from && other.has(n)).length + 0.3) / span
}

function tell (terms: Terms, best: Suspect, mates: Mate[]): Cluster {
  const tickets = best.numbers.flatMap(n => ticketOf(terms, n) ?? [])
  const labels: Record<string, number> = {}
  for (const { label } of tickets) {
    const name = terms.labels[label]?.name ?? 'unknown'
    labels[name] = (labels[name] ?? 0) + 1
  }
  const homes = best.terms.map(term => homeOf(terms, term))
  const named = [...best.terms, ...mates.filter(mate => mate.p < 1e-3).map(mate => mate.term)]
  return {
    p: best.p,
    terms: [...new Set(named.map(term => term.name))].slice(0, 5),
    home: homes.every(home => home === homes[0]) ? homes[0] ?? null : null,
    tickets: tickets.map(ticket => ticket.id),
    labels,
    accounts: new Set(tickets.map(ticket => ticket.account)).size,
    mean: best.mean,
    span: best.span,
    from: tickets[0]?.at ?? 0
  }
}
