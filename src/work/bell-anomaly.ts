// The anomaly that an effect of the bell is about, as it stands when the effect's turn comes.
import { GiveUp } from '../errors.ts'
import type { EffectRequest } from '../outside.ts'
import { findAnomaly } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'

export async function anomalyOf (db: Db, effect: EffectRequest): Promise<Anomaly> {
  const anomaly = await findAnomaly(db, { id: effect.ticketId })
  if (anomaly === null) throw new GiveUp('skipped: the anomaly is gone')
  return anomaly
}

/** What shows a state is worth sending only in its newest form. */
export async function newestOf (db: Db, effect: EffectRequest): Promise<Anomaly> {
  const anomaly = await anomalyOf(db, effect)
  if (anomaly.version > Number(effect.payload['version'])) throw new GiveUp('skipped: a newer state is on its way')
  return anomaly
}
