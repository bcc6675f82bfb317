// Does the promise of the gate hold? Judged decisions are put in many random orders; in each the threshold comes from the
// first half and is tried on the second. The bound may fail in a share of the orders no larger than its doubt.
import * as gate from '../../src/learn/gate.ts'
import { makeChance } from '../demo/chance.ts'
import { meanOf } from './measures.ts'

export interface Decided { score: number, correct: boolean, topic: string }

export interface Guarantee {
  alpha: number
  delta: number
  orders: number
  runs_above: number                                // orders in which more than alpha of the accepted were wrong
  silent: number                                    // orders in which no threshold could be trusted
  worst: number | null                              // the largest share of wrong ones among the accepted
  coverage: number | null                           // mean share that was accepted
  topics: { judged: number, above: number }         // over all orders: topics with enough accepted, and those above alpha
}

const RISK = 0.1
const DOUBT = 0.1
const LEAST_OF_TOPIC = 20

export function guaranteeOver (decided: Decided[], orders: number, seed: number): Guarantee {
  const rules = { risk: RISK, doubt: DOUBT, leastScore: 0, gateWindow: Math.max(1, decided.length) }
  const errors: number[] = []
  const coverages: number[] = []
  const topics = { judged: 0, above: 0 }
  let silent = 0
  for (let order = 0; order < orders; order++) {
    const list = shuffled(decided, seed + order)
    const half = Math.floor(list.length / 2)
    const window = list.slice(0, half).map(d => ({ score: d.score, good: d.correct, topic: 0 }))
    const threshold = gate.thresholdOf({ window }, null, rules)
    const accepted = list.slice(half).filter(d => d.score >= threshold)
    coverages.push(accepted.length / Math.max(1, list.length - half))
    if (accepted.length === 0) { silent++; continue }
    errors.push(accepted.filter(d => !d.correct).length / accepted.length)
    const byTopic = new Map<string, Decided[]>()
    for (const d of accepted) byTopic.set(d.topic, [...byTopic.get(d.topic) ?? [], d])
    for (const of of byTopic.values()) {
      if (of.length < LEAST_OF_TOPIC) continue
      topics.judged++
      if (of.filter(d => !d.correct).length / of.length > RISK) topics.above++
    }
  }
  return {
    alpha: RISK, delta: DOUBT, orders, runs_above: errors.filter(e => e > RISK).length, silent,
    worst: errors.length === 0 ? null : Math.max(...errors), coverage: meanOf(coverages), topics
  }
}

function shuffled (list: Decided[], seed: number): Decided[] {
  const chance = makeChance(seed)
  return list.map(d => ({ d, at: chance.next() })).sort((a, b) => a.at - b.at).map(({ d }) => d)
}
