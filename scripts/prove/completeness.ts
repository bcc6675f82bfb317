// The proof that a hole in the history is found: fifty tickets at each pretend helpdesk of which no webhook tells and
// which stand behind the place up to where changes were asked for. The service must find, name and fetch them by itself.
import { sql } from 'kysely'
import { openFreshdesk } from '../../test/sandbox/freshdesk.ts'
import { openIntercom } from '../../test/sandbox/intercom.ts'
import { openZendesk } from '../../test/sandbox/zendesk.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'
import type { Proof, ProofOptions } from '../prove.ts'
import { fillPast } from './fill.ts'
import { fieldOf, openProofHouse, until } from './house.ts'

const KNOWN = 600
const HIDDEN = 50
const DAY_MS = 86_400_000
const PATIENCE_MS = 240_000

interface Result {
  desk: string, known: number, hidden: number, found: number
  healed: number, stillMissing: number, strange: number, seconds: number
}

export async function proveCompleteness (options: ProofOptions): Promise<Proof> {
  const desks: PretendHelpdesk[] = [await openZendesk(), await openIntercom(), await openFreshdesk()]
  const nowMs = Date.now()
  const day = new Date(nowMs - DAY_MS - 1_800_000).toISOString().slice(0, 10)
  for (const desk of desks) fillPast(desk, { tickets: KNOWN, days: 4, untilMs: nowMs - 600_000, seed: 21 })
  const house = await openProofHouse(options.root, desks, { DESKLOOP_CATCH_UP_MINUTES: '1' })
  try {
    const service = house.service()
    const since = new Date(nowMs - 5 * DAY_MS).toISOString().slice(0, 10)
    for (const { name } of desks) await service.post(`/v1/connections/${name}/backfill`, { since })
    for (const { name } of desks) {
      const path = `/v1/connections/${name}/backfill`
      await until(() => service.get(path), state => fieldOf(state, 'state') === 'done', PATIENCE_MS, `the backfill of ${name}`)
      await service.post(`/v1/connections/${name}/catch-up`)
    }
    const hiddenMs = performance.now()
    const hidden = desks.map(desk => hide(desk, day))
    const results: Result[] = []
    for (const [i, { name }] of desks.entries()) {
      const ids = hidden[i] ?? []
      // One more pass of asking what has changed: it must not be what finds them.
      await service.post(`/v1/connections/${name}/catch-up`)
      const early = await house.look(db => countHere(db, name, ids))
      if (early > 0 && performance.now() - hiddenMs < 20_000) throw new Error(`${early} hidden tickets of ${name} were not hidden`)
      const path = `/v1/connections/${name}/completeness`
      const checks = await until(() => service.get(path), rows => healedOf(rows, day).length >= HIDDEN, PATIENCE_MS, `the check of ${name}`)
      const healed = healedOf(checks, day)
      const here = await house.look(db => countHere(db, name, ids))
      results.push({
        desk: name,
        known: KNOWN,
        hidden: ids.length,
        found: ids.filter(id => healed.includes(id)).length,
        healed: here,
        stillMissing: ids.length - here,
        strange: healed.filter(id => !ids.includes(id)).length,
        seconds: Math.round((performance.now() - hiddenMs) / 1000)
      })
    }
    const kept = results.every(r => r.found === HIDDEN && r.healed === HIDDEN && r.strange === 0)
    return { kept, lines: [...results.map(describe), kept ? 'kept: every hidden ticket was found, named and fetched' : 'BROKEN'], figures: { day, results } }
  } finally {
    await house.close()
    for (const desk of desks) await desk.close()
  }
}

/** Tickets of that day that appear only now, as an import or a late index makes them: behind every place of every list. */
function hide (desk: PretendHelpdesk, day: string): string[] {
  const ids = Array.from({ length: HIDDEN }, (_, i) => desk.openTicket({
    at: new Date(Date.parse(`${day}T08:00:00Z`) + i * 300_000).toISOString().slice(0, 19) + 'Z',
    subject: `Hidden ${i}`,
    text: `Nobody heard of question ${i}.`,
    person: { id: `hidden-${i}`, name: `Hidden ${i}`, email: `hidden${i}@moorings.example` }
  }))
  desk.pending.length = 0
  return ids
}

type Db = Parameters<Parameters<Awaited<ReturnType<typeof openProofHouse>>['look']>[0]>[0]

async function countHere (db: Db, connection: string, ids: string[]): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(distinct ticket_id)::int as n from event
    where connection = ${connection} and kind = 'opened' and ticket_id = any(${ids}::text[])`.execute(db)
  return rows[0]?.n ?? 0
}

function healedOf (checks: unknown, day: string): string[] {
  const check = Array.isArray(checks) ? checks.find(one => fieldOf(one, 'day') === day) : undefined
  const healed = fieldOf(check, 'healed')
  return Array.isArray(healed) ? healed.map(String) : []
}

function describe (r: Result): string {
  return `${r.desk.padEnd(9)} ${r.hidden} hidden among ${r.known}: ${r.found} found and named, ${r.healed} fetched, ${r.stillMissing} still missing, ` +
    `${r.strange} named wrongly; ${r.seconds} s after they were hidden`
}
