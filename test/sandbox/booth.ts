// The part every pretend vendor shares: a server on loopback that can be told to misbehave, the journal of what was
// applied, and the deliveries it wants to send. A vendor adds its routes to `app` and its headers to `dialect`.
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { noFaults, plainSending } from './types.ts'
import type { Delivery, Faults, Instant, JournalEntry, Sending } from './types.ts'
import { makeRandom } from './random.ts'

export interface Dialect {
  name: string
  /** Answers as this vendor does when the limit is reached, with its own headers and body. */
  rateLimited: (reply: FastifyReply) => void
  /** Answers as this vendor does when it breaks (html, json, nothing). */
  broken: (reply: FastifyReply) => void
  /** Headers of every answer (rate limits, request ids). */
  headers?: (reply: FastifyReply) => void
  isWrite?: (request: FastifyRequest) => boolean    // default: everything but GET and HEAD
}

export interface Sent { sent: number, attempts: number, failed: number, dropped: number }

export interface Booth {
  app: FastifyInstance
  faults: Faults
  journal: JournalEntry[]
  requests: Array<{ method: string, path: string, status: number | null, body?: unknown }>
  pending: Delivery[]
  sent: Delivery[]
  webhookUrl: string | null
  now (): Instant
  tell (at: Instant): void                          // the vendor's time goes forward to here
  setNow (at: Instant | null): void
  record (entry: JournalEntry): void
  deliver (d: Omit<Delivery, 'id' | 'attempts'>): void
  send (sending?: Partial<Sending>): Promise<Sent>
  listen (port?: number): Promise<string>
  close (): Promise<void>
}

export function openBooth (dialect: Dialect): Booth {
  const app = Fastify({ bodyLimit: 8 << 20, forceCloseConnections: true, routerOptions: { ignoreTrailingSlash: true } })
  const later = new Set<NodeJS.Timeout>()
  const hanging = new Set<FastifyReply>()
  let random = makeRandom(1)
  let seeded = 1
  let newest: Instant = '1970-01-01T00:00:00Z'
  let fixed: Instant | null = null
  let numbered = 0

  const booth: Booth = {
    app,
    faults: { ...noFaults },
    journal: [],
    requests: [],
    pending: [],
    sent: [],
    webhookUrl: null,
    now: () => fixed ?? (newest.startsWith('1970') ? new Date().toISOString().slice(0, 19) + 'Z' : newest),
    tell (at) { if (at > newest) newest = at },
    setNow (at) { fixed = at },
    record (entry) { booth.journal.push(entry) },
    deliver (d) { booth.pending.push({ ...d, id: `${dialect.name}-${++numbered}`, attempts: [] }) },
    send: sending => sendDeliveries(booth, { ...plainSending, ...sending }),
    async listen (port = 0) {
      await app.listen({ port, host: '127.0.0.1' })
      const address = app.server.address()
      if (address === null || typeof address === 'string') throw new Error('the pretend vendor has no address')
      return `http://127.0.0.1:${address.port}`
    },
    async close () {
      for (const timer of later) clearTimeout(timer)
      for (const reply of hanging) reply.raw.destroy()
      await app.close()
    }
  }

  app.decorateRequest('lose', false)
  // The draw comes before the handler, once per request, so that a seed gives the same misfortune again.
  app.addHook('preHandler', async (request, reply) => {
    dialect.headers?.(reply)
    if (request.headers['x-sandbox-late'] !== undefined) return
    const f = booth.faults
    if (f.seed !== seeded) { random = makeRandom(f.seed); seeded = f.seed }
    const isWrite = dialect.isWrite?.(request) ?? !['GET', 'HEAD'].includes(request.method)
    if (f.slowMs > 0) await sleep(f.slowMs)
    const spared = f.onlyWrites && !isWrite
    if (spared && !f.refuseReads) return
    let draw = random()
    const falls = (share: number): boolean => (draw -= share) < 0
    if (falls(f.error500)) { dialect.broken(reply); return reply }
    if (falls(f.rateLimited)) { dialect.rateLimited(reply); return reply }
    if (spared) return
    if (falls(f.lostAnswer)) { request.lose = true; return }
    if (falls(f.hang)) { leaveHanging(reply); return reply }
    if (falls(f.late)) {
      const headers = { ...request.headers, 'x-sandbox-late': '1' }
      const again = { method: request.method, url: request.url, headers, payload: request.body }
      const timer = setTimeout(() => { later.delete(timer); applyLate(app, again) }, f.lateMs)
      later.add(timer)
      leaveHanging(reply)
      return reply
    }
  })
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.lose) { reply.raw.destroy(); note(request, null) }
    return payload
  })
  app.addHook('onResponse', async (request, reply) => { if (!request.lose) note(request, reply.statusCode) })

  function note (request: FastifyRequest, status: number | null): void {
    const body = request.body === undefined ? {} : { body: request.body }
    booth.requests.push({ method: request.method, path: request.url, status, ...body })
    if (booth.requests.length > 100_000) booth.requests.splice(0, 10_000)
    writeDown(dialect.name, request, status)
  }
  function leaveHanging (reply: FastifyReply): void {
    note(reply.request, null)
    reply.hijack()
    hanging.add(reply)
    reply.raw.on('close', () => hanging.delete(reply))
  }
  return booth
}

/** Every request of a whole run, for whoever holds them against the vendors' own descriptions: one JSON per line. */
function writeDown (vendor: string, request: FastifyRequest, status: number | null): void {
  const file = process.env['SANDBOX_REQUESTS']
  if (file === undefined || file === '') return
  const { method, url: path, headers, body } = request
  const line = { vendor, method, path, type: headers['content-type'], agent: headers['user-agent'], status, body }
  appendFileSync(file, JSON.stringify(line) + '\n')
}

declare module 'fastify' { interface FastifyRequest { lose: boolean } }

interface Again { method: string, url: string, headers: Record<string, unknown>, payload: unknown }

function applyLate (app: FastifyInstance, again: Again): void {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(again.headers)) {
    const ofTheWire = ['content-length', 'transfer-encoding', 'connection'].includes(name)
    if (typeof value === 'string' && !ofTheWire) headers[name] = value
  }
  const hasBody = again.payload !== undefined && again.payload !== null
  const payload = hasBody ? { payload: JSON.stringify(again.payload) } : {}
  const method = (['POST', 'PUT', 'PATCH'] as const).find(known => known === again.method) ?? 'DELETE'
  app.inject({ method, url: again.url, headers, ...payload })
    .catch(() => { /* the vendor is closing: a write that comes late is lost, as it would be there */ })
}

async function sendDeliveries (booth: Booth, how: Sending): Promise<Sent> {
  const url = booth.webhookUrl
  if (url === null) throw new Error('nobody told the pretend vendor where to send its webhooks: set webhookUrl')
  const random = makeRandom(how.seed + booth.sent.length)
  const batch = booth.pending.splice(0)
  const kept = batch.filter(() => random() >= how.drop)
  const [least, most] = how.copies
  const line = kept.flatMap(d => Array.from({ length: least + Math.floor(random() * (most - least + 1)) }, () => d))
  if (how.shuffle) {
    for (let i = line.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      const [a, b] = [line[i], line[j]]
      if (a !== undefined && b !== undefined) { line[i] = b; line[j] = a }
    }
  }
  booth.sent.push(...kept)
  let next = 0
  let failed = 0
  const worker = async (): Promise<void> => {
    for (let d = line[next++]; d !== undefined; d = line[next++]) {
      let ok = false
      for (let i = 0; i <= how.retries && !ok; i++) {
        if (i > 0) await sleep(how.retryMs)
        ok = await attempt(url, d)
      }
      if (!ok) failed++
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, how.concurrency) }, worker))
  return { sent: kept.length, attempts: line.length, failed, dropped: batch.length - kept.length }
}

async function attempt (url: string, d: Delivery): Promise<boolean> {
  const sentAt = new Date()
  try {
    const signal = AbortSignal.timeout(10_000)
    const answer = await fetch(url, { method: 'POST', body: d.body, headers: d.headers(sentAt), signal, redirect: 'manual' })
    await answer.arrayBuffer()
    d.attempts.push({ at: sentAt.toISOString(), status: answer.status, ms: Date.now() - sentAt.getTime() })
    return answer.ok
  } catch {
    // No answer: sent again or not, as the caller said.
    d.attempts.push({ at: sentAt.toISOString(), status: null, ms: Date.now() - sentAt.getTime() })
    return false
  }
}
