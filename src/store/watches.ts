// What the watch has seen: its state as of a thought, and the tickets that came since, in the order in which they were
// thought about. The same tickets in the same order make the same alerts, so that a state lost is only computed again.
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'

const pack = promisify(gzip)
const unpack = promisify(gunzip)

type Reader = Db | Transaction<Database>

export interface SavedWatch { seq: number, tickedAt: Instant, state: unknown }

/** One process at a time watches. Held until the transaction ends. */
export async function lockWatch (trx: Transaction<Database>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('deskloop watch'))`.execute(trx)
}

/** Null: there is none of this form, and every ticket is looked at again. */
export async function findWatch (db: Reader, version: number): Promise<SavedWatch | null> {
  const row = await db.selectFrom('watch').selectAll().executeTakeFirst()
  if (row === undefined || row.version !== version) return null
  const state: unknown = JSON.parse((await unpack(row.state)).toString('utf8'))
  return { seq: Number(row.seq), tickedAt: instantOf(row.ticked_at), state }
}

/** How far the saved one of this form has seen; 0: there is none. The state itself is large: it is read only when it is news. */
export async function findWatchSeq (db: Reader, version: number): Promise<number> {
  const row = await db.selectFrom('watch').select('seq').where('version', '=', version).executeTakeFirst()
  return Number(row?.seq ?? 0)
}

/** Up to when a watch of another form has told; null: there is none. */
export async function findOtherWatch (db: Reader, version: number): Promise<Instant | null> {
  const row = await db.selectFrom('watch').select('ticked_at').where('version', '!=', version).executeTakeFirst()
  return row === undefined ? null : instantOf(row.ticked_at)
}

export async function saveWatch (trx: Reader, version: number, w: SavedWatch): Promise<void> {
  const state = await pack(JSON.stringify(w.state), { level: 1 })
  await sql`
    insert into watch (seq, ticked_at, version, state) values (${w.seq}, ${w.tickedAt}, ${version}, ${state})
    on conflict (one) do update set seq = excluded.seq, ticked_at = excluded.ticked_at, version = excluded.version,
      state = excluded.state, at = now()`.execute(trx)
}

export interface WatchedQuestion {
  seq: number, connection: string, ticketId: string, at: Instant, topic: string, text: string, person: string
  page: string | null, escalated: boolean
}

/**
 * The first question of each ticket that was thought about after `seq`, in that order. `topic` is its topic's number, which
 * stays while its name may change; the words of the question where it was the first of its topic.
 */
export async function listWatched (db: Reader, after: number, most: number): Promise<WatchedQuestion[]> {
  const { rows } = await sql<{
    seq: string, connection: string, ticket_id: string, at: Date, topic: string, said: string, person: string | null
    page: string | null, escalated: boolean
  }>`
    select t.seq, t.connection, t.ticket_id, d.asked_at as at, coalesce(d.topic_number::text, d.topic) as topic, o.fact->'person'->>'id' as person,
      o.fact->>'page' as page, concat(o.fact->>'subject', E'\\n', a.fact->>'text') as said,
      exists (select 1 from event x where x.connection = t.connection and x.ticket_id = t.ticket_id
        and x.kind = 'escalated' and x.at <= d.asked_at) as escalated
    from thought t
    join draft d on d.connection = t.connection and d.ticket_id = t.ticket_id and t.step = 'ask:' || d.question_id
    join event o on o.connection = t.connection and o.ticket_id = t.ticket_id and o.kind = 'opened'
    join event a on a.connection = t.connection and a.ticket_id = t.ticket_id and a.kind = 'asked'
      and a.fact->>'messageId' = d.question_id
    where t.seq > ${after}
      and not exists (select 1 from event e where e.connection = t.connection and e.ticket_id = t.ticket_id
        and e.kind = 'asked' and e.at < a.at)
    order by t.seq limit ${most}`.execute(db)
  return rows.map(r => ({
    seq: Number(r.seq), connection: r.connection, ticketId: r.ticket_id, at: instantOf(r.at), topic: r.topic,
    text: r.said,
    person: r.person ?? '', page: r.page, escalated: r.escalated
  }))
}

/** What a watched topic is called at present: watched by its number, it has the name that its latest draft gave it. */
export async function findTopicName (db: Reader, topic: string): Promise<string> {
  if (!/^\d{1,9}$/.test(topic)) return topic
  const row = await db.selectFrom('draft').select('topic').where('topic_number', '=', Number(topic))
    .orderBy('asked_at', 'desc').orderBy('key').limit(1).executeTakeFirst()
  return row?.topic ?? topic
}

/** The tickets behind these thoughts. */
export async function findThoughtOf (db: Reader, seqs: number[]): Promise<WatchedTicket[]> {
  if (seqs.length === 0) return []
  const { rows } = await sql<{ seq: string, connection: string, ticket_id: string, at: Date, person: string | null }>`
    select t.seq, t.connection, t.ticket_id, t.at, o.fact->'person'->>'id' as person from thought t
    left join event o on o.connection = t.connection and o.ticket_id = t.ticket_id and o.kind = 'opened'
    where t.seq = any(${seqs}::bigint[]) order by t.seq`.execute(db)
  return rows.map(r => ({ connection: r.connection, ticketId: r.ticket_id, at: instantOf(r.at), person: r.person ?? '' }))
}

export interface WatchedTicket { connection: string, ticketId: string, at: Instant, person: string }

/** Verdicts of people that the watch has not learned from yet, in their order. */
export async function listVerdicts (db: Reader): Promise<Array<{ seq: string, key: string, verdict: 'real' | 'noise', at: Instant }>> {
  const { rows } = await sql<{ seq: string, key: string, verdict: 'real' | 'noise', at: Date }>`
    select c.seq, a.key, case c.move when 'noise' then 'noise' else 'real' end as verdict, c.at
    from anomaly_change c join anomaly a on a.id = c.anomaly_id
    where c.applied and c.move in ('noise', 'real', 'file', 'attach') and not c.heard order by c.seq limit 200`.execute(db)
  return rows.map(r => ({ ...r, at: instantOf(r.at) }))
}

export async function markHeard (trx: Transaction<Database>, seqs: string[]): Promise<void> {
  if (seqs.length > 0) await trx.updateTable('anomaly_change').set({ heard: true }).where('seq', 'in', seqs).execute()
}

/**
 * Gives a watch's key to the live anomaly that shares most of these tickets, and half of them at least; what people split
 * counts as one, and the first of it has the key. A known key stays.
 */
export async function adoptAnomaly (trx: Transaction<Database>, key: string, tickets: WatchedTicket[]): Promise<void> {
  await sql`
    with recursive origin as (
      select id, id as first from anomaly where split_from is null
      union all select a.id, o.first from anomaly a join origin o on o.id = a.split_from
    ), shared as (
      select o.first, t.anomaly_id, count(*) as n
      from anomaly_ticket t join anomaly a on a.id = t.anomaly_id join origin o on o.id = a.id
      where a.state not in ('closed', 'verified', 'merged', 'noise') and (t.connection, t.ticket_id) in (
        select * from unnest(${tickets.map(t => t.connection)}::text[], ${tickets.map(t => t.ticketId)}::text[]))
      group by 1, 2
    ), best as (
      select first from shared group by first having 2 * sum(n) >= ${tickets.length} order by sum(n) desc, first limit 1
    )
    update anomaly set key = ${key} where id = (
      select s.anomaly_id from shared s join best using (first)
      order by s.anomaly_id = s.first desc, s.n desc, s.anomaly_id limit 1)
    and not exists (select from anomaly b where b.key = ${key})`.execute(trx)
}

/** Live anomalies whose key is none of these. What was split off has none of the watch's and ends by itself. */
export async function listForgotten (trx: Transaction<Database>, keys: string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from anomaly where state in ('open', 'acknowledged') and split_from is null and not (key = any(${keys}::text[])) order by id`.execute(trx)
  return rows.map(r => r.id)
}
