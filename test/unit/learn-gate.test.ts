// The gate keeps its promise: of what it lets through, no more than the risk needs more than a light edit.
import fc from 'fast-check'
import { cautionOf, learnOne as learnCaution } from '../../src/learn/caution.ts'
import {
  LEAST_OWN, chanceAhead, emptyGate, isHeld, learnOne, raised, sharedOf, testedOf, thresholdOf, upperBound
} from '../../src/learn/gate.ts'
import type { Decision, Gate, GateRules } from '../../src/learn/gate.ts'
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

describe('as many to come', () => {
  // Every way in which the wrong ones of 2n can stand, counted one by one
  function counted (errors: number, n: number, risk: number): number {
    const wrong = errors + Math.floor(risk * n) + 1
    let all = 0
    let few = 0
    for (let set = 0; set < 2 ** (2 * n); set++) {
      const bits = Array.from({ length: 2 * n }, (_, i) => (set >> i) & 1)
      if (bits.reduce((a, b) => a + b, 0) !== wrong) continue
      all++
      if (bits.slice(0, n).reduce((a, b) => a + b, 0) <= errors) few++
    }
    return all === 0 ? 0 : few / all
  }

  test('the chance of so few errors beside too many is the one that counting gives', () => {
    const cases = [[0, 2, 0.5], [0, 5, 0.1], [1, 6, 0.35], [2, 7, 0.35], [3, 7, 0.5], [6, 7, 0.9]] as const
    for (const [errors, n, risk] of cases) {
      expect(chanceAhead(errors, n, risk)).toBeCloseTo(counted(errors, n, risk), 8)
    }
    expect(chanceAhead(300, 4_000, 0.1)).toBeGreaterThan(0)
    expect(chanceAhead(300, 4_000, 0.1)).toBeLessThan(chanceAhead(380, 4_000, 0.1))
  })

  test('a tenth is promised after thirty good ones, not after twenty-nine', () => {
    const rules = { risk: 0.1, doubt: 0.1 }
    expect([29, 30].map(n => isHeld(0, n, rules))).toEqual([false, true])
    expect([isHeld(1, 30, rules), isHeld(300, 1_000, rules), isHeld(70, 1_000, rules)]).toEqual([false, false, true])
  })
})

describe('the window', () => {
  test('keeps five times the latest decisions and no more, and a threshold rests on the latest', () => {
    const rules = { ...RULES, gateWindow: 5 }
    const list = decisions(40, i => i % 2 === 0)
    const gate = list.reduce((g, d) => learnOne(g, d, rules), emptyGate())
    expect(gate.window).toEqual(list.slice(-25))
    const turned = { window: [...decisions(300, () => true), ...decisions(300, () => false)] }
    expect(thresholdOf(turned, null, RULES)).toBe(Infinity)
    expect(thresholdOf({ window: turned.window.toReversed() }, 0, RULES)).toBeLessThan(0.05)
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

  test('topics with few decisions are tested together, without those that have enough of their own', () => {
    const large = decisions(200, () => true, 1)
    const small = Array.from({ length: 40 }, (_, t) => decisions(5, () => t % 2 === 0, 10 + t)).flat()
      .map((d, i) => ({ ...d, score: 0.004 - i / 100_000 }))
    const gate = { window: [...large, ...small] }
    expect(thresholdOf(gate, null, { ...RULES, gateWindow: 400 })).toBeLessThan(0.05)
    const shared = [sharedOf(gate, RULES), thresholdOf(gate, 10, RULES), thresholdOf(gate, 99, RULES)]
    expect(shared).toEqual([Infinity, Infinity, Infinity])
    expect(thresholdOf(gate, 1, RULES)).toBeLessThan(0.05)
  })

  test('a topic with few decisions is shown less than the others when they were bad, and one bad one is none', () => {
    const others = Array.from({ length: 40 }, (_, t) => decisions(8, () => true, 10 + t)).flat()
    const of = (good: boolean[]): Decision[] => good.map((g, i) => ({ score: 0.9 - i / 10, good: g, topic: 3 }))
    const at = (good: boolean[]): number => thresholdOf({ window: [...others, ...of(good)] }, 3, RULES)
    const shared = at([])
    expect(shared).toBeLessThan(0.3)
    expect([at([true, true, true]), at([true, true, false])]).toEqual([shared, shared])
    expect(at([true, true, true, false, false, false, false])).toBeCloseTo(0.6)
    expect(at([false, false, false])).toBeCloseTo(0.9)
    expect(of([true])).not.toHaveLength(LEAST_OWN)
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
  function simulate (
    rules: GateRules, badOf: (score: number) => number, seed: number, topic: number | null = null
  ): Record<'broken' | 'open', number> {
    const chance = makeChance(seed)
    let broken = 0
    let open = 0
    for (let w = 0; w < WINDOWS; w++) {
      const list = Array.from({ length: rules.gateWindow }, () => {
        const score = chance.next()
        return { score, good: !chance.happens(badOf(score)), topic: 0 }
      })
      const threshold = thresholdOf({ window: list }, topic, rules)
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
    // A topic by itself: half the doubt, and a longer window for it
    const own = simulate({ ...RULES, risk, gateWindow: 600 }, badOf, 4, 0)
    expect(own.broken).toBeLessThanOrEqual(RULES.doubt / 2 + SLACK)
    expect(own.open).toBeGreaterThan(0.5)
  })

  test('and so is its share in as many drafts to come, which the bound on the rate alone would not keep', () => {
    const rules = { risk: 0.1, doubt: 0.1, leastScore: 0, gateWindow: 1_000 }
    const chance = makeChance(9)
    const draw = (): Decision[] => Array.from({ length: 1_000 }, () => {
      const score = chance.next()
      return { score, good: !chance.happens(0.4 * (1 - score)), topic: 0 }
    })
    const broken = { ahead: 0, rate: 0 }
    for (let w = 0; w < WINDOWS; w++) {
      const window = draw()
      const next = draw()
      const wrongFrom = (threshold: number): boolean => {
        const shown = next.filter(d => d.score >= threshold)
        return shown.filter(d => !d.good).length > 0.1 * shown.length
      }
      if (wrongFrom(thresholdOf({ window }, null, rules))) broken.ahead++
      const sorted = [...window].sort((a, b) => b.score - a.score)
      let errors = 0
      let byRate = Infinity
      for (const [i, d] of sorted.entries()) {
        if (!d.good) errors++
        if (i % 25 !== 24 || i < 74) continue
        if (upperBound(errors, i + 1, 0.1) > 0.1) break
        byRate = d.score
      }
      if (wrongFrom(byRate)) broken.rate++
    }
    expect(broken.ahead / WINDOWS).toBeLessThanOrEqual(rules.doubt + SLACK)
    expect(broken.rate).toBeGreaterThan(broken.ahead)
  })

  test('a score that says nothing, with errors just over the risk, hardly ever gets through', () => {
    const { broken } = simulate(RULES, () => 0.36, 4)
    expect(broken).toBeLessThanOrEqual(RULES.doubt + SLACK)
  })
})

describe('caution', () => {
  // A window of good drafts, and then a desk where drafts of every score are bad half of the time
  const rules: GateRules = { risk: 0.1, doubt: 0.1, leastScore: 0, gateWindow: 4_000 }
  const window = (chance = makeChance(5)): Decision[] => Array.from({ length: 1_000 }, () => {
    const score = chance.next()
    return { score, good: !chance.happens(0.1 * (1 - score)), topic: 0 }
  })

  test('raises a threshold while the window still speaks for it, and lets go when drafts are good again', () => {
    const gate = { window: window() }
    const tested = testedOf(gate, 0, rules)
    expect(tested).toMatchObject({ pool: '0' })
    const after = (good: (i: number) => boolean, from: Gate, n = 60): Gate => Array.from({ length: n }, (_, i) => i)
      .reduce((g: Gate, i) => learnOne(g, { score: 0.9, good: good(i), topic: 0 }, rules, tested), from)
    const bad = after(i => i % 2 === 0, gate)
    expect(raised(bad, tested)).toBeGreaterThan(tested.threshold + 0.15)
    expect(raised(bad, { ...tested, pool: '1' })).toBe(tested.threshold)
    expect(raised(after(() => true, bad, 400), tested)).toBe(tested.threshold)
    expect(raised(after(() => true, gate), tested)).toBe(tested.threshold)
  })

  test('is never less than nothing, never more than one, and only drafts that would have been shown raise it', () => {
    const decided = fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), good: fc.boolean() })
    const threshold_ = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(fc.property(fc.array(decided, { maxLength: 300 }), threshold_, (list, threshold) => {
      let caution = {}
      for (const d of list) {
        const before = cautionOf(caution, 'rest')
        caution = learnCaution(caution, 'rest', threshold, d, 0.1)
        const now = cautionOf(caution, 'rest')
        expect(now).toBeGreaterThanOrEqual(0)
        expect(now).toBeLessThanOrEqual(1)
        if (now > before) expect(d.score >= threshold + before && !d.good).toBe(true)
      }
    }))
    expect(learnCaution({}, 'rest', Infinity, { score: 1, good: false }, 0.1)).toEqual({})
  })

  test('keeps the share of bad drafts near the risk where the scores stop meaning what they meant', () => {
    const chance = makeChance(8)
    const tested = testedOf({ window: window() }, 0, rules)
    const wrongOf = (isCautious: boolean): number => {
      let gate: Gate = { window: [], caution: {} }
      const shown: boolean[] = []
      for (let i = 0; i < 4_000; i++) {
        const score = chance.next()
        const good = !chance.happens(score > 0.8 ? 0.05 : 0.4)
        // The first thousand are what it takes to notice
        if (i >= 1_000 && score >= (isCautious ? raised(gate, tested) : tested.threshold)) shown.push(good)
        gate = { ...learnOne(gate, { score, good, topic: 0 }, rules, tested), window: [] }
      }
      return shown.filter(good => !good).length / shown.length
    }
    expect(wrongOf(false)).toBeGreaterThan(0.2)
    expect(wrongOf(true)).toBeLessThan(0.13)
  })
})

test('one unlucky decision among the very first of a long window does not silence everything', () => {
  const window = Array.from({ length: 4000 }, (_, i) => ({ score: 1 - i / 4000, good: i !== 3 && i < 2000, topic: 0 }))
  const rules = { risk: 0.1, doubt: 0.1, leastScore: 0, gateWindow: 4000 }
  const threshold = thresholdOf({ window }, null, rules)
  expect(threshold).toBeGreaterThan(0.4)
  expect(threshold).toBeLessThan(0.55)
  const eighth = window.map((d, i) => ({ ...d, good: i % 8 > 0 }))
  expect(thresholdOf({ window: eighth }, null, rules)).toBe(Infinity)
})
