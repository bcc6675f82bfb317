// One Freshdesk account: what Deskloop asks of a helpdesk, each in a file of its own, over one client.
import { GiveUp } from '../../src/errors.ts'
import type { Helpdesk, Kept, Lane, Pace, Settings } from '../../src/types.ts'
import { openClient } from './client.ts'
import type { Client } from './client.ts'
import { countTickets } from './count.ts'
import { listCreated } from './created.ts'
import { fetchHistory, planCalls } from './history.ts'
import { fetchKnowledge } from './knowledge.ts'
import { editNote } from './edit-note.ts'
import { findNote, listNotes, postNote } from './notes.ts'
import { idOf, isFields, lineOf } from './records.ts'
import { makeProvision } from './provision.ts'
import { findStory } from './tickets.ts'

export function openHelpdesk (
  settings: Settings, connection: string, deadlineMs = 15_000, pace?: Pace, kept?: Kept
): Helpdesk {
  const begin = (lane: Lane): Client => openClient(settings, deadlineMs, pace?.begin(lane))
  let selfId: string | null = null                  // a key belongs to one agent for good
  const whoWeAre = async (client: Client): Promise<string> => {
    selfId ??= (await fetchSelf(client)).id
    return selfId
  }

  return {
    fetchSelf: () => fetchSelf(begin('live')),
    async postNote (ticketId, note, beforeWrite) {
      const client = begin('live')
      return await postNote(client, ticketId, note, () => whoWeAre(client), beforeWrite)
    },
    async editNote (ticketId, noteId, note, moved, beforeWrite) {
      const client = begin('live')
      return await editNote(client, { ticketId, noteId, note, moved }, () => whoWeAre(client), beforeWrite)
    },
    async findNote (ticketId, key) {
      const client = begin('live')
      return await findNote(client, ticketId, key, await whoWeAre(client))
    },
    async listNotes (ticketId, key) {
      const client = begin('live')
      return await listNotes(client, ticketId, key, await whoWeAre(client))
    },
    async fetchTicket (ticketId) {
      const story = await findStory(begin('live'), connection, ticketId)
      if (story === null) throw new GiveUp(`freshdesk has no ticket ${ticketId}, and neither has its archive`)
      return story
    },
    fetchHistory: (since, cursor, options) => fetchHistory(begin('backfill'), connection, since, cursor, options),
    fetchKnowledge: since => fetchKnowledge(begin('backfill'), since),
    countTickets: (from, to) => countTickets(begin('backfill'), from, to),
    listCreated: (from, to) => listCreated(begin('backfill'), from, to),
    planCalls,
    async credential () {
      await fetchSelf(begin('live'))
      return { kind: 'an API key', setting: 'FRESHDESK_API_KEY', expiresAt: null, renews: false }
    },
    provision: makeProvision(begin('backfill'), settings, kept)
  }
}

/** https://developers.freshdesk.com/api/#view_current_agent */
async function fetchSelf (client: Client): Promise<{ id: string, name: string }> {
  const { body } = await client.read('/agents/me')
  const id = isFields(body) ? idOf(body.id) : null
  if (!isFields(body) || id === null) throw new Error('freshdesk answered no agent to GET /agents/me')
  const contact = isFields(body.contact) ? body.contact : {}
  return { id, name: lineOf(contact.name) ?? lineOf(contact.email) ?? id }
}
