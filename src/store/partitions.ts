// Deliveries and events live in one table per month, so that a month can be dropped whole. A month's table is made
// before the first row that needs it.
import { sql } from 'kysely'
import type { Db } from './db.ts'

const made = new WeakMap<Db, Set<string>>()         // what this process knows to exist already: only saves asking

export async function ensurePartitions (db: Db, received: Date[], happened: string[]): Promise<void> {
  const known = made.get(db) ?? new Set<string>()
  made.set(db, known)
  const wanted = new Set([
    ...received.map(at => `delivery_${at.toISOString().slice(0, 7).replace('-', '_')}`),
    ...happened.map(at => `event_${at.slice(0, 7).replace('-', '_')}`)
  ])
  for (const name of wanted) {
    if (known.has(name)) continue
    await makePartition(db, name)
    known.add(name)
  }
}

async function makePartition (db: Db, name: string): Promise<void> {
  const found = /^(delivery|event)_(\d{4})_(\d{2})$/.exec(name)
  if (found === null) throw new Error(`${name} is no month of a table`)
  const [, table = '', year = '', month = ''] = found
  const from = `${year}-${month}-01T00:00:00Z`
  const next = new Date(from)
  next.setUTCMonth(next.getUTCMonth() + 1)
  await db.transaction().execute(async trx => {
    await sql`select pg_advisory_xact_lock(hashtext('deskloop partitions'))`.execute(trx)
    await sql`create table if not exists ${sql.table(name)} partition of ${sql.table(table)}
      for values from (${sql.lit(from)}) to (${sql.lit(next.toISOString())})`.execute(trx)
  })
}
