// A helpdesk that is broken for half an hour: it is left in peace, the notes wait without using up their attempts, and when
// it works again each is written once, by itself. The pretend Zendesk, its connector, the effects and the pace are the real
// ones; time passes by moving the rows' own times back, two seconds or twenty at a time.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import connector from '../../connectors/zendesk/index.ts'
import { openPace } from '../../src/pace/pace.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { openDb } from '../../src/store/db.ts'
import { recordDraft } from '../../src/store/drafts.ts'
import { recordEffect } from '../../src/store/effects.ts'
import { listHealth } from '../../src/store/stats.ts'
import { effectsOnce } from '../../src/work/effects.ts'
import { makeNotePerformer } from '../../src/work/note-performer.ts'
import type { EffectDeps } from '../../src/work/effects.ts'
import { makeKey } from '../../src/work/key.ts'
import { noFaults } from '../sandbox/types.ts'
import { openZendesk } from '../sandbox/zendesk.ts'
import { openTestDatabase } from '../support/database.ts'
import { silent } from '../support/house.ts'

const NOTES = 40
const OUTAGE_S = 1800

test('half an hour of failures: nothing is lost, nothing is doubled, and nobody has to do anything', async () => {
  const base = await openTestDatabase()
  const paceDb = openDb(base.url, 'deskloop-pace', 2)
  const desk = await openZendesk()
  const pass = async (seconds: number): Promise<void> => {
    const back = sql`${seconds}::float8 * interval '1 second'`
    await sql`update effect set not_before = not_before - ${back}, updated_at = updated_at - ${back},
      created_at = created_at - ${back}, unclear_at = unclear_at - ${back}`.execute(base.db)
    await sql`update pace set rest_until = rest_until - ${back}, held_until = held_until - ${back}, filled_at = filled_at - ${back}`.execute(base.db)
  }
  const drain = async (): Promise<void> => {
    for (let i = 0; i < 20 && await effectsOnce(deps) > 0; i++) { /* until none is due */ }
  }
  const states = async (): Promise<Record<string, number>> => {
    const { rows } = await sql<{ state: string, n: number }>`select state, count(*)::int as n from effect group by state`.execute(base.db)
    return Object.fromEntries(rows.map(row => [row.state, row.n]))
  }
  await saveConnection(base.db, 'zendesk', 'zendesk')
  const rate = { limit: 100_000, windowMs: 60_000 }
  const pace = openPace({ db: paceDb, log: silent, connection: 'zendesk', rate, limit: 100_000 })
  const deps: EffectDeps = {
    db: base.db,
    log: silent,
    performers: [makeNotePerformer({
      db: base.db, helpdesks: new Map([['zendesk', connector.open(desk.settings, 'zendesk', pace)]]),
      resendAfterMs: () => connector.resendAfterMs ?? 60_000, rules: { highScore: 0.85 }, home: '',
      notedAt: effect => effect.askedAt
    })]
  }
  try {
    const reader = connector.open(desk.settings, 'zendesk')
    for (let i = 0; i < NOTES; i++) {
      const at = new Date(Date.parse('2026-10-05T07:00:00Z') + i * 60_000).toISOString().slice(0, 19) + 'Z'
      const person = { id: `p${i}`, name: `Guest ${i}`, email: `guest${i}@saltmarsh.example` }
      const ticketId = desk.openTicket({ at, subject: 'Berth', text: `Is berth ${i} free?`, person })
      const basis = (await reader.fetchTicket(ticketId)).find(event => event.kind === 'asked')?.messageId ?? ''
      const key = makeKey()
      await base.db.transaction().execute(async trx => {
        await recordDraft(trx, {
          connection: 'zendesk', ticketId, questionId: basis, key, askedAt: at, basis, language: 'en', text: `Berth ${i} is free.`,
          topic: 'berth', score: 0.9, threshold: 0.5, action: 'note', reason: 'sure', sources: []
        })
        await recordEffect(trx, { id: randomUUID(), kind: 'note', connection: 'zendesk', ticketId, cause: basis, marker: key, payload: {}, skipped: null })
      })
    }

    desk.faults = { ...noFaults, error500: 1, onlyWrites: false }
    const calls: number[] = []                      // of each twenty seconds
    let resting = 0
    for (let second = 0; second < OUTAGE_S; second += 20) {
      const before = desk.requests.length
      await drain()
      calls.push(desk.requests.length - before)
      if ((await listHealth(base.db))[0]?.pace?.restingUntil != null) resting++
      await pass(20)
    }
    const first = calls[0] ?? 0
    const later = calls.slice(1)
    expect(first).toBeGreaterThanOrEqual(20)        // so many it takes to notice
    expect(first).toBeLessThanOrEqual(60)
    expect(Math.max(...later)).toBeLessThanOrEqual(3)             // the call that tries, and its neighbours of the same ticket
    expect(later.reduce((sum, n) => sum + n, 0)).toBeLessThan(80)
    expect(resting).toBe(OUTAGE_S / 20)
    expect(await states()).toEqual({ pending: NOTES })
    const { rows: [most] } = await sql<{ attempts: number }>`select max(attempts) as attempts from effect`.execute(base.db)
    expect(most?.attempts).toBeLessThanOrEqual(6)   // of thirteen; only calls that really went out count

    desk.faults = { ...noFaults }
    let seconds = 0
    for (; seconds < 3_600 && ((await states()).done ?? 0) < NOTES; seconds += 2) {
      await drain()
      await pass(2)
    }
    expect(await states()).toEqual({ done: NOTES })
    const notes = desk.journal.filter(entry => entry.kind === 'note' && entry.by === 'api')
    expect(notes.every(note => !note.public)).toBe(true)
    expect(notes).toHaveLength(NOTES)
    expect(new Set(notes.map(note => note.ticketId)).size).toBe(NOTES)
    expect((await listHealth(base.db))[0]?.pace?.restingUntil).toBe(null)
    expect(seconds).toBeLessThan(600)               // the pace wakes within a minute; a note that failed has a wait of its own
    const { rows: [failures] } = await sql<{ n: number }>`select count(*)::int as n from failure`.execute(base.db)
    expect(failures?.n).toBe(0)
  } finally {
    await desk.close()
    await paceDb.destroy()
    await base.close()
  }
}, 150_000)
