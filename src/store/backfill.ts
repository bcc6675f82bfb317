// What is being read back from a helpdesk, one row per connection: where it is, what it has cost, who is at it.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import type { TicketRef } from './stories.ts'

export type Part = 'recent' | 'older' | 'done'

export interface Backfill {
  connection: string
  since: Instant
  border: Instant                                   // what changed from here on is read first
  part: Part
  cursor: string | null
  reached: Instant | null
  pageSize: number | null
  goodPages: number
  planned: number | null                            // tickets, as the helpdesk counts them
  plannedCalls: number | null
  fetched: number
  stored: number
  calls: number
  waits: number
  failures: number
  lastError: string | null
  activeMs: number
  notBefore: Instant
  isWorked: boolean                                 // somebody is at it now
  startedAt: Instant
  usableAt: Instant | null
  finishedAt: Instant | null
}

type Row = Database['backfill']
type Trx = Db | Transaction<Database>

/** Begins one; what is under way for the same time goes on where it is. A finished one, or another time, begins anew. */
export async function beginBackfill (db: Db, connection: string, since: Instant, border: Instant): Promise<void> {
  await sql`
    insert into backfill (connection, since, border, part) values (${connection}, ${since}, ${border}, 'recent')
    on conflict (connection) do update set
      since = excluded.since, border = excluded.border, part = 'recent', cursor = null, reached = null, planned = null,
      planned_calls = null, fetched = 0, stored = 0, calls = 0, waits = 0, failures = 0, last_error = null, active_ms = 0,
      not_before = now(), started_at = now(), usable_at = null, finished_at = null, lease = null, leased_until = null,
      page_size = null, good_pages = 0
    where backfill.part = 'done' or backfill.since <> excluded.since`.execute(db)
}

export async function findBackfill (db: Trx, connection: string): Promise<Backfill | null> {
  return (await listBackfills(db)).find(one => one.connection === connection) ?? null
}

export async function listBackfills (db: Trx): Promise<Backfill[]> {
  const rows = await db.selectFrom('backfill').selectAll().orderBy('connection').execute()
  return rows.map(row => ({
    connection: row.connection,
    since: instantOf(row.since),
    border: instantOf(row.border),
    part: row.part,
    cursor: row.cursor,
    reached: maybe(row.reached),
    pageSize: row.page_size,
    goodPages: row.good_pages,
    planned: row.planned,
    plannedCalls: row.planned_calls,
    fetched: row.fetched,
    stored: row.stored,
    calls: row.calls,
    waits: row.waits,
    failures: row.failures,
    lastError: row.last_error,
    activeMs: Number(row.active_ms),
    notBefore: instantOf(row.not_before),
    isWorked: row.leased_until !== null && row.leased_until.getTime() > Date.now(),
    startedAt: instantOf(row.started_at),
    usableAt: maybe(row.usable_at),
    finishedAt: maybe(row.finished_at)
  }))
}

/** Takes it for this worker alone, or renews that; false while another has it, or it is not due. */
export async function leaseBackfill (db: Db, connection: string, lease: string, seconds: number): Promise<boolean> {
  const { rows } = await sql<{ connection: string }>`
    update backfill set lease = ${lease}, leased_until = now() + make_interval(secs => ${seconds})
    where connection = ${connection} and part <> 'done' and (lease = ${lease} or leased_until is null or leased_until < now())
      and (lease = ${lease} or not_before <= now())
    returning connection`.execute(db)
  return rows.length > 0
}

/** Gives it back; `waitMs`: nobody takes it before. */
export async function releaseBackfill (db: Db, connection: string, lease: string, waitMs: number): Promise<void> {
  await sql`update backfill set lease = null, leased_until = null, not_before = now() + make_interval(secs => ${waitMs / 1000})
    where connection = ${connection} and lease = ${lease}`.execute(db)
}

export type Change = Partial<Pick<Row, 'cursor' | 'part' | 'page_size' | 'planned' | 'planned_calls' | 'last_error'>> & {
  reached?: Instant, usable_at?: Date, finished_at?: Date, good_pages?: number, failures?: number
}

/** What is added to the counters. */
export interface Spent { fetched?: number, stored?: number, calls?: number, waits?: number, activeMs?: number }

/** Throws when it is no longer this worker's: nothing of its page may then be committed. */
export async function saveBackfill (
  db: Trx, connection: string, lease: string, change: Change, spent: Spent
): Promise<void> {
  const { reached, part, usable_at: usable, finished_at: finished, good_pages: good, failures, ...plain } = change
  const rows = await db.updateTable('backfill').set({
    ...plain,
    ...(part === undefined ? {} : { part }),
    ...(reached === undefined ? {} : { reached }),
    ...(usable === undefined ? {} : { usable_at: usable }),
    ...(finished === undefined ? {} : { finished_at: finished }),
    ...(good === undefined ? {} : { good_pages: good }),
    ...(failures === undefined ? {} : { failures }),
    fetched: sql`fetched + ${spent.fetched ?? 0}`,
    stored: sql`stored + ${spent.stored ?? 0}`,
    calls: sql`calls + ${spent.calls ?? 0}`,
    waits: sql`waits + ${spent.waits ?? 0}`,
    active_ms: sql`active_ms + ${Math.round(spent.activeMs ?? 0)}`
  }).where('connection', '=', connection).where('lease', '=', lease).returning('connection').execute()
  if (rows.length === 0) throw new LeaseLost(connection)
}

export class LeaseLost extends Error {
  constructor (connection: string) {
    super(`the backfill of ${connection} was taken over by another worker, or begun anew`)
    this.name = 'LeaseLost'
  }
}

/** How many tickets of a span we hold, by the time they were opened. */
export async function countOpened (db: Trx, connection: string, from: Instant, to: Instant): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(distinct ticket_id)::int as n from event
    where connection = ${connection} and kind = 'opened' and at >= ${from} and at < ${to}`.execute(db)
  return rows[0]?.n ?? 0
}

/** Which of these tickets are known already. */
export async function listKnown (db: Trx, connection: string, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const { rows } = await sql<{ id: string }>`select ticket_id as id from ticket
    where connection = ${connection} and ticket_id = any(${ids}::text[])`.execute(db)
  return new Set(rows.map(row => row.id))
}

/**
 * Keeps tickets of the history from being thought about, until their part is whole. One that something happened to since
 * `startedAt`, or that was thought about before, is left free.
 */
export async function holdTickets (
  trx: Transaction<Database>, refs: TicketRef[], startedAt: Instant, late: boolean
): Promise<void> {
  if (refs.length === 0) return
  await sql`update ticket t set held = true, late = t.late or ${late}
    from unnest(${refs.map(r => r.connection)}::text[], ${refs.map(r => r.ticketId)}::text[]) as n (connection, ticket_id)
    where t.connection = n.connection and t.ticket_id = n.ticket_id and t.last_at < ${startedAt}
      and not exists (select 1 from thought h where h.connection = t.connection and h.ticket_id = t.ticket_id)`.execute(trx)
}

/** Sets them free, all at once: the oldest step of all of them is then taken first. */
export async function freeTickets (trx: Trx, connection: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`with freed as (
      update ticket set held = false where connection = ${connection} and held returning 1
    ) select count(*)::int as n from freed`.execute(trx)
  return rows[0]?.n ?? 0
}

function maybe (at: Date | null): Instant | null {
  return at === null ? null : instantOf(at)
}
