// What an answer of Freshdesk says of its limit: pure. Calls are counted by the minute for the whole account, refused ones
// and those of other programs included; a list that includes more costs more. Only a refusal says how long to wait.
// https://developers.freshdesk.com/api/#ratelimit
import type { Heard } from '../../src/types.ts'

export function heardOf (status: number, headers: Headers, nowMs: number): Heard {
  const limit = numberOf(headers.get('x-ratelimit-total'))
  const remaining = numberOf(headers.get('x-ratelimit-remaining'))
  const used = numberOf(headers.get('x-ratelimit-used-currentrequest'))
  const waits = status === 429 || (status === 503 && headers.has('retry-after'))
  return {
    failed: !waits && (status >= 500 || status === 408),
    quotas: limit !== null && limit > 0 && remaining !== null ? [{ of: 'account', limit, remaining, resetMs: null }] : [],
    waitMs: waits ? waitOf(headers.get('retry-after'), nowMs) : null,
    ...(used === null ? {} : { used })
  }
}

/** Seconds or a date; half a minute when it says neither, never more than an hour. */
export function waitOf (value: string | null, nowMs: number): number {
  const text = value?.trim() ?? ''
  let waitMs = 30_000
  if (/^\d{1,12}$/.test(text)) waitMs = Number(text) * 1000
  else if (/^[A-Za-z]{3,9},? /.test(text) && !Number.isNaN(Date.parse(text))) waitMs = Date.parse(text) - nowMs
  return Math.min(Math.max(waitMs, 1000), 3_600_000)
}

function numberOf (value: string | null): number | null {
  return value !== null && /^\s*\d+\s*$/.test(value) ? Number(value) : null
}
