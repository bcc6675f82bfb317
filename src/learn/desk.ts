// The desk as a whole: its rhythm, how busy it is now (G), and the closing of hours and days for every topic.
// All functions that roll or add change the state in place.
import { learnBar } from './bar.ts'
import { deskShare, emptyBaseline, learnDay, learnHour, learnShape, levelOf } from './baseline.ts'
import { rhythmOf } from './rhythm.ts'
import { closeDriftDay } from './drifts.ts'
import { emptyArrivals } from './surprise.ts'
import type { Desk, Watch, WatchedTopic } from './watched.ts'
import { DAY, HOUR, HOURS_OF_WEEK, dayOf, hourOfWeek, offsetAt, officeShape } from './week-clock.ts'

const TRUST = 25                                    // expected tickets at which G is half believed
const SHAPE_WORTH = 150
const FULL_HOLD = 5 * DAY                           // an open incident teaches nothing for so long

export function emptyDesk (zone: string, t0: number): Desk {
  const hour = Math.floor(t0 / HOUR)
  const offset = offsetAt(zone, t0)
  const how = hourOfWeek(t0, offset)
  const own = officeShape().map(x => x * SHAPE_WORTH)
  const past = own[(how + HOURS_OF_WEEK - 1) % HOURS_OF_WEEK] ?? 0
  const shape = { own, n: SHAPE_WORTH, whole: SHAPE_WORTH, past, born: hour }
  return {
    zone, hour, how, offset, steadyUntil: t0, share: deskShare(shape, how), baseline: emptyBaseline(200, hour),
    arrivals: emptyArrivals(), notBefore: 0, shape,
    observed: [], expected: [], count: 0, raw: 0, phi: 1.1, unrest: 0.06, calm: 0.03
  }
}

/** How busy the desk is, against what is usual: about 1. Limited counts of the last hours over what was expected. */
export function busyness (desk: Desk, t: number): number {
  const now = levelOf(desk.baseline) * desk.share * Math.max(0, Math.min(1, t / HOUR - desk.hour))
  const observed = desk.observed.reduce((a, b) => a + b, desk.count)
  const expected = desk.expected.reduce((a, b) => a + b, now)
  return Math.max(0.1, Math.min(5, (observed + TRUST) / (expected + TRUST)))
}

/** Counts a ticket for G, unless its topic already brings more than is usual. */
export function addToHour (watch: Watch, topic: WatchedTopic): void {
  const { desk } = watch
  desk.raw++
  if (topic.openSince !== null) return
  const mean = levelOf(topic.baseline) * rhythmOf(topic.baseline, desk.shape, desk.hour, desk.how).share
  if (topic.hourCount <= mean + 3 * Math.sqrt(mean + 0.3) + 1) desk.count++
}

/** Closes every hour, day and week that has ended by `t`. */
export function rollHours (watch: Watch, t: number): void {
  const { desk } = watch
  const hour = Math.floor(t / HOUR)
  if (hour - desk.hour > 24 * 60) desk.hour = hour - 24 * 60     // after months of nothing, two months are enough
  while (desk.hour < hour) closeHour(watch)
}

function closeHour (watch: Watch): void {
  const { desk } = watch
  const end = (desk.hour + 1) * HOUR
  const g = busyness(desk, end)
  const expected = levelOf(desk.baseline) * desk.share
  const young = end - watch.calendar.t0 < 7 * DAY
  for (const topic of Object.values(watch.topics)) closeTopicHour(watch, topic, g, end)
  const limited = young
    ? desk.raw
    : Math.min(desk.raw,
      expected + 3 * Math.sqrt(expected + 0.1 * expected * expected + 1))
  learnHour(desk.baseline, desk.hour, limited, expected, desk.share)
  // On a holiday the rhythm of the desk learns nothing
  learnShape(desk.shape, desk.hour, desk.how, Math.max(limited, g < 0.6 ? expected : 0))
  desk.observed = [...desk.observed, desk.count].slice(-3)
  desk.expected = [...desk.expected, expected].slice(-3)
  desk.count = 0
  desk.raw = 0
  const day = dayOf(end - 1, desk.offset)
  desk.hour++
  readClock(desk, end)
  desk.how = hourOfWeek(end, desk.offset)
  desk.share = deskShare(desk.shape, desk.how)
  if (dayOf(end, desk.offset) !== day) closeDay(watch, end)
}

// Asking for the time of a zone is dear: while a day begins and ends alike, it is not asked again
function readClock (desk: Desk, t: number): void {
  if (t < desk.steadyUntil) return
  desk.offset = offsetAt(desk.zone, t)
  if (offsetAt(desk.zone, t + DAY) === desk.offset) desk.steadyUntil = t + DAY
}

function closeTopicHour (watch: Watch, topic: WatchedTopic, g: number, end: number): void {
  const { desk } = watch
  const { baseline } = topic
  const usual = rhythmOf(baseline, desk.shape, desk.hour, desk.how).share
  const mean = levelOf(baseline) * usual * g
  const sd = Math.sqrt(mean + 0.3 + mean * mean * (desk.unrest + 1 / baseline.a))
  const held = topic.openSince !== null && end - topic.openSince < FULL_HOLD
  const limited = Math.min(topic.hourCount, held ? mean + 0.5 * Math.sqrt(mean) : mean + 3 * sd + 1)
  learnHour(baseline, desk.hour, limited, mean, usual * g)
  learnShape(baseline, desk.hour, desk.how, limited / Math.max(0.4, g))
  topic.hourCount = 0
}

function closeDay (watch: Watch, end: number): void {
  const { desk } = watch
  const old = end - watch.calendar.t0 > 14 * DAY
  let near = 300 * 0.1 / 2
  let heard = 300
  let miss = 0
  let scale = 0
  for (const topic of Object.values(watch.topics)) {
    const { baseline } = topic
    learnDay(baseline, desk.phi, old && topic.openSince === null)
    near += baseline.near
    heard += baseline.heard
    // Topics weigh by how much they can say, no single one much more than the others
    const weight = Math.min(1, 3 / Math.max(1, baseline.dayScale / Math.max(1, baseline.days)))
    miss += baseline.dayMiss * weight
    scale += baseline.dayScale * weight
  }
  desk.phi = Math.max(1.02, Math.min(1.6, 1 + 2 * near / heard))
  desk.unrest = Math.max(0.01, Math.min(0.6, (miss + 0.06 * 60) / (scale + 60)))
  learnDay(desk.baseline, desk.phi, old)
  const calm = Object.values(watch.topics).filter(topic => topic.openSince === null)
  if (old) learnBar(watch.bar, calm.map(topic => topic.least))
  for (const topic of Object.values(watch.topics)) topic.least = 1
  desk.calm = Math.max(0.01, Math.min(0.2, (desk.baseline.dayMiss + 0.03 * 1e5) / (desk.baseline.dayScale + 1e5)))
  closeDriftDay(watch, end)
}
