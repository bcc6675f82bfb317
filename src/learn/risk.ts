// How likely an account's support history is to end badly: reasons first, and a number that follows from them alone. No
// model is trained on it: every point can be told to the customer-success manager who asks for it.
import type { Instant, TicketEvent } from '../types.ts'
import { cutQuotes } from '../text.ts'
import { findPhrase, readPhrases, sentencesOf } from './phrases.ts'
import type { Phrase } from './phrases.ts'
import { silencedAt, sortStory } from './story.ts'

/** One ticket of the account. `topic`: of its first draft; empty: not known. */
export interface RiskTicket { connection: string, ticketId: string, topic: string, events: TicketEvent[] }

export type RiskSign = 'cancellation' | 'bad_rating' | 'escalated' | 'reopened' | 'repeat'

/** One sign, how often it was seen, its part of the score, and the tickets it was seen on. */
export interface RiskReason {
  sign: RiskSign, count: number, points: number, tickets: Array<{ connection: string, ticketId: string }>
}

export interface Risk { score: number, reasons: RiskReason[], tickets: number, open: number }

export interface RiskRules { windowDays: number, repeatDays: number }

export const RISK_RULES: RiskRules = { windowDays: 30, repeatDays: 7 }

/**
 * How much of what is left to 100 one occurrence takes. They are judgements, said here so that they can be argued with:
 * to speak of leaving weighs most, to write twice of the same thing least.
 */
const SHARE: Record<RiskSign, number> = {
  cancellation: 0.35, bad_rating: 0.2, escalated: 0.15, reopened: 0.1, repeat: 0.1
}

const JUMP = 15

/** Phrases of customers who think of leaving, made ready. Throws on one that cannot be read. */
export function readCancellation (phrases: Record<string, string[]>): Phrase[] {
  return readPhrases(Object.values(phrases).flat())
}

/**
 * The risk of an account at an instant, from its tickets in any order, whose events may come in any order and twice.
 * Signs count when they happened within `windowDays` before `now` (default 30 d), `escalated` and `cancellation` once per
 * ticket. A repeat is a ticket opened within `repeatDays` after another of the same known topic was solved.
 * Score: noisy-or (Pearl 1988, Probabilistic Reasoning in Intelligent Systems, 4.3), 100 · (1 − Π (1 − share)^count),
 * whole, from 0 to 99: more signs never lower it, and it never reaches certainty. Points: the score, parted in proportion to
 * −count · ln(1 − share), so that they add up to it within rounding. Reasons come weightiest first.
 * No tickets, or none with a sign: 0, and no reasons. Throws nothing. Pure.
 */
export function scoreRisk (
  tickets: RiskTicket[], cancellation: Phrase[], now: Instant, rules: RiskRules = RISK_RULES
): Risk {
  const since = minusDays(now, rules.windowDays)
  const stories = tickets.map(t => ({ ...t, events: sortStory(t.events).filter(e => e.at <= now) }))
    .filter(t => t.events.length > 0 && silencedAt(t.events) === null)
  const found = new Map<RiskSign, RiskReason>()
  const add = (sign: RiskSign, { connection, ticketId }: RiskTicket): void => {
    const reason = found.get(sign) ?? { sign, count: 0, points: 0, tickets: [] }
    reason.count++
    const isNew = !reason.tickets.some(t => t.connection === connection && t.ticketId === ticketId)
    if (isNew) reason.tickets.push({ connection, ticketId })
    found.set(sign, reason)
  }
  for (const ticket of stories) {
    const recent = ticket.events.filter(e => e.at > since)
    if (recent.some(e => e.kind === 'asked' && speaksOf(e.text, cancellation))) add('cancellation', ticket)
    if (recent.some(e => e.kind === 'escalated')) add('escalated', ticket)
    for (const event of recent) {
      if (event.kind === 'rated' && !event.good) add('bad_rating', ticket)
      if (event.kind === 'reopened') add('reopened', ticket)
    }
    if (isRepeat(ticket, stories, since, rules.repeatDays)) add('repeat', ticket)
  }
  const weights = [...found.values()].map(reason => {
    return { reason, weight: -reason.count * Math.log(1 - SHARE[reason.sign]) }
  })
  const all = weights.reduce((sum, w) => sum + w.weight, 0)
  const score = Math.min(99, Math.round(100 * (1 - Math.exp(-all))))
  const reasons = weights.map(({ reason, weight }) => ({ ...reason, points: Math.round(score * weight / all) }))
    .sort((a, b) => b.points - a.points || (a.sign < b.sign ? -1 : 1))
  return { score, reasons, tickets: stories.length, open: stories.filter(t => isOpen(t.events)).length }
}

/** Whether a change is worth telling others: by 15 points or more from what was last told; nothing told is 0. */
export function isJump (told: number | null, score: number): boolean {
  return Math.abs(score - (told ?? 0)) >= JUMP
}

const WORDS: Record<RiskSign, [one: string, many: string]> = {
  cancellation: ['ticket speaks of leaving', 'tickets speak of leaving'],
  bad_rating: ['bad rating', 'bad ratings'],
  escalated: ['ticket was escalated', 'tickets were escalated'],
  reopened: ['reopening', 'reopenings'],
  repeat: ['repeat contact', 'repeat contacts']
}

/** `2 bad ratings`: the same words on the page, in the note and at HubSpot. */
export function reasonWords ({ sign, count }: Pick<RiskReason, 'sign' | 'count'>): string {
  return `${count} ${WORDS[sign][count === 1 ? 0 : 1]}`
}

function speaksOf (text: string, phrases: Phrase[]): boolean {
  return sentencesOf(cutQuotes(text)).some(sentence => findPhrase(sentence, phrases) !== null)
}

function isRepeat (ticket: RiskTicket, all: RiskTicket[], since: Instant, days: number): boolean {
  const openedAt = ticket.events[0]?.at ?? ''
  if (ticket.topic === '' || openedAt <= since) return false
  return all.some(other => other !== ticket && other.topic === ticket.topic && other.events.some(e =>
    e.kind === 'solved' && e.at <= openedAt && e.at >= minusDays(openedAt, days)))
}

function isOpen (story: TicketEvent[]): boolean {
  const last = story.findLast(e => e.kind === 'solved' || e.kind === 'reopened' || e.kind === 'opened')
  return last === undefined || last.kind !== 'solved'
}

function minusDays (at: Instant, days: number): Instant {
  return new Date(Date.parse(at) - days * 86_400_000).toISOString().slice(0, 19) + 'Z'
}
