// Where an anomaly is told and when: by what it is about, by the operator's night, and by how much a channel bears.
import type { Instant } from '../types.ts'
import { words } from '../text.ts'
import { DAY, offsetAt } from './week-clock.ts'

export const ROUTES = ['incident', 'friction', 'revenue', 'churn', 'learning'] as const
export type Route = typeof ROUTES[number]

/** `from` and `to`: `22:00`, by the operator's clock; `to` may be on the next day. */
export interface QuietHours { from: string, to: string }

export interface TellRules {
  zone: string
  channel: string                                   // where nothing else is said
  channels: Partial<Record<string, string>>         // by route, or by kind of anomaly
  revenueWords: string[]
  quiet: QuietHours | null
  loudFrom: number                                  // customers from which it waits for no morning and fits under no cap
  dailyCap: number                                  // messages a day and channel
}

/** What decides the route of an anomaly. `segments`: the kinds of what is over-represented. */
export interface Routed { kind: string, metric: string | null, topic: string, terms: string[], segments: string[] }

/**
 * More cancellations are churn; what is about money is revenue; a page that stands out without any error, or a creeping
 * drift, is friction: the product is hard to use, not broken. Everything else may be broken: an incident.
 */
export function routeOf (a: Routed, revenueWords: string[]): Route {
  if (a.kind === 'churn' || a.metric === 'cancel') return 'churn'
  const said = [...words(a.topic), ...a.terms.slice(0, 6).flatMap(words)]
  if (said.some(word => revenueWords.some(w => word.startsWith(w.toLowerCase())))) return 'revenue'
  if (a.kind === 'drift') return 'friction'
  return a.segments.includes('page') && !a.segments.includes('error') ? 'friction' : 'incident'
}

/** The channel of a route; empty: there is none, and nothing is told. */
export function channelOf (rules: TellRules, route: string, kind = ''): string {
  return rules.channels[route] || rules.channels[kind] || rules.channel
}

/** When the quiet hours end in which `at` lies; null: it lies in none. */
export function quietUntil (rules: Pick<TellRules, 'zone' | 'quiet'>, at: Instant): Instant | null {
  if (rules.quiet === null) return null
  const from = secondsOf(rules.quiet.from)
  const to = secondsOf(rules.quiet.to)
  if (from === to) return null
  const t = Math.floor(Date.parse(at) / 1000)
  const offset = offsetAt(rules.zone, t)
  const now = (((t + offset) % DAY) + DAY) % DAY
  const isQuiet = from < to ? now >= from && now < to : now >= from || now < to
  if (!isQuiet) return null
  const end = t + (to > now ? to - now : to - now + DAY)
  // In the night in which the clock is set, the morning is an hour nearer or farther.
  return instantAt(end + offset - offsetAt(rules.zone, end))
}

/** The day by the operator's clock: `2026-11-22`. */
export function dayAt (zone: string, at: Instant): string {
  const t = Math.floor(Date.parse(at) / 1000)
  return instantAt(t + offsetAt(zone, t)).slice(0, 10)
}

/** When the day of `at` began by the operator's clock. */
export function dayStart (zone: string, at: Instant): Instant {
  const local = Date.parse(`${dayAt(zone, at)}T00:00:00Z`) / 1000
  return instantAt(local - offsetAt(zone, local - offsetAt(zone, Math.floor(Date.parse(at) / 1000))))
}

export type Decision = { kind: 'now' } | { kind: 'held', until: Instant } | { kind: 'rolled up' }

/**
 * `told`: messages that the channel has had today. Many customers at once wake people up: that is what the alert is for.
 * One number says how many; severity is counted in customers because nothing else is known of every anomaly.
 */
export function decideTelling (
  rules: TellRules, { people, told }: { people: number, told: number }, at: Instant
): Decision {
  if (people >= rules.loudFrom) return { kind: 'now' }
  const until = quietUntil(rules, at)
  if (until !== null) return { kind: 'held', until }
  return told >= rules.dailyCap ? { kind: 'rolled up' } : { kind: 'now' }
}

/** A period that is told once: its name, and when it is due (unix seconds are never kept: an instant). */
export interface Period { kind: 'learning' | 'audit', period: string, from: Instant, due: Instant }

const HOUR_OF_DIGESTS = 9 * 3600
const LATE: Record<Period['kind'], number> = { learning: 3 * DAY, audit: 7 * DAY }

/**
 * The digests that are due: of the last week on Mondays (ISO 8601 week), of the last month on its first day, from 9:00 by
 * the operator's clock on, for three and seven days: after that nobody wants them any more.
 */
export function duePeriods (zone: string, at: Instant): Period[] {
  const t = Math.floor(Date.parse(at) / 1000)
  const offset = offsetAt(zone, t)
  const midnight = Math.floor((t + offset) / DAY) * DAY        // of the local day, as if local time were UTC
  const weekday = (Math.floor(midnight / DAY) + 3) % 7         // 0 is Monday: 1970 began on a Thursday
  const monday = midnight - weekday * DAY
  const first = Date.parse(`${instantAt(midnight).slice(0, 7)}-01T00:00:00Z`) / 1000
  const lastMonth = instantAt(first - DAY).slice(0, 7)
  const utc = (local: number): number => local - offsetAt(zone, local - offset)
  const periods: Period[] = [
    {
      kind: 'learning', period: isoWeek(monday - 7 * DAY), from: instantAt(utc(monday - 7 * DAY)),
      due: instantAt(utc(monday + HOUR_OF_DIGESTS))
    },
    {
      kind: 'audit', period: lastMonth, from: instantAt(utc(Date.parse(`${lastMonth}-01T00:00:00Z`) / 1000)),
      due: instantAt(utc(first + HOUR_OF_DIGESTS))
    }
  ]
  return periods.filter(p => at >= p.due && t < Date.parse(p.due) / 1000 + LATE[p.kind])
}

// The week belongs to the year of its Thursday.
function isoWeek (monday: number): string {
  const thursday = new Date((monday + 3 * DAY) * 1000)
  const year = thursday.getUTCFullYear()
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY * 1000)) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}

function secondsOf (clock: string): number {
  const [hours = '0', minutes = '0'] = clock.split(':')
  return Number(hours) * 3600 + Number(minutes) * 60
}

function instantAt (t: number): Instant {
  return new Date(t * 1000).toISOString().slice(0, 19) + 'Z'
}
