// Carries out what people press in Slack, from the row that was written before Slack was answered: the press, what follows
// from it and that it is done are one transaction. What fails is tried again; what fails for good is told to its author.
import type { Transaction } from 'kysely'
import { GiveUp, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Db } from '../store/db.ts'
import { recordFailure } from '../store/effects.ts'
import { delayPress, endPress, forgetPresses, takePress } from '../store/presses.ts'
import type { Press } from '../store/presses.ts'
import type { Database } from '../store/schema.ts'
import type { Duty } from './duties.ts'
import { HOUSE } from './follow.ts'

export interface PressDeps {
  db: Db
  log?: Log
  /** Does it; the sentence is for whoever came too late, null for whoever did not. */
  act: (trx: Transaction<Database>, press: Press) => Promise<string | null>
  /** Says it to the author alone. */
  tell: (press: Press, text: string) => Promise<void>
}

export interface Carried { source: string, said: string | null }

const WAITS_MS = [500, 2_000, 10_000, 60_000, 300_000]
const LOOK_MS = 1_000
const KEPT_DAYS = 30
const FAILED = 'Deskloop could not do this. Its page of anomalies says more.'

/** Carries out this press, or the oldest that waits; null: there is none that nobody else has in hand. */
export async function carryOutPress (deps: PressDeps, source: string | null = null): Promise<Carried | null> {
  const { db, log } = deps
  let taken: Press & { attempts: number } | null = null
  let said: string | null = null
  try {
    await db.transaction().execute(async trx => {
      taken = await takePress(trx, source)
      if (taken === null) return
      said = await deps.act(trx, taken)
      await endPress(trx, taken.source, said)
    })
  } catch (error) {
    if (taken === null) throw error
    said = await afterFailure(deps, taken, error)
  }
  if (taken === null) return null
  const press: Press = taken
  if (said !== null && press.user !== '') {
    // He sees the message as it stands all the same.
    await deps.tell(press, said).catch((error: unknown) => {
      log?.warn({ job: 'press', anomaly: press.anomaly, outcome: 'not told', message: messageOf(error) })
    })
  }
  return { source: press.source, said }
}

/** For every worker: what the process that was pressed at did not come to. */
export function pressDuty (deps: PressDeps): Duty {
  let forgotMs = -Infinity
  return {
    job: 'press',
    pauseMs: LOOK_MS,
    async once () {
      if (performance.now() - forgotMs > 3_600_000) {
        await forgetPresses(deps.db, KEPT_DAYS)
        forgotMs = performance.now()
      }
      return await carryOutPress(deps) === null ? 0 : 1
    }
  }
}

async function afterFailure (
  { db, log }: PressDeps, press: Press & { attempts: number }, error: unknown
): Promise<string | null> {
  const message = messageOf(error)
  const waitMs = error instanceof GiveUp ? undefined : WAITS_MS[press.attempts]
  const { source, anomaly, act } = press
  log?.warn({ job: 'press', anomaly, act: act.kind, outcome: waitMs === undefined ? 'given up' : 'again', message })
  if (waitMs !== undefined) {
    await delayPress(db, source, waitMs)
    return null
  }
  await endPress(db, source, FAILED)
  await recordFailure(db, 'press', { connection: HOUSE, ticketId: anomaly }, `${act.kind}: ${message}`)
  return FAILED
}
