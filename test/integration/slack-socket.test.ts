// Presses behind a firewall: the same handlers by a socket that we open ourselves, which is lost, cut and refused on the way;
// the same press by both roads; menus, merging and snoozing as people do them; and presses after a restart.
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { openHttp } from '../../src/http/server.ts'
import { slackHook } from '../../src/http/slack.ts'
import { openSlackSocket } from '../../src/http/slack-socket.ts'
import type { SlackSocket } from '../../src/http/slack-socket.ts'
import { beginLife } from '../../src/learn/life.ts'
import { openBell } from '../../src/main-bell.ts'
import type { Bell } from '../../src/main-bell.ts'
import { addAnomaly, findAnomaly, listChanges } from '../../src/store/anomalies.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { follow } from '../../src/work/follow.ts'
import { openSlack } from '../sandbox/slack.ts'
import type { PretendSlack } from '../sandbox/slack.ts'
import { recordAsked } from '../support/asked.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'
import { press } from '../support/presses.ts'

const AT = '2026-11-20T09:10:00Z'

let base: TestDatabase
let slack: PretendSlack
let bell: Bell
let app: FastifyInstance
let socket: SlackSocket
let origin = ''

beforeAll(async () => {
  base = await openTestDatabase()
  slack = await openSlack()
  const channel = slack.channels().find(c => c.name === 'support-alerts')?.id ?? ''
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: secret } = slack.settings
  const alerts = {
    falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel, channels: {}, linearTeam: '', linearPriority: 2,
    slack: { url, token, secret }, linear: null
  }
  bell = openBell({ db: base.db, log: silent, alerts, home: 'https://deskloop.example', now: async () => AT, notes: false })
  app = await openHttp({ adminToken: null, log: silent })
  const { presses } = bell
  await app.register(async scope => {
    await slackHook(scope, { log: silent, url, token, secret, nowMs: Date.now, presses })
  })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
  socket = openOne()
  await until(() => socket.connected)
})
afterAll(async () => { await socket.close(); await app.close(); await base.close(); await slack.close() })

function openOne (): SlackSocket {
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_APP_TOKEN: appToken } = slack.settings
  return openSlackSocket({ log: silent, url, token, appToken, presses: bell.presses, againMs: 5 })
}

async function until (check: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await check()) return
    await new Promise(resolve => { setTimeout(resolve, 20) })
  }
  throw new Error('it did not come to that')
}

async function settle (): Promise<void> {
  for (let i = 0; i < 200; i++) {
    await sql`update effect set not_before = now() where state = 'pending'`.execute(base.db)
    if (await effectsOnce({ db: base.db, log: silent, performers: bell.performers }) === 0) return
  }
  throw new Error('the effects do not come to rest')
}

async function tell (id: string): Promise<void> {
  await base.db.transaction().execute(async trx => {
    const tickets = ['1', '2', '3'].map(n => ({ connection: 'zendesk', ticketId: `${id}-${n}`, at: AT, person: n }))
    const found = { id, key: id, kind: 'spike', topic: 'export', metric: null, title: `Export stops ${id}`, p: 1e-4, usual: 1, terms: [], at: AT, tickets }
    const asks = await addAnomaly(trx, found, beginLife())
    const anomaly = await findAnomaly(trx, { id })
    if (asks !== null && anomaly !== null) await follow(trx, bell.to, anomaly, asks, AT)
  })
  await settle()
}

const messageOf = (id: string): string => slack.messages().find(m => m.threadTs === null && JSON.stringify(m).includes(id))?.ts ?? ''
const opens = (): number => slack.requests.filter(r => r.path.includes('apps.connections.open')).length
const stateOf = async (id: string): Promise<string> => (await findAnomaly(base.db, { id }))?.state ?? ''
const movesOf = async (id: string): Promise<string[]> => (await listChanges(base.db, id)).map(c => `${c.move} ${c.applied}`)

test('a press by the socket is acknowledged, carried out and shown', async () => {
  await tell('an_sock')
  slack.pressButton(messageOf('an_sock'), 'ack')
  expect(await slack.sockets.send()).toBe(1)
  await until(async () => await stateOf('an_sock') === 'acknowledged')
  await settle()
  expect(slack.messages().find(m => m.ts === messageOf('an_sock'))?.text).toContain('is on it')
})

test('the same press by both roads is one press', async () => {
  await tell('an_both')
  slack.pressButton(messageOf('an_both'), 'ack')
  const [press] = slack.pending
  const post = async (): Promise<number> => (await fetch(`${origin}/hooks/slack`, { method: 'POST', body: press?.body ?? '', headers: press?.headers(new Date()) ?? {} })).status
  const [acked, first, second] = await Promise.all([slack.sockets.send(), post(), post()])
  expect([acked, first, second]).toEqual([1, 200, 200])
  await until(async () => await stateOf('an_both') === 'acknowledged')
  slack.pressButton(messageOf('an_both'), 'real')
  await slack.sockets.send()
  await until(async () => (await movesOf('an_both')).includes('real true'))
  expect(await movesOf('an_both')).toEqual(['opened true', 'ack true', 'real true'])
})

test('lines that are renewed, cut or refused come back by themselves', async () => {
  const press = async (id: string): Promise<void> => {
    await tell(id)
    slack.pressButton(messageOf(id), 'ack')
    expect(await slack.sockets.send()).toBe(1)
    await until(async () => await stateOf(id) === 'acknowledged')
  }
  for (const [id, trouble] of [['an_renew', () => slack.sockets.disconnect()], ['an_cut', () => slack.sockets.cut()]] as const) {
    const before = opens()
    trouble()
    await until(() => opens() > before && slack.sockets.open === 1 && socket.connected)
    await press(id)
  }
  slack.sockets.refuse = true
  slack.sockets.cut()
  const before = opens()
  await until(() => opens() >= before + 3)
  expect(slack.sockets.open).toBe(0)
  slack.sockets.refuse = false
  await until(() => slack.sockets.open === 1 && socket.connected)
  await press('an_refused')
})

test('who comes too late with a modal is told so, and nobody else', async () => {
  await tell('an_late')
  const [ana, ben] = slack.users()
  slack.pressButton(messageOf('an_late'), 'noise', ben?.id)
  await slack.sockets.send()
  await until(() => slack.modals().some(m => JSON.stringify(m.view).includes('an_late')))
  await press(bell.presses, 'an_late', { kind: 'move', move: { kind: 'noise', reason: 'a mailing' } }, ana?.name ?? '', 'first')
  const modal = slack.modals().find(m => JSON.stringify(m.view).includes('an_late'))
  slack.submitView(modal?.id ?? '', { why: { why: 'other' } }, ben?.id)
  await slack.sockets.send()
  await until(() => slack.whispers().length > 0)
  expect(slack.whispers()).toEqual([{ channel: expect.any(String), user: ben?.id, text: expect.stringMatching(new RegExp(`^${ana?.name} was faster`)) }])
  expect(slack.violations()).toEqual([])
})

test('after a restart of both, a press on an old message still works', async () => {
  await tell('an_old')
  await socket.close()
  await until(() => slack.sockets.open === 0)
  socket = openOne()
  await until(() => socket.connected)
  slack.pressButton(messageOf('an_old'), 'ack')
  expect(await slack.sockets.send()).toBe(1)
  await until(async () => await stateOf('an_old') === 'acknowledged')
})

test('snooze, merge and why are chosen from the menu', async () => {
  await tell('an_menu')
  await tell('an_other')
  await recordAsked(base, [{ ticketId: 'an_menu-1', at: AT, topic: 'export', text: 'mail me at odo@harbour.example <!here>', name: 'Odo' }])
  const menu = async (option: string): Promise<void> => {
    slack.pressButton(messageOf('an_menu'), 'more', undefined, option)
    expect(await slack.sockets.send()).toBe(1)
  }
  await menu('snooze_4h')
  await until(async () => (await findAnomaly(base.db, { id: 'an_menu' }))?.snoozedUntil === '2026-11-20T13:10:00Z')
  const opened = async (): Promise<string> => {
    await until(() => slack.modals().length > 0)
    return JSON.stringify(slack.modals().at(-1)?.view)
  }
  await menu('why')
  const why = await opened()
  expect(why).toContain('about once in 10,000')
  expect(why).toContain('false alarm')
  const known = slack.modals().length
  slack.pressButton(messageOf('an_menu'), 'see_tickets')
  await slack.sockets.send()
  await until(() => slack.modals().length > known)
  expect(await opened()).toMatch(/zendesk #an_menu-1, 2026-11-20 09:10 UTC: mail me at \[EMAIL_1\] &lt;!here&gt;/)
  const before = slack.modals().length
  await menu('merge')
  await until(() => slack.modals().length > before)
  const modal = slack.modals().at(-1)
  expect(JSON.stringify(modal?.view)).toContain('Export stops an_other')
  slack.submitView(modal?.id ?? '', { into: { into: 'an_other' } })
  expect(await slack.sockets.send()).toBe(1)
  await until(async () => await stateOf('an_menu') === 'merged')
  expect((await findAnomaly(base.db, { id: 'an_other' }))?.tickets).toBe(6)
})

test('two leads by the socket at once: one is first; everything that was sent keeps to the documented forms', async () => {
  await tell('an_two')
  const [ana, ben] = slack.users()
  slack.pressButton(messageOf('an_two'), 'ack', ana?.id)
  slack.pressButton(messageOf('an_two'), 'ack', ben?.id)
  expect(await slack.sockets.send()).toBe(2)
  await until(async () => (await movesOf('an_two')).length === 3)
  expect(await movesOf('an_two')).toEqual(['opened true', 'ack true', 'ack false'])
  expect(slack.violations()).toEqual([])
})
