// Who is held out, and when a difference may be believed: also by somebody who looks every day.
import { isHeldOut, liftOf, ticketsNeeded } from '../../src/learn/lift.ts'
import type { Arm } from '../../src/learn/lift.ts'
import { makeRandom } from '../sandbox/random.ts'

function armOf (values: number[]): Arm {
  const n = values.length
  const mean = values.reduce((a, b) => a + b, 0) / (n || 1)
  return { n, mean, variance: n < 2 ? 0 : values.reduce((s, v) => s + (v - mean) ** 2, 0) / (n - 1) }
}

// Customers come one by one, five of a hundred are held out; the page is looked at after every fifty of them.
function looks (treated: number, heldOut: number, customers: number, seed: number): Array<ReturnType<typeof liftOf>> {
  const random = makeRandom(seed)
  const arms: [number[], number[]] = [[], []]
  const seen = []
  for (let i = 1; i <= customers; i++) {
    const out = random() < 0.1
    arms[out ? 1 : 0].push(random() < (out ? heldOut : treated) ? 1 : 0)
    if (i % 50 === 0) seen.push(liftOf(armOf(arms[0]), armOf(arms[1])))
  }
  return seen
}

test('a difference that is not there is believed at most once in twenty runs, however often one looks', () => {
  const fooled = Array.from({ length: 200 }, (_, i) => looks(0.75, 0.75, 3000, i + 1).some(l => l.verdict === 'real')).filter(Boolean).length
  expect(fooled).toBeLessThanOrEqual(10)
})

test('a difference of fifteen points is found', () => {
  const found = Array.from({ length: 40 }, (_, i) => looks(0.8, 0.65, 4000, i + 1).at(-1)?.verdict).filter(v => v === 'real').length
  expect(found).toBeGreaterThanOrEqual(32)
})

test('too few customers, or an arm in which all are alike, prove nothing', () => {
  expect(liftOf(armOf(Array(500).fill(1)), armOf(Array(49).fill(0)))).toMatchObject({ verdict: 'few', low: -1, high: 1 })
  expect(liftOf(armOf(Array(60).fill(1)), armOf([...Array(57).fill(1), 0, 0, 0]))).toMatchObject({ verdict: 'open' })
  const { low, high, difference } = liftOf(armOf(Array(4000).fill(1)), armOf(Array(4000).fill(0)))
  expect([low > 0.9, high, difference]).toEqual([true, 1, 1])
})

test('the share held out is as asked, the same customers for ever, other ones at another helpdesk', () => {
  for (const share of [0.02, 0.05, 0.2]) {
    const held = Array.from({ length: 20_000 }, (_, i) => isHeldOut('zendesk', String(i), share)).filter(Boolean).length
    expect(Math.abs(held / 20_000 - share)).toBeLessThan(4 * Math.sqrt(share * (1 - share) / 20_000))
  }
  const five = Array.from({ length: 2000 }, (_, i) => String(i)).filter(id => isHeldOut('zendesk', id, 0.05))
  expect(five.every(id => isHeldOut('zendesk', id, 0.2))).toBe(true)       // a larger share keeps those who were out
  expect(five.every(id => isHeldOut('intercom', id, 0.05))).toBe(false)
  expect([isHeldOut('zendesk', '', 1), isHeldOut('zendesk', 'p', 0), isHeldOut('zendesk', 'p', 1)]).toEqual([false, false, true])
})

test('what it takes to see a difference: small ones take many, and more with fewer held out', () => {
  expect(ticketsNeeded(0.6, 0.05, 0.1)).toBeGreaterThan(8_000)
  expect(ticketsNeeded(0.6, 0.05, 0.1)).toBeLessThan(8_600)
  expect(ticketsNeeded(0.6, 0.05, 0.05)).toBeGreaterThan(ticketsNeeded(0.6, 0.05, 0.1))
})
