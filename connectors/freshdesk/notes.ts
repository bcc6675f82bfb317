// Writes an internal note and proves that it is one. Freshdesk has neither an idempotency key nor a version to compare:
// it is read just before, written once, read back after, and a note with an unclear fate is found again by its key.
// https://developers.freshdesk.com/api/#add_note_to_a_ticket
import { GiveUp, messageOf, PublicNote, Unclear } from '../../src/errors.ts'
import type { Instant, Note, NoteReceipt } from '../../src/types.ts'
import type { Client } from './client.ts'
import { renderNote } from './note.ts'
import { CLOSED, fullText, idOf, instantOf, isFields } from './records.ts'
import type { Fields, Ticket } from './records.ts'
import { listMessages } from './story.ts'
import { fetchConversations, getTicket, isGone, pathOf } from './tickets.ts'

/** `whoWeAre` is asked only when a note with the key is there already: then none is written. */
export async function postNote (
  client: Client, ticketId: string, note: Note, whoWeAre: () => Promise<string>, beforeWrite?: () => Promise<void>
): Promise<NoteReceipt> {
  const path = pathOf(ticketId)
  const { ticket, conversations } = await readForNote(client, path, ticketId, note.closedToo)
  const same = conversations.filter(row => holdsKey(row, note.key))
  const found = same.length === 0 ? null : readOwn(same, await whoWeAre())
  if (found !== null) {
    if (found.public === false) return { noteId: found.noteId, public: false, at: found.at }
    throw await withdraw(client, ticketId, found.noteId)
  }
  checkFresh(ticket, conversations, note.basis)
  await beforeWrite?.()
  const body = { body: renderNote(note), private: true }   // any other attribute is refused or may mail somebody
  // On a ticket that was thrown away meanwhile a write is not allowed: 405.
  const answer = await client.write('POST', `${path}/notes`, body, status => status === 404 || status === 405)
  const { status } = answer
  if (status > 299) throw new GiveUp(`skipped: freshdesk takes no more notes on ticket ${ticketId} (${status})`)
  const written = readNote(answer.body)
  if (written === null) throw new Unclear(`freshdesk answered no note to POST ${path}/notes: it may have been applied`)
  const stored = written.public === true ? written : await readBack(client, path, written, conversations.length)
  if (stored.public === false) return { noteId: stored.noteId, public: false, at: stored.at }
  if (stored.public === true) throw await withdraw(client, ticketId, stored.noteId)
  throw new Unclear(`freshdesk does not say whether note ${stored.noteId} on ticket ${ticketId} is private`)
}

/** Our own note that shows the key, oldest first; a note of somebody else who quotes it is not ours. */
export async function findNote (
  client: Client, ticketId: string, key: string, selfId: string
): Promise<NoteReceipt | null> {
  const rows = await fetchConversations(client, pathOf(ticketId)) ?? []
  const note = readOwn(rows.filter(row => holdsKey(row, key)), selfId)
  // Unless it plainly says that it is private it counts as public: a person shall look.
  return note === null ? null : { noteId: note.noteId, public: note.public !== false, at: note.at }
}

/** All of them, oldest first, as the list of conversations has them. */
export async function listNotes (
  client: Client, ticketId: string, key: string, selfId: string
): Promise<NoteReceipt[]> {
  const rows = await fetchConversations(client, pathOf(ticketId)) ?? []
  return rows.filter(row => holdsKey(row, key) && idOf(row.user_id) === selfId).flatMap(row => {
    const note = readNote(row)
    return note === null ? [] : [{ noteId: note.noteId, public: note.public !== false, at: note.at }]
  })
}

export function holdsKey (row: Fields, key: string): boolean {
  return fullText(row.body, row.body_text).includes(key)
}

function readOwn (rows: Fields[], selfId: string): StoredNote | null {
  return readNote(rows.find(row => idOf(row.user_id) === selfId))
}

/** Throws when the ticket takes no notes. */
export async function readForNote (
  client: Client, path: string, ticketId: string, closedToo = false
): Promise<{ ticket: Ticket, conversations: Fields[] }> {
  const answer = await client.read(path, {}, isGone)
  if (answer.status !== 200) throw new GiveUp(`skipped: ticket ${ticketId} is gone from freshdesk or in its archive`)
  const ticket = getTicket(answer.body, path)
  if (ticket.spam) throw new GiveUp(`skipped: ticket ${ticketId} is spam`)
  if (ticket.deleted) throw new GiveUp(`skipped: ticket ${ticketId} is deleted`)
  if (ticket.status === CLOSED && !closedToo) throw new GiveUp(`skipped: ticket ${ticketId} is closed`)
  const conversations = await fetchConversations(client, path)
  if (conversations === null) throw new GiveUp(`skipped: ticket ${ticketId} is gone from freshdesk`)
  return { ticket, conversations }
}

/** Throws when the draft came too late. */
export function checkFresh (ticket: Ticket, conversations: Fields[], basis: string): void {
  const ticketId = ticket.id
  const messages = listMessages(ticket, conversations)
  const seen = messages.findIndex(message => message.id === basis)
  if (seen < 0) throw new GiveUp(`too late: message ${basis} of ticket ${ticketId} is not there any more`)
  const newer = messages.slice(seen + 1).map(message => message.from)
  if (newer.includes('agent')) throw new GiveUp(`too late: ticket ${ticketId} was answered meanwhile`)
  if (newer.includes('customer')) throw new GiveUp(`too late: ticket ${ticketId} has a newer question meanwhile`)
}

export interface StoredNote { noteId: string, public: boolean | null, at: Instant }

export function readNote (row: unknown): StoredNote | null {
  if (!isFields(row)) return null
  const noteId = idOf(row.id)
  const at = instantOf(row.created_at)
  if (noteId === null || at === null) return null
  return { noteId, public: typeof row.private === 'boolean' ? !row.private : null, at }
}

/** The answer may only repeat what was asked for: the list of conversations tells what agents and customers see. */
async function readBack (client: Client, path: string, written: StoredNote, before: number): Promise<StoredNote> {
  const perPage = 100
  const query = { per_page: perPage }
  try {
    for (let page = Math.floor(before / perPage) + 1, rows: unknown[] = []; ; page++) {
      const answer = await client.read(`${path}/conversations`, { ...query, page })
      rows = Array.isArray(answer.body) ? answer.body : []
      const found = rows.map(readNote).find(note => note?.noteId === written.noteId)
      if (found !== undefined && found !== null) return found
      if (rows.length < perPage && !answer.more) return written   // not listed yet: the answer has to do
    }
  } catch (cause) {
    // Any other error would have the note written a second time.
    throw new Unclear(`note ${written.noteId} is written, but could not be read back: ${messageOf(cause)}`, { cause })
  }
}

/** A note may be deleted for good: https://developers.freshdesk.com/api/#delete_a_conversation */
export async function withdraw (client: Client, ticketId: string, noteId: string): Promise<PublicNote> {
  const what = `freshdesk stored note ${noteId} on ticket ${ticketId} as public`
  try {
    await client.write('DELETE', `/conversations/${noteId}`, null)
    return new PublicNote(`${what}: it was deleted again`)
  } catch (cause) {
    return new PublicNote(`${what} and did not delete it (${messageOf(cause)}): delete it by hand`, { cause })
  }
}
