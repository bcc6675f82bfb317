// When what failed is tried again: every gap of the schedule, spread by a fifth to either side, never further.
import fc from 'fast-check'
import { usualTempo, waitAfter } from '../../src/work/schedule.ts'

const GAPS_S = [1, 5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 86_400]

test('the schedule lasts about three days, and there is nothing after it', () => {
  expect(usualTempo.scheduleMs).toEqual(GAPS_S.map(s => s * 1000))
  const hours = usualTempo.scheduleMs.reduce((sum, ms) => sum + ms, 0) / 3_600_000
  expect(hours).toBeGreaterThan(75)
  expect(hours).toBeLessThan(77)
  expect(waitAfter(GAPS_S.length + 1, '8000')).toBeNull()
})

test.each(GAPS_S.map((gap, i): [number, number] => [i + 1, gap]))('after attempt %d it waits %d s, a fifth more or less', (attempt, gap) => {
  const waitOf = (seed: number): number => waitAfter(attempt, seed.toString(16).padStart(4, '0')) ?? Number.NaN
  expect([waitOf(0), waitOf(0xFFFF)]).toEqual([gap * 800, gap * 1200])
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xFFFF }), seed => {
    const wait = waitOf(seed)
    return wait >= gap * 800 && wait <= gap * 1200 && wait === waitOf(seed)
  }))
  // Many that failed together do not come back together.
  const waits = Array.from({ length: 1000 }, (_, i) => waitOf(i * 65))
  expect(Math.abs(waits.reduce((sum, wait) => sum + wait, 0) / 1000 - gap * 1000)).toBeLessThan(gap * 10)
  expect(new Set(waits).size).toBeGreaterThan(300)
})
