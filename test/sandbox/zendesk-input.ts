// What a program may send to change a ticket of the pretend Zendesk, checked as strictly as the vendor does. Unknown
// properties are ignored without a word, as there; known ones that the sandbox does not act on are refused with 501.
import { booleanOf, integerOf, isObject, stringOf } from './zendesk-route.ts'
import { invalidAttribute, invalidRecord, Refusal } from './zendesk-answers.ts'
import { AREA_FIELD, AREAS, ORDER_FIELD, PAGE_FIELD, STATUS_IDS } from './zendesk-state.ts'
import type { FieldValue, State, Status, Ticket, User, Values } from './zendesk-state.ts'
import { fieldTitle } from './zendesk-shapes.ts'
import { writtenAsHtml, writtenAsText } from './zendesk-text.ts'
import type { Edit } from './zendesk-update.ts'
import { makeRandom } from './random.ts'
import type { Faults } from './types.ts'

const PRIORITIES = ['urgent', 'high', 'normal', 'low']
const TYPES = ['problem', 'incident', 'question', 'task']
const MOST_CHARACTERS = 65_535
// https://support.zendesk.com/hc/en-us/articles/4418443326106 tells that the interface ignores what it does not know.
const NOT_HERE = ['due_at', 'email_ccs', 'followers', 'collaborator_ids', 'additional_collaborators', 'problem_id', 'organization_id',
  'sharing_agreement_ids', 'attribute_value_ids', 'assignee_email', 'custom_status_id', 'ticket_form_id', 'brand_id', 'macro_ids']

/** Draws whether a note loses its privacy: faults.publicNotes of them do. */
export function makeLeak (faults: () => Faults): () => boolean {
  let random = makeRandom(1)
  let seed: number | null = null
  return () => {
    const { publicNotes, seed: wanted } = faults()
    if (wanted !== seed) { random = makeRandom(wanted); seed = wanted }
    return publicNotes > 0 && random() < publicNotes
  }
}

export function readComment (state: State, ticket: Ticket, input: unknown, user: User, place: string): Edit['comment'] {
  if (input === undefined) return undefined
  if (!isObject(input)) throw invalidAttribute('ticket.comment', 'must be an object', place)
  if (Array.isArray(input.uploads) && input.uploads.length > 0) throw notHere('comment.uploads')
  const text = input.body === undefined ? '' : stringOf(input.body, 'ticket.comment.body', place)
  const html = input.html_body === undefined ? '' : stringOf(input.html_body, 'ticket.comment.html_body', place)
  if (text !== '' && html !== '') throw invalidRecord('comment', 'Comment: provide either body or html_body, not both')
  const written = html === '' ? writtenAsText(text) : writtenAsHtml(html)
  if (written.plain.trim() === '') throw invalidRecord('comment', 'Comment: cannot be blank', 'BlankValue')
  if (written.body.length > MOST_CHARACTERS || html.length > MOST_CHARACTERS) {
    throw invalidRecord('comment', `Comment: is too long (maximum is ${MOST_CHARACTERS} characters)`, 'TooLong')
  }
  // Absent, it follows the first comment of the ticket: a note without it becomes a message to the customer.
  const isPublic = input.public === undefined || input.public === null
    ? ticket.comments[0]?.public ?? true
    : booleanOf(input.public, 'ticket.comment.public', place)
  const author = input.author_id === undefined ? user : state.users.get(integerOf(input.author_id, 'ticket.comment.author_id', place))
  if (author === undefined) throw invalidRecord('author', 'Author: is invalid')
  if (!isPublic && author.role === 'end-user') throw invalidRecord('author', 'Author: cannot add a private comment')
  return { written, author, public: isPublic, kind: isPublic ? 'message' : 'note' }
}

export function readTicketChange (state: State, ticket: Ticket, input: Record<string, unknown>, place: string): Pick<Edit, 'set' | 'fields'> {
  const missing = NOT_HERE.find(name => input[name] !== undefined)
  if (missing !== undefined) throw notHere(missing)
  const set: Partial<Values> = {}
  if (input.subject !== undefined) set.subject = stringOf(input.subject, 'ticket.subject', place)
  if (input.external_id !== undefined) set.external_id = input.external_id === null ? null : String(input.external_id)
  if (input.priority !== undefined) set.priority = oneOf(input.priority, PRIORITIES, 'priority')
  if (input.type !== undefined) set.type = oneOf(input.type, TYPES, 'type')
  if (input.tags !== undefined) set.tags = splitTags(input.tags, place)
  if (input.requester_id !== undefined) set.requester_id = personOf(state, input.requester_id, 'requester', place).id
  if (input.group_id !== undefined) set.group_id = groupOf(state, input.group_id, place)
  if (input.assignee_id !== undefined) {
    set.assignee_id = input.assignee_id === null ? null : personOf(state, input.assignee_id, 'assignee', place).id
  }
  const assignee = set.assignee_id === undefined ? ticket.values.assignee_id : set.assignee_id
  if (input.status !== undefined) set.status = statusOf(ticket, input.status, assignee)
  const fields = readFields(input.custom_fields, place)
  const area = fields.get(AREA_FIELD)
  if (area !== undefined) {
    // The option of a drop-down is also a tag: the chosen one comes, the others go.
    const others = (set.tags ?? ticket.values.tags).filter(tag => !AREAS.some(option => option === tag))
    set.tags = typeof area === 'string' ? [...others, area] : others
  }
  return { set, fields }
}

/** Tags are in lower case, and a blank or comma ends one. */
export function splitTags (value: unknown, place: string): string[] {
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list)) throw invalidAttribute('tags', 'must be an array', place)
  return [...new Set(list.flatMap(tag => stringOf(tag, 'tags', place).toLowerCase().split(/[\s,]+/)).filter(tag => tag !== ''))]
}

function readFields (input: unknown, place: string): Map<number, FieldValue> {
  const fields = new Map<number, FieldValue>()
  if (input === undefined) return fields
  if (!Array.isArray(input)) throw invalidAttribute('ticket.custom_fields', 'must be an array', place)
  for (const item of input) {
    if (!isObject(item)) throw invalidAttribute('ticket.custom_fields', 'must be an object', place)
    const id = integerOf(item.id, 'ticket.custom_fields.id', place)
    if (![PAGE_FIELD, ORDER_FIELD, AREA_FIELD].includes(id)) continue
    const value = item.value === '' || item.value === undefined ? null : item.value
    const isText = value === null || typeof value === 'string' || typeof value === 'number'
    const isOption = value === null || AREAS.some(option => option === value)
    if (!isText || (id === AREA_FIELD && !isOption)) throw invalidRecord('base', `${fieldTitle(id)}: is invalid`)
    fields.set(id, value === null ? null : String(value))
  }
  return fields
}

function statusOf (ticket: Ticket, value: unknown, assignee: number | null): Status {
  const status = Object.keys(STATUS_IDS).find((one): one is Status => one === value)
  if (status === undefined) throw invalidRecord('status', 'Status: is not valid')
  if (status === 'new' && ticket.values.status !== 'new') throw invalidRecord('status', 'Status: cannot go back to new')
  if ((status === 'solved' || status === 'closed') && assignee === null) {
    throw invalidRecord('base', 'Assignee: is required when solving a ticket', 'BlankValue')
  }
  return status
}

function oneOf (value: unknown, options: string[], name: string): string | null {
  if (value === null) return null
  const found = options.find(option => option === value)
  if (found === undefined) throw invalidRecord(name, `${name.charAt(0).toUpperCase()}${name.slice(1)}: ${String(value)} is not valid`)
  return found
}

function personOf (state: State, value: unknown, name: 'assignee' | 'requester', place: string): User {
  const user = state.users.get(integerOf(value, `ticket.${name}_id`, place))
  const title = name === 'assignee' ? 'Assignee' : 'Requester'
  if (user === undefined || (name === 'assignee' && user.role === 'end-user')) throw invalidRecord(name, `${title}: is invalid`)
  return user
}

function groupOf (state: State, value: unknown, place: string): number | null {
  if (value === null) return null
  const group = state.groups.get(integerOf(value, 'ticket.group_id', place))
  if (group === undefined) throw invalidRecord('group', 'Group: is invalid')
  return group.id
}

function notHere (name: string): Refusal {
  return new Refusal(501, { error: 'sandbox', description: `the pretend Zendesk does not act on ${name}` })
}
