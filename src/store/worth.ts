// The companies behind an anomaly with what HubSpot says of their money, each once however many of its people wrote.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { WorthOf } from '../learn/worth.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'

export async function listWorth (db: Db | Transaction<Database>, anomaly: string): Promise<WorthOf[]> {
  const { rows } = await sql<{ arr: number | null, renewal_at: Date | null }>`
    select a.arr, a.renewal_at from account a where a.id in (
      select p.account_id from anomaly_ticket t
      join ticket_person tp on tp.connection = t.connection and tp.ticket_id = t.ticket_id
      join person_account p on p.email_hash = tp.email_hash
      where t.anomaly_id = ${anomaly})`.execute(db)
  return rows.map(r => ({ arr: r.arr, renewalAt: r.renewal_at === null ? null : instantOf(r.renewal_at) }))
}
