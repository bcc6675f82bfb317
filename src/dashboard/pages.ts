// The dashboard: pages made on the server, without a script. Who may see them is decided by the server's own door.
import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { findAnomaly, findPrecision, listAnomalies, listAnomalyTickets, listChanges } from '../store/anomalies.ts'
import { listAlarms } from '../store/alarms.ts'
import { findConnectionState } from '../store/connection-state.ts'
import { findClock } from '../store/connections.ts'
import { listLatestContext } from '../store/context.ts'
import { listCredentialHealth } from '../store/credentials.ts'
import type { Db } from '../store/db.ts'
import { findDraftByKey } from '../store/drafts.ts'
import { findImpact } from '../store/impact.ts'
import { countFailures, listFailures } from '../store/failures.ts'
import { listReleases } from '../store/learning.ts'
import { listOutlets } from '../store/outlets.ts'
import { countProposed, findDraftKeys, findNoteProgress, listDraftPage, listSignals, listStopped } from '../store/pages.ts'
import { listNoteAlarms } from '../store/pauses.ts'
import { findOrigin } from '../store/splits.ts'
import { findStats, listCurve, listHealth } from '../store/stats.ts'
import { readStories, refOf } from '../store/stories.ts'
import { findMeter, findWording, listWordings } from '../store/wordings.ts'
import { readFacts } from '../learn/facts.ts'
import type { EscalationRule, Instant } from '../types.ts'
import { layOutAnomalies, layOutAnomaly } from './anomalies.ts'
import { courseLooks, drawCourse } from './anomaly-chart.ts'
import { drawCurve, looks } from './chart.ts'
import { layOutConnections } from './connections.ts'
import { layOutContext } from './context.ts'
import { fillWeeks } from './curve.ts'
import { layOutDraft } from './draft.ts'
import type { WholeDraft } from './draft.ts'
import { layOutDrafts, readPlace } from './drafts.ts'
import { layOutImpact } from './impact.ts'
import { layOutFailures, withAlarms } from './failures.ts'
import { layOutEmpty, layOutPage } from './layout.ts'
import type { Tab } from './layout.ts'
import { neighbourPages } from './neighbours.ts'
import { layOutOverview } from './overview.ts'
import type { Overview } from './overview.ts'
import type { ScoreRules } from './wording.ts'
import { layOutModel } from './wording-page.ts'
import type { ModelPage } from './wording-page.ts'

/** `rules` say from which score a draft is High or Medium; they should be the ones that notes are written with. */
export interface DashboardDeps {
  db: Db, rules?: ScoreRules & { holdout?: number }, model?: ModelPage['model'], escalation?: EscalationRule[]
  now?: () => Promise<Instant>
  zone?: string                                     // by whose clock an anomaly's hours are told; default UTC
  /** Why an anomaly should not be filed, in a sentence; null: it may be. */
  whyNotFiled?: (anomaly: string) => Promise<string | null>
}

const USUAL_RULES: ScoreRules = { highScore: 0.85, leastScore: 0.5 }
const ON_OVERVIEW = 20
const ON_PAGE = 50
const MOST_STOPPED = 5
const ON_CONTEXT = 100
const ON_FAILURES = 200

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

  app.get<{ Querystring: { replayed?: string, still?: string } }>('/failures', async (request, reply) => {
    const { replayed = '', still = '0' } = request.query
    const told = /^\d{1,9}$/.test(replayed)
      ? `${replayed} taken up again${/^[1-9]\d{0,8}$/.test(still) ? `, ${still} still cannot be read` : ''}.`
      : ''
    return await sendPage(reply, layOutFailures(await listFailures(db, ON_FAILURES), await countFailures(db), told))
  })

  app.get('/connections', async (_request, reply) => {
    const names = (await listHealth(db)).map(one => one.name)
    const states = (await Promise.all(names.map(name => findConnectionState(db, name)))).filter(state => state !== null)
    return await sendPage(reply.header('refresh', '10'), layOutConnections(states, wallNow()))
  })

  app.get('/context', async (_request, reply) =>
    await sendPage(reply.header('refresh', '5'), layOutContext(await listLatestContext(db, ON_CONTEXT))))

  app.get('/anomalies', async (_request, reply) => {
    const now = await findClock(db) ?? wallNow()
    const [list, precision, stats] =
      await Promise.all([listAnomalies(db, ON_PAGE), findPrecision(db, now), findStats(db)])
    return await sendPage(reply, layOutAnomalies(list, precision, stats.drafts > 0))
  })

  app.get<{ Params: { id: string } }>('/anomalies/:id', async (request, reply) => {
    const anomaly = await findAnomaly(db, { id: request.params.id })
    if (anomaly === null) return await sendMissing(reply, 'anomalies', 'There is no such anomaly.', 'The list shows those there are.')
    const { id } = anomaly
    const [tickets, changes, origin] =
      await Promise.all([listAnomalyTickets(db, id), listChanges(db, id), findOrigin(db, id)])
    return await sendPage(reply, layOutAnomaly(anomaly, tickets, changes, await deps.whyNotFiled?.(id) ?? null, origin))
  })

  app.get<{ Params: { id: string, name: string } }>('/anomalies/:id/:name', async (request, reply) => {
    const look = Object.hasOwn(courseLooks, request.params.name) ? courseLooks[request.params.name] : undefined
    const anomaly = look === undefined ? null : await findAnomaly(db, { id: request.params.id })
    const svg = look === undefined || anomaly === null ? null : drawCourse(readFacts(anomaly.facts), look, deps.zone ?? 'UTC')
    if (svg === null) return await sendMissing(reply, 'anomalies', 'There is no such picture.', 'The anomaly’s page shows those there are.')
    return await reply.header('content-security-policy', PICTURE_POLICY).type('image/svg+xml').send(svg)
  })

  // Where issues and alerts point to: the ticket as we know it.
  app.get<{ Params: { connection: string, ticketId: string } }>('/t/:connection/:ticketId', async (request, reply) => {
    const key = (await findDraftKeys(db, [request.params]))[refOf(request.params)]
    if (key !== undefined) return await reply.redirect(`/drafts/${key}`, 302)
    return await sendMissing(reply, null, 'Nothing is known of this ticket.', 'It may have been erased, or never have been a question.')
  })

  app.get('/impact', async (_request, reply) => {
    const impact = await findImpact(db, await findClock(db) ?? wallNow())
    return await sendPage(reply, layOutImpact(impact, deps.rules?.holdout ?? 0))
  })

  app.get('/model', async (_request, reply) => {
    const [hour, month, latest] = await Promise.all([findMeter(db, 1), findMeter(db, 720), listWordings(db, ON_PAGE)])
    return await sendPage(reply, layOutModel({ model: deps.model ?? null, hour, month, latest }))
  })

  await neighbourPages(app, { db, escalation: deps.escalation ?? [], now: deps.now ?? (async () => wallNow()) })

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

/**
 * Every page of the house says so while a note was seen in public: added to the app itself, it holds for all rooms that
 * are added after it. Not for pages that anybody may see.
 */
export function raiseBanner (app: FastifyInstance, db: Db): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || !String(reply.getHeader('content-type')).startsWith('text/html')) return payload
    if (request.routeOptions.config.strangers === true) return payload
    return withAlarms(payload, await listNoteAlarms(db).catch(() => []))
  })
}

declare module 'fastify' { interface FastifyContextConfig { strangers?: boolean } }

async function findOverview (db: Db): Promise<Overview> {
  const [stats, proposed, curve, health, page, stopped, clock, outlets, alarms] = await Promise.all([
    findStats(db), countProposed(db), listCurve(db), listHealth(db), listDraftPage(db, ON_OVERVIEW),
    listStopped(db, MOST_STOPPED), findClock(db), listOutlets(db), listAlarms(db, { onlyOpen: true, most: 20 })
  ])
  const credentials = await listCredentialHealth(db, wallNow())
  return {
    stats, proposed, curve, health, latest: page.lines, stopped, outlets, alarms, credentials, now: clock ?? wallNow()
  }
}

async function findWholeDraft (db: Db, key: string): Promise<WholeDraft | null> {
  const draft = /^[\w-]{1,64}$/.test(key) ? await findDraftByKey(db, key) : null
  if (draft === null) return null
  const [note, signals, stories, sourceKeys, wording] = await Promise.all([
    findNoteProgress(db, draft, draft.questionId), listSignals(db, draft, draft.turnId ?? draft.questionId),
    readStories(db, [{ connection: draft.connection, ticketId: draft.ticketId }]), findDraftKeys(db, draft.sources),
    findWording(db, draft.key)
  ])
  return { draft, note, signals, story: stories.get(refOf(draft)) ?? [], sourceKeys, wording }
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
