// How many calls may go out now: a bucket that fills with the time and gives one token for each call. Live traffic may
// empty it, backfill may only take what stands above a reserve, so a backfill can never use up what a note needs.
// Pure; src/store/pace.ts does the same in one statement for all processes, and a test holds the two to each other.

import type { PaceBucket } from '../store/pace.ts'

/** What a process knows by itself; used alone while the database is away. */
export interface PaceState {
  tokens: number, filledMs: number, heldUntilMs: number, backfillUntilMs: number, restUntilMs: number | null
}

/** How many calls of each lane wait; `debt`: calls that went out without asking, or cost more than one. */
export interface Want { live: number, backfill: number, debt: number }

/** Why calls of a lane must wait, in the order in which it is said. */
export type Why = 'resting' | 'asked' | 'others' | 'budget'

/** How many may go now. The waits are for the next call of each lane; `probe`: the one call tries whether it works again. */
export interface Given {
  live: number, backfill: number, probe: boolean
  liveWaitMs: number, backfillWaitMs: number, liveWhy: Why, backfillWhy: Why
}

const RESERVED = 0.3
const ABOVE = 0.05
const SLOWEST = 0.25
const TRYING_MS = 1_000                             // while one call tries, the others of its process ask again that soon

/**
 * A bucket of `limit * share` calls in a window. A full bucket and what flows in during one window make the budget:
 * https://en.wikipedia.org/wiki/Token_bucket (burst plus rate times time bounds what can leave it).
 */
export function makeBucket (limit: number, share: number, windowMs: number): PaceBucket {
  const budget = Math.max(1, limit * share)
  const reserve = Math.max(1, RESERVED * budget)
  const holds = Math.max(reserve + 1, (RESERVED + ABOVE) * budget)
  return { budget, holds, reserve, perMs: Math.max(budget - holds, SLOWEST * budget) / windowMs, windowMs }
}

/** Takes turns from the state, which it changes. */
export function takeTurns (state: PaceState, bucket: PaceBucket, want: Want, nowMs: number, probeMs: number): Given {
  const passedMs = Math.max(0, nowMs - state.filledMs)
  const tokens = Math.min(bucket.holds, state.tokens + bucket.perMs * passedMs) - want.debt
  const heldMs = Math.max(0, state.heldUntilMs - nowMs)
  const restMs = state.restUntilMs === null ? 0 : Math.max(0, state.restUntilMs - nowMs)
  const othersMs = Math.max(0, state.backfillUntilMs - nowMs)
  const stopped = heldMs > 0 || restMs > 0
  const probe = state.restUntilMs !== null && !stopped && want.live + want.backfill > 0
  let live = 0
  let backfill = 0
  if (probe) [live, backfill] = want.live > 0 ? [1, 0] : [0, 1]
  else if (!stopped) {
    live = Math.max(0, Math.min(want.live, Math.floor(tokens)))
    backfill = othersMs > 0 ? 0 : Math.max(0, Math.min(want.backfill, Math.floor(tokens - live - bucket.reserve)))
  }
  state.tokens = tokens - live - backfill
  state.filledMs = Math.max(nowMs, state.filledMs)
  if (probe) state.restUntilMs = nowMs + probeMs
  const left = { live, backfill, probe, tokens: state.tokens, heldMs, restMs: probe ? probeMs : restMs, othersMs }
  return waitsOf(left, bucket)
}

/** What a turn leaves behind, as the waits of the next calls. */
export interface Left {
  live: number, backfill: number, probe: boolean, tokens: number, heldMs: number, restMs: number, othersMs: number
}

export function waitsOf (left: Left, bucket: PaceBucket): Given {
  const { live, backfill, probe, tokens, heldMs, restMs, othersMs } = left
  const stoppedMs = Math.max(heldMs, probe ? Math.min(restMs, TRYING_MS) : restMs)
  const until = (needed: number): number => Math.max(0, (needed - tokens) / bucket.perMs)
  const liveWhy = restMs > 0 && restMs >= heldMs ? 'resting' : heldMs > 0 ? 'asked' : 'budget'
  return {
    live,
    backfill,
    probe,
    liveWaitMs: Math.ceil(Math.max(stoppedMs, until(1))),
    backfillWaitMs: Math.ceil(Math.max(stoppedMs, othersMs, until(bucket.reserve + 1))),
    liveWhy,
    backfillWhy: liveWhy === 'budget' && othersMs > 0 ? 'others' : liveWhy
  }
}
