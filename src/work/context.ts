// Writes down where a customer was when a draft for him is due, as events of his ticket: what he did in the product is
// deleted after a month, and yet whoever folds the thoughts again must find what the draft was made from.
import type { Transaction } from 'kysely'
import { contextNames } from '../learn/context.ts'
import { asksOf, heardBy, sortStory, turnsOf } from '../learn/story.ts'
import type { Step } from '../learn/story.ts'
import { messageOf } from '../learn/steps.ts'
import type { LearnRules } from '../learn/steps.ts'
import { findAsker, hasContext, listContext } from '../store/context.ts'
import { recordFacts } from '../store/recorder.ts'
import type { Database } from '../store/schema.ts'
import type { TicketRow } from '../store/stories.ts'
import type { TicketEvent } from '../types.ts'

/**
 * The story with what is known of the place from which an `ask` step asks, and the ticket's revision then. The ticket must
 * be locked. Doing it again does nothing.
 */
export async function recordContext (
  trx: Transaction<Database>, rules: LearnRules, row: TicketRow, story: TicketEvent[], step: Step & { kind: 'ask' }
): Promise<{ story: TicketEvent[], rev: number }> {
  const here = { story, rev: row.rev }
  if (!await hasContext(trx)) return here
  const turn = turnsOf(sortStory(story)).find(t => t.questionId === step.questionId)
  const messageId = messageOf(step)
  const due = turn === undefined ? undefined : asksOf(turn, rules).find(ask => ask.messageId === messageId)?.at
  const asker = await findAsker(trx, row.connection, row.ticketId)
  if (turn === undefined || due === undefined || asker === null) return here
  // Of the newest message that the draft answers: the table has a place for that time, and it is known when the draft is due.
  const at = heardBy(turn, due).at(-1)?.at ?? due
  const known = new Set(story.map(e => e.key))
  const events = contextNames(await listContext(trx, asker, due)).map(({ name, value }): TicketEvent => ({
    connection: row.connection, ticketId: row.ticketId, key: `context:product:${name}:${messageId}`, at, kind: 'context',
    name, value
  })).filter(e => !known.has(e.key))
  if (events.length === 0) return here
  await recordFacts(trx, [{ connection: row.connection, facts: events }])
  return { story: [...story, ...events], rev: row.rev + 1 }
}
