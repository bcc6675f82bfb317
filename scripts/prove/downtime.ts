// The proof that a gap is closed: the service is stopped, a thousand tickets change at the helpdesk, and it is started
// again. Every change must be here within fifteen minutes.
import { sql } from 'kysely'
import { openFreshdesk } from '../../test/sandbox/freshdesk.ts'
import { openIntercom } from '../../test/sandbox/intercom.ts'
import { openZendesk } from '../../test/sandbox/zendesk.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'
import type { Proof, ProofOptions } from '../prove.ts'
import { fieldOf, openProofHouse, until } from './house.ts'

const DESKS = { zendesk: openZendesk, intercom: openIntercom, freshdesk: openFreshdesk }
const USUAL_TICKETS = 1_000
const WITHIN_SECONDS = 900

interface Result { desk: string, changed: number, here: number, doubled: number, seconds: number }

export async function proveDowntime (options: ProofOptions): Promise<Proof> {
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
  const isWhole = (r: Result): boolean => r.here === r.changed && r.doubled === 0
  const kept = results.length > 0 && results.every(r => isWhole(r) && r.seconds <= WITHIN_SECONDS)
  const lines = results.map(r => `${r.desk.padEnd(9)} ${r.changed} tickets changed while it was stopped: ${r.here} changes here ${r.seconds} s after the start, doubled ${r.doubled}`)
  return { kept, lines: [...lines, kept ? `kept: within ${WITHIN_SECONDS} s` : 'BROKEN'], figures: { results } }
}

async function proveOne (options: ProofOptions, desk: PretendHelpdesk, tickets: number): Promise<Result> {
  const at = (ms: number): string => new Date(ms).toISOString().slice(0, 19) + 'Z'
  const openedMs = Date.now() - 86_400_000
  const ids = Array.from({ length: tickets }, (_, i) => desk.openTicket({
    at: at(openedMs + i * 1000), subject: `Mooring ${i}`, text: `Is mooring ${i} free?`, person: { id: `g${i}`, name: `Guest ${i}`, email: `g${i}@moorings.example` }
  }))
  desk.pending.length = 0
  desk.setNow(at(Date.now() + 120_000))
  const house = await openProofHouse(options.root, [desk], { DESKLOOP_CATCH_UP_MINUTES: '5' })
  try {
    const path = `/v1/connections/${desk.name}/backfill`
    await house.service().post(path, { since: at(openedMs).slice(0, 10) })
    await until(() => house.service().get(path), state => fieldOf(state, 'state') === 'done', 300_000, 'the backfill before')
    await house.service().post(`/v1/connections/${desk.name}/catch-up`)
    await house.stop()
    const nowMs = Date.now()
    const marks = ids.map((id, i) => {
      desk.customerWrites(id, { at: at(nowMs), text: `Still waiting for an answer. Ref gap${i}.` })
      return `gap${i}`
    })
    desk.pending.length = 0                         // its webhooks found nobody, and nobody sends them again
    desk.setNow(at(nowMs + 180_000))
    const startedMs = performance.now()
    await house.start()
    const times = await until(() => house.look(countMarks), found => found.size >= marks.length, WITHIN_SECONDS * 1000, 'the last change')
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    return {
      desk: desk.name,
      changed: tickets,
      here: marks.filter(mark => times.has(mark)).length,
      doubled: [...times.values()].filter(n => n > 1).length,
      seconds
    }
  } finally {
    await house.close()
  }
}

type Db = Parameters<Parameters<Awaited<ReturnType<typeof openProofHouse>>['look']>[0]>[0]

async function countMarks (db: Db): Promise<Map<string, number>> {
  const { rows } = await sql<{ mark: string, n: number }>`select substring(fact->>'text' from 'Ref (gap[0-9]+)') as mark, count(*)::int as n
    from event where kind = 'asked' and fact->>'text' like '%Ref gap%' group by 1`.execute(db)
  return new Map(rows.map(row => [row.mark, row.n]))
}
