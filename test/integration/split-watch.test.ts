// What a person split stays split for the watch: it still sees one cause, and what it tells of it is shared out among the
// parts. Told again, looked at by two and computed anew after a loss, it puts nothing back.
import { sql } from 'kysely'
import { moveLife } from '../../src/learn/life.ts'
import { plus } from '../../src/learn/story.ts'
import { findAnomaly, listAnomalies, listAnomalyTickets, listChanges, moveAnomaly } from '../../src/store/anomalies.ts'
import type { Anomaly } from '../../src/store/anomalies.ts'
import { adoptAnomaly } from '../../src/store/watches.ts'
import { findIssueFor } from '../../src/work/known-issue.ts'
import { emptyMind } from '../../src/learn/mind.ts'
import { mergeInto } from '../../src/work/merge.ts'
import { splitOff } from '../../src/work/split.ts'
import { makeWatchKeeper, watchOnce } from '../../src/work/watch.ts'
import type { WatchDeps, WatchKeeper } from '../../src/work/watch.ts'
import { makeRandom } from '../sandbox/random.ts'
import { recordAsked } from '../support/asked.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'

const START = '2026-09-07T00:00:00Z'                // a Monday
const DAYS = 28
const BURST = plus(START, DAYS * 86_400 + 10 * 3600)
const TOPICS = ['berths', 'keys', 'crane', 'storage', 'invoices', 'moorings']
const STOPS = 'the crane stops with fault K19'
const BLANK = 'the crane booking calendar stays blank'
const to = { slack: true, linear: true, notes: true, verifyHours: 72 }

let base: TestDatabase
let tickets = 0
let id = ''
let part = ''
let keeper: WatchKeeper

beforeAll(async () => {
  base = await openTestDatabase()
  const random = makeRandom(3)
  const usual: Said[] = []
  for (let day = 0; day < DAYS; day++) {
    for (let i = 0; i < (day % 7 < 5 ? 40 : 12); i++) {
      const at = plus(START, day * 86_400 + Math.floor((8 + random() * 9) * 3600))
      usual.push({ at, topic: TOPICS[Math.floor(random() * TOPICS.length)] ?? '', text: `question ${Math.floor(random() * 50)} about it` })
    }
  }
  await ask([...usual, ...burst(BURST, 24)])
  keeper = makeWatchKeeper()
  await watch(keeper, plus(BURST, 3600))
  const [first] = (await listAnomalies(base.db, 10)).filter(a => a.openedAt >= BURST)
  id = first?.id ?? ''
}, 60_000)
afterAll(async () => { await base.close() })

interface Said { at: string, topic: string, text: string }

const burst = (from: string, count: number): Said[] => Array.from({ length: count }, (_, i) =>
  ({ at: plus(from, i * 100), topic: 'crane', text: i % 3 === 0 ? BLANK : STOPS }))

async function ask (list: Said[]): Promise<void> {
  const sorted = list.toSorted((a, b) => a.at < b.at ? -1 : 1)
  await recordAsked(base, sorted.map(one => ({ ...one, ticketId: String(++tickets) })))
}

function depsOf (kept: WatchKeeper): WatchDeps {
  return {
    db: base.db, log: silent, zone: 'UTC', keeper: kept, to, redact: text => text,
    rules: { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 }
  }
}

async function watch (kept: WatchKeeper, now: string): Promise<void> {
  while (await watchOnce(depsOf(kept), now) > 0) { /* until it has seen all */ }
}

async function get (one: string): Promise<Anomaly> {
  const anomaly = await findAnomaly(base.db, { id: one })
  if (anomaly === null) throw new Error(`${one} is gone`)
  return anomaly
}

async function textsOf (one: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { ticketId } of await listAnomalyTickets(base.db, one)) {
    const { rows } = await sql<{ text: string }>`select fact->>'text' as text from event where ticket_id = ${ticketId} and kind = 'asked'`.execute(base.db)
    const text = rows[0]?.text ?? ''
    counts[text] = (counts[text] ?? 0) + 1
  }
  return counts
}

test('what comes later goes to the nearer of the two, and nothing that was taken out is put back', async () => {
  const said = await base.db.transaction().execute(trx => splitOff(trx, { to, redact: text => text }, id,
    { refs: [], groups: [], words: 'booking calendar' }, 'Bookings are blank', { by: 'Ana', at: plus(BURST, 3600), source: 'split-1' }))
  expect(said).toBeNull()
  const list = await listAnomalies(base.db, 20)
  part = list.find(a => a.title === 'Bookings are blank')?.id ?? ''
  expect([await textsOf(id), await textsOf(part)].map(one => Object.keys(one))).toEqual([[STOPS], [BLANK]])
  const before = [(await get(id)).tickets, (await get(part)).tickets]
  await ask(burst(plus(BURST, 3700), 60))
  await watch(keeper, plus(BURST, 3 * 3600))
  expect([await textsOf(id), await textsOf(part)].map(one => Object.keys(one))).toEqual([[STOPS], [BLANK]])
  expect((await get(id)).tickets).toBeGreaterThan(before[0] ?? 0)
  expect((await get(part)).tickets).toBeGreaterThan(before[1] ?? 0)
  expect([...new Set((await listChanges(base.db, part)).map(c => c.move))]).toEqual(['opened', 'grew'])
  expect((await listAnomalies(base.db, 20)).length).toBe(list.length)
})

test('a watch that was lost, and two that look at once, change nothing', async () => {
  const shown = async (): Promise<unknown> => (await listAnomalies(base.db, 100)).map(a => [a.id, a.state, a.tickets])
  const before = await shown()
  await base.db.deleteFrom('watch').execute()
  await watch(makeWatchKeeper(), plus(BURST, 3 * 3600))
  await Promise.all([watch(makeWatchKeeper(), plus(BURST, 3 * 3600)), watch(makeWatchKeeper(), plus(BURST, 3 * 3600))])
  expect(await shown()).toEqual(before)
  expect([await textsOf(id), await textsOf(part)].map(one => Object.keys(one))).toEqual([[STOPS], [BLANK]])
})

test('a watch of another form knows again what was split, although no part of it has half of its tickets', async () => {
  const { rows: [halved] } = await sql<{ n: number }>`select count(*)::int / 2 as n from anomaly_ticket where anomaly_id = ${id}`.execute(base.db)
  const refs = (await listAnomalyTickets(base.db, id)).slice(0, halved?.n ?? 0).map(t => `zendesk/${t.ticketId}`)
  await base.db.transaction().execute(trx => splitOff(trx, { to, redact: text => text }, id,
    { refs, groups: [], words: '' }, 'The same once more', { by: 'Ana', at: plus(BURST, 3 * 3600), source: 'split-2' }))
  const shown = async (): Promise<unknown> => (await listAnomalies(base.db, 100)).map(a => [a.id, a.state, a.tickets])
  const before = await shown()
  await sql`update watch set version = 1`.execute(base.db)
  await sql`update anomaly set key = 'old-' || key where split_from is null`.execute(base.db)
  keeper = makeWatchKeeper()
  await watch(keeper, plus(BURST, 3 * 3600 + 300))
  expect(await shown()).toEqual(before)
  const { key } = await get(id)
  expect(key).not.toMatch(/^old-/)
  const third = (await listAnomalies(base.db, 100)).find(a => a.title === 'The same once more')
  const all = (await Promise.all([id, part, third?.id ?? ''].map(one => listAnomalyTickets(base.db, one)))).flat()
  await base.db.transaction().execute(trx => adoptAnomaly(trx, 'of another form', all))
  expect((await get(id)).key).toBe('of another form')
  await sql`update anomaly set key = ${key} where id = ${id}`.execute(base.db)
  await base.db.transaction().execute(trx => mergeInto(trx, third?.id ?? '', id, { by: 'Ana', at: plus(BURST, 3 * 3600), source: 'merge-2' }, async () => {}))
  expect((await get(id)).tickets).toBeGreaterThan(refs.length)
})

test('a question about the part is not told of the issue of the other', async () => {
  await sql`update anomaly set topic_number = 0 where id in (${id}, ${part})`.execute(base.db)
  await sql`update anomaly set state = 'filed', has_issue = true, issue_id = 'i-1', issue_identifier = 'ENG-1' where id = ${id}`.execute(base.db)
  await ask([{ at: plus(BURST, 3 * 3600), topic: 'crane', text: BLANK }, { at: plus(BURST, 3 * 3600), topic: 'crane', text: STOPS }])
  const issueOf = async (ticketId: string, text: string): Promise<string | null> =>
    await base.db.transaction().execute(async trx => (await findIssueFor(trx, emptyMind(), 0, { connection: 'zendesk', ticketId }, text))?.issue ?? null)
  expect(await issueOf(String(tickets), STOPS)).toBe('ENG-1')
  expect(await issueOf(String(tickets - 1), BLANK)).toBeNull()
  await sql`update anomaly set state = 'filed', has_issue = true, issue_id = 'i-2', issue_identifier = 'ENG-2' where id = ${part}`.execute(base.db)
  expect(await issueOf(String(tickets - 1), BLANK)).toBe('ENG-2')
  await sql`update anomaly set state = 'open', has_issue = false, issue_id = null, issue_identifier = null where id = ${part}`.execute(base.db)
})

test('a fix holds for the one whose tickets stop, although the other one goes on', async () => {
  const fixed = plus(BURST, 4 * 3600)
  await base.db.transaction().execute(trx => moveAnomaly(trx, id, { kind: 'done' }, { by: 'Linear', at: fixed }, moveLife))
  // For three days only the calendar is still blank, as often as before.
  for (let day = 1; day <= 3; day++) {
    const from = plus(BURST, day * 86_400)
    await ask(Array.from({ length: 30 }, (_, i) => ({ at: plus(from, i * 150), topic: 'crane', text: BLANK })))
  }
  const now = plus(BURST, 3 * 86_400 + 3 * 3600)
  await sql`update anomaly set verify_at = ${now} where id = ${id}`.execute(base.db)
  await watch(keeper, now)
  expect(Object.keys(await textsOf(id))).toEqual([STOPS])
  expect((await get(id)).state).toBe('verified')
  expect((await get(part)).state).toBe('open')
})

test('a part ends by itself when nothing of it comes any more', async () => {
  const actor = { by: 'Ana', at: plus(BURST, 3 * 86_400 + 4 * 3600) }
  await base.db.transaction().execute(trx => moveAnomaly(trx, id, { kind: 'restarted' }, { ...actor, by: 'Linear' }, moveLife))
  await watch(keeper, plus(BURST, 12 * 86_400))
  expect(await get(part)).toMatchObject({ state: 'closed', reason: 'back to normal' })
  expect((await get(id)).state).toBe('filed')       // an issue is not closed by quiet
})
