// Reads one ticket whole: itself, all its conversations, its ratings. What was closed and idle for months has moved to
// the archive, which has an address of its own: https://developers.freshdesk.com/api/#archive_tickets
import { GiveUp } from '../../src/errors.ts'
import type { HistoryPage, TicketEvent } from '../../src/types.ts'
import type { Accepts, Client } from './client.ts'
import { idOf, instantOf, isFields, makePerson, readTicket } from './records.ts'
import type { Fields, Ticket } from './records.ts'
import { makeStory } from './story.ts'

export const isGone: Accepts = status => status === 404 || (status > 300 && status < 400)

/** The whole story; null when neither the helpdesk nor its archive has the ticket. */
export async function findStory (client: Client, connection: string, ticketId: string): Promise<TicketEvent[] | null> {
  const path = pathOf(ticketId)
  const answer = await client.read(path, { include: 'stats,requester' }, isGone)
  if (answer.status === 200) return findRest(client, connection, path, getTicket(answer.body, path))
  const archivePath = `/tickets/archived/${ticketId}`
  const archived = await client.read(archivePath, {}, isGone)
  if (archived.status !== 200) return null
  const ticket = await withRequester(client, getTicket(archived.body, archivePath))
  const conversations = await fetchConversations(client, archivePath)
  return makeStory(connection, ticket, conversations ?? [], await fetchRatings(client, path), client.contextFields)
}

/** What a ticket's own object does not hold (`ratings`: unless they are known already); null when the ticket vanished while it was read. */
export async function findRest (
  client: Client, connection: string, path: string, ticket: Ticket, ratings?: Fields[]
): Promise<TicketEvent[] | null> {
  const conversations = await fetchConversations(client, path)
  // Of a ticket in the bin or in spam the conversations may be withheld: that it is there is still a fact.
  if (conversations === null && !ticket.spam && !ticket.deleted) return null
  const rated = ratings ?? await fetchRatings(client, path)
  return makeStory(connection, ticket, conversations ?? [], rated, client.contextFields)
}

/** All of them, oldest first; null when the ticket has none to show because it is gone. */
export async function fetchConversations (client: Client, path: string): Promise<Fields[] | null> {
  const all: Fields[] = []
  let pages = 0
  for await (const rows of client.list(`${path}/conversations`, { accepts: isGone })) {
    all.push(...rows)
    pages++
  }
  return pages === 0 ? null : all
}

/** An account whose plan has no surveys answers 403 `require_feature`: it has no ratings, and nothing is wrong. */
async function fetchRatings (client: Client, path: string): Promise<Fields[]> {
  const accepts: Accepts = (status, code) => isGone(status, code) || (status === 403 && code === 'require_feature')
  const all: Fields[] = []
  for await (const rows of client.list(`${path}/satisfaction_ratings`, { perPage: null, accepts })) all.push(...rows)
  return all
}

/** Tickets that were rated since, and when the newest of these ratings was made. */
export async function listRated (client: Client, since: string): Promise<{ ticketIds: string[], newest: string }> {
  const ids = new Set<string>()
  let newest = since
  const accepts: Accepts = (status, code) => status === 404 || (status === 403 && code === 'require_feature')
  for await (const rows of client.list('/surveys/satisfaction_ratings', { query: { created_since: since }, accepts })) {
    for (const row of rows) {
      const id = idOf(row.ticket_id)
      const at = instantOf(row.created_at)
      if (id !== null) ids.add(id)
      if (at !== null && at > newest) newest = at
    }
  }
  return { ticketIds: [...ids], newest }
}

/** The whole stories of these tickets; one that is gone is left out. */
export async function findStories (client: Client, connection: string, ticketIds: string[]): Promise<HistoryPage['stories']> {
  const stories: HistoryPage['stories'] = []
  for (const ticketId of ticketIds) {
    const events = await findStory(client, connection, ticketId)
    if (events !== null) stories.push({ ticketId, events })
  }
  return stories
}

/** The archive names the requester only by his id. */
async function withRequester (client: Client, ticket: Ticket): Promise<Ticket> {
  const { id, name, email } = ticket.requester
  if (name !== undefined || email !== undefined || !/^\d+$/.test(id)) return ticket
  const { body } = await client.read(`/contacts/${id}`, {}, isGone)
  return isFields(body) ? { ...ticket, requester: makePerson(id, body.name, body.email) } : ticket
}

export function getTicket (body: unknown, path: string): Ticket {
  const ticket = readTicket(body)
  if (ticket === null) throw new Error(`freshdesk answered a ticket without id or time to GET ${path}`)
  return ticket
}

/** Only a number may become a part of an address. */
export function pathOf (ticketId: string): string {
  if (!/^\d{1,16}$/.test(ticketId)) throw new GiveUp('freshdesk has only tickets with a number')
  return `/tickets/${ticketId}`
}
