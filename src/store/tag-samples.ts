// The newest tickets with what was first asked and the tags they have now: by these it is seen whether tags could name topics.
import { sql } from 'kysely'
import type { TicketEvent } from '../types.ts'
import type { Db } from './db.ts'
import { readStories, refOf } from './stories.ts'

/** The stories of the tickets that were opened last, the oldest of them first. */
export async function listNewestStories (db: Db, most: number): Promise<TicketEvent[][]> {
  const { rows } = await sql<{ connection: string, ticket_id: string }>`
    select connection, ticket_id from event where kind = 'opened'
    order by at desc, connection, ticket_id limit ${most}`.execute(db)
  const refs = rows.map(r => ({ connection: r.connection, ticketId: r.ticket_id })).reverse()
  const stories = await readStories(db, refs)
  return refs.map(ref => stories.get(refOf(ref)) ?? [])
}
