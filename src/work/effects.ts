// Carries out what was decided, exactly once: the row says `inflight` before the call, what may have been applied is
// looked for before it is sent again, and a note that turns out to be public stops its account.
import type { Transaction } from 'kysely'
import type { Performed, Performer } from '../types.ts'
import { GiveUp, PublicNote, RetryLater, Unclear, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Db } from '../store/db.ts'
import {
  claimEffects, recordFailure, renewLease, saveClear, saveDone, saveEnded, saveLooking, saveWaiting
} from '../store/effects.ts'
import type { Effect } from '../store/effects.ts'
import { pauseAccount } from '../store/pauses.ts'
import type { Database } from '../store/schema.ts'
import { waitAfter } from './schedule.ts'

/** A performer that also writes down what follows, in the very transaction in which the effect becomes done. */
export interface EffectPerformer extends Performer {
  applied? (trx: Transaction<Database>, effect: Effect, performed: Performed): Promise<void>
}

export interface EffectDeps {
  db: Db
  log: Log
  /** One for each kind. Effects of other kinds wait for a worker that has theirs. */
  performers: readonly EffectPerformer[]
}

const AT_A_TIME = 12
const LONGEST_WAIT_MS = 86_400_000
const LEASE_SECONDS = 20                            // renewed while a worker is at it: it ends when the worker has died
const RENEW_MS = 5_000

/** Tries what may be tried now; returns how many. */
export async function effectsOnce (deps: EffectDeps): Promise<number> {
  const effects = await claimEffects(deps.db, deps.performers.map(p => p.kind), AT_A_TIME, LEASE_SECONDS)
  await Promise.all(effects.map(effect => carryOut(deps, effect)))
  return effects.length
}

async function carryOut (deps: EffectDeps, effect: Effect): Promise<void> {
  const startedMs = performance.now()
  const renewing = setInterval(() => {
    // The database is away: so is everybody who could take the effect.
    renewLease(deps.db, effect).catch(() => {})
  }, RENEW_MS)
  const outcome = await tryOnce(deps, effect).finally(() => { clearInterval(renewing) })
  const ms = Math.round(performance.now() - startedMs)
  const line = {
    job: 'effect', kind: effect.kind, connection: effect.account, ticketId: effect.ticketId, marker: effect.marker,
    attempts: effect.attempts, outcome, ms
  }
  if (outcome === 'parked' || outcome === 'public') deps.log.error(line)
  else deps.log.info(line)
}

async function tryOnce (deps: EffectDeps, effect: Effect): Promise<string> {
  const performer = deps.performers.find(p => p.kind === effect.kind)
  if (performer === undefined) throw new Error(`nobody here carries out effects of the kind ${effect.kind}`)
  try {
    if (effect.look) {
      const found = await performer.look(effect)
      if (found !== null) return await finish(deps, performer, effect, found, 'found')
      const leftMs = resendAfterMs(performer, effect.account) - effect.unclearMs
      if (leftMs > 0) {
        await saveLooking(deps.db, effect.id, Math.min(leftMs, 5_000), 'it may still be applied: looking again')
        return 'looked'
      }
      await saveClear(deps.db, effect.id)
    }
    return await finish(deps, performer, effect, await performer.send(effect), 'done')
  } catch (error) {
    return await settle(deps, effect, error)
  }
}

function resendAfterMs ({ resendAfterMs: after }: Performer, account: string): number {
  return typeof after === 'number' ? after : after(account)
}

async function finish (
  deps: EffectDeps, performer: EffectPerformer, effect: Effect, performed: Performed, outcome: string
): Promise<string> {
  await deps.db.transaction().execute(async trx => {
    await performer.applied?.(trx, effect, performed)
    await saveDone(trx, effect.id, performed.vendorId)
  })
  return outcome
}

async function settle (deps: EffectDeps, effect: Effect, error: unknown): Promise<string> {
  const message = messageOf(error)
  const failed = { connection: effect.account, ticketId: effect.ticketId }
  if (error instanceof PublicNote) {
    await pauseAccount(deps.db, effect.account, 'public', message)
    await saveEnded(deps.db, effect.id, 'parked', message)
    await recordFailure(deps.db, 'effect', failed, message)
    return 'public'
  }
  if (error instanceof GiveUp) {
    const wanted = !/^(too late|skipped):/.test(message)
    await saveEnded(deps.db, effect.id, wanted ? 'parked' : 'skipped', message)
    if (wanted) await recordFailure(deps.db, 'effect', failed, message)
    return wanted ? 'parked' : 'skipped'
  }
  const waitMs = waitAfter(effect.attempts, effect.id)
  if (error instanceof RetryLater) {
    const leastMs = waitMs === null ? LONGEST_WAIT_MS : 0
    await saveWaiting(deps.db, effect.id, Math.max(error.waitMs, leastMs), message, false)
    return 'later'
  }
  if (waitMs === null) {
    await saveEnded(deps.db, effect.id, 'parked', message)
    await recordFailure(deps.db, 'effect', failed, message)
    return 'parked'
  }
  // Unclear, or a fault of ours in the middle of it: both may have been applied.
  await saveWaiting(deps.db, effect.id, error instanceof Unclear ? Math.max(waitMs, 3_000) : waitMs, message, true)
  return 'unclear'
}
