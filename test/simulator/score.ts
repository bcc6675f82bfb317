// What a watch is worth on a simulated desk: which incidents it told, how soon, and what it told for nothing.
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
  weeks: number, told: number, false: Told[], findings: Finding[], duplicates: number, perTicketUs: number,
  falsePerWeek: number
}

const HOUR = 3600
const DAY = 24 * HOUR

export function run (simulation: Simulation, rules: WatchRules, clicks = 0): {
  told: Told[], watch: Watch,
  perTicketUs: number
} {
  const chance = makeChance(99)
  const watch = emptyWatch({ t0: simulation.t0, zone: simulation.zone, deploys: simulation.deploys }, rules)
  const told: Told[] = []
  const owed: Array<{ key: string, verdict: 'real' | 'noise', at: number }> = []
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
      const one = { ...alert, at: t }
      if (alert.action !== 'open') continue
      told.push(one)
      if (chance.next() < clicks) {
        owed.push({
          key: alert.key, verdict: match(simulation.truths,
            one) === null
            ? 'noise'
            : 'real', at: t + 4 * HOUR
        })
      }
    }
    while (owed[0] !== undefined && owed[0].at <= t) {
      const verdict = owed.shift()
      if (verdict !== undefined) foldVerdict(watch, verdict.key, verdict.verdict, t)
    }
  }
  return { told, watch, perTicketUs: process.cpuUsage(began).user / Math.max(1, simulation.tickets.length) }
}

export function score (simulation: Simulation, rules: WatchRules, clicks = 0): Score {
  const { told, perTicketUs } = run(simulation, rules, clicks)
  const findings = new Map<Truth, Finding>(simulation.truths.map(truth => [truth,
    { truth, told: null, duplicates: 0, delayMinutes: null, seen: null }]))
  const wrong: Told[] = []
  for (const alert of told) {
    const truth = match(simulation.truths, alert)
    const finding = truth === null ? undefined : findings.get(truth)
    if (truth === null || finding === undefined) wrong.push(alert)
    else if (finding.told !== null) finding.duplicates++
    else {
      const begun = truth.kind === 'drift' ? truth.from : simulation.tickets[truth.tickets[0] ?? 0]?.t ?? truth.from
      finding.told = alert
      finding.delayMinutes = (alert.at - begun) / 60
      finding.seen = truth.tickets.filter(id => (simulation.tickets[id]?.t ?? 0) <= alert.at).length
    }
  }
  const weeks = (simulation.end - simulation.t0) / DAY / 7
  const all = [...findings.values()]
  return {
    weeks, told: told.length, false: wrong, findings: all, duplicates: all.reduce((sum, f) => sum + f.duplicates,
      0), perTicketUs,
    falsePerWeek: wrong.length / weeks
  }
}

/** The incident an alert speaks of; a flood of one account is none. */
export function match (truths: Truth[], alert: Told): Truth | null {
  const told = new Set(alert.tickets)
  const near = truths.filter(truth => truth.kind !== 'flood' && alert.at >= truth.from &&
    alert.at <= truth.to + (truth.kind === 'drift' ? 0 : DAY))
  const byTickets = near.filter(t => t.kind !== 'drift' && t.tickets.filter(id =>
    told.has(id)).length >= Math.max(2, told.size * 0.25))
  if (byTickets[0] !== undefined) return byTickets[0]
  return near.find(t => t.topics.includes(alert.topic) && (t.kind === 'spike'
    ? alert.kind === 'spike'
    : t.kind === 'drift' && (t.metric === alert.metric || (t.metric === 'volume' && alert.kind === 'spike')))) ?? null
}

export function share (findings: Finding[]): number | null {
  return findings.length === 0
    ? null
    : Math.round(1000 * findings.filter(f =>
      f.told !== null).length / findings.length) / 10
}

export function median (list: number[]): number | null {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}
