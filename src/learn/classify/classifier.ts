// Learns to name the class of a text (its topic, the canned reply it calls for) from examples, one at a time, and says
// how sure it is and how new the text looks. Young classes are judged by all voters, old ones by what the mix has learned.
// A state is large, so learning changes it in place; `packClassifier` makes plain data of it, without loss.
import { emptyCalibrator, learnOne as learnCalibrator, scoreOne as calibrate } from '../calibrate.ts'
import type { Calibrator } from '../calibrate.ts'
import * as scorer from '../scorer.ts'
import { bytesOf, packRows, unpackRows } from './rows.ts'
import type { PackedRows, Rows } from './rows.ts'
import { askVoters, moveCentre, softmax, teach } from './voters.ts'
import type { Opinions } from './voters.ts'
import { emptyReplay, keepOne, drawOne } from './replay.ts'
import type { Replay } from './replay.ts'
import type { Features } from './hashed.ts'

interface Kept {
  labels: string[]
  examples: number[]                                // learned, by class
  bias: number[]
  norms: number[]                                   // squared lengths of the centres
  seen: number
  replay: Replay
  mix: number[]                                     // how much each voter counts, and how much more in a young class
  sums: number[]
  sure: scorer.Scorer                               // from signs to how likely the first guess is right
  calibrator: Calibrator
  usual: Usual[]                                    // of the three signs of novelty
}

export interface Classifier extends Kept { numbers: Map<string, number>, df: Map<number, number>, rows: Rows }

export interface PackedClassifier extends Kept { df: { ids: number[], counts: number[] }, rows: PackedRows }

interface Usual { mean: number, square: number, weight: number }

export interface Verdict {
  ranked: Array<{ label: string, share: number }>   // best first; shares of all classes add up to 1
  score: number                                     // calibrated: how likely the first one is right, 0 to 1
  novelty: number                                   // how unlike everything learned, 0 to 1; one half is usual
}

export interface ClassifierRules { replays: number, keptPerClass: number }

const TEACHING = { rate: 0.5, least: 0.02, doubt: 0.1 }
const FIRST_SURE = [0, 0.5, 0.5, 0, 0]
const YOUNG = 20                                    // examples until a class is judged like any other
const FIRST_MIX = [1.5, 0.5, 0.5, 0, 0, 1.5]
const MIX_RATE = 0.02
const MIX_SPREAD = 3                                // how many times its own spread the mix is worth at first

export function emptyClassifier (seed: number): Classifier {
  return {
    labels: [], examples: [], bias: [], norms: [], seen: 0, replay: emptyReplay(seed), mix: [...FIRST_MIX],
    sums: FIRST_MIX.map(() => 1), sure: scorer.emptyScorer(FIRST_SURE), calibrator: emptyCalibrator(),
    usual: [0, 1, 2].map(() => ({ mean: 0, square: 0, weight: 0 })),
    numbers: new Map(), df: new Map(), rows: new Map()
  }
}

/** Names the class of an example, at most `most` guesses. Reads only. */
export function scoreOne (
  state: Classifier, features: Features, most = 5, judged = judgeOne(state, features)
): Verdict {
  if (judged === null) return { ranked: [], score: 0, novelty: 0.5 }
  const { shares, signs } = judged
  const order = topOf(shares, most)
  const ranked = order.map(c => ({ label: state.labels[c] ?? '', share: shares[c] ?? 0 }))
  const sure = scorer.logitOf(state.sure, sureSigns(judged, order[0] ?? 0))
  return { ranked, score: calibrate(state.calibrator, sure), novelty: noveltyOf(state.usual, signs) }
}

/** What the voters say of an example as things stand: `scoreOne` and `learnOne` may share one. Null: nothing is known. */
export function judgeOne (state: Classifier, features: Features): Judgement | null {
  return judge(state, weigh(state, features))
}

/** Learns that these features belong to `label`, and repeats a few older examples. Changes `state`. */
export function learnOne (
  state: Classifier, features: Features, label: string, rules: ClassifierRules, judged = judgeOne(state, features)
): void {
  const known = state.numbers.get(label)
  if (judged !== null && known !== undefined && state.labels.length >= 2) learnJudgement(state, judged, known)
  const klass = known ?? addClass(state, label)
  state.seen++
  for (const id of features.ids) state.df.set(id, (state.df.get(id) ?? 0) + 1)
  state.examples[klass] = (state.examples[klass] ?? 0) + 1
  const young = (state.examples[klass] ?? 0) <= YOUNG
  const isKnown = (id: number): boolean => young || (state.df.get(id) ?? 0) >= 2
  const x = weigh(state, features)
  state.norms[klass] = moveCentre(state.rows, x, klass, state.norms[klass] ?? 0, isKnown)
  // What was said before the class had this example: its own few new counts hardly change it
  const said = known === undefined || judged === null ? askVoters(state.rows, state.bias, state.norms, x) : judged.said
  teach(state, x, klass, said, TEACHING, isKnown)
  keepOne(state.replay, klass, features, rules.keptPerClass)
  for (let i = 0; i < rules.replays; i++) {
    const again = drawOne(state.replay)
    if (again === null) break
    const old = weigh(state, again.features)
    const before = askVoters(state.rows, state.bias, state.norms, old)
    teach(state, old, again.klass, before, TEACHING, id => (state.df.get(id) ?? 0) >= 2)
  }
}

export function packClassifier (state: Classifier): PackedClassifier {
  const { numbers: _numbers, df, rows, ...kept } = state
  return { ...kept, df: { ids: [...df.keys()], counts: [...df.values()] }, rows: packRows(rows) }
}

export function unpackClassifier (packed: PackedClassifier): Classifier {
  const { df, rows, ...kept } = packed
  return {
    ...kept,
    numbers: new Map(kept.labels.map((label, i) => [label, i])),
    df: new Map(df.ids.map((id, i) => [id, df.counts[i] ?? 0])),
    rows: unpackRows(rows)
  }
}

/** What the state weighs in bytes: weights, counts and the examples kept for repetition. */
export function sizeOf (state: Classifier): number {
  const kept = state.replay.kept.reduce((sum, list) => sum + list.reduce((s, f) => s + f.ids.length * 8, 0), 0)
  return bytesOf(state.rows) + state.df.size * 6 + kept
}

export interface Judgement {
  said: Opinions
  beliefs: Float64Array                             // of the logistic alone
  voted: Float64Array[]
  shares: Float64Array
  signs: number[]                                   // of novelty
}

function judge (state: Classifier, x: Features): Judgement | null {
  if (state.labels.length === 0) return null
  const said = askVoters(state.rows, state.bias, state.norms, x)
  const voted = votesOf(state, said)
  const shares = softmax(mixed(state.mix, voted))
  const beliefs = softmax(said.logistic)
  return { said, beliefs, voted, shares, signs: [logit(maxOf(beliefs)), maxOf(said.arow), maxOf(said.centre)] }
}

// Why the first guess may be right: its share, what the logistic alone believes of it, AROW's margin, its centre.
function sureSigns ({ said, beliefs, shares }: Judgement, best: number): number[] {
  return [1, logit(shares[best] ?? 0) / 2, logit(beliefs[best] ?? 0) / 2, said.arow[best] ?? 0, said.centre[best] ?? 0]
}

// Each voter's scores in units of their spread over the classes, then the same again as far as a class is young.
function votesOf (state: Classifier, said: Opinions): Float64Array[] {
  const plain = [said.logistic, said.arow, said.centre].map(standardized)
  const young = state.examples.map(n => 1 / Math.sqrt(1 + n))
  return [...plain, ...plain.map(v => v.map((z, c) => z * (young[c] ?? 0)))]
}

function mixed (mix: number[], voted: Float64Array[]): Float64Array {
  const first = voted[0] ?? new Float64Array(0)
  return first.map((_, c) => voted.reduce((sum, v, i) => sum + (mix[i] ?? 0) * (v[c] ?? 0), 0))
}

function learnJudgement (state: Classifier, judged: Judgement, label: number): void {
  const { voted, shares, signs } = judged
  const best = topOf(shares, 1)[0] ?? 0
  const why = sureSigns(judged, best)
  state.calibrator = learnCalibrator(state.calibrator, scorer.logitOf(state.sure, why), best === label)
  state.sure = scorer.learnOne(state.sure, why, best === label ? 1 : 0)
  state.usual = state.usual.map((u, i) => noted(u, signs[i] ?? 0))
  for (const [i, votes] of voted.entries()) {
    let gradient = -(votes[label] ?? 0)
    for (let c = 0; c < shares.length; c++) gradient += (shares[c] ?? 0) * (votes[c] ?? 0)
    state.sums[i] = (state.sums[i] ?? 1) + gradient * gradient
    state.mix[i] = (state.mix[i] ?? 0) - MIX_RATE * MIX_SPREAD * gradient / Math.sqrt(state.sums[i] ?? 1)
  }
}

function noveltyOf (usual: Usual[], signs: number[]): number {
  const distances = usual.map((u, i) => {
    const mean = u.mean
    const spread = Math.sqrt(Math.max(1e-6, u.square - mean * mean))
    return u.weight === 0 ? 0 : (mean - (signs[i] ?? 0)) / spread
  })
  return 1 / (1 + Math.exp(-distances.reduce((a, b) => a + b, 0) / distances.length))
}

// Moments of the last few hundred: what is usual changes while the learner gets surer.
function noted (usual: Usual, sign: number): Usual {
  const weight = Math.min(300, usual.weight + 1)
  const mean = usual.mean + (sign - usual.mean) / weight
  return { mean, square: usual.square + (sign * sign - usual.square) / weight, weight }
}

function addClass (state: Classifier, label: string): number {
  const klass = state.labels.push(label) - 1
  state.numbers.set(label, klass)
  state.examples.push(0)
  state.bias.push(0)
  state.norms.push(0)
  return klass
}

// Rare features count more (idf), and an example's values have length 1.
function weigh (state: Classifier, features: Features): Features {
  const values = features.values.map((v, i) => {
    const seen = state.df.get(features.ids[i] ?? 0) ?? 0
    return Math.sqrt(v) * Math.log((state.seen + 2) / (seen + 1))
  })
  const length = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0)) || 1
  return { ids: features.ids, values: values.map(v => v / length) }
}

function standardized (scores: Float64Array): Float64Array {
  const mean = scores.reduce((a, b) => a + b, 0) / (scores.length || 1)
  const spread = Math.sqrt(scores.reduce((sum, s) => sum + (s - mean) ** 2, 0) / (scores.length || 1)) || 1
  return scores.map(s => (s - mean) / spread)
}

function topOf (shares: Float64Array, most: number): number[] {
  return [...shares.keys()].sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0) || a - b).slice(0, most)
}

function maxOf (scores: Float64Array): number {
  return scores.reduce((a, b) => Math.max(a, b), -Infinity)
}

function logit (share: number): number {
  const p = Math.min(1 - 1e-6, Math.max(1e-6, share))
  return Math.log(p / (1 - p))
}
