// All that stopped and waits for a person: effects that were parked, deliveries that could not be read, looks that were
// refused, wake-ups that failed as often as they may. Each can be tried anew.
import { sql } from 'kysely'
import type { Queue, TicketJob } from '../queue.ts'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { KeptDelivery } from './deliveries.ts'

export type FailureKind = 'effect' | 'delivery' | 'look' | 'wake-up'

/** `id` names it everywhere: `effect:…`. `what`: the kind of effect, or what arrived. `attempts` null: not counted. */
export interface Failure {
  id: string, kind: FailureKind, at: Instant, account: string, ticketId: string | null, what: string, reason: string
  attempts: number | null, body: string | null, copies: number
}

const BODY_LIMIT = 20_000                           // characters of a body that are shown

/** The newest first. A wake-up whose ticket was handled since is no failure any more. */
export async function listFailures (db: Db, most: number, id: string | null = null): Promise<Failure[]> {
  const { rows } = await sql<{
    id: string, kind: FailureKind, at: Date, account: string | null, ticket_id: string | null, what: string
    reason: string | null, attempts: number | null, body: string | null, raw: Buffer | null, copies: number
  }>`
    select * from (
      select 'effect:' || e.id as id, 'effect' as kind, e.updated_at as at, coalesce(e.account, e.connection) as account,
        e.ticket_id, e.kind as what, e.reason, e.attempts, e.payload::text as body, null::bytea as raw, e.copies
        from effect e where e.state = 'parked'
      union all
      select 'delivery:' || d.id, 'delivery', d.received_at, d.connection, null, length(d.body) || ' bytes', d.error, null, null,
        substring(d.body for ${BODY_LIMIT}), 0 from delivery d where d.state = 'unreadable'
      union all
      select 'look:' || f.id, 'look', f.at, f.connection, f.ticket_id, 'look at the ticket', f.message, null, null, null, 0
        from failure f where f.work = 'look'
      union all
      select 'wake-up:' || j.connection || '/' || j.ticket_id, 'wake-up', j.at, j.connection, j.ticket_id, 'work on the ticket',
        j.message, j.attempts, null, null, 0
        from dead_job j join ticket t on t.connection = j.connection and t.ticket_id = j.ticket_id
        where t.rev > t.done_rev or t.look_rev > t.looked_rev
    ) f where ${id}::text is null or f.id = ${id} order by f.at desc, f.id limit ${most}`.execute(db)
  return rows.map(r => ({
    id: r.id, kind: r.kind, at: instantOf(r.at), account: r.account ?? '', ticketId: r.ticket_id, what: r.what,
    reason: r.reason ?? 'no reason was kept', attempts: r.attempts, copies: r.copies,
    body: r.raw === null ? r.body : new TextDecoder().decode(r.raw)
  }))
}

export async function countFailures (db: Db): Promise<Record<FailureKind, number>> {
  const { rows } = await sql<Record<FailureKind, number>>`select
    (select count(*)::int from effect where state = 'parked') as effect,
    (select count(*)::int from delivery where state = 'unreadable') as delivery,
    (select count(*)::int from failure where work = 'look') as look,
    (select count(*)::int from dead_job j join ticket t on t.connection = j.connection and t.ticket_id = j.ticket_id
      where t.rev > t.done_rev or t.look_rev > t.looked_rev) as "wake-up"`.execute(db)
  return rows[0] ?? { effect: 0, delivery: 0, look: 0, 'wake-up': 0 }
}

/**
 * Parked effects are tried anew, with the whole schedule before them; null: every one. What was unclear once is looked
 * for before it is sent. Returns how many.
 */
export async function replayEffects (db: Db, id: string | null): Promise<number> {
  return await db.transaction().execute(async trx => {
    const { rows } = await sql<{ account: string, ticket_id: string }>`
      update effect set state = 'pending', attempts = 0, not_before = now(), updated_at = now(),
        recheck_at = null, reason = 'tried anew',
        unclear_at = case when ever_unclear then coalesce(unclear_at, updated_at) else unclear_at end
      where state = 'parked' and (${id}::uuid is null or id = ${id}::uuid)
      returning coalesce(account, connection) as account, ticket_id`.execute(trx)
    // If it fails again it is to be said again.
    await sql`delete from failure f using unnest(${rows.map(r => r.account)}::text[], ${rows.map(r => r.ticket_id)}::text[])
      as n (account, ticket_id)
      where f.work = 'effect' and f.connection = n.account and f.ticket_id = n.ticket_id`.execute(trx)
    return rows.length
  })
}

/** The tickets of refused looks are looked at anew; null: of every one. */
export async function replayLooks (db: Db, queue: Queue, id: string | null): Promise<number> {
  return await db.transaction().execute(async trx => {
    const { rows } = await sql<{ connection: string, ticket_id: string }>`
      delete from failure where work = 'look' and (${id}::bigint is null or id = ${id}::bigint)
      returning connection, ticket_id`.execute(trx)
    const { rows: tickets } = await sql<{ connection: string, ticket_id: string }>`
      update ticket t set rev = t.rev + 1, look_rev = t.rev + 1
      where (t.connection, t.ticket_id) in (
        select * from unnest(${rows.map(r => r.connection)}::text[], ${rows.map(r => r.ticket_id)}::text[]))
      returning t.connection, t.ticket_id`.execute(trx)
    await queue.send(trx, tickets.map(t => ({ connection: t.connection, ticketId: t.ticket_id })))
    return rows.length
  })
}

/** Tickets whose wake-ups died are woken; null: every one. */
export async function replayDead (db: Db, queue: Queue, ticket: TicketJob | null): Promise<number> {
  return await db.transaction().execute(async trx => {
    const { rows } = await sql<{ connection: string, ticket_id: string }>`
      delete from dead_job where ${ticket?.connection ?? null}::text is null
        or (connection = ${ticket?.connection ?? null} and ticket_id = ${ticket?.ticketId ?? null})
      returning connection, ticket_id`.execute(trx)
    // Locked before the job is sent, as everywhere: else a wake-up could be lost.
    await sql`select 1 from ticket where (connection, ticket_id) in (
      select * from unnest(${rows.map(r => r.connection)}::text[], ${rows.map(r => r.ticket_id)}::text[]))
      order by connection, ticket_id for update`.execute(trx)
    await queue.send(trx, rows.map(r => ({ connection: r.connection, ticketId: r.ticket_id })))
    return rows.length
  })
}

export async function findUnreadable (db: Db, id: string): Promise<KeptDelivery | null> {
  const r = await db.selectFrom('delivery').select(['id', 'received_at', 'connection', 'headers', 'body'])
    .where('state', '=', 'unreadable').where('id', '=', id).executeTakeFirst()
  if (r === undefined) return null
  return { id: r.id, receivedAt: r.received_at, connection: r.connection, headers: r.headers, body: r.body }
}

/** A wake-up failed as often as it may; kept until its ticket is handled. */
export async function recordDead (db: Db, job: TicketJob, message: string, attempts: number): Promise<void> {
  await sql`
    insert into dead_job (connection, ticket_id, message, attempts)
    values (${job.connection}, ${job.ticketId}, ${message}, ${attempts})
    on conflict (connection, ticket_id) do update set at = now(), message = excluded.message, attempts = excluded.attempts
  `.execute(db)
}
