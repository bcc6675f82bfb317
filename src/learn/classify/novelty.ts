// How unlike everything learned an example is. Nine signs, each in units of its usual spread, weighed by a first opinion; each
// example that truly belonged to no class corrects it. Bounded: what is known and what was not are kept as two samples.
import { sigmoid } from '../scorer.ts'

/**
 * `known` and `none`: the signs of examples that belonged to a class and of those that belonged to none, in units of what
 * was usual when they came: a learner gets surer. `chance`: the state of the generator by which they are kept.
 */
export interface Novelty {
  known: number[][], none: number[][], chance: number
  means: number[], squares: number[], seen: number  // moments of the signs of what is known, of late
  weights: number[]
  limit: number                                     // above it lie at most two in a hundred of what is known
  waiting: number                                   // examples since the weights were last found
}

/**
 * What the voters say of an example, by class; the largest share of the logistic; and how much of the example's weight lies in
 * features that came at least twice. Shares are 0 to 1.
 */
export interface Heard {
  logistic: Float64Array, arow: Float64Array, centre: Float64Array, share: number, known: number
}

// The largest share of the logistic (Hendrycks & Gimpel 2017, arXiv 1610.02136), the largest score of each voter, the lead
// of AROW's and the centre's first over its second, how far the first of the two linear voters stands out among the classes,
// known features. The weights are an opinion held before any example without a class has come: the same for every desk.
const FIRST_OPINION = [0, 1, 0.5, 0, 0, 0.5, 0, 0.5, 0.5, 0.3]
const KEPT = 500                                    // of either kind
const KNOWN_ODDS = 0.1                              // of a known one to replace another: the sample is of the last 5,000
const USUAL = 500                                   // examples whose moments are the usual
const OFTEN = 25                                    // known examples from one look at what is usual to the next
const LEAST = 20                                    // known examples before anything is said
// In units of each sign: where texts are all alike, a smaller difference is none.
const LEAST_SPREADS = [0.5, 0.25, 0.1, 0.1, 0.05, 0.05, 0.3, 0.3, 0.05]
const STUBBORN = 2                                  // how firmly the first opinion is held: the precision of the prior
const FEW = 50                                      // examples of none, up to which each is learned from at once
const MOST_STEPS = 20
const FARTHEST = 5                                  // standard deviations: one odd sign says no more
const LOST = 0.02                                   // of what is known, by the limit
const ENOUGH = 100                                  // known examples from which that can be said
const LEAST_LIMIT = 0.98                            // where all are much alike, little is new that differs a little

export function emptyNovelty (seed: number): Novelty {
  return {
    known: [], none: [], chance: seed >>> 0, means: [], squares: [], seen: 0, weights: [...FIRST_OPINION], limit: 1,
    waiting: 0
  }
}

/** The signs of an example, as long as the first opinion without its intercept. O(classes). */
export function signsOf ({ logistic, arow, centre, share, known }: Heard): number[] {
  const l = firstOf(logistic)
  const a = firstOf(arow)
  const c = firstOf(centre)
  const odds = -Math.log(Math.max(1e-6, 1 / share - 1))
  return [odds, l.top, a.top, a.lead, c.top, c.lead, l.apart, a.apart, known]
}

/**
 * How new, 0 to 1; one half: as likely new as known, were both as frequent. 0.5 while fewer than 20 known ones were seen.
 * Before any example without a class has come, one half is where the first opinion finds the usual. Reads only.
 */
export function scoreOne (novelty: Novelty, signs: number[]): number {
  if (novelty.seen < LEAST) return 0.5
  return sigmoid(-dot(novelty.weights, standardized(novelty, signs)))
}

/** Learns the signs of an example as they were before it was learned. O(1); at times O(kept). Changes `novelty`. */
export function learnOne (novelty: Novelty, signs: number[], isKnown: boolean): void {
  if (isKnown) noteUsual(novelty, signs)
  if (novelty.seen < LEAST) return
  const kept = isKnown ? novelty.known : novelty.none
  const x = standardized(novelty, signs)
  if (kept.length < KEPT) kept.push(x)
  else if (!isKnown || draw(novelty) < KNOWN_ODDS) kept[Math.floor(draw(novelty) * KEPT)] = x
  novelty.waiting += isKnown || novelty.none.length > FEW ? 1 : OFTEN
  if (novelty.waiting < OFTEN || novelty.known.length < LEAST) return
  novelty.waiting = 0
  findWeights(novelty)
}

function noteUsual (novelty: Novelty, signs: number[]): void {
  novelty.seen++
  const share = 1 / Math.min(novelty.seen, USUAL)
  for (const [i, sign] of signs.entries()) {
    novelty.means[i] = (novelty.means[i] ?? 0) + share * (sign - (novelty.means[i] ?? 0))
    novelty.squares[i] = (novelty.squares[i] ?? 0) + share * (sign * sign - (novelty.squares[i] ?? 0))
  }
}

function findWeights (novelty: Novelty): void {
  const { known, none } = novelty
  // Known ones weigh together as much as the others do
  const share = none.length / known.length
  if (none.length > 0) {
    novelty.weights = fit([
      ...known.map(x => ({ x, isKnown: 1, weight: share })), ...none.map(x => ({ x, isKnown: 0, weight: 1 }))
    ])
  }
  const scores = known.map(x => sigmoid(-dot(novelty.weights, x))).sort((a, b) => b - a)
  novelty.limit = known.length < ENOUGH ? 1 : Math.max(LEAST_LIMIT, scores[Math.floor(LOST * scores.length)] ?? 1)
}

interface Example { x: number[], isKnown: number, weight: number }

// Logistic regression drawn towards the first opinion (a Gaussian prior around it), by Newton's method, whose steps begin
// at zero: from there they do not run away.
function fit (examples: Example[]): number[] {
  let weights = FIRST_OPINION.map(() => 0)
  for (let step = 0; step < MOST_STEPS; step++) {
    const slope = weights.map((w, i) => i === 0 ? 0 : STUBBORN * (w - (FIRST_OPINION[i] ?? 0)))
    const curve: number[][] = weights.map((_, i) => weights.map((_, j) => i !== j ? 0 : i === 0 ? 1e-3 : STUBBORN))
    for (const { x, isKnown, weight } of examples) {
      const p = sigmoid(dot(weights, x))
      for (const [i, row] of curve.entries()) {
        const xi = x[i] ?? 0
        slope[i] = (slope[i] ?? 0) + weight * (p - isKnown) * xi
        for (let j = 0; j < row.length; j++) row[j] = (row[j] ?? 0) + weight * p * (1 - p) * xi * (x[j] ?? 0)
      }
    }
    const change = solve(curve, slope)
    weights = weights.map((w, i) => w - (change[i] ?? 0))
    if (change.every(c => Math.abs(c) < 1e-4)) break
  }
  return weights
}

// Gauss-Jordan; the matrix is symmetric and, by the prior, positive definite. Changes `rows`.
function solve (rows: number[][], wanted: number[]): number[] {
  const found = [...wanted]
  for (const [i, pivot] of rows.entries()) {
    for (const [r, row] of rows.entries()) {
      if (r === i) continue
      const factor = (row[i] ?? 0) / (pivot[i] ?? 1)
      for (let c = i; c < row.length; c++) row[c] = (row[c] ?? 0) - factor * (pivot[c] ?? 0)
      found[r] = (found[r] ?? 0) - factor * (found[i] ?? 0)
    }
  }
  return found.map((f, i) => f / (rows[i]?.[i] ?? 1))
}

// With a 1 before them, for the intercept.
function standardized ({ means, squares }: Novelty, signs: number[]): number[] {
  const x = signs.map((sign, i) => {
    const mean = means[i] ?? 0
    const spread = Math.max(LEAST_SPREADS[i] ?? 1, Math.sqrt(Math.max(0, (squares[i] ?? 0) - mean * mean)))
    return Math.max(-FARTHEST, Math.min(FARTHEST, (sign - mean) / spread))
  })
  return [1, ...x]
}

function dot (a: number[], b: number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

// The largest score, its lead over the second, and how many standard deviations it stands above the mean.
function firstOf (scores: Float64Array): { top: number, lead: number, apart: number } {
  let [top, second, sum, squares] = [-Infinity, -Infinity, 0, 0]
  for (let c = 0; c < scores.length; c++) {
    const score = scores[c] ?? 0
    sum += score
    squares += score * score
    if (score > top) { second = top; top = score } else if (score > second) second = score
  }
  const mean = sum / scores.length
  const spread = Math.sqrt(Math.max(0, squares / scores.length - mean * mean))
  return { top, lead: second === -Infinity ? 0 : top - second, apart: spread === 0 ? 0 : (top - mean) / spread }
}

// As in replay: a linear congruential generator (Numerical Recipes, 1992).
function draw (novelty: Novelty): number {
  novelty.chance = (Math.imul(novelty.chance, 1664525) + 1013904223) >>> 0
  return novelty.chance / 4294967296
}
