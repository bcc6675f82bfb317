// What the companies behind an anomaly are worth, as far as HubSpot says: how many, a year's revenue, and who renews soon.
// Counts and sums only; no company is named. Pure.
import type { Instant } from '../types.ts'
import type { Worth } from '../outside.ts'

/** One company; null: not known, or not to be shown. `arr` is a year's revenue, in whatever currency HubSpot keeps. */
export interface WorthOf { arr: number | null, renewalAt: Instant | null }

/**
 * `withinDays` (0 to 730): how near a renewal must be to be told. Null: no company is known. What is not known of some is said
 * by `arrKnown`: of how many companies the sum is.
 */
export function worthOf (companies: readonly WorthOf[], now: Instant, withinDays: number): Worth | null {
  if (companies.length === 0) return null
  const soon = companies.filter(c => {
    const days = c.renewalAt === null ? Infinity : (Date.parse(c.renewalAt) - Date.parse(now)) / 86_400_000
    return days >= -1 && days <= withinDays
  })
  const sum = (list: readonly WorthOf[]): { arr: number, known: number } => {
    const told = list.flatMap(c => c.arr !== null && c.arr > 0 ? [c.arr] : [])
    return { arr: told.reduce((a, b) => a + b, 0), known: told.length }
  }
  const all = sum(companies)
  const near = sum(soon)
  return {
    companies: companies.length, arr: all.known === 0 ? null : all.arr, arrKnown: all.known,
    renewals: soon.length, renewalArr: near.known === 0 ? null : near.arr, renewalKnown: near.known, withinDays
  }
}
