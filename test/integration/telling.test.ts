// Where and when: quiet hours, the daily share with its roll-up, snoozes, merging, pictures that are late, a crash between
// picture and message, and digests. What is counted is what the pretend Slack really holds.
import { sql } from 'kysely'
import { HOURS_SHOWN } from '../../src/learn/trace.ts'
import { NO_FACTS } from '../../src/learn/facts.ts'
import { beginLife, moveLife } from '../../src/learn/life.ts'
import { plus } from '../../src/learn/story.ts'
import { openSlack as openClient } from '../../src/bridge/slack.ts'
import { openBell } from '../../src/main-bell.ts'
import type { Bell } from '../../src/main-bell.ts'
import { addAnomaly, addTickets, findAnomaly, listAnomalyTickets, moveAnomaly } from '../../src/store/anomalies.ts'
import type { Anomaly, AnomalyTicket } from '../../src/store/anomalies.ts'
import { saveFacts } from '../../src/store/anomaly-facts.ts'
import { findDigest, savePictureShown } from '../../src/store/telling.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import type { EffectDeps, EffectPerformer } from '../../src/work/effects.ts'
import { follow } from '../../src/work/follow.ts'
import { tellInTime } from '../../src/work/telling.ts'
import { digestOnce } from '../../src/work/telling-performers.ts'
import { noFaults } from '../sandbox/types.ts'
import { openSlack } from '../sandbox/slack.ts'
import type { PretendSlack } from '../sandbox/slack.ts'
import { recordAsked } from '../support/asked.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'
import { press } from '../support/presses.ts'

const NIGHT = '2026-11-20T23:30:00Z'
const NOON = '2026-11-21T12:00:00Z'
const TEMPO = { scheduleMs: Array(40).fill(20), leaseMs: 400, leastLookMs: 20, recheckMs: 60_000, probeMs: 1_000 }

let base: TestDatabase
let slack: PretendSlack
let clock = NOON

beforeEach(async () => {
  base = await openTestDatabase()
  slack = await openSlack({ looksUntilReady: 0 })
  clock = NOON
}, 60_000)
afterEach(async () => { await base.close(); await slack.close() })

const channelId = (name: string): string => slack.channels().find(c => c.name === name)?.id ?? ''

function bellOf (more: object = {}): Bell {
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: secret } = slack.settings
  const alerts = {
    falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel: channelId('support-alerts'), channels: { revenue: channelId('leads') },
    linearTeam: '', linearPriority: 2, revenueWords: ['invoice'], quiet: { from: '22:00', to: '07:00' }, loudFrom: 10, dailyCap: 3,
    slack: { url, token, secret, lookMs: 10 }, linear: null, ...more
  }
  return openBell({ db: base.db, log: silent, alerts, home: 'https://deskloop.example', now: async () => clock, notes: false })
}

const ticketsOf = (id: string, from: number, to: number): AnomalyTicket[] =>
  Array.from({ length: to - from }, (_, i) => ({ connection: 'zendesk', ticketId: `${id}-${from + i}`, at: clock, person: `p${from + i}` }))

async function tell (bell: Bell, id: string, { people = 4, topic = 'export', withCourse = false } = {}): Promise<void> {
  await base.db.transaction().execute(async trx => {
    const asks = await addAnomaly(trx, {
      id, key: id, kind: 'spike', topic, metric: null, title: `${topic} ${id}`, p: 1e-6, usual: 1, terms: [],
      at: clock, tickets: ticketsOf(id, 0, people)
    }, beginLife())
    if (withCourse) await course(trx, id)
    const anomaly = await findAnomaly(trx, { id })
    if (asks !== null && anomaly !== null) await follow(trx, bell.to, anomaly, asks, clock)
  })
}

async function course (trx: Parameters<typeof saveFacts>[0], id: string): Promise<void> {
  const until = Math.floor(Date.parse(clock) / 1000)
  const flat = (n: number): number[] => Array.from({ length: HOURS_SHOWN }, () => n)
  const counts = [...flat(1).slice(1), 9]
  const from = (Math.floor(until / 3600) - 47) * 3600
  const trace = { from, until, counts, mean: flat(1), low: flat(0), high: flat(3) }
  await saveFacts(trx, id, { usual: 1, terms: [], facts: { ...NO_FACTS, hours: 1, trace } })
}

async function grow (bell: Bell, id: string, from: number, to: number): Promise<void> {
  await base.db.transaction().execute(async trx => {
    await addTickets(trx, id, ticketsOf(id, from, to))
    const moved = await moveAnomaly(trx, id, { kind: 'grew' }, { by: 'the watch', at: clock, source: `${id} grew to ${to}` }, moveLife)
    if (moved?.asks != null) await follow(trx, bell.to, moved.after, moved.asks, clock)
  })
}

async function pass (bell: Bell, at: string): Promise<void> {
  clock = at
  const { tell: rules } = bell.to
  if (rules === undefined) throw new Error('the bell has no rules')
  await base.db.transaction().execute(trx =>
    tellInTime(trx, rules, at, (anomaly, asks) => follow(trx, bell.to, anomaly, asks, at)))
}

async function settle (performers: readonly EffectPerformer[]): Promise<void> {
  const deps: EffectDeps = { db: base.db, log: silent, tempo: TEMPO, performers }
  for (let i = 0; i < 1500; i++) {
    await sql`update effect set not_before = now() where state = 'pending'`.execute(base.db)
    if (await effectsOnce(deps) === 0) {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from effect where state in ('pending', 'inflight')`.execute(base.db)
      if (rows[0]?.n === 0) return
      await new Promise(resolve => { setTimeout(resolve, 20) })
    }
  }
  throw new Error('the effects do not come to rest')
}

const tops = (channel = 'support-alerts'): string[] => slack.messages(channelId(channel)).filter(m => m.threadTs === null).map(m => m.text)
const anomaly = async (id: string): Promise<Anomaly> => {
  const found = await findAnomaly(base.db, { id })
  if (found === null) throw new Error(`${id} is gone`)
  return found
}

test('at night it waits, is told in the morning, once; the loud one is told at once, and whoever grows loud too', async () => {
  const bell = bellOf()
  clock = NIGHT
  await tell(bell, 'an_calm')
  await tell(bell, 'an_loud', { people: 12 })
  await tell(bell, 'an_grows')
  await settle(bell.performers)
  expect(tops()).toHaveLength(1)
  expect(tops()[0]).toContain('an_loud')
  expect((await anomaly('an_calm')).telling).toMatchObject({ heldUntil: '2026-11-21T07:00:00Z', channel: null })
  await grow(bell, 'an_grows', 4, 11)
  await settle(bell.performers)
  expect(tops().some(t => t.includes('an_grows'))).toBe(true)
  await pass(bell, '2026-11-21T06:59:00Z')
  await settle(bell.performers)
  expect(tops()).toHaveLength(2)
  for (let i = 0; i < 3; i++) await pass(bell, '2026-11-21T07:00:00Z')
  await settle(bell.performers)
  expect(tops().filter(t => t.includes('an_calm'))).toHaveLength(1)
  expect(tops()).toHaveLength(3)
  expect(slack.violations()).toEqual([])
})

test('what is noise by the morning is not told; what ended by itself is', async () => {
  const bell = bellOf()
  clock = NIGHT
  await tell(bell, 'an_noise')
  await tell(bell, 'an_over')
  await press(bell.presses, 'an_noise', { kind: 'move', move: { kind: 'noise', reason: 'campaign' } }, 'Ana', 'n1')
  await press(bell.presses, 'an_over', { kind: 'move', move: { kind: 'quiet' } }, 'the watch', 'q1')
  await pass(bell, '2026-11-21T07:00:00Z')
  await settle(bell.performers)
  expect(tops()).toEqual([expect.stringContaining('an_over')])
  expect(tops()[0]).toContain('Closed: back to normal')
})

test('beyond its share of the day a channel gets one message that is edited; other channels and other days have their own', async () => {
  const bell = bellOf()
  for (const id of ['an_1', 'an_2', 'an_3', 'an_4', 'an_5', 'an_6']) await tell(bell, id)
  await tell(bell, 'an_money', { topic: 'invoices' })
  await settle(bell.performers)
  expect(tops('leads')).toEqual([expect.stringContaining('an_money')])
  expect((await anomaly('an_money')).telling.route).toBe('revenue')
  const rollups = (): typeof tops extends () => infer R ? R : never => tops().filter(t => t.includes('more alert'))
  expect(tops()).toHaveLength(4)
  expect(rollups()).toEqual(['3 more alerts on 2026-11-21, beyond the messages that this channel gets in a day.'])
  await tell(bell, 'an_7')
  await settle(bell.performers)
  expect(rollups()).toEqual([expect.stringMatching(/^4 more alerts/)])
  const blocks = JSON.stringify(slack.messages(channelId('support-alerts')).find(m => m.text.startsWith('4 more'))?.blocks)
  for (const id of ['an_4', 'an_5', 'an_6', 'an_7']) expect(blocks).toContain(`https://deskloop.example/anomalies/${id}|`)
  await grow(bell, 'an_4', 4, 12)
  await settle(bell.performers)
  expect(tops().filter(t => t.includes('an_4'))).toHaveLength(1)
  clock = plus(NOON, 86_400)
  await tell(bell, 'an_next')
  await settle(bell.performers)
  expect(tops().filter(t => t.includes('an_next'))).toHaveLength(1)
  expect(slack.violations()).toEqual([])
})

test('a snooze is shown, keeps growth quiet, and ends by itself: then what came meanwhile is told', async () => {
  const bell = bellOf()
  await tell(bell, 'an_sleepy')
  await tell(bell, 'an_still')
  await settle(bell.performers)
  for (const id of ['an_sleepy', 'an_still']) {
    await press(bell.presses, id, { kind: 'snooze', hours: 4 }, 'Ana', `s ${id}`)
    await press(bell.presses, id, { kind: 'snooze', hours: 4 }, 'Ana', `s ${id}`)
  }
  await settle(bell.performers)
  const blocksOf = (id: string): string => JSON.stringify(
    slack.messages().find(m => m.threadTs === null && m.text.includes(id))?.blocks
  )
  expect(blocksOf('an_sleepy')).toContain('snoozed by Ana until')
  await base.db.transaction().execute(trx => addTickets(trx, 'an_sleepy', ticketsOf('an_sleepy', 4, 9)))
  await pass(bell, plus(NOON, 4 * 3600 - 1))
  await settle(bell.performers)
  expect(blocksOf('an_sleepy')).toContain('snoozed by Ana')
  await pass(bell, plus(NOON, 4 * 3600))
  await pass(bell, plus(NOON, 4 * 3600 + 60))
  await settle(bell.performers)
  for (const id of ['an_sleepy', 'an_still']) expect(blocksOf(id)).not.toContain('snoozed')
  expect(blocksOf('an_sleepy')).toContain('*9 tickets*')
  expect(slack.messages().filter(m => m.threadTs !== null).map(m => m.text)).toEqual([expect.stringContaining('9 tickets')])
})

test('merged: tickets are counted with the other one; crosswise by two leads at once, one of them is told', async () => {
  const bell = bellOf()
  await tell(bell, 'an_a')
  await tell(bell, 'an_b', { people: 6 })
  await settle(bell.performers)
  expect(JSON.stringify((await bell.presses.mergeModal('an_a')).blocks)).toContain('an_b')
  const told = await Promise.all([
    press(bell.presses, 'an_a', { kind: 'merge', into: 'an_b' }, 'Ana', 'm1'),
    press(bell.presses, 'an_b', { kind: 'merge', into: 'an_a' }, 'Ben', 'm2')
  ])
  expect(told.filter(one => one === null)).toHaveLength(1)
  expect(told.filter(one => one !== null)).toEqual([expect.stringContaining('over by now')])
  expect(await press(bell.presses, 'an_a', { kind: 'merge', into: 'an_a' }, 'Ana', 'm3')).toContain('itself')
  await settle(bell.performers)
  const states = [await anomaly('an_a'), await anomaly('an_b')]
  const gone = states.find(a => a.state === 'merged')
  const left = states.find(a => a.state !== 'merged')
  expect(gone?.mergedInto).toBe(left?.id)
  expect(await listAnomalyTickets(base.db, left?.id ?? '')).toHaveLength(10)
  expect(tops().find(t => t.includes(gone?.id ?? '-'))).toContain('merged into')
  expect(JSON.stringify((await bell.presses.mergeModal(left?.id ?? '')).blocks)).toContain('no other open anomaly')
})

test('a picture that is late is added by a change; one that never comes does no harm', async () => {
  await slack.close()
  slack = await openSlack({ looksUntilReady: 11 })
  const bell = bellOf()
  await tell(bell, 'an_late', { withCourse: true })
  await settle(bell.performers)
  expect(tops()).toHaveLength(1)
  const image = (): unknown => slack.messages().find(m => m.text.includes('an_late'))?.blocks?.find(b => b['type'] === 'image')
  expect(image()).toMatchObject({ slack_file: { id: (await anomaly('an_late')).telling.chartFile } })
  const kinds = (await base.db.selectFrom('effect').select(['kind', 'state']).where('ticket_id', '=', 'an_late').orderBy('kind').execute()).map(e => `${e.kind} ${e.state}`)
  expect(kinds).toEqual(['slack-chart done', 'slack-message done'])
  expect(slack.files()).toHaveLength(1)

  await sql`delete from effect`.execute(base.db)
  await slack.close()
  slack = await openSlack({ looksUntilReady: 1e9 })
  const second = bellOf()
  await tell(second, 'an_never', { withCourse: true })
  await sql`update effect set created_at = now() - interval '9 minutes 50 seconds'`.execute(base.db)
  for (let i = 0; i < 3; i++) {
    await effectsOnce({
      db: base.db, log: silent, tempo: TEMPO, performers: second.performers
    })
  }
  await sql`update effect set created_at = now() - interval '11 minutes'`.execute(base.db)
  await settle(second.performers)
  expect(tops()).toHaveLength(1)
  expect(slack.messages()[0]?.blocks?.some(b => b['type'] === 'image')).toBe(false)
  expect(slack.violations()).toEqual([])
}, 60_000)

test('killed between the picture and the message, or right after the message: one message, one picture', async () => {
  const bell = bellOf()
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token } = slack.settings
  const client = openClient({ url, token })
  const quick = bell.performers.map(p => ({ ...p, resendAfterMs: p.resendAfterMs === 0 ? 0 : 50 }))
  const kill = async (id: string): Promise<string> => {
    await sql`update effect set state = 'inflight', attempts = 1, claims = 1, updated_at = now() - interval '1 minute' where ticket_id = ${id}`.execute(base.db)
    return (await base.db.selectFrom('effect').select('id').where('ticket_id', '=', id).executeTakeFirstOrThrow()).id
  }
  await tell(bell, 'an_before', { withCourse: true })
  const picture = await client.upload(Buffer.from('a picture'), 'an_before.png')
  await savePictureShown(base.db, 'an_before', picture?.id ?? '', clock)
  await kill('an_before')
  await tell(bell, 'an_after', { withCourse: true })
  const effectId = await kill('an_after')
  const blocks = [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'an_after' } }]
  await client.post({ channel: channelId('support-alerts'), text: 'an_after', blocks, effectId })
  await settle(quick)
  for (const id of ['an_before', 'an_after']) expect([id, tops().filter(t => t.includes(id)).length]).toEqual([id, 1])
  expect(slack.messages().find(m => m.text.includes('an_before'))?.blocks?.find(b => b['type'] === 'image')).toMatchObject({ slack_file: { id: picture?.id } })
  // What stood there without its picture has got it.
  expect(slack.messages().find(m => m.text.includes('an_after'))?.blocks?.some(b => b['type'] === 'image')).toBe(true)
  expect(slack.files()).toHaveLength(2)
})

test('through lost answers and failures: one message each, and each with its picture in the end', async () => {
  const bell = bellOf()
  slack.faults = { ...noFaults, lostAnswer: 0.2, error500: 0.2, seed: 3 }
  const ids = Array.from({ length: 5 }, (_, i) => `an_lost${i}`)
  for (const id of ids) await tell(bell, id, { withCourse: true, people: 11 })
  await settle(bell.performers.map(p => ({ ...p, resendAfterMs: p.resendAfterMs === 0 ? 0 : 50 })))
  slack.faults = noFaults
  for (const id of ids) {
    const found = slack.messages().filter(m => m.text.includes(id))
    expect([id, found.length, found[0]?.blocks?.some(b => b['type'] === 'image')]).toEqual([id, 1, true])
  }
  expect(slack.violations()).toEqual([])
}, 60_000)

test('digests: the week and the month are told once each, in their channel; nothing to tell is a line in the log', async () => {
  const bell = bellOf({ channels: { learning: channelId('leads') } })
  const lines: unknown[] = []
  const log = { ...silent, info: (line: unknown) => { lines.push(line) } }
  const deps = { db: base.db, log, zone: 'UTC', kinds: ['learning', 'audit'], now: async () => clock }
  clock = '2026-11-16T09:00:00Z'
  expect(await digestOnce(deps)).toBe(0)
  expect(await digestOnce(deps)).toBe(0)
  expect(lines).toEqual([expect.objectContaining({ kind: 'learning', period: '2026-W46', outcome: 'nothing to tell' })])
  await recordAsked(base, [{ ticketId: '1', at: '2026-11-18T09:00:00Z', topic: 'keys <!channel>', text: 'where' }])
  await sql`update draft set item = 'a-1'`.execute(base.db)
  await sql`insert into learning_item (id, kind, topic, language, text, state, first_at, last_at)
    values ('a-1', 'answer', 'keys <!channel>', 'en', 'x', 'active', '2026-11-18', '2026-11-18'), ('a-2', 'answer', 'crane', 'en', 'y', 'review', '2026-11-18', '2026-11-18')`.execute(base.db)
  await sql`insert into learning_change (seq, n, item, what, state, topic, at) values
    (1, 0, 'a-1', 'new', 'active', 'keys', '2026-11-18'), (2, 0, 'a-2', 'new', 'review', 'crane', '2026-11-18'), (3, 0, 'a-1', 'drift', null, 'keys', '2026-11-19')`.execute(base.db)
  await sql`insert into learning_evidence (connection, ticket_id, question_id, seq, at, topic, agent, state, item)
    select 'zendesk', n::text, 'm', 1, '2026-11-18', 'keys', 'z/1', 'taught', 'a-1' from generate_series(1, 3) n`.execute(base.db)
  clock = '2026-11-23T09:00:00Z'
  const two = await Promise.all([digestOnce(deps), digestOnce(deps)])
  expect(two.toSorted()).toEqual([0, 1])
  clock = '2026-12-01T10:00:00Z'
  expect(await digestOnce(deps)).toBe(2)
  slack.faults = { ...noFaults, lostAnswer: 0.5, seed: 5 }
  await settle(bell.performers.map(p => ({ ...p, resendAfterMs: 50 })))
  slack.faults = noFaults
  expect(tops('leads').toSorted()).toEqual([
    '0 answers learned, 0 in use without review, 1 waiting for you, 0 topics drifting', '1 answer learned, 1 in use without review, 1 waiting for you, 1 topic drifting',
    '1 draft of 1 and 1 learned answer of 1, drawn by lot: would you have sent them?'
  ])
  const all = JSON.stringify(slack.messages(channelId('leads')).map(m => m.blocks))
  expect(all).toContain('https://deskloop.example/learning/a-2|crane')
  expect(all).toContain('https://deskloop.example/drafts/dl-1|keys &lt;!channel&gt;')
  expect(all).not.toContain('<!channel>')
  expect(await findDigest(base.db, 'learning', '2026-W46')).toMatchObject({ told: false })
  expect(slack.violations()).toEqual([])
}, 60_000)
