// Our house is down for hours and every webhook of Linear fails until Linear gives up: what became of the issues is known
// all the same as soon as we ask, tickets are told once, and whatever comes late afterwards changes nothing.
import { sql } from 'kysely'
import type { FastifyInstance } from 'fastify'
import { openLinear as openClient } from '../../src/bridge/linear.ts'
import { openHttp } from '../../src/http/server.ts'
import { linearHook } from '../../src/http/linear.ts'
import { beginLife } from '../../src/learn/life.ts'
import { openBell } from '../../src/main-bell.ts'
import type { Bell } from '../../src/main-bell.ts'
import { addAnomaly, findAnomaly, listChanges } from '../../src/store/anomalies.ts'
import type { Anomaly } from '../../src/store/anomalies.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { follow } from '../../src/work/follow.ts'
import { heedIssue } from '../../src/work/issues.ts'
import { openLinear } from '../sandbox/linear.ts'
import type { PretendLinear } from '../sandbox/linear.ts'
import { noFaults } from '../sandbox/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'
import { press } from '../support/presses.ts'

const AT = '2026-11-20T09:10:00Z'
const LATER = '2026-11-20T17:40:00Z'

let base: TestDatabase
let linear: PretendLinear
let bell: Bell
let app: FastifyInstance
let now = AT

beforeEach(async () => {
  now = AT
  base = await openTestDatabase()
  linear = await openLinear({ limits: true })
  const { LINEAR_URL: url, LINEAR_API_KEY: apiKey, LINEAR_WEBHOOK_SECRET: signed } = linear.settings
  bell = openBell({
    db: base.db, log: silent, home: 'https://deskloop.example', now: async () => now, notes: true, issuesEveryMs: 0,
    alerts: {
      falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel: '', channels: {}, linearTeam: '', linearPriority: 2,
      slack: null, linear: { url, apiKey, secrets: [signed] }
    }
  })
  app = await openHttp({ adminToken: null, log: silent })
  await app.register(async scope => {
    await linearHook(scope, {
      db: base.db, log: silent, secrets: [signed], now: async () => now, nowMs: Date.now, stateOf: bell.stateOf,
      heed: bell.heedIssue, wake: () => {}, onComment: comment => bell.onComment(silent, comment)
    })
  })
  linear.webhookUrl = `${await app.listen({ host: '127.0.0.1', port: 0 })}/hooks/linear`
})
afterEach(async () => { await app.close(); await base.close(); await linear.close() })

async function file (id: string, tickets = 3): Promise<string> {
  await base.db.transaction().execute(async trx => {
    const found = {
      id, key: id, kind: 'spike', topic: 'export', metric: null, title: `Export stops ${id}`, p: 1e-6, usual: 1, terms: [], at: AT,
      tickets: Array.from({ length: tickets }, (_, n) => ({ connection: 'zendesk', ticketId: `${id}-${n}`, at: AT, person: `p${n}` }))
    }
    const asks = await addAnomaly(trx, found, beginLife())
    const anomaly = await findAnomaly(trx, { id })
    if (asks !== null && anomaly !== null) await follow(trx, bell.to, anomaly, asks, AT)
  })
  await press(bell.presses, id, { kind: 'move', move: { kind: 'file' } }, 'Ana', `file ${id}`)
  await settle()
  return (await stateOf(id)).issueId ?? ''
}

async function settle (): Promise<void> {
  for (let i = 0; i < 300; i++) {
    await sql`update effect set not_before = now() where state = 'pending'`.execute(base.db)
    if (await effectsOnce({ db: base.db, log: silent, performers: bell.performers }) === 0) return
  }
  throw new Error('the effects do not come to rest')
}

async function stateOf (id: string): Promise<Anomaly> {
  const anomaly = await findAnomaly(base.db, { id })
  if (anomaly === null) throw new Error(`${id} is gone`)
  return anomaly
}

async function askLinear (): Promise<void> {
  for (const duty of bell.duties) if (duty.job === 'issues') await duty.once()
}

const told = async (): Promise<string[]> =>
  (await base.db.selectFrom('effect').select('ticket_id').where('kind', '=', 'fixed').execute()).map(e => e.ticket_id).sort()
const movesOf = async (id: string): Promise<string[]> => (await listChanges(base.db, id)).map(c => `${c.move} ${c.applied}`)

test('every webhook failed: done is known by asking, tickets are told once, and what comes late changes nothing', async () => {
  const issue = await file('an_down')
  linear.setState(issue, 'started', { at: LATER })
  linear.setState(issue, 'completed', { at: LATER })
  linear.comment(issue, { at: LATER, text: 'Which page does it happen on?' })
  const late = linear.pending.splice(0)             // a minute, an hour, six hours: nobody was there
  now = LATER
  await askLinear()
  expect(await stateOf('an_down')).toMatchObject({ state: 'fixed', verifyAt: '2026-11-23T17:40:00Z' })
  expect(await told()).toEqual(['an_down-0', 'an_down-1', 'an_down-2'])
  await settle()
  expect(linear.comments(issue)).toHaveLength(2)    // the question, and the answer to it
  const answers = async (): Promise<number> => (await base.db.selectFrom('effect').select('id').where('kind', '=', 'linear-answer').execute()).length
  expect(await answers()).toBe(1)
  const before = [await movesOf('an_down'), linear.comments(issue).length]
  linear.pending.push(...late)
  await linear.send({ copies: [2, 2], shuffle: true, stampMs: Date.now() - 7 * 3_600_000 })
  for (let i = 0; i < 3; i++) await askLinear()
  await settle()
  expect([await movesOf('an_down'), linear.comments(issue).length]).toEqual(before)
  expect(await told()).toHaveLength(3)
  expect(await answers()).toBe(1)
})

test('many issues are asked about in few queries; those that ended are followed for a month', async () => {
  const ids = Array.from({ length: 12 }, (_, i) => `an_many${i}`)
  const issues = new Map<string, string>()
  for (const id of ids) issues.set(id, await file(id, 1))
  const states = ['completed', 'canceled', 'started'] as const
  for (const [i, id] of ids.entries()) linear.setState(issues.get(id) ?? '', states[i % 3] ?? 'started', { at: LATER })
  linear.pending.splice(0)
  now = LATER
  const before = linear.requests.length
  await askLinear()
  expect(linear.requests.length - before).toBe(1)
  const want = { completed: 'fixed', canceled: 'closed', started: 'filed' }
  for (const [i, id] of ids.entries()) expect([id, (await stateOf(id)).state]).toEqual([id, want[states[i % 3] ?? 'started']])
  // Opened again a week later, and again nobody heard of it.
  now = '2026-11-27T09:00:00Z'
  linear.setState(issues.get('an_many1') ?? '', 'started', { at: now })
  linear.pending.splice(0)
  await askLinear()
  expect((await stateOf('an_many1')).state).toBe('filed')
})

test('two at once, by asking and by webhook, are one; an answer that is old moves nothing', async () => {
  const issue = await file('an_race')
  linear.setState(issue, 'completed', { at: LATER })
  now = LATER
  await Promise.all([askLinear(), linear.send({ copies: [3, 3], concurrency: 3 }), askLinear()])
  expect((await movesOf('an_race')).filter(move => move === 'done true')).toHaveLength(1)
  expect(await told()).toHaveLength(3)
  const { version } = await stateOf('an_race')
  const actor = { by: 'Linear', at: LATER }
  const deps = { db: base.db, to: bell.to }
  // What Linear said before the anomaly was fixed.
  expect(await heedIssue(deps, { id: 'an_race', version: version - 1 }, { name: 'Doing', type: 'started' }, actor)).toBe('old')
  expect((await stateOf('an_race')).state).toBe('fixed')
  expect(await heedIssue(deps, { id: 'an_race', version }, { name: 'Done', type: 'completed' }, actor)).toBe('same')
})

test('an issue that is gone is its end; one that only a list leaves out is not', async () => {
  const issue = await file('an_gone')
  const { LINEAR_URL: url, LINEAR_API_KEY: apiKey } = linear.settings
  const client = openClient({ url, apiKey })
  expect(await client.askIssues([issue, '00000000-0000-4000-8000-000000000000'], AT)).toEqual([
    { id: issue, state: { name: expect.any(String), type: expect.any(String) }, comments: [] },
    { id: '00000000-0000-4000-8000-000000000000', state: null, comments: [] }
  ])
  linear.remove(issue, { at: LATER })
  linear.pending.splice(0)
  now = LATER
  await askLinear()
  expect((await stateOf('an_gone')).state).toBe('filed')
})

test('who cannot ask tries again at the next look, and asks no more often than agreed', async () => {
  const issue = await file('an_again')
  linear.setState(issue, 'completed', { at: LATER })
  linear.pending.splice(0)
  now = LATER
  Object.assign(linear.faults, { error500: 1, refuseReads: true })
  await expect(askLinear()).rejects.toThrow(/could not be asked/)
  expect((await stateOf('an_again')).state).toBe('filed')
  Object.assign(linear.faults, noFaults)
  await askLinear()
  expect((await stateOf('an_again')).state).toBe('fixed')
  const other = openBell({
    db: base.db, log: silent, home: '', now: async () => now, notes: true,
    alerts: {
      falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel: '', channels: {}, linearTeam: '', linearPriority: 2,
      slack: null, linear: { url: linear.settings.LINEAR_URL, apiKey: linear.settings.LINEAR_API_KEY, secrets: [] }
    }
  })
  const before = linear.requests.length
  for (const duty of other.duties) if (duty.job === 'issues') { await duty.once(); await duty.once() }
  expect(linear.requests.length).toBe(before)       // somebody asked a moment ago
})
