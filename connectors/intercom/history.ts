// The conversations that changed since, oldest change first, each read whole: a search answers without parts.
// A cursor says where the search began, how far it has seen, and the vendor's own mark of the next page.
import { GiveUp, patiently } from '../../src/errors.ts'
import type { HistoryOptions, HistoryPage, Instant, TicketEvent } from '../../src/types.ts'
import { isGone } from './client.ts'
import type { Filter, IntercomCalls } from './client.ts'
import { fieldsOf, idOf, listOf, stringOf } from './fields.ts'

type Unread = NonNullable<HistoryPage['unread']>

interface Place { from: number, seen: number, after: string }

const PER_PAGE = 50
const IDS_A_PAGE = 50                               // a hundred and more are slow enough to time out
const AT_A_TIME = 4

export async function * fetchHistory (
  calls: IntercomCalls, fetchTicket: (ticketId: string) => Promise<TicketEvent[]>, since: Instant, cursor?: string,
  { until, pageSize = PER_PAGE, bulk = false }: HistoryOptions = {}
): AsyncGenerator<HistoryPage> {
  let place: Place | null = cursor === undefined ? startAt(secondsOf(since)) : parsePlace(cursor)
  while (place !== null) {
    const { from, after: startingAfter } = place
    const answer = fieldsOf(await patiently(() => calls.search({
      // Documented as inclusive; one second earlier makes sure of it, and seeing a ticket twice does no harm.
      filters: [
        { field: 'updated_at', operator: '>', value: from - 1 },
        ...(until === undefined ? [] : [{ field: 'updated_at', operator: '<' as const, value: secondsOf(until) }])
      ],
      perPage: pageSize,
      ...(startingAfter === '' ? {} : { startingAfter })
    })))
    const hits = listOf(answer.conversations)
    if (hits.length === 0) return
    const seen = Math.max(place.seen, ...hits.map(hit => Number(hit.updated_at) || 0))
    const after = stringOf(fieldsOf(fieldsOf(answer.pages).next).starting_after)
    // After the last page the next search begins at the newest change, whatever order the pages came in.
    const next: Place = after === '' ? startAt(seen) : { from: place.from, seen, after }
    const ids = [...new Set(hits.map(hit => idOf(hit.id)).filter(id => id !== null))]
    const reached = new Date(seen * 1000).toISOString().slice(0, 19) + 'Z'
    const unread: Unread = []
    // A ticket that is refused while the token is good is refused by itself.
    const mayPassOver = bulk ? async () => await calls.fetchMe().then(() => true, () => false) : null
    const stories = await readStories(ids, fetchTicket, mayPassOver, unread)
    yield { stories, cursor: JSON.stringify(next), reached, ...(unread.length === 0 ? {} : { unread }) }
    place = after === '' || after === place.after ? null : next
  }
}

/** A page of the search, and each conversation whole. */
export function planCalls (tickets: number): number {
  return Math.ceil(tickets / PER_PAGE) + tickets
}

/** Which were created in [from, to), by the vendor's own marks of the next page: a list by cursor has no last row. */
export async function listCreated (calls: IntercomCalls, from: Instant, to: Instant): Promise<string[]> {
  const ids = new Set<string>()
  const [first, last] = [secondsOf(from), secondsOf(to) - 1]
  if (last < first) return []
  for (let after = ''; ;) {
    const startingAfter = after === '' ? {} : { startingAfter: after }
    const filters = makeSpan(first, last)
    const answer = fieldsOf(await patiently(() => calls.search({ filters, perPage: IDS_A_PAGE, orderBy: 'created_at', ...startingAfter })))
    for (const row of listOf(answer.conversations)) {
      const id = idOf(row.id)
      if (id !== null) ids.add(id)
    }
    const next = stringOf(fieldsOf(fieldsOf(answer.pages).next).starting_after)
    if (next === '' || next === after) return [...ids]
    after = next
  }
}

/** Created in [from, to). Both comparisons include their bound, and times are whole seconds. */
export async function countCreated (calls: IntercomCalls, from: Instant, to: Instant): Promise<number> {
  const [first, last] = [secondsOf(from), secondsOf(to) - 1]
  if (last < first) return 0
  const answer = fieldsOf(await calls.search({ filters: makeSpan(first, last), perPage: 1 }))
  if (typeof answer.total_count !== 'number') throw new Error('intercom did not count (POST /conversations/search)')
  return answer.total_count
}

function makeSpan (first: number, last: number): Filter[] {
  return [{ field: 'created_at', operator: '>', value: first }, { field: 'created_at', operator: '<', value: last }]
}

export function secondsOf (at: Instant): number {
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) throw new Error(`"${at}" is no instant`)
  return Math.floor(ms / 1000)
}

// A few at a time: a backfill is thousands of reads. What was deleted since the search is left out.
async function readStories (
  ids: string[], fetchTicket: (ticketId: string) => Promise<TicketEvent[]>,
  mayPassOver: (() => Promise<boolean>) | null, unread: Unread
): Promise<HistoryPage['stories']> {
  const stories: HistoryPage['stories'] = []
  for (let i = 0; i < ids.length; i += AT_A_TIME) {
    const read = await Promise.all(ids.slice(i, i + AT_A_TIME).map(async ticketId => {
      try {
        return [{ ticketId, events: await patiently(() => fetchTicket(ticketId)) }]
      } catch (error) {
        if (isGone(error)) return []
        if (error instanceof GiveUp && mayPassOver !== null && await mayPassOver()) {
          unread.push({ ticketId, why: error.message })
          return []
        }
        throw error
      }
    }))
    stories.push(...read.flat())
  }
  return stories
}

function startAt (from: number): Place {
  return { from, seen: from, after: '' }
}

function parsePlace (cursor: string): Place {
  const { from, seen, after } = fieldsOf(JSON.parse(cursor))
  if (typeof from !== 'number' || typeof seen !== 'number' || typeof after !== 'string') {
    throw new Error('this is no cursor of an intercom history')
  }
  return { from, seen, after }
}
