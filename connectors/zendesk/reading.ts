// Whole tickets, one or many: what belongs to a story is collected here, and told in story.ts.

import { GiveUp, patiently } from '../../src/errors.ts'
import type { HistoryOptions, HistoryPage, Instant, TicketEvent } from '../../src/types.ts'
import type { Api } from './client.ts'
import { idOf, recordOf, recordsOf, stringOf } from './shapes.ts'
import type { Json } from './shapes.ts'
import { openerOf, tellStory } from './story.ts'
import type { Sources } from './story.ts'

// Long mails come three times over, as text, plain and html: more in one answer would be too large an answer.
const PAGE = 'page%5Bsize%5D=25'
const TICKETS_A_PAGE = 50
const TICKETS_AT_ONCE = 4

type Unread = NonNullable<HistoryPage['unread']>

export async function fetchTicket (api: Api, connection: string, ticketId: string): Promise<TicketEvent[]> {
  const sources = await fetchSources(api, ticketId)
  if (sources === null) throw new GiveUp(`zendesk does not show ticket ${ticketId} any more`)
  return tellStory(await withOpener(api, sources), connection, api.contextFields)
}

/** The ticket is read before its messages: its `updated_at` then never hides a message that we have not seen. */
export async function fetchSources (api: Api, ticketId: string): Promise<Sources | null> {
  const ticket = recordOf((await api.findOne(`/tickets/${checkId(ticketId)}`))?.ticket)
  if (idOf(ticket.id) === null || ticket.status === 'deleted') return null
  return await fetchParts(api, ticket)
}

/**
 * The export is the only list of changes that skips nothing: it is ordered by a time stamp of its own, never ends
 * within the latest minute, and names deleted tickets too.
 * https://developer.zendesk.com/documentation/ticketing/managing-tickets/using-the-incremental-export-api/
 */
export async function * fetchHistory (
  api: Api, connection: string, since: Instant, cursor?: string,
  { until, pageSize = TICKETS_A_PAGE, bulk = false }: HistoryOptions = {}
): AsyncGenerator<HistoryPage> {
  let place = cursor ?? ''
  for (;;) {
    const from = place === '' ? `start_time=${startOf(since)}` : `cursor=${encodeURIComponent(place)}`
    const path = `/incremental/tickets/cursor?${from}&per_page=${pageSize}&include=users`
    const page = await patiently(() => api.read(path))
    const tickets = recordsOf(page.tickets)
    const wanted = until === undefined ? tickets : tickets.filter(ticket => (exportedAt(ticket) ?? '') < until)
    const unread: Unread = []
    const stories = await fetchStories(api, connection, latestOf(wanted), recordsOf(page.users), bulk ? unread : null)
    const next = stringOf(page.after_cursor) || place
    const moved = next !== place
    const last = tickets.at(-1)
    const reached = last === undefined ? null : exportedAt(last)
    const more = { ...(reached === null ? {} : { reached }), ...(unread.length === 0 ? {} : { unread }) }
    if (moved || stories.length > 0) yield { stories, cursor: next, ...more }
    if (page.end_of_stream === true || !moved || (until !== undefined && reached !== null && reached >= until)) return
    place = next
  }
}

/** A page of tickets, and of each its messages and its audits. */
export function planCalls (tickets: number): number {
  return Math.ceil(tickets / TICKETS_A_PAGE) + 2 * tickets
}

// The time that the export is ordered by; the ticket's own `updated_at` stands still when Zendesk itself changes it.
function exportedAt (ticket: Json): Instant | null {
  const stamp = ticket.generated_timestamp
  return typeof stamp === 'number' ? new Date(stamp * 1000).toISOString().slice(0, 19) + 'Z' : null
}

async function fetchStories (
  api: Api, connection: string, tickets: Json[], users: Json[], unread: Unread | null
): Promise<HistoryPage['stories']> {
  const stories: HistoryPage['stories'] = []
  for (let i = 0; i < tickets.length; i += TICKETS_AT_ONCE) {
    const told = await Promise.all(tickets.slice(i, i + TICKETS_AT_ONCE).map(async ticket => {
      const sources = await fetchChanged(api, ticket, users).catch(passOver(api, ticket, unread))
      const events = sources === null ? [] : tellStory(sources, connection, api.contextFields)
      return { ticketId: idOf(ticket.id) ?? '', events }
    }))
    stories.push(...told.filter(story => story.events.length > 0))
  }
  return stories
}

// A ticket that is refused while the token is good is refused by itself: it is named, and the others are told.
function passOver (api: Api, ticket: Json, unread: Unread | null): (error: unknown) => Promise<null> {
  return async error => {
    const isKnown = error instanceof GiveUp && unread !== null && await api.findSelf().then(() => true, () => false)
    if (!isKnown) throw error
    unread.push({ ticketId: idOf(ticket.id) ?? '', why: error.message })
    return null
  }
}

// Of a deleted ticket the export is all that can be read: its comments and audits answer 404.
async function fetchChanged (api: Api, ticket: Json, users: Json[]): Promise<Sources | null> {
  if (ticket.status === 'deleted') return { ticket, comments: [], audits: [], users: [], conversation: [] }
  return await patiently(async () => {
    const sources = await fetchParts(api, ticket)
    return sources === null ? null : await withOpener(api, { ...sources, users: [...sources.users, ...users] })
  })
}

async function fetchParts (api: Api, ticket: Json): Promise<Sources | null> {
  const path = `/tickets/${idOf(ticket.id)}`
  const chat = ticket.from_messaging_channel === true
  const [comments, audits, conversation] = await Promise.all([
    api.findAll(`${path}/comments?include=users&${PAGE}`, 'comments'),
    api.findAll(`${path}/audits?${PAGE}`, 'audits'),
    chat ? api.findAll(`${path}/conversation_log?${PAGE}`, 'events') : null
  ])
  if (comments === null || audits === null) return null
  return {
    ticket, comments: comments.rows, audits: audits.rows, users: comments.users, conversation: conversation?.rows ?? []
  }
}

// A requester who never wrote is in no list of authors: an agent opened the ticket for him.
async function withOpener (api: Api, sources: Sources): Promise<Sources> {
  const id = openerOf(sources)
  if (id === null || sources.users.some(user => idOf(user.id) === id)) return sources
  const user = await api.findUser(id)
  return user === null ? sources : { ...sources, users: [...sources.users, user] }
}

// The same ticket may come twice in one page; its last form counts, at its last place.
function latestOf (tickets: Json[]): Json[] {
  const latest = new Map<string, Json>()
  for (const ticket of tickets) {
    const id = idOf(ticket.id)
    if (id === null) continue
    latest.delete(id)
    latest.set(id, ticket)
  }
  return [...latest.values()]
}

// A start within the latest minute is refused.
function startOf (since: Instant): number {
  const start = Math.floor(Date.parse(since) / 1000)
  if (Number.isNaN(start)) throw new GiveUp(`history cannot begin at "${since}": that is no instant`)
  return Math.max(0, Math.min(start, Math.floor(Date.now() / 1000) - 61))
}

/** What becomes part of a path is digits only. */
export function checkId (ticketId: string): string {
  const id = idOf(ticketId)
  if (id === null || id.startsWith('-')) throw new GiveUp(`"${ticketId.slice(0, 40)}" is no zendesk ticket`)
  return id
}
