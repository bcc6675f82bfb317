// A private note there and back: written on a ticket that a person named, found again, proven private, taken away.
import { messageOf } from '../../src/errors.ts'
import type { Helpdesk, Note, Provision } from '../../src/types.ts'

export interface RoundTrip {
  ticketId: string, noteId: string
  private: boolean
  taken: 'removed' | 'redacted' | null              // null: it still stands there
  says: string
}

export async function proveNote (
  helpdesk: Helpdesk, provision: Provision, ticketId: string, key: string
): Promise<RoundTrip> {
  const messages = (await helpdesk.fetchTicket(ticketId)).flatMap(event =>
    event.kind === 'asked' || event.kind === 'answered' ? [{ at: event.at, id: event.messageId }] : [])
  const newest = messages.toSorted((a, b) => a.at < b.at ? -1 : Number(a.at > b.at)).at(-1)
  if (newest === undefined) throw new Error(`ticket ${ticketId} has no message yet: name a test ticket with one`)
  const receipt = await helpdesk.postNote(ticketId, testNote(key, newest.id))
  const found = await helpdesk.findNote(ticketId, key)
  const isPrivate = !receipt.public && found !== null && !found.public
  const { noteId } = receipt
  const told = `private note ${noteId} on ticket ${ticketId}`
  if (!isPrivate) return { ticketId, noteId, private: false, taken: null, says: `${told} could not be read back as private: look at it` }
  try {
    const taken = await provision.removeNote(ticketId, noteId)
    return { ticketId, noteId, private: true, taken, says: `${told} was written, read back as private, and ${taken}` }
  } catch (error) {
    const says = `${told} was written and read back as private; it still stands there: ${messageOf(error)}`
    return { ticketId, noteId, private: true, taken: null, says }
  }
}

function testNote (key: string, basis: string): Note {
  return {
    key,
    basis,
    parts: [
      { kind: 'headline', label: 'Deskloop · private', text: 'a test of the connection' },
      { kind: 'footer', hint: 'Nobody but your team sees this note. It is taken away again.', links: [], key }
    ]
  }
}
