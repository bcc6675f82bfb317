// What textbooks would say of the newest week, for comparison on the same counts: the flexible Farrington method (Noufaily et al.
// 2013, as R's surveillance::farringtonFlexible documents it) and a regression with one season. Nothing of our own is used
// but the tail of the law.
import { sizeOf, upperTail } from '../../src/learn/tail.ts'

const YEAR = 52
const YEARS = 5
const HALF_WINDOW = 3
const PERIODS = 10
const LEFT_OUT = 26                                 // newest weeks, which may belong to an outbreak
const FAR = 2.58

/** P of the last count under the flexible Farrington method: five years, ten parts of the year, trend, far weeks weigh less. */
export function farrington (counts: number[]): number {
  const last = counts.length - 1
  const rows: number[][] = []
  const past: number[] = []
  for (let week = Math.max(0, last - YEARS * YEAR - HALF_WINDOW); week < last - LEFT_OUT; week++) {
    rows.push(rowOf(week, last))
    past.push(counts[week] ?? 0)
  }
  const first = fit(rows, past, past.map(() => 1))
  const raw = past.map((count, i) => {
    const residual = anscombe(count, first.means[i] ?? 1, first.phi) / Math.sqrt(1 - (first.leverage[i] ?? 0))
    return residual > FAR ? residual ** -2 : 1
  })
  const scale = past.length / raw.reduce((a, b) => a + b, 0)
  const second = fit(rows, past, raw.map(w => w * scale))
  return tailAt(counts[last] ?? 0, predict(rowOf(last, last), second.beta), second.phi)
}

/** P of the last count under a negative binomial regression on all weeks before: level, trend and one harmonic. */
export function regression (counts: number[]): number {
  const last = counts.length - 1
  const row = (week: number): number[] =>
    [1, (week - last) / 100, Math.cos(2 * Math.PI * week / YEAR), Math.sin(2 * Math.PI * week / YEAR)]
  const past = counts.slice(0, last)
  const { beta, phi } = fit(past.map((_, week) => row(week)), past, past.map(() => 1))
  return tailAt(counts[last] ?? 0, predict(row(last), beta), phi)
}

function tailAt (count: number, mean: number, phi: number): number {
  return upperTail(count, mean, sizeOf(Math.max(0, phi - 1) / mean))
}

// Level, trend, and a column for each part of the year but the one around the week in question
function rowOf (week: number, now: number): number[] {
  const away = (((week - now + HALF_WINDOW) % YEAR) + YEAR) % YEAR
  const window = 2 * HALF_WINDOW + 1
  const part = away < window ? 0 : 1 + Math.floor((away - window) * (PERIODS - 1) / (YEAR - window))
  return [1, (week - now) / 100, ...Array.from({ length: PERIODS - 1 }, (_, i) => part === i + 1 ? 1 : 0)]
}

function anscombe (count: number, mean: number, phi: number): number {
  return 1.5 * (count ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * Math.sqrt(phi))
}

function predict (row: number[], beta: number[]): number {
  return Math.exp(Math.max(-8, Math.min(12, row.reduce((sum, x, j) => sum + x * (beta[j] ?? 0), 0))))
}

interface Fit { beta: number[], means: number[], phi: number, leverage: number[] }

// Quasi-Poisson regression by iteratively re-weighted least squares
function fit (rows: number[][], counts: number[], weights: number[]): Fit {
  const average = counts.reduce((a, b) => a + b, 0) / Math.max(1, counts.length)
  let beta = (rows[0] ?? []).map((_, j) => j === 0 ? Math.log(average + 0.05) : 0)
  let inverse: number[][] = []
  for (let step = 0; step < 8; step++) {
    const left: number[][] = beta.map((_, j) => beta.map((__, k) => j === k ? 1e-4 : 0))
    const right = beta.map(() => 0)
    rows.forEach((row, i) => {
      const mean = predict(row, beta)
      const weight = (weights[i] ?? 0) * mean
      const target = Math.log(mean) + ((counts[i] ?? 0) - mean) / mean
      row.forEach((x, j) => {
        right[j] = (right[j] ?? 0) + weight * x * target
        const line = left[j] ?? []
        row.forEach((y, k) => { line[k] = (line[k] ?? 0) + weight * x * y })
      })
    })
    inverse = invert(left)
    beta = inverse.map(line => line.reduce((sum, x, j) => sum + x * (right[j] ?? 0), 0))
  }
  const means = rows.map(row => predict(row, beta))
  const misses = counts.reduce((sum, count, i) => {
    const mean = means[i] ?? 1
    return sum + (weights[i] ?? 0) * (count - mean) ** 2 / mean
  }, 0)
  const leverage = rows.map((row, i) => Math.min(0.9, (weights[i] ?? 0) * (means[i] ?? 0) *
    row.reduce((sum, x, j) => sum + x * row.reduce((inner, y, k) => inner + y * (inverse[j]?.[k] ?? 0), 0), 0)))
  return { beta, means, phi: Math.max(1, misses / Math.max(1, counts.length - beta.length)), leverage }
}

function invert (matrix: number[][]): number[][] {
  const size = matrix.length
  const work = matrix.map((line, i) => [...line, ...line.map((_, j) => i === j ? 1 : 0)])
  for (let i = 0; i < size; i++) {
    const own = (work[i] ?? []).map(x => x / (work[i]?.[i] ?? 1))
    work[i] = own
    for (let r = 0; r < size; r++) {
      const factor = work[r]?.[i] ?? 0
      if (r !== i) work[r] = (work[r] ?? []).map((x, j) => x - factor * (own[j] ?? 0))
    }
  }
  return work.map(line => line.slice(size))
}
