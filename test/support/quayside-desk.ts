// The made-up helpdesk itself: a few routes over a map of tickets, on loopback, with the misfortunes that all pretend
// vendors share. It exists to show how little a fourth helpdesk asks for.
import { createHmac } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { openBooth } from '../sandbox/booth.ts'
import type { Instant, JournalEntry, Person } from '../sandbox/types.ts'
import type { Desk } from '../contract/opened.ts'

interface Entry {
  id: string, at: Instant, by: JournalEntry['by'], author: string, what: string, text: string, private: boolean, good: boolean
}

interface Ticket {
  id: string, at: Instant, subject: string, person: Person, tags: string[], entries: Entry[]
  change: number, changedAt: Instant, solved: boolean, closed: boolean
}

const SELF = '9001'
const PER_PAGE = 20
const KINDS: Record<string, JournalEntry['kind']> = {
  opening: 'opened', message: 'message', note: 'note', solved: 'solved', reopened: 'reopened', rated: 'rated', tagged: 'tagged', assigned: 'assigned'
}
const ARTICLES = [
  { id: '1', kind: 'article', title: 'Tides', html: '<p>High water is told at the gate.</p>', open: true, at: '2026-01-02T00:00:00Z' },
  { id: '2', kind: 'macro', title: 'Hello', html: '<p>Hello from the quay.</p>', open: false, at: '2026-01-03T00:00:00Z' }
]

export async function openQuayside (): Promise<Desk> {
  const token = 'quayside-token'
  const secret = 'quayside-secret'
  const refuse = (status: number, headers: Record<string, string>) => (reply: FastifyReply): void => {
    reply.code(status).headers(headers).send({})
  }
  const booth = openBooth({ name: 'quayside', rateLimited: refuse(429, { 'retry-after': '2' }), broken: refuse(500, {}) })
  const tickets = new Map<string, Ticket>()
  let made = 0
  let changes = 0

  const ticketOf = (id: string): Ticket => {
    const ticket = tickets.get(id)
    if (ticket === undefined) throw new Error(`quayside has no ticket ${id}`)
    return ticket
  }
  const add = (ticket: Ticket, given: Partial<Entry> & Pick<Entry, 'at' | 'by' | 'what'>): Entry => {
    booth.tell(given.at)
    const entry = { id: String(++made), author: 'someone', text: '', private: false, good: false, ...given }
    ticket.entries.push(entry)
    Object.assign(ticket, { change: ++changes, changedAt: entry.at })
    const shown = ['opening', 'message', 'note'].includes(entry.what)
    booth.record({
      at: entry.at, ticketId: ticket.id, kind: KINDS[entry.what] ?? 'updated', by: entry.by, public: shown && !entry.private,
      authorId: entry.author, ...(shown ? { messageId: entry.id, text: plain(entry.text) } : {})
    })
    const { entries: _entries, change: _change, ...about } = ticket
    const body = JSON.stringify({ delivery: `d-${entry.id}`, ticket: about, entry })
    const proof = `v1=${createHmac('sha256', secret).update(body).digest('hex')}`
    booth.deliver({ event: entry.what, ticketId: ticket.id, body, headers: () => ({ 'X-Quayside-Signature': proof }) })
    return entry
  }

  booth.app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${token}`) return await reply.code(401).send({})
  })
  booth.app.get('/me', () => ({ id: SELF, name: 'Deskloop' }))
  booth.app.get('/articles', () => ({ articles: ARTICLES }))
  booth.app.get<{ Params: { id: string } }>('/tickets/:id', (request, reply) => tickets.get(request.params.id) ?? reply.code(404).send({}))
  booth.app.post<{ Params: { id: string }, Body: { html: string, private: boolean } }>('/tickets/:id/notes', (request, reply) => {
    const ticket = tickets.get(request.params.id)
    if (ticket === undefined || ticket.closed) return reply.code(404).send({})
    const hidden = request.body.private && booth.faults.publicNotes === 0
    return add(ticket, { at: booth.now(), by: 'api', author: SELF, what: 'note', text: request.body.html, private: hidden })
  })
  booth.app.delete<{ Params: { id: string } }>('/notes/:id', request => {
    for (const ticket of tickets.values()) {
      const at = ticket.entries.findIndex(entry => entry.id === request.params.id && entry.by === 'api')
      const [gone] = at < 0 ? [] : ticket.entries.splice(at, 1)
      if (gone !== undefined) booth.record({ at: booth.now(), ticketId: ticket.id, kind: 'note-removed', by: 'api', public: false, messageId: gone.id })
    }
    return {}
  })
  booth.app.get<{ Querystring: { since: string, after: string } }>('/changes', ({ query }) => {
    const rows = [...tickets.values()].filter(row => row.changedAt >= query.since && row.change > Number(query.after))
      .sort((a, b) => a.change - b.change).slice(0, PER_PAGE)
    return { tickets: rows, next: rows.at(-1)?.change ?? Number(query.after) }
  })
  booth.app.get<{ Querystring: { from: string, to: string } }>('/count', ({ query }) =>
    ({ count: [...tickets.values()].filter(row => row.at >= query.from && row.at < query.to).length }))
  const url = await booth.listen()

  return {
    settings: { QUAYSIDE_URL: url, QUAYSIDE_TOKEN: token, QUAYSIDE_WEBHOOK_SECRET: secret },
    openTicket ({ at, subject, text, person, tags = [] }) {
      const about = { at, subject, person, tags, changedAt: at, change: 0, solved: false, closed: false }
      const ticket: Ticket = { id: String(500 + tickets.size), entries: [], ...about }
      tickets.set(ticket.id, ticket)
      add(ticket, { at, by: 'customer', what: 'opening', text, author: person.id })
      return ticket.id
    },
    customerWrites (id, { at, text }) {
      const ticket = ticketOf(id)
      if (ticket.solved) add(ticket, { at, by: 'customer', what: 'reopened' })
      ticket.solved = false
      return add(ticket, { at, by: 'customer', what: 'message', text, author: ticket.person.id }).id
    },
    agentReplies: (id, { at, text, agentId }) => add(ticketOf(id), { at, by: 'agent', what: 'message', text, author: agentId }).id,
    agentNotes: (id, { at, text, agentId }) => add(ticketOf(id), { at, by: 'agent', what: 'note', text, author: agentId, private: true }).id,
    botReplies: (id, { at, text }) => add(ticketOf(id), { at, by: 'bot', what: 'message', text }).id,
    assign (id, { at, agentId, group }) { add(ticketOf(id), { at, by: 'agent', what: 'assigned', text: group ?? agentId ?? '' }) },
    tag (id, { at, tags }) { add(ticketOf(id), { at, by: 'agent', what: 'tagged', text: tags.join(' ') }) },
    escalate (id, { at }) { add(ticketOf(id), { at, by: 'agent', what: 'escalated' }) },
    solve (id, { at }) { add(ticketOf(id), { at, by: 'agent', what: 'solved' }); ticketOf(id).solved = true },
    rate (id, { at, good, comment = '' }) { add(ticketOf(id), { at, by: 'customer', what: 'rated', good, text: comment }) },
    merge (id, { at }) { add(ticketOf(id), { at, by: 'agent', what: 'merged' }); ticketOf(id).closed = true },
    remove (id) { tickets.delete(id) },
    setNow: booth.setNow,
    get pending () { return booth.pending },
    get journal () { return booth.journal },
    get requests () { return booth.requests },
    get faults () { return booth.faults },
    set faults (faults) { booth.faults = faults },
    close: booth.close
  }
}

function plain (html: string): string {
  return html.replace(/<[^>]*>/g, '\n').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
