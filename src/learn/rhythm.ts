// The rhythm of a topic: how its hours of the week differ from the desk's, learned in two steps, since few topics bring
// enough tickets to know each of 168 hours by itself. Reads only.
import type { Shape } from './baseline.ts'
import { SHAPE_FADE, deskShare } from './baseline.ts'
import { HOURS_OF_WEEK } from './week-clock.ts'

/** `share` of the week, 0 to 1, and how far it may be off (relative variance). */
export interface Rhythm { share: number, doubt: number }

const ALIKE = 3                                     // tickets that it takes to believe half of an hour of the day
const SAME_DAY = 24                                 // and of an hour of one weekday that differs from its fellows
const WEEKDAYS = [0, 1, 2, 3, 4]
const WEEKEND = [5, 6]

/**
 * The share of a topic's week that falls in the running hour `h`. First its hour of the day, over all weekdays or both days
 * of the weekend, against what the desk does then; then the very hour against that. Each is the mean of a gamma law with
 * a prior of ALIKE and SAME_DAY tickets around the coarser step (empirical Bayes with conjugate Poisson counts), and
 * the doubt is the relative variance of these two laws. `hour`: number of the running hour.
 */
export function rhythmOf (own: Shape, desk: Shape, hour: number, h: number): Rhythm {
  const base = deskShare(desk, h)
  if (own.whole <= 0) return { share: base, doubt: 1 / ALIKE + 1 / SAME_DAY }
  let mine = 0
  let desks = 0
  for (const day of h < 120 ? WEEKDAYS : WEEKEND) {
    const same = day * 24 + h % 24
    mine += smooth(own, hour, same, h)
    desks += smooth(desk, hour, same, h)
  }
  const expected = own.whole * desks / desk.whole
  const times = (ALIKE + mine) / (ALIKE + expected)
  const coarse = own.whole * base * times
  const here = smooth(own, hour, h, h)
  return {
    share: base * times * (SAME_DAY + here) / (SAME_DAY + coarse),
    doubt: 1 / (ALIKE + mine) + 1 / (SAME_DAY + here)
  }
}

function smooth (shape: Shape, hour: number, h: number, now: number): number {
  const before = (h + HOURS_OF_WEEK - 1) % HOURS_OF_WEEK
  return 0.2 * steady(shape, hour, before, now) + 0.6 * steady(shape, hour, h, now) +
    0.2 * steady(shape, hour, (h + 1) % HOURS_OF_WEEK, now)
}

// What hour `h` would hold if it had been learned as often as the running one, `now`
function steady (shape: Shape, hour: number, h: number, now: number): number {
  const stands = shape.own[h] ?? 0
  const age = hour - shape.born
  const ago = (now - h + HOURS_OF_WEEK) % HOURS_OF_WEEK
  if (ago === 0 || ago > age % HOURS_OF_WEEK) return stands
  const fade = SHAPE_FADE ** Math.floor(age / HOURS_OF_WEEK)
  return stands * (1 - fade) / (1 - fade * SHAPE_FADE)
}
