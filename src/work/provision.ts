// Keeps what makes a helpdesk deliver to us: what somebody deleted or edited over there is mended, and we say so. Only
// for connections that a person has connected; what is disconnected stays as it is.
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { findDoor, recordRepair } from '../store/connections.ts'
import type { Db } from '../store/db.ts'
import type { Helpdesk, PlannedChange } from '../types.ts'

export interface ProvisionDeps { db: Db, log: Log, helpdesks: ReadonlyMap<string, Helpdesk> }

export type Kept = 'not connected' | 'as it should be' | 'mended' | 'not mended' | 'failed'

/** Never throws: what failed is said, and tried again the next time. */
export async function keepProvisioned (deps: ProvisionDeps, connection: string): Promise<Kept> {
  const startedMs = performance.now()
  const provision = deps.helpdesks.get(connection)?.provision
  const tell = (outcome: Kept, more: { message?: string, changes?: string[] }): Kept => {
    deps.log.warn({ job: 'provision', connection, outcome, ms: Math.round(performance.now() - startedMs), ...more })
    return outcome
  }
  try {
    const door = await findDoor(deps.db, connection)
    if (provision === undefined || door === null) return 'not connected'
    const changes = (await provision.apply(door, 'connected')).map(sayChange)
    if (changes.length === 0) return 'as it should be'
    // The answer to a write says what was asked for; only what is read afterwards proves it.
    const outcome = (await provision.plan(door, 'connected')).length === 0 ? 'mended' : 'not mended'
    await recordRepair(deps.db, connection, `${outcome}: ${changes.join('; ')}`)
    return tell(outcome, { changes })
  } catch (error) {
    const message = messageOf(error)
    await recordRepair(deps.db, connection, message).catch(() => { /* the log line below says it all the same */ })
    return tell('failed', { message })
  }
}

/** One change in one line. */
export function sayChange ({ action, what, id, details }: PlannedChange): string {
  const why = details.length === 0 ? '' : ` (${details.join('; ')})`
  return `${action} ${what}${id === undefined ? '' : ` ${id}`}${why}`
}
