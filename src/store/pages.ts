// What the dashboard's pages read beyond the numbers of stats.ts: pages of drafts, and all that belongs to one draft.
import { sql } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { DraftLine } from './stats.ts'
import { refOf } from './stories.ts'
import type { TicketRef } from './stories.ts'

/** Where a page of drafts begins: below this one. The key decides between drafts of one second. */
export interface DraftPlace { at: Instant, key: string }

export interface DraftPage { lines: DraftLine[], older: DraftPlace | null }

/** A page of drafts, newest first; `older` is where the next page begins, null on the last one. */
export async function listDraftPage (db: Db, most: number, before: DraftPlace | null = null): Promise<DraftPage> {
  let query = db.selectFrom('draft as d')
    .leftJoin('effect as e', join => join.on('e.kind', '=', 'note').onRef('e.connection', '=', 'd.connection')
      .onRef('e.ticket_id', '=', 'd.ticket_id').onRef('e.cause', '=', 'd.question_id'))
    .selectAll('d').select(['e.state', 'e.reason as note_reason'])
    .orderBy('d.asked_at', 'desc').orderBy('d.key', 'desc').limit(most + 1)
  if (before !== null) {
    query = query.where(
      sql<boolean>`(d.asked_at, d.key) < (${before.at}::timestamptz, ${before.key})`
    )
  }
  const rows = await query.execute()
  const lines = rows.slice(0, most).map((r): DraftLine => ({
    connection: r.connection, ticketId: r.ticket_id, questionId: r.question_id, key: r.key,
    askedAt: instantOf(r.asked_at), topic: r.topic, language: r.language, text: r.text, score: r.score,
    threshold: r.threshold, action: r.action, reason: r.reason, outcome: r.outcome, seen: r.seen,
    similarity: r.similarity, notedAt: r.noted_at === null ? null : instantOf(r.noted_at), noteState: r.state,
    noteReason: r.note_reason
  }))
  const last = lines.at(-1)
  return { lines, older: rows.length > most && last !== undefined ? { at: last.askedAt, key: last.key } : null }
}

/** For how many questions there was a text to propose, shown or not. */
export async function countProposed (db: Db): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from draft where text <> ''`.execute(db)
  return Number(rows[0]?.n ?? 0)
}

export interface NoteProgress {
  state: string, reason: string | null, attempts: number, updatedAt: Instant
  copies: number                                    // second copies that were found and removed
}

/** How far the note of a question has come; null when none was asked for. */
export async function findNoteProgress (db: Db, ref: TicketRef, questionId: string): Promise<NoteProgress | null> {
  const row = await db.selectFrom('effect').select(['state', 'reason', 'attempts', 'updated_at', 'copies'])
    .where('kind', '=', 'note').where('connection', '=', ref.connection).where('ticket_id', '=', ref.ticketId)
    .where('cause', '=', questionId).executeTakeFirst()
  if (row === undefined) return null
  const { state, reason, attempts, copies } = row
  return { state, reason, attempts, updatedAt: instantOf(row.updated_at), copies }
}

export interface StoppedNote extends TicketRef { key: string, reason: string }

/** The latest notes that could not be written and wait for a person. */
export async function listStopped (db: Db, most: number): Promise<StoppedNote[]> {
  const rows = await db.selectFrom('effect').select(['connection', 'ticket_id', 'marker', 'reason'])
    .where('kind', '=', 'note').where('state', '=', 'parked').orderBy('updated_at', 'desc').orderBy('marker').limit(most).execute()
  return rows.map(r => (
    { connection: r.connection, ticketId: r.ticket_id, key: r.marker, reason: r.reason ?? 'no reason was given' }
  ))
}

export interface SignalLine { kind: string, value: number, weight: number, at: Instant }

/** What a draft turned out to be worth, in the order in which it was learned. */
export async function listSignals (db: Db, ref: TicketRef, questionId: string): Promise<SignalLine[]> {
  const rows = await db.selectFrom('signal').select(['kind', 'value', 'weight', 'at'])
    .where('connection', '=', ref.connection).where('ticket_id', '=', ref.ticketId)
    .where('question_id', '=', questionId).orderBy('at').orderBy('step').execute()
  return rows.map(r => ({ kind: r.kind, value: r.value, weight: r.weight, at: instantOf(r.at) }))
}

/** The key of the first draft of each ticket, by `refOf`; tickets without a draft are left out. */
export async function findDraftKeys (db: Db, refs: TicketRef[]): Promise<Record<string, string>> {
  if (refs.length === 0) return {}
  const { rows } = await sql<{ connection: string, ticket_id: string, key: string }>`
    select distinct on (d.connection, d.ticket_id) d.connection, d.ticket_id, d.key
    from unnest(
      ${refs.map(r => r.connection)}::text[], ${refs.map(r => r.ticketId)}::text[]
    ) as n (connection, ticket_id)
    join draft d on d.connection = n.connection and d.ticket_id = n.ticket_id
    order by d.connection, d.ticket_id, d.asked_at`.execute(db)
  return Object.fromEntries(rows.map(r => [refOf({ connection: r.connection, ticketId: r.ticket_id }), r.key]))
}
