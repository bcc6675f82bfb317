// Opens the door: webhooks, hooks of Slack and Linear, the API and the pages, each with what it needs. Part of main.ts.
import type { Config } from './config.ts'
import { verifyMessage } from './bridge/standard-webhook.ts'
import { anomalies } from './http/anomalies.ts'
import type { AnomalyDeps } from './http/anomalies.ts'
import { api } from './http/api.ts'
import { connectionApi } from './http/connections.ts'
import { accountApi } from './http/accounts.ts'
import { learning } from './http/learning.ts'
import { context } from './http/context.ts'
import { failures } from './http/failures.ts'
import { watchDoors } from './http/doors.ts'
import { events } from './http/events.ts'
import { outletApi } from './http/outlets.ts'
import { linearHook } from './http/linear.ts'
import { openHttp } from './http/server.ts'
import { slackHook } from './http/slack.ts'
import { openSlackSocket } from './http/slack-socket.ts'
import { splits } from './http/splits.ts'
import { changeTopic, topicApi } from './http/topics.ts'
import { readDelivery, webhooks } from './http/webhooks.ts'
import type { Door } from './http/webhooks.ts'
import { accuracyPages } from './dashboard/accuracy-pages.ts'
import { learningPages } from './dashboard/learning-pages.ts'
import { noteLinks } from './dashboard/note-links.ts'
import { dashboard, raiseBanner } from './dashboard/pages.ts'
import { splitPage } from './dashboard/split-page.ts'
import { topicPages } from './dashboard/topic-pages.ts'
import type { Log } from './log.ts'
import { openRecorder } from './store/recorder.ts'
import type { Helpdesk, Instant } from './types.ts'
import { askForBackfill } from './work/backfill.ts'
import { catchUp } from './work/catch-up.ts'
import { checkDay } from './work/completeness.ts'
import { openDecider } from './work/decide.ts'
import { readKnowledge } from './work/knowledge.ts'
import { findMind } from './work/mind.ts'
import { replayAll, replayOne } from './work/replay.ts'
import type { ReplayDeps } from './work/replay.ts'
import { follow } from './work/follow.ts'
import type { Bell } from './main-bell.ts'
import type { Queue } from './queue.ts'
import type { Db } from './store/db.ts'
import type { MindKeeper } from './work/mind.ts'

export interface WebDeps {
  config: Config
  log: Log
  db: Db
  queue: Queue
  doors: Map<string, Door>
  helpdesks: Map<string, Helpdesk>
  bell: Bell
  keeper: MindKeeper
  linkKey: Buffer
  now: () => Promise<Instant>
  wallNow: () => Instant
  wake: () => void
  /** Takes what must be closed; the last one is closed first. */
  close: (end: () => Promise<unknown>) => void
}

/** Listens, and returns the address. */
export async function openWeb (
  { config, log, db, queue, doors, helpdesks, bell, keeper, linkKey, now, wallNow, wake, close }: WebDeps
): Promise<string> {
  const { alerts, rules } = config
  const recorder = openRecorder(db, queue)
  const watch = await watchDoors(doors)
  close(() => watch.close())
  const app = await openHttp({ adminToken: config.adminToken, log })
  raiseBanner(app, db)
  const { slack, linear } = alerts
  const toFollow: AnomalyDeps['follow'] = (trx, anomaly, asks, at) => follow(trx, bell.to, anomaly, asks, at)
  if (slack !== null && slack.secret !== '') {
    await app.register(async scope => {
      await slackHook(scope, { log, ...slack, nowMs: Date.now, presses: bell.presses })
    })
  }
  if (slack?.appToken !== undefined) {
    const socket = openSlackSocket({
      log, token: slack.token, url: slack.url, appToken: slack.appToken, presses: bell.presses
    })
    close(() => socket.close())
  }
  if (linear !== null && linear.secrets.length > 0) {
    await app.register(async scope => {
      await linearHook(scope, {
        db, log, secrets: linear.secrets, now, nowMs: Date.now, stateOf: bell.stateOf, heed: bell.heedIssue, wake,
        onComment: comment => bell.onComment(log, comment)
      })
    })
  }
  await app.register(async scope => { await webhooks(scope, { doors, recorder, log, nowMs: Date.now }) })
  await app.register(async scope => {
    await api(scope, {
      db, clock: config.clock, now, wake, connections: [...doors.keys()],
      readKnowledge: name => readKnowledge({ db, log, helpdesks, now }, name),
      catchUp: name => catchUp({ db, log, queue, helpdesks, replay: config.clock === 'replay' }, name)
    })
  })
  const again: ReplayDeps = {
    db,
    queue,
    read (kept) {
      const door = doors.get(kept.connection)
      return door === undefined ? null : readDelivery(door, kept.headers, kept.body, false)
    }
  }
  await app.register(async scope => {
    await failures(scope, {
      db,
      wake,
      replayOne: id => replayOne(again, id),
      replayAll: kind => replayAll(again, kind)
    })
  })
  await app.register(async scope => {
    await anomalies(scope, {
      db, now, wake, follow: toFollow, whyNotFiled: (trx, id) => bell.whyNotFiled(id, trx)
    })
  })
  await app.register(async scope => { await splits(scope, { db, presses: bell.presses, wake }) })
  await app.register(async scope => { await splitPage(scope, { db, listChoices: bell.listChoices }) })
  await app.register(async scope => {
    await connectionApi(scope, {
      db, connections: [...doors.keys()],
      backfill: (name, since) => askForBackfill(db, name, since, wallNow()),
      checkDay: (name, day) => checkDay({ db, log, queue, helpdesks }, name, day)
    })
  })
  await app.register(async scope => { await events(scope, { db }) })
  await app.register(async scope => { await context(scope, { db, keys: config.contextKeys, nowMs: Date.now }) })
  await app.register(async scope => {
    await outletApi(scope, {
      db, outlets: config.outlets, wake, verify: verifyMessage, nowMs: Date.now
    })
  })
  await app.register(async scope => {
    await noteLinks(scope, { db, queue, linkKey, rules, language: config.language, now, nowMs: Date.now })
  })
  await app.register(async scope => { await accountApi(scope, { db }) })
  await app.register(async scope => {
    const { whyNotFiled } = bell
    await dashboard(scope, {
      db, rules, model: config.model, escalation: config.escalation, now, zone: alerts.timezone, whyNotFiled
    })
  })
  const topics = { db, now, wake, findMind: () => findMind(db, keeper) }
  await app.register(async scope => { await topicApi(scope, topics) })
  await app.register(async scope => {
    await topicPages(scope, { ...topics, change: (topic, how, fields) => changeTopic(topics, topic, how, fields) })
  })
  await app.register(async scope => { await accuracyPages(scope, { db, now, rules, findMind: topics.findMind }) })
  const decider = openDecider({ db, keeper, rules, now, wake })
  await app.register(async scope => { await learning(scope, { db, decider, now }) })
  await app.register(async scope => {
    await learningPages(scope, { db, decider, now, findMind: topics.findMind, support: config.rules })
  })
  close(async () => { await app.close(); await recorder.close() })
  return await app.listen({ host: config.host, port: config.port })
}
