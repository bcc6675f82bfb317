// Anomalies as API, and the forms of their pages: what a lead says of an alert is heard by the watch.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BadRequest } from '../errors.ts'
import { moveLife } from '../learn/life.ts'
import type { Ask, Move } from '../learn/life.ts'
import type { Instant } from '../types.ts'
import { findAnomaly, listAnomalies, listAnomalyTickets, listChanges, moveAnomaly } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import type { Transaction } from 'kysely'
import type { Db } from '../store/db.ts'
import type { Database } from '../store/schema.ts'

export interface AnomalyDeps {
  db: Db
  now: () => Promise<Instant>
  wake: () => void
  follow: (trx: Transaction<Database>, anomaly: Anomaly, asks: Ask[], at: Instant) => Promise<void>
  /** Why it should not be filed, in a sentence; null: it may be. */
  whyNotFiled?: (trx: Transaction<Database>, id: string, at: Instant) => Promise<string | null>
}

const MOVES = ['ack', 'real', 'noise', 'file', 'attach', 'undo_noise'] as const

export async function anomalies (app: FastifyInstance, deps: AnomalyDeps): Promise<void> {
  // Only here is a form understood: everywhere else a body is JSON.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 16_384 }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))))
  })
  app.get('/v1/anomalies', async () => await listAnomalies(deps.db, 200))
  app.get<{ Params: { id: string } }>('/v1/anomalies/:id', async request => {
    const anomaly = await findAnomaly(deps.db, { id: request.params.id })
    if (anomaly === null) throw new BadRequest('there is no such anomaly', 404)
    const [tickets, changes] =
      await Promise.all([listAnomalyTickets(deps.db, anomaly.id), listChanges(deps.db, anomaly.id)])
    return { ...anomaly, tickets, changes }
  })
  app.post<{ Params: { id: string } }>('/v1/anomalies/:id/moves', async request => await move(request, request.params.id))
  app.post<{ Params: { id: string } }>('/anomalies/:id', async (request, reply) => {
    await move(request, request.params.id)
    return await reply.redirect(`/anomalies/${encodeURIComponent(request.params.id)}`, 303)
  })

  async function move (request: FastifyRequest, id: string): Promise<{ state: string, applied: boolean }> {
    const kind = MOVES.find(known => known === fieldOf(request.body, 'move'))
    if (kind === undefined) throw new BadRequest(`move must be one of ${MOVES.join(', ')}`)
    const by = fieldOf(request.body, 'who').slice(0, 100)
    if (by === '') throw new BadRequest('who did it must be said: the change is kept with a name')
    const reason = fieldOf(request.body, 'why').slice(0, 300)
    const issue = fieldOf(request.body, 'issue')
    if (kind === 'attach' && !/^[A-Za-z0-9-]{3,60}$/.test(issue)) throw new BadRequest('issue must be one of Linear, such as ENG-80')
    const what = moveOf(kind, reason, issue)
    const at = await deps.now()
    const moved = await deps.db.transaction().execute(async trx => {
      // Who says why may file what the gate would not have.
      const against = kind === 'file' && reason === '' ? await deps.whyNotFiled?.(trx, id, at) ?? null : null
      if (against !== null) throw new BadRequest(`${against} Say why it should be filed all the same.`, 409)
      const detail = kind === 'attach' ? `the same as ${issue}` : reason
      const made = await moveAnomaly(trx, id, what, { by, at, ...(detail === '' ? {} : { detail }) }, moveLife, kind === 'attach' ? { attach_to: issue } : {})
      if (made?.asks != null) await deps.follow(trx, made.after, made.asks, at)
      return made
    })
    if (moved === null) throw new BadRequest('there is no such anomaly', 404)
    deps.wake()
    return { state: moved.after.state, applied: moved.asks !== null }
  }
}

function moveOf (kind: typeof MOVES[number], reason: string, issue: string): Move {
  if (kind === 'noise') return { kind, reason: reason === '' ? 'no reason was given' : reason }
  if (kind === 'attach') return { kind, issue }
  return kind === 'file' && reason !== '' ? { kind, reason } : { kind }
}

function fieldOf (body: unknown, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? Object.entries(body).find(([key]) => key === name)?.[1] : ''
  return typeof value === 'string' ? value.trim() : ''
}
