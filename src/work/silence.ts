// Raises its voice when a helpdesk goes on without us: tickets change there and no webhook comes, or its clock and ours
// drift apart. An alarm is raised once, said once, and ended by what proves it wrong.
import type { Instant, TicketEvent } from '../types.ts'
import type { Log } from '../log.ts'
import { plus } from '../learn/story.ts'
import { endAlarm, findAlarm, findLastDelivery, raiseAlarm } from '../store/alarms.ts'
import { findCreated } from '../store/connections.ts'
import type { Db } from '../store/db.ts'

export interface AlarmDeps { db: Db, log: Log }

const GRACE_SECONDS = 180                           // a webhook may be on its way that long
const TOLERANCE_SECONDS = 60                        // between the helpdesk's clock and ours
const SKEW_MS = 60_000
const SKEW_OVER_MS = 30_000

/** The newest message among these; what changes without one (a rating, a tag) may rightly make no webhook. */
export function newestMessage (events: readonly TicketEvent[]): Instant | null {
  return events.reduce<Instant | null>((newest, event) => {
    if (event.kind !== 'asked' && event.kind !== 'answered' && event.kind !== 'opened') return newest
    return newest === null || event.at > newest ? event.at : newest
  }, null)
}

/** `newest`: the newest message that asking found and no webhook had told; null: there was none. Returns whether it is silent. */
export async function heedSilence (
  deps: AlarmDeps, connection: string, newest: Instant | null, now: Instant
): Promise<boolean> {
  const { db, log } = deps
  const last = await findLastDelivery(db, connection)
  const open = await findAlarm(db, connection, 'silence')
  if (open !== null) {
    if (last === null || last <= open.raisedAt) return true
    const ending = `webhooks come again since ${last}`
    if (await endAlarm(db, connection, 'silence', ending)) log.warn({ job: 'silence', connection, outcome: 'over', message: ending })
    return false
  }
  const since = last ?? await findCreated(db, connection)
  if (newest === null || since === null) return false
  if (newest <= plus(since, TOLERANCE_SECONDS) || newest > plus(now, -GRACE_SECONDS)) return false
  const heard = last === null ? 'no webhook has ever come' : `no webhook has come since ${last}`
  const message = `tickets change there, last at ${newest}, and ${heard}: see whether its webhook is still there and active ` +
    `(npx deskloop connect ${connection}). Until webhooks come again, Deskloop asks every minute.`
  if (await raiseAlarm(db, connection, 'silence', message)) log.error({ job: 'silence', connection, outcome: 'raised', message })
  return true
}

/** `skewMs`: how far the helpdesk's clock is ahead of ours, by the date of its last answer; null: it has not answered. */
export async function heedClock (deps: AlarmDeps, connection: string, skewMs: number | null): Promise<void> {
  if (skewMs === null) return
  const { db, log } = deps
  if (Math.abs(skewMs) < SKEW_OVER_MS) {
    const ending = `the clocks agree again, within ${Math.ceil(Math.abs(skewMs) / 1000)} s`
    if (await endAlarm(db, connection, 'clock', ending)) log.warn({ job: 'clock', connection, outcome: 'over', message: ending })
  } else if (Math.abs(skewMs) > SKEW_MS) {
    const message = saySkew(skewMs)
    if (await raiseAlarm(db, connection, 'clock', message)) log.error({ job: 'clock', connection, outcome: 'raised', message })
  }
}

export function saySkew (skewMs: number): string {
  return `its clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's: ` +
    'signatures and times of drafts suffer. Let this machine set its clock by a time server (timedatectl set-ntp true).'
}
