// What an alert looks like over time: the customers of its topics hour by hour, beside what the watch expected of these
// hours. Read from the watch at the very tick that tells it, so that picture, words and alarm are of one opinion.
import { meanOf, levelOf } from './baseline.ts'
import type { Baseline } from './baseline.ts'
import { busyness } from './desk.ts'
import type { Incident } from './incidents.ts'
import { rhythmOf } from './rhythm.ts'
import { sizeOf, upperTail } from './tail.ts'
import { lawOf } from './watch.ts'
import type { Watch } from './watched.ts'
import { HOUR } from './week-clock.ts'

export const HOURS_SHOWN = 48

/** Hour by hour, the last one still running. All lists have HOURS_SHOWN entries. */
export interface Trace {
  from: number                                      // unix seconds: when the first hour began
  until: number                                     // unix seconds: when it was looked
  counts: number[]                                  // customers who wrote; each counts once a day and topic
  mean: number[]                                    // expected in that hour
  low: number[]                                     // nine of ten usual hours lie from low to high
  high: number[]
}

/** `usual`: how many customers were expected in the `hours` that the incident has taken so far. */
export interface Seen { trace: Trace, usual: number, hours: number }

/** One source of tickets: when they came, and what was expected. */
interface Stream { at: number[], baseline: Baseline, perHour: number, phi: number, spread: number }

const REACH = 94                                    // hours for which the watch remembers what it expected
const TAIL = 0.05

/**
 * What to show of an incident at `t` (unix seconds). Null for drifts, which weeks show and hours do not.
 * A new cluster is counted by its own tickets, and nothing is expected of it: these words did not come together before.
 */
export function seenOf (watch: Watch, incident: Incident, t: number): Seen | null {
  if (incident.kind === 'drift') return null
  const last = Math.floor(t / HOUR)
  const from = (last - HOURS_SHOWN + 1) * HOUR
  const first = Math.min(incident.openedAt, ...ticketsOf(watch, incident))
  const began = Math.min(t, incident.kind === 'spike' ? incident.from ?? first : first)
  const hours = Math.max(1 / 60, (t - began) / HOUR)
  const streams = incident.kind === 'spike' ? streamsOf(watch, incident.topics, t) : []
  const arrivals = incident.kind === 'spike' ? streams.flatMap(s => s.at) : ticketsOf(watch, incident)
  const counts = Array.from({ length: HOURS_SHOWN }, () => 0)
  for (const at of arrivals) {
    const place = Math.floor((at - from) / HOUR)
    if (at <= t && place >= 0 && place < HOURS_SHOWN) counts[place] = (counts[place] ?? 0) + 1
  }
  const laws = counts.map((_, i) => lawOfHour(watch, streams, from + i * HOUR, Math.min(t, from + (i + 1) * HOUR), t))
  const trace = {
    from, until: t, counts, mean: laws.map(l => round(l.mean)),
    low: laws.map(l => quantile(l.mean, l.variance, TAIL)), high: laws.map(l => quantile(l.mean, l.variance, 1 - TAIL))
  }
  // Beyond what the watch remembers, earlier hours were like those that it does.
  const known = Math.max(began, t - REACH * HOUR)
  const expected = streams.reduce((sum, s) => sum + expect(watch, s, known, t, t), 0)
  return { trace, usual: round(expected * (t - began) / Math.max(1, t - known)), hours: round(hours) }
}

function streamsOf (watch: Watch, names: string[], t: number): Stream[] {
  const { desk } = watch
  if (names.includes('__all__')) {
    const { arrivals, baseline } = desk
    const perHour = levelOf(baseline) * desk.share
    return [{ at: arrivals.at.slice(arrivals.head), baseline, perHour, phi: desk.phi, spread: desk.calm }]
  }
  return names.flatMap(name => {
    const topic = watch.topics[name]
    if (topic === undefined) return []
    const { baseline, arrivals } = topic
    const rhythm = rhythmOf(baseline, desk.shape, desk.hour, desk.how)
    const law = lawOf(watch, baseline, rhythm)
    const perHour = levelOf(baseline) * rhythm.share * busyness(desk, t)
    const spread = law.unrest + law.rhythm + 1 / baseline.a + law.extra
    return [{ at: arrivals.at.slice(arrivals.head), baseline, perHour, phi: law.phi, spread }]
  })
}

function ticketsOf (watch: Watch, incident: Incident): number[] {
  const wanted = new Set(incident.tickets)
  return watch.terms.queue.filter(ticket => wanted.has(ticket.id)).map(ticket => ticket.at)
}

// What `meanOf` gives reaches up to the running hour: an hour of the past is the difference of two such spans.
function expect (watch: Watch, { baseline, perHour }: Stream, from: number, to: number, t: number): number {
  if (to <= from) return 0
  const since = (at: number): number => at >= t ? 0 : meanOf(baseline, watch.desk.hour, perHour, at, t)
  return Math.max(0, since(from) - since(to))
}

// Topics vary apart from each other: means and variances of an hour add up.
function lawOfHour (watch: Watch, streams: Stream[], from: number, to: number, t: number): {
  mean: number, variance: number
} {
  let mean = 0
  let variance = 0
  for (const stream of streams) {
    const m = expect(watch, stream, from, to, t)
    mean += m
    variance += stream.phi * m + stream.spread * m * m
  }
  return { mean, variance }
}

/** The smallest count that is exceeded with a chance of at most 1 - `share` (negative binomial law); 0 for a mean of 0. */
export function quantile (mean: number, variance: number, share: number): number {
  if (mean <= 0) return 0
  const size = sizeOf(Math.max(0, variance - mean) / (mean * mean))
  const most = Math.ceil(mean + 40 * Math.sqrt(Math.max(mean, variance)) + 40)
  let low = 0
  let high = most
  while (low < high) {
    const middle = (low + high) >> 1
    if (upperTail(middle + 1, mean, size) <= 1 - share) high = middle
    else low = middle + 1
  }
  return low
}

function round (x: number): number {
  return Math.round(x * 100) / 100
}
