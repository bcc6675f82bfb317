// What the mind has learned from, in order, and the snapshots that save reading it all again.
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import { RetryLater } from '../errors.ts'
import type { Instant } from '../types.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'

const pack = promisify(gzip)
const unpack = promisify(gunzip)

export interface Thought { seq: number, connection: string, ticketId: string, step: string, rev: number }

/**
 * One process at a time thinks. Held until the transaction ends. Asked for again and again instead of waited for: the
 * other may think for longer than the database lets anybody wait for a lock.
 */
export async function lockMind (trx: Transaction<Database>): Promise<void> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    const { rows } = await sql<{ got: boolean }>`
      select pg_try_advisory_xact_lock(hashtext('deskloop mind')) as got`.execute(trx)
    if (rows[0]?.got === true) return
    await sleep(LOCK_PAUSE_MS)
  }
  throw new RetryLater('somebody else has been thinking for a minute', LOCK_PAUSE_MS)
}

const LOCK_PAUSE_MS = 50
const LOCK_TRIES = 1_200

/** Adds thoughts in their order; returns the number of the last one. */
export async function recordThoughts (
  trx: Transaction<Database>,
  thoughts: Array<{ connection: string, ticketId: string, step: string, rev: number, at: Instant }>
): Promise<number> {
  const { rows } = await sql<{ seq: string }>`
    insert into thought (connection, ticket_id, step, rev, at)
    select n.connection, n.ticket_id, n.step, n.rev, n.at
    from unnest(${thoughts.map(t => t.connection)}::text[], ${thoughts.map(t => t.ticketId)}::text[], ${thoughts.map(t => t.step)}::text[],
                ${thoughts.map(t => t.rev)}::int[], ${thoughts.map(t => t.at)}::timestamptz[])
         with ordinality as n (connection, ticket_id, step, rev, at, i) order by n.i returning seq`.execute(trx)
  return Math.max(0, ...rows.map(r => Number(r.seq)))
}

export async function listThoughts (db: Db | Transaction<Database>, after: number, most: number): Promise<Thought[]> {
  const rows = await db.selectFrom('thought').select(['seq', 'connection', 'ticket_id', 'step', 'rev'])
    .where('seq', '>', String(after)).orderBy('seq').limit(most).execute()
  return rows.map(r => (
    { seq: Number(r.seq), connection: r.connection, ticketId: r.ticket_id, step: r.step, rev: r.rev }
  ))
}

/** The newest snapshot of a form that we can read; null when there is none and all thoughts must be read again. */
export async function findSnapshot (
  db: Db | Transaction<Database>, name: string, version: number
): Promise<{ seq: number, state: unknown } | null> {
  const row = await db.selectFrom('mind').selectAll().where('name', '=', name).executeTakeFirst()
  if (row === undefined || row.version !== version) return null
  return { seq: Number(row.seq), state: JSON.parse((await unpack(row.state)).toString('utf8')) }
}

export async function saveSnapshot (
  db: Db | Transaction<Database>, name: string, version: number, seq: number, state: unknown
): Promise<void> {
  const packed = await pack(JSON.stringify(state), { level: 1 })
  await sql`
    insert into mind (name, seq, version, state) values (${name}, ${seq}, ${version}, ${packed})
    on conflict (name) do update set seq = excluded.seq, version = excluded.version, state = excluded.state,
    taken_at = now()
    where mind.version <> excluded.version or mind.seq < excluded.seq`.execute(db)
}
