// The proof that nothing is missing: the tickets that the helpdesk names for a day, against those that we hold. What is
// missing is fetched, what is here alone is explained.
import type { Helpdesk, Instant } from '../types.ts'
import { GiveUp, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Queue } from '../queue.ts'
import { plus } from '../learn/story.ts'
import { listHeld, listOpened, saveDayCheck } from '../store/completeness.ts'
import type { DayCheck } from '../store/completeness.ts'
import type { Db } from '../store/db.ts'
import { isConflict } from '../store/db.ts'
import { ensurePartitions } from '../store/partitions.ts'
import { recordFacts } from '../store/recorder.ts'
import type { ExtraTicket } from '../store/schema.ts'
import { recordFailure } from '../store/effects.ts'

export interface CompletenessDeps { db: Db, log: Log, queue: Queue, helpdesks: ReadonlyMap<string, Helpdesk> }

export type DayResult = Omit<DayCheck, 'checkedAt'>

const DAY_SECONDS = 86_400
const MOST_LOOKS = 50                               // at tickets that are here alone, in one check
const KNOWN_REASONS: Readonly<Record<string, string>> = {
  deleted: 'deleted at the helpdesk, which counts it no more',
  spam: 'marked as spam at the helpdesk, which counts it no more'
}

/** Checks one day of UTC (2026-11-21), heals it, and writes down what was found. */
export async function checkDay (deps: CompletenessDeps, connection: string, day: string): Promise<DayResult> {
  const startedMs = performance.now()
  const helpdesk = deps.helpdesks.get(connection)
  if (helpdesk === undefined) throw new Error(`there is no connection ${connection}`)
  if (helpdesk.listCreated === undefined) throw new GiveUp(`${connection} is of a helpdesk that cannot name the tickets of a day`)
  const from: Instant = `${day}T00:00:00Z`
  const to = plus(from, DAY_SECONDS)
  const theirs = await helpdesk.countTickets(from, to)
  const named = new Set(await helpdesk.listCreated(from, to))
  const held = await listHeld(deps.db, connection, [...named])
  const absent = [...named].filter(id => !held.has(id)).sort(compareIds)
  const healed: string[] = []
  const missing: string[] = []
  for (const ticketId of absent) (await heal(deps, helpdesk, connection, ticketId) ? healed : missing).push(ticketId)
  const alone = (await listOpened(deps.db, connection, from, to)).filter(one => !named.has(one.ticketId))
  const extra = await explain(helpdesk, alone)
  const result: DayResult = {
    connection, day, theirs, listed: named.size, ours: named.size - missing.length, missing, healed, extra
  }
  await saveDayCheck(deps.db, result)
  const counts = { theirs, listed: named.size, ours: result.ours, healed: healed.length, missing: missing.length }
  const ms = Math.round(performance.now() - startedMs)
  const line = { job: 'completeness', connection, day, outcome: outcomeOf(result), ms, ...counts, extra: extra.length }
  if (line.outcome === 'complete') deps.log.info(line)
  else deps.log.warn(line)
  return result
}

function outcomeOf ({ missing, healed, theirs, listed }: DayResult): string {
  if (missing.length > 0) return 'missing'
  if (healed.length > 0) return 'healed'
  return theirs > listed ? 'counted, not named' : 'complete'
}

/** True when it is here now. */
async function heal (
  deps: CompletenessDeps, helpdesk: Helpdesk, connection: string, ticketId: string
): Promise<boolean> {
  try {
    const events = await helpdesk.fetchTicket(ticketId)
    await ensurePartitions(deps.db, [], events.map(event => event.at))
    for (let tries = 0; ; tries++) {
      try {
        await deps.db.transaction().execute(async trx => {
          await deps.queue.send(trx, await recordFacts(trx, [{ connection, facts: events }]))
        })
        break
      } catch (error) {
        if (!isConflict(error) || tries >= 3) throw error
      }
    }
    deps.queue.wake()
    return events.some(event => event.kind === 'opened')
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error
    await recordFailure(deps.db, 'completeness', { connection, ticketId }, messageOf(error))
    return false
  }
}

async function explain (
  helpdesk: Helpdesk, alone: Array<{ ticketId: string, gone: string | null }>
): Promise<ExtraTicket[]> {
  const extra: ExtraTicket[] = []
  let looks = 0
  for (const { ticketId, gone } of alone) {
    const known = gone === null ? undefined : KNOWN_REASONS[gone]
    if (known !== undefined) extra.push({ ticketId, why: known })
    else if (looks++ < MOST_LOOKS) extra.push({ ticketId, why: await lookAt(helpdesk, ticketId) })
    else extra.push({ ticketId, why: 'not looked at: there are too many' })
  }
  return extra
}

async function lookAt (helpdesk: Helpdesk, ticketId: string): Promise<string> {
  try {
    await helpdesk.fetchTicket(ticketId)
    return 'it stands there, but is not named for its day: in the archive, or not yet in the index'
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error
    return 'the helpdesk does not show it any more'
  }
}

function compareIds (a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1)
}

/** The days from the first to the last, both included; at most so many. */
export function daysBetween (first: string, last: string, most: number): string[] {
  const days: string[] = []
  for (let at: Instant = `${first}T00:00:00Z`; at.slice(0, 10) <= last && days.length < most; at = plus(at, DAY_SECONDS)) days.push(at.slice(0, 10))
  return days
}

/** Which day should be checked next; null: none. Yesterday first, and each again while its tickets may still move. */
export function nextDay (checks: readonly DayCheck[], oldest: string, now: Instant): string | null {
  // The vendors' indexes are minutes behind: a day is looked at half an hour after its end.
  const yesterday = plus(now, -DAY_SECONDS - 1800).slice(0, 10)
  const week = daysBetween(plus(now, -8 * DAY_SECONDS).slice(0, 10), yesterday, 10)
  const recent = week.reverse().filter(day => day >= oldest)
  return recent.find(day => isDue(checks.find(check => check.day === day), day, now)) ?? null
}

const HOUR_SECONDS = 3600

function isDue (check: DayCheck | undefined, day: string, now: Instant): boolean {
  if (check === undefined) return true
  if (check.missing.length > 0 || check.listed < check.theirs) return check.checkedAt < plus(now, -HOUR_SECONDS)
  const isNew = day >= plus(now, -3 * DAY_SECONDS).slice(0, 10)
  return check.checkedAt < plus(now, -(isNew ? 6 : 48) * HOUR_SECONDS)
}
