// Learns to name the class of a text (its topic, the canned reply it calls for) from examples, one at a time, and says
// how sure it is and how new the text looks. Young classes are judged by all voters, old ones by what the mix has learned.
// A state is large, so learning changes it in place; `packClassifier` makes plain data of it, without loss.
import { emptyCalibrator, learnOne as learnCalibrator, scoreOne as calibrate } from '../calibrate.ts'
import type { Calibrator } from '../calibrate.ts'
import * as scorer from '../scorer.ts'
import * as novelty from './novelty.ts'
import type { Novelty } from './novelty.ts'
import { FEATURES, bytesOf, openRow, packTable, unpackTable, emptyTable } from './table.ts'
import type { PackedTable, Table } from './table.ts'
import { askVoters, softmax, teach } from './voters.ts'
import type { Opinions } from './voters.ts'
import { countFeatures, keepFrequent, knownShare, weigh } from './weighed.ts'
import { emptyReplay, keepOne, drawOne } from './replay.ts'
import type { Replay } from './replay.ts'
import { featuresOf } from './hashed.ts'
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
  novelty: Novelty
  recent: number[]                                  // by class, fading; empty: how frequent classes are of late plays no part
}

export interface Classifier extends Kept { numbers: Map<string, number>, table: Table }

export interface PackedClassifier extends Kept { table: PackedTable }

export interface Verdict {
  ranked: Array<{ label: string, share: number }>   // best first; shares of all classes add up to 1
  score: number                                     // calibrated: how likely the first one is right, 0 to 1
  novelty: number                                   // how unlike everything learned, 0 to 1: as classify/novelty says
  isNew: boolean                                    // newer than all but two in a hundred of what is known
}

/**
 * `replays`: how many older examples are repeated with each new one. `named`: labels are words that people chose, such as
 * tags; the words of a label are its first example. `memory`: among how many of the latest examples classes are counted:
 * what has come often of late is likelier to come next. Without it a class is as likely as its examples make it.
 */
export interface ClassifierRules { replays: number, keptPerClass: number, named?: boolean, memory?: number }

const TEACHING = { rate: 0.5, least: 0.02, doubt: 0.1 }
const FIRST_SURE = [0, 0.5, 0.5, 0]
const YOUNG = 20                                    // examples until a class is judged like any other
const YOUNG_REPLAYS = 4                             // while a class is young each example is worth more repetition
const RARER_EVERY = 10_000                          // examples after which a feature must have come once more to have weights
const NAME = 1.5                                    // how many examples the words of a label count for in the centre
const FIRST_MIX = [1.5, 0.5, 0.5, 0, 0, 1.5, 0.2]
const MIX_RATE = 0.02
const MIX_SPREAD = 3                                // how many times its own spread the mix is worth at first

export function emptyClassifier (seed: number): Classifier {
  return {
    labels: [], examples: [], bias: [], norms: [], seen: 0, replay: emptyReplay(seed), mix: [...FIRST_MIX],
    sums: FIRST_MIX.map(() => 1), sure: scorer.emptyScorer(FIRST_SURE), calibrator: emptyCalibrator(),
    novelty: novelty.emptyNovelty(seed), recent: [],
    numbers: new Map(), table: emptyTable()
  }
}

/** Names the class of an example, at most `most` guesses. Reads only. */
export function scoreOne (
  state: Classifier, features: Features, most = 5, judged = judgeOne(state, features)
): Verdict {
  if (judged === null) return { ranked: [], score: 0, novelty: 0.5, isNew: false }
  const { shares } = judged
  const order = topOf(shares, most)
  const ranked = order.map(c => ({ label: state.labels[c] ?? '', share: shares[c] ?? 0 }))
  const sure = scorer.logitOf(state.sure, sureSigns(judged, order[0] ?? 0))
  const isNew = judged.novelty > state.novelty.limit
  return { ranked, score: calibrate(state.calibrator, sure), novelty: judged.novelty, isNew }
}

/** What the voters say of an example as things stand: `scoreOne` and `learnOne` may share one. Null: nothing is known. */
export function judgeOne (state: Classifier, features: Features): Judgement | null {
  if (state.labels.length === 0) return null
  const x = weigh(state.table, state.seen, features)
  const said = askVoters(state, x)
  const voted = votesOf(state, said)
  const shares = softmax(mixed(state.mix, voted))
  const beliefs = softmax(said.logistic)
  const share = beliefs.reduce((most, b) => Math.max(most, b), 0)
  const signs = novelty.signsOf({ ...said, share, known: knownShare(state.table, x) })
  return { said, beliefs, voted, shares, signs, novelty: novelty.scoreOne(state.novelty, signs) }
}

/** Learns that these features belong to `label`, and repeats a few older examples. Changes `state`. */
export function learnOne (
  state: Classifier, features: Features, label: string, rules: ClassifierRules, judged = judgeOne(state, features)
): void {
  const known = state.numbers.get(label)
  if (judged !== null && known !== undefined && state.labels.length >= 2) learnJudgement(state, judged, known)
  const klass = known ?? addClass(state, label, rules)
  state.seen++
  countFeatures(state.table, features)
  state.examples[klass] = (state.examples[klass] ?? 0) + 1
  if (rules.memory !== undefined) countRecent(state, klass, rules.memory)
  const young = isYoung(state, klass)
  const x = weigh(state.table, state.seen, features)
  // What was said before the class had this example: its own few new counts hardly change it
  const said = known === undefined || judged === null ? askVoters(state, x) : judged.said
  const least = 2 + Math.floor(state.seen / RARER_EVERY)
  teach(state, young ? x : keepFrequent(state.table, x, least), klass, said, TEACHING, 1)
  keepOne(state.replay, klass, features, rules.keptPerClass)
  for (let i = 0; i < (young ? YOUNG_REPLAYS / 2 * rules.replays : rules.replays); i++) {
    const again = drawOne(state.replay)
    if (again === null) break
    const seenOften = isYoung(state, again.klass) ? 1 : least
    const old = keepFrequent(state.table, weigh(state.table, state.seen, again.features), seenOften)
    teach(state, old, again.klass, askVoters(state, old), TEACHING, 0)
  }
}

/**
 * Learns how right its verdict was, and nothing else: `label` null says that the text belonged to no class at all. What is
 * learned is how sure one may be, and what is new. Changes `state`.
 */
export function learnVerdict (
  state: Classifier, features: Features, label: string | null, judged = judgeOne(state, features)
): void {
  if (judged === null || state.labels.length < 2) return
  learnSure(state, judged, label === null ? -1 : state.numbers.get(label) ?? -1)
}

export function packClassifier (state: Classifier): PackedClassifier {
  const { numbers: _numbers, table, ...kept } = state
  return { ...kept, table: packTable(table) }
}

export function unpackClassifier (packed: PackedClassifier): Classifier {
  const { table, ...kept } = packed
  return { ...kept, numbers: new Map(kept.labels.map((label, i) => [label, i])), table: unpackTable(table) }
}

/** Another one that learns by itself from here on. */
export function copyClassifier (state: Classifier): Classifier {
  return structuredClone(state)
}

/** What the state weighs in bytes: weights, counts and the examples kept for repetition. */
export function sizeOf (state: Classifier): number {
  const kept = state.replay.kept.reduce((sum, list) => sum + list.reduce((s, f) => s + f.ids.length * 8, 0), 0)
  return bytesOf(state.table) + FEATURES * 4 + kept
}

export interface Judgement {
  said: Opinions
  beliefs: Float64Array                             // of the logistic alone
  voted: Float64Array[]
  shares: Float64Array
  signs: number[]                                   // of novelty
  novelty: number
}

// Why the first guess may be right: its share, what the logistic alone believes of it, and that the text is not new.
function sureSigns ({ beliefs, shares, novelty: isNew }: Judgement, best: number): number[] {
  return [1, logit(shares[best] ?? 0) / 2, logit(beliefs[best] ?? 0) / 2, -logit(isNew) / 2]
}

// Each voter's scores in units of their spread over the classes, then the same again as far as a class is young.
function votesOf (state: Classifier, said: Opinions): Float64Array[] {
  const plain = [said.logistic, said.arow, said.centre].map(standardized)
  const young = state.examples.map(n => 1 / Math.sqrt(1 + n))
  const votes = [...plain, ...plain.map(v => v.map((z, c) => z * (young[c] ?? 0)))]
  return state.recent.length === 0 ? votes : [...votes, standardized(recentOf(state))]
}

// How frequent each class is of late, as a logarithm. One that has not come is as frequent as half an example.
function recentOf ({ recent, labels }: Classifier): Float64Array {
  return Float64Array.from(labels, (_, c) => Math.log((recent[c] ?? 0) + 0.5))
}

function mixed (mix: number[], voted: Float64Array[]): Float64Array {
  const sums = new Float64Array(voted[0]?.length ?? 0)
  for (const [i, votes] of voted.entries()) {
    for (let c = 0; c < sums.length; c++) sums[c] = (sums[c] ?? 0) + (mix[i] ?? 0) * (votes[c] ?? 0)
  }
  return sums
}

function countRecent (state: Classifier, klass: number, memory: number): void {
  const fades = 1 - 1 / memory
  state.recent = state.labels.map((_, c) => (state.recent[c] ?? 0) * fades + (c === klass ? 1 : 0))
}

function learnJudgement (state: Classifier, judged: Judgement, label: number): void {
  const { voted, shares } = judged
  learnSure(state, judged, label)
  for (const [i, votes] of voted.entries()) {
    let gradient = -(votes[label] ?? 0)
    for (let c = 0; c < shares.length; c++) gradient += (shares[c] ?? 0) * (votes[c] ?? 0)
    state.sums[i] = (state.sums[i] ?? 1) + gradient * gradient
    state.mix[i] = (state.mix[i] ?? 0) - MIX_RATE * MIX_SPREAD * gradient / Math.sqrt(state.sums[i] ?? 1)
  }
}

// How sure one may be of a first guess, and how new the text was; `label` -1: it belonged to no class.
function learnSure (state: Classifier, judged: Judgement, label: number): void {
  const best = topOf(judged.shares, 1)[0] ?? 0
  const why = sureSigns(judged, best)
  state.calibrator = learnCalibrator(state.calibrator, scorer.logitOf(state.sure, why), best === label)
  state.sure = scorer.learnOne(state.sure, why, best === label ? 1 : 0)
  novelty.learnOne(state.novelty, judged.signs, label >= 0)
}

function isYoung (state: Classifier, klass: number): boolean {
  return (state.examples[klass] ?? 0) <= YOUNG
}

function addClass (state: Classifier, label: string, rules: ClassifierRules): number {
  const klass = state.labels.push(label) - 1
  state.numbers.set(label, klass)
  state.examples.push(0)
  state.bias.push(0)
  state.norms.push(0)
  if (rules.named === true) learnName(state, klass, label, rules)
  return klass
}

// People name a topic by what its questions say: with one example of each, that is half of what there is to know.
function learnName (state: Classifier, klass: number, label: string, rules: ClassifierRules): void {
  const features = featuresOf(wordsOfLabel(label))
  if (features.ids.length === 0) return
  for (const id of features.ids) openRow(state.table, id)
  const x = weigh(state.table, state.seen, features)
  teach(state, x, klass, askVoters(state, x), TEACHING, NAME)
  keepOne(state.replay, klass, features, rules.keptPerClass)
}

/** The words of a label: `card_arrival`, `billing::vatInvoice`. Numbers say nothing. */
export function wordsOfLabel (label: string): string {
  return label.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replace(/[^\p{L}]+/gu, ' ').trim()
}

function standardized (scores: Float64Array): Float64Array {
  const n = scores.length || 1
  let [sum, squares] = [0, 0]
  for (let c = 0; c < scores.length; c++) sum += scores[c] ?? 0
  const mean = sum / n
  for (let c = 0; c < scores.length; c++) squares += ((scores[c] ?? 0) - mean) ** 2
  const spread = Math.sqrt(squares / n) || 1
  return scores.map(s => (s - mean) / spread)
}

// The classes with the largest shares, best first; of equal ones the older.
function topOf (shares: Float64Array, most: number): number[] {
  const top: number[] = []
  for (let c = 0; c < shares.length; c++) {
    let at = top.length
    while (at > 0 && (shares[c] ?? 0) > (shares[top[at - 1] ?? 0] ?? 0)) at--
    if (at >= most) continue
    top.splice(at, 0, c)
    if (top.length > most) top.pop()
  }
  return top
}

function logit (share: number): number {
  const p = Math.min(1 - 1e-6, Math.max(1e-6, share))
  return Math.log(p / (1 - p))
}
