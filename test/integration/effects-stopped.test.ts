// When writing has to stop: a vendor that shows a note to a customer, a token that is refused, a worker that slept, a copy
// that came late. What stops is said once, waits without loss, and goes on only as it should.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import { findConnectors } from '../../src/connectors.ts'
import { GiveUp, PublicNote, Refused, RetryLater, Unclear } from '../../src/errors.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { mayWrite, claimEffects } from '../../src/store/effects.ts'
import { clearAlarm, findPause, listNoteAlarms } from '../../src/store/pauses.ts'
import { listUndone } from '../../src/store/stories.ts'
import { listHealth } from '../../src/store/stats.ts'
import type { Helpdesk } from '../../src/types.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import type { EffectDeps } from '../../src/work/effects.ts'
import { makeNotePerformer } from '../../src/work/note-performer.ts'
import { reconcileOnce } from '../../src/work/reconcile.ts'
import { probeOnce, probesOf } from '../../src/work/refused.ts'
import { keepMind } from '../../src/work/mind.ts'
import { usualTempo } from '../../src/work/schedule.ts'
import { onTicket } from '../../src/work/ticket.ts'
import { openWorker } from '../../src/work/worker.ts'
import { openQueue } from '../../src/queue.ts'
import { openFreshdesk } from '../sandbox/freshdesk.ts'
import { openIntercom } from '../sandbox/intercom.ts'
import { openZendesk } from '../sandbox/zendesk.ts'
import type { PretendHelpdesk } from '../sandbox/types.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { decide, pass, rowOf } from '../support/effects.ts'
import { ROOT, scriptDesk, silent, usualRules } from '../support/house.ts'
import type { ScriptedDesk, Turn } from '../support/house.ts'

const lost: Turn = { applies: true, throws: new Unclear('the answer never came') }
const QUARTER_S = 900

const desks: Array<[string, () => Promise<PretendHelpdesk>]> = [
  ['zendesk', () => openZendesk()], ['intercom', () => openIntercom()], ['freshdesk', () => openFreshdesk()]
]

let base: TestDatabase
let quay: ScriptedDesk
let mill: ScriptedDesk
let deps: EffectDeps
let removed: string[]
let refusal: Error | null
let lines: Array<Record<string, unknown>>

beforeAll(async () => { base = await openTestDatabase() })
afterAll(async () => { await base.close() })

beforeEach(async () => {
  await sql`truncate effect, draft, failure, connection, account_pause, note_alarm, audit, ticket, event`.execute(base.db)
  for (const name of ['quay', 'mill']) await saveConnection(base.db, name, 'zendesk')
  quay = scriptDesk()
  mill = scriptDesk()
  removed = []
  refusal = null
  lines = []
  withCopies(quay)
  deps = makeDeps(new Map([['quay', quay.helpdesk], ['mill', mill.helpdesk]]))
})

function makeDeps (helpdesks: ReadonlyMap<string, Helpdesk>): EffectDeps {
  return {
    db: base.db,
    log: pino({ level: 'info' }, { write (line: string) { lines.push(JSON.parse(line)) } }),
    performers: [makeNotePerformer({
      db: base.db, helpdesks, rules: { highScore: 0.85 }, resendAfterMs: () => 60_000, home: '', notedAt: e => e.askedAt
    })]
  }
}

/** Lists all notes of a key and takes them back, and says whether the token is taken. */
function withCopies (desk: ScriptedDesk): void {
  const none = async (): Promise<[]> => []
  const { postNote } = desk.helpdesk
  Object.assign(desk.helpdesk, {
    async fetchSelf () { if (refusal !== null) throw refusal; return { id: 'self', name: 'Deskloop' } },
    async postNote (...given: Parameters<Helpdesk['postNote']>) {
      if (refusal === null) return await postNote(...given)
      throw new Refused('quay refused the token (401 on PUT /tickets/1): renew QUAY_TOKEN', 401)
    },
    async listNotes (ticketId: string, key: string) {
      return desk.notes.flatMap((n, i) => n.ticketId !== ticketId || n.note.key !== key || removed.includes(`n${i}`)
        ? []
        : [{ noteId: `n${i}`, public: n.public, at: '2026-10-05T07:31:00Z' }])
    },
    provision: {
      notesComeBack: true, check: none, plan: none, apply: none,
      async removeNote (_ticketId: string, noteId: string) { removed.push(noteId); return 'removed' }
    }
  })
}

describe('what was unclear once', () => {
  test('is read again a quarter of an hour later, and a copy that came late is removed, counted and said', async () => {
    quay.script = [lost]
    const { ticketId, key } = await decide(base.db)
    await effectsOnce(deps)
    await pass(base.db, 10)
    await effectsOnce(deps)
    expect(await rowOf(base.db, key)).toMatchObject({ state: 'done', vendor_id: 'n0', copies: 0 })
    const [first] = quay.notes
    if (first === undefined) throw new Error('no note was written')
    quay.notes.push({ ...first }, { ...first })     // the same write, applied late, and once more
    await pass(base.db, QUARTER_S - 20)
    expect(await reconcileOnce(deps)).toBe(0)
    await pass(base.db, 30)
    expect(await reconcileOnce(deps)).toBe(1)
    expect(removed).toEqual(['n1', 'n2'])
    expect(await rowOf(base.db, key)).toMatchObject({ state: 'done', vendor_id: 'n0', copies: 2 })
    expect(lines.filter(l => l.job === 'reconcile')).toMatchObject([{ outcome: 'copies removed', copies: 2, ticketId }])
    await pass(base.db, 10_000)
    expect(await reconcileOnce(deps)).toBe(0)       // settled for good
  })

  test('and was given up meanwhile, though it stands there, is known from then on', async () => {
    quay.script = [{ applies: false, throws: new Unclear('the answer never came') }, { applies: false, throws: new GiveUp('too late: answered meanwhile') }]
    const { ticketId, key } = await decide(base.db)
    for (let i = 0; i < 20; i++) { await effectsOnce(deps); await pass(base.db, 5) }
    expect(await rowOf(base.db, key)).toMatchObject({ state: 'skipped', reason: 'too late: answered meanwhile' })
    quay.notes.push({ ticketId, note: { key, basis: 'm-1', parts: [] }, public: false })
    await pass(base.db, QUARTER_S)
    await reconcileOnce(deps)
    expect(await rowOf(base.db, key)).toMatchObject({ state: 'done', vendor_id: 'n0', reason: null })
  })

  test('is read again until it can be read; what was never unclear is not', async () => {
    const plain = await decide(base.db)
    await effectsOnce(deps)
    quay.script = [lost]
    await decide(base.db)
    await effectsOnce(deps)
    await pass(base.db, 10)
    await effectsOnce(deps)
    await pass(base.db, QUARTER_S)
    const { listNotes } = quay.helpdesk
    quay.helpdesk.listNotes = async () => { throw new Error('away') }
    expect(await reconcileOnce(deps)).toBe(1)
    expect(await reconcileOnce(deps)).toBe(0)
    if (listNotes !== undefined) quay.helpdesk.listNotes = listNotes
    await pass(base.db, QUARTER_S)
    expect(await reconcileOnce(deps)).toBe(1)
    await pass(base.db, QUARTER_S)
    expect(await reconcileOnce(deps)).toBe(0)
    expect(await rowOf(base.db, plain.key)).toMatchObject({ state: 'done', copies: 0 })
  })

  test('and has a copy in public stops its account like any public note', async () => {
    quay.script = [lost]
    const { ticketId, key } = await decide(base.db)
    await effectsOnce(deps)
    await pass(base.db, 10)
    await effectsOnce(deps)
    quay.notes.push({ ticketId, note: { key, basis: 'm-1', parts: [] }, public: true })
    await pass(base.db, QUARTER_S)
    await reconcileOnce(deps)
    expect([await findPause(base.db, 'quay'), await listNoteAlarms(base.db)]).toMatchObject([{ kind: 'public' }, [{ account: 'quay', ticketId }]])
    expect(lines.filter(l => l.level === 50)).toMatchObject([{ job: 'reconcile', outcome: 'public', ticketId }])
  })
})

describe('a token that is refused', () => {
  test('stops the account, keeps the work, is said once, and mends itself when the token works again', async () => {
    refusal = new Refused('quay refused the token (401 on GET /me): renew QUAY_TOKEN', 401)
    const kept = [await decide(base.db), await decide(base.db), await decide(base.db)]
    const elsewhere = await decide(base.db, { connection: 'mill' })
    await effectsOnce(deps)
    for (const { key } of kept) expect(await rowOf(base.db, key)).toMatchObject({ state: 'pending', attempts: 0, unclear_at: null })
    expect(await rowOf(base.db, elsewhere.key)).toMatchObject({ state: 'done' })
    expect(lines.filter(l => l.level === 50)).toMatchObject([{ connection: 'quay', outcome: 'refused', message: expect.stringContaining('renew QUAY_TOKEN') }])
    expect((await listHealth(base.db)).find(c => c.name === 'quay')).toMatchObject({ pausedKind: 'refused', pausedWhy: expect.stringContaining('renew QUAY_TOKEN') })

    const probes = probesOf(deps.performers)
    await pass(base.db, 100_000)                    // more than a day: nothing is parked for waiting
    expect([await effectsOnce(deps), await probeOnce(deps, probes, 60_000)]).toEqual([0, 0])
    expect(await findPause(base.db, 'quay')).not.toBeNull()
    refusal = null
    expect(await probeOnce(deps, probes, 60_000)).toBe(0)      // asked just now: once a minute is enough
    await pass(base.db, 61)
    expect(await probeOnce(deps, probes, 60_000)).toBe(1)
    expect([await findPause(base.db, 'quay'), await effectsOnce(deps)]).toEqual([null, 3])
    for (const { key } of kept) expect(await rowOf(base.db, key)).toMatchObject({ state: 'done', attempts: 1 })
    expect(await listNoteAlarms(base.db)).toEqual([])
  })

  test.each(desks)('%s: the true client says so, for a note as for the harmless read, and takes up its work with the new token', async (name, open) => {
    const desk = await open()
    try {
      const connector = (await findConnectors(join(ROOT, 'connectors'))).find(c => c.name === name)
      if (connector === undefined) throw new Error(`there is no ${name}`)
      const revoked = Object.fromEntries(Object.entries(desk.settings).map(([key, value]) => [key, /_(TOKEN|KEY)$/.test(key) ? 'revoked' : value]))
      const helpdesks = new Map([[name, connector.open(revoked, name)]])
      const real = makeDeps(helpdesks)
      await saveConnection(base.db, name, name)
      const ticketId = desk.openTicket({
        at: '2026-10-05T07:30:00Z', subject: 'Berth', text: 'Is berth nine free?', person: { id: 'p1', name: 'Ida Lund', email: 'ida@quay.example' }
      })
      const good = connector.open(desk.settings, name)
      const asked = (await good.fetchTicket(ticketId)).findLast(event => event.kind === 'asked')
      if (asked?.kind !== 'asked') throw new Error('nothing is asked')
      const { key } = await decide(base.db, { connection: name, ticketId, basis: asked.messageId })
      await effectsOnce(real)
      expect(await rowOf(base.db, key)).toMatchObject({ state: 'pending', attempts: 0 })
      expect(await findPause(base.db, name)).toMatchObject({ kind: 'refused', why: expect.stringMatching(/renew [A-Z]+_[A-Z_]+/) })
      await pass(base.db, 61)
      expect(await probeOnce(real, probesOf(real.performers), 60_000)).toBe(0)
      helpdesks.set(name, good)
      await pass(base.db, 61)
      expect([await probeOnce(real, probesOf(real.performers), 60_000), await effectsOnce(real)]).toEqual([1, 1])
      expect(await rowOf(base.db, key)).toMatchObject({ state: 'done', attempts: 1 })
    } finally {
      await desk.close()
    }
  })

  test('for one thing only stops nothing else', async () => {
    quay.script = [{ applies: false, throws: new Refused('quay refused the token (403 on PUT /tickets/5): widen its rights', 403) }]
    const first = await decide(base.db)
    await effectsOnce(deps)
    expect(await rowOf(base.db, first.key)).toMatchObject({ state: 'parked', reason: expect.stringContaining('widen its rights') })
    expect(await findPause(base.db, 'quay')).toBeNull()
    const next = await decide(base.db)
    await effectsOnce(deps)
    expect(await rowOf(base.db, next.key)).toMatchObject({ state: 'done' })
  })

  test('while nobody can tell whether it works is tried again, and the work is kept', async () => {
    refusal = new Error('quay did not answer')
    const { key } = await decide(base.db)
    await effectsOnce(deps)
    expect([await findPause(base.db, 'quay'), await rowOf(base.db, key)]).toMatchObject([null, { state: 'pending', attempts: 0 }])
    refusal = null
    await pass(base.db, 61)
    await effectsOnce(deps)
    expect(await rowOf(base.db, key)).toMatchObject({ state: 'done' })
  })

  test('on a look leaves the ticket to be looked at, and nobody wakes it meanwhile', async () => {
    const rules = usualRules()
    refusal = new Refused('quay refused the token (401 on GET /me): renew QUAY_TOKEN', 401)
    let asked = 0
    const helpdesks = new Map([['quay', quay.helpdesk]])
    quay.helpdesk.fetchTicket = async () => {
      asked++
      if (refusal !== null) throw new Refused('quay refused the token (401 on GET /tickets/7): renew QUAY_TOKEN', 401)
      return [{ kind: 'solved', key: 's', connection: 'quay', ticketId: '7', at: '2026-10-05T08:00:00Z' }]
    }
    await sql`insert into ticket (connection, ticket_id, rev, look_rev, first_at, last_at) values ('quay', '7', 1, 1, now(), now())`.execute(base.db)
    const look = (): Promise<void> => onTicket({ ...deps, helpdesks, rules, wake: () => {} }, { connection: 'quay', ticketId: '7' })
    await look()
    await look()
    expect([asked, await findPause(base.db, 'quay'), await listUndone(base.db, 9)]).toMatchObject([1, { kind: 'refused' }, []])
    const { rows } = await sql`select 1 from failure`.execute(base.db)
    expect(rows).toEqual([])
    refusal = null
    await pass(base.db, 61)
    await probeOnce(deps, probesOf(deps.performers), 60_000)
    expect(await listUndone(base.db, 9)).toEqual([{ connection: 'quay', ticketId: '7' }])
    await look()
    expect([asked, await listUndone(base.db, 9)]).toEqual([2, []])
  })
})

describe('a note that was public', () => {
  test('stops even a write that another worker has in its hands', async () => {
    quay.script = [{ applies: true, public: true, throws: new PublicNote('quay showed a note to a customer') }]
    const shown = await decide(base.db)
    await claimOnly(shown.id)
    const other = await decide(base.db)
    // The other worker has read the ticket and is about to write when the first one finds out.
    const post = quay.helpdesk.postNote
    let reached: () => void = () => {}
    const atTheWrite = new Promise<void>(resolve => { reached = resolve })
    let goOn: () => void = () => {}
    const gate = new Promise<void>(resolve => { goOn = resolve })
    quay.helpdesk.postNote = async (ticketId, note, beforeWrite) => {
      if (ticketId === other.ticketId) { reached(); await gate }
      return await post(ticketId, note, beforeWrite)
    }
    const second = effectsOnce(deps)
    await atTheWrite
    await sql`update effect set state = 'pending' where id = ${shown.id}`.execute(base.db)
    expect(await effectsOnce(deps)).toBe(1)
    expect(await findPause(base.db, 'quay')).toMatchObject({ kind: 'public' })
    goOn()
    await second
    expect(quay.notes.map(n => n.ticketId)).toEqual([shown.ticketId])
    expect(await rowOf(base.db, other.key)).toMatchObject({ state: 'pending', attempts: 0, unclear_at: null })
    expect(lines.filter(l => l.level === 50)).toMatchObject([{ outcome: 'public', message: 'quay showed a note to a customer' }])
  })

  test('is cleared by a person alone, with name and reason; never by a token that works', async () => {
    quay.script = [{ applies: true, public: true, throws: new PublicNote('quay showed a note to a customer') }]
    await decide(base.db)
    await effectsOnce(deps)
    await pass(base.db, 100_000)
    expect(await probeOnce(deps, probesOf(deps.performers), 60_000)).toBe(0)
    expect(await findPause(base.db, 'quay')).not.toBeNull()
    const [alarm] = await listNoteAlarms(base.db)
    expect(await clearAlarm(base.db, alarm?.id ?? '', { who: 'Ada Berg', why: 'the trigger that did it is gone' }))
      .toEqual({ account: 'quay', resumed: true })
    expect([await findPause(base.db, 'quay'), await listNoteAlarms(base.db)]).toEqual([null, []])
    const { rows } = await sql`select who, action, subject, why from audit`.execute(base.db)
    expect(rows).toEqual([{ who: 'Ada Berg', action: 'clear-alarm', subject: `quay alarm ${alarm?.id}`, why: 'the trigger that did it is gone' }])
    expect(await clearAlarm(base.db, alarm?.id ?? '', { who: 'Ada Berg', why: 'again' })).toBeNull()
  })

  test.each(desks)('%s drops the private flag: the customer sees nothing at the end, and nothing more is written', async (name, open) => {
    const desk = await open()
    try {
      const connector = (await findConnectors(join(ROOT, 'connectors'))).find(c => c.name === name)
      if (connector === undefined) throw new Error(`there is no ${name}`)
      const helpdesk = connector.open(desk.settings, name)
      const real = makeDeps(new Map([[name, helpdesk]]))
      await saveConnection(base.db, name, name)
      const ask = async (n: number): Promise<{ key: string, ticketId: string }> => {
        const ticketId = desk.openTicket({
          at: '2026-10-05T07:30:00Z', subject: 'Berth', text: 'Is berth nine free?', person: { id: `p${n}`, name: 'Ida Lund', email: `ida${n}@quay.example` }
        })
        const asked = (await helpdesk.fetchTicket(ticketId)).findLast(event => event.kind === 'asked')
        if (asked?.kind !== 'asked') throw new Error('nothing is asked')
        return await decide(base.db, { connection: name, ticketId, basis: asked.messageId })
      }
      const first = await ask(1)
      desk.faults.publicNotes = 1
      await effectsOnce(real)
      expect(await rowOf(base.db, first.key)).toMatchObject({ state: 'parked' })
      const second = await ask(2)
      for (let i = 0; i < 3; i++) { await effectsOnce(real); await pass(base.db, 100) }
      const written = desk.journal.filter(entry =>
        ['note', 'message'].includes(entry.kind) && entry.by === 'api' && entry.text?.includes('berth nine is free'))
      // The flag was truly dropped: it stood there in public, and does not any more.
      expect(written.filter(entry => entry.public)).toHaveLength(1)
      const told = (await helpdesk.fetchTicket(first.ticketId)).filter(event => event.kind === 'answered' && event.by === 'human')
      expect(told).toEqual([])
      expect((await helpdesk.findNote(first.ticketId, first.key))?.public ?? false).toBe(false)
      expect(await rowOf(base.db, second.key)).toMatchObject({ state: 'pending', attempts: 0 })
      expect(await listNoteAlarms(base.db)).toMatchObject([{ account: name, ticketId: first.ticketId }])
      // Cleared, and with the flag kept again, the second note is written.
      desk.faults.publicNotes = 0
      const [alarm] = await listNoteAlarms(base.db)
      await clearAlarm(base.db, alarm?.id ?? '', { who: 'Ada Berg', why: 'looked' })
      await effectsOnce(real)
      expect(await rowOf(base.db, second.key)).toMatchObject({ state: 'done' })
    } finally {
      await desk.close()
    }
  })
})

test('a worker that slept while another took its effect over writes nothing, and changes nothing in it', async () => {
  const { id, key } = await decide(base.db)
  const [sleeper] = await claimEffects(base.db, ['note'], 12, 20)
  if (sleeper === undefined) throw new Error('nothing was claimed')
  expect(await mayWrite(base.db, sleeper)).toBe(true)
  await pass(base.db, 21)
  const [taker] = await claimEffects(base.db, ['note'], 12, 20)
  expect(taker).toMatchObject({ id, look: true })
  expect(await mayWrite(base.db, sleeper)).toBe(false)
  if (taker !== undefined) expect(await mayWrite(base.db, taker)).toBe(true)
  expect(await rowOf(base.db, key)).toMatchObject({ state: 'inflight', attempts: 2 })
})

test('who is told to wait keeps its place in the schedule, and the longer of both waits counts', async () => {
  const away = (): Turn => ({ applies: false, throws: new Error('quay does not answer') })
  const later = (ms: number): Turn => ({ applies: false, throws: new RetryLater('the limit is reached', ms) })
  quay.script = [away(), away(), away(), later(1_000), later(600_000), away()]
  const { key } = await decide(base.db)
  const seen: Array<[number, number]> = []
  for (let i = 0; i < 40 && seen.length < 6; i++) {
    const before = quay.calls.filter(call => call.startsWith('post')).length
    await effectsOnce(deps)
    const { attempts, left } = await rowOf(base.db, key)
    if (quay.calls.filter(call => call.startsWith('post')).length > before) seen.push([attempts, left])
    await pass(base.db, Math.max(left, 0) + 0.1)
  }
  expect(seen.map(([attempts]) => attempts)).toEqual([1, 2, 3, 3, 3, 4])
  const [, , third = [0, 0], short = [0, 0], long = [0, 0]] = seen
  expect(third[1]).toBeGreaterThan(22)              // 30 s, a fifth to either side
  expect(short[1]).toBeGreaterThan(94)              // two minutes are longer than the second that was asked for
  expect(long[1]).toBeGreaterThan(595)              // … and ten minutes longer than those two
})

test('a worker does all that by itself: it looks, reads again, takes copies back, asks for the token and goes on', async () => {
  const queue = await openQueue(base.url, silent, { worker: true })
  const rules = usualRules()
  quay.script = [lost]
  const unclear = await decide(base.db)
  const worker = await openWorker({
    ...deps, queue, helpdesks: new Map(), now: async () => '2026-10-05T08:00:00Z', catchUpMinutes: 0,
    think: { db: base.db, log: silent, keeper: keepMind(rules), rules, mode: 'draft', replay: true },
    tempo: { ...usualTempo, scheduleMs: [50, 50, 50], leastLookMs: 50, recheckMs: 1_500, probeMs: 400 }
  })
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + 20_000; Date.now() < end && !await holds();) await sleep(50)
    expect(await holds()).toBe(true)
  }
  try {
    await until(async () => (await rowOf(base.db, unclear.key)).state === 'done')
    const [first] = quay.notes
    if (first !== undefined) quay.notes.push({ ...first })
    await until(async () => (await rowOf(base.db, unclear.key)).copies === 1)
    refusal = new Refused('quay refused the token (401 on GET /me): renew QUAY_TOKEN', 401)
    const kept = await decide(base.db)
    await until(async () => await findPause(base.db, 'quay') !== null)
    await sleep(600)                                // asked again meanwhile, and still refused
    expect(await findPause(base.db, 'quay')).toMatchObject({ kind: 'refused' })
    refusal = null
    await until(async () => (await rowOf(base.db, kept.key)).state === 'done')
    expect(await findPause(base.db, 'quay')).toBeNull()
  } finally {
    await worker.close()
    await queue.close()
  }
}, 90_000)

async function claimOnly (id: string): Promise<void> {
  await sql`update effect set state = 'skipped' where id = ${id}`.execute(base.db)
}
