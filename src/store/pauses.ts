// Accounts that may not be written to at present. One that refused our token is written to again as soon as it takes it;
// one that showed a note in public waits for a person.
import { sql } from 'kysely'
import type { Db } from './db.ts'

export type PauseKind = 'public' | 'refused'

/** Stops every write of an account; true when it was not stopped before. What is public outranks a refused token. */
export async function pauseAccount (db: Db, account: string, kind: PauseKind, why: string): Promise<boolean> {
  const { rows } = await sql<{ fresh: boolean }>`
    insert into account_pause as p (account, kind, why) values (${account}, ${kind}, ${why})
    on conflict (account) do update set kind = excluded.kind, why = excluded.why, paused_at = now()
      where p.kind = 'refused' and excluded.kind = 'public'
    returning true as fresh`.execute(db)
  return rows.length > 0
}

export async function resumeAccount (db: Db, account: string): Promise<void> {
  await db.deleteFrom('account_pause').where('account', '=', account).execute()
}

export async function isPaused (db: Db, account: string): Promise<boolean> {
  const row = await db.selectFrom('account_pause').select('account').where('account', '=', account).executeTakeFirst()
  return row !== undefined
}
