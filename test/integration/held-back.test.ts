// What the house makes of a call that was held back: no failure, no attempt, the same work again a little later. And the
// pace is there in the running service, where its state can be read.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { readConfig } from '../../src/config.ts'
import { HeldBack, Unclear } from '../../src/errors.ts'
import { openQueue } from '../../src/queue.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { recordDraft } from '../../src/store/drafts.ts'
import { recordEffect } from '../../src/store/effects.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import type { EffectDeps } from '../../src/work/effects.ts'
import { keepMind } from '../../src/work/mind.ts'
import { makeNotePerformer } from '../../src/work/note-performer.ts'
import { openWorker } from '../../src/work/worker.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { openHouse, ROOT, scriptDesk, silent, usualRules } from '../support/house.ts'

let base: TestDatabase
beforeAll(async () => { base = await openTestDatabase() })
afterAll(async () => { await base.close() })

test('a note that is held back twenty times still has all its attempts, and what was unclear stays unclear', async () => {
  const quay = scriptDesk()
  quay.script = [{ applies: true, throws: new Unclear('the answer never came') }]
  quay.reads = Array.from({ length: 20 }, () => new HeldBack('quay is left in peace', 60_000))
  await saveConnection(base.db, 'quay', 'zendesk')
  const deps: EffectDeps = {
    db: base.db,
    log: silent,
    performers: [makeNotePerformer({
      db: base.db, helpdesks: new Map([['quay', quay.helpdesk]]), resendAfterMs: () => 60_000,
      rules: { highScore: 0.85 }, home: '', notedAt: effect => effect.askedAt
    })]
  }
  const ref = { connection: 'quay', ticketId: '7' }
  await base.db.transaction().execute(async trx => {
    await recordDraft(trx, {
      ...ref, questionId: 'm-1', key: 'dl-heldbackaaaaa', askedAt: '2026-10-05T07:30:15Z', basis: 'm-1', language: 'en',
      text: 'Berth nine is free.', topic: 'berth', score: 0.9, threshold: 0.5, action: 'note', reason: 'sure', sources: []
    })
    await recordEffect(trx, { ...ref, id: randomUUID(), kind: 'note', cause: 'm-1', marker: 'dl-heldbackaaaaa', payload: {}, skipped: null })
  })
  const rows: Array<{ attempts: number, left: number, unclear: boolean }> = []
  for (let i = 0; i < 21; i++) {
    expect(await effectsOnce(deps)).toBe(1)
    const { rows: [row] } = await sql<{ attempts: number, left: number, unclear: boolean }>`select attempts,
      extract(epoch from not_before - now())::float8 as left, unclear_at is not null as unclear from effect`.execute(base.db)
    if (row !== undefined) rows.push(row)
    await sql`update effect set not_before = now()`.execute(base.db)
  }
  expect(new Set(rows.map(row => row.attempts))).toEqual(new Set([1]))
  expect(rows.every(row => row.unclear)).toBe(true)
  expect(Math.min(...rows.slice(1).map(row => row.left))).toBeGreaterThan(50)
  await effectsOnce(deps)
  expect([quay.notes.length, quay.calls.filter(call => call.startsWith('post')).length]).toEqual([1, 1])
})

test('a look that is held back more often than a job may fail is not lost', async () => {
  const queue = await openQueue(base.url, silent, { worker: true })
  const seen = { tries: 0, done: 0, failed: 0 }
  try {
    queue.onFailure(async () => { seen.failed++ })
    await queue.work(async () => {
      if (++seen.tries <= 8) throw new HeldBack('quay is left in peace', 200)
      seen.done++
    })
    await base.db.transaction().execute(trx => queue.send(trx, [{ connection: 'quay', ticketId: '7' }]))
    queue.wake()
    for (let i = 0; i < 300 && seen.done === 0; i++) await sleep(100)
    expect(seen).toEqual({ tries: 9, done: 1, failed: 0 })
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from pgboss.job where name = 'ticket-dead'`.execute(base.db)
    expect(rows[0]?.n).toBe(0)
  } finally {
    await queue.close()
  }
})

test('a catch-up that is told when to come back comes back then, not every second', async () => {
  const asked: number[] = []
  const quay = scriptDesk({
    async * fetchHistory () {
      asked.push(Date.now())
      throw new HeldBack('quay has asked us to wait', 4_000)
    }
  })
  await saveConnection(base.db, 'quay', 'zendesk')
  const queue = await openQueue(base.url, silent, { worker: true })
  const helpdesks = new Map([['quay', quay.helpdesk]])
  const [db, log, rules] = [base.db, silent, usualRules()]
  const worker = await openWorker({
    db, log, queue, helpdesks, now: async () => '2026-10-05T07:30:15Z', catchUpMinutes: 60,
    think: { db, log, keeper: keepMind(rules), rules, mode: 'observe', replay: false },
    performers: []
  })
  for (let i = 0; i < 200 && asked.length < 2; i++) await sleep(100)
  await worker.close()
  await queue.close()
  const [first = 0, second = 0] = asked
  expect(second - first).toBeGreaterThanOrEqual(3_900)
})

test('the running service keeps the pace of each account, and says how much of it is used', async () => {
  const house = await openHouse({ DESKLOOP_CLOCK: 'wall', DESKLOOP_CATCH_UP_MINUTES: '5', DESKLOOP_RATE: '{"intercom":{"share":0.3}}' })
  try {
    let seen: unknown
    for (let i = 0; i < 100; i++) {
      seen = await house.get('/v1/connections')
      if (Array.isArray(seen) && seen.every(c => c.pace?.limit > 0 && c.pace.used > 0)) break
      await sleep(100)
    }
    const free = { restingUntil: null, heldUntil: null, backfillUntil: null }
    expect(seen).toMatchObject([
      { name: 'freshdesk', pace: { ...free, limit: 400 } },
      { name: 'intercom', pace: { ...free, limit: 1667, budget: 500 } },
      { name: 'zendesk', pace: { ...free, limit: 700, budget: 350 } }
    ])
    expect((await house.page('/')).body).toMatch(/\d of 350/)
  } finally {
    await house.close()
  }
})

test('the pace can be set by connection, or switched off; what makes no sense is refused', () => {
  const read = (DESKLOOP_RATE: string): unknown => readConfig({ DESKLOOP_RATE }, join(ROOT, 'config'), []).rates
  expect(read('')).toEqual({})
  expect(read('off')).toBe(null)
  expect(read('{"zendesk":{"share":0.3,"limit":700}}')).toEqual({ zendesk: { share: 0.3, limit: 700 } })
  expect(() => read('{"zendesk":{"share":1.5}}')).toThrow(/DESKLOOP_RATE: zendesk\/share must be <= 1/)
  expect(() => read('{"zendesk":{"speed":1}}')).toThrow(/DESKLOOP_RATE/)
  expect(() => read('fast')).toThrow(/DESKLOOP_RATE must be off or a JSON object/)
})
