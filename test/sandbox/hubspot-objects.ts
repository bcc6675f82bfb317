// Reading and writing objects of the CRM: what comes back, what is checked before it is stored, and what goes with it.
// https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
import {
  addObject, changeObject, getObject, invalid, isJson, kindOf, link, linksOf, PRIMARY, Refusal, singular, typeOf
} from './hubspot-records.ts'
import type { Account, CrmObject, Json, ObjectType } from './hubspot-records.ts'

const SHOWN: Record<ObjectType, string[]> = {
  contacts: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
  companies: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
  notes: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'],
  tasks: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id']
}
const NUMBERS: Record<ObjectType, string> = { contacts: '0-1', companies: '0-2', notes: '0-46', tasks: '0-27' }
const MOST_INPUTS = 100

/** Only what is asked for, and three that always come. Names that do not exist are passed over in silence. */
export function showObject (account: Account, object: CrmObject, wanted: string[] | null): Json {
  const known = account.definitions[object.type]
  const modified = object.type === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate'
  const created = ['contacts', 'companies'].includes(object.type) ? 'createdate' : 'hs_createdate'
  const names = wanted === null || wanted.length === 0
    ? SHOWN[object.type]
    : [...wanted.filter(name => known.has(name)), created, modified, 'hs_object_id']
  const { id, createdAt, updatedAt, archived } = object
  return {
    id,
    properties: Object.fromEntries([...new Set(names)].map(name => [name, object.properties[name] ?? null])),
    createdAt, updatedAt, archived,
    ...(['contacts', 'companies'].includes(object.type)
      ? { url: `https://app.hubspot.com/contacts/${account.portalId}/record/${NUMBERS[object.type]}/${id}` }
      : {})
  }
}

export function readObject (account: Account, type: ObjectType, id: string, query: Json): Json {
  const object = getObject(account, type, resolveId(account, type, id, query.idProperty), query.archived === 'true')
  const shown = showObject(account, object, listOf(query.properties))
  const wanted = listOf(query.associations) ?? []
  const associations = Object.fromEntries(wanted.map(typeOf).flatMap(to => {
    const results = linksOf(account, type, object.id, to).flatMap(other => other.kinds.map(kind => ({
      id: other.id, type: associationName(type, to, kind)
    }))).sort((a, b) => a.type.length - b.type.length)
    return results.length === 0 ? [] : [[to, { results }]]
  }))
  return Object.keys(associations).length === 0 ? shown : { ...shown, associations }
}

export function listObjects (account: Account, type: ObjectType, query: Json): Json {
  const limit = Number(query.limit ?? 10)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw invalid('limit must be between 1 and 100')
  const all = [...account.objects[type].values()].filter(object => !object.archived)
  const from = query.after === undefined ? 0 : all.findIndex(object => object.id === query.after)
  if (from < 0) throw invalid(`The paging cursor ${String(query.after)} is not valid`)
  const next = all[from + limit]
  return {
    results: all.slice(from, from + limit).map(object => showObject(account, object, listOf(query.properties))),
    ...(next === undefined ? {} : { paging: { next: { after: next.id, link: `https://api.hubapi.com/crm/v3/objects/${type}?after=${next.id}` } } })
  }
}

/** 207 when some are missing; the answer is not in the order of the question. */
export function batchRead (account: Account, type: ObjectType, body: Json): { status: number, answer: Json } {
  const ids = inputIds(body)
  const resolve = (id: string): CrmObject | undefined => {
    const object = account.objects[type].get(body.idProperty === undefined ? id : account.emails.get(id.toLowerCase()) ?? '')
    return object === undefined || object.archived ? undefined : object
  }
  if (body.idProperty !== undefined && (type !== 'contacts' || body.idProperty !== 'email')) {
    throw invalid(`${String(body.idProperty)} is not a unique identifier property`)
  }
  const missing = ids.filter(id => resolve(id) === undefined)
  const found = [...new Set(ids.map(resolve))].filter(object => object !== undefined)
    .sort((a, b) => a.id < b.id ? -1 : 1)
  const startedAt = account.stamp()
  const results = found.map(object => showObject(account, object, listOf(body.properties)))
  if (missing.length === 0) return { status: 200, answer: { status: 'COMPLETE', results, startedAt, completedAt: account.stamp() } }
  const errors = [{
    status: 'error', category: 'OBJECT_NOT_FOUND', errors: [], context: { ids: missing }, links: {},
    message: `Could not get some ${singular(type).toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`
  }]
  return { status: 207, answer: { status: 'COMPLETE', results, numErrors: 1, errors, startedAt, completedAt: account.stamp() } }
}

export function updateObject (account: Account, type: ObjectType, id: string, query: Json, body: Json): Json {
  const object = getObject(account, type, resolveId(account, type, id, query.idProperty))
  const properties = checkedProperties(account, type, body.properties)
  if (Object.keys(properties).length === 0) throw invalid('No properties found to update, please provide at least one.')
  changeObject(account, object, properties)
  note(account, object, 'updated', object.id, JSON.stringify(properties))
  return showObject(account, object, [...SHOWN[type], ...Object.keys(properties)])
}

/** Notes and tasks: the instant is required, and each association must be of a kind that leads there. */
export function createObject (account: Account, type: ObjectType, body: Json): Json {
  if (type !== 'notes' && type !== 'tasks') throw new Refusal(403, 'MISSING_SCOPES', `This app may not create ${type}.`)
  const properties = checkedProperties(account, type, body.properties)
  if (properties.hs_timestamp === undefined) {
    throw invalid('Error creating ' + singular(type).toUpperCase() + '. Some required properties were not set.',
      { context: { properties: ['hs_timestamp'] } })
  }
  if ((properties.hs_note_body ?? '').length > 65_536) throw invalid('hs_note_body must be at most 65536 characters')
  const targets = checkedAssociations(account, type, body.associations)
  const object = addObject(account, type, properties)
  for (const target of targets) link(account, object, target)
  note(account, object, 'note', targets[0]?.id ?? object.id, properties.hs_note_body ?? properties.hs_task_subject ?? '')
  return showObject(account, object, Object.keys(object.properties))
}

export function readAssociations (account: Account, from: ObjectType, id: string, to: ObjectType, query: Json): Json {
  getObject(account, from, id)
  const limit = Math.min(Number(query.limit ?? 500), 500)
  const all = linksOf(account, from, id, to)
  const start = query.after === undefined ? 0 : Number(query.after)
  const results = all.slice(start, start + limit).map(other => ({
    toObjectId: Number(other.id), associationTypes: other.kinds.map(showKind)
  }))
  return { results, ...(start + limit < all.length ? { paging: { next: { after: String(start + limit), link: '' } } } : {}) }
}

/** Those without any are missing from the results and told as errors, with 207. */
export function batchAssociations (
  account: Account, from: ObjectType, to: ObjectType, body: Json
): { status: number, answer: Json } {
  const startedAt = account.stamp()
  const rows = inputIds(body, 1000).map(id => ({ id, links: linksOf(account, from, id, to) }))
  const results = rows.filter(row => row.links.length > 0).map(row => ({
    from: { id: row.id },
    to: row.links.map(other => ({ toObjectId: other.id, associationTypes: other.kinds.map(showKind) }))
  }))
  const errors = rows.filter(row => row.links.length === 0).map(row => ({
    status: 'error', category: 'OBJECT_NOT_FOUND', subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
    message: `No ${singular(to)} is associated with ${singular(from)} ${row.id}.`,
    context: { fromObjectId: [row.id], fromObjectType: [singular(from)], toObjectType: [singular(to)] }
  }))
  const answer = { status: 'COMPLETE', results, startedAt, completedAt: account.stamp() }
  return errors.length === 0
    ? { status: 200, answer }
    : { status: 207, answer: { ...answer, numErrors: errors.length, errors } }
}

function resolveId (account: Account, type: ObjectType, id: string, idProperty: unknown): string {
  if (idProperty === undefined) return id
  if (type !== 'contacts' || idProperty !== 'email') throw invalid(`${String(idProperty)} is not a unique identifier property`)
  return account.emails.get(id.toLowerCase()) ?? ''
}

// A type that can be primary has two names here; any other has one.
function associationName (from: ObjectType, to: ObjectType, kind: number): string {
  const name = `${singular(from)}_to_${singular(to)}`
  const labelled = ['contacts/companies', 'companies/contacts'].includes(`${from}/${to}`)
  return labelled && kind !== PRIMARY.contact && kind !== PRIMARY.company ? `${name}_unlabeled` : name
}

function showKind (typeId: number): Json {
  const primary = typeId === PRIMARY.contact || typeId === PRIMARY.company
  return { category: 'HUBSPOT_DEFINED', typeId, label: primary ? 'Primary' : null }
}

function inputIds (body: Json, most = MOST_INPUTS): string[] {
  if (!Array.isArray(body.inputs)) throw invalid('Invalid input JSON: inputs is required')
  if (body.inputs.length > most) throw invalid(`The maximum number of inputs supported in a batch request is ${most}`)
  return body.inputs.map((input: unknown) => {
    if (!isJson(input) || !['string', 'number'].includes(typeof input.id)) throw invalid('Invalid input JSON: each input needs an id')
    return String(input.id)
  })
}

function checkedProperties (account: Account, type: ObjectType, given: unknown): Record<string, string | null> {
  if (!isJson(given)) throw invalid('Invalid input JSON: properties must be an object')
  const faults: Json[] = []
  const checked: Record<string, string | null> = {}
  for (const [name, value] of Object.entries(given)) {
    const fault = (error: string, message: string): void => {
      faults.push({ isValid: false, message, error, name, localizedErrorMessage: message, portalId: account.portalId })
    }
    const known = account.definitions[type].get(name)
    if (value instanceof Object) throw invalid(`Invalid input JSON: the value of ${name} is not a text`)
    const text = value === null || value === undefined ? '' : String(value)
    if (known === undefined) fault('PROPERTY_DOESNT_EXIST', `Property "${name}" does not exist`)
    else if (known.readOnly) fault('READ_ONLY_VALUE', `"${name}" is a read only property; its value cannot be set.`)
    else if (text !== '' && known.options.length > 0 && !known.options.some(option => option.value === text)) {
      fault('INVALID_OPTION', `${text} was not one of the allowed options: [${known.options.map(one => one.label).join(', ')}]`)
    } else if (text !== '' && known.type === 'number' && !Number.isFinite(Number(text))) {
      fault('INVALID_INTEGER', `${text} was not a valid number.`)
    } else if (text !== '' && ['date', 'datetime'].includes(known.type) && timeOf(text) === null) {
      fault('INVALID_DATE', `${text} was not a valid long.`)
    } else checked[name] = known.type === 'datetime' ? timeOf(text) : text
    if (name === 'hubspot_owner_id' && text !== '' && !account.owners.has(text)) fault('INVALID_OWNER_ID', `Owner ${text} does not exist`)
  }
  if (faults.length > 0) throw invalid(`Property values were not valid: ${JSON.stringify(faults)}`)
  return checked
}

/** Milliseconds or ISO 8601; told back without the milliseconds when there are none. */
function timeOf (text: string): string | null {
  const time = /^\d{10,}$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isNaN(time) ? null : new Date(time).toISOString().replace('.000Z', 'Z')
}

function checkedAssociations (account: Account, from: ObjectType, given: unknown): CrmObject[] {
  if (given === undefined) return []
  if (!Array.isArray(given)) throw invalid('Invalid input JSON: associations must be a list')
  return given.map((one: unknown) => {
    const id = isJson(one) && isJson(one.to) ? String(one.to.id) : ''
    const types = isJson(one) && Array.isArray(one.types) ? one.types : []
    const target = [account.objects.companies.get(id), account.objects.contacts.get(id)].find(row => row !== undefined)
    if (types.length === 0) throw invalid('Invalid input JSON: types must name an association')
    if (target === undefined || target.archived) throw invalid(`Object ${id} to associate with does not exist`)
    const fits = types.every((type: unknown) => isJson(type) && type.associationCategory === 'HUBSPOT_DEFINED' &&
      Number(type.associationTypeId) === kindOf(from, target.type))
    if (!fits) throw invalid(`The association types are not valid between ${singular(from)} and ${singular(target.type)} ${id}`)
    return target
  })
}

function listOf (value: unknown): string[] | null {
  if (value === undefined) return null
  return (Array.isArray(value) ? value : [value]).flatMap(one => String(one).split(',')).filter(one => one !== '')
}

// The account's own people see it, its customers never.
function note (account: Account, object: CrmObject, kind: 'note' | 'updated', about: string, text: string): void {
  account.booth.record({ at: account.booth.now(), ticketId: about, kind, by: 'api', public: false, messageId: object.id, text })
}
