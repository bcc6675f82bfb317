// A share that creeps up over weeks, from the questions to the message in Slack and the page: told once, with its course by
// week. All of it by the house's own watch, against the pretend Slack.
import { sql } from 'kysely'
import type { FastifyInstance } from 'fastify'
import { dashboard } from '../../src/dashboard/pages.ts'
import { openHttp } from '../../src/http/server.ts'
import { readFacts } from '../../src/learn/facts.ts'
import { plus } from '../../src/learn/story.ts'
import { openBell } from '../../src/main-bell.ts'
import type { Bell } from '../../src/main-bell.ts'
import { listAnomalies } from '../../src/store/anomalies.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { makeWatchKeeper, watchOnce } from '../../src/work/watch.ts'
import { makeRandom } from '../sandbox/random.ts'
import { openSlack } from '../sandbox/slack.ts'
import type { PretendSlack } from '../sandbox/slack.ts'
import { recordAsked } from '../support/asked.ts'
import type { Asked } from '../support/asked.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'

const START = '2026-03-02T00:00:00Z'                // a Monday
const DAYS = 80
const RISING = 63                                   // day on which more begin to leave
const TOPICS = ['berths', 'keys', 'crane', 'storage', 'moorings']

let base: TestDatabase
let slack: PretendSlack
let bell: Bell
let app: FastifyInstance

beforeAll(async () => {
  base = await openTestDatabase()
  slack = await openSlack({})
  const { SLACK_URL: url, SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: secret } = slack.settings
  const channel = slack.channels().find(c => c.name === 'support-alerts')?.id ?? ''
  const alerts = {
    falseAlarmsPerWeek: 1, timezone: 'UTC', verifyHours: 72, channel, channels: {}, linearTeam: '', linearPriority: 2,
    slack: { url, token, secret }, linear: null
  }
  const now = async (): Promise<string> => plus(START, DAYS * 86_400)
  bell = openBell({ db: base.db, log: silent, alerts, home: 'https://deskloop.example', now, notes: false })
  app = await openHttp({ adminToken: null, log: silent })
  await app.register(async scope => { await dashboard(scope, { db: base.db }) })
  const random = makeRandom(11)
  const rows: Asked[] = []
  for (let day = 0; day < DAYS; day++) {
    for (let i = 0; i < (day % 7 < 5 ? 40 : 12); i++) {
      const topic = TOPICS[Math.floor(random() * 5)] ?? ''
      const leaving = random() < (topic === 'berths' && day >= RISING ? 0.4 : 0.05)
      const about = `number ${Math.floor(random() * 50)}`
      const at = plus(START, day * 86_400 + Math.floor((8 + random() * 9) * 3600))
      rows.push({ ticketId: '', at, topic, text: leaving ? `please cancel ${about}` : `how do I book ${about}` })
    }
  }
  const inOrder = rows.sort((a, b) => a.at < b.at ? -1 : 1)
  await recordAsked(base, inOrder.map((one, i) => ({ ...one, ticketId: String(i + 1), person: `p${i + 1}` })))
}, 60_000)
afterAll(async () => { await app.close(); await base.close(); await slack.close() })

test('it is told once, and page, picture and message show the share week by week', async () => {
  const rules = { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 }
  const deps = { db: base.db, log: silent, zone: 'UTC', keeper: makeWatchKeeper(), to: bell.to, rules }
  while (await watchOnce(deps, plus(START, DAYS * 86_400)) > 0) { /* until it has seen all */ }
  const drifts = (await listAnomalies(base.db, 50)).filter(a => a.kind === 'drift')
  expect(drifts.map(a => [a.topic, a.metric])).toEqual([['berths', 'cancel']])
  const [one] = drifts
  const days = (Date.parse(one?.openedAt ?? '') - Date.parse(START)) / 86_400_000 - RISING
  expect(days).toBeGreaterThan(0)
  expect(days).toBeLessThan(15)
  const { drift } = readFacts(one?.facts)
  const last = (drift?.values.length ?? 0) - 1
  expect(drift?.values[last]).toBeGreaterThan(drift?.high[last] ?? 1)
  expect(Math.abs((drift?.began ?? 0) - Date.parse(START) / 1000 - RISING * 86_400)).toBeLessThanOrEqual(8 * 86_400)

  for (let i = 0; i < 300 && await effectsOnce({ db: base.db, log: silent, performers: bell.performers }) > 0; i++) {
    await sql`update effect set not_before = now() where state = 'pending'`.execute(base.db)
  }
  const messages = slack.messages().filter(m => m.threadTs === null && JSON.stringify(m.blocks).includes(one?.id ?? '-'))
  expect(messages).toHaveLength(1)
  const image = messages[0]?.blocks?.find(block => block['type'] === 'image')
  expect(JSON.stringify(image)).toMatch(/Share of the tickets that ask to cancel, berths, by week over \d+ weeks/)
  expect(slack.files().filter(file => file.complete).length).toBeGreaterThan(0)
  expect(slack.violations()).toEqual([])

  const page = await app.inject(`/anomalies/${one?.id ?? ''}`)
  expect(page.body).toMatch(/alt="Share of the tickets that ask to cancel, berths, by week over \d+ weeks/)
  const picture = await app.inject(`/anomalies/${one?.id ?? ''}/course-dark.svg`)
  expect([picture.statusCode, picture.headers['content-type']]).toEqual([200, 'image/svg+xml'])
  expect(picture.body).toContain('began about here')
})
