// What decides whether an anomaly becomes an issue, and what is known of the issue: those that looked alike, the one that
// it was said to be, and its tickets as counted facts are made from them.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { FilingFacts } from '../learn/filing.ts'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'

type Reader = Db | Transaction<Database>

/** Null: there is no such anomaly. A customer whose company is known counts as that company. */
export async function findFilingFacts (db: Reader, id: string, now: Instant): Promise<FilingFacts | null> {
  const { rows } = await sql<FilingFacts>`
    select
      (select count(*)::int from anomaly_ticket t where t.anomaly_id = a.id) as tickets,
      (select count(distinct coalesce(p.account_id, t.connection || '/' || t.person))::int from anomaly_ticket t
        left join ticket_person tp on tp.connection = t.connection and tp.ticket_id = t.ticket_id
        left join person_account p on p.email_hash = tp.email_hash
        where t.anomaly_id = a.id) as customers,
      (select count(*)::int from anomaly_ticket t where t.anomaly_id = a.id and exists (select 1 from event e
        where e.connection = t.connection and e.ticket_id = t.ticket_id and e.kind = 'asked')) as evidence,
      (select o.issue_identifier from anomaly o where o.id <> a.id and o.issue_id is not null and o.topic_number = a.topic_number
        and o.id is distinct from a.split_from and o.split_from is distinct from a.id
        and o.state in ('filed', 'not_fixed') order by o.opened_at desc limit 1) as "openIssue",
      (select count(*)::int from anomaly_change c where c.move = 'file' and c.applied
        and c.at > ${now}::timestamptz - interval '24 hours' and c.at <= ${now}::timestamptz) as "filedToday"
    from anomaly a where a.id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** Anomalies of these kinds that nobody has asked to file yet. What a person split off is filed by people only. */
export async function listFileable (db: Reader, kinds: string[]): Promise<string[]> {
  if (kinds.length === 0) return []
  const rows = await db.selectFrom('anomaly').select('id').where('kind', 'in', kinds)
    .where('state', 'in', ['open', 'acknowledged']).where('filing', '=', false).where('has_issue', '=', false)
    .where('split_from', 'is', null)
    .orderBy('opened_at').orderBy('id').limit(20).execute()
  return rows.map(r => r.id)
}

/** An issue that is open for the same topic, of another anomaly that it was not split from; null: none. */
export async function findOpenIssue (db: Reader, id: string): Promise<string | null> {
  const { rows } = await sql<{ issue: string }>`
    select o.issue_identifier as issue from anomaly a join anomaly o on o.topic_number = a.topic_number and o.id <> a.id
      and o.issue_id is not null and o.state in ('filed', 'not_fixed')
      and o.id is distinct from a.split_from and o.split_from is distinct from a.id
    where a.id = ${id} and a.issue_id is null order by o.opened_at desc limit 1`.execute(db)
  return rows[0]?.issue ?? null
}

/** How many tickets have their note that it is fixed. */
export async function countToldFixed (db: Reader, id: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(distinct (connection, ticket_id))::int as n from effect
    where kind = 'fixed' and state = 'done' and payload->>'anomaly' = ${id}`.execute(db)
  return rows[0]?.n ?? 0
}

/** The issue of Linear that a person said it is; null: none. */
export async function findAttachTo (db: Reader, id: string): Promise<string | null> {
  const row = await db.selectFrom('anomaly').select('attach_to').where('id', '=', id).executeTakeFirst()
  return row?.attach_to ?? null
}

/** Every anomaly of an issue: several may be one fault. */
export async function listByIssue (db: Reader, issueId: string): Promise<string[]> {
  const rows = await db.selectFrom('anomaly').select('id').where('issue_id', '=', issueId).orderBy('opened_at').execute()
  return rows.map(r => r.id)
}

/** Anomalies whose issue is asked about: those that live, and those that ended since. */
export async function listFollowed (
  db: Reader, since: Instant
): Promise<Array<{ id: string, issueId: string, version: number }>> {
  const rows = await db.selectFrom('anomaly').select(['id', 'issue_id', 'version']).where('issue_id', 'is not', null)
    .where('state', 'not in', ['merged', 'noise'])
    .where(eb => eb.or([eb('closed_at', 'is', null), eb('closed_at', '>', new Date(since))]))
    .orderBy('opened_at', 'desc').orderBy('id').limit(500).execute()
  return rows.map(r => ({ id: r.id, issueId: r.issue_id ?? '', version: r.version }))
}

export interface AnomalyText {
  connection: string, ticketId: string, at: Instant, person: string, page: string | null, text: string
  company: string | null                            // the id of its account, where that is known
  plan: string | null
  names: string[]                                   // what its customer is called, and his address: never to be told
}

const MOST_TEXTS = 300

/** The tickets of an anomaly with what was asked first in each. */
export async function readAnomalyTexts (db: Reader, id: string): Promise<AnomalyText[]> {
  const { rows } = await sql<{
    connection: string, ticket_id: string, at: Date, person: string, page: string | null, text: string | null
    account_id: string | null, facts: string[] | null, name: string | null, email: string | null
  }>`
    select t.connection, t.ticket_id, t.at, t.person, o.fact->>'page' as page, p.account_id, ac.facts,
      concat_ws(E'\\n', o.fact->>'subject', q.fact->>'text') as text,
      o.fact->'person'->>'name' as name, o.fact->'person'->>'email' as email
    from anomaly_ticket t
    left join event o on o.connection = t.connection and o.ticket_id = t.ticket_id and o.kind = 'opened'
    left join lateral (select fact from event q where q.connection = t.connection and q.ticket_id = t.ticket_id
      and q.kind = 'asked' order by q.at, q.key limit 1) q on true
    left join ticket_person tp on tp.connection = t.connection and tp.ticket_id = t.ticket_id
    left join person_account p on p.email_hash = tp.email_hash
    left join account ac on ac.id = p.account_id
    where t.anomaly_id = ${id} order by t.at desc, t.connection, t.ticket_id limit ${MOST_TEXTS}`.execute(db)
  return rows.map(r => ({
    connection: r.connection, ticketId: r.ticket_id, at: instantOf(r.at), person: r.person, page: r.page, text: r.text ?? '',
    company: r.account_id, plan: r.facts?.find(fact => fact.startsWith('plan '))?.slice(5) ?? null,
    names: [r.name, r.email].filter(name => name !== null)
  }))
}

/** Whether a rule of escalation that speaks of lost data or security fired on one of its tickets. */
export async function hasEscalated (db: Reader, id: string, rules: string[]): Promise<boolean> {
  if (rules.length === 0) return false
  const { rows } = await sql<{ yes: boolean }>`
    select exists (select 1 from anomaly_ticket t join event e on e.connection = t.connection and e.ticket_id = t.ticket_id
      and e.kind = 'escalated' and split_part(e.fact->>'how', ' ', 2) = any(${rules})
      where t.anomaly_id = ${id}) as yes`.execute(db)
  return rows[0]?.yes ?? false
}

/** Whether an id that a vendor names is one that we gave. */
export async function isOwnEffect (db: Reader, id: string): Promise<boolean> {
  const row = await db.selectFrom('effect').select('id').where('id', '=', id).executeTakeFirst()
  return row !== undefined
}

/** How many questions on an anomaly's issue were answered within a day. */
export async function countAnswers (db: Reader, anomaly: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from effect where kind = 'linear-answer' and ticket_id = ${anomaly}
      and created_at > now() - interval '24 hours'`.execute(db)
  return rows[0]?.n ?? 0
}

/** The companies behind an anomaly, as far as they are known, those with most tickets first. */
export async function listCompanies (
  db: Reader, anomaly: string
): Promise<Array<{ account: string, tickets: number }>> {
  const { rows } = await sql<{ account: string, tickets: number }>`
    select p.account_id as account, count(*)::int as tickets from anomaly_ticket t
    join ticket_person tp on tp.connection = t.connection and tp.ticket_id = t.ticket_id
    join person_account p on p.email_hash = tp.email_hash
    where t.anomaly_id = ${anomaly} and p.account_id is not null
    group by 1 order by 2 desc, 1 limit 50`.execute(db)
  return rows
}

/** The plan of the company behind a ticket; null: not known. */
export async function findPlan (db: Reader, connection: string, ticketId: string): Promise<string | null> {
  const { rows } = await sql<{ facts: string[] }>`
    select a.facts from ticket_person tp join person_account p on p.email_hash = tp.email_hash
    join account a on a.id = p.account_id
    where tp.connection = ${connection} and tp.ticket_id = ${ticketId}`.execute(db)
  return rows[0]?.facts.find(fact => fact.startsWith('plan '))?.slice(5) ?? null
}
