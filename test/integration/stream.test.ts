// The outgoing stream as a reader meets it: nothing appears behind him, however the writers' commits fall, and what he
// gets has the published form.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Ajv } from 'ajv'
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { FastifyInstance } from 'fastify'
import { events } from '../../src/http/events.ts'
import { eventSchema } from '../../src/http/event-schema.ts'
import { openHttp } from '../../src/http/server.ts'
import { openLog } from '../../src/log.ts'
import { SCHEMA_VERSION, toCloudEvent } from '../../src/store/cloud-event.ts'
import type { Database } from '../../src/store/schema.ts'
import { openDb } from '../../src/store/db.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import { START, isAhead, listStream, placeOf, settleStream } from '../../src/store/stream.ts'
import type { EventFact, EventKind, TicketEvent } from '../../src/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'

const AT = '2026-10-05T07:30:00Z'
const GOLDEN = join(import.meta.dirname, '../golden')

let database: TestDatabase
let app: FastifyInstance
let url: string

const AS_ASKED = { text: 'Is berth 4 free?', person: { id: 'p' } }

beforeEach(async () => {
  database = await openTestDatabase()
  await ensurePartitions(database.db, [], [AT])
  app = await openHttp({ adminToken: null, log: openLog('silent') })
  await app.register(async scope => { await events(scope, { db: database.db, lookMs: 20, heartbeatMs: 100 }) })
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})

afterEach(async () => {
  await app.close()
  await database.close()
})

interface Told { id: string, subject: string, sequence: string, type: string }

interface Page { events: Told[], next: string, more: boolean }

async function page (query: string): Promise<Page> {
  const answer = await app.inject({ url: `/v1/events${query}` })
  expect([query, answer.statusCode]).toEqual([query, 200])
  return answer.json<Page>()
}

async function allPages (limit: number): Promise<Page['events']> {
  const all: Page['events'] = []
  for (let at: Page = await page(`?limit=${limit}`); ; at = await page(`?limit=${limit}&after=${at.next}`)) {
    all.push(...at.events)
    if (!at.more) return all
  }
}

function asked (ticketId: string, key = 'a'): TicketEvent {
  return { kind: 'asked', key, connection: 'moorings', ticketId, at: AT, messageId: key, ...AS_ASKED }
}

async function record (...facts: TicketEvent[]): Promise<void> {
  await database.db.transaction().execute(trx => recordFacts(trx, [{ connection: 'moorings', facts }]))
}

// A writer that has written and not yet committed, until it is told to.
async function openWriter (fact: TicketEvent): Promise<() => Promise<void>> {
  let commit = (): void => {}
  let wrote = (): void => {}
  const written = new Promise<void>(resolve => { wrote = resolve })
  const ended = database.db.transaction().execute(async (trx: Transaction<Database>) => {
    const held = new Promise<void>(resolve => { commit = resolve })
    await recordFacts(trx, [{ connection: 'moorings', facts: [fact] }])
    wrote()
    await held
  })
  await Promise.race([written, ended])
  return async () => { commit(); await ended }
}

// Another database of this server may hold a transaction open for a moment.
async function eventually<T> (look: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const value = await look()
    if (isRight(value) || tries >= 250) return value
    await sleep(20)
  }
}

test('what is written first and committed last is not passed over', async () => {
  const commitSlow = await openWriter(asked('slow'))
  await record(asked('quick'))
  const { rows } = await sql<{ ticket_id: string }>`select ticket_id from event order by seq`.execute(database.db)
  expect(rows.map(r => r.ticket_id)).toEqual(['quick'])           // a reader by number alone would go on after this one
  const before = await page('')
  expect(before.events).toEqual([])
  await commitSlow()
  const after = await eventually(() => page(`?after=${before.next}`), p => p.events.length === 2)
  expect(after.events.map(e => e.subject)).toEqual(['slow', 'quick'])
})

test('the older transaction may even take the higher number', async () => {
  let write = (): void => {}
  const told = new Promise<void>(resolve => { write = resolve })
  const older = database.db.transaction().execute(async trx => {
    await sql`select pg_current_xact_id()`.execute(trx)             // older, but writes its event later
    await told
    await recordFacts(trx, [{ connection: 'moorings', facts: [asked('older')] }])
  })
  await sleep(50)
  const commitYounger = await openWriter(asked('younger'))
  write()
  await older
  const first = await eventually(() => page(''), p => p.events.length > 0)
  expect(first.events.map(e => e.subject)).toEqual(['older'])
  await commitYounger()
  const second = await eventually(() => page(`?after=${first.next}`), p => p.events.length > 0)
  expect(second.events.map(e => e.subject)).toEqual(['younger'])
  expect((await sql<{ ticket_id: string }>`select ticket_id from event order by seq`.execute(database.db)).rows.map(r => r.ticket_id))
    .toEqual(['younger', 'older'])
})

test('many writers that commit in any order, and a reader who never stops: each event once', async () => {
  const WRITERS = 6
  const EACH = 40
  const done = new AbortController()
  const writers = Promise.all(Array.from({ length: WRITERS }, async (_, w) => {
    for (let i = 0; i < EACH; i++) {
      await database.db.transaction().execute(async trx => {
        await recordFacts(trx, [{ connection: 'moorings', facts: [asked(`${w}-${i}`, 'a'), asked(`${w}-${i}`, 'b')] }])
        if ((i + w) % 3 === 0) await sleep((i * 7 + w * 13) % 25)
        if ((i + w) % 11 === 0) await sql`savepoint s`.execute(trx)
      })
    }
  })).finally(() => { done.abort() })
  const seen: string[] = []
  const places: string[] = []
  let after = START
  let pages = 0
  let bySeq = 0
  let naive = 0                                     // what a reader by number alone would have got
  while (!done.signal.aborted || seen.length < WRITERS * EACH * 2) {
    const rows = await listStream(database.db, after, 7)
    seen.push(...rows.map(r => `${r.event.ticketId}/${r.event.key}`))
    places.push(...rows.map(r => r.place))
    after = rows.at(-1)?.place ?? after
    const next = await sql<{ seq: string }>`select seq from event where seq > ${bySeq} order by seq`.execute(database.db)
    naive += next.rows.length
    bySeq = Number(next.rows.at(-1)?.seq ?? bySeq)
    if (++pages > 5_000) break
    if (rows.length === 0) await sleep(3)
  }
  await writers
  const wanted = Array.from({ length: WRITERS }, (_, w) => Array.from({ length: EACH }, (_, i) => ['a', 'b'].map(k => `${w}-${i}/${k}`))).flat(2)
  expect(seen.toSorted()).toEqual(wanted.toSorted())
  expect(places).toEqual(places.toSorted())
  expect(naive).toBeLessThan(wanted.length)         // the danger was really there
})

test('an undone transaction leaves no trace and holds nobody back', async () => {
  await database.db.transaction().execute(async trx => {
    await recordFacts(trx, [{ connection: 'moorings', facts: [asked('undone')] }])
    throw new Error('undone')
  }).catch(() => { /* as meant */ })
  await record(asked('kept'))
  const { events: told } = await eventually(() => page(''), p => p.events.length > 0)
  expect(told.map(e => e.subject)).toEqual(['kept'])
})

test('pages go on where the last one ended, and say whether there is more', async () => {
  for (let i = 0; i < 7; i++) await record(asked(`t${i}`))
  await eventually(() => page('?limit=7'), p => p.events.length === 7)
  const first = await page('?limit=3')
  expect([first.events.length, first.more]).toEqual([3, true])
  expect((await allPages(3)).map(e => e.subject)).toEqual(['t0', 't1', 't2', 't3', 't4', 't5', 't6'])
  const end = await page('?limit=7')
  expect([end.more, end.next]).toEqual([false, end.events[6]?.sequence])
  expect(await page(`?after=${end.next}`)).toEqual({ events: [], next: end.next, more: false })
})

test.each(['limit=0', 'limit=1001', 'limit=x', 'after=7', `after=${'g'.repeat(32)}`, `after=${'f'.repeat(32)}`, 'after=1&after=2'])(
  'a question that cannot be meant is refused in words: %s', async query => {
    const answer = await app.inject({ url: `/v1/events?${query}` })
    expect(answer.statusCode).toBe(400)
    expect(answer.json<{ message: string }>().message).toMatch(/must be/)
  })

test('a place of another life of the database is told apart from one without news', async () => {
  const ahead = placeOf('99999999999', '5')
  const answer = await app.inject({ url: `/v1/events?after=${ahead}` })
  expect([answer.statusCode, answer.json<{ message: string }>().message]).toEqual([410, expect.stringContaining('restored')])
})

test('after a restore the old events come before the new ones, and outlets hear the last ones again', async () => {
  await record(asked('old'))
  await sql`update event set txid = '88888888888'::xid8`.execute(database.db)        // as a dump brings it
  await sql`insert into outlet (name, txid, seq) values ('o', '88888888888', 1)`.execute(database.db)
  expect(await isAhead(database.db, placeOf('88888888888', '1'))).toBe(true)
  expect((await page('')).events).toEqual([])
  expect(await settleStream(database.db)).toBe(true)
  await record(asked('new'))
  const { events: told } = await eventually(() => page(''), p => p.events.length === 2)
  expect(told.map(e => e.subject)).toEqual(['old', 'new'])
  const { rows } = await sql`select txid::text as txid, seq from outlet`.execute(database.db)
  expect(rows).toEqual([{ txid: '0', seq: '0' }])
  expect(await settleStream(database.db)).toBe(false)
})

test('events from before there was a stream are told first, in the order in which they were written', async () => {
  await sql.raw('drop table outlet_refusal; drop table outlet; alter table event drop column txid').execute(database.db)
  for (const id of ['one', 'two', 'three']) await record(asked(id))
  const migration = readFileSync(join(import.meta.dirname, '../../migrations/0002_stream.sql'), 'utf8')
  await database.db.transaction().execute(async trx => { await sql.raw(migration).execute(trx) })
  await record(asked('four'))
  const { events: told } = await eventually(() => page(''), p => p.events.length === 4)
  expect(told.map(e => e.subject)).toEqual(['one', 'two', 'three', 'four'])
})

// --- live

interface Heard { id: string, subject: string }

interface Listener { heard: Heard[], raw: () => string, stop: () => Promise<void>, ended: Promise<void> }

function listenTo (path: string, headers: Record<string, string> = {}): Listener {
  const heard: Heard[] = []
  const cut = new AbortController()
  let raw = ''
  const ended = (async () => {
    const answer = await fetch(url + path, { headers, signal: cut.signal })
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('connection')])
      .toEqual([200, 'text/event-stream; charset=utf-8', 'close'])
    let rest = ''
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      raw += chunk
      rest += chunk
      const blocks = rest.split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data === undefined) continue
        const parsed: { subject: string } = JSON.parse(data)
        heard.push({ id: /^id: (.*)$/m.exec(block)?.[1] ?? '', subject: parsed.subject })
      }
    }
  })().catch(error => { if (!cut.signal.aborted) throw error })
  return { heard, raw: () => raw, ended, async stop () { cut.abort(); await ended } }
}

test('who listens hears each event once, also over a broken line', async () => {
  await record(asked('before'))
  await eventually(() => page(''), p => p.events.length === 1)
  const first = listenTo('/v1/events/live')
  await eventually(async () => first.raw(), raw => raw.includes('retry: 2000'))
  await record(asked('one'))
  await eventually(async () => first.heard, heard => heard.length === 1)
  await first.stop()
  await record(asked('two'))
  await record(asked('three'))
  const again = listenTo('/v1/events/live', { 'last-event-id': first.heard[0]?.id ?? '' })
  await eventually(async () => again.heard, heard => heard.length === 2)
  await record(asked('four'))
  await eventually(async () => again.heard, heard => heard.length === 3)
  await again.stop()
  expect([...first.heard, ...again.heard].map(e => e.subject)).toEqual(['one', 'two', 'three', 'four'])
})

test('a silent stream is kept alive, and closing the house ends it', async () => {
  const one = listenTo(`/v1/events/live?after=${START}`)
  await eventually(async () => one.raw(), raw => raw.includes(': still here'))
  expect(one.raw()).toContain(': still here')
  await app.close()
  await one.ended
  expect(one.heard).toEqual([])
})

test('when the database goes away the listener is let go, to come back by himself, and the house stands', async () => {
  const other = openDb(database.url, 'deskloop-test-away', 2)
  const house = await openHttp({ adminToken: null, log: openLog('silent') })
  await house.register(async scope => { await events(scope, { db: other, lookMs: 20 }) })
  const answer = await fetch(`${await house.listen({ host: '127.0.0.1', port: 0 })}/v1/events/live`)
  const listening = answer.text().then(() => 'ended', () => 'cut')
  await other.destroy()
  expect(['ended', 'cut']).toContain(await listening)
  expect((await house.inject({ url: '/healthz' })).statusCode).toBe(200)
  await house.close()
})

// --- the published form

const FACTS: Record<Exclude<EventKind, 'context'>, EventFact[]> = {
  opened: [
    { kind: 'opened', subject: 'Berth', channel: 'web', person: { id: 'p' }, tags: [] },
    { kind: 'opened', subject: '', channel: 'email', person: { id: 'p', name: 'Ida', email: 'ida@moorings.example' }, page: '/b', tags: ['x'] }
  ],
  asked: [{ kind: 'asked', messageId: 'm', text: 'Is it free?', person: { id: 'p' } }],
  answered: [
    { kind: 'answered', messageId: 'm', agentId: 'a', text: 'Yes', by: 'human' },
    { kind: 'answered', messageId: 'm', agentId: 'a', text: 'Yes', by: 'bot' }
  ],
  assigned: [{ kind: 'assigned' }, { kind: 'assigned', agentId: 'a', group: 'g' }],
  escalated: [{ kind: 'escalated', how: 'priority' }],
  solved: [{ kind: 'solved' }],
  reopened: [{ kind: 'reopened' }],
  rated: [{ kind: 'rated', good: true }, { kind: 'rated', good: false, score: 2, comment: 'slow' }],
  tagged: [{ kind: 'tagged', added: ['a'], removed: [] }],
  merged: [{ kind: 'merged', into: '7' }],
  spam: [{ kind: 'spam' }],
  deleted: [{ kind: 'deleted' }],
  redacted: [{ kind: 'redacted', messageId: 'm' }],
  abandoned: [{ kind: 'abandoned' }],
  flagged: [{ kind: 'flagged', questionId: 'm', reason: 'outdated' }]
}

test('every kind of event has the published form, through the database and out again', async () => {
  const all = Object.values(FACTS).flat()
  await record(...all.map((fact, i): TicketEvent => ({ ...fact, key: `k${i}`, connection: 'moorings', ticketId: '1', at: AT })))
  const answer = await eventually(() => page('?limit=100'), p => p.events.length === all.length)
  const schema = (await app.inject({ url: '/v1/events/schema' })).json<object>()
  const check = new Ajv({ allErrors: true, strict: true, strictTypes: 'log' }).compile(schema)
  for (const event of answer.events) {
    check(event)
    expect([event.type, check.errors]).toEqual([event.type, null])
  }
  expect(new Set(answer.events.map(e => e.type)).size).toBe(Object.keys(FACTS).length)
  expect(new Set(answer.events.map(e => e.id)).size).toBe(all.length)
})

test('the published form is no sieve without holes: what differs is refused', () => {
  const check = new Ajv().compile(eventSchema)
  const right = toCloudEvent({ place: placeOf('5', '6'), event: asked('1') })
  expect(check(right)).toBe(true)
  for (const wrong of [
    { ...right, data: { ...right.data, extra: 1 } }, { ...right, data: { text: 'x' } }, { ...right, type: 'deskloop.ticket.sung' },
    { ...right, specversion: '0.3' }, { ...right, subject: '' }, { ...right, time: 'yesterday' }, { ...right, more: 1 }
  ]) expect([check(wrong), wrong]).toEqual([false, wrong])
})

test('where a customer asked from stays with us: it is in no stream', async () => {
  await record(asked('1'), { key: 'context:page', connection: 'moorings', ticketId: '1', at: AT, kind: 'context', name: 'page', value: '/b' }, asked('2'))
  const answer = await eventually(() => page('?limit=100'), p => p.events.length >= 2)
  expect(answer.events.map(e => e.type)).toEqual(['deskloop.ticket.asked', 'deskloop.ticket.asked'])
})

test('the form of this version stays as it was published', async () => {
  const golden: unknown = JSON.parse(readFileSync(join(GOLDEN, `event-schema-${SCHEMA_VERSION}.json`), 'utf8'))
  expect(JSON.parse(JSON.stringify(eventSchema))).toEqual(golden)
  expect((await app.inject({ url: `/v1/events/schema?version=${SCHEMA_VERSION}` })).statusCode).toBe(200)
  expect((await app.inject({ url: '/v1/events/schema?version=99' })).statusCode).toBe(404)
})

test('an event keeps its id, whatever its place', () => {
  const [a, b] = [placeOf('5', '6'), placeOf('9', '1')].map(place => toCloudEvent({ place, event: asked('1') }))
  expect([a?.id, a?.sequence === b?.sequence]).toEqual([b?.id, false])
  expect(toCloudEvent({ place: START, event: asked('2') }).id).not.toBe(a?.id)
})
