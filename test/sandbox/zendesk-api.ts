// The REST interface of the pretend Zendesk: who is asking, which route is meant, and what is said when neither is known.
// https://developer.zendesk.com/api-reference/introduction/security-and-auth/
import type { FastifyRequest } from 'fastify'
import { adminRoutes } from './zendesk-admin.ts'
import { forbidden, Refusal } from './zendesk-answers.ts'
import { exportRoutes } from './zendesk-exports.ts'
import type { Hooks } from './zendesk-hooks.ts'
import type { Limits } from './zendesk-limits.ts'
import { listRoutes } from './zendesk-lists.ts'
import type { OAuth } from './zendesk-oauth.ts'
import type { Route } from './zendesk-route.ts'
import type { State, User } from './zendesk-state.ts'
import { ticketRoutes } from './zendesk-tickets.ts'

/** `apiToken` null: an admin has revoked it. */
export interface Credentials { apiToken: string | null, oauth: OAuth }

export function serveApi (state: State, hooks: Hooks, credentials: Credentials, limits: Limits): void {
  const { app } = state.booth
  const routes = [ticketRoutes(state, hooks), listRoutes(state), exportRoutes(state), adminRoutes(state, hooks)]
  const find = makeFinder(routes.flat())

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, text, done) => {
    try {
      done(null, text === '' ? undefined : JSON.parse(String(text)))
    } catch {
      done(new Refusal(422, { error: 'Unprocessable Entity', message: 'Server could not parse JSON' }))
    }
  })
  app.setErrorHandler((error, _, reply) => {
    if (error instanceof Refusal) return reply.code(error.status).headers(error.headers).send(error.body)
    const code = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500
    if (code === 415) return reply.code(415).send({ error: { title: 'Unsupported Media Type', message: 'Content-Type must be application/json' } })
    if (code === 413) return reply.code(413).type('text/html').send('<html><body>Request Entity Too Large</body></html>')
    // A mistake of the sandbox itself must not look like the vendor's.
    return reply.code(500).type('text/plain').send(`sandbox: ${error instanceof Error ? error.stack : String(error)}`)
  })
  app.setNotFoundHandler((_, reply) => reply.code(404).type('text/html').send('<html><body>Not Found</body></html>'))

  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/api/v2/*',
    handler (request, reply) {
      const url = new URL(request.url, state.url)
      const parts = url.pathname.replace(/\/$/, '').replace(/\.json$/, '').split('/').slice(3).map(decodeSegment)
      if (request.method === 'GET' && parts.join('/') === 'users/me' && request.headers.authorization === undefined) {
        return reply.send({ user: anonymous() })
      }
      const user = authenticate(request, parts[0] ?? '')
      const found = find(request.method, parts)
      if (found === null) throw new Refusal(404, { error: 'InvalidEndpoint', description: 'Not found' })
      const answer = found.route.handle({ reply, url, params: found.params, body: request.body, user, limits })
      return answer.body === undefined ? reply.code(answer.status).send() : reply.code(answer.status).send(answer.body)
    }
  })
  app.post('/oauth/tokens', (request, reply) => reply.send(credentials.oauth.grant(request.body)))

  function authenticate (request: FastifyRequest, resource: string): User {
    const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(/ +/, 2)
    if (scheme.toLowerCase() === 'bearer') {
      const scopes = credentials.oauth.scopesOf(value)
      const need = request.method === 'GET' ? 'read' : 'write'
      const owner = resource === 'help_center' ? 'hc' : resource
      if (!scopes.includes(need) && !scopes.includes(`${owner}:${need}`)) throw forbidden()
      return state.self
    }
    const [name, secret] = splitOnce(Buffer.from(value, 'base64').toString('utf8'))
    const user = name.endsWith('/token') ? state.findUserByEmail(name.slice(0, -'/token'.length)) : undefined
    const known = scheme.toLowerCase() === 'basic' && secret === credentials.apiToken
    if (!known || user === undefined || user.role === 'end-user') throw new Refusal(401, { error: "Couldn't authenticate you" })
    return user
  }
}

function makeFinder (routes: Route[]): (method: string, parts: string[]) => { route: Route, params: string[] } | null {
  const shelves = new Map<string, Array<{ route: Route, pattern: string[] }>>()
  // What is named in full comes before what fits any segment: `users/me` before `users/:`.
  const ordered = routes.toSorted((a, b) => a.path.split(':').length - b.path.split(':').length)
  for (const route of ordered) {
    const pattern = route.path.split('/')
    const shelf = `${route.method} ${pattern.length}`
    shelves.set(shelf, [...shelves.get(shelf) ?? [], { route, pattern }])
  }
  return (method, parts) => {
    const shelf = shelves.get(`${method} ${parts.length}`) ?? []
    const found = shelf.find(({ pattern }) => pattern.every((piece, i) => piece === ':' || piece === parts[i]))
    return found === undefined ? null : { route: found.route, params: parts.filter((_, i) => found.pattern[i] === ':') }
  }
}

function decodeSegment (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text                                     // a stray percent sign names nothing we know
  }
}

function splitOnce (text: string): [string, string] {
  const at = text.indexOf(':')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** Without credentials `users/me` is no error: it shows somebody who does not exist. */
function anonymous (): object {
  return { id: null, url: null, name: 'Anonymous user', email: 'invalid@example.com', role: 'end-user', active: false }
}
