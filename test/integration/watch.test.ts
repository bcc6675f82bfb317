// The watch over the stream of a real database: what is told, that it is told once, and what people's verdicts do to it.
import { sql } from 'kysely'
import { plus } from '../../src/learn/story.ts'
import { findAnomaly, listAnomalies, listAnomalyTickets, moveAnomaly } from '../../src/store/anomalies.ts'
import { moveLife } from '../../src/learn/life.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import type { TicketEvent } from '../../src/types.ts'
import { makeWatchKeeper, watchOnce } from '../../src/work/watch.ts'
import type { WatchDeps, WatchKeeper } from '../../src/work/watch.ts'
import { makeRandom } from '../sandbox/random.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'

const START = '2026-09-07T00:00:00Z'                // a Monday
const DAYS = 28
const BURST = plus(START, DAYS * 86_400 + 10 * 3600)
const TOPICS = ['berths', 'keys', 'crane', 'storage', 'invoices', 'moorings']

let base: TestDatabase
let tickets = 0

beforeAll(async () => {
  base = await openTestDatabase()
  const random = makeRandom(3)
  const usual: Asked[] = []
  for (let day = 0; day < DAYS; day++) {
    for (let i = 0; i < (day % 7 < 5 ? 40 : 12); i++) {
      const at = plus(START, day * 86_400 + Math.floor((8 + random() * 9) * 3600))
      usual.push({ at, topic: TOPICS[Math.floor(random() * TOPICS.length)] ?? '', text: `question ${Math.floor(random() * 50)} about it` })
    }
  }
  const burst = Array.from({ length: 24 }, (_, i): Asked => ({ at: plus(BURST, i * 120), topic: 'crane', text: 'the crane stops with fault K19' }))
  await ask([...usual, ...burst].sort((a, b) => a.at < b.at ? -1 : 1))
}, 60_000)
afterAll(async () => { await base.close() })

interface Asked { at: string, topic: string, text: string, by?: string }

// As the recorder and the thinker would leave them: facts, a draft and a thought per ticket, in their order.
async function ask (list: Asked[]): Promise<void> {
  const rows = list.map(one => ({ ...one, ticketId: String(++tickets) }))
  const facts = rows.flatMap(({ at, text, ticketId, by }): TicketEvent[] => {
    const where = { connection: 'zendesk', ticketId, at }
    const person = { id: by ?? `p${ticketId}` }
    return [
      { ...where, key: 'o', kind: 'opened', subject: '', channel: 'web', person, tags: [] },
      { ...where, key: 'm', kind: 'asked', messageId: 'm', text, person }
    ]
  })
  await ensurePartitions(base.db, [], facts.map(f => f.at))
  for (let i = 0; i < facts.length; i += 1000) {
    await base.db.transaction().execute(trx => recordFacts(trx, [{ connection: 'zendesk', facts: facts.slice(i, i + 1000) }]))
  }
  await sql`
    insert into draft (connection, ticket_id, question_id, key, asked_at, basis, language, text, topic, score, threshold, action, reason, sources)
    select 'zendesk', n.id, 'm', 'dl-' || n.id, n.at, 'm', 'en', '', n.topic, 0, 1, 'silent', '', '[]'::jsonb
    from unnest(${rows.map(r => r.ticketId)}::text[], ${rows.map(r => r.at)}::timestamptz[], ${rows.map(r => r.topic)}::text[]) as n (id, at, topic)`.execute(base.db)
  await sql`
    insert into thought (connection, ticket_id, step, rev, at)
    select 'zendesk', n.id, 'ask:m', 1, n.at from unnest(${rows.map(r => r.ticketId)}::text[], ${rows.map(r => r.at)}::timestamptz[])
      with ordinality as n (id, at, i) order by n.i`.execute(base.db)
}

function depsOf (keeper: WatchKeeper): WatchDeps {
  return {
    db: base.db, log: silent, zone: 'UTC', keeper, to: { slack: true, linear: true, notes: false, verifyHours: 72 },
    rules: { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 }
  }
}

async function watch (keeper: WatchKeeper, now: string): Promise<void> {
  while (await watchOnce(depsOf(keeper), now) > 0) { /* until it has seen all */ }
}

test('a burst is one anomaly with its tickets, one message on its way, told while it lasts', async () => {
  const keeper = makeWatchKeeper()
  await watch(keeper, plus(BURST, 3600))
  const list = await listAnomalies(base.db, 10)
  const [one, ...more] = list.filter(a => a.openedAt >= BURST)
  expect(more).toEqual([])
  expect(one).toMatchObject({ state: 'open' })
  expect(one?.title).toMatch(/crane|k19/i)
  expect(Date.parse(one?.openedAt ?? '') - Date.parse(BURST)).toBeLessThan(30 * 60_000)
  expect(one?.people ?? 0).toBeGreaterThanOrEqual(3)
  expect((await listAnomalyTickets(base.db, one?.id ?? '')).length).toBeLessThanOrEqual(24)
  const effects = await base.db.selectFrom('effect').select(['kind', 'ticket_id']).where('ticket_id', '=', one?.id ?? '').execute()
  expect(effects).toEqual([{ kind: 'slack-message', ticket_id: one?.id }])
  expect(list.length - 1).toBeLessThanOrEqual(2)    // four quiet weeks before it
})

test('a watch that was lost, and two that look at once, tell nothing anew', async () => {
  const before = (await listAnomalies(base.db, 100)).map(a => [a.id, a.tickets])
  await base.db.deleteFrom('watch').execute()
  await watch(makeWatchKeeper(), plus(BURST, 3600))
  const pair = [makeWatchKeeper(), makeWatchKeeper()]
  await Promise.all(pair.map(keeper => watch(keeper, plus(BURST, 7200))))
  expect((await listAnomalies(base.db, 100)).map(a => [a.id, a.tickets])).toEqual(before)
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from effect where kind = 'slack-message'`.execute(base.db)
  expect(rows[0]?.n).toBe(before.length)
})

test('a verdict is heard once; when it is quiet the anomaly closes by itself', async () => {
  const [one] = (await listAnomalies(base.db, 10)).filter(a => a.openedAt >= BURST)
  await base.db.transaction().execute(trx => moveAnomaly(trx, one?.id ?? '', { kind: 'real' }, { by: 'Ana', at: plus(BURST, 7200) }, moveLife))
  const keeper = makeWatchKeeper()
  await watch(keeper, plus(BURST, 7500))
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from anomaly_change where move = 'real' and heard`.execute(base.db)
  expect(rows[0]?.n).toBe(1)
  await ask([{ at: plus(BURST, 2 * 86_400), topic: 'keys', text: 'where is my key' }])
  await watch(keeper, plus(BURST, 2 * 86_400 + 600))
  expect(await findAnomaly(base.db, { id: one?.id ?? '' })).toMatchObject({ state: 'closed', reason: 'back to normal', verdict: 'real' })
  // Between two updates it gathers in silence: with its end all of them are its tickets.
  const { incidents } = keeper.watch ?? { incidents: { list: [] } }
  const gathered = incidents.list.find(incident => incident.key === one?.key)?.tickets.length ?? 0
  expect(gathered).toBeGreaterThan(one?.tickets ?? 0)
  expect((await listAnomalyTickets(base.db, one?.id ?? '')).length).toBe(gathered)
})

test('a watch of another form is computed anew from all tickets, and what the old one told is not told again', async () => {
  const before = (await listAnomalies(base.db, 100)).map(a => [a.id, a.tickets, a.state])
  const row = await base.db.selectFrom('watch').select(['seq', 'version']).executeTakeFirstOrThrow()
  // Another form finds the same under other keys
  await sql`update anomaly set key = 'former ' || key`.execute(base.db)
  await sql`update watch set version = version - 1`.execute(base.db)
  await ask([{ at: plus(BURST, 3 * 86_400), topic: 'keys', text: 'the key does not turn' }])
  const keeper = makeWatchKeeper()
  await watch(keeper, plus(BURST, 3 * 86_400 + 600))
  expect(keeper.watch?.topics['crane']?.baseline.n).toBeGreaterThan(50)
  expect((await listAnomalies(base.db, 100)).map(a => [a.id, a.tickets, a.state])).toEqual(before)
  // From then on it is saved in its own form. One customer is no surge, however much he writes
  const more = Array.from({ length: 301 }, (_, i) =>
    ({ at: plus(BURST, 4 * 86_400 + i * 60), topic: TOPICS[i % 6] ?? '', text: `question ${i % 50} about it`, by: 'Ivo' }))
  await ask(more)
  await watch(keeper, plus(BURST, 5 * 86_400))
  const saved = await base.db.selectFrom('watch').select(['seq', 'version']).executeTakeFirstOrThrow()
  expect(saved.version).toBe(row.version)
  expect(Number(saved.seq)).toBeGreaterThan(Number(row.seq))
})

test('what a watch of another form left open is known again by its tickets, and ends', async () => {
  const [one] = (await listAnomalies(base.db, 100)).filter(a => a.openedAt >= BURST && a.verdict === 'real')
  await sql`update anomaly set key = 'former ' || key, state = 'open' where id = ${one?.id ?? ''}`.execute(base.db)
  await sql`update watch set version = version - 1`.execute(base.db)
  await ask([{ at: plus(BURST, 6 * 86_400), topic: 'keys', text: 'the key is gone' }])
  await watch(makeWatchKeeper(), plus(BURST, 6 * 86_400 + 600))
  const after = await findAnomaly(base.db, { id: one?.id ?? '' })
  expect(after).toMatchObject({ key: one?.key.replaceAll('former ', ''), state: 'closed' })
})
