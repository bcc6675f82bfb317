// What the pretend intercom remembers: one workspace with its people, tags and conversations.
// Every id comes from a counter, so the same calls make the same workspace again.
import { toHtml } from './intercom-text.ts'
import type {
  Admin, Author, Contact, Conversation, PayloadVersion, Statistics, Tag, Team, World
} from './intercom-model.ts'
import type { Person } from './types.ts'

export function makeWorld (payloadVersion: PayloadVersion): World {
  const counts = new Map<string, number>()
  const appId = 'q7vx2k9d'
  const self: Admin = {
    id: '7190999', name: 'Deskloop Assistant', email: 'assistant@fernhollow.example', teamIds: []
  }
  return {
    appId,
    appCode: 'deskloop-fernhollow',
    payloadVersion,
    self,
    bot: {
      id: '7190001', type: 'bot', name: 'Fin', email: `operator+${appId}@intercom.io`,
      from_ai_agent: true, is_ai_answer: true
    },
    admins: new Map([[self.id, self]]),
    agents: new Map([[self.id, self]]),
    teams: new Map(),
    teamNames: new Map(),
    tags: new Map(),
    tagNames: new Map(),
    contacts: new Map(),
    contactKeys: new Map(),
    companies: new Map(),
    conversations: new Map(),
    byCreated: [],
    byUpdated: [],
    deleted: [],
    attributeNames: new Set(['Has attachments', 'Auto-translated', 'Copilot used']),
    articles: new Map(),
    macros: new Map(),
    events: new Map(),
    next (kind) {
      const count = (counts.get(kind) ?? 0) + 1
      counts.set(kind, count)
      return count
    }
  }
}

/** An agent by the caller's name for him or by the vendor's id; made on first use. */
export function getAdmin (world: World, agentId: string): Admin {
  const known = world.agents.get(agentId) ?? world.admins.get(agentId)
  if (known !== undefined) return known
  const id = String(7190100 + world.next('admin'))
  const email = `agent-${id}@fernhollow.example`
  const admin: Admin = { id, name: agentId, email, teamIds: [] }
  world.admins.set(id, admin)
  world.agents.set(agentId, admin)
  return admin
}

export function getTeam (world: World, name: string): Team {
  const known = world.teamNames.get(name) ?? world.teams.get(name)
  if (known !== undefined) return known
  const team = { id: String(9790000 + world.next('team')), name }
  world.teams.set(team.id, team)
  world.teamNames.set(name, team)
  return team
}

export function getTag (world: World, name: string): Tag {
  const known = world.tagNames.get(name.toLowerCase())
  if (known !== undefined) return known
  const tag = { id: String(9100000 + world.next('tag')), name }
  world.tags.set(tag.id, tag)
  world.tagNames.set(name.toLowerCase(), tag)
  return tag
}

export function getContact (world: World, person: Person, at: number): Contact {
  const known = world.contactKeys.get(`id:${person.id}`)
  if (known !== undefined) return known
  const id = '6a0d' + world.next('contact').toString(16).padStart(20, '0')
  const contact: Contact = {
    id, externalId: person.id, name: person.name, email: person.email, created_at: at, updated_at: at,
    last_replied_at: at, companyIds: [], conversationIds: [], mergedInto: null
  }
  world.contacts.set(id, contact)
  world.contactKeys.set(`id:${person.id}`, contact)
  world.contactKeys.set(`email:${person.email.toLowerCase()}`, contact)
  return contact
}

export function authorOfAdmin (admin: Admin): Author {
  return {
    id: admin.id, type: 'admin', name: admin.name, email: admin.email,
    from_ai_agent: false, is_ai_answer: false
  }
}

export function authorOfContact (contact: Contact): Author {
  return {
    id: contact.id, type: 'user', name: contact.name, email: contact.email,
    from_ai_agent: false, is_ai_answer: false
  }
}

export interface Opening {
  at: number, subject: string, text: string, person: Person, tags: string[]
  page: string | null, email: boolean
}

export function makeConversation (world: World, o: Opening): Conversation {
  const contact = getContact(world, o.person, o.at)
  const ordinal = world.next('conversation')
  const conversation: Conversation = {
    ordinal,
    id: String(215473000100000 + ordinal),
    created_at: o.at,
    updated_at: o.at,
    waiting_since: o.at,
    snoozed_until: null,
    source: {
      type: o.email ? 'email' : 'conversation',
      id: String(3390500000 + ordinal),
      subject: o.email ? toHtml(o.subject) : '',    // a chat has no subject; what it is about is its title
      body: toHtml(o.text),
      author: authorOfContact(contact),
      url: o.email ? null : o.page,
      redacted: false
    },
    contactId: contact.id,
    adminId: null,
    teamId: null,
    state: 'open',
    read: false,
    priority: 'none',
    tags: [],
    rating: null,
    teammateIds: [],
    title: o.email ? '' : o.subject,
    attributes: { 'Has attachments': false, 'Auto-translated': false, 'Copilot used': false },
    statistics: emptyStatistics(o.at),
    replyTimes: [],
    parts: [],
    ticket: null,
    answeredByAi: null,
    mergedInto: null
  }
  for (const name of o.tags) {
    conversation.tags.push({ ...getTag(world, name), applied_at: o.at, applied_by: world.bot.id })
  }
  contact.conversationIds.push(conversation.id)
  contact.last_replied_at = Math.max(contact.last_replied_at, o.at)
  world.conversations.set(conversation.id, conversation)
  insert(world.byCreated, 'created_at', conversation)
  insert(world.byUpdated, 'updated_at', conversation)
  return conversation
}

/** Moves a conversation to its new place among the latest changes. Time never goes backwards there. */
export function touch (world: World, conversation: Conversation, at: number): void {
  if (at <= conversation.updated_at) return
  take(world.byUpdated, 'updated_at', conversation)
  conversation.updated_at = at
  insert(world.byUpdated, 'updated_at', conversation)
}

export function dropConversation (world: World, conversation: Conversation, at: number): void {
  take(world.byCreated, 'created_at', conversation)
  take(world.byUpdated, 'updated_at', conversation)
  world.conversations.delete(conversation.id)
  world.deleted.push({ id: conversation.id, deleted_at: at })
}

type Key = 'created_at' | 'updated_at'

/** Where a row of this time and ordinal stands, or would stand, in rows that are ordered by `key`. */
export function place (rows: Conversation[], key: Key, at: number, ordinal: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const row = rows[middle]
    if (row === undefined) break
    if (row[key] < at || (row[key] === at && row.ordinal < ordinal)) low = middle + 1
    else high = middle
  }
  return low
}

function insert (rows: Conversation[], key: Key, row: Conversation): void {
  rows.splice(place(rows, key, row[key], row.ordinal), 0, row)
}

function take (rows: Conversation[], key: Key, row: Conversation): void {
  const at = place(rows, key, row[key], row.ordinal)
  if (rows[at] === row) rows.splice(at, 1)
}

function emptyStatistics (at: number): Statistics {
  return {
    time_to_assignment: null, time_to_admin_reply: null, time_to_first_close: null,
    time_to_last_close: null, median_time_to_reply: null, first_contact_reply_at: at,
    first_assignment_at: null, first_admin_reply_at: null, first_close_at: null,
    last_assignment_at: null, last_assignment_admin_reply_at: null, last_contact_reply_at: at,
    last_admin_reply_at: null, last_close_at: null, last_closed_by_id: null,
    count_reopens: 0, count_assignments: 0, count_conversation_parts: 1
  }
}
