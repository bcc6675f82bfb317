// Archives whose replies carry the id of a canned reply: was the same one proposed? Every turn is predicted when it is
// due and learned when its reply was sent.
import { emptyClassifier, learnOne, scoreOne } from '../../src/learn/classify/classifier.ts'
import type { Verdict } from '../../src/learn/classify/classifier.ts'
import type { Features } from '../../src/learn/classify/hashed.ts'
import { fieldsOf, turnFeatures } from '../../src/learn/classify/turn.ts'
import * as gate from '../../src/learn/gate.ts'
import { guaranteeOver } from './guarantee.ts'
import { auroc, brier, calibrationError, coverageAt, inParts, inWindows, riskOverCoverage, shareOf } from './measures.ts'
import { customerOf } from './moments.ts'
import type { Moment, Reply } from './moments.ts'

export interface Prediction { id: string, at: string, predicted: string | null, score: number, correct: boolean }

interface Judged extends Prediction { among3: boolean, shown: boolean }

const RULES = { replays: 0, keptPerClass: 30 }
const GATE = { risk: 0.1, doubt: 0.1, leastScore: 0, gateWindow: 4000 }
const TESTED_EVERY = 100                            // turns: the test sorts the whole window
const BLOCK = 500                                   // shown turns of which the worst share right is told

export interface Told { say: (line: string) => void, took: (ms: number) => void, now: () => number }

export interface Evaluated { report: Record<string, unknown>, dump: Prediction[] }

export interface LabelledArgs { seed: number, told: Told, orders: number }

export function evaluateLabelled (moments: Moment[], { seed, told, orders }: LabelledArgs): Evaluated {
  const state = emptyClassifier(seed)
  const open = new Map<string, { features: Features, verdict: Verdict, threshold: number }>()
  const judged: Judged[] = []
  let gated = gate.emptyGate()
  let tested: gate.Tested = { pool: 'all', threshold: Infinity }
  for (const { kind, reply } of moments) {
    const label = reply.message.label
    if (typeof label !== 'string') continue
    if (kind === 'ask') {
      const startedMs = told.now()
      const features = turnFeatures(turnOf(reply))
      open.set(reply.id, { features, verdict: scoreOne(state, features, 3), threshold: gate.raised(gated, tested) })
      told.took(told.now() - startedMs)
      continue
    }
    const asked = open.get(reply.id)
    if (asked === undefined) continue
    open.delete(reply.id)
    const { features, verdict } = asked
    const predicted = verdict.ranked[0]?.label ?? null
    const correct = predicted === label
    judged.push({
      id: reply.id, at: reply.dueAt, predicted, score: verdict.score, correct,
      among3: verdict.ranked.some(r => r.label === label), shown: verdict.score >= asked.threshold
    })
    gated = gate.learnOne(gated, { score: verdict.score, good: correct, topic: 0 }, GATE, tested)
    learnOne(state, features, label, RULES)
    if (judged.length % TESTED_EVERY === 0) tested = gate.testedOf(gated, null, GATE)
    if (judged.length % 5000 === 0) told.say(`${judged.length} turns, ${((shareOf(judged) ?? 0) * 100).toFixed(1)} % right`)
  }
  const dump = judged.map(({ id, at, predicted, score, correct }) => ({ id, at, predicted, score, correct }))
  const settled = judged.slice(Math.floor(judged.length / 10)).map(j => ({ ...j, topic: j.predicted ?? '' }))
  const tried = orders === 0 ? {} : { guarantee_in_orders: guaranteeOver(settled, orders, seed) }
  return { report: { ...reportOf(judged), ...tried }, dump }
}

function reportOf (judged: Judged[]): Record<string, unknown> {
  const settled = judged.slice(Math.floor(judged.length / 10))
  const shown = settled.filter(j => j.shown)
  const blocks = Math.max(1, Math.floor(shown.length / BLOCK))
  const precisions = shown.length === 0 ? [] : inParts(shown, blocks, part => shareOf(part) ?? 0)
  const among3 = (list: Judged[]): number | null => shareOf(list.map(j => ({ score: 0, correct: j.among3 })))
  return {
    turns: judged.length,
    top1: shareOf(judged),
    top3: among3(judged),
    windows: inWindows(judged, part => ({ top1: shareOf(part), top3: among3(part) })),
    ece: calibrationError(settled),
    brier: brier(settled),
    auroc: auroc(settled),
    aurc: riskOverCoverage(settled),
    coverage_at_90: coverageAt(settled, 0.9),
    guarantee: {
      alpha: GATE.risk, shown: settled.length === 0 ? null : shown.length / settled.length, precision: shareOf(shown),
      worst_block: precisions.length === 0 ? null : Math.min(...precisions)
    },
    by_fifth: inParts(judged, 5, part => ({ top1: shareOf(part), top3: among3(part) }))
  }
}

function turnOf (reply: Reply): Parameters<typeof turnFeatures>[0] {
  return {
    ...customerOf(reply),
    given: reply.before.flatMap(b => b.label === null ? [] : [b.label]),
    by: reply.before.findLast(b => b.isAgent)?.agent ?? null,
    lookup: typeof reply.message.ctx === 'string' ? reply.message.ctx : '',
    lookedUp: reply.before.findLast(b => b.isAgent && b.lookup !== null)?.lookup ?? '',
    fields: fieldsOf(reply.ticket.context ?? {})
  }
}
