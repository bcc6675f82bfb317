// Effects whose fate was unclear once are read again at the vendor some time later: a write that came late has made a copy.
import { sql } from 'kysely'
import type { Db } from './db.ts'
import type { EffectRequest } from '../outside.ts'

export interface Recheck extends EffectRequest { state: string, vendorId: string | null }

/** Takes what is to be read again now, of these kinds; whoever takes one has so long for it. */
export async function claimRechecks (db: Db, kinds: string[], most: number, leaseMs: number): Promise<Recheck[]> {
  const { rows } = await sql<{
    id: string, kind: string, account: string, ticket_id: string, marker: string, payload: Record<string, unknown>
    state: string, vendor_id: string | null
  }>`
    with picked as (
      select e.id from effect e
      where e.recheck_at <= now() and e.state in ('done', 'skipped', 'parked') and e.kind = any(${kinds})
        and not exists (select 1 from account_pause p where p.account = coalesce(e.account, e.connection))
      order by e.recheck_at, e.id limit ${most} for update of e skip locked)
    update effect e set recheck_at = now() + ${leaseMs} * interval '1 millisecond' from picked p where e.id = p.id
    returning e.id, e.kind, coalesce(e.account, e.connection) as account, e.ticket_id, e.marker, e.payload, e.state,
      e.vendor_id`.execute(db)
  return rows.map(r => ({
    id: r.id, kind: r.kind, account: r.account, ticketId: r.ticket_id, marker: r.marker, payload: r.payload,
    state: r.state, vendorId: r.vendor_id
  }))
}

/** It was read again, and so many copies were removed. */
export async function saveRechecked (db: Db, id: string, copies: number): Promise<void> {
  await sql`update effect set recheck_at = null, rechecked_at = now(), copies = copies + ${copies} where id = ${id}`.execute(db)
}

/** It could not be read: tried again, for three days at most. */
export async function saveUnchecked (db: Db, id: string, waitMs: number): Promise<void> {
  await sql`
    update effect set recheck_at =
      case when updated_at > now() - interval '3 days' then now() + ${waitMs} * interval '1 millisecond' end
    where id = ${id}`.execute(db)
}

/** It stands there after all, though we had given it up. */
export async function saveFound (db: Db, id: string, vendorId: string): Promise<void> {
  await sql`update effect set state = 'done', vendor_id = ${vendorId}, reason = null where id = ${id}`.execute(db)
}
