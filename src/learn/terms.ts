// The memory behind new clusters: how often each term (a word, an error code, a page) came, under which labels, and
// which tickets of the last three days hold it. What is younger than that is no baseline, so a burst cannot hide itself.
import { words } from '../text.ts'
import { codesOf } from './codes.ts'
import type { Runs } from './runs.ts'
import { COPY, emptyRuns, forgetRuns, keyOf, noteRun, noteTicket, sketchOf } from './runs.ts'
import type { Tongue } from './tongues.ts'
import { placeOfTongue } from './tongues.ts'
import { DAY, HOUR, WEEK } from './week-clock.ts'

export interface Recent { id: number, at: number, account: string, label: number, tongue: number, terms: number[] }

/** A term lives in a place of `Terms.list`; what is counted by label stands in two arrays side by side. */
export interface Term { name: string, n: number, labels: number[], counts: number[], recent: number[], old: number[] }

export interface Label { name: string, n: number, recent: number[] }

export interface Terms {
  places: Record<string, number>                    // term -> its place in `list`, except runs of words
  runs: Runs
  list: Array<Term | null>
  free: number[]                                    // places that are empty again
  size: number
  labelPlaces: Record<string, number>
  labels: Label[]
  tongues: Tongue[]
  queue: Recent[]                                   // the last 72 hours
  first: number                                     // number of the ticket at queue[0]; tickets are numbered as they come
  inside: number[]                                  // first number inside each of SPANS
  n: number                                         // tickets of the baseline, weighted
  since: number
  swept: number
}

export const SPANS = [2, 12, 72].map(hours => hours * HOUR)
const HALF_LIFE = 8 * WEEK
const MOST_TERMS = 60_000
const MOST_OLD = 160                                // older tickets remembered of a term, for what came together before
const MOST_LABELS = 32                              // of a term; the rest falls to what is explained by no label
const MOST_WORDS = 40
export const CODE = 'code:'

export function emptyTerms (t: number): Terms {
  return {
    places: {}, runs: emptyRuns(), list: [], free: [], size: 0, labelPlaces: {}, labels: [], tongues: [], queue: [],
    first: 0, inside: SPANS.map(() => 0), n: 0, since: t, swept: t
  }
}

/**
 * What of a ticket can be counted, each once: its words of four letters or more, its codes, its page, and the least
 * few of its runs of five words, so that a message that is copied has something in common.
 */
export function termsOf (ticket: { text: string, page?: string, err?: string }): string[] {
  const found = new Set<string>()
  const said = words(ticket.text)
  for (const word of said) {
    // The one word that every object already has a property for
    if (word.length >= 4 && word !== 'constructor' && /^\p{L}.*\p{L}/u.test(word)) found.add(word)
    if (found.size >= MOST_WORDS) break
  }
  for (const code of codesOf(ticket.text)) if (code !== ticket.err) found.add(CODE + code)
  if (ticket.err !== undefined && ticket.err !== '') found.add(`err:${ticket.err}`)
  if (ticket.page !== undefined && ticket.page !== '') found.add(`page:${ticket.page}`)
  for (const run of sketchOf(said)) found.add(run)
  return [...found]
}

/** Counts stand in units that grow with time, so that all fade at once and none has to be touched. */
export function weightAt (terms: Terms, t: number): number {
  return 2 ** ((t - terms.since) / HALF_LIFE)
}

/** Tickets inside one of SPANS, by its place there. */
export function recentOf (terms: Terms, span: number): number {
  return terms.first + terms.queue.length - (terms.inside[span] ?? 0)
}

export function ticketOf (terms: Terms, number: number): Recent | undefined {
  return terms.queue[number - terms.first]
}

/** Adds a ticket; what has become three days old moves into the baseline. Changes `terms`. Returns its number. */
export function addTicket (terms: Terms, ticket: {
  id: number, at: number, account: string, label: string, language?: string, terms: string[]
}): number {
  const { id, at, account } = ticket
  age(terms, at)
  const label = placeOfLabel(terms, ticket.label)
  const tongue = placeOfTongue(terms.tongues, ticket.language ?? 'und', SPANS.length)
  const places: number[] = []
  const number = terms.first + terms.queue.push({ id, at, account, label, tongue, terms: places }) - 1
  noteTicket(terms.runs, label, weightAt(terms, at))
  for (const name of ticket.terms) {
    const place = name.startsWith(COPY) ? placeOfRun(terms, name, number) : terms.places[name] ?? beginTerm(terms, name)
    const term = place === null ? null : terms.list[place]
    if (place === null || term === null || term === undefined) continue
    places.push(place)
    term.recent = append(term.recent, number)
  }
  for (const recent of countsOf(terms, label, tongue)) {
    for (let span = 0; span < SPANS.length; span++) recent[span] = (recent[span] ?? 0) + 1
  }
  if (at - terms.swept > 3 * DAY) sweep(terms, at)
  return number
}

function beginTerm (terms: Terms, name: string): number {
  const place = terms.free.pop() ?? terms.list.length
  terms.list[place] = { name, n: 0, labels: [], counts: [], recent: [], old: [] }
  if (!name.startsWith(COPY)) terms.places[name] = place
  terms.size++
  return place
}

// Most lists hold one number for ever, and a list that has grown by `push` has room for seventeen
function append (list: number[], x: number): number[] {
  if (list.length === 0) return [x]
  list.push(x)
  return list
}

// Null while a run has come only once, or when another one has its hash
function placeOfRun (terms: Terms, name: string, number: number): number | null {
  const { runs } = terms
  const hash = keyOf(name)
  const known = runs.seen[hash]
  if (known === undefined) {
    noteRun(runs, hash, number)
    terms.size++
    return null
  }
  if (known >= 0) return terms.list[known]?.name === name ? known : null
  const before = -1 - known
  if (before === number) return null
  const place = runs.seen[hash] = beginTerm(terms, name)
  terms.size--                                      // it was counted when it came first
  const term = terms.list[place]
  if (term === null || term === undefined) return null
  if (before >= (terms.inside[SPANS.length - 1] ?? 0)) {
    term.recent = [before]
    ticketOf(terms, before)?.terms.push(place)
  } else {
    const weight = runs.weights[before - runs.first] ?? 0
    term.n = weight
    term.labels = [runs.labels[before - runs.first] ?? 0]
    term.counts = [weight]
    term.old = [before]
  }
  return place
}

function placeOfLabel (terms: Terms, name: string): number {
  const known = terms.labelPlaces[name]
  if (known !== undefined) return known
  const place = terms.labels.push({ name, n: 0, recent: SPANS.map(() => 0) }) - 1
  terms.labelPlaces[name] = place
  return place
}

function countsOf (terms: Terms, label: number, tongue: number): number[][] {
  return [terms.labels[label]?.recent ?? [], terms.tongues[tongue]?.recent ?? []]
}

function age (terms: Terms, t: number): void {
  for (let i = 0; i < SPANS.length; i++) {
    const from = t - (SPANS[i] ?? 0)
    for (;;) {
      const number = terms.inside[i] ?? 0
      const ticket = ticketOf(terms, number)
      if (ticket === undefined || ticket.at >= from) break
      terms.inside[i] = number + 1
      for (const recent of countsOf(terms, ticket.label, ticket.tongue)) recent[i] = (recent[i] ?? 1) - 1
      if (i === SPANS.length - 1) learn(terms, ticket, number)
    }
  }
  const gone = (terms.inside[SPANS.length - 1] ?? 0) - terms.first
  if (gone < 512 || gone * 4 < terms.queue.length) return
  terms.queue.splice(0, gone)
  terms.first += gone
}

function learn (terms: Terms, ticket: Recent, number: number): void {
  const weight = weightAt(terms, ticket.at)
  terms.n += weight
  const label = terms.labels[ticket.label]
  if (label !== undefined) label.n += weight
  const tongue = terms.tongues[ticket.tongue]
  if (tongue !== undefined) tongue.n += weight
  for (const place of ticket.terms) {
    const term = terms.list[place]
    if (term === null || term === undefined) continue
    term.n += weight
    const at = term.labels.indexOf(ticket.label)
    if (at >= 0) term.counts[at] = (term.counts[at] ?? 0) + weight
    else {
      term.labels = append(term.labels, ticket.label)
      term.counts = append(term.counts, weight)
    }
    if (term.recent[0] === number) term.recent.shift()
    term.old = append(term.old, number)
    if (term.old.length > MOST_OLD * 1.25) term.old.splice(0, term.old.length - MOST_OLD)
  }
}

// Terms that came once and long ago go; when there are still too many, rarer ones go too.
function sweep (terms: Terms, t: number): void {
  terms.swept = t
  const unit = weightAt(terms, t)
  const least = (terms.size > MOST_TERMS ? 2.5 : 0.88) * unit
  for (const [place, term] of terms.list.entries()) {
    if (term === null) continue
    const isRun = term.name.startsWith(COPY)
    if (term.recent.length === 0 && term.n < (isRun ? Math.max(least, 1.2 * unit) : least)) {
      if (isRun) delete terms.runs.seen[keyOf(term.name)]
      else delete terms.places[term.name]
      terms.list[place] = null
      terms.free.push(place)
      terms.size--
    } else if (term.labels.length > MOST_LABELS) {
      const order = term.counts.map((_, i) => i).sort((a, b) => (term.counts[b] ?? 0) - (term.counts[a] ?? 0))
        .slice(0, MOST_LABELS)
      const { labels, counts } = term
      term.labels = order.map(i => labels[i] ?? 0)
      term.counts = order.map(i => counts[i] ?? 0)
    }
  }
  terms.size -= forgetRuns(terms.runs, terms.inside[SPANS.length - 1] ?? 0)
}

/** The label under which most of a term's tickets came, when that is more than half of them. */
export function homeOf (terms: Terms, term: Term): string | null {
  const most = term.counts.indexOf(Math.max(...term.counts))
  const label = terms.labels[term.labels[most] ?? -1]?.name
  return label !== undefined && label !== 'unknown' && (term.counts[most] ?? 0) > term.n / 2 ? label : null
}
