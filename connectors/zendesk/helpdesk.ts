// One Zendesk account: everything a helpdesk can be asked, each by the file that knows how.

import type { Helpdesk, Kept, Settings } from '../../src/types.ts'
import { makeApi, openAccess } from './client.ts'
import { listCreated } from './created.ts'
import { countTickets, fetchKnowledge } from './knowledge.ts'
import { findNote, listNotes, postNote } from './posting.ts'
import { makeProvision } from './provision.ts'
import { fetchHistory, fetchTicket, planCalls } from './reading.ts'
import { idOf, stringOf } from './shapes.ts'

export function open (settings: Settings, connection: string, deadlineMs = 15_000, kept?: Kept): Helpdesk {
  const session = openAccess(settings, deadlineMs, kept)
  const api = makeApi(settings, deadlineMs, session)
  return {
    async fetchSelf () {
      const self = await api.findSelf()
      return { id: idOf(self.id) ?? '', name: stringOf(self.name) }
    },
    postNote: (ticketId, note, beforeWrite) => postNote(api, ticketId, note, beforeWrite),
    findNote: (ticketId, key) => findNote(api, ticketId, key),
    listNotes: (ticketId, key) => listNotes(api, ticketId, key),
    fetchTicket: ticketId => fetchTicket(api, connection, ticketId),
    fetchHistory: (since, cursor, options) => fetchHistory(api, connection, since, cursor, options),
    fetchKnowledge: since => fetchKnowledge(api, since),
    countTickets: (from, to) => countTickets(api, from, to),
    listCreated: (from, to) => listCreated(api, from, to),
    planCalls,
    async credential () {
      await api.findSelf()
      return await api.credential()
    },
    provision: makeProvision(api, settings)
  }
}
