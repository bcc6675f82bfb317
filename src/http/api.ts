// The API for operators and for whoever replays an archive.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { BadRequest } from '../errors.ts'
import { toInstant } from '../text.ts'
import type { Instant } from '../types.ts'
import type { Db } from '../store/db.ts'
import { findClock, saveClock } from '../store/connections.ts'
import { liftOf } from '../learn/lift.ts'
import { listCredentialHealth } from '../store/credentials.ts'
import { sortStory } from '../learn/story.ts'
import { findImpact } from '../store/impact.ts'
import { readStories, refOf } from '../store/stories.ts'
import { findStats, isIdle, listCurve, listDrafts, listHealth } from '../store/stats.ts'

export interface ApiDeps {
  db: Db
  clock: 'wall' | 'replay'
  now: () => Promise<Instant>
  wake: () => void
  catchUp: (connection: string) => Promise<{ tickets: number, changed: number }>
  readKnowledge?: (connection: string) => Promise<{ articles: number, changed: number }>
  connections: string[]
}

export async function api (app: FastifyInstance, deps: ApiDeps): Promise<void> {
  app.get('/v1/stats', async () => await findStats(deps.db))
  app.get('/v1/curve', async () => await listCurve(deps.db))
  app.get('/v1/impact', async () => {
    const impact = await findImpact(deps.db, await deps.now())
    const lifts = Object.entries(impact.outcomes)
      .map(([name, arms]) => [name, { ...arms, lift: liftOf(arms.treated, arms.heldOut) }])
    return { ...impact, outcomes: Object.fromEntries(lifts) }
  })
  app.get('/v1/connections', async () => {
    const credentials = await listCredentialHealth(deps.db, new Date().toISOString())
    return (await listHealth(deps.db)).map(one => ({ ...one, credential: credentials.get(one.name) ?? null }))
  })
  app.get<{ Querystring: { limit?: string, before?: string } }>('/v1/drafts', async request => {
    const limit = Number(request.query.limit ?? '100')
    if (!Number.isInteger(limit) || limit < 1 || limit > 100_000) throw new BadRequest('limit must be a number from 1 to 100000')
    const before = request.query.before === undefined ? undefined : toInstant(request.query.before)
    if (before === null) throw new BadRequest('before must be an instant such as 2026-11-22T09:10:00Z')
    return await listDrafts(deps.db, limit, before)
  })
  app.post<{ Params: { name: string } }>('/v1/connections/:name/catch-up', async request => {
    known(request.params.name)
    return await deps.catchUp(request.params.name)
  })
  app.post<{ Params: { name: string } }>('/v1/connections/:name/knowledge', async request => {
    known(request.params.name)
    if (deps.readKnowledge === undefined) throw new BadRequest('this service reads no helpdesk', 409)
    return await deps.readKnowledge(request.params.name)
  })
  app.get<{ Params: { connection: string, ticketId: string } }>('/v1/tickets/:connection/:ticketId/events', async request => {
    const ref = { connection: request.params.connection, ticketId: request.params.ticketId }
    return sortStory((await readStories(deps.db, [ref])).get(refOf(ref)) ?? [])
  })
  // `wait`: the answer may take up to so many seconds, if it then can say that everything is done.
  app.get<{ Querystring: { wait?: string } }>('/v1/clock', async request => {
    const untilMs = performance.now() + Math.min(30, Number(request.query.wait ?? 0) || 0) * 1000
    for (;;) {
      const at = await deps.now()
      const idle = await isIdle(deps.db, at)
      if (idle || performance.now() >= untilMs) return { at, idle }
      await sleep(10)
    }
  })
  app.post<{ Body: { at?: unknown } | null }>('/v1/clock', async request => {
    if (deps.clock !== 'replay') throw new BadRequest('the clock is the wall\'s: only a service with DESKLOOP_CLOCK=replay is told the time', 409)
    const at = toInstant(request.body?.at)
    if (at === null) throw new BadRequest('at must be an instant such as 2026-11-22T09:10:00Z')
    await saveClock(deps.db, at)
    deps.wake()
    return { at: await findClock(deps.db) }
  })

  function known (name: string): void {
    if (!deps.connections.includes(name)) throw new BadRequest(`there is no connection ${name}: there is ${deps.connections.join(', ') || 'none'}`, 404)
  }
}
