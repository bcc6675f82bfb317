// Search as HubSpot does it: groups are alternatives, the filters of a group go together, and there are many limits.
// https://developers.hubspot.com/docs/api-reference/search/guide
import { emailsOf, invalid, isJson } from './hubspot-records.ts'
import type { Account, CrmObject, Json, ObjectType } from './hubspot-records.ts'
import { showObject } from './hubspot-objects.ts'

interface Filter { name: string, operator: string, value: string, highValue: string, values: string[] }

const OPERATORS = new Set(['EQ', 'NEQ', 'LT', 'LTE', 'GT', 'GTE', 'BETWEEN', 'IN', 'NOT_IN', 'HAS_PROPERTY',
  'NOT_HAS_PROPERTY', 'CONTAINS_TOKEN', 'NOT_CONTAINS_TOKEN'])
const MOST = { groups: 5, filtersInGroup: 10, filters: 25, page: 200, results: 10_000, query: 3_000 }
const KNOWN = new Set(['filterGroups', 'properties', 'sorts', 'limit', 'after', 'query'])

export function searchObjects (account: Account, type: ObjectType, body: Json): Json {
  const strange = Object.keys(body).find(key => !KNOWN.has(key))
  if (strange !== undefined) throw invalid(`Invalid input JSON: unrecognized field "${strange}"`)
  const groups = readGroups(account, type, body.filterGroups ?? [])
  const limit = Number(body.limit ?? 10)
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST.page) throw invalid(`limit must be between 1 and ${MOST.page}`)
  const from = Number(body.after ?? 0)
  if (!Number.isInteger(from) || from < 0) throw invalid('after must be a number')
  if (from + limit > MOST.results) throw invalid(`The maximum number of results of a search is ${MOST.results}`)
  const query = typeof body.query === 'string' ? body.query.toLowerCase() : ''
  if (query.length > MOST.query) throw invalid(`query must be at most ${MOST.query} characters`)
  const meets = (object: CrmObject): boolean =>
    groups.length === 0 || groups.some(filters => filters.every(filter => matches(object, filter)))
  const says = (object: CrmObject): boolean =>
    Object.values(object.properties).some(value => value?.toLowerCase().includes(query))
  const all = candidates(account, type, groups).filter(object => !object.archived && meets(object) && (query === '' || says(object)))
  const rows = sorted(account, type, all, body.sorts ?? [])
  const wanted = Array.isArray(body.properties) ? body.properties.map(String) : null
  const next = from + limit
  return {
    total: all.length,
    results: rows.slice(from, next).map(object => showObject(account, object, wanted)),
    ...(next < all.length && next < MOST.results
      ? { paging: { next: { after: String(next), link: `https://api.hubapi.com/crm/v3/objects/${type}/search?after=${next}` } } }
      : {})
  }
}

function readGroups (account: Account, type: ObjectType, given: unknown): Filter[][] {
  if (!Array.isArray(given)) throw invalid('Invalid input JSON: filterGroups must be a list')
  if (given.length > MOST.groups) throw invalid(`The maximum number of filter groups is ${MOST.groups}`)
  const groups = given.map((group: unknown) => {
    if (!isJson(group) || !Array.isArray(group.filters)) throw invalid('Invalid input JSON: each filter group needs filters')
    if (group.filters.length > MOST.filtersInGroup) throw invalid(`The maximum number of filters in a group is ${MOST.filtersInGroup}`)
    return group.filters.map((filter: unknown) => readFilter(account, type, filter))
  })
  if (groups.flat().length > MOST.filters) throw invalid(`The maximum number of filters is ${MOST.filters}`)
  return groups
}

function readFilter (account: Account, type: ObjectType, given: unknown): Filter {
  if (!isJson(given) || typeof given.propertyName !== 'string') throw invalid('Invalid input JSON: a filter needs a propertyName')
  const { propertyName: name, operator } = given
  if (typeof operator !== 'string' || !OPERATORS.has(operator)) throw invalid(`operator ${String(operator)} is not valid`)
  if (!account.definitions[type].has(name)) {
    throw invalid('There was a problem with the request.', { errors: [{ message: `Property ${name} does not exist` }] })
  }
  const values = Array.isArray(given.values) ? given.values.map(String) : []
  const isSet = operator === 'IN' || operator === 'NOT_IN'
  const hasValue = given.value !== undefined && given.value !== null
  if (isSet && values.length === 0) throw invalid(`operator ${operator} requires values`)
  if (!isSet && !operator.endsWith('HAS_PROPERTY') && !hasValue) throw invalid(`operator ${operator} requires a value`)
  if (operator === 'BETWEEN' && given.highValue === undefined) throw invalid('operator BETWEEN requires a highValue')
  return { name, operator, values, value: String(given.value ?? ''), highValue: String(given.highValue ?? '') }
}

// By far the commonest search asks for one address, so it is looked up.
function candidates (account: Account, type: ObjectType, groups: Filter[][]): CrmObject[] {
  const only = groups.length === 1 ? groups[0]?.find(filter => filter.name === 'email' && filter.operator === 'EQ') : undefined
  if (type !== 'contacts' || only === undefined) return [...account.objects[type].values()]
  const found = account.objects.contacts.get(account.emails.get(only.value.toLowerCase()) ?? '')
  return found === undefined ? [] : [found]
}

/** An address also matches a contact's secondary ones: the email that comes back may be another. */
function matches (object: CrmObject, filter: Filter): boolean {
  const own = object.properties[filter.name] ?? null
  const value = own?.toLowerCase() ?? null
  const wanted = filter.value.toLowerCase()
  if (filter.name === 'email' && filter.operator === 'EQ') return emailsOf(object).includes(wanted)
  switch (filter.operator) {
    case 'HAS_PROPERTY': return value !== null && value !== ''
    case 'NOT_HAS_PROPERTY': return value === null || value === ''
    case 'EQ': return value !== null && order(value, wanted) === 0
    case 'NEQ': return value === null || order(value, wanted) !== 0
    case 'IN': return value !== null && filter.values.includes(value)              // lower-case values, as there
    case 'NOT_IN': return value !== null && !filter.values.includes(value)
    case 'CONTAINS_TOKEN': return value !== null && hasToken(value, wanted)
    case 'NOT_CONTAINS_TOKEN': return value === null || !hasToken(value, wanted)
    case 'LT': return value !== null && order(value, wanted) < 0
    case 'LTE': return value !== null && order(value, wanted) <= 0
    case 'GT': return value !== null && order(value, wanted) > 0
    case 'GTE': return value !== null && order(value, wanted) >= 0
    default: return value !== null && order(value, wanted) >= 0 && order(value, filter.highValue.toLowerCase()) <= 0
  }
}

function hasToken (value: string, wanted: string): boolean {
  const tokens = value.split(/[^\p{L}\p{N}]+/u)
  const stem = wanted.replaceAll('*', '')
  if (!wanted.includes('*')) return tokens.includes(stem) || value.includes(stem)
  return tokens.some(token => wanted.startsWith('*') ? token.endsWith(stem) : token.startsWith(stem))
}

function order (a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)]
  if (a !== '' && b !== '' && !Number.isNaN(x) && !Number.isNaN(y)) return x - y
  const [s, t] = [Date.parse(a), /^\d{12,}$/.test(b) ? Number(b) : Date.parse(b)]
  if (/^\d{4}-\d{2}-\d{2}/.test(a) && !Number.isNaN(s) && !Number.isNaN(t)) return s - t
  if (a === b) return 0
  return a < b ? -1 : 1
}

function sorted (account: Account, type: ObjectType, rows: CrmObject[], sorts: unknown): CrmObject[] {
  if (!Array.isArray(sorts)) throw invalid('Invalid input JSON: sorts must be a list')
  if (sorts.length > 1) throw invalid('Only one sort is supported')
  const sort: unknown = sorts[0]
  const given = isJson(sort) ? `${sort.direction === 'DESCENDING' ? '-' : ''}${String(sort.propertyName)}` : String(sort ?? '')
  const name = given.replace(/^-/, '')
  if (name === '') return rows
  if (!account.definitions[type].has(name)) throw invalid(`Property ${name} does not exist`)
  const sign = given.startsWith('-') ? -1 : 1
  return [...rows].sort((a, b) => sign * order(a.properties[name] ?? '', b.properties[name] ?? ''))
}
