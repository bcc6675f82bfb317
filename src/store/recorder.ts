// Writes what arrived. Deliveries that come at the same time share one commit: the disk is asked once for all of them,
// and none is answered before it holds them. A delivery that the database refuses is parted from the others.
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

// A time of four digits of year and a month that exists: others have no table to be kept in.
const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-\d{2}T/
const MOST_IN_ONE_COMMIT = 250
const MOST_BYTES_IN_ONE_COMMIT = 8 << 20
const MOST_WAITING = 4_000                          // beyond that the sender is told to come back
const MOST_BYTES_WAITING = 64 << 20
const COMMITS_AT_A_TIME = 2
const WORTH_A_SECOND_COMMIT = 32                    // fewer wait for the commit that runs: small commits cost as much

interface Waiting {
  arrival: Arrival
  resolve: (r: { fresh: boolean, events: number }) => void
  reject: (e: unknown) => void
}

export function openRecorder (db: Db, queue: Queue): Recorder {
  const waiting: Waiting[] = []
  let waitingBytes = 0
  let running = 0
  let idle: (() => void) | null = null

  const takeBatch = (): Waiting[] => {
    let bytes = 0
    let count = 0
    for (const { arrival } of waiting) {
      bytes += arrival.body.length
      if (count > 0 && (count === MOST_IN_ONE_COMMIT || bytes > MOST_BYTES_IN_ONE_COMMIT)) break
      count++
    }
    const batch = waiting.splice(0, count)
    waitingBytes -= batch.reduce((sum, w) => sum + w.arrival.body.length, 0)
    return batch
  }
  const isWorthACommit = (): boolean =>
    running === 0 ? waiting.length > 0 : running < COMMITS_AT_A_TIME && waiting.length >= WORTH_A_SECOND_COMMIT
  const pump = (): void => {
    while (isWorthACommit()) {
      running++
      write(db, queue, takeBatch()).finally(() => {
        running--
        pump()
        if (running === 0) idle?.()
      })
    }
  }
  return {
    record (arrival) {
      if (waiting.length >= MOST_WAITING || waitingBytes + arrival.body.length > MOST_BYTES_WAITING) {
        return Promise.reject(new BadRequest('too much is waiting for the disk: send this delivery again', 503))
      }
      const odd = arrival.facts.find(fact => fact.kind !== 'look' && !INSTANT.test(fact.at))
      if (odd !== undefined) {
        return Promise.reject(new BadRequest(`ticket ${odd.ticketId} has an event at no time that we can keep`))
      }
      return new Promise((resolve, reject) => {
        waiting.push({ arrival, resolve, reject })
        waitingBytes += arrival.body.length
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
        // By halves: of two hundred, the one that is refused is found in eight steps and not in two hundred.
        const half = batch.length >> 1
        await write(db, queue, batch.slice(0, half))
        await write(db, queue, batch.slice(half))
        return
      }
      for (const w of batch) w.reject(error)
      return
    }
  }
}

async function recordTogether (
  db: Db, queue: Queue, arrivals: Arrival[]
): Promise<Array<{ fresh: boolean, events: number }>> {
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

// Which of these were never seen: a redelivery stops here, also one that stands in the same batch. In the order of their
// keys, so that two writers of the same redeliveries never wait for each other in a circle.
async function claimIdentities (trx: Transaction<Database>, arrivals: Arrival[]): Promise<boolean[]> {
  const named = arrivals.flatMap((a, i) => a.identity === null ? [] : [{ a, i, identity: a.identity }])
  const fresh = arrivals.map(a => a.identity === null)
  if (named.length === 0) return fresh
  const rows = await sql<{ connection: string, identity: string }>`
    insert into delivery_identity (connection, identity, received_at)
    select * from unnest(${named.map(n => n.a.connection)}::text[], ${named.map(n => n.identity)}::text[],
                         ${named.map(n => n.a.receivedAt)}::timestamptz[])
    order by 1, 2
    on conflict do nothing returning connection, identity`.execute(trx)
  const claimed = new Set(rows.rows.map(r => `${r.connection}\n${r.identity}`))
  for (const n of named) fresh[n.i] = claimed.delete(`${n.a.connection}\n${n.identity}`)
  return fresh
}

// The bodies travel as one run of bytes and are cut apart there: an array of them would be sent as hexadecimal text.
async function insertDeliveries (trx: Transaction<Database>, kept: Arrival[]): Promise<void> {
  if (kept.length === 0) return
  let end = 1
  const starts = kept.map(a => (end += a.body.length) - a.body.length)
  await sql`
    insert into delivery (connection, received_at, identity, headers, body, state, error, events)
    select n.connection, n.received_at, n.identity, n.headers,
      substring(${Buffer.concat(kept.map(a => a.body))}::bytea from n.start for n.length), n.state, n.error, n.events
    from unnest(${kept.map(a => a.connection)}::text[], ${kept.map(a => a.receivedAt)}::timestamptz[],
      ${kept.map(a => a.identity)}::text[], ${kept.map(a => JSON.stringify(a.headers))}::jsonb[],
      ${starts}::int[], ${kept.map(a => a.body.length)}::int[], ${kept.map(a => a.state)}::text[],
      ${kept.map(a => a.error)}::text[], ${kept.map(a => a.facts.length)}::int[])
      as n (connection, received_at, identity, headers, start, length, state, error, events)`.execute(trx)
}

/**
 * Adds the facts that are not there yet and tells which tickets have something new to think about. Tickets are locked
 * in the order of their keys, so that two writers never wait for each other in a circle.
 */
export async function recordFacts (
  trx: Transaction<Database>, groups: Array<{ connection: string, facts: Array<TicketEvent | Look> }>
): Promise<TicketJob[]> {
  const all = groups.flatMap(g => g.facts.map(fact => ({ connection: g.connection, fact })))
  if (all.length === 0) return []
  const spans = new Map<string, { connection: string, ticketId: string, first: string, last: string, look: boolean }>()
  const now = new Date().toISOString()
  for (const { connection, fact } of all) {
    const id = `${connection}\n${fact.ticketId}`
    const at = fact.kind === 'look' ? null : fact.at
    const span = spans.get(id) ?? {
      connection, ticketId: fact.ticketId, first: at ?? now, last: at ?? '1970-01-01T00:00:00Z', look: false
    }
    if (at !== null && at < span.first) span.first = at
    if (at !== null && at > span.last) span.last = at
    if (fact.kind === 'look') span.look = true
    spans.set(id, span)
  }
  const tickets = [...spans.values()].sort((a, b) =>
    a.connection === b.connection ? (a.ticketId < b.ticketId ? -1 : 1) : (a.connection < b.connection ? -1 : 1))
  // Nearly every delivery says something new, so the revision moves at once and is taken back where nothing was new:
  // one version of the row instead of two. Nobody sees the step in between, for this lock is held until the commit.
  await sql`
    insert into ticket (connection, ticket_id, first_at, last_at, rev, look_rev)
    select n.connection, n.ticket_id, n.first_at, n.last_at, 1, n.look_rev
    from unnest(${tickets.map(t => t.connection)}::text[], ${tickets.map(t => t.ticketId)}::text[],
                ${tickets.map(t => t.first)}::timestamptz[], ${tickets.map(t => t.last)}::timestamptz[],
                ${tickets.map(t => t.look ? 1 : 0)}::int[]) as n (connection, ticket_id, first_at, last_at, look_rev)
    on conflict (connection, ticket_id) do update
      set first_at = least(ticket.first_at, excluded.first_at), last_at = greatest(ticket.last_at, excluded.last_at),
          rev = ticket.rev + 1, held = false,
          look_rev = case when excluded.look_rev > 0 then ticket.rev + 1 else ticket.look_rev end`.execute(trx)

  const events = all.flatMap(({ connection, fact }) => fact.kind === 'look' ? [] : [{ connection, event: fact }])
  const changed = new Set<string>()
  if (events.length > 0) {
    const added = await sql<{ connection: string, ticket_id: string }>`
      insert into event (connection, ticket_id, key, at, kind, fact, rev)
      select distinct on (
        n.connection, n.ticket_id, n.key
      ) n.connection, n.ticket_id, n.key, n.at, n.kind, n.fact, t.rev
      from unnest(${events.map(e => e.connection)}::text[], ${events.map(e => e.event.ticketId)}::text[],
                  ${events.map(e => e.event.key)}::text[], ${events.map(e => e.event.at)}::timestamptz[],
                  ${events.map(e => e.event.kind)}::text[],
                  ${events.map(e => JSON.stringify(factOf(e.event)))}::jsonb[])
           with ordinality as n (connection, ticket_id, key, at, kind, fact, i)
      join ticket t on t.connection = n.connection and t.ticket_id = n.ticket_id
      where not exists (select 1 from event e
        where e.connection = n.connection and e.ticket_id = n.ticket_id and e.key = n.key)
      order by n.connection, n.ticket_id, n.key, n.i
      on conflict do nothing
      returning connection, ticket_id`.execute(trx)
    for (const row of added.rows) changed.add(`${row.connection}\n${row.ticket_id}`)
  }
  const isNew = (t: { connection: string, ticketId: string, look: boolean }): boolean =>
    t.look || changed.has(`${t.connection}\n${t.ticketId}`)
  const still = tickets.filter(t => !isNew(t))
  if (still.length > 0) {
    await sql`
      update ticket t set rev = t.rev - 1
      from unnest(
        ${still.map(t => t.connection)}::text[], ${still.map(t => t.ticketId)}::text[]
      ) as n (connection, ticket_id)
      where t.connection = n.connection and t.ticket_id = n.ticket_id`.execute(trx)
  }
  return tickets.filter(isNew).map(t => ({ connection: t.connection, ticketId: t.ticketId }))
}

function factOf (event: TicketEvent): Record<string, unknown> {
  const { key: _key, connection: _connection, ticketId: _ticketId, at: _at, kind: _kind, ...fact } = event
  return fact
}
