// How a connection is, in words: what is well, what somebody should look at, and what to do. The page, the API and the
// doctor say the same, because they ask here.
import { sql } from 'kysely'
import type { Instant } from '../types.ts'
import { findLastDelivery, listAlarms } from './alarms.ts'
import type { Alarm } from './alarms.ts'
import { findBackfill } from './backfill.ts'
import type { Backfill } from './backfill.ts'
import { listDayChecks } from './completeness.ts'
import type { DayCheck } from './completeness.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import { progressOf, sayDuration, sayProgress } from './progress.ts'

/** `stop`: something is broken. `look`: somebody should look this week. `todo` says what to do. */
export interface Line { level: 'ok' | 'look' | 'stop', what: string, todo?: string }

export interface ConnectionState {
  name: string, connector: string, pausedWhy: string | null, createdAt: Instant
  lastDeliveryAt: Instant | null                    // a webhook
  lastEventAt: Instant | null                       // by the helpdesk's clock
  lastAskedAt: Instant | null                       // when asking what has changed last got an answer
  tickets: number
  undone: number                                    // tickets with something that nobody has looked at
  oldestUndoneSeconds: number | null                // since when the longest of them waits
  held: number                                      // tickets of the history that wait for their part
  notesWaiting: number
  notesParked: number
  alarms: Alarm[]                                   // open ones
  backfill: Backfill | null
  days: DayCheck[]                                  // newest first
}

const DAYS_SHOWN = 35

export async function findConnectionState (db: Db, name: string): Promise<ConnectionState | null> {
  const { rows } = await sql<{
    connector: string, paused_why: string | null, created_at: Date, asked: Date | null, tickets: number, undone: number
    held: number, last_event: Date | null, pending: number, parked: number
  }>`select c.connector, c.paused_why, c.created_at,
      (select at from cursor where connection = c.name and name = 'asked') as asked,
      t.tickets, t.undone, t.held, t.last_event,
      (select count(*)::int from effect e where e.connection = c.name and e.state in ('pending', 'inflight')) as pending,
      (select count(*)::int from effect e where e.connection = c.name and e.state = 'parked') as parked
    from connection c, lateral (
      select count(*)::int as tickets, count(*) filter (where rev > done_rev or look_rev > looked_rev)::int as undone,
        count(*) filter (where held)::int as held, max(last_at) as last_event from ticket where connection = c.name) t
    where c.name = ${name}`.execute(db)
  const row = rows[0]
  if (row === undefined) return null
  const [waits, lastDeliveryAt, alarms, backfill, days] = await Promise.all([
    findLongestWait(db, name), findLastDelivery(db, name), listAlarms(db, { onlyOpen: true, most: 100 }),
    findBackfill(db, name), listDayChecks(db, name, DAYS_SHOWN)
  ])
  return {
    name, connector: row.connector, pausedWhy: row.paused_why, createdAt: instantOf(row.created_at), lastDeliveryAt,
    lastEventAt: row.last_event === null ? null : instantOf(row.last_event),
    lastAskedAt: row.asked === null ? null : instantOf(row.asked),
    tickets: row.tickets, undone: row.undone, oldestUndoneSeconds: waits, held: row.held,
    notesWaiting: row.pending, notesParked: row.parked,
    alarms: alarms.filter(one => one.connection === name), backfill, days
  }
}

/** Since when the oldest wake-up waits. Before the service has run for the first time there is no queue. */
async function findLongestWait (db: Db, name: string): Promise<number | null> {
  const { rows: [queue] } = await sql<{ there: boolean }>`select to_regclass('pgboss.job') is not null as there`.execute(db)
  if (queue?.there !== true) return null
  const { rows } = await sql<{ waits: number | null }>`select extract(epoch from now() - min(created_on))::float8 as waits
    from pgboss.job where name = 'ticket' and state in ('created', 'retry') and data->>'connection' = ${name}`.execute(db)
  return rows[0]?.waits ?? null
}

/** Pure. `now` is wall time. */
export function sayState (s: ConnectionState, now: Instant): Line[] {
  return [sayWebhooks(s, now), ...sayAlarms(s), ...sayWriting(s), sayQueue(s), sayHistory(s), sayCompleteness(s)]
}

function sayWebhooks (s: ConnectionState, now: Instant): Line {
  if (s.lastDeliveryAt === null) {
    return { level: 'look', what: 'no webhook has ever come', todo: `set it up: npx deskloop connect ${s.name}; until then it is only asked every few minutes` }
  }
  return { level: 'ok', what: `the last webhook came ${ago(s.lastDeliveryAt, now)}; the last thing that happened there was ${s.lastEventAt === null ? 'nothing yet' : ago(s.lastEventAt, now)}` }
}

function sayAlarms (s: ConnectionState): Line[] {
  return s.alarms.map(alarm => ({ level: 'stop', what: `${alarm.kind} since ${alarm.raisedAt}: ${alarm.message}` }))
}

function sayWriting (s: ConnectionState): Line[] {
  if (s.pausedWhy !== null) {
    return [{ level: 'stop', what: `it writes no notes: ${s.pausedWhy}`, todo: `look at the ticket, then POST /v1/connections/${s.name}/resume` }]
  }
  if (s.notesParked === 0) return []
  return [{ level: 'look', what: `${s.notesParked} notes could not be written and will not be tried again`, todo: 'the overview names them, each with its reason' }]
}

const QUEUE_LOOK_SECONDS = 60
const QUEUE_STOP_SECONDS = 600

function sayQueue (s: ConnectionState): Line {
  const waits = s.oldestUndoneSeconds ?? 0
  const what = `${s.undone} tickets wait to be looked at${waits >= 1 ? `, the oldest for ${sayDuration(waits)}` : ''}; ${s.notesWaiting} notes wait to be written`
  if (waits < QUEUE_LOOK_SECONDS) return { level: 'ok', what }
  const todo = 'see whether a worker runs (npm start), and what its log says'
  return { level: waits < QUEUE_STOP_SECONDS ? 'look' : 'stop', what, todo }
}

function sayHistory (s: ConnectionState): Line {
  const { backfill } = s
  if (backfill === null) return { level: 'look', what: 'its history was never read', todo: `npx deskloop backfill ${s.name} --since ${s.createdAt.slice(0, 4)}-01-01` }
  const what = `history: ${sayProgress(backfill)}`
  if (progressOf(backfill).state !== 'stuck') return { level: 'ok', what }
  return { level: 'stop', what, todo: 'mend what the last error says; it goes on by itself' }
}

function sayCompleteness (s: ConnectionState): Line {
  const { days } = s
  if (days.length === 0) return { level: 'ok', what: 'completeness: no day was checked yet; the first is, as soon as a day has ended since it was connected' }
  const missing = days.filter(day => day.missing.length > 0)
  const short = days.filter(day => day.listed < day.theirs)
  const healed = days.reduce((sum, day) => sum + day.healed.length, 0)
  const what = `completeness: ${days.length} days checked, ${days.reduce((sum, day) => sum + day.theirs, 0)} tickets there, ` +
    `${days.reduce((sum, day) => sum + day.missing.length, 0)} missing here, ${healed} were missing and were fetched`
  if (missing.length > 0) {
    const named = missing.flatMap(day => day.missing).slice(0, 5).join(', ')
    return { level: 'stop', what: `${what} (missing: ${named})`, todo: 'the list of failures says why they cannot be fetched; they are tried again every hour' }
  }
  if (short.length === 0) return { level: 'ok', what }
  return { level: 'look', what: `${what}; on ${short.length} days the helpdesk names fewer tickets than it counts`, todo: 'check these days again (POST /v1/connections/NAME/completeness)' }
}

function ago (at: Instant, now: Instant): string {
  return `${sayDuration(Math.max(0, (Date.parse(now) - Date.parse(at)) / 1000))} ago`
}
