// Escalations as they stand among the events, and the notes that suggest one.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import type { TicketRef } from './stories.ts'

/** How often one way of escalating came up: `key` begins a rule's keys, empty: the helpdesk itself told it, as `how`. */
export interface EscalationCount { key: string, how: string, fired: number, tickets: number, lastAt: Instant }

export interface EscalatedTicket extends TicketRef { key: string, how: string, at: Instant }

/** Everything since an instant, the commonest first. */
export async function countEscalations (db: Db, since: Instant): Promise<EscalationCount[]> {
  const { rows } = await sql<{ key: string, how: string, fired: number, tickets: number, last_at: Date }>`
    select n.key, n.how, count(*)::int as fired, count(distinct (connection, ticket_id))::int as tickets, max(at) as last_at
    from event e, lateral (
      select case when e.key like 'escalated:rule:%' then 'escalated:rule:' || split_part(e.key, ':', 3) || ':' else '' end as key,
        case when e.key like 'escalated:rule:%' then 'rule ' || split_part(e.key, ':', 3) else fact->>'how' end as how
    ) n
    where kind = 'escalated' and at >= ${since}
    group by 1, 2 order by 3 desc, 1, 2`.execute(db)
  return rows.map(r => ({ key: r.key, how: r.how, fired: r.fired, tickets: r.tickets, lastAt: instantOf(r.last_at) }))
}

/** The latest escalations since an instant, newest first. */
export async function listEscalations (db: Db, since: Instant, most: number): Promise<EscalatedTicket[]> {
  const { rows } = await sql<{ connection: string, ticket_id: string, key: string, how: string, at: Date }>`
    select connection, ticket_id, key, fact->>'how' as how, at from event
    where kind = 'escalated' and at >= ${since}
    order by event.at desc, connection, ticket_id, key limit ${most}`.execute(db)
  return rows.map(r => {
    return { connection: r.connection, ticketId: r.ticket_id, key: r.key, how: r.how, at: instantOf(r.at) }
  })
}

/** Whether a suggestion to escalate stands, or is about to, in the turn that this question began. */
export async function hasSuggestion (trx: Transaction<Database>, ref: TicketRef, questionId: string): Promise<boolean> {
  const row = await trx.selectFrom('effect').select('id').where('kind', '=', 'suggest')
    .where('connection', '=', ref.connection).where('ticket_id', '=', ref.ticketId)
    .where('state', 'in', ['pending', 'inflight', 'done'])
    .where(sql<boolean>`payload->>'questionId' = ${questionId}`).executeTakeFirst()
  return row !== undefined
}

/** The rules that have suggested to escalate this ticket, also where the note came too late. */
export async function listSuggested (trx: Transaction<Database>, ref: TicketRef): Promise<string[]> {
  const rows = await trx.selectFrom('effect').select('cause').where('kind', '=', 'suggest')
    .where('connection', '=', ref.connection).where('ticket_id', '=', ref.ticketId).execute()
  return rows.map(r => r.cause)
}
