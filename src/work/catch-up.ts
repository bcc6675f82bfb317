// Asks a helpdesk what has changed, and records it as if it had come by webhook: the keys are the same, so what is known
// already is not written twice. Goes on at the same page after a crash.
import type { Helpdesk, Instant, TicketEvent } from '../types.ts'
import { Refused, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Queue } from '../queue.ts'
import { plus } from '../learn/story.ts'
import { findCreated, findCursor, saveCursor } from '../store/connections.ts'
import type { Db } from '../store/db.ts'
import { isConflict } from '../store/db.ts'
import { ensurePartitions } from '../store/partitions.ts'
import { recordFacts } from '../store/recorder.ts'
import { judgeRefusal } from './refused.ts'

export interface CatchUpDeps {
  db: Db, log: Log, queue: Queue, helpdesks: ReadonlyMap<string, Helpdesk>, replay: boolean
  /** Told the stories in which something was new. */
  heard?: (events: TicketEvent[]) => void
}

const OVERLAP_SECONDS = 600

/** Reads everything that changed since the last time; returns how many tickets were looked at and how many said something new. */
export async function catchUp (deps: CatchUpDeps, connection: string): Promise<{ tickets: number, changed: number }> {
  const helpdesk = deps.helpdesks.get(connection)
  if (helpdesk === undefined) throw new Error(`there is no connection ${connection}`)
  const startedMs = performance.now()
  const cursor = await findCursor(deps.db, connection, 'history')
  // Before the first time: what happened since the connection was made; a replayed archive has its own times.
  const since: Instant = deps.replay
    ? '2000-01-01T00:00:00Z'
    : plus(
      await findCreated(deps.db, connection) ?? new Date().toISOString(), -OVERLAP_SECONDS
    )
  let tickets = 0
  let changed = 0
  try {
    for await (const page of helpdesk.fetchHistory(since, cursor ?? undefined)) {
      const events = page.stories.flatMap(s => s.events)
      await ensurePartitions(deps.db, [], events.map(e => e.at))
      for (let tries = 0; ; tries++) {
        try {
          const jobs = await deps.db.transaction().execute(async trx => {
            const jobs = await recordFacts(trx, [{ connection, facts: events }])
            await deps.queue.send(trx, jobs)
            await saveCursor(trx, connection, 'history', page.cursor)
            return jobs
          })
          changed += jobs.length
          const news = new Set(jobs.map(job => job.ticketId))
          deps.heard?.(events.filter(event => news.has(event.ticketId)))
          break
        } catch (error) {
          if (!isConflict(error) || tries >= 3) throw error
        }
      }
      deps.queue.wake()
      tickets += page.stories.length
    }
  } catch (error) {
    if (error instanceof Refused) await judgeRefusal(deps, connection, error, () => helpdesk.fetchSelf())
    deps.log.warn({ job: 'catch-up', connection, tickets, changed, outcome: 'failed', message: messageOf(error) })
    throw error
  }
  await saveCursor(deps.db, connection, 'asked', String(tickets))       // also when nothing has changed
  deps.log.info(
    { job: 'catch-up', connection, tickets, changed, outcome: 'done', ms: Math.round(performance.now() - startedMs) }
  )
  return { tickets, changed }
}
