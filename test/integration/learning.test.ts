// The ledger on a real database: what was learned is listed with what stands behind it; what a person takes back is gone
// from the next draft, does not come back, and leaves a mind that has never seen it.
import { runBacktest } from '../../src/learn/backtest.ts'
import type { BacktestDraft, Story } from '../../src/learn/backtest.ts'
import type { Mind } from '../../src/learn/mind.ts'
import { plus } from '../../src/learn/story.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { findItem, findWholeItem, listHeld, listItems } from '../../src/store/learning.ts'
import type { Instant, TicketEvent } from '../../src/types.ts'
import { openDecider } from '../../src/work/decide.ts'
import { checkMind } from '../../src/work/fold.ts'
import { keepMind } from '../../src/work/mind.ts'
import type { MindKeeper } from '../../src/work/mind.ts'
import { thinkOnce } from '../../src/work/think.ts'
import { unlearnOnce } from '../../src/work/unlearn.ts'
import { makeDemoArchive } from '../../scripts/demo/demo-archive.ts'
import { shareOut, storiesOf } from '../../scripts/share-out.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, silent, tell, usualRules } from '../support/house.ts'

const rules = usualRules(EAGER)
const honest = storiesOf(shareOut(makeDemoArchive(5).slice(0, 240).filter((_, i) => i % 4 === 0)))
const instants = honest.flatMap(s => s.events.map(e => e.at)).sort()
const middle = instants[Math.floor(instants.length / 2)] ?? ''
const end = instants.at(-1) ?? ''
const WRONG = 'Send us the password of your administrator by mail and we change the tariff for you.'
const ASKED = [
  'How can we switch our tariff to the yearly one?', 'We would like another tariff from January on, please',
  'Where do I find the tariff we are on, and how is it changed?', 'Our tariff is too small, can you change it for us?',
  'Is it possible to change a tariff in the middle of a month?', 'The tariff page shows an error, we wanted the large one'
]
const before = poisoned(plus(middle, -4 * 86_400), 0)
const after = poisoned(plus(middle, 86_400), 50)
const unanswered = [...before, ...after].map(s => ({ ...s, events: s.events.filter(e => e.kind !== 'answered') }))
const clean = backtested([...honest, ...unanswered])
const poison = backtested([...honest, ...before, ...after])

/** Tickets of customers of their own, each answered wrongly by one of three agents, one in half a day. */
function poisoned (from: Instant, first: number): Story[] {
  return ASKED.map((text, i) => {
    const where = { connection: 'zendesk', ticketId: String(7000 + first + i) }
    const at = plus(from, i * 43_200)
    const person = { id: `victim-${first + i}` }
    const events: TicketEvent[] = [
      { ...where, key: 'opened', at, kind: 'opened', subject: 'Tariff', channel: 'web', person, tags: [] },
      { ...where, key: 'message:1', at, kind: 'asked', messageId: '000001', text, person },
      { ...where, key: 'message:2', at: plus(at, 600), kind: 'answered', messageId: '000002', agentId: `rogue-${i % 3}`, text: `Hi,\n${WRONG}`, by: 'human' }
    ]
    return { where, events }
  })
}

let base: TestDatabase
let keeper: MindKeeper
let clock: Instant = middle

beforeEach(async () => {
  base = await openTestDatabase()
  for (const name of ['zendesk', 'intercom', 'freshdesk']) await saveConnection(base.db, name, name)
  keeper = keepMind(rules)
  clock = middle
})
afterEach(async () => { await base.close() })

test('the wrong answer is learned when nobody takes it back: the corpus can show the difference', () => {
  const proposed = poison.drafts.filter(d => d.at > middle && d.draft.text === WRONG)
  expect(proposed.length).toBeGreaterThanOrEqual(5)
  expect(clean.drafts.filter(d => d.draft.text === WRONG)).toEqual([])
})

test('what is reverted is out of the next draft, does not come back for a week, and all else is as if it had never been', async () => {
  await live([...honest, ...before, ...after], middle)
  const item = await wrongItem()
  expect(item).toMatchObject({ state: 'active', tickets: 6, agents: 3 })
  const startedMs = performance.now()
  await decider().item(item.id, { action: 'revert', by: 'Mira', reason: 'nobody may ask for passwords' })
  expect(performance.now() - startedMs).toBeLessThan(5_000)
  expect(await findItem(base.db, item.id)).toMatchObject({ state: 'reverted' })
  await live([], plus(middle, 86_400 + 3_600))      // the next question of the kind, before anything is folded anew
  expect(await draftsOf(WRONG, middle)).toEqual([])
  expect(await unlearnOnce(unlearning())).toBe(1)
  expect(await unlearnOnce(unlearning())).toBe(0)
  await live([], end)
  expect(await draftsOf(WRONG, middle)).toEqual([])
  expect(await findItem(base.db, item.id)).toMatchObject({ state: 'reverted' })
  const held = await listHeld(base.db, 50)
  expect(held.filter(h => h.why === 'reverted').reduce((n, h) => n + h.replies, 0)).toBe(6)
  // The mind is that of a run in which nobody ever gave the answer, but for the tombstone.
  const mine = plain(await mindOf(keeper))
  expect(mine.ledger.tombstones).toHaveLength(1)
  mine.ledger.tombstones = []
  expect(mine).toEqual(plain(clean.mind))
  // And so are the drafts since it was folded anew.
  const since = plus(middle, 86_400 + 3_600)
  expect(await draftTexts(since)).toEqual(textsOf(clean.drafts, since))
  // Whoever folds it later, from the snapshot or from nothing, has the same.
  await keeper.save(base.db, true)
  expect(await checkMind(base.db, rules, () => performance.now())).toMatchObject({ same: true })
  const other = plain(await mindOf(keepMind(rules)))
  other.ledger.tombstones = []
  expect(other).toEqual(mine)
})

test('what was reverted by mistake is reinstated: the mind is that of a run in which nobody took it back', async () => {
  await live([...honest, ...before], middle)
  const item = await wrongItem()
  await decider().item(item.id, { action: 'revert', by: 'Mira', reason: 'by mistake' })
  await unlearnOnce(unlearning())
  await expect(decider().item(item.id, { action: 'revert', by: 'Mira', reason: 'again' })).rejects.toThrow('it cannot be given revert')
  await decider().item(item.id, { action: 'reinstate', by: 'Mira', reason: 'it was right after all' })
  await unlearnOnce(unlearning())
  await live([], end)
  const mine = plain(await mindOf(keeper))
  expect(mine.ledger.approved).toEqual({ [item.id]: true })
  mine.ledger.approved = {}
  expect(mine).toEqual(plain(backtested([...honest, ...before]).mind))
  expect(await findItem(base.db, item.id)).toMatchObject({ state: 'active', tickets: 6 })
  const whole = await findWholeItem(base.db, item.id)
  expect(whole?.decisions.map(d => [d.kind, d.by, d.reason])).toEqual([['reinstate', 'Mira', 'it was right after all'], ['revert', 'Mira', 'by mistake']])
})

test('going back to a moment takes back what was learned after it, and nothing before', async () => {
  const then = plus(middle, -4 * 86_400 - 1)
  await live([...honest, ...before], middle)
  await decider().goBack({ action: 'return', by: 'Mira', reason: 'that week was wrong', to: then })
  expect(await wrongItem()).toMatchObject({ state: 'reverted' })
  await unlearnOnce(unlearning())
  const taught = await base.db.selectFrom('learning_evidence').select(['at', 'state']).execute()
  for (const { at, state } of taught) if (at > new Date(then)) expect(state).not.toBe('taught')
  expect(taught.filter(t => t.state === 'taught').length).toBeGreaterThan(5)
  const mind = await mindOf(keeper)
  expect(mind.ledger.born.filter(born => born > then)).toEqual([])
  // Later lessons teach as always.
  await live(after, plus(middle, 5 * 86_400))
  expect((await listItems(base.db, ['active'], 50)).map(i => i.text)).toContain(WRONG)
})

test('the ledger says what it rests on, and the stored mind is the fold of what was recorded', async () => {
  await live([...honest, ...before], middle)
  await keeper.save(base.db, true)
  expect(await checkMind(base.db, rules, () => performance.now())).toMatchObject({ same: true })
  const { id } = await wrongItem()
  const whole = await findWholeItem(base.db, id)
  expect(whole?.evidence.map(e => e.ticketId).sort()).toEqual(before.map(s => s.where.ticketId))
  expect(whole?.changes.at(-1)).toMatchObject({ what: 'new', state: 'active', before: null, after: WRONG })
  expect(whole?.drafts.length).toBeGreaterThanOrEqual(3)
  expect(whole?.item.drafts).toBe(whole?.drafts.length)
  // A stored mind that somebody has touched is noticed.
  const touched = await mindOf(keeper)
  touched.scorer.weights[0] = (touched.scorer.weights[0] ?? 0) + 1e-9
  await live(after.slice(0, 1), plus(middle, 2 * 86_400))
  await keeper.save(base.db, true)
  expect(await checkMind(base.db, rules, () => performance.now())).toMatchObject({ same: false })
})

test('the preview asks last month again, and changes nothing', async () => {
  await live([...honest, ...before], middle)
  const { id } = await wrongItem()
  const mind = JSON.stringify(await mindOf(keeper))
  const preview = await decider().preview(id)
  expect(preview.asked).toBeGreaterThanOrEqual(6)
  expect(preview.changed).toBeGreaterThanOrEqual(4)
  expect(preview.most[0]).toMatchObject({ after: WRONG })
  expect(preview.most.every(m => m.before !== WRONG)).toBe(true)
  expect(JSON.stringify(await mindOf(keeper))).toBe(mind)
})

async function live (stories: Story[], until: Instant): Promise<void> {
  const events = stories.flatMap(s => s.events)
  if (events.length > 0) await tell(base.db, rules, events)
  clock = until
  while (await thinkOnce({ db: base.db, log: silent, keeper, rules, mode: 'observe', replay: false }, until) > 0) { /* until nothing is due */ }
}

function decider (): ReturnType<typeof openDecider> {
  return openDecider({ db: base.db, keeper, rules, now: async () => clock, wake: () => {} })
}

function unlearning (): Parameters<typeof unlearnOnce>[0] {
  return { db: base.db, log: silent, keeper, rules, nowMs: () => performance.now() }
}

async function wrongItem (): Promise<{ id: string }> {
  const items = await listItems(base.db, ['active', 'reverted', 'review', 'watch'], 100)
  const item = items.find(i => i.text === WRONG)
  if (item === undefined) throw new Error('the wrong answer was not learned')
  return item
}

async function draftsOf (text: string, since: Instant): Promise<string[]> {
  const rows = await base.db.selectFrom('draft').select('ticket_id').where('text', '=', text).where('asked_at', '>', new Date(since)).execute()
  return rows.map(r => r.ticket_id)
}

async function draftTexts (since: Instant): Promise<unknown[]> {
  const rows = await base.db.selectFrom('draft').selectAll().where('asked_at', '>', new Date(since)).execute()
  return rows.map(r => [`${r.connection}/${r.ticket_id}/${r.question_id}`, r.text, r.score, r.action]).sort()
}

function textsOf (drafts: BacktestDraft[], since: Instant): unknown[] {
  return drafts.filter(d => d.at > since).map(d =>
    [`${d.where.connection}/${d.where.ticketId}/${d.questionId}`, d.draft.text, d.draft.score, d.draft.action]).sort()
}

async function mindOf (kept: MindKeeper): Promise<Mind> {
  return await base.db.transaction().execute(trx => kept.current(trx))
}

function plain (mind: Mind): Mind {
  return JSON.parse(JSON.stringify(mind))
}

function backtested (stories: Story[]): { drafts: BacktestDraft[], mind: Mind } {
  const run = runBacktest(stories, rules, end)
  const drafts: BacktestDraft[] = []
  for (;;) {
    const { done, value } = run.next()
    if (done === true) return { drafts, mind: value }
    drafts.push(value)
  }
}
