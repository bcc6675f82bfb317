// How far each outlet has been told the stream, why it waits, and what it refused. Whoever holds the lease sends; every
// change asks for the lease again, so that a worker that was thought dead cannot move the place back.
import { sql } from 'kysely'
import type { Instant } from '../types.ts'
import type { Outlet } from '../outside.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import { START, findStreamEnd, partsOf, placeOf } from './stream.ts'

export interface OutletState { place: string, attempts: number, refused: number }

export interface OutletHealth {
  name: string, place: string, delivered: number, attempts: number, refusals: number, failingSince: Instant | null
  lastError: string | null, deliveredAt: Instant | null, nextTryAt: Instant | null
  pausedAt: Instant | null, pausedWhy: string | null
}

const LEASE_SECONDS = 60

/** A new outlet begins where it was told to; one that is known goes on where it stood. */
export async function saveOutlet (db: Db, outlet: Outlet): Promise<void> {
  const { txid, seq } = partsOf(outlet.from === 'start' ? START : await findStreamEnd(db))
  await sql`insert into outlet (name, txid, seq) values (${outlet.name}, ${txid}::text::xid8, ${seq})
    on conflict (name) do nothing`.execute(db)
}

/** The outlet, if it may be sent to now and nobody else does. */
export async function claimOutlet (db: Db, name: string, lease: string): Promise<OutletState | null> {
  const { rows } = await sql<{ txid: string, seq: string, attempts: number, refused: number }>`
    update outlet set lease = ${lease}::uuid, leased_until = now() + ${LEASE_SECONDS} * interval '1 second'
    where name = ${name} and paused_at is null and not_before <= now() and (leased_until is null or leased_until < now())
    returning txid::text as txid, seq, attempts, refused`.execute(db)
  const row = rows[0]
  return row === undefined ? null : { place: placeOf(row.txid, row.seq), attempts: row.attempts, refused: row.refused }
}

export async function releaseOutlet (db: Db, name: string, lease: string): Promise<void> {
  await sql`update outlet set lease = null, leased_until = null where name = ${name} and lease = ${lease}::uuid`.execute(db)
}

/** Everything up to the place is done with; false when the lease was lost. `taken`: the last one was really delivered. */
export async function savePlace (db: Db, name: string, lease: string, place: string, taken: boolean): Promise<boolean> {
  const { txid, seq } = partsOf(place)
  const { rows } = await sql`
    update outlet set txid = ${txid}::text::xid8, seq = ${seq}, attempts = 0,
      leased_until = now() + ${LEASE_SECONDS} * interval '1 second',
      delivered = delivered + ${taken ? 1 : 0}, delivered_at = case when ${taken} then now() else delivered_at end,
      refused = case when ${taken} then 0 else refused end,
      failing_since = case when ${taken} then null else failing_since end,
      last_error = case when ${taken} then null else last_error end
    where name = ${name} and lease = ${lease}::uuid returning 1`.execute(db)
  return rows.length > 0
}

/** One more attempt failed; the same event is tried again after the wait. */
export async function saveFailed (db: Db, name: string, lease: string, waitMs: number, error: string): Promise<void> {
  await sql`
    update outlet set attempts = attempts + 1, not_before = now() + ${waitMs} * interval '1 millisecond',
      failing_since = coalesce(failing_since, now()), last_error = ${error}
    where name = ${name} and lease = ${lease}::uuid`.execute(db)
}

/** The event goes to the list of the refused, and the outlet goes on after it; false when the lease was lost. */
export async function saveRefused (
  db: Db, name: string, lease: string, refusal: { place: string, eventId: string, attempts: number, error: string }
): Promise<boolean> {
  const { txid, seq } = partsOf(refusal.place)
  return await db.transaction().execute(async trx => {
    const { rows } = await sql`
      update outlet set txid = ${txid}::text::xid8, seq = ${seq}, attempts = 0, refused = refused + 1,
        failing_since = coalesce(failing_since, now()), last_error = ${refusal.error}
      where name = ${name} and lease = ${lease}::uuid returning 1`.execute(trx)
    if (rows.length === 0) return false
    await sql`
      insert into outlet_refusal (outlet, txid, seq, event_id, attempts, error)
      values (${name}, ${txid}::text::xid8, ${seq}, ${refusal.eventId}, ${refusal.attempts}, ${refusal.error})
      on conflict (outlet, txid, seq) do update set attempts = excluded.attempts, error = excluded.error, at = now()`.execute(trx)
    return true
  })
}

export async function pauseOutlet (db: Db, name: string, why: string): Promise<void> {
  await sql`update outlet set paused_at = now(), paused_why = ${why} where name = ${name} and paused_at is null`.execute(db)
}

/** Sends again, from where it stood or from another place. Whoever sends to it now loses the lease. */
export async function resumeOutlet (db: Db, name: string, after: string | null): Promise<void> {
  const moved = after === null ? null : partsOf(after)
  await sql`
    update outlet set paused_at = null, paused_why = null, attempts = 0, refused = 0, not_before = now(),
      lease = null, leased_until = null, failing_since = null,
      txid = coalesce(${moved?.txid ?? null}::text::xid8, txid), seq = coalesce(${moved?.seq ?? null}::bigint, seq)
    where name = ${name}`.execute(db)
}

export async function listOutlets (db: Db): Promise<OutletHealth[]> {
  const { rows } = await sql<{
    name: string, txid: string, seq: string, delivered: string, attempts: number, refusals: number
    failing_since: Date | null, last_error: string | null, delivered_at: Date | null, not_before: Date
    paused_at: Date | null, paused_why: string | null
  }>`
    select o.name, o.txid::text as txid, o.seq, o.delivered, o.attempts, o.failing_since, o.last_error, o.delivered_at,
      o.not_before, o.paused_at, o.paused_why,
      (select count(*)::int from outlet_refusal r where r.outlet = o.name) as refusals
    from outlet o order by o.name`.execute(db)
  const orNull = (at: Date | null): Instant | null => at === null ? null : instantOf(at)
  return rows.map(r => ({
    name: r.name,
    place: placeOf(r.txid, r.seq),
    delivered: Number(r.delivered),
    attempts: r.attempts,
    refusals: r.refusals,
    failingSince: orNull(r.failing_since), lastError: r.last_error, deliveredAt: orNull(r.delivered_at),
    nextTryAt: r.attempts > 0 && r.paused_at === null ? instantOf(r.not_before) : null,
    pausedAt: orNull(r.paused_at), pausedWhy: r.paused_why
  }))
}

export interface Refusal { place: string, eventId: string, attempts: number, error: string, at: Instant }

/** What an outlet refused, newest first. */
export async function listRefusals (db: Db, name: string, most: number): Promise<Refusal[]> {
  const { rows } = await sql<{ txid: string, seq: string, event_id: string, attempts: number, error: string, at: Date }>`
    select txid::text as txid, seq, event_id, attempts, error, at from outlet_refusal
    where outlet = ${name} order by at desc, outlet_refusal.txid desc, outlet_refusal.seq desc limit ${most}`.execute(db)
  return rows.map(r => ({
    place: placeOf(r.txid, r.seq), eventId: r.event_id, attempts: r.attempts, error: r.error, at: instantOf(r.at)
  }))
}
