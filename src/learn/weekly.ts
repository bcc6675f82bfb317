// Counts by week: is the newest week above what the weeks before it let expect? An outbreak lasts: after a week that was
// itself unlikely the next one needs less to be called, after an ordinary week a little more.
import { sizeOf, upperTail } from './tail.ts'
import { predictWeek } from './week-fit.ts'

export interface WeekVerdict { p: number, alone: number, mean: number }

const LEAST_WEEKS = 12
const MOST_WEEKS = 520
// How much the last week and the one before it count. Their sum is below one: what an outbreak shows is not all in the past
const CARRY = [0.45, 0.2]
const MOST_WEIGHT = 30                              // a week that is nothing by itself is never called
const LEAST_P = 1e-4                                // two weeks after an outbreak, an ordinary week is none

/**
 * How unlikely the last count is, given only the counts before it (oldest first). `before`: `alone` of the weeks before it,
 * oldest first, as far as known; the last two are used.
 *
 * `alone`: upper tail probability of this week by itself, 0 to 1, counting half of those just as high (mid-p, Lancaster 1961),
 * so that small counts are called as often as large ones. `p`: `alone` over a weight that depends on the weeks before only and
 * is one on average while nothing happens, so that as many calm weeks are called as without it (weighted hypotheses,
 * Genovese, Roeder & Wasserman 2006): the weight is (1 - c) u^-c for each earlier p-value u, which the uniform law of u
 * takes to one. `mean`: expected count. With less than 12 weeks behind it p is 1.
 */
export function judgeWeek (counts: number[], before: number[] = []): WeekVerdict {
  const last = counts.length - 1
  const now = counts[last] ?? 0
  const past = counts.slice(Math.max(0, last - MOST_WEEKS), Math.max(0, last))
  const average = past.reduce((a, b) => a + b, 0) / Math.max(1, past.length)
  if (past.length < LEAST_WEEKS) return { p: 1, alone: 1, mean: average }
  const { mean, phi, doubt } = predictWeek(past)
  const size = sizeOf((phi - 1) / mean + phi * doubt)
  const alone = (upperTail(now, mean, size) + upperTail(now + 1, mean, size)) / 2
  return { p: Math.min(1, alone / weightOf(before)), alone, mean }
}

/** Judges the last `weeks` of a series, each by what came before it. */
export function judgeWeeks (counts: number[], weeks: number): WeekVerdict[] {
  const from = Math.max(0, counts.length - weeks)
  const verdicts: WeekVerdict[] = []
  for (let week = Math.max(0, from - CARRY.length); week < counts.length; week++) {
    verdicts.push(judgeWeek(counts.slice(0, week + 1), verdicts.slice(-CARRY.length).map(verdict => verdict.alone)))
  }
  return verdicts.slice(Math.max(0, verdicts.length - weeks))
}

function weightOf (before: number[]): number {
  const weight = CARRY.reduce((product, carry, i) => {
    const known = before.at(-1 - i)
    return known === undefined ? product : product * (1 - carry) * Math.max(LEAST_P, known) ** -carry
  }, 1)
  return Math.min(MOST_WEIGHT, weight)
}
