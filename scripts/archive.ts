// Ticket archives: one JSON per line. Read with every bad line named, and told as what people did, in order, so that the
// backtest and a replay through real webhooks see the same tickets.
import { createReadStream, existsSync } from 'node:fs'
import { Ajv } from 'ajv'
import { contextValue, cutQuotes, plainText, toInstant } from '../src/text.ts'
import { plus } from '../src/learn/story.ts'
import type { ContextName, Instant, TicketEvent } from '../src/types.ts'

export interface ArchiveMessage {
  id?: string, role: 'customer' | 'agent' | 'note', text: string, at: string, agent_id?: string
  label?: string | null                             // of a canned reply
  ctx?: string | null                               // what the agent looked up for it
}

export interface ArchiveTicket {
  id: string
  customer_id: string
  opened_at: string
  subject?: string
  channel?: string
  tags?: string[]
  topic_label?: string
  context?: Record<string, unknown>                 // where it was asked: page, error, plan, language, version, region
  messages: ArchiveMessage[]
  resolved?: boolean
  solved_at?: string
  csat?: { good: boolean, comment?: string, at: string }
  reopened_at?: string
}

/** One thing that is known of the place of asking. */
export interface Told { name: ContextName, value: string }

// The names by which exports call them; of several the first that says something counts.
const CONTEXT_KEYS: ReadonlyArray<[ContextName, string[]]> = [
  ['page', ['page', 'url', 'path']], ['error', ['error', 'error_code', 'last_error']], ['plan', ['plan', 'tier']],
  ['language', ['language', 'locale']], ['version', ['version', 'product_version', 'app_version']],
  ['region', ['region', 'country']]
]

/** One thing that somebody did. `n` is the ticket's place in the archive. */
export type Happening = { n: number, at: Instant } & (
  | { kind: 'open', subject: string, text: string, personId: string, channel: 'email' | 'web' | 'chat', context?: Told[] }
  | { kind: 'customer', text: string }
  | { kind: 'agent', text: string, agentId: string }
  | { kind: 'note', text: string, agentId: string }
  | { kind: 'solve' } | { kind: 'reopen' } | { kind: 'spam' }
  | { kind: 'rate', good: boolean, comment?: string }
)

export interface Archive { tickets: ArchiveTicket[], faults: Array<{ line: number, why: string }> }

type Row = Omit<ArchiveTicket, 'csat'> & { csat?: unknown }

const checkTicket = new Ajv({ allowUnionTypes: true }).compile({
  type: 'object',
  required: ['id', 'customer_id', 'opened_at', 'messages'],
  properties: {
    id: { type: 'string', minLength: 1 },
    customer_id: { type: 'string', minLength: 1 },
    opened_at: { type: 'string' },
    subject: { type: 'string' },
    channel: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' } },
    topic_label: { type: ['string', 'null'] },
    messages: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['role', 'text', 'at'],
        properties: {
          role: { enum: ['customer', 'agent', 'note'] }, text: { type: 'string' }, at: { type: 'string' },
          agent_id: { type: 'string' }, label: { type: ['string', 'null'] }, ctx: { type: ['string', 'null'] }
        }
      }
    },
    context: { type: ['object', 'null'] },
    resolved: { type: ['boolean', 'null'] },
    solved_at: { type: ['string', 'null'] },
    reopened_at: { type: ['string', 'null'] }
  }
})

function isTicket (row: unknown): row is Row {
  return checkTicket(row)
}

/** Reads an archive, sorted by opening. A line that is no ticket is skipped and named with its number. */
export async function readArchive (file: string): Promise<Archive> {
  if (!existsSync(file)) throw new Error(`there is no file ${file}: give the path of a ticket archive, one JSON per line`)
  const tickets: ArchiveTicket[] = []
  const faults: Archive['faults'] = []
  let line = 0
  for await (const text of linesOf(file)) {
    line++
    if (text.trim() === '') continue
    const why = addTicket(tickets, text)
    if (why !== null) faults.push({ line, why })
  }
  tickets.sort((a, b) => a.opened_at < b.opened_at ? -1 : a.opened_at > b.opened_at ? 1 : a.id < b.id ? -1 : 1)
  return { tickets, faults }
}

/** The lines of a file. Only a line feed ends one: a JSON text may hold U+2028, at which `node:readline` would cut it. */
export async function * linesOf (file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(file, 'utf8')) {
    const parts = (rest + String(chunk)).split('\n')
    rest = parts.pop() ?? ''
    yield * parts
  }
  if (rest !== '') yield rest
}

function addTicket (tickets: ArchiveTicket[], text: string): string | null {
  let row: unknown
  try { row = JSON.parse(text) } catch { return 'it is no JSON' }
  if (!isTicket(row)) return new Ajv().errorsText(checkTicket.errors, { dataVar: 'ticket' })
  const bad = [row.opened_at, ...row.messages.map(m => m.at)].find(at => toInstant(at) === null)
  if (bad !== undefined) return `${bad} is no instant`
  const { csat: rating, ...rest } = row
  const ticket: ArchiveTicket = rest
  const csat = readRating(rating, ticket)
  if (csat !== null) ticket.csat = csat
  tickets.push(ticket)
  return null
}

// A rating may be a number from 1 to 5, a yes or no, or say more.
function readRating (value: unknown, ticket: ArchiveTicket): NonNullable<ArchiveTicket['csat']> | null {
  const later = plus(ticket.solved_at ?? ticket.messages.at(-1)?.at ?? '', 60)
  if (typeof value === 'number') return { good: value >= 4, at: later }
  if (typeof value === 'boolean') return { good: value, at: later }
  if (typeof value !== 'object' || value === null) return null
  const good = 'good' in value ? value.good === true : 'score' in value && Number(value.score) >= 4
  const at = 'at' in value ? toInstant(value.at) : null
  return {
    good, at: at ?? later,
    ...('comment' in value && typeof value.comment === 'string' ? { comment: value.comment } : {})
  }
}

/** What happened to a ticket, in order. A ticket begins with its customer: what agents wrote before is left out. */
export function happeningsOf (ticket: ArchiveTicket, n: number): Happening[] {
  const messages = ticket.messages.map((m, i) => (
    { ...m, i, at: toInstant(m.at) ?? '', text: cutQuotes(plainText(m.text)) }
  ))
    .filter(m => m.text !== '').sort((a, b) => a.at < b.at ? -1 : a.at > b.at ? 1 : a.i - b.i)
  const first = messages.find(m => m.role === 'customer')
  if (first === undefined) return []
  const context = contextOf(ticket.context)
  const list: Happening[] = [{
    n, at: first.at, kind: 'open', subject: plainText(ticket.subject ?? '') || (
      first.text.split('\n')[0] ?? ''
    ).slice(0, 80).trim(), text: first.text, personId: ticket.customer_id,
    channel: ticket.channel === 'email' || ticket.channel === 'chat' ? ticket.channel : 'web',
    ...(context.length === 0 ? {} : { context })
  }]
  for (const m of messages.filter(m => m.at >= first.at && m !== first)) {
    if (m.role === 'customer') list.push({ n, at: m.at, kind: 'customer', text: m.text })
    else list.push({ n, at: m.at, kind: m.role, text: m.text, agentId: m.agent_id ?? 'agent' })
  }
  const last = list.at(-1)?.at ?? first.at
  // An archive that says "resolved" without saying when: it cannot have been known before the last message.
  const solvedAt = toInstant(ticket.solved_at ?? null) ?? (ticket.resolved === true ? plus(last, 1) : null)
  if (solvedAt !== null) list.push({ n, at: solvedAt, kind: 'solve' })
  const reopenedAt = toInstant(ticket.reopened_at ?? null)
  if (reopenedAt !== null) list.push({ n, at: reopenedAt, kind: 'reopen' })
  if (ticket.csat !== undefined) {
    list.push(
      {
        n, at: toInstant(ticket.csat.at) ?? last, kind: 'rate', good: ticket.csat.good,
        ...(ticket.csat.comment === undefined ? {} : { comment: ticket.csat.comment })
      }
    )
  }
  if (ticket.topic_label === 'spam') list.push({ n, at: plus(last, 600), kind: 'spam' })
  return list.sort((a, b) => a.at < b.at ? -1 : a.at > b.at ? 1 : 0)      // stable: what is equal stays in its order
}

// What looks personal is left out, as it would be refused from a product.
function contextOf (given: ArchiveTicket['context']): Told[] {
  if (typeof given !== 'object' || given === null) return []
  return CONTEXT_KEYS.flatMap(([name, keys]) => {
    const value = keys.map(key => contextValue(name, given[key])).find(found => found !== null)
    return value === undefined ? [] : [{ name, value }]
  })
}

/** The same as events, as a helpdesk would tell them: a customer who writes to a solved ticket reopens it. */
export function storyOf (happenings: Happening[], connection: string): {
  where: { connection: string, ticketId: string }, events: TicketEvent[]
} {
  const where = { connection, ticketId: String(happenings[0]?.n ?? 0) }
  const events: TicketEvent[] = []
  let solved = false
  const reopen = (at: Instant): void => {
    if (solved) events.push({ ...where, key: `reopened:${at}`, at, kind: 'reopened' })
    solved = false
  }
  for (const [i, h] of happenings.entries()) {
    const base = { ...where, at: h.at }
    const messageId = String(i).padStart(6, '0')
    switch (h.kind) {
      case 'open': {
        const person = { id: h.personId }
        events.push(
          { ...base, key: 'opened', kind: 'opened', subject: h.subject, channel: h.channel, person, tags: [] }
        )
        for (const { name, value } of h.context ?? []) {
          events.push({ ...base, key: `context:${name}`, kind: 'context', name, value })
        }
        events.push({ ...base, key: `message:${messageId}`, kind: 'asked', messageId, text: h.text, person })
        break
      }
      case 'customer':
        reopen(h.at)
        events.push(
          { ...base, key: `message:${messageId}`, kind: 'asked', messageId, text: h.text, person: { id: '' } }
        )
        break
      case 'agent': events.push(
        {
          ...base, key: `message:${messageId}`, kind: 'answered', messageId, agentId: h.agentId, text: h.text,
          by: 'human'
        }
      ); break
      case 'solve':
        if (!solved) events.push({ ...base, key: `solved:${h.at}`, kind: 'solved' })
        solved = true
        break
      case 'reopen': reopen(h.at); break
      case 'rate': events.push({ ...base, key: `rated:${h.at}`, kind: 'rated', good: h.good }); break
      case 'spam': events.push({ ...base, key: `spam:${h.at}`, kind: 'spam' }); break
      case 'note': break                            // internal: no business of the stream
    }
  }
  return { where, events }
}
