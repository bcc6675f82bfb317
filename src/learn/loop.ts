// The loop: `ask` proposes a draft, `hear` tells what it was worth, and the fold functions let the mind learn from it.
// `ask` and `hear` only read. What they find is first written down, then folded in: the written thoughts are the truth,
// and the same thoughts in the same order make the same mind. A mind is large, so folding changes it in place (copying
// it would cost more than learning); everything small in it is state in, state out.
import type { Instant, Question } from '../types.ts'
import { words } from '../text.ts'
import { findSame, learnReply, textOf } from './answers.ts'
import type { Answer } from './answers.ts'
import { bagF1, bagOf } from './bags.ts'
import * as calibrator from './calibrate.ts'
import { featuresOf, learnOne as learnChoice } from './choice.ts'
import { learnFit } from './context-features.ts'
import * as gate from './gate.ts'
import { topicForLabel } from './labels.ts'
import { customerWeight, floodPrint, passesVote } from './guard.ts'
import { hostileIn } from './guard-screen.ts'
import type { Told } from './ledger.ts'
import {
  countQuestion, customerOf, fadeRecord, holdBack, longKnown, noteLesson, noteVerdict, personOf, takeAgreed
} from './lessons.ts'
import type { LessonRules } from './lessons.ts'
import { regroup } from './mind.ts'
import type { Mind, Pending } from './mind.ts'
import { addDoc, countOne } from './nearest.ts'
import { textIn, think } from './recall.ts'
import type { RecallRules, Source, Thinking } from './recall.ts'
import { compareReply, coreOf } from './reward.ts'
import type { Reward } from './reward.ts'
import * as scorer from './scorer.ts'
import { guessOf } from './citations.ts'
import { citedFor, learnCited } from './suggested.ts'
import type { Cited } from './suggested.ts'
import { rivalsOf } from './conflicts.ts'
import { doubt, isShown, moveOn, whyHeld } from './lifecycle.ts'
import type { SupportRules } from './lifecycle.ts'
import type { Outcome } from './story.ts'
import { nameOf, nameOfQuestion } from './topic-names.ts'
import { learnTopic, noteAnswer, noteRate, rootOf, tellingStems } from './topics.ts'

export interface LoopRules extends LessonRules, RecallRules, SupportRules { highScore: number }

export interface Draft {
  text: string                                      // empty: nothing to propose
  item: string | null                               // of the ledger: the answer that the text is
  language: string
  topic: string
  score: number                                     // calibrated, 0 to 1
  threshold: number                                 // Infinity: silent whatever the score
  action: 'note' | 'silent'
  reason: string
  sources: Source[]
  articles: Cited[]                                 // what the team has written about it
  facts: { replies: number, agents: number, lastAt: Instant | null }
}

export interface Heard extends Reward { text: string, agentId: string, at: Instant }

/** Proposes a draft for a question, or silence, and says why. Reads only. */
export function ask (mind: Mind, rules: LoopRules, question: Question, thinking = think(mind, rules, question)): Draft {
  const { topic, language, choices, signs, sources, stems, known, suggested } = thinking
  const name = topic === null ? nameOfQuestion(stems) : nameOf(mind.topics, mind.index, topic)
  const [best] = choices
  const answer = best === undefined ? undefined : mind.answers.list[best.answer]
  const articles = citedFor(mind, answer?.from ?? null, suggested, known)
  const nothing = {
    text: '', item: null, language, topic: name, score: 0, threshold: 1, action: 'silent' as const, sources, articles,
    facts: { replies: 0, agents: 0, lastAt: null }
  }
  if (best === undefined || answer === undefined) {
    return {
      ...nothing,
      reason: mind.index.docs.length === 0 ? 'nothing has been learned yet' : 'no past question is like this one'
    }
  }
  const score = calibrator.scoreOne(mind.calibrator, scorer.logitOf(mind.scorer, signs))
  const threshold = gate.thresholdOf(mind.gate, topic, rules)
  const shows = score >= threshold && isShown(answer)
  const reason = reasonOf(score, threshold, answer)
  return {
    text: textOf(answer),
    item: mind.ledger.ids[best.answer] ?? null,
    language,
    topic: name,
    score,
    threshold: threshold === Infinity ? 1 : threshold,
    action: shows ? 'note' : 'silent',
    reason,
    sources: sources.filter(s => s.answer === best.answer).slice(0, 5)
      .map(({ connection, ticketId, similarity }) => ({ connection, ticketId, similarity })),
    articles,
    facts: { replies: answer.replies, agents: answer.agents.length, lastAt: answer.lastAt }
  }
}

function reasonOf (score: number, threshold: number, answer: Answer): string {
  if (threshold === Infinity) return 'the replies so far do not yet show a score from which drafts can be trusted'
  if (score < threshold) return `${percent(score)} is below the ${percent(threshold)} that this desk's replies ask for`
  if (!isShown(answer)) return whyHeld(answer)
  return `${percent(score)} is at least the ${percent(threshold)} that this desk's replies ask for`
}

/** Compares a draft with the reply that was really sent. Reads only. */
export function hear (draft: { text: string }, reply: { text: string, agentId: string, at: Instant }): Heard {
  return { ...compareReply(draft.text, reply.text), ...reply }
}

/** Folds a question in: its stems are counted, its topic shaped, its candidates kept until the reply. Changes `mind`. */
export function foldAsk (
  mind: Mind, rules: LoopRules, question: Question, thinking = think(mind, rules, question)
): void {
  const { language, choices, signs, stems, sources, context } = thinking
  const hostile = hostileIn(question.text)
  const logit = choices[0] === undefined ? -8 : scorer.logitOf(mind.scorer, signs)
  const score = choices[0] === undefined ? 0 : calibrator.scoreOne(mind.calibrator, logit)
  // What is hostile shapes neither topics nor the weight of words; it only waits for its reply.
  if (hostile === null) countOne(mind.index, [...stems.keys()])
  const topic = hostile === null
    ? learnTopic(
      mind.topics, mind.index, tellingStems(stems), language, question.at, givenTopic(mind, question, thinking),
      personOf(question, question.personId)
    )
    : thinking.topic ?? -1
  countQuestion(mind, topic, question.at)
  const text = textIn(mind, choices[0]?.answer)
  mind.pending[keyOf(question)] = {
    topic, language, logit, score, choices, signs, at: question.at, stems: [...stems.keys()], title: thinking.title,
    last: thinking.last, context, text, hostile,
    person: personOf(question, question.personId), print: floodPrint(question.text),
    known: longKnown(sources, question.at), cited: guessOf(thinking.suggested)
  }
  forgetOldest(mind.pending)
}

/**
 * Folds a reply in: every candidate is judged by it, and the reply becomes something to answer with, unless the guard
 * holds it back. Tells what was learned. Changes `mind`.
 */
export function foldHear (
  mind: Mind, rules: LoopRules, where: { connection: string, ticketId: string, questionId: string },
  reply: { text: string, agentId: string, at: Instant }
): Told[] {
  const key = keyOf(where)
  const waiting = mind.pending[key]
  if (waiting === undefined) return []
  const pending = { ...waiting, topic: rootOf(mind.topics, waiting.topic) }      // topics may have been merged since
  const held = holdBack(mind, rules, where, pending, reply)
  if (held?.why !== 'reverted') delete mind.pending[key]
  if (held === null) return foldLesson(mind, rules, where, pending, reply)
  const agreed = takeAgreed(mind, rules, held.group)
  return [held, ...agreed.flatMap(l => foldLesson(mind, rules, l.where, l.pending, l.reply))]
}

/** Learns from a reply that the guard, or a person, has let pass. Changes `mind`. */
export function foldLesson (
  mind: Mind, rules: LoopRules, where: { connection: string, ticketId: string, questionId: string }, asked: Pending,
  reply: { text: string, agentId: string, at: Instant }
): Told[] {
  const key = keyOf(where)
  const told: Told[] = []
  const pending = { ...asked, topic: rootOf(mind.topics, asked.topic) }
  const core = coreOf(reply.text)
  const sent = bagOf(core)
  for (const [i, choice] of pending.choices.entries()) {
    const answer = mind.answers.list[choice.answer]
    if (answer === undefined) continue
    // The first is judged as it was proposed: its wording may have moved on since.
    const proposed = i === 0 ? pending.text : textOf(answer)
    const judged = compareReply(proposed, reply.text)
    mind.ranker = scorer.learnOne(mind.ranker, choice.features, bagF1(bagOf(proposed), sent))
    if (i > 0) continue
    mind.scorer = scorer.learnOne(mind.scorer, pending.signs, judged.light ? 1 : 0)
    noteRate(mind.topics, pending.topic, judged.light)
    mind.calibrator = calibrator.learnOne(mind.calibrator, pending.logit, judged.light)
    mind.gate = gate.learnOne(mind.gate, { score: pending.score, good: judged.light, topic: pending.topic }, rules)
    fadeRecord(mind, rules, choice.answer, reply.at)
    answer.good += judged.reward
    answer.bad += 1 - judged.reward
    moveOn(answer, mind.answers.team.length, reply.at, rules)
    const credit = mind.ledger.credit[choice.answer]
    if (credit !== undefined) credit.agents++
    told.push(...noteVerdict(mind, choice.answer, pending.topic, judged.reward, reply.at, 'accepted'))
    if (judged.outcome === 'replaced') continue
    mind.used[key] = choice.answer
    mind.ledger.people[key] = pending.person
  }
  forgetOldest(mind.used)
  forgetOldest(mind.ledger.people)
  const articles = learnCited(mind, rules.neighbours, where.connection, pending, reply)
  if (words(core).length < 3) return told           // "ok, thanks" answers nothing
  // An agent is known by his helpdesk: the same id in two of them may be two people.
  const agent = `${where.connection}/${reply.agentId}`
  const same = findSame(mind.answers, core, pending.language)
  const before = same === null ? null : textIn(mind, same)
  const learned = learnReply(mind.answers, core, pending.language, agent, reply.at, pending.person)
  learnFit(mind.fit, mind.choice, pending, learned)
  learnChoice(mind.choice, featuresOf(pending.stems, pending.last), pending.choices.map(c => c.answer), learned)
  if (noteAnswer(mind.topics, pending.topic, learned)) regroup(mind)
  const topic = rootOf(mind.topics, pending.topic)
  noteSource(mind, rules, topic, learned, reply)
  addDoc(
    mind.index, pending.stems,
    {
      connection: where.connection, ticketId: where.ticketId, language: pending.language, at: reply.at,
      answer: learned, ...(articles.length === 0 ? {} : { articles })
    }
  )
  return [...told, ...noteLesson(mind, rules, where, { ...pending, topic }, reply, learned, before)]
}

// Whether enough people stand behind an answer now.
function noteSource (mind: Mind, rules: LoopRules, topic: number, learned: number, reply: { at: Instant }): void {
  const answer = mind.answers.list[learned]
  if (answer === undefined) return
  // While people still send what contradicts it, an answer does not rise; what nobody sends any more makes way.
  moveOn(answer, mind.answers.team.length, reply.at, rules, () => {
    const { rivals, outdated } = rivalsOf(mind.topics, mind.answers, topic, learned)
    if (rivals.length > 0) return false
    for (const old of outdated) doubt(old, reply.at)
    return true
  })
}

/** Weight and value of what a ticket told later. A reopening takes back what a lasting solution gave. */
export const LATER: Record<Outcome, { value: number, weight: number }> = {
  stayed_solved: { value: 1, weight: 0.3 },
  reopened: { value: 0, weight: 0.8 },
  rated_good: { value: 1, weight: 0.5 },
  rated_bad: { value: 0, weight: 0.7 },
  escalated: { value: 0, weight: 0.6 },
  flagged: { value: 0, weight: 2 }                  // a person took the trouble to say that it is wrong
}

/**
/**
 * Folds in what came of an answer later: only an answer that was proposed and not replaced is judged by it. A customer
 * counts once in thirty days for an answer, and all customers together a third of what agents said. A draft may be flagged
 * before anybody has replied; of one ticket a flag counts once. Changes `mind`.
 */
export function foldOutcome (
  mind: Mind, rules: LoopRules, where: { connection: string, ticketId: string, questionId: string }, what: Outcome,
  at: Instant
): Told[] {
  const key = keyOf(where)
  const proposed = what === 'flagged' ? mind.pending[key]?.choices[0]?.answer : undefined
  const id = mind.used[key] ?? proposed ?? -1
  const answer = mind.answers.list[id]
  if (answer === undefined) return []
  const { value, weight: whole } = LATER[what]
  const { limits } = mind.ledger
  const rated = what === 'rated_good' || what === 'rated_bad'
  if (rated && !passesVote(limits, customerOf(mind, where), `${mind.ledger.ids[id]} rated`, at)) return []
  if (what === 'flagged' && !passesVote(limits, `${where.connection}/${where.ticketId}`, `${mind.ledger.ids[id]} flagged`, at)) return []
  fadeRecord(mind, rules, id, at)
  const credit = mind.ledger.credit[id] ?? { agents: 0, customers: 0, at }
  const ofAgents = what === 'escalated' || what === 'flagged'
  const weight = ofAgents ? whole : customerWeight(credit.agents, credit.customers, whole)
  if (!ofAgents) mind.ledger.credit[id] = { ...credit, customers: credit.customers + weight }
  answer.good += value * weight
  answer.bad += (1 - value) * weight
  if (what === 'reopened') answer.good = Math.max(0, answer.good - LATER.stayed_solved.weight)
  // A flag takes an answer down at once; it rises by replies only.
  if (what === 'flagged') moveOn(answer, mind.answers.team.length, at, rules, () => false)
  if (what !== 'reopened' && what !== 'stayed_solved' && what !== 'flagged') return []
  const topic = Object.keys(mind.ledger.usual).find(t => mind.ledger.usual[t] === id) ?? '-1'
  return noteVerdict(mind, id, Number(topic), value, at, 'lasting')
}

// The ticket's own tag names it, even when it is the first of its kind; else what was guessed surely enough.
function givenTopic (mind: Mind, question: Question, { tagged }: Thinking): number | null {
  return question.tag === undefined ? tagged : topicForLabel(mind, question.tag, question.at)
}

// Questions that nobody answers must not fill the memory: of many thousands the oldest go.
function forgetOldest (record: Record<string, unknown>): void {
  const keys = Object.keys(record)
  if (keys.length > MOST_PENDING) for (const key of keys.slice(0, MOST_PENDING / 10)) delete record[key]
}

const MOST_PENDING = 5_000

export function keyOf (where: { connection: string, ticketId: string, questionId: string }): string {
  return `${where.connection}/${where.ticketId}/${where.questionId}`
}

function percent (share: number): string {
  return `${Math.round(share * 100)} %`
}
