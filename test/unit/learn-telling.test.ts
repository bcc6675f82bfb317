// Where and when an anomaly is told: routes, quiet hours by the operator's clock, the daily share, and the digests' periods.
import * as fc from 'fast-check'
import { channelOf, dayAt, dayStart, decideTelling, duePeriods, quietUntil, routeOf } from '../../src/learn/telling.ts'
import type { TellRules } from '../../src/learn/telling.ts'

const RULES: TellRules = {
  zone: 'Europe/Berlin', channel: 'C0', channels: { revenue: 'C1', drift: 'C2' }, revenueWords: ['invoice', 'refund'],
  quiet: { from: '22:00', to: '07:00' }, loudFrom: 10, dailyCap: 3
}
const PLAIN = { kind: 'spike', metric: null, topic: 'sso login', terms: [], segments: [] }

test.each([
  ['incident', PLAIN],
  ['incident', { ...PLAIN, segments: ['page', 'error'] }],
  ['friction', { ...PLAIN, segments: ['page'] }],
  ['friction', { ...PLAIN, kind: 'drift', metric: 'volume' }],
  ['revenue', { ...PLAIN, topic: 'invoices twice' }],
  ['revenue', { ...PLAIN, terms: ['Refunds', 'lost'] }],
  ['churn', { ...PLAIN, kind: 'drift', metric: 'cancel', topic: 'invoices' }]
])('its route is %s', (route, anomaly) => {
  expect(routeOf(anomaly, RULES.revenueWords)).toBe(route)
})

test('a route has its own channel, else the kind has one, else the usual one', () => {
  expect(['revenue', 'friction', 'incident'].map(route => channelOf(RULES, route, route === 'friction' ? 'drift' : 'spike'))).toEqual(['C1', 'C2', 'C0'])
})

test.each([
  ['2026-11-20T20:59:59Z', null],                              // 21:59:59 in Berlin
  ['2026-11-20T21:00:00Z', '2026-11-21T06:00:00Z'],
  ['2026-11-21T05:59:59Z', '2026-11-21T06:00:00Z'],
  ['2026-11-21T06:00:00Z', null],
  ['2026-10-24T21:00:00Z', '2026-10-25T06:00:00Z'],            // summer time ends in this night
  ['2026-03-28T22:00:00Z', '2026-03-29T05:00:00Z']             // and begins in this one
])('at %s it is quiet until %s', (at, until) => {
  expect(quietUntil(RULES, at)).toBe(until)
})

test('hours within one day are quiet too; from and to alike are none', () => {
  const noon = (quiet: TellRules['quiet']): string | null => quietUntil({ zone: 'UTC', quiet }, '2026-11-20T12:30:00Z')
  expect([noon({ from: '12:00', to: '13:00' }), noon({ from: '09:00', to: '09:00' }), noon(null)]).toEqual(['2026-11-20T13:00:00Z', null, null])
})

test('quiet hours always end, and when they have ended it is not quiet', () => {
  const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`)
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Auckland')
  fc.assert(fc.property(clock, clock, zone, fc.integer({
    min: 1_767_225_600, max: 1_798_761_600
  }), (from, to, where, t) => {
    const rules = { zone: where, quiet: { from, to } }
    const until = quietUntil(rules, new Date(t * 1000).toISOString().slice(0, 19) + 'Z')
    if (until === null) return
    const waits = Date.parse(until) / 1000 - t
    expect(waits).toBeGreaterThan(0)
    expect(waits).toBeLessThanOrEqual(26 * 3600)
  }), { numRuns: 500 })
})

test('many customers wait for no morning and fit under no cap', () => {
  const night = '2026-11-20T23:00:00Z'
  const day = '2026-11-20T12:00:00Z'
  expect(decideTelling(RULES, { people: 9, told: 0 }, night)).toEqual({ kind: 'held', until: '2026-11-21T06:00:00Z' })
  expect(decideTelling(RULES, { people: 10, told: 99 }, night)).toEqual({ kind: 'now' })
  expect(decideTelling(RULES, { people: 9, told: 2 }, day)).toEqual({ kind: 'now' })
  expect(decideTelling(RULES, { people: 9, told: 3 }, day)).toEqual({ kind: 'rolled up' })
})

test('days begin at midnight of the operator', () => {
  expect(dayAt('Europe/Berlin', '2026-11-20T23:30:00Z')).toBe('2026-11-21')
  expect(dayStart('Europe/Berlin', '2026-11-20T23:30:00Z')).toBe('2026-11-20T23:00:00Z')
  expect(dayStart('America/New_York', '2026-11-20T03:30:00Z')).toBe('2026-11-19T05:00:00Z')
})

test.each([
  ['2026-11-23T07:59:59Z', []],
  ['2026-11-23T08:00:00Z', ['learning 2026-W47 from 2026-11-15T23:00:00Z']],
  ['2026-11-26T07:59:59Z', ['learning 2026-W47 from 2026-11-15T23:00:00Z']],
  ['2026-11-26T08:00:00Z', []],
  ['2026-12-01T08:00:00Z', ['learning 2026-W48 from 2026-11-22T23:00:00Z', 'audit 2026-11 from 2026-10-31T23:00:00Z']],
  ['2027-01-04T08:30:00Z', ['learning 2026-W53 from 2026-12-27T23:00:00Z', 'audit 2026-12 from 2026-11-30T23:00:00Z']]
])('at %s these digests are due: %j', (at, due) => {
  expect(duePeriods('Europe/Berlin', at).map(p => `${p.kind} ${p.period} from ${p.from}`)).toEqual(due)
})
