// The calls that only read the account: contacts, companies, agents, groups, fields, surveys, ratings.
import type { FastifyInstance } from 'fastify'
import type { Contact, Desk } from './freshdesk-model.ts'
import { AREAS, BORN, PRIORITIES, SOURCES, STATUSES, SURVEY_ID, TICKET_TYPES } from './freshdesk-model.ts'
import {
  PAGE_KEYS, cutPage, idIn, instantIn, notFound, numberIn, oneOf, pagingOf, readQuery
} from './freshdesk-refusals.ts'
import type { Json } from './freshdesk-shapes.ts'
import { agentRow, agentView, companyView, contactRow, contactView, groupRow } from './freshdesk-shapes.ts'

const CONTACT_KEYS = [
  'email', 'mobile', 'phone', 'company_id', 'unique_external_id', 'state', 'updated_since', ...PAGE_KEYS
]

export function addPeopleReads (app: FastifyInstance, desk: Desk): void {
  app.get('/api/v2/contacts', (request, reply) => {
    const query = readQuery(request, CONTACT_KEYS)
    oneOf(query, 'state', ['verified', 'unverified', 'blocked', 'deleted'])
    const company = numberIn(query, 'company_id')
    const since = instantIn(query, 'updated_since') ?? ''
    const isAsked = (contact: Contact): boolean =>
      (company === undefined || contact.company_id === company) && contact.updated_at >= since &&
      query.mobile === undefined && query.phone === undefined &&
      (query.state === undefined || query.state === 'verified')
    const found = candidates(desk, query).filter(isAsked)
    return cutPage(desk, request, reply, found, pagingOf(query)).map(contactRow)
  })
  app.get('/api/v2/contacts/:id', request => {
    readQuery(request, [])
    return contactView(desk.contacts.get(idIn(request)) ?? fail())
  })
  app.get('/api/v2/companies', (request, reply) => {
    const query = readQuery(request, ['updated_since', ...PAGE_KEYS])
    const since = instantIn(query, 'updated_since') ?? ''
    const found = [...desk.companies.values()].filter(() => BORN >= since)
    return cutPage(desk, request, reply, found, pagingOf(query)).map(companyView)
  })
  app.get('/api/v2/companies/:id', request => {
    readQuery(request, [])
    return companyView(desk.companies.get(idIn(request)) ?? fail())
  })
  app.get('/api/v2/agents', (request, reply) => {
    const query = readQuery(request, ['email', 'mobile', 'phone', 'state', ...PAGE_KEYS])
    oneOf(query, 'state', ['fulltime', 'occasional'])
    const found = [...desk.agents.values()].filter(agent =>
      (query.email === undefined || agent.email === query.email) && query.state !== 'occasional' &&
      query.mobile === undefined && query.phone === undefined)
    return cutPage(desk, request, reply, found, pagingOf(query)).map(agentRow)
  })
  app.get('/api/v2/agents/me', request => {
    readQuery(request, [])
    return agentView(desk.self)
  })
  app.get('/api/v2/agents/:id', request => {
    readQuery(request, [])
    return agentView(desk.agents.get(idIn(request)) ?? fail())
  })
  app.get('/api/v2/groups', (request, reply) => {
    const paging = pagingOf(readQuery(request, PAGE_KEYS))
    return cutPage(desk, request, reply, [...desk.groups.values()], paging).map(groupRow)
  })
  app.get('/api/v2/groups/:id', request => {
    readQuery(request, [])
    return groupRow(desk.groups.get(idIn(request)) ?? fail())
  })
  app.get('/api/v2/ticket_fields', request => {
    const { type } = readQuery(request, ['type'])
    return ticketFields(desk).filter(field => type === undefined || field.type === type)
  })
  app.get('/api/v2/surveys', request => {
    const query = readQuery(request, ['state', ...PAGE_KEYS])
    oneOf(query, 'state', ['active'])
    return [survey()]
  })
  app.get('/api/v2/surveys/satisfaction_ratings', (request, reply) => {
    const query = readQuery(request, ['created_since', 'user_id', ...PAGE_KEYS])
    const since = instantIn(query, 'created_since') ?? ''
    const user = numberIn(query, 'user_id')
    const found = desk.ratings.filter(one => one.created_at >= since && (user === undefined || one.user_id === user))
    return cutPage(desk, request, reply, found.reverse(), pagingOf(query))
  })
}

function fail (): never {
  throw notFound()
}

function candidates (desk: Desk, query: Record<string, string>): Contact[] {
  if (query.email !== undefined) return listed(desk.contactKeys.get(query.email.toLowerCase()))
  if (query.unique_external_id !== undefined) return listed(desk.contactIds.get(query.unique_external_id))
  return [...desk.contacts.values()]
}

function listed (contact: Contact | undefined): Contact[] {
  return contact === undefined ? [] : [contact]
}

function survey (): Json {
  return {
    id: SURVEY_ID,
    title: 'How did we do',
    active: true,
    questions: [{ id: 'default_question', label: 'Was this solved for you?', accepted_ratings: [-103, 100, 103] }],
    created_at: BORN,
    updated_at: BORN
  }
}

/** The shape of `choices` depends on the type: https://developers.freshdesk.com/api/#ticket-fields */
function ticketFields (desk: Desk): Json[] {
  const flipped = (names: Readonly<Record<number, string>>): Json =>
    Object.fromEntries(Object.entries(names).map(([code, name]) => [name, Number(code)]))
  const byName = (rows: Iterable<{ id: number, name: string }>): Json =>
    Object.fromEntries([...rows].map(row => [row.name, row.id]))
  const fields: Array<[name: string, label: string, type: string, choices?: unknown]> = [
    ['status', 'Status', 'default_status', STATUSES],
    ['priority', 'Priority', 'default_priority', flipped(PRIORITIES)],
    ['source', 'Source', 'default_source', flipped(SOURCES)],
    ['ticket_type', 'Type', 'default_ticket_type', TICKET_TYPES],
    ['group', 'Group', 'default_group', byName(desk.groups.values())],
    ['agent', 'Agent', 'default_agent', byName(desk.agents.values())],
    ['cf_page_url', 'Page', 'custom_text'],
    ['cf_area', 'Area', 'custom_dropdown', AREAS],
    ['cf_deskloop', 'Deskloop', 'custom_text']
  ]
  return fields.map(([name, label, type, choices], i) => ({
    id: 61000000401 + i,
    name,
    label,
    description: '',
    position: i + 1,
    required_for_closure: false,
    required_for_agents: false,
    type,
    default: type.startsWith('default_'),
    customers_can_edit: false,
    label_for_customers: label,
    required_for_customers: false,
    displayed_to_customers: true,
    created_at: BORN,
    updated_at: BORN,
    ...(choices === undefined ? {} : { choices })
  }))
}
