// Takes the steps that are due, over all tickets in the order in which they are due, a few dozen in one transaction:
// drafts and verdicts, the effects that follow, and the thoughts that the mind learns from are written together.
import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Instant, TicketEvent } from '../types.ts'
import type { Log } from '../log.ts'
import type { Told } from '../learn/ledger.ts'
import { compareDue, compareIds, foldStep, messageOf, takeAsk, takeHear, takeOutcome } from '../learn/steps.ts'
import type { LearnRules } from '../learn/steps.ts'
import type { Mind } from '../learn/mind.ts'
import { isHeldOut } from '../learn/lift.ts'
import type { Thinking } from '../learn/recall.ts'
import { plus, silencedAt, sortStory, turnsOf, whatNext } from '../learn/story.ts'
import type { Step, Turn } from '../learn/story.ts'
import { findCreated } from '../store/connections.ts'
import { findTurn, recordDraft, recordSignal, saveVerdict } from '../store/drafts.ts'
import { hasSuggestion } from '../store/escalations.ts'
import { recordTold } from '../store/ledger.ts'
import { countNotes, listNoted, recordEffect } from '../store/effects.ts'
import { cancelNotes, listJudged, listLiveNotes, saveReplaced } from '../store/notes.ts'
import type { LiveNote } from '../store/notes.ts'
import type { Db } from '../store/db.ts'
import type { Database } from '../store/schema.ts'
import { listDue, listUndone, lockTickets, readDone, readStories, refOf, savePlans } from '../store/stories.ts'
import type { TicketRow } from '../store/stories.ts'
import { lockMind, recordThoughts } from '../store/thoughts.ts'
import { recordContext } from './context.ts'
import { makeKey } from './key.ts'
import { findIssueFor, recordKnownIssue } from './known-issue.ts'
import { whyOutside } from './scope.ts'
import type { Scope } from '../types.ts'
import type { MindKeeper } from './mind.ts'

export interface ThinkDeps {
  db: Db
  log: Log
  keeper: MindKeeper
  rules: LearnRules & { seenSeconds: number, notesPerTicketAndHour: number, holdout: number, neverHeldOut: string[] }
  mode: 'observe' | 'draft'
  /** Where notes are wanted, per connection; a connection without an entry: everywhere. */
  scopes?: Readonly<Record<string, Scope>>
  /** Connections whose notes can be changed in place: there a note is told what became of it. */
  editable?: ReadonlySet<string>
  /** True while an archive is replayed: no step is taken before every delivery has been looked at. */
  replay: boolean
}

const MOST_TICKETS = 40
const HISTORY_SECONDS = 3 * 86_400                  // a question that old came with the history, or after a long silence
const LATE_SECONDS = 29 * 86_400
const NOTED = 'a note of this turn already stands in the ticket'
const HELD_OUT = 'this customer was drawn to be compared with those who get notes'

interface Open { row: TicketRow, story: TicketEvent[], steps: Step[] }

/** Takes what is due now; returns how many steps. Zero: nothing is due. */
export async function thinkOnce (deps: ThinkDeps, now: Instant): Promise<number> {
  let folded = false
  try {
    const taken = await deps.db.transaction().execute(async trx => {
      await lockMind(trx)
      if (deps.replay && (await listUndone(trx, 1)).length > 0) return { steps: 0, seq: 0 }
      const due = await listDue(trx, now, MOST_TICKETS)
      if (due.length === 0) {
        // What people said of topics, and new articles, are shown without waiting for the next question
        if (deps.keeper.glance() !== null) {
          folded = true
          await deps.keeper.current(trx)
        }
        return { steps: 0, seq: 0 }
      }
      folded = true
      const mind = await deps.keeper.current(trx)
      const open = await openTickets(trx, deps.rules, due)
      const last = due.length < MOST_TICKETS ? null : due.at(-1) ?? null
      const thoughts = []
      const told: Told[][] = []
      for (;;) {
        const next = firstDue(open, now)
        // Tickets beyond this batch may be due before a later step of this one: stop where the batch ends.
        if (next === null || (last !== null && isAfter(next, last))) break
        told.push(await takeStep({ ...deps, now }, trx, mind, next.open, next.step))
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

type Here = ThinkDeps & { now: Instant }

async function takeStep (
  deps: Here, trx: Transaction<Database>, mind: Mind, open: Open, step: Step
): Promise<Told[]> {
  if (step.kind === 'ask') {
    const { story, rev } = await recordContext(trx, deps.rules, open.row, open.story, step)
    open.story = story
    open.row.rev = rev
  }
  const { row, story } = open
  let thinking
  if (step.kind === 'ask') thinking = await answerQuestion(deps, trx, mind, open, step)
  else if (step.kind === 'hear') await learnReply(deps, trx, row, story, step)
  else if (step.kind === 'outcome') {
    const { value, weight } = takeOutcome(step)
    await recordSignal(
      trx, row, { questionId: step.questionId, step: step.id, kind: step.what, value, weight, at: step.at }
    )
  }
  return foldStep(mind, deps.rules, row, story, step, thinking)
}

async function answerQuestion (
  deps: Here, trx: Transaction<Database>, mind: Mind, { row, story }: Open, step: Step
): Promise<Thinking> {
  const { draft, thinking, question, basis, turn } = takeAsk(mind, deps.rules, row, story, step)
  const { connection, ticketId } = row
  const questionId = messageOf(step)
  // A message that came late may have moved the beginning of a turn: a draft that one of its messages names stays.
  const turnOfDraft = await findTurn(trx, row, questionId)
  if (turnOfDraft !== null && (questionId !== step.questionId || turnOfDraft !== questionId)) return thinking
  const key = makeKey()
  const issue = deps.mode === 'draft' ? await findIssueFor(trx, mind, thinking.topic, row, question.text) : null
  const isSafe = isSpared(story, deps.rules.neverHeldOut)
  const isEligible = draft.action === 'note' && deps.mode === 'draft' && issue === null && !isSafe
  const isOut = isHeldOut(row.connection, question.personId, deps.rules.holdout)
  const arm = isEligible ? isOut ? 'held_out' : 'treated' : null
  await recordDraft(trx, {
    connection, ticketId, questionId, key, askedAt: question.at, basis,
    language: draft.language,
    text: draft.text, topic: draft.topic, score: draft.score, threshold: draft.threshold, action: draft.action,
    reason: draft.reason, sources: draft.sources, articles: draft.articles, topicNumber: thinking.topic,
    item: draft.item,
    ...(questionId === step.questionId ? {} : { turnId: step.questionId }),
    arm, late: row.late && question.at < plus(deps.now, -LATE_SECONDS)
  })
  const others = turn.messages.map(m => m.id).filter(id => id !== questionId)
  if (issue !== null) {
    const skipped = isOut && !isSafe
      ? HELD_OUT
      : await whyNoNote(deps, trx, { row, story }, turn, question.at) ??
        ((await listNoted(trx, row, others)).length > 0 ? NOTED : null)
    await recordKnownIssue(trx, row, { turn: step.questionId, marker: key, basis, skipped }, issue)
    return thinking
  }
  if (draft.action !== 'note' || deps.mode !== 'draft') return thinking
  const live = await listLiveNotes(trx, row, others)
  const skipped = arm === 'held_out'
    ? HELD_OUT
    : await whyNoNote(deps, trx, { row, story }, turn, question.at) ??
      await whyNotInstead(trx, row, others, step, live.some(n => n.state === 'done' && n.text === draft.text))
  const replaces = skipped === null ? await clearTheWay(trx, live, key, question.at) : []
  const payload = { basis, ...(replaces.length === 0 ? {} : { replaces }) }
  await recordEffect(trx, {
    id: randomUUID(), kind: 'note', connection, ticketId, cause: questionId, marker: key, payload, skipped
  })
  return thinking
}

// Whoever carries one of these tags is never kept without a note for the sake of a comparison.
function isSpared (story: TicketEvent[], tags: string[]): boolean {
  return story.some(e => (e.kind === 'opened' && e.tags.some(t => tags.includes(t))) ||
    (e.kind === 'tagged' && e.added.some(t => tags.includes(t))) || e.kind === 'escalated')
}

// Sure enough for a note, and still none is wanted: the reason is kept with the effect that was skipped.
async function whyNoNote (
  deps: Here, trx: Transaction<Database>, { row, story }: Pick<Open, 'row' | 'story'>, turn: Turn, at: Instant
): Promise<string | null> {
  const sorted = sortStory(story)
  if (turn.answer !== null) return 'answered before the draft was ready'
  if (!deps.replay && await isHistory(deps, trx, row, at)) return 'the question came with the history: it is learned from, and gets no note'
  if (row.quiet) return 'a person asked for no drafts on this ticket'
  if (silencedAt(sorted) !== null || isSolved(sorted)) return 'the ticket is closed'
  if (await hasSuggestion(trx, row, turn.questionId)) return 'a rule suggests to escalate this instead'
  const outside = whyOutside(sorted, deps.scopes?.[row.connection])
  if (outside !== null) return outside
  const notes = await countNotes(trx, row, at)
  return notes >= deps.rules.notesPerTicketAndHour ? 'this ticket was given enough notes within an hour' : null
}

/** Asked before Deskloop was here, or long ago: whoever waits for that has been seen to, or will not be by a note. */
async function isHistory (deps: Here, trx: Transaction<Database>, row: TicketRow, at: Instant): Promise<boolean> {
  if (at < plus(deps.now, -HISTORY_SECONDS)) return true
  const since = await findCreated(trx, row.connection)
  return since !== null && since <= deps.now && at < since     // a present before that is a pretend one
}

// What a person thinks of a draft, or where the customer was, says nothing about the ticket.
function isSolved (story: TicketEvent[]): boolean {
  return story.findLast(e => e.kind !== 'flagged' && e.kind !== 'context')?.kind === 'solved'
}

// The first draft of a turn finds a note there only when an earlier message of the turn came late.
async function whyNotInstead (
  trx: Transaction<Database>, row: TicketRow, others: string[], step: Step, saysTheSame: boolean
): Promise<string | null> {
  if (saysTheSame) return 'the note that stands there says the same'
  if ((await listNoted(trx, row, [step.questionId], 'known-issue')).length > 0) return NOTED
  if (messageOf(step) !== step.questionId) return null
  return (await listNoted(trx, row, others)).length > 0 ? NOTED : null
}

// What nobody has begun to write is not written any more; what may stand there is replaced once the new note does.
async function clearTheWay (
  trx: Transaction<Database>, live: LiveNote[], by: string, at: Instant
): Promise<string[]> {
  const cancelled = await cancelNotes(trx, live.map(n => n.key), 'a newer draft took its place before it was written')
  await saveReplaced(trx, cancelled, by, at)
  return live.map(n => n.key).filter(key => !cancelled.includes(key))
}

async function learnReply (
  deps: ThinkDeps, trx: Transaction<Database>, row: TicketRow, story: TicketEvent[], step: Step
): Promise<void> {
  const turn = turnsOf(sortStory(story)).find(t => t.questionId === step.questionId)
  const drafts = await listJudged(trx, row, [step.questionId, ...turn?.messages.map(m => m.id) ?? []])
  let told: ReturnType<typeof takeHear> | null = null
  for (const draft of drafts) {
    const { outcome, similarity, reward, at, answerId } = told = takeHear({ text: draft.text }, row, story, step)
    const seen = whenSeen(draft.notedAt, plus(at, -deps.rules.seenSeconds))
    await saveVerdict(trx, row, draft.questionId, { outcome, seen, similarity, reward, answeredAt: at, answerId })
    if (draft.notedAt === null || deps.editable?.has(row.connection) !== true) continue
    const { connection, ticketId } = row
    await recordEffect(trx, {
      id: randomUUID(), kind: 'note-used', connection, ticketId, cause: draft.questionId, marker: draft.key, payload: {},
      skipped: null
    })
  }
  const { outcome, reward, at } = told ?? takeHear({ text: '' }, row, story, step)
  const { id, questionId } = step
  await recordSignal(trx, row, { questionId, step: id, kind: outcome, value: reward, weight: 1, at })
}

function whenSeen (notedAt: Instant | null, latest: Instant): 'seen' | 'too_late' | 'silent' {
  if (notedAt === null) return 'silent'
  return notedAt <= latest ? 'seen' : 'too_late'
}
