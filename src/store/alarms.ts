// What is out of the ordinary at a connection: raised once, ended once, and kept.
import { sql } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { AlarmKind } from './schema.ts'

export interface Alarm {
  connection: string, kind: AlarmKind, message: string
  raisedAt: Instant, endedAt: Instant | null, ending: string | null
}

/** True when it was not raised already. */
export async function raiseAlarm (db: Db, connection: string, kind: AlarmKind, message: string): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`insert into alarm (connection, kind, message) values (${connection}, ${kind}, ${message})
    on conflict (connection, kind) where ended_at is null do nothing returning id`.execute(db)
  return rows.length > 0
}

/** True when there was one to end. */
export async function endAlarm (db: Db, connection: string, kind: AlarmKind, ending: string): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`update alarm set ended_at = now(), ending = ${ending}
    where connection = ${connection} and kind = ${kind} and ended_at is null returning id`.execute(db)
  return rows.length > 0
}

export async function findAlarm (db: Db, connection: string, kind: AlarmKind): Promise<Alarm | null> {
  const open = await listAlarms(db, { onlyOpen: true, most: 1000 })
  return open.find(one => one.connection === connection && one.kind === kind) ?? null
}

/** Newest first. */
export async function listAlarms (db: Db, { onlyOpen, most }: { onlyOpen: boolean, most: number }): Promise<Alarm[]> {
  const rows = await db.selectFrom('alarm').selectAll()
    .$if(onlyOpen, query => query.where('ended_at', 'is', null)).orderBy('raised_at', 'desc').limit(most).execute()
  return rows.map(row => ({
    connection: row.connection, kind: row.kind, message: row.message, raisedAt: instantOf(row.raised_at),
    endedAt: row.ended_at === null ? null : instantOf(row.ended_at), ending: row.ending
  }))
}

/** When a webhook last arrived; null: never. */
export async function findLastDelivery (db: Db, connection: string): Promise<Instant | null> {
  const { rows } = await sql<{ at: Date | null }>`select max(received_at) as at from delivery where connection = ${connection}`.execute(db)
  const at = rows[0]?.at ?? null
  return at === null ? null : instantOf(at)
}
