// Does an account fail too often? The calls of the last half minute, second by second. A ready-made breaker (cockatiel
// 3.2.1, read on 2026-11-22) drops one second of its window with each call, however long nobody called, so that twenty
// failures in twenty minutes would look like twenty in a row; and its state cannot be shared between processes.

export interface Sample { seconds: Array<{ second: number, calls: number, failed: number }> }

const SECONDS = 30
const LEAST_CALLS = 20
const SHARE = 0.5

/** Adds one call; true when of at least twenty calls within half a minute half have failed. */
export function sampleOne (sample: Sample, failed: boolean, nowMs: number): boolean {
  const second = Math.floor(nowMs / 1000)
  sample.seconds = sample.seconds.filter(s => s.second > second - SECONDS && s.second <= second)
  const last = sample.seconds.at(-1)
  const current = last?.second === second ? last : { second, calls: 0, failed: 0 }
  if (current !== last) sample.seconds.push(current)
  current.calls++
  if (failed) current.failed++
  const calls = sample.seconds.reduce((sum, s) => sum + s.calls, 0)
  const failures = sample.seconds.reduce((sum, s) => sum + s.failed, 0)
  return failed && calls >= LEAST_CALLS && failures >= SHARE * calls
}
