// What a day holds at the helpdesk and here, ticket by ticket.
import { sql } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { ExtraTicket } from './schema.ts'

/** `day`: 2026-11-21, of UTC, by the time of creation. */
export interface DayCheck {
  connection: string, day: string
  theirs: number                                    // as the helpdesk counts
  listed: number                                    // as it names them
  ours: number                                      // of those named, how many we hold
  missing: string[]                                 // named there and not here, after healing
  healed: string[]                                  // were missing, and were fetched
  extra: ExtraTicket[]                              // here and not named there
  checkedAt: Instant
}

/** What was healed once stays told, however often the day is looked at again. */
export async function saveDayCheck (db: Db, check: Omit<DayCheck, 'checkedAt'>): Promise<void> {
  const { connection, day, theirs, listed, ours, missing, healed } = check
  await sql`
    insert into completeness (connection, day, theirs, listed, ours, missing, healed, extra)
    values (${connection}, ${day}, ${theirs}, ${listed}, ${ours}, ${missing}::text[], ${healed}::text[], ${JSON.stringify(check.extra)}::jsonb)
    on conflict (connection, day) do update set theirs = excluded.theirs, listed = excluded.listed, ours = excluded.ours,
      missing = excluded.missing, extra = excluded.extra, checked_at = now(),
      healed = array(select distinct h from unnest(completeness.healed || excluded.healed) h order by h)`.execute(db)
}

/** The checked days, newest first. */
export async function listDayChecks (db: Db, connection: string, most: number): Promise<DayCheck[]> {
  const { rows } = await sql<{
    day: string, theirs: number, listed: number, ours: number, missing: string[], healed: string[], extra: ExtraTicket[]
    checked_at: Date
  }>`select to_char(day, 'YYYY-MM-DD') as day, theirs, listed, ours, missing, healed, extra, checked_at
    from completeness where connection = ${connection} order by completeness.day desc limit ${most}`.execute(db)
  return rows.map(({ checked_at: checkedAt, ...row }) => ({ connection, ...row, checkedAt: instantOf(checkedAt) }))
}

/** Which of these tickets we hold with their beginning. */
export async function listHeld (db: Db, connection: string, ids: string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`select distinct ticket_id as id from event
    where connection = ${connection} and ticket_id = any(${ids}::text[]) and kind = 'opened'`.execute(db)
  return new Set(rows.map(row => row.id))
}

/** The tickets that were opened in a span, as we know it; and what we know to have become of those that are gone. */
export async function listOpened (
  db: Db, connection: string, from: Instant, to: Instant
): Promise<Array<{ ticketId: string, gone: string | null }>> {
  const { rows } = await sql<{ id: string, gone: string | null }>`
    select distinct o.ticket_id as id, (
      select e.kind from event e where e.connection = o.connection and e.ticket_id = o.ticket_id and e.kind in ('deleted', 'spam')
      order by e.at desc limit 1
    ) as gone
    from event o where o.connection = ${connection} and o.kind = 'opened' and o.at >= ${from} and o.at < ${to}
    order by 1`.execute(db)
  return rows.map(row => ({ ticketId: row.id, gone: row.gone }))
}
