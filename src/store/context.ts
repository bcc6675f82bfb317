// What people did in the product: added once, read for a ticket's person, deleted when its time is over.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { ContextEvent } from '../learn/context.ts'
import type { Instant, PersonRef } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'

type Reader = Db | Transaction<Database>

export interface ContextRow {
  messageId: string, kind: 'identify' | 'page' | 'track', userId: string | null, anonymousId: string | null
  emailHash: string | null, name: string, data: Record<string, unknown>, at: string
}

export interface SeenContext extends Omit<ContextRow, 'messageId'> { receivedAt: Instant }

const KEPT_DAYS = 30
const WINDOW_HOURS = 24
const MOST_PER_PERSON = 200

/** The form in which two addresses are compared and in which one is kept. */
export function hashEmail (email: string): string {
  return createHash('sha256').update(email.trim().toLowerCase()).digest('hex')
}

/** Adds what was not told before; returns how much that was. */
export async function recordContext (db: Db, rows: ContextRow[]): Promise<number> {
  const added = await sql`
    insert into context_event (message_id, kind, user_id, anonymous_id, email_hash, name, data, at, expires_at)
    select n.*, now() + ${KEPT_DAYS} * interval '1 day'
    from unnest(${rows.map(r => r.messageId)}::text[], ${rows.map(r => r.kind)}::text[], ${rows.map(r => r.userId)}::text[],
      ${rows.map(r => r.anonymousId)}::text[], ${rows.map(r => r.emailHash)}::text[], ${rows.map(r => r.name)}::text[],
      ${rows.map(r => JSON.stringify(r.data))}::jsonb[], ${rows.map(r => r.at)}::timestamptz[]) as n
    order by 1 on conflict (message_id) do nothing returning 1`.execute(db)
  return added.rows.length
}

/** Whether any product tells what people do in it: most do not, and then nobody needs to be looked for. */
export async function hasContext (db: Reader): Promise<boolean> {
  const { rows } = await sql<{ any: boolean }>`select exists (select 1 from context_event) as any`.execute(db)
  return rows[0]?.any === true
}

/** Who asks in a ticket: the person of its first question, with the address if any event of the ticket told one. */
export async function findAsker (db: Reader, connection: string, ticketId: string): Promise<PersonRef | null> {
  const { rows } = await sql<{ id: string, email: string | null }>`
    select fact->'person'->>'id' as id, fact->'person'->>'email' as email from event
    where connection = ${connection} and ticket_id = ${ticketId} and kind in ('opened', 'asked') and fact->'person'->>'id' is not null
    order by at, seq`.execute(db)
  const first = rows[0]
  if (first === undefined) return null
  const email = rows.find(r => r.id === first.id && r.email !== null && r.email !== '')?.email ?? null
  return { id: first.id, ...(email === null ? {} : { email }) }
}

/**
 * What the person did in the 24 hours before, newest first. Found by the address, by the user id, and by the browser in
 * which that user signed in. An id counts only while no other address is known for it: the helpdesk numbers its people
 * for itself, and its 42 may be somebody else than the product's.
 */
export async function listContext (db: Reader, person: PersonRef, until: Instant): Promise<ContextEvent[]> {
  const hash = person.email === undefined ? null : hashEmail(person.email)
  const { rows } = await sql<{ kind: ContextRow['kind'], name: string, data: Record<string, unknown>, at: Date }>`
    with users as (
      select user_id from context_event where email_hash = ${hash}::text and user_id is not null
      union
      select ${person.id}::text where not exists (
        select 1 from context_event where user_id = ${person.id} and email_hash is not null
          and (${hash}::text is null or email_hash <> ${hash}::text))
    ), browsers as (
      select anonymous_id from context_event where email_hash = ${hash}::text and anonymous_id is not null
      union
      select anonymous_id from context_event where user_id in (select user_id from users) and anonymous_id is not null
    )
    select kind, name, data, at from context_event
    where (user_id in (select user_id from users) or email_hash = ${hash}::text
        or (user_id is null and anonymous_id in (select anonymous_id from browsers)))
      and at <= ${until}::timestamptz and at > ${until}::timestamptz - ${WINDOW_HOURS} * interval '1 hour'
    order by at desc, id desc limit ${MOST_PER_PERSON}`.execute(db)
  return rows.map(r => ({ kind: r.kind, name: r.name, data: r.data, at: instantOf(r.at) }))
}

/** The latest that arrived, for who watches it arrive. */
export async function listLatestContext (db: Db, most: number): Promise<SeenContext[]> {
  const rows = await db.selectFrom('context_event').selectAll().orderBy('id', 'desc').limit(most).execute()
  return rows.map(r => ({
    kind: r.kind, userId: r.user_id, anonymousId: r.anonymous_id, emailHash: r.email_hash, name: r.name, data: r.data,
    at: instantOf(r.at), receivedAt: instantOf(r.received_at)
  }))
}

/** Deletes what has been kept long enough. */
export async function purgeContext (db: Db): Promise<number> {
  const gone = await sql`delete from context_event where expires_at <= now() returning 1`.execute(db)
  return gone.rows.length
}
