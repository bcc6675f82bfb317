// Carries out what was decided, exactly once: the row says `inflight` before the call, what may have been applied is
// looked for before it is sent again, and a note that turns out to be public stops its connection.
import type { Helpdesk, Instant, Note } from '../types.ts'
import { GiveUp, HeldBack, PublicNote, RetryLater, Unclear, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { contextFacts } from '../learn/context.ts'
import { findAsker, listContext } from '../store/context.ts'
import type { Db } from '../store/db.ts'
import { findDraftByKey, saveNoted } from '../store/drafts.ts'
import {
  claimEffects, pauseConnection, recordFailure, renewLease, saveClear, saveDone, saveEnded, saveLooking, saveWaiting
} from '../store/effects.ts'
import type { DraftRow } from '../store/drafts.ts'
import type { Effect } from '../store/effects.ts'
import { layOutNote } from './note.ts'
import { waitAfter } from './schedule.ts'

export interface EffectDeps {
  db: Db
  log: Log
  helpdesks: ReadonlyMap<string, Helpdesk>
  /** How long a lost write may still be applied, per connection: not sent again before that. */
  resendAfterMs: (connection: string) => number
  rules: { highScore: number }
  home: string
  /** When the note came to stand in the ticket. */
  notedAt: (effect: Effect) => Instant
}

const AT_A_TIME = 12
const LONGEST_WAIT_MS = 86_400_000
const LEASE_SECONDS = 20                            // renewed while a worker is at it: it ends when the worker has died
const RENEW_MS = 5_000

/** Tries what may be tried now; returns how many. */
export async function effectsOnce (deps: EffectDeps): Promise<number> {
  const effects = await claimEffects(deps.db, AT_A_TIME, LEASE_SECONDS)
  await Promise.all(effects.map(effect => carryOut(deps, effect)))
  return effects.length
}

async function carryOut (deps: EffectDeps, effect: Effect): Promise<void> {
  const startedMs = performance.now()
  const renewing = setInterval(() => {
    // The database is away: so is everybody who could take the effect.
    renewLease(deps.db, effect.id).catch(() => {})
  }, RENEW_MS)
  const outcome = await tryOnce(deps, effect).finally(() => { clearInterval(renewing) })
  const ms = Math.round(performance.now() - startedMs)
  const line = {
    job: 'effect', kind: effect.kind, connection: effect.connection, ticketId: effect.ticketId, marker: effect.marker,
    attempts: effect.attempts, outcome, ms
  }
  if (outcome === 'parked' || outcome === 'public') deps.log.error(line)
  else deps.log.info(line)
}

async function tryOnce (deps: EffectDeps, effect: Effect): Promise<string> {
  const helpdesk = deps.helpdesks.get(effect.connection)
  const draft = await findDraftByKey(deps.db, effect.marker)
  if (helpdesk === undefined || draft === null) {
    await saveEnded(
      deps.db, effect.id, 'skipped',
      helpdesk === undefined ? `${effect.connection} is not connected any more` : 'its draft was erased'
    )
    return 'skipped'
  }
  const note = layOutNote(draft, deps.rules, deps.home, await findFacts(deps.db, draft))
  try {
    if (effect.look) {
      const found = await helpdesk.findNote(effect.ticketId, effect.marker)
      if (found?.public === true) throw await hide(helpdesk, effect, note)
      if (found !== null) return await finish(deps, effect, found.noteId, 'found')
      const leftMs = deps.resendAfterMs(effect.connection) - effect.unclearMs
      if (leftMs > 0) {
        await saveLooking(deps.db, effect.id, Math.min(leftMs, 5_000), 'it may still be applied: looking again')
        return 'looked'
      }
      await saveClear(deps.db, effect.id)
    }
    const receipt = await helpdesk.postNote(effect.ticketId, note)
    return await finish(deps, effect, receipt.noteId, 'done')
  } catch (error) {
    return await settle(deps, effect, error)
  }
}

// A connector that is asked to write a note which is there already writes none: it hides it when it is public.
async function hide (helpdesk: Helpdesk, effect: Effect, note: Note): Promise<PublicNote> {
  const told = await helpdesk.postNote(effect.ticketId, note).catch((error: unknown) => error)
  if (told instanceof PublicNote) return told
  return new PublicNote(`${effect.connection} showed note ${effect.marker} on ticket ${effect.ticketId} in public: look at it`)
}

async function findFacts (db: Db, draft: DraftRow): Promise<string[]> {
  const asker = await findAsker(db, draft.connection, draft.ticketId)
  return asker === null ? [] : contextFacts(await listContext(db, asker, draft.askedAt), draft.askedAt)
}

async function finish (deps: EffectDeps, effect: Effect, noteId: string, outcome: string): Promise<string> {
  await saveNoted(deps.db, effect.marker, deps.notedAt(effect))
  await saveDone(deps.db, effect.id, noteId)
  return outcome
}

async function settle (deps: EffectDeps, effect: Effect, error: unknown): Promise<string> {
  const message = messageOf(error)
  if (error instanceof PublicNote) {
    await pauseConnection(deps.db, effect.connection, message)
    await saveEnded(deps.db, effect.id, 'parked', message)
    await recordFailure(deps.db, 'effect', effect, message)
    return 'public'
  }
  if (error instanceof GiveUp) {
    const wanted = !/^(too late|skipped):/.test(message)
    await saveEnded(deps.db, effect.id, wanted ? 'parked' : 'skipped', message)
    if (wanted) await recordFailure(deps.db, 'effect', effect, message)
    return wanted ? 'parked' : 'skipped'
  }
  if (error instanceof HeldBack) {                  // nothing was sent: it keeps its place in the schedule
    await saveLooking(deps.db, effect.id, error.waitMs, message)
    return 'held back'
  }
  const waitMs = waitAfter(effect.attempts, effect.id)
  if (error instanceof RetryLater) {
    const leastMs = waitMs === null ? LONGEST_WAIT_MS : 0
    await saveWaiting(deps.db, effect.id, Math.max(error.waitMs, leastMs), message, false)
    return 'later'
  }
  if (waitMs === null) {
    await saveEnded(deps.db, effect.id, 'parked', message)
    await recordFailure(deps.db, 'effect', effect, message)
    return 'parked'
  }
  // Unclear, or a fault of ours in the middle of it: both may have been applied.
  await saveWaiting(deps.db, effect.id, error instanceof Unclear ? Math.max(waitMs, 3_000) : waitMs, message, true)
  return 'unclear'
}
