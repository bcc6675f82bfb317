// What a topic usually brings: rate(t) = level x share of the hour of the week x how busy the whole desk is (G).
// A baseline is large and changes with every hour, so the functions named learn… change it in place.
import { HOUR, HOURS_OF_WEEK } from './week-clock.ts'

export const RING = 96                              // hours of expectation kept, more than the longest window

export interface Baseline {
  a: number                                         // level: Gamma(a, b), a / b tickets per week
  b: number
  own: number[]                                     // tickets by hour of the week, older weeks fading
  n: number                                         // sum of `own`
  whole: number                                     // the same when its running week began: each hour learned as often
  past: number                                      // of the hour learned last, what stood there before
  born: number                                      // number of the hour in which its weeks begin
  cum: number                                       // tickets expected since the beginning, up to the running hour
  ring: number[]                                    // `cum` at the start of each of the last hours, by hour modulo RING
  near: number                                      // clumping: pairs of tickets beyond what comes together by chance
  heard: number                                     // and the tickets that were asked for them
  dayMiss: number                                   // variation of days beyond clumping, and what it is measured by
  dayScale: number
  days: number
  dayCount: number                                  // of the running day
  dayMean: number
  yesterday: { count: number, mean: number }        // of the last day that was closed
}

export type Shape = Pick<Baseline, 'own' | 'n' | 'whole' | 'past' | 'born'>

const LEVEL_HALF_LIFE = 3                           // weeks of exposure
export const SHAPE_FADE = 2 ** (-1 / 7)                    // per week: half in seven
const PRIOR_SHAPE = 0.6
const DAYS_OF_PRIOR = 30
const SPARSE = 0.8                                  // tickets an hour
const CLUMPS_FADE = 0.99                            // per day
const CLUMP = HOUR / 2
const CLUMPS_OF_PRIOR = 600                         // tickets
const MOST_NEAR = 2                                 // of one ticket: an outbreak is no clump

/** A topic that begins now: five tickets in an hour are as good as impossible, yet its level is learned in days. */
export function emptyBaseline (perWeek: number, hour: number): Baseline {
  const perHour = perWeek / HOURS_OF_WEEK
  // What lies before its first ticket counts as expected at the same rate: windows may reach back over it
  const ring = Array.from({ length: RING }, (_, i) => -(((hour - i) % RING) + RING) % RING * perHour)
  return {
    a: PRIOR_SHAPE, b: PRIOR_SHAPE / perWeek, own: Array.from({ length: HOURS_OF_WEEK }, () => 0), n: 0,
    whole: 0, past: 0, born: hour, cum: 0, ring,
    near: 0, heard: 0, dayMiss: 0, dayScale: 0, days: 0, dayCount: 0, dayMean: 0,
    yesterday: { count: 0, mean: 0 }
  }
}

/** The desk's own share of the running hour. The hours of this week that are over were learned once more often. */
export function deskShare (desk: Shape, h: number): number {
  const { own, past, whole } = desk
  return (0.2 * past + 0.6 * (own[h] ?? 0) + 0.2 * (own[(h + 1) % HOURS_OF_WEEK] ?? 0)) / whole
}

/** Adds the hour of this number to a rhythm; `count` is freed from how busy the desk was. */
export function learnShape (shape: Shape, hour: number, h: number, count: number): void {
  const before = shape.own[h] ?? 0
  const after = before * SHAPE_FADE + count
  shape.own[h] = after
  shape.n += after - before
  shape.past = before
  if ((hour + 1 - shape.born) % HOURS_OF_WEEK === 0) shape.whole = shape.n
}

/** Tickets per week. */
export function levelOf (baseline: Baseline): number {
  return baseline.a / baseline.b
}

/**
 * Closes an hour. `count`: account-tickets, already limited; `mean`: what was expected; `exposure`: share of a usual
 * week that the hour was worth (hour's share x G), so that nights and holidays neither teach nor forget.
 */
export function learnHour (baseline: Baseline, hour: number, count: number, mean: number, exposure: number): void {
  const fade = Math.exp(-Math.LN2 / LEVEL_HALF_LIFE * exposure)
  baseline.a = Math.max(PRIOR_SHAPE / 2, fade * baseline.a + count)
  baseline.b = fade * baseline.b + exposure
  baseline.cum += mean
  baseline.ring[(hour + 1) % RING] = baseline.cum
  baseline.dayCount += count
  baseline.dayMean += mean
}

/**
 * A ticket came at `t`: were more others just before it than a little earlier? Compares pairs less than half an hour apart
 * with pairs half an hour to an hour and a half apart (a second-order estimate after Ripley 1976): rhythm, restless days and
 * outbreaks that last put as many into both, so that only clumping is left. `before`: times of the earlier tickets, rising;
 * `perHour`: expected tickets an hour; busy hours are left out, their pairs are chance.
 */
export function learnClumping (baseline: Baseline, before: number[], t: number, perHour: number): void {
  if (perHour >= SPARSE) return
  let near = 0
  let far = 0
  for (let i = before.length - 1; i >= 0; i--) {
    const apart = t - (before[i] ?? 0)
    if (apart >= 3 * CLUMP) break
    if (apart < CLUMP) near++
    else far++
  }
  baseline.near += Math.max(-MOST_NEAR, Math.min(MOST_NEAR, near - far / 2))
  baseline.heard++
}

/** Closes a day: how far it was off, beyond what clumping explains (moment estimate, great misses cut). */
export function learnDay (baseline: Baseline, phi: number, teaches: boolean): void {
  const { dayCount, dayMean } = baseline
  baseline.yesterday = { count: dayCount, mean: dayMean }
  baseline.dayCount = 0
  baseline.dayMean = 0
  baseline.near *= CLUMPS_FADE
  baseline.heard *= CLUMPS_FADE
  if (!teaches || dayMean < 0.05) return
  // A level that fades as it learns is twice as sure of a steady topic as 1 / a, which allows for change
  const noise = phi * dayMean + 0.5 * dayMean * dayMean / Math.max(1, baseline.a)
  const miss = Math.min((dayCount - dayMean) ** 2, 12 * (noise + 0.1 * dayMean * dayMean))
  baseline.dayMiss = baseline.dayMiss * 0.985 + miss - noise
  baseline.dayScale = baseline.dayScale * 0.985 + dayMean * dayMean
  baseline.days = baseline.days * 0.985 + 1
}

/** Clumping of tickets (variance over mean in a short time), 1 to 3, shrunk to the desk's. */
export function clumpingOf (baseline: Baseline, pooled: number): number {
  const more = (2 * baseline.near + CLUMPS_OF_PRIOR * (pooled - 1)) / (baseline.heard + CLUMPS_OF_PRIOR)
  return Math.min(3, Math.max(1, 1 + more))
}

/** Relative variance of a topic's days, shrunk to the desk's. */
export function unrestOf (baseline: Baseline, pooled: number): number {
  const scale = baseline.days > 0 ? DAYS_OF_PRIOR * baseline.dayScale / baseline.days : 1
  const unrest = (baseline.dayMiss + pooled * scale) / (baseline.dayScale + scale)
  return Math.min(1.5, Math.max(pooled / 2, unrest, 0.004))
}

/** Tickets expected in (from, to], `to` inside the running hour whose expectation is `perHour` so far. */
export function meanOf (baseline: Baseline, hour: number, perHour: number, from: number, to: number): number {
  return baseline.cum + perHour * (to / HOUR - hour) - cumAt(baseline, hour, perHour, from)
}

function cumAt (baseline: Baseline, hour: number, perHour: number, at: number): number {
  const then = Math.max(hour - RING + 2, Math.floor(at / HOUR))
  const part = Math.max(0, at / HOUR - then)
  if (then >= hour) return baseline.cum + perHour * part
  const start = baseline.ring[then % RING] ?? 0
  return start + part * ((baseline.ring[(then + 1) % RING] ?? 0) - start)
}
