// Presses in Slack, each kept until it was carried out: whoever was answered need not press again, whatever dies meanwhile.
// The same press by two roads, or sent twice, is one row.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Db } from './db.ts'
import type { Database, PressAct } from './schema.ts'

export interface Press {
  source: string                                    // names the press: Slack's own id of it
  anomaly: string
  by: string
  user: string                                      // whom to tell when nothing came of it; empty: nobody
  act: PressAct
}

/** False: it is known already. */
export async function recordPress (db: Db, { source, anomaly, by, user, act }: Press): Promise<boolean> {
  const { rows } = await sql`
    insert into press (source, anomaly_id, by, user_id, act)
    values (${source}, ${anomaly}, ${by}, ${user}, ${JSON.stringify(act)}::jsonb)
    on conflict do nothing returning 1`.execute(db)
  return rows.length > 0
}

/**
 * Takes a press that waits, this one or the oldest, for the length of the transaction: whoever dies lets go of it. Null:
 * there is none, or somebody else has it.
 */
export async function takePress (
  trx: Transaction<Database>, source: string | null
): Promise<Press & { attempts: number } | null> {
  const row = await trx.selectFrom('press').select(['source', 'anomaly_id', 'by', 'user_id', 'act', 'attempts'])
    .where('ended_at', 'is', null).where('not_before', '<=', sql<Date>`now()`)
    .$if(source !== null, query => query.where('source', '=', source ?? ''))
    .orderBy('at').orderBy('source').limit(1).forUpdate().skipLocked().executeTakeFirst()
  if (row === undefined) return null
  const { anomaly_id: anomaly, user_id: user, by, act, attempts } = row
  return { source: row.source, anomaly, by, user, act, attempts }
}

export async function endPress (db: Db | Transaction<Database>, source: string, said: string | null): Promise<void> {
  await db.updateTable('press').set({ ended_at: sql`now()`, said }).where('source', '=', source)
    .where('ended_at', 'is', null).execute()
}

/** It failed, and is tried again after a wait. */
export async function delayPress (db: Db, source: string, waitMs: number): Promise<void> {
  await sql`update press set attempts = attempts + 1, not_before = now() + ${waitMs} * interval '1 millisecond'
    where source = ${source} and ended_at is null`.execute(db)
}

/** Forgets what ended that long ago; each move that it made is kept with its anomaly. */
export async function forgetPresses (db: Db, days: number): Promise<void> {
  await sql`delete from press where ended_at < now() - ${days} * interval '1 day'`.execute(db)
}
