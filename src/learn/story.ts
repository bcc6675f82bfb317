// A ticket's story and what it still asks of us. Order of arrival plays no part: events are sorted by their own time,
// and a step is due at a time that the story itself gives. Live and backtest ask the same question of it.
import type { Instant, PersonRef, TicketEvent } from '../types.ts'
import { words } from '../text.ts'
import { noiseOf } from './noise.ts'
import { labelsOf } from './tags.ts'
import type { TopicRules } from './tags.ts'

export interface StoryRules {
  quietSeconds: number, quietCapSeconds: number, durableHours: number, reopenDays: number, topics?: TopicRules
}

/** One turn: everything a customer wrote until a person answered. */
export interface Turn {
  questionId: string                                // the message id of its first message
  subject: string                                   // of the ticket, in its first turn; else empty
  messages: Array<{ id: string, at: Instant, text: string }>
  person: PersonRef
  answer: { id: string, at: Instant, text: string, agentId: string } | null
  noise: Array<{ id: string, at: Instant }>         // what else came in: absence notes, bounces, thanks
}

export type Step =
  /** `messageId`: the customer wrote on after a draft; the first message that the earlier one had not seen. */
  | { kind: 'ask', id: string, at: Instant, questionId: string, messageId?: string }
  | { kind: 'hear', id: string, at: Instant, questionId: string, answerId: string }
  | { kind: 'outcome', id: string, at: Instant, questionId: string, what: Outcome }
  /** The ticket's tags name another topic than before; null: none any more. */
  | { kind: 'label', id: string, at: Instant, questionId: string, label: string | null }

export type Outcome = 'stayed_solved' | 'reopened' | 'rated_good' | 'rated_bad' | 'escalated' | 'flagged'

const FEW_WORDS = 5
const MOST_ASKS = 12                                // of one turn: who writes all day without an answer is not drafted for all day

const RANK: Record<Step['kind'], number> = { ask: 0, label: 1, hear: 2, outcome: 3 }

/** Each event once, in the order in which they happened; the key decides between equals, so that the order is always the same. */
export function sortStory (events: TicketEvent[]): TicketEvent[] {
  return [...new Map(events.map(e => [e.key, e])).values()].sort((a, b) => {
    if (a.at !== b.at) return a.at < b.at ? -1 : 1
    return rankOf(a) - rankOf(b) || (a.key < b.key ? -1 : 1)
  })
}

// Of events within one second, what a message follows from comes first, and a state follows the message that made it.
function rankOf (event: TicketEvent): number {
  return ['opened', 'reopened', 'asked', 'answered', 'solved'].indexOf(event.kind) + 1 || 9
}

/** Since when a ticket is spam, deleted or merged away: nothing is asked or learned from then on. Null: it is not. */
export function silencedAt (story: TicketEvent[]): Instant | null {
  return story.find(e => e.kind === 'spam' || e.kind === 'deleted' || e.kind === 'merged')?.at ?? null
}

/**
 * The turns of a sorted story. A person's answer ends a turn; a bot's does not. A message that asks nothing (`noiseOf`)
 * begins none and is no part of what is asked.
 */
export function turnsOf (story: TicketEvent[]): Turn[] {
  const redacted = new Set(story.flatMap(e => e.kind === 'redacted' ? [e.messageId] : []))
  const opened = story.find(e => e.kind === 'opened')
  const turns: Turn[] = []
  let open: Turn | null = null
  let isFirst = true
  for (const event of story) {
    if (event.kind === 'asked' && !redacted.has(event.messageId)) {
      const mail = isFirst && opened?.kind === 'opened' ? { subject: opened.subject } : {}
      isFirst = false
      const { messageId: id, at, text, person } = event
      if (noiseOf({ ...mail, text, ...(person.email === undefined ? {} : { from: person.email }) }) !== null) {
        open?.noise.push({ id, at })
        continue
      }
      if (open === null) {
        const subject = turns.length === 0 && opened?.kind === 'opened' ? opened.subject : ''
        open = { questionId: id, subject, messages: [], person, answer: null, noise: [] }
        turns.push(open)
      }
      open.messages.push({ id: event.messageId, at: event.at, text: event.text })
    } else if (event.kind === 'answered' && event.by === 'human' && open !== null && !redacted.has(event.messageId)) {
      open.answer = { id: event.messageId, at: event.at, text: event.text, agentId: event.agentId }
      open = null
    }
  }
  return turns
}

/**
 * When a draft for a turn is due: when the customer has said something (a greeting is not enough) and then been silent
 * for `quietSeconds`, at the latest `quietCapSeconds` after the first message, and never after the answer.
 */
export function dueAt (turn: Turn, rules: StoryRules): Instant {
  const due = quietAt(turn, turn.messages, turn.subject, rules)
  return turn.answer !== null && turn.answer.at < due ? turn.answer.at : due
}

/**
 * Every draft that a turn asks for. The customer may write on after the first one: then there is another, due by the same
 * rule, unless somebody answers before. `messageId` is the first message that is new to it.
 */
export function asksOf (turn: Turn, rules: StoryRules): Array<{ messageId: string, at: Instant }> {
  const asks = [{ messageId: turn.questionId, at: dueAt(turn, rules) }]
  for (;;) {
    const last = asks.at(-1)
    const more = turn.messages.slice(1).filter(m => last !== undefined && m.at > last.at)
    const [first] = more
    if (first === undefined || asks.length >= MOST_ASKS) return asks
    const at = quietAt(turn, more, '', rules)
    if (turn.answer !== null && turn.answer.at <= at) return asks
    asks.push({ messageId: first.id, at })
  }
}

function quietAt (turn: Turn, messages: Turn['messages'], subject: string, rules: StoryRules): Instant {
  const [first] = messages
  if (first === undefined) throw new Error(`the turn ${turn.questionId} has no message`)
  const cap = plus(first.at, rules.quietCapSeconds)
  let said = subject
  let due = cap
  for (const message of messages) {
    if (message.at > due) break
    said += ` ${message.text}`
    const quiet = words(said).length < FEW_WORDS ? cap : plus(message.at, rules.quietSeconds)
    due = quiet < cap ? quiet : cap
  }
  return due
}

/** What messages of a turn say, with the subject before them unless they begin with it. */
export function saidIn (turn: Turn, messages: Turn['messages']): string {
  const said = messages.map(m => m.text).join('\n\n')
  return turn.subject === '' || said.startsWith(turn.subject) ? said : `${turn.subject}\n${said}`
}

/** What the customer had written when the draft was due. */
export function heardBy (turn: Turn, due: Instant): Turn['messages'] {
  return turn.messages.filter((m, i) => i === 0 || m.at <= due)
}

/**
 * The steps that a story still asks for, in the order in which they are due. `done` holds the ids of those taken.
 * A step may lie in the future: whoever asks takes those that are due.
 */
export function whatNext (events: TicketEvent[], done: ReadonlySet<string>, rules: StoryRules): Step[] {
  const story = sortStory(events)
  const silenced = silencedAt(story)
  const steps: Step[] = []
  const turns = turnsOf(story)
  for (const turn of turns) {
    const { questionId } = turn
    for (const { messageId, at } of asksOf(turn, rules)) {
      if (messageId === questionId) steps.push({ kind: 'ask', id: `ask:${questionId}`, at, questionId })
      // What was answered and heard is over: a message that was told late asks for no further draft.
      else if (!done.has(`hear:${questionId}`)) {
        steps.push({ kind: 'ask', id: `ask:${questionId}:${messageId}`, at, questionId, messageId })
      }
    }
    if (turn.answer !== null) {
      steps.push({ kind: 'hear', id: `hear:${questionId}`, at: turn.answer.at, questionId, answerId: turn.answer.id })
    }
  }
  for (const [event, what, at] of outcomesOf(story, rules)) {
    const turn = turns.findLast(t => t.answer !== null && t.answer.at <= event.at)
    if (turn === undefined) continue
    const id = `outcome:${what}:${event.at}`
    if (steps.some(s => s.id === id)) continue      // rated twice within one second is rated once
    steps.push({ kind: 'outcome', id, at, questionId: turn.questionId, what })
  }
  for (const event of story) {
    if (event.kind !== 'flagged') continue
    const turn = turns.find(t => t.questionId === event.questionId)
    const id = `outcome:flagged:${event.questionId}`
    if (turn === undefined || steps.some(s => s.id === id)) continue
    steps.push({ kind: 'outcome', id, at: event.at, questionId: event.questionId, what: 'flagged' })
  }
  steps.push(...labelSteps(story, turns, rules))
  return steps.filter(s => !done.has(s.id) && (silenced === null || s.at < silenced)).sort(compareSteps)
}

// The first question of a ticket is what its topic is learned from: a tag that is there sooner waits for it.
function labelSteps (story: TicketEvent[], turns: Turn[], { topics, ...rules }: StoryRules): Step[] {
  const [first] = turns
  if (topics === undefined || topics.tags.length === 0 || first === undefined) return []
  const asked = dueAt(first, rules)
  const labels = labelsOf(story, topics.tags)
  const early = labels.filter(l => l.at <= asked).slice(-1).filter(l => l.label !== null)
  return [...early, ...labels.filter(l => l.at > asked)].map(({ key, at, label }) => (
    { kind: 'label', id: `label:${key}`, at: at > asked ? at : asked, questionId: first.questionId, label }
  ))
}

/** Steps of one ticket, or of many, in the order in which they must be taken. */
export function compareSteps (a: Step, b: Step): number {
  return a.at < b.at ? -1 : a.at > b.at ? 1 : RANK[a.kind] - RANK[b.kind] || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

function outcomesOf (story: TicketEvent[], rules: StoryRules): Array<[TicketEvent, Outcome, Instant]> {
  const found: Array<[TicketEvent, Outcome, Instant]> = []
  let solved: TicketEvent | null = null
  const stayed = (until: Instant | null): void => {
    if (solved === null) return
    const at = plus(solved.at, rules.durableHours * 3600)
    if (until === null || at <= until) found.push([solved, 'stayed_solved', at])
  }
  for (const event of story) {
    if (event.kind === 'solved' && solved === null) solved = event
    else if (event.kind === 'reopened') {
      if (solved !== null && event.at <= plus(solved.at, rules.reopenDays * 86_400)) {
        found.push([event, 'reopened', event.at])
      }
      stayed(event.at)
      solved = null
    } else if (event.kind === 'rated') found.push([event, event.good ? 'rated_good' : 'rated_bad', event.at])
    else if (event.kind === 'escalated') found.push([event, 'escalated', event.at])
  }
  stayed(null)
  return found
}

export function plus (at: Instant, seconds: number): Instant {
  return new Date(Date.parse(at) + seconds * 1000).toISOString().slice(0, 19) + 'Z'
}
