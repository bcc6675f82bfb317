// Customers drawn by lot get no note and are compared with the others: on a real database, from their events alone.
import { isHeldOut } from '../../src/learn/lift.ts'
import { plus } from '../../src/learn/story.ts'
import { findImpact } from '../../src/store/impact.ts'
import type { TicketEvent } from '../../src/types.ts'
import { keepMind } from '../../src/work/mind.ts'
import { thinkOnce } from '../../src/work/think.ts'
import { dashboard } from '../../src/dashboard/pages.ts'
import { openHttp } from '../../src/http/server.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, silent, tell, usualRules } from '../support/house.ts'

const rules = { ...usualRules(EAGER), holdout: 0.3 }
const START = '2026-08-03T08:00:00Z'
const NOW = '2026-10-01T00:00:00Z'
const USUAL = 'Turn the valve under the basin a quarter to the left, wait a minute and turn it back: the pressure comes back by itself.'
const ASKED = ['The pressure at basin three is gone, what do we do?', 'No pressure at the basin any more, how do we get it back?', 'How do I get the pressure back at our basin?']

let database: TestDatabase
beforeAll(async () => {
  database = await openTestDatabase()
  await tell(database.db, rules, Array.from({ length: 400 }, (_, i) => storyOf(i)).flat())
  const keeper = keepMind(rules)
  while (await thinkOnce({ db: database.db, log: silent, keeper, rules, mode: 'draft', replay: false }, NOW) > 0) { /* all of it */ }
})
afterAll(async () => { await database.close() })

// Customers without notes come back more often; those with a `vip` tag are never drawn.
function storyOf (i: number): TicketEvent[] {
  const at = plus(START, i * 3600)
  const where = { connection: 'zendesk', ticketId: String(i) }
  const person = { id: `c${i}` }
  const tags = i % 10 === 0 ? ['vip'] : []
  const isOut = isHeldOut('zendesk', person.id, rules.holdout)
  const goesBad = (isOut ? i % 2 : i % 10 === 3) !== false && (isOut ? i % 2 === 0 : i % 10 === 3)
  const solvedAt = plus(at, isOut ? 7200 : 1200)
  const events: TicketEvent[] = [
    { ...where, key: 'o', at, kind: 'opened', subject: '', channel: 'web', person, tags },
    { ...where, key: 'm1', at, kind: 'asked', messageId: 'm1', text: ASKED[i % ASKED.length] ?? '', person },
    { ...where, key: 'm2', at: plus(at, isOut ? 7000 : 1000), kind: 'answered', messageId: 'm2', agentId: `a${i % 4}`, by: 'human', text: i % 9 === 5 ? `Visit number ${i} is planned.` : USUAL },
    { ...where, key: 's', at: solvedAt, kind: 'solved' }
  ]
  if (goesBad) events.push({ ...where, key: 'r', at: plus(solvedAt, 86_400), kind: 'reopened' })
  return events
}

test('the lot decides who gets a note, and says so', async () => {
  const rows = await database.db.selectFrom('draft as d').leftJoin('effect as e', 'e.marker', 'd.key')
    .select(['d.ticket_id', 'd.action', 'd.arm', 'e.state', 'e.reason']).execute()
  const drawn = rows.filter(r => r.arm !== null)
  expect(drawn.length).toBeGreaterThan(150)
  for (const r of drawn) {
    expect([r.ticket_id, r.arm]).toEqual([r.ticket_id, isHeldOut('zendesk', `c${r.ticket_id}`, rules.holdout) ? 'held_out' : 'treated'])
    if (r.arm === 'held_out') expect([r.state, r.reason]).toEqual(['skipped', expect.stringMatching(/drawn/)])
  }
  expect(rows.filter(r => Number(r.ticket_id) % 10 === 0).every(r => r.arm === null)).toBe(true)
  expect(rows.filter(r => r.action === 'silent').every(r => r.arm === null)).toBe(true)
})

test('outcomes are counted per customer, and only when a ticket is old enough to judge', async () => {
  const impact = await findImpact(database.db, NOW)
  const { durable, reopened, repeat, within_hour: soon } = impact.outcomes
  expect(impact.tickets.treated + impact.tickets.heldOut).toBeGreaterThan(150)
  expect(durable.treated.n + durable.heldOut.n).toBe(impact.tickets.treated + impact.tickets.heldOut)
  expect(durable.treated.mean).toBeCloseTo(1 - reopened.treated.mean, 9)
  expect(durable.treated.mean - durable.heldOut.mean).toBeGreaterThan(0.2)
  expect(repeat.treated.mean).toBe(0)
  expect([soon.treated.mean, soon.heldOut.mean]).toEqual([1, 0])
  expect(Math.round(impact.minutes.heldOut ?? 0)).toBe(116)                // from the draft to the answer
  const early = await findImpact(database.db, plus(START, 5 * 86_400))
  expect([early.tickets.treated, early.tickets.heldOut]).toEqual([0, 0])
})

test('who comes back with the same topic counts as a repeat, whoever he wrote to', async () => {
  const before = await findImpact(database.db, NOW)
  const { ticket_id: id } = await database.db.selectFrom('draft').select('ticket_id').where('arm', '=', 'treated').orderBy('asked_at', 'desc').executeTakeFirstOrThrow()
  const at = plus(START, Number(id) * 3600 + 2 * 86_400)
  const where = { connection: 'zendesk', ticketId: 'again' }
  const person = { id: `c${id}` }
  await tell(database.db, rules, [
    { ...where, key: 'o', at, kind: 'opened', subject: '', channel: 'web', person, tags: [] },
    { ...where, key: 'm1', at, kind: 'asked', messageId: 'm1', text: ASKED[Number(id) % ASKED.length] ?? '', person }
  ])
  const keeper = keepMind(rules)
  while (await thinkOnce({ db: database.db, log: silent, keeper, rules, mode: 'draft', replay: false }, NOW) > 0) { /* all of it */ }
  const after = await findImpact(database.db, NOW)
  expect(after.outcomes.repeat.treated.mean).toBeGreaterThan(before.outcomes.repeat.treated.mean)
  expect(after.outcomes.durable.treated.mean).toBeLessThan(before.outcomes.durable.treated.mean)
})

test('the page never shows a number alone', async () => {
  await database.db.insertInto('clock').values({ at: NOW }).execute()
  const app = await openHttp({ adminToken: null, log: silent })
  await app.register(async scope => { await dashboard(scope, { db: database.db, rules }) })
  const { body } = await app.inject({ url: '/impact' })
  await app.close()
  expect(body).toMatch(/Stayed solved/)
  expect(body).toMatch(/likely real: better/)
  expect(body).toMatch(/customers<\/small>/)
  expect(body).toMatch(/30 % of customers are held out/)
})
