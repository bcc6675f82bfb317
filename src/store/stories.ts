// Tickets and their stories: read as of a revision, planned, locked for a step.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { EventFact, Instant, TicketEvent } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'

export interface TicketRow {
  connection: string, ticketId: string, rev: number, quiet: boolean, late: boolean, dueAt: Instant | null
}

type Reader = Db | Transaction<Database>
export interface TicketRef { connection: string, ticketId: string }

export function refOf (ref: TicketRef): string {
  return `${ref.connection}/${ref.ticketId}`
}

/** The stories of several tickets, each as it was at a revision (all of it by default). */
export async function readStories (
  db: Reader, refs: Array<TicketRef & { rev?: number }>
): Promise<Map<string, TicketEvent[]>> {
  const stories = new Map<string, TicketEvent[]>(refs.map(r => [refOf(r), []]))
  if (refs.length === 0) return stories
  const { rows } = await sql<{
    connection: string, ticket_id: string, key: string, at: Date, kind: string, fact: object
  }>`
    select e.connection, e.ticket_id, e.key, e.at, e.kind, e.fact
    from unnest(${refs.map(r => r.connection)}::text[], ${refs.map(r => r.ticketId)}::text[],
                ${refs.map(r => r.rev ?? 2_147_483_647)}::int[]) as n (connection, ticket_id, rev)
    join event e on e.connection = n.connection and e.ticket_id = n.ticket_id and e.rev <= n.rev`.execute(db)
  for (const row of rows) {
    const ref = { connection: row.connection, ticketId: row.ticket_id }
    stories.get(refOf(ref))?.push(
      eventOf({ ...ref, key: row.key, at: instantOf(row.at), kind: row.kind, fact: row.fact })
    )
  }
  return stories
}

// A fact was written by us from a TicketEvent, kind beside it: together they are one again.
export function eventOf (row: TicketRef & { key: string, at: Instant, kind: string, fact: object }): TicketEvent {
  const { fact, kind, ...base } = row
  const whole: object = { kind, ...fact }
  if (!isFact(whole)) throw new Error(`the event ${row.key} of ${refOf(row)} is of no kind we know: ${kind}`)
  return { ...base, ...whole }
}

const KINDS = new Set(
  [
    'opened', 'asked', 'answered', 'assigned', 'escalated', 'solved', 'reopened', 'rated', 'tagged', 'merged', 'spam',
    'deleted', 'redacted', 'abandoned', 'flagged', 'context'
  ]
)

function isFact (value: object): value is EventFact {
  return 'kind' in value && typeof value.kind === 'string' && KINDS.has(value.kind)
}

/** The ids of the steps that were already taken, per ticket. */
export async function readDone (db: Reader, refs: TicketRef[]): Promise<Map<string, Set<string>>> {
  const done = new Map<string, Set<string>>(refs.map(r => [refOf(r), new Set<string>()]))
  if (refs.length === 0) return done
  const { rows } = await sql<{ connection: string, ticket_id: string, step: string }>`
    select t.connection, t.ticket_id, t.step
    from unnest(
      ${refs.map(r => r.connection)}::text[], ${refs.map(r => r.ticketId)}::text[]
    ) as n (connection, ticket_id)
    join thought t on t.connection = n.connection and t.ticket_id = n.ticket_id`.execute(db)
  for (const row of rows) done.get(`${row.connection}/${row.ticket_id}`)?.add(row.step)
  return done
}

/** Locks tickets in the order of their keys, so that two writers never wait for each other in a circle. */
export async function lockTickets (trx: Transaction<Database>, refs: TicketRef[]): Promise<TicketRow[]> {
  if (refs.length === 0) return []
  const { rows } = await sql<{
    connection: string, ticket_id: string, rev: number, quiet: boolean, late: boolean, due_at: Date | null
  }>`
    select t.connection, t.ticket_id, t.rev, t.quiet, t.late, t.due_at
    from ticket t
    where (t.connection, t.ticket_id) in
      (select * from unnest(${refs.map(r => r.connection)}::text[], ${refs.map(r => r.ticketId)}::text[]))
    order by t.connection, t.ticket_id for update`.execute(trx)
  return rows.map(r => (
    {
      connection: r.connection, ticketId: r.ticket_id, rev: r.rev, quiet: r.quiet, late: r.late,
      dueAt: r.due_at === null ? null : instantOf(r.due_at)
    }
  ))
}

export async function findLook (db: Reader, ref: TicketRef): Promise<{ lookRev: number, lookedRev: number } | null> {
  const row = await db.selectFrom('ticket').select(['look_rev', 'looked_rev'])
    .where('connection', '=', ref.connection).where('ticket_id', '=', ref.ticketId).executeTakeFirst()
  return row === undefined ? null : { lookRev: row.look_rev, lookedRev: row.looked_rev }
}

export async function saveLooked (db: Reader, ref: TicketRef, rev: number): Promise<void> {
  await sql`update ticket set looked_rev = greatest(looked_rev, ${rev}) where connection = ${ref.connection} and ticket_id = ${ref.ticketId}`.execute(db)
}

/** Writes when each ticket's next step is due, and that its story up to `rev` has been thought through. */
export async function savePlans (
  trx: Transaction<Database>, plans: Array<TicketRef & { rev: number, dueAt: Instant | null }>
): Promise<void> {
  if (plans.length === 0) return
  await sql`
    update ticket t set due_at = n.due_at, done_rev = greatest(t.done_rev, n.rev)
    from unnest(${plans.map(p => p.connection)}::text[], ${plans.map(p => p.ticketId)}::text[],
                ${plans.map(p => p.rev)}::int[], ${plans.map(p => p.dueAt)}::timestamptz[]) as n (
                  connection, ticket_id, rev, due_at
                )
    where t.connection = n.connection and t.ticket_id = n.ticket_id`.execute(trx)
}

/** Tickets whose next step is due, the longest due first. */
export async function listDue (db: Reader, now: Instant, most: number): Promise<Array<TicketRef & { dueAt: Instant }>> {
  const rows = await db.selectFrom('ticket').select(['connection', 'ticket_id', 'due_at'])
    .where(
      'due_at', '<=', new Date(now)
    ).where('held', '=', false).orderBy('due_at').orderBy('connection').orderBy(sql`length(ticket_id)`).orderBy('ticket_id').limit(most).execute()
  return rows.flatMap(r => r.due_at === null
    ? []
    : [{
        connection: r.connection, ticketId: r.ticket_id, dueAt: instantOf(r.due_at)
      }])
}

/**
 * Tickets with something that nobody has looked at yet: normally a queue job is on its way to each. Where the helpdesk
 * refuses our token nobody can look.
 */
export async function listUndone (db: Reader, most: number): Promise<TicketRef[]> {
  const { rows } = await sql<{ connection: string, ticket_id: string }>`
    select connection, ticket_id from ticket where rev > done_rev or (look_rev > looked_rev and not exists (
      select 1 from account_pause p where p.account = connection and p.kind = 'refused'
    )) limit ${most}`.execute(db)
  return rows.map(r => ({ connection: r.connection, ticketId: r.ticket_id }))
}
