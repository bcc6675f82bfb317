// When something is tried again: seconds at first, then hours, about three days in all; and the other time constants of
// the effect machine. They are those of a real house: a proof may shorten them, and then says so.
export interface Tempo {
  scheduleMs: readonly number[]                     // waits after failed attempts; after the last a person is asked
  leaseMs: number                                   // renewed while a worker is at it: it ends when the worker has died
  leastLookMs: number                               // a helpdesk needs a moment before it shows what it took
  recheckMs: number                                 // what was unclear once is read again then, for copies that came late
  probeMs: number                                   // how often an account that refused our token is asked again
  issuesEveryMs?: number                            // how often Linear is asked how issues stand; default: five minutes
  slackResendMs?: number                            // how long a lost message may still be posted; default: a minute
}

const SCHEDULE_MS = [1, 5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 86_400].map(s => s * 1000)

export const usualTempo: Tempo = {
  scheduleMs: SCHEDULE_MS, leaseMs: 20_000, leastLookMs: 3_000, recheckMs: 900_000, probeMs: 60_000
}

/** The wait after so many failed attempts; null after the last of the schedule. `seed`: four hexadecimal digits or more. */
export function waitAfter (attempts: number, seed: string, scheduleMs: readonly number[] = SCHEDULE_MS): number | null {
  const ms = scheduleMs[attempts - 1]
  return ms === undefined ? null : jitter(ms, seed)
}

// A fifth to either side, the same for the same seed and wait: many that failed together do not come back together.
function jitter (ms: number, seed: string): number {
  const share = Number.parseInt(seed.slice(0, 4), 16) / 0xFFFF
  return Math.round(ms * (0.8 + 0.4 * share))
}
