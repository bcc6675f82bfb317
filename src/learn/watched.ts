// What the watch keeps, as plain data: the forms that its parts share.
import type { Bar } from './bar.ts'
import type { Baseline, Shape } from './baseline.ts'
import type { Course, ShareMetric } from './drift-days.ts'
import type { Alert, Incidents } from './incidents.ts'
import type { Arrivals } from './surprise.ts'
import type { Terms } from './terms.ts'

export interface WatchRules {
  spikesPerWeek: number                             // false alarms a week that the operator accepts, of each kind
  novelPerWeek: number
  driftsPerWeek: number
}

export interface Calendar { t0: number, zone: string, deploys: number[] }

export interface WatchTicket {
  id: number, t: number, topic: string, text: string, page?: string, err?: string, account?: string, esc?: boolean,
  cancel?: boolean
}

export interface WatchedTopic {
  baseline: Baseline
  arrivals: Arrivals
  hourCount: number
  notBefore: number                                 // windows do not reach back over the last closed incident
  openSince: number | null
  least: number                                     // p of the least likely window of the running day
  noise: Array<{ at: number, peak: number }>        // -log10 p of bursts that a person called noise
}

export interface Watch {
  rules: WatchRules
  calendar: Calendar
  desk: Desk
  topics: Record<string, WatchedTopic>
  terms: Terms
  drifts: Drifts
  incidents: Incidents
  pending: Alert[]
  bar: Bar
  strict: number                                    // log10 of what the thresholds are multiplied with, -1 to 0.3
  falseAt: number[]                                 // when alarms were called noise, of the last 28 days
}

export interface Desk {
  zone: string
  hour: number                                      // number of the running hour
  how: number                                       // its hour of the week
  offset: number
  steadyUntil: number                               // the clock is not set before
  share: number                                     // the desk's share of this hour
  baseline: Baseline                                // of all tickets
  arrivals: Arrivals
  notBefore: number
  shape: Shape
  observed: number[]                                // of the last three hours, limited
  expected: number[]
  count: number                                     // of the running hour, limited
  raw: number
  phi: number                                       // pooled clumping, at least 1
  unrest: number                                    // pooled relative variance of topic-days
  calm: number                                      // relative variance of the desk's own days
}

/** `day`: how many days were closed; `watched`: topics with tickets enough; `alike`: how many hits the other topics are worth for what one's share is. */
export interface Drifts {
  all: Course, topics: Record<string, Course>, day: number, watched: number
  alike: Record<ShareMetric, number>
}
