// What the watch means for anomalies that were split: it knows one cause where a person sees several, so what it tells of that
// cause is shared out among them, each ends when it is quiet itself, and each is fixed when its own tickets stop.
import type { Transaction } from 'kysely'
import { moveLife } from '../learn/life.ts'
import { plus } from '../learn/story.ts'
import type { Alert, Incident } from '../learn/incidents.ts'
import type { Watch } from '../learn/watched.ts'
import { addTickets, findAnomaly, moveAnomaly } from '../store/anomalies.ts'
import type { Anomaly, AnomalyTicket } from '../store/anomalies.ts'
import type { Database } from '../store/schema.ts'
import { listFamily, listQuietSplits } from '../store/splits.ts'
import { findThoughtOf } from '../store/watches.ts'
import type { Instant } from '../types.ts'
import { describeAnomaly } from './anomaly-facts.ts'
import type { Redact } from './anomaly-facts.ts'
import { follow } from './follow.ts'
import type { Neighbours } from './follow.ts'
import { placeTickets } from './split.ts'
import { hush } from './telling.ts'

export interface PartDeps { to: Neighbours, redact?: Redact }

const BY = 'the watch'
const DAY_SECONDS = 86_400

/** Gives the parts of what was split their new tickets and tells of them; returns what is left for `known` itself. */
export async function tellParts (
  deps: PartDeps, trx: Transaction<Database>, known: Anomaly, { alert, at }: { alert: Alert, at: Instant },
  tickets: AnomalyTicket[]
): Promise<{ own: AnomalyTicket[], isSplit: boolean }> {
  const owner = await findAnomaly(trx, { key: alert.key })
  const origins = [known.id, ...(owner === null ? [] : [owner.id])]
  const placed = await placeTickets(trx, known, origins, tickets)
  const own = placed.get(known.id) ?? []
  const isSplit = own.length !== tickets.length || (await listFamily(trx, known.id)).length > 1
  for (const [id, list] of placed) {
    if (id === known.id) continue
    const added = await addTickets(trx, id, list)
    const part = await findAnomaly(trx, { id })
    if (part === null || added.length === 0) continue
    await describeAnomaly(trx, id, at, { seen: null, drift: null, terms: [] }, deps.redact)
    if (part.snoozedUntil !== null && at < part.snoozedUntil) continue
    await move(deps, trx, id, 'grew', `${alert.key} ${id} grew ${part.tickets} ${at}`, at)
  }
  return { own, isSplit }
}

/** Ends what was split off, when its cause is over or nothing of it has come for a day. */
export async function endQuietParts (
  deps: PartDeps, trx: Transaction<Database>, watch: Watch, now: Instant
): Promise<void> {
  for (const { id, grownAt } of await listQuietSplits(trx, plus(now, -DAY_SECONDS))) {
    if (await findIncident(trx, watch, id, i => i.closedAt === null) !== null) continue
    await move(deps, trx, id, 'quiet', `quiet ${id} ${grownAt}`, now)
  }
}

/** Whether an anomaly that was fixed still has what the watch is uneasy about. */
export async function isStillHot (
  trx: Transaction<Database>, watch: Watch, anomaly: Anomaly, now: Instant
): Promise<boolean> {
  const dayAgo = plus(now, -DAY_SECONDS)
  const isHot = (i: Incident): boolean => i.closedAt === null && i.hotAt > Date.parse(dayAgo) / 1000
  const incident = await findIncident(trx, watch, anomaly.id, isHot)
  if (incident === null) return false
  const family = await listFamily(trx, anomaly.id)
  if (family.length < 2) return true
  // Several share the unrest: whose are the tickets of the last day?
  const fresh = (await findThoughtOf(trx, incident.tickets)).filter(t => t.at > dayAgo)
  const placed = await placeTickets(trx, anomaly, family, fresh)
  if ((placed.get(anomaly.id) ?? []).length > 0) return true
  const row = await trx.selectFrom('anomaly_ticket').select('ticket_id').where('anomaly_id', '=', anomaly.id)
    .where('at', '>', new Date(dayAgo)).limit(1).executeTakeFirst()
  return row !== undefined
}

async function findIncident (
  trx: Transaction<Database>, watch: Watch, id: string, fits: (i: Incident) => boolean
): Promise<Incident | null> {
  for (const member of await listFamily(trx, id)) {
    const anomaly = await findAnomaly(trx, { id: member })
    const incident = watch.incidents.list.find(i => i.key === anomaly?.key && fits(i))
    if (incident !== undefined) return incident
  }
  return null
}

async function move (
  deps: PartDeps, trx: Transaction<Database>, id: string, kind: 'grew' | 'quiet', source: string, at: Instant
): Promise<void> {
  const moved = await moveAnomaly(trx, id, { kind }, { by: BY, at, source }, moveLife)
  if (moved?.asks != null) await follow(trx, deps.to, moved.after, hush(deps.to.tell, moved.after, moved.asks, at), at)
}
