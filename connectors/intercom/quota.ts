// What an answer of Intercom says of its limit: pure. Ten thousand calls a minute and app, counted in slices of ten seconds;
// the headers speak of the slice, and its end is an instant in unix seconds.
// https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
import type { Heard } from '../../src/types.ts'

const DEFAULT_WAIT_MS = 30_000
const MAX_WAIT_MS = 3_600_000

export function heardOf (status: number, headers: Headers, nowMs: number): Heard {
  const [limit, remaining] = [numberOf(headers.get('x-ratelimit-limit')), numberOf(headers.get('x-ratelimit-remaining'))]
  const reset = numberOf(headers.get('x-ratelimit-reset'))
  const known = limit !== null && limit > 0 && remaining !== null
  const resetMs = reset === null ? null : Math.max(0, reset * 1000 - nowMs)
  const waits = status === 429 || (status === 503 && headers.has('retry-after'))
  return {
    failed: !waits && (status >= 500 || status === 408),
    quotas: known ? [{ of: 'account', limit, remaining, resetMs }] : [],
    waitMs: waits ? waitOf(headers, nowMs) : null
  }
}

/** `Retry-After` wins where it is sent. */
export function waitOf (headers: Headers, nowMs: number): number {
  const after = headers.get('retry-after')?.trim() ?? ''
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN)
  const waits = [
    /^\d+(\.\d+)?$/.test(after) ? Number(after) * 1000 : Date.parse(after) - nowMs,
    reset * 1000 - nowMs
  ]
  const wait = waits.find(ms => ms > 0) ?? DEFAULT_WAIT_MS
  return Math.min(Math.ceil(wait), MAX_WAIT_MS)
}

function numberOf (value: string | null): number | null {
  return value !== null && /^\s*\d+\s*$/.test(value) ? Number(value) : null
}
