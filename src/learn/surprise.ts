// How surprising the newest ticket of a topic is: the least likely of several trailing windows that end with it.
// Tested when a ticket comes, not on a grid: silence needs no test.
import type { Baseline } from './baseline.ts'
import { meanOf } from './baseline.ts'
import { sizeOf, upperTail } from './tail.ts'
import { HOUR } from './week-clock.ts'

export interface Arrivals { at: number[], id: number[], account: string[], head: number }

export interface Surprise { p: number, window: number, from: number, count: number, mean: number }

export interface Law { phi: number, unrest: number, extra: number }

export const WINDOWS = [0.25, 1, 3, 8, 24, 72].map(hours => hours * HOUR)
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
 * Upper tail of the arrivals up to `t`, over all windows that begin after `notBefore`; p = 1 when nothing is unusual.
 * Variance of a window: phi x mean + (unrest of days + level uncertainty + extra) x mean^2.
 */
export function surpriseAt (arrivals: Arrivals, baseline: Baseline, law: Law, hour: number, perHour: number,
  t: number, notBefore: number): Surprise {
  let best: Surprise = { p: 1, window: 0, from: t, count: 0, mean: 0 }
  for (const window of WINDOWS) {
    const from = Math.max(t - window, notBefore)
    const first = firstAfter(arrivals, from)
    const count = arrivals.at.length - first
    if (count < LEAST) continue
    const mean = Math.max(1e-4, meanOf(baseline, hour, perHour, from, t))
    if (count < mean * 1.15 + 1) continue
    const days = window > 24 * HOUR ? law.unrest * 0.6 : law.unrest
    const p = upperTail(count, mean, sizeOf((law.phi - 1) / mean + days + 1 / baseline.a + law.extra))
    if (p < best.p && accountsFrom(arrivals, first) >= LEAST) best = { p, window, from, count, mean }
    if (from === notBefore) break
  }
  return best
}

function accountsFrom (arrivals: Arrivals, first: number): number {
  const seen = new Set<string>()
  for (let i = first; i < arrivals.account.length && seen.size < LEAST; i++) seen.add(arrivals.account[i] ?? '')
  return seen.size
}
