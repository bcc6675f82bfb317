// What the weeks before let expect of the next one: a log-linear regression (level, slope, two harmonics of the year) with
// fading weights, after Farrington et al. 1996 and Noufaily et al. 2013. Weeks that were themselves outbreaks weigh less.
import { sizeOf } from './tail.ts'

const FADE = 0.998                                  // per week
const YEARS = [52.18, 52]                           // weeks in a year; many series leave out week 53
const ROUNDS = 6
const FIT_ROUNDS = 3                                // of re-weighting
const HARMONICS_FROM = 104                          // weeks
const FAR = 2.58
const MOST_COUNTED = 5000

/**
 * Expected count of the week after `past` (counts, oldest first, at least one). `phi`: variance of a count over its mean, at
 * least 1; `doubt`: variance of the logarithm of `mean`, 0 to 2.
 */
export function predictWeek (past: number[]): { mean: number, phi: number, doubt: number } {
  const years = past.length < HARMONICS_FROM ? YEARS.slice(0, 1) : YEARS
  const fits = years.map(year => ({ year, ...beginFit(past, year) }))
  const best = fits.reduce((a, b) => b.deviance < a.deviance ? b : a)
  const { beta, covariance, phi } = fitWeeks(past, best.rows, best.beta)
  const row = rowOf(past.length, past.length, best.year)
  return { mean: expected(row, beta), phi, doubt: Math.min(2, quadratic(row, covariance)) }
}

// By all weeks alike; the year whose harmonics fit better is the one that the series is made of
function beginFit (past: number[], year: number): { rows: number[][], beta: number[], deviance: number } {
  const n = past.length
  const rows = past.map((_, i) => rowOf(i, n, year))
  const weights = past.map((_, i) => FADE ** (n - i))
  const average = past.reduce((a, b) => a + b, 0) / n
  let beta = rowOf(0, n, year).map((_, j) => j === 0 ? Math.log(average + 0.05) : 0)
  for (let step = 0; step < ROUNDS; step++) beta = stepOf(rows, past, weights, beta).beta
  const deviance = past.reduce((sum, count, i) => {
    const mean = expected(rows[i] ?? [], beta)
    return sum + 2 * (weights[i] ?? 0) * ((count === 0 ? 0 : count * Math.log(count / mean)) - count + mean)
  }, 0)
  return { rows, beta, deviance }
}

interface Fit { beta: number[], covariance: number[][], phi: number }

function fitWeeks (past: number[], rows: number[][], begun: number[]): Fit {
  const n = past.length
  const fade = past.map((_, i) => FADE ** (n - i))
  let trust = past.map(() => 1)
  let beta = begun
  let covariance: number[][] = []
  let phi = 1
  for (let round = 0; round < FIT_ROUNDS; round++) {
    for (let step = 0; step < (round === 0 ? 1 : 2); step++) {
      const weights = past.map((_, i) => (fade[i] ?? 0) * (trust[i] ?? 0))
      ;({ beta, covariance } = stepOf(rows, past, weights, beta))
    }
    const means = rows.map(row => expected(row, beta))
    let sum = 0
    let worth = 0
    for (const [i, count] of past.entries()) {
      const mean = means[i] ?? 1
      // Trust counts twice here: an old outbreak must not widen what is thought usual
      const weight = (fade[i] ?? 0) * (trust[i] ?? 0) ** 2
      sum += weight * (count - mean) ** 2 / mean
      worth += weight
    }
    const seen = Math.max(1, sum / Math.max(1, worth * (1 - beta.length / n)))
    phi = round === 0 ? seen : Math.max(1, seen / keptOf(weightedMean(means, fade), phi))
    trust = past.map((count, i) => trustOf(count, means[i] ?? 1, phi))
  }
  return { beta, covariance, phi }
}

// A week far above its mean was an outbreak: it weighs less, by its Anscombe residual (Noufaily et al. 2013)
function trustOf (count: number, mean: number, phi: number): number {
  const residual = 1.5 * (count ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * Math.sqrt(phi))
  return residual > FAR ? (FAR / residual) ** 2 : 1
}

// What is left of the dispersion when far weeks weigh less, though no week was an outbreak: where counts are few or
// clumped, far weeks are ordinary, and without this correction the dispersion would be thought a fifth too small.
function keptOf (mean: number, phi: number): number {
  const size = sizeOf(Math.max(1e-6, phi - 1) / mean)
  const share = mean / (size + mean)
  let term = Math.exp(-size * Math.log1p(mean / size))
  let left = 1
  let miss = 0
  let worth = 0
  for (let n = 0; n < MOST_COUNTED && left > 1e-7; n++) {
    const weight = term * trustOf(n, mean, phi) ** 2
    miss += weight * (n - mean) ** 2 / mean
    worth += weight
    left -= term
    term *= (n + size) / (n + 1) * share
  }
  return Math.max(0.5, Math.min(1, miss / worth / phi))
}

function weightedMean (values: number[], weights: number[]): number {
  return values.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0) / weights.reduce((a, b) => a + b, 0)
}

// One step of iteratively re-weighted least squares for the Poisson law with a logarithmic link.
function stepOf (rows: number[][], counts: number[], weights: number[], beta: number[]): {
  beta: number[],
  covariance: number[][]
} {
  const size = beta.length
  const left = Array.from({ length: size }, (_, j) => Array.from({ length: size }, (_, k) =>
    j === k ? RIDGE[Math.min(j, 2)] ?? 0 : 0))
  const right = beta.map(() => 0)
  for (const [i, row] of rows.entries()) {
    const mean = expected(row, beta)
    const weight = (weights[i] ?? 0) * mean
    const target = Math.log(mean) + ((counts[i] ?? 0) - mean) / mean
    for (let j = 0; j < size; j++) {
      const part = weight * (row[j] ?? 0)
      right[j] = (right[j] ?? 0) + part * target
      const line = left[j]
      if (line !== undefined) for (let k = 0; k < size; k++) line[k] = (line[k] ?? 0) + part * (row[k] ?? 0)
    }
  }
  const covariance = invert(left)
  return { covariance, beta: covariance.map(line => line.reduce((sum, c, k) => sum + c * (right[k] ?? 0), 0)) }
}

const RIDGE = [1e-3, 2, 0.5]                        // level, slope, seasons: little data bends neither

function rowOf (i: number, n: number, year: number): number[] {
  const row = [1, (i - n) / 100]
  if (n < HARMONICS_FROM) return row
  for (const h of [1, 2]) row.push(Math.cos(2 * Math.PI * h * i / year), Math.sin(2 * Math.PI * h * i / year))
  return row
}

function expected (row: number[], beta: number[]): number {
  const sum = row.reduce((a, x, j) => a + x * (beta[j] ?? 0), 0)
  return Math.exp(Math.max(-5, Math.min(14, sum)))
}

function quadratic (row: number[], matrix: number[][]): number {
  return row.reduce((sum, x, j) => sum + x * row.reduce((inner, y, k) => inner + y * (matrix[j]?.[k] ?? 0), 0), 0)
}

/** Inverse by Gauss and Jordan; the ridge on its diagonal keeps the matrix regular. */
function invert (matrix: number[][]): number[][] {
  const size = matrix.length
  const work = matrix.map((line, i) => [...line, ...line.map((_, j) => i === j ? 1 : 0)])
  for (let i = 0; i < size; i++) {
    let pivot = i
    for (let r = i + 1; r < size; r++) if (Math.abs(work[r]?.[i] ?? 0) > Math.abs(work[pivot]?.[i] ?? 0)) pivot = r
    const own = work[pivot] ?? []
    work[pivot] = work[i] ?? []
    const scale = own[i] ?? 1
    work[i] = own.map(x => x / scale)
    for (const [r, line] of work.entries()) {
      if (r === i) continue
      const factor = line[i] ?? 0
      work[r] = line.map((x, j) => x - factor * (work[i]?.[j] ?? 0))
    }
  }
  return work.map(line => line.slice(size))
}
