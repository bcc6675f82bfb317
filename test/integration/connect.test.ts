// Connecting a helpdesk as a person does it, with the service running behind: what is shown before anything is made, a
// private note there and back, mending what was deleted by hand, and a secret drawn anew without a refused delivery.
import { join } from 'node:path'
import { sql } from 'kysely'
import { connect, findPlace } from '../../scripts/connect.ts'
import type { ConnectDeps, ConnectReport, Wish } from '../../scripts/connect.ts'
import { readConfig } from '../../src/config.ts'
import { findConnectors } from '../../src/connectors.ts'
import { openLog } from '../../src/log.ts'
import { openService } from '../../src/main.ts'
import type { Service } from '../../src/main.ts'
import { findDoor, saveDoor } from '../../src/store/connections.ts'
import { findArrival, findNewest } from '../../src/store/deliveries.ts'
import type { Connector } from '../../src/types.ts'
import { keepProvisioned } from '../../src/work/provision.ts'
import type { Kept } from '../../src/work/provision.ts'
import { openFreshdesk } from '../sandbox/freshdesk.ts'
import { openIntercom } from '../sandbox/intercom.ts'
import type { PretendHelpdesk } from '../sandbox/types.ts'
import { openZendesk } from '../sandbox/zendesk.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'

const ROOT = join(import.meta.dirname, '../..')
const HOME = 'https://desk.harbour.example'
const at = '2026-05-04T09:00:00Z'
const person = { id: 'p1', name: 'Ada Bell', email: 'ada@example.org' }

let database: TestDatabase
let connectors: Connector[]
let service: Service | null = null
let desk: PretendHelpdesk

beforeAll(async () => {
  database = await openTestDatabase()
  connectors = await findConnectors(join(ROOT, 'connectors'))
})
afterEach(async () => {
  await service?.close()
  service = null
  await desk.close()
  await sql`truncate connection, cursor, failure, delivery, delivery_identity`.execute(database.db)
})
afterAll(async () => { await database.close() })

const opened = {
  zendesk: () => openZendesk(),
  freshdesk: () => openFreshdesk({ rules: false }),
  intercom: () => openIntercom()
}

describe.each(['zendesk', 'freshdesk', 'intercom'] as const)('%s', name => {
  beforeEach(async () => { desk = await opened[name]() })

  test('a private note goes there and back, and nobody but the team ever saw it', async () => {
    const ticket = desk.openTicket({ at, subject: 'No light', text: 'The lamp stays dark.', person })
    const { report, said } = await run(name, { ticket })
    expect(report).toMatchObject({ ok: true, problem: null, roundTrip: { private: true, ticketId: ticket } })
    expect(report.roundTrip?.taken).toBe(name === 'freshdesk' ? 'removed' : 'redacted')
    expect(said).toContain('read back as private')
    // The pretend helpdesk's own headers: no two vendors count alike.
    const calls = { zendesk: 700, freshdesk: 400, intercom: 10_002 }[name]
    expect(report.plan).toMatchObject({ callsPerMinute: calls, ours: calls / 2, known: true })
    expect(said).toContain(`PLAN    this account may make ${calls} calls a minute: Deskloop takes at most ${calls / 2}, notes first; ten thousand`)
    const ours = desk.journal.filter(({ by }) => by === 'api')
    expect(ours.map(({ kind }) => kind)).toEqual(['note', name === 'freshdesk' ? 'note-removed' : 'redacted'])
    expect(ours.filter(({ kind, public: seen }) => kind === 'note' && seen)).toEqual([])
  })

  test('a note that turns out to be public stops it', async () => {
    const ticket = desk.openTicket({ at, subject: 'No light', text: 'The lamp stays dark.', person })
    desk.faults = { ...desk.faults, publicNotes: 1 }
    const { report } = await run(name, { ticket })
    expect(report.ok).toBe(false)
    expect(report.problem).toMatch(/public/)
  })

  test('connecting again changes nothing', async () => {
    expect((await run(name)).report.ok).toBe(true)
    const writes = (): number => desk.requests.filter(({ method }) => !['GET', 'HEAD'].includes(method)).length
    const before = writes()
    const { report, said } = await run(name)
    expect(report).toMatchObject({ ok: true, planned: [], done: [] })
    expect(said).toContain('Nothing to change')
    expect(writes()).toBe(before)
  })
})

test('nothing is made before somebody agreed', async () => {
  desk = await openZendesk()
  const refused = await run('zendesk', { yes: false })
  expect(refused.report).toMatchObject({ ok: false, done: null, problem: 'nothing was changed: add --yes to do it' })
  expect(refused.said).toContain('WILL    create webhook')
  const declined = await run('zendesk', { yes: false }, { confirm: async () => false })
  expect(declined.report).toMatchObject({ ok: false, done: null, problem: 'nothing was changed' })
  expect(desk.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  expect(await findDoor(database.db, 'zendesk')).toBeNull()
  const agreed = await run('zendesk', { yes: false }, { confirm: async () => true })
  expect(agreed.report).toMatchObject({ ok: true, secret: { setting: 'ZENDESK_WEBHOOK_SECRET', value: expect.any(String) } })
})

test('a plan that lacks automation rules is told before anything is done', async () => {
  desk = await openFreshdesk({ rules: false, automations: 'not in the plan' })
  const { report, said } = await run('freshdesk')
  expect(report).toMatchObject({ ok: false, planned: [], done: null })
  expect(said).toContain('MISSING this key may not manage automation rules: the plan of this account has no automation rules')
})

test('a vendor that breaks while it should make something leaves the way by hand', async () => {
  desk = await openFreshdesk({ rules: false })
  desk.faults = { ...desk.faults, error500: 1, onlyWrites: true }
  const { report, said } = await run('freshdesk')
  expect(report).toMatchObject({ ok: false, done: null })
  expect(said).toContain('By hand: Admin > Workflows > Automations > Ticket updates')
  desk.faults = { ...desk.faults, error500: 0 }
  expect((await run('freshdesk')).report.ok).toBe(true)
})

test('the names, settings and addresses are asked for in words', () => {
  const wish = { root: ROOT, connectors, env: {}, url: HOME }
  expect(() => findPlace({ ...wish, name: 'zendesk' })).toThrow(/zendesk needs these settings:\n {2}ZENDESK_URL: /)
  expect(() => findPlace({ ...wish, name: 'nobody' })).toThrow('connect needs one of these names: freshdesk, intercom, zendesk')
  const env = { ZENDESK_URL: 'http://127.0.0.1:9', ZENDESK_OAUTH_TOKEN: 'x' }
  expect(() => findPlace({ ...wish, env, name: 'zendesk', url: 'http://desk.example' })).toThrow('https only')
  expect(findPlace({ ...wish, env, name: 'zendesk' }).place.door).toBe(`${HOME}/hooks/zendesk`)
})

test('the circle is closed: without a secret of ours, the note comes back and is believed', async () => {
  desk = await openZendesk()
  await forgetHooks()                               // those that the desk had before
  const { ZENDESK_WEBHOOK_SECRET: _secret, ...bare } = desk.settings
  await start('zendesk', { ZENDESK_WEBHOOK_SECRET: '' })
  const ticket = desk.openTicket({ at, subject: 'No light', text: 'The lamp stays dark.', person })
  const deliver = setInterval(() => { desk.send().catch(() => { /* told by the statuses */ }) }, 100)
  const { report, said } = await run('zendesk', { ticket }, { patienceMs: 10_000 }, bare).finally(() => clearInterval(deliver))
  expect(report).toMatchObject({ ok: true, delivered: true })
  expect(said).toContain('the circle is closed')
  expect(desk.sent.flatMap(({ attempts }) => attempts.map(({ status }) => status))).not.toContain(401)
})

test('a rule that mails the customer because of the private note stops it, by name', async () => {
  const zendesk = await openZendesk()
  desk = zendesk
  const ticket = desk.openTicket({ at, subject: 'No light', text: 'The lamp stays dark.', person })
  const quiet = await run('zendesk', { ticket })
  expect(quiet.report).toMatchObject({ ok: true, roundTrip: { mails: [] } })
  expect(quiet.said).toContain('QUIET   no rule of the helpdesk mailed anybody')
  zendesk.triggers.set(1, {
    id: 1, title: 'Mail on everything', active: true, position: 1, category_id: '1', description: null, created_at: at, updated_at: at,
    conditions: { all: [{ field: 'update_type', operator: 'is', value: 'Change' }], any: [] },
    actions: [{ field: 'notification_user', value: ['requester_id', 'News', 'There is news'] }]
  })
  const { report, said } = await run('zendesk', { ticket })
  expect(report).toMatchObject({ ok: false, problem: expect.stringContaining('made the helpdesk mail the customer') })
  expect(said).toContain('NOTE    the trigger "Mail on everything" mails the requester on any update')
  expect(said).toContain('MAILED  the rule "Mail on everything" mailed the customer')
})

describe('it ends only when something real has come through the door', () => {
  test('the first delivery is waited for, and its lag is told', async () => {
    desk = await openFreshdesk({ rules: false })
    await run('freshdesk')
    await start('freshdesk', {}, null)
    desk.openTicket({ at, subject: 'An old one', text: 'From before.', person })
    await desk.send()
    const old = await findNewest(database.db, 'freshdesk')
    const waiting = run('freshdesk', { waitSeconds: 20 })
    setTimeout(() => {
      desk.openTicket({ at: '2026-05-04T10:00:00Z', subject: 'No light', text: 'The lamp stays dark.', person })
      desk.send().catch(() => { /* told by the arrival */ })
    }, 1_000)
    const { report, said } = await waiting
    expect(report).toMatchObject({ ok: true, arrival: { lagSeconds: expect.any(Number) } })
    expect(Number(report.arrival?.deliveryId)).toBeGreaterThan(Number(old))
    expect(said).toContain('WAITING up to 20 s for the first delivery: change any ticket at freshdesk')
    expect(said).toMatch(/HEARD {3}the first delivery by webhook came after \d+\.\d s \(lag [\d.]+ s\): the connection is live/)
  })

  test('silence is no success', async () => {
    desk = await openZendesk()
    const { report } = await run('zendesk', { waitSeconds: 1 })
    expect(report).toMatchObject({ ok: false, arrival: null, problem: expect.stringContaining('no delivery came within 1 s: is Deskloop running') })
  })
})

test('a note that does not come back is told, and is no failure of connecting', async () => {
  desk = await openZendesk()
  const ticket = desk.openTicket({ at, subject: 'No light', text: 'The lamp stays dark.', person })
  const { report, said } = await run('zendesk', { ticket })
  expect(report).toMatchObject({ ok: true, delivered: false })
  expect(said).toContain('UNHEARD the note has not come back yet')
})

describe('kept by the worker', () => {
  test('what was deleted by hand is there again, and it is written down', async () => {
    desk = await openZendesk()
    expect(await keep('zendesk')).toBe('not connected')
    await run('zendesk')
    expect(await keep('zendesk')).toBe('as it should be')
    await forgetHooks()
    expect(await keep('zendesk')).toBe('mended')
    expect(await keep('zendesk')).toBe('as it should be')
    const rows = await failures()
    expect(rows).toEqual([expect.stringMatching(/^mended: create webhook "Deskloop · do not edit"/)])
  })

  test('the service itself does it, by its own clock', async () => {
    desk = await openZendesk()
    await saveDoor(database.db, 'zendesk', `${HOME}/hooks/zendesk`)
    await start('zendesk', {}, null)
    const untilMs = Date.now() + 20_000
    while ((await listHooks()).length < 2 && Date.now() < untilMs) await new Promise(resolve => setTimeout(resolve, 50))
    expect((await listHooks()).map(({ name }) => name)).toEqual(['Deskloop ticket events', 'Deskloop · do not edit'])
  })

  test('what was disconnected is not made again', async () => {
    desk = await openZendesk()
    await run('zendesk')
    const { report } = await run('zendesk', { goal: 'disconnected' })
    expect(report).toMatchObject({ ok: true, done: [{ action: 'remove' }] })
    expect(await keep('zendesk')).toBe('not connected')
    expect((await listHooks()).map(({ name }) => name)).toEqual(['Deskloop ticket events'])
  })

  test('a refusal is said once a day, in words, and stops nobody', async () => {
    desk = await openFreshdesk({ rules: false, automations: 'not in the plan' })
    await saveDoor(database.db, 'freshdesk', `${HOME}/hooks/freshdesk`)
    expect(await keep('freshdesk')).toBe('failed')
    expect(await keep('freshdesk')).toBe('failed')
    expect(await failures()).toEqual([expect.stringContaining('the plan of this account has no automation rules')])
  })
})

describe('a secret changes while deliveries come in', () => {
  test('zendesk draws another one: no delivery is refused, even those on their way', async () => {
    desk = await openZendesk()
    await forgetHooks()                             // those that the desk had before
    const { report } = await run('zendesk')
    await start('zendesk', { ZENDESK_WEBHOOK_SECRET: report.secret?.value ?? '' })
    const ticket = desk.openTicket({ at, subject: 'No light', text: 'The lamp stays dark.', person })
    await desk.send()
    const late = await signed(ticket)               // signed before, arrives after
    await drawSecret()
    desk.agentReplies(ticket, { at: '2026-05-04T09:20:00Z', text: 'Turn it twice.', agentId: 'a1' })
    await desk.send()
    expect(await late()).toBe(200)
    const statuses = desk.sent.flatMap(({ attempts }) => attempts.map(({ status }) => status))
    expect(statuses.length).toBeGreaterThan(2)
    expect([...new Set(statuses)]).toEqual([200])
  })

  test('a false signature stays false', async () => {
    desk = await openZendesk()
    await run('zendesk')
    await start('zendesk', { ZENDESK_WEBHOOK_SECRET: 'something-else' })
    const answer = await fetch(`${service?.url}/hooks/zendesk`, { method: 'POST', headers: { 'x-zendesk-webhook-signature': 'AAAA' }, body: '{}' })
    expect(answer.status).toBe(401)
    // The first made us learn the true secret; the second is in vain, and from then on nobody is asked for a while.
    await fetch(`${service?.url}/hooks/zendesk`, { method: 'POST', headers: { 'x-zendesk-webhook-signature': 'AAAA' }, body: '{}' })
    const asked = desk.requests.filter(({ path }) => path.includes('signing_secret')).length
    for (let i = 0; i < 10; i++) await fetch(`${service?.url}/hooks/zendesk`, { method: 'POST', headers: { 'x-zendesk-webhook-signature': 'AAAA' }, body: '{}' })
    expect(desk.requests.filter(({ path }) => path.includes('signing_secret'))).toHaveLength(asked)
  })

  test('freshdesk is given another one: both are believed while the rules change', async () => {
    desk = await openFreshdesk({ rules: false })
    const old = desk.settings.FRESHDESK_WEBHOOK_SECRET ?? ''
    await run('freshdesk')
    await start('freshdesk', { FRESHDESK_WEBHOOK_SECRET: `brand-new,${old}` })
    const ticket = desk.openTicket({ at, subject: 'No light', text: 'The lamp stays dark.', person })
    await desk.send()                               // with the old one, which the rules still hold
    expect(await keep('freshdesk', { FRESHDESK_WEBHOOK_SECRET: `brand-new,${old}` })).toBe('mended')
    desk.agentReplies(ticket, { at: '2026-05-04T09:20:00Z', text: 'Turn it twice.', agentId: 'a1' })
    await desk.send()
    const sent = desk.sent.map(delivery => [delivery.headers(new Date())['X-Deskloop-Secret'], delivery.attempts[0]?.status])
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.map(([, status]) => status)).toEqual(sent.map(() => 200))
    expect(sent.at(-1)?.[0]).toBe('brand-new')
  })
})

async function run (
  name: string, wish: Partial<Wish> = {}, deps: Partial<ConnectDeps> = {}, env = desk.settings
): Promise<{ report: ConnectReport, said: string }> {
  const own = { ...env, DATABASE_URL: database.url }
  const { place, memory } = findPlace({ root: ROOT, connectors, env: own, name, url: HOME })
  const said: string[] = []
  const report = await connect(place, { goal: 'connected', yes: true, ticket: null, ...wish }, {
    say: line => { said.push(line) },
    confirm: null,
    knock: async () => 200,
    remember: async door => { await saveDoor(database.db, name, door) },
    newest: () => findNewest(database.db, name),
    arrived: after => findArrival(database.db, name, after),
    patienceMs: 0,
    ...deps
  }).finally(() => memory.close())
  return { report, said: said.join('\n') }
}

async function keep (name: string, more: Record<string, string> = {}): Promise<Kept> {
  const connector = connectors.find(one => one.name === name)
  if (connector === undefined) throw new Error(`there is no connector ${name}`)
  const helpdesks = new Map([[name, connector.open({ ...desk.settings, ...more }, name)]])
  return await keepProvisioned({ db: database.db, log: openLog('silent'), helpdesks }, name)
}

async function start (name: string, more: Record<string, string>, only: 'web' | null = 'web'): Promise<void> {
  const config = readConfig({
    ...desk.settings, ...more, DATABASE_URL: database.url, DESKLOOP_PORT: '0', DESKLOOP_CATCH_UP_MINUTES: '0'
  }, join(ROOT, 'config'), connectors)
  service = await openService({ config, connectors, log: openLog('silent'), root: ROOT, only })
  desk.webhookUrl = `${service.url}/hooks/${name}`
}

/** A delivery with the signature of this moment, to be handed in later. */
async function signed (ticket: string): Promise<() => Promise<number>> {
  desk.customerWrites(ticket, { at: '2026-05-04T09:10:00Z', text: 'Is anybody there?' })
  const delivery = desk.pending.splice(0)[0]
  if (delivery === undefined) throw new Error('nothing is to be delivered')
  const headers = delivery.headers(new Date())
  return async () => (await fetch(String(desk.webhookUrl), { method: 'POST', headers, body: delivery.body })).status
}

async function listHooks (): Promise<Array<{ id: string, name: string }>> {
  const body: unknown = await (await call('GET', '/webhooks')).json()
  const list: unknown = typeof body === 'object' && body !== null && 'webhooks' in body ? body.webhooks : []
  return Array.isArray(list) ? list.map(hook => ({ id: String(hook.id), name: String(hook.name) })) : []
}

async function forgetHooks (): Promise<void> {
  for (const { id } of await listHooks()) await call('DELETE', `/webhooks/${id}`)
}

async function drawSecret (): Promise<void> {
  const hook = (await listHooks())[0]
  expect((await call('POST', `/webhooks/${hook?.id}/signing_secret`)).status).toBe(201)
}

async function call (method: string, path: string): Promise<Response> {
  const pair = `${desk.settings.ZENDESK_EMAIL}/token:${desk.settings.ZENDESK_API_TOKEN}`
  return await fetch(`${desk.url}/api/v2${path}`, { method, headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } })
}

async function failures (): Promise<string[]> {
  const rows = await database.db.selectFrom('failure').select('message').where('work', '=', 'provision').orderBy('id').execute()
  return rows.map(({ message }) => message)
}
