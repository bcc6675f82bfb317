// What is written outside, when the other side is slow, silent, forgetful or gone: each note is written once, what may
// have been applied is looked for first, and nothing is lost. Time passes by moving the rows' own times back.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { GiveUp, PublicNote, RetryLater, Unclear } from '../../src/errors.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { recordDraft } from '../../src/store/drafts.ts'
import { claimEffects, recordEffect, resumeConnection } from '../../src/store/effects.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import type { EffectDeps } from '../../src/work/effects.ts'
import { makeKey } from '../../src/work/key.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { scriptDesk, silent } from '../support/house.ts'
import type { ScriptedDesk, Turn } from '../support/house.ts'

const RESEND_AFTER_S = 60
const LEASE_S = 20
const ASKED_AT = '2026-10-05T07:30:15Z'
const SCHEDULE_S = [1, 5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 86_400]

const lost: Turn = { applies: true, throws: new Unclear('the answer never came') }
const unheard: Turn = { applies: false, throws: new Unclear('the answer never came') }

let base: TestDatabase
let quay: ScriptedDesk
let mill: ScriptedDesk
let deps: EffectDeps
let made = 0

beforeAll(async () => { base = await openTestDatabase() })
afterAll(async () => { await base.close() })

beforeEach(async () => {
  await sql`truncate effect, draft, failure, connection`.execute(base.db)
  for (const name of ['quay', 'mill']) await saveConnection(base.db, name, 'zendesk')
  quay = scriptDesk()
  mill = scriptDesk()
  deps = {
    db: base.db, log: silent, helpdesks: new Map([['quay', quay.helpdesk], ['mill', mill.helpdesk]]),
    resendAfterMs: () => RESEND_AFTER_S * 1000, rules: { highScore: 0.85 }, home: '', notedAt: effect => effect.askedAt
  }
})

test('a note is written once, with the words of its draft, and its draft knows when', async () => {
  const { ticketId, key } = await decide()
  expect(await effectsOnce(deps)).toBe(1)
  expect(await effectsOnce(deps)).toBe(0)
  expect(quay.calls).toEqual([`post ${ticketId}`])
  expect(quay.notes[0]?.note).toMatchObject({ key, basis: 'm-1' })
  expect(quay.notes[0]?.note.parts[2]).toEqual({ kind: 'draft', paragraphs: ['Hello,', 'berth nine is free.'] })
  expect(await rowOf(key)).toMatchObject({ state: 'done', vendor_id: 'n0', attempts: 1, unclear_at: null, reason: null })
  const draft = await base.db.selectFrom('draft').select('noted_at').where('key', '=', key).executeTakeFirst()
  expect(draft?.noted_at).toEqual(new Date(ASKED_AT))
})

test('a note whose answer was lost is looked for, found, and not written again', async () => {
  quay.script = [lost]
  const { ticketId, key } = await decide()
  await effectsOnce(deps)
  expect(await rowOf(key)).toMatchObject({ state: 'pending', reason: 'the answer never came', unclear_at: expect.any(Date) })
  await pass(1)                                     // a helpdesk needs a moment before it shows what it took
  expect(await effectsOnce(deps)).toBe(0)
  await pass(3)
  expect(await effectsOnce(deps)).toBe(1)
  expect(quay.calls).toEqual([`post ${ticketId}`, `find ${ticketId}`])
  expect(await rowOf(key)).toMatchObject({ state: 'done', vendor_id: 'n0' })
  expect(quay.notes).toHaveLength(1)
})

test('a note that is not there is sent again only when the lost one can no longer arrive', async () => {
  quay.script = [unheard, lost]
  const { ticketId, key } = await decide()
  await effectsOnce(deps)
  let seconds = 0
  while (posts(quay, ticketId) < 2 && seconds < 300) {
    await pass(1)
    seconds++
    await effectsOnce(deps)
  }
  expect(seconds).toBeGreaterThanOrEqual(RESEND_AFTER_S)
  expect(seconds).toBeLessThan(RESEND_AFTER_S + 10)
  // It was looked for all the while, and looking used up none of its attempts.
  expect(quay.calls.filter(call => call.startsWith('find')).length).toBeGreaterThan(5)
  expect(await rowOf(key)).toMatchObject({ state: 'pending', attempts: 2 })
  await pass(10)
  await effectsOnce(deps)
  expect(await rowOf(key)).toMatchObject({ state: 'done', vendor_id: 'n0' })
  expect([posts(quay, ticketId), quay.notes.length]).toEqual([2, 1])
})

test.each([true, false])('a worker that was killed between its claim and its answer: another looks first (applied: %s)', async applied => {
  const { ticketId, key } = await decide()
  const [claimed] = await claimEffects(base.db, 12, LEASE_S)
  expect(claimed).toMatchObject({ marker: key, look: false })
  if (applied) quay.notes.push({ ticketId, note: { key, basis: 'm-1', parts: [] }, public: false })
  await pass(LEASE_S - 3)
  expect(await effectsOnce(deps)).toBe(0)           // it may still be at work
  await pass(4)
  await effectsOnce(deps)
  expect(quay.calls).toEqual([`find ${ticketId}`])
  if (applied) expect(await rowOf(key)).toMatchObject({ state: 'done', vendor_id: 'n0' })
  else {
    await pass(RESEND_AFTER_S - LEASE_S - 10)
    await effectsOnce(deps)
    expect(posts(quay, ticketId)).toBe(0)           // the minute is counted from the claim
    await pass(10)
    await effectsOnce(deps)
    expect(posts(quay, ticketId)).toBe(1)
    expect(await rowOf(key)).toMatchObject({ state: 'done' })
  }
  expect(quay.notes).toHaveLength(1)
})

test('who is told when to come back comes back then, and has nothing to look for', async () => {
  quay.script = [{ applies: false, throws: new RetryLater('the limit is reached', 90_000) }]
  const { ticketId, key } = await decide()
  await effectsOnce(deps)
  expect(await rowOf(key)).toMatchObject({ state: 'pending', reason: 'the limit is reached', unclear_at: null })
  await pass(86)
  expect(await effectsOnce(deps)).toBe(0)
  await pass(5)
  await effectsOnce(deps)
  expect(quay.calls).toEqual([`post ${ticketId}`, `post ${ticketId}`])
  expect(await rowOf(key)).toMatchObject({ state: 'done' })
})

test('a look that cannot be answered leaves the note unclear', async () => {
  quay.script = [lost]
  quay.reads = [new RetryLater('the limit is reached', 1_000), new Error('away')]
  const { key } = await decide()
  for (let i = 0; i < 4; i++) {
    await effectsOnce(deps)
    await pass(40)
  }
  expect(await rowOf(key)).toMatchObject({ state: 'done', vendor_id: 'n0' })
  expect([quay.notes.length, quay.calls.filter(call => call.startsWith('post')).length]).toEqual([1, 1])
})

test('a note that came too late is left out, and nobody has to look at that', async () => {
  quay.script = [{ applies: false, throws: new GiveUp('too late: an agent has answered') }]
  const { key } = await decide()
  await effectsOnce(deps)
  expect(await rowOf(key)).toMatchObject({ state: 'skipped', reason: 'too late: an agent has answered' })
  expect(await failures()).toEqual([])
})

test('what will not get better is parked, and said once', async () => {
  const refused: Turn = { applies: false, throws: new GiveUp('the token is refused: renew it') }
  quay.script = [refused, refused]
  const first = await decide({ ticketId: '70' })
  const second = await decide({ ticketId: '70' })
  await effectsOnce(deps)
  await pass(1_000_000)
  expect(await effectsOnce(deps)).toBe(0)
  for (const { key } of [first, second]) expect(await rowOf(key)).toMatchObject({ state: 'parked', reason: 'the token is refused: renew it' })
  expect(await failures()).toEqual([['effect', 'quay', '70', 'the token is refused: renew it']])
})

test('a note that turns out to be public stops every write of its connection until a person has looked', async () => {
  quay.script = [{ applies: true, public: true, throws: new PublicNote('quay showed a note to a customer') }]
  const shown = await decide()
  await effectsOnce(deps)
  expect(await rowOf(shown.key)).toMatchObject({ state: 'parked' })
  expect(await pausedWhy('quay')).toBe('quay showed a note to a customer')
  expect(await failures()).toHaveLength(1)
  const waiting = [await decide(), await decide()]
  const elsewhere = await decide({ connection: 'mill' })
  expect(await effectsOnce(deps)).toBe(1)
  expect([mill.calls.length, quay.calls.length]).toEqual([1, 1])
  expect(await rowOf(elsewhere.key)).toMatchObject({ state: 'done' })
  await pass(100_000)
  expect(await effectsOnce(deps)).toBe(0)
  await resumeConnection(base.db, 'quay')
  expect([await pausedWhy('quay'), await effectsOnce(deps)]).toEqual([null, 2])
  for (const { key } of waiting) expect(await rowOf(key)).toMatchObject({ state: 'done' })
  expect(await rowOf(shown.key)).toMatchObject({ state: 'parked' })
})

test('a note that is found and is public stops its connection, too, though its answer was lost', async () => {
  quay.script = [{ ...lost, public: true }, { applies: false, throws: new PublicNote('it was public: hidden again') }]
  const { ticketId, key } = await decide()
  await effectsOnce(deps)
  await pass(5)
  await effectsOnce(deps)
  // The second call is the connector's chance to hide what is there; it adds nothing.
  expect(quay.calls).toEqual([`post ${ticketId}`, `find ${ticketId}`, `post ${ticketId}`])
  expect([await rowOf(key), await pausedWhy('quay')]).toMatchObject([{ state: 'parked' }, 'it was public: hidden again'])

  // Whatever a connector then says, the connection stops.
  mill.script = [{ ...lost, public: true }, { applies: false, throws: new GiveUp('skipped: the ticket is closed') }]
  const other = await decide({ connection: 'mill' })
  await effectsOnce(deps)
  await pass(5)
  await effectsOnce(deps)
  expect(await rowOf(other.key)).toMatchObject({ state: 'parked' })
  expect(await pausedWhy('mill')).toContain(other.key)
})

test('workers that claim at the same time never take the same effect', async () => {
  for (let i = 0; i < 60; i++) await decide()
  const claimed = (await Promise.all(Array.from({ length: 4 }, () => claimEffects(base.db, 9, LEASE_S)))).flat()
  expect(new Set(claimed.map(effect => effect.id)).size).toBe(claimed.length)
  expect(claimed.length).toBeGreaterThanOrEqual(9)
  await sql`update effect set state = 'pending', attempts = 0`.execute(base.db)
  quay.slowMs = 20
  const worker = async (): Promise<void> => { while (await effectsOnce(deps) > 0) { /* until none is left */ } }
  await Promise.all([worker(), worker(), worker()])
  expect(quay.calls).toHaveLength(60)
  expect(new Set(quay.notes.map(n => n.note.key)).size).toBe(60)
})

test('an outage is met with growing pauses, and ends after three days with a person being asked', async () => {
  const away = new Error('quay does not answer')
  quay.script = SCHEDULE_S.concat(0).map(() => ({ applies: false, throws: away }))
  const { ticketId, key } = await decide()
  const waits: number[] = []
  for (let i = 0; i < 90; i++) {
    const before = posts(quay, ticketId)
    await effectsOnce(deps)
    const { state, left } = await rowOf(key)
    if (state !== 'pending') break
    if (posts(quay, ticketId) > before) waits.push(left)
    await pass(Math.max(left, 0) + 0.1)
  }
  expect(waits).toHaveLength(SCHEDULE_S.length)
  for (const [i, wait] of waits.entries()) {
    const due = SCHEDULE_S[i] ?? 0
    expect(wait).toBeGreaterThan(due * 0.8 - 1)
    expect(wait).toBeLessThanOrEqual(due * 1.2)
  }
  expect(posts(quay, ticketId)).toBe(SCHEDULE_S.length + 1)
  expect(await rowOf(key)).toMatchObject({ state: 'parked', reason: 'quay does not answer', attempts: SCHEDULE_S.length + 1 })
  expect(await failures()).toEqual([['effect', 'quay', ticketId, 'quay does not answer']])
})

test('what nobody wants any more is left out: an erased draft, a helpdesk that is no longer connected', async () => {
  const erased = await decide()
  await base.db.deleteFrom('draft').where('key', '=', erased.key).execute()
  await saveConnection(base.db, 'barn', 'zendesk')
  const parted = await decide({ connection: 'barn' })
  await effectsOnce(deps)
  expect(quay.calls).toEqual([])
  expect(await rowOf(erased.key)).toMatchObject({ state: 'skipped', reason: 'its draft was erased' })
  expect(await rowOf(parted.key)).toMatchObject({ state: 'skipped', reason: 'barn is not connected any more' })
})

/** A draft and the effect that follows from it, in one transaction as the thinker writes them. */
async function decide ({ connection = 'quay', ticketId = String(900 + ++made) } = {}): Promise<{ ticketId: string, key: string }> {
  const key = makeKey()
  const cause = `m-${++made}`
  await base.db.transaction().execute(async trx => {
    await recordDraft(trx, {
      connection, ticketId, questionId: cause, key, askedAt: ASKED_AT, basis: 'm-1', language: 'en',
      text: 'Hello,\n\nberth nine is free.', topic: 'berth', score: 0.9, threshold: 0.5, action: 'note', reason: 'sure', sources: [], articles: [], topicNumber: null
    })
    await recordEffect(trx, { id: randomUUID(), kind: 'note', connection, ticketId, cause, marker: key, payload: {}, skipped: null })
  })
  return { ticketId, key }
}

async function pass (seconds: number): Promise<void> {
  await sql`update effect set not_before = not_before - ${seconds} * interval '1 second',
    updated_at = updated_at - ${seconds} * interval '1 second', created_at = created_at - ${seconds} * interval '1 second',
    unclear_at = unclear_at - ${seconds} * interval '1 second'`.execute(base.db)
}

interface Row {
  state: string, reason: string | null, attempts: number, vendor_id: string | null, unclear_at: Date | null
  left: number
}

/** `left`: seconds until it may be tried again. */
async function rowOf (key: string): Promise<Row> {
  const { rows } = await sql<Row>`select state, reason, attempts, vendor_id, unclear_at,
    extract(epoch from not_before - now())::float8 as left from effect where marker = ${key}`.execute(base.db)
  const [row] = rows
  if (row === undefined) throw new Error(`there is no effect ${key}`)
  return row
}

function posts (desk: ScriptedDesk, ticketId: string): number {
  return desk.calls.filter(call => call === `post ${ticketId}`).length
}

async function failures (): Promise<string[][]> {
  const { rows } = await sql<Record<string, string>>`select work, connection, ticket_id, message from failure`.execute(base.db)
  return rows.map(row => Object.values(row))
}

async function pausedWhy (name: string): Promise<string | null | undefined> {
  const row = await base.db.selectFrom('connection').select('paused_why').where('name', '=', name).executeTakeFirst()
  return row?.paused_why
}

test('a worker that is slow but alive keeps what it took: nobody else looks or writes meanwhile', async () => {
  const { ticketId, key } = await decide()
  quay.slowMs = 6_500                               // longer than the time after which a lease is renewed
  const first = effectsOnce(deps)
  await new Promise(resolve => setTimeout(resolve, 200))
  await pass(LEASE_S - 2)                           // almost over …
  await new Promise(resolve => setTimeout(resolve, 5_300))
  await pass(LEASE_S - 2)                           // … and renewed since, else it would be over by far
  expect(await effectsOnce(deps)).toBe(0)
  await first
  expect(await rowOf(key)).toMatchObject({ state: 'done' })
  expect(quay.calls).toEqual([`post ${ticketId}`])
})
