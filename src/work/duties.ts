// What a worker does for each connection besides its tickets: asks what has changed, reads history back, proves that
// nothing is missing, reads tickets again. Each duty says itself whether its time has come.
import type { Helpdesk, Instant, TicketEvent } from '../types.ts'
import type { Log } from '../log.ts'
import type { Queue } from '../queue.ts'
import type { LearnRules } from '../learn/steps.ts'
import { findBackfill } from '../store/backfill.ts'
import { listDayChecks } from '../store/completeness.ts'
import { findCreated } from '../store/connections.ts'
import type { Db } from '../store/db.ts'
import { backfillOnce } from './backfill.ts'
import { catchUp } from './catch-up.ts'
import { checkDay, nextDay } from './completeness.ts'
import { heedClock, heedSilence, newestMessage } from './silence.ts'
import { sweepStates } from './state-sweep.ts'
import type { Wire } from './wire.ts'

export interface DutyDeps {
  db: Db
  log: Log
  queue: Queue
  helpdesks: ReadonlyMap<string, Helpdesk>
  rules: LearnRules
  wire: Wire
  replay: boolean
  catchUpMinutes: number
  wake: () => void                                  // something may be due
  isStopping: () => boolean
}

/** `once` returns how much it did; 0: nothing more for now. */
export interface Duty { job: string, pauseMs: number, once: () => Promise<number> }

const TICK_MS = 5_000
const SILENT_MS = 60_000                            // how often is asked while no webhooks come
const BACKFILL_MS = 1_000
const CHECK_MS = 30_000
const SWEEP_MS = 600_000
const SWEPT_AT_ONCE = 25
const AFTER_START_MS = 60_000                       // first comes what has happened meanwhile
const AFTER_FAILURE_MS = 600_000
const CHECKS_KEPT = 20

export function listDuties (deps: DutyDeps): Duty[] {
  return [...deps.helpdesks.keys()].flatMap(connection => [
    ...(deps.catchUpMinutes > 0 ? [askingFor(deps, connection)] : []),
    { job: 'backfill', pauseMs: BACKFILL_MS, once: async () => { await backfillOnce(deps, connection); return 0 } },
    // A pretend present has no yesterday that a helpdesk could be asked about.
    ...(deps.replay || deps.catchUpMinutes === 0 ? [] : [checkingOf(deps, connection), sweepingOf(deps, connection)])
  ])
}

function askingFor (deps: DutyDeps, connection: string): Duty {
  let nextMs = 0
  return {
    job: 'catch-up',
    pauseMs: Math.min(TICK_MS, deps.catchUpMinutes * 60_000),
    async once () {
      if (performance.now() < nextMs) return 0
      let newest: Instant | null = null
      const heard = (events: readonly TicketEvent[]): void => {
        const found = newestMessage(events)
        if (found !== null && (newest === null || found > newest)) newest = found
      }
      const name = `catch-up ${connection}`
      await deps.wire.measure(name, () => catchUp({ ...deps, heard }, connection))
      const isSilent = !deps.replay && await heedSilence(deps, connection, newest, wallNow())
      if (!deps.replay) await heedClock(deps, connection, deps.wire.meter(name).skewMs)
      const usualMs = deps.catchUpMinutes * 60_000
      nextMs = performance.now() + (isSilent ? Math.min(SILENT_MS, usualMs) : usualMs)
      return 0
    }
  }
}

function checkingOf (deps: DutyDeps, connection: string): Duty {
  const rest = restOf(AFTER_START_MS)
  return {
    job: 'completeness',
    pauseMs: CHECK_MS,
    once: () => rest(async () => {
      const backfill = await findBackfill(deps.db, connection)
      const created = await findCreated(deps.db, connection)
      if (created === null || (backfill !== null && backfill.part !== 'done')) return 0
      const oldest = backfill === null || backfill.since > created ? created : backfill.since
      const day = nextDay(await listDayChecks(deps.db, connection, CHECKS_KEPT), oldest.slice(0, 10), wallNow())
      if (day !== null) await checkDay(deps, connection, day)
      return 0
    })
  }
}

function sweepingOf (deps: DutyDeps, connection: string): Duty {
  const rest = restOf(AFTER_START_MS * 2)
  return {
    job: 'state-sweep',
    pauseMs: SWEEP_MS,
    once: () => rest(async () => { await sweepStates(deps, connection, SWEPT_AT_ONCE); return 0 })
  }
}

/** Lets work begin some time after the start, and rest after a failure longer than a loop would. */
function restOf (firstMs: number): (work: () => Promise<number>) => Promise<number> {
  let untilMs = performance.now() + firstMs
  return async work => {
    if (performance.now() < untilMs) return 0
    try {
      return await work()
    } catch (error) {
      untilMs = performance.now() + AFTER_FAILURE_MS
      throw error
    }
  }
}

function wallNow (): Instant {
  return new Date().toISOString().slice(0, 19) + 'Z'
}
