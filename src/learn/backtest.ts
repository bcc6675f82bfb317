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

/**
 * Runs over stories up to `until` (default: their last event). Yields each draft when its reply has been heard, when a
 * later draft of the same turn has taken its place or, at the end, unanswered. `escalation` adds what it finds to each
 * story, as live; `lessons` are learned at their own time, `decisions` are folded in where they stood among the steps. Same
 * stories, lessons, decisions and rules, same drafts.
 */
export function * runBacktest (
  told: Story[], rules: LearnRules, until?: Instant, escalation = noEscalation, lessons: Lesson[] = [],
  decisions: PlacedDecision[] = []
): Generator<BacktestDraft, Mind> {
  const stories = told.map(({ where, events }) => ({ where, events: withEscalations(events, escalation) }))
  const end = until ?? stories.reduce((last, s) => s.events.reduce((l, e) => e.at > l ? e.at : l, last), '')
  const steps: Array<{ where: Where, events: TicketEvent[], step: Step }> = []
  for (const { where, events } of stories) {
    for (const step of whatNext(events, new Set(), rules)) if (step.at <= end) steps.push({ where, events, step })
  }
  steps.sort(compareDue)
  const mind = emptyMind()
  const open = new Map<string, BacktestDraft>()
  const waiting = sortLessons(lessons)
  let taught = 0
  const placed = Map.groupBy(decisions, d => d.after)
  for (const { decision } of placed.get(0) ?? []) foldDecision(mind, rules, decision)
  for (const [n, { where, events, step }] of steps.entries()) {
    for (let lesson = waiting[taught]; lesson !== undefined && lesson.at <= step.at; lesson = waiting[++taught]) {
      foldTaught(mind, lesson)
    }
    let thinking
    const id = `${where.connection}/${where.ticketId}/${step.questionId}`
    if (step.kind === 'ask') {
      const taken = takeAsk(mind, rules, where, events, step)
      const { draft, question } = taken
      thinking = taken.thinking
      const earlier = open.get(id)
      if (earlier !== undefined) yield earlier
      open.set(
        id,
        {
          where, questionId: messageOf(step), turnId: step.questionId, at: question.at, draft, answeredAt: null,
          outcome: null,
          similarity: null, light: null
        }
      )
    } else if (step.kind === 'hear') {
      const asked = open.get(id)
      if (asked !== undefined) {
        const heard = takeHear(asked.draft, where, events, step)
        open.delete(id)
        yield {
          ...asked, answeredAt: heard.at, outcome: heard.outcome, similarity: heard.similarity, light: heard.light
        }
      }
    }
    foldStep(mind, rules, where, events, step, thinking)
    for (const { decision } of placed.get(n + 1) ?? []) foldDecision(mind, rules, decision)
  }
  yield * open.values()
  return mind
}
