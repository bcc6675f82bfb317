// Ratings of all tickets, read a hundred at a time: a history of thousands would else take a call for each ticket.
// https://developers.freshdesk.com/api/#view_all_satisfaction_ratings
import type { Instant } from '../../src/types.ts'
import type { Accepts, Client } from './client.ts'
import { idOf, instantOf, isFields } from './records.ts'
import type { Fields, Ticket } from './records.ts'

export interface Ratings {
  /** All ratings of a ticket; undefined for one that was opened before the list begins. */
  of (ticket: Ticket): Fields[] | undefined
  /** Tickets that were rated since, and when the newest of these ratings was made. */
  since (from: Instant): { ticketIds: string[], newest: Instant }
}

export async function listRatings (client: Client, from: Instant): Promise<Ratings> {
  const byTicket = new Map<string, Fields[]>()
  const accepts: Accepts = (status, code) => status === 404 || (status === 403 && code === 'require_feature')
  for await (const rows of client.list('/surveys/satisfaction_ratings', { query: { created_since: from }, accepts })) {
    for (const row of rows) {
      const id = idOf(row.ticket_id)
      if (id === null) continue
      const ratings = byTicket.get(id) ?? []
      ratings.push(row)
      byTicket.set(id, ratings)
    }
  }
  return {
    of: ticket => ticket.createdAt < from ? undefined : byTicket.get(ticket.id) ?? [],
    since (start) {
      const ids: string[] = []
      let newest = start
      for (const [id, rows] of byTicket) {
        const times = rows.map(row => instantOf(row.created_at)).filter(at => at !== null).filter(at => at >= start)
        if (times.length > 0) ids.push(id)
        for (const at of times) if (at > newest) newest = at
      }
      return { ticketIds: ids, newest }
    }
  }
}

/** Nobody answered, nothing changed: such a ticket has no messages beside its first. */
export function isUntouched (row: Fields): boolean {
  const stats = isFields(row.stats) ? row.stats : {}
  const isSilent = ['agent_responded_at', 'requester_responded_at', 'first_responded_at', 'resolved_at', 'reopened_at']
    .every(name => (stats[name] ?? null) === null)
  return isSilent && row.status === OPEN && row.created_at === row.updated_at
}

const OPEN = 2
