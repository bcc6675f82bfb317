// deskloop evaluate topics: how well topics are learned from labelled texts, one row at a time, and how well a text that
// belongs to none is noticed. Same input and seed, same output, but for the speed.
import { writeFileSync } from 'node:fs'
import { emptyClassifier, judgeOne, learnOne, learnVerdict, scoreOne, sizeOf } from '../src/learn/classify/classifier.ts'
import type { Classifier, ClassifierRules, Verdict } from '../src/learn/classify/classifier.ts'
import { featuresOf, subjectOf } from '../src/learn/classify/hashed.ts'
import type { Features } from '../src/learn/classify/hashed.ts'
import { TAG_RULES } from '../src/learn/tagged.ts'
import { linesOf, readArchive } from './archive.ts'
import type { ArchiveTicket } from './archive.ts'
import { makeChance } from './demo/chance.ts'
import { guaranteeOver } from './evaluate/guarantee.ts'
import type { Guarantee } from './evaluate/guarantee.ts'
import { drawTopics, stepsOf } from './evaluate/topics-plot.ts'
import {
  auroc, brier, calibrationError, falseAt95, inParts, inWindows, meanOf, riskOverCoverage, shareOf, spreadOf
} from './evaluate/measures.ts'

export interface TopicsArgs {
  train: string | null, val: string | null, test: string | null, stream: string | null
  shots: number[], draws: number, orders?: number, shuffle: number | null, seed: number
  dump: string | null, plot?: string | null
  now: () => number, say: (line: string) => void
}

interface Row { id: string, at: string | null, label: string | null, features: Features }

interface Prediction {
  id: string, at: string | null, predicted: string | null, score: number, novelty: number
  label: string | null, correct: boolean
  examples: number                                  // of its topic, learned before it
}

// Topics of a labelled file are about as frequent as each other; `named`, because its labels are words.
const RULES = { replays: 2, keptPerClass: 50, named: true }

export async function evaluateTopics (args: TopicsArgs): Promise<Record<string, unknown>> {
  if (args.stream !== null) return await overStream(args, args.stream)
  if (args.train === null || args.test === null) throw new Error('evaluate topics needs --train FILE and --test FILE, or --stream FILE')
  const train = shuffled(await readRows(args.train), args.shuffle)
  const test = await readRows(args.test)
  const val = args.val === null ? [] : await readRows(args.val)
  args.say(`${train.length} rows to learn, ${test.length} to test`)
  const learned = learnAll(train, args, RULES)
  const { state, seconds } = learned
  const predictions = learned.predictions.filter(p => p.label !== null)
  // Of what is for validation no topic is learned, only what its own guesses were worth
  for (const row of val) learnVerdict(state, row.features, row.label)
  const tested = test.map(row => predict(state, row))
  writeDump(args.dump, tested)
  const inScope = tested.filter(p => p.label !== null)
  const settled = predictions.slice(Math.floor(predictions.length / 10))
  const shots = shotsOf(train, test, args)
  const byExamples = plotted(args, predictions, shots)
  return {
    accuracy: shareOf(inScope),
    prequential: {
      cumulative: shareOf(predictions), windows: inWindows(predictions, shareOf),
      ece: calibrationError(settled), brier: brier(settled)
    },
    by_examples: byExamples,
    shots,
    ...guaranteed(tested, args),
    oos: outOfScope(tested, val.map(row => predict(state, row))),
    ece: calibrationError(inScope),
    brier: brier(inScope),
    learn_per_s: Math.round(train.length / seconds),
    state_bytes: sizeOf(state)
  }
}

async function overStream (args: TopicsArgs, file: string): Promise<Record<string, unknown>> {
  const { tickets, faults } = await readArchive(file)
  for (const fault of faults) args.say(`line ${fault.line} is left out: ${fault.why}`)
  const rows = tickets.flatMap(ticket => rowOf(ticket))
  args.say(`${rows.length} labelled tickets`)
  const { state, predictions, seconds } = learnAll(rows, args, TAG_RULES)
  writeDump(args.dump, predictions)
  const settled = predictions.slice(Math.floor(predictions.length / 10))
  const byExamples = plotted(args, predictions, {})
  return {
    accuracy: shareOf(predictions),
    prequential: { cumulative: shareOf(predictions), windows: inWindows(predictions, shareOf) },
    by_tenth: inParts(predictions, 10, shareOf),
    by_examples: byExamples,
    shots: {},
    ...guaranteed(settled, args),
    oos: null,
    ece: calibrationError(settled),
    brier: brier(settled),
    learn_per_s: Math.round(rows.length / seconds),
    state_bytes: sizeOf(state)
  }
}

// A ticket as it arrived: its subject and first message, and in which language. Tags are left out: many a helpdesk sets
// them from the topic, and a label must not be its own hint.
function rowOf (ticket: ArchiveTicket): Row[] {
  const first = ticket.messages.find(m => m.role === 'customer')
  if (typeof ticket.topic_label !== 'string' || first === undefined) return []
  const locale = ticket.context?.['locale']
  const subject = ticket.subject === undefined || first.text.startsWith(ticket.subject) ? '' : `${ticket.subject}\n`
  const text = subject + first.text
  const features = featuresOf(text, typeof locale === 'string' ? [`locale=${locale}`] : [], subjectOf(text))
  return [{ id: ticket.id, at: ticket.opened_at, label: ticket.topic_label, features }]
}

interface Learned { state: Classifier, predictions: Prediction[], seconds: number }

// Predict, then learn, row by row.
function learnAll (rows: Row[], args: TopicsArgs, rules: ClassifierRules): Learned {
  const state = emptyClassifier(args.seed)
  const predictions: Prediction[] = []
  const startedMs = args.now()
  for (const [i, row] of rows.entries()) {
    const judged = judgeOne(state, row.features)
    predictions.push(predict(state, row, judged))
    if (row.label === null) learnVerdict(state, row.features, null, judged)
    else learnOne(state, row.features, row.label, rules, judged)
    if ((i + 1) % 5000 === 0) args.say(`${i + 1} learned`)
  }
  return { state, predictions, seconds: (args.now() - startedMs) / 1000 }
}

function predict (state: Classifier, row: Row, judged = judgeOne(state, row.features)): Prediction {
  const verdict: Verdict = scoreOne(state, row.features, 1, judged)
  const predicted = verdict.ranked[0]?.label ?? null
  return {
    id: row.id, at: row.at, predicted, score: verdict.score, novelty: verdict.novelty, label: row.label,
    correct: predicted !== null && predicted === row.label,
    examples: row.label === null ? 0 : state.examples[state.numbers.get(row.label) ?? -1] ?? 0
  }
}

// Only when it is asked for: `--orders N`.
function guaranteed (predictions: Prediction[], args: TopicsArgs): { guarantee?: Guarantee } {
  const { orders = 0, seed } = args
  if (orders === 0) return {}
  return { guarantee: guaranteeOver(predictions.map(p => ({ ...p, topic: p.predicted ?? '' })), orders, seed) }
}

// Accuracy by how many examples of its topic had been learned, and the picture of it where one is asked for.
function plotted (args: TopicsArgs, predictions: Prediction[], shots: Record<string, Shot>): Record<string, number> {
  const steps = stepsOf(predictions.filter(p => p.label !== null))
  const { plot = null } = args
  if (plot !== null) writeFileSync(plot, drawTopics({ steps, windows: inWindows(predictions, shareOf), shots }))
  return Object.fromEntries(steps.map(s => [`from_${s.from}`, s.right / s.rows]))
}

interface Shot { mean: number | null, sd: number | null }

// The first `n` examples of each topic in an order of their own for each draw.
function shotsOf (train: Row[], test: Row[], args: TopicsArgs): Record<string, Shot> {
  const inScope = test.filter(r => r.label !== null)
  return Object.fromEntries(args.shots.map(n => {
    const accuracies = Array.from({ length: args.draws }, (_, draw) => {
      const taken = new Map<string, number>()
      const state = emptyClassifier(args.seed + draw)
      for (const row of shuffled(train, args.seed + 1000 + draw)) {
        if (row.label === null || (taken.get(row.label) ?? 0) >= n) continue
        taken.set(row.label, (taken.get(row.label) ?? 0) + 1)
        learnOne(state, row.features, row.label, RULES)
      }
      args.say(`${n} per topic, draw ${draw + 1} of ${args.draws}`)
      return shareOf(inScope.map(row => predict(state, row))) ?? 0
    })
    return [String(n), { mean: meanOf(accuracies), sd: spreadOf(accuracies) }]
  }))
}

// Novelty ranks what belongs to no topic; the score ranks errors. The threshold of novelty is the strictest one with which
// the validation rows come out as well as with the best, but for one standard error.
function outOfScope (tested: Prediction[], validated: Prediction[]): Record<string, number | null> | null {
  if (tested.every(p => p.label !== null)) return null
  const byNovelty = tested.map(p => ({ score: 1 - p.novelty, correct: p.label !== null }))
  const threshold = validated.some(p => p.label === null) ? strictThreshold(validated) : null
  const inScope = tested.filter(p => p.label !== null)
  const outside = tested.filter(p => p.label === null)
  const within = (list: Prediction[], is: (p: Prediction) => boolean): number | null =>
    threshold === null ? null : list.filter(is).length / list.length
  return {
    auroc: auroc(byNovelty),
    fpr95: falseAt95(byNovelty),
    in_scope_at_threshold: within(inScope, p => p.correct && p.novelty <= (threshold ?? 1)),
    recall_at_threshold: within(outside, p => p.novelty > (threshold ?? 1)),
    threshold,
    aurc: riskOverCoverage(tested),
    aurc_in_scope: riskOverCoverage(inScope),
    auroc_of_score: auroc(tested.map(p => ({ score: p.score, correct: p.label !== null })))
  }
}

// Out of scope counts as a topic of its own: a row that is turned away was right to be, or would have been right, or neither
// matters. Many thresholds are equally good but for chance; of these the one that turns most away is taken, because silence
// costs less than a wrong topic (the one-standard-error rule of Breiman et al. 1984, Classification and Regression Trees).
function strictThreshold (validated: Prediction[]): number {
  const sorted = [...validated].sort((a, b) => b.novelty - a.novelty)
  const tried = [{ at: 1, gain: 0 }]
  let gain = 0
  for (const [i, p] of sorted.entries()) {
    gain += p.label === null ? 1 : p.correct ? -1 : 0
    const next = sorted[i + 1]
    if (next !== undefined && next.novelty < p.novelty) tried.push({ at: (p.novelty + next.novelty) / 2, gain })
  }
  const most = Math.max(...tried.map(t => t.gain))
  return tried.findLast(t => t.gain >= most - Math.sqrt(most))?.at ?? 1
}

async function readRows (file: string): Promise<Row[]> {
  const rows: Row[] = []
  let line = 0
  for await (const text of linesOf(file)) {
    line++
    if (text.trim() === '') continue
    const row: unknown = JSON.parse(text)
    if (typeof row !== 'object' || row === null || !('text' in row) || typeof row.text !== 'string') {
      throw new Error(`${file}:${line} has no text`)
    }
    const label = 'label' in row && typeof row.label === 'string' ? row.label : null
    rows.push({ id: String(line), at: null, label, features: featuresOf(row.text) })
  }
  return rows
}

function shuffled (rows: Row[], seed: number | null): Row[] {
  if (seed === null) return rows
  const chance = makeChance(seed)
  return rows.map(row => ({ row, at: chance.next() })).sort((a, b) => a.at - b.at).map(({ row }) => row)
}

function writeDump (file: string | null, predictions: Prediction[]): void {
  if (file !== null) writeFileSync(file, predictions.map(p => JSON.stringify(p) + '\n').join(''))
}
