// What is known of an anomaly beyond its tickets: what was usual, which release came before, whom it hits, how customers put
// it, and its course. Written down once and read by Slack, the page and the issue alike, so that they say the same.
import type { Instant } from '../types.ts'
import { driftWords } from './drift-course.ts'
import type { DriftCourse } from './drift-course.ts'
import type { Saying } from './sayings.ts'
import type { Segment, SegmentKind } from './segments.ts'
import type { Trace } from './trace.ts'

/** The last release before the first ticket. That it came before proves nothing. */
export interface NearRelease { name: string, at: Instant, minutes: number }

export interface AnomalyFacts {
  hours: number | null                              // how long it had taken when this was written
  beganAt: Instant | null                           // its first ticket
  release: NearRelease | null
  segments: Segment[]
  tested: number                                    // how many segments were looked at
  sayings: Saying[]
  trace: Trace | null
  drift: DriftCourse | null                         // of a drift, whose course is by weeks
  releases: Array<{ version: string, at: Instant }> // within the hours that the trace shows
}

export const NO_FACTS: AnomalyFacts = {
  hours: null, beganAt: null, release: null, segments: [], tested: 0, sayings: [], trace: null, drift: null,
  releases: []
}

const RELEASE_HOURS = 6                             // longer before, a release is no neighbour any more

/** Null: none in the six hours before. Releases in any order. */
export function nearRelease (releases: Array<{ version: string, at: Instant }>, beganAt: Instant): NearRelease | null {
  const before = releases.filter(r => r.at <= beganAt).toSorted((a, b) => a.at < b.at ? 1 : -1)[0]
  if (before === undefined) return null
  const minutes = Math.round((Date.parse(beganAt) - Date.parse(before.at)) / 60_000)
  return minutes > RELEASE_HOURS * 60 ? null : { name: before.version, at: before.at, minutes }
}

/** What was kept, made whole: what an older version wrote may lack parts. */
export function readFacts (kept: unknown): AnomalyFacts {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return NO_FACTS
  const given = { ...NO_FACTS, ...kept }
  const lists = Array.isArray(given.segments) && Array.isArray(given.sayings) && Array.isArray(given.releases)
  const isDrawn = (given.trace === null || Array.isArray(given.trace.counts)) &&
    (given.drift === null || Array.isArray(given.drift.values))
  return lists && isDrawn ? given : NO_FACTS
}

const NAMES: Record<SegmentKind, string> = {
  plan: 'plan', size: 'company size', version: 'version', page: 'page', language: 'language', error: 'error'
}

/** The facts as labelled lines of plain text, for whoever shows them: each place escapes for itself. */
export function tellFacts (facts: AnomalyFacts): Array<{ label: string, text: string }> {
  const { segments, sayings } = facts
  return [
    ...(segments.length === 0 ? [] : [{ label: 'Mostly', text: segments.map(segmentWords).join('\n') }]),
    ...(sayings.length === 0
      ? []
      : [{ label: 'Customers say', text: sayings.map(s => `“${s.text}” (${s.people})`).join('\n') }])
  ]
}

/** `plan Growth: 17 of 23 customers, 3.1 times its usual share`. */
export function segmentWords (s: Segment): string {
  const share = s.ratio === null ? 'seen with nobody else' : `${s.ratio.toFixed(1)} times its usual share`
  return `${NAMES[s.kind]} ${s.value}: ${s.hits} of ${s.of} customers, ${share}`
}

/** The picture in words; null where there is none. */
export function courseWords (topic: string, { trace, drift }: AnomalyFacts): string | null {
  if (drift !== null) return driftWords(topic, drift)
  return trace === null ? null : traceWords(topic, trace)
}

/** The course in one sentence with its numbers, for those who do not see the picture. */
export function traceWords (topic: string, trace: Trace): string {
  const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0)
  const last = trace.counts.length - 1
  const band = (i: number): string => bandWords(trace, i)
  const peak = trace.counts.reduce((best, n, i) => n > (trace.counts[best] ?? 0) ? i : best, 0)
  const ago = last - peak
  return [
    `Customers per hour for ${topic} over ${trace.counts.length} h.`,
    `This hour so far: ${trace.counts[last] ?? 0}; expected ${band(last)}.`,
    `Most: ${trace.counts[peak] ?? 0} ${ago === 0 ? 'in this hour' : `${ago} h before`}; expected ${band(peak)}.`,
    `In all: ${sum(trace.counts)}; expected ${sum(trace.mean) < 0.5 ? 'almost none' : `about ${Math.round(sum(trace.mean))}`}.`
  ].join(' ')
}

/** Customers in the last hour of the course, which may not be over, and what is usual then. */
export function lastHour ({ counts, low, high }: Trace): { now: number, low: number, high: number } {
  const last = counts.length - 1
  return { now: counts[last] ?? 0, low: low[last] ?? 0, high: high[last] ?? 0 }
}

/** What is usual in an hour of the course: `2 to 7`, or `none`. */
export function bandWords (trace: Trace, hour: number): string {
  const [low, high] = [trace.low[hour] ?? 0, trace.high[hour] ?? 0]
  return high === 0 ? 'none' : `${low} to ${high}`
}

/** Why it was told, in sentences with their numbers. */
export function reasonsOf (
  a: { kind: string, tickets: number, people: number, usual: number, p: number }, facts: AnomalyFacts,
  { right, judged, accepted }: { right: number, judged: number, accepted: number }
): string[] {
  const span = facts.hours === null ? '' : ` in ${facts.hours < 1 ? `${Math.round(facts.hours * 60)} min` : `${Math.round(facts.hours * 10) / 10} h`}`
  const chance = a.p <= 1e-6 ? 'less than once in a million' : `about once in ${Math.round(1 / a.p).toLocaleString('en')}`
  return [
    `${a.tickets} tickets of ${a.people} customers${span}${a.kind === 'spike' ? `; ${a.usual < 0.1 ? 'almost none' : `about ${a.usual < 10 ? a.usual.toFixed(1) : Math.round(a.usual)}`} would be usual for these hours` : ''}.`,
    `By accident that comes ${chance} (one customer counts once a day, however often he writes).`,
    ...facts.segments.map(s => `${segmentWords(s)}: by chance ${s.p < 0.001 ? 'less than once in 1,000' : `${(s.p * 100).toFixed(1)} in 100`}, all ${facts.tested} looked at counted in.`),
    ...(facts.release === null ? [] : [`It began ${facts.release.minutes} min after release ${facts.release.name}: that came before it, which proves nothing.`]),
    `The desk accepts ${accepted} false alarm${accepted === 1 ? '' : 's'} a week; ${right} of ${judged} judged alerts of 30 days were real.`
  ]
}
