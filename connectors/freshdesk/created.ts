// Which tickets were created on whole days of UTC. The search names 300 of what it finds and no more, so what is larger is
// asked for in parts: by day, by priority, by status. Spam, bin and archive are in none of them.
// https://developers.freshdesk.com/api/#filter_tickets
import { GiveUp, patiently } from '../../src/errors.ts'
import type { Instant } from '../../src/types.ts'
import type { Client } from './client.ts'
import { idOf, isFields, rowsOf } from './records.ts'

const PER_PAGE = 30                                 // the vendor's own, fixed
const LAST_PAGE = 10
const DAY_MS = 86_400_000
const PRIORITIES = ['priority:1', 'priority:2', 'priority:3', 'priority:4']
const STATUSES = ['status:2', 'status:3', 'status:4', 'status:5', 'status:>6']

export async function listCreated (client: Client, from: Instant, to: Instant): Promise<string[]> {
  const ids = new Set<string>()
  for (let ms = Date.parse(from); ms < Date.parse(to); ms += DAY_MS) {
    const day = new Date(ms).toISOString().slice(0, 10)
    for (const id of await listFound(client, [`created_at:>'${day}'`, `created_at:<'${day}'`], [PRIORITIES, STATUSES])) ids.add(id)
  }
  return [...ids]
}

/** `splits`: by what it may still be divided, if there is more than can be named. */
async function listFound (client: Client, terms: string[], splits: string[][]): Promise<string[]> {
  const ids: string[] = []
  for (let page = 1; ; page++) {
    const { total, found } = await readPage(client, terms, page)
    if (total > PER_PAGE * LAST_PAGE) return await listParts(client, terms, splits, total)
    ids.push(...found)
    if (found.length < PER_PAGE || page === LAST_PAGE) return ids
  }
}

async function listParts (
  client: Client, terms: string[], [split, ...rest]: string[][], total: number
): Promise<string[]> {
  if (split === undefined) {
    throw new GiveUp(`freshdesk names ${PER_PAGE * LAST_PAGE} of ${total} tickets with ${terms.join(' and ')}, and they cannot be divided further`)
  }
  const ids: string[] = []
  for (const term of split) ids.push(...await listFound(client, [...terms, term], rest))
  return ids
}

async function readPage (client: Client, terms: string[], page: number): Promise<{ total: number, found: string[] }> {
  const { body } = await patiently(() => client.read('/search/tickets', { query: `"${terms.join(' AND ')}"`, page }))
  const total = isFields(body) ? body.total : null
  const rows = isFields(body) ? rowsOf(body.results) : null
  if (typeof total !== 'number' || rows === null) throw new Error('freshdesk answered no list to GET /search/tickets')
  return { total, found: rows.map(row => idOf(row.id)).filter(id => id !== null) }
}
