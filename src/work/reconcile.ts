// Reads again, a quarter of an hour later, what was unclear once. A write that was applied late stands there twice: the
// second copy is removed, counted and said. A write that we gave up and that stands there all the same is known from then on.
import type { Log } from '../log.ts'
import { GiveUp, PublicNote, Refused, messageOf } from '../errors.ts'
import type { Db } from '../store/db.ts'
import { recordFailure } from '../store/effects.ts'
import { raiseAlarm } from '../store/pauses.ts'
import { claimRechecks, saveFound, saveRechecked, saveUnchecked } from '../store/rechecks.ts'
import type { Recheck } from '../store/rechecks.ts'
import type { Performer } from '../outside.ts'
import { usualTempo } from './schedule.ts'
import type { Tempo } from './schedule.ts'

export interface ReconcileDeps { db: Db, log: Log, performers: readonly Performer[], tempo?: Tempo }

const AT_A_TIME = 6

/** Reads again what is due; returns how many. */
export async function reconcileOnce (deps: ReconcileDeps): Promise<number> {
  const { recheckMs } = deps.tempo ?? usualTempo
  const due = await claimRechecks(deps.db, deps.performers.map(p => p.kind), AT_A_TIME, recheckMs)
  await Promise.all(due.map(effect => recheck(deps, effect, recheckMs)))
  return due.length
}

async function recheck (deps: ReconcileDeps, effect: Recheck, againMs: number): Promise<void> {
  const { db, log } = deps
  const { id, account, ticketId, marker } = effect
  const performer = deps.performers.find(p => p.kind === effect.kind)
  const line = { job: 'reconcile', kind: effect.kind, connection: account, ticketId, marker }
  try {
    const vendorId = effect.vendorId ?? (await performer?.look(effect))?.vendorId ?? null
    if (vendorId !== null && effect.state !== 'done') {
      await saveFound(db, id, vendorId)
      log.warn({ ...line, outcome: 'found', message: `it was ${effect.state}, and stands there all the same` })
    }
    const copies = vendorId === null ? 0 : await performer?.reconcile?.(effect, vendorId) ?? 0
    await saveRechecked(db, id, copies)
    if (copies > 0) log.warn({ ...line, outcome: 'copies removed', copies })
    else log.info({ ...line, outcome: vendorId === null ? 'never applied' : 'once' })
  } catch (error) {
    const message = messageOf(error)
    if (error instanceof PublicNote) {
      await raiseAlarm(db, { account, ticketId, effectId: id, why: message })
      log.error({ ...line, outcome: 'public', message })
      await saveRechecked(db, id, 0)
    } else if (error instanceof GiveUp && !(error instanceof Refused)) {
      await saveRechecked(db, id, 0)
      if (!/^(too late|skipped):/.test(message)) await recordFailure(db, 'reconcile', { connection: account, ticketId }, message)
      log.warn({ ...line, outcome: 'not readable any more', message })
    } else {
      await saveUnchecked(db, id, againMs)
      log.info({ ...line, outcome: 'later', message })
    }
  }
}
