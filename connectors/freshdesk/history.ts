// Every ticket that changed, oldest change first: the live ones, then the bin, then spam, which the plain list hides;
// at last those that were rated, because a rating alone is no change of its ticket.
// The window moves to the last change after each page. Counting pages would lose tickets, because one that changes
// again leaves its place and all behind it move up, and the vendor ends every list at page 300 anyway.
// https://developers.freshdesk.com/api/#list_all_tickets
import { GiveUp, RetryLater, patiently } from '../../src/errors.ts'
import type { HistoryOptions, HistoryPage, Instant, TicketEvent } from '../../src/types.ts'
import { TOO_LARGE } from './client.ts'
import type { Client, Query } from './client.ts'
import { isUntouched, listRatings } from './ratings.ts'
import type { Ratings } from './ratings.ts'
import { idOf, instantOf, isFields, rowsOf } from './records.ts'
import type { Fields } from './records.ts'
import { makeStory } from './story.ts'
import { findRest, findStories, getTicket, listRated } from './tickets.ts'

/**
 * Where the walk goes on. `told` holds the tickets that the next window shows once more, with their change: positions
 * in a list do not last, because tickets leave it. `marks` says for each list where it starts the next time, `rated`
 * from when on ratings were not asked for yet.
 */
interface Place { list: number, since: Instant, told: Record<string, Instant>, marks: Instant[], rated: Instant }

type Unread = NonNullable<HistoryPage['unread']>

const LISTS: readonly Query[] = [{}, { filter: 'deleted' }, { filter: 'spam' }]
const PER_PAGE = 100
const WALL = 290
const STORIES = 10                                  // two calls each: fits into a minute of the smallest plan
const AT_A_TIME = 2
const RATINGS_BEFORE_SECONDS = 30 * 86_400          // for tickets that are older than the walk
const OVERLAP_SECONDS = 60
const SHARE_OF_OTHERS = 0.3                         // agents, webhooks and other programs share the limit

export async function * fetchHistory (
  client: Client, connection: string, since: Instant, cursor?: string, options: HistoryOptions = {}
): AsyncIterable<HistoryPage> {
  const { until, bulk = false, pageSize = PER_PAGE } = options
  let place = readCursor(cursor) ?? startAt(since)
  // Ratings of all tickets in a few calls, instead of a call for each ticket.
  const ratings = bulk ? await patiently(() => listRatings(client, shift(place.rated, -RATINGS_BEFORE_SECONDS))) : null
  const told = new Set<string>()
  let page = 1
  let isFirst = true
  for (;;) {
    const before = place.since
    const { rows: listed, more } = await readRows(client, place, page, pageSize)
    const rows = until === undefined ? listed : listed.filter(row => getChange(row) < until)
    const fresh = rows.filter(row => place.told[getId(row)] !== getChange(row))
    for (let from = 0; from < fresh.length; from += STORIES) {
      // The first page is always told: however low the limit, each run gets further.
      if (!isFirst) spareOthers(client)
      isFirst = false
      const part = fresh.slice(from, from + STORIES)
      const unread: Unread = []
      const stories = await listStories(client, connection, part, ratings, unread)
      for (const { ticketId } of stories) told.add(ticketId)
      place = moveOn(place, part)
      const more = { ...(place.list === 0 ? { reached: place.since } : {}), ...(unread.length === 0 ? {} : { unread }) }
      yield { stories, cursor: JSON.stringify(place), ...more }
    }
    if (rows.length < listed.length || (listed.length < pageSize && !more)) {
      place = nextList(place, rows)
      page = 1
      if (place.list > 0) continue
      const rated = ratings?.since(place.rated) ?? await listRated(client, place.rated)
      const ids = ratings === null ? rated.ticketIds : rated.ticketIds.filter(id => !told.has(id))
      for (let from = 0; from < ids.length; from += STORIES) {
        spareOthers(client)
        const stories = await patiently(() => findStories(client, connection, ids.slice(from, from + STORIES)))
        yield { stories, cursor: JSON.stringify(place) }
      }
      // The last page has no stories, only the place where the next walk begins.
      place = { ...place, rated: later(place.rated, shift(rated.newest, -OVERLAP_SECONDS)) }
      return yield { stories: [], cursor: JSON.stringify(place) }
    } else if (place.since > before) page = 1
    else if (page < WALL) page++
    else throw new GiveUp(`freshdesk lists only ${WALL * pageSize} of the tickets that changed at ${before}`)
  }
}

/**
 * The list holds the tickets themselves, a hundred in a call; each that was answered takes one call for its messages, and
 * ratings come a hundred in a call. Three lists are walked, and each is asked once more for its end.
 */
export function planCalls (tickets: number): number {
  return Math.ceil(tickets / PER_PAGE) + tickets + Math.ceil(tickets / PER_PAGE) + LISTS.length
}

async function readRows (
  client: Client, place: Place, page: number, pageSize: number
): Promise<{ rows: Fields[], more: boolean }> {
  const query = {
    ...LISTS[place.list],
    updated_since: place.since,
    order_by: 'updated_at',
    order_type: 'asc',
    per_page: pageSize,
    page
  }
  const whole = { ...query, include: 'stats,requester,description' }
  let answer = await patiently(() => client.read('/tickets', whole, status => status === TOO_LARGE))
  // A hundred long mails: only the numbers then, and each ticket is read by itself.
  if (answer.status === TOO_LARGE) answer = await patiently(() => client.read('/tickets', query))
  const rows = rowsOf(answer.body)
  if (rows === null) throw new Error('freshdesk answered no list to GET /tickets')
  return { rows, more: answer.more && rows.length > 0 }
}

async function listStories (
  client: Client, connection: string, rows: Fields[], ratings: Ratings | null, unread: Unread
): Promise<HistoryPage['stories']> {
  const stories: HistoryPage['stories'] = []
  for (let from = 0; from < rows.length; from += AT_A_TIME) {
    const read = await Promise.all(rows.slice(from, from + AT_A_TIME).map(async row => {
      const ticketId = getId(row)
      // In bulk, a ticket that is refused while the key is good is refused by itself.
      const passOver = async (error: unknown): Promise<null> => {
        const isKnown = error instanceof GiveUp && ratings !== null && await isKeyGood(client)
        if (!isKnown) throw error
        unread.push({ ticketId, why: error.message })
        return null
      }
      const events = await patiently(() => findEvents(client, connection, row, ratings)).catch(passOver)
      return events === null ? [] : [{ ticketId, events }]                // null: deleted for good since it was listed
    }))
    stories.push(...read.flat())
  }
  return stories
}

async function isKeyGood (client: Client): Promise<boolean> {
  return await client.read('/agents/me').then(() => true, () => false)
}

/** A row that holds all we asked to include saves a call for each ticket; one that was never touched saves another. */
async function findEvents (
  client: Client, connection: string, row: Fields, ratings: Ratings | null
): Promise<TicketEvent[] | null> {
  const ticket = getTicket(row, '/tickets')
  const whole = typeof row.description === 'string' && isFields(row.stats) && isFields(row.requester)
  if (!whole) return (await findStories(client, connection, [ticket.id]))[0]?.events ?? null
  const known = ratings?.of(ticket)
  if (known !== undefined && isUntouched(row)) {
    return makeStory(connection, ticket, [], known, client.contextFields)
  }
  return await findRest(client, connection, `/tickets/${ticket.id}`, ticket, known)
}

function spareOthers (client: Client): void {
  if (client.restOfLimit() >= SHARE_OF_OTHERS) return
  throw new RetryLater('freshdesk has few calls left in this minute: the history leaves them to others', 60_000)
}

/** The window follows the last change, one second behind it because the vendor's seconds are whole. */
function moveOn (place: Place, part: Fields[]): Place {
  const told = { ...place.told }
  let since = place.since
  for (const row of part) {
    const change = getChange(row)
    told[getId(row)] = change
    since = later(since, shift(change, -1))
  }
  const kept = Object.entries(told).filter(([, change]) => change >= since)
  return { ...place, since, told: Object.fromEntries(kept) }
}

/** The list that was just ended begins a little before its last change the next time. */
function nextList (place: Place, rows: Fields[]): Place {
  const newest = rows.map(getChange).reduce(later, place.since)
  const old = place.marks[place.list] ?? place.since
  const marks = place.marks.with(place.list, later(old, shift(newest, -OVERLAP_SECONDS)))
  const list = (place.list + 1) % LISTS.length
  return { list, since: marks[list] ?? place.since, told: {}, marks, rated: place.rated }
}

function startAt (since: Instant): Place {
  return { list: 0, since, told: {}, marks: LISTS.map(() => since), rated: since }
}

/** Null when it is none of ours: the walk then starts over, which only costs time. */
function readCursor (cursor: string | undefined): Place | null {
  let value: unknown
  try {
    value = JSON.parse(cursor ?? 'null')
  } catch {
    return null                                     // not ours
  }
  if (!isFields(value) || !isFields(value.told) || !Array.isArray(value.marks)) return null
  const { list } = value
  const since = instantOf(value.since)
  const marks = value.marks.map(instantOf).filter(mark => mark !== null)
  if (typeof list !== 'number' || LISTS[list] === undefined || since === null || marks.length !== LISTS.length) return null
  const told = Object.entries(value.told).flatMap(([id, change]) => typeof change === 'string' ? [[id, change]] : [])
  return { list, since, told: Object.fromEntries(told), marks, rated: instantOf(value.rated) ?? marks[0] ?? since }
}

function getId (row: Fields): string {
  const id = idOf(row.id)
  if (id === null) throw new Error('freshdesk listed a ticket without its id')
  return id
}

function getChange (row: Fields): Instant {
  const at = instantOf(row.updated_at)
  if (at === null) throw new Error(`freshdesk listed ticket ${getId(row)} without the time of its change`)
  return at
}

function later (a: Instant, b: Instant): Instant {
  return a > b ? a : b
}

function shift (at: Instant, seconds: number): Instant {
  return new Date(Date.parse(at) + seconds * 1000).toISOString().slice(0, 19) + 'Z'
}
