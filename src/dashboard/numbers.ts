// Numbers as people read them. A share of fewer than 20 is no number yet: it is shown as a dash, never as 0 %.
import type { Instant } from '../types.ts'

export const LEAST = 20
export const NONE = '–'

const Z = 1.959964                                  // 95 % of a normal distribution lie within so many deviations
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const counts = new Intl.NumberFormat('en')

/** The interval in which a share lies with 95 % confidence (Wilson 1927). Null of nothing. */
export function wilson (part: number, of: number): { low: number, high: number } | null {
  if (of <= 0) return null
  const p = part / of
  const centre = p + Z * Z / (2 * of)
  const half = Z * Math.sqrt(p * (1 - p) / of + Z * Z / (4 * of * of))
  const scale = 1 + Z * Z / of
  return { low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) }
}

/** A share, or null when too few were counted to speak of one. */
export function shareOf (part: number, of: number): number | null {
  return of < LEAST ? null : part / of
}

export function showCount (n: number): string {
  return counts.format(n)
}

/** `71 %`. What is not quite nothing or everything says so. */
export function showPercent (share: number | null): string {
  if (share === null) return NONE
  const rounded = Math.round(share * 100)
  if (rounded === 0 && share > 0) return '<1 %'
  if (rounded === 100 && share < 1) return '>99 %'
  return `${rounded} %`
}

export function showShare (part: number, of: number): string {
  return showPercent(shareOf(part, of))
}

/** `67–75 %`; a dash with too few. */
export function showInterval (part: number, of: number): string {
  const interval = of < LEAST ? null : wilson(part, of)
  if (interval === null) return NONE
  return `${Math.round(interval.low * 100)}–${Math.round(interval.high * 100)} %`
}

/** A difference of two shares, in points. */
export function showPoints (gap: number | null): string {
  if (gap === null) return NONE
  const points = Math.round(gap * 100)
  if (points === 0) return '0 pt'
  return points > 0 ? `+${points} pt` : `−${-points} pt`
}

export function showDuration (seconds: number | null): string {
  if (seconds === null) return NONE
  const s = Math.max(0, seconds)                    // a helpdesk whose clock is ahead
  if (s < 90) return `${Math.round(s)} s`
  if (s < 90 * 60) return `${Math.round(s / 60)} min`
  if (s < 36 * 3600) return `${Math.round(s / 3600)} h`
  return `${showCount(Math.round(s / 86_400))} d`
}

/** `22 Nov 2026` */
export function showDay (at: Instant): string {
  const [year = '', month = '', day = ''] = at.slice(0, 10).split('-')
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? month} ${year}`
}

/** `22 Nov 2026 09:10`, in UTC as it came. */
export function showTime (at: Instant): string {
  return `${showDay(at)} ${at.slice(11, 16)}`
}
