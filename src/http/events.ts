// The outgoing stream for who asks: page by page, or live as server-sent events. Both give every event once, in one order.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { BadRequest } from '../errors.ts'
import { SCHEMA_VERSION, toCloudEvent } from '../store/cloud-event.ts'
import type { Db } from '../store/db.ts'
import { START, findStreamEnd, isAhead, isPlace, listStream } from '../store/stream.ts'
import { eventSchema } from './event-schema.ts'

export interface EventsDeps { db: Db, lookMs?: number, heartbeatMs?: number }

const MOST_ON_A_PAGE = 1_000
const MOST_LISTENERS = 100
const LIVE_PAGE = 200

export async function events (app: FastifyInstance, deps: EventsDeps): Promise<void> {
  const { db, lookMs = 500, heartbeatMs = 10_000 } = deps
  const closing = new AbortController()
  let listeners = 0
  app.addHook('preClose', async () => { closing.abort() })        // a listener would hold the server open for ever

  app.get<{ Querystring: { after?: unknown, limit?: unknown } }>('/v1/events', async request => {
    const limit = readLimit(request.query.limit)
    const after = await readAfter(db, request.query.after) ?? START
    const rows = await listStream(db, after, limit + 1)
    const page = rows.slice(0, limit)
    return { events: page.map(toCloudEvent), next: page.at(-1)?.place ?? after, more: rows.length > limit }
  })

  app.get<{ Querystring: { version?: unknown } }>('/v1/events/schema', async (request, reply) => {
    const wanted = request.query.version ?? String(SCHEMA_VERSION)
    if (wanted !== String(SCHEMA_VERSION)) throw new BadRequest(`the stream has version ${SCHEMA_VERSION} only`, 404)
    return await reply.type('application/schema+json').send(JSON.stringify(eventSchema))
  })

  // Without a place to go on from, a listener hears what comes from now on.
  app.get<{ Querystring: { after?: unknown } }>('/v1/events/live', async (request, reply) => {
    const given = request.headers['last-event-id'] ?? request.query.after
    const after = await readAfter(db, given) ?? await findStreamEnd(db)
    if (listeners >= MOST_LISTENERS) throw new BadRequest(`there are ${MOST_LISTENERS} listeners already`, 503)
    listeners++
    const stream = Readable.from(listen(after), { objectMode: false })
    stream.once('close', () => { listeners-- })
    // The line ends with the stream: kept for later calls, it would keep a house that closes waiting for a minute.
    return await reply.type('text/event-stream; charset=utf-8').headers({ 'x-accel-buffering': 'no', connection: 'close' }).send(stream)
  })

  async function * listen (from: string): AsyncGenerator<string> {
    let after = from
    let silentMs = 0
    yield `retry: 2000\nid: ${after}\n\n`           // whoever is cut off before the first event goes on from here
    while (!closing.signal.aborted) {
      const page = await listStream(db, after, LIVE_PAGE)
      for (const row of page) {
        yield `id: ${row.place}\ndata: ${JSON.stringify(toCloudEvent(row))}\n\n`
        after = row.place
        silentMs = 0
      }
      if (page.length === LIVE_PAGE) continue
      if (silentMs >= heartbeatMs) {
        yield ': still here\n\n'
        silentMs = 0
      }
      await sleep(lookMs, null, { signal: closing.signal }).catch(() => { /* closing */ })
      silentMs += lookMs
    }
  }
}

function readLimit (given: unknown): number {
  const limit = Number(given ?? '100')
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ON_A_PAGE) return limit
  throw new BadRequest(`limit must be a number from 1 to ${MOST_ON_A_PAGE}`)
}

async function readAfter (db: Db, given: unknown): Promise<string | null> {
  if (given === undefined || given === '') return null
  if (typeof given !== 'string' || !isPlace(given)) {
    throw new BadRequest('after (or Last-Event-ID) must be a place in the stream: `next` of a page, or an event’s `sequence`')
  }
  if (await isAhead(db, given)) {
    throw new BadRequest('this place lies ahead of the stream: the database was restored since, so begin again without it', 410)
  }
  return given
}
