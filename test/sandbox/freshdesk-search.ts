// The query language of `GET /search/tickets`: field:value with :> (from) and :< (until), AND, OR and
// parentheses, in double quotes, dates by the day. https://developers.freshdesk.com/api/#filter_tickets
import type { Desk, Ticket } from './freshdesk-model.ts'
import { CUSTOM_FIELDS, isArchived } from './freshdesk-model.ts'
import { invalid, unknownKey, wrongValue } from './freshdesk-refusals.ts'

export type Query =
  | { kind: 'and', parts: Query[] }
  | { kind: 'or', parts: Query[] }
  | { kind: 'term', field: string, operator: '=' | '>' | '<', value: string | number | null }

const NUMBERS = ['agent_id', 'group_id', 'priority', 'status']
const TEXTS = ['tag', 'type', ...Object.keys(CUSTOM_FIELDS)]
const DAYS = ['due_by', 'fr_due_by', 'created_at', 'updated_at']
const TOKEN = /\s*(\(|\)|AND\b|OR\b|[a-z_][a-z0-9_]*:[<>]?\s*(?:'[^']*'|[^\s()']+))/y

export function parseQuery (raw: string): Query {
  const quoted = /^\s*"([\s\S]*)"\s*$/.exec(raw)?.[1]
  if (quoted === undefined) throw wrongValue('query', 'Query should be within double quotes')
  if (raw.length > 514) throw wrongValue('query', 'Has more than 512 characters, it can have maximum of 512 characters')
  const tokens = tokenize(quoted)
  const [query, end] = parseOr(tokens, 0)
  if (end !== tokens.length) throw notAQuery()
  return query
}

/** Newest first; neither spam, trash nor archive. Only the days the query can mean are looked at. */
export function searchTickets (desk: Desk, query: Query): Ticket[] {
  const [from, to] = daysOf(query)
  const found: Ticket[] = []
  for (const [day, tickets] of desk.byDay) {
    if (day < from || day > to) continue
    for (const ticket of tickets) {
      const isShown = !ticket.row.spam && ticket.row.deleted !== true && !isArchived(desk, ticket)
      if (isShown && isMet(query, ticket)) found.push(ticket)
    }
  }
  return found.sort((a, b) => {
    if (a.row.created_at === b.row.created_at) return b.row.id - a.row.id
    return a.row.created_at < b.row.created_at ? 1 : -1
  })
}

function tokenize (text: string): string[] {
  const tokens: string[] = []
  const token = new RegExp(TOKEN.source, 'y')
  while (token.lastIndex < text.trimEnd().length) {
    const found = token.exec(text)
    if (found === null) throw notAQuery()
    tokens.push(found[1] ?? '')
  }
  return tokens
}

function parseOr (tokens: string[], at: number): [Query, number] {
  return parseList(tokens, at, 'or', (from) => parseList(tokens, from, 'and', next => parseOne(tokens, next)))
}

function parseList (
  tokens: string[], at: number, kind: 'and' | 'or', parse: (at: number) => [Query, number]
): [Query, number] {
  let [part, next] = parse(at)
  const parts = [part]
  while (tokens[next] === kind.toUpperCase()) {
    [part, next] = parse(next + 1)
    parts.push(part)
  }
  return [parts.length === 1 ? part : { kind, parts }, next]
}

function parseOne (tokens: string[], at: number): [Query, number] {
  const token = tokens[at]
  if (token === undefined) throw notAQuery()
  if (token !== '(') return [parseTerm(token), at + 1]
  const [inner, next] = parseOr(tokens, at + 1)
  if (tokens[next] !== ')') throw notAQuery()
  return [inner, next + 1]
}

function parseTerm (token: string): Query {
  const [, field = '', sign = '', text = ''] = /^(\w+):([<>]?)\s*([\s\S]+)$/.exec(token) ?? []
  const isQuoted = text.startsWith("'")
  const value = isQuoted ? text.slice(1, -1) : text
  if (field === '') throw notAQuery()
  if (![...NUMBERS, ...TEXTS, ...DAYS].includes(field)) throw invalid([unknownKey(field)])
  const operator = sign === '>' || sign === '<' ? sign : '='
  if (text === 'null') return { kind: 'term', field, operator, value: null }
  if (NUMBERS.includes(field)) {
    if (isQuoted || !/^\d+$/.test(value)) throw wrongValue(field, 'It should be a/an Positive Integer')
    return { kind: 'term', field, operator, value: Number(value) }
  }
  if (DAYS.includes(field)) {
    if (!isQuoted || !/^\d{4}-\d{2}-\d{2}$/.test(value)) {
      throw wrongValue(field, "It should be in the 'yyyy-mm-dd' format")
    }
    return { kind: 'term', field, operator, value }
  }
  if (!isQuoted || operator !== '=') throw notAQuery()
  return { kind: 'term', field, operator, value }
}

function notAQuery (): Error {
  return wrongValue('query', 'Given query is invalid')
}

function isMet (query: Query, ticket: Ticket): boolean {
  if (query.kind === 'and') return query.parts.every(part => isMet(part, ticket))
  if (query.kind === 'or') return query.parts.some(part => isMet(part, ticket))
  const values = valuesOf(query.field, ticket)
  const { value } = query
  if (value === null) return values.length === 0
  return values.some(is => {
    if (query.operator === '=') return is === value
    return query.operator === '>' ? is >= value : is <= value
  })
}

function valuesOf (field: string, { row }: Ticket): Array<string | number> {
  const known: Record<string, Array<string | number | null | undefined>> = {
    agent_id: [row.responder_id],
    group_id: [row.group_id],
    priority: [row.priority],
    status: [row.status],
    tag: row.tags,
    type: [row.type],
    due_by: [row.due_by.slice(0, 10)],
    fr_due_by: [row.fr_due_by.slice(0, 10)],
    created_at: [row.created_at.slice(0, 10)],
    updated_at: [row.updated_at.slice(0, 10)]
  }
  const values = known[field] ?? [row.custom_fields[field]]
  return values.filter(value => value !== null && value !== undefined)
}

/** First and last day of creation that can meet the query. */
function daysOf (query: Query): [string, string] {
  if (query.kind === 'or') return ['', '~']
  if (query.kind === 'and') {
    const ranges = query.parts.map(daysOf)
    return [maxOf(ranges.map(range => range[0])), minOf(ranges.map(range => range[1]))]
  }
  const { field, operator, value } = query
  if (field !== 'created_at' || typeof value !== 'string') return ['', '~']
  return [operator === '<' ? '' : value, operator === '>' ? '~' : value]
}

function maxOf (days: string[]): string {
  return days.reduce((a, b) => a > b ? a : b, '')
}

function minOf (days: string[]): string {
  return days.reduce((a, b) => a < b ? a : b, '~')
}
