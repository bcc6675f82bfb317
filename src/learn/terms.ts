// The memory behind new clusters: how often each term (a word, an error code, a page) came, under which labels, and
// which tickets of the last three days hold it. What is younger than that is no baseline, so a burst cannot hide itself.
import { words } from '../text.ts'
import { codesOf } from './codes.ts'
import type { Tongue } from './tongues.ts'
import { placeOfTongue } from './tongues.ts'
import { DAY, HOUR, WEEK } from './week-clock.ts'

export interface Recent { id: number, at: number, account: string, label: number, tongue: number, terms: number[] }

/** A term lives in a place of `Terms.list`; what is counted by label stands in two arrays side by side. */
export interface Term { name: string, n: number, labels: number[], counts: number[], recent: number[], old: number[] }

export interface Label { name: string, n: number, recent: number[] }

export interface Terms {
  places: Record<string, number>                    // term -> its place in `list`
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
const RUN = 5                                       // words in a row: four or fewer come together by chance
const SKETCH = 6                                    // runs kept of a ticket
const MOST_SKETCHED = 150                           // words
export const COPY = 'copy:'
export const CODE = 'code:'

export function emptyTerms (t: number): Terms {
  return {
    places: {}, list: [], free: [], size: 0, labelPlaces: {}, labels: [], tongues: [], queue: [], first: 0,
    inside: SPANS.map(() => 0), n: 0, since: t, swept: t
  }
}

/**
 * What of a ticket can be counted, each once: its words of four letters or more, its codes, its page, and the least
 * few of its runs of five words by their hash, so that a message that is copied has something in common even when each of
 * its words is ordinary (bottom-k sketch: Broder 1997).
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

function sketchOf (said: string[]): string[] {
  const least: Array<{ hash: number, at: number }> = []
  const hashes = said.slice(0, MOST_SKETCHED).map(hashOf)
  for (let at = 0; at + RUN <= hashes.length; at++) {
    let hash = 0
    for (let i = at; i < at + RUN; i++) hash = Math.imul(hash ^ (hashes[i] ?? 0), 0x9E3779B1) >>> 0
    if (least.length === SKETCH && hash >= (least[SKETCH - 1]?.hash ?? 0)) continue
    if (least.some(one => one.hash === hash)) continue
    least.push({ hash, at })
    least.sort((a, b) => a.hash - b.hash)
    if (least.length > SKETCH) least.pop()
  }
  return least.map(({ at }) => COPY + said.slice(at, at + RUN).join(' '))
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
function hashOf (word: string): number {
  let hash = 0x811C9DC5
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
  return hash >>> 0
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
  const places = ticket.terms.map(name => placeOfTerm(terms, name))
  const number = terms.first + terms.queue.push({ id, at, account, label, tongue, terms: places }) - 1
  for (const place of places) terms.list[place]?.recent.push(number)
  for (const recent of countsOf(terms, label, tongue)) {
    for (let span = 0; span < SPANS.length; span++) recent[span] = (recent[span] ?? 0) + 1
  }
  if (at - terms.swept > 3 * DAY) sweep(terms, at)
  return number
}

function placeOfTerm (terms: Terms, name: string): number {
  const known = terms.places[name]
  if (known !== undefined) return known
  const place = terms.free.pop() ?? terms.list.length
  terms.list[place] = { name, n: 0, labels: [], counts: [], recent: [], old: [] }
  terms.places[name] = place
  terms.size++
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
      term.labels.push(ticket.label)
      term.counts.push(weight)
    }
    if (term.recent[0] === number) term.recent.shift()
    term.old.push(number)
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
    // Almost every run of words comes only once
    if (term.recent.length === 0 && term.n < (term.name.startsWith(COPY) ? Math.max(least, 1.2 * unit) : least)) {
      delete terms.places[term.name]
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
}

/** The label under which most of a term's tickets came, when that is more than half of them. */
export function homeOf (terms: Terms, term: Term): string | null {
  const most = term.counts.indexOf(Math.max(...term.counts))
  const label = terms.labels[term.labels[most] ?? -1]?.name
  return label !== undefined && label !== 'unknown' && (term.counts[most] ?? 0) > term.n / 2 ? label : null
}
