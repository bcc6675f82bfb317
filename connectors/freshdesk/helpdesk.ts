// One Freshdesk account: what Deskloop asks of a helpdesk, each in a file of its own, over one client.
import { GiveUp } from '../../src/errors.ts'
import type { Helpdesk, Kept, Settings } from '../../src/types.ts'
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

export function openHelpdesk (settings: Settings, connection: string, deadlineMs = 15_000, kept?: Kept): Helpdesk {
  const client = openClient(settings, deadlineMs)
  let selfId: string | null = null                  // a key belongs to one agent for good
  const whoWeAre = async (): Promise<string> => {
    selfId ??= (await fetchSelf(client)).id
    return selfId
  }

  return {
    fetchSelf: () => fetchSelf(client),
    postNote: (ticketId, note, beforeWrite) => postNote(client, ticketId, note, whoWeAre, beforeWrite),
    editNote: (ticketId, noteId, note, moved, beforeWrite) =>
      editNote(client, { ticketId, noteId, note, moved }, whoWeAre, beforeWrite),
    findNote: async (ticketId, key) => findNote(client, ticketId, key, await whoWeAre()),
    listNotes: async (ticketId, key) => listNotes(client, ticketId, key, await whoWeAre()),
    async fetchTicket (ticketId) {
      const story = await findStory(client, connection, ticketId)
      if (story === null) throw new GiveUp(`freshdesk has no ticket ${ticketId}, and neither has its archive`)
      return story
    },
    fetchHistory: (since, cursor, options) => fetchHistory(client, connection, since, cursor, options),
    fetchKnowledge: since => fetchKnowledge(client, since),
    countTickets: (from, to) => countTickets(client, from, to),
    listCreated: (from, to) => listCreated(client, from, to),
    planCalls,
    async credential () {
      await fetchSelf(client)
      return { kind: 'an API key', setting: 'FRESHDESK_API_KEY', expiresAt: null, renews: false }
    },
    provision: makeProvision(client, settings, kept)
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
