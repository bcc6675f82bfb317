// A private note there and back: written on a ticket that a person named, found again, proven private, taken away.
import { messageOf } from '../../src/errors.ts'
import type { Helpdesk, Mail, Note, Provision } from '../../src/types.ts'

export interface RoundTrip {
  ticketId: string, noteId: string
  private: boolean
  taken: 'removed' | 'redacted' | null              // null: it still stands there
  mails: Mail[] | null                              // sent because of it; null: this helpdesk does not tell
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
  if (!isPrivate) return { ticketId, noteId, private: false, taken: null, mails: null, says: `${told} could not be read back as private: look at it` }
  try {
    const taken = await provision.removeNote(ticketId, noteId)
    const mails = await provision.findMails?.(ticketId, noteId) ?? null
    return { ticketId, noteId, private: true, taken, mails, says: `${told} was written, read back as private, and ${taken}` }
  } catch (error) {
    const says = `${told} was written and read back as private; it still stands there: ${messageOf(error)}`
    return { ticketId, noteId, private: true, taken: null, mails: null, says }
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

/** What the mails of the helpdesk have to do with the note, for the one who connects. */
export function sayMails (mails: Mail[] | null): string[] {
  if (mails === null) return ['MAIL    whether a rule mailed somebody because of it cannot be read there: look into the mailbox of the test ticket']
  if (mails.length === 0) return ['QUIET   no rule of the helpdesk mailed anybody because of it']
  return mails.map(({ rule, to }) => to === 'customer'
    ? `MAILED  the rule "${rule}" mailed the customer because of it: give it the condition that the comment is public`
    : `MAILED  the rule "${rule}" mailed somebody of the team because of it`)
}
