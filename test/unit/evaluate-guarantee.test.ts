// The promise of the gate, tried over many orders: it holds where scores mean something, and its breach is noticed.
import { guaranteeOver } from '../../scripts/evaluate/guarantee.ts'
import type { Decided } from '../../scripts/evaluate/guarantee.ts'
import { makeChance } from '../../scripts/demo/chance.ts'

function decisions (n: number, goodAt: (score: number) => number): Decided[] {
  const chance = makeChance(11)
  return Array.from({ length: n }, (_, i) => {
    const score = chance.next()
    return { score, correct: chance.happens(goodAt(score)), topic: `t${i % 5}` }
  })
}

const usual = (score: number): number => score > 0.6 ? 0.97 : 0.4

test('scores that mean what they say keep the promise, and something is accepted', () => {
  const told = guaranteeOver(decisions(3_000, usual), 20, 7)
  // The second half is a sample too: a run may lie above by chance, but not far and not often
  expect(told.runs_above).toBeLessThanOrEqual(4)
  expect(told.worst).toBeLessThan(0.15)
  expect(told.per_topic.runs_above).toBeLessThanOrEqual(4)
  expect(told.per_topic.own.above).toBeLessThanOrEqual(0.2 * told.per_topic.own.judged)
  expect(told.silent).toBeLessThanOrEqual(5)
  expect(told.coverage).toBeGreaterThan(0.05)
  expect(told.topics.judged).toBeGreaterThan(40)
  expect(told).toEqual(guaranteeOver(decisions(3_000, usual), 20, 7))
})

test('where nothing can be trusted nothing is accepted', () => {
  expect(guaranteeOver(decisions(2_000, () => 0.5), 20, 7)).toMatchObject({
    silent: 20, runs_above: 0, worst: null, coverage: 0
  })
})

const sure = (): Decided[] => decisions(4_000, () => 0.97).map(d => ({ ...d, score: 0.94 + 0.06 * d.score }))

test('one topic that is worse than the others is told apart', () => {
  const mixed = sure().map((d, i) => i % 5 === 0 ? { ...d, correct: i % 40 === 0 } : d)
  const even = guaranteeOver(sure(), 10, 7)
  const told = guaranteeOver(mixed.filter((d, i) => d.topic !== 't0' || i % 20 === 0), 10, 7)
  expect(even.topics.above).toBe(0)
  expect(told.topics.above).toBeGreaterThanOrEqual(5)
  // One threshold for all lets it through; its own does not
  expect(told.per_topic.topics.above).toBeLessThan(told.topics.above)
  expect(told.per_topic.coverage).toBeGreaterThan(0.7)
})
