// The dashboard: pages made on the server, without a script. Who may see them is decided by the server's own door.
import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { findClock } from '../store/connections.ts'
import { listLatestContext } from '../store/context.ts'
import type { Db } from '../store/db.ts'
import { findDraftByKey } from '../store/drafts.ts'
import { listReleases } from '../store/learning.ts'
import { listOutlets } from '../store/outlets.ts'
import { countProposed, findDraftKeys, findNoteProgress, listDraftPage, listSignals, listStopped } from '../store/pages.ts'
import { findStats, listCurve, listHealth } from '../store/stats.ts'
import { readStories, refOf } from '../store/stories.ts'
import type { Instant } from '../types.ts'
import { drawCurve, looks } from './chart.ts'
import { layOutContext } from './context.ts'
import { fillWeeks } from './curve.ts'
import { layOutDraft } from './draft.ts'
import type { WholeDraft } from './draft.ts'
import { layOutDrafts, readPlace } from './drafts.ts'
import { layOutEmpty, layOutPage } from './layout.ts'
import type { Tab } from './layout.ts'
import { layOutOverview } from './overview.ts'
import type { Overview } from './overview.ts'
import type { ScoreRules } from './wording.ts'

/** `rules` say from which score a draft is High or Medium; they should be the ones that notes are written with. */
export interface DashboardDeps { db: Db, rules?: ScoreRules }

const USUAL_RULES: ScoreRules = { highScore: 0.85, leastScore: 0.5 }
const ON_OVERVIEW = 20
const ON_PAGE = 50
const MOST_STOPPED = 5
const ON_CONTEXT = 100

// The picture carries its own styles and, opened by itself, may do nothing else.
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

export async function dashboard (app: FastifyInstance, deps: DashboardDeps): Promise<void> {
  const { db, rules = USUAL_RULES } = deps
  const assets: Readonly<Record<string, { type: string, body: string }>> = {
    'style.css': { type: 'text/css; charset=utf-8', body: readAsset('style.css') },
    'icon.svg': { type: 'image/svg+xml', body: readAsset('icon.svg') }
  }

  app.get('/', async (_request, reply) => await sendPage(reply, layOutOverview(await findOverview(db), rules)))

  app.get<{ Querystring: { before?: unknown } }>('/drafts', async (request, reply) => {
    const before = readPlace(request.query.before)
    return await sendPage(reply, layOutDrafts(await listDraftPage(db, ON_PAGE, before), before, rules))
  })

  app.get<{ Params: { key: string } }>('/drafts/:key', async (request, reply) => {
    const whole = await findWholeDraft(db, request.params.key)
    if (whole !== null) return await sendPage(reply, layOutDraft(whole, rules))
    return await sendMissing(reply, 'drafts', 'There is no such draft.', 'It may have been erased together with its ticket.')
  })

  app.get('/context', async (_request, reply) =>
    await sendPage(reply.header('refresh', '5'), layOutContext(await listLatestContext(db, ON_CONTEXT))))

  app.get<{ Params: { name: string } }>('/charts/:name', async (request, reply) => {
    const look = Object.hasOwn(looks, request.params.name) ? looks[request.params.name] : undefined
    if (look === undefined) return await sendMissing(reply, null, 'There is no such picture.', 'The overview shows those there are.')
    const svg = drawCurve(fillWeeks(await listCurve(db)), look, await listReleases(db))
    return await reply.header('content-security-policy', PICTURE_POLICY).type('image/svg+xml').send(svg)
  })

  app.get<{ Params: { '*': string } }>('/assets/*', async (request, reply) => {
    const name = request.params['*']
    const asset = Object.hasOwn(assets, name) ? assets[name] : undefined
    if (asset === undefined) return await sendMissing(reply, null, 'There is no such file.', 'The overview is the way in.')
    return await reply.header('cache-control', 'private, max-age=300').type(asset.type).send(asset.body)
  })
}

async function findOverview (db: Db): Promise<Overview> {
  const [stats, proposed, curve, health, page, stopped, clock, outlets] = await Promise.all([
    findStats(db), countProposed(db), listCurve(db), listHealth(db), listDraftPage(db, ON_OVERVIEW),
    listStopped(db, MOST_STOPPED), findClock(db), listOutlets(db)
  ])
  return { stats, proposed, curve, health, latest: page.lines, stopped, outlets, now: clock ?? wallNow() }
}

async function findWholeDraft (db: Db, key: string): Promise<WholeDraft | null> {
  const draft = /^[\w-]{1,64}$/.test(key) ? await findDraftByKey(db, key) : null
  if (draft === null) return null
  const [note, signals, stories, sourceKeys] = await Promise.all([
    findNoteProgress(db, draft, draft.questionId), listSignals(db, draft, draft.questionId),
    readStories(db, [{ connection: draft.connection, ticketId: draft.ticketId }]), findDraftKeys(db, draft.sources)
  ])
  return { draft, note, signals, story: stories.get(refOf(draft)) ?? [], sourceKeys }
}

async function sendPage (reply: FastifyReply, page: string): Promise<FastifyReply> {
  return await reply.type('text/html; charset=utf-8').send(page)
}

async function sendMissing (reply: FastifyReply, tab: Tab | null, what: string, next: string): Promise<FastifyReply> {
  return await sendPage(reply.code(404), layOutPage('Not found', tab, `<h1>Not found</h1>${layOutEmpty(what, next)}`))
}

function wallNow (): Instant {
  return new Date().toISOString().slice(0, 19) + 'Z'
}

function readAsset (name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}
