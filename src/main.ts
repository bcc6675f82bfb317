// Opens everything in order and closes it in reverse; the only one that knows all.
import { join } from 'node:path'
import type { Config } from './config.ts'
import { postToOutlet } from './bridge/outlet.ts'
import { verifyMessage } from './bridge/standard-webhook.ts'
import { api } from './http/api.ts'
import { learning } from './http/learning.ts'
import { openSecrets } from './http/secrets.ts'
import { context } from './http/context.ts'
import { events } from './http/events.ts'
import { outletApi } from './http/outlets.ts'
import { openHttp } from './http/server.ts'
import { webhooks } from './http/webhooks.ts'
import type { Door } from './http/webhooks.ts'
import { dashboard } from './dashboard/pages.ts'
import { learningPages } from './dashboard/learning-pages.ts'
import type { Log } from './log.ts'
import { openQueue } from './queue.ts'
import { findClock, findDoor, saveConnection } from './store/connections.ts'
import { migrate, openDb } from './store/db.ts'
import { openEmbedded } from './store/embedded.ts'
import { saveOutlet } from './store/outlets.ts'
import { openRecorder } from './store/recorder.ts'
import { settleStream } from './store/stream.ts'
import type { Connector, Helpdesk, Instant } from './types.ts'
import { plus } from './learn/story.ts'
import { catchUp } from './work/catch-up.ts'
import { openDecider } from './work/decide.ts'
import { keepMind } from './work/mind.ts'
import { openWorker } from './work/worker.ts'

export interface Service { url: string, close (): Promise<void> }

export interface StartOptions {
  config: Config, connectors: Connector[], log: Log, root: string, only: 'web' | 'worker' | null
}

export async function openService ({ config, connectors, log, root, only }: StartOptions): Promise<Service> {
  const opened: Array<() => Promise<unknown>> = []
  const closeAll = async (): Promise<void> => { for (const close of opened.splice(0).reverse()) await close() }
  try {
    const server = config.databaseUrl === null
      ? await openEmbedded(config.dataFolder)
      : {
          url: config.databaseUrl, close: async () => {}
        }
    opened.push(() => server.close())
    const db = openDb(server.url, 'deskloop')
    opened.push(() => db.destroy())
    await migrate(db, join(root, 'migrations'))
    if (await settleStream(db)) log.warn({ service: 'stream', outcome: 'settled' }, 'The database was restored: outlets are told their last events again')
    for (const outlet of config.outlets) await saveOutlet(db, outlet)
    const queue = await openQueue(server.url, log, { worker: only !== 'web' })
    opened.push(() => queue.close())

    const doors = new Map<string, Door>()
    const helpdesks = new Map<string, Helpdesk>()
    for (const { name, connector: type, settings } of config.connections) {
      const connector = connectors.find(c => c.name === type)
      if (connector === undefined) throw new Error(`there is no connector ${type} for the connection ${name}`)
      await saveConnection(db, name, type)
      const helpdesk = connector.open(settings, name)
      const ask = helpdesk.provision?.fetchSecrets
      const fetchSecrets = async (): Promise<string[]> => {
        const door = ask === undefined ? null : await findDoor(db, name)
        return door === null ? [] : await ask?.(door) ?? []
      }
      const secrets = openSecrets({ settings, setting: connector.signature.secret, fetchSecrets, log, nowMs: Date.now })
      doors.set(name, { name, connector, settings, ...(ask === undefined ? {} : { secrets }) })
      helpdesks.set(name, helpdesk)
    }
    const wallNow = (): Instant => new Date().toISOString().slice(0, 19) + 'Z'
    const now = async (): Promise<Instant> => config.clock === 'wall' ? wallNow() : await findClock(db) ?? '1970-01-01T00:00:00Z'
    const { rules } = config
    const keeper = keepMind(rules)
    let address = ''
    const worker = only === 'web'
      ? null
      : await openWorker({
        db, log, queue, helpdesks, now, catchUpMinutes: config.catchUpMinutes,
        outlets: {
          db, log, outlets: config.outlets, post: (outlet, message) => postToOutlet(outlet, message, Date.now())
        },
        think: { db, log, keeper, rules, mode: config.mode, replay: config.clock === 'replay' },
        effects: {
          db, log, helpdesks, rules, home: config.publicUrl,
          // A replay jumps from one instant to the next: there a note stands as long after its due time as the work took.
          notedAt: effect => config.clock === 'wall' ? wallNow() : plus(effect.askedAt, Math.ceil(effect.ageSeconds)),
          resendAfterMs: name => doors.get(name)?.connector.resendAfterMs ?? 60_000
        }
      })
    if (worker !== null) opened.push(() => worker.close())
    queue.onFailure(async (job, message) => { log.error({ job: 'ticket', ...job, message }) })

    if (only !== 'worker') {
      const recorder = openRecorder(db, queue)
      const app = await openHttp({ adminToken: config.adminToken, log })
      await app.register(async scope => { await webhooks(scope, { doors, recorder, log, nowMs: Date.now }) })
      await app.register(async scope => {
        await api(scope, {
          db, clock: config.clock, now, wake: () => worker?.wake(), connections: [...doors.keys()],
          catchUp: name => catchUp({ db, log, queue, helpdesks, replay: config.clock === 'replay' }, name)
        })
      })
      await app.register(async scope => { await events(scope, { db }) })
      await app.register(async scope => { await context(scope, { db, keys: config.contextKeys, nowMs: Date.now }) })
      await app.register(async scope => {
        await outletApi(scope, {
          db, outlets: config.outlets, wake: () => worker?.wake(), verify: verifyMessage, nowMs: Date.now
        })
      })
      const decider = openDecider({ db, keeper, rules, now, wake: () => worker?.wake() })
      await app.register(async scope => { await learning(scope, { db, decider, now }) })
      await app.register(async scope => { await learningPages(scope, { db, decider, now }) })
      await app.register(async scope => { await dashboard(scope, { db, rules }) })
      opened.push(async () => { await app.close(); await recorder.close() })
      address = await app.listen({ host: config.host, port: config.port })
    }
    log.info({ service: only ?? 'all', address, connections: [...doors.keys()], mode: config.mode }, 'Deskloop is open')
    return { url: address, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}
