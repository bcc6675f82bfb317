// The search language of the pretend Zendesk, as far as programs use it for tickets: `type:ticket created>=… created<…`,
// properties and words. https://support.zendesk.com/hc/en-us/articles/4408886879258
import { Refusal } from './zendesk-answers.ts'
import { lowerBound, unix } from './zendesk-state.ts'
import type { State, Ticket } from './zendesk-state.ts'

type Test = (ticket: Ticket) => boolean

const ORDER = ['new', 'open', 'pending', 'hold', 'solved', 'closed']

/** The tickets that a query finds, oldest first. Deleted ones are never found. */
export function readQuery (state: State, query: string): Ticket[] {
  const all = state.created()
  const tests: Test[] = [ticket => ticket.deleted === null]
  let from = 0
  let to = all.length
  for (const [, minus, key, sign = '', quoted, bare = ''] of query.matchAll(/(-?)(?:([a-z_]+)(>=|<=|:|>|<))?(?:"([^"]*)"|(\S+))/g)) {
    const value = quoted ?? bare
    if (key === 'created' && minus === '') {
      const [least, beyond] = spanOf(value)
      // Creation is what lists are cut by, so that counting a range does not look at every ticket.
      if (sign === ':' || sign === '>=' || sign === '>') from = Math.max(from, placeOf(all, sign === '>' ? beyond : least))
      if (sign === ':' || sign === '<=' || sign === '<') to = Math.min(to, placeOf(all, sign === '<' ? least : beyond))
      continue
    }
    const test = testOf(state, key, sign, value)
    tests.push(minus === '-' ? ticket => !test(ticket) : test)
  }
  return all.slice(from, Math.max(from, to)).filter(ticket => tests.every(test => test(ticket)))
}

function testOf (state: State, key: string | undefined, sign: string, value: string): Test {
  if (key === undefined) {
    const word = value.toLowerCase()
    return ticket => `${ticket.values.subject} ${ticket.comments.map(comment => comment.plain).join(' ')}`.toLowerCase().includes(word)
  }
  if (key === 'type') return ['ticket', 'all'].includes(value) ? () => true : () => false
  if (key === 'ticket_type') return ticket => ticket.values.type === value
  if (key === 'status') return ticket => compare(ORDER.indexOf(ticket.values.status), ORDER.indexOf(value), sign)
  if (key === 'priority') return ticket => ticket.values.priority === value
  if (key === 'tags') return ticket => value.split(/[\s,]+/).some(tag => ticket.values.tags.includes(tag))
  if (key === 'subject') return ticket => ticket.values.subject.toLowerCase().includes(value.toLowerCase())
  if (key === 'group') return ticket => idMatches(state.groups.get(ticket.values.group_id ?? 0), value)
  if (key === 'requester') return ticket => idMatches(state.users.get(ticket.values.requester_id), value)
  if (key === 'assignee') {
    return ticket => value === 'none' ? ticket.values.assignee_id === null : idMatches(state.users.get(ticket.values.assignee_id ?? 0), value)
  }
  if (key === 'updated') {
    const [least, beyond] = spanOf(value)
    return ticket => {
      const at = unix(ticket.updatedAt)
      if (sign === ':') return at >= least && at < beyond
      if (sign === '>=' || sign === '<') return compare(at, least, sign)
      return sign === '>' ? at >= beyond : at < beyond
    }
  }
  if (key === 'created') {
    const [least, beyond] = spanOf(value)
    return ticket => unix(ticket.createdAt) >= least && unix(ticket.createdAt) < beyond
  }
  throw new Refusal(501, { error: 'sandbox', description: `the pretend Zendesk does not search by ${key}` })
}

function idMatches (one: { id: number, name: string, email?: string } | undefined, value: string): boolean {
  if (one === undefined) return false
  const wanted = value.toLowerCase()
  return String(one.id) === wanted || one.email?.toLowerCase() === wanted || one.name.toLowerCase() === wanted
}

function compare (a: number, b: number, sign: string): boolean {
  if (sign === '>') return a > b
  if (sign === '<') return a < b
  if (sign === '>=') return a >= b
  return sign === '<=' ? a <= b : a === b
}

/** The seconds that a date or an instant covers: a day, or one second. */
function spanOf (value: string): [number, number] {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(value)
  const start = unix(value)
  if (Number.isNaN(start)) throw new Refusal(422, { error: 'invalid', description: `Invalid search: ${value} is not a date` })
  return [start, start + (isDay ? 86_400 : 1)]
}

function placeOf (all: readonly Ticket[], second: number): number {
  return lowerBound(all, ticket => unix(ticket.createdAt) < second)
}
