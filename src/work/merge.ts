// Two anomalies that are one: the tickets of the one are counted with the other from then on, and its message says so.
import type { Transaction } from 'kysely'
import { moveLife } from '../learn/life.ts'
import type { Ask } from '../learn/life.ts'
import { addTickets, findAnomaly, listAnomalyTickets, lockAnomaly, moveAnomaly } from '../store/anomalies.ts'
import type { Actor, Anomaly } from '../store/anomalies.ts'
import type { Database } from '../store/schema.ts'

const MOST_TICKETS = 2_000
const LONGEST_CHAIN = 10
const LIVE = new Set(['open', 'acknowledged', 'filed', 'fixed', 'not_fixed'])

/** Null: it was done, or this press was heard before. A sentence: why it was not. */
export async function mergeInto (
  trx: Transaction<Database>, id: string, into: string, actor: Actor,
  follow: (anomaly: Anomaly, asks: Ask[]) => Promise<void>
): Promise<string | null> {
  if (id === into) return 'An anomaly cannot be merged with itself.'
  // Both in the order of their ids: two leads who merge them crosswise wait for each other, and the second is told.
  for (const one of [id, into].sort()) await lockAnomaly(trx, one)
  const target = await findAnomaly(trx, { id: into })
  if (target === null || !LIVE.has(target.state)) return 'The other one is over by now: there is nothing to merge with.'
  const moved = await moveAnomaly(trx, id, { kind: 'merge', into }, actor, moveLife)
  if (moved === null) return null
  if (moved.asks === null) return 'It cannot be merged any more: it is filed, closed or merged already.'
  await addTickets(trx, into, await listAnomalyTickets(trx, id, MOST_TICKETS))
  await follow(moved.after, moved.asks)
  const grown = await moveAnomaly(trx, into, { kind: 'grew' }, { ...actor, detail: `${id} was merged into it`, source: `${actor.source ?? id} grew` }, moveLife)
  if (grown?.asks != null) await follow(grown.after, grown.asks)
  return null
}

/** The anomaly that counts the tickets of this one: itself, or the one it was merged into. */
export async function remaining (trx: Transaction<Database>, anomaly: Anomaly): Promise<Anomaly> {
  let last = anomaly
  for (let i = 0; i < LONGEST_CHAIN && last.state === 'merged' && last.mergedInto !== null; i++) {
    const next = await findAnomaly(trx, { id: last.mergedInto })
    if (next === null) return last
    last = next
  }
  return last
}
