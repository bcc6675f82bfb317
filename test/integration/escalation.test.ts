// Rules of escalation in the running house: by webhook, by history and in a backtest the same events, recorded with the
// look at the ticket; and the note that suggests one, once, private, and only while somebody waits.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { layOutEscalation } from '../../src/dashboard/escalation.ts'
import { runBacktest } from '../../src/learn/backtest.ts'
import { readEscalation } from '../../src/learn/escalation.ts'
import { emptyMind } from '../../src/learn/mind.ts'
import { plus } from '../../src/learn/story.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { countEscalations, listEscalations } from '../../src/store/escalations.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import { readStories } from '../../src/store/stories.ts'
import type { EscalationRule, EventFact, Instant, TicketEvent } from '../../src/types.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { keepMind } from '../../src/work/mind.ts'
import { renderNoteText } from '../../src/work/note.ts'
import { makeSuggestPerformer } from '../../src/work/suggest-performer.ts'
import { thinkOnce } from '../../src/work/think.ts'
import { onTicket } from '../../src/work/ticket.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { ROOT, scriptDesk, silent, usualRules } from '../support/house.ts'
import type { ScriptedDesk } from '../support/house.ts'

const START = '2026-10-05T07:30:00Z'
const PERSON = { id: 'p-7' }
const shipped: { rules: EscalationRule[] } = JSON.parse(readFileSync(join(ROOT, 'config/escalation.json'), 'utf8'))
const escalation = readEscalation(shipped.rules)
const rules = usualRules()

let base: TestDatabase
let quay: ScriptedDesk
let now: Instant

beforeAll(async () => { base = await openTestDatabase() })
afterAll(async () => { await base.close() })

beforeEach(async () => {
  await sql`truncate event, ticket, effect, draft, signal, thought, mind, failure, connection`.execute(base.db)
  await saveConnection(base.db, 'quay', 'zendesk')
  quay = scriptDesk()
  now = plus(START, 600)
})

const asks = (messageId: string, text: string): EventFact => ({ kind: 'asked', messageId, text, person: PERSON })
const answers = (messageId: string, agentId: string): EventFact =>
  ({ kind: 'answered', messageId, agentId, text: 'We are on it.', by: 'human' })

function told (...facts: Array<[number, EventFact]>): TicketEvent[] {
  return facts.map(([after, fact]) => ({
    key: `${fact.kind}:${after}`, connection: 'quay', ticketId: '41', at: plus(START, after), ...fact
  }))
}

/** One delivery with these facts, and the look at the ticket that follows it. */
async function deliver (facts: TicketEvent[], suggests = true): Promise<void> {
  await ensurePartitions(base.db, [], facts.map(e => e.at))
  const jobs = await base.db.transaction().execute(trx => recordFacts(trx, [{ connection: 'quay', facts }]))
  for (const job of jobs) {
    const suggest = suggests ? { suggestAt: async () => now } : {}
    const deps = { db: base.db, log: silent, helpdesks: new Map(), rules, wake: () => {}, escalation, ...suggest }
    await onTicket(deps, job)
  }
}

async function escalatedKeys (): Promise<string[]> {
  const rows = await base.db.selectFrom('event').select('key').where('kind', '=', 'escalated').orderBy('key').execute()
  return rows.map(r => r.key)
}

const effects = async (): Promise<Array<{ kind: string, cause: string, state: string, reason: string | null }>> =>
  await base.db.selectFrom('effect').select(['kind', 'cause', 'state', 'reason']).orderBy('created_at').execute()

async function carryOut (): Promise<void> {
  const performer = makeSuggestPerformer({
    db: base.db, helpdesks: new Map([['quay', quay.helpdesk]]), rules: shipped.rules, home: 'https://deskloop.example',
    resendAfterMs: () => 60_000
  })
  await effectsOnce({ db: base.db, log: silent, performers: [performer] })
}

const STORY = told(
  [0, { kind: 'opened', subject: 'Roster', channel: 'email', person: PERSON, tags: [] }], [0, asks('m1', 'The roster is empty since noon.')],
  [60, answers('a1', 'kim')], [120, asks('m2', 'It still is. We lost all our data!')], [180, { kind: 'assigned', group: 'Tier 2' }],
  [240, answers('a2', 'ash')], [300, asks('m3', 'I want to speak to your manager.')], [360, answers('a3', 'lee')],
  [420, { kind: 'escalated', how: 'priority urgent' }], [480, { kind: 'solved' }]
)
const FOUND = [
  'escalated:420', 'escalated:rule:asked-for-manager:asked:300', 'escalated:rule:data-loss:asked:120',
  'escalated:rule:second-level:assigned:180', 'escalated:rule:third-agent:answered:360'
]

test('one webhook after the other, all at once, twice and backwards: the same events, each once', async () => {
  for (const event of STORY) await deliver([event])
  expect(await escalatedKeys()).toEqual(FOUND)
  const [first] = await base.db.selectFrom('ticket').select(['rev', 'done_rev']).execute()
  expect(first?.done_rev).toBe(first?.rev)          // nothing is left for the sweeper

  await sql`truncate event, ticket, effect`.execute(base.db)
  await deliver(STORY)
  await deliver([...STORY].reverse())
  expect(await escalatedKeys()).toEqual(FOUND)

  await sql`truncate event, ticket, effect`.execute(base.db)
  for (const event of [...STORY].reverse()) await deliver([event])
  expect(await escalatedKeys()).toEqual(FOUND)
})

test('the mind that lived through it and the one of the backtest are the same', async () => {
  for (const event of STORY) await deliver([event], false)
  const keeper = keepMind(rules)
  const end = plus(START, 20 * 86_400)
  while (await thinkOnce({ db: base.db, log: silent, keeper, rules, mode: 'observe', replay: false }, end) > 0) { /* all */ }
  const live = await base.db.transaction().execute(trx => keeper.current(trx))
  const run = runBacktest([{ where: { connection: 'quay', ticketId: '41' }, events: STORY }], rules, end, escalation)
  let step = run.next()
  while (step.done !== true) step = run.next()
  expect(live).toEqual(step.value)
  expect(live).not.toEqual(emptyMind())
  const signals = await base.db.selectFrom('signal').select('step').where('kind', '=', 'escalated').execute()
  expect(signals).toHaveLength(5)
})

test('a suggestion stands in place of the draft: once, private, with the rule, whom to ask and what was said', async () => {
  await deliver(told([0, asks('m1', 'Since the update we lost all our data! <b>See http://evil.example</b>')]))
  await deliver(told([30, asks('m2', 'All our records are gone. Our lawyer will write to you.')]))
  expect(await effects()).toEqual([
    { kind: 'suggest', cause: 'data-loss', state: 'pending', reason: null },
    { kind: 'suggest', cause: 'legal', state: 'pending', reason: null }
  ])
  await sql`delete from effect where cause = 'legal'`.execute(base.db)
  await carryOut()
  await carryOut()
  expect(quay.notes).toHaveLength(1)
  const note = quay.notes[0]?.note
  if (note === undefined) throw new Error('there is no note')
  expect(renderNoteText(note).split('\n').slice(0, -1)).toEqual([
    'Suggest escalation · private · rule "data-loss"',
    'Rule   The customer says that data is gone.',
    'To     the engineer on call',
    'So far first asked 2026-10-05 07:30 UTC, 2 messages of the customer, no answer yet',
    'Said   “All our records are gone. Our lawyer will write to you.”',
    'Nothing was changed in this ticket: whether to escalate is for you to say.'
  ])
  expect(note.basis).toBe('m2')
})

test('a hostile message stays text in the note', async () => {
  await deliver(told([0, asks('m1', 'we lost all our data <img src=x> \u202Ehttps://evil.example/a *bold* `code` ' + 'x'.repeat(400))]))
  await carryOut()
  const said = quay.notes[0]?.note.parts.find(p => p.kind === 'facts')?.items.find(i => i.label === 'Said')?.text ?? ''
  expect(said).not.toMatch(/[<>`*\u202E]|https?:/)
  expect([...said].length).toBeLessThanOrEqual(242)
})

test.each<[string, TicketEvent[], number]>([
  ['somebody has answered', told([0, asks('m1', 'we lost all our data')], [60, answers('a1', 'kim')]), 600],
  ['the ticket is spam', told([0, asks('m1', 'we lost all our data')], [60, { kind: 'spam' }]), 600],
  ['it was long ago', told([0, asks('m1', 'we lost all our data')]), 25 * 3600],
  ['it belongs to an earlier question', told([0, asks('m1', 'we lost all our data')], [60, answers('a1', 'kim')], [900, asks('m2', 'Thanks')]), 1000]
])('no suggestion: %s', async (_, facts, after) => {
  now = plus(START, after)
  await deliver(facts)
  expect((await escalatedKeys()).length).toBe(1)
  expect(await effects()).toEqual([])
})

test('nothing is suggested while Deskloop only observes', async () => {
  await deliver(told([0, asks('m1', 'we lost all our data')]), false)
  expect(await escalatedKeys()).toEqual(['escalated:rule:data-loss:asked:0'])
  expect(await effects()).toEqual([])
})

test('who answers before the note is written is not told any more', async () => {
  await deliver(told([0, asks('m1', 'we lost all our data')]))
  await deliver(told([5, answers('a1', 'kim')]))
  await carryOut()
  expect(quay.notes).toEqual([])
  expect(await effects()).toEqual([{ kind: 'suggest', cause: 'data-loss', state: 'skipped', reason: 'skipped: a person has answered meanwhile' }])
})

test('the same rule suggests once per ticket, however often the customer says it', async () => {
  await deliver(told([0, asks('m1', 'we lost all our data')]))
  await deliver(told([60, answers('a1', 'kim')], [120, asks('m2', 'as I said, all our data is gone')]))
  expect((await escalatedKeys())).toHaveLength(2)
  expect(await effects()).toHaveLength(1)
})

test('the page tells each rule, how often it came up and where, and escapes what it is given', async () => {
  await deliver(STORY)
  await deliver([{ ...told([0, { kind: 'escalated', how: '<b>handed over</b>' }])[0], key: 'escalated:odd' } as TicketEvent])
  const counts = await countEscalations(base.db, START)
  expect(counts.map(c => [c.how, c.fired, c.tickets])).toEqual(expect.arrayContaining([
    ['rule data-loss', 1, 1], ['rule third-agent', 1, 1], ['priority urgent', 1, 1], ['<b>handed over</b>', 1, 1]
  ]))
  const latest = await listEscalations(base.db, START, 3)
  expect(latest.map(e => e.at)).toEqual([plus(START, 420), plus(START, 360), plus(START, 300)])
  const all = await listEscalations(base.db, START, 100)
  const page = layOutEscalation({ rules: shipped.rules, counts, latest: all, days: 90 })
  for (const rule of shipped.rules) expect(page).toContain(`<code>${rule.id}</code>`)
  expect(page).toContain('&#60;b&#62;handed over&#60;/b&#62;')
  expect(page).not.toContain('<b>handed')
  expect(await listEscalations(base.db, plus(START, 86_400), 10)).toEqual([])
})

test('stories keep the rule’s word on what happened when', async () => {
  await deliver(STORY)
  const story = (await readStories(base.db, [{ connection: 'quay', ticketId: '41' }])).get('quay/41') ?? []
  expect(story.find(e => e.key === 'escalated:rule:data-loss:asked:120')).toMatchObject({
    kind: 'escalated', at: plus(START, 120), how: 'rule data-loss v1'
  })
})
