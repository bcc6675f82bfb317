// When anomalies are told: what waits for the morning or has slept long enough, how many a channel has had, the roll-ups,
// the pictures and the digests.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import { COLUMNS, anomalyOf } from './anomalies.ts'
import type { Anomaly, Raw } from './anomalies.ts'
import type { Db } from './db.ts'
import { instantOf } from './db.ts'
import type { Database } from './schema.ts'

type Reader = Db | Transaction<Database>

/** Anomalies whose quiet hours are over. */
export async function listHeld (trx: Reader, now: Instant): Promise<Anomaly[]> {
  const { rows } = await sql<Raw>`select ${COLUMNS} from anomaly a where a.held_until <= ${now}
    order by a.opened_at, a.id limit 100`.execute(trx)
  return rows.map(anomalyOf)
}

/** Anomalies whose snooze is over. */
export async function listAwake (trx: Reader, now: Instant): Promise<Anomaly[]> {
  const { rows } = await sql<Raw>`select ${COLUMNS} from anomaly a where a.snoozed_until <= ${now}
    order by a.id limit 100`.execute(trx)
  return rows.map(anomalyOf)
}

export async function endSnooze (trx: Transaction<Database>, id: string): Promise<void> {
  await sql`update anomaly set snoozed_until = null, snoozed_tickets = null, version = version + 1 where id = ${id}`.execute(trx)
}

/** Messages of their own that a channel has had since an instant. */
export async function countTold (trx: Reader, channel: string, since: Instant): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from anomaly
    where told_channel = ${channel} and told_at >= ${since}`.execute(trx)
  return rows[0]?.n ?? 0
}

export async function saveTelling (trx: Transaction<Database>, id: string, told: {
  route: string, channel: string | null, toldAt: Instant | null, heldUntil: Instant | null, rolledUp: string | null
}): Promise<void> {
  await sql`update anomaly set route = ${told.route}, told_channel = ${told.channel}, told_at = ${told.toldAt},
    held_until = ${told.heldUntil}, rolled_up = ${told.rolledUp} where id = ${id}`.execute(trx)
}

export interface Rollup { key: string, channel: string, day: string, version: number, ts: string | null }

/** Makes the roll-up of a channel's day, or a newer version of it. */
export async function growRollup (trx: Transaction<Database>, channel: string, day: string): Promise<Rollup> {
  const { rows } = await sql<Rollup>`
    insert into rollup (key, channel, day) values (${`${channel}/${day}`}, ${channel}, ${day})
    on conflict (key) do update set version = rollup.version + 1
    returning key, channel, day, version, ts`.execute(trx)
  const [row] = rows
  if (row === undefined) throw new Error(`the roll-up of ${channel} was not written`)
  return row
}

export async function findRollup (db: Reader, key: string): Promise<Rollup | null> {
  const row = await db.selectFrom('rollup').select(['key', 'channel', 'day', 'version', 'ts']).where('key', '=', key)
    .executeTakeFirst()
  return row ?? null
}

export async function placeRollup (trx: Transaction<Database>, key: string, ts: string): Promise<Rollup | null> {
  await trx.updateTable('rollup').set({ ts }).where('key', '=', key).execute()
  return await findRollup(trx, key)
}

export async function listRolledUp (db: Reader, key: string): Promise<Anomaly[]> {
  const { rows } = await sql<Raw>`select ${COLUMNS} from anomaly a where a.rolled_up = ${key}
    order by a.opened_at, a.id limit 100`.execute(db)
  return rows.map(anomalyOf)
}

/** A picture was uploaded, and Slack cannot show it yet. */
export async function savePictureNext (db: Reader, id: string, file: string, at: Instant): Promise<void> {
  await sql`update anomaly set chart_next = ${file}, chart_next_at = ${at} where id = ${id}`.execute(db)
}

/** The uploaded picture can be shown; null takes it back. */
export async function savePictureShown (db: Reader, id: string, file: string, at: Instant): Promise<void> {
  await sql`update anomaly set chart_file = ${file}, chart_at = ${at}, chart_next = null, chart_next_at = null
    where id = ${id}`.execute(db)
}

/** Slack would not show it after all: it waits again, and the message goes without. */
export async function takePictureBack (db: Reader, id: string): Promise<void> {
  await sql`update anomaly set chart_next = coalesce(chart_next, chart_file),
    chart_next_at = coalesce(chart_next_at, chart_at), chart_file = null, chart_at = null where id = ${id}`.execute(db)
}

/** Claims a period; false: it has been told, or there was nothing to tell. */
export async function claimDigest (
  trx: Transaction<Database>, d: { kind: string, period: string, at: Instant, told: boolean, body: object }
): Promise<boolean> {
  const { rows } = await sql`
    insert into digest (kind, period, at, told, body)
    values (${d.kind}, ${d.period}, ${d.at}, ${d.told}, ${JSON.stringify(d.body)}::jsonb)
    on conflict do nothing returning 1`.execute(trx)
  return rows.length > 0
}

export async function findDigest (
  db: Reader, kind: string, period: string
): Promise<{ told: boolean, at: Instant, body: Record<string, unknown> } | null> {
  const row = await db.selectFrom('digest').select(['told', 'at', 'body']).where('kind', '=', kind)
    .where('period', '=', period).executeTakeFirst()
  return row === undefined ? null : { told: row.told, at: instantOf(row.at), body: row.body }
}
