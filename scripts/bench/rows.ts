// What the database holds: whether every acknowledged delivery is there, and how fast it takes the same bytes bare.
import pg from 'pg'
import { makeDelivery } from './deliveries.ts'
import type { BenchDelivery } from './deliveries.ts'

/** How many deliveries that were answered 200 are not in the database. It must be none. */
export async function countLost (
  url: string, acknowledged: Uint32Array, since: Date, proofOf: (n: number) => string
): Promise<number> {
  return await withClient(url, async client => {
    const { rows } = await client.query<{ proof: string }>(
      `select coalesce(identity, encode(sha256(body), 'hex')) as proof from delivery
       where received_at >= $1 and state = 'read'`, [since])
    const stored = new Set(rows.map(row => row.proof))
    return acknowledged.reduce((lost, n) => lost + (stored.has(proofOf(n)) ? 0 : 1), 0)
  })
}

export interface BareRun { latenciesMs: number[], elapsedMs: number }

/** The floor under all of it: the same bytes into a table like `delivery`, one durable commit per row, nothing else. */
export async function insertBare (url: string, connections: number, seconds: number): Promise<BareRun> {
  await withClient(url, async client => {
    await client.query('create schema if not exists bench')
    await client.query('drop table if exists bench.delivery')
    await client.query('create table bench.delivery (like public.delivery including all)')
  })
  const sample = Array.from({ length: 3000 }, (_, n) => makeDelivery(n, Date.now()))
  const clients = await Promise.all(Array.from({ length: connections }, () => connect(url)))
  try {
    const latencies: number[] = []
    const startMs = performance.now()
    const stopMs = startMs + seconds * 1000
    let n = 0
    await Promise.all(clients.map(async client => {
      while (performance.now() < stopMs) {
        const delivery = sample[n++ % sample.length]
        if (delivery === undefined) return
        const beforeMs = performance.now()
        await insertOne(client, delivery)
        latencies.push(performance.now() - beforeMs)
      }
    }))
    return { latenciesMs: latencies, elapsedMs: performance.now() - startMs }
  } finally {
    await Promise.all(clients.map(client => client.end()))
    await withClient(url, async client => { await client.query('drop schema bench cascade') })
  }
}

async function insertOne (client: pg.Client, delivery: BenchDelivery): Promise<void> {
  await client.query({
    name: 'bare',                                   // planned once per connection: the fastest a client can be
    text: `insert into bench.delivery (connection, received_at, identity, headers, body, state, error, events)
           values ($1, $2, $3, $4, $5, 'read', null, 1)`,
    values: [delivery.connection, new Date(), delivery.identity, '{"content-type":"application/json"}', delivery.body]
  })
}

async function connect (url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, statement_timeout: 30_000 })
  await client.connect()
  return client
}

export async function withClient<T> (url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(url)
  try { return await work(client) } finally { await client.end() }
}
