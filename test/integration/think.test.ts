// The thinking of the live house, on a real database: whatever the order in which events arrived, whoever thinks, and
// whatever failed on the way, the drafts are those of the backtest over the same stories.
import { sql } from 'kysely'
import { runBacktest } from '../../src/learn/backtest.ts'
import type { BacktestDraft, Story } from '../../src/learn/backtest.ts'
import type { Mind } from '../../src/learn/mind.ts'
import { plus } from '../../src/learn/story.ts'
import { saveConnection } from '../../src/store/connections.ts'
import type { Instant, TicketEvent } from '../../src/types.ts'
import { keepMind } from '../../src/work/mind.ts'
import type { MindKeeper } from '../../src/work/mind.ts'
import { thinkOnce } from '../../src/work/think.ts'
import type { ThinkDeps } from '../../src/work/think.ts'
import { makeDemoArchive } from '../../scripts/demo/demo-archive.ts'
import { shareOut, storiesOf } from '../../scripts/share-out.ts'
import { makeRandom } from '../sandbox/random.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, silent, tell, usualRules } from '../support/house.ts'

const rules = usualRules(EAGER)
const stories = storiesOf(shareOut(makeDemoArchive(3).slice(0, 90))).map(goesOn)
const events = stories.flatMap(story => story.events)
const end = events.reduce((last, e) => e.at > last ? e.at : last, '')
const { drafts: expected, mind: expectedMind } = backtested()

let base: TestDatabase

test('the corpus asks for enough: notes and silence, several turns, several languages', () => {
  expect(expected.length).toBeGreaterThan(90)
  expect(expected.filter(d => d.draft.action === 'note').length).toBeGreaterThan(10)
  expect(new Set(expected.map(d => d.draft.language)).size).toBeGreaterThan(1)
  expect(expected.some(d => d.questionId !== '000000')).toBe(true)
  expect(expected.filter(d => d.questionId !== d.turnId).length).toBeGreaterThan(10)
  expect(events.filter(e => e.kind === 'flagged').length).toBeGreaterThan(10)
})

describe('a database of its own', () => {
  beforeEach(async () => { await openBase() })
  afterEach(async () => { await base.close() })

  test('events that arrive in any order, in any batches, before two who think at once, give the drafts of the backtest', async () => {
    for (const batch of batchesOf(shuffled(events, 7), 7)) await tell(base.db, rules, batch)
    const both = [keepMind(rules), keepMind(rules)]
    await Promise.all(both.map(keeper => thinkThrough(thinker(keeper), end)))
    expect(await listLive()).toEqual(listed(expected))
    for (const keeper of both) expect(plain(await mindOf(keeper))).toEqual(plain(expectedMind))
  })

  test('two thinkers who take turns while the weeks go by are one mind, which survives being forgotten', async () => {
    const pair = [keepMind(rules), keepMind(rules)]
    const instants = Array.from({ length: 24 }, (_, i) => momentOf((i + 1) / 24))
    let from = ''
    for (const [i, now] of instants.entries()) {
      const fresh = events.filter(e => e.at > from && e.at <= now)
      for (const batch of batchesOf(shuffled(fresh, i + 1), i + 1)) await tell(base.db, rules, batch)
      const keeper = pair[i % 2] ?? keepMind(rules)
      await thinkThrough(thinker(keeper), now)
      if (i === 8) await keeper.save(base.db, true)
      // Read again from the snapshot of then and the thoughts since; or by somebody who was not there at all.
      if (i === 12) keeper.forget()
      if (i === 15) pair[0] = keepMind(rules)
      from = now
    }
    expect(await listLive()).toEqual(listed(expected))
    const { rows } = await sql<{ seq: string }>`select seq from mind`.execute(base.db)
    expect(Number(rows[0]?.seq)).toBeGreaterThan(10)
    // The one who thought last knows all; one who was not asked since then is told before he thinks again.
    for (const keeper of [...pair, keepMind(rules)]) expect(plain(await mindOf(keeper))).toEqual(plain(expectedMind))
  })

  test('when the writing fails midway nothing is half-written, and the next try gives the same', async () => {
    await tell(base.db, rules, events)
    const keeper = keepMind(rules)
    await thinkThrough(thinker(keeper), momentOf(0.4))
    const before = await countAll()
    const mindBefore = plain(keeper.glance())
    // Somebody else's row stands where a later draft must go.
    const later = expected.filter(d => d.at > momentOf(0.4)).sort((a, b) => a.at < b.at ? -1 : 1)[12]
    if (later === undefined) throw new Error('the corpus has too few questions')
    const { connection, ticketId } = later.where
    await sql`insert into draft (connection, ticket_id, question_id, key, asked_at, basis, language, text, topic, score, threshold, action, reason, sources)
      values (${connection}, ${ticketId}, ${later.questionId}, 'in the way', now(), '', '', '', '', 0, 0, 'silent', '', '[]')`.execute(base.db)
    await expect(thinkThrough(thinker(keeper), end)).rejects.toThrow('duplicate key')
    await sql`delete from draft where key = 'in the way'`.execute(base.db)
    expect(await countAll()).toEqual(before)
    expect(plain(await mindOf(keeper))).toEqual(mindBefore)
    await thinkThrough(thinker(keeper), end)
    expect(await listLive()).toEqual(listed(expected))
    expect(plain(keeper.glance())).toEqual(plain(expectedMind))
  })

  test('nothing that was decided in a replay is decided before every delivery has been looked at', async () => {
    await tell(base.db, rules, events)
    await sql`update ticket set rev = rev + 1 where ctid = (select ctid from ticket limit 1)`.execute(base.db)
    const keeper = keepMind(rules)
    expect(await thinkOnce({ ...thinker(keeper), replay: true }, end)).toBe(0)
    expect(await thinkOnce({ ...thinker(keeper), replay: false }, end)).toBeGreaterThan(0)
  })
})

describe('a draft that is sure enough becomes one note, unless', () => {
  const at = plus(end, 86_400)
  let keeper: MindKeeper
  let made = 0
  beforeAll(async () => {
    await openBase()
    await tell(base.db, rules, events)
    keeper = keepMind(rules)
    await thinkThrough({ ...thinker(keeper), mode: 'observe' }, end)
  })
  afterAll(async () => { await base.close() })

  test('the house only observes: then every draft is made, and nothing is to be written outside', async () => {
    expect(await listLive()).toEqual(listed(expected))
    expect(await countAll()).toMatchObject({ effect: 0 })
  })

  test('no reason: then exactly one, however often it is thought about', async () => {
    const ticket = open()
    await tell(base.db, rules, ticket.asks(0))
    await thinkThrough(thinker(keeper), plus(at, 14))
    expect(await effectsOf(ticket.id)).toEqual([])  // the customer may still be typing
    await thinkThrough(thinker(keeper), plus(at, 15))
    await thinkThrough(thinker(keepMind(rules)), plus(at, 3600))
    expect(await effectsOf(ticket.id)).toEqual([['pending', null]])
  })

  test('a note of this turn is there: an earlier message of it came late', async () => {
    const ticket = open()
    const [opened, first] = ticket.asks(0)
    await tell(base.db, rules, [opened, ...ticket.writes(20)].flatMap(e => e ?? []))
    await thinkThrough(thinker(keeper), plus(at, 60))
    expect(await effectsOf(ticket.id)).toEqual([['pending', null]])
    await tell(base.db, rules, first === undefined ? [] : [first])
    await thinkThrough(thinker(keeper), plus(at, 120))
    expect(await effectsOf(ticket.id)).toEqual([['pending', null], ['skipped', 'a note of this turn already stands in the ticket']])
    // A note that was left out stands nowhere, so it is in nobody's way.
    await sql`update effect set state = 'skipped' where ticket_id = ${ticket.id}`.execute(base.db)
    await tell(base.db, rules, ticket.writes(-30))
    await thinkThrough(thinker(keeper), plus(at, 180))
    expect((await effectsOf(ticket.id)).map(([state]) => state)).toEqual(['skipped', 'skipped', 'pending'])
    // Who reads it all again later meets each thought with the story as it then was.
    expect(plain(await mindOf(keepMind(rules)))).toEqual(plain(await mindOf(keeper)))
  })

  const reasons: Array<[why: string, happens: (ticket: ReturnType<typeof open>) => TicketEvent[]]> = [
    ['answered before the draft was ready', t => t.answers(40)],
    ['the ticket is closed', t => t.has({ kind: 'solved' }, 40)],
    ['the ticket is closed', t => t.has({ kind: 'spam' }, 40)],
    ['the ticket is closed', t => t.has({ kind: 'merged', into: '1' }, 40)]
  ]
  test.each(reasons)('%s (%#)', async (why, happens) => {
    const ticket = open()
    await tell(base.db, rules, [...ticket.asks(0), ...happens(ticket)])
    await thinkThrough(thinker(keeper), plus(at, 60))
    expect(await effectsOf(ticket.id)).toEqual([['skipped', why]])
  })

  test('a person asked for no drafts on this ticket', async () => {
    const ticket = open()
    await tell(base.db, rules, ticket.asks(0))
    await base.db.updateTable('ticket').set({ quiet: true }).where('ticket_id', '=', ticket.id).execute()
    await thinkThrough(thinker(keeper), plus(at, 60))
    expect(await effectsOf(ticket.id)).toEqual([['skipped', 'a person asked for no drafts on this ticket']])
  })

  test('the ticket was given enough notes within the hour', async () => {
    const ticket = open()
    await tell(base.db, rules, ticket.asks(0))
    for (const minute of [0, 10, 20, 30, 59, 71]) {
      if (minute > 0) await tell(base.db, rules, ticket.writes(minute * 60))
      await thinkThrough(thinker(keeper), plus(at, minute * 60 + 120))
      await tell(base.db, rules, ticket.answers(minute * 60 + 180))
    }
    const enough = ['skipped', 'this ticket was given enough notes within an hour']
    const note = ['pending', null]
    expect(await effectsOf(ticket.id)).toEqual([note, note, note, enough, enough, note])
  })

  /** A ticket of the kind that the first topic of the corpus is about. */
  function open (): {
    id: string
    asks: (s: number) => TicketEvent[]
    writes: (s: number) => TicketEvent[]
    answers: (s: number) => TicketEvent[]
    has: (fact: { kind: 'solved' } | { kind: 'spam' } | { kind: 'merged', into: string }, s: number) => TicketEvent[]
  } {
    const id = String(5000 + ++made)
    const where = { connection: 'zendesk', ticketId: id }
    const like = expected.find(d => d.draft.action === 'note' && d.draft.text !== '' && d.questionId === '000000')
    const told = stories.find(s => s.where.ticketId === like?.where.ticketId)?.events ?? []
    const question = told.find(e => e.kind === 'asked')
    const text = question?.kind === 'asked' ? question.text : ''
    const person = { id: 'p-1' }
    const messageIdOf = (s: number): string => `m${String(s + 1000).padStart(6, '0')}`
    const writes = (s: number): TicketEvent[] => {
      const messageId = messageIdOf(s)
      return [{ ...where, key: `message:${messageId}`, at: plus(at, s), kind: 'asked', messageId, text, person }]
    }
    return {
      id,
      writes,
      asks: s => [{ ...where, key: 'opened', at: plus(at, s), kind: 'opened', subject: 'Again', channel: 'web', person, tags: [] }, ...writes(s)],
      answers: s => [{ ...where, key: `message:${messageIdOf(s)}`, at: plus(at, s), kind: 'answered', messageId: messageIdOf(s), agentId: 'a-1', text: 'It is done, please look again.', by: 'human' }],
      has: (fact, s) => [{ ...where, key: `${fact.kind}:${s}`, at: plus(at, s), ...fact }]
    }
  }
})

// Every third customer writes on when the draft is due already, and every fifth draft is said to be wrong.
function goesOn ({ where, events }: Story, i: number): Story {
  const asked = events.find(e => e.kind === 'asked')
  if (asked?.kind !== 'asked') return { where, events }
  const more: TicketEvent[] = []
  if (i % 3 === 0) more.push({ ...asked, key: 'on', messageId: 'on', at: plus(asked.at, 90), text: 'It is about the invoice of our second branch.' })
  if (i % 5 === 0) {
    const at = plus(asked.at, 120)
    more.push({ ...where, key: 'flagged:1', at, kind: 'flagged', questionId: asked.messageId, reason: 'outdated' })
  }
  return { where, events: [...events, ...more] }
}

async function openBase (): Promise<void> {
  base = await openTestDatabase()
  for (const name of ['zendesk', 'intercom', 'freshdesk']) await saveConnection(base.db, name, name)
}

function thinker (keeper: MindKeeper): ThinkDeps {
  return { db: base.db, log: silent, keeper, rules, mode: 'draft', replay: false }
}

async function thinkThrough (deps: ThinkDeps, now: Instant): Promise<void> {
  while (await thinkOnce(deps, now) > 0) { /* until nothing is due */ }
}

async function mindOf (keeper: MindKeeper): Promise<Mind> {
  return await base.db.transaction().execute(trx => keeper.current(trx))
}

function backtested (): { drafts: BacktestDraft[], mind: Mind } {
  const run = runBacktest(stories, rules, end)
  const drafts: BacktestDraft[] = []
  for (;;) {
    const { done, value } = run.next()
    if (done === true) return { drafts, mind: value }
    drafts.push(value)
  }
}

type Line = [
  where: string, at: Instant, text: string, topic: string, action: string, score: number, outcome: string | null,
  similarity: number | null
]

function listed (drafts: BacktestDraft[]): Line[] {
  return drafts.map((d): Line => [
    `${d.where.connection}/${d.where.ticketId}/${d.questionId}`, d.at, d.draft.text, d.draft.topic, d.draft.action,
    d.draft.score, d.outcome, d.similarity
  ]).sort((a, b) => a[0] < b[0] ? -1 : 1)
}

async function listLive (): Promise<Line[]> {
  const rows = await base.db.selectFrom('draft').selectAll().execute()
  return rows.map((r): Line => [
    `${r.connection}/${r.ticket_id}/${r.question_id}`, r.asked_at.toISOString().replace('.000', ''), r.text, r.topic,
    r.action, r.score, r.outcome, r.similarity
  ]).sort((a, b) => a[0] < b[0] ? -1 : 1)
}

async function countAll (): Promise<Record<string, number>> {
  const { rows } = await sql<Record<string, number>>`select (select count(*)::int from draft) as draft,
    (select count(*)::int from thought) as thought, (select count(*)::int from signal) as signal,
    (select count(*)::int from effect) as effect, (select count(*)::int from draft where outcome is not null) as heard,
    (select count(*)::int from ticket where due_at is not null) as due`.execute(base.db)
  return rows[0] ?? {}
}

async function effectsOf (ticketId: string): Promise<Array<[string, string | null]>> {
  const { rows } = await sql<{ state: string, reason: string | null }>`select e.state, e.reason from effect e
    join thought t on t.ticket_id = e.ticket_id and t.step = 'ask:' || e.cause
    where e.ticket_id = ${ticketId} order by t.seq`.execute(base.db)
  return rows.map(row => [row.state, row.reason])
}

/** The instant at which this share of all events has happened. */
function momentOf (share: number): Instant {
  const instants = events.map(e => e.at).sort()
  return instants[Math.max(0, Math.ceil(instants.length * share) - 1)] ?? end
}

function shuffled<T> (list: T[], seed: number): T[] {
  const random = makeRandom(seed)
  return list.map(value => ({ value, place: random() })).sort((a, b) => a.place - b.place).map(({ value }) => value)
}

function batchesOf<T> (list: T[], seed: number): T[][] {
  const random = makeRandom(seed)
  const batches: T[][] = []
  for (let from = 0; from < list.length;) {
    const size = 1 + Math.floor(random() * 60)
    batches.push(list.slice(from, from + size))
    from += size
  }
  return batches
}

function plain (mind: Mind | null): unknown {
  return JSON.parse(JSON.stringify(mind))
}
