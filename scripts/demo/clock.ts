// The eight weeks of the demo, in seconds since 1970. No second is given to two messages, so that order is never a guess.

import type { Chance } from './chance.ts'

export const MINUTE = 60
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const firstDay = Date.UTC(2026, 8, 28) / 1000           // a Monday
export const lastSecond = Date.UTC(2026, 10, 21) / 1000 - 1    // the Friday of the eighth week, to its end
export const changeDay = Date.UTC(2026, 9, 26) / 1000          // Monday of week 5: prices and menus change
export const incidentStart = Date.UTC(2026, 10, 11, 8, 52) / 1000
export const incidentFixed = Date.UTC(2026, 10, 11, 14, 5) / 1000

export interface Clock {
  /** The first free second from here on. */
  take (at: number): number
}

export function makeClock (): Clock {
  const taken = new Set<number>()
  return {
    take (at) {
      let free = Math.round(at)
      while (taken.has(free)) free++
      taken.add(free)
      return free
    }
  }
}

export function instantOf (at: number): string {
  return new Date(at * 1000).toISOString().slice(0, 19) + 'Z'
}

/** Where a day of tickets falls: a peak in the morning, a lower one after lunch. The desk is open 6:30 to 17:30 UTC. */
export function officeSecond (chance: Chance, day: number): number {
  const peak = chance.happens(0.55) ? 9 : 13.4
  const wide = peak + (chance.next() + chance.next() + chance.next() - 1.5) * 3
  const hour = chance.happens(0.12) ? 6.6 + chance.next() * 9.2 : wide
  return day + Math.round(Math.min(15.85, Math.max(6.55, hour)) * HOUR) + chance.int(-90, 90)
}

/** The same moment when the desk is open, else soon after it opens again. */
export function atDesk (chance: Chance, at: number): number {
  const day = at - (at % DAY)
  const open = isWeekday(day)
  if (open && at >= day + 6.5 * HOUR && at <= day + 17.5 * HOUR) return at
  let next = open && at < day + 6.5 * HOUR ? day : day + DAY
  while (!isWeekday(next)) next += DAY
  return next + Math.round(6.5 * HOUR) + chance.int(3 * MINUTE, 110 * MINUTE)
}

export function isWeekday (day: number): boolean {
  const weekday = new Date(day * 1000).getUTCDay()
  return weekday !== 0 && weekday !== 6
}
