// Takes the steps that are due, over all tickets in the order in which they are due, a few dozen in one transaction:
// drafts and verdicts, the effects that follow, and the thoughts that the mind learns from are written together.
import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Instant, TicketEvent } from '../types.ts'
import type { Log } from '../log.ts'
import type { Told } from '../learn/ledger.ts'
import { compareDue, compareIds, foldStep, takeAsk, takeHear, takeOutcome } from '../learn/steps.ts'
import type { LearnRules } from '../learn/steps.ts'
import type { Mind } from '../learn/mind.ts'
import type { Thinking } from '../learn/recall.ts'
import { plus, silencedAt, sortStory, whatNext } from '../learn/story.ts'
import type { Step, Turn } from '../learn/story.ts'
import { findDraft, recordDraft, recordSignal, saveVerdict } from '../store/drafts.ts'
import { recordTold } from '../store/ledger.ts'
import { countNotes, listNoted, recordEffect } from '../store/effects.ts'
import type { Db } from '../store/db.ts'
import type { Database } from '../store/schema.ts'
import { listDue, listUndone, lockTickets, readDone, readStories, refOf, savePlans } from '../store/stories.ts'
import type { TicketRow } from '../store/stories.ts'
import { lockMind, recordThoughts } from '../store/thoughts.ts'
import { makeKey } from './key.ts'
import type { MindKeeper } from './mind.ts'

export interface ThinkDeps {
  db: Db
  log: Log
  keeper: MindKeeper
  rules: LearnRules & { seenSeconds: number, notesPerTicketAndHour: number }
  mode: 'observe' | 'draft'
  /** True while an archive is replayed: no step is taken before every delivery has been looked at. */
  replay: boolean
}

const MOST_TICKETS = 40

interface Open { row: TicketRow, story: TicketEvent[], steps: Step[] }

/** Takes what is due now; returns how many steps. Zero: nothing is due. */
export async function thinkOnce (deps: ThinkDeps, now: Instant): Promise<number> {
  let folded = false
  try {
    const taken = await deps.db.transaction().execute(async trx => {
      await lockMind(trx)
      if (deps.replay && (await listUndone(trx, 1)).length > 0) return { steps: 0, seq: 0 }
      const due = await listDue(trx, now, MOST_TICKETS)
      if (due.length === 0) return { steps: 0, seq: 0 }
      const mind = await deps.keeper.current(trx)
      const open = await openTickets(trx, deps.rules, due)
      const last = due.length < MOST_TICKETS ? null : due.at(-1) ?? null
      const thoughts = []
      const told: Told[][] = []
      for (;;) {
        const next = firstDue(open, now)
        // Tickets beyond this batch may be due before a later step of this one: stop where the batch ends.
        if (next === null || (last !== null && isAfter(next, last))) break
        folded = true
        told.push(await takeStep(deps, trx, mind, next.open, next.step))
        next.open.steps.shift()
        const { connection, ticketId, rev } = next.open.row
        thoughts.push({ connection, ticketId, rev, step: next.step.id, at: next.step.at })
      }
      const seq = thoughts.length === 0 ? 0 : await recordThoughts(trx, thoughts)
      // The thoughts of one batch are numbered without a gap: nobody else thinks meanwhile.
      await recordTold(trx, told.map((list, i) => ({ seq: seq - told.length + 1 + i, told: list })))
      await savePlans(trx, open.map(({ row, steps }) => ({ ...row, dueAt: steps[0]?.at ?? null })))
      return { steps: thoughts.length, seq }
    })
    if (taken.seq > 0) deps.keeper.committed(taken.seq)
    return taken.steps
  } catch (error) {
    if (folded) deps.keeper.forget()                // its thoughts were rolled back
    throw error
  }
}

async function openTickets (
  trx: Transaction<Database>, rules: LearnRules, due: Array<{ connection: string, ticketId: string }>
): Promise<Open[]> {
  const rows = await lockTickets(trx, due)
  const stories = await readStories(trx, rows)
  const done = await readDone(trx, rows)
  return rows.map(row => {
    const story = stories.get(refOf(row)) ?? []
    return { row, story, steps: whatNext(story, done.get(refOf(row)) ?? new Set(), rules) }
  })
}

function firstDue (open: Open[], now: Instant): { open: Open, step: Step } | null {
  let first: { open: Open, step: Step } | null = null
  for (const o of open) {
    const step = o.steps[0]
    if (step === undefined || step.at > now) continue
    const isFirst = first === null || compareDue(
      { where: o.row, step }, { where: first.open.row, step: first.step }
    ) < 0
    if (isFirst) first = { open: o, step }
  }
  return first
}

function isAfter (
  next: { open: Open, step: Step }, last: { dueAt: Instant, connection: string, ticketId: string }
): boolean {
  const { row } = next.open
  if (next.step.at !== last.dueAt) return next.step.at > last.dueAt
  return row.connection === last.connection
    ? compareIds(
      row.ticketId, last.ticketId
    ) > 0
    : row.connection > last.connection
}

async function takeStep (
  deps: ThinkDeps, trx: Transaction<Database>, mind: Mind, open: Open, step: Step
): Promise<Told[]> {
  const { row, story } = open
  let thinking
  if (step.kind === 'ask') thinking = await answerQuestion(deps, trx, mind, open, step)
  else if (step.kind === 'hear') await learnReply(deps, trx, row, story, step)
  else {
    const { value, weight } = takeOutcome(step)
    await recordSignal(
      trx, row, { questionId: step.questionId, step: step.id, kind: step.what, value, weight, at: step.at }
    )
  }
  return foldStep(mind, deps.rules, row, story, step, thinking)
}

async function answerQuestion (
  deps: ThinkDeps, trx: Transaction<Database>, mind: Mind, { row, story }: Open, step: Step
): Promise<Thinking> {
  const { draft, thinking, question, basis, turn } = takeAsk(mind, deps.rules, row, story, step)
  const key = makeKey()
  await recordDraft(trx, {
    connection: row.connection, ticketId: row.ticketId, questionId: step.questionId, key, askedAt: question.at, basis,
    language: draft.language,
    text: draft.text, topic: draft.topic, score: draft.score, threshold: draft.threshold, action: draft.action,
    reason: draft.reason, sources: draft.sources, item: draft.item
  })
  if (draft.action !== 'note' || deps.mode !== 'draft') return thinking
  const skipped = await whyNoNote(deps, trx, { row, story }, turn, question.at)
  const { connection, ticketId } = row
  await recordEffect(trx, {
    id: randomUUID(), kind: 'note', connection, ticketId, cause: step.questionId, marker: key, payload: { basis }, skipped
  })
  return thinking
}

// Sure enough for a note, and still none is wanted: the reason is kept with the effect that was skipped.
async function whyNoNote (
  deps: ThinkDeps, trx: Transaction<Database>, { row, story }: Pick<Open, 'row' | 'story'>, turn: Turn, at: Instant
): Promise<string | null> {
  const sorted = sortStory(story)
  if (turn.answer !== null) return 'answered before the draft was ready'
  if (row.quiet) return 'a person asked for no drafts on this ticket'
  if (silencedAt(sorted) !== null || sorted.at(-1)?.kind === 'solved') return 'the ticket is closed'
  const others = turn.messages.map(m => m.id).filter(id => id !== turn.questionId)
  if ((await listNoted(trx, row, others)).length > 0) return 'a note of this turn already stands in the ticket'
  const notes = await countNotes(trx, row, at)
  return notes >= deps.rules.notesPerTicketAndHour ? 'this ticket was given enough notes within an hour' : null
}

async function learnReply (
  deps: ThinkDeps, trx: Transaction<Database>, row: TicketRow, story: TicketEvent[], step: Step
): Promise<void> {
  const draft = await findDraft(trx, row, step.questionId)
  const heard = takeHear({ text: draft?.text ?? '' }, row, story, step)
  const { outcome, similarity, reward, at, answerId } = heard
  const seen = whenSeen(draft?.notedAt ?? null, plus(at, -deps.rules.seenSeconds))
  await saveVerdict(trx, row, step.questionId, { outcome, seen, similarity, reward, answeredAt: at, answerId })
  const { id, questionId } = step
  await recordSignal(trx, row, { questionId, step: id, kind: outcome, value: reward, weight: 1, at })
}

function whenSeen (notedAt: Instant | null, latest: Instant): 'seen' | 'too_late' | 'silent' {
  if (notedAt === null) return 'silent'
  return notedAt <= latest ? 'seen' : 'too_late'
}
