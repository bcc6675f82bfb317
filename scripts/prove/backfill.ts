// The proof that history arrives whole: thousands of tickets at each pretend helpdesk, read back by a service that is
// killed three times on the way and told to wait again and again. Every message must be here once, and no note anywhere.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Db } from '../../src/store/db.ts'
import { noFaults } from '../../test/sandbox/types.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'
import { openFreshdesk } from '../../test/sandbox/freshdesk.ts'
import { openIntercom } from '../../test/sandbox/intercom.ts'
import { openZendesk } from '../../test/sandbox/zendesk.ts'
import type { Proof, ProofOptions } from '../prove.ts'
import { fillPast } from './fill.ts'
import type { Past } from './fill.ts'
import { fieldOf, numberOf, openProofHouse } from './house.ts'

const DESKS = { zendesk: openZendesk, intercom: openIntercom, freshdesk: openFreshdesk }
const USUAL_TICKETS = 20_000
const DAYS = 90
const KILLS_AT = [0.2, 0.45, 0.7]
const REFUSED = 0.002                               // share of the calls that are answered 429
const PATIENCE_MS = 1_200_000

interface Result {
  desk: string, tickets: number, messages: number
  missingTickets: number, missing: number, doubled: number, strange: number
  notes: number, planned: number, calls: number, plannedCalls: number, served: number, refused: number, kills: number
  seconds: number, usableAfterSeconds: number, ticketsPerMinute: number
}

export async function proveBackfill (options: ProofOptions): Promise<Proof> {
  const tickets = options.tickets ?? USUAL_TICKETS
  const results: Result[] = []
  for (const [name, open] of Object.entries(DESKS)) {
    if (options.desk !== undefined && options.desk !== name) continue
    const desk = await open()
    try {
      results.push(await proveOne(options, desk, tickets))
    } finally {
      await desk.close()
    }
  }
  const isWhole = (r: Result): boolean => r.missingTickets + r.missing + r.doubled + r.strange + r.notes === 0
  const wasHard = (r: Result): boolean => r.kills === KILLS_AT.length && r.refused > 0
  const kept = results.length > 0 && results.every(r => isWhole(r) && wasHard(r))
  return { kept, lines: [...results.map(describe), kept ? 'kept: nothing is missing, nothing is doubled, no note was written' : 'BROKEN'], figures: { results } }
}

async function proveOne (options: ProofOptions, desk: PretendHelpdesk, tickets: number): Promise<Result> {
  const past = fillPast(desk, { tickets, days: DAYS, untilMs: Date.now() - 600_000, seed: 11 })
  desk.faults = { ...noFaults, seed: 5, rateLimited: REFUSED, onlyWrites: false }
  const before = desk.requests.length
  const counted = countRequests(desk)
  const house = await openProofHouse(options.root, [desk])
  try {
    const service = house.service()
    const since = new Date(Date.now() - (DAYS + 1) * 86_400_000).toISOString().slice(0, 10)
    const startedMs = performance.now()
    const path = `/v1/connections/${desk.name}/backfill`
    await service.post(path, { since })
    const kills = [...KILLS_AT]
    let state: unknown = null
    let usableMs: number | null = null
    for (;;) {
      state = await service.get(path)
      if (usableMs === null && fieldOf(state, 'usableAt') !== null) usableMs = performance.now()
      if (fieldOf(state, 'state') === 'done') break
      const next = kills[0]
      if (next !== undefined && numberOf(state, 'share') >= next) {
        kills.shift()
        service.kill()
      }
      if (performance.now() - startedMs > PATIENCE_MS) throw new Error(`the backfill of ${desk.name} did not end: ${JSON.stringify(state)}`)
      await sleep(200)
    }
    const seconds = (performance.now() - startedMs) / 1000
    await house.stop()
    const found = await house.look(db => compare(db, desk.name, past))
    return {
      desk: desk.name,
      tickets: past.tickets.size,
      messages: past.marks.size,
      ...found,
      notes: found.notes + desk.journal.filter(entry => entry.kind === 'note' && entry.by === 'api').length,
      planned: numberOf(state, 'planned'),
      calls: numberOf(state, 'calls'),
      plannedCalls: numberOf(state, 'plannedCalls'),
      served: counted().served - before,
      refused: counted().refused,
      kills: service.kills,
      seconds: Math.round(seconds),
      usableAfterSeconds: Math.round(((usableMs ?? startedMs) - startedMs) / 1000),
      ticketsPerMinute: Math.round(60 * past.tickets.size / seconds)
    }
  } finally {
    await house.close()
  }
}

/** The journal of requests forgets its oldest, so they are counted as they come. */
function countRequests (desk: PretendHelpdesk): () => { served: number, refused: number } {
  let served = desk.requests.length
  let refused = 0
  const push = desk.requests.push.bind(desk.requests)
  desk.requests.push = (...items) => {
    served += items.length
    refused += items.filter(item => item.status === 429).length
    return push(...items)
  }
  return () => ({ served, refused })
}

/** Every mark of a message, against what was stored: none missing, none twice, none that nobody wrote. */
async function compare (db: Db, connection: string, past: Past): Promise<{
  missingTickets: number, missing: number, doubled: number, strange: number, notes: number
}> {
  const tickets = await sql<{ id: string }>`select ticket_id as id from ticket where connection = ${connection}`.execute(db)
  const here = new Set(tickets.rows.map(row => row.id))
  const { rows } = await sql<{ ticket: string, mark: string }>`select ticket_id as ticket, substring(fact->>'text' from 'Ref (m[0-9]+n[0-9]+)') as mark
    from event where connection = ${connection} and kind in ('asked', 'answered')`.execute(db)
  const times = new Map<string, number>()
  let strange = 0
  for (const { ticket, mark } of rows) {
    times.set(mark, (times.get(mark) ?? 0) + 1)
    if (past.marks.get(mark) !== ticket) strange++
  }
  const effects = await sql<{ n: number }>`select count(*)::int as n from effect where state <> 'skipped'`.execute(db)
  return {
    missingTickets: [...past.tickets].filter(id => !here.has(id)).length,
    missing: [...past.marks.keys()].filter(mark => !times.has(mark)).length,
    doubled: [...times.values()].filter(n => n > 1).length,
    strange,
    notes: effects.rows[0]?.n ?? 0
  }
}

function describe (r: Result): string {
  return `${r.desk.padEnd(9)} ${r.tickets} tickets, ${r.messages} messages: missing ${r.missingTickets} tickets and ${r.missing} messages, doubled ${r.doubled}, ` +
    `strange ${r.strange}, notes ${r.notes}; killed ${r.kills} times, ${r.refused} calls answered 429; ` +
    `${r.served} calls served (${r.calls} counted by the service, ${r.plannedCalls} planned); ${r.seconds} s, ` +
    `newest thirty days whole after ${r.usableAfterSeconds} s; ${r.ticketsPerMinute} tickets a minute`
}
