// A topic is held while its anomaly lasts, on a real database: decided once however many look, the same in live and
// backtest, shown with the reason and the anomaly, and let go when it has ended.
import { sql } from 'kysely'
import { runBacktest } from '../../src/learn/backtest.ts'
import type { Story } from '../../src/learn/backtest.ts'
import { beginLife, moveLife } from '../../src/learn/life.ts'
import type { Move } from '../../src/learn/life.ts'
import { plus } from '../../src/learn/story.ts'
import { addAnomaly, moveAnomaly } from '../../src/store/anomalies.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { listHeld } from '../../src/store/learning.ts'
import { listPlaced } from '../../src/store/ledger.ts'
import { findHeldTopic, findTie } from '../../src/store/quarantines.ts'
import { openDecider } from '../../src/work/decide.ts'
import { checkMind } from '../../src/work/fold.ts'
import { keepMind } from '../../src/work/mind.ts'
import type { MindKeeper } from '../../src/work/mind.ts'
import { LONGEST_DAYS, quarantineOnce } from '../../src/work/quarantine.ts'
import { thinkOnce } from '../../src/work/think.ts'
import { layOutLearning } from '../../src/dashboard/learning.ts'
import type { Instant, TicketEvent } from '../../src/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, silent, tell, usualRules } from '../support/house.ts'

const rules = usualRules(EAGER)
const START: Instant = '2026-03-02T08:00:00Z'
const HOUR = 3_600
const LOCK = 'Why does the lock gate stay closed for our barge?'
const USUAL = 'The lock gate opens on the hour; please wait at the green mark beside the jetty.'
const WORKAROUND = 'Call the keeper on channel eleven and he opens the gate for you by hand today.'

let base: TestDatabase
let keeper: MindKeeper
let stories: Story[]

beforeEach(async () => {
  base = await openTestDatabase()
  await saveConnection(base.db, 'quay', 'zendesk')
  keeper = keepMind(rules)
  stories = []
  await run(Array.from({ length: 12 }, (_, n) => story(100 + n, n, USUAL)), 12)
})
afterEach(async () => { await base.close() })

function story (n: number, hour: number, answer: string): Story {
  const where = { connection: 'quay', ticketId: String(n) }
  const at = plus(START, hour * HOUR)
  const person = { id: `p-${n}` }
  const events: TicketEvent[] = [
    { ...where, key: 'o', kind: 'opened', at, subject: '', channel: 'web', person, tags: [] },
    { ...where, key: 'a', kind: 'asked', at, messageId: `m-${n}`, text: LOCK, person },
    { ...where, key: 'r', kind: 'answered', at: plus(at, 900), messageId: `r-${n}`, agentId: `ag-${n % 4}`, text: answer, by: 'human' }
  ]
  return { where, events }
}

// Told and thought about until an hour of the story.
async function run (list: Story[], hour: number): Promise<void> {
  stories.push(...list)
  await tell(base.db, rules, list.flatMap(s => s.events))
  while (await thinkOnce({ db: base.db, log: silent, keeper, rules, mode: 'observe', replay: false }, plus(START, hour * HOUR)) > 0) { /* until nothing is due */ }
}

async function open (hour: number, first = hour): Promise<void> {
  await base.db.transaction().execute(trx => addAnomaly(trx, {
    id: 'an_gate', key: 'spike-1', kind: 'spike', topic: 'lock gate', metric: null, title: 'lock gate: 9 tickets in an hour', p: 1e-6, usual: 1,
    terms: [], at: plus(START, hour * HOUR), tickets: [{ connection: 'quay', ticketId: '1', at: plus(START, first * HOUR), person: 'p' }], topicNumber: 0
  }, beginLife()))
}

async function move (hour: number, what: Move): Promise<void> {
  await base.db.transaction().execute(trx => moveAnomaly(trx, 'an_gate', what, { by: 'Ana', at: plus(START, hour * HOUR) }, moveLife, what.kind === 'filed' ? { issue_id: 'i1', issue_identifier: 'ENG-7', issue_url: 'https://linear.example/ENG-7' } : {}))
}

const look = async (hour: number, by = keeper): Promise<number> =>
  await quarantineOnce({ db: base.db, log: silent, keeper: by }, plus(START, hour * HOUR))
const decisions = async (): Promise<string[]> => (await base.db.selectFrom('learning_decision').select('kind').orderBy('id').execute()).map(r => r.kind)

async function sameAsBacktest (): Promise<void> {
  const rows = await base.db.selectFrom('draft').select(['ticket_id', 'text', 'score', 'action']).execute()
  const live = rows.map(r => JSON.stringify([r.ticket_id, r.text, r.score, r.action])).sort()
  const run = runBacktest(stories, rules, undefined, undefined, [], await listPlaced(base.db))
  const told = [...run].map(({ where, draft: d }) => JSON.stringify([where.ticketId, d.text, d.score, d.action])).sort()
  expect(live).toEqual(told)
  await keeper.save(base.db, true)
  expect(await checkMind(base.db, rules, Date.now)).toMatchObject({ same: true })
}

test('five that look at once, and one after a restart, decide once; what is asked meanwhile is held and shown with its anomaly', async () => {
  await open(12)
  await Promise.all(Array.from({ length: 5 }, () => look(12, keepMind(rules))))
  expect(await look(12, keepMind(rules))).toBe(0)
  expect(await decisions()).toEqual(['quarantine'])
  // Forgotten that it was told, as if the process had died in between: what the mind holds says so.
  await sql`update anomaly set learner_version = null`.execute(base.db)
  await look(12, keepMind(rules))
  expect(await decisions()).toEqual(['quarantine'])
  expect(await findHeldTopic(base.db, 'an_gate')).toBe(0)

  await run(Array.from({ length: 5 }, (_, n) => story(200 + n, 13 + n, WORKAROUND)), 20)
  const held = await listHeld(base.db, 10)
  expect(held).toEqual([expect.objectContaining({ why: 'incident', group: 'i-an_gate', replies: 5 })])
  const page = layOutLearning({ tab: 'quarantine', counts: { review: 0, active: 0, held: 5, reverted: 0 }, items: [], held, caught: [], older: null, now: START })
  expect(page).toContain('<a href="/anomalies/an_gate">lock gate: 9 tickets in an hour')
  expect(page).toContain('action="/learning/held/i-an_gate/release"')
  await sameAsBacktest()
})

test('filed, done and verified: the workaround is tied to the issue and retired, what was held stays out, then the topic teaches', async () => {
  await run(Array.from({ length: 4 }, (_, n) => story(150 + n, 12.1 + n / 10, WORKAROUND)), 13)
  await open(13, 12)
  await look(13)
  await run(Array.from({ length: 3 }, (_, n) => story(200 + n, 13 + n, USUAL)), 17)
  await move(17, { kind: 'file' })
  await move(17, { kind: 'filed' })
  await look(17)
  const item = (await base.db.selectFrom('learning_change').select('item').where('what', '=', 'tie').execute()).map(r => r.item)
  expect(item).toHaveLength(1)
  expect(await findTie(base.db, item[0] ?? '')).toMatchObject({ anomaly: 'an_gate', issue: 'ENG-7' })
  await move(18, { kind: 'done' })
  await look(18)
  await move(19, { kind: 'calm' })
  await look(19)
  expect(await decisions()).toEqual(['quarantine', 'retire', 'release'])
  expect(await base.db.selectFrom('learning_item').select('state').where('id', '=', item[0] ?? '').executeTakeFirst()).toEqual({ state: 'retired' })
  await run(Array.from({ length: 3 }, (_, n) => story(300 + n, 20 + n, USUAL)), 24)
  expect((await listHeld(base.db, 10)).map(h => h.replies)).toEqual([3])
  const drafted = await base.db.selectFrom('draft').select('text').where('asked_at', '>', new Date(plus(START, 19 * HOUR))).execute()
  expect(drafted.map(d => d.text)).not.toContain(WORKAROUND)
  await sameAsBacktest()
})

test('it was noise: what was held teaches after all; begun again it is held again', async () => {
  await open(12)
  await look(12)
  await run(Array.from({ length: 3 }, (_, n) => story(200 + n, 13 + n, USUAL)), 17)
  await move(17, { kind: 'noise', reason: 'a mailing' })
  await look(17)
  expect(await listHeld(base.db, 10)).toEqual([])
  await move(18, { kind: 'undo_noise' })
  await look(18)
  await run([story(300, 18.5, USUAL)], 20)
  expect((await listHeld(base.db, 10)).map(h => h.replies)).toEqual([1])
  expect(await decisions()).toEqual(['quarantine', 'release', 'quarantine'])
  await sameAsBacktest()
})

test('a person lets the topic go early, and nobody holds it again; what does not grow for a fortnight is let go by itself', async () => {
  await open(12)
  await look(12)
  const decider = openDecider({ db: base.db, keeper, rules, now: async () => plus(START, 13 * HOUR), wake: () => {} })
  await decider.topic('0', { action: 'release', by: 'Ana', reason: 'these are ordinary' })
  await move(13, { kind: 'ack' })
  await look(13)
  expect(await decisions()).toEqual(['quarantine', 'release'])
  await move(14, { kind: 'noise', reason: 'a mailing' })
  await look(14)
  await move(15, { kind: 'undo_noise' })
  await look(15)
  expect(await decisions()).toEqual(['quarantine', 'release', 'release', 'quarantine'])
  expect(await look(15 + LONGEST_DAYS * 24)).toBe(1)
  expect(await look(16 + LONGEST_DAYS * 24)).toBe(0)
  expect((await decisions()).at(-1)).toBe('release')
  await sameAsBacktest()
})

test('a drift, and what has no topic of its own, hold nothing', async () => {
  for (const [id, kind, topicNumber] of [['an_drift', 'drift', 0], ['an_all', 'spike', null]] as const) {
    await base.db.transaction().execute(trx => addAnomaly(trx, {
      id, key: id, kind, topic: 't', metric: null, title: 't', p: 0.01, usual: 0, terms: [], at: START, tickets: [], topicNumber
    }, beginLife()))
  }
  expect(await look(1)).toBe(0)
  expect(await decisions()).toEqual([])
})
