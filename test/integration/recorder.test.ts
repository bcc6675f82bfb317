// What a delivery leaves in the database, when many come at once, twice, broken, or with the database gone.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { BadRequest } from '../../src/errors.ts'
import { readDelivery } from '../../src/http/webhooks.ts'
import { openLog } from '../../src/log.ts'
import { openQueue } from '../../src/queue.ts'
import type { Queue } from '../../src/queue.ts'
import { openDb } from '../../src/store/db.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { openRecorder, recordFacts } from '../../src/store/recorder.ts'
import type { Arrival, Recorder } from '../../src/store/recorder.ts'
import type { Connector, Look, TicketEvent } from '../../src/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'

const DESK = 'riverdesk'
const AT = '2026-10-05T07:30:00Z'

let desk: TestDatabase
let queue: Queue
let recorder: Recorder
let made = 0

beforeAll(async () => {
  desk = await openTestDatabase()
  queue = await openQueue(desk.url, openLog('silent'), { worker: false })
  recorder = openRecorder(desk.db, queue)
})
afterAll(async () => {
  await recorder.close()
  await queue.close()
  await desk.close()
})

function newTicket (): string {
  return `ticket-${String(++made).padStart(5, '0')}`
}

function asked (ticketId: string, key: string, more: { at?: string, text?: string } = {}): TicketEvent {
  return {
    kind: 'asked', key: `message:${key}`, connection: DESK, ticketId, at: more.at ?? AT, messageId: key,
    text: more.text ?? 'When does the ferry leave?', person: { id: 'p-7' }
  }
}

function arrivalOf (identity: string | null, facts: Array<TicketEvent | Look>, more: Partial<Arrival> = {}): Arrival {
  return {
    connection: DESK, identity, receivedAt: new Date(), headers: { 'content-type': 'application/json' },
    body: Buffer.from(`{"of":${JSON.stringify(identity)}}`), state: 'read', error: null, facts, ...more
  }
}

interface Row { rev: number, look_rev: number, first: string, last: string }

async function ticketOf (ticketId: string): Promise<Row | null> {
  const row = await desk.db.selectFrom('ticket').select(['rev', 'look_rev', 'first_at', 'last_at'])
    .where('connection', '=', DESK).where('ticket_id', '=', ticketId).executeTakeFirst()
  if (row === undefined) return null
  return { rev: row.rev, look_rev: row.look_rev, first: row.first_at.toISOString(), last: row.last_at.toISOString() }
}

interface Written { key: string, rev: number, fact: Record<string, unknown> }

async function eventsOf (ticketId: string): Promise<Written[]> {
  return await desk.db.selectFrom('event').select(['key', 'rev', 'fact'])
    .where('connection', '=', DESK).where('ticket_id', '=', ticketId).orderBy('seq').execute()
}

interface Kept { body: Buffer, state: string, error: string | null, events: number }

async function deliveriesOf (identity: string): Promise<Kept[]> {
  return await desk.db.selectFrom('delivery').select(['body', 'state', 'error', 'events'])
    .where('connection', '=', DESK).where('identity', '=', identity).execute()
}

async function jobsOf (ticketId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pgboss.job
    where name = 'ticket' and data = ${JSON.stringify({ connection: DESK, ticketId })}::jsonb`.execute(desk.db)
  return rows[0]?.count ?? 0
}

test('a delivery leaves its bytes, its events, its ticket and one job', async () => {
  const ticket = newTicket()
  const body = Buffer.from([0, 255, 10, 92, 120, 200, 0])
  expect(await recorder.record(arrivalOf('whole-1', [asked(ticket, 'a')], { body }))).toEqual({ fresh: true, events: 1 })
  const [row] = await deliveriesOf('whole-1')
  expect(row?.body.equals(body)).toBe(true)
  expect(row).toMatchObject({ state: 'read', error: null, events: 1 })
  expect(await eventsOf(ticket)).toEqual([{
    key: 'message:a', rev: 1, fact: { messageId: 'a', text: 'When does the ferry leave?', person: { id: 'p-7' } }
  }])
  expect(await ticketOf(ticket)).toMatchObject({ rev: 1, look_rev: 0 })
  expect(await jobsOf(ticket)).toBe(1)
})

test('bodies of every length that share a commit keep their own bytes', async () => {
  const bodies = [0, 1, 7, 2048, 70_000, 3, 0].map((length, i) => Buffer.alloc(length, i + 1))
  await Promise.all(bodies.map((body, i) => recorder.record(arrivalOf(`bytes-${i}`, [], { body }))))
  for (const [i, body] of bodies.entries()) {
    const rows = await deliveriesOf(`bytes-${i}`)
    expect(rows.map(row => row.body.equals(body))).toEqual([true])
  }
})

test('a redelivery in the same commit and in a later one is told apart and writes nothing', async () => {
  const ticket = newTicket()
  const together = await Promise.all([1, 2, 3, 4, 5].map(() =>
    recorder.record(arrivalOf('twice-1', [asked(ticket, 'a')]))))
  expect(together.filter(r => r.fresh)).toEqual([{ fresh: true, events: 1 }])
  expect(together.filter(r => !r.fresh)).toEqual(Array(4).fill({ fresh: false, events: 0 }))
  expect(await recorder.record(arrivalOf('twice-1', [asked(ticket, 'changed')]))).toEqual({ fresh: false, events: 0 })
  expect(await deliveriesOf('twice-1')).toHaveLength(1)
  expect(await eventsOf(ticket)).toHaveLength(1)
  expect(await ticketOf(ticket)).toMatchObject({ rev: 1 })
})

test('two connections may use the same identity', async () => {
  const [a, b] = [newTicket(), newTicket()]
  const results = await Promise.all([
    recorder.record(arrivalOf('shared-1', [asked(a, 'a')])),
    recorder.record(arrivalOf('shared-1', [{ ...asked(b, 'a'), connection: 'hilldesk' }], { connection: 'hilldesk' }))
  ])
  expect(results.map(r => r.fresh)).toEqual([true, true])
})

test('deliveries without an identity each count', async () => {
  const ticket = newTicket()
  const look: Look = { kind: 'look', ticketId: ticket }
  const results = await Promise.all([1, 2, 3].map(() => recorder.record(arrivalOf(null, [look]))))
  expect(results.every(r => r.fresh)).toBe(true)
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from delivery where identity is null`.execute(desk.db)
  expect(rows[0]?.count).toBe(3)
})

test('a fact that is there already is not written again and moves nothing, whatever its time', async () => {
  const ticket = newTicket()
  await recorder.record(arrivalOf('known-1', [asked(ticket, 'a')]))
  await recorder.record(arrivalOf('known-2', [asked(ticket, 'a')]))
  await recorder.record(arrivalOf('known-3', [asked(ticket, 'a', { at: '2026-11-01T00:00:00Z' })]))
  expect(await eventsOf(ticket)).toHaveLength(1)
  expect(await ticketOf(ticket)).toMatchObject({ rev: 1 })
  expect(await deliveriesOf('known-3')).toHaveLength(1)
  await recorder.record(arrivalOf('known-4', [asked(ticket, 'a'), asked(ticket, 'b')]))
  expect((await eventsOf(ticket)).map(e => [e.key, e.rev])).toEqual([['message:a', 1], ['message:b', 2]])
  expect(await ticketOf(ticket)).toMatchObject({ rev: 2 })
})

test('of two events with one key in one commit the first is kept', async () => {
  const ticket = newTicket()
  await recorder.record(arrivalOf('first-1', [
    asked(ticket, 'a', { text: 'first', at: '2026-10-05T08:00:00Z' }), asked(ticket, 'a', { text: 'second', at: '2026-09-05T08:00:00Z' })
  ]))
  expect((await eventsOf(ticket)).map(e => e.fact['text'])).toEqual(['first'])
})

test('a look moves the ticket and says at which revision, and is no event', async () => {
  const ticket = newTicket()
  await recorder.record(arrivalOf('look-1', [asked(ticket, 'a')]))
  await recorder.record(arrivalOf('look-2', [{ kind: 'look', ticketId: ticket }]))
  expect(await ticketOf(ticket)).toMatchObject({ rev: 2, look_rev: 2 })
  await recorder.record(arrivalOf('look-3', [asked(ticket, 'b')]))
  expect(await ticketOf(ticket)).toMatchObject({ rev: 3, look_rev: 2 })
  expect(await eventsOf(ticket)).toHaveLength(2)
})

test('a look and a known fact together move the ticket once', async () => {
  const ticket = newTicket()
  await recorder.record(arrivalOf('both-1', [asked(ticket, 'a')]))
  await recorder.record(arrivalOf('both-2', [asked(ticket, 'a'), { kind: 'look', ticketId: ticket }]))
  expect(await ticketOf(ticket)).toMatchObject({ rev: 2, look_rev: 2 })
})

test('a ticket spans from its first event to its last, whatever the order', async () => {
  const ticket = newTicket()
  await recorder.record(arrivalOf('span-1', [asked(ticket, 'b', { at: '2026-10-07T00:00:00Z' })]))
  await recorder.record(arrivalOf('span-2', [asked(ticket, 'a', { at: '2026-08-01T00:00:00Z' })]))
  await recorder.record(arrivalOf('span-3', [asked(ticket, 'c', { at: '2026-09-01T00:00:00Z' })]))
  expect(await ticketOf(ticket)).toMatchObject({ first: '2026-08-01T00:00:00.000Z', last: '2026-10-07T00:00:00.000Z' })
})

test.each([
  ['a year before there were years', '0000-05-05T00:00:00Z'],
  ['the end of the last year with four digits', '9999-12-31T23:59:59Z'],
  ['a year of six digits', '+012026-01-01T00:00Z'],
  ['a month that does not exist', '2026-13-01T00:00:00Z'],
  ['a day that does not exist', '2026-10-45T00:00:00Z']
])('one delivery with an event at %s does not hurt the others of its commit', async (_name, at) => {
  const tickets = Array.from({ length: 12 }, newTicket)
  const results = await Promise.allSettled(tickets.map((ticket, i) =>
    recorder.record(arrivalOf(`bad-${at}-${i}`, [asked(ticket, 'a', i === 5 ? { at } : {})]))))
  expect(results.flatMap((r, i) => r.status === 'rejected' ? [i] : [])).toEqual([5])
  for (const [i, ticket] of tickets.entries()) {
    const expected = i === 5 ? 0 : 1
    expect([await jobsOf(ticket), (await eventsOf(ticket)).length]).toEqual([expected, expected])
    expect(await deliveriesOf(`bad-${at}-${i}`)).toHaveLength(expected)
  }
})

test('a NUL that slipped into a text hurts only its own delivery', async () => {
  const [good, bad] = [newTicket(), newTicket()]
  const results = await Promise.allSettled([
    recorder.record(arrivalOf('nul-1', [asked(good, 'a')])),
    recorder.record(arrivalOf('nul-2', [asked(bad, 'a', { text: 'a\0b' })]))
  ])
  expect(results.map(r => r.status)).toEqual(['fulfilled', 'rejected'])
  expect(await eventsOf(good)).toHaveLength(1)
  expect(await ticketOf(bad)).toBeNull()
})

test('NUL in headers and in an error message never reaches the database', async () => {
  const connector: Connector = {
    name: 'odd', settings: {}, optional: [], signature: { kind: 'shared', header: 'x', secret: 'X' },
    identify: () => null,
    normalize: () => { throw new Error('cannot read \0 here') },
    open: () => { throw new Error('nobody opens it here') }
  }
  const door = { name: 'nuldesk', connector, settings: {} }
  const arrival = readDelivery(door, { 'user-agent': 'odd\0agent \ud800' }, Buffer.from('{"a":"\\u0000"}'), false)
  expect(await recorder.record(arrival)).toEqual({ fresh: true, events: 0 })
  const row = await desk.db.selectFrom('delivery').select(['headers', 'error', 'state', 'body'])
    .where('connection', '=', 'nuldesk').executeTakeFirstOrThrow()
  expect(row).toMatchObject({ state: 'unreadable', error: 'cannot read \ufffd here', headers: { 'user-agent': 'odd\ufffdagent \ufffd' } })
  expect(row.body.toString()).toBe('{"a":"\\u0000"}')
})

test('many senders on one ticket: every revision is made once', async () => {
  const ticket = newTicket()
  const other = openDb(desk.url, 'deskloop-test-other', 5)
  const second = openRecorder(other, queue)                     // as another process would
  try {
    await Promise.all(Array.from({ length: 200 }, async (_, i) => {
      await sleep(i % 40)
      await (i % 2 === 0 ? recorder : second).record(arrivalOf(`hot-${i}`, [asked(ticket, String(i))]))
    }))
  } finally {
    await second.close()
    await other.destroy()
  }
  const events = await eventsOf(ticket)
  expect(events).toHaveLength(200)
  const revs = [...new Set(events.map(e => e.rev))].sort((a, b) => a - b)
  const rev = (await ticketOf(ticket))?.rev ?? 0
  expect(revs).toEqual(Array.from({ length: rev }, (_, i) => i + 1))
  expect(await jobsOf(ticket)).toBe(1)
})

test('two recorders that are told the same in opposite orders write each delivery once', async () => {
  const other = openDb(desk.url, 'deskloop-test-other', 5)
  const second = openRecorder(other, queue)
  const tickets = Array.from({ length: 60 }, newTicket)
  const arrivals = tickets.map((ticket, i) => arrivalOf(`cross-${i}`, [asked(ticket, 'a')]))
  try {
    const results = await Promise.all([
      ...arrivals.map(a => recorder.record(a)), ...arrivals.toReversed().map(a => second.record(a))
    ])
    expect(results.filter(r => r.fresh)).toHaveLength(60)
  } finally {
    await second.close()
    await other.destroy()
  }
  for (const ticket of tickets) expect(await ticketOf(ticket)).toMatchObject({ rev: 1 })
})

test('the job exists if and only if its cause does', async () => {
  const ticket = newTicket()
  await ensurePartitions(desk.db, [], [AT])
  const undone = desk.db.transaction().execute(async trx => {
    await queue.send(trx, await recordFacts(trx, [{ connection: DESK, facts: [asked(ticket, 'a')] }]))
    throw new Error('the power goes off before the commit')
  })
  await expect(undone).rejects.toThrow('the power goes off')
  expect([await jobsOf(ticket), await ticketOf(ticket)]).toEqual([0, null])

  const deaf: Queue = { ...queue, send: async () => { throw new Error('the queue is broken') } }
  const unlucky = openRecorder(desk.db, deaf)
  await expect(unlucky.record(arrivalOf('cause-1', [asked(ticket, 'a')]))).rejects.toThrow('the queue is broken')
  await unlucky.close()
  expect([await ticketOf(ticket), await deliveriesOf('cause-1')]).toEqual([null, []])

  await recorder.record(arrivalOf('cause-1', [asked(ticket, 'a')]))
  expect(await jobsOf(ticket)).toBe(1)
  const quiet = newTicket()
  await recorder.record(arrivalOf('cause-2', []))
  expect(await jobsOf(quiet)).toBe(0)
})

test('with the database away nothing is acknowledged', async () => {
  const gone = openDb(desk.url, 'deskloop-test-gone', 2)
  const lost = openRecorder(gone, queue)
  const ticket = newTicket()
  await lost.record(arrivalOf('gone-0', [{ kind: 'look', ticketId: newTicket() }]))
  await gone.destroy()
  await expect(lost.record(arrivalOf('gone-1', [asked(ticket, 'a')]))).rejects.toThrow()
  await lost.close()
  expect([await ticketOf(ticket), await deliveriesOf('gone-1')]).toEqual([null, []])
})

test('more than can wait is told to come back, and the rest is written', async () => {
  const patient = openRecorder(desk.db, queue)
  const results = await Promise.allSettled(Array.from({ length: 4_010 }, (_, i) =>
    patient.record(arrivalOf(`crowd-${i}`, [], { body: Buffer.from('{}') }))))
  const refused = results.flatMap(r => r.status === 'rejected' ? [r.reason as unknown] : [])
  expect(refused).toHaveLength(10)
  expect(refused.every(error => error instanceof BadRequest && error.status === 503)).toBe(true)
  await patient.close()
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from delivery where identity like 'crowd-%'`.execute(desk.db)
  expect(rows[0]?.count).toBe(4_000)
  expect(await recorder.record(arrivalOf('crowd-later', []))).toEqual({ fresh: true, events: 0 })
})

test('the bytes that wait are bounded too', async () => {
  const patient = openRecorder(desk.db, queue)
  const body = Buffer.alloc(24 << 20)
  const results = await Promise.allSettled([1, 2, 3].map(i => patient.record(arrivalOf(`heavy-${i}`, [], { body }))))
  expect(results.map(r => r.status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  await patient.close()
})

test('closing waits for what is in hand', async () => {
  const closing = openRecorder(desk.db, queue)
  const ticket = newTicket()
  const recorded = closing.record(arrivalOf('closing-1', [asked(ticket, 'a')]))
  await closing.close()
  expect(await deliveriesOf('closing-1')).toHaveLength(1)
  expect(await recorded).toEqual({ fresh: true, events: 1 })
})
