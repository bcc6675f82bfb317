// Where the product tells what people do in it, from its server or from their browsers. Open to the world for whoever has
// a write key: it can only add, never read. https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parse } from 'secure-json-parse'
import { BadRequest, messageOf } from '../errors.ts'
import { recordContext } from '../store/context.ts'
import type { ContextRow } from '../store/context.ts'
import type { Db } from '../store/db.ts'
import { MOST_BYTES, readMessage } from './context-message.ts'
import { isSame } from './signature.ts'

export interface ContextDeps { db: Db, keys: string[], nowMs: () => number }

export const MOST_BATCH_BYTES = 512_000
const MOST_PER_MINUTE = 6_000                       // calls per key: a key stands in every browser

export async function context (app: FastifyInstance, deps: ContextDeps): Promise<void> {
  const snippet = readFileSync(new URL('context-snippet.js', import.meta.url), 'utf8')
  const spent = new Map<string, { minute: number, calls: number }>()
  // The content type says nothing: a browser sends text/plain where it wants to be spared the question beforehand.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BATCH_BYTES }, (_request, body, done) => { done(null, body) })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' })
    if (Number(request.headers['content-length'] ?? 0) > MOST_BATCH_BYTES) {
      throw new BadRequest(`the body has more than ${MOST_BATCH_BYTES} bytes (500 kB): send smaller batches`, 413)
    }
    if (request.headers['content-encoding'] !== undefined) throw new BadRequest('send without Content-Encoding', 415)
  })

  app.get('/context.js', async (_request, reply) => await reply
    .headers({ 'cache-control': 'public, max-age=3600', 'cross-origin-resource-policy': 'cross-origin' })
    .type('text/javascript; charset=utf-8').send(snippet))

  app.options('/v1/context', async (_request, reply) => await reply.code(204).headers({
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-max-age': '86400'
  }).send())

  app.post('/v1/context', async (request, reply) => {
    const body = readBody(request.body)
    const key = findKey(deps.keys, request, body)
    const { calls, sentAt, many } = callsOf(body)
    if (!spend(key, calls.length)) {
      reply.header('retry-after', '60')
      throw new BadRequest(`this key sent more than ${MOST_PER_MINUTE} calls within a minute: send the rest later`, 429)
    }
    const receivedAt = new Date(deps.nowMs())
    const rows: ContextRow[] = []
    const rejected: Array<{ index: number, message: string }> = []
    for (const [index, call] of calls.entries()) {
      try {
        rows.push(readMessage(call, receivedAt, sentAt))
      } catch (error) {
        if (!(error instanceof BadRequest) || !many) throw error
        rejected.push({ index, message: error.message })
      }
    }
    if (rows.length === 0) throw new BadRequest(`none of the ${calls.length} calls can be taken; the first: ${rejected[0]?.message ?? 'there is none'}`)
    const fresh = await recordContext(deps.db, rows)
    return { accepted: rows.length, repeated: rows.length - fresh, rejected }
  })

  // Calls are counted by the minute; false: this minute has had enough of them.
  function spend (key: string, calls: number): boolean {
    const minute = Math.floor(deps.nowMs() / 60_000)
    const before = spent.get(key)
    const sum = calls + (before?.minute === minute ? before.calls : 0)
    if (sum > MOST_PER_MINUTE) return false
    spent.set(key, { minute, calls: sum })
    return true
  }
}

function readBody (given: unknown): object {
  if (!Buffer.isBuffer(given) || given.length === 0) throw new BadRequest('the body must be JSON: one call, or { "batch": [ … ] }')
  try {
    const body: unknown = parse(given.toString('utf8'), null, { protoAction: 'remove', constructorAction: 'remove' })
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
      if (!('batch' in body) && given.length > MOST_BYTES) {
        throw new BadRequest(`the call has ${given.length} bytes: at most ${MOST_BYTES} (32 kB) are taken`, 413)
      }
      return body
    }
  } catch (error) {
    if (error instanceof BadRequest) throw error
    throw new BadRequest(`the body is no JSON: ${messageOf(error).slice(0, 100)}`)
  }
  throw new BadRequest('the body must be a JSON object: one call, or { "batch": [ … ] }')
}

function callsOf (body: object): { calls: unknown[], sentAt: unknown, many: boolean } {
  const sentAt = 'sentAt' in body ? body.sentAt : null
  if (!('batch' in body)) return { calls: [body], sentAt, many: false }
  if (!Array.isArray(body.batch) || body.batch.length === 0) throw new BadRequest('batch must be an array of calls, at least one')
  return { calls: body.batch, sentAt, many: true }
}

// As user name of basic authentication (as Segment has it), as bearer token, or as writeKey in the body.
function findKey (keys: string[], request: FastifyRequest, body: object): string {
  if (keys.length === 0) throw new BadRequest('no write key is set: set DESKLOOP_CONTEXT_KEYS', 403)
  const [kind = '', value = ''] = (request.headers.authorization ?? '').split(' ')
  const inBody = 'writeKey' in body && typeof body.writeKey === 'string' ? body.writeKey : ''
  const basic = kind.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? '' : ''
  const given = kind.toLowerCase() === 'bearer' ? value : basic || inBody
  const found = keys.filter(key => isSame(key, given))[0]
  if (found === undefined) throw new BadRequest('the write key is missing or wrong: it is one of DESKLOOP_CONTEXT_KEYS', 401)
  return found
}
