// Hours as the operator's clock shows them: a desk wakes by its wall clock, also in the week when that is set forward.

export const HOUR = 3600
export const DAY = 86_400
export const WEEK = 604_800
export const HOURS_OF_WEEK = 168

/** Seconds that the wall clock of a time zone is ahead of UTC at this moment (unix seconds). */
export function offsetAt (zone: string, t: number): number {
  const date = new Date(t * 1000)
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric',
    minute: 'numeric', second: 'numeric'
  }).formatToParts(date)
  const read = (type: string): number => Number(parts.find(part => part.type === type)?.value)
  const wall = Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second'))
  return Math.round((wall - date.getTime()) / 1000)
}

/** 0 (Monday, the first hour) to 167, by the wall clock. */
export function hourOfWeek (t: number, offset: number): number {
  const hours = Math.floor((t + offset) / HOUR) + 72     // 1970 began on a Thursday
  return ((hours % HOURS_OF_WEEK) + HOURS_OF_WEEK) % HOURS_OF_WEEK
}

/** The number of the day by the wall clock, for telling days apart. */
export function dayOf (t: number, offset: number): number {
  return Math.floor((t + offset) / DAY)
}

/** Shares of a week, summing to 1: what is believed of a desk before it has shown its own rhythm. */
export function officeShape (): number[] {
  const raw = Array.from({ length: HOURS_OF_WEEK }, (_, h) => {
    const hour = h % 24
    const awake = hour >= 8 && hour < 18 ? 1 : hour >= 6 && hour < 22 ? 0.45 : 0.12
    return awake * (h >= 120 ? 0.3 : 1)
  })
  const all = raw.reduce((a, b) => a + b, 0)
  return raw.map(x => x / all)
}
