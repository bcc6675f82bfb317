// A press that Slack was told is taken is carried out, whatever dies afterwards; one that could not be written down is not
// acknowledged, by either road. What the modals refuse is said in the modal.
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { openHttp } from '../../src/http/server.ts'
import type { SlackPresses } from '../../src/http/slack-actions.ts'
import { slackHook } from '../../src/http/slack.ts'
import { openSlackSocket } from '../../src/http/slack-socket.ts'
import { beginLife } from '../../src/learn/life.ts'
import { openBell } from '../../src/main-bell.ts'
import type { Bell } from '../../src/main-bell.ts'
import { addAnomaly, findAnomaly, listChanges } from '../../src/store/anomalies.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { follow } from '../../src/work/follow.ts'
import { openSlack } from '../sandbox/slack.ts'
import type { PretendSlack } from '../sandbox/slack.ts'
import { noFaults } from '../sandbox/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'

const AT = '2026-11-20T09:10:00Z'

let base: TestDatabase
let slack: PretendSlack
let bell: Bell
let app: FastifyInstance
let origin = ''
let dies = false                                    // right after Slack was answered

beforeAll(async () => {
  base = await openTestDatabase()
  slack = await openSlack()
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: secret } = slack.settings
  bell = openHouseBell()
  app = await openHttp({ adminToken: null, log: silent })
  await app.register(async scope => {
    await slackHook(scope, { log: silent, url, token, secret, nowMs: Date.now, presses: mortal() })
  })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
  slack.webhookUrl = `${origin}/hooks/slack`
})
afterAll(async () => { await app.close(); await base.close(); await slack.close() })
afterEach(() => { dies = false; Object.assign(slack.faults, noFaults) })

function openHouseBell (): Bell {
  const channel = slack.channels().find(c => c.name === 'support-alerts')?.id ?? ''
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: secret } = slack.settings
  const filing = { leastTickets: 5, leastCustomers: 3, perDay: 10, automatic: [] }
  const alerts = {
    falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel, channels: {}, linearTeam: '', linearPriority: 2,
    slack: { url, token, secret }, linear: null, filing
  }
  return openBell({ db: base.db, log: silent, alerts, home: 'https://deskloop.example', now: async () => AT, notes: false })
}

// The bell of a process that may die: what is written down stays, what would come after the answer does not.
function mortal (): SlackPresses {
  return { ...bell.presses, carryOut: async source => dies ? null : await bell.presses.carryOut(source) }
}

async function tell (id: string): Promise<void> {
  await base.db.transaction().execute(async trx => {
    const tickets = ['1', '2', '3'].map(n => ({ connection: 'zendesk', ticketId: `${id}-${n}`, at: AT, person: n }))
    const found = { id, key: id, kind: 'spike', topic: 'export', metric: null, title: `Export stops ${id}`, p: 1e-4, usual: 1, terms: [], at: AT, tickets }
    const asks = await addAnomaly(trx, found, beginLife())
    const anomaly = await findAnomaly(trx, { id })
    if (asks !== null && anomaly !== null) await follow(trx, bell.to, anomaly, asks, AT)
  })
  for (let i = 0; i < 100; i++) {
    await sql`update effect set not_before = now() where state = 'pending'`.execute(base.db)
    if (await effectsOnce({ db: base.db, log: silent, performers: bell.performers }) === 0) return
  }
  throw new Error('the effects do not come to rest')
}

async function until (check: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    if (await check()) return
    await new Promise(resolve => { setTimeout(resolve, 20) })
  }
  throw new Error('it did not come to that')
}

const messageOf = (id: string): string => slack.messages().find(m => m.threadTs === null && JSON.stringify(m).includes(id))?.ts ?? ''
const stateOf = async (id: string): Promise<string> => (await findAnomaly(base.db, { id }))?.state ?? ''
const movesOf = async (id: string): Promise<string[]> => (await listChanges(base.db, id)).map(c => `${c.move} ${c.applied}`)
const waiting = async (): Promise<number> => (await base.db.selectFrom('press').select('source').where('ended_at', 'is', null).execute()).length
const statusOf = (): number | null => slack.sent.at(-1)?.attempts.at(-1)?.status ?? null

/** What a worker that lives does about presses. */
async function work (): Promise<void> {
  await sql`update press set not_before = now() where ended_at is null`.execute(base.db)
  for (const duty of openHouseBell().duties) if (duty.job === 'press') while (await duty.once() > 0) { /* until none is left */ }
}

async function post (): Promise<{ status: number, body: string }> {
  const [delivery] = slack.pending.splice(0)
  const answer = await fetch(`${origin}/hooks/slack`, { method: 'POST', body: delivery?.body ?? '', headers: delivery?.headers(new Date()) ?? {} })
  return { status: answer.status, body: await answer.text() }
}

test('killed between the answer and the work: the press is carried out by whoever lives, once', async () => {
  await tell('an_kill')
  dies = true
  slack.pressButton(messageOf('an_kill'), 'ack')
  const press = slack.pending.slice()
  await slack.send()
  expect(statusOf()).toBe(200)
  expect([await stateOf('an_kill'), await waiting()]).toEqual(['open', 1])
  slack.pending.push(...press)                      // sent again, it is the same press
  await slack.send()
  await Promise.all([work(), work(), work()])
  expect([await stateOf('an_kill'), await waiting()]).toEqual(['acknowledged', 0])
  expect(await movesOf('an_kill')).toEqual(['opened true', 'ack true'])
})

test('by the socket, too; and what a modal was sent off with', async () => {
  await tell('an_socket')
  dies = true
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_APP_TOKEN: appToken } = slack.settings
  const socket = openSlackSocket({ log: silent, url, token, appToken, presses: mortal(), againMs: 5 })
  try {
    await until(() => socket.connected)
    slack.pressButton(messageOf('an_socket'), 'noise')
    expect(await slack.sockets.send()).toBe(1)
    const modal = slack.modals().find(m => JSON.stringify(m.view).includes('an_socket'))
    slack.submitView(modal?.id ?? '', { why: { why: 'campaign' } })
    expect(await slack.sockets.send()).toBe(1)
    expect([await stateOf('an_socket'), await waiting()]).toEqual(['open', 1])
  } finally {
    await socket.close()
  }
  await work()
  expect(await findAnomaly(base.db, { id: 'an_socket' })).toMatchObject({ state: 'noise', reason: 'a mailing or campaign of ours' })
})

test('what cannot be written down is not acknowledged, by either road', async () => {
  await tell('an_shut')
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_APP_TOKEN: appToken } = slack.settings
  const socket = openSlackSocket({ log: silent, url, token, appToken, presses: bell.presses, againMs: 5 })
  let open = (): void => {}
  const shut = new Promise<void>(resolve => { open = resolve })
  try {
    await until(() => socket.connected)
    let locked = false
    const locking = base.db.transaction().execute(async trx => {
      await sql`lock table press in access exclusive mode`.execute(trx)
      locked = true
      await shut
    })
    await until(() => locked)
    slack.pressButton(messageOf('an_shut'), 'ack')
    const [press] = slack.pending
    expect((await post()).status).toBe(404)         // Slack shows its warning
    if (press !== undefined) slack.pending.push(press)
    expect(await slack.sockets.send(300)).toBe(0)
    expect(await stateOf('an_shut')).toBe('open')
    open()
    await locking
  } finally {
    open()
    await socket.close()
  }
  // Pressed again or not: it came to be written in the end, and is one press.
  await until(async () => await stateOf('an_shut') === 'acknowledged')
  await work()
  expect(await movesOf('an_shut')).toEqual(['opened true', 'ack true'])
})

test('a worker that is killed in the middle of it leaves nothing half done, and nobody waits for its lease', async () => {
  await tell('an_mid')
  let go = (): void => {}
  const held = new Promise<void>(resolve => { go = resolve })
  let isHeld = false
  const holding = base.db.transaction().execute(async trx => {
    await sql`select 1 from anomaly where id = 'an_mid' for update`.execute(trx)
    isHeld = true
    await held
  })
  await until(() => isHeld)
  slack.pressButton(messageOf('an_mid'), 'ack')
  await slack.send()
  const blocked = sql<{ pid: number }>`select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%anomaly%'`
  await until(async () => (await blocked.execute(base.db)).rows.length > 0)
  const { rows: [row] } = await blocked.execute(base.db)
  await sql`select pg_terminate_backend(${row?.pid ?? 0}::int)`.execute(base.db)
  go()
  await holding
  await until(async () => (await sql<{ n: number }>`select attempts as n from press where source like 'slack%' and anomaly_id = 'an_mid'`.execute(base.db)).rows[0]?.n === 1)
  expect(await movesOf('an_mid')).toEqual(['opened true'])
  await work()
  expect(await movesOf('an_mid')).toEqual(['opened true', 'ack true'])
})

test('what fails is tried again, and told to its author when it is given up', async () => {
  await tell('an_fail')
  dies = true
  slack.pressButton(messageOf('an_fail'), 'real')
  await slack.send()
  await sql`alter table anomaly_change rename to anomaly_change_away`.execute(base.db)
  for (let i = 0; i < 3; i++) await work()
  const { rows: [press] } = await sql<{ attempts: number, ended_at: Date | null }>`select attempts, ended_at from press where anomaly_id = 'an_fail'`.execute(base.db)
  expect(press).toMatchObject({ ended_at: null })
  expect(press?.attempts).toBeGreaterThanOrEqual(3)
  for (let i = 0; i < 3; i++) await work()
  await sql`alter table anomaly_change_away rename to anomaly_change`.execute(base.db)
  expect(await waiting()).toBe(0)
  expect(slack.whispers().at(-1)?.text).toContain('could not do this')
  const failures = await base.db.selectFrom('failure').select(['work', 'message']).where('ticket_id', '=', 'an_fail').execute()
  expect(failures).toEqual([{ work: 'press', message: expect.stringMatching(/^move: .*anomaly_change/) }])
})

test('a modal refuses at once what cannot be filed, and nothing is written down', async () => {
  await tell('an_small')
  slack.pressButton(messageOf('an_small'), 'file_linear')
  await slack.send()
  expect(statusOf()).toBe(200)
  const modal = slack.modals().find(m => JSON.stringify(m.view).includes('an_small'))
  slack.submitView(modal?.id ?? '', { title: { title: 'Export stops' } })
  const { status, body } = await post()
  expect(status).toBe(200)
  expect(JSON.parse(body)).toEqual({ response_action: 'errors', errors: { why: expect.stringContaining('It has 3 tickets') } })
  expect(await waiting()).toBe(0)
  expect(await movesOf('an_small')).toEqual(['opened true'])
  expect(await bell.presses.check('an_small', { kind: 'file', title: '', issue: '', reason: 'seen by myself' })).toBeNull()
})

test('a modal is opened through lost and refused answers, and a press whose modal does not open is not acknowledged', async () => {
  await tell('an_modal')
  const open = async (): Promise<number | null> => {
    slack.pressButton(messageOf('an_modal'), 'see_tickets')
    await slack.send()
    return statusOf()
  }
  Object.assign(slack.faults, { error500: 0.3, lostAnswer: 0.3, seed: 5 })
  const told: Array<number | null> = []
  for (let i = 0; i < 12; i++) told.push(await open())
  expect(told.filter(status => status === 200).length).toBeGreaterThanOrEqual(10)
  const opened = slack.modals().length
  expect(opened).toBeGreaterThanOrEqual(told.filter(status => status === 200).length)
  Object.assign(slack.faults, noFaults, { error500: 1 })
  expect(await open()).toBe(404)
  expect(slack.modals()).toHaveLength(opened)
}, 60_000)
