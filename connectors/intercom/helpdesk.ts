// One Intercom workspace: writes notes, finds them again, tells the story of a conversation. The order inside postNote
// matters: look, write once, look at what was stored.
import { GiveUp, messageOf, PublicNote, Unclear } from '../../src/errors.ts'
import { eitherToText, readContextFields } from '../../src/text.ts'
import type { Helpdesk, Lane, Note, NoteReceipt, Pace, Settings, TicketEvent } from '../../src/types.ts'
import { isGone, openClient } from './client.ts'
import type { IntercomCalls } from './client.ts'
import { fieldsOf, idOf, instantOf, isFields, listOf, stringOf } from './fields.ts'
import type { Fields } from './fields.ts'
import { whyNotNow } from './freshness.ts'
import { countCreated, fetchHistory, listCreated, planCalls } from './history.ts'
import { fetchKnowledge } from './knowledge.ts'
import { isNote } from './message.ts'
import { renderNote } from './note.ts'
import { makeProvision } from './provision.ts'
import { partsOf, tellConversation } from './story.ts'

export function openHelpdesk (settings: Settings, connection: string, deadlineMs?: number, pace?: Pace): Helpdesk {
  const begin = (lane: Lane): IntercomCalls => openClient(settings, deadlineMs, pace?.begin(lane))
  const fields = readContextFields(settings.INTERCOM_CONTEXT_FIELDS)
  let self: Promise<{ id: string, name: string }> | null = null
  const fetchSelf = (calls = begin('live')): Promise<{ id: string, name: string }> => {
    self ??= whoAreWe(calls, settings.INTERCOM_ADMIN_ID).catch((error: unknown) => {
      self = null
      throw error
    })
    return self
  }
  const readTicket = async (calls: IntercomCalls, ticketId: string): Promise<TicketEvent[]> =>
    tellConversation(await readConversation(calls, ticketId), connection, fields)
  return {
    // Asked anew each time: whoever asks wants to know whether the token is still taken.
    fetchSelf: async () => { self = null; return await fetchSelf() },
    fetchTicket: ticketId => readTicket(begin('live'), ticketId),
    postNote: async (ticketId, note, beforeWrite) => {
      const calls = begin('live')
      return await postNote(calls, (await fetchSelf(calls)).id, ticketId, note, beforeWrite)
    },
    findNote: async (ticketId, key) => {
      const calls = begin('live')
      const conversation = await readConversation(calls, ticketId)
      return findIn(conversation, (await fetchSelf(calls)).id, key)
    },
    listNotes: async (ticketId, key) => {
      const calls = begin('live')
      const conversation = await readConversation(calls, ticketId)
      return listIn(conversation, (await fetchSelf(calls)).id, key)
    },
    fetchHistory: (since, cursor, options) => {
      const calls = begin('backfill')
      return fetchHistory(calls, ticketId => readTicket(calls, ticketId), since, cursor, options)
    },
    fetchKnowledge: since => fetchKnowledge(begin('backfill'), since),
    countTickets: async (from, to) => await countCreated(begin('backfill'), from, to),
    listCreated: async (from, to) => await listCreated(begin('backfill'), from, to),
    planCalls,
    async credential () {
      await begin('live').fetchMe()
      return { kind: 'an access token', setting: 'INTERCOM_ACCESS_TOKEN', expiresAt: null, renews: false }
    },
    provision: makeProvision(begin('backfill'), settings, () => fetchSelf())
  }
}

// Intercom puts the id of a teammate into every reply, so it must be one that exists.
async function whoAreWe (calls: IntercomCalls, adminId?: string): Promise<{ id: string, name: string }> {
  const me = fieldsOf(await calls.fetchMe())
  const id = idOf(adminId) ?? idOf(me.id)
  if (id === null) throw new Error('intercom did not say who the token belongs to (GET /me)')
  if (id === idOf(me.id)) return { id, name: stringOf(me.name) }
  const admin = listOf(fieldsOf(await calls.fetchAdmins()).admins).find(one => idOf(one.id) === id)
  if (admin === undefined) throw new GiveUp(`intercom has no teammate ${id}: correct INTERCOM_ADMIN_ID`)
  return { id, name: stringOf(admin.name) }
}

async function postNote (
  calls: IntercomCalls, adminId: string, ticketId: string, note: Note, beforeWrite?: () => Promise<void>
): Promise<NoteReceipt> {
  const html = renderNote(note)
  if (!eitherToText(html).endsWith(note.key)) throw new Error('a note must end with its key, to be found again')
  const present = await readForNote(calls, ticketId)
  // A note that is there already is not written again, whoever asks.
  const receipt = findIn(present, adminId, note.key) ??
    await write(calls, adminId, ticketId, note, html, present, beforeWrite)
  if (!receipt.public) return receipt
  const repair = await calls.redactPart(ticketId, receipt.noteId).then(
    () => 'it was redacted', (error: unknown) => `it could NOT be redacted, do it by hand: ${messageOf(error)}`)
  const where = `part ${receipt.noteId} of conversation ${ticketId}`
  throw new PublicNote(`intercom stored a note as public (${where}): ${repair}`)
}

async function write (
  calls: IntercomCalls, adminId: string, ticketId: string, note: Note, html: string, present: Fields,
  beforeWrite?: () => Promise<void>
): Promise<NoteReceipt> {
  const reason = whyNotNow(present, note)
  if (reason !== null) throw new GiveUp(`${reason}; no note on intercom conversation ${ticketId}`)
  await beforeWrite?.()
  const written = fieldsOf(await calls.writeNote(ticketId, adminId, html).catch((error: unknown) => {
    if (!isGone(error)) throw error
    throw new GiveUp(`skipped: the conversation went meanwhile (${messageOf(error)})`, { cause: error })
  }))
  // The answer is the stored conversation, so the part's type in it is what the customer's side sees.
  return findIn(written, adminId, note.key) ?? await readBack(calls, adminId, ticketId, note.key)
}

async function readForNote (calls: IntercomCalls, ticketId: string): Promise<Fields> {
  try {
    return await readConversation(calls, ticketId)
  } catch (error) {
    if (!isGone(error)) throw error
    throw new GiveUp(`skipped: the conversation is gone (${messageOf(error)})`, { cause: error })
  }
}

// The note was accepted: whatever goes wrong from here on, it may be there.
async function readBack (calls: IntercomCalls, adminId: string, ticketId: string, key: string): Promise<NoteReceipt> {
  try {
    const receipt = findIn(await readConversation(calls, ticketId), adminId, key)
    if (receipt !== null) return receipt
  } catch (error) {
    throw new Unclear(`intercom took a note but could not be read back: ${messageOf(error)}`, { cause: error })
  }
  throw new Unclear(`intercom took note ${key} but conversation ${ticketId} does not show it yet`)
}

// A public part of ours with the key is found first: the caller must learn that it is public.
function findIn (conversation: Fields, adminId: string, key: string): NoteReceipt | null {
  const ours = listIn(conversation, adminId, key)
  return ours.find(one => one.public) ?? ours[0] ?? null
}

function listIn (conversation: Fields, adminId: string, key: string): NoteReceipt[] {
  const ours = partsOf(conversation).filter(part => {
    const author = fieldsOf(part.author)
    const lastLine = eitherToText(stringOf(part.body)).split('\n').at(-1) ?? ''
    return author.type === 'admin' && idOf(author.id) === adminId && lastLine.endsWith(key)
  })
  return ours.flatMap(part => {
    const noteId = idOf(part.id)
    const at = instantOf(part.created_at)
    return noteId === null || at === null ? [] : [{ noteId, public: !isNote(stringOf(part.part_type)), at }]
  })
}

// A conversation that is also a ticket may come without the ticket's own parts, where its states are.
async function readConversation (calls: IntercomCalls, ticketId: string): Promise<Fields> {
  const conversation = await calls.fetchConversation(ticketId)
  if (!isFields(conversation) || idOf(conversation.id) === null) {
    throw new Error(`intercom answered something that is no conversation (GET /conversations/${ticketId})`)
  }
  if (!isFields(conversation.ticket) || isFields(conversation.ticket.ticket_parts)) return conversation
  return { ...conversation, ticket: await calls.fetchTicket(ticketId) }
}
