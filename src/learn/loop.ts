// The loop: `ask` proposes a draft, `hear` tells what it was worth, and the fold functions let the mind learn from it.
// `ask` and `hear` only read. What they find is first written down, then folded in: the written thoughts are the truth,
// and the same thoughts in the same order make the same mind. A mind is large, so folding changes it in place (copying
// it would cost more than learning); everything small in it is state in, state out.
import type { Candidate, Instant, Question } from '../types.ts'
import { words } from '../text.ts'
import { addDoc, countOne, emptyIndex, findNearest } from './nearest.ts'
import type { Index } from './nearest.ts'
import { emptyAnswers, findSame, learnReply, textOf, trustOf } from './answers.ts'
import type { Answers } from './answers.ts'
import { emptyTopics, findTopic, learnTopic, nameOf, noteAnswer, shareOf } from './topics.ts'
import type { Topics } from './topics.ts'
import { stemsOf } from './features.ts'
import { compareReply, coreOf, wordF1 } from './reward.ts'
import type { Reward } from './reward.ts'
import { emptyChoice, featuresOf, findChoices, learnOne as learnChoice, scoreChoices } from './choice.ts'
import type { Choice } from './choice.ts'
import * as scorer from './scorer.ts'
import * as calibrator from './calibrate.ts'
import * as gate from './gate.ts'
import type { Outcome } from './story.ts'

export const MIND_VERSION = 1

export interface LoopRules extends gate.GateRules { neighbours: number, candidates: number, highScore: number }

interface Pending {
  topic: number, language: string, logit: number, score: number,
  choices: Array<{ answer: number, features: number[] }>, at: Instant, stems: string[], text: string
}

export interface Mind {
  index: Index
  answers: Answers
  topics: Topics
  choice: Choice
  scorer: scorer.Scorer
  calibrator: calibrator.Calibrator
  gate: gate.Gate
  pending: Record<string, Pending>                  // drafts that have not been answered yet
  used: Record<string, number>                      // question -> the answer that was proposed, for what follows later
}

export interface Source { connection: string, ticketId: string, similarity: number }

export interface Draft {
  text: string                                      // empty: nothing to propose
  language: string
  topic: string
  score: number                                     // calibrated, 0 to 1
  threshold: number                                 // Infinity: silent whatever the score
  action: 'note' | 'silent'
  reason: string
  sources: Source[]
  facts: { replies: number, agents: number, lastAt: Instant | null }
}

export interface Heard extends Reward { text: string, agentId: string, at: Instant }

// Intercept, share of votes, best and mean similarity, trust, replies, recency, agreement with other neighbours' replies,
// lead over the second, known stems, agents, topic, what its words call for, share in its topic, already told in
// this ticket. The weights are a first opinion, corrected by every reply.
const FIRST_OPINION = [-2.5, 2, 2, 1, 1.5, 0.3, 0.5, 1, 0.5, 0.3, 0.2, 0.3, 2, 1, -2]

export function emptyMind (): Mind {
  return {
    index: emptyIndex(),
    answers: emptyAnswers(),
    topics: emptyTopics(),
    choice: emptyChoice(),
    scorer: scorer.emptyScorer(FIRST_OPINION),
    calibrator: calibrator.emptyCalibrator(),
    gate: gate.emptyGate(),
    pending: {},
    used: {}
  }
}

/** Proposes a draft for a question, or silence, and says why. Reads only. */
export function ask (mind: Mind, rules: LoopRules, question: Question, thinking = think(mind, rules, question)): Draft {
  const { topic, language, choices, sources, stems } = thinking
  const name = topic === null ? nameOfQuestion(stems) : nameOf(mind.topics, mind.index, topic)
  const [best] = choices
  const answer = best === undefined ? undefined : mind.answers.list[best.answer]
  const nothing = {
    text: '', language, topic: name, score: 0, threshold: 1, action: 'silent' as const, sources,
    facts: { replies: 0, agents: 0, lastAt: null }
  }
  if (best === undefined || answer === undefined) {
    return {
      ...nothing,
      reason: mind.index.docs.length === 0 ? 'nothing has been learned yet' : 'no past question is like this one'
    }
  }
  const score = calibrator.scoreOne(mind.calibrator, scorer.logitOf(mind.scorer, best.features))
  const threshold = gate.thresholdOf(mind.gate, topic, rules)
  const shows = score >= threshold
  const reason = shows
    ? `${percent(score)} is at least the ${percent(threshold)} that this desk's replies ask for`
    : threshold === Infinity
      ? 'the replies so far do not yet show a score from which drafts can be trusted'
      : `${percent(score)} is below the ${percent(threshold)} that this desk's replies ask for`
  return {
    text: textOf(answer),
    language,
    topic: name,
    score,
    threshold: threshold === Infinity ? 1 : threshold,
    action: shows ? 'note' : 'silent',
    reason,
    sources: sources.filter(s => s.answer === best.answer).map(({ answer: _answer, ...s }) => s).slice(0, 5),
    facts: { replies: answer.replies, agents: answer.agents.length, lastAt: answer.lastAt }
  }
}

/** Compares a draft with the reply that was really sent. Reads only. */
export function hear (draft: { text: string }, reply: { text: string, agentId: string, at: Instant }): Heard {
  return { ...compareReply(draft.text, reply.text), ...reply }
}

/** The texts that a drafter outside the learner may start from: the best few answers. */
export function precedentsOf (mind: Mind, rules: LoopRules, question: Question): Candidate[] {
  return think(mind, rules, question).choices.flatMap(c => {
    const answer = mind.answers.list[c.answer]
    return answer === undefined ? [] : [{ text: textOf(answer), source: `answer ${c.answer}` }]
  })
}

/** Folds a question in: its stems are counted, its topic shaped, its candidates kept until the reply. Changes `mind`. */
export function foldAsk (
  mind: Mind, rules: LoopRules, question: Question, thinking = think(mind, rules, question)
): void {
  const { language, choices, stems } = thinking
  const logit = choices[0] === undefined ? -8 : scorer.logitOf(mind.scorer, choices[0].features)
  const score = choices[0] === undefined ? 0 : calibrator.scoreOne(mind.calibrator, logit)
  countOne(mind.index, [...stems.keys()])
  const topic = learnTopic(mind.topics, mind.index, stems, language, question.at)
  const text = textOf(mind.answers.list[choices[0]?.answer ?? -1] ?? EMPTY)
  const pending = { topic, language, logit, score, choices, at: question.at, stems: [...stems.keys()], text }
  mind.pending[keyOf(question)] = pending
  forgetOldest(mind.pending)
}

/** Folds a reply in: every candidate is judged by it, and the reply becomes something to answer with. Changes `mind`. */
export function foldHear (
  mind: Mind, rules: LoopRules, where: { connection: string, ticketId: string, questionId: string },
  reply: { text: string, agentId: string, at: Instant }
): void {
  const key = keyOf(where)
  const pending = mind.pending[key]
  if (pending === undefined) return
  delete mind.pending[key]
  for (const [i, choice] of pending.choices.entries()) {
    const answer = mind.answers.list[choice.answer]
    if (answer === undefined) continue
    // The first is judged as it was proposed: its wording may have moved on since.
    const judged = compareReply(i === 0 ? pending.text : textOf(answer), reply.text)
    mind.scorer = scorer.learnOne(mind.scorer, choice.features, judged.light ? 1 : 0)
    if (i > 0) continue
    mind.calibrator = calibrator.learnOne(mind.calibrator, pending.logit, judged.light)
    mind.gate = gate.learnOne(mind.gate, { score: pending.score, good: judged.light, topic: pending.topic }, rules)
    answer.good += judged.reward
    answer.bad += 1 - judged.reward
    if (judged.outcome !== 'replaced') mind.used[key] = choice.answer
  }
  forgetOldest(mind.used)
  const core = coreOf(reply.text)
  if (words(core).length < 3) return                // "ok, thanks" answers nothing
  // An agent is known by his helpdesk: the same id in two of them may be two people.
  const agent = `${where.connection}/${reply.agentId}`
  const learned = learnReply(mind.answers, core, pending.language, agent, reply.at)
  learnChoice(mind.choice, featuresOf(pending.stems), pending.choices.map(c => c.answer), learned)
  noteAnswer(mind.topics, pending.topic, learned)
  addDoc(
    mind.index, pending.stems,
    {
      connection: where.connection, ticketId: where.ticketId, language: pending.language, at: reply.at,
      answer: learned
    }
  )
}

/** Weight and value of what a ticket told later. A reopening takes back what a lasting solution gave. */
export const LATER: Record<Outcome, { value: number, weight: number }> = {
  stayed_solved: { value: 1, weight: 0.3 },
  reopened: { value: 0, weight: 0.8 },
  rated_good: { value: 1, weight: 0.5 },
  rated_bad: { value: 0, weight: 0.7 },
  escalated: { value: 0, weight: 0.6 }
}

/** Folds in what came of an answer later: only an answer that was proposed and not replaced is judged by it. Changes `mind`. */
export function foldOutcome (
  mind: Mind, where: { connection: string, ticketId: string, questionId: string }, what: Outcome
): void {
  const answer = mind.answers.list[mind.used[keyOf(where)] ?? -1]
  if (answer === undefined) return
  const { value, weight } = LATER[what]
  answer.good += value * weight
  answer.bad += (1 - value) * weight
  if (what === 'reopened') answer.good = Math.max(0, answer.good - LATER.stayed_solved.weight)
}

// Questions that nobody answers must not fill the memory: of many thousands the oldest go.
function forgetOldest (record: Record<string, unknown>): void {
  const keys = Object.keys(record)
  if (keys.length > MOST_PENDING) for (const key of keys.slice(0, MOST_PENDING / 10)) delete record[key]
}

const MOST_PENDING = 5_000

type Sourced = Source & { answer: number }

/** What `ask` and `foldAsk` have in common: they may share one, so that a question is looked up once. */
export interface Thinking {
  topic: number | null
  language: string
  stems: Map<string, string>
  sources: Sourced[]
  choices: Array<{ answer: number, features: number[] }>
}

/** Finds what is like a question, and ranks what was answered there. Reads only. */
export function think (mind: Mind, rules: LoopRules, question: Question): Thinking {
  const { language } = question
  const stems = stemsOf(question.text)
  if (question.before !== undefined) {
    for (
      const [stem, word] of stemsOf(`${question.text}\n${question.before}`)
    ) stems.set(stem, word)
  }
  if (question.before !== undefined) stems.set(AGAIN, 'again')
  const list = [...stems.keys()]
  const topic = findTopic(mind.topics, mind.index, list, language)
  const hits = findNearest(mind.index, list, language, rules.neighbours)
  const sources: Sourced[] = hits.flatMap(h => {
    const doc = mind.index.docs[h.doc]
    return doc === undefined
      ? []
      : [{
          connection: doc.connection, ticketId: doc.ticketId, similarity: h.similarity, answer: doc.answer
        }]
  })
  const features = featuresOf(list)
  const called = findChoices(mind.choice, features, rules.candidates)
  const groups = new Map<number, number[]>(called.filter(c => fits(mind, c.answer, language)).map(c => [c.answer, []]))
  for (const s of sources) groups.set(s.answer, [...groups.get(s.answer) ?? [], s.similarity])
  const all = sources.reduce((sum, s) => sum + s.similarity, 0) || 1
  const voted = [...groups].map(([answer, similarities]) => ({
    answer, similarities, share: similarities.reduce((a, b) => a + b, 0) / all
  })).sort((a, b) => b.share - a.share || a.answer - b.answer).slice(0, rules.candidates * 3)
  const beliefs = scoreChoices(mind.choice, features, voted.map(v => v.answer))
  const split = new Map(voted.map(v => [v.answer, words(textOf(mind.answers.list[v.answer] ?? EMPTY))]))
  const known = list.length === 0 ? 0 : list.filter(s => (mind.index.df[s] ?? 0) > 1).length / list.length
  const told = new Set((question.told ?? []).map(text => findSame(mind.answers, coreOf(text), language)))
  const choices = voted.flatMap((v, i) => {
    const answer = mind.answers.list[v.answer]
    if (answer === undefined) return []
    const others = voted.filter(o => o.answer !== v.answer)
    const agreement = others.length === 0
      ? 1
      : others.reduce((sum, o) => sum + o.share * wordF1(
        split.get(v.answer) ?? [], split.get(o.answer) ?? []
      ), 0) /
      (others.reduce((sum, o) => sum + o.share, 0) || 1)
    const ageDays = Math.max(0, (Date.parse(question.at) - Date.parse(answer.lastAt)) / 86_400_000)
    const lead = v.share - Math.max(0, ...others.map(o => o.share))
    return [{
      answer: v.answer,
      features: [1, v.share, Math.max(0, ...v.similarities), v.similarities.reduce((a, b) => a + b, 0) / (
        v.similarities.length || 1
      ),
      trustOf(answer), Math.log1p(answer.replies) / 3, Math.exp(-ageDays / 45), agreement, lead, known,
      Math.log1p(answer.agents.length) / 2, topic === null ? 0 : 1, beliefs[i] ?? 0, shareOf(
        mind.topics, topic, v.answer
      ), told.has(v.answer) ? 1 : 0]
    }]
  })
  const ranked = choices.map(c => ({ ...c, logit: scorer.logitOf(mind.scorer, c.features) }))
    .sort((a, b) => b.logit - a.logit || a.answer - b.answer).slice(0, rules.candidates)
  return { topic, language, stems, sources, choices: ranked.map(({ answer, features }) => ({ answer, features })) }
}

function fits (mind: Mind, answer: number, language: string): boolean {
  const known = mind.answers.list[answer]?.language
  return known !== undefined && (language === 'und' || known === 'und' || known === language)
}

const AGAIN = '~@again'                             // no word has an @: marks a question that follows an answer

const EMPTY = {
  language: 'und', versions: [], typical: 0, replies: 0, agents: [], good: 0, bad: 0, lastAt: '1970-01-01T00:00:00Z'
}

function nameOfQuestion (stems: ReadonlyMap<string, string>): string {
  return [...stems.values()].filter(w => w.length > 4).slice(0, 2).join(' ') || 'new topic'
}

function keyOf (where: { connection: string, ticketId: string, questionId: string }): string {
  return `${where.connection}/${where.ticketId}/${where.questionId}`
}

function percent (share: number): string {
  return `${Math.round(share * 100)} %`
}
