// Whether the tickets of an alarm speak of what an incident is about. Measured against the desk itself: how many of its other
// tickets of these days are less like the incident than they are.
import type { Recent, Terms } from './terms.ts'
import { weightAt } from './terms.ts'

const OWN = 0.5                                     // of an incident's ticket; the rest of its words are anybody's
const MOST_OTHERS = 400
const LEAST_OTHERS = 40                             // with fewer there is no saying what is usual
const LEAST_HERE = 2                                // tickets of the incident that the cause has not
const MOST_RATIO = 1000                             // what one term can say at most

/**
 * How much alike `cause`, ticket ids, and `incident` are: the share, 0 to 1, of the desk's other tickets of the
 * last 72 hours that are less like the incident than the middle one of the cause's own. 0 when too little is remembered.
 * A ticket's likeness is the log-likelihood ratio of its terms, drawn from the incident's tickets or from the desk's
 * (naive Bayes with a background mixture: Hiemstra 1998; Zhai and Lafferty 2004).
 */
export function kinshipOf (terms: Terms, incident: { tickets: number[], topics: string[] }, cause: number[]): number {
  const mine = new Set(incident.tickets)
  const its = new Set(cause)
  const [here, there, others]: [Recent[], Recent[], Recent[]] = [[], [], []]
  for (const ticket of terms.queue) {
    if (its.has(ticket.id)) there.push(ticket)
    else if (mine.has(ticket.id)) here.push(ticket)
    else others.push(ticket)
  }
  // Since it began the incident has tickets of which nothing is told yet
  const began = Math.min(...[...here, ...there].map(ticket => ticket.at))
  const before = others.filter(ticket => ticket.at < began)
  if (there.length === 0 || here.length < LEAST_HERE || before.length < LEAST_OTHERS) return 0
  const labels = incident.topics.flatMap(name => terms.labelPlaces[name] ?? [])
  const counts = new Map<number, number>()
  for (const ticket of here) for (const place of ticket.terms) counts.set(place, (counts.get(place) ?? 0) + 1)
  // What only one of its tickets holds may be that ticket's own
  const ratios = new Map([...counts].filter(([, n]) => n > 1)
    .map(([place, n]) => [place, ratioOf(terms, place, n / here.length, labels)]))
  // What the incident has not is no evidence against it: people put the same thing in other words, and in other languages
  const likeness = (ticket: Recent): number => ticket.terms.reduce((sum, place) =>
    sum + Math.log(Math.max(1, 1 - OWN + OWN * (ratios.get(place) ?? 0))), 0)
  const step = Math.max(1, Math.floor(before.length / MOST_OTHERS))
  const usual = before.filter((_, i) => i % step === 0).map(likeness)
  const told = there.map(likeness).sort((a, b) => a - b)
  const middle = told[(told.length - 1) >> 1] ?? 0
  return usual.filter(value => value < middle).length / usual.length
}

// How much more often a term comes in the incident than it used to come at the desk, or in the incident's topics.
function ratioOf (terms: Terms, place: number, share: number, labels: number[]): number {
  const last = terms.queue.at(-1)
  const unit = last === undefined ? 1 : weightAt(terms, last.at)
  const term = terms.list[place]
  const usual = [term?.n ?? 0, ...labels.map(label => term?.counts[term.labels.indexOf(label)] ?? 0)]
  const of = [terms.n, ...labels.map(label => terms.labels[label]?.n ?? 0)]
  return Math.min(MOST_RATIO, ...usual.map((n, i) => share / ((n / unit + 0.5) / ((of[i] ?? 0) / unit + 1))))
}
