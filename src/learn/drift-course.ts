// What a drift looks like: the share, or the tickets, of each of the last weeks, beside what was usual before it began. Read
// from the days that the watch keeps, so that picture, words and alarm are of one opinion.
import { unrestOf } from './baseline.ts'
import type { Course, Metric } from './drift-days.ts'
import type { Incident } from './incidents.ts'
import { quantile } from './trace.ts'
import type { Watch } from './watched.ts'
import { DAY, WEEK } from './week-clock.ts'

/** Week by week, up to twelve, the last one ending with the last whole day. All lists are of one length. */
export interface DriftCourse {
  metric: Metric
  from: number                                      // unix seconds: when the first week began
  until: number                                     // unix seconds: when it was looked
  values: number[]                                  // share of the tickets, 0 to 1; or customers who wrote, for the volume
  low: number[]                                     // nine of ten usual weeks lie from low to high, in the unit of `values`
  high: number[]
  began: number | null                              // unix seconds: when it seems to have begun, if that is shown
}

const TAIL = 0.05
const DAYS = 7
const DAYS_ALIKE = 2                                // days resemble their neighbours: a week varies more than seven by themselves

/** What to show of a drift at `t` (unix seconds). Null for other incidents, and without a whole week behind it. */
export function driftCourseOf (watch: Watch, incident: Incident, t: number): DriftCourse | null {
  const { metric, topic } = incident
  if (incident.kind !== 'drift' || metric === undefined) return null
  const course = topic === '__all__' ? watch.drifts.all : watch.drifts.topics[topic]
  if (course === undefined || course.days.length < DAYS) return null
  const end = t - ((t + watch.desk.offset) % DAY)
  const weeks = Math.floor(course.days.length / DAYS)
  const from = end - weeks * WEEK
  const began = incident.from ?? incident.openedAt
  const first = course.days.length - weeks * DAYS
  // Whole days before it began; without any, all of them
  const earlier = course.days.filter((_, i) => end - (course.days.length - i) * DAY < began - DAY / 2)
  const usual = rateOf(course, earlier.length === 0 ? course.days : earlier, metric)
  const shown = Array.from({ length: weeks }, (_, w) => {
    const days = course.days.slice(first + w * DAYS, first + (w + 1) * DAYS)
    return metric === 'volume' ? volumeOf(watch, topic, days, usual.rate) : shareOf(days, metric, usual)
  })
  return {
    metric,
    from,
    until: t,
    values: shown.map(week => week.value),
    low: shown.map(week => week.low),
    high: shown.map(week => week.high),
    began: began >= from ? began : null
  }
}

type Days = Course['days']

interface Week { value: number, low: number, high: number }

function rateOf ({ before }: Course, days: Days, metric: Metric): { rate: number, seen: number } {
  const [one, other] = metric === 'volume' ? ['count', 'usual'] as const : [metric, 'n'] as const
  const seen = days.reduce((sum, day) => sum + day[one], before[one])
  return { rate: seen / Math.max(1e-9, days.reduce((sum, day) => sum + day[other], before[other])), seen }
}

// The usual share itself is known from so many hits only
function shareOf (days: Days, metric: 'esc' | 'cancel', { rate, seen }: { rate: number, seen: number }): Week {
  const n = days.reduce((sum, day) => sum + day.n, 0)
  if (n === 0) return { value: 0, low: 0, high: 0 }
  const mean = n * Math.min(1, rate)
  const variance = mean + mean * mean / Math.max(1, seen)
  const value = days.reduce((sum, day) => sum + day[metric], 0) / n
  return {
    value: round(value), low: round(quantile(mean, variance, TAIL) / n),
    high: round(Math.min(1, quantile(mean, variance, 1 - TAIL) / n))
  }
}

function volumeOf (watch: Watch, topic: string, days: Days, rate: number): Week {
  const baseline = watch.topics[topic]?.baseline
  const mean = rate * days.reduce((sum, day) => sum + day.usual, 0)
  const unrest = baseline === undefined ? watch.desk.unrest : unrestOf(baseline, watch.desk.unrest)
  const variance = watch.desk.phi * mean + DAYS_ALIKE * unrest / DAYS * mean * mean
  const value = days.reduce((sum, day) => sum + day.count, 0)
  return { value: round(value), low: quantile(mean, variance, TAIL), high: quantile(mean, variance, 1 - TAIL) }
}

function round (x: number): number {
  return Math.round(x * 1e4) / 1e4
}

const WHAT: Record<Metric, string> = {
  esc: 'Share of the tickets that are escalated', cancel: 'Share of the tickets that ask to cancel',
  volume: 'Customers who write'
}

/** What is shown, for a heading: `Share of the tickets that are escalated`. */
export function driftTitle (metric: Metric): string {
  return WHAT[metric]
}

/** `6.4 %`, or a whole number of customers. */
export function driftValue (metric: Metric, value: number): string {
  if (metric === 'volume') return String(Math.round(value))
  return `${value < 0.095 ? (100 * value).toFixed(1) : Math.round(100 * value)} %`
}

/** What was usual in a week: `2.1 % to 5.5 %`, or `none`. */
export function driftBand ({ metric, low, high }: DriftCourse, week: number): string {
  if ((high[week] ?? 0) === 0) return 'none'
  return `${driftValue(metric, low[week] ?? 0)} to ${driftValue(metric, high[week] ?? 0)}`
}

/** The course in sentences with its numbers, for those who do not see the picture. */
export function driftWords (topic: string, course: DriftCourse): string {
  const { metric, values, began } = course
  const last = values.length - 1
  const since = began === null ? '' : ` It seems to have begun about ${new Date(began * 1000).toISOString().slice(0, 10)}.`
  return `${WHAT[metric]}, ${topic}, by week over ${values.length} weeks. ` +
    `Last week: ${driftValue(metric, values[last] ?? 0)}; usual ${driftBand(course, last)}.${since}`
}
