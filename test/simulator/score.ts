// What a watch is worth on a simulated desk: which incidents it told, how soon, and what it told for nothing.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Alert } from '../../src/learn/incidents.ts'
import type { Watch, WatchRules } from '../../src/learn/watched.ts'
import { emptyWatch, foldTicket, foldVerdict, tick } from '../../src/learn/watch.ts'
import type { Simulation, Truth } from './desk.ts'
import { makeChance } from './chance.ts'

export interface Told extends Alert { at: number }

export interface Finding {
  truth: Truth, told: Told | null, duplicates: number, delayMinutes: number | null,
  seen: number | null
}

export interface Score {
  t0: number, weeks: number, tickets: number, told: number, false: Told[], findings: Finding[], perTicketUs: number,
  heapMb: number
}

const HOUR = 3600
const DAY = 24 * HOUR

export function run (simulation: Simulation, rules: WatchRules, clicks = 0): {
  told: Told[], watch: Watch, perTicketUs: number, heapMb: number
} {
  const chance = makeChance(99)
  const watch = emptyWatch({ t0: simulation.t0, zone: simulation.zone, deploys: simulation.deploys }, rules)
  const told: Told[] = []
  const owed: Array<{ key: string, verdict: 'real' | 'noise', at: number }> = []
  const heap = usedHeap()
  const began = process.cpuUsage()
  let next = 0
  for (let t = simulation.t0 + 300; t <= simulation.end; t += 300) {
    for (;;) {
      const ticket = simulation.tickets[next]
      if (ticket === undefined || ticket.t > t) break
      foldTicket(watch, ticket)
      next++
    }
    for (const alert of tick(watch, t)) {
      if (alert.action !== 'open') continue
      const one = { ...alert, at: t }
      told.push(one)
      if (chance.next() >= clicks) continue
      owed.push({ key: alert.key, verdict: match(simulation, one) === null ? 'noise' : 'real', at: t + 4 * HOUR })
    }
    while (owed[0] !== undefined && owed[0].at <= t) {
      const verdict = owed.shift()
      if (verdict !== undefined) foldVerdict(watch, verdict.key, verdict.verdict, t)
    }
  }
  const perTicketUs = process.cpuUsage(began).user / Math.max(1, simulation.tickets.length)
  return { told, watch, perTicketUs, heapMb: (usedHeap() - heap) / 2 ** 20 }
}

// Only what is still reachable counts
function usedHeap (): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed
}

export function score (simulation: Simulation, rules: WatchRules, clicks = 0): Score {
  const { told, perTicketUs, heapMb } = run(simulation, rules, clicks)
  return { ...judge(simulation, told), perTicketUs, heapMb }
}

/** What was told, whoever told it, against what was hidden. */
export function judge (simulation: Simulation, told: Told[]): Omit<Score, 'perTicketUs' | 'heapMb'> {
  const findings = new Map<Truth, Finding>(simulation.truths.map(truth => [truth,
    { truth, told: null, duplicates: 0, delayMinutes: null, seen: null }]))
  const wrong: Told[] = []
  for (const alert of told) {
    const truth = match(simulation, alert)
    const finding = truth === null ? undefined : findings.get(truth)
    if (truth === null || finding === undefined) wrong.push(alert)
    else if (finding.told !== null) finding.duplicates++
    else {
      finding.told = alert
      finding.delayMinutes = (alert.at - begunAt(simulation, truth)) / 60
      finding.seen = truth.tickets.filter(id => (simulation.tickets[id]?.t ?? 0) <= alert.at).length
    }
  }
  const { t0, end, tickets } = simulation
  return {
    t0, weeks: (end - t0) / DAY / 7, tickets: tickets.length, told: told.length, false: wrong,
    findings: [...findings.values()]
  }
}

function begunAt (simulation: Simulation, truth: Truth): number {
  return simulation.tickets[truth.tickets[0] ?? -1]?.t ?? truth.from
}

/** The incident an alert speaks of; a flood of one account is none. */
export function match ({ truths }: Simulation, alert: Told): Truth | null {
  const told = new Set(alert.tickets)
  const lasts = (truth: Truth): number => truth.kind === 'drift' ? 0 : truth.kind === 'surge' ? 6 * HOUR : DAY
  const near = truths.filter(truth => truth.kind !== 'flood' && alert.at >= truth.from && alert.at <= truth.to + lasts(truth))
  const byTickets = near.find(t => t.kind !== 'drift' && t.tickets.filter(id => told.has(id)).length >= Math.max(2, told.size * 0.25))
  if (byTickets !== undefined) return byTickets
  const isOf = (truth: Truth): boolean => truth.kind === 'drift'
    ? truth.metric === alert.metric || (truth.metric === 'volume' && alert.kind === 'spike')
    : alert.kind === 'spike'
  const exact = near.find(t => t.topics.includes(alert.topic) && isOf(t))
  // Whatever is told of a surge of everything beyond the first time is once too often, not wrong
  return exact ?? near.find(t => t.kind === 'surge' && alert.kind !== 'drift') ?? null
}

export function median (list: number[]): number | null {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}
