// The memory behind new clusters: how often each term (a word, an error code, a page) came, under which labels, and
// which tickets of the last three days hold it. What is younger than that is no baseline, so a burst cannot hide itself.
import { words } from '../text.ts'
import { DAY, HOUR, WEEK } from './week-clock.ts'

export interface Recent { id: number, at: number, account: string, label: string, terms: string[] }

export interface Term { n: number, by: Record<string, number>, recent: number[], old: number[] }

export interface Label { n: number, recent: number[] }

export interface Terms {
  list: Record<string, Term>
  size: number
  labels: Record<string, Label>
  queue: Recent[]                                   // the last 72 hours
  head: number
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
const MOST_LABELS = 48
const MOST_WORDS = 40

export function emptyTerms (t: number): Terms {
  return {
    list: {}, size: 0, labels: {}, queue: [], head: 0, first: 0, inside: SPANS.map(() => 0), n: 0, since: t,
    swept: t
  }
}

/** What of a ticket can be counted: its words of four letters or more, its error code, its page; each once. */
export function termsOf (ticket: { text: string, page?: string, err?: string }): string[] {
  const found = new Set<string>()
  for (const word of words(ticket.text)) {
    // The one word that every object already has a property for
    if (word.length >= 4 && word !== 'constructor' && /\p{L}{2}/u.test(word)) found.add(word)
    if (found.size >= MOST_WORDS) break
  }
  if (ticket.err !== undefined && ticket.err !== '') found.add(`err:${ticket.err}`)
  if (ticket.page !== undefined && ticket.page !== '') found.add(`page:${ticket.page}`)
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
export function addTicket (terms: Terms, ticket: Recent): number {
  age(terms, ticket.at)
  const number = terms.first + terms.queue.push(ticket) - 1
  for (const name of ticket.terms) {
    const term = terms.list[name]
    if (term !== undefined) term.recent.push(number)
    else {
      terms.list[name] = { n: 0, by: {}, recent: [number], old: [] }
      terms.size++
    }
  }
  const label = terms.labels[ticket.label] ??= { n: 0, recent: SPANS.map(() => 0) }
  label.recent = label.recent.map(n => n + 1)
  if (ticket.at - terms.swept > 3 * DAY) sweep(terms, ticket.at)
  return number
}

function age (terms: Terms, t: number): void {
  for (const [i, span] of SPANS.entries()) {
    for (;;) {
      const number = terms.inside[i] ?? 0
      const ticket = ticketOf(terms, number)
      if (ticket === undefined || ticket.at >= t - span) break
      terms.inside[i] = number + 1
      const label = terms.labels[ticket.label]
      if (label !== undefined) label.recent[i] = (label.recent[i] ?? 1) - 1
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
  for (const name of ticket.terms) {
    const term = terms.list[name]
    if (term === undefined) continue
    term.n += weight
    term.by[ticket.label] = (term.by[ticket.label] ?? 0) + weight
    if (term.recent[0] === number) term.recent.shift()
    term.old.push(number)
    if (term.old.length > MOST_OLD * 1.25) term.old.splice(0, term.old.length - MOST_OLD)
  }
}

// Terms that came once and long ago go; when there are still too many, rarer ones go too.
function sweep (terms: Terms, t: number): void {
  terms.swept = t
  const unit = weightAt(terms, t)
  for (const [name, term] of Object.entries(terms.list)) {
    if (term.recent.length === 0 && term.n < (terms.size > MOST_TERMS ? 2.5 : 0.88) * unit) {
      delete terms.list[name]
      terms.size--
      continue
    }
    const labels = Object.entries(term.by)
    if (labels.length <= MOST_LABELS) continue
    for (const [label] of labels.sort((a, b) => a[1] - b[1]).slice(0,
      labels.length - MOST_LABELS)) delete term.by[label]
  }
}

/** The label under which most of a term's tickets came, when that is more than half of them. */
export function homeOf (terms: Terms, name: string): string | null {
  const term = terms.list[name]
  if (term === undefined || term.n <= 0) return null
  const [label, n] = Object.entries(term.by).reduce<[string, number]>((best, one) => one[1] > best[1] ? one : best,
    ['', 0])
  return n > term.n / 2 && label !== 'unknown' ? label : null
}
