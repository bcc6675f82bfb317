// Carries out what was decided, exactly once: the row says `inflight` before the call, what may have been applied is
// looked for before it is sent again, and a note that turns out to be public stops its account.
import type { Transaction } from 'kysely'
import type { Performed, Performer } from '../outside.ts'
import { GiveUp, HeldBack, PublicNote, Refused, RetryLater, Unclear, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Db } from '../store/db.ts'
import {
  claimEffects, mayWrite, recordFailure, renewLease, saveBack, saveClear, saveDone, saveEnded, saveWaiting
} from '../store/effects.ts'
import type { Effect } from '../store/effects.ts'
import { raiseAlarm } from '../store/pauses.ts'
import type { Database } from '../store/schema.ts'
import { judgeRefusal } from './refused.ts'
import { usualTempo, waitAfter } from './schedule.ts'
import type { Tempo } from './schedule.ts'

/** A performer that also writes down what follows, in the very transaction in which the effect becomes done. */
export interface EffectPerformer extends Performer {
  applied? (trx: Transaction<Database>, effect: Effect, performed: Performed): Promise<void>
  /** True: `send` calls `beforeWrite` before its write, so that an error before it is no write of unclear fate. */
  readsFirst?: boolean
}

export interface EffectDeps {
  db: Db
  log: Log
  /** One for each kind. Effects of other kinds wait for a worker that has theirs. */
  performers: readonly EffectPerformer[]
  tempo?: Tempo
}

type Outcome = 'done' | 'found' | 'looked' | 'unclear' | 'again' | 'later' | 'held back' | 'stopped' | 'refused' | 'skipped' | 'parked' | 'public'

/** One effect in this worker's hands. `reached`: its write may have left the house. */
interface Hand { effect: Effect, performer: EffectPerformer, tempo: Tempo, reached: boolean, stopped: boolean }

const AT_A_TIME = 12

/** Tries what may be tried now; returns how many. */
export async function effectsOnce (deps: EffectDeps): Promise<number> {
  const { leaseMs } = deps.tempo ?? usualTempo
  const effects = await claimEffects(deps.db, deps.performers.map(p => p.kind), AT_A_TIME, leaseMs / 1000)
  await Promise.all(effects.map(effect => carryOut(deps, effect)))
  return effects.length
}

async function carryOut (deps: EffectDeps, effect: Effect): Promise<void> {
  const performer = deps.performers.find(p => p.kind === effect.kind)
  if (performer === undefined) throw new Error(`nobody here carries out effects of the kind ${effect.kind}`)
  const startedMs = performance.now()
  const tempo = deps.tempo ?? usualTempo
  const renewing = setInterval(() => {
    // The database is away: so is everybody who could take the effect.
    renewLease(deps.db, effect).catch(() => {})
  }, tempo.leaseMs / 4)
  const hand: Hand = { effect, performer, tempo, reached: false, stopped: false }
  const { outcome, message } = await tryOnce(deps, hand).finally(() => { clearInterval(renewing) })
  const line = {
    job: 'effect', kind: effect.kind, connection: effect.account, ticketId: effect.ticketId, marker: effect.marker,
    attempts: effect.attempts, outcome, ms: Math.round(performance.now() - startedMs)
  }
  if (outcome === 'parked' || outcome === 'public') deps.log.error({ ...line, message })
  else deps.log.info(line)
}

async function tryOnce (deps: EffectDeps, hand: Hand): Promise<{ outcome: Outcome, message?: string }> {
  const { effect, performer } = hand
  try {
    if (effect.look) {
      const found = await performer.look(effect)
      if (found !== null) return { outcome: await finish(deps, hand, found, 'found') }
      const leftMs = resendAfterMs(performer, effect.account) - effect.unclearMs
      if (leftMs > 0) {
        await saveBack(deps.db, effect, Math.min(leftMs, 5_000), 'it may still be applied: looking again')
        return { outcome: 'looked' }
      }
      await saveClear(deps.db, effect)
    }
    const beforeWrite = async (): Promise<void> => {
      hand.stopped = !await mayWrite(deps.db, effect)
      if (hand.stopped) throw new RetryLater('it was stopped right before it was sent', 1_000)
      hand.reached = true
    }
    if (performer.readsFirst !== true) await beforeWrite()
    return { outcome: await finish(deps, hand, await performer.send(effect, beforeWrite), 'done') }
  } catch (error) {
    return { outcome: await settle(deps, hand, error), message: messageOf(error) }
  }
}

function resendAfterMs ({ resendAfterMs: after }: Performer, account: string): number {
  return typeof after === 'number' ? after : after(account)
}

async function finish (
  deps: EffectDeps, { effect, performer, tempo }: Hand, performed: Performed, outcome: Outcome
): Promise<Outcome> {
  await deps.db.transaction().execute(async trx => {
    await performer.applied?.(trx, effect, performed)
    await saveDone(trx, effect.id, performed.vendorId, tempo.recheckMs)
  })
  return outcome
}

async function settle (deps: EffectDeps, hand: Hand, error: unknown): Promise<Outcome> {
  const { effect, tempo } = hand
  const message = messageOf(error)
  if (hand.stopped) {
    await saveBack(deps.db, effect, 1_000, message)
    return 'stopped'
  }
  if (error instanceof PublicNote) {
    const { account, ticketId, id: effectId } = effect
    await raiseAlarm(deps.db, { account, ticketId, effectId, why: message })
    await park(deps, hand, message)
    return 'public'
  }
  if (error instanceof Refused && await isKept(deps, hand, error)) return 'refused'
  if (error instanceof GiveUp) {
    const wanted = !/^(too late|skipped):/.test(message)
    if (wanted) await park(deps, hand, message)
    else await saveEnded(deps.db, effect, 'skipped', message, tempo.recheckMs)
    return wanted ? 'parked' : 'skipped'
  }
  if (error instanceof HeldBack) {                  // nothing was sent: it keeps its place in the schedule
    await saveBack(deps.db, effect, error.waitMs, message)
    return 'held back'
  }
  const waitMs = waitAfter(effect.attempts, effect.id, tempo.scheduleMs)
  if (error instanceof RetryLater) {
    // It was not applied: whoever is told to wait keeps its place in the schedule, and the longer of both waits counts.
    await saveBack(deps.db, effect, Math.max(error.waitMs, waitMs ?? tempo.scheduleMs.at(-1) ?? 0), message)
    return 'later'
  }
  if (waitMs === null) return await park(deps, hand, message)
  if (!hand.reached && !(error instanceof Unclear)) {
    await saveWaiting(deps.db, effect, waitMs, message, false)
    return 'again'
  }
  // Unclear, or a fault of ours in the middle of it: both may have been applied.
  const leastMs = error instanceof Unclear ? tempo.leastLookMs : 0
  await saveWaiting(deps.db, effect, Math.max(waitMs, leastMs), message, true)
  return 'unclear'
}

async function park (deps: EffectDeps, { effect, tempo }: Hand, message: string): Promise<'parked'> {
  await saveEnded(deps.db, effect, 'parked', message, tempo.recheckMs)
  await recordFailure(deps.db, 'effect', { connection: effect.account, ticketId: effect.ticketId }, message)
  return 'parked'
}

// Work is kept while its account takes nothing. A single thing that is forbidden is given up like any other refusal.
async function isKept (deps: EffectDeps, { effect, performer, tempo }: Hand, error: Refused): Promise<boolean> {
  const probe = performer.probe?.bind(performer) ?? null
  const verdict = await judgeRefusal(deps, effect.account, error, probe)
  if (verdict === 'call' && error.status === 403) return false
  await saveBack(deps.db, effect, verdict === 'account' ? 0 : tempo.probeMs, error.message)
  return true
}
