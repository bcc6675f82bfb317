// The limits of the pretend Zendesk and the three families of headers that tell of them, which look alike and are not.
// https://developer.zendesk.com/api-reference/introduction/rate-limits/
import type { FastifyReply } from 'fastify'
import { Refusal } from './zendesk-answers.ts'

export interface Limits {
  headers: (reply: FastifyReply) => void
  refuse: (reply: FastifyReply) => void
  /** Counts one use of an endpoint; throws the vendor's 429 when its limit is kept and used up. */
  take: (reply: FastifyReply, name: string, total: number, seconds: number, key: string) => void
}

const PER_MINUTE = 700                              // the Enterprise plan
const TOO_MANY = { error: 'APIRateLimitExceeded', description: 'Number of allowed API requests per minute exceeded' }

interface Window { since: number, used: number }

export function makeLimits (kept: boolean, now: () => number, perMinute = PER_MINUTE): Limits {
  const windows = new Map<string, Window>()
  let requests = 0

  const use = (key: string, seconds: number): { used: number, resets: number } => {
    const at = now()
    const open = windows.get(key)
    const window = open !== undefined && at < open.since + seconds && at >= open.since ? open : { since: at, used: 0 }
    window.used++
    if (kept) windows.set(key, window)
    return { used: window.used, resets: window.since + seconds - at }
  }
  const account = (reply: FastifyReply, remaining: number, resets: number): void => {
    reply.headers({
      'x-rate-limit': String(perMinute),
      'x-rate-limit-remaining': String(remaining),
      'ratelimit-limit': String(perMinute),
      'ratelimit-remaining': String(remaining),
      'ratelimit-reset': String(resets),
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '4986',
      'x-ratelimit-reset': String(now() + 60)       // an instant, not a number of seconds
    })
  }

  return {
    headers (reply) {
      const { used, resets } = use('account', 60)
      account(reply, Math.max(0, perMinute - used), resets)
      reply.headers({
        'x-zendesk-api-version': 'v2',
        'x-request-id': `${(++requests).toString(16).padStart(16, '0')}-LHR`,
        'cache-control': 'max-age=0, private, must-revalidate'
      })
      if (kept && used > perMinute) throw new Refusal(429, TOO_MANY, { 'retry-after': String(resets) })
    },
    refuse (reply) {
      account(reply, 0, 1)
      reply.code(429).header('retry-after', '1').send(TOO_MANY)
    },
    take (reply, name, total, seconds, key) {
      const { used, resets } = use(`${name} ${key}`, seconds)
      reply.header(`zendesk-ratelimit-${name}`, `total=${total}; remaining=${Math.max(0, total - used)}; resets=${resets}`)
      if (used > total) throw new Refusal(429, TOO_MANY, { 'retry-after': String(resets) })
    }
  }
}

/** Breaking down, the vendor answers in html. */
export function brokenAnswer (reply: FastifyReply): void {
  reply.code(500).type('text/html').send('<html><body><h1>Internal Server Error</h1></body></html>')
}
