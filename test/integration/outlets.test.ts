// Signed webhooks to others: what a receiver gets who is away, slow, picky or gone, and what a person sees of it.
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { judge, postToOutlet } from '../../src/bridge/outlet.ts'
import { signMessage, verifyMessage } from '../../src/bridge/standard-webhook.ts'
import { outletApi } from '../../src/http/outlets.ts'
import { openHttp } from '../../src/http/server.ts'
import { openLog } from '../../src/log.ts'
import { claimOutlet, listOutlets, listRefusals, releaseOutlet, savePlace, saveOutlet } from '../../src/store/outlets.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import { findStreamEnd, listStream } from '../../src/store/stream.ts'
import type { TicketEvent } from '../../src/types.ts'
import type { Outlet } from '../../src/outside.ts'
import { outletsOnce } from '../../src/work/outlets.ts'
import type { OutletDeps } from '../../src/work/outlets.ts'
import { waitAfter } from '../../src/work/schedule.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'

interface Got { id: string, subject: string, valid: boolean, headers: Record<string, string>, body: string }

const AT = '2026-10-05T07:30:00Z'
const [OLD, NEW] = ['old', 'new'].map(word => `whsec_${Buffer.from(word.padEnd(24, '.')).toString('base64')}`)
const SECRETS = [OLD ?? '', NEW ?? '']

let database: TestDatabase
let got: Got[]
let answer: (n: number, subject: string) => { status: number, headers?: Record<string, string> } | 'silence'
let receiver: ReturnType<typeof createServer>
let outlet: Outlet
let deps: OutletDeps

beforeAll(async () => {
  database = await openTestDatabase()
  await ensurePartitions(database.db, [], [AT])
})

afterAll(async () => { await database.close() })

beforeEach(async () => {
  await sql`truncate event, ticket, outlet, outlet_refusal`.execute(database.db)
  got = []
  answer = () => ({ status: 204 })
  receiver = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8')
      const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)]))
      const parsed: { subject: string } = JSON.parse(body)
      const { valid } = verifyMessage([SECRETS[1] ?? ''], headers, body, Math.floor(Date.now() / 1000))
      got.push({ id: headers['webhook-id'] ?? '', subject: parsed.subject, valid, headers, body })
      const told = answer(got.length, parsed.subject)
      if (told !== 'silence') response.writeHead(told.status, told.headers ?? {}).end('thanks')
    })
  })
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  outlet = { name: 'boathouse', url: `http://127.0.0.1:${port}/in`, secrets: SECRETS, kinds: null, from: 'start' }
  deps = depsOf([outlet])
  await saveOutlet(database.db, outlet)
})

afterEach(async () => {
  receiver.closeAllConnections()
  await new Promise(resolve => receiver.close(resolve))
})

function depsOf (outlets: Outlet[]): OutletDeps {
  return { db: database.db, log: openLog('silent'), outlets, post: (to, message) => postToOutlet(to, message, Date.now(), 300) }
}

async function record (...ids: string[]): Promise<void> {
  for (const id of ids) {
    const fact: TicketEvent = {
      kind: 'asked', key: 'a', connection: 'moorings', ticketId: id, at: AT, messageId: 'a', text: 'Is it free?', person: { id: 'p' }
    }
    await database.db.transaction().execute(trx => recordFacts(trx, [{ connection: 'moorings', facts: [fact] }]))
  }
  // Another test's database may hold the stream back for a moment.
  for (let tries = 0; tries < 250; tries++) {
    const all = await listStream(database.db, '0'.repeat(32), 1000)
    if (all.some(e => e.event.ticketId === ids.at(-1))) return
    await sleep(20)
  }
}

async function work (): Promise<void> {
  while (await outletsOnce(deps) > 0) { /* until there is nothing left */ }
}

async function health (): Promise<Awaited<ReturnType<typeof listOutlets>>[number]> {
  const [only] = await listOutlets(database.db)
  if (only === undefined) throw new Error('there is no outlet')
  return only
}

async function makeDue (): Promise<void> {
  await sql`update outlet set not_before = now()`.execute(database.db)
}

test('events arrive signed, in order, once, and with a secret that is about to go', async () => {
  await record('1', '2', '3')
  await work()
  await work()
  expect(got.map(g => [g.subject, g.valid])).toEqual([['1', true], ['2', true], ['3', true]])
  expect(got[0]?.headers['webhook-signature']?.split(' ')).toHaveLength(2)
  expect(got[0]?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8')
  expect(JSON.parse(got[0]?.body ?? '')).toMatchObject({ specversion: '1.0', id: got[0]?.id, type: 'deskloop.ticket.asked' })
  expect(await health()).toMatchObject({ delivered: 3, attempts: 0, failingSince: null, pausedAt: null })
})

test('a receiver that is away for a while misses nothing and gets each event under its one id', async () => {
  answer = n => n <= 3 ? { status: n === 2 ? 429 : 503 } : { status: 200 }
  await record('1', '2')
  for (let i = 0; i < 3; i++) {
    await work()
    expect(await health()).toMatchObject({ attempts: i + 1, delivered: 0, lastError: expect.stringContaining('boathouse answered') })
    await work()                                    // not before its time
    expect(got).toHaveLength(i + 1)
    await makeDue()
  }
  await work()
  expect(got.map(g => g.subject)).toEqual(['1', '1', '1', '1', '2'])
  expect(new Set(got.slice(0, 4).map(g => g.id)).size).toBe(1)
  expect(await health()).toMatchObject({ attempts: 0, delivered: 2, lastError: null, failingSince: null })
})

test('the receiver is asked again when it says, if that is later than ours', async () => {
  answer = () => ({ status: 429, headers: { 'retry-after': '3600' } })
  await record('1')
  await work()
  const { rows } = await sql<{ s: number }>`select extract(epoch from not_before - now())::float8 as s from outlet`.execute(database.db)
  expect(rows[0]?.s).toBeGreaterThan(3_500)
})

test('a receiver that never answers is given up on for now', async () => {
  answer = () => 'silence'
  await record('1')
  await work()
  expect(await health()).toMatchObject({ attempts: 1, lastError: expect.stringContaining('gave no answer') })
})

test('every gap is that of the schedule, a fifth to either side; after the last the outlet is paused and keeps its place', async () => {
  const wanted = [1, 5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 86_400]
  answer = () => ({ status: 500 })
  await record('1')
  const gaps: number[] = []
  for (let i = 0; i <= wanted.length; i++) {
    await makeDue()
    await work()
    const { rows } = await sql<{ s: number }>`select extract(epoch from not_before - now())::float8 as s from outlet`.execute(database.db)
    gaps.push(rows[0]?.s ?? 0)
  }
  for (const [i, s] of wanted.entries()) {
    expect([i, (gaps[i] ?? 0) > s * 0.8 - 1 && (gaps[i] ?? 0) <= s * 1.2]).toEqual([i, true])
  }
  expect(got).toHaveLength(14)
  expect(await health()).toMatchObject({ pausedWhy: expect.stringContaining('14 times'), delivered: 0 })
  await makeDue()
  await work()
  expect(got).toHaveLength(14)
  answer = () => ({ status: 200 })
  const app = await openApi()
  expect((await app.inject({ method: 'POST', url: '/v1/outlets/boathouse/resume' })).statusCode).toBe(200)
  await app.close()
  await work()
  expect([got.at(-1)?.subject, (await health()).delivered]).toEqual(['1', 1])
})

test('what is refused is put aside and named, and the rest goes on', async () => {
  answer = (_n, subject) => ({ status: subject === '2' ? 422 : 200 })
  await record('1', '2', '3')
  await work()
  expect(got.map(g => g.subject)).toEqual(['1', '2', '3'])
  const refusals = await listRefusals(database.db, 'boathouse', 10)
  expect(refusals).toEqual([{ place: expect.any(String), eventId: got[1]?.id, attempts: 1, error: 'boathouse answered 422', at: expect.any(String) }])
  expect(await health()).toMatchObject({ delivered: 2, refusals: 1, pausedAt: null })
})

test('a receiver that refuses everything is left alone after five, and can be told them again', async () => {
  answer = () => ({ status: 401 })
  await record('0', '1', '2', '3', '4', '5', '6')
  await work()
  expect(got.map(g => g.subject)).toEqual(['0', '1', '2', '3', '4'])
  expect((await health()).pausedWhy).toContain('5 times in a row')
  answer = () => ({ status: 200 })
  const app = await openApi()
  const after = '0'.repeat(32)
  expect((await app.inject({ method: 'POST', url: '/v1/outlets/boathouse/resume', payload: { after } })).statusCode).toBe(200)
  await app.close()
  await work()
  expect(got.slice(5).map(g => g.subject)).toEqual(['0', '1', '2', '3', '4', '5', '6'])
})

test('410 means never again', async () => {
  answer = () => ({ status: 410 })
  await record('1', '2')
  await work()
  expect(got).toHaveLength(1)
  expect((await health()).pausedWhy).toContain('wants no more')
})

test('a redirect is not followed', async () => {
  answer = () => ({ status: 302, headers: { location: outlet.url } })
  await record('1')
  await work()
  expect(got).toHaveLength(1)
  expect((await listRefusals(database.db, 'boathouse', 1))[0]?.error).toContain('redirects are not followed')
})

test('an outlet that fails holds up no other, and one that wants few kinds still moves on', async () => {
  const closed: Outlet = { ...outlet, name: 'nobody', url: 'http://127.0.0.1:9/' }
  const picky: Outlet = { ...outlet, name: 'picky', kinds: ['solved'] }
  const late: Outlet = { ...outlet, name: 'late', from: 'now' }
  await saveOutlet(database.db, closed)
  await saveOutlet(database.db, picky)
  await record('1', '2')
  await saveOutlet(database.db, late)
  deps = depsOf([closed, picky, late, outlet])
  await work()
  expect(got.map(g => g.subject)).toEqual(['1', '2'])
  const all = new Map((await listOutlets(database.db)).map(h => [h.name, h]))
  expect(all.get('nobody')).toMatchObject({ attempts: 1, delivered: 0, nextTryAt: expect.any(String) })
  expect(all.get('picky')).toMatchObject({ attempts: 0, delivered: 0, place: all.get('boathouse')?.place })
  expect(all.get('late')).toMatchObject({ attempts: 0, delivered: 0 })
})

test('two workers send each event once, and one that lost its lease cannot move the place', async () => {
  await record(...Array.from({ length: 20 }, (_, i) => `t${i}`))
  await Promise.all([outletsOnce(deps), outletsOnce(deps), outletsOnce(depsOf([outlet]))])
  await work()
  expect(got.map(g => g.subject)).toEqual(Array.from({ length: 20 }, (_, i) => `t${i}`))
  const [mine, other] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
  expect(await claimOutlet(database.db, 'boathouse', mine ?? '')).not.toBeNull()
  expect(await claimOutlet(database.db, 'boathouse', other ?? '')).toBeNull()
  await sql`update outlet set leased_until = now() - interval '1 second'`.execute(database.db)
  expect(await claimOutlet(database.db, 'boathouse', other ?? '')).not.toBeNull()
  expect(await savePlace(database.db, 'boathouse', mine ?? '', await findStreamEnd(database.db), true)).toBe(false)
  await releaseOutlet(database.db, 'boathouse', mine ?? '')
  expect(await claimOutlet(database.db, 'boathouse', mine ?? '')).toBeNull()
})

// --- signatures

interface Told { valid?: boolean, reason?: string, outlet?: string, message?: string }

async function openApi (): Promise<Awaited<ReturnType<typeof openHttp>>> {
  const app = await openHttp({ adminToken: null, log: openLog('silent') })
  await app.register(async scope => {
    await outletApi(scope, {
      db: database.db, outlets: [outlet], wake: () => {}, verify: verifyMessage, nowMs: Date.now
    })
  })
  return app
}

test('the signature is that of the specification', () => {
  // The example of https://www.standardwebhooks.com: its secret, id, time and body, signed by other people's code.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const body = '{"test": 2432232314}'
  const headers = signMessage([secret], 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, body)
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  expect(verifyMessage([secret], headers, body, 1614265330)).toEqual({ valid: true, signedAt: '2021-02-25T15:02:10Z' })
})

test('POST /v1/verify says whether a message is true, and otherwise why not', async () => {
  await record('1')
  await work()
  const headers = got[0]?.headers ?? {}
  const body = got[0]?.body ?? ''
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
  const three = Object.fromEntries(names.map(name => [name.toUpperCase(), headers[name] ?? '']))
  const app = await openApi()
  const verify = async (payload: object): Promise<Told> =>
    (await app.inject({ method: 'POST', url: '/v1/verify', payload })).json()
  expect(await verify({ headers: three, body })).toMatchObject({ valid: true, outlet: 'boathouse' })
  expect((await verify({ headers: three, body: JSON.stringify(JSON.parse(body), null, 2) })).reason).toContain('no signature fits')
  expect((await verify({ headers: { ...three, 'WEBHOOK-ID': 'evt_other' }, body })).reason).toContain('no signature fits')
  expect((await verify({ headers: {}, body })).reason)
    .toBe('these headers are missing: webhook-id, webhook-timestamp, webhook-signature')
  const old = signMessage(SECRETS, 'evt_1', Math.floor(Date.now() / 1000) - 900, body)
  expect((await verify({ headers: old, body, outlet: 'boathouse' })).reason).toMatch(/signature is right, but was made 90\d s ago/)
  expect((await verify({ headers: three, body, outlet: 'unknown' })).message).toContain('there is boathouse')
  expect((await verify({ headers: three, body: JSON.parse(body) })).message).toContain('byte for byte')
  expect((await verify({ headers: { a: 1 }, body })).message).toContain('headers must be')
  await app.close()
})

test('a removed secret no longer verifies; a kept one does while the other is new', () => {
  const signed = signMessage([SECRETS[0] ?? ''], 'evt_1', 1000, '{}')
  expect(verifyMessage(SECRETS, signed, '{}', 1000).valid).toBe(true)
  expect(verifyMessage([SECRETS[1] ?? ''], signed, '{}', 1000)).toMatchObject({ valid: false })
  const own = createHmac('sha256', Buffer.from((SECRETS[0] ?? '').slice(6), 'base64')).update('evt_1.1000.{}').digest('base64')
  expect(signed['webhook-signature']).toBe(`v1,${own}`)
})

test.each<[number, string | null, string, number | null]>([
  [200, null, 'taken', null], [299, null, 'taken', null], [301, null, 'refused', null], [400, null, 'refused', null],
  [404, null, 'refused', null], [408, null, 'later', 0], [409, null, 'later', 0], [410, null, 'gone', null], [425, null, 'later', 0], [429, '7', 'later', 7000],
  [500, 'Thu, 01 Jan 1970 00:00:09 GMT', 'later', 8000], [503, 'soon', 'later', 0], [503, '99999999', 'later', 86_400_000],
  [503, 'Thu, 01 Jan 1970 00:00:00 GMT', 'later', 0]
])('an answer of %s (Retry-After: %s) is %s', (status, retryAfter, kind, waitMs) => {
  expect(judge('x', status, retryAfter, 1000)).toMatchObject({ kind, ...(waitMs === null ? {} : { waitMs }) })
})

test('the schedule ends', () => {
  expect([waitAfter(13, 'ffff'), waitAfter(13, '0000'), waitAfter(14, '8000')]).toEqual([103_680_000, 69_120_000, null])
})
