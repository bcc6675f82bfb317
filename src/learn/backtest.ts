// A ticket archive told again in the order of its time, through the same functions as live: a draft sees only what was
// known when it was due, and learns from a reply only at that reply's own time.
import type { Instant, TicketEvent } from '../types.ts'
import { foldDecision } from './decisions.ts'
import { noEscalation, withEscalations } from './escalation.ts'
import type { Decision } from './ledger.ts'
import type { Draft } from './loop.ts'
import { emptyMind } from './mind.ts'
import type { Mind } from './mind.ts'
import { compareDue, foldStep, messageOf, takeAsk, takeHear } from './steps.ts'
import type { LearnRules, Where } from './steps.ts'
import { whatNext } from './story.ts'
import { foldTaught, sortLessons } from './taught.ts'
import type { Lesson } from './taught.ts'
import type { Step } from './story.ts'

/** A decision as it stood among the thoughts: behind so many steps of tickets. */
export interface PlacedDecision { after: number, decision: Decision }

export interface Story { where: Where, events: TicketEvent[] }

export interface BacktestDraft {
  where: Where
  questionId: string                                // the message that names the draft
  turnId: string                                    // the first message of its turn; another one's draft replaced an earlier
  at: Instant
  draft: Draft
  answeredAt: Instant | null
  outcome: 'as_is' | 'edited' | 'replaced' | null
  similarity: number | null
  light: boolean | null                             // would have been sent as is or lightly edited
}

/** Where a run stands: plain data, from which another process goes on as if nothing had been. */
export interface BacktestPlace {
  step: number, taught: number, mind: Mind, open: Array<[turn: string, draft: BacktestDraft]>
}

export interface Backtest {
  steps: number                                     // all there are
  place: BacktestPlace                              // changes with each step
  at: Instant | null                                // when the next step is due; null: all are taken
  /** Takes the next step; returns the drafts that are settled by it. */
  take: () => BacktestDraft[]
}

/**
 * A run over stories up to `until` (default: their last event), one step at a time, from the beginning or from a place that
 * a run over the same stories, lessons, decisions and rules has reached. `escalation` adds what it finds to each story, as
 * live; `lessons` are learned at their own time, `decisions` are folded in where they stood among the steps.
 */
export function openBacktest (
  told: Story[], rules: LearnRules, until?: Instant, escalation = noEscalation, lessons: Lesson[] = [],
  decisions: PlacedDecision[] = [], place: BacktestPlace = { step: 0, taught: 0, mind: emptyMind(), open: [] }
): Backtest {
  const stories = told.map(({ where, events }) => ({ where, events: withEscalations(events, escalation) }))
  const end = until ?? stories.reduce((last, s) => s.events.reduce((l, e) => e.at > l ? e.at : l, last), '')
  const steps: Array<{ where: Where, events: TicketEvent[], step: Step }> = []
  for (const { where, events } of stories) {
    for (const step of whatNext(events, new Set(), rules)) if (step.at <= end) steps.push({ where, events, step })
  }
  steps.sort(compareDue)
  const waiting = sortLessons(lessons)
  const placed = Map.groupBy(decisions, d => d.after)
  const decide = (): void => {
    for (const { decision } of placed.get(place.step) ?? []) foldDecision(place.mind, rules, decision)
  }
  if (place.step === 0) decide()
  const open = new Map(place.open)
  return {
    steps: steps.length,
    get place () { return { ...place, open: [...open] } },
    get at () { return steps[place.step]?.step.at ?? null },
    take () {
      const next = steps[place.step]
      if (next === undefined) return []
      for (
        let lesson = waiting[place.taught]; lesson !== undefined && lesson.at <= next.step.at;
        lesson = waiting[++place.taught]
      ) foldTaught(place.mind, lesson)
      place.step++
      const settled = takeNext(place.mind, rules, open, next)
      decide()
      return settled
    }
  }
}

function takeNext (
  mind: Mind, rules: LearnRules, open: Map<string, BacktestDraft>,
  { where, events, step }: { where: Where, events: TicketEvent[], step: Step }
): BacktestDraft[] {
  const settled: BacktestDraft[] = []
  let thinking
  const id = `${where.connection}/${where.ticketId}/${step.questionId}`
  const asked = open.get(id)
  if (step.kind === 'ask') {
    const taken = takeAsk(mind, rules, where, events, step)
    thinking = taken.thinking
    if (asked !== undefined) settled.push(asked)
    open.delete(id)                                 // it goes to the end: a place is the same however often it was saved
    open.set(id, {
      where, questionId: messageOf(step), turnId: step.questionId, at: taken.question.at, draft: taken.draft,
      answeredAt: null, outcome: null, similarity: null, light: null
    })
  } else if (step.kind === 'hear' && asked !== undefined) {
    const heard = takeHear(asked.draft, where, events, step)
    open.delete(id)
    settled.push({
      ...asked, answeredAt: heard.at, outcome: heard.outcome, similarity: heard.similarity, light: heard.light
    })
  }
  foldStep(mind, rules, where, events, step, thinking)
  return settled
}

/**
 * The same without a pause. Yields each draft when its reply has been heard, when a later draft of the same turn has taken
 * its place or, at the end, unanswered. Same stories, lessons, decisions and rules, same drafts.
 */
export function * runBacktest (
  told: Story[], rules: LearnRules, until?: Instant, escalation = noEscalation, lessons: Lesson[] = [],
  decisions: PlacedDecision[] = []
): Generator<BacktestDraft, Mind> {
  const run = openBacktest(told, rules, until, escalation, lessons, decisions)
  while (run.at !== null) yield * run.take()
  yield * run.place.open.map(([, draft]) => draft)
  return run.place.mind
}
