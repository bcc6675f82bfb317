// Reading a helpdesk's history back: where it goes on after a crash, a limit or a timeout; in which order old questions
// are learned from; and that they never get a note.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { RetryLater } from '../../src/errors.ts'
import { plus } from '../../src/learn/story.ts'
import { beginBackfill, findBackfill, leaseBackfill } from '../../src/store/backfill.ts'
import type { Backfill } from '../../src/store/backfill.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { progressOf, sayProgress } from '../../src/store/progress.ts'
import { listCurve } from '../../src/store/stats.ts'
import type { HistoryOptions, HistoryPage, Instant, TicketEvent } from '../../src/types.ts'
import { askForBackfill, backfillOnce } from '../../src/work/backfill.ts'
import type { BackfillDeps } from '../../src/work/backfill.ts'
import { keepMind } from '../../src/work/mind.ts'
import { thinkOnce } from '../../src/work/think.ts'
import { openWire } from '../../src/work/wire.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, scriptDesk, silent, tell, usualRules } from '../support/house.ts'

const rules = usualRules()
const DAY = 86_400
const now = (): Instant => new Date().toISOString().slice(0, 19) + 'Z'
const daysAgo = (days: number): Instant => plus(now(), -days * DAY)

let base: TestDatabase
const wire = openWire(Date.now)
beforeAll(async () => { base = await openTestDatabase() })
afterAll(async () => { wire.close(); await base.close() })
beforeEach(async () => {
  await sql`truncate event, ticket, draft, signal, thought, effect, mind, backfill, cursor, failure, connection`.execute(base.db)
  await saveConnection(base.db, 'kiln', 'zendesk')
})

interface Told { since: Instant, cursor: string | undefined, options: HistoryOptions | undefined }

/** Tickets by the time of their change; a page holds `size` of them, a cursor is the number of tickets told. */
function openDesk (stories: HistoryPage['stories'], breaks: Array<Error | null> = [], size = 2): { deps: BackfillDeps, told: Told[] } {
  const told: Told[] = []
  const changeOf = (story: HistoryPage['stories'][number]): Instant => story.events.at(-1)?.at ?? ''
  const desk = scriptDesk({
    countTickets: async (from, to) => stories.filter(({ events: [{ at } = { at: '' }] }) => at >= from && at < to).length,
    planCalls: tickets => tickets * 2 + 1,
    async * fetchHistory (since, cursor, options) {
      told.push({ since, cursor, options })
      const until = options?.until ?? '9999'
      const wanted = stories.filter(story => changeOf(story) >= since && changeOf(story) < until)
        .sort((a, b) => changeOf(a) < changeOf(b) ? -1 : 1)
      for (let n = Number(cursor ?? 0); n < wanted.length; n += options?.pageSize ?? size) {
        const fault = breaks.shift() ?? null
        if (fault !== null) throw fault
        const page = wanted.slice(n, n + (options?.pageSize ?? size))
        yield { stories: page, cursor: String(n + page.length), reached: changeOf(page.at(-1) ?? { ticketId: '', events: [] }) }
      }
    }
  })
  const deps = { db: base.db, log: silent, helpdesks: new Map([['kiln', desk.helpdesk]]), rules, wire, isStopping: () => false, wake: () => {} }
  return { deps, told }
}

function story (ticketId: string, days: number, answered = true): HistoryPage['stories'][number] {
  const at = daysAgo(days)
  const where = { connection: 'kiln', ticketId, person: { id: `p-${ticketId}` } }          // one customer alone teaches little
  const text = 'Why is the kiln cold although it was heated all night long?'
  const events: TicketEvent[] = [
    { ...where, key: 'opened', at, kind: 'opened', subject: 'Kiln', channel: 'email', tags: [] },
    { ...where, key: `message:${ticketId}-1`, at, kind: 'asked', messageId: `${ticketId}-1`, text }
  ]
  if (answered) {
    events.push({
      connection: 'kiln', ticketId, key: `message:${ticketId}-2`, at: plus(at, 600), kind: 'answered', messageId: `${ticketId}-2`,
      agentId: ['mira', 'jost', 'ada', 'lev'][Number(ticketId) % 4] ?? 'mira', by: 'human', text: 'Please turn the main switch of the kiln back on, it falls after a storm.'
    })
  }
  return { ticketId, events }
}

async function get (): Promise<Backfill> {
  const found = await findBackfill(base.db, 'kiln')
  if (found === null) throw new Error('there is no backfill')
  return found
}

/** As the worker's loop does it: until there is nothing more to do. */
async function run (deps: BackfillDeps): Promise<void> {
  for (let tries = 0; (await get()).part !== 'done'; tries++) {
    if (tries > 30) throw new Error('it does not end')
    await backfillOnce(deps, 'kiln')
    await sql`update backfill set not_before = now()`.execute(base.db)
  }
}

async function heldTickets (): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select ticket_id as id from ticket where held order by 1`.execute(base.db)
  return rows.map(row => row.id)
}

test('what changed in the last thirty days is read first, then what is older, and each is written down with what it cost', async () => {
  const { deps, told } = openDesk([story('1', 200), story('2', 100), story('3', 20), story('4', 2), story('5', 400)])
  await askForBackfill(base.db, 'kiln', daysAgo(300), now())
  await run(deps)
  const border = `${daysAgo(30).slice(0, 10)}T00:00:00Z`
  const since = `${daysAgo(300).slice(0, 10)}T00:00:00Z`
  const asked = [[border, { bulk: true }], [since, { bulk: true, until: border }]]
  expect(told.map(one => [one.since, one.options])).toEqual(asked)
  const state = await get()
  expect(state).toMatchObject({ part: 'done', planned: 4, plannedCalls: 9, stored: 4, fetched: 4, failures: 0, lastError: null })
  expect([state.usableAt, state.finishedAt].every(at => at !== null)).toBe(true)
  expect(progressOf(state)).toMatchObject({ state: 'done', remaining: 0, share: 1, etaSeconds: 0 })
  expect(sayProgress(state)).toContain('done: 4 of 4 tickets')
  // Asked for again it begins anew, and finds what is here already.
  await askForBackfill(base.db, 'kiln', daysAgo(300), now())
  await run(deps)
  expect(await get()).toMatchObject({ stored: 4, fetched: 4 })
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from event`.execute(base.db)
  expect(rows[0]?.n).toBe(12)
})

test('after a limit it waits as long as it is asked and goes on at the same page', async () => {
  const stories = Array.from({ length: 7 }, (_, i) => story(String(i + 1), 20 - i))
  const { deps, told } = openDesk(stories, [null, null, new RetryLater('slow down', 40_000)])
  await askForBackfill(base.db, 'kiln', daysAgo(25), now())
  expect(await backfillOnce(deps, 'kiln')).toBe('waiting')
  const waiting = await get()
  expect(waiting).toMatchObject({ cursor: '4', fetched: 4, isWorked: false, lastError: 'slow down' })
  expect(Date.parse(waiting.notBefore) - Date.now()).toBeGreaterThan(30_000)
  expect(progressOf(waiting)).toMatchObject({ planned: 7, stored: 4, remaining: 3 })
  expect(await backfillOnce(deps, 'kiln')).toBe('nothing to do')          // not before its time
  await run(deps)
  expect(told.map(one => one.cursor)).toEqual([undefined, '4'])
  expect(await get()).toMatchObject({ part: 'done', stored: 7, fetched: 7, pageSize: null })
})

test('a page that times out is asked for smaller, and grows again when all is well', async () => {
  const stories = Array.from({ length: 60 }, (_, i) => story(String(i + 1), 25 - i / 4))
  const { deps, told } = openDesk(stories, [new Error('no answer'), new Error('no answer'), new Error('no answer')], 20)
  await askForBackfill(base.db, 'kiln', daysAgo(29), now())
  await run(deps)
  expect(told.map(one => one.options?.pageSize)).toEqual([undefined, 20, 10, 5])
  expect(await get()).toMatchObject({ part: 'done', stored: 60, failures: 0 })
  const more = Array.from({ length: 150 }, (_, i) => story(String(1000 + i), 25 - i / 8))
  const second = openDesk(more, [new Error('no answer'), new Error('no answer'), new Error('no answer')], 20)
  await askForBackfill(base.db, 'kiln', daysAgo(28), now())
  await run(second.deps)
  expect(second.told.at(-1)).toMatchObject({ cursor: '100', options: { bulk: true } })
  expect(second.told.at(-1)?.options).not.toHaveProperty('pageSize')
})

test('one worker at a time; what a killed one held is free again after its lease', async () => {
  const { deps, told } = openDesk([story('1', 3)])
  await askForBackfill(base.db, 'kiln', daysAgo(9), now())
  expect(await leaseBackfill(base.db, 'kiln', '00000000-0000-4000-8000-000000000001', 1)).toBe(true)
  expect(await backfillOnce(deps, 'kiln')).toBe('nothing to do')
  expect(told).toEqual([])
  await sleep(1_100)
  expect(await backfillOnce(deps, 'kiln')).toBe('done')
})

test('a ticket that is refused by itself is written down with its reason, and the rest goes on', async () => {
  const { deps } = openDesk([])
  const { helpdesk } = scriptDesk({
    countTickets: async () => 2,
    async * fetchHistory () { yield { stories: [story('1', 2)], unread: [{ ticketId: '2', why: 'more than 5 MiB' }], cursor: '1' } }
  })
  await askForBackfill(base.db, 'kiln', daysAgo(9), now())
  expect(await backfillOnce({ ...deps, helpdesks: new Map([['kiln', helpdesk]]) }, 'kiln')).toBe('done')
  const failures = await base.db.selectFrom('failure').select(['work', 'ticket_id', 'message']).execute()
  expect(failures).toEqual([{ work: 'backfill', ticket_id: '2', message: 'more than 5 MiB' }])
})

test('a page of a worker whose lease is lost is not written', async () => {
  const { deps } = openDesk([story('1', 3), story('2', 2), story('3', 1)])
  await askForBackfill(base.db, 'kiln', daysAgo(9), now())
  const { helpdesk } = scriptDesk({
    countTickets: async () => 3,
    async * fetchHistory () {
      await sql`update backfill set lease = '00000000-0000-4000-8000-000000000002', leased_until = now()`.execute(base.db)
      yield { stories: [story('9', 2)], cursor: '1' }
    }
  })
  expect(await backfillOnce({ ...deps, helpdesks: new Map([['kiln', helpdesk]]) }, 'kiln')).toBe('stopped')
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ticket`.execute(base.db)
  expect([rows[0]?.n, (await get()).cursor]).toEqual([0, null])
})

test('tickets of a part wait until it is whole, and are then learned from in the order in which they were asked', async () => {
  // By their change the first is told last; by its question it comes first.
  const first = story('9', 28)
  first.events.push({ connection: 'kiln', ticketId: '9', key: 'solved', at: daysAgo(1), kind: 'solved' })
  const stories = [first, ...[27, 26, 25, 24].map(days => story(String(days), days))]
  const { deps } = openDesk(stories, [null, null, new RetryLater('slow down', 1_000)])
  await askForBackfill(base.db, 'kiln', daysAgo(29), now())
  await backfillOnce(deps, 'kiln')
  expect(await heldTickets()).toEqual(['24', '25', '26', '27'])
  const think = { db: base.db, log: silent, keeper: keepMind(rules), rules, mode: 'draft' as const, replay: false }
  expect(await thinkOnce(think, now())).toBe(0)
  // What something happens to meanwhile is free at once.
  await tell(base.db, rules, [{ ...story('26', 0).events[1], key: 'message:26-7', messageId: '26-7' } as TicketEvent])
  expect(await heldTickets()).toEqual(['24', '25', '27'])
  await run(deps)
  expect(await heldTickets()).toEqual([])
  await sql`update ticket set due_at = null where ticket_id = '26'`.execute(base.db)
  while (await thinkOnce(think, now()) > 0);
  const { rows } = await sql<{ id: string }>`select ticket_id as id from thought where step like 'ask:%' order by seq`.execute(base.db)
  expect(rows.map(row => row.id)).toEqual(['9', '27', '25', '24'])
})

test('an old question never gets a note, however sure the draft; one of today does', async () => {
  const eager = usualRules(EAGER)
  const stories = [
    ...Array.from({ length: 90 }, (_, i) => story(String(i + 1), 28 - i / 10)),
    story('400', 10, false), story('401', 1, false)
  ]
  const { deps } = openDesk(stories, [], 50)
  await askForBackfill(base.db, 'kiln', daysAgo(29), now())
  await run({ ...deps, rules: eager })
  const think = { db: base.db, log: silent, keeper: keepMind(eager), rules: eager, mode: 'draft' as const, replay: false }
  while (await thinkOnce(think, now()) > 0);
  const fresh = story('500', 0, false)
  await tell(base.db, eager, fresh.events)
  await thinkOnce(think, plus(now(), 3_600))
  const { rows } = await sql<{ id: string, state: string, reason: string | null }>`select ticket_id as id, state, reason from effect`.execute(base.db)
  expect(rows.filter(row => row.state !== 'skipped').map(row => row.id)).toEqual(['500'])
  const why = 'the question came with the history: it is learned from, and gets no note'
  expect(rows.filter(row => row.id === '400' || row.id === '401')).toEqual([
    { id: '400', state: 'skipped', reason: why }, { id: '401', state: 'skipped', reason: why }
  ])
  const learned = await sql<{ n: number }>`select count(*)::int as n from thought where step like 'hear:%'`.execute(base.db)
  expect(learned.rows[0]?.n).toBe(90)
})

test('what is older is learned from last, and no curve counts a draft that knew what came after it', async () => {
  const { deps } = openDesk([story('1', 60), story('2', 20), story('3', 10)])
  await askForBackfill(base.db, 'kiln', daysAgo(90), now())
  await run(deps)
  const think = { db: base.db, log: silent, keeper: keepMind(rules), rules, mode: 'observe' as const, replay: false }
  while (await thinkOnce(think, now()) > 0);
  const { rows } = await sql<{ id: string, late: boolean }>`select ticket_id as id, late from draft order by 1`.execute(base.db)
  expect(rows).toEqual([{ id: '1', late: true }, { id: '2', late: false }, { id: '3', late: false }])
  expect((await listCurve(base.db)).reduce((sum, week) => sum + week.answered, 0)).toBe(2)
})

test('for the same time it is not begun twice, for another it begins anew', async () => {
  await beginBackfill(base.db, 'kiln', daysAgo(9), daysAgo(9))
  await sql`update backfill set cursor = '7', fetched = 3`.execute(base.db)
  const { since } = await get()
  await beginBackfill(base.db, 'kiln', since, daysAgo(9))
  expect(await get()).toMatchObject({ cursor: '7', fetched: 3 })
  await beginBackfill(base.db, 'kiln', daysAgo(20), daysAgo(9))
  expect(await get()).toMatchObject({ cursor: null, fetched: 0, part: 'recent' })
})

test('nothing is said before it is known', () => {
  const bare: Backfill = {
    connection: 'kiln', since: '2026-01-01T00:00:00Z', border: '2026-10-01T00:00:00Z', part: 'recent', cursor: null, reached: null,
    pageSize: null, goodPages: 0, planned: null, plannedCalls: null, fetched: 0, stored: 0, calls: 1, waits: 0,
    failures: 0,
    lastError: null, activeMs: 5, notBefore: '2026-11-01T00:00:00Z', isWorked: true, startedAt: '2026-11-01T00:00:00Z',
    usableAt: null, finishedAt: null
  }
  expect(progressOf(bare)).toMatchObject({ share: null, remaining: null, etaSeconds: null, ticketsPerMinute: null, state: 'reading' })
  const half = { ...bare, planned: 1000, plannedCalls: 2020, fetched: 520, stored: 500, activeMs: 60_000 }
  expect(progressOf(half)).toMatchObject({ share: 0.5, remaining: 500, ticketsPerMinute: 520, etaSeconds: 58 })
  expect(progressOf({ ...half, failures: 6, isWorked: false }).state).toBe('stuck')
  // More than the helpdesk counts (it leaves spam out) is no negative rest.
  expect(progressOf({ ...half, stored: 1010 })).toMatchObject({ share: 1, remaining: 0 })
})
