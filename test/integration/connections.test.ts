// How a connection is, told on its page, by the API and by the doctor: the same words, each with what to do.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { readConfig } from '../../src/config.ts'
import { findConnectors } from '../../src/connectors.ts'
import { dashboard } from '../../src/dashboard/pages.ts'
import { connectionApi } from '../../src/http/connections.ts'
import { openHttp } from '../../src/http/server.ts'
import { raiseAlarm } from '../../src/store/alarms.ts'
import { findBackfill } from '../../src/store/backfill.ts'
import { saveDayCheck } from '../../src/store/completeness.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { openQueue } from '../../src/queue.ts'
import type { Queue } from '../../src/queue.ts'
import { askForBackfill } from '../../src/work/backfill.ts'
import { backfillCommand } from '../../scripts/backfill.ts'
import { examine, sayClock, sayDisk } from '../../scripts/doctor.ts'
import { fillPast } from '../../scripts/prove/fill.ts'
import type { TicketEvent } from '../../src/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { openIntercom } from '../sandbox/intercom.ts'
import { ROOT, silent, tell, usualRules } from '../support/house.ts'

let base: TestDatabase
let queue: Queue
let app: FastifyInstance
const checked: string[] = []

beforeAll(async () => {
  base = await openTestDatabase()
  queue = await openQueue(base.url, silent, { worker: false })
  await saveConnection(base.db, 'kiln', 'zendesk')
  app = await openHttp({ adminToken: null, log: silent })
  await app.register(async scope => { await dashboard(scope, { db: base.db }) })
  await app.register(async scope => {
    await connectionApi(scope, {
      db: base.db,
      connections: ['kiln'],
      backfill: (name, since) => askForBackfill(base.db, name, since, '2026-11-20T10:00:00Z'),
      async checkDay (connection, day) {
        checked.push(day)
        return { connection, day, theirs: 1, listed: 1, ours: 1, missing: [], healed: [], extra: [] }
      }
    })
  })
})
afterAll(async () => { await app.close(); await queue.close(); await base.close() })
beforeEach(async () => { await sql`truncate backfill, completeness, alarm`.execute(base.db) })

async function page (): Promise<string> {
  const answer = await app.inject({ url: '/connections' })
  expect(answer.statusCode).toBe(200)
  return answer.body
}

const check = (day: string, over: object = {}): Promise<void> => saveDayCheck(base.db, {
  connection: 'kiln', day, theirs: 12, listed: 12, ours: 12, missing: [], healed: [], extra: [], ...over
})

test('a backfill is asked for, told, and never begun by looking', async () => {
  expect((await app.inject({ url: '/v1/connections/kiln/backfill' })).json()).toEqual({ connection: 'kiln', state: 'never asked for' })
  const asked = await app.inject({ method: 'POST', url: '/v1/connections/kiln/backfill', payload: { since: '2026-03-07' } })
  expect([asked.statusCode, asked.json()]).toMatchObject([202, { state: 'waiting', part: 'recent', since: '2026-03-07T00:00:00Z', planned: null, etaSeconds: null }])
  expect((await findBackfill(base.db, 'kiln'))?.border).toBe('2026-10-21T00:00:00Z')
  for (const payload of [{}, { since: '7 March' }, { since: '2999-01-01' }, { since: 5 }]) {
    expect((await app.inject({ method: 'POST', url: '/v1/connections/kiln/backfill', payload })).statusCode).toBe(400)
  }
  expect((await app.inject({ method: 'POST', url: '/v1/connections/forge/backfill', payload: { since: '2026-03-07' } })).statusCode).toBe(404)
})

test('days are checked on demand, not more than a quarter of a year at once', async () => {
  const answer = await app.inject({ method: 'POST', url: '/v1/connections/kiln/completeness', payload: { from: '2026-02-27', to: '2026-03-01' } })
  expect([answer.statusCode, checked]).toEqual([200, ['2026-02-27', '2026-02-28', '2026-03-01']])
  for (const payload of [{ from: '2026-01-01', to: '2026-12-31' }, { from: '2026-02-02', to: '2026-02-01' }, {}]) {
    expect((await app.inject({ method: 'POST', url: '/v1/connections/kiln/completeness', payload })).statusCode).toBe(400)
  }
})

test('health is told in words, each with what to do; the worst gives the level', async () => {
  const health = async (): Promise<{ level: string, lines: Array<{ level: string, what: string, todo?: string }> }> =>
    (await app.inject({ url: '/v1/connections/kiln/health' })).json()
  const first = await health()
  expect(first.level).toBe('look')
  expect(first.lines.find(line => line.what === 'no webhook has ever come')?.todo).toContain('npx deskloop connect kiln')
  expect(first.lines.find(line => line.what === 'its history was never read')?.todo).toContain('npx deskloop backfill kiln')
  await check('2026-11-01', { missing: ['77'], ours: 11 })
  const second = await health()
  expect(second.level).toBe('stop')
  expect(second.lines.find(line => line.what.includes('1 missing here'))?.what).toContain('(missing: 77)')
  await sql`truncate completeness`.execute(base.db)
  await check('2026-11-01', { listed: 10, ours: 10 })
  expect((await health()).lines.at(-1)).toMatchObject({ level: 'look', what: expect.stringContaining('names fewer tickets than it counts') })
  await raiseAlarm(base.db, 'kiln', 'clock', 'its clock is 90 s ahead')
  expect((await health()).lines).toContainEqual({ level: 'stop', what: expect.stringContaining('its clock is 90 s ahead') })
  expect((await app.inject({ url: '/v1/connections/forge/health' })).statusCode).toBe(404)
})

test('the page shows every day, names what is missing, and makes no markup of what it is told', async () => {
  await check('2026-11-01')
  await check('2026-11-02', { missing: ['<b>9</b>'], ours: 11 })
  await check('2026-11-03', { healed: ['31', '32'], extra: [{ ticketId: '40', why: 'deleted at the helpdesk, which counts it no more' }] })
  const shown = await page()
  expect(shown.match(/<li class="(good|fair|poor)"/g)).toEqual(['<li class="good"', '<li class="poor"', '<li class="fair"'])
  expect(shown).toContain('2026-11-02: 11 of 12 here, 1 missing')
  expect(shown).toContain('were missing and were fetched: 31, 32')
  expect(shown).not.toContain('<b>9</b>')
  expect(shown).not.toContain('<progress')
  await askForBackfill(base.db, 'kiln', '2026-03-07T00:00:00Z', '2026-11-20T10:00:00Z')
  expect(await page()).toContain('<progress></progress>')
  await sql`update backfill set planned = 1000, stored = 512, fetched = 520, active_ms = 60000, planned_calls = 2020, calls = 1044`.execute(base.db)
  const half = await page()
  expect(half).toContain('<progress max="1000" value="512"></progress>')
  expect(half).toContain('512 of 1000 tickets, 520 read, 520 a minute, about 56 s left; 1044 calls of 2020 planned')
  expect(half).not.toContain('style=')
})

test('an alarm stands on the overview', async () => {
  await raiseAlarm(base.db, 'kiln', 'silence', 'tickets change there, and no webhook has come <i>')
  const overview = (await app.inject({ url: '/' })).body
  expect(overview).toContain('no webhook has come &#60;i&#62;')
})

describe('on the command line', () => {
  const desk = openIntercom()
  const folder = mkdtempSync(join(tmpdir(), 'deskloop-doctor-'))
  afterAll(async () => { await (await desk).close(); rmSync(folder, { recursive: true }) })
  async function setUp (over: Record<string, string> = {}): Promise<Parameters<typeof examine>[0]> {
    const connectors = await findConnectors(join(ROOT, 'connectors'))
    const env = { ...(await desk).settings, DATABASE_URL: base.url, DESKLOOP_DATA: folder, ...over }
    return { root: ROOT, connectors, config: readConfig(env, join(ROOT, 'config'), connectors) }
  }

  test('backfill reads all, says how far it is, and gives one JSON document to programs', async () => {
    const past = fillPast(await desk, { tickets: 70, days: 40, untilMs: Date.now() - 600_000, seed: 4 })
    const patient = await setUp()
    const said: string[] = []
    const out = { write: (text: string) => said.push(text) }
    const usual = { ...patient, name: 'intercom', since: null, json: false, out, isStopping: () => false }
    expect(await backfillCommand(usual)).toBe(0)
    expect(said.join('')).toMatch(/100 % {2}done: \d+ of \d+ tickets/)
    expect(said.join('')).not.toContain('\u001b')
    said.length = 0
    expect(await backfillCommand({ ...usual, json: true })).toBe(0)
    expect(said).toHaveLength(1)
    expect(JSON.parse(said[0] ?? '')).toMatchObject({ state: 'done', remaining: 0, stored: past.tickets.size })
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from ticket where connection = 'intercom'`.execute(base.db)
    expect(rows[0]?.n).toBe(past.tickets.size)
    const refused = { ...await setUp({ INTERCOM_ACCESS_TOKEN: 'wrong' }), name: 'intercom', since: '2026-01-01', json: true, out, isStopping: () => false }
    await expect(backfillCommand(refused)).rejects.toThrow('renew INTERCOM_ACCESS_TOKEN')
    await expect(backfillCommand({ ...usual, name: 'forge' })).rejects.toThrow('backfill needs one of these connections: intercom')
    await expect(backfillCommand({ ...usual, since: 'spring' })).rejects.toThrow('--since must be a day')
  })

  test('the doctor looks at everything, and what is broken says what to do', async () => {
    const well = await examine(await setUp())
    expect(well.map(finding => finding.about)).toEqual(expect.arrayContaining(['disk', 'database', 'migrations', 'intercom']))
    expect(well.filter(finding => finding.level === 'stop')).toEqual([])
    expect(well.some(finding => /its clock and ours agree/.test(finding.what))).toBe(true)
    const ill = await examine(await setUp({ INTERCOM_ACCESS_TOKEN: 'wrong' }))
    expect(ill.filter(finding => finding.level === 'stop')).toMatchObject([{ about: 'intercom', what: expect.stringContaining('renew INTERCOM_ACCESS_TOKEN') }])
    const dead = await examine(await setUp({ DATABASE_URL: 'postgres://127.0.0.1:9/none' }))
    expect(dead.find(finding => finding.about === 'database')).toMatchObject({ level: 'stop', todo: expect.stringContaining('DATABASE_URL') })
    await sql`delete from kysely_migration where name like '0007%'`.execute(base.db)
    expect((await examine(await setUp())).find(finding => finding.about === 'migrations')).toMatchObject({ level: 'stop', todo: 'npx deskloop migrate' })
  })

  test('the doctor says when tags could name topics, with the line to write', async () => {
    const own = await openTestDatabase()
    const parts = ['the pump is loud', 'our invoice is wrong', 'the key is lost']
    try {
      await saveConnection(own.db, 'intercom', 'intercom')
      await tell(own.db, usualRules(), Array.from({ length: 150 }, (_, i): TicketEvent[] => {
        const where = { connection: 'intercom', ticketId: String(i), at: `2026-05-${10 + i % 9}T09:00:00Z` }
        const person = { id: `p${i}` }
        return [
          { ...where, key: `o${i}`, kind: 'opened', subject: '', channel: 'web', person, tags: [`about::part${i % 3}`] },
          { ...where, key: `m${i}`, kind: 'asked', messageId: `m${i}`, text: `${parts[i % 3]}, since day ${i}`, person }
        ]
      }).flat())
      const topicsOf = async (rules: string): Promise<unknown> =>
        (await examine(await setUp({ DATABASE_URL: own.url, DESKLOOP_RULES: rules }))).find(f => f.about === 'topics')
      expect(await topicsOf('{}')).toMatchObject({
        level: 'look', what: expect.stringContaining('about::*: 3 topics on 150 tickets (100 %)'),
        todo: 'in config/learning.json: "topics": {"tags": ["about::*"], "sure": 0.7}'
      })
      expect(await topicsOf('{"topics": {"tags": ["about::*"], "sure": 0.7}}')).toBeUndefined()
    } finally {
      await own.close()
    }
  })

  test('a full disk and a wrong clock are told before they hurt', () => {
    expect([sayDisk(20 * 2 ** 30, 'x').level, sayDisk(2 * 2 ** 30, 'x').level, sayDisk(2 ** 29, 'x').level]).toEqual(['ok', 'look', 'stop'])
    expect([sayClock(900).level, sayClock(-40_000).level, sayClock(300_000).level]).toEqual(['ok', 'look', 'stop'])
  })
})
