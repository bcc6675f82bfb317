// Freshdesk's headers: no reset, the price of the call, and a wait only with a refusal.
import { heardOf } from './quota.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')

test('the minute of the account, and what a list with includes has cost', () => {
  const headers = new Headers({ 'X-RateLimit-Total': '400', 'X-RateLimit-Remaining': '381', 'X-RateLimit-Used-CurrentRequest': '7' })
  expect(heardOf(200, headers, NOW)).toEqual({
    failed: false, quotas: [{ of: 'account', limit: 400, remaining: 381, resetMs: null }], waitMs: null, used: 7
  })
})

test('a refusal says how long; half a minute when it does not', () => {
  expect(heardOf(429, new Headers({ 'retry-after': '37' }), NOW)).toEqual({ failed: false, quotas: [], waitMs: 37_000 })
  expect(heardOf(429, new Headers(), NOW).waitMs).toBe(30_000)
  const waits = ['-1', 'soon', '0', '1000000000', 'Sun, 22 Nov 2026 10:00:20 GMT']
    .map(after => heardOf(429, new Headers({ 'retry-after': after }), NOW).waitMs)
  expect(waits).toEqual([30_000, 30_000, 1_000, 3_600_000, 20_000])
})

test('an account without an interface (limit 0) sets no budget', () => {
  expect(heardOf(200, new Headers({ 'x-ratelimit-total': '0', 'x-ratelimit-remaining': '0' }), NOW).quotas).toEqual([])
})

test('only a breakdown is one', () => {
  expect([500, 504, 408, 404, 401, 400].map(status => heardOf(status, new Headers(), NOW).failed))
    .toEqual([true, true, true, false, false, false])
})
