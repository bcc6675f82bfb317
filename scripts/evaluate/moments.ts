// A ticket archive as moments in the order of time: an answer is due when the last thing before it was said, and can be
// learned from only when it was really sent.
import type { ArchiveMessage, ArchiveTicket } from '../archive.ts'
import { plainText, toInstant } from '../../src/text.ts'

/** `label`, `agent` and `lookup` are of an agent's own messages, where the archive tells them. */
export interface Said {
  isAgent: boolean, text: string, label: string | null, agent: string | null, lookup: string | null
}

export interface Reply {
  ticket: ArchiveTicket
  id: string
  dueAt: string
  at: string
  message: ArchiveMessage
  text: string
  before: Said[]
}

export type Moment = { kind: 'ask' | 'hear', at: string, reply: Reply }

/** The replies of a ticket, each with everything public that was said before it. */
export function repliesOf (ticket: ArchiveTicket): Reply[] {
  const said = ticket.messages.map((m, i) => ({ m, i, at: toInstant(m.at) ?? '' })).filter(({ m }) => m.role !== 'note')
    .sort((a, b) => a.at < b.at ? -1 : a.at > b.at ? 1 : a.i - b.i)
    .map(({ m, i, at }) => ({
      message: m, i, at, isAgent: m.role === 'agent', text: plainText(m.text),
      label: m.label ?? null, agent: m.agent_id ?? null, lookup: m.ctx ?? null
    }))
  return said.flatMap((s, n) => {
    if (!s.isAgent) return []
    const before = said.slice(0, n)
      .map(({ isAgent, text, label, agent, lookup }): Said => ({ isAgent, text, label, agent, lookup }))
    const dueAt = said[n - 1]?.at ?? s.at
    return [{ ticket, id: `${ticket.id}/${s.i}`, dueAt, at: s.at, message: s.message, text: s.text, before }]
  })
}

/** Asked and heard, in order of time. Within a ticket nothing is heard before it was asked. */
export function momentsOf (replies: Reply[]): Moment[] {
  const moments = replies.flatMap((reply): Moment[] =>
    [{ kind: 'ask', at: reply.dueAt, reply }, { kind: 'hear', at: reply.at, reply }])
  return moments
    .map((m, i) => ({ m, i })).sort((a, b) => a.m.at < b.m.at ? -1 : a.m.at > b.m.at ? 1 : a.i - b.i).map(({ m }) => m)
}

/** What the customer wrote since the last reply, and what he wrote before that. */
export function customerOf (reply: Reply): { said: string, earlier: string } {
  const last = reply.before.findLastIndex(b => b.isAgent)
  const written = (list: Reply['before']): string => list.filter(b => !b.isAgent).map(b => b.text).join('\n')
  return { said: written(reply.before.slice(last + 1)), earlier: written(reply.before.slice(0, last + 1)) }
}
