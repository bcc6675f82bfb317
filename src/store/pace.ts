// The turns of an account, shared by every process that speaks to it: one row, one atomic statement, the database's own
// clock. A ready-made limiter was looked at (rate-limiter-flexible 11.4.0): it counts fixed windows by the clock of each
// process and knows neither a reserve for live traffic nor a hold for the whole account, so each call would take three
// statements instead of one.
import { sql } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'

/**
 * The bucket of one account: what it holds, what of it is kept for live traffic, how fast it fills. In any window as long
 * as the vendor's no more than `budget` calls go out.
 */
export interface PaceBucket { budget: number, holds: number, reserve: number, perMs: number, windowMs: number }

export interface PaceTurn {
  live: number, backfill: number, probe: boolean, tokens: number, heldMs: number, restMs: number, othersMs: number
  planLimit: number | null
}

export async function ensurePace (db: Db, connection: string): Promise<void> {
  // More than any bucket holds: the first turn cuts it down to a full one.
  await sql`insert into pace (connection, tokens) values (${connection}, 1e9) on conflict do nothing`.execute(db)
}

/** Takes as many turns as there are, live ones first; null when the account has no row (any more). */
export async function takePaceTurns (
  db: Db, connection: string, b: PaceBucket, want: { live: number, backfill: number, debt: number }, probeMs: number
): Promise<PaceTurn | null> {
  const { rows } = await sql<{
    live: number, backfill: number, probe: boolean, tokens: number, held: number, rest: number, others: number,
    plan_limit: number | null
  }>`
    with here as (
      select p.connection, p.plan_limit, p.rest_until, clock_timestamp() as at, p.filled_at,
        least(${b.holds}::float8, p.tokens
          + ${b.perMs}::float8 * greatest(0, extract(epoch from clock_timestamp() - p.filled_at)::float8 * 1000)) - ${want.debt}::float8 as tokens,
        p.slot, p.used, p.held_until, p.backfill_until
      from pace p where p.connection = ${connection} for update),
    waits as (
      select h.*, greatest(0, coalesce(extract(epoch from h.held_until - h.at)::float8 * 1000, 0)) as held,
        greatest(0, coalesce(extract(epoch from h.rest_until - h.at)::float8 * 1000, 0)) as rest,
        greatest(0, coalesce(extract(epoch from h.backfill_until - h.at)::float8 * 1000, 0)) as others,
        floor(extract(epoch from h.at)::float8 * 1000 / ${b.windowMs}::float8)::bigint as new_slot
      from here h),
    probes as (
      select w.*, w.held > 0 or w.rest > 0 as stopped,
        w.rest_until is not null and w.held = 0 and w.rest = 0 and ${want.live + want.backfill}::int > 0 as probe
      from waits w),
    lives as (
      select p.*, case
        when p.stopped then 0
        when p.probe then least(1, ${want.live}::int)
        else greatest(0, least(${want.live}::int, floor(p.tokens)::int)) end as live
      from probes p),
    turns as (
      select l.*, case
        when l.stopped then 0
        when l.probe then 1 - l.live
        when l.others > 0 then 0
        else greatest(0, least(${want.backfill}::int, floor(l.tokens - l.live - ${b.reserve}::float8)::int)) end as backfill
      from lives l)
    update pace set tokens = t.tokens - t.live - t.backfill, filled_at = greatest(t.at, t.filled_at), budget = ${b.budget}::float8,
      rest_until = case when t.probe then t.at + ${probeMs}::float8 * interval '1 millisecond' else t.rest_until end,
      slot = t.new_slot, used = case when t.slot = t.new_slot then t.used else 0 end + t.live + t.backfill + ${want.debt}::float8
    from turns t where pace.connection = t.connection
    returning t.live, t.backfill, t.probe, pace.tokens, t.held, case when t.probe then ${probeMs}::float8 else t.rest end as rest,
      t.others, t.plan_limit`.execute(db)
  const [row] = rows
  if (row === undefined) return null
  return {
    live: row.live, backfill: row.backfill, probe: row.probe, tokens: row.tokens, heldMs: row.held, restMs: row.rest,
    othersMs: row.others, planLimit: row.plan_limit
  }
}

/** What the vendor's headers said of the account, and what follows from it: a bucket as full as the one before. */
export async function savePaceQuota (
  db: Db, connection: string, q: { limit: number, remaining: number, budget: number }
): Promise<void> {
  await sql`update pace set plan_limit = ${q.limit}, remaining = ${q.remaining}, budget = ${q.budget},
    tokens = case when budget > 0 then tokens * ${q.budget} / budget else tokens end where connection = ${connection}`.execute(db)
}

/** Nobody calls before (`all`), or only backfill waits. A hold is never made shorter. */
export async function holdPace (
  db: Db, connection: string, of: 'all' | 'backfill', waitMs: number, why: string
): Promise<void> {
  const until = sql`clock_timestamp() + ${waitMs}::float8 * interval '1 millisecond'`
  if (of === 'all') {
    await sql`update pace set held_until = greatest(held_until, ${until}), held_why = ${why} where connection = ${connection}`.execute(db)
  } else {
    await sql`update pace set backfill_until = greatest(backfill_until, ${until}) where connection = ${connection}`.execute(db)
  }
}

/** The account rests: nobody speaks to it, then one call tries. Each further rest in a row is longer; returns how long. */
export async function restPace (
  db: Db, connection: string, waitsMs: number[], why: string, again: boolean
): Promise<number> {
  // Two processes may notice the same breakdown: only the first one makes it rest.
  const { rows } = await sql<{ wait: number }>`
    update pace set rests = rests + 1, rest_why = ${why},
      rest_until = clock_timestamp() + (${waitsMs}::float8[])[least(rests + 1, ${waitsMs.length}::int)] * interval '1 millisecond'
    where connection = ${connection} and (${again} or rest_until is null)
    returning extract(epoch from rest_until - clock_timestamp())::float8 * 1000 as wait`.execute(db)
  return rows[0]?.wait ?? 0
}

/** It works again. */
export async function wakePace (db: Db, connection: string): Promise<void> {
  await sql`update pace set rest_until = null, rest_why = null, rests = 0 where connection = ${connection}`.execute(db)
}

/** For people: how much of its budget an account has used, and why nobody speaks to it. */
export interface PaceHealth {
  limit: number | null, remaining: number | null, budget: number, used: number
  restingUntil: Instant | null, restingWhy: string | null, heldUntil: Instant | null, heldWhy: string | null
  backfillUntil: Instant | null
}

export async function listPaces (db: Db): Promise<Map<string, PaceHealth>> {
  const { rows } = await sql<{
    connection: string, plan_limit: number | null, remaining: number | null, budget: number, used: number
    rest_until: Date | null, rest_why: string | null, held_until: Date | null, held_why: string | null
    backfill_until: Date | null
  }>`select connection, plan_limit, remaining, budget,
      case when filled_at > now() - interval '1 minute' then used else 0 end as used, rest_until, rest_why,
      case when held_until > now() then held_until end as held_until, held_why,
      case when backfill_until > now() then backfill_until end as backfill_until from pace`.execute(db)
  const at = (date: Date | null): Instant | null => date === null ? null : instantOf(date)
  return new Map(rows.map(r => [r.connection, {
    limit: r.plan_limit, remaining: r.remaining, budget: Math.round(r.budget), used: Math.round(r.used),
    restingUntil: at(r.rest_until), restingWhy: r.rest_why, heldUntil: at(r.held_until),
    heldWhy: r.held_until === null ? null : r.held_why, backfillUntil: at(r.backfill_until)
  }]))
}
