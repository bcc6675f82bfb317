// How good scores are: pure, for the page of accuracy and for the report of a backtest alike.
import { upperBound } from '../learn/gate.ts'

/** A draft that an agent has answered: its score, and whether it would have been sent as is or lightly edited. */
export interface Judged { score: number, good: boolean }

export interface Bin { from: number, to: number, n: number, score: number, good: number }

export interface CurvePoint { threshold: number, coverage: number, precision: number, worst: number }

/** What notes from one score on would have meant. */
export interface Over {
  threshold: number, drafts: number, good: number, coverage: number, drafts_per_week: number, wrong_per_week: number
}

/** Scores beside what became of them, in ten bins of equal width; empty bins are left out. */
export function binsOf (judged: Judged[]): Bin[] {
  return Array.from({ length: 10 }, (_, i) => {
    const of = judged.filter(d => Math.min(9, Math.floor(d.score * 10)) === i)
    return {
      from: i / 10,
      to: (i + 1) / 10,
      n: of.length,
      score: of.reduce((sum, d) => sum + d.score, 0) / (of.length || 1),
      good: of.filter(d => d.good).length / (of.length || 1)
    }
  }).filter(bin => bin.n > 0)
}

/** Expected calibration error over these bins, 0 to 1 (Guo et al. 2017); null of nothing. */
export function calibrationErrorOf (bins: Bin[]): number | null {
  const n = bins.reduce((sum, b) => sum + b.n, 0)
  return n === 0 ? null : bins.reduce((sum, b) => sum + b.n * Math.abs(b.score - b.good), 0) / n
}

/**
 * What the calibration error would be by chance alone, had every score been the true one: in each bin the mean distance of
 * a binomial from its mean (de Moivre 1730; Diaconis & Zabell 1991, doi 10.1214/ss/1177011699). Null of nothing.
 */
export function chanceErrorOf (bins: Bin[]): number | null {
  const n = bins.reduce((sum, b) => sum + b.n, 0)
  return n === 0 ? null : bins.reduce((sum, b) => sum + meanDistanceOf(b.n, b.score), 0) / n
}

// Of the count of successes in n trials from its mean: 2 m (n over m) p^m (1 - p)^(n - m + 1), m the next whole number
// above the mean.
function meanDistanceOf (n: number, p: number): number {
  if (p <= 0 || p >= 1) return 0
  const m = Math.floor(n * p) + 1
  let log = Math.log(2 * m) + m * Math.log(p) + (n - m + 1) * Math.log(1 - p)
  for (let i = 1; i <= m; i++) log += Math.log((n - m + i) / i)
  return Math.exp(log)
}

/** Mean score minus share that was good, -1 to 1: above 0 the scores promise too much. Null of nothing. */
export function gapOf (bins: Bin[]): number | null {
  const n = bins.reduce((sum, b) => sum + b.n, 0)
  return n === 0 ? null : bins.reduce((sum, b) => sum + b.n * (b.score - b.good), 0) / n
}

/** From strict to loose: how many questions a threshold would cover, and how many of these drafts would be good. */
export function coverageOf (judged: Judged[], points = 60): CurvePoint[] {
  const sorted = [...judged].sort((a, b) => b.score - a.score)
  const curve: CurvePoint[] = []
  let good = 0
  const step = Math.max(10, Math.floor(sorted.length / points))
  for (const [i, d] of sorted.entries()) {
    if (d.good) good++
    const n = i + 1
    if (n < 20 || (n % step !== 0 && n !== sorted.length)) continue
    const worst = 1 - upperBound(n - good, n, 0.05)
    curve.push({ threshold: d.score, coverage: n / sorted.length, precision: good / n, worst })
  }
  return curve
}

/** Null: nothing lies over it, or no time is known. `weeks`: the time that the drafts cover. */
export function overThreshold (judged: Judged[], threshold: number, weeks: number): Over | null {
  const over = judged.filter(d => d.score >= threshold)
  if (over.length === 0 || weeks <= 0) return null
  const good = over.filter(d => d.good).length
  return {
    threshold,
    drafts: over.length,
    good,
    coverage: over.length / judged.length,
    drafts_per_week: over.length / weeks,
    wrong_per_week: (over.length - good) / weeks
  }
}
