// When something is tried again: seconds at first, then hours, about three days in all.
const SCHEDULE_MS = [1, 5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 86_400].map(s => s * 1000)

/** The wait after so many failed attempts; null after the last of the schedule. `seed`: four hexadecimal digits or more. */
export function waitAfter (attempts: number, seed: string): number | null {
  const ms = SCHEDULE_MS[attempts - 1]
  return ms === undefined ? null : jitter(ms, seed)
}

// A fifth to either side, the same for the same seed and wait: many that failed together do not come back together.
function jitter (ms: number, seed: string): number {
  const share = Number.parseInt(seed.slice(0, 4), 16) / 0xFFFF
  return Math.round(ms * (0.8 + 0.4 * share))
}
