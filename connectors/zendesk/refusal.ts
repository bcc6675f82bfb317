// What Zendesk's refusals mean for the caller: pure. One table for reads and writes, because they differ in one thing
// only: a read may be tried again by anyone, a write without a clear answer may have been applied.

import { GiveUp, Refused, RetryLater, Unclear } from '../../src/errors.ts'

export interface Call { method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', path: string }

export interface Refusal { status: number, header: (name: string) => string | null, reason: string }

const DEFAULT_WAIT_MS = 30_000
const LONGEST_WAIT_MS = 3_600_000
const CONFLICT_WAIT_MS = 4_000
const UNREACHABLE_WAIT_MS = 5_000

// Before any byte of the request left this machine
const NOT_SENT = new Set([
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'
])

/** The error for an answer that is no success. `secret` names the setting that holds the token in use. */
export function refusalOf (call: Call, refusal: Refusal, secret: string, now: number): Error {
  const { status, reason } = refusal
  const where = `${status} on ${nameOf(call)}`
  const why = reason === '' ? '' : `: ${reason}`
  const write = call.method !== 'GET'
  if (status === 401 || status === 403) {
    const also = status === 403 ? ' or widen its rights' : ''
    return new Refused(`zendesk refused the token (${where}): renew ${secret}${also}`, status)
  }
  if (status === 429 || (status === 503 && refusal.header('retry-after') !== null)) {
    return new RetryLater(`zendesk asks us to wait (${where})`, waitOf(refusal, now))
  }
  if (status === 409) {
    const told = `zendesk saw a newer change (${where})${why}`
    return write ? new RetryLater(told, CONFLICT_WAIT_MS) : new Error(told)
  }
  if (status >= 300 && status < 400) return new GiveUp(`zendesk points elsewhere (${where}): correct ZENDESK_URL`)
  if (status >= 500 || status === 408 || status === 425) {
    const told = `zendesk failed (${where})${why}`
    return write ? new Unclear(told) : new Error(told)
  }
  // The ticket was deleted or closed between our look at it and the write.
  const gone = status === 404 || status === 410 || (status === 422 && /\bclosed\b/i.test(reason))
  const skipped = write && gone && call.path.startsWith('/tickets/') ? 'skipped: ' : ''
  return new GiveUp(`${skipped}zendesk refused the call (${where})${why}`)
}

/** The error for a call that got no whole answer. */
export function silenceOf (call: Call, cause: unknown): Error {
  const told = `zendesk did not answer ${nameOf(call)}`
  if (call.method === 'GET') return new Error(told, { cause })
  return wasNotSent(cause)
    ? new RetryLater(`zendesk cannot be reached for ${nameOf(call)}`, UNREACHABLE_WAIT_MS, { cause })
    : new Unclear(told, { cause })
}

/** An answer of 2xx that says nothing readable. */
export function nonsenseOf (call: Call, what: string): Error {
  const told = `zendesk answered ${nameOf(call)} with ${what}`
  return call.method === 'GET' ? new Error(told) : new Unclear(told)
}

/**
 * Three families of headers look alike: `ratelimit-reset` counts seconds, `x-ratelimit-reset` is another counter's
 * instant, and `zendesk-ratelimit-…` speaks of one endpoint. https://developer.zendesk.com/api-reference/introduction/rate-limits/
 */
export function waitOf (refusal: Refusal, now: number): number {
  const asked = refusal.header('retry-after') ?? refusal.header('ratelimit-reset') ?? ''
  const waitMs = /^\s*\d+(\.\d+)?\s*$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - now
  if (!Number.isFinite(waitMs) || /^\s*-/.test(asked)) return DEFAULT_WAIT_MS
  return Math.min(LONGEST_WAIT_MS, Math.max(1000, waitMs))
}

function nameOf (call: Call): string {
  return `${call.method} ${call.path.split('?')[0] ?? call.path}`
}

// fetch hides the reason in `cause`, and that of several addresses in `errors`.
function wasNotSent (error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 4) return false
  if ('code' in error && typeof error.code === 'string' && NOT_SENT.has(error.code)) return true
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) {
    return error.errors.every(one => wasNotSent(one, depth + 1))
  }
  return 'cause' in error && wasNotSent(error.cause, depth + 1)
}
