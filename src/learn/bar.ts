// How unlikely is unlikely enough. The law of a topic is never quite true, and windows and topics overlap: so the watch
// counts how often its own tests came near, and sets the bar by that.

/** Days of topics on which the least likely window was below NEAR, older weeks fading. */
export interface Bar { weeks: number, near: number }

const NEAR = 1e-3
const FADE = 2 ** (-1 / 56)                         // per day: half in eight weeks
const PRIOR_WEEKS = 1
const NEAR_PER_TICKET = 0.012                       // such days a week, for each ticket a week, before anything was seen

export function emptyBar (): Bar {
  return { weeks: 0, near: 0 }
}

/** Closes a day: `least` is the least p that each topic without an incident came to. Changes `bar`. */
export function learnBar (bar: Bar, least: number[]): void {
  bar.weeks = bar.weeks * FADE + 1 / 7
  bar.near = bar.near * FADE + least.filter(p => p < NEAR).length
}

/**
 * The p, 0 to NEAR, below which `perWeek` alarms a week are to be expected, if from NEAR on the tests are off by a factor
 * only: the rate of days below p is that of days below NEAR times p / NEAR. `tickets`: of a usual week.
 */
export function barOf (bar: Bar, perWeek: number, tickets: number): number {
  const near = (bar.near + PRIOR_WEEKS * NEAR_PER_TICKET * tickets) / (bar.weeks + PRIOR_WEEKS)
  return NEAR * Math.min(1, perWeek / near)
}
