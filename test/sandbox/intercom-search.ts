// POST …/search of the pretend intercom: filters of at most two levels and fifteen to a group, checked against the
// documented fields and operators.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/searchconversations
import { Refusal, bodyOf, countOf, decodeCursor, encodeCursor, invalid, isFields } from './intercom-refusals.ts'
import type { Fields } from './intercom-refusals.ts'

export type Kind = 'string' | 'integer' | 'date' | 'boolean'
export type Value = string | number | boolean | null | Value[]

export interface Searchable<Row> {
  kindOf: (field: string) => Kind | null
  valueOf: (row: Row, field: string) => Value
  /** Contacts truncate dates to the day and refuse some operators; conversations and tickets take `>` as "or equal". */
  dates: 'inclusive' | 'days'
  sortable: readonly string[]
  defaultPerPage: number
}

export interface Single { field: string, operator: string, kind: Kind, value: Value }
export interface Group { operator: 'AND' | 'OR', filters: Filter[] }
export type Filter = Single | Group

export interface Search {
  query: Filter
  sort: { field: string, ascending: boolean }
  perPage: number
  after: string | null
}

const OPERATORS: Readonly<Record<Kind, readonly string[]>> = {
  string: ['=', '!=', 'IN', 'NIN', '~', '!~', '^', '$'],
  integer: ['=', '!=', 'IN', 'NIN', '>', '<'],
  date: ['=', '!=', 'IN', 'NIN', '>', '<'],
  boolean: ['=', '!=', 'IN', 'NIN']
}

export function readSearch<Row> (body: unknown, what: Searchable<Row>): Search {
  const fields = bodyOf(body, ['query', 'pagination', 'sort'])
  const pagination = fields.pagination === undefined ? {} : bodyOf(fields.pagination, ['per_page', 'starting_after'])
  const perPage = countOf(pagination.per_page, 'per_page', what.defaultPerPage, 150)
  decodeCursor(pagination.starting_after)
  const after = typeof pagination.starting_after === 'string' ? pagination.starting_after : null
  return { query: readFilter(fields.query, what, 1), sort: readSort(fields.sort, what), perPage, after }
}

// The vendor's description leaves `sort` out; it works all the same:
// https://github.com/intercom/Intercom-OpenAPI/issues/114
function readSort<Row> (sort: unknown, what: Searchable<Row>): Search['sort'] {
  if (sort === undefined) return { field: 'updated_at', ascending: false }
  const fields = bodyOf(sort, ['field', 'order'])
  const { field, order = 'descending' } = fields
  if (typeof field !== 'string' || !what.sortable.includes(field)) throw invalid('Invalid sort field', 'sort')
  if (order !== 'ascending' && order !== 'descending') {
    throw new Refusal(400, 'invalid_sort_order',
      `Invalid sort order '${String(order)}'. Must be one of: ascending, descending`)
  }
  return { field, ascending: order === 'ascending' }
}

function readFilter<Row> (filter: unknown, what: Searchable<Row>, depth: number): Filter {
  if (!isFields(filter)) throw invalid('query must be an object', 'query')
  if (!('field' in filter)) return readGroup(filter, what, depth)
  const { field, operator, value } = bodyOf(filter, ['field', 'operator', 'value'])
  const kind = typeof field === 'string' ? what.kindOf(field) : null
  if (typeof field !== 'string' || kind === null) throw invalid(`Invalid field: ${String(field)}`, 'field')
  const refused = what.dates === 'days' && kind === 'date' ? ['!=', 'IN', 'NIN'] : []
  if (typeof operator !== 'string' || !OPERATORS[kind].includes(operator) || refused.includes(operator)) {
    throw invalid(`Invalid operator for ${field}: ${String(operator)}`, 'operator')
  }
  const isMany = operator === 'IN' || operator === 'NIN'
  if (isMany !== Array.isArray(value)) throw invalid(`Invalid value for ${field}`, 'value')
  const read = Array.isArray(value) ? value.map(v => readValue(v, kind, field)) : readValue(value, kind, field)
  return { field, operator, kind, value: read }
}

function readGroup<Row> (group: Fields, what: Searchable<Row>, depth: number): Group {
  const { operator, value } = bodyOf(group, ['operator', 'value'])
  if (operator !== 'AND' && operator !== 'OR') throw invalid('operator must be AND or OR', 'operator')
  if (!Array.isArray(value) || value.length === 0) throw invalid('value must be an array of filters', 'value')
  if (depth > 2) throw invalid('Too many nested filters: the limit is 2', 'query')
  if (value.length > 15) throw invalid('Too many filters: the limit is 15', 'query')
  return { operator, filters: value.map(part => readFilter(part, what, depth + 1)) }
}

// The vendor's own examples send dates as strings of digits
function readValue (value: unknown, kind: Kind, field: string): Value {
  if (value === null) return null
  if (kind === 'string' && (typeof value === 'string' || typeof value === 'number')) return String(value)
  if (kind === 'boolean' && typeof value === 'boolean') return value
  if (kind === 'integer' || kind === 'date') {
    const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isInteger(number)) return number
  }
  throw invalid(`Invalid value for ${field}`, 'value')
}

export function matches<Row> (row: Row, filter: Filter, what: Searchable<Row>): boolean {
  if ('filters' in filter) {
    return filter.operator === 'AND'
      ? filter.filters.every(part => matches(row, part, what))
      : filter.filters.some(part => matches(row, part, what))
  }
  const value = what.valueOf(row, filter.field)
  if (filter.operator.startsWith('!') || filter.operator === 'NIN') {
    const positive = filter.operator === 'NIN' ? 'IN' : filter.operator.slice(1)
    return !holds(value, { ...filter, operator: positive }, what)
  }
  return holds(value, filter, what)
}

function holds<Row> (value: Value, filter: Single, what: Searchable<Row>): boolean {
  const operator = filter.operator
  if (Array.isArray(value)) return value.some(one => holds(one, filter, what))
  const wanted = filter.value
  if (operator === 'IN') return Array.isArray(wanted) && wanted.includes(value)
  if (what.dates === 'days' && filter.kind === 'date') return holdsByDay(value, operator, wanted)
  if (operator === '=') return value === wanted
  if (typeof value === 'number' && typeof wanted === 'number') {
    return operator === '>' ? value >= wanted : value <= wanted
  }
  if (typeof value !== 'string' || typeof wanted !== 'string') return false
  const [text, part] = [value.toLowerCase(), wanted.toLowerCase()]
  if (operator === '~') return text.includes(part)
  return operator === '^' ? text.startsWith(part) : text.endsWith(part)
}

function holdsByDay (value: Value, operator: string, wanted: Value): boolean {
  if (typeof value !== 'number' || typeof wanted !== 'number') return value === wanted
  const [day, other] = [Math.floor(value / 86400), Math.floor(wanted / 86400)]
  if (operator === '=') return day === other
  return operator === '>' ? day > other : day < other
}

export interface Page<Row> { rows: Row[], total: number, pages: Fields }

/** Cuts one page out of rows that already stand in their order; the cursor names the last row that was told. */
export function cutPage<Row extends { id: string }> (
  rows: Row[], key: (row: Row) => number, order: (row: Row) => number, perPage: number,
  after: string | null, ascending: boolean
): Page<Row> {
  const cursor = decodeCursor(after)
  const from = cursor === null ? 0 : firstAfter(rows, key, order, cursor, ascending)
  const cut = rows.slice(from, from + perPage)
  const last = cut.at(-1)
  const page = Math.floor(from / perPage) + 1
  const isMore = from + perPage < rows.length && last !== undefined
  const next = isMore ? { next: { page: page + 1, starting_after: encodeCursor(key(last), last.id) } } : {}
  const totalPages = Math.max(1, Math.ceil(rows.length / perPage))
  return {
    rows: cut,
    total: rows.length,
    pages: { type: 'pages', page, per_page: perPage, total_pages: totalPages, ...next }
  }
}

function firstAfter<Row extends { id: string }> (
  rows: Row[], key: (row: Row) => number, order: (row: Row) => number,
  cursor: { value: number, id: string }, ascending: boolean
): number {
  const sign = ascending ? 1 : -1
  const tie = /^\d+$/.test(cursor.id) ? Number(cursor.id) : Number.parseInt(cursor.id.slice(4), 16)
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]
    if (row === undefined) break
    const difference = sign * (key(row) - cursor.value) || sign * (order(row) - tie)
    if (difference <= 0) low = middle + 1
    else high = middle
  }
  return low
}
