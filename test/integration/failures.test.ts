// What stopped, as people and programs see it: listed with its reason, tried anew one by one or all at once, without
// anything being done twice; and the banner that stands on every page while a note was seen in public.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { FastifyInstance } from 'fastify'
import { dashboard, raiseBanner } from '../../src/dashboard/pages.ts'
import { GiveUp, Unclear } from '../../src/errors.ts'
import { context } from '../../src/http/context.ts'
import { failures } from '../../src/http/failures.ts'
import { openHttp } from '../../src/http/server.ts'
import { openQueue } from '../../src/queue.ts'
import type { Queue } from '../../src/queue.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { recordFailure } from '../../src/store/effects.ts'
import { listFailures, recordDead } from '../../src/store/failures.ts'
import type { FailureKind } from '../../src/store/failures.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { findPause, listNoteAlarms, raiseAlarm } from '../../src/store/pauses.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { makeNotePerformer } from '../../src/work/note-performer.ts'
import { replayAll, replayOne } from '../../src/work/replay.ts'
import type { ReplayDeps } from '../../src/work/replay.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { decide, pass, rowOf } from '../support/effects.ts'
import { scriptDesk, silent } from '../support/house.ts'
import type { ScriptedDesk } from '../support/house.ts'

const HOSTILE = '<script>alert(1)</script>'
const OWN = { host: 'desk.example', origin: 'https://desk.example', 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }

let base: TestDatabase
let queue: Queue
let app: FastifyInstance
let quay: ScriptedDesk
let readable = false

beforeAll(async () => {
  base = await openTestDatabase()
  queue = await openQueue(base.url, silent, { worker: false })
  const again: ReplayDeps = {
    db: base.db,
    queue,
    read: ({ connection, receivedAt, headers, body }) => {
      const kept = { connection, receivedAt, headers, body, identity: null, facts: [] }
      return readable ? { ...kept, state: 'read', error: null } : { ...kept, state: 'unreadable', error: 'it breaks off' }
    }
  }
  app = await openHttp({ adminToken: null, log: silent })
  raiseBanner(app, base.db)
  await app.register(async scope => {
    const all = (kind: FailureKind): ReturnType<typeof replayAll> => replayAll(again, kind)
    await failures(scope, { db: base.db, wake: () => {}, replayOne: id => replayOne(again, id), replayAll: all })
  })
  await app.register(async scope => { await dashboard(scope, { db: base.db }) })
  await app.register(async scope => { await context(scope, { db: base.db, keys: [], nowMs: Date.now }) })
})
afterAll(async () => {
  await app.close()
  await queue.close()
  await base.close()
})

beforeEach(async () => {
  await sql`truncate effect, draft, failure, connection, account_pause, note_alarm, audit, ticket, event, delivery, dead_job, pgboss.job`.execute(base.db)
  await saveConnection(base.db, 'quay', 'zendesk')
  quay = scriptDesk()
  readable = false
})

const performers = (): Parameters<typeof effectsOnce>[0] => ({
  db: base.db,
  log: silent,
  performers: [makeNotePerformer({
    db: base.db, helpdesks: new Map([['quay', quay.helpdesk]]), rules: { highScore: 0.85 }, resendAfterMs: () => 60_000, home: '', notedAt: e => e.askedAt
  })]
})

async function park (reason = 'the ticket takes nothing'): Promise<{ id: string, key: string, ticketId: string }> {
  quay.script = [{ applies: false, throws: new GiveUp(reason) }]
  const decided = await decide(base.db)
  await effectsOnce(performers())
  return decided
}

async function addTicket (ticketId: string, lookRev = 0): Promise<void> {
  await sql`insert into ticket (connection, ticket_id, rev, done_rev, look_rev, looked_rev, first_at, last_at)
    values ('quay', ${ticketId}, 3, 2, ${lookRev}, ${lookRev}, now(), now())`.execute(base.db)
}

async function addDelivery (): Promise<void> {
  await ensurePartitions(base.db, [new Date()], [])
  await sql`insert into delivery (connection, received_at, headers, body, state, error)
    values ('quay', date_trunc('milliseconds', now()), '{}', ${Buffer.from(`{"half": "${HOSTILE}`)}, 'unreadable', 'it breaks off')`.execute(base.db)
}

interface Listed { id: string, kind: string, ticketId: string | null, reason: string, attempts: number | null }

// What our own API answers, in the shape that it promises: the test says so if it is not.
const get = async (url: string): Promise<any> => (await app.inject({ url })).json()

test('everything that stopped is listed, with reason, attempts and body, and nothing else is', async () => {
  expect(await get('/v1/failures')).toEqual({ counts: { effect: 0, delivery: 0, look: 0, 'wake-up': 0 }, failures: [] })
  expect((await app.inject({ url: '/failures' })).body).toContain('Nothing has stopped.')
  const effect = await park(`refused ${HOSTILE}`)
  await addDelivery()
  await recordFailure(base.db, 'look', { connection: 'quay', ticketId: '41' }, 'quay has no ticket 41')
  await addTicket('42')
  await recordDead(base.db, { connection: 'quay', ticketId: '42' }, 'a bug', 7)
  await recordDead(base.db, { connection: 'quay', ticketId: '43' }, 'its ticket is gone', 7)
  quay.script = [{ applies: false, throws: new GiveUp('too late: answered') }]
  await decide(base.db)
  await effectsOnce(performers())                   // skipped is no failure
  const { counts, failures: listed } = await get('/v1/failures')
  expect(counts).toEqual({ effect: 1, delivery: 1, look: 1, 'wake-up': 1 })
  expect(listed.map((f: Listed) => [f.kind, f.ticketId, f.reason, f.attempts]).sort())
    .toEqual([
      ['delivery', null, 'it breaks off', null], ['effect', effect.ticketId, `refused ${HOSTILE}`, 1],
      ['look', '41', 'quay has no ticket 41', null], ['wake-up', '42', 'a bug', 7]
    ])
  const id = listed.find((f: Listed) => f.kind === 'delivery').id
  expect(await get(`/v1/failures/${encodeURIComponent(id)}`)).toMatchObject({ id, body: `{"half": "${HOSTILE}` })
  const page = (await app.inject({ url: '/failures' })).body
  for (const words of ['it breaks off', 'quay has no ticket 41', 'a bug', 'refused &#60;script&#62;']) expect(page).toContain(words)
  expect(page).not.toContain(HOSTILE)
  expect((await app.inject({ url: '/v1/failures/effect:0' })).statusCode).toBe(404)
})

test('a parked note is tried anew with its whole schedule, and looked for first where its fate was unclear', async () => {
  const plain = await park()
  const id = encodeURIComponent(`effect:${plain.id}`)
  expect((await app.inject({ method: 'POST', url: `/v1/failures/${id}/replay` })).json()).toEqual({ replayed: 1, still: 0 })
  expect((await app.inject({ method: 'POST', url: `/v1/failures/${id}/replay` })).statusCode).toBe(404)
  await effectsOnce(performers())
  expect(await rowOf(base.db, plain.key)).toMatchObject({ state: 'done', attempts: 1 })
  expect((await listFailures(base.db, 9))).toEqual([])

  quay.calls.length = 0
  quay.script = [{ applies: true, throws: new Unclear('the answer never came') }]
  const unclear = await decide(base.db)
  await effectsOnce(performers())
  await sql`update effect set state = 'parked', unclear_at = null where id = ${unclear.id}`.execute(base.db)
  await app.inject({ method: 'POST', url: `/v1/failures/${encodeURIComponent(`effect:${unclear.id}`)}/replay` })
  await effectsOnce(performers())
  expect(quay.calls).toEqual([`post ${unclear.ticketId}`, `find ${unclear.ticketId}`])
  expect(await rowOf(base.db, unclear.key)).toMatchObject({ state: 'done' })
  const { rows } = await sql<{ action: string, who: string }>`select action, who from audit`.execute(base.db)
  expect(rows).toEqual([{ action: 'replay', who: 'api' }, { action: 'replay', who: 'api' }])
})

test('a thousand are tried anew within a minute, each once', async () => {
  for (let i = 0; i < 1000; i++) await decide(base.db)
  await sql`update effect set state = 'parked', reason = 'an outage of three days', attempts = 14`.execute(base.db)
  const startedMs = performance.now()
  const answer = await app.inject({ method: 'POST', url: '/v1/failures/replay', payload: { kind: 'effect' } })
  expect(answer.json()).toEqual({ replayed: 1000, still: 0 })
  while (await effectsOnce(performers()) > 0) { /* until none is left */ }
  const seconds = (performance.now() - startedMs) / 1000
  expect(new Set(quay.notes.map(n => n.note.key)).size).toBe(1000)
  expect(quay.notes).toHaveLength(1000)
  expect(seconds).toBeLessThan(60)
  process.stdout.write(`1,000 replayed in ${seconds.toFixed(1)} s\n`)
}, 90_000)

test('deliveries, looks and wake-ups are taken up again', async () => {
  await addDelivery()
  await addTicket('41', 2)
  await recordFailure(base.db, 'look', { connection: 'quay', ticketId: '41' }, 'quay has no ticket 41')
  await addTicket('42')
  await recordDead(base.db, { connection: 'quay', ticketId: '42' }, 'a bug', 7)
  const replay = async (kind: string): Promise<unknown> => (await app.inject({ method: 'POST', url: '/v1/failures/replay', payload: { kind } })).json()
  expect(await replay('delivery')).toEqual({ replayed: 0, still: 1 })
  readable = true
  expect(await replay('delivery')).toEqual({ replayed: 1, still: 0 })
  expect(await replay('look')).toEqual({ replayed: 1, still: 0 })
  expect(await replay('wake-up')).toEqual({ replayed: 1, still: 0 })
  expect(await replay('everything')).toMatchObject({ message: expect.stringContaining('kind must be one of') })
  const { rows: jobs } = await sql<{ t: string }>`select data->>'ticketId' as t from pgboss.job where name = 'ticket' order by 1`.execute(base.db)
  expect(jobs.map(j => j.t)).toEqual(['41', '42'])
  const { rows } = await sql`select rev, look_rev, looked_rev from ticket where ticket_id = '41'`.execute(base.db)
  expect(rows).toEqual([{ rev: 4, look_rev: 4, looked_rev: 2 }])
  expect(await listFailures(base.db, 9)).toEqual([])
})

test('a form counts only from a page of our own, and a page that is only read changes nothing', async () => {
  const { id, key } = await park()
  const payload = `id=${encodeURIComponent(`effect:${id}`)}`
  const post = async (headers: Record<string, string>): Promise<number> =>
    (await app.inject({ method: 'POST', url: '/failures/replay', payload, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } })).statusCode
  expect(await post({ host: 'desk.example' })).toBe(403)
  expect(await post({ host: 'desk.example', origin: 'https://evil.example' })).toBe(403)
  expect(await post({ host: 'desk.example', origin: 'https://desk.example', 'sec-fetch-site': 'cross-site' })).toBe(403)
  expect(await post({ host: 'desk.example', origin: 'null' })).toBe(403)
  for (const url of ['/failures', '/failures/replay', '/v1/failures', '/alarms/1/clear']) await app.inject({ url })
  expect(await rowOf(base.db, key)).toMatchObject({ state: 'parked' })
  const answer = await app.inject({ method: 'POST', url: '/failures/replay', payload, headers: OWN })
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/failures?replayed=1&still=0'])
  expect((await app.inject({ url: '/failures?replayed=1&still=0' })).body).toContain('1 taken up again.')
  expect(await rowOf(base.db, key)).toMatchObject({ state: 'pending', attempts: 0 })
})

test('an alarm stands on every page until a person clears it by name and reason; then all is written', async () => {
  const { id, ticketId } = await decide(base.db)
  await raiseAlarm(base.db, { account: 'quay', ticketId, effectId: id, why: `note 7 was public ${HOSTILE}` })
  const pages = ['/', '/drafts', '/failures', '/context', '/drafts/dl-none', '/assets/none']
  for (const url of pages) {
    const { body } = await app.inject({ url })
    expect([url, body.includes('A note was seen in public'), body.includes(`quay #${ticketId}`), body.includes(HOSTILE)]).toEqual([url, true, true, false])
  }
  expect((await app.inject({ url: '/charts/curve.svg' })).body).not.toContain('A note was seen')
  const [alarm] = await listNoteAlarms(base.db)
  const clear = async (payload: string, headers: Record<string, string> = OWN): Promise<number> =>
    (await app.inject({ method: 'POST', url: `/alarms/${alarm?.id}/clear`, payload, headers })).statusCode
  expect([await clear('who=Ada'), await clear('why=looked'), await clear('who=+&why=+')]).toEqual([400, 400, 400])
  expect(await clear('who=Ada&why=looked', { ...OWN, 'sec-fetch-site': 'cross-site' })).toBe(403)
  expect((await app.inject({ method: 'POST', url: '/v1/connections/quay/resume' })).statusCode).toBe(400)
  expect([await findPause(base.db, 'quay'), await effectsOnce(performers())]).toMatchObject([{ kind: 'public' }, 0])
  expect(await clear('who=Ada+Berg&why=the+trigger+is+gone')).toBe(303)
  expect([await findPause(base.db, 'quay'), await effectsOnce(performers())]).toEqual([null, 1])
  const { rows } = await sql`select who, action, why, at <= now() as past from audit`.execute(base.db)
  expect(rows).toEqual([{ who: 'Ada Berg', action: 'clear-alarm', why: 'the trigger is gone', past: true }])
  for (const url of pages) expect((await app.inject({ url })).body).not.toContain('A note was seen in public')
})

test('a job that fails as often as it may becomes a failure, until its ticket is handled', async () => {
  await addTicket('77')
  await base.db.transaction().execute(trx => queue.send(trx, [{ connection: 'quay', ticketId: '77' }]))
  await sql`update pgboss.job set retry_count = 6, retry_limit = 6 where name = 'ticket'`.execute(base.db)
  const worker = await openQueue(base.url, silent, { worker: true })
  try {
    worker.onDead(async (job, message, attempts) => { await recordDead(base.db, job, message, attempts) })
    await worker.work(async () => { throw new Error('a bug in the story') })
    const until = Date.now() + 20_000
    while ((await listFailures(base.db, 9)).length === 0 && Date.now() < until) await sleep(100)
    expect(await listFailures(base.db, 9)).toMatchObject([{ kind: 'wake-up', account: 'quay', ticketId: '77', reason: 'a bug in the story', attempts: 7 }])
    await sql`update ticket set done_rev = rev`.execute(base.db)
    expect(await listFailures(base.db, 9)).toEqual([])
  } finally {
    await worker.close()
  }
}, 40_000)

test('the page of a draft says how many copies were taken back', async () => {
  const { id, key } = await decide(base.db)
  await pass(base.db, 1)
  await sql`update effect set state = 'done', copies = 2 where id = ${id}`.execute(base.db)
  expect((await app.inject({ url: `/drafts/${key}` })).body).toMatch(/Copies removed<\/dt><dd>2 /)
})
