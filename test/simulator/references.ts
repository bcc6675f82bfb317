// What others would have told of an invented desk: one that knows the true intensity of every topic (the bound for whoever
// must learn it), and two rules out of textbooks. All count as the watch does, each account once a day and topic, and
// tell an incident as it does.
import { addArrival, emptyArrivals, firstAfter, hasWritten } from '../../src/learn/surprise.ts'
import type { Arrivals } from '../../src/learn/surprise.ts'
import { emptyIncidents, findOpen, openOrJoin, absorb, settle } from '../../src/learn/incidents.ts'
import { sizeOf, upperTail } from '../../src/learn/tail.ts'
import type { Simulation } from './desk.ts'
import type { Score, Told } from './score.ts'
import { judge } from './score.ts'

export const REFERENCES = ['oracle', 'nb', 'day'] as const
export type Reference = typeof REFERENCES[number]

export type Reply = Omit<Score, 'perTicketUs' | 'heapMb'>

/** Something that a rule would tell: how unlikely, which tickets, since when. */
interface Sign { at: number, topic: string, p: number, from: number, tickets: number[] }

const HOUR = 3600
const DAY = 24 * HOUR
const LEAST = 3
const KEPT = 1e-3                                   // less unlikely is never told
const WEEKS_OF_MEMORY = 8

/** `budget`: false alarms a week. The oracle's threshold is the highest that keeps it; the two rules have their own. */
export function scoreReference (name: Reference, simulation: Simulation, budget: number): Reply {
  if (name === 'oracle') return oracle(simulation, budget)
  return judge(simulation, name === 'nb' ? tellEach(byHours(simulation), DAY) : tellEach(byDays(simulation), 2 * HOUR))
}

// A rule by topic knows no incident: it rings again when its topic was quiet for so long
function tellEach (signs: Sign[], quiet: number): Told[] {
  const last = new Map<string, number>()
  return signs.flatMap(({ at, topic, p, tickets }, i) => {
    const isNew = at - (last.get(topic) ?? -Infinity) > quiet
    last.set(topic, at)
    return isNew ? [{ kind: 'spike', key: `rule-${i}`, topic, tickets, action: 'open', p, title: '', at }] : []
  })
}

function oracle (simulation: Simulation, budget: number): Reply {
  const signs = byTruth(simulation)
  let best: Reply | null = null
  for (let power = 9; power >= 3.5; power -= 0.25) {
    const reply = judge(simulation, tell(simulation, signs, 10 ** -power))
    if (best !== null && reply.false.length / reply.weeks > budget) break
    best = reply
  }
  if (best === null) throw new Error('no threshold was tried')
  return best
}

// An alarm opens an incident or belongs to an open one; signs of life keep it open, a quiet day ends it
function tell (simulation: Simulation, signs: Sign[], alpha: number): Told[] {
  const incidents = emptyIncidents()
  const told: Told[] = []
  for (const sign of signs) {
    const tick = Math.ceil(sign.at / 300) * 300
    settle(incidents, tick, () => {})
    const open = findOpen(incidents, sign.topic)
    if (open !== null) absorb(open, { topics: [], terms: [], tickets: sign.tickets, p: sign.p }, sign.at)
    if (open !== null || sign.p >= alpha || sign.at - simulation.t0 < DAY) continue
    const { topic, tickets, p, from } = sign
    const alert = openOrJoin(incidents, { kind: 'spike', topic, topics: [topic], terms: [], tickets, p, title: '', from }, sign.at)
    if (alert?.action === 'open') told.push({ ...alert, at: tick })
  }
  return told
}

// Tickets of topics that have a name, each account once a day
function arrive (simulation: Simulation, onTicket: (name: string, arrivals: Arrivals, t: number) => void): void {
  const topics = new Map<string, Arrivals>()
  for (const { id, t, topic, account = `ticket ${id}` } of simulation.tickets) {
    const arrivals = topics.get(topic) ?? emptyArrivals()
    topics.set(topic, arrivals)
    if (topic === 'unknown' || hasWritten(arrivals, account, t - DAY)) continue
    addArrival(arrivals, t, id, account)
    onTicket(topic, arrivals, t)
  }
}

function byTruth (simulation: Simulation): Sign[] {
  const { names, means, hours, phi } = simulation.intensity
  const places = new Map(names.map((name, i) => [name, i]))
  // Sums from the beginning on, so that any window costs the same
  const sums = new Float64Array(names.length * (hours + 1))
  for (let k = 0; k < hours; k++) {
    for (let i = 0; i < names.length; i++) {
      sums[(k + 1) * names.length + i] = (sums[k * names.length + i] ?? 0) + (means[k * names.length + i] ?? 0)
    }
  }
  const until = (place: number, t: number): number => {
    const hour = Math.max(0, Math.min(hours - 1, Math.floor((t - simulation.t0) / HOUR)))
    const part = Math.max(0, Math.min(1, (t - simulation.t0) / HOUR - hour))
    return (sums[hour * names.length + place] ?? 0) + part * (means[hour * names.length + place] ?? 0)
  }
  const signs: Sign[] = []
  arrive(simulation, (topic, arrivals, t) => {
    const place = places.get(topic)
    if (place === undefined) return
    const end = arrivals.at.length
    const now = until(place, t)
    let best: Sign | null = null
    for (let count = LEAST; end - count >= arrivals.head; count = Math.max(count + 1, Math.floor(count * 1.2))) {
      const began = arrivals.at[end - count] ?? t
      const mean = Math.max(1e-4, now - until(place, Math.min(began, t - 900)))
      if (count < mean * 1.15 + 1) continue
      const p = upperTail(count, mean, sizeOf((phi - 1) / mean))
      if (p < (best?.p ?? KEPT)) best = { at: t, topic, p, from: began - 1, tickets: arrivals.id.slice(end - count) }
    }
    if (best !== null) signs.push(best)
  })
  return signs
}

/** `sums[k]`: tickets before hour k. */
interface Counted { sums: number[], count: number, arrivals: Arrivals }

// Once an hour a topic is looked at
function hourly (simulation: Simulation, look: (sums: number[]) => { p: number, span: number } | null): Sign[] {
  const counted = new Map<string, Counted>()
  const signs: Sign[] = []
  const close = (name: string, topic: Counted, until: number): void => {
    for (let hour = topic.sums.length - 1; hour < until; hour++) {
      topic.sums.push((topic.sums[hour] ?? 0) + topic.count)
      topic.count = 0
      const t = simulation.t0 + (hour + 1) * HOUR
      const found = look(topic.sums)
      if (found === null) continue
      const tickets = topic.arrivals.id.slice(firstAfter(topic.arrivals, t - found.span))
      signs.push({ at: t, topic: name, p: found.p, from: t - found.span, tickets })
    }
  }
  arrive(simulation, (name, arrivals, t) => {
    const hour = Math.floor((t - simulation.t0) / HOUR)
    const topic = counted.get(name) ?? { sums: [0], count: 0, arrivals }
    counted.set(name, topic)
    close(name, topic, hour)
    topic.count++
  })
  for (const [name, topic] of counted) close(name, topic, Math.floor((simulation.end - simulation.t0) / HOUR))
  return signs.sort((a, b) => a.at - b.at)
}

/** Counts of an hour against the same hour of eight weeks and its neighbours: negative binomial by moments, one in a thousand. */
function byHours (simulation: Simulation): Sign[] {
  return hourly(simulation, sums => {
    const newest = sums.length - 2
    const countOf = (hour: number): number => (sums[hour + 1] ?? 0) - (sums[hour] ?? 0)
    const count = countOf(newest)
    if (count < LEAST || newest < 4 * 168) return null
    const same: number[] = []
    for (let week = 1; week <= WEEKS_OF_MEMORY; week++) {
      const place = newest - week * 168
      for (const near of [place - 1, place, place + 1]) if (near >= 0) same.push(countOf(near))
    }
    const mean = (same.reduce((a, b) => a + b, 0) + 0.1) / (same.length + 1)
    const variance = same.reduce((a, x) => a + (x - mean) ** 2, 0) / Math.max(1, same.length - 1)
    const p = upperTail(count, mean, sizeOf(Math.max(0.05, (variance - mean) / (mean * mean))))
    return p < KEPT ? { p, span: HOUR } : null
  })
}

/** The last 24 hours against the mean of thirty days before them and two standard deviations. */
function byDays (simulation: Simulation): Sign[] {
  return hourly(simulation, sums => {
    if (sums.length <= 31 * 24) return null
    const days = Array.from({ length: 31 }, (_, day) =>
      (sums[sums.length - 1 - 24 * day] ?? 0) - (sums[sums.length - 25 - 24 * day] ?? 0))
    const [today = 0, ...before] = days
    const mean = before.reduce((a, b) => a + b, 0) / before.length
    const sd = Math.sqrt(before.reduce((a, x) => a + (x - mean) ** 2, 0) / before.length)
    return today >= LEAST && today > mean + 2 * sd ? { p: KEPT / 2, span: DAY } : null
  })
}
