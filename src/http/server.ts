// The only door: webhooks, the API and the dashboard on one port. Everything but webhooks, /healthz and context is closed to
// strangers; a new route cannot forget it, because the guard stands before all of them.
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import sensible from '@fastify/sensible'
import { BadRequest, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { isSame } from './signature.ts'

export interface ServerOptions { adminToken: string | null, log: Log }

const PAGE_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store'
}

export async function openHttp (options: ServerOptions): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: 1 << 20,
    requestTimeout: 15_000,
    connectionTimeout: 20_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false
  })
  app.server.headersTimeout = 10_000
  await app.register(sensible)
  app.addHook('onRequest', async (request, reply) => {
    if (isPublic(request.url)) return
    reply.headers(PAGE_HEADERS)
    const { adminToken } = options
    if (adminToken !== null && !bringsItsOwn(request.url) && !isAllowed(request.headers.authorization, adminToken)) {
      reply.header('www-authenticate', 'Basic realm="Deskloop"')
      throw new BadRequest('this page needs DESKLOOP_ADMIN_TOKEN, as bearer token or as password', 401)
    }
    // A page of another origin must not act for the person in this browser.
    const site = request.headers['sec-fetch-site']
    if (request.method !== 'GET' && site !== undefined && !['same-origin', 'none'].includes(String(site))) {
      throw new BadRequest('this request comes from another site', 403)
    }
  })
  app.setErrorHandler(async (error, request, reply) => {
    const status = statusOf(error)
    if (status >= 500) options.log.error({ route: request.routeOptions.url ?? 'unknown', method: request.method, status, message: messageOf(error) })
    return await reply.code(status).send({ message: status >= 500 ? 'Deskloop could not do this: its log says why' : messageOf(error) })
  })
  app.setNotFoundHandler(async (_request, reply) => await reply.code(404).send({ message: 'there is no such page' }))
  app.get('/healthz', async () => ({ ok: true }))
  return app
}

function isPublic (url: string): boolean {
  const path = url.split('?')[0] ?? ''
  return url.startsWith('/hooks/') || url === '/healthz' || path === '/v1/context' || path === '/context.js'
}

// A link from a note is its own permission; what a page is drawn with tells nobody anything.
function bringsItsOwn (url: string): boolean {
  return url.startsWith('/note/') || url.startsWith('/assets/')
}

function isAllowed (authorization: string | undefined, token: string): boolean {
  const [kind = '', value = ''] = (authorization ?? '').split(' ')
  if (kind.toLowerCase() === 'bearer') return isSame(value, token)
  const password = Buffer.from(value, 'base64').toString('utf8').split(':').slice(1).join(':')
  return isSame(kind.toLowerCase() === 'basic' ? password : '', token)
}

function statusOf (error: unknown): number {
  if (error instanceof BadRequest) return error.status
  if (typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode
  return 500
}
