// deskloop demo: the service, three pretend helpdesks, a pretend Slack and Linear, and weeks of tickets replayed fast through
// their true webhooks.
import { mkdirSync, rmSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../src/config.ts'
import { findConnectors } from '../src/connectors.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import { openFreshdesk } from '../test/sandbox/freshdesk.ts'
import { openIntercom } from '../test/sandbox/intercom.ts'
import { openZendesk } from '../test/sandbox/zendesk.ts'
import { readArchive } from './archive.ts'
import type { Archive } from './archive.ts'
import { checkDeliveries, checkDrafts, checkJournals, checkStories, rowsOf } from './demo/checks.ts'
import type { Check } from './demo/checks.ts'
import { openDemoBell } from './demo/bell.ts'
import { makeDemoArchive } from './demo/demo-archive.ts'
import { play, untilSettled } from './demo/player.ts'
import type { Desks } from './demo/player.ts'
import { runService } from './demo/service.ts'
import { shareOut } from './share-out.ts'

export interface DemoOptions {
  root: string, tickets: string | null, kills: number, disorder: boolean, exit: boolean, json: boolean
}

export async function demo (options: DemoOptions): Promise<void> {
  const say = (text: string): void => { (options.json ? process.stderr : process.stdout).write(text + '\n') }
  const since = (): string => `${(performance.now() / 1000).toFixed(1)} s`
  const archive: Archive = options.tickets === null
    ? {
        tickets: makeDemoArchive(1), faults: []
      }
    : await readArchive(options.tickets)
  const shared = shareOut(archive.tickets)
  if (shared.length === 0) {
    throw new Error(
    `${options.tickets ?? 'the archive'} holds no ticket with a customer's message`
    )
  }
  const folder = join(process.env['DESKLOOP_DATA'] ?? join(options.root, 'data'), 'demo')
  await emptyFolder(folder)

  const desks: Desks = {
    zendesk: await openZendesk(), intercom: await openIntercom(), freshdesk: await openFreshdesk()
  }
  const bell = await openDemoBell({
    isStory: options.tickets === null, disorder: options.disorder, service: () => service, say
  })
  const env = {
    ...bell.env, ...desks.zendesk.settings, ...desks.intercom.settings, ...desks.freshdesk.settings,
    DESKLOOP_DATA: folder, DESKLOOP_MODE: 'draft', DESKLOOP_CLOCK: 'replay', DESKLOOP_LOG: 'warn',
    DESKLOOP_CATCH_UP_MINUTES: '0',
    DESKLOOP_PORT: process.env['DESKLOOP_PORT'] ?? '8080', DESKLOOP_RULES: process.env['DESKLOOP_RULES'] ?? ''
  }
  const logFile = join(folder, 'service.log')
  const service = await runService(options.root, env, logFile)
  let closing: Promise<void> | null = null
  const close = (): Promise<void> => {
    closing ??= service.stop()
      .then(() => Promise.all([...Object.values(desks), bell].map(one => one.close()))).then(() => {})
    return closing
  }
  const stopped = new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  stopped.then(close).then(() => process.exit(process.exitCode ?? 0)).catch(() => process.exit(1))

  try {
    await service.ready()
    const dashboardAfter = performance.now() / 1000
    say(`Dashboard  ${service.url}   (answered after ${since()})`)
    for (const f of archive.faults.slice(0, 20)) say(`line ${f.line} was skipped: ${f.why}`)
    if (archive.faults.length > 0) say(`${archive.faults.length} bad lines were skipped`)
    say(`Playing ${shared.length} tickets, ${shared[0]?.ticket.opened_at.slice(0, 10)} to ${shared.at(-1)?.ticket.opened_at.slice(0, 10)}, ` +
      `through Zendesk, Intercom and Freshdesk${options.disorder ? ', with deliveries lost, doubled and out of order' : ''}${options.kills > 0
? `,
      killing the service ${options.kills} times`
: ''}`)
    for (const desk of Object.values(desks)) desk.webhookUrl = `${service.url}/hooks/${desk.name}`
    let firstNote: number | null = null
    let told = 0
    const played = await play(shared, desks, service, {
      disorder: options.disorder,
      kills: options.kills,
      seed: 1,
      meanwhile: bell.live,
      onProgress (done, all, at) {
        if (
          firstNote === null && Object.values(desks).some(d => d.journal.some(e => e.kind === 'note' && e.by === 'api'))
        ) {
          firstNote = performance.now() / 1000
          say(`first note after ${firstNote.toFixed(1)} s`)
        }
        if (performance.now() - told < 2_000 && done < all) return
        told = performance.now()
        say(`${String(Math.floor(100 * done / all)).padStart(3)} %  ${at.slice(0, 10)}  ${done} of ${all} happenings  ${since()}`)
      }
    })
    await untilSettled(service)
    const connectors = await findConnectors(join(options.root, 'connectors'))
    const config = readConfig(env, join(options.root, 'config'), connectors)
    const helpdesks = new Map(config.connections.flatMap(c => {
      const connector = connectors.find(x => x.name === c.connector)
      return connector === undefined ? [] : [[c.name, connector.open(c.settings, c.name)]]
    }))
    say('Checking …')
    const rung = await bell.check(desks)
    const checks = [
      ...checkJournals(desks), await checkDeliveries(desks, service), await checkStories(
        shared, played, service, helpdesks
      ),
      await checkDrafts(shared, played, service, config.rules, config.escalation), ...rung.checks
    ]
    const stats = await service.get('/v1/stats')
    const curve = rowsOf(await service.get('/v1/curve'))
    const summary = {
      tickets: shared.length, bad_lines: archive.faults.length, acts: played.acts, kills: service.kills,
      dropped: played.dropped, catch_ups: played.catchUps,
      dashboard_after_s: dashboardAfter, first_note_after_s: firstNote, seconds: performance.now() / 1000, stats,
      curve, checks, bell: rung.figures
    }
    if (options.json) process.stdout.write(JSON.stringify(summary, null, 2) + '\n')
    else say(describe(stats, curve, checks, service.url, firstNote, rung.told))
    process.exitCode = checks.every(c => c.ok) ? 0 : 1
    if (options.exit || options.json) await close()
    else {
      say(`It stays open for you to look around. Press Ctrl-C to stop. The service's log: ${logFile}`)
      await stopped
      await close()
    }
  } catch (error) {
    await close()
    throw error
  }
}

function describe (
  stats: unknown, curve: Array<Record<string, unknown>>, checks: Check[], url: string, firstNote: number | null,
  bell: string[]
): string {
  const n = (name: string): number => typeof stats === 'object' && stats !== null
    ? Number(
      Object.entries(stats).find(([k]) => k === name)?.[1] ?? 0
    )
    : 0
  const used = (name: string): string => `${n(name)} (${share(n(name), n('seen'))})`
  return [
    '',
    `${n('deliveries')} deliveries, ${n('events')} events, ${n('tickets')} tickets`,
    `${n('drafts')} questions drafted, ${n('noteDrafts')} sure enough for a note, ${n('notes')} notes written, ${n('skipped')} no longer wanted`,
    `Notes that stood there in time: ${n('seen')}; sent as is ${used('asIs')}, edited ${used('edited')}, replaced ${used('replaced')}`,
    firstNote === null ? 'No note was written: no score was sure enough' : `The first note came ${firstNote.toFixed(1)} s after the start`,
    '',
    'week         answered   draft good   notes in time   as is   edited   replaced',
    ...curve.map(describeWeek),
    '',
    ...bell,
    '',
    ...checks.map(c => `${c.ok ? 'ok  ' : 'FAIL'}  ${c.name}: ${c.says}`),
    '',
    `Open  ${url}          the learning curve, the connections, the latest drafts`,
    `      ${url}/drafts   every draft with its score, its reason and what became of it`,
    `      ${url}/anomalies   what was out of the ordinary, its tickets, and all that was done with it`,
    ''
  ].join('\n')
}

function describeWeek (c: Record<string, unknown>): string {
  const n = (name: string): string => String(c[name])
  return [
    n('week').slice(0, 10), n('answered').padStart(11), share(Number(c['good']), Number(c['answered'])).padStart(12),
    n('shown').padStart(15), n('asIs').padStart(7), n('edited').padStart(8), n('replaced').padStart(10)
  ].join(' ')
}

function share (part: number, of: number): string {
  return of === 0 ? '–' : `${Math.round(100 * part / of)} %`
}

// A server that an earlier demo left running is stopped before its folder goes; one that is in use is left alone.
async function emptyFolder (folder: string): Promise<void> {
  if (existsSync(join(folder, 'postgres', 'PG_VERSION'))) {
    await (await openEmbedded(folder)).close()
    if (existsSync(join(folder, 'postgres', 'postmaster.pid'))) {
      throw new Error(`another demo is running in ${folder}: stop it first, or set DESKLOOP_DATA to another folder`)
    }
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
}
