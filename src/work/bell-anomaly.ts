// The anomaly that an effect of the bell is about, as it stands when the effect's turn comes.
import { GiveUp } from '../errors.ts'
import type { EffectRequest } from '../outside.ts'
import { findAnomaly } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import { hasNewer } from '../store/effects.ts'

export async function anomalyOf (db: Db, effect: EffectRequest): Promise<Anomaly> {
  const anomaly = await findAnomaly(db, { id: effect.ticketId })
  if (anomaly === null) throw new GiveUp('skipped: the anomaly is gone')
  return anomaly
}

/**
 * What shows a state is worth sending only in its newest form: not when a later one of its kind is decided. One that may
 * have been sent already is sent again all the same, so that it cannot come late over what is newer.
 */
export async function newestOf (db: Db, effect: EffectRequest): Promise<Anomaly> {
  const mayBeOut = effect.kind !== 'slack-thread' && 'look' in effect && effect.look === true
  if (!mayBeOut && await hasNewer(db, effect)) throw new GiveUp('skipped: a newer state is on its way')
  return await anomalyOf(db, effect)
}
