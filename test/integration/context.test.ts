// The product tells what people do: who may, how much, what of it a ticket's person gets, and what a browser really sends.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { sql } from 'kysely'
import type { FastifyInstance } from 'fastify'
import { dashboard } from '../../src/dashboard/pages.ts'
import { context } from '../../src/http/context.ts'
import { openHttp } from '../../src/http/server.ts'
import { contextFacts } from '../../src/learn/context.ts'
import { openLog } from '../../src/log.ts'
import { findAsker, listContext, purgeContext, recordContext } from '../../src/store/context.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import type { TicketEvent } from '../../src/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'

const KEY = 'moorings-web-0001'
const SNIPPET = join(import.meta.dirname, '../../src/http/context-snippet.js')
const EMAIL = 'ida@moorings.example'

let database: TestDatabase
let app: FastifyInstance
let nowMs: number

beforeAll(async () => { database = await openTestDatabase() })

afterAll(async () => { await database.close() })

beforeEach(async () => {
  await sql`truncate event, ticket, context_event`.execute(database.db)
  nowMs = Date.parse('2026-11-20T10:00:00Z')
  app = await openHttp({ adminToken: 'an-admin-token-of-tests', log: openLog('silent') })
  await app.register(async scope => { await context(scope, { db: database.db, keys: [KEY, 'moorings-app-0002'], nowMs: () => nowMs }) })
  await app.register(async scope => { await dashboard(scope, { db: database.db }) })
})

afterEach(async () => { await app.close() })

interface Reply {
  status: number, accepted?: number, repeated?: number, message?: string
  rejected?: Array<{ index: number, message: string }>
}

async function send (payload: object | string, headers: Record<string, string> = { authorization: `Bearer ${KEY}` }): Promise<Reply> {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const answer = await app.inject({ method: 'POST', url: '/v1/context', payload: body, headers: { 'content-type': 'text/plain', ...headers } })
  return { status: answer.statusCode, ...answer.json<object>() }
}

function call (more: object = {}): object {
  return { type: 'page', userId: 'u1', name: 'Berths', timestamp: '2026-11-20T09:59:00Z', ...more }
}

async function kept (): Promise<Array<{ kind: string, name: string }>> {
  return await database.db.selectFrom('context_event').select(['kind', 'name']).orderBy('id').execute()
}

test('a call is taken with the key wherever clients put it, and not without', async () => {
  const basic = `Basic ${Buffer.from(`${KEY}:`).toString('base64')}`
  expect(await send(call(), { authorization: basic })).toMatchObject({ status: 200, accepted: 1, rejected: [] })
  expect(await send(call())).toMatchObject({ status: 200 })
  expect(await send(call({ writeKey: 'moorings-app-0002' }), {})).toMatchObject({ status: 200 })
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic !' }, { authorization: `Bearer ${KEY}x` }]) {
    expect(await send(call(), headers)).toMatchObject({ status: 401, message: expect.stringContaining('DESKLOOP_CONTEXT_KEYS') })
  }
  expect(await kept()).toHaveLength(3)
})

test('a write key opens nothing else', async () => {
  for (const url of ['/context', '/', '/v1/context/x', '/context.jsx']) {
    const answer = await app.inject({ url, headers: { authorization: `Bearer ${KEY}` } })
    expect([url, answer.statusCode]).toEqual([url, 401])
  }
  expect((await app.inject({ url: '/v1/context' })).statusCode).toBe(404)            // it can be written to, not read
})

test('without keys it is closed', async () => {
  const closed = await openHttp({ adminToken: null, log: openLog('silent') })
  await closed.register(async scope => { await context(scope, { db: database.db, keys: [], nowMs: () => nowMs }) })
  const answer = await closed.inject({ method: 'POST', url: '/v1/context', payload: call(), headers: { authorization: 'Bearer ' } })
  await closed.close()
  expect([answer.statusCode, answer.json<{ message: string }>().message]).toEqual([403, 'no write key is set: set DESKLOOP_CONTEXT_KEYS'])
})

test('one bad call of a batch does not spoil the others, and each is named', async () => {
  const reply = await send({ batch: [call({ messageId: 'a' }), call({ properties: { who: EMAIL } }), { type: 'x' }, call({ messageId: 'b' })] })
  expect(reply).toMatchObject({ status: 200, accepted: 2, repeated: 0 })
  expect(reply.rejected?.map(r => r.index)).toEqual([1, 2])
  expect(reply.rejected?.[0]?.message).toContain('properties.who looks like an e-mail address')
  expect(JSON.stringify(reply)).not.toContain(EMAIL)
  expect(await send({ batch: [call({ messageId: 'a' }), call({ messageId: 'c' }), call({ messageId: 'c' })] })).toMatchObject({ accepted: 3, repeated: 2 })
  expect(await send({ batch: [{ type: 'x' }] })).toMatchObject({ status: 400, message: expect.stringContaining('none of the 1 calls') })
  expect(await kept()).toHaveLength(3)
})

test.each<[string, string, number, string]>([
  ['no JSON', '{', 400, 'no JSON'], ['nothing', '', 400, 'must be JSON'], ['a list', '[]', 400, 'must be a JSON object'],
  ['an empty batch', '{"batch":[]}', 400, 'at least one'], ['a batch that is none', '{"batch":{}}', 400, 'must be an array'],
  ['33 kB in one call', JSON.stringify(call({ properties: { a: 'b'.repeat(33_000) } })), 413, '32 kB'],
  ['a batch of 501 kB', JSON.stringify({ batch: Array.from({ length: 600 }, () => call({ properties: { a: 'b'.repeat(800) } })) }), 413, '500 kB']
])('%s is refused in words', async (_name, body, status, words) => {
  expect(await send(body)).toMatchObject({ status, message: expect.stringContaining(words) })
  expect(await kept()).toEqual([])
})

test('a batch just within the limit is taken', async () => {
  const batch = Array.from({ length: 500 }, () => call({ properties: { a: 'b'.repeat(900) } }))
  expect(await send({ batch })).toMatchObject({ status: 200, accepted: 500 })
})

test('a key that sends without end is slowed down, and heard again a minute later', async () => {
  const batch = Array.from({ length: 1500 }, () => call())
  for (let i = 0; i < 4; i++) expect((await send({ batch })).status).toBe(200)
  expect(await send(call())).toMatchObject({ status: 429 })
  const told = await app.inject({ method: 'POST', url: '/v1/context', payload: call({ writeKey: KEY }) })
  expect([told.statusCode, told.headers['retry-after']]).toEqual([429, '60'])
  expect(await send(call({ writeKey: 'moorings-app-0002' }), {})).toMatchObject({ status: 200 })
  nowMs += 60_000
  expect((await send(call())).status).toBe(200)
})

test('a browser of another origin may write, and reads the refusal', async () => {
  const asks = await app.inject({ method: 'OPTIONS', url: '/v1/context', headers: { origin: 'https://app.moorings.example', 'access-control-request-method': 'POST' } })
  expect([asks.statusCode, asks.headers['access-control-allow-origin'], asks.headers['access-control-allow-methods']]).toEqual([204, '*', 'POST'])
  const refused = await app.inject({ method: 'POST', url: '/v1/context', payload: '{}', headers: { 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' } })
  expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([401, '*'])
})

test('of an address only the hash is kept', async () => {
  await send({ type: 'identify', userId: 'u1', traits: { email: EMAIL, plan: 'Starter' } })
  const { rows } = await sql<{ whole: string }>`select context_event::text as whole from context_event`.execute(database.db)
  expect(rows[0]?.whole).toContain('Starter')
  expect(rows[0]?.whole).not.toContain('ida')
})

// --- who it belongs to

const ASKED = '2026-11-20T10:00:00Z'

async function namesFor (person: { id: string, email?: string }): Promise<string[]> {
  return (await listContext(database.db, person, ASKED)).flatMap(e => e.name === '' ? [] : [e.name])
}

test('found by the address, by the user id, and by the browser before signing in', async () => {
  await send({
    batch: [
      { type: 'page', anonymousId: 'b1', name: 'Prices', timestamp: '2026-11-20T09:00:00Z' },
      { type: 'identify', userId: 'u1', anonymousId: 'b1', traits: { email: EMAIL.toUpperCase() }, timestamp: '2026-11-20T09:10:00Z' },
      { type: 'page', userId: 'u1', name: 'Berths', timestamp: '2026-11-20T09:20:00Z' },
      { type: 'page', userId: 'u2', anonymousId: 'b2', name: 'Of another', timestamp: '2026-11-20T09:30:00Z' },
      { type: 'page', anonymousId: 'b3', name: 'Of nobody', timestamp: '2026-11-20T09:30:00Z' },
      { type: 'page', userId: 'u1', name: 'Yesterday', timestamp: '2026-11-19T09:59:59Z' }
    ]
  })
  expect(await namesFor({ id: '991', email: EMAIL })).toEqual(['Berths', 'Prices'])
  expect(await namesFor({ id: 'u2' })).toEqual(['Of another'])
  expect(await namesFor({ id: '991', email: 'other@moorings.example' })).toEqual([])
})

test('the helpdesk’s 42 is not the product’s 42 when their addresses differ', async () => {
  await send({ batch: [{ type: 'identify', userId: 42, traits: { email: 'someone@moorings.example' } }, { type: 'page', userId: 42, name: 'Secret plans' }] })
  expect(await namesFor({ id: '42', email: EMAIL })).toEqual([])
  expect(await namesFor({ id: '42' })).toEqual([])
  expect(await namesFor({ id: '7', email: 'someone@moorings.example' })).toEqual(['Secret plans'])
})

test('from the ticket to the facts', async () => {
  await ensurePartitions(database.db, [], [ASKED])
  const base = { connection: 'moorings', ticketId: '1', at: ASKED }
  const facts: TicketEvent[] = [
    { ...base, kind: 'opened', key: 'o', subject: 'Berth', channel: 'web', person: { id: '991', email: EMAIL }, tags: [] },
    { ...base, kind: 'asked', key: 'a', messageId: 'a', text: 'Is it free?', person: { id: '991' } }
  ]
  await database.db.transaction().execute(trx => recordFacts(trx, [{ connection: 'moorings', facts }]))
  await send({
    batch: [
      { type: 'identify', userId: 'u1', traits: { email: EMAIL, plan: 'Starter' } },
      call({ name: 'Billing › Plan', timestamp: '2026-11-20T09:56:00Z' }),
      { type: 'track', userId: 'u1', event: 'error', properties: { code: 'E42' }, timestamp: '2026-11-20T09:54:00Z' }
    ]
  })
  const asker = await findAsker(database.db, 'moorings', '1')
  expect(asker).toEqual({ id: '991', email: EMAIL })
  expect(contextFacts(await listContext(database.db, asker ?? { id: '' }, ASKED), ASKED))
    .toEqual(['on Billing › Plan, 4 min before asking', 'error E42, 6 min before asking', 'plan Starter'])
  expect(await findAsker(database.db, 'moorings', '2')).toBeNull()
})

test('what has been kept long enough is deleted', async () => {
  await recordContext(database.db, ['old', 'new'].map(messageId => ({
    messageId, kind: 'page', userId: 'u', anonymousId: null, emailHash: null, name: messageId, data: {}, at: ASKED
  })))
  await sql`update context_event set expires_at = now() where message_id = 'old'`.execute(database.db)
  expect(await purgeContext(database.db)).toBe(1)
  expect(await kept()).toEqual([{ kind: 'page', name: 'new' }])
  const { rows } = await sql<{ days: number }>`select extract(day from expires_at - received_at)::int as days from context_event`.execute(database.db)
  expect(rows).toEqual([{ days: 30 }])
})

// --- the page

test('the page shows what arrives, as text', async () => {
  const page = async (): Promise<string> => {
    const answer = await app.inject({ url: '/context', headers: { authorization: 'Bearer an-admin-token-of-tests' } })
    expect([answer.statusCode, answer.headers['refresh']]).toEqual([200, '5'])
    return answer.body
  }
  expect(await page()).toContain('Nothing has arrived yet.')
  await send(call({ name: '<script>alert(1)</script>', properties: { a: '<img src=x>' }, userId: '"><b>u' }))
  await send({ type: 'identify', anonymousId: '0123456789abcdef', traits: { email: EMAIL } })
  const shown = await page()
  expect(shown).toContain('&#60;script&#62;alert(1)&#60;/script&#62;')
  expect(shown).not.toMatch(/<script|<img src=x|"><b>u/)
  expect(shown).toContain('01234567… (browser)')
})

// --- the snippet, run as a browser would

type Api = Record<'identify' | 'track' | 'error', (...given: unknown[]) => void>

interface Page {
  deskloop: () => Api, go: (path: string) => void, leave: () => void, settle: () => Promise<void>, warned: string[]
}

function browse (): Page {
  const on: Record<string, () => void> = {}
  const warned: string[] = []
  let calls: Array<Promise<unknown>> = []
  let timers: Array<() => void> = []
  const none: Api = { identify () {}, track () {}, error () {} }      // the snippet puts its own in place of it
  const window = {
    location: { pathname: '/berths' },
    crypto: { randomUUID: () => crypto.randomUUID() },
    sessionStorage: { getItem: () => { throw new Error('storage is blocked') } },
    history: { pushState: (_state: unknown, _title: string, path: string) => { window.location.pathname = path } },
    setTimeout: (run: () => void) => timers.push(run),
    clearTimeout: () => {},
    console: { warn: (text: string) => warned.push(text) },
    addEventListener: (name: string, run: () => void) => { on[name] = run },
    fetch: (url: string, init: { body: string, headers: Record<string, string> }) => {
      expect(url).toBe('https://deskloop.moorings.example/v1/context')
      const call = app.inject({ method: 'POST', url: '/v1/context', payload: init.body, headers: init.headers })
      calls.push(call)
      return call.then(answer => ({ json: async () => answer.json<object>() }))
    },
    deskloop: none
  }
  const document = { title: 'Berths', currentScript: { src: 'https://deskloop.moorings.example/context.js', dataset: { key: KEY } } }
  runInContext(readFileSync(SNIPPET, 'utf8'), createContext({ window, document, URL, Date, Math, JSON, Object }))
  return {
    deskloop: () => window.deskloop,
    warned,
    go: path => window.history.pushState(null, '', path),
    leave: () => on['pagehide']?.(),
    async settle () {
      for (let turn = 0; turn < 4; turn++) {
        const due = timers
        timers = []
        for (const run of due) run()
        const sent = calls
        calls = []
        await Promise.all(sent)
        await new Promise(resolve => setImmediate(resolve))
      }
    }
  }
}

test('the snippet is small, and served to anybody', async () => {
  const answer = await app.inject({ url: '/context.js?v=1' })
  expect(answer.statusCode).toBe(200)
  expect(answer.headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8', 'cross-origin-resource-policy': 'cross-origin' })
  expect(Buffer.byteLength(answer.body)).toBeLessThan(3_000)
})

test('what the snippet sends is taken: pages, also those that change without loading, people and errors', async () => {
  nowMs = Date.now()
  const page = browse()
  await page.settle()
  page.deskloop().identify('u1', { email: EMAIL, plan: 'Starter' })
  page.go('/billing/plan')
  page.go('/billing/plan')                          // the same page again says nothing
  await page.settle()
  page.deskloop().error('E42')
  page.leave()
  await page.settle()
  expect(page.warned).toEqual([])
  expect(await kept()).toEqual([
    { kind: 'page', name: '' }, { kind: 'identify', name: '' }, { kind: 'page', name: '' }, { kind: 'track', name: 'error' }
  ])
  const now = new Date(nowMs + 1000).toISOString()
  const facts = contextFacts(await listContext(database.db, { id: '991', email: EMAIL }, now), now)
  expect(facts).toEqual(['on Berths, just before asking', 'error E42, just before asking', 'plan Starter'])
})

test('a refusal is told in the console of the browser, with the path', async () => {
  nowMs = Date.now()
  const page = browse()
  page.deskloop().track('Form sent', { from: EMAIL })
  await page.settle()
  expect(page.warned).toEqual(['Deskloop: properties.from looks like an e-mail address: leave it out'])
})
