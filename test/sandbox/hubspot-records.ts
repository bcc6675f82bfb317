// What a HubSpot account holds: objects whose properties are all texts, their definitions, owners and associations, and
// the bodies of its errors. https://developers.hubspot.com/docs/api-reference/error-handling
import { createHash } from 'node:crypto'
import type { Booth } from './booth.ts'

export type Json = Record<string, unknown>
export type ObjectType = 'contacts' | 'companies' | 'notes' | 'tasks'

export interface CrmObject {
  id: string, type: ObjectType, properties: Record<string, string | null>
  createdAt: string, updatedAt: string, archived: boolean
}
export interface PropertyDefinition {
  name: string, label: string, type: string, fieldType: string, groupName: string, description: string
  options: Array<{ label: string, value: string }>, hubspotDefined: boolean, readOnly: boolean, createdAt: string
}
export interface Owner {
  id: string, email: string, firstName: string, lastName: string, userId: number, createdAt: string
}

export interface Account {
  booth: Booth
  portalId: number
  objects: Record<ObjectType, Map<string, CrmObject>>
  emails: Map<string, string>                       // every address of a contact -> its id
  definitions: Record<ObjectType, Map<string, PropertyDefinition>>
  groups: Set<string>                               // groups of properties that a program made
  owners: Map<string, Owner>
  links: Map<string, Map<string, Set<number>>>      // `contacts/1/companies` -> the other's id -> kinds of association
  newId: (type: ObjectType | 'owners') => string
  correlationId: () => string
  stamp: () => string
}

/** A refusal as the vendor words it; `status` is of HTTP. */
export class Refusal extends Error {
  readonly status: number
  readonly category: string
  readonly more: Json
  constructor (status: number, category: string, message: string, more: Json = {}) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.category = category
    this.more = more
  }
}

const NAMES: Record<string, ObjectType> = {
  contacts: 'contacts', contact: 'contacts', '0-1': 'contacts', companies: 'companies', company: 'companies', '0-2': 'companies',
  notes: 'notes', note: 'notes', '0-46': 'notes', tasks: 'tasks', task: 'tasks', '0-27': 'tasks'
}
const SINGULAR: Record<ObjectType, string> = { contacts: 'contact', companies: 'company', notes: 'note', tasks: 'task' }
const FIRST_ID = {
  contacts: 220_100_000_000, companies: 32_500_000_000, notes: 85_200_000_000, tasks: 86_300_000_000,
  owners: 119_000_000
}
const BEGINNING = '2026-01-05T08:00:00.000Z'
const STAGES = ['subscriber', 'lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer', 'evangelist', 'other']

// name, type, readOnly: the properties an account has from the start that matter to us.
const DEFAULTS: Record<ObjectType, Array<[name: string, type?: string, readOnly?: boolean]>> = {
  contacts: [['email'], ['firstname'], ['lastname'], ['jobtitle'], ['phone'], ['company'], ['lifecyclestage', 'stage'],
    ['hs_lead_status'], ['hubspot_owner_id'], ['hs_additional_emails'], ['createdate', 'datetime', true],
    ['lastmodifieddate', 'datetime', true], ['hs_object_id', 'number', true]],
  companies: [['name'], ['domain'], ['industry'], ['annualrevenue', 'number'], ['numberofemployees', 'number'],
    ['lifecyclestage', 'stage'], ['hs_lead_status'], ['hubspot_owner_id'], ['createdate', 'datetime', true],
    ['hs_lastmodifieddate', 'datetime', true], ['hs_object_id', 'number', true]],
  notes: [['hs_timestamp', 'datetime'], ['hs_note_body'], ['hubspot_owner_id'], ['hs_createdate', 'datetime', true],
    ['hs_lastmodifieddate', 'datetime', true], ['hs_object_id', 'number', true]],
  tasks: [['hs_timestamp', 'datetime'], ['hs_task_subject'], ['hs_task_body'], ['hs_task_status', 'status'],
    ['hs_task_priority', 'priority'], ['hs_task_type', 'kind'], ['hs_task_reminders'], ['hubspot_owner_id'],
    ['hs_task_is_completed', 'bool', true], ['hs_createdate', 'datetime', true], ['hs_lastmodifieddate', 'datetime', true],
    ['hs_object_id', 'number', true]]
}
const CHOICES: Record<string, string[]> = {
  stage: STAGES, status: ['NOT_STARTED', 'IN_PROGRESS', 'WAITING', 'COMPLETED', 'DEFERRED'],
  priority: ['NONE', 'LOW', 'MEDIUM', 'HIGH'], kind: ['TODO', 'CALL', 'EMAIL']
}

export function makeAccount (booth: Booth): Account {
  const counts: Record<string, number> = {}
  let correlated = 0
  let second = ''
  let tick = 0
  return {
    booth,
    portalId: 44_710_233,
    objects: { contacts: new Map(), companies: new Map(), notes: new Map(), tasks: new Map() },
    emails: new Map(),
    definitions: {
      contacts: defaultsOf('contacts'), companies: defaultsOf('companies'), notes: defaultsOf('notes'),
      tasks: defaultsOf('tasks')
    },
    groups: new Set(),
    owners: new Map(),
    links: new Map(),
    newId (type) {
      const count = counts[type] = (counts[type] ?? 0) + 1
      return String(FIRST_ID[type] + count * 7_919)
    },
    correlationId () {
      const hex = createHash('sha256').update(`hubspot ${++correlated}`).digest('hex')
      return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
    },
    stamp () {
      const now = booth.now()
      tick = now === second ? Math.min(tick + 1, 999) : 0
      second = now
      return new Date(Date.parse(now) + tick).toISOString()
    }
  }
}

function defaultsOf (type: ObjectType): Map<string, PropertyDefinition> {
  return new Map(DEFAULTS[type].map(([name, kind = 'string', readOnly = false]) => {
    const choices = CHOICES[kind] ?? []
    return [name, {
      name, label: name.replace(/^hs_/, '').replaceAll('_', ' '), type: choices.length > 0 ? 'enumeration' : kind,
      fieldType: choices.length > 0 ? 'select' : 'text', groupName: `${SINGULAR[type]}information`, description: '',
      options: choices.map(value => ({ label: value, value })), hubspotDefined: true, readOnly, createdAt: BEGINNING
    }]
  }))
}

export function typeOf (name: string): ObjectType {
  const type = NAMES[name]
  if (type === undefined) throw new Refusal(400, 'VALIDATION_ERROR', `Unable to infer object type from: ${name}`)
  return type
}

export function singular (type: ObjectType): string {
  return SINGULAR[type]
}

export function getObject (account: Account, type: ObjectType, id: string, archived = false): CrmObject {
  const object = account.objects[type].get(id)
  if (object === undefined || object.archived !== archived) throw new Refusal(404, 'OBJECT_NOT_FOUND', 'resource not found')
  return object
}

/** Adds an object; the journal tells it when a program or a person wrote it. */
export function addObject (account: Account, type: ObjectType, properties: Record<string, string | null>): CrmObject {
  const id = account.newId(type)
  const at = account.stamp()
  const [created, modified] = type === 'contacts'
    ? ['createdate', 'lastmodifieddate']
    : [type === 'companies' ? 'createdate' : 'hs_createdate', 'hs_lastmodifieddate']
  const own = { hs_object_id: id, [created]: at, [modified]: at }
  const done = type === 'tasks' ? { hs_task_is_completed: String(properties.hs_task_status === 'COMPLETED') } : {}
  const all = { ...properties, ...done, ...own }
  const object: CrmObject = { id, type, properties: all, createdAt: at, updatedAt: at, archived: false }
  account.objects[type].set(id, object)
  indexEmails(account, object)
  return object
}

export function changeObject (account: Account, object: CrmObject, properties: Record<string, string | null>): void {
  object.updatedAt = account.stamp()
  const modified = object.type === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate'
  Object.assign(object.properties, properties, { [modified]: object.updatedAt })
  indexEmails(account, object)
}

/** Every address of a contact leads to it, the secondary ones too. */
export function emailsOf (object: CrmObject): string[] {
  const all = `${object.properties.email ?? ''};${object.properties.hs_additional_emails ?? ''}`
  return all.toLowerCase().split(';').map(email => email.trim()).filter(email => email !== '')
}

function indexEmails (account: Account, object: CrmObject): void {
  if (object.type === 'contacts') for (const email of emailsOf(object)) account.emails.set(email, object.id)
}

export function addOwner (account: Account, owner: { email: string, firstName: string, lastName: string }): string {
  const id = account.newId('owners')
  account.owners.set(id, { id, ...owner, userId: Number(id) - 50_000_000, createdAt: account.stamp() })
  return id
}

// Kinds of association, from and back: https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide
const KINDS: Record<string, [there: number, back: number]> = {
  'contacts/companies': [279, 280], 'notes/companies': [190, 189], 'notes/contacts': [202, 201],
  'tasks/companies': [192, 191], 'tasks/contacts': [204, 203]
}
export const PRIMARY = { contact: 1, company: 2 }

/** The plain kind of association between two types of objects, or undefined when there is none. */
export function kindOf (from: ObjectType, to: ObjectType): number | undefined {
  return KINDS[`${from}/${to}`]?.[0] ?? KINDS[`${to}/${from}`]?.[1]
}

export function link (account: Account, from: CrmObject, to: CrmObject, primary = false): void {
  const [there, back] = [kindOf(from.type, to.type), kindOf(to.type, from.type)]
  if (there === undefined || back === undefined) return
  linkOneWay(account, from, to, primary ? [there, PRIMARY.contact] : [there])
  linkOneWay(account, to, from, primary ? [back, PRIMARY.company] : [back])
}

function linkOneWay (account: Account, from: CrmObject, to: CrmObject, kinds: number[]): void {
  const key = `${from.type}/${from.id}/${to.type}`
  const row = account.links.get(key) ?? new Map<string, Set<number>>()
  row.set(to.id, new Set([...row.get(to.id) ?? [], ...kinds]))
  account.links.set(key, row)
}

export interface Link { id: string, kinds: number[] }

export function linksOf (account: Account, from: ObjectType, id: string, to: ObjectType): Link[] {
  return [...account.links.get(`${from}/${id}/${to}`) ?? []].map(([other, kinds]) => ({ id: other, kinds: [...kinds] }))
}

export function isJson (value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function invalid (message: string, more: Json = {}): Refusal {
  return new Refusal(400, 'VALIDATION_ERROR', message, more)
}
