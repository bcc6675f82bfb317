// One step of a story, taken: the question it asks, what the mind says to it, and how the mind changes by it. The live
// house and the backtest call these same functions; they differ only in who feeds them.
import type { Instant, Question, TicketEvent } from '../types.ts'
import { foldAgain } from './again.ts'
import { ask, foldAsk, foldHear, foldOutcome, hear, LATER } from './loop.ts'
import type { Draft, Heard, LoopRules } from './loop.ts'
import type { Told } from './ledger.ts'
import type { Mind } from './mind.ts'
import { think } from './recall.ts'
import type { Thinking } from './recall.ts'
import { contextAt } from './context-features.ts'
import { languageOf } from './features.ts'
import { foldLabel } from './labels.ts'
import { labelAt, labelsOf } from './tags.ts'
import { asksOf, compareSteps, heardBy, saidIn, sortStory, turnsOf } from './story.ts'
import type { Step, StoryRules, Turn } from './story.ts'

export type LearnRules = LoopRules & StoryRules

export interface Where { connection: string, ticketId: string }

/**
 * The question of a turn as it stood when its draft was due: the subject before the customer's words. `messageId` names a
 * further draft of the turn. `basis` is the newest message that the helpdesk had then, whether it asked something or not.
 */
export function questionOf (
  where: Where, events: TicketEvent[], questionId: string, rules: StoryRules, messageId = questionId
): { question: Question, basis: string, turn: Turn } {
  const story = sortStory(events)
  const turns = turnsOf(story)
  const turn = turns.find(t => t.questionId === questionId)
  if (turn === undefined) {
    throw new Error(`the story of ${where.connection}/${where.ticketId} has no question ${questionId}`)
  }
  const due = asksOf(turn, rules).find(ask => ask.messageId === messageId)?.at
  if (due === undefined) throw new Error(`${where.connection}/${where.ticketId} asks for no further draft at ${messageId}`)
  const messages = heardBy(turn, due)
  const opened = story.find(e => e.kind === 'opened')
  const text = saidIn(turn, messages)
  const earlier = turns.slice(0, turns.indexOf(turn))
  const before = earlier.map(t => saidIn(t, t.messages)).join('\n').slice(0, 4_000)
  const told = earlier.flatMap(t => t.answer === null ? [] : [t.answer.text])
  const context = contextAt(story, due)
  const tag = labelAt(labelsOf(story, rules.topics?.tags ?? []), due)
  const question: Question = {
    ...where,
    questionId,
    at: due,
    text,
    personId: opened?.kind === 'opened' ? opened.person.id : turn.person.id,
    language: languageOf(`${text}\n${before}`),
    ...(before === '' ? {} : { before, told }),
    channel: opened?.kind === 'opened' ? opened.channel : 'other',
    ...(opened?.kind === 'opened' && opened.page !== undefined ? { page: opened.page } : {}),
    ...(Object.keys(context).length === 0 ? {} : { context }),
    ...(tag === null ? {} : { tag })
  }
  const seen = [...messages, ...turn.noise.filter(m => m.at <= due)].sort((a, b) => compareInstants(a.at, b.at))
  return { question, basis: seen.at(-1)?.id ?? questionId, turn }
}

/** What the mind proposes for an `ask` step. Reads only. */
export function takeAsk (mind: Mind, rules: LearnRules, where: Where, events: TicketEvent[], step: Step): {
  draft: Draft, thinking: Thinking, question: Question, basis: string, turn: Turn
} {
  const found = questionOf(where, events, step.questionId, rules, messageOf(step))
  const thinking = think(mind, rules, found.question)
  return { ...found, thinking, draft: ask(mind, rules, found.question, thinking) }
}

/** The message that names the draft of an `ask` step: of its turn, or of those that came later, the first it answers. */
export function messageOf (step: Step): string {
  return step.kind === 'ask' ? step.messageId ?? step.questionId : step.questionId
}

/** What the reply says of the draft, for a `hear` step. Reads only. */
export function takeHear (
  draft: { text: string }, where: Where, events: TicketEvent[], step: Step
): Heard & { answerId: string } {
  const turn = turnsOf(sortStory(events)).find(t => t.questionId === step.questionId)
  if (turn?.answer === undefined || turn.answer === null) {
    throw new Error(`${where.connection}/${where.ticketId} has no answer to ${step.questionId}`)
  }
  return { ...hear(draft, turn.answer), answerId: turn.answer.id }
}

/** Value and weight of an `outcome` step. */
export function takeOutcome (step: Step): { value: number, weight: number } {
  if (step.kind !== 'outcome') throw new Error(`${step.id} is no outcome`)
  return LATER[step.what]
}

/**
 * Lets the mind learn from a step. Changes `mind`; same mind, same step, same story: same mind after. `thinking` is that
 * of `takeAsk`, to save doing it again. Returns what the ledger is told.
 */
export function foldStep (
  mind: Mind, rules: LearnRules, where: Where, events: TicketEvent[], step: Step, thinking?: Thinking
): Told[] {
  // These three and no more of what the caller has: they are kept in the mind.
  const here = { connection: where.connection, ticketId: where.ticketId, questionId: step.questionId }
  if (step.kind === 'ask') {
    const { question } = questionOf(where, events, step.questionId, rules, messageOf(step))
    if (step.messageId === undefined) foldAsk(mind, rules, question, thinking)
    else foldAgain(mind, rules, question, thinking)
  } else if (step.kind === 'label') {
    const { question } = questionOf(where, events, step.questionId, rules)
    foldLabel(mind, question, step.label, step.at, turnsOf(sortStory(events)).map(t => t.questionId))
  } else if (step.kind === 'outcome') return foldOutcome(mind, rules, here, step.what, step.at)
  else {
    const turn = turnsOf(sortStory(events)).find(t => t.questionId === step.questionId)
    if (turn?.answer) return foldHear(mind, rules, here, turn.answer)
  }
  return []
}

/** The order in which the steps of many tickets are taken: by the time they are due, then by ticket. */
export function compareDue (a: { where: Where, step: Step }, b: { where: Where, step: Step }): number {
  return compareInstants(a.step.at, b.step.at) || compareInstants(a.where.connection, b.where.connection) ||
    compareIds(a.where.ticketId, b.where.ticketId) || compareSteps(a.step, b.step)
}

/** Ticket ids in the order in which helpdesks give them: 9 before 10. */
export function compareIds (a: string, b: string): number {
  return a.length - b.length || compareInstants(a, b)
}

function compareInstants (a: Instant, b: Instant): number {
  return a < b ? -1 : a > b ? 1 : 0
}
