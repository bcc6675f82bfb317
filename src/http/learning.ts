// The ledger of what was learned, for programs: read it, decide about it, tell of releases. Reading never acts.
import type { FastifyInstance } from 'fastify'
import { BadRequest } from '../errors.ts'
import { toInstant } from '../text.ts'
import type { Instant } from '../types.ts'
import type { ItemState } from '../learn/ledger.ts'
import { fieldOf, fieldsOf, wishOf } from '../store/wish.ts'
import type { Decider } from '../store/wish.ts'
import type { Db } from '../store/db.ts'
import { listPlaced } from '../store/ledger.ts'
import { countHeld, countItems, findWholeItem, listHeld, listItems, listReleases, saveRelease } from '../store/learning.ts'

export interface LearningDeps { db: Db, decider: Decider, now: () => Promise<Instant> }

const STATES: readonly ItemState[] = ['active', 'review', 'watch', 'reverted', 'rejected', 'retired']
const MOST = 200

export async function learning (app: FastifyInstance, deps: LearningDeps): Promise<void> {
  const { db, decider } = deps

  app.get<{ Querystring: { state?: string, limit?: string, before?: string } }>('/v1/learning', async request => {
    const { state, limit = '50', before } = request.query
    const states = state === undefined ? [...STATES] : STATES.filter(s => s === state)
    if (states.length === 0) throw new BadRequest(`state must be one of ${STATES.join(', ')}`)
    const most = Number(limit)
    if (!Number.isInteger(most) || most < 1 || most > MOST) throw new BadRequest(`limit must be a number from 1 to ${MOST}`)
    const place = before === undefined ? undefined : toInstant(before)
    if (place === null) throw new BadRequest('before must be an instant such as 2026-11-22T09:10:00Z')
    return { counts: await countItems(db), items: await listItems(db, states, most, place) }
  })

  app.get('/v1/learning/held', async () => ({ caught: await countHeld(db), held: await listHeld(db, MOST) }))

  app.get('/v1/learning/decisions', async () => await listPlaced(db))

  app.get<{ Params: { id: string } }>('/v1/learning/:id', async request => {
    const whole = await findWholeItem(db, request.params.id)
    if (whole === null) throw new BadRequest(`there is no item ${request.params.id.slice(0, 40)}`, 404)
    return whole
  })

  app.get<{ Params: { id: string } }>('/v1/learning/:id/preview', async request => await decider.preview(request.params.id))

  app.post<{ Params: { id: string, action: string }, Body: unknown }>('/v1/learning/:id/:action', async request =>
    await decider.item(request.params.id, wishOf(request.params.action, request.body)))

  app.post<{ Body: unknown }>('/v1/learning/return', async request => await decider.goBack(wishOf('return', request.body)))

  app.post<{ Params: { group: string }, Body: unknown }>('/v1/learning/held/:group/admit', async request =>
    await decider.admit(request.params.group, wishOf('admit', request.body)))

  for (const action of ['quarantine', 'release']) {   // beside what else can be said of a topic: its name, merge and split
    app.post<{ Params: { topic: string }, Body: unknown }>(`/v1/topics/:topic/${action}`, async request =>
      await decider.topic(request.params.topic, wishOf(action, request.body)))
  }

  app.get('/v1/releases', async () => await listReleases(db))

  app.post<{ Body: unknown }>('/v1/releases', async request => {
    const body = fieldsOf(request.body)
    const version = fieldOf(body, 'version', 80)
    if (version === '') throw new BadRequest('a release needs its version, as in {"version":"4.12"}')
    const at = body['at'] === undefined ? await deps.now() : toInstant(body['at'])
    if (at === null) throw new BadRequest('at must be an instant such as 2026-11-22T09:10:00Z')
    const release = { version, note: fieldOf(body, 'note', 500), at }
    await saveRelease(db, release)
    return release
  })
}
