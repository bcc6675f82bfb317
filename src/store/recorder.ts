// Writes what arrived. Deliveries that come at the same time share one commit: the disk is asked once for all of them,
// and none is answered before it holds them. A delivery that the database refuses is written again by itself.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import { BadRequest } from '../errors.ts'
import type { Queue, TicketJob } from '../queue.ts'
import type { Look, TicketEvent } from '../types.ts'
import { ensurePartitions } from './partitions.ts'
import { isConflict, isRefused } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'

export interface Arrival {
  connection: string
  identity: string | null
  receivedAt: Date
  headers: Record<string, string>
  body: Buffer
  state: 'read' | 'unreadable' | 'late'
  error: string | null
  facts: Array<TicketEvent | Look>
}

export interface Recorder {
  /** Resolves when the delivery is on the disk; `fresh` is false for a redelivery, of which nothing is written. */
  record (arrival: Arrival): Promise<{ fresh: boolean, events: number }>
  close (): Promise<void>
}

const MOST_IN_ONE_COMMIT = 250
const MOST_WAITING = 4_000                          // beyond that the sender is told to come back
const COMMITS_AT_A_TIME = 2

interface Waiting {
  arrival: Arrival
  resolve: (r: { fresh: boolean, events: number }) => void
  reject: (e: unknown) => void
}

export function openRecorder (db: Db, queue: Queue): Recorder {
  const waiting: Waiting[] = []
  let running = 0
  let idle: (() => void) | null = null

  const pump = (): void => {
    while (running < COMMITS_AT_A_TIME && waiting.length > 0) {
      const batch = waiting.splice(0, MOST_IN_ONE_COMMIT)
      running++
      write(db, queue, batch).finally(() => {
        running--
        if (waiting.length > 0) pump()
        else if (running === 0) idle?.()
      })
    }
  }
  return {
    record (arrival) {
      if (waiting.length >= MOST_WAITING) {
        return Promise.reject(new BadRequest('too much is waiting for the disk: send this delivery again', 503))
      }
      return new Promise((resolve, reject) => {
        waiting.push({ arrival, resolve, reject })
        // One turn of the event loop: requests that are read together are written together.
        if (running < COMMITS_AT_A_TIME) setImmediate(pump)
      })
    },
    close: () => new Promise(resolve => {
      if (running === 0 && waiting.length === 0) resolve()
      else idle = resolve
    })
  }
}

async function write (db: Db, queue: Queue, batch: Waiting[]): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      const results = await recordTogether(db, queue, batch.map(w => w.arrival))
      for (const [i, w] of batch.entries()) w.resolve(results[i] ?? { fresh: false, events: 0 })
      queue.wake()
      return
    } catch (error) {
      if (isConflict(error) && tries < 3) continue
      if (isRefused(error) && batch.length > 1) {
        for (const one of batch) await write(db, queue, [one])
        return
      }
      for (const w of batch) w.reject(error)
      return
    }
  }
}

async function recordTogether (db: Db, queue: Queue, arrivals: Arrival[]): Promise<Array<{ fresh: boolean, events: number }>> {
  const facts = arrivals.flatMap(a => a.facts)
  await ensurePartitions(db, arrivals.map(a => a.receivedAt), facts.flatMap(f => f.kind === 'look' ? [] : [f.at]))
  return db.transaction().execute(async trx => {
    const fresh = await claimIdentities(trx, arrivals)
    const kept = arrivals.filter((_, i) => fresh[i])
    await insertDeliveries(trx, kept)
    const changed = await recordFacts(trx, kept.map(a => ({ connection: a.connection, facts: a.facts })))
    await queue.send(trx, changed)
    return arrivals.map((a, i) => ({ fresh: fresh[i] ?? false, events: fresh[i] ? a.facts.length : 0 }))
  })
}

// Which of these were never seen: a redelivery stops here, also one that stands in the same batch.
async function claimIdentities (trx: Transaction<Database>, arrivals: Arrival[]): Promise<boolean[]> {
  const named = arrivals.flatMap((a, i) => a.identity === null ? [] : [{ a, i, identity: a.identity }])
  const fresh = arrivals.map(a => a.identity === null)
  if (named.length === 0) return fresh
  const rows = await sql<{ connection: string, identity: string }>`
    insert into delivery_identity (connection, identity, received_at)
    select * from unnest(${named.map(n => n.a.connection)}::text[], ${named.map(n => n.identity)}::text[],
                         ${named.map(n => n.a.receivedAt)}::timestamptz[])
    on conflict do nothing returning connection, identity`.execute(trx)
  const claimed = new Set(rows.rows.map(r => `${r.connection}\n${r.identity}`))
  for (const n of named) fresh[n.i] = claimed.delete(`${n.a.connection}\n${n.identity}`)
  return fresh
}

async function insertDeliveries (trx: Transaction<Database>, kept: Arrival[]): Promise<void> {
  if (kept.length === 0) return
  await sql`
    insert into delivery (connection, received_at, identity, headers, body, state, error, events)
    select * from unnest(${kept.map(a => a.connection)}::text[], ${kept.map(a => a.receivedAt)}::timestamptz[],
      ${kept.map(a => a.identity)}::text[], ${kept.map(a => JSON.stringify(a.headers))}::jsonb[],
      ${kept.map(a => a.body)}::bytea[], ${kept.map(a => a.state)}::text[], ${kept.map(a => a.error)}::text[],
      ${kept.map(a => a.facts.length)}::int[])`.execute(trx)
}

/**
 * Adds the facts that are not there yet and tells which tickets have something new to think about. Tickets are locked
 * in the order of their keys, so that two writers never wait for each other in a circle.
 */
export async function recordFacts (trx: Transaction<Database>, groups: Array<{ connection: string, facts: Array<TicketEvent | Look> }>): Promise<TicketJob[]> {
  const all = groups.flatMap(g => g.facts.map(fact => ({ connection: g.connection, fact })))
  if (all.length === 0) return []
  const spans = new Map<string, { connection: string, ticketId: string, first: string, last: string, look: boolean }>()
  const now = new Date().toISOString()
  for (const { connection, fact } of all) {
    const id = `${connection}\n${fact.ticketId}`
    const at = fact.kind === 'look' ? null : fact.at
    const span = spans.get(id) ?? { connection, ticketId: fact.ticketId, first: at ?? now, last: at ?? '1970-01-01T00:00:00Z', look: false }
    if (at !== null && at < span.first) span.first = at
    if (at !== null && at > span.last) span.last = at
    if (fact.kind === 'look') span.look = true
    spans.set(id, span)
  }
  const tickets = [...spans.values()].sort((a, b) =>
    a.connection === b.connection ? (a.ticketId < b.ticketId ? -1 : 1) : (a.connection < b.connection ? -1 : 1))
  await sql`
    insert into ticket (connection, ticket_id, first_at, last_at)
    select * from unnest(${tickets.map(t => t.connection)}::text[], ${tickets.map(t => t.ticketId)}::text[],
                         ${tickets.map(t => t.first)}::timestamptz[], ${tickets.map(t => t.last)}::timestamptz[])
    on conflict (connection, ticket_id) do update
      set first_at = least(ticket.first_at, excluded.first_at), last_at = greatest(ticket.last_at, excluded.last_at)`.execute(trx)

  const events = all.flatMap(({ connection, fact }) => fact.kind === 'look' ? [] : [{ connection, event: fact }])
  const changed = new Set<string>()
  if (events.length > 0) {
    const added = await sql<{ connection: string, ticket_id: string }>`
      insert into event (connection, ticket_id, key, at, kind, fact, rev)
      select distinct on (n.connection, n.ticket_id, n.key) n.connection, n.ticket_id, n.key, n.at, n.kind, n.fact, t.rev + 1
      from unnest(${events.map(e => e.connection)}::text[], ${events.map(e => e.event.ticketId)}::text[],
                  ${events.map(e => e.event.key)}::text[], ${events.map(e => e.event.at)}::timestamptz[],
                  ${events.map(e => e.event.kind)}::text[], ${events.map(e => JSON.stringify(factOf(e.event)))}::jsonb[])
           with ordinality as n (connection, ticket_id, key, at, kind, fact, i)
      join ticket t on t.connection = n.connection and t.ticket_id = n.ticket_id
      where not exists (select 1 from event e
        where e.connection = n.connection and e.ticket_id = n.ticket_id and e.key = n.key)
      order by n.connection, n.ticket_id, n.key, n.i
      on conflict do nothing
      returning connection, ticket_id`.execute(trx)
    for (const row of added.rows) changed.add(`${row.connection}\n${row.ticket_id}`)
  }
  const moved = tickets.filter(t => t.look || changed.has(`${t.connection}\n${t.ticketId}`))
  if (moved.length > 0) {
    await sql`
      update ticket t set rev = t.rev + 1, look_rev = case when n.look then t.rev + 1 else t.look_rev end
      from unnest(${moved.map(t => t.connection)}::text[], ${moved.map(t => t.ticketId)}::text[], ${moved.map(t => t.look)}::bool[])
        as n (connection, ticket_id, look)
      where t.connection = n.connection and t.ticket_id = n.ticket_id`.execute(trx)
  }
  return moved.map(t => ({ connection: t.connection, ticketId: t.ticketId }))
}

function factOf (event: TicketEvent): Record<string, unknown> {
  const { key: _key, connection: _connection, ticketId: _ticketId, at: _at, kind: _kind, ...fact } = event
  return fact
}
