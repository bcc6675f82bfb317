// deskloop connect and disconnect: look what is missing, show what would be done, do it, prove it with a private note,
// and say what is left for a person. What is asked and told goes through `deps`, the rest is the same for every helpdesk.
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../src/errors.ts'
import { readConfig } from '../src/config.ts'
import type { ConnectionConfig } from '../src/config.ts'
import { SHARE } from '../src/pace/pace.ts'
import type { Connector, Finding, Goal, Helpdesk, PlannedChange, Provision } from '../src/types.ts'
import { makeKey } from '../src/work/key.ts'
import { sayChange } from '../src/work/provision.ts'
import { openMemory } from './connect/memory.ts'
import type { Memory } from './connect/memory.ts'
import { sayArrival, waitForArrival } from './connect/arrival.ts'
import type { Arrival, FindArrival } from './connect/arrival.ts'
import { proveNote, sayMails } from './connect/round-trip.ts'
import type { RoundTrip } from './connect/round-trip.ts'
import { listenToQuotas, planOf, sayPlan } from './connect/plan.ts'
import type { Plan } from './connect/plan.ts'

export interface ConnectDeps {
  say: (line: string) => void
  /** Null where nobody can be asked. */
  confirm: ((question: string) => Promise<boolean>) | null
  /** The status with which the address answers to HEAD; null when it does not. */
  knock: (door: string) => Promise<number | null>
  /** From then on the service keeps what was made there, or leaves it. */
  remember: (door: string | null) => Promise<void>
  /** The newest delivery that the service has stored. */
  newest: () => Promise<string | null>
  /** The first delivery after the one named, and how late what it said was. */
  arrived: FindArrival
  patienceMs: number                                // how long a delivery is waited for
}

export interface Wish { goal: Goal, yes: boolean, ticket: string | null, waitSeconds?: number | null }

export interface ConnectReport {
  connection: string, door: string, goal: Goal, ok: boolean, findings: Finding[], planned: PlannedChange[]
  done: PlannedChange[] | null                      // null: nothing was done
  secret: { setting: string, value: string } | null // what is signed with and not set
  steps: string[], roundTrip: RoundTrip | null
  plan: Plan | null                                 // what the account may do, once somebody has looked
  arrival: Arrival | null                           // the first delivery, where it was waited for
  delivered: boolean | null                         // did the note come back as a delivery? Null: it does not there
  problem: string | null
}

const PATIENCE_MS = 30_000

interface Place {
  set: ConnectionConfig, connector: Connector, helpdesk: Helpdesk, provision: Provision, door: string
  plan: () => Plan | null
}

export async function connect (place: Place, wish: Wish, deps: ConnectDeps): Promise<ConnectReport> {
  const { set, connector, helpdesk, provision, door } = place
  const { say } = deps
  const report: ConnectReport = {
    connection: set.name, door, goal: wish.goal, ok: false, findings: [], planned: [], done: null, secret: null,
    steps: [], roundTrip: null, plan: null, arrival: null, delivered: null, problem: null
  }
  const isConnecting = wish.goal === 'connected'
  let begun = false
  try {
    if (isConnecting) {
      report.findings = await lookAround(place, deps)
      for (const finding of report.findings) say(`${finding.level === 'stop' ? 'MISSING' : 'NOTE   '} ${finding.what}: ${finding.why}`)
      if (report.findings.some(finding => finding.level === 'stop')) {
        throw new Error('nothing was changed: mend what is missing and run this again')
      }
      const self = await helpdesk.fetchSelf()
      say(`Signed in to ${connector.name} as ${self.name} (${self.id}): notes will bear this name.`)
      report.plan = place.plan()
      if (report.plan !== null) say(sayPlan(connector, report.plan))
    }
    report.planned = await provision.plan(door, wish.goal)
    if (report.planned.length === 0) say(`Nothing to change at ${connector.name}.`)
    for (const change of report.planned) say(`WILL    ${sayChange(change)}`)
    if (report.planned.length > 0 && !wish.yes && await deps.confirm?.('Shall this be done?') !== true) {
      throw new Error(deps.confirm === null ? 'nothing was changed: add --yes to do it' : 'nothing was changed')
    }
    // Before anything is removed, or the service would mend it again; before anything is made, so that it is kept.
    await deps.remember(isConnecting ? door : null)
    begun = true
    report.done = await provision.apply(door, wish.goal)
    for (const change of report.done) say(`DONE    ${sayChange(change)}`)
    const left = await provision.plan(door, wish.goal)
    if (left.length > 0) throw new Error(`${connector.name} has not taken everything over: ${left.map(sayChange).join('; ')}`)
    tellSteps(wish.goal)
    if (isConnecting) {
      report.secret = await findNewSecret(place)
      if (report.secret !== null) {
        say(`SECRET  ${report.secret.setting}=${report.secret.value}`)
        say('        set it, or leave it: a running Deskloop asks for it when the first delivery comes')
      }
      const before = wish.ticket !== null || wish.waitSeconds ? await deps.newest() : null
      if (wish.ticket !== null) {
        report.roundTrip = await proveNote(helpdesk, provision, wish.ticket, makeKey())
        say(`NOTE    ${report.roundTrip.says}`)
        if (!report.roundTrip.private) throw new Error('the note was not proven private: do not let Deskloop write here')
        for (const line of sayMails(report.roundTrip.mails)) say(line)
        if (report.roundTrip.mails?.some(({ to }) => to === 'customer') === true) {
          throw new Error('a private note made the helpdesk mail the customer: mend that rule before Deskloop writes here')
        }
        if (provision.notesComeBack) report.delivered = await hear(deps, before)
        say(sayDelivered(report.delivered))
      }
      if (wish.waitSeconds) {
        if (report.delivered !== true) say(`WAITING up to ${wish.waitSeconds} s for the first delivery: change any ticket at ${connector.name}`)
        report.arrival = await waitForArrival(deps.arrived, before, wish.waitSeconds * 1000)
        if (report.arrival === null) throw new Error(`no delivery came within ${wish.waitSeconds} s: is Deskloop running, does ${door} lead to it, and is its secret set?`)
        say(sayArrival(report.arrival))
      }
    }
    report.ok = true
  } catch (error) {
    report.problem = messageOf(error)
    say(`STOPPED ${report.problem}`)
    // Whoever let it begin and was refused by the helpdesk gets the way by hand.
    if (isConnecting && begun && report.done === null) tellSteps('refused')
  }
  return report

  function tellSteps (after: Goal | 'refused'): void {
    report.steps = provision.steps?.(door, after) ?? []
    for (const [i, step] of report.steps.entries()) say(`${i + 1}. ${step}`)
  }
}

/** The proof that the circle is closed: what we wrote there arrives here, signed and stored. */
async function hear (deps: ConnectDeps, before: string | null): Promise<boolean> {
  const untilMs = performance.now() + deps.patienceMs
  for (;;) {
    if (await deps.newest() !== before) return true
    if (performance.now() >= untilMs) return false
    await sleep(250)
  }
}

function sayDelivered (delivered: boolean | null): string {
  if (delivered === null) return 'NEXT    private notes are not delivered from there: change any ticket, and GET /v1/connections shows its arrival'
  return delivered
    ? 'HEARD   the note came back as a delivery, and was stored: the circle is closed'
    : 'UNHEARD the note has not come back yet: is Deskloop running, does the address lead to it, and is its secret set?'
}

/** What the helpdesk lacks, and whether our door answers as the helpdesk will find it. */
async function lookAround ({ connector, provision, door }: Place, deps: ConnectDeps): Promise<Finding[]> {
  const status = await deps.knock(door)
  const findings = await provision.check(door)
  if (status === 200) return findings
  const what = `${door} ${status === null ? 'does not answer' : `answers ${status}`} to HEAD`
  const why = `${connector.name} delivers there: start Deskloop, and let that address lead to it`
  return [{ level: 'look', what, why }, ...findings]
}

async function findNewSecret ({ set, connector, provision, door }: Place): Promise<ConnectReport['secret']> {
  const setting = connector.signature.secret
  const known = (set.settings[setting] ?? '').split(',').map(one => one.trim())
  const fresh = (await provision.fetchSecrets?.(door) ?? []).filter(secret => !known.includes(secret))
  if (fresh.length === 0) return null
  return { setting, value: [...fresh, ...known].filter(one => one !== '').join(',') }
}

interface Command {
  root: string, connectors: Connector[], env: Readonly<Record<string, string | undefined>>
  name: string, goal: Goal, url: string | null, yes: boolean, ticket: string | null, json: boolean
  waitSeconds: number | null
}

/** Returns the exit code. */
export async function connectCommand (command: Command): Promise<number> {
  const { place, memory } = findPlace(command)
  const say = (line: string): void => { if (!command.json) process.stdout.write(`${line}\n`) }
  const canAsk = process.stdin.isTTY && !command.json
  const deps = { say, confirm: canAsk ? confirm : null, knock, ...memory, patienceMs: PATIENCE_MS }
  const report = await connect(place, command, deps).finally(() => memory.close())
  if (command.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  return report.ok ? 0 : 1
}

/** Everything that can be wrong before anybody is asked, in the words of the settings. */
export function findPlace ({ root, connectors, env, name, url }: Pick<Command, 'root' | 'connectors' | 'env' | 'name' | 'url'>): { place: Place, memory: Memory } {
  // The secret of the webhook is what connecting brings about: nobody can have set it before.
  const lenient = connectors.map(c => ({ ...c, optional: [...c.optional, c.signature.secret] }))
  const config = readConfig(env, join(root, 'config'), lenient)
  const set = config.connections.find(one => one.name === name)
  if (set === undefined) {
    const wanted = connectors.find(one => one.name === name)
    if (wanted === undefined) throw new Error(`connect needs one of these names: ${[...new Set([...config.connections, ...connectors].map(c => c.name))].join(', ')}`)
    throw new Error(`${name} needs these settings:\n${Object.entries(wanted.settings).map(([key, says]) => `  ${key}: ${says}`).join('\n')}`)
  }
  const connector = lenient.find(one => one.name === set.connector)
  if (connector === undefined) throw new Error(`there is no connector ${set.connector}`)
  const home = (url ?? config.publicUrl).replace(/\/+$/, '')
  if (!/^https:\/\/[^\s/]+/.test(home)) {
    throw new Error('helpdesks deliver to https only: give the address that leads to Deskloop with --url https://… or in DESKLOOP_URL')
  }
  const memory = openMemory(config, root, set)
  const quotas = listenToQuotas()
  const helpdesk = connector.open(set.settings, set.name, quotas.pace, memory.kept)
  if (helpdesk.provision === undefined) throw new Error(`${connector.name} cannot be set up by a program: see its documentation`)
  const share = config.rates === null ? 1 : config.rates[set.name]?.share ?? SHARE
  const { rate } = connector
  const plan = (): Plan | null => rate === undefined ? null : planOf(rate, quotas.newest(), share, helpdesk)
  return { place: { set, connector, helpdesk, provision: helpdesk.provision, door: `${home}/hooks/${set.name}`, plan }, memory }
}

async function knock (door: string): Promise<number | null> {
  try {
    const { status } = await fetch(door, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(5_000) })
    return status
  } catch {
    return null                                     // whatever the reason, it is told as "does not answer"
  }
}

async function confirm (question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}
