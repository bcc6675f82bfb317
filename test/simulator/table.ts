// What the watch reaches on the simulated desks, several seeds taken together: the figures that an operator would feel.
import { shapeOf, simulate } from './desk.ts'
import type { Simulation } from './desk.ts'
import type { Finding, Score, Told } from './score.ts'
import { median, score } from './score.ts'
import { simulateTown, townOf } from './town.ts'

export interface Row {
  desk: string, seeds: number[], budget: number, tickets: number, told: number
  falsePerWeek: number, falseKinds: string          // spike/novel/drift
  precision: number                                 // percent, as all below
  strong: number | null, medium: number | null, weak: number | null
  strongMinutes: number | null, strongHour: number | null
  several: number | null                            // strong spikes that touch several topics
  novel: number | null, novelHour: number | null, novelTickets: number | null, combinations: number | null
  drift: number | null, driftDays: number | null
  surges: number | null
  duplicates: number                                // opens beyond the first, per incident that was found
  driftDuplicates: number
  floodsTold: number
  microsecondsPerTicket: number, heapMb: number
  weeks: Array<[week: number, falseAlarms: number]>
}

export interface Play { row: Row, scores: Score[] }

const WEEK = 7 * 86_400

export function simulateDesk (name: string, seed: number, weeks: number | null = null): Simulation {
  if (!name.startsWith('town')) {
    const shape = shapeOf(name)
    return simulate(weeks === null ? shape : { ...shape, weeks }, seed)
  }
  const town = townOf(name)
  return simulateTown(weeks === null ? town : { ...town, weeks }, seed)
}

/** Plays a desk with several seeds. `clicks`: share of alerts that a person answers with real or noise. */
export function playDesk (desk: string, seeds: number[], budget: number, clicks = 0,
  weeks: number | null = null): Play {
  const rules = { spikesPerWeek: budget, novelPerWeek: budget / 2, driftsPerWeek: budget / 10 }
  const scores = seeds.map(seed => score(simulateDesk(desk, seed, weeks), rules, clicks))
  return { row: rowOf(desk, seeds, budget, scores), scores }
}

function rowOf (desk: string, seeds: number[], budget: number, scores: Score[]): Row {
  const findings = scores.flatMap(s => s.findings)
  const of = (test: (f: Finding) => boolean): Finding[] => findings.filter(test)
  const strong = of(f => f.truth.strength === 'strong')
  const novel = of(f => f.truth.kind === 'novel' && f.truth.tickets.length >= 5)
  const drift = of(f => f.truth.kind === 'drift')
  const wrong: Told[] = scores.flatMap(s => s.false)
  const weeks = scores.reduce((sum, s) => sum + s.weeks, 0)
  const told = scores.reduce((sum, s) => sum + s.told, 0)
  const found = findings.filter(f => f.told !== null)
  const byWeek = new Map<number, number>()
  for (const s of scores) {
    for (const a of s.false) {
      const week = Math.floor((a.at - s.t0) / WEEK)
      byWeek.set(week, (byWeek.get(week) ?? 0) + 1)
    }
  }
  return {
    desk, seeds, budget, tickets: scores.reduce((sum, s) => sum + s.tickets, 0), told,
    falsePerWeek: round(wrong.length / weeks, 2),
    falseKinds: ['spike', 'novel', 'drift'].map(kind => wrong.filter(a => a.kind === kind).length).join('/'),
    precision: told === 0 ? 100 : round(100 * (1 - wrong.length / told), 1),
    strong: share(strong), medium: share(of(f => f.truth.strength === 'medium')), weak: share(of(f => f.truth.strength === 'weak')),
    strongMinutes: delay(strong, 60), strongHour: within(strong, 60),
    several: share(strong.filter(f => f.truth.topics.length > 1)),
    novel: share(novel), novelHour: within(novel, 60), novelTickets: median(novel.flatMap(f => f.seen ?? [])),
    combinations: share(novel.filter(f => f.truth.how === 'combination')),
    drift: share(drift), driftDays: delay(drift, 86_400), surges: share(of(f => f.truth.kind === 'surge')),
    duplicates: round(found.reduce((sum, f) => sum + f.duplicates, 0) / Math.max(1, found.length), 3),
    driftDuplicates: drift.reduce((sum, f) => sum + f.duplicates, 0),
    floodsTold: wrong.filter(a => scores.some(s => s.false.includes(a) && s.findings.some(f => f.truth.kind === 'flood' &&
      f.truth.tickets.filter(id => a.tickets.includes(id)).length * 2 > a.tickets.length))).length,
    microsecondsPerTicket: round(scores.reduce((sum, s) => sum + s.perTicketUs * s.tickets, 0) /
      scores.reduce((sum, s) => sum + s.tickets, 0), 1),
    heapMb: round(Math.max(...scores.map(s => s.heapMb)), 1),
    weeks: [...byWeek].sort((a, b) => a[0] - b[0])
  }
}

function share (list: Finding[]): number | null {
  return list.length === 0 ? null : round(100 * list.filter(f => f.told !== null).length / list.length, 1)
}

function within (list: Finding[], minutes: number): number | null {
  const soon = list.filter(f => (f.delayMinutes ?? 1e9) <= minutes)
  return list.length === 0 ? null : round(100 * soon.length / list.length, 1)
}

function delay (list: Finding[], unitSeconds: number): number | null {
  const middle = median(list.flatMap(f => f.delayMinutes ?? []))
  return middle === null ? null : round(middle * 60 / unitSeconds, 1)
}

function round (x: number, places: number): number {
  return Math.round(x * 10 ** places) / 10 ** places
}
