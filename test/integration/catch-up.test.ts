// Asking a helpdesk what has changed, and finding what was forgotten: each is begun again where it stopped, and what came
// by webhook already is not written twice.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import { openQueue } from '../../src/queue.ts'
import type { Queue } from '../../src/queue.ts'
import { findCursor, saveConnection } from '../../src/store/connections.ts'
import { openRecorder, recordFacts } from '../../src/store/recorder.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import type { HistoryPage, TicketEvent } from '../../src/types.ts'
import { catchUp } from '../../src/work/catch-up.ts'
import type { CatchUpDeps } from '../../src/work/catch-up.ts'
import { keepMind } from '../../src/work/mind.ts'
import { openWorker } from '../../src/work/worker.ts'
import type { Worker } from '../../src/work/worker.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { scriptDesk, silent, usualRules } from '../support/house.ts'

const rules = usualRules()

let base: TestDatabase
let queue: Queue

beforeAll(async () => {
  base = await openTestDatabase()
  queue = await openQueue(base.url, silent, { worker: false })
})
afterAll(async () => {
  await queue.close()
  await base.close()
})

/** A ticket with a question and its answer. */
function story (ticketId: string, more = 0): { ticketId: string, events: TicketEvent[] } {
  const where = { connection: 'kiln', ticketId, person: { id: 'p-2' } }
  const asked = Array.from({ length: 1 + more }, (_, i): TicketEvent => {
    const messageId = `${ticketId}-${i}`
    return { ...where, key: `message:${messageId}`, at: `2026-09-0${i + 1}T10:00:00Z`, kind: 'asked', messageId, text: 'Is the kiln hot?' }
  })
  const opened: TicketEvent = { ...where, key: 'opened', at: '2026-09-01T10:00:00Z', kind: 'opened', subject: 'Kiln', channel: 'email', tags: [] }
  return { ticketId, events: [opened, ...asked] }
}

/** A helpdesk whose history has these pages; a cursor is the number of pages told. It breaks as often as it is told to. */
function openHistory (pages: Array<HistoryPage['stories']>, breaksBefore: number[] = []): { deps: CatchUpDeps, told: string[] } {
  const told: string[] = []
  const desk = scriptDesk({
    async * fetchHistory (since, cursor) {
      told.push(`since ${since} ${cursor ?? 'from the start'}`)
      for (let n = Number(cursor ?? 0); n < pages.length; n++) {
        if (breaksBefore[0] === n) {
          breaksBefore.shift()
          throw new Error('the helpdesk went away')
        }
        told.push(`page ${n}`)
        yield { stories: pages[n] ?? [], cursor: String(n + 1) }
      }
    }
  })
  return { told, deps: { db: base.db, log: silent, queue, helpdesks: new Map([['kiln', desk.helpdesk]]), replay: true } }
}

async function countOf (table: 'event' | 'ticket'): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)} where connection = 'kiln'`.execute(base.db)
  return rows[0]?.n ?? 0
}

async function jobs (): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select data->>'ticketId' as id from pgboss.job where name = 'ticket' and state = 'created' order by 1`.execute(base.db)
  return rows.map(row => row.id)
}

beforeEach(async () => {
  await sql`truncate event, ticket, delivery, delivery_identity, cursor, connection`.execute(base.db)
  await sql`delete from pgboss.job`.execute(base.db)
  await saveConnection(base.db, 'kiln', 'zendesk')
})

test('a history that breaks off goes on at the page that was not recorded yet', async () => {
  const pages = [[story('1'), story('2')], [story('3')], [story('4')], []]
  const { deps, told } = openHistory(pages, [2, 2])
  await expect(catchUp(deps, 'kiln')).rejects.toThrow('the helpdesk went away')
  expect([await countOf('ticket'), await findCursor(base.db, 'kiln', 'history'), await jobs()]).toEqual([3, '2', ['1', '2', '3']])
  await expect(catchUp(deps, 'kiln')).rejects.toThrow('the helpdesk went away')
  expect(await catchUp(deps, 'kiln')).toEqual({ tickets: 1, changed: 1 })
  expect(told).toEqual([
    'since 2000-01-01T00:00:00Z from the start', 'page 0', 'page 1', 'since 2000-01-01T00:00:00Z 2',
    'since 2000-01-01T00:00:00Z 2', 'page 2', 'page 3'
  ])
  expect([await countOf('ticket'), await countOf('event'), await jobs()]).toEqual([4, 8, ['1', '2', '3', '4']])
  expect(await findCursor(base.db, 'kiln', 'history')).toBe('4')
})

test('a page and the place after it are recorded together or not at all', async () => {
  const broken = { ticketId: '6', events: story('6').events.map(e => e.kind === 'asked' ? { ...e, text: 'no \0 fits' } : e) }
  const { deps } = openHistory([[story('5')], [story('7'), broken]])
  await expect(catchUp(deps, 'kiln')).rejects.toThrow('Unicode')
  expect([await countOf('ticket'), await findCursor(base.db, 'kiln', 'history'), await jobs()]).toEqual([1, '1', ['5']])
})

test('what came by webhook is not recorded again, in whichever order the two come, or at the same time', async () => {
  const recorder = openRecorder(base.db, queue)
  const deliver = async (facts: TicketEvent[], identity: string): Promise<unknown> => await recorder.record({
    connection: 'kiln', identity, receivedAt: new Date(), headers: {}, body: Buffer.from('{}'), state: 'read', error: null, facts
  })
  const stories = Array.from({ length: 30 }, (_, i) => story(String(100 + i), 2))
  const [first = [], second = [], third = []] = [stories.slice(0, 10), stories.slice(10, 20), stories.slice(20)]
  const hear = async (some: typeof stories): Promise<unknown> =>
    await Promise.all(some.map(s => deliver(s.events, `d-${s.ticketId}`)))
  await hear(first)
  const { deps } = openHistory([first, second, third])
  const [told] = await Promise.all([catchUp(deps, 'kiln'), hear(third)])
  expect(told.tickets).toBe(30)
  expect(told.changed).toBeGreaterThanOrEqual(10)
  expect(told.changed).toBeLessThanOrEqual(20)
  await hear(second)
  expect([await countOf('ticket'), await countOf('event')]).toEqual([30, 120])
  const { rows } = await sql<{ rev: number, n: number }>`select rev, count(*)::int as n from ticket group by 1`.execute(base.db)
  expect(rows).toEqual([{ rev: 1, n: 30 }])
  // Caught up a second time, nothing is new and nobody is woken for it.
  await sql`delete from pgboss.job`.execute(base.db)
  await sql`delete from cursor`.execute(base.db)
  expect(await catchUp(deps, 'kiln')).toEqual({ tickets: 30, changed: 0 })
  expect(await jobs()).toEqual([])
  await recorder.close()
})

test('in life the first catch-up begins a little before the connection was made', async () => {
  const { deps, told } = openHistory([[]])
  await catchUp({ ...deps, replay: false }, 'kiln')
  const since = Date.parse(told[0]?.split(' ')[1] ?? '')
  const row = await base.db.selectFrom('connection').select('created_at').executeTakeFirst()
  expect(Number(row?.created_at) - since).toBeGreaterThanOrEqual(600_000)
  expect(Number(row?.created_at) - since).toBeLessThan(602_000)
  await expect(catchUp(deps, 'forge')).rejects.toThrow('there is no connection forge')
})

test('a ticket whose wake-up was lost is found and woken again, and only that one', async () => {
  const { deps, told } = openHistory([[story('42')]])
  await record([story('40'), story('41')])
  await sql`delete from pgboss.job where data->>'ticketId' = '40'`.execute(base.db)
  expect(await undone()).toEqual(['40', '41'])
  const lines: Array<Record<string, unknown>> = []
  const log = pino({ level: 'info' }, { write (line: string) { lines.push(JSON.parse(line)) } })
  const own = await openQueue(base.url, silent, { worker: true })
  let worker: Worker | null = null
  try {
    worker = await openWorker({
      db: base.db, log, queue: own, helpdesks: deps.helpdesks, now: async () => '2026-09-02T00:00:00Z', catchUpMinutes: 1,
      think: { db: base.db, log, keeper: keepMind(rules), rules, mode: 'observe', replay: true },
      performers: []
    })
    // The loop of the catch-up runs meanwhile, and what it finds is worked like all else.
    const until = Date.now() + 30_000
    while ((await drafted()).length < 3 && Date.now() < until) await sleep(100)
    expect([await drafted(), await undone()]).toEqual([['40', '41', '42'], []])
    expect(lines.filter(line => line.job === 'sweep')).toMatchObject([{ tickets: 1, outcome: 'sent again' }])
    expect(told).toContain('page 0')
  } finally {
    await worker?.close()
    await own.close()
  }
})

/** As a delivery would be recorded, with its wake-up in the same transaction. */
async function record (stories: HistoryPage['stories']): Promise<void> {
  const facts = stories.flatMap(s => s.events)
  await ensurePartitions(base.db, [], facts.map(e => e.at))
  await base.db.transaction().execute(async trx => {
    await queue.send(trx, await recordFacts(trx, [{ connection: 'kiln', facts }]))
  })
}

async function undone (): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select ticket_id as id from ticket where rev > done_rev order by 1`.execute(base.db)
  return rows.map(row => row.id)
}

async function drafted (): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select ticket_id as id from draft order by 1`.execute(base.db)
  return rows.map(row => row.id)
}
