// Changes a note of ours where it stands, which of all helpdesks only Freshdesk allows. What a person has written into is
// left alone. https://developers.freshdesk.com/api/#update_a_conversation
import { GiveUp, messageOf, Unclear } from '../../src/errors.ts'
import type { Note, NoteReceipt } from '../../src/types.ts'
import type { Client } from './client.ts'
import { renderNote } from './note.ts'
import { checkFresh, readForNote, readNote, withdraw } from './notes.ts'
import { idOf, isFields } from './records.ts'
import type { Fields } from './records.ts'
import { fetchConversations, pathOf } from './tickets.ts'

export interface NoteEdit { ticketId: string, noteId: string, note: Note, moved: 'refuse' | 'write' }

/** Null when the note is not there any more, is not ours, or a person has changed it. The same words twice do no harm. */
export async function editNote (
  client: Client, edit: NoteEdit, whoWeAre: () => Promise<string>, beforeWrite?: () => Promise<void>
): Promise<NoteReceipt | null> {
  const { ticketId, noteId, note } = edit
  const path = pathOf(ticketId)
  const { ticket, conversations } = await readForNote(client, path, ticketId)
  const row = conversations.find(one => idOf(one.id) === noteId)
  if (row === undefined || !isOnlyOurs(row, await whoWeAre())) return null
  if (readNote(row)?.public !== false) throw await withdraw(client, ticketId, noteId)
  if (edit.moved === 'refuse') checkFresh(ticket, conversations, note.basis)
  await beforeWrite?.()
  // The visibility of a conversation is no attribute of an update: it cannot be changed by one.
  const { status } = await client.write('PUT', `/conversations/${noteId}`, { body: renderNote(note) },
    code => code === 404 || code === 405)
  if (status === 405) throw new GiveUp(`skipped: freshdesk takes no more changes on ticket ${ticketId} (405)`)
  if (status === 404) return null
  const stored = readNote(await readBack(client, path, noteId))
  if (stored === null || stored.public === null) {
    throw new Unclear(`freshdesk changed note ${noteId} on ticket ${ticketId} and does not show it as private`)
  }
  if (stored.public) throw await withdraw(client, ticketId, noteId)
  return { noteId, public: false, at: stored.at }
}

function isOnlyOurs (row: Fields, self: string): boolean {
  const editor = idOf(row.last_edited_user_id)
  return idOf(row.user_id) === self && (editor === null || editor === self)
}

async function readBack (client: Client, path: string, noteId: string): Promise<unknown> {
  try {
    const rows = await fetchConversations(client, path) ?? []
    return rows.find(row => isFields(row) && idOf(row.id) === noteId)
  } catch (cause) {
    throw new Unclear(`note ${noteId} is changed, but could not be read back: ${messageOf(cause)}`, { cause })
  }
}
