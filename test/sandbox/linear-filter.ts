// Filters of lists, as Linear evaluates them: comparators, nested entities, collections, `and` and `or`. The schema has
// already refused what is not a filter. https://linear.app/developers/filtering
import { getRow, invalidArgument, threadOf } from './linear-records.ts'
import type { Issue, Label, State, Workspace } from './linear-records.ts'

export type Filter = Record<string, unknown>

export const issueFacts = (ws: Workspace, issue: Issue): Filter => ({
  ...issue,
  team: ws.teams.get(issue.teamId) ?? null,
  state: ws.states.get(issue.stateId) ?? null,
  assignee: ws.users.get(issue.assigneeId ?? '') ?? null,
  creator: ws.users.get(issue.creatorId) ?? null,
  labels: issue.labelIds.map(id => labelFacts(ws, getRow(ws.labels, id, 'IssueLabel'))),
  attachments: threadOf(ws, issue.id).attachments
})

export const labelFacts = (ws: Workspace, label: Label): Filter =>
  ({ ...label, team: ws.teams.get(label.teamId ?? '') ?? null })

export const stateFacts = (ws: Workspace, state: State): Filter =>
  ({ ...state, team: ws.teams.get(state.teamId) ?? null })

export function meets (filter: Filter | null | undefined, facts: unknown): boolean {
  if (filter === null || filter === undefined) return true
  return Object.entries(filter).every(([key, test]) => {
    if (test === null || test === undefined) return true
    if (key === 'null') return (facts === null) === test
    if (key === 'and' && Array.isArray(test)) return test.every(part => isFilter(part) && meets(part, facts))
    if (key === 'or' && Array.isArray(test)) return test.some(part => isFilter(part) && meets(part, facts))
    if (!isFilter(facts)) return false
    return isFilter(test) && holds(test, facts[key])
  })
}

function holds (test: Filter, value: unknown): boolean {
  if (Array.isArray(value)) return collectionHolds(test, value)
  if (isFilter(value)) return meets(test, value)
  return Object.entries(test).every(([operator, wanted]) => {
    if (wanted === null || wanted === undefined) return true
    return !isFilter(wanted) && compare(operator, value ?? null, wanted)      // nothing there: a nested test fails
  })
}

// A test on a collection that names no quantity asks whether some element meets it.
function collectionHolds (test: Filter, rows: unknown[]): boolean {
  const { some, every, length, null: empty, ...bare } = test
  if (isFilter(some) && !rows.some(row => meets(some, row))) return false
  if (isFilter(every) && !rows.every(row => meets(every, row))) return false
  if (isFilter(length) && !holds(length, rows.length)) return false
  if (typeof empty === 'boolean' && (rows.length === 0) !== empty) return false
  return Object.keys(bare).length === 0 || rows.some(row => meets(bare, row))
}

function compare (operator: string, value: unknown, wanted: unknown): boolean {
  const text = typeof value === 'string' ? value : ''
  const word = typeof wanted === 'string' ? wanted : ''
  switch (operator) {
    case 'null': return (value === null) === wanted
    case 'eq': return order(value, wanted) === 0
    case 'neq': return order(value, wanted) !== 0
    case 'in': return Array.isArray(wanted) && wanted.includes(value)
    case 'nin': return Array.isArray(wanted) && !wanted.includes(value)
    case 'lt': return value !== null && order(value, wanted) < 0
    case 'lte': return value !== null && order(value, wanted) <= 0
    case 'gt': return value !== null && order(value, wanted) > 0
    case 'gte': return value !== null && order(value, wanted) >= 0
    case 'eqIgnoreCase': return text.toLowerCase() === word.toLowerCase()
    case 'neqIgnoreCase': return text.toLowerCase() !== word.toLowerCase()
    case 'contains': return text.includes(word)
    case 'notContains': return !text.includes(word)
    case 'containsIgnoreCase': return text.toLowerCase().includes(word.toLowerCase())
    case 'notContainsIgnoreCase': return !text.toLowerCase().includes(word.toLowerCase())
    case 'startsWith': return text.startsWith(word)
    case 'startsWithIgnoreCase': return text.toLowerCase().startsWith(word.toLowerCase())
    case 'notStartsWith': return !text.startsWith(word)
    case 'endsWith': return text.endsWith(word)
    case 'notEndsWith': return !text.endsWith(word)
    default: throw invalidArgument(`the pretend Linear does not know the comparator ${operator}`)
  }
}

// Dates come in several forms of ISO 8601 (with and without milliseconds), so they are compared as times.
const DATE = /^\d{4}-\d{2}-\d{2}T/

function order (value: unknown, wanted: unknown): number {
  if (typeof value === 'number' && typeof wanted === 'number') return value - wanted
  if (typeof value === 'string' && typeof wanted === 'string') {
    if (DATE.test(value) && DATE.test(wanted)) return Date.parse(value) - Date.parse(wanted)
    if (value === wanted) return 0
    return value < wanted ? -1 : 1
  }
  return value === wanted ? 0 : Number.NaN
}

function isFilter (value: unknown): value is Filter {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
