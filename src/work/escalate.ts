// What rules of escalation make of a ticket that has something new: their events, and a suggestion for the agents where a
// rule asks for one, both in the transaction in which the ticket is looked at.
import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import { noEscalation } from '../learn/escalation.ts'
import type { Escalation, EscalationRules } from '../learn/escalation.ts'
import { plus, silencedAt, sortStory, turnsOf } from '../learn/story.ts'
import { recordEffect } from '../store/effects.ts'
import { listSuggested } from '../store/escalations.ts'
import { recordFacts } from '../store/recorder.ts'
import type { Database } from '../store/schema.ts'
import type { TicketRow } from '../store/stories.ts'
import type { Instant, TicketEvent } from '../types.ts'
import { makeKey } from './key.ts'

/** `suggestAt` is the present, for the age of what is suggested; without it nothing is. */
export interface EscalateDeps { escalation?: EscalationRules, suggestAt?: () => Promise<Instant> }

const FRESH_HOURS = 24

/** The story with the events that are new by it, and the ticket's revision then. */
export async function recordEscalations (
  deps: EscalateDeps, trx: Transaction<Database>, row: TicketRow, story: TicketEvent[]
): Promise<{ story: TicketEvent[], rev: number }> {
  const known = new Set(story.map(e => e.key))
  const fresh = (deps.escalation ?? noEscalation).find(story).filter(e => !known.has(e.event.key))
  if (fresh.length === 0) return { story, rev: row.rev }
  const events = fresh.map(e => e.event)
  await recordFacts(trx, [{ connection: row.connection, facts: events }])
  if (deps.suggestAt !== undefined) await recordSuggestion(trx, row, story, fresh, deps.suggestAt)
  return { story: [...story, ...events], rev: row.rev + 1 }
}

// One note for all that fired at once, and no second one for the same rule: the team knows then.
async function recordSuggestion (
  trx: Transaction<Database>, row: TicketRow, story: TicketEvent[], fresh: Escalation[], now: () => Promise<Instant>
): Promise<void> {
  const turn = turnsOf(sortStory(story)).at(-1)
  const began = turn?.messages[0]?.at
  if (turn === undefined || began === undefined) return
  // Only what belongs to the question that is open now: the subject is told a moment before its first message.
  const oldest = plus(began, -60)
  if (turn.answer !== null || silencedAt(story) !== null) return
  const before = await listSuggested(trx, row)
  const wanted = fresh.filter(e => e.rule.suggest === true && e.event.at >= oldest && !before.includes(e.rule.id))
  const [first, ...others] = wanted
  if (first === undefined) return
  if (first.event.at < plus(await now(), -FRESH_HOURS * 3600)) return      // a history being read: nobody waits for it
  const { connection, ticketId } = row
  await recordEffect(trx, {
    id: randomUUID(), kind: 'suggest', connection, ticketId, cause: first.rule.id, marker: makeKey(),
    payload: {
      questionId: turn.questionId, rule: first.rule.id, version: first.rule.version,
      others: [...new Set(others.map(e => e.rule.id))].filter(id => id !== first.rule.id)
    },
    skipped: row.quiet ? 'a person asked for no drafts on this ticket' : null
  })
}
