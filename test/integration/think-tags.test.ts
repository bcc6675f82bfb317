// Topics that tags name, in the live house on a real database: whatever the order in which tags were told, and however often
// the mind is read again, drafts have the topics of the backtest, and the stored mind is the fold of the recorded thoughts.
import { makeDemoArchive } from '../../scripts/demo/demo-archive.ts'
import { shareOut, storiesOf } from '../../scripts/share-out.ts'
import { runBacktest } from '../../src/learn/backtest.ts'
import type { BacktestDraft } from '../../src/learn/backtest.ts'
import type { Mind } from '../../src/learn/mind.ts'
import { plus } from '../../src/learn/story.ts'
import { saveConnection } from '../../src/store/connections.ts'
import type { Instant, TicketEvent } from '../../src/types.ts'
import { checkMind, digestOf } from '../../src/work/fold.ts'
import { keepMind } from '../../src/work/mind.ts'
import type { MindKeeper } from '../../src/work/mind.ts'
import { thinkOnce } from '../../src/work/think.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, silent, tell, usualRules } from '../support/house.ts'

const rules = usualRules({ ...EAGER, topics: { tags: ['topic_*'], sure: 0.6 } })
const tickets = makeDemoArchive(5).filter(t => t.topic_label !== 'spam').slice(0, 90)
const stories = storiesOf(shareOut(tickets.map(t => ({ ...t, tags: [`topic_${t.topic_label}`] }))))
  .map(({ where, events }, i) => ({ where, events: events.flatMap(e => i % 6 === 0 ? corrected(e) : [e]) }))
const events = stories.flatMap(s => s.events)
const end = plus(events.reduce((last, e) => e.at > last ? e.at : last, ''), 3_600)

// The tag was another one for an hour.
function corrected (event: TicketEvent): TicketEvent[] {
  if (event.kind !== 'tagged') return [event]
  const wrong: TicketEvent = { ...event, key: 'tagged:wrong', added: ['topic_elsewhere'] }
  return [wrong, { ...event, at: plus(event.at, 3_600), removed: ['topic_elsewhere'] }]
}

let base: TestDatabase

beforeAll(async () => {
  base = await openTestDatabase()
  for (const name of new Set(stories.map(s => s.where.connection))) await saveConnection(base.db, name, name)
})
afterAll(async () => { await base.close() })

async function think (keeper: MindKeeper, now: Instant): Promise<void> {
  const deps = { db: base.db, log: silent, keeper, rules, mode: 'observe' as const, replay: false }
  while (await thinkOnce(deps, now) > 0) { /* until nothing is due */ }
}

function backtested (): { drafts: BacktestDraft[], mind: Mind } {
  const drafts: BacktestDraft[] = []
  const telling = runBacktest(stories, rules, end)
  for (;;) {
    const next = telling.next()
    if (next.done === true) return { drafts, mind: next.value }
    drafts.push(next.value)
  }
}

test('live is the backtest, through snapshots and tags that were put right', async () => {
  const expected = backtested()
  const dates = events.map(e => e.at).sort()
  let from = ''
  for (const part of [0.4, 0.7, 1]) {
    const now = part === 1 ? end : dates[Math.floor(part * dates.length)] ?? end
    // Newest first: the order of arrival plays no part
    await tell(base.db, rules, events.filter(e => e.at > from && e.at <= now).reverse())
    const keeper = keepMind(rules)                  // each time somebody who was not there
    await think(keeper, now)
    await keeper.save(base.db, true)
    from = now
  }
  const mind = await base.db.transaction().execute(async trx => await keepMind(rules).current(trx))
  expect(mind.tagged).toEqual(expected.mind.tagged)
  expect(mind.tagged.list.map(t => t.label)).not.toContain('elsewhere')
  expect(digestOf(mind)).toBe(digestOf(expected.mind))
  expect(await checkMind(base.db, rules, () => performance.now())).toMatchObject({ same: true })
  const drafts = await base.db.selectFrom('draft').select(['connection', 'ticket_id', 'question_id', 'topic']).execute()
  const topics = new Map(drafts.map(d => [`${d.connection}/${d.ticket_id}/${d.question_id}`, d.topic]))
  for (const { where, questionId, draft } of expected.drafts) {
    expect(topics.get(`${where.connection}/${where.ticketId}/${questionId}`)).toBe(draft.topic)
  }
  const labels = new Set(Object.keys(mind.tagged.topics).map(l => l.replaceAll(/[_-]/g, ' ')))
  expect(drafts.filter(d => labels.has(d.topic)).length).toBeGreaterThan(0)
}, 240_000)
