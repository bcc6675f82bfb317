// What can happen to a conversation of the pretend intercom, and what it does to state and statistics.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations
import { touch } from './intercom-world.ts'
import type { Attachment, Author, Contact, Conversation, Part, Ref, State, Tag, World } from './intercom-model.ts'

export const REDACTED = '<p><i>This message was deleted</i></p>'

export interface NewPart {
  at: number
  createdAt?: number                                // a program may date its part back
  type: string
  author: Author
  body?: string | null
  assignedTo?: Ref
  attachments?: Attachment[]
  state?: State                                     // the state from now on; default: as it was
  byApi?: boolean
}

export function addPart (world: World, conversation: Conversation, o: NewPart): Part {
  conversation.state = o.state ?? conversation.state
  const created = o.createdAt ?? o.at
  const part: Part = {
    id: String(38010000000 + world.next('part')),
    part_type: o.type,
    body: o.body ?? null,
    created_at: created,
    updated_at: created,
    assigned_to: o.assignedTo ?? null,
    author: o.author,
    attachments: o.attachments ?? [],
    redacted: false,
    state: conversation.state,
    tags: [],
    app_package_code: o.byApi === true ? world.appCode : null
  }
  conversation.parts.push(part)
  conversation.statistics.count_conversation_parts++
  if (o.author.type === 'admin' && !conversation.teammateIds.includes(o.author.id)) {
    conversation.teammateIds.push(o.author.id)
  }
  touch(world, conversation, o.at)
  return part
}

/** The contact has written: he waits from now on, and a closed conversation is open again. */
export function noteQuestion (conversation: Conversation, contact: Contact, at: number): void {
  const s = conversation.statistics
  s.last_contact_reply_at = at
  conversation.waiting_since ??= at
  conversation.snoozed_until = null
  conversation.read = false
  contact.last_replied_at = Math.max(contact.last_replied_at, at)
}

/** A teammate has answered in public. */
export function noteAnswer (conversation: Conversation, at: number): void {
  const s = conversation.statistics
  if (conversation.waiting_since !== null) {
    conversation.replyTimes.push(Math.max(0, at - conversation.waiting_since))
    s.median_time_to_reply = median(conversation.replyTimes)
  }
  s.first_admin_reply_at ??= at
  s.time_to_admin_reply ??= at - conversation.created_at
  s.last_admin_reply_at = at
  if (s.last_assignment_at !== null) s.last_assignment_admin_reply_at = at
  conversation.waiting_since = null
  conversation.read = true
}

export function noteAssignment (conversation: Conversation, to: Ref, at: number): void {
  if (to.type === 'admin') conversation.adminId = to.id
  if (to.type === 'team') conversation.teamId = to.id
  if (to.type === 'nobody_admin') { conversation.adminId = null; conversation.teamId = null; return }
  const s = conversation.statistics
  s.first_assignment_at ??= at
  s.time_to_assignment ??= at - conversation.created_at
  s.last_assignment_at = at
  s.count_assignments++
}

export function noteClose (conversation: Conversation, by: string, at: number): void {
  const s = conversation.statistics
  s.first_close_at ??= at
  s.time_to_first_close ??= at - conversation.created_at
  s.last_close_at = at
  s.time_to_last_close = at - conversation.created_at
  s.last_closed_by_id = by
  conversation.waiting_since = null
  conversation.snoozed_until = null
}

export function noteReopen (conversation: Conversation): void {
  conversation.statistics.count_reopens++
  conversation.snoozed_until = null
}

/** False when the conversation has the tag already: then nothing happens at the vendor either. */
export function addTag (world: World, conversation: Conversation, tag: Tag, by: string, at: number): boolean {
  if (conversation.tags.some(known => known.id === tag.id)) return false
  conversation.tags.push({ ...tag, applied_at: at, applied_by: by })
  touch(world, conversation, at)
  return true
}

/** Replaces the text of a part, or of the opening message, for good. */
export function redact (
  world: World, conversation: Conversation, messageId: string, at: number
): Part | 'source' | null {
  if (messageId === conversation.source.id) {
    conversation.source.body = REDACTED
    conversation.source.redacted = true
    touch(world, conversation, at)
    return 'source'
  }
  const part = conversation.parts.find(known => known.id === messageId)
  if (part === undefined || part.body === null) return null
  part.body = REDACTED
  part.redacted = true
  part.updated_at = Math.max(part.updated_at, at)
  part.attachments = []
  touch(world, conversation, at)
  return part
}

function median (values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : Math.round(((sorted[middle - 1] ?? upper) + upper) / 2)
}
