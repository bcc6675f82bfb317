// How surprising the newest ticket of a topic is: the least likely of several trailing windows that end with it.
// Tested when a ticket comes, not on a grid: silence needs no test.
import type { Baseline } from './baseline.ts'
import { meanOf } from './baseline.ts'
import { sizeOf, upperTail } from './tail.ts'
import { HOUR } from './week-clock.ts'

export interface Arrivals { at: number[], id: number[], account: string[], head: number }

export interface Surprise { p: number, window: number, from: number, count: number, mean: number }

/** Relative variances, except `phi`; `rhythm` is that of the hour of the week. */
export interface Law { phi: number, unrest: number, rhythm: number, extra: number }

const SHORTEST = 900                                 // seconds: what comes together faster is one clump
const STEP = 1.2
const AS_ONE = 3 * HOUR                             // so long a rhythm is off in one direction
const USUAL = 2 ** 2                                // squared standard deviations
const LEAST = 3                                     // tickets, and accounts, below which nothing is told
const MOST_KEPT = 4000

export function emptyArrivals (): Arrivals {
  return { at: [], id: [], account: [], head: 0 }
}

/** Adds an arrival and lets go of what no window reaches. Changes `arrivals`. */
export function addArrival (arrivals: Arrivals, at: number, id: number, account: string): void {
  arrivals.at.push(at)
  arrivals.id.push(id)
  arrivals.account.push(account)
  while ((arrivals.at[arrivals.head] ?? at) < at - 72 * HOUR ||
    arrivals.at.length - arrivals.head > MOST_KEPT) arrivals.head++
  if (arrivals.head < 64 || arrivals.head * 2 < arrivals.at.length) return
  for (const list of [arrivals.at, arrivals.id, arrivals.account]) list.splice(0, arrivals.head)
  arrivals.head = 0
}

/** Whether an account is among the arrivals since then. */
export function hasWritten (arrivals: Arrivals, account: string, since: number): boolean {
  for (let i = arrivals.at.length - 1; i >= arrivals.head && (arrivals.at[i] ?? 0) >= since; i--) {
    if (arrivals.account[i] === account) return true
  }
  return false
}

/** Place of the first arrival after `from`. */
export function firstAfter (arrivals: Arrivals, from: number): number {
  let low = arrivals.head
  let high = arrivals.at.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((arrivals.at[middle] ?? 0) > from) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Upper tail of the arrivals up to `t`, over the windows that begin with an earlier arrival after `notBefore` (only these
 * can be the most surprising: a longer one expects more and holds no more; compare Ward, Dilillo, Eckley and Fearnhead
 * 2023, Poisson-FOCuS); counts rise by a fifth from window to window. p = 1 when nothing is unusual.
 * Variance of a window: phi x mean + (unrest of days + doubt of the rhythm + level uncertainty + extra) x mean^2.
 */
export function surpriseAt (arrivals: Arrivals, baseline: Baseline, law: Law, hour: number, perHour: number,
  t: number, notBefore: number): Surprise {
  let best: Surprise = { p: 1, window: 0, from: t, count: 0, mean: 0 }
  const end = arrivals.at.length
  for (let count = LEAST; end - count >= arrivals.head; count = Math.max(count + 1, Math.floor(count * STEP))) {
    const began = arrivals.at[end - count] ?? t
    if (began <= notBefore) break
    const window = Math.max(SHORTEST, t - began)
    const from = t - window
    const mean = Math.max(1e-4, meanOf(baseline, hour, perHour, from, t))
    if (count < mean * 1.15 + 1) continue
    const spread = spreadOf(law, baseline, mean, window)
    // The tail of this law is never lighter than the normal one's
    if ((count - mean) ** 2 < USUAL * (mean + spread * mean * mean)) continue
    const p = upperTail(count, mean, sizeOf(spread))
    if (p < best.p && accountsFrom(arrivals, end - count) >= LEAST) best = { p, window, from: began - 1, count, mean }
  }
  return best
}

/** p of the one window that begins at `from`, by the same law. */
export function surpriseSince (arrivals: Arrivals, baseline: Baseline, law: Law, hour: number, perHour: number,
  t: number, from: number): number {
  const count = arrivals.at.length - firstAfter(arrivals, from - 1)
  const mean = Math.max(1e-4, meanOf(baseline, hour, perHour, from, t))
  return upperTail(count, mean, sizeOf(spreadOf(law, baseline, mean, t - from)))
}

function spreadOf (law: Law, baseline: Baseline, mean: number, window: number): number {
  const days = window > 24 * HOUR ? law.unrest * 0.6 : law.unrest
  const rhythm = law.rhythm * Math.min(1, AS_ONE / window)
  return (law.phi - 1) / mean + days + rhythm + 1 / baseline.a + law.extra
}

function accountsFrom (arrivals: Arrivals, first: number): number {
  const seen = new Set<string>()
  for (let i = first; i < arrivals.account.length && seen.size < LEAST; i++) seen.add(arrivals.account[i] ?? '')
  return seen.size
}
