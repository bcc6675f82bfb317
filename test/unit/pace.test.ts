// How fast an account may be spoken to: the arithmetic of the bucket, who goes first, how long anybody waits, and when an
// account that keeps failing is left in peace. Time is told by hand.
import fc from 'fast-check'
import { HeldBack } from '../../src/errors.ts'
import { makeBucket, takeTurns } from '../../src/pace/bucket.ts'
import type { Given, PaceState } from '../../src/pace/bucket.ts'
import { openLanes } from '../../src/pace/lanes.ts'
import { sampleOne } from '../../src/pace/sample.ts'
import type { Sample } from '../../src/pace/sample.ts'

const full = (): PaceState => ({ tokens: 1e9, filledMs: 0, heldUntilMs: 0, backfillUntilMs: 0, restUntilMs: null })

describe('the bucket', () => {
  test('half of four hundred calls a minute: a burst and a steady flow that together make the half', () => {
    const bucket = makeBucket(400, 0.5, 60_000)
    expect(bucket.budget).toBe(200)
    expect(bucket.holds + bucket.perMs * 60_000).toBeCloseTo(200)
    expect(bucket.reserve / bucket.budget).toBeCloseTo(0.3)
  })

  test('whoever asks, and however often: within any window no more goes out than the budget', () => {
    const some = fc.integer({ min: 0, max: 30 })
    const asked = fc.record({ afterMs: fc.integer({ min: 0, max: 4_000 }), live: some, backfill: some })
    const asking = fc.array(asked, { minLength: 40, maxLength: 120 })
    fc.assert(fc.property(fc.integer({ min: 10, max: 900 }), asking, (limit, all) => {
      const bucket = makeBucket(limit, 0.5, 10_000)
      const state = full()
      const gone: Array<{ atMs: number, calls: number }> = []
      let nowMs = 0
      for (const { afterMs, live, backfill } of all) {
        nowMs += afterMs
        const given = takeTurns(state, bucket, { live, backfill, debt: 0 }, nowMs, 1)
        gone.push({ atMs: nowMs, calls: given.live + given.backfill })
        const within = gone.filter(g => g.atMs > nowMs - 10_000).reduce((sum, g) => sum + g.calls, 0)
        expect(within).toBeLessThanOrEqual(bucket.budget + 1e-6)
      }
    }))
  })

  test('a backfill that takes all it can leaves live traffic three tenths of the budget', () => {
    const bucket = makeBucket(400, 0.5, 60_000)
    const state = full()
    const all = { live: 0, backfill: 99, debt: 0 }
    for (let nowMs = 0; nowMs < 120_000; nowMs += 100) takeTurns(state, bucket, all, nowMs, 1)
    const given = takeTurns(state, bucket, { live: 99, backfill: 99, debt: 0 }, 120_000, 1)
    expect(given.live).toBeGreaterThanOrEqual(0.3 * bucket.budget)
    expect(given.backfill).toBe(0)
  })

  test('while live calls wait, backfill gets nothing', () => {
    const bucket = makeBucket(60, 0.5, 10_000)
    const state = full()
    let [live, backfill] = [0, 0]
    for (let nowMs = 0; nowMs < 60_000; nowMs += 50) {
      const given = takeTurns(state, bucket, { live: 5, backfill: 5, debt: 0 }, nowMs, 1)
      live += given.live
      if (nowMs > 0) backfill += given.backfill
    }
    expect(live).toBeGreaterThan(0.9 * bucket.perMs * 60_000)
    expect(backfill).toBe(0)
  })

  test('what went out without asking is paid for later', () => {
    const bucket = makeBucket(100, 0.5, 10_000)
    const state = full()
    takeTurns(state, bucket, { live: 0, backfill: 0, debt: bucket.holds + 10 }, 0, 1)
    const given = takeTurns(state, bucket, { live: 1, backfill: 0, debt: 0 }, 1, 1)
    expect(given.live).toBe(0)
    expect(given.liveWaitMs).toBeGreaterThan(9 / bucket.perMs)
    expect(takeTurns(state, bucket, { live: 1, backfill: 0, debt: 0 }, 2 + given.liveWaitMs, 1).live).toBe(1)
  })

  test('a hold stops everybody, a hold for others only backfill, a rest lets one call try', () => {
    const bucket = makeBucket(100, 0.5, 10_000)
    const want = { live: 3, backfill: 2, debt: 0 }
    const held = { ...full(), heldUntilMs: 5_000 }
    expect(takeTurns(held, bucket, want, 1_000, 1)).toMatchObject({ live: 0, backfill: 0, liveWaitMs: 4_000, liveWhy: 'asked' })
    const others = { ...full(), backfillUntilMs: 5_000 }
    expect(takeTurns(others, bucket, want, 1_000, 1))
      .toMatchObject({ live: 3, backfill: 0, backfillWaitMs: 4_000, backfillWhy: 'others' })
    const resting = { ...full(), restUntilMs: 5_000 }
    expect(takeTurns(resting, bucket, want, 1_000, 9))
      .toMatchObject({ live: 0, probe: false, liveWhy: 'resting', liveWaitMs: 4_000 })
    expect(takeTurns(resting, bucket, want, 5_001, 20_000)).toMatchObject({ live: 1, backfill: 0, probe: true })
    expect(takeTurns(resting, bucket, want, 6_000, 20_000))
      .toMatchObject({ live: 0, backfill: 0, probe: false, liveWaitMs: 19_001 })
  })
})

describe('the sample', () => {
  const after = (calls: Array<[failed: boolean, atMs: number]>): boolean => {
    const sample: Sample = { seconds: [] }
    return calls.map(([failed, atMs]) => sampleOne(sample, failed, atMs)).some(Boolean)
  }
  test('half of twenty calls within half a minute', () => {
    expect(after(Array.from({ length: 20 }, (_, i) => [i % 2 === 1, i * 1000]))).toBe(true)
    expect(after(Array.from({ length: 19 }, (_, i) => [true, i * 1000]))).toBe(false)
    expect(after(Array.from({ length: 60 }, (_, i) => [i % 5 < 2, i * 100]))).toBe(false)
  })
  test('twenty failures in twenty minutes are none in a row', () => {
    expect(after(Array.from({ length: 40 }, (_, i) => [true, i * 60_000]))).toBe(false)
  })
})

describe('the lanes', () => {
  const none: Given = {
    live: 0, backfill: 0, probe: false, liveWaitMs: 20, backfillWaitMs: 20, liveWhy: 'budget', backfillWhy: 'budget'
  }

  test('what has begun goes first, then what is new, then backfill', async () => {
    const order: string[] = []
    let turns = 0
    const lanes = openLanes({
      connection: 'quay', eachMs: () => 5, nowMs: Date.now,
      take: async (live, backfill) => turns++ === 0
        ? none
        : { ...none, live: Math.min(1, live), backfill: live > 0 ? 0 : Math.min(1, backfill) }
    })
    const go = async (name: string, ...how: [lane: 'live' | 'backfill', begun: boolean]): Promise<void> => {
      await lanes.enter(...how, 5_000)
      order.push(name)
    }
    await Promise.all([go('history', 'backfill', true), go('new', 'live', false), go('begun', 'live', true)])
    expect(order).toEqual(['begun', 'new', 'history'])
  })

  test('who would wait too long is told at once, and told how long', async () => {
    const take = async (): Promise<Given> => ({ ...none, liveWaitMs: 90_000, liveWhy: 'asked' })
    const lanes = openLanes({ connection: 'quay', eachMs: () => 1000, nowMs: Date.now, take })
    const startedMs = Date.now()
    const error: unknown = await lanes.enter('live', false, 5_000).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(HeldBack)
    expect(error).toMatchObject({ waitMs: 90_000, message: expect.stringContaining('has asked us to wait') })
    expect(Date.now() - startedMs).toBeLessThan(500)
  })

  test('in a line, only those behind are sent away', async () => {
    const take = async (live: number): Promise<Given> => ({ ...none, live: Math.min(1, live), liveWaitMs: 100 })
    const lanes = openLanes({ connection: 'quay', eachMs: () => 100, nowMs: Date.now, take })
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lanes.enter('live', false, 550)))
    const gone = outcomes.map(o => o.status === 'fulfilled')
    expect(gone.filter(Boolean).length).toBeGreaterThanOrEqual(4)
    expect(gone.filter(Boolean).length).toBeLessThanOrEqual(7)
    expect(gone.lastIndexOf(true)).toBeLessThan(gone.indexOf(false))
  })

  test('a live call does not wait behind a sleeping backfill', async () => {
    let asked = 0
    const lanes = openLanes({
      connection: 'quay', eachMs: () => 5, nowMs: Date.now,
      take: async (live) => { asked++; return { ...none, live, backfillWaitMs: 3_000 } }
    })
    const history = lanes.enter('backfill', false, 4_000).catch(() => 'sent away')
    await new Promise(resolve => setTimeout(resolve, 50))
    const startedMs = Date.now()
    await lanes.enter('live', false, 1_000)
    expect(Date.now() - startedMs).toBeLessThan(500)
    expect(asked).toBe(2)
    await history
  })

  test('a process that ends does not wait for its backfill', async () => {
    const take = async (): Promise<Given> => ({ ...none, backfillWaitMs: 20_000 })
    const lanes = openLanes({ connection: 'quay', eachMs: () => 5, nowMs: Date.now, take })
    const history = lanes.enter('backfill', false, 30_000).catch((error: unknown) => error)
    await new Promise(resolve => setTimeout(resolve, 50))
    const startedMs = Date.now()
    lanes.close()
    expect(await history).toMatchObject({ name: 'HeldBack', message: expect.stringContaining('a process that ends') })
    expect(Date.now() - startedMs).toBeLessThan(500)
  })

  test('a mistake in giving turns leaves nobody waiting', async () => {
    const lanes = openLanes({ connection: 'quay', eachMs: () => 5, nowMs: Date.now, take: async () => { throw new Error('oh') } })
    await expect(lanes.enter('live', false, 1_000)).rejects.toThrow('oh')
    await expect(lanes.enter('backfill', false, 1_000)).rejects.toThrow('oh')
  })
})
