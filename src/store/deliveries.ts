// Deliveries as they were received: those that could not be read wait here until they can.
import { sql } from 'kysely'
import type { Queue } from '../queue.ts'
import type { Db } from './db.ts'
import { ensurePartitions } from './partitions.ts'
import { recordFacts } from './recorder.ts'
import type { Arrival } from './recorder.ts'

export interface KeptDelivery {
  id: string, receivedAt: Date, connection: string, headers: Record<string, string>, body: Buffer
}

export async function listUnreadable (db: Db): Promise<KeptDelivery[]> {
  const rows = await db.selectFrom('delivery').select(['id', 'received_at', 'connection', 'headers', 'body'])
    .where('state', '=', 'unreadable').orderBy('received_at').orderBy('id').execute()
  return rows.map(r => (
    { id: r.id, receivedAt: r.received_at, connection: r.connection, headers: r.headers, body: r.body }
  ))
}

/** What an unreadable delivery turned out to say is recorded as if it had just come; its bytes stay as they were. */
export async function saveRead (db: Db, queue: Queue, delivery: KeptDelivery, arrival: Arrival): Promise<void> {
  await ensurePartitions(db, [], arrival.facts.flatMap(f => f.kind === 'look' ? [] : [f.at]))
  await db.transaction().execute(async trx => {
    const known = arrival.identity === null
      ? { rows: [1] }
      : await sql`insert into delivery_identity (connection, identity, received_at)
          values (
            ${delivery.connection}, ${arrival.identity}, ${delivery.receivedAt}
          ) on conflict do nothing returning 1`.execute(trx)
    const jobs = known.rows.length === 0
      ? []
      : await recordFacts(
        trx, [{ connection: delivery.connection, facts: arrival.facts }]
      )
    await queue.send(trx, jobs)
    await sql`update delivery set state = 'read', error = null, identity = ${arrival.identity}, events = ${arrival.facts.length}
      where received_at = ${delivery.receivedAt} and id = ${delivery.id}`.execute(trx)
  })
}

/** The newest delivery of a connection; null before the first one. */
export async function findNewest (db: Db, connection: string): Promise<string | null> {
  const row = await db.selectFrom('delivery').select('id').where('connection', '=', connection)
    .orderBy('received_at', 'desc').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row === undefined ? null : String(row.id)
}

/** The first delivery after the one named, and how long what it told had taken to get here: null while nothing was told. */
export async function findArrival (
  db: Db, connection: string, after: string | null
): Promise<{ id: string, events: number, lagSeconds: number | null } | null> {
  const { rows } = await sql<{ id: string, events: number, lag: number | null }>`
    select d.id, d.events, (
      select extract(epoch from e.recorded_at - e.at)::float8 from event e
      where e.connection = d.connection and e.recorded_at >= d.received_at order by e.recorded_at limit 1
    ) as lag
    from delivery d where d.connection = ${connection} and d.id > ${after ?? '0'} order by d.id limit 1`.execute(db)
  const [first] = rows
  return first === undefined ? null : { id: String(first.id), events: first.events, lagSeconds: first.lag }
}
