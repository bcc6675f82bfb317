// The pace as processes share it: the database gives the turns, what one hears of the vendor holds for all, and without the
// database nobody waits for ever. Each "process" is a pace with a pool of its own.
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { sql } from 'kysely'
import { HeldBack } from '../../src/errors.ts'
import { layOutHealth } from '../../src/dashboard/health.ts'
import { makeBucket, takeTurns, waitsOf } from '../../src/pace/bucket.ts'
import type { Want } from '../../src/pace/bucket.ts'
import { openPace } from '../../src/pace/pace.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { openDb } from '../../src/store/db.ts'
import type { Db } from '../../src/store/db.ts'
import { ensurePace, holdPace, listPaces, takePaceTurns } from '../../src/store/pace.ts'
import { listHealth } from '../../src/store/stats.ts'
import type { Heard, Pace, PacedCall } from '../../src/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'
import { openProxy } from '../support/proxy.ts'

const READ: PacedCall = { endpoint: 'GET /tickets/:id', write: false }
const WRITE: PacedCall = { endpoint: 'PUT /tickets/:id', write: true }
const WELL: Heard = { failed: false, quotas: [], waitMs: null }
const BROKEN: Heard = { failed: true, quotas: [], waitMs: null }

let base: TestDatabase
let pools: Db[] = []

beforeAll(async () => { base = await openTestDatabase() })
afterAll(async () => { await base.close() })
beforeEach(async () => {
  await sql`truncate pace, connection`.execute(base.db)
  await saveConnection(base.db, 'quay', 'zendesk')
})
afterEach(async () => {
  await Promise.all(pools.map(pool => pool.destroy()))
  pools = []
})

function open (over: { limit?: number, share?: number, windowMs?: number, url?: string } = {}): Pace {
  const db = openDb(over.url ?? base.url, 'deskloop-test-pace', 2)
  pools.push(db)
  const rate = { limit: over.limit ?? 100_000, windowMs: over.windowMs ?? 1_000 }
  return openPace({ db, log: silent, connection: 'quay', rate, share: over.share ?? 0.5 })
}

/** One call of an operation of its own: `sent`, or why it was held back. */
async function call (pace: Pace, heard: Heard = WELL, lane: 'live' | 'backfill' = 'live'): Promise<string> {
  try {
    return await pace.begin(lane)(READ, async () => 'sent', () => heard)
  } catch (error) {
    if (error instanceof HeldBack) return error.message
    throw error
  }
}

describe('turns from the database', () => {
  const away = { heldMs: 0, restMs: 0, othersMs: 0 }

  test('askers at the same moment never get more than there is', async () => {
    const bucket = makeBucket(600, 0.5, 600_000)
    await ensurePace(base.db, 'quay')
    const askers = Array.from({ length: 6 }, () => { const db = openDb(base.url, 'asker', 1); pools.push(db); return db })
    let [live, backfill] = [0, 0]
    await Promise.all(askers.map(async db => {
      for (let i = 0; i < 40; i++) {
        const turn = await takePaceTurns(db, 'quay', bucket, { live: i % 2, backfill: 1, debt: 0 }, 1)
        live += turn?.live ?? 0
        backfill += turn?.backfill ?? 0
      }
    }))
    const flow = 10_000 * bucket.perMs              // what flowed in meanwhile, generously
    expect(live + backfill).toBeGreaterThanOrEqual(Math.floor(bucket.holds) - 1)
    expect(live + backfill).toBeLessThanOrEqual(bucket.holds + flow)
    expect(backfill).toBeLessThanOrEqual(bucket.holds - bucket.reserve + flow)
  })

  test('the statement and the arithmetic of one process give the same turns', async () => {
    await ensurePace(base.db, 'quay')
    const wait = fc.oneof(fc.constant(0), fc.integer({ min: 60_000, max: 900_000 }))
    const states = fc.record({
      limit: fc.integer({ min: 4, max: 5_000 }), tokens: fc.integer({ min: -40, max: 900 }),
      passedMs: fc.integer({ min: 0, max: 50_000 }), heldMs: wait, othersMs: wait, rest: fc.constantFrom('none', 'over', 'on'),
      live: fc.integer({ min: 0, max: 40 }), backfill: fc.integer({ min: 0, max: 40 }),
      debt: fc.integer({ min: 0, max: 9 })
    })
    await fc.assert(fc.asyncProperty(states, async s => {
      const bucket = makeBucket(s.limit, 0.5, 60_000)
      const want: Want = { live: s.live, backfill: s.backfill, debt: s.debt }
      // Half a token away from the next whole one, so that the milliseconds between the two do not decide.
      const flowed = Math.min(bucket.holds, s.tokens + bucket.perMs * s.passedMs)
      fc.pre([flowed, flowed - bucket.reserve].every(n => Math.abs(n - Math.round(n)) > 0.05))
      const state = {
        tokens: s.tokens, filledMs: -s.passedMs, heldUntilMs: s.heldMs, backfillUntilMs: s.othersMs,
        restUntilMs: s.rest === 'none' ? null : s.rest === 'on' ? 300_000 : -1
      }
      const ms = (n: number) => sql`clock_timestamp() + ${n}::float8 * interval '1 millisecond'`
      const rest = state.restUntilMs === null ? null : ms(state.restUntilMs)
      await sql`update pace set tokens = ${s.tokens}, filled_at = ${ms(-s.passedMs)}, held_until = ${ms(s.heldMs)},
        backfill_until = ${ms(s.othersMs)}, rest_until = ${rest}`.execute(base.db)
      const turn = await takePaceTurns(base.db, 'quay', bucket, want, 20_000)
      const expected = takeTurns(state, bucket, want, 0, 20_000)
      const got = waitsOf(turn ?? { live: -1, backfill: -1, probe: false, tokens: 0, ...away }, bucket)
      const { live, backfill, probe, liveWhy, backfillWhy } = expected
      expect(got).toMatchObject({ live, backfill, probe, liveWhy, backfillWhy })
      for (const lane of ['liveWaitMs', 'backfillWaitMs'] as const) expect(Math.abs(got[lane] - expected[lane])).toBeLessThan(1_000)
    }), { numRuns: 150 })
  })

  test('an account that nobody knows yet, or that the server forgot, is made anew', async () => {
    const pace = open()
    expect(await call(pace)).toBe('sent')
    await sql`truncate pace`.execute(base.db)
    expect([await call(pace), await call(pace)]).toEqual(['sent', 'sent'])
    expect((await listPaces(base.db)).size).toBe(1)
  })
})

describe('two processes and one account', () => {
  test('together they keep within the budget of every window, and use it', async () => {
    const [one, two] = [open({ limit: 80, windowMs: 2_000 }), open({ limit: 80, windowMs: 2_000 })]
    const sent: number[] = []
    const untilMs = Date.now() + 6_000
    const work = async (pace: Pace, lane: 'live' | 'backfill'): Promise<void> => {
      while (Date.now() < untilMs) {
        await pace.begin(lane)(READ, async () => { sent.push(Date.now()) }, () => WELL).catch(() => sleep(20))
      }
    }
    await Promise.all([one, two].flatMap(pace => [work(pace, 'live'), work(pace, 'backfill'), work(pace, 'backfill')]))
    // A call is counted when it goes out, its turn was given a moment before: at most one flow of 100 ms moves over.
    const most = Math.max(...sent.map(at => sent.filter(other => other >= at && other < at + 2_000).length))
    expect(most).toBeLessThanOrEqual(40 + 2)
    expect(sent.length).toBeGreaterThan(2 * 0.6 * 40)
  })

  test('the limit that one hears of is the limit of the other', async () => {
    const [one, two] = [open({ limit: 200, windowMs: 60_000 }), open({ limit: 200, windowMs: 60_000 })]
    await call(one, { ...WELL, quotas: [{ of: 'account', limit: 50, remaining: 49, resetMs: 60_000 }] })
    await call(two)
    await call(two)
    expect((await listPaces(base.db)).get('quay')).toMatchObject({ limit: 50, remaining: 49, budget: 25, used: 3 })
  })

  test('when one is asked to wait, so does the other, and each call is told until when', async () => {
    const [one, two] = [open(), open()]
    expect(await call(one, { ...WELL, waitMs: 90_000, quotas: [{ of: 'account', limit: 100, remaining: 0, resetMs: 90_000 }] })).toBe('sent')
    for (const pace of [one, two]) {
      const error: unknown = await pace.begin('live')(READ, async () => 'sent', () => WELL).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(HeldBack)
      expect(error).toMatchObject({ waitMs: expect.any(Number), message: expect.stringContaining('has asked us to wait') })
      expect(error instanceof HeldBack && error.waitMs > 88_000 && error.waitMs < 90_500).toBe(true)
    }
    expect((await listHealth(base.db))[0]?.pace).toMatchObject({ heldWhy: 'it asked to wait', heldUntil: expect.any(String) })
  })

  test('a refusal while the account has plenty left holds only that kind of call', async () => {
    const pace = open()
    await call(pace, { ...WELL, waitMs: 90_000, quotas: [{ of: 'account', limit: 100, remaining: 80, resetMs: 30_000 }] })
    expect(await call(pace)).toContain('limit of this kind of call')
    expect(await pace.begin('live')({ endpoint: 'GET /me', write: false }, async () => 'sent', () => WELL)).toBe('sent')
  })

  test('what other programs have left is left to them: history first, then everything', async () => {
    const [one, two] = [open(), open()]
    const left = (remaining: number): Heard => ({ ...WELL, quotas: [{ of: 'account', limit: 1000, remaining, resetMs: 60_000 }] })
    await call(one, left(190))
    expect(await call(two, WELL, 'backfill')).toContain('few calls left for other programs')
    expect(await call(two)).toBe('sent')
    await call(one, left(15))
    expect(await call(two)).toContain('has asked us to wait')
  })

  test('what follows a write is never held back, and is paid for', async () => {
    const pace = open({ limit: 100, windowMs: 600_000 })
    const ask = pace.begin('live')
    await ask(WRITE, async () => 'written', () => WELL)
    await holdPace(base.db, 'quay', 'all', 60_000, 'a test')
    expect(await call(pace)).toContain('asked us to wait')
    expect(await ask(READ, async () => 'read back', () => WELL)).toBe('read back')
    expect(await pace.begin('live')({ ...WRITE, urgent: true }, async () => 'hidden', () => WELL)).toBe('hidden')
    await sql`update pace set held_until = null`.execute(base.db)
    expect((await listPaces(base.db)).get('quay')?.used).toBe(1)
    await call(pace)
    expect((await listPaces(base.db)).get('quay')?.used).toBe(4)      // its own, and the two that did not ask
  })
})

describe('an account that keeps failing', () => {
  test('rests, for every process at once; then one call tries, and it works again', async () => {
    const [one, two] = [open(), open()]
    for (let i = 0; i < 20; i++) expect(await call(one, BROKEN)).toBe('sent')
    const startedMs = Date.now()
    for (const pace of [one, two]) expect(await call(pace)).toContain('left in peace for a while')
    expect(Date.now() - startedMs).toBeLessThan(1_000)
    const [health] = await listHealth(base.db)
    expect(health?.pace).toMatchObject({ restingUntil: expect.any(String), restingWhy: 'half of its calls failed within 30 seconds' })
    expect(layOutHealth(health === undefined ? [] : [health])).toMatch(/>resting<.*resting until <time/s)

    await pass(11)
    let probes = 0
    const slowly = async (pace: Pace): Promise<string> => await pace.begin('live')(READ, async () => {
      probes++
      await sleep(150)
      return 'sent'
    }, () => BROKEN).catch((error: unknown) => String(error))
    await Promise.all([one, two, one, two].map(slowly))
    expect(probes).toBe(1)
    expect(await restSeconds()).toBeGreaterThan(18)  // twice as long, since it still fails

    await pass(21)
    expect(await call(two)).toBe('sent')
    expect([await call(one), await call(two)]).toEqual(['sent', 'sent'])
    expect((await listPaces(base.db)).get('quay')).toMatchObject({ restingUntil: null, restingWhy: null })
  })

  test('when the one that tries succeeds, those that came with it go right after', async () => {
    const pace = open()
    for (let i = 0; i < 20; i++) await call(pace, BROKEN)
    await pass(11)
    const startedMs = Date.now()
    expect(await Promise.all(Array.from({ length: 6 }, () => call(pace)))).toEqual(Array.from({ length: 6 }, () => 'sent'))
    expect(Date.now() - startedMs).toBeLessThan(990)             // at once, not when they would have asked again
  })

  test('refusals and answers that say no are no failures', async () => {
    const pace = open()
    for (let i = 0; i < 40; i++) expect(await call(pace, i % 2 === 0 ? WELL : { ...WELL, quotas: [] })).toBe('sent')
    expect((await listPaces(base.db)).get('quay')?.restingUntil).toBe(null)
  })

  test('a process that dies while it tries holds nobody up for long', async () => {
    const [one, two] = [open(), open()]
    for (let i = 0; i < 20; i++) await call(one, BROKEN)
    await pass(11)
    one.begin('live')(READ, () => new Promise(() => { /* never */ }), () => WELL).catch(() => { /* never */ })
    await sleep(200)
    expect(await call(two)).toContain('left in peace')
    await pass(21)
    expect(await call(two)).toBe('sent')
  })
})

test('while the database is away calls go on, on half of the budget, and come back to the others', async () => {
  const proxy = await openProxy(base.url)
  try {
    const pace = open({ limit: 40, windowMs: 2_000, url: proxy.url })
    expect(await call(pace)).toBe('sent')
    proxy.cut()
    const sent: number[] = []
    const untilMs = Date.now() + 5_500
    let longestMs = 0
    while (Date.now() < untilMs) {
      const startedMs = Date.now()
      if (await call(pace) === 'sent') sent.push(Date.now())
      else await sleep(50)
      longestMs = Math.max(longestMs, Date.now() - startedMs)
    }
    const most = Math.max(...sent.slice(1).map(at => sent.filter(other => other >= at && other < at + 2_000).length))
    expect(sent.length).toBeGreaterThan(5)
    expect(most).toBeLessThanOrEqual(10 + 1)        // half of twenty
    expect(longestMs).toBeLessThan(3_000)
    await proxy.mend()
    await sleep(5_500)
    for (let i = 0; i < 3; i++) await call(pace)
    const { rows } = await sql<{ ago: number }>`select extract(epoch from clock_timestamp() - filled_at)::float8 as ago from pace`.execute(base.db)
    expect(rows[0]?.ago).toBeLessThan(2)            // it was the shared bucket that gave these turns
  } finally {
    await proxy.close()
  }
})

async function pass (seconds: number): Promise<void> {
  await sql`update pace set rest_until = rest_until - ${seconds} * interval '1 second'`.execute(base.db)
}

async function restSeconds (): Promise<number> {
  const { rows } = await sql<{ left: number }>`select extract(epoch from rest_until - now())::float8 as left from pace`.execute(base.db)
  return rows[0]?.left ?? 0
}
