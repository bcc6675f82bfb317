// The gate keeps its promise: of what it lets through, no more than the risk needs more than a light edit.
import fc from 'fast-check'
import { emptyGate, learnOne, thresholdOf, upperBound } from '../../src/learn/gate.ts'
import type { Decision, GateRules } from '../../src/learn/gate.ts'
import { makeChance } from '../../scripts/demo/chance.ts'

const RULES: GateRules = { risk: 0.35, doubt: 0.1, leastScore: 0, gateWindow: 300 }

const decision = fc.record({
  score: fc.double({ min: 0, max: 1, noNaN: true }), good: fc.boolean(), topic: fc.integer({ min: 0, max: 3 })
})
// No two drafts share a score: what happens when they do has a test of its own
const window = fc.uniqueArray(decision, { maxLength: 160, selector: d => d.score, size: 'max' })

function decisions (n: number, goodOf: (i: number) => boolean, topic = 0): Decision[] {
  return Array.from({ length: n }, (_, i) => ({ score: 1 - (i + 1) / (n + 1), good: goodOf(i), topic }))
}

/** P(X <= k) as a share of the beta integral (Simpson's rule), another road than the sum of binomial terms. */
function tailOf (k: number, n: number, p: number): number {
  const density = (t: number): number => t ** (n - k - 1) * (1 - t) ** k
  const integral = (to: number): number => {
    const parts = 4_000
    let sum = density(0) + density(to)
    for (let i = 1; i < parts; i++) sum += (i % 2 === 1 ? 4 : 2) * density(to * i / parts)
    return sum * to / parts / 3
  }
  return integral(1 - p) / integral(1)
}

describe('the upper bound of an error rate', () => {
  test('without any error it is 1 - doubt^(1/n)', () => {
    expect(upperBound(0, 22, 0.1)).toBeCloseTo(0.0994, 4)
    for (const [n, doubt] of [[1, 0.1], [10, 0.05], [45, 0.1], [114, 0.1], [300, 0.01]] as const) {
      expect(upperBound(0, n, doubt)).toBeCloseTo(1 - doubt ** (1 / n), 9)
    }
  })

  // The upper ends of exact two-sided 95 % intervals, as tables give them
  test.each([[1, 10, 0.4450], [2, 20, 0.3170], [5, 100, 0.1128], [10, 100, 0.1762]])('%i of %i at a doubt of .025 gives %f', (errors, n, bound) => {
    expect(upperBound(errors, n, 0.025)).toBeCloseTo(bound, 4)
  })

  test.each([[1, 25, 0.1], [4, 25, 0.1], [7, 50, 0.05], [30, 120, 0.1], [99, 300, 0.1]])('%i of %i: under it so few errors are as likely as the doubt, %f', (errors, n, doubt) => {
    expect(tailOf(errors, n, upperBound(errors, n, doubt))).toBeCloseTo(doubt, 6)
  })

  test('nothing seen, or nothing but errors, is no bound at all', () => {
    expect([upperBound(0, 0, 0.1), upperBound(7, 7, 0.1), upperBound(9, 7, 0.1)]).toEqual([1, 1, 1])
  })

  test('more errors raise it, more drafts and more doubt lower it, and it is never under the rate itself', () => {
    const counts = fc.integer({ min: 2, max: 200 })
      .chain(n => fc.tuple(fc.integer({ min: 0, max: n - 2 }), fc.constant(n)))
    fc.assert(fc.property(counts, fc.double({ min: 0.01, max: 0.4, noNaN: true }), ([k, n], doubt) => {
      const bound = upperBound(k, n, doubt)
      expect(bound).toBeGreaterThan(k / n)
      expect(bound).toBeLessThanOrEqual(1)
      expect(upperBound(k + 1, n, doubt)).toBeGreaterThan(bound)
      expect(upperBound(k, n + 1, doubt)).toBeLessThan(bound)
      expect(upperBound(k, n, doubt / 2)).toBeGreaterThan(bound)
    }))
  })
})

describe('the window', () => {
  test('keeps the latest decisions and no more', () => {
    const rules = { ...RULES, gateWindow: 5 }
    const list = decisions(12, i => i % 2 === 0)
    const gate = list.reduce((g, d) => learnOne(g, d, rules), emptyGate())
    expect(gate.window).toEqual(list.slice(-5))
  })

  test('learning touches neither gate nor decision, survives JSON, and repeats itself', () => {
    fc.assert(fc.property(window, decision, (list, next) => {
      const gate = Object.freeze({ window: list.map(d => Object.freeze({ ...d })) })
      Object.freeze(gate.window)
      const after = learnOne(gate, Object.freeze(next), RULES)
      expect(gate.window).toEqual(list)
      expect(after).toEqual(learnOne(JSON.parse(JSON.stringify(gate)), next, RULES))
      const threshold = thresholdOf(after, null, RULES)
      expect(thresholdOf(JSON.parse(JSON.stringify(after)), null, RULES)).toBe(threshold)
    }), { numRuns: 50 })
  })
})

describe('the threshold', () => {
  test('is nowhere before enough has been seen', () => {
    expect(thresholdOf(emptyGate(), null, RULES)).toBe(Infinity)
    expect(thresholdOf({ window: decisions(74, () => true) }, null, RULES)).toBe(Infinity)
    expect(thresholdOf({ window: decisions(75, () => true) }, null, RULES)).toBeLessThan(0.05)
  })

  test('is nowhere when drafts are bad', () => {
    expect(thresholdOf({ window: decisions(300, () => false) }, null, RULES)).toBe(Infinity)
  })

  test('stands where the bad ones begin', () => {
    const threshold = thresholdOf({ window: decisions(200, i => i < 100) }, null, RULES)
    expect(threshold).toBeLessThanOrEqual(0.5)
    expect(threshold).toBeGreaterThan(0.3)
  })

  test('is never under the least score', () => {
    expect(thresholdOf({ window: decisions(100, () => true) }, null, { ...RULES, leastScore: 0.5 })).toBe(0.5)
  })

  test('is between 0 and 1 or nowhere, and plays no favourites with the order of decisions', () => {
    const mixed = window.chain(list => {
      return fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))
    })
    fc.assert(fc.property(mixed, ([list, other]) => {
      const threshold = thresholdOf({ window: list }, null, RULES)
      expect(threshold === Infinity || (threshold >= 0 && threshold <= 1)).toBe(true)
      expect(thresholdOf({ window: other }, null, RULES)).toBe(threshold)
    }), { numRuns: 60 })
  })

  test('who allows less risk or less doubt gets no lower one', () => {
    fc.assert(fc.property(window, list => {
      const at = (risk: number, doubt: number): number => thresholdOf({ window: list }, null, { ...RULES, risk, doubt })
      expect(at(0.1, 0.1)).toBeGreaterThanOrEqual(at(0.35, 0.1))
      expect(at(0.35, 0.02)).toBeGreaterThanOrEqual(at(0.35, 0.1))
    }), { numRuns: 60 })
  })

  test('a topic with enough decisions of its own has its own, another one that of all', () => {
    const good = decisions(150, () => true, 1)
    const bad = decisions(150, () => false, 2).map(d => ({ ...d, score: d.score - 0.0001 }))
    const few = decisions(20, () => true, 3).map(d => ({ ...d, score: d.score - 0.0002 }))
    const gate = { window: [...good, ...bad, ...few] }
    expect(thresholdOf(gate, 1, RULES)).toBeLessThan(0.05)
    expect(thresholdOf(gate, 2, RULES)).toBe(Infinity)
    expect(thresholdOf(gate, 3, RULES)).toBe(thresholdOf(gate, null, RULES))
    expect(thresholdOf(gate, 99, RULES)).toBe(thresholdOf(gate, null, RULES))
  })

  test('drafts of one and the same score are let through together or not at all', () => {
    const same = Array.from({ length: 100 }, (_, i) => ({ score: 0.8, good: i < 25, topic: 0 }))
    expect(thresholdOf({ window: same }, null, RULES)).toBe(Infinity)
  })
})

describe('the promise', () => {
  const WINDOWS = 200
  // Three standard deviations of a share of 200 windows
  const SLACK = 3 * Math.sqrt(RULES.doubt * (1 - RULES.doubt) / WINDOWS)

  /** The share of windows drawn alike in which more than the risk passes, and the share in which any does. */
  function simulate (rules: GateRules, badOf: (score: number) => number, seed: number): Record<'broken' | 'open', number> {
    const chance = makeChance(seed)
    let broken = 0
    let open = 0
    for (let w = 0; w < WINDOWS; w++) {
      const list = Array.from({ length: rules.gateWindow }, () => {
        const score = chance.next()
        return { score, good: !chance.happens(badOf(score)), topic: 0 }
      })
      const threshold = thresholdOf({ window: list }, 0, rules)
      if (threshold === Infinity) continue
      open++
      // The true share of bad drafts among those at or over the threshold, scores being equally likely
      const grid = Array.from({ length: 100 }, (_, i) => threshold + (1 - threshold) * (i + 0.5) / 100)
      if (grid.reduce((sum, s) => sum + badOf(s), 0) / grid.length > rules.risk) broken++
    }
    return { broken: broken / WINDOWS, open: open / WINDOWS }
  }

  test.each<[name: string, risk: number, badOf: (score: number) => number]>([
    ['errors that fall with the score', 0.35, s => 1 - s],
    ['errors that fall steeply', 0.1, s => 0.9 * (1 - s) ** 2],
    ['a score that promises more than it holds', 0.35, s => 0.9 - 0.75 * s],
    ['a score with a step', 0.2, s => s > 0.7 ? 0.05 : 0.6]
  ])('%s: the risk is kept, and drafts are shown', (_name, risk, badOf) => {
    const { broken, open } = simulate({ ...RULES, risk }, badOf, 3)
    expect(broken).toBeLessThanOrEqual(RULES.doubt + SLACK)
    expect(open).toBeGreaterThan(0.5)
  })

  test('a score that says nothing, with errors just over the risk, hardly ever gets through', () => {
    const { broken } = simulate(RULES, () => 0.36, 4)
    expect(broken).toBeLessThanOrEqual(RULES.doubt + SLACK)
  })
})

test('one unlucky decision among the very first of a long window does not silence everything', () => {
  const window = Array.from({ length: 4000 }, (_, i) => ({ score: 1 - i / 4000, good: i !== 3 && i < 2000, topic: 0 }))
  const rules = { risk: 0.1, doubt: 0.1, leastScore: 0, gateWindow: 4000 }
  const threshold = thresholdOf({ window }, null, rules)
  expect(threshold).toBeGreaterThan(0.4)
  expect(threshold).toBeLessThan(0.55)
  const hundred = window.slice(0, 100).map((d, i) => ({ ...d, good: i % 8 > 0 }))
  expect(thresholdOf({ window: [...hundred, ...window.slice(100)] }, null, rules)).toBe(Infinity)
})
