// From a burst of questions to the message: what was usual, whom it hits, which release came before, how customers put it,
// and the chart. All of it by the house's own watch, against the pretend Slack and Linear, and on the page.
import { sql } from 'kysely'
import type { FastifyInstance } from 'fastify'
import { dashboard } from '../../src/dashboard/pages.ts'
import { openHttp } from '../../src/http/server.ts'
import { readFacts } from '../../src/learn/facts.ts'
import { plus } from '../../src/learn/story.ts'
import { openBell } from '../../src/main-bell.ts'
import type { Bell } from '../../src/main-bell.ts'
import { findAnomaly, listAnomalies } from '../../src/store/anomalies.ts'
import type { Anomaly } from '../../src/store/anomalies.ts'
import { recordContext } from '../../src/store/context.ts'
import { saveRelease } from '../../src/store/learning.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { makeWatchKeeper, watchOnce } from '../../src/work/watch.ts'
import type { WatchKeeper } from '../../src/work/watch.ts'
import { openLinear } from '../sandbox/linear.ts'
import type { PretendLinear } from '../sandbox/linear.ts'
import { makeRandom } from '../sandbox/random.ts'
import { openSlack } from '../sandbox/slack.ts'
import type { PretendSlack } from '../sandbox/slack.ts'
import { recordAsked } from '../support/asked.ts'
import type { Asked } from '../support/asked.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'
import { press } from '../support/presses.ts'

const START = '2026-09-07T00:00:00Z'                // a Monday
const BURST = plus(START, 28 * 86_400 + 10 * 3600)
const TOPICS = ['berths', 'keys', 'crane', 'storage', 'moorings']

let base: TestDatabase
let slack: PretendSlack
let linear: PretendLinear
let bell: Bell
let app: FastifyInstance
const keeper: WatchKeeper = makeWatchKeeper()
let clock = BURST

beforeAll(async () => {
  base = await openTestDatabase()
  slack = await openSlack({ looksUntilReady: 2 })
  linear = await openLinear()
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: secret } = slack.settings
  const channel = slack.channels().find(c => c.name === 'support-alerts')?.id ?? ''
  const alerts = {
    falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel, channels: {}, linearTeam: '', linearPriority: 2,
    slack: { url, token, secret },
    linear: { url: linear.settings.LINEAR_URL, apiKey: linear.settings.LINEAR_API_KEY, secrets: [] }
  }
  bell = openBell({ db: base.db, log: silent, alerts, home: 'https://deskloop.example', now: async () => clock, notes: false })
  app = await openHttp({ adminToken: null, log: silent })
  await app.register(async scope => { await dashboard(scope, { db: base.db }) })
  const random = makeRandom(3)
  const rows: Asked[] = []
  for (let day = 0; day < 29; day++) {
    for (let i = 0; i < (day % 7 < 5 ? 40 : 12); i++) {
      const at = plus(START, day * 86_400 + Math.floor((8 + random() * 9) * 3600))
      if (at < BURST) rows.push({ ticketId: '', at, topic: TOPICS[Math.floor(random() * 5)] ?? '', text: `how do I book number ${Math.floor(random() * 50)}` })
    }
  }
  const burst = Array.from({ length: 16 }, (_, i): Asked => ({
    ticketId: '', at: plus(BURST, i * 150), topic: 'crane', name: `Odo Vantreek${i}`, email: `odo${i}@harbour.example`,
    text: `Hello, Odo Vantreek${i} here. The crane stops with a hoist fault after the update, code K19. <!channel> Call +49 170 55512${10 + i}. Our captain@lines.example password: hoist9secret waits.`
  }))
  const all = [...rows, ...burst].sort((a, b) => a.at < b.at ? -1 : 1).map((one, i) => ({ ...one, ticketId: String(i + 1), person: `p${i + 1}` }))
  await recordAsked(base, all)
  await recordContext(base.db, all.filter((_, i) => i > all.length - 320).map(one => ({
    messageId: `id-${one.ticketId}`, kind: 'identify', userId: one.person, anonymousId: null, emailHash: null, name: '',
    data: { plan: one.at >= BURST || Number(one.ticketId) % 5 === 0 ? 'Growth' : 'Starter' }, at: plus(one.at, -60)
  })))
  await saveRelease(base.db, { version: 'v4.12', note: '', at: plus(BURST, -40 * 60) })
}, 60_000)
afterAll(async () => { await app.close(); await base.close(); await slack.close(); await linear.close() })

async function watch (now: string): Promise<void> {
  clock = now
  const deps = {
    db: base.db, log: silent, zone: 'UTC', keeper, to: bell.to, redact: bell.redact,
    rules: { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 }
  }
  while (await watchOnce(deps, now) > 0) { /* until it has seen all */ }
}

async function settle (): Promise<void> {
  for (let i = 0; i < 300; i++) {
    await sql`update effect set not_before = now() where state = 'pending'`.execute(base.db)
    if (await effectsOnce({ db: base.db, log: silent, performers: bell.performers }) === 0) return
  }
  throw new Error('the effects do not come to rest')
}

async function theOne (): Promise<Anomaly> {
  const [one] = (await listAnomalies(base.db, 10)).filter(a => a.openedAt >= BURST)
  if (one === undefined) throw new Error('nothing was told of the burst')
  return one
}

const messageOf = (a: Anomaly): { text: string, blocks: string, image: unknown } => {
  const found = slack.messages().filter(m => m.threadTs === null && JSON.stringify(m.blocks).includes(a.id))
  expect(found).toHaveLength(1)
  return { text: found[0]?.text ?? '', blocks: JSON.stringify(found[0]?.blocks), image: found[0]?.blocks?.find(b => b['type'] === 'image') }
}

test('facts are written down with it: usual, release, segments, phrases, course; nothing personal, nobody pinged', async () => {
  await watch(plus(BURST, 2 * 3600))
  const one = await theOne()
  const facts = readFacts(one.facts)
  expect(one.usual).toBeLessThan(5)
  expect(facts.release).toMatchObject({ name: 'v4.12' })
  expect(facts.segments.map(s => s.kind)).toEqual(expect.arrayContaining(['plan', 'error']))
  expect(facts.segments.find(s => s.kind === 'plan')).toMatchObject({ value: 'Growth' })
  expect(facts.segments.find(s => s.kind === 'error')).toMatchObject({ value: 'K19', ratio: null })
  expect(facts.sayings.length).toBeGreaterThan(0)
  expect(facts.sayings.map(s => s.text).join(' ')).toMatch(/hoist fault/)
  expect(JSON.stringify([facts, one.terms])).not.toMatch(/odo|vantreek|@|555|captain|lines\.example|hoist9secret/i)
})

test('the message says it, with its picture, in one piece', async () => {
  await settle()
  const one = await theOne()
  const { text, blocks, image } = messageOf(one)
  expect(text).toContain('after release v4.12')
  expect(blocks).toMatch(/plan Growth: \d+ of \d+ customers, \d\.\d times its usual share/)
  expect(blocks).toContain('hoist fault')
  expect(blocks).not.toContain('<!channel>')
  expect(image).toMatchObject({ type: 'image', slack_file: { id: one.telling.chartFile ?? '-' } })
  expect(JSON.stringify(image)).toMatch(/Customers per hour for .* over 48 h/)
  const file = slack.files().find(f => f.id === one.telling.chartFile)
  expect(file).toMatchObject({ complete: true, channels: [] })
  expect(slack.violations()).toEqual([])
})

test('Linear and the page say the same', async () => {
  const one = await theOne()
  await press(bell.presses, one.id, { kind: 'file', title: 'Crane stops since v4.12', issue: '', reason: 'seen by myself' }, 'Ana', 'press-file')
  await settle()
  const issue = linear.issues().find(i => i.description?.includes(one.id))
  expect(issue?.title).toBe('Crane stops since v4.12')
  expect(issue?.description).toMatch(/plan Growth: \d+ of \d+ customers/)
  expect(issue?.description).toMatch(/min after release/)
  const page = await app.inject(`/anomalies/${one.id}`)
  expect(page.body).toMatch(/plan Growth: \d+ of \d+ customers/)
  expect(page.body).toContain('hoist fault')
  expect(page.body).toContain('<code>v4.12</code>')
  const picture = await app.inject(`/anomalies/${one.id}/course.svg`)
  expect([picture.statusCode, picture.headers['content-type']]).toEqual([200, 'image/svg+xml'])
  expect(picture.body).toContain('v4.12')
  expect((await app.inject(`/anomalies/${one.id}/other.svg`)).statusCode).toBe(404)
  expect((await app.inject('/anomalies/an_none/course.svg')).statusCode).toBe(404)
})

test('when it has grown, the same message shows a new picture', async () => {
  const before = await theOne()
  const files = slack.files().length
  const more = Array.from({ length: 40 }, (_, i): Asked => (
    { ticketId: `g${i}`, at: plus(BURST, 7200 + i * 60), topic: 'crane', text: 'The crane stops with a hoist fault, code K19' }
  ))
  await recordAsked(base, more)
  await watch(plus(BURST, 4 * 3600))
  await settle()
  const after = await findAnomaly(base.db, { id: before.id })
  expect(after?.tickets).toBeGreaterThan(before.tickets)
  expect(after?.telling.chartFile).not.toBe(before.telling.chartFile)
  const grown = (await sql<{ n: number }>`select count(*)::int as n from anomaly_change where anomaly_id = ${before.id} and move = 'grew'`.execute(base.db)).rows[0]?.n ?? 0
  expect(slack.files().length - files).toBeLessThanOrEqual(grown)
  expect(messageOf(before).image).toMatchObject({ slack_file: { id: after?.telling.chartFile } })
  expect(slack.violations()).toEqual([])
})
