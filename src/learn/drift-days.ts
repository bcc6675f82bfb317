// What is kept of a topic, or of all topics, to see slow change: its last twelve weeks day by day, and what lies before as one
// sum that fades. The functions change it in place.

import { emptyVolume } from './drift-volume.ts'
import type { Volume } from './drift-volume.ts'

export type Metric = 'esc' | 'cancel' | 'volume'
export type ShareMetric = Exclude<Metric, 'volume'>

/** A sum over days: tickets, those that escalated or cancelled, and how many each lets expect if it were like the desk. */
export interface Sum {
  n: number, esc: number, cancel: number, escUsual: number, cancelUsual: number
  count: number, usual: number                      // account-tickets, and those of the desk at that hour and level
}

/** `days`: closed days, newest last. `ids`: the newest tickets that escalated or cancelled. */
export interface Course {
  days: Array<Pick<Sum, 'n' | 'esc' | 'cancel' | 'count' | 'usual'>>
  before: Sum
  today: { n: number, esc: number, cancel: number }
  ids: Record<ShareMetric, number[]>
  since: Partial<Record<ShareMetric, number>>       // number of the day since which it is as usual, after it was told
  volume: Volume
}

export const KEEP = 84                              // days
const FADE = 0.97 ** (1 / 7)                        // per day, of what lies before
const MOST_IDS = 60
const AROUND = 3                                    // days before and after, for the share of the desk on a day
const WORTH = 20                                    // tickets of its usual share, behind each of these

export function emptyCourse (): Course {
  const before = emptySum()
  const today = { n: 0, esc: 0, cancel: 0 }
  return { days: [], before, today, ids: { esc: [], cancel: [] }, since: {}, volume: emptyVolume() }
}

function emptySum (): Sum {
  return { n: 0, esc: 0, cancel: 0, escUsual: 0, cancelUsual: 0, count: 0, usual: 0 }
}

export function addTicket (course: Course, esc: boolean, cancel: boolean, id: number): void {
  const { today, ids } = course
  today.n++
  if (esc) { today.esc++; remember(ids.esc, id) }
  if (cancel) { today.cancel++; remember(ids.cancel, id) }
}

function remember (ids: number[], id: number): void {
  ids.push(id)
  if (ids.length > MOST_IDS) ids.shift()
}

/** A day ends. `count`, `usual`: as in `Sum`. `desk`: the shares of all topics on the days that are kept. */
export function closeCourse (course: Course, count: number, usual: number, desk: DeskShares): void {
  course.days.push({ ...course.today, count, usual: Number(usual.toPrecision(5)) })
  course.today = { n: 0, esc: 0, cancel: 0 }
  if (course.days.length <= KEEP) return
  const old = course.days.shift()
  if (old === undefined) return
  const { before } = course
  before.n = FADE * before.n + old.n
  before.esc = FADE * before.esc + old.esc
  before.cancel = FADE * before.cancel + old.cancel
  before.escUsual = FADE * before.escUsual + old.n * (desk.esc[0] ?? 0)
  before.cancelUsual = FADE * before.cancelUsual + old.n * (desk.cancel[0] ?? 0)
  before.count = FADE * before.count + old.count
  before.usual = FADE * before.usual + old.usual
}

/** Share of escalations and cancellations over all topics, for each day that is kept of them, 0 to 1. */
export type DeskShares = Record<ShareMetric, number[]>

/** From a week around each day, leaning on the share of all the time. */
export function sharesOf (all: Course): DeskShares {
  return { esc: shareByDay(all, 'esc'), cancel: shareByDay(all, 'cancel') }
}

/** Share over all that is kept, 0 to 1; what is believed at first: one in twenty. */
export function longShare ({ days, before }: Course, metric: ShareMetric): number {
  const hits = days.reduce((sum, day) => sum + day[metric], before[metric] + 1)
  return hits / days.reduce((sum, day) => sum + day.n, before.n + WORTH)
}

function shareByDay (all: Course, metric: ShareMetric): number[] {
  const usual = longShare(all, metric)
  const { days } = all
  let hits = WORTH * usual
  let n = WORTH
  for (const day of days.slice(0, AROUND)) { hits += day[metric]; n += day.n }
  return days.map((_, i) => {
    const next = days[i + AROUND]
    const gone = days[i - AROUND - 1]
    hits += (next?.[metric] ?? 0) - (gone?.[metric] ?? 0)
    n += (next?.n ?? 0) - (gone?.n ?? 0)
    return hits / n
  })
}
