// The pages of the ledger and their forms. A form comes back to the page it stood on, so that reloading does nothing.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { BadRequest } from '../errors.ts'
import { wishOf } from '../store/wish.ts'
import type { Decider } from '../store/wish.ts'
import { livesOf } from '../learn/item-life.ts'
import type { ItemLife } from '../learn/item-life.ts'
import { incidentIn } from '../learn/quarantine.ts'
import type { ItemState } from '../learn/ledger.ts'
import type { SupportRules } from '../learn/lifecycle.ts'
import type { Mind } from '../learn/mind.ts'
import type { Db } from '../store/db.ts'
import { countHeld, countItems, findWholeItem, listHeld, listItems } from '../store/learning.ts'
import { findHeldTopic, findTie } from '../store/quarantines.ts'
import { toInstant } from '../text.ts'
import type { Instant } from '../types.ts'
import { layOutEmpty, layOutPage } from './layout.ts'
import { layOutLearned, layOutPreview } from './learned.ts'
import { layOutLearning } from './learning.ts'
import type { LearningTab } from './learning.ts'

export interface LearningPagesDeps {
  db: Db, decider: Decider, now: () => Promise<Instant>
  /** With both a page tells how far each answer has come. */
  findMind?: () => Promise<Mind | null>
  support?: SupportRules
}

const ON_PAGE = 50
const STATES: Readonly<Record<LearningTab, ItemState[]>> = {
  review: ['review', 'watch'], active: ['active'], quarantine: [], reverted: ['reverted', 'rejected', 'retired']
}

export async function learningPages (app: FastifyInstance, deps: LearningPagesDeps): Promise<void> {
  const { db, decider } = deps
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 65_536 },
    (_request, body, done) => { done(null, Object.fromEntries(new URLSearchParams(String(body)))) })

  app.get<{ Querystring: { tab?: unknown, before?: unknown } }>('/learning', async (request, reply) => {
    const before = request.query.before === undefined ? undefined : toInstant(request.query.before)
    if (before === null) throw new BadRequest('before must be an instant such as 2026-11-22T09:10:00Z')
    const tab = tabOf(request.query.tab)
    const [counts, items, held, caught] = await Promise.all([
      countItems(db), listItems(db, STATES[tab], ON_PAGE + 1, before), tab === 'quarantine' ? listHeld(db, ON_PAGE) : [],
      tab === 'quarantine' ? countHeld(db) : []
    ])
    const older = items.length > ON_PAGE ? items[ON_PAGE - 1]?.lastAt ?? null : null
    const lives = await findLives(deps)
    const page = { tab, counts, items: items.slice(0, ON_PAGE), held, caught, older, now: await deps.now(), lives }
    return await sendPage(reply, layOutLearning(page))
  })

  app.get<{ Params: { id: string } }>('/learning/:id', async (request, reply) => {
    const whole = await findWholeItem(db, request.params.id)
    if (whole !== null) {
      return await sendPage(reply, layOutLearned(whole, await findLives(deps), await findTie(db, whole.item.id)))
    }
    const missing = layOutEmpty('There is no such item.', 'It may never have been learned, or was learned anew from other replies.')
    return await sendPage(reply.code(404), layOutPage('Not found', 'learning', `<h1>Not found</h1>${missing}`))
  })

  app.get<{ Params: { id: string } }>('/learning/:id/preview', async (request, reply) =>
    await sendPage(reply, layOutPreview(request.params.id, await decider.preview(request.params.id))))

  app.post<{ Params: { id: string, action: string }, Body: unknown }>('/learning/:id/:action', async (request, reply) => {
    const { id, action } = request.params
    await decider.item(id, wishOf(action, request.body))
    return await reply.redirect(`/learning/${encodeURIComponent(id)}`, 303)
  })

  app.post<{ Body: unknown }>('/learning/return', async (request, reply) => {
    await decider.goBack(wishOf('return', request.body))
    return await reply.redirect('/learning?tab=reverted', 303)
  })

  app.post<{ Params: { group: string }, Body: unknown }>('/learning/held/:group/admit', async (request, reply) => {
    await decider.admit(request.params.group, wishOf('admit', request.body))
    return await reply.redirect('/learning?tab=quarantine', 303)
  })

  app.post<{ Params: { group: string }, Body: unknown }>('/learning/held/:group/release', async (request, reply) => {
    const topic = await findHeldTopic(db, incidentIn(request.params.group) ?? '')
    if (topic === null) throw new BadRequest('no topic is held for that', 404)
    await decider.topic(String(topic), wishOf('release', request.body))
    return await reply.redirect('/learning?tab=quarantine', 303)
  })
}

async function findLives ({ findMind, support }: LearningPagesDeps): Promise<Map<string, ItemLife>> {
  const mind = await findMind?.() ?? null
  return mind === null || support === undefined ? new Map() : livesOf(mind, support)
}

function tabOf (value: unknown): LearningTab {
  return value === 'active' || value === 'quarantine' || value === 'reverted' ? value : 'review'
}

async function sendPage (reply: FastifyReply, page: string): Promise<FastifyReply> {
  return await reply.type('text/html; charset=utf-8').send(page)
}
