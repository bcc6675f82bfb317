// deskloop prove rate: three pretend helpdesks keep their limits, in the vendors' own windows and headers. Two processes
// offer each of them three times its limit as backfill, and write notes meanwhile. What is measured: how many calls were
// refused, how long a note waits, how much of the budget was used; at last the same without a pace, so that one sees that
// the limits are real.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { openLog } from '../../src/log.ts'
import { makeBucket } from '../../src/pace/bucket.ts'
import { openPace } from '../../src/pace/pace.ts'
import { openDb, migrate } from '../../src/store/db.ts'
import type { Db } from '../../src/store/db.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { openFreshdesk } from '../../test/sandbox/freshdesk.ts'
import { openIntercom } from '../../test/sandbox/intercom.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'
import { openZendesk } from '../../test/sandbox/zendesk.ts'
import type { Proof, ProofOptions } from '../prove.ts'
import type { NoteToWrite, Shift, ShiftReport } from './rate-worker.ts'

const PROCESSES = 2
const SECONDS = { alone: 25, backfill: 75, unpaced: 25 }
const NOTES_PER_MINUTE = 15
const TIMES_THE_LIMIT = 3
const TICKETS = 120
const SHARE = 0.5
const SAMPLE_MS = 250
const MOST_REFUSED = 0.01
const LONGEST_P95_MS = 5_000
const OVER_BUDGET = 1.02                            // a call arrives a moment after its turn was given
const CALLS = 500

interface Desk { pretend: PretendHelpdesk, limit: number, windowMs: number, notes: NoteToWrite[] }

export async function proveRate ({ root }: ProofOptions): Promise<Proof> {
  const folder = mkdtempSync(join(tmpdir(), 'deskloop-rate-'))
  const closing: Array<() => Promise<unknown>> = [async () => { rmSync(folder, { recursive: true, force: true }) }]
  try {
    const server = await openEmbedded(folder)
    closing.push(async () => { await server.close(); await stopServer(folder) })
    const db = openDb(server.url, 'deskloop-prove', 4)
    closing.push(() => db.destroy())
    await migrate(db, join(root, 'migrations'))
    const desks = await openDesks()
    for (const { pretend } of desks) closing.push(() => pretend.close())
    // Each phase has processes of its own: nothing of the one before goes on in it.
    const runWith = async (how: How): Promise<Phase[]> => {
      const file = join(import.meta.dirname, 'rate-worker.ts')
      const workers = Array.from({ length: PROCESSES }, () => fork(file, { execArgv: ['--no-warnings'] }))
      try {
        return await runPhase(desks, workers, server.url, how)
      } finally {
        for (const worker of workers) worker.kill()
      }
    }

    const alone = await runWith({ seconds: SECONDS.alone, paced: true, backfill: false })
    const backfill = await runWith({ seconds: SECONDS.backfill, paced: true, backfill: true })
    const overhead = await measureOverhead(db)
    await sleep(toMinuteWithRoom(Date.now()))
    const unpaced = await runWith({ seconds: SECONDS.unpaced, paced: false, backfill: true })
    return report(desks, { alone, backfill, unpaced }, overhead)
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

async function openDesks (): Promise<Desk[]> {
  const opened = [
    { pretend: await openZendesk({ limits: { perMinute: 480 } }), limit: 480, windowMs: 60_000 },
    { pretend: await openIntercom({ rateLimit: 120 }), limit: 120, windowMs: 10_000 },
    { pretend: await openFreshdesk({ limits: { perMinute: 480 } }), limit: 480, windowMs: 60_000 }
  ]
  return opened.map(o => ({ ...o, notes: fill(o.pretend) }))
}

// Freshdesk counts by the minute of the clock: a phase that is cut by its end would show half of what it would do.
function toMinuteWithRoom (nowMs: number): number {
  const into = nowMs % 60_000
  return into + SECONDS.unpaced * 1000 + 8_000 <= 60_000 ? 0 : 60_000 - into
}

// Each ticket is there for one note; the history is the same tickets.
function fill (desk: PretendHelpdesk): NoteToWrite[] {
  return Array.from({ length: TICKETS }, (_, i) => {
    const openedMs = Date.UTC(2026, 9, 5, 7) + i * 60_000
    const at = (seconds: number): string => new Date(openedMs + seconds * 1000).toISOString().slice(0, 19) + 'Z'
    const person = { id: `p${i}`, name: `Guest ${i}`, email: `guest${i}@saltmarsh.example` }
    const ticketId = desk.openTicket({ at: at(0), subject: 'Berth', text: `Is berth ${i} free?`, person })
    const basis = desk.customerWrites(ticketId, { at: at(30), text: 'From Friday on.' })
    return { ticketId, basis, key: `dl-rate${String(i).padStart(9, 'a')}`, afterMs: 0 }
  })
}

interface How { seconds: number, paced: boolean, backfill: boolean }

interface Phase { reports: ShiftReport[], calls: number, refused: number, busiest: number, seconds: number }

/** By helpdesk, in the order of `desks`. */
async function runPhase (
  desks: Desk[], workers: ChildProcess[], databaseUrl: string, how: How
): Promise<Phase[]> {
  const load = how.backfill ? how.paced ? 'notes and backfill' : 'backfill' : 'notes alone'
  process.stderr.write(`prove: ${how.seconds} s ${how.paced ? 'with' : 'without'} a pace, ${load}\n`)
  const before = desks.map(({ pretend }) => pretend.requests.length)
  const watch = watchBusiest(desks)
  const startedMs = performance.now()
  const everyMs = 60_000 / NOTES_PER_MINUTE
  const due = desks.map(desk => how.paced ? desk.notes.splice(0, Math.floor(how.seconds * 1000 / everyMs)) : [])
  const orders = workers.map((_, process) => desks.map((desk, d): Shift => ({
    name: desk.pretend.name,
    settings: desk.pretend.settings,
    seconds: how.seconds,
    paced: how.paced,
    offered: how.backfill ? TIMES_THE_LIMIT * desk.limit * 1000 / desk.windowMs / workers.length : 0,
    notes: (due[d] ?? []).map((note, i) => ({ ...note, afterMs: i * everyMs }))
      .filter((_note, i) => i % workers.length === process)
  })))
  const told = await Promise.all(workers.map((worker, i) => ask(worker, { databaseUrl, shifts: orders[i] })))
  const seconds = (performance.now() - startedMs) / 1000
  const busiest = watch.end()
  return desks.map(({ pretend }, d) => {
    const requests = pretend.requests.slice(before[d])
    return {
      reports: told.flatMap(reports => reports.filter(r => r.name === pretend.name)),
      calls: requests.length,
      refused: requests.filter(r => r.status === 429).length,
      busiest: busiest[d] ?? 0,
      seconds
    }
  })
}

async function ask (worker: ChildProcess, order: unknown): Promise<ShiftReport[]> {
  return await new Promise((resolve, reject) => {
    worker.once('message', (said: { reports?: ShiftReport[], fault?: string }) => {
      if (said.reports === undefined) reject(new Error(said.fault ?? 'a process of the proof said nothing'))
      else resolve(said.reports)
    })
    worker.once('exit', () => { reject(new Error('a process of the proof has died')) })
    worker.send(order as object)
  })
}

/** The most calls that a helpdesk received in any window of its own. */
function watchBusiest (desks: Desk[]): { end: () => number[] } {
  const samples: Array<{ atMs: number, counts: number[] }> = []
  const look = (): void => {
    samples.push({ atMs: performance.now(), counts: desks.map(({ pretend }) => pretend.requests.length) })
  }
  look()
  const timer = setInterval(look, SAMPLE_MS)
  return {
    end () {
      clearInterval(timer)
      look()
      return desks.map(({ windowMs }, d) => {
        const count = (sample: { counts: number[] } | undefined): number => sample?.counts[d] ?? 0
        return Math.max(...samples.map(sample =>
          count(sample) - count(samples.find(earlier => earlier.atMs >= sample.atMs - windowMs))))
      })
    }
  }
}

interface Overhead { oneByOneMs: Spread, statementMs: Spread, together: number }
interface Spread { p50: number, p95: number, max: number }

// Calls that cost nothing, under a limit that is never reached: what is left is the pace itself.
async function measureOverhead (db: Db): Promise<Overhead> {
  process.stderr.write(`prove: ${CALLS} calls that cost nothing\n`)
  const pace = openPace({
    db, log: openLog('silent'), connection: 'overhead', rate: { limit: 1e7, windowMs: 1000 }, limit: 1e7, share: 1
  })
  const what = { endpoint: 'GET /x', write: false }
  const call = async (): Promise<number> => {
    const startedMs = performance.now()
    await pace.begin('live')(what, async () => 0, () => ({ failed: false, quotas: [], waitMs: null }))
    return performance.now() - startedMs
  }
  for (let i = 0; i < 100; i++) await call()
  const each: number[] = []
  const bare: number[] = []
  for (let i = 0; i < CALLS; i++) {                 // in turns, so that whatever else this machine does falls on both alike
    each.push(await call())
    const startedMs = performance.now()
    await sql`select 1`.execute(db)
    bare.push(performance.now() - startedMs)
  }
  const startedMs = performance.now()
  for (let i = 0; i < CALLS; i += 32) await Promise.all(Array.from({ length: 32 }, call))
  const together = (performance.now() - startedMs) / CALLS
  return { oneByOneMs: spreadOf(each), statementMs: spreadOf(bare), together }
}

function spreadOf (values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const last = sorted.length - 1
  const at = (share: number): number => sorted[Math.min(last, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50: at(0.5), p95: at(0.95), max: sorted.at(-1) ?? Number.NaN }
}

function report (desks: Desk[], phases: Record<'alone' | 'backfill' | 'unpaced', Phase[]>, overhead: Overhead): Proof {
  const lines: string[] = []
  const broken: string[] = []
  const figures = desks.map(({ pretend, limit, windowMs }, d) => {
    const [alone, busy, bare] = [phases.alone[d], phases.backfill[d], phases.unpaced[d]]
    if (alone === undefined || busy === undefined || bare === undefined) throw new Error(`${pretend.name} was not measured`)
    const bucket = makeBucket(limit, SHARE, windowMs)
    const delays = (phase: Phase): number[] => phase.reports.flatMap(r => r.delaysMs)
    const sum = (phase: Phase, of: (r: ShiftReport) => number): number => phase.reports.reduce((n, r) => n + of(r), 0)
    const refusedShare = (phase: Phase): number => phase.refused / Math.max(1, phase.calls)
    const notes = pretend.journal.filter(entry => entry.kind === 'note' && entry.by === 'api')
    const wanted = TICKETS - (desks[d]?.notes.length ?? 0)
    const spread = spreadOf(delays(busy))
    const paid = busy.calls / busy.seconds * windowMs / 1000
    const faults = [alone, busy].flatMap(phase => phase.reports.flatMap(r => r.faults))
    if (refusedShare(busy) > MOST_REFUSED) broken.push(`${pretend.name} refused more than 1 % of the calls`)
    if (refusedShare(bare) < 0.1) broken.push(`${pretend.name}: without a pace too little was refused for this to prove anything`)
    const once = notes.length === wanted && new Set(notes.map(n => n.ticketId)).size === wanted
    if (!once) broken.push(`${pretend.name}: ${notes.length} notes of ${wanted}`)
    if (busy.busiest > bucket.budget * OVER_BUDGET) broken.push(`${pretend.name} was asked more often than the budget allows`)
    if (notes.some(n => n.public)) broken.push(`${pretend.name} showed a note in public`)
    if (!(spread.p95 <= LONGEST_P95_MS)) broken.push(`${pretend.name}: notes waited longer than ${LONGEST_P95_MS} ms (p95)`)
    if (faults.length > 0) broken.push(`${pretend.name}: ${faults[0]}`)
    const window = `${windowMs / 1000} s`
    lines.push(
      `${pretend.name}: limit ${limit} calls in ${window}, budget ${bucket.budget}`,
      `  offered         ${Math.round((sum(busy, r => r.offered)) / busy.seconds * windowMs / 1000)} calls of backfill in ${window} (${sum(busy, r => r.answered)} answered in all), a history beside them, ${NOTES_PER_MINUTE} notes a minute`,
      `  refused (429)   ${percent(refusedShare(busy))} of ${busy.calls} calls; without a pace ${percent(refusedShare(bare))} of ${bare.calls}`,
      `  notes           alone ${show(spreadOf(delays(alone)))}; with the backfill ${show(spread)} (${delays(busy).length} notes)`,
      `  throughput      ${Math.round(paid)} calls in ${window}, ${percent(paid / bucket.budget)} of the budget; the busiest ${window}: ${busy.busiest}; held back ${sum(busy, r => r.heldBack)}`
    )
    return {
      helpdesk: pretend.name, limit, windowMs, budget: bucket.budget, calls: busy.calls, refused: busy.refused,
      refusedWithoutPace: refusedShare(bare), noteDelayAloneMs: spreadOf(delays(alone)), noteDelayMs: spread,
      notes: notes.length, callsPerWindow: paid, busiestWindow: busy.busiest, heldBack: sum(busy, r => r.heldBack)
    }
  })
  const { oneByOneMs: one, statementMs: bare, together } = overhead
  lines.push(
    `the pace itself: ${round(one.p50)} ms a call (p95 ${round(one.p95)}, most ${round(one.max)}); 32 at a time ${round(together)} ms; a bare statement on the same database ${round(bare.p50)} ms (p95 ${round(bare.p95)})`,
    ...broken.map(what => `BROKEN: ${what}`)
  )
  return { kept: broken.length === 0, lines, figures: { helpdesks: figures, overheadMs: overhead, broken } }
}

function percent (share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function round (ms: number): string {
  return ms.toFixed(ms < 1 ? 3 : 1)
}

function show ({ p50, p95, max }: Spread): string {
  return `p50 ${Math.round(p50)} ms, p95 ${Math.round(p95)}, most ${Math.round(max)}`
}

async function stopServer (folder: string): Promise<void> {
  const file = join(folder, 'postgres', 'postmaster.pid')
  if (!existsSync(file)) return
  process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGINT')       // fast shutdown
  for (let i = 0; i < 200 && existsSync(file); i++) await sleep(50)
}
