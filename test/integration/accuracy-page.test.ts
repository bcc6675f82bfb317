// The page of accuracy over drafts that the thinking wrote: its numbers are those of the rows, per topic and in all, too few
// are a dash, and its pictures are pictures.
import type { FastifyInstance } from 'fastify'
import { accuracyPages } from '../../src/dashboard/accuracy-pages.ts'
import { binsOf, calibrationErrorOf, chanceErrorOf, gapOf, overThreshold } from '../../src/dashboard/measures.ts'
import { showInterval, showPercent, showPoints, showShare } from '../../src/dashboard/numbers.ts'
import { openHttp } from '../../src/http/server.ts'
import { rootOf } from '../../src/learn/topics.ts'
import { listJudgedScores } from '../../src/store/accuracy.ts'
import { saveConnection } from '../../src/store/connections.ts'
import type { Instant } from '../../src/types.ts'
import { findMind, keepMind } from '../../src/work/mind.ts'
import { thinkOnce } from '../../src/work/think.ts'
import { makeDemoArchive } from '../../scripts/demo/demo-archive.ts'
import { HELPDESKS, shareOut, storiesOf } from '../../scripts/share-out.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, silent, tell, usualRules } from '../support/house.ts'

const rules = usualRules(EAGER)
const keeper = keepMind(rules)
const stories = storiesOf(shareOut(makeDemoArchive(1).slice(0, 130)))
const end: Instant = stories.flatMap(s => s.events.map(e => e.at)).sort().at(-1) ?? ''

let base: TestDatabase
let app: FastifyInstance
let now: Instant = end

beforeAll(async () => {
  base = await openTestDatabase()
  for (const name of HELPDESKS) await saveConnection(base.db, name, name)
  app = await openHttp({ adminToken: null, log: silent })
  await app.register(async scope => {
    await accuracyPages(scope, { db: base.db, rules, now: async () => now, findMind: () => findMind(base.db, keeper) })
  })
})
afterAll(async () => { await app.close(); await base.close() })

async function page (url: string, status = 200): Promise<string> {
  const answer = await app.inject({ url })
  expect([url, answer.statusCode]).toEqual([url, status])
  return answer.body
}

test('before anything is judged it says so, and has no picture of nothing', async () => {
  const body = await page('/accuracy')
  expect(body).toContain('No draft has been judged yet.')
  expect(body).not.toContain('<picture>')
})

test('the numbers are those of the rows', async () => {
  await tell(base.db, rules, stories.flatMap(s => s.events))
  while (await thinkOnce({ db: base.db, log: silent, keeper, rules, mode: 'observe', replay: true }, end) > 0);
  const rows = await listJudgedScores(base.db, '2020-01-01T00:00:00Z', 10_000)
  const good = rows.filter(r => r.good).length
  expect(rows.length).toBeGreaterThan(100)
  expect(good).toBeGreaterThan(10)
  const body = await page('/accuracy')
  expect(body).toContain(`<dd>${rows.length}</dd>`)
  expect(body).toContain(`${showShare(good, rows.length)} <small>${showInterval(good, rows.length)}</small>`)
  expect(body).toContain(calibrationErrorOf(binsOf(rows))?.toFixed(3) ?? 'nothing')
  expect(body).toContain(`chance alone makes ${chanceErrorOf(binsOf(rows))?.toFixed(3)}`)
  expect(body).toContain(`<dt>Scores promise</dt><dd>${showPoints(gapOf(binsOf(rows)))} `)
  const weeks = (Date.parse(end) - Date.parse(rows.at(-1)?.at ?? '')) / (7 * 86_400_000)
  const over = overThreshold(rows, 0.5, weeks)
  expect(over?.drafts).toBeGreaterThan(20)
  expect(body).toContain(`<td class="number">${over === null || over.wrong_per_week < 10 ? over?.wrong_per_week.toFixed(1) : Math.round(over.wrong_per_week)}</td>`)
  expect(body).not.toMatch(/NaN|Infinity|undefined/)
  expect(body).toContain(`at most ${showPercent(rules.risk)} need more than a light edit`)
  expect(body).toContain('In a topic with 100 judged drafts that holds for the topic by itself, with 95 % confidence')
})

test('a topic of few answers has its numbers as dashes, one that is none is not found', async () => {
  const mind = await findMind(base.db, keeper)
  const rows = await listJudgedScores(base.db, '2020-01-01T00:00:00Z', 10_000)
  const topics = Map.groupBy(rows, r => r.topic === null || mind === null ? -1 : rootOf(mind.topics, r.topic))
  const [few] = [...topics].find(([topic, of]) => topic >= 0 && of.length > 2 && of.length < 20) ?? []
  const body = await page(`/accuracy?topic=${few}`)
  expect(body).toContain(`<dd>${topics.get(few ?? -1)?.length}</dd>`)
  expect(body).toMatch(/<dt>Good drafts<\/dt><dd>– <small>–<\/small>/)
  expect(body).not.toContain('<picture>')
  await page('/accuracy?topic=999999', 404)
  await page('/accuracy?topic=%3Cscript%3E', 404)
})

test('the pictures are svg, differ by light and dark, and may do nothing', async () => {
  const pictures = await Promise.all(['reliability', 'coverage'].flatMap(name => [`${name}.svg`, `${name}-dark.svg`])
    .map(async name => {
      const answer = await app.inject({ url: `/accuracy/${name}` })
      expect([name, answer.statusCode, answer.headers['content-type']]).toEqual([name, 200, 'image/svg+xml'])
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
      return answer.body
    }))
  expect(new Set(pictures).size).toBe(4)
  expect(pictures.every(svg => svg.startsWith('<svg') && !/<script|NaN/.test(svg))).toBe(true)
})

test('what was answered more than ninety days ago is left out', async () => {
  now = '2027-06-01T00:00:00Z'
  expect(await page('/accuracy')).toContain('No draft has been judged yet.')
  now = end
})
