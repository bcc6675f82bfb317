// The outlets for who looks after them: how each one does, what it refused, how it goes on; and whether a signature that
// somebody could not verify is right.
import type { FastifyInstance } from 'fastify'
import { BadRequest } from '../errors.ts'
import type { Db } from '../store/db.ts'
import { listOutlets, listRefusals, resumeOutlet } from '../store/outlets.ts'
import { isAhead, isPlace } from '../store/stream.ts'
import type { Headers } from '../types.ts'
import type { Outlet, SignedVerdict } from '../outside.ts'

export interface OutletApiDeps {
  db: Db
  outlets: Outlet[]
  wake: () => void
  verify: (secrets: string[], headers: Headers, body: string, nowSeconds: number) => SignedVerdict
  nowMs: () => number
}

const MOST_REFUSALS = 500

export async function outletApi (app: FastifyInstance, deps: OutletApiDeps): Promise<void> {
  app.get('/v1/outlets', async () => {
    const health = await listOutlets(deps.db)
    return health.map(h => ({ ...h, url: deps.outlets.find(o => o.name === h.name)?.url ?? null }))
  })

  app.get<{ Params: { name: string } }>('/v1/outlets/:name/refusals', async request => {
    getOutlet(request.params.name)
    return await listRefusals(deps.db, request.params.name, MOST_REFUSALS)
  })

  // `after` sends again what was sent or refused since that place.
  app.post<{ Params: { name: string }, Body: { after?: unknown } | null }>('/v1/outlets/:name/resume', async request => {
    const { name } = getOutlet(request.params.name)
    const after = request.body?.after ?? null
    if (after !== null && (typeof after !== 'string' || !isPlace(after) || await isAhead(deps.db, after))) {
      throw new BadRequest('after must be a place in the stream, such as the `sequence` of an event')
    }
    await resumeOutlet(deps.db, name, after)
    deps.wake()
    return { resumed: name }
  })

  app.post<{ Body: unknown }>('/v1/verify', async request => {
    const { outlet, headers, body } = readSigned(request.body)
    const asked = (outlet === null ? deps.outlets : [getOutlet(outlet)]).filter(o => o.nats === undefined)
    if (asked.length === 0) throw new BadRequest('there is no outlet: name one in config/outlets.json', 409)
    const nowSeconds = Math.floor(deps.nowMs() / 1000)
    const verdicts = asked.map(o => ({ outlet: o.name, ...deps.verify(o.secrets, headers, body, nowSeconds) }))
    const late = verdicts.find(v => !v.valid && v.reason.startsWith('the signature is right'))
    return verdicts.find(v => v.valid) ?? late ?? verdicts[0]
  })

  function getOutlet (name: string): Outlet {
    const found = deps.outlets.find(o => o.name === name)
    if (found !== undefined) return found
    throw new BadRequest(`there is no outlet ${name.slice(0, 60)}: there is ${deps.outlets.map(o => o.name).join(', ') || 'none'}`, 404)
  }
}

function readSigned (given: unknown): { outlet: string | null, headers: Headers, body: string } {
  const has = typeof given === 'object' && given !== null
  const outlet = has && 'outlet' in given ? given.outlet : null
  const headers = has && 'headers' in given ? given.headers : null
  const body = has && 'body' in given ? given.body : null
  if (typeof body !== 'string') throw new BadRequest('body must be the text that was received, byte for byte, not what it was parsed to')
  if (outlet !== null && typeof outlet !== 'string') throw new BadRequest('outlet must be the name of an outlet')
  if (typeof headers !== 'object' || headers === null || !Object.values(headers).every(v => typeof v === 'string')) {
    throw new BadRequest('headers must be an object: webhook-id, webhook-timestamp and webhook-signature as they were received')
  }
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const)
  return { outlet, headers: Object.fromEntries(entries), body }
}
