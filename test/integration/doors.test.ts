// The door, knocked at over real HTTP by everyone who should not be let in, and by true senders on a bad day. At the end
// it prints one table: what came, what it was answered, and what was kept of it.
import { createHmac, randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { readConfig } from '../../src/config.ts'
import { findConnectors } from '../../src/connectors.ts'
import { openLog } from '../../src/log.ts'
import { openService } from '../../src/main.ts'
import type { Service } from '../../src/main.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { openProxy } from '../support/proxy.ts'
import type { Proxy } from '../support/proxy.ts'
import { knock } from '../support/knock.ts'
import type { Reply } from '../support/knock.ts'
import { withRoutes } from '../support/routes.ts'
import type { Route } from '../support/routes.ts'

interface Kept { state: string, events: number, error: string | null }

type Sent = Buffer | string

const ROOT = join(import.meta.dirname, '../..')
const ADMIN = 'admin-token-of-the-door-test'
const [OLD, NEW] = ['door-secret-old', 'door-secret-new']
const told: Array<[input: string, answer: string, kept: string]> = []
const routes: Route[] = []

let database: TestDatabase
let proxy: Proxy
let service: Service
let folder: string
let made = 0

beforeAll(async () => {
  database = await openTestDatabase()
  proxy = await openProxy(database.url)
  folder = mkdtempSync(join(tmpdir(), 'deskloop-doors-'))
  for (const name of ['learning.json', 'learning.schema.json']) copyFileSync(join(ROOT, 'config', name), join(folder, name))
  writeFileSync(join(folder, 'connections.json'), JSON.stringify([{
    name: 'no-secret',
    connector: 'zendesk',
    settings: { ZENDESK_URL: 'http://127.0.0.1:9', ZENDESK_OAUTH_TOKEN: 'x', ZENDESK_WEBHOOK_SECRET: ' , ' }
  }]))
  const connectors = await findConnectors(join(ROOT, 'connectors'))
  const config = readConfig({
    DATABASE_URL: proxy.url,
    DESKLOOP_PORT: '0',
    DESKLOOP_CATCH_UP_MINUTES: '0',
    DESKLOOP_ADMIN_TOKEN: ADMIN,
    ZENDESK_URL: 'http://127.0.0.1:9',
    ZENDESK_OAUTH_TOKEN: 'x',
    ZENDESK_WEBHOOK_SECRET: `${OLD}, ${NEW}`,
    FRESHDESK_URL: 'http://127.0.0.1:9',
    FRESHDESK_API_KEY: 'x',
    FRESHDESK_WEBHOOK_SECRET: OLD
  }, folder, connectors)
  service = await withRoutes(routes, () =>
    openService({ config, connectors, log: openLog('silent'), root: ROOT, only: 'web' }))
})

afterAll(async () => {
  await service?.close()
  await proxy?.close()
  await database?.close()
  rmSync(folder, { recursive: true, force: true })
  const width = [0, 1].map(i => Math.max(...told.map(row => (row[i] ?? '').length)))
  console.log(['The door:', ...told.map(([input, answer, kept]) =>
    `${input.padEnd(width[0] ?? 0)} | ${answer.padEnd(width[1] ?? 0)} | ${kept}`)].join('\n'))
})

const read = (events: number): Kept => ({ state: 'read', events, error: null })
const unreadable = (words: string): Kept => ({ state: 'unreadable', events: 0, error: expect.stringContaining(words) })

describe('deliveries of a true sender', () => {
  const cases: Array<[string, () => Sent, Kept]> = [
    ['a comment', () => comment('All well'), read(1)],
    ['truncated JSON, signed', () => comment('cut').slice(0, 90), unreadable('JSON')],
    ['an empty body, signed', () => '', unreadable('JSON')],
    ['bytes that are no UTF-8, signed', () => Buffer.from([0xff, 0xfe, 0x7b, 0x00]), unreadable('JSON')],
    ['an unknown topic', () => comment('x').replace('comment_added', 'sung_aloud'), read(0)],
    ['a body that is a number', () => '42', read(0)],
    ['nested 100,000 deep', () => '['.repeat(100_000) + ']'.repeat(100_000), unreadable('nested')],
    ['nested 65 deep beside a comment', () => comment('x').replace('{', `{"deep":${'['.repeat(65)}${']'.repeat(65)},`), unreadable('nested')],
    ['30,000 keys', () => JSON.stringify(Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`k${i}`, i]))), read(0)],
    ['1e400 for an id', () => comment('x').replace(/"id":"\d+"/, '"id":1e400'), { ...read(expect.any(Number)) }],
    ['0.99 MiB of text', () => comment('oar '.repeat(259_000)), read(1)]
  ]
  test.each(cases)('%s is answered 200', async (name, make, kept) => {
    const reply = await deliver(name, 'zendesk', make())
    expect(reply.status).toBe(200)
    expect(await lastKept()).toEqual([kept])
  })

  test('NUL and lone surrogates are kept as they came, and are U+FFFD in the text', async () => {
    const ticket = newTicket()
    const body = comment('a§b§c', ticket).replace('§', '\\u0000').replace('§', '\\ud800')
    expect((await deliver('NUL and a lone surrogate in a text', 'zendesk', body)).status).toBe(200)
    const [event] = await eventsOf(ticket)
    expect(event).toMatchObject({ kind: 'asked', fact: { text: 'a\uFFFDb\uFFFDc' } })
    const stored = await sql<{ body: Buffer }>`select body from delivery order by id desc limit 1`.execute(database.db)
    expect(stored.rows[0]?.body.toString('utf8')).toBe(body)
  })

  test('__proto__ and constructor change nothing but themselves', async () => {
    const ticket = newTicket()
    const evil = '{"__proto__":{"id":"7","polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},'
    expect((await deliver('__proto__ and constructor as keys', 'zendesk', comment('plain', ticket).replace('{', evil))).status).toBe(200)
    expect(await eventsOf(ticket)).toMatchObject([{ kind: 'asked', fact: { text: 'plain' } }])
    expect('polluted' in {}).toBe(false)
  })

  test('five times at once is one event', async () => {
    const ticket = newTicket()
    const body = comment('once', ticket)
    const before = await countKept()
    const replies = await Promise.all(Array.from({ length: 5 }, () => deliver('the same, five times at once', 'zendesk', body)))
    expect(replies.map(reply => reply.status)).toEqual([200, 200, 200, 200, 200])
    expect(await eventsOf(ticket)).toHaveLength(1)
    expect(await countKept()).toBe(before + 1)
    told.splice(-4)
  })

  test.each(['application/json\ta', ' application/json garbage', 'text/plain', 'application/x-www-form-urlencoded', null])(
    'the content type %j plays no part', async type => {
      const ticket = newTicket()
      const reply = await deliver(`content type ${JSON.stringify(type)}`, 'zendesk', comment('typed', ticket), { 'content-type': type })
      expect(reply.status).toBe(200)
      expect(await eventsOf(ticket)).toHaveLength(1)
    })

  test('two secrets are live at once, a third is not', async () => {
    const answers = [OLD, NEW, `${OLD}, ${NEW}`].map(async secret => {
      const body = comment('rotated')
      return (await send('zendesk', body, signed(body, secret))).status
    })
    expect(await Promise.all(answers)).toEqual([200, 200, 401])
    told.push(['signed with the old, the new, both as one', '200, 200, 401', 'read, read, nothing'])
  })

  test.each([-301, 301, -25_200, Number.NaN])('a signed time %d s away makes us look, and is believed in nothing', async seconds => {
    const ticket = newTicket()
    const at = Number.isNaN(seconds) ? 'yesterday' : new Date(Date.now() + seconds * 1000).toISOString()
    const body = comment('late', ticket)
    expect((await deliver(`signed ${Number.isNaN(seconds) ? 'at no time' : `${seconds} s from now`}`, 'zendesk', body, signed(body, NEW, at))).status).toBe(200)
    expect(await lastKept()).toEqual([{ state: 'late', events: 1, error: null }])
    expect(await eventsOf(ticket)).toEqual([])
    const { rows } = await sql<{ look: boolean }>`select look_rev > looked_rev as look from ticket where ticket_id = ${ticket}`.execute(database.db)
    expect(rows).toEqual([{ look: true }])
  })

  test('HEAD is answered, for it is how an address is asked whether it is there', async () => {
    const reply = await knock(service.url, { method: 'HEAD', path: '/hooks/zendesk' })
    expect(reply.status).toBe(200)
    told.push(['HEAD', '200', 'nothing'])
  })
})

describe('whoever is not a true sender', () => {
  const body = comment('forged')
  const unsigned = { 'x-zendesk-webhook-signature-timestamp': new Date().toISOString() }
  const cases: Array<[string, string, Sent, Record<string, string>, number]> = [
    ['a wrong signature', 'zendesk', body, { ...unsigned, 'x-zendesk-webhook-signature': 'AAAA' }, 401],
    ['no signature', 'zendesk', body, unsigned, 401],
    ['the signature of another body', 'zendesk', body, signed('{}', NEW), 401],
    ['the right secret, but another time than the signed one', 'zendesk', body, { ...signed(body, NEW, '2026-01-01T00:00:00Z'), ...unsigned }, 401],
    ['a signature of 12 kB', 'zendesk', body, { ...unsigned, 'x-zendesk-webhook-signature': 'A'.repeat(12_000) }, 401],
    ['truncated JSON, not signed', 'zendesk', body.slice(0, 50), unsigned, 401],
    ['any delivery while no secret is set', 'no-secret', body, signed(body, ''), 401],
    ['the secret of Freshdesk, one letter short', 'freshdesk', '{"ticket_id":"7"}', { 'x-deskloop-secret': OLD.slice(1) }, 401],
    ['a connection nobody made', 'acme', body, signed(body, NEW), 404],
    ['a connection called __proto__', '__proto__', body, signed(body, NEW), 404],
    ['gzip', 'zendesk', body, { ...signed(body, NEW), 'content-encoding': 'gzip' }, 415],
    ['2 MiB', 'zendesk', 'x'.repeat(2 << 20), {}, 413]
  ]
  test.each(cases)('%s is refused, and nothing is kept', async (name, connection, sent, headers, status) => {
    const before = await countKept()
    const reply = await deliver(name, connection, sent, headers)
    expect(reply.status).toBe(status)
    expect(reply.body).not.toContain(NEW)
    expect(await countKept()).toBe(before)
  })

  test('1 GiB is refused when it is announced', async () => {
    const startedMs = performance.now()
    const reply = await knock(service.url, { method: 'POST', path: '/hooks/zendesk', headers: { 'content-length': String(2 ** 30) } })
    expect(reply.status).toBe(413)
    expect(performance.now() - startedMs).toBeLessThan(5_000)
    told.push(['1 GiB announced, nothing sent', '413', 'nothing'])
  })

  test('every route but the public ones is closed without the token, and open with it', async () => {
    // Keys of their own, signed links, or no secrets
    const open = ['/healthz', '/v1/context', '/context.js', '/note/:purpose/:key', '/assets/*']
    const closed = routes.filter(({ url }) => !url.startsWith('/hooks/') && !open.includes(url))
    expect(closed.map(route => route.url)).toEqual(expect.arrayContaining(['/v1/stats', '/v1/clock', '/']))
    for (const { method, url } of closed) {
      const path = url.replaceAll(/:\w+/g, 'zendesk').replace('*', 'x')
      for (const authorization of [undefined, 'Bearer wrong', `Basic ${ADMIN}`, 'Bearer ', ADMIN]) {
        const headers = { authorization: authorization ?? null }
        const reply = await knock(service.url, { method, path, headers })
        expect([method, url, authorization, reply.status]).toEqual([method, url, authorization, 401])
        if (method !== 'HEAD') expect(reply.body).toContain('DESKLOOP_ADMIN_TOKEN')
      }
      if (url === '/v1/events/live') continue         // who is let in here hears on and on
      const { status } = await knock(service.url, { method, path, headers: { authorization: `Bearer ${ADMIN}` } })
      expect([method, url, status === 401]).toEqual([method, url, false])
    }
    for (const path of ['/v1/none', '//v1/stats', '/hooks/../v1/stats', '/hooks/%2e%2e/v1/stats', '/v1/stats?/hooks/', '/%76%31/stats',
      '/note/../v1/stats', '/assets/../v1/stats', '/assets/%2e%2e/v1/stats', '/note/open/..%2f..%2fv1%2fstats', '/note/open/dl-x?until=1&sign=x']) {
      const { status } = await knock(service.url, { method: 'GET', path })
      expect([path, [401, 404].includes(status)]).toEqual([path, true])
    }
    const password = Buffer.from(`anyone:${ADMIN}`).toString('base64')
    expect((await knock(service.url, { method: 'GET', path: '/v1/stats', headers: { authorization: `Basic ${password}` } })).status).toBe(200)
    told.push([`${closed.length} routes without the admin token`, '401', 'nothing'])
  })

  test.each(['cross-site', 'same-site'])('a page of another site cannot act for who is signed in (%s)', async site => {
    const headers = { authorization: `Bearer ${ADMIN}`, 'sec-fetch-site': site }
    const reply = await knock(service.url, { method: 'POST', path: '/v1/connections/zendesk/resume', headers })
    expect(reply.status).toBe(403)
    told.push([`a POST from a page that is ${site}`, '403', 'nothing'])
  })
})

test('while the database is away a delivery is sent back, and taken when it has returned', async () => {
  const ticket = newTicket()
  const body = comment('patience', ticket)
  proxy.cut()
  const away = await deliver('a comment while the database is away', 'zendesk', body)
  expect(away.status).toBe(503)
  expect(Number(away.headers['retry-after'])).toBeGreaterThan(0)
  await proxy.mend()
  expect((await deliver('the same when it is back', 'zendesk', body)).status).toBe(200)
  expect(await eventsOf(ticket)).toHaveLength(1)
})

function newTicket (): string {
  return String(70_000 + ++made)
}

/** A comment of a customer, as Zendesk's event of it. */
function comment (text: string, ticket = newTicket()): string {
  return JSON.stringify({
    id: randomUUID(),
    type: 'zen:event-type:ticket.comment_added',
    subject: `zen:ticket:${ticket}`,
    time: new Date().toISOString(),
    detail: { id: ticket, actor_id: '51', requester_id: '51' },
    event: { comment: { id: `${ticket}1`, body: text, is_public: true, author: { id: '51', name: 'Una', is_staff: false } } }
  })
}

function signed (body: Sent, secret: string, at = new Date().toISOString()): Record<string, string> {
  const proof = secret === '' ? 'none' : createHmac('sha256', secret).update(at).update(body).digest('base64')
  return { 'x-zendesk-webhook-signature-timestamp': at, 'x-zendesk-webhook-signature': proof }
}

type Given = Record<string, string | null>

async function send (connection: string, body: Sent, headers: Given): Promise<Reply> {
  const all = { 'content-type': 'application/json', ...headers }
  return await knock(service.url, { method: 'POST', path: `/hooks/${connection}`, headers: all, body })
}

/** Sends a delivery, signed unless it brings a signature of its own, and writes the line of the table. */
async function deliver (name: string, connection: string, body: Sent, headers: Given = {}): Promise<Reply> {
  const own = Object.keys(headers).some(header => header.startsWith('x-') || header === 'content-encoding')
  const before = await countKept()
  const bare = own || body.length > 1 << 20
  const reply = await send(connection, body, bare ? headers : { ...signed(body, NEW), ...headers })
  const [last] = await countKept() > before ? await lastKept() : []
  const kept = last === undefined ? 'nothing' : `${last.state}, facts: ${last.events}`
  const retry = reply.headers['retry-after']
  told.push([name, `${reply.status}${retry === undefined ? '' : `, again in ${retry} s`}`, kept])
  return reply
}

async function lastKept (): Promise<Kept[]> {
  const { rows } = await sql<Kept>`select state, events, error from delivery order by id desc limit 1`.execute(database.db)
  return rows
}

async function countKept (): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from delivery`.execute(database.db)
  return rows[0]?.n ?? 0
}

async function eventsOf (ticket: string): Promise<Array<{ kind: string, fact: unknown }>> {
  const { rows } = await sql<{ kind: string, fact: unknown }>`select kind, fact from event where ticket_id = ${ticket}`.execute(database.db)
  return rows
}
