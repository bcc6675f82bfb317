// The stream of events in an order behind which nothing ever appears. A place in it is 32 hexadecimal digits, the number
// of the transaction and that of the row, so that places sort as texts; to readers it is just a mark to go on from.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { TicketEvent } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import { eventOf } from './stories.ts'

export interface StreamEvent { place: string, event: TicketEvent }

type Reader = Db | Transaction<Database>

export const START = '0'.repeat(32)

const OVERLAP = 1_000                               // after a restore an outlet is told so many events again

export function placeOf (txid: string, seq: string): string {
  return BigInt(txid).toString(16).padStart(16, '0') + BigInt(seq).toString(16).padStart(16, '0')
}

export function isPlace (text: string): boolean {
  return /^[0-9a-f]{16}[0-7][0-9a-f]{15}$/.test(text)
}

export function partsOf (place: string): { txid: string, seq: string } {
  if (!isPlace(place)) throw new Error(`${place.slice(0, 40)} is no place in the stream`)
  return { txid: String(BigInt('0x' + place.slice(0, 16))), seq: String(BigInt('0x' + place.slice(16))) }
}

/**
 * Events after a place, in order; where customers asked from is not told. Those that a transaction still running may come to precede are not told yet; it holds
 * them back even when it belongs to another database of the same server, for the server counts all its transactions.
 */
export async function listStream (db: Reader, after: string, most: number): Promise<StreamEvent[]> {
  const { txid, seq } = partsOf(after)
  const { rows } = await sql<{
    txid: string, seq: string, connection: string, ticket_id: string, key: string, at: Date, kind: string, fact: object
  }>`
    select txid::text as txid, seq, connection, ticket_id, key, at, kind, fact from event
    where (txid, seq) > (${txid}::text::xid8, ${seq}::bigint) and txid < pg_snapshot_xmin(pg_current_snapshot())
      and kind <> 'context'
    order by event.txid, event.seq limit ${most}`.execute(db)
  return rows.map(r => ({
    place: placeOf(r.txid, r.seq),
    event: eventOf({
      connection: r.connection, ticketId: r.ticket_id, key: r.key, at: instantOf(r.at), kind: r.kind, fact: r.fact
    })
  }))
}

/** The place after everything that can be told now. */
export async function findStreamEnd (db: Reader): Promise<string> {
  const { rows } = await sql<{ txid: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as txid`.execute(db)
  return placeOf(rows[0]?.txid ?? '0', '0')
}

/** A place that no event can have yet: it was given by another database, of which this one is a restored copy. */
export async function isAhead (db: Reader, place: string): Promise<boolean> {
  const { rows } = await sql<{ ahead: boolean }>`
    select ${partsOf(place).txid}::text::xid8 > pg_snapshot_xmax(pg_current_snapshot()) as ahead`.execute(db)
  return rows[0]?.ahead === true
}

/**
 * A server that was filled from a dump counts its transactions anew, and rows of the old count would never be told.
 * They are put before everything new, and each outlet is told its last events again. Normally there is nothing to do.
 */
export async function settleStream (db: Db): Promise<boolean> {
  return await db.transaction().execute(async trx => {
    const { rows } = await sql`
      select 1 from event where txid > pg_snapshot_xmax(pg_current_snapshot()) limit 1`.execute(trx)
    if (rows.length === 0) return false
    await sql`set local statement_timeout = 0`.execute(trx)
    await sql`update event set txid = '0'::xid8 where txid <> '0'::xid8`.execute(trx)
    await sql`update outlet set txid = '0'::xid8, seq = greatest(0, seq - ${OVERLAP})`.execute(trx)
    return true
  })
}
