// What every request passes before a route sees it: credits and limits, the key, the content type; and
// what an unknown path, a wrong verb or a thrown refusal looks like from outside.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Dialect } from './booth.ts'
import { Refusal, notJson, wrongVerb } from './freshdesk-refusals.ts'

export type Plan = 'growth' | 'pro' | 'enterprise'

/** Calls per minute and account: https://developers.freshdesk.com/api/#ratelimit */
const LIMITS: Readonly<Record<Plan, Readonly<Record<string, number>>>> = {
  growth: { total: 200, update: 80, list: 20, contacts: 20 },
  pro: { total: 400, update: 160, list: 100, contacts: 100 },
  enterprise: { total: 700, update: 280, list: 200, contacts: 200 }
}

export const dialect: Dialect = {
  name: 'freshdesk',
  rateLimited: reply => { overLimit(reply, 1) },
  broken: reply => {
    reply.code(500).send({ code: 'internal_error', message: 'We’re sorry, but something went wrong.' })
  }
}

function overLimit (reply: FastifyReply, waitSeconds: number): void {
  reply.code(429).header('retry-after', String(waitSeconds))
    .send({ message: 'You have exceeded the limit of requests per minute' })
}

export function keepGate (
  app: FastifyInstance, key: string, plan: Plan, isLimited: boolean, scaled: { perMinute: number } | null = null
): void {
  const limits = scaled === null ? LIMITS[plan] : { ...LIMITS[plan], total: scaled.perMinute }
  const verbs: Array<{ pattern: RegExp, method: string }> = []
  const used = new Map<string, number>()
  let minute = 0
  let numbered = 0

  const use = (name: string, credits: number): number => {
    const now = Math.floor(Date.now() / 60_000)
    if (now !== minute) { minute = now; used.clear() }
    const sum = (used.get(name) ?? 0) + credits
    used.set(name, sum)
    return (limits[name] ?? 0) - sum
  }

  app.addHook('onRoute', route => {
    const pattern = new RegExp(`^${route.url.replace(/:[a-z]+/g, '[^/]+')}/?$`)
    for (const method of [route.method].flat()) if (method !== 'HEAD') verbs.push({ pattern, method })
  })

  app.addHook('onRequest', async (request, reply) => {
    const credits = creditsOf(request)
    const left = use('total', credits)
    const kind = kindOf(request)
    const kindLeft = kind === null ? 0 : use(kind, 1)
    const total = limits.total ?? 0
    reply.headers({
      'x-freshdesk-api-version': 'latest=v2; requested=v2',
      'x-ratelimit-total': String(total),
      'x-ratelimit-remaining': String(isLimited ? Math.max(0, left) : total - credits),
      'x-ratelimit-used-currentrequest': String(credits),
      'x-request-id': `00000000-0000-4000-8000-${String(++numbered).padStart(12, '0')}`
    })
    if (isLimited && (left < 0 || kindLeft < 0)) {
      overLimit(reply, Math.ceil(60 - (Date.now() % 60_000) / 1000))
      return reply
    }
    if (request.is404) return
    if (!holdsKey(request, key)) {
      const message = 'You have to be logged in to perform this action.'
      throw new Refusal(401, { code: 'invalid_credentials', message })
    }
    if (!takesJson(request)) throw new Refusal(406, undefined)
  })

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      const parsed: unknown = JSON.parse(String(body))
      done(null, parsed)
    } catch {
      done(notJson())
    }
  })
  app.addContentTypeParser('*', (request, _payload, done) => {
    const type = request.headers['content-type'] ?? ''
    const message = `Content-Type header is set to ${type}. It should be set to application/json`
    done(new Refusal(415, { code: 'invalid_content_type', message }))
  })

  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof Refusal) {
      reply.code(error.status).headers(error.headers).send(error.body)
      return
    }
    dialect.broken(reply)
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const allowed = [...new Set(verbs.filter(one => one.pattern.test(path)).map(one => one.method))]
    if (allowed.length === 0) { reply.code(404).send(); return }
    const refusal = wrongVerb(request.method, allowed.sort())
    reply.code(refusal.status).headers(refusal.headers).send(refusal.body)
  })
}

/** Each include costs: one call more on a ticket, two more on the list. */
function creditsOf (request: FastifyRequest): number {
  const url = new URL(request.url, 'http://freshdesk')
  const includes = (url.searchParams.get('include') ?? '').split(',').filter(one => one !== '').length
  if (request.method !== 'GET' || includes === 0) return 1
  if (/^\/api\/v2\/tickets\/?$/.test(url.pathname)) return 1 + 2 * includes
  return /^\/api\/v2\/tickets\/\d+\/?$/.test(url.pathname) ? 1 + includes : 1
}

function kindOf (request: FastifyRequest): string | null {
  const path = request.url.split('?')[0]?.replace(/\/$/, '') ?? ''
  if (request.method === 'GET' && path === '/api/v2/tickets') return 'list'
  if (request.method === 'GET' && path === '/api/v2/contacts') return 'contacts'
  return request.method === 'PUT' && /^\/api\/v2\/tickets\/\d+$/.test(path) ? 'update' : null
}

/** Basic authentication with the key as user; the password may be anything. */
function holdsKey (request: FastifyRequest, key: string): boolean {
  const [scheme, value] = (request.headers.authorization ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'basic' || value === undefined) return false
  const pair = Buffer.from(value, 'base64').toString()
  return pair.includes(':') && pair.slice(0, pair.indexOf(':')) === key
}

function takesJson (request: FastifyRequest): boolean {
  const accept = request.headers.accept
  return accept === undefined || /\*\/\*|application\/(\*|json)/.test(accept)
}
