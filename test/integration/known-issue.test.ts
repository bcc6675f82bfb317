// While an issue is open, a new question of its topic gets a note that says so in place of a draft: once a turn, private,
// with a holding reply in the customer's language, and not where a draft would not be written either.
import { beginLife, moveLife } from '../../src/learn/life.ts'
import type { Move } from '../../src/learn/life.ts'
import { plus } from '../../src/learn/story.ts'
import { addAnomaly, moveAnomaly } from '../../src/store/anomalies.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { decideIn } from '../../src/work/decide.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { makeKnownIssuePerformer } from '../../src/work/known-issue.ts'
import { keepMind } from '../../src/work/mind.ts'
import type { MindKeeper } from '../../src/work/mind.ts'
import { makeNotePerformer } from '../../src/work/note-performer.ts'
import { quarantineOnce } from '../../src/work/quarantine.ts'
import { lockMind } from '../../src/store/thoughts.ts'
import { thinkOnce } from '../../src/work/think.ts'
import type { Instant, TicketEvent } from '../../src/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, scriptDesk, silent, tell, usualRules } from '../support/house.ts'
import type { ScriptedDesk } from '../support/house.ts'

const rules = usualRules(EAGER)
const START: Instant = '2026-03-02T08:00:00Z'
const HOUR = 3_600
const LOCK = 'Why does the lock gate stay closed for our barge?'
const USUAL = 'The lock gate opens on the hour; please wait at the green mark beside the jetty.'
const WORKAROUND = 'Call the keeper on channel eleven and he opens the gate for you by hand today.'
const TITLE = 'lock gate: 9 tickets in an hour'

let base: TestDatabase
let keeper: MindKeeper
let quay: ScriptedDesk

beforeEach(async () => {
  base = await openTestDatabase()
  await saveConnection(base.db, 'quay', 'zendesk')
  keeper = keepMind(rules)
  quay = scriptDesk()
  const facts = Array.from({ length: 84 }, (_, n) => {
    return [...asks(100 + n, n * 1.7 - 140), answers(100 + n, n * 1.7 - 139.9, USUAL)]
  })
  await tell(base.db, rules, facts.flat())
  await think(10)
  await sendAll()
  quay.notes.splice(0)
})
afterEach(async () => { await base.close() })

function asks (n: number, hour: number, text = LOCK, tags: string[] = []): TicketEvent[] {
  const common = { connection: 'quay', ticketId: String(n), at: plus(START, hour * HOUR) }
  const person = { id: `p-${n}` }
  return [
    { ...common, key: 'o', kind: 'opened', subject: '', channel: 'web', person, tags },
    { ...common, key: 'a', kind: 'asked', messageId: `m-${n}`, text, person }
  ]
}

function answers (n: number, hour: number, text: string): TicketEvent {
  return {
    connection: 'quay', ticketId: String(n), at: plus(START, hour * HOUR), key: 'r', kind: 'answered', messageId: `r-${n}`,
    agentId: `ag-${n % 4}`, text, by: 'human'
  }
}

async function think (hour: number, different: Partial<typeof rules> = {}): Promise<void> {
  const deps = { db: base.db, log: silent, keeper, rules: { ...rules, ...different }, mode: 'draft' as const, replay: false }
  while (await thinkOnce(deps, plus(START, hour * HOUR)) > 0) { /* until nothing is due */ }
}

async function sendAll (): Promise<void> {
  const common = { db: base.db, helpdesks: new Map([['quay', quay.helpdesk]]), home: 'https://deskloop.example', resendAfterMs: () => 60_000 }
  const performers = [makeKnownIssuePerformer(common), makeNotePerformer({ ...common, rules, notedAt: e => e.askedAt })]
  while (await effectsOnce({ db: base.db, log: silent, performers }) > 0) { /* until nothing waits */ }
}

async function move (hour: number, what: Move): Promise<void> {
  const issue = what.kind === 'filed'
    ? { issue_id: 'i1', issue_identifier: 'ENG-7', issue_url: 'https://linear.example/ENG-7', issue_state: 'In progress' }
    : {}
  await base.db.transaction().execute(trx => moveAnomaly(trx, 'an_gate', what, { by: 'Ana', at: plus(START, hour * HOUR) }, moveLife, issue))
  await quarantineOnce({ db: base.db, log: silent, keeper }, plus(START, hour * HOUR))
}

async function open (hour: number): Promise<void> {
  const at = plus(START, hour * HOUR)
  const tickets = ['1', '2', '3'].map(id => ({ connection: 'quay', ticketId: id, at, person: id }))
  const found = { id: 'an_gate', key: 's', kind: 'spike', topic: 'lock', metric: null, title: TITLE, p: 0, usual: 1, terms: [], at, tickets, topicNumber: 0 }
  await base.db.transaction().execute(trx => addAnomaly(trx, found, beginLife()))
}

const textOf = (i: number): string => JSON.stringify(quay.notes[i]?.note.parts)
const effects = async (ticketId: string): Promise<unknown[]> => await base.db.selectFrom('effect').select(['kind', 'state', 'reason'])
  .where('ticket_id', '=', ticketId).orderBy('kind').execute()

test('without an issue there is a draft; with one the note says what is known, once a turn; when it is done there is a draft again', async () => {
  await open(10)
  await tell(base.db, rules, asks(1, 10.1))
  await think(10.2)
  await move(10.5, { kind: 'file' })
  await move(10.5, { kind: 'filed' })
  await tell(base.db, rules, asks(2, 11))
  await think(11.1)
  // The customer writes on: the turn has its note.
  await tell(base.db, rules, [{ connection: 'quay', ticketId: '2', at: plus(START, 11.2 * HOUR), key: 'a2', kind: 'asked', messageId: 'm-2b', text: 'The lock gate is still closed and our barge waits.', person: { id: 'p-2' } }])
  await think(11.5)
  await sendAll()
  await move(12, { kind: 'done' })
  await tell(base.db, rules, asks(3, 12.5))
  await think(12.6)
  await sendAll()
  expect(quay.notes.map(n => n.ticketId)).toEqual(['1', '2', '3'])
  expect(textOf(0)).toContain('AI draft')
  expect(quay.notes[1]?.note.parts[0]).toEqual({ kind: 'headline', label: 'Known issue · private', text: 'ENG-7 In progress · 3 customers' })
  expect(textOf(1)).toContain('our engineers are working on it')
  expect(textOf(1)).not.toContain(USUAL)
  expect(textOf(2)).toContain('AI draft')
  expect((await effects('2')).filter(e => JSON.stringify(e).includes('"done"'))).toEqual([expect.objectContaining({ kind: 'known-issue' })])
})

test('a workaround stands in it once a person has approved it, and not before', async () => {
  for (const n of [200, 201, 202, 203]) await tell(base.db, rules, [...asks(n, 10.1), answers(n, 10.2, WORKAROUND)])
  await think(10.4)
  await open(10)
  await move(10.5, { kind: 'file' })
  await move(10.5, { kind: 'filed' })
  const tie = await base.db.selectFrom('learning_change').select('item').where('what', '=', 'tie').executeTakeFirst()
  await tell(base.db, rules, asks(1, 11))
  await think(11.1)
  await sendAll()
  await base.db.transaction().execute(async trx => {
    await lockMind(trx)
    await keeper.current(trx)
    await decideIn(trx, keeper, { kind: 'approve', item: tie?.item ?? '', at: plus(START, 11.2 * HOUR) }, { by: 'Ana', reason: 'it helps' })
  })
  await tell(base.db, rules, asks(2, 11.5))
  await think(11.6)
  await sendAll()
  const own = ['1', '2'].map(id => JSON.stringify(quay.notes.find(n => n.ticketId === id)?.note))
  expect(own[0]).not.toContain(WORKAROUND)
  expect(own[1]).toContain(WORKAROUND)
})

test('no note where a draft would get none: answered, held out, quiet, and what is not asked of its topic', async () => {
  await open(10)
  await move(10.5, { kind: 'file' })
  await move(10.5, { kind: 'filed' })
  await tell(base.db, rules, [...asks(1, 11), answers(1, 11.001, USUAL), ...asks(2, 11, 'What does a berth for the whole winter cost us?')])
  await think(11.1)
  await tell(base.db, rules, asks(3, 12))
  await think(12.1, { holdout: 1 })
  await tell(base.db, rules, asks(4, 13, LOCK, ['vip']))
  await think(13.1, { holdout: 1, neverHeldOut: ['vip'] })
  await tell(base.db, rules, asks(5, 14))
  await base.db.updateTable('ticket').set({ quiet: true }).where('ticket_id', '=', '5').execute()
  await think(14.1)
  await sendAll()
  const known = async (id: string): Promise<unknown> => (await effects(id)).filter(e => JSON.stringify(e).includes('known-issue')).map(e => e)
  expect(await known('1')).toEqual([expect.objectContaining({ state: 'skipped', reason: expect.stringContaining('answered') })])
  expect(await known('2')).toEqual([])
  expect(await known('3')).toEqual([expect.objectContaining({ state: 'skipped', reason: expect.stringContaining('drawn') })])
  expect(await known('4')).toEqual([expect.objectContaining({ state: 'done' })])
  expect(await known('5')).toEqual([expect.objectContaining({ state: 'skipped', reason: expect.stringContaining('no drafts') })])
})
