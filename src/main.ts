// Opens everything in order and closes it in reverse; the only one that knows all.
import { join } from 'node:path'
import type { Config, HubspotConfig } from './config.ts'
import { openDrafter } from './drafter/drafter.ts'
import { openNatsOutlet } from './bridge/nats.ts'
import { openHubspot } from './bridge/hubspot.ts'
import { postToOutlet } from './bridge/outlet.ts'
import { makeDoor } from './http/doors.ts'
import type { Door } from './http/webhooks.ts'
import type { Log } from './log.ts'
import { openBell } from './main-bell.ts'
import { openPace } from './pace/pace.ts'
import { openQueue } from './queue.ts'
import { findClock, saveConnection } from './store/connections.ts'
import { migrate, openDb } from './store/db.ts'
import { openEmbedded } from './store/embedded.ts'
import { recordDead } from './store/failures.ts'
import { makeKept } from './store/kept.ts'
import { findLinkKey } from './store/links.ts'
import { saveOutlet } from './store/outlets.ts'
import { settleStream } from './store/stream.ts'
import { openVault } from './store/vault.ts'
import type { Connector, Helpdesk, Instant, Rate } from './types.ts'
import { readCancellation } from './learn/risk.ts'
import { readEscalation } from './learn/escalation.ts'
import { plus } from './learn/story.ts'
import { accountAdder, makeRiskPerformer } from './work/accounts.ts'
import type { AccountDeps } from './work/accounts.ts'
import { keepMind } from './work/mind.ts'
import { makeNotePerformer } from './work/note-performer.ts'
import type { Tempo } from './work/schedule.ts'
import { makeFixedNotePerformer } from './work/fixed-notes.ts'
import { makeKnownIssuePerformer } from './work/known-issue.ts'
import { makeWatchKeeper } from './work/watch.ts'
import { linksBelow } from './work/note-making.ts'
import { makeNoteUsedPerformer } from './work/note-used.ts'
import { makeSuggestPerformer } from './work/suggest-performer.ts'
import { openWorker } from './work/worker.ts'
import { wordDraft } from './work/wording.ts'
import type { WordingDeps } from './work/wording.ts'
import { openWeb } from './main-web.ts'

export interface Service { url: string, close (): Promise<void> }

export interface StartOptions {
  config: Config, connectors: Connector[], log: Log, root: string, only: 'web' | 'worker' | null
  tempo?: Tempo                                     // other time constants than the usual ones: for proofs
}

// For a helpdesk whose connector names no limit of its own
const USUAL_RATE: Rate = { limit: 200, windowMs: 60_000 }

export async function openService ({ config, connectors, log, root, only, tempo }: StartOptions): Promise<Service> {
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

    const vault = openVault(config.masterKeys, config.dataFolder)
    // A replay tells weeks in minutes: its pretend helpdesks keep no limits. The pace has connections of its own, so that a
    // busy pool never makes a call wait.
    const rates = config.clock === 'replay' ? null : config.rates
    const paceDb = rates === null || config.connections.length === 0 ? null : openDb(server.url, 'deskloop-pace', 2)
    if (paceDb !== null) opened.push(() => paceDb.destroy())
    const paces: Array<{ close (): void }> = []
    const doors = new Map<string, Door>()
    const helpdesks = new Map<string, Helpdesk>()
    for (const { name, connector: type, settings } of config.connections) {
      const connector = connectors.find(c => c.name === type)
      if (connector === undefined) throw new Error(`there is no connector ${type} for the connection ${name}`)
      await saveConnection(db, name, type)
      const pace = paceDb === null
        ? undefined
        : openPace({ db: paceDb, log, connection: name, rate: connector.rate ?? USUAL_RATE, ...rates?.[name] })
      if (pace !== undefined) paces.push(pace)
      const helpdesk = connector.open(settings, name, pace, makeKept(db, vault, name))
      doors.set(name, makeDoor({ db, vault, log }, name, connector, settings, helpdesk))
      helpdesks.set(name, helpdesk)
    }
    const wallNow = (): Instant => new Date().toISOString().slice(0, 19) + 'Z'
    const now = async (): Promise<Instant> => config.clock === 'wall' ? wallNow() : await findClock(db) ?? '1970-01-01T00:00:00Z'
    const { rules } = config
    const { alerts } = config
    const bell = openBell({
      db, log, alerts, home: config.publicUrl, now, notes: config.mode === 'draft',
      ...(tempo?.slackResendMs === undefined ? {} : { slackResendMs: tempo.slackResendMs }),
      ...(config.hubspot === null ? {} : { renewalDays: config.hubspot.view.atRisk.renewalWithinDays }),
      ...(tempo?.issuesEveryMs === undefined ? {} : { issuesEveryMs: tempo.issuesEveryMs })
    })
    const linkKey = await findLinkKey(db, config.linkKey)
    const escalation = readEscalation(config.escalation)
    const buses = new Map(config.outlets.flatMap(o => {
      return o.nats === undefined ? [] : [[o.name, openNatsOutlet(o, o.nats)]]
    }))
    opened.push(() => Promise.all([...buses.values()].map(bus => bus.close())))
    // A replay tells of invented people: nobody is asked about them.
    const hubspot = config.clock === 'replay' ? null : config.hubspot
    const accounts = hubspot === null ? null : openAccounts(hubspot, { db, log, now, churn: bell.churn })
    const making = {
      ...(accounts === null || hubspot?.inNotes !== true ? {} : { addAccount: accountAdder(accounts) }),
      db, rules, home: config.publicUrl, frame: { language: config.language, timeZone: config.timeZone },
      links: linksBelow(config.publicUrl, linkKey, Date.now)
    }
    const editable = new Set([...helpdesks].flatMap(([name, h]) => h.editNote === undefined ? [] : [name]))
    let address = ''
    const keeper = keepMind(rules)
    const wording: WordingDeps | null = config.model === null
      ? null
      : {
          db, log, rules, model: config.model.chatModel, hourlyTokens: config.model.hourlyTokens,
          drafter: openDrafter(config.model, Date.now)
        }
    const worker = only === 'web'
      ? null
      : await openWorker({
        ...(wording === null || config.mode === 'draft' ? {} : { wording }),
        checkSeconds: config.checkSeconds,
        db, log, queue, helpdesks, now, catchUpMinutes: config.catchUpMinutes, escalation,
        ...(accounts === null ? {} : { accounts }),
        outlets: {
          db, log, outlets: config.outlets,
          post: (outlet, message) => buses.get(outlet.name)?.post(message) ?? postToOutlet(outlet, message, Date.now())
        },
        think: {
          db, log, keeper, rules, mode: config.mode, replay: config.clock === 'replay',
          scopes: config.scopes, editable
        },
        ...(tempo === undefined ? {} : { tempo }),
        performers: [makeNoteUsedPerformer({ ...making, helpdesks }), makeNotePerformer({
          ...making, helpdesks,
          ...(wording === null ? {} : { word: draft => wordDraft(wording, draft) }),
          // A replay jumps from one instant to the next: there a note stands as long after its due time as the work took.
          notedAt: effect => config.clock === 'wall' ? wallNow() : plus(effect.askedAt, Math.ceil(effect.ageSeconds)),
          resendAfterMs: name => doors.get(name)?.connector.resendAfterMs ?? 60_000
        }), makeSuggestPerformer({
          db, helpdesks, rules: config.escalation, home: config.publicUrl, language: config.language,
          resendAfterMs: name => doors.get(name)?.connector.resendAfterMs ?? 60_000
        }),
        ...(accounts?.writes !== true ? [] : [makeRiskPerformer({ ...accounts, home: config.publicUrl })]),
        makeFixedNotePerformer({
          db, helpdesks, home: config.publicUrl,
          resendAfterMs: name => doors.get(name)?.connector.resendAfterMs ?? 60_000
        }),
        makeKnownIssuePerformer({
          db, helpdesks, home: config.publicUrl, links: making.links,
          resendAfterMs: name => doors.get(name)?.connector.resendAfterMs ?? 60_000
        }),
        ...bell.performers],
        duties: bell.duties,
        watch: {
          db, log, zone: alerts.timezone, to: bell.to, keeper: makeWatchKeeper(), redact: bell.redact,
          replay: config.clock === 'replay', ...(alerts.filing === undefined ? {} : { filing: alerts.filing }),
          // As many of each kind as a lead finds bearable: new clusters are rarer, slow drifts rarer still.
          rules: {
            spikesPerWeek: alerts.falseAlarmsPerWeek, novelPerWeek: alerts.falseAlarmsPerWeek / 2,
            driftsPerWeek: alerts.falseAlarmsPerWeek / 10
          }
        }
      })
    if (worker !== null) opened.push(() => worker.close())
    queue.onDead(async (job, message, attempts) => { await recordDead(db, job, message, attempts) })
    queue.onFailure(async (job, message) => { log.error({ job: 'ticket', ...job, message }) })

    if (only !== 'worker') {
      const wake = (): void => { worker?.wake() }
      const close = (end: () => Promise<unknown>): void => { opened.push(end) }
      address = await openWeb({
        config, log, db, queue, doors, helpdesks, bell, keeper, linkKey, now, wallNow, wake, close
      })
    }
    opened.push(async () => { for (const pace of paces) pace.close() })         // first of all: nobody waits for history
    log.info({ service: only ?? 'all', address, connections: [...doors.keys()], mode: config.mode }, 'Deskloop is open')
    return { url: address, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

function openAccounts (hubspot: HubspotConfig, deps: Pick<AccountDeps, 'db' | 'log' | 'now' | 'churn'>): AccountDeps {
  const { url, token, view, writesRisk: writes } = hubspot
  const crm = openHubspot({ url, token, properties: Object.values(view.properties) })
  return { ...deps, crm, view, writes, cancellation: readCancellation(view.cancellation) }
}
