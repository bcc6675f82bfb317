// The front door of the pretend intercom: token, version, media types, rate limit, and errors in the vendor's form.
// https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
import type { FastifyReply, FastifyRequest } from 'fastify'
import { openBooth } from './booth.ts'
import type { Booth } from './booth.ts'
import { errorList, Refusal, versionOf } from './intercom-refusals.ts'
import type { World } from './intercom-model.ts'

// 10,000 requests a minute, metered in slices of ten seconds
const PER_SLICE = 1667
const SLICE_MS = 10_000

export interface Door { token: string, world: World, rateLimit: number | null }

export function openDoor (o: Door): { booth: Booth, methodsOf: (url: string) => string[] } {
  const { world } = o
  const limit = o.rateLimit ?? PER_SLICE
  const routes: Array<{ pattern: RegExp, method: string }> = []
  let slice = 0
  let used = 0
  const requestId = (): string => '00' + world.next('request').toString(16).padStart(16, '0')

  const booth = openBooth({
    name: 'intercom',
    rateLimited (reply) {
      // Anywhere in a slice may be its end: the next second, so that nobody waits longer than he must
      reply.header('x-ratelimit-remaining', '0')
      reply.header('x-ratelimit-reset', String(Math.floor(Date.now() / 1000) + 1))
      refuse(reply, requestId(), tooMany(limit))
    },
    broken (reply) {
      reply.code(500).send(errorList(requestId(), 'server_error', 'Internal Server Error'))
    },
    // A search is a POST that changes nothing
    isWrite: request => !['GET', 'HEAD'].includes(request.method) && !request.url.split('?')[0]?.endsWith('/search')
  })
  const app = booth.app
  app.removeContentTypeParser('text/plain')
  app.addHook('onRoute', route => {
    const pattern = new RegExp(`^${route.url.replace(/:[A-Za-z]+/g, '[^/]+')}/?$`)
    for (const method of [route.method].flat()) routes.push({ pattern, method })
  })
  app.addHook('onRequest', async (request, reply) => {
    const now = Date.now()
    if (Math.floor(now / SLICE_MS) !== slice) { slice = Math.floor(now / SLICE_MS); used = 0 }
    used++
    const least = o.rateLimit === null ? 1 : 0      // where nothing is refused, nobody shall be told to wait
    reply.header('x-ratelimit-limit', String(limit))
    reply.header('x-ratelimit-remaining', String(Math.max(least, limit - used)))
    reply.header('x-ratelimit-reset', String((slice + 1) * SLICE_MS / 1000))
    reply.header('intercom-version', world.payloadVersion)
    checkCaller(request, o.token)
    reply.header('intercom-version', versionOf(request.headers['intercom-version'], world.payloadVersion))
    if (o.rateLimit !== null && used > limit) throw tooMany(limit)
  })
  app.setErrorHandler((error, _request, reply) => refuse(reply, requestId(), refusalOf(error)))
  return {
    booth,
    methodsOf (url) {
      const path = url.split('?')[0] ?? ''
      return [...new Set(routes.filter(r => r.pattern.test(path)).map(r => r.method))]
    }
  }
}

function checkCaller (request: FastifyRequest, token: string): void {
  if (request.headers.authorization !== `Bearer ${token}`) {
    throw new Refusal(401, 'unauthorized', 'Access Token Invalid')
  }
  const accept = request.headers.accept ?? '*/*'
  if (!/application\/(?:json|\*)|\*\/\*/.test(accept)) {
    throw new Refusal(406, 'media_type_not_acceptable',
      'The Accept header should send a media type of application/json')
  }
}

function tooMany (limit: number): Refusal {
  return new Refusal(429, 'rate_limit_exceeded', `Exceeded rate limit of ${limit} in 10_seconds`)
}

// What the server itself refuses (media type, broken json, size) in the vendor's words; the rest is our own mistake
function refusalOf (error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500
  const message = error instanceof Error ? error.message : String(error)
  if (status === 415) return new Refusal(415, 'client_error', 'Content-Type should be application/json')
  if (typeof status === 'number' && status >= 400 && status < 500) return new Refusal(status, 'bad_request', message)
  return new Refusal(500, 'server_error', message)
}

function refuse (reply: FastifyReply, requestId: string, refusal: Refusal): void {
  reply.code(refusal.status).send(errorList(requestId, refusal.code, refusal.message, refusal.field))
}
