// The API of connections: reading history back, proving that it is complete, and saying how each one is.
import type { FastifyInstance } from 'fastify'
import { BadRequest } from '../errors.ts'
import { findBackfill } from '../store/backfill.ts'
import { listDayChecks } from '../store/completeness.ts'
import type { DayCheck } from '../store/completeness.ts'
import { findConnectionState, sayState } from '../store/connection-state.ts'
import type { Line } from '../store/connection-state.ts'
import type { Db } from '../store/db.ts'
import { progressOf, sayProgress } from '../store/progress.ts'
import type { Instant } from '../types.ts'

export interface ConnectionApiDeps {
  db: Db
  connections: string[]
  /** Writes down that history shall be read; a worker takes it from there. */
  backfill: (connection: string, since: Instant) => Promise<void>
  /** Checks one day and heals it. */
  checkDay: (connection: string, day: string) => Promise<Omit<DayCheck, 'checkedAt'>>
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const MOST_DAYS = 92
const DAYS_LISTED = 400
const RANK: Record<Line['level'], number> = { ok: 0, look: 1, stop: 2 }

export async function connectionApi (app: FastifyInstance, deps: ConnectionApiDeps): Promise<void> {
  const { db } = deps

  app.get<{ Params: { name: string } }>('/v1/connections/:name/health', async request => {
    const { name } = request.params
    known(name)
    const state = await findConnectionState(db, name)
    if (state === null) throw new BadRequest(`the connection ${name} was never opened`, 404)
    const lines = sayState(state, new Date().toISOString().slice(0, 19) + 'Z')
    const worst = lines.reduce<Line['level']>((level, line) => RANK[line.level] > RANK[level] ? line.level : level, 'ok')
    return { connection: name, level: worst, lines }
  })

  app.get<{ Params: { name: string } }>('/v1/connections/:name/backfill', async request => {
    known(request.params.name)
    return await tellBackfill(request.params.name)
  })

  app.post<{ Params: { name: string }, Body: { since?: unknown } | null }>('/v1/connections/:name/backfill', async (request, reply) => {
    const { name } = request.params
    known(name)
    const since = dayOf(request.body?.since, 'since')
    if (since > today()) throw new BadRequest('since lies in the future')
    await deps.backfill(name, `${since}T00:00:00Z`)
    return await reply.code(202).send(await tellBackfill(name))
  })

  app.get<{ Params: { name: string } }>('/v1/connections/:name/completeness', async request => {
    known(request.params.name)
    return await listDayChecks(db, request.params.name, DAYS_LISTED)
  })

  app.post<{ Params: { name: string }, Body: { from?: unknown, to?: unknown } | null }>('/v1/connections/:name/completeness', async request => {
    const { name } = request.params
    known(name)
    const from = dayOf(request.body?.from, 'from')
    const to = request.body?.to === undefined ? from : dayOf(request.body.to, 'to')
    const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1
    if (days < 1 || days > MOST_DAYS) throw new BadRequest(`from and to must span 1 to ${MOST_DAYS} days`)
    const checks = []
    for (let i = 0; i < days; i++) {
      checks.push(await deps.checkDay(name, new Date(Date.parse(from) + i * 86_400_000).toISOString().slice(0, 10)))
    }
    return checks
  })

  async function tellBackfill (name: string): Promise<object> {
    const backfill = await findBackfill(db, name)
    if (backfill === null) return { connection: name, state: 'never asked for' }
    const { since, border, reached, startedAt, usableAt, finishedAt, lastError } = backfill
    const where = { connection: name, since, border, reached, startedAt, usableAt, finishedAt, lastError }
    return { ...where, ...progressOf(backfill), says: sayProgress(backfill) }
  }

  function known (name: string): void {
    if (!deps.connections.includes(name)) throw new BadRequest(`there is no connection ${name}: there is ${deps.connections.join(', ') || 'none'}`, 404)
  }
}

function dayOf (value: unknown, name: string): string {
  if (typeof value !== 'string' || !DAY.test(value) || Number.isNaN(Date.parse(value))) throw new BadRequest(`${name} must be a day such as 2026-01-31`)
  return value
}

function today (): string {
  return new Date().toISOString().slice(0, 10)
}
