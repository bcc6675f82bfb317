// How far a backfill is, as numbers that were measured: nothing is said before it is known. Pure.
import type { Backfill } from './backfill.ts'

export interface Progress {
  state: 'waiting' | 'reading' | 'done' | 'stuck'
  part: Backfill['part']
  planned: number | null                            // tickets, by the helpdesk's own count
  fetched: number                                   // tickets read
  stored: number                                    // tickets of that time that we hold
  remaining: number | null
  share: number | null                              // 0 to 1
  ticketsPerMinute: number | null                   // read, while at work
  etaSeconds: number | null
  calls: number
  plannedCalls: number | null
  waits: number
}

const STUCK_AFTER = 5                               // failures one after the other

export function progressOf (b: Backfill): Progress {
  const minutes = b.activeMs / 60_000
  const rate = minutes > 0.02 && b.fetched > 0 ? b.fetched / minutes : null
  const remaining = b.part === 'done' ? 0 : b.planned === null ? null : Math.max(0, b.planned - b.stored)
  const share = b.part === 'done' ? 1 : b.planned === null ? null : b.planned === 0 ? 1 : Math.min(1, b.stored / b.planned)
  return {
    state: b.part === 'done' ? 'done' : b.failures >= STUCK_AFTER ? 'stuck' : b.isWorked ? 'reading' : 'waiting',
    part: b.part,
    planned: b.planned,
    fetched: b.fetched,
    stored: b.stored,
    remaining,
    share,
    ticketsPerMinute: rate === null ? null : Math.round(rate),
    etaSeconds: b.part === 'done' ? 0 : rate === null || remaining === null ? null : Math.round(60 * remaining / rate),
    calls: b.calls,
    plannedCalls: b.plannedCalls,
    waits: b.waits
  }
}

/** One line for people. */
export function sayProgress (b: Backfill): string {
  const p = progressOf(b)
  const of = p.planned === null ? 'the helpdesk has not counted yet' : `${p.stored} of ${p.planned} tickets`
  const calls = `${p.calls} calls${p.plannedCalls === null ? '' : ` of ${p.plannedCalls} planned`}`
  const waits = p.waits === 0 ? '' : `, told to wait ${p.waits} times`
  if (p.state === 'done') return `done: ${of} since ${b.since.slice(0, 10)}, ${p.fetched} read, ${calls}${waits}`
  const part = p.part === 'recent' ? `since ${b.border.slice(0, 10)}` : `${b.since.slice(0, 10)} to ${b.border.slice(0, 10)}`
  const pace = p.ticketsPerMinute === null ? '' : `, ${p.ticketsPerMinute} a minute`
  const eta = p.etaSeconds === null ? '' : `, about ${sayDuration(p.etaSeconds)} left`
  const why = b.lastError === null ? '' : ` (last: ${b.lastError})`
  return `${p.state}, ${part}: ${of}, ${p.fetched} read${pace}${eta}; ${calls}${waits}${why}`
}

export function sayDuration (seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 360) / 10} h` : `${Math.round(seconds / 8640) / 10} days`
}
