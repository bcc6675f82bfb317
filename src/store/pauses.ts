// Accounts that may not be written to at present, and the alarms of those that showed a note in public. One that refused
// our token is written to again as soon as it takes it; a public note waits for a person, who leaves his name and reason.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'

export type PauseKind = 'public' | 'refused'

export interface Pause { account: string, kind: PauseKind, why: string, pausedAt: Instant }

export interface NoteAlarm { id: string, at: Instant, account: string, ticketId: string | null, why: string }

/** Who did something, and why: both are kept. */
export interface Decision { who: string, why: string }

/** Stops every write of an account; true when it was not stopped before. What is public outranks a refused token. */
export async function pauseAccount (
  db: Db | Transaction<Database>, account: string, kind: PauseKind, why: string
): Promise<boolean> {
  const { rows } = await sql`
    insert into account_pause as p (account, kind, why) values (${account}, ${kind}, ${why})
    on conflict (account) do update set kind = excluded.kind, why = excluded.why, paused_at = now()
      where p.kind = 'refused' and excluded.kind = 'public'
    returning 1`.execute(db)
  return rows.length > 0
}

export async function listPauses (db: Db): Promise<Pause[]> {
  const rows = await db.selectFrom('account_pause').selectAll().orderBy('account').execute()
  return rows.map(r => ({ account: r.account, kind: r.kind, why: r.why, pausedAt: instantOf(r.paused_at) }))
}

export async function findPause (db: Db, account: string): Promise<Pause | null> {
  return (await listPauses(db)).find(pause => pause.account === account) ?? null
}

/** Accounts whose token is worth another try; whoever takes one leaves it to himself for so long. */
export async function claimProbes (db: Db, everyMs: number): Promise<string[]> {
  const { rows } = await sql<{ account: string }>`
    update account_pause set probed_at = now()
    where kind = 'refused' and probed_at <= now() - ${everyMs} * interval '1 millisecond' returning account`.execute(db)
  return rows.map(r => r.account)
}

/** The token is taken again. What a person must end stays as it is. */
export async function endRefused (db: Db, account: string): Promise<boolean> {
  const gone = await db.deleteFrom('account_pause').where('account', '=', account).where('kind', '=', 'refused')
    .executeTakeFirst()
  return gone.numDeletedRows > 0n
}

/** A person lets an account write again; its alarms are cleared with it. False when it was not stopped. */
export async function resumeAccount (db: Db, account: string, decision: Decision): Promise<boolean> {
  return await db.transaction().execute(async trx => {
    const gone = await trx.deleteFrom('account_pause').where('account', '=', account).executeTakeFirst()
    if (gone.numDeletedRows === 0n) return false
    await sql`update note_alarm set cleared_at = now() where account = ${account} and cleared_at is null`.execute(trx)
    await recordAudit(trx, 'resume', account, decision)
    return true
  })
}

/** A note was seen in public: everything of its account stops, and a person is called. */
export async function raiseAlarm (
  db: Db, alarm: { account: string, ticketId: string, effectId: string, why: string }
): Promise<void> {
  await db.transaction().execute(async trx => {
    await pauseAccount(trx, alarm.account, 'public', alarm.why)
    await trx.insertInto('note_alarm').values({
      account: alarm.account, ticket_id: alarm.ticketId, effect_id: alarm.effectId, why: alarm.why
    }).execute()
  })
}

export async function listNoteAlarms (db: Db): Promise<NoteAlarm[]> {
  const rows = await db.selectFrom('note_alarm').selectAll().where('cleared_at', 'is', null).orderBy('at').limit(20).execute()
  return rows.map(r => ({ id: r.id, at: instantOf(r.at), account: r.account, ticketId: r.ticket_id, why: r.why }))
}

/** A person has looked. With the last alarm of an account its writes go on. Null: there is no such open alarm. */
export async function clearAlarm (
  db: Db, id: string, decision: Decision
): Promise<{ account: string, resumed: boolean } | null> {
  return await db.transaction().execute(async trx => {
    const { rows } = await sql<{ account: string }>`
      update note_alarm set cleared_at = now() where id = ${id}::bigint and cleared_at is null returning account`.execute(trx)
    const account = rows[0]?.account
    if (account === undefined) return null
    await recordAudit(trx, 'clear-alarm', `${account} alarm ${id}`, decision)
    const { rows: ended } = await sql`
      delete from account_pause p where p.account = ${account} and p.kind = 'public'
        and not exists (select 1 from note_alarm a where a.account = p.account and a.cleared_at is null) returning 1`.execute(trx)
    return { account, resumed: ended.length > 0 }
  })
}

export async function recordAudit (
  db: Db | Transaction<Database>, action: string, subject: string, { who, why }: Decision
): Promise<void> {
  await db.insertInto('audit').values({ who, action, subject, why }).execute()
}
