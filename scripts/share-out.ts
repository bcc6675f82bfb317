// One archive for several helpdesks: tickets are dealt out in turn, in the order of their opening.
import type { ArchiveTicket, Happening } from './archive.ts'
import { happeningsOf, storyOf } from './archive.ts'
import type { TicketEvent } from '../src/types.ts'
import type { Story } from '../src/learn/backtest.ts'

export const HELPDESKS = ['zendesk', 'intercom', 'freshdesk'] as const
export type HelpdeskName = typeof HELPDESKS[number]

export interface Shared { n: number, ticket: ArchiveTicket, connection: HelpdeskName, happenings: Happening[] }

/** Tickets without a customer's message are left out. */
export function shareOut (tickets: ArchiveTicket[]): Shared[] {
  return tickets.flatMap((ticket, n) => {
    const happenings = happeningsOf(ticket, n)
    return happenings.length === 0 ? [] : [{ ticket, happenings }]
  }).map(({ ticket, happenings }, n) => ({
    n, ticket, connection: HELPDESKS[n % HELPDESKS.length] ?? 'zendesk', happenings: happenings.map(h => ({ ...h, n }))
  }))
}

export function storiesOf (shared: Shared[]): Story[] {
  return shared.map(({ ticket, happenings, connection }) => {
    const { where, events } = storyOf(happenings, connection)
    const { tags = [] } = ticket
    // An archive does not say when a tag was set: it counts as the last thing that was done
    const last = events.reduce((l, e) => e.at > l ? e.at : l, '')
    const tagged: TicketEvent[] = tags.length === 0 || last === ''
      ? []
      : [{ ...where, key: 'tagged:archive', at: last, kind: 'tagged', added: tags, removed: [] }]
    return { where, events: [...events, ...tagged] }
  })
}
