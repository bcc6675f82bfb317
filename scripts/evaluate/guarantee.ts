// Does the promise of the gate hold? Judged decisions are put in many random orders; in each the thresholds come from the
// first half and are tried on the second, one decision after the other as they would come. Tried both ways: one threshold for
// all, and one for each topic as drafts have it. Every threshold is of the gate itself, raised between tests as live.
import { learnOne as learnCaution } from '../../src/learn/caution.ts'
import type { Caution } from '../../src/learn/caution.ts'
import * as gate from '../../src/learn/gate.ts'
import { makeChance } from '../demo/chance.ts'
import { meanOf } from './measures.ts'

export interface Decided { score: number, correct: boolean, topic: string }

/** Over all orders: topics with enough accepted, and those of them in which more than alpha were wrong. */
export interface Cells { judged: number, above: number }

export interface Held {
  runs_above: number                                // orders in which more than alpha of the accepted were wrong
  silent: number                                    // orders in which no threshold could be trusted
  worst: number | null                              // the largest share of wrong ones among the accepted
  coverage: number | null                           // mean share that was accepted
  topics: Cells
}

/** What is promised: at most `alpha` wrong among the accepted, in all but a share `delta` of the orders. */
export interface Guarantee extends Held {
  alpha: number
  delta: number
  orders: number
  /** Promised for each topic judged by its own decisions (`own`), and for all others together (`shared`). */
  per_topic: Held & { own: Cells, shared: Cells }
}

const RISK = 0.1
const DOUBT = 0.1
const LEAST_OF_TOPIC = 20

interface Order { window: gate.Decision[], tried: gate.Decision[] }

export function guaranteeOver (decided: Decided[], orders: number, seed: number, risk = RISK): Guarantee {
  const rules = { risk, doubt: DOUBT, leastScore: 0, gateWindow: Math.max(1, decided.length) }
  const numbers = new Map<string, number>()
  const decisions = decided.map(({ score, correct, topic }) => {
    const number = numbers.get(topic) ?? numbers.size
    numbers.set(topic, number)
    return { score, good: correct, topic: number }
  })
  const all = openTally(risk)
  const each = openTally(risk)
  const own = { judged: 0, above: 0 }
  const shared = { judged: 0, above: 0 }
  for (let order = 0; order < orders; order++) {
    const { window, tried } = halvesOf(decisions, seed + order)
    const tested = gate.testedOf({ window }, null, rules)
    all.add(tried, passed(tried, () => tested, risk))
    const byTopic = testsOf(window, numbers.size, rules)
    const accepted = passed(tried, d => byTopic[d.topic] ?? tested, risk)
    each.add(tried, accepted)
    const seen = countsOf(window)
    const isOwn = (d: gate.Decision): boolean => (seen.get(d.topic) ?? 0) >= gate.LEAST_OWN
    addCells(own, accepted.filter(isOwn), risk)
    addCells(shared, accepted.filter(d => !isOwn(d)), risk)
  }
  return { alpha: risk, delta: DOUBT, orders, ...all.told(), per_topic: { ...each.told(), own, shared } }
}

interface Tally { add: (tried: gate.Decision[], accepted: gate.Decision[]) => void, told: () => Held }

function openTally (risk: number): Tally {
  const errors: number[] = []
  const coverages: number[] = []
  const topics = { judged: 0, above: 0 }
  return {
    add (tried, accepted) {
      coverages.push(accepted.length / Math.max(1, tried.length))
      if (accepted.length > 0) errors.push(errorsOf(accepted))
      addCells(topics, accepted, risk)
    },
    told: () => ({
      runs_above: errors.filter(e => e > risk).length,
      silent: coverages.length - errors.length,
      worst: errors.length === 0 ? null : Math.max(...errors),
      coverage: meanOf(coverages),
      topics
    })
  }
}

function testsOf (window: gate.Decision[], topics: number, rules: gate.GateRules): gate.Tested[] {
  const shared = gate.sharedOf({ window }, rules)
  return Array.from({ length: topics }, (_, topic) => gate.testedOf({ window }, topic, rules, shared))
}

// What the gate lets through of decisions that come in this order, all judged by the same tests.
function passed (tried: gate.Decision[], testOf: (d: gate.Decision) => gate.Tested, risk: number): gate.Decision[] {
  let caution: Caution = {}
  return tried.filter(d => {
    const tested = testOf(d)
    const isShown = d.score >= gate.raised({ window: [], caution }, tested)
    caution = learnCaution(caution, tested.pool, tested.threshold, d, risk)
    return isShown
  })
}

function addCells (cells: Cells, accepted: gate.Decision[], risk: number): void {
  for (const topic of countsOf(accepted).keys()) {
    const list = accepted.filter(d => d.topic === topic)
    if (list.length < LEAST_OF_TOPIC) continue
    cells.judged++
    if (errorsOf(list) > risk) cells.above++
  }
}

function errorsOf (list: gate.Decision[]): number {
  return list.filter(d => !d.good).length / list.length
}

function countsOf (list: gate.Decision[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const d of list) counts.set(d.topic, (counts.get(d.topic) ?? 0) + 1)
  return counts
}

function halvesOf (list: gate.Decision[], seed: number): Order {
  const chance = makeChance(seed)
  const shuffled = list.map(d => ({ d, at: chance.next() })).sort((a, b) => a.at - b.at).map(({ d }) => d)
  const half = Math.floor(shuffled.length / 2)
  return { window: shuffled.slice(0, half), tried: shuffled.slice(half) }
}
