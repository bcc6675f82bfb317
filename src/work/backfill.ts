// Reads a helpdesk's history back: what changed in the last thirty days first, so that the desk is of use soon, then what
// is older. Each page is written together with the place after it, so that a crash or a limit costs one page at most.
// Its tickets are held until their part is whole: old questions are learned from in the order in which they were asked.
import { randomUUID } from 'node:crypto'
import type { Helpdesk, HistoryPage, Instant } from '../types.ts'
import { GiveUp, messageOf, RetryLater } from '../errors.ts'
import type { Log } from '../log.ts'
import { plus } from '../learn/story.ts'
import type { LearnRules } from '../learn/steps.ts'
import {
  beginBackfill, countOpened, findBackfill, freeTickets, holdTickets, leaseBackfill, LeaseLost, listKnown,
  releaseBackfill, saveBackfill
} from '../store/backfill.ts'
import type { Backfill, Change, Spent } from '../store/backfill.ts'
import { recordFailure } from '../store/effects.ts'
import { isConflict } from '../store/db.ts'
import type { Db } from '../store/db.ts'
import { ensurePartitions } from '../store/partitions.ts'
import { recordFacts } from '../store/recorder.ts'
import { planTickets } from './ticket.ts'
import type { Wire } from './wire.ts'

export interface BackfillDeps {
  db: Db
  log: Log
  helpdesks: ReadonlyMap<string, Helpdesk>
  rules: LearnRules
  wire: Wire
  isStopping: () => boolean
  wake: () => void                                  // something is due
}

export type Outcome = 'nothing to do' | 'done' | 'stopped' | 'waiting' | 'failed'

const RECENT_DAYS = 30
const DAY_SECONDS = 86_400
const LEASE_SECONDS = 15
const RENEW_MS = 4_000
const SMALLEST_PAGE = 5
const SHRINK_FROM = 40
const GOOD_PAGES = 20                               // in a row, before a page that was made smaller grows again
const LONGEST_WAIT_MS = 60_000
const GIVEN_UP_WAIT_MS = 600_000                    // a person has to do something first

/** Writes down what shall be read; whoever works takes it from there. `since` begins with its day. */
export async function askForBackfill (db: Db, connection: string, since: Instant, now: Instant): Promise<void> {
  const border = midnight(plus(now, -RECENT_DAYS * DAY_SECONDS))
  const from = midnight(since)
  await beginBackfill(db, connection, from, from > border ? from : border)
}

/** Goes on until it is done, refused, or stopped. Another worker's backfill is left alone. */
export async function backfillOnce (deps: BackfillDeps, connection: string): Promise<Outcome> {
  const { db, log } = deps
  const helpdesk = deps.helpdesks.get(connection)
  const lease = randomUUID()
  if (helpdesk === undefined || !await leaseBackfill(db, connection, lease, LEASE_SECONDS)) return 'nothing to do'
  const startedMs = performance.now()
  const renewal = setInterval(() => {
    leaseBackfill(db, connection, lease, LEASE_SECONDS).catch(() => { /* the next page notices that it is lost */ })
  }, RENEW_MS)
  const run: Run = { deps, helpdesk, connection, lease, counted: { calls: 0, waits: 0 }, savedMs: 0 }
  settle(run)
  const tell = (outcome: Outcome, more: object = {}): Outcome => {
    const line = { job: 'backfill', connection, outcome, ms: Math.round(performance.now() - startedMs), ...more }
    if (outcome === 'failed') log.warn(line)
    else log.info(line)
    return outcome
  }
  try {
    return tell(await deps.wire.measure(nameOf(connection), () => readAll(run)))
  } catch (error) {
    if (error instanceof LeaseLost) return tell('stopped', { message: error.message })
    const message = messageOf(error)
    const isAsked = error instanceof RetryLater
    const waitMs = await saveFailure(run, error, message)
    await releaseBackfill(db, connection, lease, waitMs)
    return tell(isAsked ? 'waiting' : 'failed', { message, waitMs })
  } finally {
    clearInterval(renewal)
    await releaseBackfill(db, connection, lease, 0).catch(() => { /* it ends by itself */ })
  }
}

interface Run {
  deps: BackfillDeps, helpdesk: Helpdesk, connection: string, lease: string
  counted: { calls: number, waits: number }         // of the meter, up to where it is written down
  savedMs: number
}

async function readAll (run: Run): Promise<Outcome> {
  let state = await getState(run)
  if (state.planned === null) await plan(run, state)
  while (state.part !== 'done') {
    const finished = await readPart(run, state)
    if (!finished) return 'stopped'
    await endPart(run, state)
    run.deps.wake()
    state = await getState(run)
  }
  return 'done'
}

/** The helpdesk's own count, of whole days because some know no other. */
async function plan (run: Run, state: Backfill): Promise<void> {
  const { helpdesk, connection, deps } = run
  const end = endOf(state)
  const planned = await helpdesk.countTickets(state.since, end)
  const stored = await countOpened(deps.db, connection, state.since, end)
  const calls = helpdesk.planCalls?.(planned) ?? null
  await save(run, { planned, planned_calls: calls }, { stored: stored - state.stored })
}

/** True when the part is whole; false when we were asked to stop. */
async function readPart (run: Run, state: Backfill): Promise<boolean> {
  const { deps, helpdesk } = run
  const isOlder = state.part === 'older'
  const options = {
    bulk: true,
    ...(isOlder ? { until: state.border } : {}),
    ...(state.pageSize === null ? {} : { pageSize: state.pageSize })
  }
  let good = state.goodPages
  const from = isOlder ? state.since : state.border
  for await (const page of helpdesk.fetchHistory(from, state.cursor ?? undefined, options)) {
    if (deps.isStopping()) return false
    good++
    await recordPage(run, state, page, good)
    if (deps.isStopping()) return false
    // Smaller pages were a remedy: after a while the usual ones are tried again.
    if (state.pageSize !== null && good >= GOOD_PAGES) {
      await save(run, { page_size: null, good_pages: 0 }, {})
      return await readPart(run, await getState(run))
    }
  }
  return true
}

async function recordPage (run: Run, state: Backfill, page: HistoryPage, good: number): Promise<void> {
  const { deps, connection } = run
  const { db } = deps
  const events = page.stories.flatMap(story => story.events)
  const ids = page.stories.map(story => story.ticketId)
  await ensurePartitions(db, [], events.map(event => event.at))
  const end = endOf(state)
  const opened = new Set(events.flatMap(event =>
    event.kind === 'opened' && event.at >= state.since && event.at < end ? [event.ticketId] : []))
  for (let tries = 0; ; tries++) {
    try {
      await db.transaction().execute(async trx => {
        const known = await listKnown(trx, connection, ids)
        const changed = await recordFacts(trx, [{ connection, facts: events }])
        await planTickets(deps, trx, changed)
        await holdTickets(trx, ids.map(ticketId => ({ connection, ticketId })), state.startedAt, state.part === 'older')
        const fresh = [...opened].filter(id => !known.has(id)).length
        const reached = page.reached === undefined ? {} : { reached: page.reached }
        await save(run, { cursor: page.cursor, good_pages: good, failures: 0, last_error: null, ...reached },
          { fetched: page.stories.length, stored: fresh }, trx)
      })
      settle(run)
      break
    } catch (error) {
      if (!isConflict(error) || tries >= 3) throw error
    }
  }
  for (const { ticketId, why } of page.unread ?? []) {
    await recordFailure(db, 'backfill', { connection, ticketId }, why)
    deps.log.warn({ job: 'backfill', connection, ticketId, outcome: 'passed over', message: why })
  }
}

/** The part is whole: its tickets are set free in one moment, and the next part begins. */
async function endPart (run: Run, state: Backfill): Promise<void> {
  const { deps, connection, lease } = run
  const next = state.part === 'recent' && state.since < state.border ? 'older' : 'done'
  const stored = await countOpened(deps.db, connection, state.since, endOf(state))
  const now = new Date()
  await deps.db.transaction().execute(async trx => {
    const { stored: before } = await getState(run, trx)
    await saveBackfill(trx, connection, lease, {
      part: next,
      cursor: null,
      ...(state.part === 'recent' ? { usable_at: now } : {}),
      ...(next === 'done' ? { finished_at: now } : {})
    }, { stored: stored - before, ...spentOf(run) })
    await freeTickets(trx, connection)
  })
  settle(run)
}

/** What went wrong is written down; returns how long it shall rest. A page that may have been too large is made smaller. */
async function saveFailure (run: Run, error: unknown, message: string): Promise<number> {
  const state = await findBackfill(run.deps.db, run.connection)
  if (error instanceof RetryLater) {
    await save(run, { last_error: message, good_pages: 0 }, {}).catch(ignoreLost)
    return Math.min(Math.max(error.waitMs, 250), 3_600_000)
  }
  const failures = (state?.failures ?? 0) + 1
  const smaller = Math.max(SMALLEST_PAGE, Math.floor((state?.pageSize ?? SHRINK_FROM) / 2))
  const change: Change = { failures, last_error: message, good_pages: 0 }
  await save(run, error instanceof GiveUp ? change : { ...change, page_size: smaller }, {}).catch(ignoreLost)
  return error instanceof GiveUp ? GIVEN_UP_WAIT_MS : Math.min(LONGEST_WAIT_MS, 500 * 2 ** failures)
}

function ignoreLost (error: unknown): void {
  if (!(error instanceof LeaseLost)) throw error
}

type Trx = Parameters<typeof saveBackfill>[0]

async function save (run: Run, change: Change, spent: Spent, trx?: Trx): Promise<void> {
  await saveBackfill(trx ?? run.deps.db, run.connection, run.lease, change, { ...spent, ...spentOf(run) })
  if (trx === undefined) settle(run)
}

function spentOf (run: Run): { calls: number, waits: number, activeMs: number } {
  const { calls, refused } = run.deps.wire.meter(nameOf(run.connection))
  const { counted } = run
  return { calls: calls - counted.calls, waits: refused - counted.waits, activeMs: performance.now() - run.savedMs }
}

/** What was spent is committed now. */
function settle (run: Run): void {
  const { calls, refused } = run.deps.wire.meter(nameOf(run.connection))
  run.counted = { calls, waits: refused }
  run.savedMs = performance.now()
}

async function getState (run: Run, trx?: Trx): Promise<Backfill> {
  const state = await findBackfill(trx ?? run.deps.db, run.connection)
  if (state === null) throw new LeaseLost(run.connection)
  return state
}

function nameOf (connection: string): string {
  return `backfill ${connection}`
}

function endOf (state: Backfill): Instant {
  return midnight(plus(state.startedAt, DAY_SECONDS))
}

function midnight (at: Instant): Instant {
  return `${at.slice(0, 10)}T00:00:00Z`
}
