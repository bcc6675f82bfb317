// The one thing we write: a private note. It looks before it speaks, goes out once and only on the ticket it has seen,
// and is read back afterwards.

import { GiveUp, PublicNote, Unclear } from '../../src/errors.ts'
import type { Instant, Note, NoteReceipt } from '../../src/types.ts'
import type { Api } from './client.ts'
import { carriesOurLine } from './facts.ts'
import { renderNote } from './note.ts'
import { checkId, fetchSources } from './reading.ts'
import { idOf, instantOf, recordOf, recordsOf, stringOf } from './shapes.ts'
import type { Json } from './shapes.ts'
import { listMessages } from './story.ts'
import type { Sources } from './story.ts'

interface Found { noteId: string, at: Instant, public: boolean, authorId: string | null, certain: boolean }

export async function postNote (
  api: Api, ticketId: string, note: Note, beforeWrite?: () => Promise<void>
): Promise<NoteReceipt> {
  const path = `/tickets/${checkId(ticketId)}`
  const sources = await fetchSources(api, ticketId)
  if (sources === null) throw new GiveUp(`skipped: ticket ${ticketId} is deleted, spam or out of our sight`)
  if (sources.ticket.status === 'closed') throw new GiveUp(`skipped: ticket ${ticketId} is closed and takes no notes`)
  const before = searchAudits(sources.audits, note.key).find(found => found.certain)
  if (before !== undefined) {
    return await proveHidden(api, path, { ...before, public: isPublic(sources.comments, before) })
  }
  checkFreshness(ticketId, sources, note.basis)
  await beforeWrite?.()
  // `safe_update` makes the write depend on the stamp; false would mean the same as true.
  // https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/
  const said = await api.write(path, {
    ticket: {
      comment: { html_body: renderNote(note), public: false },
      metadata: { deskloop: { key: note.key } },
      safe_update: true,
      updated_stamp: stringOf(sources.ticket.updated_at)
    }
  })
  const written = searchAudits([recordOf(said.audit)], note.key, true)[0]
  if (written === undefined) throw new Unclear(`zendesk answered PUT ${path} without the note it stored`)
  if (written.public) return await proveHidden(api, path, written)
  return await proveHidden(api, path, { ...written, public: await readVisibility(api, path, written) })
}

/**
 * Metadata that came with an update shows up in its audit, where people cannot write. The visible line counts only in
 * a note of our own: an agent may quote it.
 */
export async function findNote (api: Api, ticketId: string, key: string): Promise<NoteReceipt | null> {
  const path = `/tickets/${checkId(ticketId)}`
  const audits = await api.findAll(`${path}/audits?page%5Bsize%5D=25`, 'audits')
  if (audits === null) return null
  const all = searchAudits(audits.rows, key)
  const found = all.find(one => one.certain) ?? await keepOwn(api, all)
  if (found === undefined) return null
  const comments = await api.findAll(newestComments(path), 'comments')
  return { noteId: found.noteId, at: found.at, public: isPublic(comments?.rows ?? [], found) }
}

/** As readers see them now: a copy that was redacted shows the key no more, though its audit keeps it. */
export async function listNotes (api: Api, ticketId: string, key: string): Promise<NoteReceipt[]> {
  const path = `/tickets/${checkId(ticketId)}`
  const comments = await api.findAll(newestComments(path), 'comments')
  const ours = (comments?.rows ?? []).filter(row => carriesOurLine(stringOf(row.plain_body) || stringOf(row.body), key))
  if (ours.length === 0) return []
  const self = idOf((await api.findSelf()).id)
  return ours.filter(row => idOf(row.author_id) === self).flatMap(row => {
    const noteId = idOf(row.id)
    const at = instantOf(row.created_at)
    return noteId === null || at === null ? [] : [{ noteId, at, public: row.public !== false }]
  }).sort((a, b) => Number(a.noteId) - Number(b.noteId))
}

function checkFreshness (ticketId: string, sources: Sources, basis: string): void {
  const messages = listMessages(sources).filter(message => message.visible)
  const at = messages.findIndex(message => message.id === basis)
  if (at < 0) throw new GiveUp(`too late: the message the draft answers is gone from ticket ${ticketId}`)
  for (const { by, text } of messages.slice(at + 1)) {
    if (by === 'human') throw new GiveUp(`too late: ticket ${ticketId} was answered meanwhile by a person`)
    if (by === 'customer' && text !== '') {
      throw new GiveUp(`too late: the customer wrote again meanwhile on ticket ${ticketId}`)
    }
  }
}

function searchAudits (audits: Json[], key: string, ours = false): Found[] {
  const found = audits.flatMap(audit => recordsOf(audit.events).flatMap(comment => {
    const noteId = idOf(comment.id)
    const at = instantOf(audit.created_at)
    const certain = ours || recordOf(recordOf(recordOf(audit.metadata).custom).deskloop).key === key
    const text = stringOf(comment.plain_body) || stringOf(comment.body)
    if (comment.type !== 'Comment' || noteId === null || at === null) return []
    if (!certain && !carriesOurLine(text, key)) return []
    const authorId = idOf(comment.author_id ?? audit.author_id)
    return [{ noteId, at, public: comment.public === true, authorId, certain }]
  }))
  return found.sort((a, b) => a.at === b.at ? 0 : a.at < b.at ? 1 : -1)
}

async function keepOwn (api: Api, found: Found[]): Promise<Found | undefined> {
  if (found.length === 0) return undefined
  const self = idOf((await api.findSelf()).id)
  return found.find(one => one.authorId === self)
}

// What the answer to a write claims is what we asked for; what a reader gets is the proof.
async function readVisibility (api: Api, path: string, written: Found): Promise<boolean> {
  const comments = await api.findAll(newestComments(path), 'comments').catch((cause: unknown) => {
    throw new Unclear(`the note ${written.noteId} was written (PUT ${path}) but could not be read back`, { cause })
  })
  if (!comments?.rows.some(comment => idOf(comment.id) === written.noteId)) {
    throw new Unclear(`the note ${written.noteId} was written (PUT ${path}) but is not among the comments yet`)
  }
  return isPublic(comments.rows, written)
}

// There is no call that makes a note public, so hiding it can do no harm even if it is hidden already.
async function proveHidden (api: Api, path: string, found: Found): Promise<NoteReceipt> {
  if (!found.public) return { noteId: found.noteId, public: false, at: found.at }
  const told = `zendesk made the note ${found.noteId} public (PUT ${path})`
  const hide = `${path}/comments/${found.noteId}/make_private`
  const cause = await api.write(hide, {}).then(() => undefined, (error: unknown) => error)
  // Success is an empty answer, which looks unclear: what a reader gets decides.
  const seen = await readVisibility(api, path, found).catch(() => true)
  if (seen) throw new PublicNote(`${told} and could not hide it again: do it now`, { cause })
  throw new PublicNote(`${told}; it is hidden again, but mails about it may have left`)
}

// Visibility may change after the audit was written; anything but a plain false is taken for public.
function isPublic (comments: Json[], found: Found): boolean {
  const comment = comments.find(one => idOf(one.id) === found.noteId)
  return comment === undefined ? found.public : comment.public !== false
}

function newestComments (path: string): string {
  return `${path}/comments?sort=-created_at&page%5Bsize%5D=25`
}
