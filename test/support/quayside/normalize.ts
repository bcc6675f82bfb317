// One entry of a ticket as events, the same by webhook and by reading.
import { plainText, toInstant } from '../../../src/text.ts'
import type { Look, PersonRef, TicketEvent } from '../../../src/types.ts'

type Fields = Readonly<Record<string, unknown>>

export function fieldsOf (value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

export function idOf (value: unknown): string | null {
  return typeof value === 'string' && /^\d{1,12}$/.test(value) ? value : null
}

export function normalize (body: unknown, connection: string): Array<TicketEvent | Look> {
  const { ticket, entry } = fieldsOf(body)
  const ticketId = idOf(fieldsOf(ticket).id)
  if (ticketId === null) return []
  // A rating may still be changed for a while: what stands in the ticket counts.
  if (fieldsOf(entry).what === 'rated') return [{ kind: 'look', ticketId }]
  return tellEntry(fieldsOf(ticket), fieldsOf(entry), connection)
}

export function tellTicket (ticket: Fields, connection: string): TicketEvent[] {
  const entries: unknown[] = Array.isArray(ticket.entries) ? ticket.entries : []
  return entries.flatMap(entry => tellEntry(ticket, fieldsOf(entry), connection))
}

function tellEntry (ticket: Fields, entry: Fields, connection: string): TicketEvent[] {
  const [ticketId, id, at] = [idOf(ticket.id), idOf(entry.id), toInstant(entry.at)]
  if (ticketId === null || id === null || at === null || entry.private === true) return []
  const base = { connection, ticketId, at, key: `entry:${id}` }
  const text = plainText(wordsOf(entry.text))
  const message = { ...base, messageId: id, text }
  const from = { person: personOf(ticket.person) }
  switch (entry.what) {
    case 'opening': {
      const tags = Array.isArray(ticket.tags) ? ticket.tags.map(wordsOf) : []
      const opened = { ...base, key: 'opened', kind: 'opened' as const, subject: plainText(wordsOf(ticket.subject)), channel: 'email' as const }
      return [{ ...opened, ...from, tags }, { ...message, kind: 'asked', ...from }]
    }
    case 'message': {
      if (entry.by === 'customer') return [{ ...message, kind: 'asked', ...from }]
      return [{ ...message, kind: 'answered', agentId: wordsOf(entry.author), by: entry.by === 'agent' ? 'human' : 'bot' }]
    }
    case 'solved': return [{ ...base, kind: 'solved' }]
    case 'reopened': return [{ ...base, kind: 'reopened' }]
    case 'escalated': return [{ ...base, kind: 'escalated', how: 'priority' }]
    case 'assigned': return [{ ...base, kind: 'assigned', ...(text === '' ? {} : { group: text }) }]
    case 'tagged': return [{ ...base, kind: 'tagged', added: text.split(' '), removed: [] }]
    case 'rated': return [{ ...base, kind: 'rated', good: entry.good === true, ...(text === '' ? {} : { comment: text }) }]
    default: return []
  }
}

function personOf (value: unknown): PersonRef {
  const { id, name, email } = fieldsOf(value)
  return { id: wordsOf(id) || 'unknown', name: wordsOf(name), email: wordsOf(email) }
}

export function wordsOf (value: unknown): string {
  return typeof value === 'string' ? value : ''
}
