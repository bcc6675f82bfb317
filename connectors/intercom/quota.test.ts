// Intercom's headers: a slice of ten seconds, its end in unix seconds.
import { heardOf } from './quota.ts'

const NOW = Date.parse('2026-11-22T10:00:03Z')
const END = String(Date.parse('2026-11-22T10:00:10Z') / 1000)

test('the slice, what is left of it and when it ends', () => {
  const headers = new Headers({ 'x-ratelimit-limit': '1667', 'x-ratelimit-remaining': '1600', 'x-ratelimit-reset': END })
  expect(heardOf(200, headers, NOW)).toEqual({
    failed: false, quotas: [{ of: 'account', limit: 1667, remaining: 1600, resetMs: 7_000 }], waitMs: null
  })
})

test('a refusal without a wait ends with the slice, with one as it says', () => {
  const over = { 'x-ratelimit-limit': '1667', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': END }
  const heard = heardOf(429, new Headers(over), NOW)
  expect(heard).toMatchObject({ failed: false, waitMs: 7_000, quotas: [{ remaining: 0 }] })
  expect(heardOf(429, new Headers({ ...over, 'retry-after': '2' }), NOW).waitMs).toBe(2_000)
  expect(heardOf(429, new Headers(), NOW)).toEqual({ failed: false, quotas: [], waitMs: 30_000 })
  const waits = ['-1', 'soon', '1000000000'].map(after => heardOf(429, new Headers({ 'retry-after': after }), NOW).waitMs)
  expect(waits).toEqual([30_000, 30_000, 3_600_000])
})

test('a slice that ended while the answer was under way is over', () => {
  const headers = new Headers({ 'x-ratelimit-limit': '1667', 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': '1000' })
  expect(heardOf(200, headers, NOW).quotas[0]?.resetMs).toBe(0)
})

test('only a breakdown is one', () => {
  expect([500, 504, 408, 404, 401, 422].map(status => heardOf(status, new Headers(), NOW).failed))
    .toEqual([true, true, true, false, false, false])
})
