// Connections, their cursors, and the clock of a replay.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'

const DOOR = 'door'

export async function saveConnection (db: Db, name: string, connector: string): Promise<void> {
  await sql`insert into connection (name, connector) values (${name}, ${connector})
    on conflict (name) do update set connector = excluded.connector`.execute(db)
}

export async function findCreated (db: Db | Transaction<Database>, name: string): Promise<Instant | null> {
  const row = await db.selectFrom('connection').select('created_at').where('name', '=', name).executeTakeFirst()
  return row === undefined ? null : instantOf(row.created_at)
}

export async function findCursor (db: Db, connection: string, name: string): Promise<string | null> {
  const row = await db.selectFrom('cursor').select('value').where(
    'connection', '=', connection
  ).where('name', '=', name).executeTakeFirst()
  return row?.value ?? null
}

export async function saveCursor (
  db: Db | Transaction<Database>, connection: string, name: string, value: string
): Promise<void> {
  await sql`insert into cursor (connection, name, value) values (${connection}, ${name}, ${value})
    on conflict (connection, name) do update set value = excluded.value, at = now()`.execute(db)
}

/** Takes the turn of something that one process does for all, every so often; false: it is not its time yet. */
export async function claimTurn (db: Db, connection: string, name: string, everyMs: number): Promise<boolean> {
  const { rows } = await sql`
    insert into cursor (connection, name, value) values (${connection}, ${name}, 'turn')
    on conflict (connection, name) do update set at = now()
      where cursor.at <= now() - ${everyMs} * interval '1 millisecond'
    returning 1`.execute(db)
  return rows.length > 0
}

/** It could not be done: whoever comes next may try. */
export async function giveBackTurn (db: Db, connection: string, name: string): Promise<void> {
  await sql`delete from cursor where connection = ${connection} and name = ${name}`.execute(db)
}

/** The address that a helpdesk was told to deliver to; null when nobody connected it, or it was disconnected. */
export async function findDoor (db: Db, name: string): Promise<string | null> {
  return await findCursor(db, name, DOOR) || null
}

export async function saveDoor (db: Db, name: string, door: string | null): Promise<void> {
  await saveCursor(db, name, DOOR, door ?? '')
}

/** What was mended at a helpdesk, or could not be: the same sentence is written down once a day. */
export async function recordRepair (db: Db, name: string, message: string): Promise<void> {
  await sql`insert into failure (work, connection, message)
    select 'provision', ${name}, ${message} where not exists (
      select 1 from failure where work = 'provision' and connection = ${name} and message = ${message} and at > now() - interval '1 day'
    )`.execute(db)
}

/** The present while an archive is replayed; null before anybody told it. */
export async function findClock (db: Db | Transaction<Database>): Promise<Instant | null> {
  const row = await db.selectFrom('clock').select('at').executeTakeFirst()
  return row === undefined ? null : instantOf(row.at)
}

/** Time only goes forward. */
export async function saveClock (db: Db, at: Instant): Promise<void> {
  await sql`insert into clock (at) values (${at}) on conflict (one) do update set at = greatest(clock.at, excluded.at)`.execute(db)
}
