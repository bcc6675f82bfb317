// Scorer, calibrator and choice: what every learner of scores owes, whatever it is fed.
import fc from 'fast-check'
import * as calibrator from '../../src/learn/calibrate.ts'
import { emptyChoice, featuresOf, findChoices, learnOne as learnChoice, scoreChoices } from '../../src/learn/choice.ts'
import * as scorer from '../../src/learn/scorer.ts'
import { makeChance } from '../../scripts/demo/chance.ts'

const WIDTH = 4
const value = fc.double({ min: -50, max: 50, noNaN: true })
const features = fc.array(value, { minLength: WIDTH, maxLength: WIDTH })
const target = fc.double({ min: 0, max: 1, noNaN: true })
const weight = fc.double({ min: 0, max: 2, noNaN: true })
const example = fc.record({ features, target, weight })
const examples = fc.array(example, { maxLength: 25 })
const judged = fc.array(fc.record({ logit: value, good: fc.boolean() }), { maxLength: 40 })

function expectShare (share: number): void {
  expect(share).toBeGreaterThanOrEqual(0)
  expect(share).toBeLessThanOrEqual(1)
}

function taught (list: Array<{ features: number[], target: number, weight: number }>): scorer.Scorer {
  return list.reduce((s, e) => scorer.learnOne(s, e.features, e.target, e.weight), scorer.emptyScorer([0, 1, -1, 0.5]))
}

function calibrated (list: Array<{ logit: number, good: boolean }>): calibrator.Calibrator {
  return list.reduce((c, e) => calibrator.learnOne(c, e.logit, e.good), calibrator.emptyCalibrator())
}

function survivor<T> (state: T): T {
  return JSON.parse(JSON.stringify(state))
}

describe('the scorer', () => {
  test('is neutral before it has seen anything, or says the opinion it was given', () => {
    fc.assert(fc.property(features, list => {
      expect(scorer.scoreOne(scorer.emptyScorer([0, 0, 0, 0]), list)).toBe(0.5)
    }))
    expect(scorer.logitOf(scorer.emptyScorer([-2, 1, 0, 0]), [1, 3, 9, 9])).toBe(1)
  })

  test('stays in range, finite, and the same for the same examples', () => {
    fc.assert(fc.property(examples, features, (list, next) => {
      const state = taught(list)
      expectShare(scorer.scoreOne(state, next))
      expect([...state.weights, ...state.sums].every(Number.isFinite)).toBe(true)
      expect(state.seen).toBe(list.length)
      expect(taught(list)).toEqual(state)
    }))
  })

  test('touches neither its state nor the example', () => {
    fc.assert(fc.property(examples, example, (list, next) => {
      const state = taught(list)
      const before = structuredClone([state, next])
      Object.freeze(state.weights)
      Object.freeze(state.sums)
      Object.freeze(next.features)
      scorer.learnOne(Object.freeze(state), next.features, next.target, next.weight)
      expect([state, next]).toEqual(before)
    }))
  })

  test('survives JSON in the middle of learning', () => {
    fc.assert(fc.property(examples, example, (list, next) => {
      const learn = (s: scorer.Scorer): scorer.Scorer => scorer.learnOne(s, next.features, next.target, next.weight)
      expect(learn(survivor(taught(list)))).toEqual(survivor(learn(taught(list))))
    }))
  })

  test('an example moves the score towards what it earned', () => {
    const small = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 })
    fc.assert(fc.property(small, fc.constantFrom(0, 1), (list, target) => {
      const state = scorer.emptyScorer([0, 0, 0, 0])
      const after = scorer.scoreOne(scorer.learnOne(state, [1, ...list], target), [1, ...list])
      expect(Math.abs(after - target)).toBeLessThan(0.5)
    }))
  })

  test('an example without weight teaches nothing but the slow return to zero', () => {
    const state = scorer.emptyScorer([0, 2, 0, 0])
    expect(scorer.learnOne(state, [1, 1, 1, 1], 0, 0).weights[1]).toBeCloseTo(2, 3)
    expect(scorer.learnOne(state, [1, 1, 1, 1], 0, 0).weights[0]).toBe(0)
  })

  test('finds out which feature matters', () => {
    const chance = makeChance(5)
    let state = scorer.emptyScorer([0, 0, 0])
    for (let i = 0; i < 600; i++) {
      const [useful, noise] = [chance.next() < 0.5 ? 1 : 0, chance.next()]
      state = scorer.learnOne(state, [1, useful, noise], chance.happens(useful === 1 ? 0.9 : 0.1) ? 1 : 0)
    }
    expect(scorer.scoreOne(state, [1, 1, 0.5])).toBeGreaterThan(0.75)
    expect(scorer.scoreOne(state, [1, 0, 0.5])).toBeLessThan(0.25)
  })
})

describe('the calibrator', () => {
  test('says what it is told until it has seen something', () => {
    for (const logit of [-8, -2, 0, 0.5, 8]) {
      expect(calibrator.scoreOne(calibrator.emptyCalibrator(), logit)).toBeCloseTo(1 / (1 + Math.exp(-logit)), 12)
    }
  })

  test('stays in range, keeps the order, and is the same for the same outcomes', () => {
    fc.assert(fc.property(judged, value, value, (list, one, other) => {
      const state = calibrated(list)
      const [low, high] = [Math.min(one, other), Math.max(one, other)]
      expectShare(calibrator.scoreOne(state, low))
      expect(calibrator.scoreOne(state, low)).toBeLessThanOrEqual(calibrator.scoreOne(state, high))
      expect(calibrated(list)).toEqual(state)
      expect(state.seen).toBe(list.length)
    }))
  })

  test('touches nothing and survives JSON', () => {
    fc.assert(fc.property(judged, value, fc.boolean(), (list, logit, good) => {
      const state = Object.freeze(calibrated(list))
      const before = structuredClone(state)
      const after = calibrator.learnOne(state, logit, good)
      expect(state).toEqual(before)
      expect(calibrator.learnOne(survivor(state), logit, good)).toEqual(survivor(after))
    }))
  })

  const along = (slope: number, shift: number, from = 0, to = 1) => (logit: number): number =>
    from + (to - from) / (1 + Math.exp(-(slope * logit + shift)))
  test.each([
    ['too sure of itself', along(0.5, -0.7)], ['too shy', along(1.8, 0.4)], ['right already', along(1, 0)],
    ['too kind', along(1, -1.5)],
    ['right in eight of ten cases at most, however sure', along(4, 0, 0.1, 0.8)]
  ])('a score that is %s ends with an expected calibration error under .03', (_name, truthOf) => {
    const chance = makeChance(11)
    let state = calibrator.emptyCalibrator()
    for (let i = 0; i < 4_000; i++) {
      const logit = chance.next() * 8 - 4
      state = calibrator.learnOne(state, logit, chance.happens(truthOf(logit)))
    }
    // Ten bins of equal width (Guo et al. 2017), over fresh draws of which the true chance is known
    const bins = Array.from({ length: 10 }, () => ({ score: 0, truth: 0 }))
    for (let i = 0; i < 4_000; i++) {
      const logit = chance.next() * 8 - 4
      const score = calibrator.scoreOne(state, logit)
      const bin = bins[Math.min(9, Math.floor(score * 10))]
      if (bin === undefined) throw new Error(`${score} is in no bin`)
      bin.score += score
      bin.truth += truthOf(logit)
    }
    expect(bins.reduce((sum, b) => sum + Math.abs(b.score - b.truth), 0) / 4_000).toBeLessThan(0.03)
  })
})

describe('the choice', () => {
  const stem = fc.constantFrom('~refund', '~roster', '~phone', '~constructor', '~__proto__', '~toString')
  const stems = fc.uniqueArray(stem, { minLength: 1 })
  const lessons = fc.array(fc.record({ stems, given: fc.integer({ min: 0, max: 4 }) }), { maxLength: 30 })
  const ANSWERS = [0, 1, 2, 3, 4]

  function learned (list: Array<{ stems: string[], given: number }>): ReturnType<typeof emptyChoice> {
    const choice = emptyChoice()
    for (const { stems, given } of list) {
      const features = featuresOf(stems)
      const considered = ANSWERS.slice(0, 3)
      Object.freeze(features)
      Object.freeze(considered)
      learnChoice(choice, features, considered, given)
    }
    return choice
  }

  test('believes in all answers alike before it has seen anything', () => {
    expect(scoreChoices(emptyChoice(), ['~roster'], [3, 1, 2, 9])).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(findChoices(emptyChoice(), ['~roster'], 5)).toEqual([])
    expect(scoreChoices(emptyChoice(), [], [])).toEqual([])
  })

  test('beliefs are shares of one whole, the same for the same lessons, also after JSON', () => {
    fc.assert(fc.property(lessons, stems, (list, next) => {
      const choice = learned(list)
      const before = structuredClone(choice)
      const beliefs = scoreChoices(choice, featuresOf(next), ANSWERS)
      for (const b of beliefs) expectShare(b)
      expect(beliefs.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9)
      expect(learned(list)).toEqual(choice)
      expect(scoreChoices(survivor(choice), featuresOf(next), ANSWERS)).toEqual(beliefs)
      expect(choice).toEqual(before)
    }))
  })

  test('the order of features does not matter', () => {
    const mixed = stems.chain(list => {
      return fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))
    })
    fc.assert(fc.property(lessons, mixed, fc.integer({ min: 0, max: 4 }), (list, [one, other], given) => {
      const [a, b] = [learned(list), learned(list)]
      learnChoice(a, one, ANSWERS, given)
      learnChoice(b, other, ANSWERS, given)
      const [left, right] = [scoreChoices(a, one, ANSWERS), scoreChoices(b, other, ANSWERS)]
      for (const [i, belief] of left.entries()) expect(belief).toBeCloseTo(right[i] ?? NaN, 9)
    }))
  })

  test('the same word calls for another answer after another answer', () => {
    const choice = emptyChoice()
    for (let i = 0; i < 20; i++) {
      learnChoice(choice, featuresOf(['~yes'], 1), ANSWERS, 2)
      learnChoice(choice, featuresOf(['~yes'], 3), ANSWERS, 4)
    }
    const best = (last: number | null): number | undefined => findChoices(choice, featuresOf(['~yes'], last), 1)[0]?.answer
    expect([best(1), best(3)]).toEqual([2, 4])
    const [beliefs, others] = [1, 3].map(last => scoreChoices(choice, featuresOf(['~yes'], last), [2, 4]))
    expect(beliefs?.[0]).toBeGreaterThan(0.8)
    expect(others?.[1]).toBeGreaterThan(0.8)
    expect(featuresOf(['~yes', '~please'], null)).toEqual(['~yes', '~please', '~yes ~please'])
  })

  test('is bounded: of words without end those that keep coming keep their rows, the others go', () => {
    const choice = emptyChoice()
    for (let i = 0; i < 60_000; i++) {
      learnChoice(choice, ['~roster', `~w${i % 25_000}`, `~x${i}`, `~y${i}`], [1, 2, i % 90], 1)
    }
    expect(choice.size).toBe(Object.keys(choice.seen).length)
    expect(choice.size).toBeLessThanOrEqual(100_000)
    expect(Object.keys(choice.rows).every(f => f in choice.seen)).toBe(true)
    expect(choice.rows['~roster']?.length).toBeLessThanOrEqual(3 * 60)
    expect(findChoices(choice, ['~roster'], 1)[0]?.answer).toBe(1)
    expect(choice.rows['~x0']).toBeUndefined()
    expect(JSON.stringify(choice).length).toBeLessThan(20e6)
  })

  test('new features may come and old ones vanish', () => {
    const choice = learned([{ stems: ['~roster'], given: 1 }, { stems: ['~roster'], given: 1 }])
    const [belief] = scoreChoices(choice, ['~roster', '~never'], [1, 2])
    expect(belief).toBeGreaterThan(0.5)
    expect(scoreChoices(choice, ['~other'], [1, 2])).toEqual([0.5, 0.5])
  })

  test('words call for the answer they came with, best first, no more than asked for', () => {
    const choice = emptyChoice()
    for (let i = 0; i < 20; i++) {
      learnChoice(choice, ['~refund', '~please'], [7, 8, 9], 8)
      learnChoice(choice, ['~roster', '~please'], [7, 8, 9], 9)
    }
    const found = findChoices(choice, ['~refund', '~please'], 2)
    expect(found.map(f => f.answer)[0]).toBe(8)
    expect(found).toHaveLength(2)
    expect(found[0]?.logit).toBeGreaterThanOrEqual(found[1]?.logit ?? Infinity)
    expect(scoreChoices(choice, ['~roster', '~please'], [7, 8, 9]).map(b => b > 0.5)).toEqual([false, false, true])
  })

  test('a word that came once has no weights, and a word speaks for sixty answers at most', () => {
    const choice = emptyChoice()
    learnChoice(choice, ['~once'], [0, 1], 1)
    expect(findChoices(choice, ['~once'], 5)).toEqual([])
    for (let i = 0; i < 200; i++) learnChoice(choice, ['~please'], [i, i + 1], i)
    expect(findChoices(choice, ['~please'], 1_000).length).toBeLessThanOrEqual(60)
  })

  test('features are stems and their neighbours, 160 at most', () => {
    expect(featuresOf(['~a', '~b', '~c'])).toEqual(['~a', '~b', '~c', '~a ~b', '~b ~c'])
    expect(featuresOf(Array.from({ length: 120 }, (_, i) => `~${i}`))).toHaveLength(160)
    expect(featuresOf([])).toEqual([])
  })
})
