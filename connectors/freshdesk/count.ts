// How many tickets were created, as Freshdesk itself counts. Its search knows only whole days of UTC and counts them in
// one call; any other span is counted row by row. Spam, bin and archive are in neither.
// https://developers.freshdesk.com/api/#filter_tickets
import { GiveUp } from '../../src/errors.ts'
import type { Instant } from '../../src/types.ts'
import type { Client } from './client.ts'
import { idOf, instantOf, isFields, rowsOf } from './records.ts'

const WALL = 290
const DAY_MS = 86_400_000

export async function countTickets (client: Client, from: Instant, to: Instant): Promise<number> {
  if (from >= to) return 0
  return isMidnight(from) && isMidnight(to) ? countDays(client, from, to) : countRows(client, from, to)
}

/** `:>` and `:<` include the day they name. */
async function countDays (client: Client, from: Instant, to: Instant): Promise<number> {
  const last = new Date(Date.parse(to) - DAY_MS).toISOString().slice(0, 10)
  const query = `"created_at:>'${from.slice(0, 10)}' AND created_at:<'${last}'"`
  const { body } = await client.read('/search/tickets', { query })
  const total = isFields(body) ? body.total : null
  if (typeof total !== 'number') throw new Error('freshdesk answered no total to GET /search/tickets')
  return total
}

/** Newest first, until one is older. What was created since also changed since, so no other list is needed. */
async function countRows (client: Client, from: Instant, to: Instant): Promise<number> {
  const counted = new Set<string>()                 // a ticket that comes in meanwhile moves all others down by one
  for (let page = 1; page <= WALL; page++) {
    const query = { updated_since: from, order_by: 'created_at', order_type: 'desc', per_page: 100, page }
    const answer = await client.read('/tickets', query)
    const rows = rowsOf(answer.body)
    if (rows === null) throw new Error('freshdesk answered no list to GET /tickets')
    for (const row of rows) {
      const id = idOf(row.id)
      const at = instantOf(row.created_at)
      if (id === null || at === null || at >= to) continue
      if (at < from) return counted.size
      counted.add(id)
    }
    if (rows.length < 100 && !answer.more) return counted.size
  }
  throw new GiveUp(`freshdesk lists only ${WALL * 100} tickets, too few to count from ${from}: ask for whole days`)
}

function isMidnight (at: Instant): boolean {
  return Date.parse(at) % DAY_MS === 0
}
