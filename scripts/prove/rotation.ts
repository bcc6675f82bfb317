// deskloop prove rotation: the secret of each vendor's webhooks is changed while a hundred deliveries arrive a second, in
// that vendor's own way. None may be refused, and the old secret must be refused within five seconds of its end.
import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { openFreshdesk } from '../../test/sandbox/freshdesk.ts'
import { openIntercom } from '../../test/sandbox/intercom.ts'
import { openZendesk } from '../../test/sandbox/zendesk.ts'
import { fingerprintOf } from '../../src/store/webhook-secrets.ts'
import { makeDelivery } from '../bench/deliveries.ts'
import type { Proof, ProofOptions } from '../prove.ts'
import { makeHouse, row } from './scene.ts'
import type { House } from './scene.ts'

type Name = 'zendesk' | 'intercom' | 'freshdesk'

interface Rotated {
  vendor: Name, way: string, sent: number, taken: number, refused: number, unanswered: number
  withOld: number, withNew: number
  refusedAfterMs: number | null                     // the old secret, since its end was asked for; null: never
}

const PER_SECOND = 100
const BEFORE_MS = 4_000
const AFTER_MS = 6_000
const HOME = 'https://desk.harbour.example'

export async function proveRotation ({ root }: ProofOptions): Promise<Proof> {
  const desks = {
    zendesk: await openZendesk(), intercom: await openIntercom(), freshdesk: await openFreshdesk({ rules: false })
  }
  const settings = { ...desks.zendesk.settings, ...desks.intercom.settings, ...desks.freshdesk.settings }
  const first = {
    zendesk: settings.ZENDESK_WEBHOOK_SECRET ?? '',
    intercom: settings.INTERCOM_CLIENT_SECRET ?? '',
    freshdesk: settings.FRESHDESK_WEBHOOK_SECRET ?? ''
  }
  const house = makeHouse(root, 'rotation', { ...settings, DESKLOOP_CATCH_UP_MINUTES: '0', DESKLOOP_CHECK_SECONDS: '5' })
  try {
    for (const name of ['zendesk', 'freshdesk']) await house.deskloop(['connect', name, '--url', HOME, '--yes'])
    const signing = { ...first, zendesk: await readZendesk(desks.zendesk) }
    const service = await house.open({ ZENDESK_WEBHOOK_SECRET: signing.zendesk })
    const ways: Record<Name, [way: string, change: () => Promise<string>]> = {
      zendesk: ['drawn anew at Zendesk, nobody was told', async () => await drawZendesk(desks.zendesk)],
      intercom: ['added with `secret intercom --add`, then switched', async () => {
        const next = 'fernhollow-client-secret-0002'
        await house.deskloop(['secret', 'intercom', '--add'], next)
        await sleep(5_000)
        return next
      }],
      freshdesk: ['`secret freshdesk --new`, which changes the rules', async () => {
        await house.deskloop(['secret', 'freshdesk', '--new'])
        return await readFreshdesk(desks.freshdesk)
      }]
    }
    const results: Rotated[] = []
    let number = 0
    for (const vendor of ['zendesk', 'intercom', 'freshdesk'] as const) {
      const [way, change] = ways[vendor]
      const next = (): Buffer => {
        for (;;) {
          const delivery = makeDelivery(number++, Date.now())
          if (delivery.connection === vendor) return delivery.body
        }
      }
      const turn = { vendor, way, change, next, old: signing[vendor], house }
      results.push(await rotate(`${service.url}/hooks/${vendor}`, turn))
    }
    const kept = results.every(one => one.refused + one.unanswered === 0 && one.withNew > 0 &&
      one.refusedAfterMs !== null && one.refusedAfterMs <= 5_000)
    return { kept, lines: layOut(results, kept), figures: { results } }
  } finally {
    await house.close()
    await Promise.all(Object.values(desks).map(desk => desk.close()))
  }
}

interface Turn {
  vendor: Name, way: string, change: () => Promise<string>, next: () => Buffer, old: string, house: House
}

interface Sent { status: number | null, isOld: boolean }

async function rotate (url: string, { vendor, way, change, next, old, house }: Turn): Promise<Rotated> {
  let secret = old
  const statuses: Sent[] = []
  const flying = new Set<Promise<void>>()
  const startMs = performance.now()
  let due = 0
  const timer = setInterval(() => {
    for (; startMs + due * 1000 / PER_SECOND <= performance.now(); due++) {
      const isOld = secret === old
      const sending = deliver(url, vendor, next(), secret).then(status => { statuses.push({ status, isOld }) })
      flying.add(sending)
      sending.finally(() => flying.delete(sending)).catch(() => { /* deliver never throws */ })
    }
  }, 2)
  let refusedAfterMs: number | null = null
  try {
    await sleep(BEFORE_MS)
    secret = await change()
    await sleep(AFTER_MS)
    refusedAfterMs = await end()
    await sleep(2_000)
  } finally {
    clearInterval(timer)
    await Promise.all(flying)
  }
  const count = (which: (one: Sent) => boolean): number => statuses.filter(which).length
  return {
    vendor, way, sent: statuses.length, taken: count(one => one.status === 200),
    refused: count(one => one.status !== null && one.status !== 200), unanswered: count(one => one.status === null),
    withOld: count(one => one.isOld), withNew: count(one => !one.isOld), refusedAfterMs
  }

  /** How long the old one was still believed once its end had been told. */
  async function end (): Promise<number | null> {
    await house.deskloop(['secret', vendor, '--end', fingerprintOf(old)])
    const endedMs = performance.now()
    while (performance.now() - endedMs < 10_000) {
      if (await deliver(url, vendor, next(), old) === 401) return Math.round(performance.now() - endedMs)
      await sleep(50)
    }
    return null
  }
}

async function deliver (url: string, vendor: Name, body: Buffer, secret: string): Promise<number | null> {
  try {
    const headers = { 'content-type': 'application/json', ...sign(vendor, body, secret) }
    const signal = AbortSignal.timeout(10_000)
    const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body), signal })
    await answer.arrayBuffer()
    return answer.status
  } catch {
    return null                                     // counted as unanswered
  }
}

function sign (vendor: Name, body: Buffer, secret: string): Record<string, string> {
  if (vendor === 'freshdesk') return { 'x-deskloop-secret': secret }
  if (vendor === 'intercom') return { 'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}` }
  const at = new Date().toISOString().slice(0, 19) + 'Z'
  const digest = createHmac('sha256', secret).update(at).update(body).digest('base64')
  return { 'x-zendesk-webhook-signature': digest, 'x-zendesk-webhook-signature-timestamp': at }
}

interface Desk { url: string, settings: Record<string, string> }

async function readZendesk (desk: Desk): Promise<string> {
  return await ofZendesk(desk, 'GET')
}

async function drawZendesk (desk: Desk): Promise<string> {
  return await ofZendesk(desk, 'POST')
}

/** Of the webhook that Deskloop made. */
async function ofZendesk (desk: Desk, method: string): Promise<string> {
  const authorization = basic(`${desk.settings['ZENDESK_EMAIL']}/token:${desk.settings['ZENDESK_API_TOKEN']}`)
  const hooks = await json(`${desk.url}/api/v2/webhooks`, 'GET', authorization)
  const id = /"id":"(\w+)","name":"Deskloop · do not edit"|"name":"Deskloop · do not edit".*?"id":"(\w+)"/.exec(hooks)
  const shown = await json(`${desk.url}/api/v2/webhooks/${id?.[1] ?? id?.[2]}/signing_secret`, method, authorization)
  return /"secret":"([^"]+)"/.exec(shown)?.[1] ?? ''
}

async function readFreshdesk (desk: Desk): Promise<string> {
  const rules = await json(`${desk.url}/api/v2/automations/4/rules`, 'GET', basic(`${desk.settings['FRESHDESK_API_KEY']}:X`))
  return /"X-Deskloop-Secret":"([^"]+)"/.exec(rules)?.[1] ?? ''
}

async function json (url: string, method: string, authorization: string): Promise<string> {
  const answer = await fetch(url, { method, headers: { authorization } })
  const said = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${url} was answered ${answer.status}: ${said.slice(0, 200)}`)
  return said
}

function basic (pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function layOut (results: Rotated[], kept: boolean): string[] {
  const widths = [9, 50, 6, 6, 8, 11, 9, 9, 18]
  return [
    row(['vendor', 'way', 'sent', 'taken', 'refused', 'unanswered', 'with old', 'with new', 'old refused after'], widths),
    ...results.map(one => row([
      one.vendor, one.way, ...[one.sent, one.taken, one.refused, one.unanswered, one.withOld, one.withNew].map(String),
      one.refusedAfterMs === null ? 'never' : `${one.refusedAfterMs} ms`
    ], widths)),
    'The old one is tried from the moment on at which `secret --end` has returned. Every process reads ends every 2 s.',
    'Intercom draws a client secret anew at once: what it signs before the new one is added is refused, is sent once more',
    'after a minute, and is found by catching up. The figures are for a secret that is added first.',
    kept ? 'KEPT     no delivery was refused, and the old secret was refused within 5 s' : 'BROKEN'
  ]
}
