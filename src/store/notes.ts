// The notes of a turn: at most one of them is alive. A further draft takes the place of what stands there.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import type { TicketRef } from './stories.ts'

type Reader = Db | Transaction<Database>

export interface LiveNote { key: string, text: string, state: 'pending' | 'inflight' | 'done', tried: boolean }

/** Notes of these questions that stand in the ticket or are on their way there, and were not replaced. */
export async function listLiveNotes (
  trx: Transaction<Database>, ref: TicketRef, questionIds: string[]
): Promise<LiveNote[]> {
  if (questionIds.length === 0) return []
  const { rows } = await sql<LiveNote>`
    select d.key, d.text, e.state, e.attempts > 0 as tried
    from draft d join effect e on e.kind = 'note' and e.connection = d.connection and e.ticket_id = d.ticket_id
      and e.cause = d.question_id and e.state in ('pending', 'inflight', 'done')
    where d.connection = ${ref.connection} and d.ticket_id = ${ref.ticketId} and d.question_id = any(${questionIds})
      and d.replaced_by is null
    order by d.asked_at, d.key`.execute(trx)
  return rows
}

/** Notes that nobody has begun to write are not written any more. Returns the keys of those. */
export async function cancelNotes (trx: Reader, keys: string[], reason: string): Promise<string[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<{ marker: string }>`
    update effect set state = 'skipped', reason = ${reason}, updated_at = now()
    where kind = 'note' and marker = any(${keys}) and state = 'pending' and attempts = 0
    returning marker`.execute(trx)
  return rows.map(r => r.marker)
}

export async function saveReplaced (trx: Reader, keys: string[], by: string, at: Instant): Promise<void> {
  if (keys.length === 0) return
  await sql`update draft set replaced_by = ${by}, replaced_at = ${at}
    where key = any(${keys}) and replaced_by is null`.execute(trx)
}

export interface WrittenNote { key: string, state: string, vendorId: string | null, notedAt: Instant | null }

/** How far the notes of these drafts have come. */
export async function findWritten (db: Reader, keys: string[]): Promise<WrittenNote[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<{ key: string, state: string, vendor_id: string | null, noted_at: Date | null }>`
    select d.key, e.state, e.vendor_id, d.noted_at
    from draft d join effect e on e.kind = 'note' and e.marker = d.key
    where d.key = any(${keys}) order by d.asked_at, d.key`.execute(db)
  return rows.map(r => ({
    key: r.key, state: r.state, vendorId: r.vendor_id, notedAt: r.noted_at === null ? null : instantOf(r.noted_at)
  }))
}

export interface JudgedDraft { questionId: string, key: string, text: string, notedAt: Instant | null }

/**
 * The drafts of a turn that its reply judges, by the messages that name them: the last one, which is what the mind has
 * proposed, and before it one whose note still stands, because that is what the agent has read. A draft that a language
 * model has worded is judged by those words.
 */
export async function listJudged (trx: Reader, ref: TicketRef, questionIds: string[]): Promise<JudgedDraft[]> {
  const { rows } = await sql<{ question_id: string, key: string, text: string, noted_at: Date | null, replaced: boolean }>`
    select d.question_id, d.key, coalesce(w.text, d.text) as text, d.noted_at, d.replaced_by is not null as replaced
    from draft d left join draft_wording w on w.key = d.key and w.state = 'worded'
    where d.connection = ${ref.connection} and d.ticket_id = ${ref.ticketId} and d.question_id = any(${questionIds})
    order by d.asked_at, d.key`.execute(trx)
  return rows.filter((r, i) => i === rows.length - 1 || (r.noted_at !== null && !r.replaced)).map(r => ({
    questionId: r.question_id, key: r.key, text: r.text, notedAt: r.noted_at === null ? null : instantOf(r.noted_at)
  }))
}
