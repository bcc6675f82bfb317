// What an answer of Zendesk says of its limits: pure. Three families of headers look alike: `ratelimit-…` is the account's
// (reset in seconds), `x-ratelimit-…` is another counter's (reset as an instant, never ours), `zendesk-ratelimit-<name>`
// is one endpoint's. https://developer.zendesk.com/api-reference/introduction/rate-limits/
import type { Heard, Quota } from '../../src/types.ts'
import { waitOf } from './refusal.ts'

const ENDPOINT = /^total=(\d+);\s*remaining=(\d+);\s*resets=(\d+)$/

export function heardOf (status: number, headers: Headers, nowMs: number): Heard {
  const quotas: Quota[] = []
  const limit = numberOf(headers.get('ratelimit-limit') ?? headers.get('x-rate-limit'))
  const remaining = numberOf(headers.get('ratelimit-remaining') ?? headers.get('x-rate-limit-remaining'))
  const resets = numberOf(headers.get('ratelimit-reset'))
  if (limit !== null && limit > 0 && remaining !== null) {
    quotas.push({ of: 'account', limit, remaining, resetMs: resets === null ? null : resets * 1000 })
  }
  let oneTicket = false
  let usedUp = false
  headers.forEach((value, name) => {
    const [, total, left, seconds] = name.startsWith('zendesk-ratelimit-') ? ENDPOINT.exec(value.trim()) ?? [] : []
    if (total === undefined) return
    const quota: Quota = { of: 'endpoint', limit: Number(total), remaining: Number(left), resetMs: Number(seconds) * 1000 }
    // Thirty updates of one ticket in ten minutes: that concerns no other ticket.
    if (name.includes('per-ticket')) oneTicket ||= quota.remaining < 1
    else {
      quotas.push(quota)
      usedUp ||= quota.remaining < 1
    }
  })
  const waits = status === 429 || (status === 503 && headers.has('retry-after'))
  const header = (name: string): string | null => headers.get(name)
  return {
    failed: !waits && (status >= 500 || status === 408),
    quotas,
    waitMs: waits && !oneTicket && !usedUp ? waitOf({ status, header, reason: '' }, nowMs) : null
  }
}

function numberOf (value: string | null): number | null {
  return value !== null && /^\s*\d+\s*$/.test(value) ? Number(value) : null
}
