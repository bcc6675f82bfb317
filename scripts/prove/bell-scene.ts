// What one run of the proof of the bell happens in: a Slack, a Linear and a Zendesk behind gates, our own webhooks behind
// another, three processes, and the traps that kill them at the moments of this run.
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLinear } from '../../test/sandbox/linear.ts'
import type { PretendLinear } from '../../test/sandbox/linear.ts'
import { openSlack } from '../../test/sandbox/slack.ts'
import type { PretendSlack } from '../../test/sandbox/slack.ts'
import { noFaults } from '../../test/sandbox/types.ts'
import type { Delivery, Faults, PretendHelpdesk } from '../../test/sandbox/types.ts'
import { openCrew } from './bell-crew.ts'
import type { Crew } from './bell-crew.ts'
import { nameHook, nameLinearCall, nameSlackCall, nameZendeskCall, openGate } from './bell-gate.ts'
import type { Call, Gate, Phase } from './bell-gate.ts'
import { faultsOf, HOUR_MS } from './bell-terms.ts'
import type { Moment } from './bell-terms.ts'

export interface Scene {
  slack: PretendSlack
  linear: PretendLinear
  desk: PretendHelpdesk
  channel: string
  crew: Crew
  hit: string[]                                     // moments at which somebody was killed
  refused: { forged: number, taken: number }        // forged presses and webhooks, and how many of them were believed
  /** From now on these calls are waited for. */
  arm (moments: Moment[]): void
  /** Slack and Linear are not reached for an hour. */
  goDown (): void
  isDown (): boolean
  get (path: string): Promise<unknown>
  post (path: string, body: unknown): Promise<unknown>
  /** The same delivery as Slack or Linear would never send it; each must be refused. */
  forge (path: string, delivery: Delivery): Promise<void>
  close (): Promise<void>
}

const PATIENCE_MS = 60_000
const SEVEN_MINUTES_MS = 420_000

export async function openScene (
  { root, desk, databaseUrl, folder, seed }: {
    root: string, desk: PretendHelpdesk, databaseUrl: string, folder: string, seed: number
  }
): Promise<Scene> {
  const slack = await openSlack()
  const linear = await openLinear()
  const channel = slack.channels().find(one => one.name === 'support-alerts')?.id ?? ''
  const port = await freePort()
  const web = `http://127.0.0.1:${port}`
  const armed: Moment[] = []
  const hit: string[] = []
  let crew: Crew | null = null
  const vendors: Array<[name: string, faults: Faults, usual: Partial<Faults>]> = [
    ['slack', slack.faults, { ...faultsOf('slack', seed), seed }],
    ['linear', linear.faults, { ...faultsOf('linear', seed), seed: seed + 100 }],
    ['zendesk', desk.faults, { ...faultsOf('zendesk', seed), seed: seed + 200 }]
  ]
  // The call at which somebody is to be killed shall be seen: until then its vendor behaves.
  const misbehave = (): void => {
    for (const [name, current, usual] of vendors) {
      Object.assign(current, noFaults, armed.some(m => m.call.startsWith(name)) ? {} : usual)
    }
  }
  const onCall = (call: Call, phase: Phase, status: number): 'pass' | 'lose' => {
    const at = armed.findIndex(m => m.call === call.name && PHASES[m.when] === phase && status < 400)
    const [moment] = at < 0 ? [] : armed.splice(at, 1)
    if (moment === undefined) return 'pass'
    hit.push(moment.name)
    crew?.kill(moment.who)
    misbehave()
    return moment.when === 'answered' ? 'pass' : 'lose'
  }
  const gates: Record<'slack' | 'linear' | 'zendesk' | 'web', Gate> = {
    slack: await openGate({ target: () => slack.url, nameOf: nameSlackCall, onCall }),
    linear: await openGate({ target: () => linear.url, nameOf: nameLinearCall, onCall }),
    zendesk: await openGate({ target: () => desk.url, nameOf: nameZendeskCall, onCall }),
    web: await openGate({ target: () => web, nameOf: nameHook, onCall })
  }
  slack.webhookUrl = `${gates.web.url}/hooks/slack`
  linear.webhookUrl = `${gates.web.url}/hooks/linear`
  desk.webhookUrl = `${gates.web.url}/hooks/${desk.name}`
  misbehave()
  crew = openCrew(root, {
    ...desk.settings, ...slack.settings, ...linear.settings, SLACK_CHANNEL: channel,
    SLACK_URL: gates.slack.url, LINEAR_URL: gates.linear.url, ZENDESK_URL: gates.zendesk.url,
    DATABASE_URL: databaseUrl, DESKLOOP_DATA: folder, DESKLOOP_PORT: String(port), DESKLOOP_URL: 'https://desk.harbour.example',
    DESKLOOP_MODE: 'draft', DESKLOOP_CLOCK: 'replay', DESKLOOP_CATCH_UP_MINUTES: '0', DESKLOOP_RATE: 'off', DESKLOOP_LOG: 'info'
  }, `${folder}/service.log`)
  const { close: closeCrew } = crew
  let upAgain: NodeJS.Timeout | null = null
  const refused = { forged: 0, taken: 0 }
  return {
    slack,
    linear,
    desk,
    channel,
    crew,
    hit,
    refused,
    arm (moments) { armed.push(...moments); misbehave() },
    goDown () {
      gates.slack.isDown = gates.linear.isDown = true
      upAgain = setTimeout(() => { gates.slack.isDown = gates.linear.isDown = false }, HOUR_MS)
    },
    isDown: () => gates.slack.isDown,
    get: async path => await ask(web + path),
    post: async (path, body) => await ask(web + path, body),
    async forge (path, { body, headers }) {
      const now = Date.now()
      const good = headers(new Date(now))
      const name = path.endsWith('slack') ? 'x-slack-signature' : 'linear-signature'
      const tries: Array<[body: string, headers: Record<string, string>]> = [
        [body, { ...good, [name]: `${name.startsWith('x') ? 'v0=' : ''}${'0'.repeat(64)}` }], [`${body} `, good],
        [body, { 'content-type': good['content-type'] ?? '' }]
      ]
      // Slack signs the time of sending, Linear puts it into the body.
      if (path.endsWith('slack')) {
        tries.push([body, headers(new Date(now - SEVEN_MINUTES_MS))], [body, headers(new Date(now + SEVEN_MINUTES_MS))])
      }
      for (const [text, given] of tries) {
        const status = await statusOf(web + path, text, given)
        refused.forged++
        if (status !== 401) refused.taken++
      }
    },
    async close () {
      if (upAgain !== null) clearTimeout(upAgain)
      await closeCrew()
      await Promise.all([...Object.values(gates), slack, linear].map(one => one.close()))
      Object.assign(desk.faults, noFaults)
    }
  }
}

const PHASES: Record<Moment['when'], Phase> = { lost: 'arrived', unanswered: 'applied', answered: 'answered' }

/** Asks until there is an answer: it was killed and is coming back. */
async function ask (url: string, body?: unknown): Promise<unknown> {
  const json = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const untilMs = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await fetch(url, { ...json, signal: AbortSignal.timeout(20_000) }).catch(() => null)
    if (answer !== null && answer.ok) return await answer.json().catch(() => null)
    await answer?.arrayBuffer()
    if (Date.now() > untilMs) throw new Error(`${url} was not answered: ${answer?.status ?? 'nobody is there'}`)
    await sleep(100)
  }
}

async function statusOf (url: string, body: string, headers: Record<string, string>): Promise<number> {
  const untilMs = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(10_000) }).catch(() => null)
    await answer?.arrayBuffer()
    if (answer !== null) return answer.status
    if (Date.now() > untilMs) throw new Error(`${url} was not answered`)
    await sleep(100)
  }
}

async function freePort (): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port is free')))
    })
  })
}
