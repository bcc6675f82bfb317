// What the contract suite works with: one opened account of a pretend helpdesk, its connector, and what follows from
// them. Every part of the suite gets them from here, so that it never knows which vendor it speaks to.
import { noFaults } from '../sandbox/types.ts'
import type { Faults, PretendHelpdesk } from '../sandbox/types.ts'
import type { Connector, EventKind, Helpdesk, Instant, Note, TicketEvent } from '../../src/types.ts'
import type { Spec } from './requests.ts'

/** The part of a pretend helpdesk that the suite needs; a new one has to offer no more. */
export type Desk = Pick<PretendHelpdesk,
  'settings' | 'openTicket' | 'customerWrites' | 'agentReplies' | 'agentNotes' | 'botReplies' | 'assign' | 'tag' |
  'escalate' | 'solve' | 'rate' | 'merge' | 'remove' | 'setNow' | 'pending' | 'journal' | 'requests' | 'close'
> & { faults: Faults }

export interface Opened {
  connector: Connector
  desk: Desk
  connection: string
  /** The connector's own way to open an account with a deadline that a test can wait for. */
  openWith: (deadlineMs: number) => Helpdesk
}

export interface Traits {
  open: () => Promise<Opened>
  tells: EventKind[]                                // kinds of events that the life of a ticket must show
  forgets: EventKind[]                              // kinds of which the helpdesk later tells only the last one
  unheard: EventKind[]                              // kinds that no webhook speaks of: they are read, sooner or later
  lateCopies: number                                // notes after a resend that a lost write follows late: 1 or 2
  solvedTakesNotes: boolean                         // may an internal note still be written on a solved ticket?
  spec?: Spec                                       // the vendor's own description of its interface, if there is one
}

export type Use = Opened & { helpdesk: Helpdesk }

/** Lends an account that was opened for this test alone; the requests it received are kept for the last test. */
export type WithDesk = (use: (opened: Use) => Promise<void>) => Promise<void>

const START = Date.parse('2026-03-02T09:00:00Z')

export const person = { id: 'crew-17', name: 'Mirela Anders', email: 'mirela@saltmarsh.example' }

/** An instant of the story, in seconds after its beginning. */
export function after (seconds: number): Instant {
  return new Date(START + seconds * 1000).toISOString().slice(0, 19) + 'Z'
}

/** Hears every delivery that waits, as a service would; the first telling of a fact is the one that stays. */
export async function listen (o: Use, known: Map<string, TicketEvent>): Promise<void> {
  for (const delivery of o.desk.pending.splice(0)) {
    for (const fact of o.connector.normalize(JSON.parse(delivery.body), o.connection)) {
      const events = fact.kind === 'look' ? await o.helpdesk.fetchTicket(fact.ticketId) : [fact]
      for (const event of events) if (!known.has(event.key)) known.set(event.key, event)
    }
  }
}

export interface Asked { ticketId: string, basis: string }

/** A ticket that waits for an answer, and the newest message of its customer. */
export async function ask (o: Use, seconds = 0): Promise<Asked> {
  const { desk, helpdesk } = o
  const ticketId = desk.openTicket({
    at: after(seconds), subject: 'Oars', text: 'Two oars are missing from the boat shed.', person
  })
  desk.customerWrites(ticketId, { at: after(seconds + 30), text: 'They were there on Friday evening.' })
  const basis = (await helpdesk.fetchTicket(ticketId)).findLast(event => event.kind === 'asked')?.messageId
  if (basis === undefined) throw new Error(`ticket ${ticketId} tells no question`)
  return { ticketId, basis }
}

export const KEY = 'dl-contractaaaaa'

export function makeNote (basis: string, paragraphs: string[], key = KEY): Note {
  return {
    key,
    basis,
    parts: [
      { kind: 'headline', label: 'AI draft · private', text: 'High confidence (90%) · oars' },
      { kind: 'rule' },
      { kind: 'draft', paragraphs },
      { kind: 'rule' },
      { kind: 'facts', items: [{ label: 'Why', text: '3 similar tickets', link: { text: '#7', url: 'https://loop.example/7' } }] },
      { kind: 'footer', hint: 'Send your own version.', links: [{ text: 'Open draft', url: 'https://loop.example/d' }], key }
    ]
  }
}

export function misbehave (desk: Desk, faults: Partial<Faults>): void {
  desk.faults = { ...noFaults, ...faults }
}

/** Requests that may change something. A search is a question, although it is posted. */
export function writesOf (desk: Desk): Array<{ method: string, path: string, body?: unknown }> {
  return desk.requests.filter(({ method, path }) => method !== 'GET' && method !== 'HEAD' && !path.includes('/search'))
}

/** What the customer can read in a ticket at the end, by the journal of what was really applied. */
export function seenByCustomer (desk: Desk, ticketId: string): string {
  const shown = new Map<string, string>()
  for (const { kind, messageId = 'opening', text = '', public: visible } of desk.journal.filter(e => e.ticketId === ticketId)) {
    const isGone = kind === 'note-removed' || kind === 'redacted' || !visible
    if (isGone) shown.delete(messageId)
    else shown.set(messageId, text)
  }
  return [...shown.values()].join('\n')
}

export async function failure (promise: Promise<unknown>): Promise<Error> {
  const error: unknown = await promise.then(() => null, (cause: unknown) => cause)
  if (!(error instanceof Error)) throw new Error('nothing failed, or what was thrown is no error')
  return error
}
