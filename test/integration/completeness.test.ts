// The proof that nothing is missing, the alarm for silence and for clocks, and the sweep of states: on scripted helpdesks
// and a real database.
import { createServer } from 'node:http'
import { sql } from 'kysely'
import { pino } from 'pino'
import { GiveUp } from '../../src/errors.ts'
import { plus } from '../../src/learn/story.ts'
import { openQueue } from '../../src/queue.ts'
import type { Queue } from '../../src/queue.ts'
import { findAlarm, listAlarms } from '../../src/store/alarms.ts'
import { listDayChecks } from '../../src/store/completeness.ts'
import type { DayCheck } from '../../src/store/completeness.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import type { Instant, TicketEvent } from '../../src/types.ts'
import { checkDay, daysBetween, nextDay } from '../../src/work/completeness.ts'
import type { CompletenessDeps } from '../../src/work/completeness.ts'
import { listDuties } from '../../src/work/duties.ts'
import { heedClock, heedSilence, newestMessage } from '../../src/work/silence.ts'
import { sweepStates } from '../../src/work/state-sweep.ts'
import { openWire } from '../../src/work/wire.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { scriptDesk, silent, tell, usualRules } from '../support/house.ts'

const DAY = '2026-09-03'
const rules = usualRules()
let base: TestDatabase
let queue: Queue
beforeAll(async () => {
  base = await openTestDatabase()
  queue = await openQueue(base.url, silent, { worker: false })
})
afterAll(async () => { await queue.close(); await base.close() })
beforeEach(async () => {
  await sql`truncate event, ticket, thought, completeness, alarm, delivery, failure, connection, cursor, backfill`.execute(base.db)
  await sql`delete from pgboss.job`.execute(base.db)
  await saveConnection(base.db, 'kiln', 'zendesk')
})

function opened (ticketId: string, at = `${DAY}T10:00:00Z`): TicketEvent[] {
  const where = { connection: 'kiln', ticketId, at, person: { id: 'p' } }
  return [
    { ...where, key: 'opened', kind: 'opened', subject: 'Kiln', channel: 'email', tags: [] },
    { ...where, key: `message:${ticketId}`, kind: 'asked', messageId: ticketId, text: 'Is the kiln hot?' }
  ]
}

/** A helpdesk that names these tickets for every day, and shows those of them that it has. */
function deskWith (named: string[], shown: string[] = named): CompletenessDeps & { asked: string[] } {
  const asked: string[] = []
  const { helpdesk } = scriptDesk({
    countTickets: async () => named.length,
    listCreated: async () => named,
    async fetchTicket (id) {
      asked.push(id)
      if (!shown.includes(id)) throw new GiveUp(`there is no ticket ${id}`)
      return opened(id)
    }
  })
  return { db: base.db, log: silent, queue, helpdesks: new Map([['kiln', helpdesk]]), asked }
}

const facts = (...ids: string[]): TicketEvent[] => ids.flatMap(id => opened(id))

test('a ticket that is missing is found, fetched, and told; one that cannot be fetched stays missing, with its reason', async () => {
  await tell(base.db, rules, facts('1', '2'))
  const deps = deskWith(['1', '2', '3', '4', '5'], ['1', '2', '3', '4'])
  const found = await checkDay(deps, 'kiln', DAY)
  expect(found).toMatchObject({ theirs: 5, listed: 5, ours: 4, missing: ['5'], healed: ['3', '4'], extra: [] })
  expect(deps.asked).toEqual(['3', '4', '5'])
  const jobs = await sql<{ id: string }>`select data->>'ticketId' as id from pgboss.job where name = 'ticket' order by 1`.execute(base.db)
  expect(jobs.rows.map(row => row.id)).toEqual(['3', '4'])
  const failures = await base.db.selectFrom('failure').select(['work', 'ticket_id', 'message']).execute()
  expect(failures).toEqual([{ work: 'completeness', ticket_id: '5', message: 'there is no ticket 5' }])
  // Looked at again: nothing is fetched twice, and what was healed once stays told.
  const again = deskWith(['1', '2', '3', '4', '5'])
  expect(await checkDay(again, 'kiln', DAY)).toMatchObject({ missing: [], healed: ['5'], ours: 5 })
  expect(again.asked).toEqual(['5'])
  expect(await listDayChecks(base.db, 'kiln', 9)).toMatchObject([{ day: DAY, missing: [], healed: ['3', '4', '5'], ours: 5 }])
})

test('equal counts hide nothing: one too many here does not make up for one that is missing', async () => {
  await tell(base.db, rules, facts('1', '8'))
  const found = await checkDay(deskWith(['1', '2'], ['1', '2']), 'kiln', DAY)
  expect(found).toMatchObject({ theirs: 2, healed: ['2'], extra: [{ ticketId: '8', why: 'the helpdesk does not show it any more' }] })
})

test('what is only here is explained', async () => {
  const deleted: TicketEvent = { connection: 'kiln', ticketId: '7', key: 'deleted', at: `${DAY}T12:00:00Z`, kind: 'deleted' }
  const spam: TicketEvent = { connection: 'kiln', ticketId: '6', key: 'spam', at: `${DAY}T12:00:00Z`, kind: 'spam' }
  await tell(base.db, rules, [...facts('1', '6', '7', '9'), deleted, spam])
  const deps = deskWith(['1'], ['1', '9'])
  expect((await checkDay(deps, 'kiln', DAY)).extra).toEqual([
    { ticketId: '6', why: 'marked as spam at the helpdesk, which counts it no more' },
    { ticketId: '7', why: 'deleted at the helpdesk, which counts it no more' },
    { ticketId: '9', why: 'it stands there, but is not named for its day: in the archive, or not yet in the index' }
  ])
  expect(deps.asked).toEqual(['9'])
})

test('days are checked by themselves: yesterday first, again while something is missing, seldom when all is well', () => {
  const now = '2026-09-10T09:00:00Z'
  const check = (day: string, hoursAgo: number, over: Partial<DayCheck> = {}): DayCheck => ({
    connection: 'kiln', day, theirs: 5, listed: 5, ours: 5, missing: [], healed: [], extra: [], checkedAt: plus(now, -hoursAgo * 3600), ...over
  })
  expect(nextDay([], '2026-09-05', now)).toBe('2026-09-09')
  expect(nextDay([check('2026-09-09', 1)], '2026-09-05', now)).toBe('2026-09-08')
  const all = daysBetween('2026-09-02', '2026-09-09', 20).map(day => check(day, 3))
  expect(nextDay(all, '2026-01-01', now)).toBeNull()
  expect(nextDay(all.map(one => one.day === '2026-09-04' ? { ...one, missing: ['7'] } : one), '2026-01-01', now)).toBe('2026-09-04')
  expect(nextDay(all.map(one => one.day === '2026-09-04' ? { ...one, listed: 4 } : one), '2026-01-01', now)).toBe('2026-09-04')
  expect(nextDay(all.map(one => check(one.day, 7)), '2026-01-01', now)).toBe('2026-09-09')
  // Right after midnight the helpdesk's index may still lack the day's last tickets.
  expect(nextDay([], '2026-09-05', '2026-09-10T00:10:00Z')).toBe('2026-09-08')
  expect(nextDay([], '2026-09-10', now)).toBeNull()
})

describe('silence', () => {
  const deliver = async (at: Date): Promise<void> => {
    await ensurePartitions(base.db, [at], [])
    await base.db.insertInto('delivery').values({
      connection: 'kiln', received_at: at, identity: null, headers: '{}', body: Buffer.from('{}'), state: 'read', error: null, events: 0
    }).execute()
  }
  const now = (): Instant => new Date().toISOString().slice(0, 19) + 'Z'

  test('tickets change and no webhook comes: said once, asked more often, and over when webhooks come again', async () => {
    const lines: Array<Record<string, unknown>> = []
    const deps = { db: base.db, log: pino({ level: 'info' }, { write (line: string) { lines.push(JSON.parse(line)) } }) }
    await deliver(new Date(Date.now() - 3_600_000))
    expect(await heedSilence(deps, 'kiln', null, now())).toBe(false)
    expect(await heedSilence(deps, 'kiln', plus(now(), -20), now())).toBe(false)            // its webhook may be on its way
    expect(await heedSilence(deps, 'kiln', plus(now(), -3_610), now())).toBe(false)         // older than the last webhook
    expect(await listAlarms(base.db, { onlyOpen: true, most: 9 })).toEqual([])
    expect(await heedSilence(deps, 'kiln', plus(now(), -600), now())).toBe(true)
    expect(await heedSilence(deps, 'kiln', plus(now(), -300), now())).toBe(true)
    expect(lines.map(line => [line.job, line.outcome])).toEqual([['silence', 'raised']])
    expect((await findAlarm(base.db, 'kiln', 'silence'))?.message).toContain('no webhook has come since')
    await deliver(new Date(Date.now() + 2_000))
    expect(await heedSilence(deps, 'kiln', null, now())).toBe(false)
    expect(lines.map(line => line.outcome)).toEqual(['raised', 'over'])
    expect(await listAlarms(base.db, { onlyOpen: false, most: 9 })).toMatchObject([{ kind: 'silence', ending: expect.stringContaining('webhooks come again') }])
  })

  test('where no webhook has ever come, it says that', async () => {
    await sql`update connection set created_at = now() - interval '1 day'`.execute(base.db)
    expect(await heedSilence({ db: base.db, log: silent }, 'kiln', plus(now(), -900), now())).toBe(true)
    expect((await findAlarm(base.db, 'kiln', 'silence'))?.message).toContain('no webhook has ever come')
  })

  test('the duty that asks what has changed hears the silence by itself', async () => {
    await sql`update connection set created_at = now() - interval '1 day'`.execute(base.db)
    const { helpdesk } = scriptDesk({
      async * fetchHistory () { yield { stories: [{ ticketId: '5', events: opened('5', plus(now(), -900)) }], cursor: '1' } }
    })
    const wire = openWire(Date.now)
    const [asking] = listDuties({
      db: base.db, log: silent, queue, helpdesks: new Map([['kiln', helpdesk]]), rules, wire, replay: false, catchUpMinutes: 5,
      wake: () => {}, isStopping: () => false
    })
    await asking?.once()
    wire.close()
    expect(await findAlarm(base.db, 'kiln', 'silence')).not.toBeNull()
  })

  test('only messages count: a rating makes no webhook at some helpdesks', () => {
    const rated: TicketEvent = { connection: 'kiln', ticketId: '1', key: 'r', at: '2026-09-09T00:00:00Z', kind: 'rated', good: true }
    expect(newestMessage([rated])).toBeNull()
    expect(newestMessage([...opened('1'), rated])).toBe(`${DAY}T10:00:00Z`)
  })
})

test('clocks that drift apart are said once, and again when they agree', async () => {
  const deps = { db: base.db, log: silent }
  await heedClock(deps, 'kiln', null)
  await heedClock(deps, 'kiln', 45_000)
  expect(await findAlarm(base.db, 'kiln', 'clock')).toBeNull()
  await heedClock(deps, 'kiln', -90_000)
  await heedClock(deps, 'kiln', -95_000)
  expect((await findAlarm(base.db, 'kiln', 'clock'))?.message).toContain("90 s behind this machine's")
  await heedClock(deps, 'kiln', 40_000)
  expect(await findAlarm(base.db, 'kiln', 'clock')).not.toBeNull()
  await heedClock(deps, 'kiln', 900)
  expect(await findAlarm(base.db, 'kiln', 'clock')).toBeNull()
})

test('the wire counts the calls of a piece of work, those refused, and hears the other side’s clock', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/busy' ? 429 : 200, { date: new Date(Date.now() + 120_000).toUTCString() }).end('{}')
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port ?? 0 : 0}`
  const wire = openWire(Date.now)
  try {
    const get = async (path: string): Promise<void> => { await (await fetch(origin + path)).text() }
    await Promise.all([
      wire.measure('a', async () => { await get('/'); await Promise.all([get('/'), get('/busy')]) }),
      wire.measure('b', () => get('/')), get('/')
    ])
    expect([wire.meter('a').calls, wire.meter('a').refused, wire.meter('b').calls, wire.meter('c').calls]).toEqual([3, 1, 1, 0])
    expect(Math.abs((wire.meter('a').skewMs ?? 0) - 120_000)).toBeLessThan(2_000)
    expect(wire.meter('c').skewMs).toBeNull()
    wire.close()
    await wire.measure('a', () => get('/'))
    expect(wire.meter('a').calls).toBe(3)
  } finally {
    wire.close()
    server.closeAllConnections()
    server.close()
  }
})

test('a state that changed unheard is found when the ticket is read again, the longest unread first', async () => {
  const hour = plus(new Date().toISOString(), -3_600)
  await tell(base.db, rules, ['1', '2', '3'].flatMap(id => opened(id, hour)))
  await sql`update ticket set swept_at = now() - interval '1 day' where ticket_id = '1'`.execute(base.db)
  await sql`update ticket set swept_at = now() - interval '1 hour' where ticket_id = '2'`.execute(base.db)
  const read: string[] = []
  const { helpdesk } = scriptDesk({
    async fetchTicket (id) {
      read.push(id)
      const closed: TicketEvent = { connection: 'kiln', ticketId: id, key: 'solved', at: plus(hour, 60), kind: 'solved' }
      return id === '3' ? [...opened(id, hour), closed] : opened(id, hour)
    }
  })
  const deps = { db: base.db, log: silent, queue, helpdesks: new Map([['kiln', helpdesk]]) }
  expect(await sweepStates(deps, 'kiln', 5)).toEqual({ read: 2, healed: ['3'] })
  expect(read).toEqual(['3', '1'])
  expect(await sweepStates(deps, 'kiln', 5)).toEqual({ read: 0, healed: [] })
})
