// Slow change: the share of tickets that escalate or cancel, or the volume of a topic, creeping up over weeks.
// Cumulative sums of likelihood ratios (Page 1954) against a baseline that lags three weeks, so that the drift itself
// does not become the measure it is held to. The functions change the state in place.
import { WEEK } from './week-clock.ts'

export type Metric = 'esc' | 'cancel' | 'volume'

export interface Share {
  hits: number, n: number                           // the lagging baseline
  weeks: Array<{ hits: number, n: number }>         // weeks not yet in it; the last is the running one
  sum: number                                       // Page's statistic, in nats
  tickets: number[]                                 // hits since the sum was last zero, the newest
}

export interface Volume { sum: number, rising: number, level: number, days: number }

const LAG = 3
const KEEP = 0.97                                   // per week
const LEAST = 60                                    // tickets of baseline before anything is told
const MOST_TICKETS = 60
const PRIOR = 40                                    // tickets' worth of the desk's share in a topic's

export function emptyShare (): Share {
  return { hits: 0, n: 0, weeks: [{ hits: 0, n: 0 }], sum: 0, tickets: [] }
}

/** A week ends: the week that has become old enough joins the baseline. */
export function closeWeek (share: Share): void {
  share.hits *= KEEP
  share.n *= KEEP
  share.weeks.push({ hits: 0, n: 0 })
  while (share.weeks.length > LAG + 1) {
    const old = share.weeks.shift()
    share.hits += old?.hits ?? 0
    share.n += old?.n ?? 0
  }
}

/** Baseline share, 0 to 1, leaning on `around` (the desk's share) while there is little of its own. */
export function baseShare (share: Share, around: number | null): number {
  const prior = around ?? 0.05
  const worth = around === null ? 2 : PRIOR
  return Math.min(0.5, Math.max(0.002, (share.hits + worth * prior) / (share.n + worth)))
}

/** Share of hits in the weeks that are not yet in the baseline, 0 to 1; 0 without tickets. */
export function shareNow (share: Share): number {
  const n = share.weeks.reduce((a, w) => a + w.n, 0)
  return n === 0 ? 0 : share.weeks.reduce((a, w) => a + w.hits, 0) / n
}

/** How the last weeks compare with the baseline; 1 when alike. */
export function riseOf (share: Share): number {
  const hits = share.weeks.reduce((a, w) => a + w.hits, 0)
  const n = share.weeks.reduce((a, w) => a + w.n, 0)
  if (n < 200 || share.n < 200) return 1
  return (hits / n) / baseShare(share, null)
}

/** One ticket: hit or not. `times`: the rise that is looked for; `base`: the share without drift. Returns the sum. */
export function addShare (share: Share, hit: boolean, id: number, base: number, times: number): number {
  const week = share.weeks.at(-1)
  if (week !== undefined) {
    week.n++
    if (hit) week.hits++
  }
  if (share.n < LEAST) return 0
  const risen = Math.min(0.9, base * times)
  share.sum = Math.max(0, share.sum + (hit ? Math.log(risen / base) : Math.log((1 - risen) / (1 - base))))
  if (share.sum === 0) share.tickets = []
  if (hit) share.tickets.push(id)
  if (share.tickets.length > MOST_TICKETS) share.tickets.shift()
  return share.sum
}

/** After it was told, or grown stale: what is now is the new normal. */
export function acceptShare (share: Share): void {
  share.sum = 0
  share.tickets = []
  for (const week of share.weeks) {
    share.hits += week.hits * 2
    share.n += week.n * 2
  }
  share.weeks = [{ hits: 0, n: 0 }]
}

export function emptyVolume (): Volume {
  return { sum: 0, rising: 0, level: 0, days: 0 }
}

const SLOW = 2 ** (-1 / (10 * 7))                   // per day: half in ten weeks
const SETTLING = 21                                 // days before levels are worth comparing
const RISEN = 1.4                                   // what an operator would care for
const MOST_OF_A_DAY = 1.5                           // nats: a drift takes many days, an outbreak is no drift
const LEAST_DAYS = 6

/**
 * One day of a topic, as a step of a cumulative sum of likelihood ratios (Page 1954) of two negative binomial laws: as many
 * as its slow level lets expect, or 1.4 times as many. `level`: logarithm of its part in the desk's level now, so that
 * growth of all is no drift; `count`, `mean`: tickets of the day, and expected of it at this level; `spread`: relative
 * variance of its days beyond chance. Returns the sum in nats; 0 while too little is known or the rise is too young.
 */
export function addDay (volume: Volume, level: number, count: number, mean: number, spread: number): number {
  volume.days++
  const settled = volume.days - SETTLING
  if (settled <= 0) return 0
  const fade = Math.min(SLOW, 1 - 1 / settled)
  const usual = mean * Math.exp(volume.level - level)
  volume.level = fade * volume.level + (1 - fade) * level
  if (settled <= 21 || usual <= 0) return 0
  const size = 1 / spread
  const risen = RISEN * usual
  const step = count * Math.log(RISEN * (size + usual) / (size + risen)) -
    size * Math.log((size + risen) / (size + usual))
  volume.sum = Math.max(0, volume.sum + Math.max(-MOST_OF_A_DAY, Math.min(MOST_OF_A_DAY, step)))
  volume.rising = volume.sum === 0 ? 0 : volume.rising + 1
  return volume.rising < LEAST_DAYS ? 0 : volume.sum
}

export const weekOf = (t: number): number => Math.floor(t / WEEK)
