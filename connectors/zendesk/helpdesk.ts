// One Zendesk account: everything a helpdesk can be asked, each by the file that knows how.

import type { Helpdesk, Lane, Pace, Settings } from '../../src/types.ts'
import { makeApi } from './client.ts'
import type { Api } from './client.ts'
import { countTickets, fetchKnowledge } from './knowledge.ts'
import { findNote, postNote } from './posting.ts'
import { makeProvision } from './provision.ts'
import { fetchHistory, fetchTicket } from './reading.ts'
import { idOf, stringOf } from './shapes.ts'

export function open (settings: Settings, connection: string, deadlineMs = 15_000, pace?: Pace): Helpdesk {
  const api = (lane: Lane): Api => makeApi(settings, deadlineMs, pace?.begin(lane))
  const secrets = makeProvision(api('live'), settings).fetchSecrets
  return {
    async fetchSelf () {
      const self = await api('live').findSelf()
      return { id: idOf(self.id) ?? '', name: stringOf(self.name) }
    },
    postNote: (ticketId, note) => postNote(api('live'), ticketId, note),
    findNote: (ticketId, key) => findNote(api('live'), ticketId, key),
    fetchTicket: ticketId => fetchTicket(api('live'), connection, ticketId),
    fetchHistory: (since, cursor) => fetchHistory(api('backfill'), connection, since, cursor),
    fetchKnowledge: since => fetchKnowledge(api('backfill'), since),
    countTickets: (from, to) => countTickets(api('backfill'), from, to),
    // Deliveries wait for the secret that they are verified with.
    provision: { ...makeProvision(api('backfill'), settings), ...(secrets === undefined ? {} : { fetchSecrets: secrets }) }
  }
}
