// What the pretend Zendesk remembers: people, groups, tickets with their comments and audits, and the two orders in
// which lists are read (by change and by creation), kept sorted only when somebody reads them.
import type { Trigger } from './zendesk-triggers.ts'
import type { Booth } from './booth.ts'
import type { Instant, Person } from './types.ts'

export type Role = 'end-user' | 'agent' | 'admin'
export type Status = 'new' | 'open' | 'pending' | 'hold' | 'solved' | 'closed'
export type FieldValue = string | number | boolean | string[] | null

export interface User {
  id: number, name: string, email: string, role: Role, organizationId: number | null, createdAt: Instant
  suspended: boolean
}
export interface Group { id: number, name: string, createdAt: Instant, isDefault: boolean }
export interface Organization { id: number, name: string, domain: string, createdAt: Instant }

/** What an update may change; named as the vendor names it, so that audits and answers need no dictionary. */
export interface Values {
  subject: string, status: Status, custom_status_id: number, priority: string | null, type: string | null
  assignee_id: number | null, group_id: number | null, requester_id: number, external_id: string | null, tags: string[]
}

export interface Comment {
  id: number, auditId: number, authorId: number, html: string, body: string, plain: string, public: boolean
  createdAt: Instant, via: Via, metadata: Metadata
}
export interface Via { channel: string, source: { from: object, to: object, rel: string | null } }
export interface Metadata { system: object, custom: object }
export interface AuditEvent { id: number, type: string, [name: string]: unknown }
export interface Audit {
  id: number, ticketId: number, createdAt: Instant, authorId: number, via: Via, metadata: Metadata, events: AuditEvent[]
}
export interface Rating { id: number, score: 'good' | 'bad', comment: string | null, createdAt: Instant, updatedAt: Instant }

export interface Ticket {
  id: number, values: Values, fields: Map<number, FieldValue>, description: string, submitterId: number
  organizationId: number | null, via: Via, createdAt: Instant, updatedAt: Instant
  stamp: number                                     // generated_timestamp: unix seconds of the last change of any kind
  comments: Comment[], audits: Audit[], rating: Rating | null
  deleted: { at: Instant, by: User, previous: Status } | null
}

export interface State {
  booth: Booth
  url: string                                       // origin
  subdomain: string
  users: Map<number, User>, groups: Map<number, Group>, organizations: Map<number, Organization>
  tickets: Map<number, Ticket>
  commentHome: Map<number, Ticket>                  // comment id -> its ticket
  rated: Ticket[], removed: Ticket[]
  triggers: Map<number, Trigger>
  self: User, desk: User, bot: User, home: Group
  nextId (): number
  findUserByEmail (email: string): User | undefined
  makePerson (person: Person, at: Instant): User
  makeAgent (agentId: string, at: Instant): User
  makeGroup (name: string, at: Instant): Group
  addTicket (ticket: Ticket): void
  addAudit (audit: Audit): void
  touch (ticket: Ticket, at: Instant): void
  nextTicketId (): number
  changed (): readonly Ticket[]                     // by (stamp, id)
  created (): readonly Ticket[]                     // by (createdAt, id)
  audits (): readonly Audit[]                       // by (createdAt, id)
}

export const STATUS_IDS: Readonly<Record<Status, number>> = {
  new: 41500000000001, open: 41500000000002, pending: 41500000000003, hold: 41500000000004, solved: 41500000000005,
  closed: 41500000000005
}
export const PAGE_FIELD = 41600000000001
export const ORDER_FIELD = 41600000000002
export const AREA_FIELD = 41600000000003
export const AREAS = ['area_billing', 'area_shipping', 'area_account'] as const

const AGENT_NAMES = ['Ines Marlow', 'Petro Vance', 'Salma Idris', 'Joost Akerman', 'Rosa Tindall', 'Kofi Lund', 'Hedda Brandt',
  'Milo Serrano', 'Yuna Park', 'Aldo Ferris']

export function unix (at: Instant): number {
  return Math.floor(Date.parse(at) / 1000)
}

export function makeState (booth: Booth, url: string, subdomain: string, ownEmail: string): State {
  const users = new Map<number, User>()
  const byEmail = new Map<string, User>()
  const agents = new Map<string, User>()
  const groups = new Map<number, Group>()
  const groupByName = new Map<string, Group>()
  const organizations = new Map<number, Organization>()
  const byDomain = new Map<string, Organization>()
  const tickets = new Map<number, Ticket>()
  const commentHome = new Map<number, Ticket>()
  const byChange = makeOrder<Ticket>(ticket => ticket.stamp, ticket => ticket.id)
  const byCreation = makeOrder<Ticket>(ticket => unix(ticket.createdAt), ticket => ticket.id)
  const byAudit = makeOrder<Audit>(audit => unix(audit.createdAt), audit => audit.id)
  const began = '2025-01-06T08:00:00Z'
  let lastId = 44_000_000_000_000
  let lastTicket = 1000

  const addUser = (name: string, email: string, role: Role, createdAt: Instant): User => {
    const organizationId = role === 'end-user' ? organizationOf(email, createdAt) : null
    const user = { id: 41_100_000_000_001 + users.size, name, email, role, organizationId, suspended: false, createdAt }
    users.set(user.id, user)
    byEmail.set(email.toLowerCase(), user)
    return user
  }
  const organizationOf = (email: string, createdAt: Instant): number | null => {
    const domain = email.split('@')[1]?.toLowerCase()
    if (domain === undefined || domain === '') return null
    const known = byDomain.get(domain)
    if (known !== undefined) return known.id
    const made = { id: 41_300_000_000_001 + organizations.size, name: domain.split('.')[0] ?? domain, domain, createdAt }
    organizations.set(made.id, made)
    byDomain.set(domain, made)
    return made.id
  }
  const makeGroup = (name: string, at: Instant): Group => {
    const known = groupByName.get(name) ?? groups.get(Number(name))
    if (known !== undefined) return known
    const made = { id: 41_200_000_000_001 + groups.size, name, createdAt: at, isDefault: groups.size === 0 }
    groups.set(made.id, made)
    groupByName.set(name, made)
    return made
  }
  const home = makeGroup('Support', began)
  const self = addUser('Deskloop', ownEmail, 'admin', began)
  const desk = addUser('Duty Desk', `duty@${subdomain}.example`, 'admin', began)
  const bot = addUser('Answer Bot', `bot@${subdomain}.example`, 'agent', began)

  return {
    booth, url, subdomain, users, groups, organizations, tickets, commentHome, self, desk, bot, home,
    rated: [],
    removed: [],
    triggers: new Map(),
    nextId: () => ++lastId,
    nextTicketId: () => ++lastTicket,
    findUserByEmail: email => byEmail.get(email.toLowerCase()),
    makePerson (person, at) {
      const email = person.email === '' ? `${person.id}@unknown.example` : person.email
      return byEmail.get(email.toLowerCase()) ?? addUser(person.name, email, 'end-user', at)
    },
    makeAgent (agentId, at) {
      const known = agents.get(agentId) ?? users.get(Number(agentId))
      if (known !== undefined && known.role !== 'end-user') return known
      const number = agents.size
      const name = AGENT_NAMES[number % AGENT_NAMES.length] ?? 'Agent'
      const made = addUser(name, `agent.${number + 1}@${subdomain}.example`, 'agent', at)
      agents.set(agentId, made)
      return made
    },
    makeGroup,
    addTicket (ticket) {
      tickets.set(ticket.id, ticket)
      byCreation.add(ticket)
    },
    addAudit: audit => byAudit.add(audit),
    touch (ticket, at) {
      if (at > ticket.updatedAt) ticket.updatedAt = at
      ticket.stamp = Math.max(ticket.stamp, unix(at))
      byChange.add(ticket)
    },
    changed: byChange.read,
    created: byCreation.read,
    audits: byAudit.read
  }
}

/** A list sorted by (time, id). Adding is cheap; a thing added again counts once, at its newest place. */
function makeOrder<T extends object> (timeOf: (item: T) => number, idOf: (item: T) => number): {
  add: (item: T) => void, read: () => readonly T[]
} {
  let items: T[] = []
  const fresh = new Set<T>()
  return {
    add: item => { fresh.add(item) },
    read () {
      if (fresh.size === 0) return items
      items = items.filter(item => !fresh.has(item)).concat([...fresh])
        .sort((a, b) => timeOf(a) - timeOf(b) || idOf(a) - idOf(b))
      fresh.clear()
      return items
    }
  }
}

/** The first place in a sorted list whose item is not before what is looked for. */
export function lowerBound<T> (items: readonly T[], isBefore: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    const item = items[middle]
    if (item !== undefined && isBefore(item)) low = middle + 1
    else high = middle
  }
  return low
}
