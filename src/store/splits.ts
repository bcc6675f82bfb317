// Anomalies that were split: which of them belong together, and their tickets as they are told apart.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { SplitTicket } from '../learn/split.ts'
import type { Instant } from '../types.ts'
import type { AnomalyTicket } from './anomalies.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import type { TicketRef } from './stories.ts'

type Reader = Db | Transaction<Database>

/** A ticket as it was written; redact before anybody sees it. */
export interface AskedSplitTicket extends SplitTicket, TicketRef { at: Instant, person: string, names: string[] }

const MOST_TICKETS = 300

export function refTo ({ connection, ticketId }: TicketRef): string {
  return `${connection}/${ticketId}`
}

/** Every anomaly that was split from the same one as this, itself and the first of them included; the first comes first. */
export async function listFamily (db: Reader, id: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive up as (
      select id, split_from from anomaly where id = ${id}
      union select a.id, a.split_from from anomaly a join up on a.id = up.split_from
    ), down as (
      select id, opened_at, 0 as depth from anomaly where id in (select id from up where split_from is null)
      union select a.id, a.opened_at, down.depth + 1 from anomaly a join down on a.split_from = down.id
    ) select id from down order by depth, opened_at, id`.execute(db)
  return rows.map(r => r.id)
}

export async function saveOrigin (trx: Transaction<Database>, id: string, from: string): Promise<void> {
  await trx.updateTable('anomaly').set({ split_from: from }).where('id', '=', id).execute()
}

export interface Origin {
  from: { id: string, title: string } | null
  off: Array<{ id: string, title: string, tickets: number }>
}

/** Where an anomaly was split from, and what was split off it and stands by itself. */
export async function findOrigin (db: Reader, id: string): Promise<Origin> {
  const from = await db.selectFrom('anomaly as a').innerJoin('anomaly as b', 'b.id', 'a.split_from')
    .select(['b.id', 'b.title']).where('a.id', '=', id).executeTakeFirst()
  const { rows } = await sql<{ id: string, title: string, tickets: number }>`
    select a.id, a.title, (select count(*)::int from anomaly_ticket t where t.anomaly_id = a.id) as tickets
    from anomaly a where a.split_from = ${id} and a.state <> 'merged' order by a.opened_at, a.id limit 20`.execute(db)
  return { from: from ?? null, off: rows }
}

/** Moves tickets from one anomaly to another. */
export async function moveTickets (
  trx: Transaction<Database>, from: string, to: string, refs: readonly TicketRef[]
): Promise<void> {
  await sql`
    update anomaly_ticket set anomaly_id = ${to} where anomaly_id = ${from} and (connection, ticket_id) in (
      select * from unnest(${refs.map(r => r.connection)}::text[], ${refs.map(r => r.ticketId)}::text[]))`.execute(trx)
}

/** Which of these tickets stand in any of the anomalies. */
export async function listStanding (
  db: Reader, anomalies: string[], tickets: readonly TicketRef[]
): Promise<Set<string>> {
  const { rows } = await sql<{ connection: string, ticket_id: string }>`
    select connection, ticket_id from anomaly_ticket where anomaly_id = any(${anomalies}::text[])
      and (connection, ticket_id) in (
        select * from unnest(${tickets.map(t => t.connection)}::text[], ${tickets.map(t => t.ticketId)}::text[]))`.execute(db)
  return new Set(rows.map(r => refTo({ connection: r.connection, ticketId: r.ticket_id })))
}

/** Which of these anomalies holds a ticket; null: none does. */
export async function findHolder (db: Reader, anomalies: string[], ref: TicketRef): Promise<string | null> {
  const row = await db.selectFrom('anomaly_ticket').select('anomaly_id').where('anomaly_id', 'in', anomalies)
    .where('connection', '=', ref.connection).where('ticket_id', '=', ref.ticketId).orderBy('anomaly_id').limit(1)
    .executeTakeFirst()
  return row?.anomaly_id ?? null
}

/** Which part of what was split holds a ticket: this one where it does, and none that was merged again. Null: none does. */
export async function findPart (db: Reader, id: string, ref: TicketRef): Promise<string | null> {
  const row = await db.selectFrom('anomaly_ticket as t').innerJoin('anomaly as a', 'a.id', 't.anomaly_id').select('a.id')
    .where('a.id', 'in', await listFamily(db, id)).where('a.state', '<>', 'merged')
    .where('t.connection', '=', ref.connection).where('t.ticket_id', '=', ref.ticketId)
    .orderBy(sql`a.id = ${id}`, 'desc').orderBy('a.id').limit(1).executeTakeFirst()
  return row?.id ?? null
}

/** The tickets of an anomaly, the newest first, as they are told apart. */
export async function listSplitTickets (db: Reader, id: string, most = MOST_TICKETS): Promise<AskedSplitTicket[]> {
  const rows = await db.selectFrom('anomaly_ticket').select(['connection', 'ticket_id', 'at', 'person'])
    .where('anomaly_id', '=', id).orderBy('at', 'desc').orderBy('connection').orderBy('ticket_id').limit(most).execute()
  return await readSplitTickets(db, rows.map(r =>
    ({ connection: r.connection, ticketId: r.ticket_id, at: instantOf(r.at), person: r.person })))
}

export async function readSplitTickets (
  db: Reader, tickets: readonly AnomalyTicket[]
): Promise<AskedSplitTicket[]> {
  if (tickets.length === 0) return []
  const { rows } = await sql<{
    connection: string, ticket_id: string, text: string | null, topic: string | null, page: string | null
    company: string | null, company_name: string | null, name: string | null, email: string | null
  }>`
    select n.connection, n.ticket_id, d.topic, o.fact->>'page' as page, p.account_id as company, ac.name as company_name,
      left(concat_ws(E'\\n', o.fact->>'subject', q.fact->>'text'), 4000) as text,
      o.fact->'person'->>'name' as name, o.fact->'person'->>'email' as email
    from unnest(${tickets.map(t => t.connection)}::text[], ${tickets.map(t => t.ticketId)}::text[]) as n (connection, ticket_id)
    left join lateral (select fact from event where connection = n.connection and ticket_id = n.ticket_id
      and kind = 'opened' order by at limit 1) o on true
    left join lateral (select e.fact from event e where e.connection = n.connection and e.ticket_id = n.ticket_id
      and e.kind = 'asked' and not exists (select 1 from event x where x.connection = n.connection
        and x.ticket_id = n.ticket_id and x.kind = 'redacted' and x.fact->>'messageId' = e.fact->>'messageId')
      order by e.at, e.seq limit 1) q on true
    left join lateral (select topic from draft where connection = n.connection and ticket_id = n.ticket_id
      order by asked_at, key limit 1) d on true
    left join ticket_person tp on tp.connection = n.connection and tp.ticket_id = n.ticket_id
    left join person_account p on p.email_hash = tp.email_hash
    left join account ac on ac.id = p.account_id`.execute(db)
  const known = new Map(rows.map(r => [refTo({ connection: r.connection, ticketId: r.ticket_id }), r]))
  return tickets.map(t => {
    const r = known.get(refTo(t))
    return {
      ...t, ref: refTo(t), text: r?.text ?? '', topic: r?.topic ?? null, page: r?.page ?? null, company: r?.company ?? null,
      companyName: r?.company_name ?? null, names: [r?.name, r?.email].filter(name => typeof name === 'string')
    }
  })
}

/** Split off, not yet over, and not grown since: their watch is that of the one that they came from. */
export async function listQuietSplits (db: Reader, since: Instant): Promise<Array<{ id: string, grownAt: Instant }>> {
  const rows = await db.selectFrom('anomaly').select(['id', 'grown_at']).where('split_from', 'is not', null)
    .where('state', 'in', ['open', 'acknowledged']).where('grown_at', '<', new Date(since)).orderBy('id').limit(100).execute()
  return rows.map(r => ({ id: r.id, grownAt: instantOf(r.grown_at) }))
}

/**
 * Links of tickets to an issue, as they were made for this anomaly: forgotten, so that a ticket which comes back is linked
 * anew. Returns the ids by which Linear knows them. What was not linked yet never will be: its ticket is gone from here.
 */
export async function forgetLinks (
  trx: Transaction<Database>, id: string, version: number, refs: readonly TicketRef[]
): Promise<Array<TicketRef & { id: string }>> {
  const { rows } = await sql<{ id: string, connection: string, ticketId: string }>`
    update effect set cause = cause || ' until ' || ${version}::text
    where kind = 'linear-link' and ticket_id = ${id} and cause = any(${refs.map(r => `link:${refTo(r)}`)}::text[])
    returning id, payload->>'connection' as connection, payload->>'ticketId' as "ticketId"`.execute(trx)
  return rows
}
