// One Zendesk account: everything a helpdesk can be asked, each by the file that knows how.

import type { Helpdesk, Kept, Lane, Pace, Settings } from '../../src/types.ts'
import { makeApi, openAccess } from './client.ts'
import type { Api } from './client.ts'
import { listCreated } from './created.ts'
import { countTickets, fetchKnowledge } from './knowledge.ts'
import { findNote, listNotes, postNote } from './posting.ts'
import { makeProvision } from './provision.ts'
import { fetchHistory, fetchTicket, planCalls } from './reading.ts'
import { idOf, stringOf } from './shapes.ts'

export function open (
  settings: Settings, connection: string, deadlineMs = 15_000, pace?: Pace, kept?: Kept
): Helpdesk {
  const session = openAccess(settings, deadlineMs, kept)
  const api = (lane: Lane): Api => makeApi(settings, deadlineMs, session, pace?.begin(lane))
  const secrets = makeProvision(api('live'), settings).fetchSecrets
  return {
    async fetchSelf () {
      const self = await api('live').findSelf()
      return { id: idOf(self.id) ?? '', name: stringOf(self.name) }
    },
    postNote: (ticketId, note, beforeWrite) => postNote(api('live'), ticketId, note, beforeWrite),
    findNote: (ticketId, key) => findNote(api('live'), ticketId, key),
    listNotes: (ticketId, key) => listNotes(api('live'), ticketId, key),
    fetchTicket: ticketId => fetchTicket(api('live'), connection, ticketId),
    fetchHistory: (since, cursor, options) => fetchHistory(api('backfill'), connection, since, cursor, options),
    fetchKnowledge: since => fetchKnowledge(api('backfill'), since),
    countTickets: (from, to) => countTickets(api('backfill'), from, to),
    listCreated: (from, to) => listCreated(api('backfill'), from, to),
    planCalls,
    async credential () {
      const calls = api('live')
      await calls.findSelf()
      return await calls.credential()
    },
    // Deliveries wait for the secret that they are verified with.
    provision: { ...makeProvision(api('backfill'), settings), ...(secrets === undefined ? {} : { fetchSecrets: secrets }) }
  }
}
