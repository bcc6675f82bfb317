// deskloop prove outages: what breaks between a helpdesk and Deskloop, done to a running service one after the other: what
// happened, after how long it was well again, and what the operator saw. Looked after a hundred times faster than usual.
import { setTimeout as sleep } from 'node:timers/promises'
import { openZendesk } from '../../test/sandbox/zendesk.ts'
import type { PretendZendesk } from '../../test/sandbox/zendesk.ts'
import type { RunningService } from '../demo/service.ts'
import type { Proof, ProofOptions } from '../prove.ts'
import { makeHouse } from './scene.ts'
import type { House } from './scene.ts'

interface Outage {
  what: string
  happened: string
  healedMs: number | null                           // since it could be well again; null: it was not
  byItself: boolean
  log: string                                       // the line that tells of it
  api: string                                       // GET /v1/connections
  dashboard: string
}

interface Scene {
  desk: PretendZendesk, service: RunningService, house: House, door: string
  clock: { aheadMs: number }                        // of the vendor
}

const CHECK_SECONDS = 6                             // 600 as a rule
const PATIENCE_MS = 120_000
const HOME = 'https://desk.harbour.example'
const BROKEN_MS = 18_000                            // half an hour, a hundred times faster
const DAY_TICKETS = 48                              // one every half hour of the vendor's day

export async function proveOutages ({ root }: ProofOptions): Promise<Proof> {
  const desk = await openZendesk()
  const { ZENDESK_API_TOKEN: _, ZENDESK_EMAIL: __, ...settings } = desk.settings
  const { id, secret } = desk.oauth.client
  const house = makeHouse(root, 'outages', {
    ...settings, ZENDESK_OAUTH_CLIENT_ID: id, ZENDESK_OAUTH_CLIENT_SECRET: secret,
    DESKLOOP_CHECK_SECONDS: String(CHECK_SECONDS), DESKLOOP_CATCH_UP_MINUTES: '1'
  })
  const clock = { aheadMs: 0 }
  const tick = (): void => { desk.setNow(toInstant(Date.now() + clock.aheadMs)) }
  const ticking = setInterval(tick, 1_000)
  tick()
  try {
    desk.hooks.all.clear()                          // those that the desk had before
    await house.deskloop(['connect', 'zendesk', '--url', HOME, '--yes'])
    const service = await house.open()
    desk.webhookUrl = `${service.url}/hooks/zendesk`
    const scene = { desk, service, house, door: `${HOME}/hooks/zendesk`, clock }
    const outages: Outage[] = []
    const plays = [webhookDeleted, secretRotated, tokensRevoked, clientRefused, brokenForHalfAnHour, downForADay]
    for (const play of plays) outages.push(await play(scene))
    const kept = outages.every(({ healedMs }) => healedMs !== null)
    const lines = [...outages.flatMap(layOut), kept ? 'KEPT     all was well again' : 'BROKEN   see above']
    return { kept, lines, figures: { checkSeconds: CHECK_SECONDS, outages } }
  } finally {
    clearInterval(ticking)
    await house.close()
    await desk.close()
  }
}

async function webhookDeleted (scene: Scene): Promise<Outage> {
  const { desk } = scene
  const from = mark(scene)
  for (const [id] of [...desk.hooks.all]) desk.hooks.all.delete(id)
  const isThere = (): boolean => [...desk.hooks.all.values()].some(hook => hook.endpoint === scene.door)
  const healedMs = await until(async () => isThere())
  const ticket = await openTicket(scene)
  const arrives = await until(async () => await isTold(scene, ticket))
  return await tell(scene, from, 'provision', {
    what: 'webhook deleted by hand',
    happened: `made again; the next ticket ${arrives === null ? 'did not arrive' : 'arrived by webhook'}`,
    healedMs: arrives === null ? null : healedMs,
    byItself: true
  })
}

async function secretRotated (scene: Scene): Promise<Outage> {
  const { desk } = scene
  const from = mark(scene)
  for (const id of desk.hooks.all.keys()) desk.hooks.resetSecret(id)
  const before = desk.sent.length
  const startMs = performance.now()
  for (let i = 0; i < 5; i++) await openTicket(scene)
  const statuses = desk.sent.slice(before).map(({ attempts }) => attempts[0]?.status)
  const refused = statuses.filter(status => status !== 200).length
  return await tell(scene, from, 'secrets', {
    what: 'signing secret drawn anew',
    happened: `${statuses.length} deliveries followed at once, ${refused} were refused`,
    healedMs: refused === 0 ? Math.round(performance.now() - startMs) : null,
    byItself: true
  })
}

async function tokensRevoked (scene: Scene): Promise<Outage> {
  const { desk, service } = scene
  const from = mark(scene)
  await sleep(31_000)                               // a token younger than half a minute is not asked for anew
  const granted = desk.oauth.granted.length
  desk.oauth.revokeAll()
  const healedMs = await until(async () => desk.oauth.granted.length > granted)
  const answer = await service.post('/v1/connections/zendesk/catch-up').then(() => 'catching up works', (error: unknown) => `catching up fails: ${String(error)}`)
  return await tell(scene, from, 'credential', {
    what: 'every OAuth token revoked',
    happened: `${desk.oauth.granted.length - granted} new one was granted; ${answer}`,
    healedMs: answer === 'catching up works' ? healedMs : null,
    byItself: true
  })
}

async function clientRefused (scene: Scene): Promise<Outage> {
  const { desk } = scene
  const from = mark(scene)
  const { secret } = desk.oauth.client
  desk.oauth.client.secret = 'drawn anew by an admin'
  desk.oauth.revokeAll()
  const toldMs = await until(async () => await credentialOf(scene) === 'refused')
  const during = await seen(scene, from, 'credential')
  const ticket = await openTicket(scene)
  const status = desk.sent.at(-1)?.attempts[0]?.status
  desk.oauth.client.secret = secret                 // as if the person had put the new one in
  const healedMs = await until(async () => await credentialOf(scene) === 'good' && await isTold(scene, ticket))
  return {
    what: 'OAuth client refused',
    happened: `told after ${seconds(toldMs)}; a delivery meanwhile was answered ${String(status)} and its ticket kept`,
    healedMs,
    byItself: false,
    ...during
  }
}

async function brokenForHalfAnHour (scene: Scene): Promise<Outage> {
  const { desk } = scene
  const from = mark(scene)
  const asked = desk.requests.length
  desk.faults = { ...desk.faults, error500: 1, onlyWrites: false }
  const ticket = await openTicket(scene)
  const status = desk.sent.at(-1)?.attempts[0]?.status
  await sleep(BROKEN_MS)
  const during = await seen(scene, from, null)
  const requests = desk.requests.length - asked
  desk.faults = { ...desk.faults, error500: 0 }
  const healedMs = await until(async () => await credentialOf(scene) === 'good' && await isTold(scene, ticket) &&
    await scene.service.post('/v1/connections/zendesk/catch-up').then(() => true, () => false))
  return {
    what: 'every call answered 500 for half an hour',
    happened: `deliveries went on being taken (${String(status)}); it was asked ${requests} times in ${BROKEN_MS / 1000} s`,
    healedMs,
    byItself: true,
    ...during
  }
}

async function downForADay (scene: Scene): Promise<Outage> {
  const { desk } = scene
  const from = mark(scene)
  const startMs = Date.now()
  desk.faults = { ...desk.faults, error500: 1, onlyWrites: false }
  const tickets: string[] = []
  for (let i = 1; i <= DAY_TICKETS; i++) {
    tickets.push(write(desk, toInstant(startMs + i * 1_800_000)))
  }
  desk.pending.splice(0)                            // what it wanted to deliver is gone with it
  await sleep(5_000)
  const during = await seen(scene, from, null)
  scene.clock.aheadMs = 25 * 3_600_000
  desk.faults = { ...desk.faults, error500: 0 }
  let found = 0
  const healedMs = await until(async () => {
    found = 0
    for (const ticket of tickets) found += Number(await isTold(scene, ticket))
    return found === tickets.length
  })
  let doubled = 0
  for (const ticket of tickets) doubled += (await countOpened(scene, ticket)) - 1
  return {
    what: 'down for a day, its deliveries lost',
    happened: `${found} of ${DAY_TICKETS} tickets of that day were found by catching up, ${Math.max(0, doubled)} of them twice`,
    healedMs: doubled > 0 ? null : healedMs,
    byItself: true,
    ...during
  }
}

async function openTicket ({ desk }: Scene): Promise<string> {
  const ticket = write(desk, toInstant(Date.now()))
  await desk.send()
  return ticket
}

function write (desk: PretendZendesk, at: string): string {
  return desk.openTicket({ at, subject: 'No light', text: 'The lamp in the hall stays dark.', person: { id: 'p1', name: 'Ada Bell', email: 'ada@example.org' } })
}

async function isTold (scene: Scene, ticket: string): Promise<boolean> {
  return await countOpened(scene, ticket) > 0
}

async function countOpened ({ service }: Scene, ticket: string): Promise<number> {
  const events = await service.get(`/v1/tickets/zendesk/${ticket}/events`)
  return Array.isArray(events) ? events.filter(event => recordOf(event).kind === 'opened').length : 0
}

async function credentialOf (scene: Scene): Promise<unknown> {
  return recordOf((await connectionOf(scene)).credential).state
}

async function connectionOf ({ service }: Scene): Promise<Record<string, unknown>> {
  const all = await service.get('/v1/connections')
  return recordOf(Array.isArray(all) ? all[0] : null)
}

function mark ({ house }: Scene): number {
  return house.log().length
}

type Seen = Pick<Outage, 'log' | 'api' | 'dashboard'>

async function tell (scene: Scene, from: number, job: string, outage: Omit<Outage, keyof Seen>): Promise<Outage> {
  return { ...outage, ...await seen(scene, from, job) }
}

/** What an operator finds who looks now: the loudest line of the log since then, the API and the first page. */
async function seen (scene: Scene, from: number, job: string | null): Promise<Seen> {
  const lines = scene.house.log().slice(from)
    .filter(line => Number(line.level) >= 40 && (job === null || line.job === job))
  const line = lines.sort((a, b) => Number(b.level) - Number(a.level))[0]
  const told = line === undefined ? 'nothing' : [line.job, line.outcome, line.todo ?? line.message ?? line.changes].filter(Boolean).join(': ')
  const { credential, pausedWhy } = await connectionOf(scene)
  const { state, says, todo } = recordOf(credential)
  const page = await fetch(scene.service.url).then(async answer => await answer.text())
  const needs = /<section class="needs".*?<\/section>/s.exec(page)?.[0].replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').trim()
  return {
    log: told,
    api: `credential ${String(state)}: ${String(todo ?? says)}${pausedWhy === null ? '' : `; paused: ${String(pausedWhy)}`}`,
    dashboard: needs ?? 'nothing for a person to do'
  }
}

/** Milliseconds until it is so; null when it never was. */
async function until (isSo: () => Promise<boolean>): Promise<number | null> {
  const startMs = performance.now()
  while (performance.now() - startMs < PATIENCE_MS) {
    if (await isSo()) return Math.round(performance.now() - startMs)
    await sleep(200)
  }
  return null
}

function layOut (outage: Outage): string[] {
  const who = outage.byItself ? 'by itself' : 'once a person had acted'
  return [
    outage.what.toUpperCase(),
    `  happened   ${outage.happened}`,
    `  healed     ${outage.healedMs === null ? `NOT within ${PATIENCE_MS / 1000} s` : `after ${seconds(outage.healedMs)}, ${who}`}`,
    `  log        ${outage.log}`,
    `  API        ${outage.api}`,
    `  dashboard  ${outage.dashboard}`
  ]
}

function toInstant (ms: number): string {
  return new Date(ms).toISOString().slice(0, 19) + 'Z'
}

function seconds (ms: number | null): string {
  return ms === null ? 'never' : `${(ms / 1000).toFixed(1)} s`
}

function recordOf (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
