// Companies behind tickets, as HubSpot told them: whose they are, how fresh that is, and what risk we see in them.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { AccountFacts } from '../learn/account.ts'
import type { Risk, RiskReason, RiskTicket } from '../learn/risk.ts'
import type { Instant } from '../types.ts'
import { findAsker, hashEmail } from './context.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import { readStories, refOf } from './stories.ts'
import type { TicketRef } from './stories.ts'

type Reader = Db | Transaction<Database>

export interface Account extends AccountFacts {
  id: string, name: string, risk: number | null, reasons: RiskReason[], tickets: number, open: number
  toldRisk: number | null, toldAt: Instant | null, fetchedAt: Instant, people: number
}

const MOST_TICKETS = 500                            // of one account within the window

/** Notes whose ticket this is, and that it has something new; what HubSpot says of that person is fetched in its turn. */
export async function savePerson (db: Reader, ref: TicketRef, email: string): Promise<void> {
  const hash = hashEmail(email)
  await sql`
    insert into ticket_person (connection, ticket_id, email_hash) values (${ref.connection}, ${ref.ticketId}, ${hash})
    on conflict (connection, ticket_id) do update set email_hash = excluded.email_hash
      where ticket_person.email_hash <> excluded.email_hash`.execute(db)
  await sql`
    insert into person_account (email_hash) values (${hash})
    on conflict (email_hash) do update set changed_at = now()`.execute(db)
}

/** Addresses that HubSpot is to be asked for: new ones first, then those whose answer is old and whose tickets are not. */
export async function listStalePeople (
  db: Db, freshMinutes: number, activeDays: number, most: number
): Promise<string[]> {
  const { rows } = await sql<{ connection: string, ticket_id: string }>`
    select t.connection, t.ticket_id from person_account p
    join lateral (select connection, ticket_id from ticket_person where email_hash = p.email_hash limit 1) t on true
    where p.next_at <= now() and p.changed_at > now() - ${activeDays} * interval '1 day'
      and (p.fetched_at is null or p.fetched_at < now() - ${freshMinutes} * interval '1 minute')
    order by p.fetched_at nulls first, p.email_hash limit ${most}`.execute(db)
  const askers = await Promise.all(rows.map(r => findAsker(db, r.connection, r.ticket_id)))
  return [...new Set(askers.flatMap(asker => asker?.email === undefined ? [] : [asker.email]))]
}

/** What HubSpot said of people: their company, or that it knows none. */
export async function savePeople (db: Db, companies: ReadonlyMap<string, string | null>): Promise<void> {
  const found = [...companies]
  await sql`
    insert into person_account (email_hash, account_id, fetched_at)
    select n.hash, n.account, now() from unnest(${found.map(([email]) => hashEmail(email))}::text[],
      ${found.map(([, id]) => id)}::text[]) as n (hash, account)
    on conflict (email_hash) do update
      set account_id = excluded.account_id, fetched_at = now(), next_at = now()`.execute(db)
}

/** HubSpot could not be asked: these people wait. */
export async function delayPeople (db: Db, emails: string[], waitMs: number): Promise<void> {
  await sql`update person_account set next_at = now() + ${waitMs} * interval '1 millisecond'
    where email_hash = any(${emails.map(hashEmail)})`.execute(db)
}

export async function saveAccounts (
  db: Db, accounts: Array<AccountFacts & { id: string, name: string }>
): Promise<void> {
  for (const a of accounts) {
    await sql`
      insert into account (id, name, facts, health, renewal_at, arr, fetched_at)
      values (${a.id}, ${a.name}, ${JSON.stringify(a.facts)}::jsonb, ${a.health}, ${a.renewalAt}, ${a.arr}, now())
      on conflict (id) do update set name = excluded.name, facts = excluded.facts, health = excluded.health,
        renewal_at = excluded.renewal_at, arr = excluded.arr, fetched_at = now()`.execute(db)
  }
}

/** The company of an address as far as is known here, and how many minutes ago that was told. Null: never asked. */
export async function findAccount (
  db: Db, email: string
): Promise<{ account: Account | null, ageMinutes: number } | null> {
  const { rows } = await sql<{ account_id: string | null, age: number | null }>`
    select account_id, extract(epoch from now() - fetched_at)::float8 / 60 as age from person_account
    where email_hash = ${hashEmail(email)}`.execute(db)
  const person = rows[0]
  if (person === undefined || person.age === null) return null
  if (person.account_id === null) return { account: null, ageMinutes: person.age }
  const [account = null] = await selectAccounts(db, [person.account_id], 1)
  return { account, ageMinutes: person.age }
}

/** Accounts for customer success, the riskiest first. One that HubSpot no longer has belongs to nobody, and is left out. */
export async function listAccounts (db: Db, most: number): Promise<Account[]> {
  return await selectAccounts(db, null, most)
}

async function selectAccounts (db: Db, ids: string[] | null, most: number): Promise<Account[]> {
  const { rows } = await sql<{
    id: string, name: string, facts: string[], health: number | null, renewal_at: Date | null, arr: number | null
    fetched_at: Date
    risk: number | null, reasons: RiskReason[], tickets: number, open_tickets: number, told_risk: number | null
    told_at: Date | null, people: number
  }>`
    select a.id, a.name, a.facts, a.health, a.renewal_at, a.arr, a.fetched_at, a.risk, a.reasons, a.tickets, a.open_tickets,
      a.told_risk, a.told_at, (select count(*)::int from person_account p where p.account_id = a.id) as people
    from account a where case when ${ids}::text[] is null
      then exists (select 1 from person_account p where p.account_id = a.id) else a.id = any(${ids}::text[]) end
    order by a.risk desc nulls last, a.id limit ${most}`.execute(db)
  return rows.map(r => ({
    id: r.id, name: r.name, facts: r.facts, health: r.health, renewalAt: orNull(r.renewal_at), arr: r.arr,
    fetchedAt: instantOf(r.fetched_at), risk: r.risk, reasons: r.reasons, tickets: r.tickets, open: r.open_tickets,
    toldRisk: r.told_risk, toldAt: orNull(r.told_at), people: r.people
  }))
}

/** Accounts whose tickets have something new since their risk was computed, or whose risk is a day old. */
export async function listUncomputed (db: Db, most: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select a.id from account a
    where a.computed_at is null or a.computed_at < now() - interval '1 day'
      or exists (select 1 from person_account p where p.account_id = a.id and p.changed_at >= a.computed_at)
    order by a.computed_at nulls first, a.id limit ${most}`.execute(db)
  return rows.map(r => r.id)
}

/** The tickets of an account that had something happen in the days before an instant, with the topic of their first draft. */
export async function readAccountTickets (db: Db, id: string, now: Instant, days: number): Promise<RiskTicket[]> {
  const { rows } = await sql<{ connection: string, ticket_id: string, topic: string | null }>`
    select t.connection, t.ticket_id, (
      select d.topic from draft d where d.connection = t.connection and d.ticket_id = t.ticket_id order by d.asked_at limit 1
    ) as topic
    from person_account p join ticket_person tp on tp.email_hash = p.email_hash
    join ticket t on t.connection = tp.connection and t.ticket_id = tp.ticket_id
    where p.account_id = ${id} and t.last_at > ${now}::timestamptz - ${days} * interval '1 day'
    order by t.last_at desc, t.connection, t.ticket_id limit ${MOST_TICKETS}`.execute(db)
  const refs = rows.map(r => ({ connection: r.connection, ticketId: r.ticket_id }))
  const stories = await readStories(db, refs)
  return rows.map((r, i) => {
    const ref = refs[i] ?? { connection: r.connection, ticketId: r.ticket_id }
    return { ...ref, topic: r.topic ?? '', events: stories.get(refOf(ref)) ?? [] }
  })
}

/** What was last told to HubSpot; the row is locked until the risk is saved with what follows. */
export async function lockTold (
  trx: Transaction<Database>, id: string
): Promise<{ toldRisk: number | null, at: Date } | null> {
  const { rows } = await sql<{ told_risk: number | null, at: Date }>`
    select told_risk, now() as at from account where id = ${id} for update`.execute(trx)
  return rows[0] === undefined ? null : { toldRisk: rows[0].told_risk, at: rows[0].at }
}

/** `since`: when its tickets were read, so that what came meanwhile is looked at again. */
export async function saveRisk (
  trx: Transaction<Database>, id: string, risk: Risk, since: Date, tells: boolean
): Promise<void> {
  await sql`
    update account set risk = ${risk.score}, reasons = ${JSON.stringify(risk.reasons)}::jsonb, tickets = ${risk.tickets},
      open_tickets = ${risk.open}, computed_at = ${since},
      told_risk = case when ${tells} then ${risk.score} else told_risk end,
      told_at = case when ${tells} then now() else told_at end
    where id = ${id}`.execute(trx)
}

export async function findAccountById (db: Db, id: string): Promise<Account | null> {
  return (await selectAccounts(db, [id], 1))[0] ?? null
}

export async function dbNow (db: Db): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select now() as at`.execute(db)
  return rows[0]?.at ?? new Date()
}

function orNull (at: Date | null): Instant | null {
  return at === null ? null : instantOf(at)
}
