// What the tests of the effect machine share: a draft and its effect as the thinker writes them, and time that passes by
// moving the rows' own times back.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../../src/store/db.ts'
import { recordDraft } from '../../src/store/drafts.ts'
import { recordEffect } from '../../src/store/effects.ts'
import { makeKey } from '../../src/work/key.ts'

export const ASKED_AT = '2026-10-05T07:30:15Z'

let made = 0

export interface Decided { ticketId: string, key: string, id: string }

/** A draft and the effect that follows from it, in one transaction as the thinker writes them. */
export async function decide (
  db: Db, { connection = 'quay', ticketId = String(900 + ++made), basis = 'm-1' } = {}
): Promise<Decided> {
  const key = makeKey()
  const id = randomUUID()
  const cause = `m-${++made}`
  await db.transaction().execute(async trx => {
    await recordDraft(trx, {
      connection, ticketId, questionId: cause, key, askedAt: ASKED_AT, basis, language: 'en',
      text: 'Hello,\n\nberth nine is free.', topic: 'berth', score: 0.9, threshold: 0.5, action: 'note', reason: 'sure', sources: []
    })
    await recordEffect(trx, { id, kind: 'note', connection, ticketId, cause, marker: key, payload: {}, skipped: null })
  })
  return { ticketId, key, id }
}

export async function pass (db: Db, seconds: number): Promise<void> {
  await sql`update effect set not_before = not_before - ${seconds} * interval '1 second',
    updated_at = updated_at - ${seconds} * interval '1 second', created_at = created_at - ${seconds} * interval '1 second',
    unclear_at = unclear_at - ${seconds} * interval '1 second', recheck_at = recheck_at - ${seconds} * interval '1 second'`.execute(db)
  await sql`update account_pause set probed_at = probed_at - ${seconds} * interval '1 second'`.execute(db)
}

export interface EffectLine {
  state: string, reason: string | null, attempts: number, vendor_id: string | null, unclear_at: Date | null
  copies: number, left: number
}

/** `left`: seconds until it may be tried again. */
export async function rowOf (db: Db, key: string): Promise<EffectLine> {
  const { rows } = await sql<EffectLine>`select state, reason, attempts, vendor_id, unclear_at, copies,
    extract(epoch from not_before - now())::float8 as left from effect where marker = ${key}`.execute(db)
  const [row] = rows
  if (row === undefined) throw new Error(`there is no effect ${key}`)
  return row
}
