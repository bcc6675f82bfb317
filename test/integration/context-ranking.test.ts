// Where customers ask from, in the live house: the same words from another page get another draft, as in the backtest, and
// what was known is still known to whoever folds the thoughts again, after the product's own events are gone.
import { sql } from 'kysely'
import { runBacktest } from '../../src/learn/backtest.ts'
import type { BacktestDraft, Story } from '../../src/learn/backtest.ts'
import { plus } from '../../src/learn/story.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { recordContext } from '../../src/store/context.ts'
import { readStories } from '../../src/store/stories.ts'
import type { Instant, TicketEvent } from '../../src/types.ts'
import { checkMind } from '../../src/work/fold.ts'
import { keepMind } from '../../src/work/mind.ts'
import { thinkOnce } from '../../src/work/think.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, silent, tell, usualRules } from '../support/house.ts'

const rules = usualRules(EAGER)
const ANSWERS: Record<string, string> = {
  '/berths/map': 'Open the map, choose Layers at the top right and press Save as PDF.',
  '/invoices/open': 'Tick the invoices that you need and choose Download as CSV under More.'
}
const PAGES = Object.keys(ANSWERS)
const ASKED = 'Hello, how do I export the whole list please'
const BEGAN = '2026-10-05T08:00:00Z'
const tickets = Array.from({ length: 24 }, (_, n) => ({ n, at: plus(BEGAN, n * 7_200), page: PAGES[n % 2] ?? '' }))
const END = plus(BEGAN, 26 * 7_200)

let base: TestDatabase
beforeEach(async () => {
  base = await openTestDatabase()
  await saveConnection(base.db, 'zendesk', 'zendesk')
})
afterEach(async () => { await base.close() })

function storyOf ({ n, at, page }: typeof tickets[number]): TicketEvent[] {
  const where = { connection: 'zendesk', ticketId: String(100 + n) }
  const person = { id: `guest-${n}` }
  return [
    { ...where, key: 'opened', at, kind: 'opened', subject: 'Export', channel: 'web', person, tags: [] },
    { ...where, key: 'message:1', at, kind: 'asked', messageId: '000001', text: ASKED, person },
    {
      ...where, key: 'message:2', at: plus(at, 1_800), kind: 'answered', messageId: '000002', agentId: `ag-${n % 3}`,
      text: `Hi,\n${ANSWERS[page]}`, by: 'human'
    }
  ]
}

async function visit (n: number, at: Instant, page: string): Promise<void> {
  await recordContext(base.db, [{
    messageId: `v-${n}-${at}`, kind: 'page', userId: `guest-${n}`, anonymousId: null, emailHash: null, name: 'Some page',
    data: { path: page }, at: new Date(at).toISOString()
  }])
}

async function think (now: Instant): Promise<void> {
  const keeper = keepMind(rules)
  while (await thinkOnce({ db: base.db, log: silent, keeper, rules, mode: 'observe', replay: true }, now) > 0);
  await keeper.save(base.db, true)
}

function listed (drafts: BacktestDraft[]): unknown[] {
  return drafts.map(d => [d.where.ticketId, d.questionId, d.draft.text, d.draft.score, d.draft.action]).sort()
}

async function listLive (): Promise<unknown[]> {
  const rows = await base.db.selectFrom('draft').selectAll().execute()
  return rows.map(r => [r.ticket_id, r.question_id, r.text, r.score, r.action]).sort()
}

async function storiesNow (): Promise<Story[]> {
  const refs = tickets.map(({ n }) => ({ connection: 'zendesk', ticketId: String(100 + n) }))
  const stories = await readStories(base.db, refs)
  return refs.map(where => ({ where, events: stories.get(`zendesk/${where.ticketId}`) ?? [] }))
}

test('the same words from another page get another draft, and live is the backtest over the same stories', async () => {
  for (const ticket of tickets) {
    await visit(ticket.n, plus(ticket.at, -120), ticket.page)
    // What he does after the draft is due is not known to it.
    await visit(ticket.n, plus(ticket.at, 1_500), '/somewhere/else')
    await tell(base.db, rules, storyOf(ticket))
    await think(plus(ticket.at, 3_600))
  }
  const stories = await storiesNow()
  expect(stories.every(s => s.events.filter(e => e.kind === 'context').length === 1)).toBe(true)
  const expected = [...runBacktest(stories, rules, END)]
  expect(await listLive()).toEqual(listed(expected))
  const late = expected.filter(d => Number(d.where.ticketId) >= 112)
  expect(late).toHaveLength(12)
  expect(late.map(d => d.draft.text)).toEqual(late.map(d => ANSWERS[tickets[Number(d.where.ticketId) - 100]?.page ?? '']))
})

test('after a month the product’s events are gone, and the mind is still the fold of what was written down', async () => {
  for (const ticket of tickets) {
    await visit(ticket.n, plus(ticket.at, -120), ticket.page)
    await tell(base.db, rules, storyOf(ticket))
  }
  await think(END)
  await sql`delete from context_event`.execute(base.db)
  const check = await checkMind(base.db, rules, () => 0)
  expect(check).toMatchObject({ same: true, thoughts: await countThoughts() })
  // And it is not the same without them: the events of the tickets carry it.
  await sql`delete from event where kind = 'context'`.execute(base.db)
  expect(await checkMind(base.db, rules, () => 0)).toMatchObject({ same: false })
})

test('thinking again writes nothing twice, and where no product tells anything nothing is written', async () => {
  const [first, second] = tickets
  if (first === undefined || second === undefined) throw new Error('no tickets')
  await tell(base.db, rules, storyOf(first))
  await think(plus(first.at, 3_600))
  expect(await countContext()).toBe(0)
  await visit(second.n, plus(second.at, -60), second.page)
  await tell(base.db, rules, storyOf(second))
  await think(plus(second.at, 3_600))
  await think(plus(second.at, 7_200))
  expect(await countContext()).toBe(1)
  const { rows } = await sql<{ waiting: number }>`select count(*)::int as waiting from ticket where rev > done_rev`.execute(base.db)
  expect(rows[0]?.waiting).toBe(0)
})

async function countContext (): Promise<number> {
  return (await sql<{ n: number }>`select count(*)::int as n from event where kind = 'context'`.execute(base.db)).rows[0]?.n ?? -1
}

async function countThoughts (): Promise<number> {
  return (await sql<{ n: number }>`select count(*)::int as n from thought`.execute(base.db)).rows[0]?.n ?? -1
}
