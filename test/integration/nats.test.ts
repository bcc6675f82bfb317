// The stream of events on NATS JetStream, with a true server: each event there once and in its order, also when the server
// is killed in the middle or its answers are lost. Skipped where no nats-server is installed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as dial, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { jetstreamManager } from '@nats-io/jetstream'
import type { JetStreamManager } from '@nats-io/jetstream'
import { connect, nanos } from '@nats-io/transport-node'
import { sql } from 'kysely'
import { openNatsOutlet } from '../../src/bridge/nats.ts'
import type { NatsOutlet } from '../../src/bridge/nats.ts'
import { toCloudEvent } from '../../src/store/cloud-event.ts'
import { listOutlets, saveOutlet } from '../../src/store/outlets.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import { findStreamEnd, listStream } from '../../src/store/stream.ts'
import type { EventFact, TicketEvent } from '../../src/types.ts'
import type { NatsTarget, Outlet } from '../../src/outside.ts'
import { outletsOnce } from '../../src/work/outlets.ts'
import type { OutletDeps } from '../../src/work/outlets.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'
import { natsProgram, openNats } from '../support/nats.ts'
import type { NatsServer } from '../support/nats.ts'

const AT = '2026-10-05T07:30:00Z'
const TARGET: NatsTarget = { stream: 'QUAY', subject: 'quay.events', keepDays: 7 }
const DEADLINE_MS = 400
const without = natsProgram === null ? ' (skipped: there is no nats-server on this machine)' : ''
const onServer = natsProgram === null ? describe.skip : describe

interface DeafLine { port: number, deafAfter: string | null, close: () => Promise<void> }

interface Stored { subject: string, id: string, type: string, ticket: string }

let database: TestDatabase
let server: NatsServer
let bus: NatsOutlet
let outlet: Outlet
let deps: OutletDeps

onServer(`JetStream${without}`, () => {
  beforeAll(async () => {
    database = await openTestDatabase()
    await ensurePartitions(database.db, [], [AT])
  })
  afterAll(async () => { await database.close() })

  beforeEach(async () => {
    await sql`truncate event, ticket, outlet, outlet_refusal`.execute(database.db)
    server = await openNats()
    await use(server.url)
  })
  afterEach(async () => {
    await bus.close()
    await server.close()
  })

  test('each event goes to the subject of its kind, under its own id, in its order, once', async () => {
    await record(5)
    await work()
    await work()
    const stored = await readStream()
    expect(stored.map(s => [s.subject, s.type, s.ticket])).toEqual([
      ['quay.events.moorings.asked', 'deskloop.ticket.asked', '0'], ['quay.events.moorings.solved', 'deskloop.ticket.solved', '1'],
      ['quay.events.moorings.asked', 'deskloop.ticket.asked', '2'], ['quay.events.moorings.solved', 'deskloop.ticket.solved', '3'],
      ['quay.events.moorings.asked', 'deskloop.ticket.asked', '4']
    ])
    expect(stored.every(s => /^evt_[0-9a-f]{32}$/.test(s.id))).toBe(true)
    expect(new Set(stored.map(s => s.id)).size).toBe(5)
    expect(await health()).toMatchObject({ delivered: 5, attempts: 0, failingSince: null })
    const made = await withManager(async manager => (await manager.streams.info('QUAY')).config)
    expect(made).toMatchObject({ subjects: ['quay.events.>'], duplicate_window: nanos(600_000) })
    expect(made.max_age).toBe(nanos(7 * 86_400_000))
  })

  test('killed and started again in the middle, five times: nothing is missing and nothing is doubled', async () => {
    const events = 600
    await record(events)
    let kills = 0
    let outages = 0
    const killer = (async () => {
      while (kills < 5) {
        await sleep(60 + kills * 35)
        await server.kill()
        kills++
        await sleep(120)
        await server.start()
      }
    })()
    for (let rounds = 0; rounds < 400; rounds++) {
      await work()
      const state = await health()
      if (state.delivered >= events) break
      if (state.attempts > 0) outages++
      await sql`update outlet set not_before = now()`.execute(database.db)
      await sleep(20)
    }
    await killer
    const stored = await readStream()
    const expected = await idsOf(events)
    const missing = expected.filter(id => !stored.some(s => s.id === id)).length
    const doubled = stored.length - new Set(stored.map(s => s.id)).size
    const figures = { missing, doubled, stored: stored.length, kills }
    expect(figures).toEqual({ missing: 0, doubled: 0, stored: events, kills: 5 })
    expect(stored.map(s => s.id)).toEqual(expected)
    expect(outages).toBeGreaterThan(0)              // or the kills came too late to mean anything
  })

  test('an event whose answer was lost is not sent again, even when the server no longer knows its id', async () => {
    const window = 150
    await withManager(async manager => {
      await manager.streams.add({ name: 'QUAY', subjects: ['quay.events.>'], duplicate_window: nanos(window) })
    })
    const line = await openDeafLine(server.port)
    await bus.close()
    await use(`nats://127.0.0.1:${line.port}`)
    await record(3)
    line.deafAfter = 'quay.events.moorings.solved'  // the second event arrives there, and its answer does not here
    await work()
    expect(await health()).toMatchObject({ delivered: 1, attempts: 1 })
    expect(await readStream()).toHaveLength(2)
    line.deafAfter = null
    await sleep(window * 3)
    await sql`update outlet set not_before = now()`.execute(database.db)
    await work()
    expect(await health()).toMatchObject({ delivered: 3, attempts: 0 })
    expect((await readStream()).map(s => s.id)).toEqual(await idsOf(3))
    await line.close()
  })

  test('another worker that goes on after a death looks first', async () => {
    await record(1)
    await work()
    await sql`update outlet set txid = '0', seq = 0`.execute(database.db)      // it died before it could note the answer
    await bus.close()
    await use(server.url, false)
    await sleep(50)
    await work()
    expect(await readStream()).toHaveLength(1)
    expect(await health()).toMatchObject({ attempts: 0, refusals: 0 })
  })

  test('what is too large for the server is refused and kept apart, and the rest goes on', async () => {
    await bus.close()
    await server.close()
    const folder = mkdtempSync(join(tmpdir(), 'deskloop-nats-'))
    writeFileSync(join(folder, 'small.conf'), 'max_payload: 8192\n')
    server = await openNats(['-c', join(folder, 'small.conf')])
    rmSync(folder, { recursive: true, force: true })
    await use(server.url)
    await record(1)
    await recordOne('big', { kind: 'asked', messageId: 'm', text: 'x'.repeat(9_000), person: { id: 'p' } })
    await record(1, 'after')
    await work()
    expect((await readStream()).map(s => s.ticket)).toEqual(['0', 'after0'])
    expect(await health()).toMatchObject({ delivered: 2, refusals: 1, pausedAt: null })
  })

  test('a stream that takes no such subject is told as it is, and nothing is passed over', async () => {
    await withManager(async manager => { await manager.streams.add({ name: 'QUAY', subjects: ['other.>'] }) })
    await record(1)
    await work()
    const state = await health()
    expect(state).toMatchObject({ delivered: 0, attempts: 1, refusals: 0 })
    expect(state.lastError).toMatch(/bus did not take it/)
  })

  test('a server that wants a token is given it, and one that refuses it is tried again later', async () => {
    await bus.close()
    await server.close()
    server = await openNats(['--auth', 'the-right-token-of-this-quay'])
    await record(1)
    await use(server.url, true, { ...TARGET, token: 'a wrong one' })
    await work()
    expect(await health()).toMatchObject({ delivered: 0, attempts: 1 })
    await bus.close()
    await use(server.url, true, { ...TARGET, token: 'the-right-token-of-this-quay' })
    await sql`update outlet set not_before = now()`.execute(database.db)
    await work()
    expect(await health()).toMatchObject({ delivered: 1, attempts: 0 })
  })
})

async function use (url: string, save = true, target = TARGET): Promise<void> {
  outlet = { name: 'bus', url, secrets: [], kinds: null, from: 'start', nats: target }
  bus = openNatsOutlet(outlet, target, DEADLINE_MS)
  deps = { db: database.db, log: silent, outlets: [outlet], post: (_to, message) => bus.post(message) }
  if (save) await saveOutlet(database.db, outlet)
}

async function work (): Promise<void> {
  while (await outletsOnce(deps) > 0) { /* until there is nothing left, or it must wait */ }
}

async function recordOne (ticketId: string, fact: EventFact): Promise<void> {
  const event: TicketEvent = { key: 'a', connection: 'moorings', ticketId, at: AT, ...fact }
  await database.db.transaction().execute(trx => recordFacts(trx, [{ connection: 'moorings', facts: [event] }]))
  await settle()
}

async function record (count: number, prefix = ''): Promise<void> {
  await database.db.transaction().execute(async trx => {
    for (let i = 0; i < count; i++) {
      const fact: EventFact = i % 2 === 1
        ? { kind: 'solved' }
        : { kind: 'asked', messageId: 'm', text: `Is berth ${i} free?`, person: { id: 'p' } }
      const facts: TicketEvent[] = [{ key: 'a', connection: 'moorings', ticketId: `${prefix}${i}`, at: AT, ...fact }]
      await recordFacts(trx, [{ connection: 'moorings', facts }])
    }
  })
  await settle()
}

// Another test's database on the same server may hold the stream back for a moment.
async function settle (): Promise<void> {
  for (let tries = 0; tries < 250; tries++) {
    const { rows } = await sql<{ all: number }>`select count(*)::int as all from event`.execute(database.db)
    if ((await listStream(database.db, '0'.repeat(32), 10_000)).length === rows[0]?.all) return
    await sleep(20)
  }
  throw new Error(`the stream ends at ${await findStreamEnd(database.db)}`)
}

async function idsOf (count: number): Promise<string[]> {
  return (await listStream(database.db, '0'.repeat(32), count)).map(e => toCloudEvent(e).id)
}

async function health (): Promise<Awaited<ReturnType<typeof listOutlets>>[number]> {
  const [only] = await listOutlets(database.db)
  if (only === undefined) throw new Error('there is no outlet')
  return only
}

async function withManager<T> (does: (manager: JetStreamManager) => Promise<T>): Promise<T> {
  const token = server.url === outlet.url && outlet.nats?.token !== undefined ? { token: outlet.nats.token } : {}
  const connection = await connect({ servers: server.url, ...token })
  try { return await does(await jetstreamManager(connection)) } finally { await connection.close() }
}

async function readStream (): Promise<Stored[]> {
  return await withManager(async manager => {
    const { state } = await manager.streams.info('QUAY')
    const found: Stored[] = []
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage('QUAY', { seq })
      if (message === null) continue
      const body: { type: string, subject: string, id: string } = message.json()
      const id = message.header.get('Nats-Msg-Id')
      expect(id).toBe(body.id)
      expect(message.header.get('Content-Type')).toMatch(/^application\/cloudevents\+json/)
      found.push({ subject: message.subject, id, type: body.type, ticket: body.subject })
    }
    return found
  })
}

/** A line to the server on which, from a subject on, nothing comes back any more. */
async function openDeafLine (port: number): Promise<DeafLine> {
  const sockets = new Set<Socket>()
  const line: DeafLine = { port: 0, deafAfter: null, close: async () => {} }
  const listening: Server = createServer(near => {
    const far = dial(port, '127.0.0.1')
    let deaf = false
    for (const socket of [near, far]) { sockets.add(socket); socket.on('error', () => { /* told by close */ }) }
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    near.on('data', part => {
      if (line.deafAfter !== null && part.includes(`PUB ${line.deafAfter}`)) deaf = true
      far.write(part)
    })
    far.on('data', part => { if (!deaf) near.write(part) })
  })
  await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve))
  const address = listening.address()
  line.port = typeof address === 'object' && address !== null ? address.port : 0
  line.close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => listening.close(resolve))
  }
  return line
}
