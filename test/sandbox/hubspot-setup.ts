// Owners and definitions of properties: what is looked at once, when Deskloop is connected.
// https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
import { invalid, isJson, Refusal } from './hubspot-records.ts'
import type { Account, Json, ObjectType, Owner, PropertyDefinition } from './hubspot-records.ts'

const FIELD_TYPES: Record<string, string[]> = {
  string: ['text', 'textarea', 'html', 'file', 'phonenumber'], number: ['number', 'text'], date: ['date', 'text'],
  datetime: ['date', 'text'], bool: ['booleancheckbox', 'calculation_equation'],
  enumeration: ['select', 'radio', 'checkbox', 'booleancheckbox']
}

export function createProperty (account: Account, type: ObjectType, body: Json): PropertyDefinition {
  for (const field of ['name', 'label', 'type', 'fieldType', 'groupName']) {
    if (typeof body[field] !== 'string' || body[field] === '') throw invalid(`Invalid input JSON: ${field} is required`)
  }
  const { description = '' } = body
  const [name, label, kind] = [String(body.name), String(body.label), String(body.type)]
  const [fieldType, groupName] = [String(body.fieldType), String(body.groupName)]
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw invalid(`The property name ${name} is not valid`)
  const allowed = FIELD_TYPES[kind]
  if (allowed === undefined) throw invalid(`Cannot deserialize value of type from String "${kind}"`)
  if (!allowed.includes(fieldType)) throw invalid(`fieldType ${fieldType} does not go with type ${kind}`)
  const known = account.definitions[type]
  if (known.has(name)) throw new Refusal(409, 'OBJECT_ALREADY_EXISTS', `Property '${name}' already exists`)
  const isGroup = account.groups.has(groupName) || [...known.values()].some(one => one.groupName === groupName)
  if (!isGroup) throw invalid(`The property group ${groupName} does not exist`)
  const given = Array.isArray(body.options) ? body.options.filter(isJson) : []
  const options = given.map(option => ({ label: String(option.label), value: String(option.value) }))
  if (kind === 'enumeration' && options.length === 0) throw invalid('Properties of type enumeration must have options')
  const property: PropertyDefinition = {
    name, label, type: kind, fieldType, groupName, description: String(description), options, hubspotDefined: false,
    readOnly: false, createdAt: account.stamp()
  }
  known.set(name, property)
  return property
}

/** A group of properties that a program makes for its own. The same name twice is refused. */
export function createGroup (account: Account, body: Json): Json {
  const { name, label, displayOrder = -1 } = body
  if (typeof name !== 'string' || typeof label !== 'string') throw invalid('Invalid input JSON: name and label are required')
  if (account.groups.has(name)) throw new Refusal(409, 'OBJECT_ALREADY_EXISTS', `Property group '${name}' already exists`)
  account.groups.add(name)
  return { name, label, displayOrder, archived: false }
}

export function showProperty ({ readOnly, options, ...property }: PropertyDefinition): Json {
  return {
    updatedAt: property.createdAt, ...property,
    options: options.map((option, displayOrder) => ({ ...option, displayOrder, hidden: false })),
    displayOrder: -1, calculated: false, externalOptions: false, hasUniqueValue: false, hidden: false, formField: false,
    archived: false,
    modificationMetadata: { archivable: !property.hubspotDefined, readOnlyDefinition: false, readOnlyValue: readOnly }
  }
}

export function listOwners (account: Account, query: Json): Json {
  const limit = Number(query.limit ?? 100)
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw invalid('limit must be between 1 and 500')
  const all = [...account.owners.values()].filter(owner => query.email === undefined || owner.email === query.email)
  const from = query.after === undefined ? 0 : all.findIndex(owner => owner.id === query.after)
  if (from < 0) throw invalid(`The paging cursor ${String(query.after)} is not valid`)
  const next = all[from + limit]
  return {
    results: all.slice(from, from + limit).map(showOwner),
    ...(next === undefined
      ? {}
      : { paging: { next: { after: next.id, link: `https://api.hubapi.com/crm/v3/owners?after=${next.id}` } } })
  }
}

export function readOwner (account: Account, id: string, query: Json): Json {
  const owner = query.idProperty === 'userId'
    ? [...account.owners.values()].find(one => String(one.userId) === id)
    : account.owners.get(id)
  if (owner === undefined) throw new Refusal(404, 'OBJECT_NOT_FOUND', 'resource not found')
  return showOwner(owner)
}

function showOwner (owner: Owner): Json {
  return {
    id: owner.id, email: owner.email, type: 'PERSON', firstName: owner.firstName, lastName: owner.lastName,
    userId: owner.userId, userIdIncludingInactive: owner.userId, createdAt: owner.createdAt,
    updatedAt: owner.createdAt, archived: false, teams: []
  }
}
