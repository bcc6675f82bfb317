// What we do to the outside: a row for each effect, written with its cause, so that a crash can neither lose one nor
// make two. pending -> inflight -> done, or skipped (no longer wanted), or parked (a person must look).
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import type { TicketRef } from './stories.ts'

export interface Effect extends TicketRef {
  id: string
  kind: string
  account: string                                   // where it is written
  cause: string
  marker: string
  payload: Record<string, unknown>
  attempts: number
  claim: number                                     // whoever holds an older one has lost the effect
  look: boolean                                     // an earlier attempt may have been applied: look before sending
  unclearMs: number                                 // how long ago that was
  ageSeconds: number                                // since it was decided
  askedAt: Instant                                  // when its draft was due, by the ticket's own time
}

/** `account`: where it is written, when that is not the ticket's own connection. */
export interface NewEffect extends TicketRef {
  id: string, kind: string, account?: string, cause: string, marker: string, payload: Record<string, unknown>
  skipped: string | null
}

/** Adds an effect in the transaction of its cause; the same cause never has two. `skipped` records why there is none. */
export async function recordEffect (trx: Transaction<Database>, e: NewEffect): Promise<void> {
  await sql`
    insert into effect (id, kind, connection, ticket_id, account, cause, marker, payload, state, reason)
    values (${e.id}, ${e.kind}, ${e.connection}, ${e.ticketId}, ${e.account ?? null}, ${e.cause}, ${e.marker},
            ${JSON.stringify(e.payload)}::jsonb, ${e.skipped === null ? 'pending' : 'skipped'}, ${e.skipped})
    on conflict (kind, connection, ticket_id, cause) do nothing`.execute(trx)
}

/**
 * Takes effects that may be tried now, of the kinds that can be carried out here. One whose worker died in the middle
 * comes back after its lease, marked to be looked for first. A paused account has none.
 */
export async function claimEffects (db: Db, kinds: string[], most: number, leaseSeconds: number): Promise<Effect[]> {
  const { rows } = await sql<{
    id: string, kind: string, connection: string, ticket_id: string, account: string, cause: string, marker: string,
    payload: Record<string, unknown>, attempts: number, claims: number, look: boolean, unclear_ms: number, age: number,
    asked_at: Date | null
  }>`
    with picked as (
      select e.id, e.state = 'inflight' as crashed from effect e
      where ((e.state = 'pending' and e.not_before <= now())
         or (e.state = 'inflight' and e.updated_at < now() - ${leaseSeconds} * interval '1 second'))
        and e.kind = any(${kinds})
        and not exists (select 1 from account_pause p where p.account = coalesce(e.account, e.connection))
      order by e.not_before, e.id limit ${most} for update of e skip locked)
    update effect e set state = 'inflight', attempts = attempts + 1, claims = claims + 1, updated_at = now(),
      unclear_at = case when p.crashed then coalesce(e.unclear_at, e.updated_at) else e.unclear_at end,
      ever_unclear = e.ever_unclear or p.crashed
    from picked p where e.id = p.id
    returning e.id, e.kind, e.connection, e.ticket_id, coalesce(e.account, e.connection) as account, e.cause, e.marker,
      e.payload, e.attempts, e.claims, e.unclear_at is not null as look,
      coalesce(extract(epoch from now() - e.unclear_at) * 1000, 0)::float8 as unclear_ms,
      extract(epoch from now() - e.created_at)::float8 as age, (
        select d.asked_at from draft d where d.key = e.marker
      ) as asked_at`.execute(db)
  return rows.map(r => (
    {
      id: r.id, kind: r.kind, connection: r.connection, ticketId: r.ticket_id, account: r.account, cause: r.cause,
      marker: r.marker, payload: r.payload, attempts: r.attempts, claim: r.claims, look: r.look,
      unclearMs: r.unclear_ms, ageSeconds: r.age,
      askedAt: instantOf(r.asked_at ?? new Date())
    }
  ))
}

/** The worker is still at it: its lease begins anew. */
export async function renewLease (db: Db, effect: Effect): Promise<void> {
  await sql`update effect set updated_at = now()
    where id = ${effect.id} and claims = ${effect.claim} and state = 'inflight'`.execute(db)
}

/** May the write go out now? False when the account was stopped, or when another worker has taken the effect over. */
export async function mayWrite (db: Db, effect: Effect): Promise<boolean> {
  const { rows } = await sql`update effect set updated_at = now()
    where id = ${effect.id} and claims = ${effect.claim} and state = 'inflight'
      and not exists (select 1 from account_pause p where p.account = ${effect.account})
    returning 1`.execute(db)
  return rows.length > 0
}

/** It stands there, whoever holds it. What was unclear once is read again after a while. */
export async function saveDone (
  db: Db | Transaction<Database>, id: string, vendorId: string, recheckAfterMs: number
): Promise<void> {
  await sql`update effect set state = 'done', vendor_id = ${vendorId}, reason = null, updated_at = now(),
      recheck_at = case when ever_unclear then now() + ${recheckAfterMs} * interval '1 millisecond' end
    where id = ${id}`.execute(db)
}

/** Not tried again: `skipped` when it is no longer wanted, `parked` when a person must look. */
export async function saveEnded (
  db: Db, effect: Effect, state: 'skipped' | 'parked', reason: string, recheckAfterMs: number
): Promise<void> {
  await sql`update effect set state = ${state}, reason = ${reason}, updated_at = now(),
      recheck_at = case when ever_unclear then now() + ${recheckAfterMs} * interval '1 millisecond' end
    where id = ${effect.id} and claims = ${effect.claim}`.execute(db)
}

/** Tried again after a wait. `unclear`: it may have been applied all the same. */
export async function saveWaiting (
  db: Db, effect: Effect, waitMs: number, reason: string, unclear: boolean
): Promise<void> {
  await sql`
    update effect set state = 'pending', not_before = now() + ${waitMs} * interval '1 millisecond',
      reason = ${reason}, updated_at = now(), ever_unclear = ever_unclear or ${unclear},
      unclear_at = case when ${unclear} then now() else unclear_at end
    where id = ${effect.id} and claims = ${effect.claim}`.execute(db)
}

/** Comes back after a wait, and no attempt was used up: only writes use up the schedule. */
export async function saveBack (db: Db, effect: Effect, waitMs: number, reason: string): Promise<void> {
  await sql`
    update effect set state = 'pending', not_before = now() + ${waitMs} * interval '1 millisecond', reason = ${reason},
      attempts = attempts - 1, updated_at = now()
    where id = ${effect.id} and claims = ${effect.claim}`.execute(db)
}

/** When the effect was found not to have been applied, it is no longer unclear. */
export async function saveClear (db: Db, effect: Effect): Promise<void> {
  await sql`update effect set unclear_at = null where id = ${effect.id} and claims = ${effect.claim}`.execute(db)
}

/** Which of these questions already have a note on its way or in the ticket. */
export async function listNoted (
  trx: Transaction<Database>, ref: TicketRef, causes: string[], kind = 'note'
): Promise<string[]> {
  if (causes.length === 0) return []
  const rows = await trx.selectFrom('effect').select('cause').where('kind', '=', kind)
    .where('connection', '=', ref.connection).where('ticket_id', '=', ref.ticketId)
    .where('cause', 'in', causes).where('state', 'in', ['pending', 'inflight', 'done']).execute()
  return rows.map(r => r.cause)
}

/** Is a later one of its kind decided for the same anomaly or ticket? Those that show a state count up a `version`. */
export async function hasNewer (db: Db, effect: Pick<Effect, 'kind' | 'ticketId' | 'payload'>): Promise<boolean> {
  const { rows } = await sql`select 1 from effect where kind = ${effect.kind} and ticket_id = ${effect.ticketId}
    and (payload->>'version')::int > ${Number(effect.payload['version'])} and state in ('pending', 'inflight', 'done') limit 1`.execute(db)
  return rows.length > 0
}

/** How many notes a ticket was given within the hour before an instant: the loop breaker counts them. */
export async function countNotes (trx: Transaction<Database>, ref: TicketRef, until: Instant): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from draft d join effect e on e.kind in ('note', 'known-issue') and e.marker = d.key and e.state in (
      'pending', 'inflight', 'done'
    )
    where d.connection = ${ref.connection} and d.ticket_id = ${ref.ticketId} and d.asked_at > ${until}::timestamptz - interval '1 hour'`.execute(trx)
  return rows[0]?.n ?? 0
}

export async function recordFailure (
  db: Db, work: string, ref: { connection: string | null, ticketId: string | null }, message: string
): Promise<void> {
  await sql`
    insert into failure (work, connection, ticket_id, message) values (
      ${work}, ${ref.connection}, ${ref.ticketId}, ${message}
    )
    on conflict do nothing`.execute(db)
}
