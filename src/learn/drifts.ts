// Which shares and volumes are watched for drift, and when one is told: each day that ends, topic by topic, against what the
// whole desk does, so that a drift of all is told once. Changes the state in place.
import { levelOf, unrestOf } from './baseline.ts'
import type { Before, Evidence, Rise } from './drift.ts'
import { evidenceOf, makeRise } from './drift.ts'
import type { Course, DeskShares, Metric, ShareMetric, Sum } from './drift-days.ts'
import { KEEP, addTicket, closeCourse, emptyCourse, longShare, sharesOf } from './drift-days.ts'
import { addDay, emptyVolume } from './drift-volume.ts'
import { openOrJoin } from './incidents.ts'
import { titleOfShare, titleOfVolume } from './titles.ts'
import type { Drifts, Watch, WatchTicket } from './watched.ts'
import { DAY } from './week-clock.ts'

const WARM_UP = 42 * DAY
const SILENCE = 42 * DAY                            // after a drift was told, its topic and metric are left alone
const LEAST = 60                                    // tickets before a beginning
const PRIOR_ALL = 20
const AS_USUAL = 14                                 // days before it was told that count as the new usual
// What an operator would care for: a step, or creeping up over four weeks
const TOPIC_RISES = risesOf([1.6, 2.5])
const ALL_RISES = risesOf([1.2, 1.5])
// Nats of evidence, at a tenth of a false alarm a week on a desk of two hundred topics
const BAR = { topic: 6.1, volume: 10, all: 8.3 }
const MANY_TOPICS = 200
const FEW_TOPICS = 40
const USUAL = 0.1
// Of one day no more than three times what is usual, and two: an outbreak is no drift
const DAY_TIMES = 3
const DAY_MORE = 2
const RISING = 1.15                                 // below, nobody would care
const LEAST_PRIOR = 1                               // hits behind a topic's usual share, from other topics
const MOST_PRIOR = 20

function risesOf (times: number[]): Rise[] {
  return times.flatMap(t => [0, 28].map(over => makeRise(t, over, KEEP + 1)))
}

export function emptyDrifts (): Drifts {
  const alike = { esc: LEAST_PRIOR, cancel: LEAST_PRIOR }
  return { all: emptyCourse(), topics: {}, day: 0, watched: MANY_TOPICS, alike }
}

/** One ticket: did it escalate, did it cancel? */
export function foldDrift ({ drifts }: Watch, ticket: WatchTicket, name: string): void {
  const own = drifts.topics[name] ??= emptyCourse()
  for (const course of [drifts.all, own]) addTicket(course, ticket.esc === true, ticket.cancel === true, ticket.id)
}

/** A day ends: what it brought joins the courses, and each is looked at. What there is to tell is pending. */
export function closeDriftDay (watch: Watch, end: number): void {
  const { drifts, desk } = watch
  const shares = sharesOf(drifts.all)
  closeCourse(drifts.all, 0, 0, shares)
  for (const [name, own] of Object.entries(drifts.topics)) {
    const topic = watch.topics[name]
    // While an outbreak is open, its days say nothing of the weeks
    const yesterday = topic === undefined || topic.openSince !== null ? { count: 0, mean: 0 } : topic.baseline.yesterday
    const level = topic === undefined ? 1 : levelOf(topic.baseline)
    closeCourse(own, yesterday.count, yesterday.mean / level * levelOf(desk.baseline), shares)
  }
  drifts.day++
  for (const [name, own] of Object.entries(drifts.topics)) if (name !== 'unknown') lookAtVolume(watch, name, own, end)
  if (end - watch.calendar.t0 < WARM_UP) return
  for (const metric of ['esc', 'cancel'] as const) lookAtAll(watch, metric, end)
  const now = sharesOf(drifts.all)
  if (drifts.day % 7 === 0) {
    drifts.watched = countTopics(drifts)
    for (const metric of ['esc', 'cancel'] as const) drifts.alike[metric] = alikeOf(drifts, metric)
  }
  for (const [name, own] of Object.entries(drifts.topics)) {
    if (name === 'unknown') continue
    for (const metric of ['esc', 'cancel'] as const) lookAtShare(watch, name, own, metric, now, end)
  }
}

// What the operator accepts, shared among `topics` that are looked at
function barOf (watch: Watch, bar: number, topics: number): number {
  const shared = Math.max(FEW_TOPICS, topics) / MANY_TOPICS
  return bar + Math.log(shared * USUAL / Math.max(0.01, watch.rules.driftsPerWeek))
}

// Those with tickets enough
function countTopics ({ topics }: Drifts): number {
  const ticketsOf = ({ days, before }: Course): number => days.reduce((n, day) => n + day.n, before.n)
  return Object.values(topics).filter(topic => ticketsOf(topic) >= LEAST).length
}

function lookAtAll (watch: Watch, metric: ShareMetric, end: number): void {
  const { all } = watch.drifts
  const usual = longShare(all, metric)
  const { x, e, before } = cutBy(watch, all, metric, day => day.n, day => day.n, { x: PRIOR_ALL * usual, e: PRIOR_ALL })
  // What one topic was told for is not told again for all
  for (const own of Object.values(watch.drifts.topics)) if (isToldOf(watch, own, metric)) takeAway(own, metric, x, e)
  const evidence = evidenceOf(x, e, before, ALL_RISES, LEAST + PRIOR_ALL)
  if (evidence.nats > barOf(watch, BAR.all, MANY_TOPICS)) tellShare(watch, '__all__', all, metric, evidence, end)
}

function isToldOf ({ drifts }: Watch, own: Course, metric: ShareMetric): boolean {
  const since = own.since[metric]
  return since !== undefined && drifts.day - since < KEEP + AS_USUAL
}

function takeAway (own: Course, metric: ShareMetric, x: number[], e: number[]): void {
  const first = x.length - own.days.length
  for (const [i, day] of own.days.entries()) {
    const place = first + i
    if (place < 0) continue
    x[place] = Math.max(0, (x[place] ?? 0) - day[metric])
    e[place] = Math.max(0, (e[place] ?? 0) - day.n)
  }
}

function lookAtShare (watch: Watch, name: string, own: Course, metric: ShareMetric, desk: DeskShares,
  end: number): void {
  if (!isRising(own, metric)) return
  const usual = longShare(watch.drifts.all, metric)
  const first = desk[metric].length - own.days.length
  const alike = watch.drifts.alike[metric]
  const prior = { x: alike, e: alike }
  const { x, e, before } = cutBy(watch, own, metric, (day, i) => day.n * (desk[metric][first + i] ?? usual),
    sum => metric === 'esc' ? sum.escUsual : sum.cancelUsual, prior)
  const evidence = evidenceOf(limit(x, e, before), e, before, TOPIC_RISES, LEAST * usual + alike)
  if (evidence.nats > barOf(watch, BAR.topic, watch.drifts.watched)) tellShare(watch, name, own, metric, evidence, end)
}

function lookAtVolume (watch: Watch, name: string, own: Course, end: number): void {
  const topic = watch.topics[name]
  // While an outbreak is open, its days say nothing of the weeks
  if (topic === undefined || topic.openSince !== null) return
  const { baseline } = topic
  const { count, mean } = baseline.yesterday
  // Days resemble the day before: half as much again as by themselves
  const clumps = (watch.desk.phi - 1) / Math.max(mean, 0.1)
  const spread = 1.5 * unrestOf(baseline, watch.desk.unrest) + clumps + 1 / baseline.a
  const level = Math.log(levelOf(baseline) / levelOf(watch.desk.baseline))
  const nats = addDay(own.volume, level, count, mean, spread)
  const bar = barOf(watch, BAR.volume, watch.drifts.watched)
  if (end - watch.calendar.t0 < WARM_UP || baseline.a < 30 || nats < bar) return
  const { rising, level: before } = own.volume
  own.volume = emptyVolume()
  // Told as an outbreak since it began, it is not told again as a drift
  const isKnown = watch.incidents.list.some(i => i.kind !== 'drift' && i.topics.includes(name) &&
    i.openedAt >= end - rising * DAY)
  if (isKnown || toldLately(watch, name, 'volume', end)) return
  const title = titleOfVolume(name, Math.exp(level - before))
  tell(watch, name, 'volume', topic.arrivals.id.slice(-40), { nats, back: rising }, title, end)
}

// Days as seen and as expected, since the drift that was told last
function cutBy (watch: Watch, course: Course, metric: ShareMetric, usualOf: (day: Course['days'][number], i: number) => number,
  usualBefore: (sum: Sum) => number, prior: Before): { x: number[], e: number[], before: Before } {
  const { days } = course
  const since = course.since[metric]
  const skip = since === undefined ? 0 : Math.max(0, since - (watch.drifts.day - days.length))
  const x = days.map(day => day[metric]).slice(skip)
  const e = days.map(usualOf).slice(skip)
  if (since !== undefined) return { x, e, before: prior }
  return { x, e, before: { x: prior.x + course.before[metric], e: prior.e + usualBefore(course.before) } }
}

/**
 * How alike the topics' shares are: the shape of the gamma law of share over desk's share, 1 to 20 (moment estimate of the
 * variance between topics beyond chance, Marshall 1991); that many hits stand behind what is believed of a topic's share.
 */
function alikeOf ({ all, topics }: Drifts, metric: ShareMetric): number {
  const usual = longShare(all, metric)
  let miss = 0
  let chance = 0
  let expected = 0
  for (const [name, { days, before }] of Object.entries(topics)) {
    if (name === 'unknown') continue
    let x = before[metric]
    let n = before.n
    for (const day of days) { x += day[metric]; n += day.n }
    const e = n * usual
    if (e < 1) continue
    // Weighted by what is expected: sum of e (x / e - 1)^2, of which one per topic is chance
    miss += (x - e) ** 2 / e
    chance++
    expected += e
  }
  const variance = (miss - chance) / Math.max(1, expected)
  return Math.max(LEAST_PRIOR, Math.min(MOST_PRIOR, 1 / Math.max(1e-9, variance)))
}

// Most days nothing rises, and the evidence need not be weighed
function isRising ({ days, before }: Course, metric: ShareMetric): boolean {
  let x = before[metric]
  let e = before.n
  const late = Math.max(0, days.length - 28)
  let lateX = 0
  let lateE = 0
  for (let i = 0; i < days.length; i++) {
    const day = days[i]
    if (day === undefined) continue
    if (i < late) { x += day[metric]; e += day.n } else { lateX += day[metric]; lateE += day.n }
  }
  return lateX * e > RISING * x * lateE
}

function total (list: number[]): number {
  return list.reduce((a, b) => a + b, 0)
}

function limit (x: number[], e: number[], before: Before): number[] {
  const rate = (before.x + total(x)) / Math.max(1e-9, before.e + total(e))
  return x.map((value, i) => Math.min(value, DAY_TIMES * rate * (e[i] ?? 0) + DAY_MORE))
}

function tellShare (watch: Watch, name: string, own: Course, metric: ShareMetric, evidence: Evidence,
  end: number): void {
  if (toldLately(watch, name, metric, end)) return
  const days = own.days.slice(-evidence.back)
  const earlier = own.days.slice(0, -evidence.back)
  const share = (list: Course['days'], hits: number, n: number): number =>
    list.reduce((sum, day) => sum + day[metric], hits) / Math.max(1, list.reduce((sum, day) => sum + day.n, n))
  const { before } = own
  const title = titleOfShare(name, metric, share(days.slice(-28), 0, 0), share(earlier, before[metric], before.n))
  const hits = days.reduce((sum, day) => sum + day[metric], 0)
  accept(watch, own, metric)
  tell(watch, name, metric, own.ids[metric].slice(-Math.max(1, Math.min(40, hits))), evidence, title, end)
}

// What is now is the new usual
function accept (watch: Watch, own: Course, metric: ShareMetric): void {
  own.since[metric] = watch.drifts.day - AS_USUAL
}

function tell (watch: Watch, topic: string, metric: Metric, tickets: number[], { nats, back }: Evidence,
  title: string, t: number): void {
  const alert = openOrJoin(watch.incidents, {
    kind: 'drift', topic, metric, topics: topic === '__all__' ? [] : [topic], terms: [], tickets,
    p: Math.exp(-nats), title, from: t - back * DAY
  }, t)
  if (alert !== null) watch.pending.push(alert)
}

// One drift is told once, and those of single topics not beside the same drift of all
function toldLately (watch: Watch, topic: string, metric: Metric, t: number): boolean {
  return watch.incidents.list.some(i => i.kind === 'drift' && i.metric === metric && (i.topic === topic ||
    i.topic === '__all__') && t - i.openedAt < SILENCE)
}
