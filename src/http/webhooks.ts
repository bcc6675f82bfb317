// Where helpdesks deliver. A delivery is verified as bytes, kept as bytes, and answered when the disk has it; all work
// comes later. What is signed and unreadable is kept too and answered 200, or the sender would repeat it for ever.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { parse } from 'secure-json-parse'
import { BadRequest, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { isRefused } from '../store/db.ts'
import type { Arrival, Recorder } from '../store/recorder.ts'
import type { Connector, Headers, Look, Settings, TicketEvent } from '../types.ts'
import type { Secrets } from './secrets.ts'
import { verify } from './signature.ts'
import type { Verdict } from './signature.ts'

export interface Door {
  name: string, connector: Connector, settings: Settings
  secrets?: Secrets                                 // where the helpdesk itself draws the secret, and may draw another
}

export interface WebhookDeps { doors: ReadonlyMap<string, Door>, recorder: Recorder, log: Log, nowMs: () => number }

const MOST_DEEP = 64
const KEPT_HEADERS = [
  'user-agent', 'x-zendesk-webhook-id', 'x-zendesk-webhook-invocation-id',
  'x-zendesk-webhook-signature-timestamp', 'x-request-id'
]

export async function webhooks (app: FastifyInstance, deps: WebhookDeps): Promise<void> {
  // Whatever the content type says, the body is bytes: no parser is chosen by a header that a stranger wrote.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })
  app.addHook('onRequest', async request => {
    delete request.raw.headers['content-type']      // else a malformed one is refused before the signature is looked at
    const encoding = request.headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity') {
      throw new BadRequest(
        `this address takes bodies as they are, not ${encoding.slice(0, 20)}: send without Content-Encoding`, 415
      )
    }
  })
  app.route<{ Params: { connection: string } }>({
    method: ['POST', 'HEAD'],                       // Intercom asks with HEAD whether the address is there
    url: '/hooks/:connection',
    handler: (request, reply) => request.method === 'HEAD' ? reply.code(200).send() : receive(deps, request, reply)
  })
}

async function receive (
  deps: WebhookDeps, request: FastifyRequest<{ Params: { connection: string } }>, reply: FastifyReply
): Promise<FastifyReply> {
  const startedMs = performance.now()
  const door = deps.doors.get(request.params.connection)
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const tell = (outcome: string, extra: object = {}): void => {
    const ms = Math.round(performance.now() - startedMs)
    const line = { delivery: request.params.connection.slice(0, 60), outcome, bytes: body.length, ms, ...extra }
    if (outcome === 'stored' || outcome === 'again') deps.log.debug(line)
    else deps.log.warn(line)
  }
  if (door === undefined) {
    tell('unknown connection')
    return await reply.code(404).send(
      { message: 'no connection has this name: see GET /v1/connections for those there are' }
    )
  }
  const headers: Headers = Object.fromEntries(
    Object.entries(request.headers).map(([k, v]) => [k, Array.isArray(v) ? v.join(',') : v])
  )
  const judge = (settings: Settings): Verdict =>
    verify(door.connector.signature, settings, headers, body, deps.nowMs())
  let verdict = judge(door.secrets?.current() ?? door.settings)
  // The secret may have been drawn anew a moment ago, and a refused delivery is not sent again.
  if (door.secrets !== undefined && (verdict === 'false' || verdict === 'unset')) {
    verdict = judge(await door.secrets.refresh())
  }
  if (verdict === 'unset' || verdict === 'false') {
    tell(verdict === 'unset' ? 'no secret is set' : 'wrong signature')
    return await reply.code(401).send({ message: `the delivery is not signed with ${door.connector.signature.secret}` })
  }
  try {
    const { arrival, fresh, events } = await store(deps, readDelivery(door, headers, body, verdict === 'late'))
    const outcome = arrival.state === 'read' ? 'stored' : arrival.state
    tell(fresh ? outcome : 'again', { events, ...(arrival.error === null ? {} : { message: arrival.error }) })
    return await reply.code(200).send()
  } catch (error) {
    tell('not stored', { message: messageOf(error) })
    const message = 'the delivery could not be stored: send it again'
    return await reply.code(503).header('retry-after', '5').send({ message })
  }
}

// What the database will never take must not come again for ever: its bytes are kept, and a person can have them read
// again after the fix.
async function store (
  deps: WebhookDeps, arrival: Arrival
): Promise<{ arrival: Arrival, fresh: boolean, events: number }> {
  try {
    return { arrival, ...await deps.recorder.record(arrival) }
  } catch (error) {
    if (!isRefused(error) && !(error instanceof BadRequest && error.status === 400)) throw error
    const kept: Arrival = { ...arrival, identity: null, state: 'unreadable', error: cleaned(messageOf(error)), facts: [] }
    return { arrival: kept, ...await deps.recorder.record(kept) }
  }
}

/** What a believed delivery says, as it will be written down. Pure but for the clock. */
export function readDelivery (door: Door, headers: Headers, body: Buffer, late: boolean): Arrival {
  const kept = Object.fromEntries(
    KEPT_HEADERS.flatMap(name => headers[name] === undefined ? [] : [[name, cleaned(headers[name] ?? '')]])
  )
  const base = { connection: door.name, receivedAt: new Date(), headers: kept, body }
  try {
    const parsed: unknown = parse(body.toString('utf8'), null, { protoAction: 'remove', constructorAction: 'remove' })
    if (depthOf(parsed) > MOST_DEEP) throw new Error(`it is nested deeper than ${MOST_DEEP}`)
    const facts = door.connector.normalize(parsed, door.name, door.settings)
    return {
      ...base, identity: door.connector.identify(parsed), state: late ? 'late' : 'read', error: null,
      facts: late ? looksOf(facts) : facts
    }
  } catch (error) {
    return { ...base, identity: null, state: 'unreadable', error: cleaned(messageOf(error)), facts: [] }
  }
}

// A delivery from outside the replay window is not believed in its details: the ticket is looked at instead.
function looksOf (facts: Array<TicketEvent | Look>): Look[] {
  return [...new Set(facts.map(f => f.ticketId))].map(ticketId => ({ kind: 'look', ticketId }))
}

function cleaned (text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed().slice(0, 500)
}

// Without recursion: the depth is what we must not trust.
function depthOf (value: unknown): number {
  let level: unknown[] = [value]
  let depth = 0
  while (level.length > 0 && depth <= MOST_DEEP) {
    level = level.flatMap(v => typeof v === 'object' && v !== null ? Object.values(v) : [])
    if (level.length > 0) depth++
  }
  return depth
}
