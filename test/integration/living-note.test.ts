// The note of a turn lives: what the customer adds makes a new draft, whose note takes the place of the one that stands
// there; there is never more than one alive. And a person's word, by the note's links, is heard.
import { sql } from 'kysely'
import { plus } from '../../src/learn/story.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { findDraftByKey } from '../../src/store/drafts.ts'
import { saveQuiet } from '../../src/store/links.ts'
import type { Helpdesk, Instant, Note, NoteReceipt, Scope, TicketEvent } from '../../src/types.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import type { EffectDeps } from '../../src/work/effects.ts'
import { keepMind } from '../../src/work/mind.ts'
import type { MindKeeper } from '../../src/work/mind.ts'
import { renderNoteText } from '../../src/work/note.ts'
import { makeNotePerformer } from '../../src/work/note-performer.ts'
import { makeNoteUsedPerformer } from '../../src/work/note-used.ts'
import { thinkOnce } from '../../src/work/think.ts'
import { GiveUp, Unclear } from '../../src/errors.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, scriptDesk, silent, tell, usualRules } from '../support/house.ts'
import type { ScriptedDesk } from '../support/house.ts'

const rules = usualRules({ ...EAGER, notesPerTicketAndHour: 4, holdout: 0 })
const START = '2026-09-01T08:00:00Z'
const KEY_QUESTION = 'How can I get a second key for my locker in the boathouse'
const KEY_ANSWER = 'You can have a second key at the boathouse. Bring the card of your locker and 25 crowns for the deposit.'
const CRANE_QUESTION = 'When does the crane lift sailing yachts out of the water before winter'
const CRANE_ANSWER = 'The crane lifts on the first two Saturdays of October. Book your lift with the harbour office until Thursday.'
const SUBJECTS = [[KEY_QUESTION, KEY_ANSWER], [CRANE_QUESTION, CRANE_ANSWER]]

let base: TestDatabase
let keeper: MindKeeper
let desk: ScriptedDesk
let edits: Array<{ noteId: string, note: Note, moved: string }> = []
let now = plus(START, 30 * 86_400)
let made = 0
let scopes: Record<string, Scope> = {}

beforeAll(async () => {
  base = await openTestDatabase()
  for (const name of ['quay', 'mill']) await saveConnection(base.db, name, 'zendesk')
  keeper = keepMind(rules)
  for (let i = 0; i < 90; i++) {
    const [question = '', answer = ''] = SUBJECTS[i % 2] ?? []
    const at = plus(START, i * 7200)
    const ticketId = `learn-${i}`
    const text = i % 9 === 8 ? `Please see day ${i}, I will write tomorrow.` : answer
    // Some mix things up, and some come back: so that the desk has seen drafts that were less sure.
    const isMixed = i % 5 === 0
    const said = isMixed ? `${KEY_QUESTION}. No: ${CRANE_QUESTION}? ${CRANE_QUESTION}` : question
    await tell(base.db, rules, [
      asked('quay', ticketId, at, said), answered('quay', ticketId, plus(at, 900), isMixed ? CRANE_ANSWER : text),
      ...i % 5 === 1 ? [asked('quay', ticketId, plus(at, 1800), `That did not help. ${question}`), answered('quay', ticketId, plus(at, 2700), answer)] : []
    ])
  }
  await think(now)
}, 120_000)
afterAll(async () => { await base.close() })

beforeEach(() => {
  desk = scriptDesk()
  edits = []
  scopes = {}
  now = plus(now, 86_400)
})

const editNote: NonNullable<Helpdesk['editNote']> = async (_ticketId, noteId, note, moved) => {
  edits.push({ noteId, note, moved })
  return { noteId, public: false, at: now }
}

describe.each([['in place, where notes can be changed', true], ['by a new note that says so, elsewhere', false]])('what the customer adds replaces the draft %s', (_, inPlace) => {
  test('once, and the record knows one living note', async () => {
    const id = await ask(KEY_QUESTION)
    await settle(inPlace)
    expect(desk.notes).toHaveLength(1)
    expect(texts()[0]).toContain(KEY_ANSWER)
    await write(id, 300, `No, I have mixed it up. ${CRANE_QUESTION}? ${CRANE_QUESTION}, and who books the crane for the yacht`)
    await settle(inPlace, 320)
    const [first, second, ...more] = await draftsOf(id)
    expect(more).toEqual([])
    expect([first?.text, second?.text]).toEqual([KEY_ANSWER, CRANE_ANSWER])
    expect([first?.replaced_by, second?.replaced_by]).toEqual([second?.key, null])
    expect(await livingOf(id)).toEqual([second?.key])
    if (inPlace) {
      expect(desk.notes).toHaveLength(1)
      expect(edits.map(e => [e.noteId, e.moved, e.note.key])).toEqual([['n0', 'refuse', second?.key]])
      expect(renderNoteText(edits[0]?.note ?? noNote())).toMatch(/^AI draft · private · (High|Medium) confidence \(\d+%\) · .+ · updated \d\d:\d\d UTC\n/)
    } else {
      expect(edits).toEqual([])
      expect(desk.notes).toHaveLength(2)
      expect(texts()[1]).toMatch(/^Replaces the draft of \d\d:\d\d UTC · AI draft · private · /)
    }
    // The agent's reply judges the one that stands there, and the note is told so where that can be done.
    await reply(id, 900, CRANE_ANSWER)
    await settle(inPlace, 960)
    expect((await draftsOf(id)).map(d => [d.outcome, d.seen])).toEqual([[null, null], ['as_is', 'seen']])
    expect(edits.slice(1).map(e => [e.noteId, e.moved])).toEqual(inPlace ? [['n0', 'write']] : [])
    if (inPlace) expect(renderNoteText(edits[1]?.note ?? noNote())).toMatch(/\nUsed \d\d:\d\d UTC · sent as it is\n/)
  })
})

test('what changes nothing about the draft makes no second note', async () => {
  const id = await ask(KEY_QUESTION)
  await settle()
  await write(id, 300, 'It is for the locker of my daughter, the second key, in the boathouse')
  await settle(true, 320)
  expect([desk.notes.length, edits.length]).toEqual([1, 0])
  expect(await effectsOf(id)).toEqual([['done', null], ['skipped', 'the note that stands there says the same']])
  expect((await draftsOf(id)).map(d => d.replaced_by)).toEqual([null, null])
  // The agent reads the first one: so it is judged as well as the last.
  await reply(id, 900, KEY_ANSWER)
  await settle(true, 960)
  expect((await draftsOf(id)).map(d => [d.outcome, d.seen])).toEqual([['as_is', 'seen'], ['as_is', 'silent']])
})

test('a note that nobody has begun to write is not written when a newer draft is there', async () => {
  const id = await ask(KEY_QUESTION)
  await think(plus(now, 60))
  await write(id, 300, `No: ${CRANE_QUESTION}? ${CRANE_QUESTION}`)
  await settle(true, 400)
  expect(await effectsOf(id)).toEqual([['skipped', 'a newer draft took its place before it was written'], ['done', null]])
  expect(texts()).toHaveLength(1)
  expect(texts()[0]).toMatch(/^AI draft/)
})

test('the newer note waits until it is known what became of the older one', async () => {
  const id = await ask(KEY_QUESTION)
  await think(plus(now, 60))
  desk.script = [{ applies: true, throws: new Unclear('the answer never came') }]
  await effects(true)                               // it may stand there or not
  await write(id, 300, `No: ${CRANE_QUESTION}? ${CRANE_QUESTION}`)
  await think(plus(now, 400))
  await effects(true)
  expect((await effectsOf(id)).map(([state]) => state)).toEqual(['pending', 'pending'])
  expect([desk.notes.length, edits.length]).toEqual([1, 0])
  await settle(true, 400)
  expect((await effectsOf(id)).map(([state]) => state)).toEqual(['done', 'done'])
  expect([desk.notes.length, edits.length]).toEqual([1, 1])
  expect(await livingOf(id)).toHaveLength(1)
})

test('a note that a person has written into is left alone, and the new one stands beside it', async () => {
  const id = await ask(KEY_QUESTION)
  await settle()
  await write(id, 300, `No: ${CRANE_QUESTION}? ${CRANE_QUESTION}`)
  await think(plus(now, 400))
  await effects(false, async () => null)
  expect(desk.notes).toHaveLength(2)
  expect(texts()[1]).toMatch(/^Replaces the draft of/)
})

test('whoever answered meanwhile is not disturbed: the older note stays what it is', async () => {
  const id = await ask(KEY_QUESTION)
  await settle()
  await write(id, 300, `No: ${CRANE_QUESTION}? ${CRANE_QUESTION}`)
  await think(plus(now, 400))
  await effects(false, async (): Promise<NoteReceipt> => { throw new GiveUp('too late: answered meanwhile') })
  expect((await effectsOf(id)).map(([state]) => state)).toEqual(['done', 'skipped'])
  expect((await draftsOf(id)).map(d => d.replaced_by)).toEqual([null, null])
})

test('who comes back after an answer gets a note that says what was tried', async () => {
  const id = await ask(KEY_QUESTION)
  await settle()
  await reply(id, 600, `Hello,\n\n${KEY_ANSWER}\n\nBest regards`)
  await settle(true, 700)
  await write(id, 7200, `That did not help, the second key for the locker in the boathouse was not there. ${KEY_QUESTION}`)
  await settle(true, 7300)
  const [, second] = await draftsOf(id)
  expect(second?.action).toBe('note')
  expect(texts().at(-1)).toMatch(/\nTried {2}“You can have a second key at the boathouse\. Bring the card[^”]*…” \(\d\d:\d\d UTC\)\n/)
  expect(texts()[0]).not.toContain('Tried')
})

test('no drafts on this ticket: what waits is not written, and nothing follows until it is taken back', async () => {
  const id = await ask(KEY_QUESTION)
  await think(plus(now, 60))
  await saveQuiet(base.db, { connection: 'mill', ticketId: id }, true)
  await settle(true, 60)
  await write(id, 300, `No: ${CRANE_QUESTION}? ${CRANE_QUESTION}`)
  await settle(true, 400)
  const asked = 'a person asked for no drafts on this ticket'
  expect(await effectsOf(id)).toEqual([['skipped', asked], ['skipped', asked]])
  await saveQuiet(base.db, { connection: 'mill', ticketId: id }, false)
  await reply(id, 900, CRANE_ANSWER)
  await write(id, 1000, KEY_QUESTION)
  await settle(true, 1100)
  expect(desk.notes).toHaveLength(1)
})

test('outside its scope a ticket is drafted for and gets no note', async () => {
  scopes = { mill: { channels: ['email'] } }
  const id = await ask(KEY_QUESTION)
  await settle()
  expect(await effectsOf(id)).toEqual([['skipped', 'no notes are wanted on the channel other']])
  expect(desk.notes).toEqual([])
})

test('a draft that was flagged costs its answer trust, once, also when all is thought again', async () => {
  const id = await ask(KEY_QUESTION)
  await settle()
  const before = await trustOf(KEY_ANSWER)
  const [draft] = await draftsOf(id)
  const flagged: TicketEvent = {
    connection: 'mill', ticketId: id, key: `flagged:${draft?.key}`, at: plus(now, 200), kind: 'flagged', questionId: draft?.question_id ?? '', reason: 'wrong'
  }
  for (let i = 0; i < 2; i++) {
    await tell(base.db, rules, [flagged])
    await think(plus(now, 300))
  }
  const cost = (await trustOf(KEY_ANSWER)) - before
  expect(cost).toBeLessThanOrEqual(2)               // less what the older record has faded meanwhile
  expect(cost).toBeGreaterThan(1.9)
  const signals = await base.db.selectFrom('signal').select(['kind', 'value', 'weight']).where('ticket_id', '=', id).execute()
  expect(signals).toEqual([{ kind: 'flagged', value: 0, weight: 2 }])
  const anew = await base.db.transaction().execute(trx => keepMind(rules).current(trx))
  expect(JSON.parse(JSON.stringify(anew))).toEqual(JSON.parse(JSON.stringify(keeper.glance())))
})

async function ask (text: string): Promise<string> {
  const id = `t${++made}`
  await tell(base.db, rules, [asked('mill', id, now, text)])
  return id
}

async function write (id: string, s: number, text: string): Promise<void> {
  await tell(base.db, rules, [asked('mill', id, plus(now, s), text)])
}

async function reply (id: string, s: number, text: string): Promise<void> {
  await tell(base.db, rules, [answered('mill', id, plus(now, s), text)])
}

async function settle (inPlace = true, s = 60): Promise<void> {
  await think(plus(now, s))
  for (let i = 0; i < 8; i++) {
    await sql`update effect set not_before = now() - interval '1 second', unclear_at = unclear_at - interval '2 minutes' where state = 'pending'`.execute(base.db)
    if (await effects(inPlace) === 0) return
  }
  throw new Error('the effects do not come to rest')
}

async function effects (inPlace: boolean, edit = inPlace ? editNote : undefined): Promise<number> {
  const helpdesk: Helpdesk = edit === undefined ? desk.helpdesk : { ...desk.helpdesk, editNote: edit }
  const helpdesks = new Map([['mill', helpdesk]])
  const deps: EffectDeps = {
    db: base.db,
    log: silent,
    performers: [
      makeNoteUsedPerformer({ db: base.db, rules, home: '', helpdesks }),
      makeNotePerformer({ db: base.db, rules, home: '', helpdesks, resendAfterMs: () => 60_000, notedAt: effect => effect.askedAt })
    ]
  }
  const editable = new Set(edit === undefined ? [] : ['mill'])
  canEdit = editable
  return await effectsOnce(deps)
}

let canEdit: ReadonlySet<string> = new Set(['mill'])

async function think (until: Instant): Promise<void> {
  const deps = { db: base.db, log: silent, keeper, rules, mode: 'draft' as const, replay: false, scopes, editable: canEdit }
  while (await thinkOnce(deps, until) > 0) { /* until nothing is due */ }
}

function texts (): string[] {
  return desk.notes.map(n => renderNoteText(n.note))
}

interface Row {
  key: string, question_id: string, text: string, action: string, replaced_by: string | null
  outcome: string | null, seen: string | null
}

async function draftsOf (ticketId: string): Promise<Row[]> {
  const rows = await base.db.selectFrom('draft').select(['key', 'question_id', 'text', 'action', 'replaced_by', 'outcome', 'seen'])
    .where('ticket_id', '=', ticketId).orderBy('asked_at').execute()
  for (const row of rows) expect((await findDraftByKey(base.db, row.key))?.replacedBy).toBe(row.replaced_by)
  return rows
}

/** Notes that stand there and were not replaced: the record of a ticket holds at most one of them unanswered. */
async function livingOf (ticketId: string): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`select d.key from draft d join effect e on e.kind = 'note' and e.marker = d.key
    where d.ticket_id = ${ticketId} and e.state in ('pending', 'inflight', 'done') and d.replaced_by is null`.execute(base.db)
  return rows.map(r => r.key)
}

async function effectsOf (ticketId: string): Promise<Array<[string, string | null]>> {
  const { rows } = await sql<{ state: string, reason: string | null }>`
    select e.state, e.reason from effect e join draft d on d.key = e.marker
    where e.kind = 'note' and e.ticket_id = ${ticketId} order by d.asked_at`.execute(base.db)
  return rows.map(row => [row.state, row.reason])
}

async function trustOf (text: string): Promise<number> {
  const answers = keeper.glance()?.answers.list ?? []
  const found = answers.filter(a => JSON.stringify(a).includes(text.slice(0, 30)))
  return found.reduce((sum, a) => sum + a.bad, 0)
}

function asked (connection: string, ticketId: string, at: Instant, text: string): TicketEvent {
  const messageId = `q${at}`
  const person = { id: `p-${ticketId}` }            // of one customer the same answer is learned once a month
  return { connection, ticketId, key: `message:${messageId}`, at, kind: 'asked', messageId, text, person }
}

function answered (connection: string, ticketId: string, at: Instant, text: string): TicketEvent {
  const messageId = `a${at}`
  return { connection, ticketId, key: `message:${messageId}`, at, kind: 'answered', messageId, agentId: 'a-1', text, by: 'human' }
}

function noNote (): never { throw new Error('no note was written') }
