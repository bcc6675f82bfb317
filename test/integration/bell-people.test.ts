// People press buttons in Slack and move issues in Linear: signed by the pretend vendors, doubled, shuffled, late and
// forged. What is asked afterwards is how things stand with us and with them.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { FastifyInstance } from 'fastify'
import { openHttp } from '../../src/http/server.ts'
import { linearHook } from '../../src/http/linear.ts'
import { slackHook } from '../../src/http/slack.ts'
import { openBell } from '../../src/main-bell.ts'
import type { Bell } from '../../src/main-bell.ts'
import { beginLife } from '../../src/learn/life.ts'
import { addAnomaly, findAnomaly, listChanges } from '../../src/store/anomalies.ts'
import type { Anomaly } from '../../src/store/anomalies.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { follow } from '../../src/work/follow.ts'
import { openLinear } from '../sandbox/linear.ts'
import type { PretendLinear } from '../sandbox/linear.ts'
import { makeRandom } from '../sandbox/random.ts'
import { openSlack } from '../sandbox/slack.ts'
import type { PretendSlack } from '../sandbox/slack.ts'
import type { Delivery } from '../sandbox/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'
import { press } from '../support/presses.ts'

const AT = '2026-11-20T09:10:00Z'

let base: TestDatabase
let slack: PretendSlack
let linear: PretendLinear
let bell: Bell
let app: FastifyInstance
let origin = ''

beforeAll(async () => {
  base = await openTestDatabase()
  slack = await openSlack()
  linear = await openLinear()
  const channel = slack.channels().find(c => c.name === 'support-alerts')?.id ?? ''
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: secret } = slack.settings
  const { LINEAR_API_KEY: apiKey, LINEAR_WEBHOOK_SECRET: signed } = linear.settings
  const alerts = {
    falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel, channels: {}, linearTeam: '', linearPriority: 2,
    slack: { url, token, secret }, linear: { url: linear.settings.LINEAR_URL, apiKey, secrets: [signed] }
  }
  const now = async (): Promise<string> => AT
  bell = openBell({ db: base.db, alerts, home: 'https://deskloop.example', now, notes: true })
  app = await openHttp({ adminToken: 'a-token-of-some-length', log: silent })
  const nowMs = Date.now
  const { presses } = bell
  await app.register(async scope => { await slackHook(scope, { log: silent, url, token, secret, nowMs, presses }) })
  await app.register(async scope => {
    await linearHook(scope, {
      db: base.db, log: silent, secrets: [signed], now, nowMs, stateOf: bell.stateOf, wake: () => {},
      heed: bell.heedIssue
    })
  })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
  slack.webhookUrl = `${origin}/hooks/slack`
  linear.webhookUrl = `${origin}/hooks/linear`
})
afterAll(async () => { await app.close(); await base.close(); await slack.close(); await linear.close() })

async function tell (id: string): Promise<void> {
  await base.db.transaction().execute(async trx => {
    const tickets = ['1', '2', '3'].map(n => ({ connection: 'zendesk', ticketId: `${id}-${n}`, at: AT, person: n }))
    const found = {
      id, key: id, kind: 'spike', topic: 'export', metric: null, title: `Export stops ${id}`, p: 1e-6, usual: 1,
      terms: ['export'], at: AT, tickets
    }
    const asks = await addAnomaly(trx, found, beginLife())
    const anomaly = await findAnomaly(trx, { id })
    if (asks !== null && anomaly !== null) await follow(trx, bell.to, anomaly, asks, AT)
  })
  await settle()
}

async function settle (): Promise<void> {
  for (let i = 0; i < 200; i++) {
    await sql`update effect set not_before = now() where state = 'pending'`.execute(base.db)
    if (await effectsOnce({ db: base.db, log: silent, performers: bell.performers }) === 0) {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from effect where state in ('pending', 'inflight') and kind <> 'fixed'`.execute(base.db)
      if (rows[0]?.n === 0) return
    }
    await sleep(10)
  }
  throw new Error('the effects do not come to rest')
}

async function stateOf (id: string): Promise<Anomaly> {
  const anomaly = await findAnomaly(base.db, { id })
  if (anomaly === null) throw new Error(`${id} is gone`)
  return anomaly
}

const messageOf = (id: string): string => slack.messages().find(m => m.threadTs === null && JSON.stringify(m).includes(id))?.ts ?? ''

/** Each once with a signature of nobody: what the door says to it. */
async function forgeEach (path: string, list: Delivery[], header: string, wrong: string): Promise<number[]> {
  const statuses: number[] = []
  for (const { body, headers } of list) {
    const answer = await fetch(origin + path, { method: 'POST', body, headers: { ...headers(new Date()), [header]: wrong } })
    await answer.arrayBuffer()
    statuses.push(answer.status)
  }
  return statuses
}

async function until (check: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    if (await check()) return
    await sleep(20)
  }
  throw new Error('it did not come to that')
}

test('a button is answered within a second, and the message shows what it did', async () => {
  await tell('an_one')
  slack.pressButton(messageOf('an_one'), 'ack')
  await slack.send()
  expect(slack.sent.at(-1)?.attempts.at(-1)).toMatchObject({ status: 200 })
  expect(slack.sent.at(-1)?.attempts.at(-1)?.ms).toBeLessThan(1000)
  await until(async () => (await stateOf('an_one')).state === 'acknowledged')
  await settle()
  const [user] = slack.users()
  expect(slack.messages().find(m => m.ts === messageOf('an_one'))?.text).toContain(`${user?.name ?? '-'} is on it`)
})

test('from a modal: the issue is filed, Linear says done, its tickets are to be told, and restarting takes it back', async () => {
  await tell('an_two')
  slack.pressButton(messageOf('an_two'), 'file_linear')
  await slack.send()
  await until(async () => slack.modals().length === 1)
  const [modal] = slack.modals()
  slack.submitView(modal?.id ?? '', { title: { title: 'Export stops' } })
  await slack.send()
  await until(async () => (await stateOf('an_two')).filing)
  await settle()
  const filed = await stateOf('an_two')
  expect(filed).toMatchObject({ state: 'filed', hasIssue: true })
  linear.setState(filed.issueId ?? '', 'completed', { at: AT })
  await linear.send()
  expect(await stateOf('an_two')).toMatchObject({ state: 'fixed', verifyAt: '2026-11-23T09:10:00Z' })
  const told = await base.db.selectFrom('effect').select(['kind', 'connection', 'ticket_id']).where('kind', '=', 'fixed').execute()
  expect(told.map(e => e.ticket_id).sort()).toEqual(['an_two-1', 'an_two-2', 'an_two-3'])
  linear.setState(filed.issueId ?? '', 'started', { at: AT })
  await linear.send()
  expect(await stateOf('an_two')).toMatchObject({ state: 'filed' })
})

test('whoever comes second is told who was first', async () => {
  await tell('an_three')
  const [ana, ben] = slack.users()
  const ts = messageOf('an_three')
  // Slack gets its answer before the press is carried out, so the second press waits here until the first one has left its row.
  slack.pressButton(ts, 'ack', ana?.id)
  await slack.send()
  await until(async () => (await listChanges(base.db, 'an_three')).length === 2)
  slack.pressButton(ts, 'ack', ben?.id)
  await slack.send()
  await until(async () => (await listChanges(base.db, 'an_three')).length === 3)
  expect((await listChanges(base.db, 'an_three')).map(c => [c.by, c.move, c.applied]).slice(1)).toEqual([[ana?.name, 'ack', true], [ben?.name, 'ack', false]])
})

test('two at once: one of them is first, and the other one is told so', async () => {
  await tell('an_four')
  const [ana, ben] = slack.users()
  const ts = messageOf('an_four')
  slack.pressButton(ts, 'ack', ana?.id)
  slack.pressButton(ts, 'ack', ben?.id)
  await slack.send({ concurrency: 2 })
  await until(async () => (await listChanges(base.db, 'an_four')).length === 3)
  const changes = (await listChanges(base.db, 'an_four')).slice(1)
  expect(changes.map(c => c.by).sort()).toEqual([ana?.name, ben?.name].sort())
  expect(changes.map(c => c.applied)).toEqual([true, false])
})

test('six hundred presses and webhooks, doubled, shuffled, late and forged between: the state is the right one of each; one message, one issue', async () => {
  const random = makeRandom(11)
  const ids = Array.from({ length: 26 }, (_, i) => `an_m${String(i).padStart(2, '0')}`)
  for (const id of ids) await tell(id)
  const before = { slack: slack.sent.length, linear: linear.sent.length }
  const kept: { slack: Delivery[], linear: Delivery[] } = { slack: [], linear: [] }
  const leads = slack.users()
  for (const id of ids) {
    const ts = messageOf(id)
    for (let i = 0; i < 6; i++) slack.pressButton(ts, random() < 0.5 ? 'ack' : 'real', leads[i % leads.length]?.id)
    slack.pressButton(ts, 'ack')                    // somebody at least is on each
  }
  kept.slack = slack.pending.slice()
  const forgedPresses = await forgeEach('/hooks/slack', kept.slack, 'x-slack-signature', `v0=${'0'.repeat(64)}`)
  await slack.send({ copies: [1, 3], shuffle: true, concurrency: 6 })
  // Whoever is told that it could not be done presses again: on a busy machine the database may have kept somebody waiting.
  for (let again = 0; again < 10; again++) {
    const open: string[] = []
    for (const id of ids) if ((await stateOf(id)).state === 'open') open.push(id)
    if (open.length === 0) break
    await sleep(again === 0 ? 500 : 3_000)
    for (const id of open) if ((await stateOf(id)).state === 'open') slack.pressButton(messageOf(id), 'ack')
    await slack.send({ concurrency: 2 })
  }
  for (const id of ids) await press(bell.presses, id, { kind: 'move', move: { kind: 'file' } }, 'Ana', `file ${id}`)
  await settle()
  const ends = new Map<string, string>()
  for (const id of ids) {
    const { issueId } = await stateOf(id)
    for (let i = 0; i < 5; i++) linear.setState(issueId ?? '', random() < 0.5 ? 'started' : 'completed', { at: AT })
    const last = random() < 0.6 ? 'completed' : random() < 0.5 ? 'started' : 'canceled'
    linear.setState(issueId ?? '', last, { at: AT })
    ends.set(id, last)
  }
  kept.linear = linear.pending.slice()
  const forgedWebhooks = await forgeEach('/hooks/linear', kept.linear, 'linear-signature', '0'.repeat(64))
  await linear.send({ copies: [1, 3], shuffle: true, concurrency: 4, seed: 5 })
  // Six hours later Linear sends once more what it believes to be unheard, and old presses are pressed once more.
  linear.pending.push(...kept.linear.filter(() => random() < 0.3))
  await linear.send({ shuffle: true, concurrency: 4, seed: 6, stampMs: Date.now() - 6 * 3_600_000 })
  slack.pending.push(...kept.slack.filter(() => random() < 0.3))
  await slack.send({ shuffle: true, concurrency: 6, seed: 7 })
  await settle()
  const sent = [...slack.sent.slice(before.slack), ...linear.sent.slice(before.linear)]
  const attempts = [...new Set(sent)].flatMap(delivery => delivery.attempts)
  expect(attempts.length).toBeGreaterThanOrEqual(600)
  expect(attempts.filter(attempt => attempt.status !== 200)).toEqual([])
  expect(forgedPresses.length + forgedWebhooks.length).toBeGreaterThanOrEqual(300)
  expect([...new Set([...forgedPresses, ...forgedWebhooks])]).toEqual([401])
  for (const id of ids) {
    const want = { completed: 'fixed', started: 'filed', canceled: 'closed' }[ends.get(id) ?? ''] ?? ''
    expect([id, (await stateOf(id)).state]).toEqual([id, want])
    const messages = slack.messages().filter(m => m.threadTs === null && JSON.stringify(m).includes(id))
    const issues = linear.issues().filter(i => i.title.includes(id))
    expect([id, messages.length, issues.length]).toEqual([id, 1, 1])
    // Of everything pressed, one made it ‘acknowledged’ and one filed it.
    const applied = (await listChanges(base.db, id)).filter(c => c.applied && ['ack', 'file', 'filed'].includes(c.move))
    expect([id, applied.map(c => c.move)]).toEqual([id, ['ack', 'file', 'filed']])
  }
}, 300_000)

test('what is forged, too old or from the future is refused, and changes nothing', async () => {
  await tell('an_forged')
  slack.pressButton(messageOf('an_forged'), 'ack')
  const [press] = slack.pending
  const headers = press?.headers(new Date()) ?? {}
  const post = async (path: string, body: string, given: Record<string, string>): Promise<number> =>
    (await fetch(origin + path, { method: 'POST', body, headers: given })).status
  const body = press?.body ?? ''
  expect(await post('/hooks/slack', body, { ...headers, 'x-slack-signature': 'v0=' + '0'.repeat(64) })).toBe(401)
  expect(await post('/hooks/slack', body + ' ', headers)).toBe(401)
  expect(await post('/hooks/slack', body, press?.headers(new Date(Date.now() - 301_000)) ?? {})).toBe(401)
  expect(await post('/hooks/slack', body, press?.headers(new Date(Date.now() + 301_000)) ?? {})).toBe(401)
  expect(await post('/hooks/slack', body, { 'content-type': 'application/x-www-form-urlencoded' })).toBe(401)
  slack.pending.splice(0)
  const issue = linear.openIssue({ at: AT, title: 'somebody else’s' })
  linear.setState(issue, 'completed', { at: AT })
  for (const delivery of linear.pending.splice(0)) {
    const signed = delivery.headers(new Date())
    expect(await post('/hooks/linear', delivery.body, { ...signed, 'linear-signature': '0'.repeat(64) })).toBe(401)
    expect(await post('/hooks/linear', delivery.body + '\n', signed)).toBe(401)
    expect(await post('/hooks/linear', delivery.body, { 'content-type': 'application/json' })).toBe(401)
  }
  expect((await stateOf('an_forged')).state).toBe('open')
})

test('Slack is answered when it asks whether the address is ours; the door needs no admin token', async () => {
  slack.verifyUrl()
  await slack.send()
  expect(slack.sent.at(-1)?.attempts.at(-1)).toMatchObject({ status: 200 })
})
