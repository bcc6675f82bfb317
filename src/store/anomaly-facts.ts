// What is read to tell whom an anomaly hits: its tickets and a sample of the desk's others, each with what is known of who
// asked. And what was made of it, written down with the anomaly.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { AnomalyFacts } from '../learn/facts.ts'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import type { TicketRef } from './stories.ts'

type Reader = Db | Transaction<Database>

/** A ticket's first question and what is known of who asked it. Texts as they were written: they are redacted before use. */
export interface AskedTicket extends TicketRef {
  at: Instant
  person: string
  name: string | null
  subject: string
  text: string
  page: string | null
  language: string | null
  plan: string | null                               // as HubSpot says
  /** The latest of each kind that the product told of this person: traits, page, action. */
  told: Array<{ kind: 'identify' | 'page' | 'track', name: string, data: Record<string, unknown> }>
}

export async function readAnomalyTickets (db: Reader, id: string, most: number): Promise<AskedTicket[]> {
  const { rows } = await sql<{ connection: string, ticket_id: string }>`
    select connection, ticket_id from anomaly_ticket where anomaly_id = ${id}
    order by at desc, connection, ticket_id limit ${most}`.execute(db)
  return await readAsked(db, rows)
}

/** Tickets of the desk within a time, drawn alike from all of it: the same ones whenever it is asked. */
export async function sampleTickets (
  db: Reader, { from, until, exceptOf, most }: { from: Instant, until: Instant, exceptOf: string, most: number }
): Promise<AskedTicket[]> {
  const { rows } = await sql<{ connection: string, ticket_id: string }>`
    select d.connection, d.ticket_id from draft d
    where d.asked_at > ${from} and d.asked_at <= ${until} and not exists (
      select 1 from anomaly_ticket t
      where t.anomaly_id = ${exceptOf} and t.connection = d.connection and t.ticket_id = d.ticket_id)
    group by 1, 2 order by md5(d.connection || '/' || d.ticket_id), 1, 2 limit ${most}`.execute(db)
  return await readAsked(db, rows)
}

async function readAsked (db: Reader, refs: Array<{ connection: string, ticket_id: string }>): Promise<AskedTicket[]> {
  if (refs.length === 0) return []
  const { rows } = await sql<{
    connection: string, ticket_id: string, at: Date, person: string | null, name: string | null, subject: string | null
    said: string, page: string | null, language: string | null, facts: string[] | null
    told: AskedTicket['told'] | null
  }>`
    select n.connection, n.ticket_id, d.asked_at as at, o.fact->'person'->>'id' as person,
      o.fact->'person'->>'name' as name, o.fact->>'subject' as subject, left(a.fact->>'text', 6000) as said,
      o.fact->>'page' as page, nullif(d.language, 'und') as language, (
        select c.facts from ticket_person tp join person_account p on p.email_hash = tp.email_hash
        join account c on c.id = p.account_id
        where tp.connection = n.connection and tp.ticket_id = n.ticket_id) as facts, (
        select json_agg(json_build_object('kind', c.kind, 'name', c.name, 'data', c.data)) from (
          select distinct on (c.kind) c.kind, c.name, c.data from context_event c
          where (c.email_hash = encode(sha256(convert_to(lower(trim(o.fact->'person'->>'email')), 'UTF8')), 'hex')
              or (c.email_hash is null and c.user_id = o.fact->'person'->>'id'))
            and c.at <= d.asked_at and (c.kind = 'identify' or c.at > d.asked_at - interval '24 hours')
          order by c.kind, c.at desc, c.id desc) c) as told
    from unnest(${refs.map(r => r.connection)}::text[], ${refs.map(r => r.ticket_id)}::text[]) as n (connection, ticket_id)
    join lateral (select question_id, asked_at, language from draft
      where connection = n.connection and ticket_id = n.ticket_id order by asked_at, key limit 1) d on true
    join lateral (select fact from event where connection = n.connection and ticket_id = n.ticket_id and kind = 'opened'
      order by at limit 1) o on true
    join lateral (select e.fact from event e
      where e.connection = n.connection and e.ticket_id = n.ticket_id and e.kind = 'asked'
        and not exists (select 1 from event x where x.connection = n.connection and x.ticket_id = n.ticket_id
          and x.kind = 'redacted' and x.fact->>'messageId' = e.fact->>'messageId')
      order by e.at, e.seq limit 1) a on true
    order by d.asked_at desc, n.connection, n.ticket_id`.execute(db)
  return rows.map(r => ({
    connection: r.connection, ticketId: r.ticket_id, at: instantOf(r.at),
    person: `${r.connection}/${r.person ?? r.ticket_id}`, name: r.name,
    subject: r.subject ?? '', text: r.said, page: r.page, language: r.language,
    plan: r.facts?.find(fact => fact.startsWith('plan '))?.slice(5) ?? null, told: r.told ?? []
  }))
}

/** Writes down what was made of it; the numbers that every place shows stand in columns of their own. */
export async function saveFacts (
  trx: Reader, id: string, { usual, terms, facts }: { usual: number, terms: string[], facts: AnomalyFacts }
): Promise<void> {
  await sql`update anomaly set usual = ${usual}, terms = ${JSON.stringify(terms)}::jsonb,
    facts = ${JSON.stringify(facts)}::jsonb where id = ${id}`.execute(trx)
}

/** Gives it a title of people's own words. */
export async function nameAnomaly (trx: Reader, id: string, title: string): Promise<void> {
  await sql`update anomaly set title = ${title.slice(0, 200)} where id = ${id}`.execute(trx)
}

/** Releases within a time, oldest first. */
export async function listReleasesAround (
  db: Reader, from: Instant, until: Instant
): Promise<Array<{ version: string, at: Instant }>> {
  const { rows } = await sql<{ version: string, at: Date }>`
    select version, at from release_marker where at >= ${from} and at <= ${until}
    order by at, id limit 100`.execute(db)
  return rows.map(r => ({ version: r.version, at: instantOf(r.at) }))
}
