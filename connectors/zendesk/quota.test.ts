// Zendesk's headers: the account's limit is found among three families that look alike, a ticket's own limit holds nobody else.
import { heardOf } from './quota.ts'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const OURS = {
  'x-rate-limit': '400', 'x-rate-limit-remaining': '392', 'ratelimit-limit': '400', 'ratelimit-remaining': '392',
  'ratelimit-reset': '15', 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4986', 'x-ratelimit-reset': '1795341600'
}
const account = { of: 'account', limit: 400, remaining: 392, resetMs: 15_000 }

test('the account is what counts in seconds', () => {
  expect(heardOf(200, new Headers(OURS), NOW)).toEqual({ failed: false, quotas: [account], waitMs: null })
})

test('the older names count where the newer are missing', () => {
  const headers = new Headers({ 'x-rate-limit': '700', 'x-rate-limit-remaining': '10', 'x-ratelimit-reset': '1795341600' })
  expect(heardOf(200, headers, NOW).quotas).toEqual([{ of: 'account', limit: 700, remaining: 10, resetMs: null }])
})

test('a refused export waits for its own limit, not the account', () => {
  const headers = new Headers({ ...OURS, 'retry-after': '41', 'zendesk-ratelimit-incremental-exports-cursor': 'total=20; remaining=0; resets=41' })
  expect(heardOf(429, headers, NOW)).toEqual({
    failed: false, quotas: [account, { of: 'endpoint', limit: 20, remaining: 0, resetMs: 41_000 }], waitMs: null
  })
})

test('thirty updates of one ticket hold no other ticket', () => {
  const headers = new Headers({
    ...OURS, 'retry-after': '500', 'zendesk-ratelimit-per-ticket-updates': 'total=30; remaining=0; resets=500',
    'zendesk-ratelimit-tickets-update': 'total=100; remaining=71; resets=20'
  })
  expect(heardOf(429, headers, NOW)).toEqual({
    failed: false, quotas: [account, { of: 'endpoint', limit: 100, remaining: 71, resetMs: 20_000 }], waitMs: null
  })
})

test.each([
  [429, { 'retry-after': '93' }, 93_000], [429, { 'retry-after': 'Sun, 22 Nov 2026 10:00:07 GMT' }, 7_000],
  [503, { 'retry-after': '5' }, 5_000], [429, {}, 30_000], [429, { 'retry-after': '-1' }, 30_000],
  [429, { 'retry-after': '1000000000' }, 3_600_000], [429, { 'retry-after': '0' }, 1_000], [429, { 'retry-after': 'soon' }, 30_000]
])('%i with %j: everybody waits', (status, headers, waitMs) => {
  expect(heardOf(status, new Headers(headers), NOW)).toEqual({ failed: false, quotas: [], waitMs })
})

test.each([[500, true], [502, true], [503, true], [408, true], [404, false], [401, false], [409, false], [200, false]])(
  '%i: a breakdown is %s', (status, failed) => {
    expect(heardOf(status, new Headers(), NOW)).toEqual({ failed, quotas: [], waitMs: null })
  })

test('nonsense in the headers says nothing', () => {
  const headers = new Headers({ 'ratelimit-limit': 'many', 'ratelimit-remaining': '-4', 'zendesk-ratelimit-x': 'total=?' })
  expect(heardOf(200, headers, NOW)).toEqual({ failed: false, quotas: [], waitMs: null })
})
