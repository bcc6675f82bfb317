// Counts by week: is the newest week above what the weeks before it let expect? A log-linear regression (level, slope,
// two harmonics of the year) with fading weights, after Farrington et al. 1996 and Noufaily et al. 2013; weeks that were
// themselves outbreaks weigh less by their Anscombe residual. Tested over one week and over two.
import { sizeOf, upperTail } from './tail.ts'

export interface WeekVerdict { p: number, mean: number }

const FADE = 0.998                                  // per week
const YEAR = 52.18
const LEAST_WEEKS = 12
const ROUNDS = 6
const FIT_ROUNDS = 3                                // of re-weighting
const HARMONICS_FROM = 104                          // weeks
const MOST_WEEKS = 520
const TWO_LOOKS = 1.2

/**
 * Upper tail probability of the last count, given only the counts before it. `before`: p of the week before by itself
 * (1 when unknown): an outbreak that was already seen is not counted a second time.
 */
export function judgeWeek (counts: number[], before = 1): WeekVerdict & { alone: number } {
  const last = counts.length - 1
  const now = counts[last] ?? 0
  const past = counts.slice(Math.max(0, last - MOST_WEEKS), last)
  if (past.length < LEAST_WEEKS) {
    return {
      p: 1, alone: 1, mean: past.reduce((a, b) => a + b, 0) / Math.max(1,
        past.length)
    }
  }
  const fit = fitWeeks(past)
  const rowNow = rowOf(past.length, past.length, fit.harmonics)
  const mean = expected(rowNow, fit.beta)
  const doubt = Math.min(2, quadratic(rowNow, fit.covariance))
  const alone = upperTail(now, mean, sizeOf((fit.phi - 1) / mean + fit.phi * doubt))
  if (before < 0.02) return { p: alone, alone, mean }
  const meanBefore = expected(rowOf(past.length - 1, past.length, fit.harmonics), fit.beta)
  const both = mean + meanBefore
  const two = upperTail(now + (past.at(-1) ?? 0), both, sizeOf((fit.phi - 1) / both + fit.phi * doubt))
  // Two looks at the data, strongly dependent
  return { p: Math.min(1, TWO_LOOKS * Math.min(alone, two)), alone, mean }
}

interface Fit { beta: number[], covariance: number[][], phi: number, harmonics: number }

function fitWeeks (past: number[]): Fit {
  const n = past.length
  const harmonics = n < HARMONICS_FROM ? 0 : 2
  const rows = past.map((_, i) => rowOf(i, n, harmonics))
  const fade = past.map((_, i) => FADE ** (n - i))
  let trust = past.map(() => 1)
  const average = past.reduce((a, b) => a + b, 0) / n
  let beta = rowOf(0, n, harmonics).map((_, j) => j === 0 ? Math.log(average + 0.05) : 0)
  let covariance: number[][] = []
  let phi = 1
  for (let round = 0; round < FIT_ROUNDS; round++) {
    for (let step = 0; step < (round === 0 ? ROUNDS : 2); step++) {
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
    phi = Math.max(1, sum / Math.max(1, worth * (1 - beta.length / n)))
    trust = past.map((count, i) => {
      const mean = means[i] ?? 1
      const residual = 1.5 * (count ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * Math.sqrt(phi))
      return residual > 2.58 ? (2.58 / residual) ** 2 : 1
    })
  }
  return { beta, covariance, phi, harmonics }
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

function rowOf (i: number, n: number, harmonics: number): number[] {
  const row = [1, (i - n) / 100]
  for (let h = 1; h <= harmonics; h++) {
    row.push(Math.cos(2 * Math.PI * h * i / YEAR),
      Math.sin(2 * Math.PI * h * i / YEAR))
  }
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
