// Reads tickets again that something happened to lately, a few at a time, the longest unread first: a change that no
// webhook told and no list of changes holds is found all the same.
import { sql } from 'kysely'
import type { Helpdesk } from '../types.ts'
import { GiveUp } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Queue } from '../queue.ts'
import { isConflict } from '../store/db.ts'
import type { Db } from '../store/db.ts'
import { ensurePartitions } from '../store/partitions.ts'
import { recordFacts } from '../store/recorder.ts'

export interface SweepDeps { db: Db, log: Log, queue: Queue, helpdesks: ReadonlyMap<string, Helpdesk> }

/** Returns how many were read, and which told something new. */
export async function sweepStates (
  deps: SweepDeps, connection: string, most: number
): Promise<{ read: number, healed: string[] }> {
  const helpdesk = deps.helpdesks.get(connection)
  if (helpdesk === undefined) return { read: 0, healed: [] }
  const ids = await listStale(deps.db, connection, most)
  const healed: string[] = []
  for (const ticketId of ids) {
    const isNews = await readAgain(deps, helpdesk, connection, ticketId)
    if (isNews) healed.push(ticketId)
  }
  if (healed.length > 0) deps.log.warn({ job: 'state-sweep', connection, read: ids.length, healed, outcome: 'healed' })
  return { read: ids.length, healed }
}

async function readAgain (deps: SweepDeps, helpdesk: Helpdesk, connection: string, ticketId: string): Promise<boolean> {
  const { db, queue } = deps
  let isNews = false
  try {
    const events = await helpdesk.fetchTicket(ticketId)
    await ensurePartitions(db, [], events.map(event => event.at))
    for (let tries = 0; ; tries++) {
      try {
        isNews = await db.transaction().execute(async trx => {
          const jobs = await recordFacts(trx, [{ connection, facts: events }])
          await queue.send(trx, jobs)
          return jobs.length > 0
        })
        break
      } catch (error) {
        if (!isConflict(error) || tries >= 3) throw error
      }
    }
    if (isNews) queue.wake()
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error     // gone: there is nothing to heal any more
  }
  await sql`update ticket set swept_at = now() where connection = ${connection} and ticket_id = ${ticketId}`.execute(db)
  return isNews
}

/** Active within a week, not told anything for a quarter of an hour, not read again for six hours. */
async function listStale (db: Db, connection: string, most: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select ticket_id as id from ticket
    where connection = ${connection} and not held and last_at > now() - interval '7 days' and last_at < now() - interval '15 minutes'
      and (swept_at is null or swept_at < now() - interval '6 hours')
    order by swept_at nulls first, last_at desc limit ${most}`.execute(db)
  return rows.map(row => row.id)
}
