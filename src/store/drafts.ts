// Drafts and what became of them, and the signals that told it.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import type { Db } from './db.ts'
import { instantOf } from './db.ts'
import type { Database, DraftArticle, DraftSource } from './schema.ts'
import type { TicketRef } from './stories.ts'

type Reader = Db | Transaction<Database>

export interface DraftRow extends TicketRef {
  questionId: string
  turnId?: string                                   // first message of its turn, when it is a further draft of it
  key: string
  askedAt: Instant
  basis: string
  language: string
  text: string
  topic: string
  score: number
  threshold: number
  action: 'note' | 'silent'
  reason: string
  sources: DraftSource[]
  articles?: DraftArticle[]                         // what the team has written about it
  topicNumber?: number | null                       // stable, while the topic's name may change
  arm?: 'treated' | 'held_out' | null               // of a draft that is sure enough for a note
  late?: boolean                                    // learned after newer questions: no curve counts it
  item?: string | null                              // of the ledger: the learned answer behind the text
}

export interface Verdict {
  outcome: 'as_is' | 'edited' | 'replaced'
  seen: 'seen' | 'too_late' | 'silent'
  similarity: number
  reward: number
  answeredAt: Instant
  answerId: string
}

export async function recordDraft (trx: Transaction<Database>, d: DraftRow): Promise<void> {
  await trx.insertInto('draft').values({
    connection: d.connection, ticket_id: d.ticketId, question_id: d.questionId, key: d.key, asked_at: d.askedAt,
    basis: d.basis,
    language: d.language, text: d.text, topic: d.topic, score: d.score, threshold: d.threshold, action: d.action,
    reason: d.reason,
    sources: JSON.stringify(d.sources), articles: JSON.stringify(d.articles ?? []), topic_number: d.topicNumber ?? null,
    late: d.late ?? false, arm: d.arm ?? null, item: d.item ?? null,
    outcome: null, seen: null, similarity: null, reward: null, answer_id: null, turn_id: d.turnId ?? null
  }).execute()
}

/** Of which turn the draft is that a message names; null when there is none. */
export async function findTurn (db: Reader, ref: TicketRef, questionId: string): Promise<string | null> {
  const row = await db.selectFrom('draft').select('turn_id').where('connection', '=', ref.connection)
    .where('ticket_id', '=', ref.ticketId).where('question_id', '=', questionId).executeTakeFirst()
  return row === undefined ? null : row.turn_id ?? questionId
}

export async function findDraftByKey (db: Reader, key: string): Promise<(
  DraftRow & { notedAt: Instant | null, verdict: Verdict | null, replacedBy: string | null }
) | null> {
  const r = await db.selectFrom('draft').selectAll().where('key', '=', key).executeTakeFirst()
  if (r === undefined) return null
  const verdict = r.outcome === null || r.seen === null || r.answered_at === null
    ? null
    : {
        outcome: r.outcome, seen: r.seen, similarity: r.similarity ?? 0, reward: r.reward ?? 0,
        answeredAt: instantOf(r.answered_at), answerId: r.answer_id ?? ''
      }
  return {
    connection: r.connection, ticketId: r.ticket_id, questionId: r.question_id, key: r.key,
    askedAt: instantOf(r.asked_at), basis: r.basis,
    language: r.language, text: r.text, topic: r.topic, score: r.score, threshold: r.threshold, action: r.action,
    reason: r.reason,
    sources: r.sources, articles: r.articles, topicNumber: r.topic_number,
    notedAt: r.noted_at === null ? null : instantOf(r.noted_at), verdict,
    replacedBy: r.replaced_by, ...(r.turn_id === null ? {} : { turnId: r.turn_id })
  }
}

export async function saveVerdict (
  trx: Transaction<Database>, ref: TicketRef, questionId: string, v: Verdict
): Promise<void> {
  await trx.updateTable('draft').set({
    outcome: v.outcome, seen: v.seen, similarity: v.similarity, reward: v.reward, answered_at: v.answeredAt,
    answer_id: v.answerId
  }).where(
    'connection', '=', ref.connection
  ).where('ticket_id', '=', ref.ticketId).where('question_id', '=', questionId).execute()
}

/** The note stands in the ticket: now the drafts that it replaces are replaced. */
export async function saveNoted (trx: Reader, key: string, at: Instant): Promise<void> {
  await trx.updateTable('draft').set({ noted_at: at }).where('key', '=', key).where('noted_at', 'is', null).execute()
  await sql`
    update draft o set replaced_by = ${key}, replaced_at = ${at} from effect e
    where e.kind = 'note' and e.marker = ${key} and e.payload ? 'replaces' and o.replaced_by is null
      and o.key in (select jsonb_array_elements_text(e.payload -> 'replaces'))`.execute(trx)
}

export async function recordSignal (
  trx: Transaction<Database>, ref: TicketRef,
  s: { questionId: string, step: string, kind: string, value: number, weight: number, at: Instant }
): Promise<void> {
  await sql`
    insert into signal (connection, ticket_id, question_id, step, kind, value, weight, at)
    values (
      ${ref.connection}, ${ref.ticketId}, ${s.questionId}, ${s.step}, ${s.kind}, ${s.value}, ${s.weight}, ${s.at}
    ) on conflict do nothing`.execute(trx)
}
