// The calls that write conversations: notes (private unless told otherwise), replies (mail to the
// customer), edits and removals of notes. https://developers.freshdesk.com/api/#add_note_to_a_ticket
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { makeRandom } from './random.ts'
import type { Conversation, Desk, Ticket } from './freshdesk-model.ts'
import { addMessage, apiActor } from './freshdesk-changes.ts'
import { editNote, removeNote } from './freshdesk-edits.ts'
import type { Fields, Shape } from './freshdesk-refusals.ts'
import { idIn, invalid, isRecord, isText, notFound, readBody, wrongValue, wrongVerb } from './freshdesk-refusals.ts'
import { conversationView, noteView, replyView } from './freshdesk-shapes.ts'
import { openDoor, sendReply } from './freshdesk-writes.ts'

const NOTE: Shape = {
  body: { kind: 'String' },
  structured_body: { kind: 'Object' },
  private: { kind: 'Boolean' },
  incoming: { kind: 'Boolean' },
  notify_emails: { kind: 'Array' },
  user_id: { kind: 'Integer' }
}
const REPLY: Shape = {
  body: { kind: 'String' },
  structured_body: { kind: 'Object' },
  from_email: { kind: 'String' },
  user_id: { kind: 'Integer' },
  cc_emails: { kind: 'Array' },
  bcc_emails: { kind: 'Array' }
}

export function addMessageWrites (app: FastifyInstance, desk: Desk): void {
  const isExposed = exposedNotes(desk)

  app.post('/api/v2/tickets/:id/notes', (request, reply) => {
    const ticket = openDoor(desk, request)
    const fields = readBody(request, NOTE)
    const html = bodyOf(fields)
    const notified = agentEmails(desk, fields.notify_emails)
    const userId = authorOf(desk, ticket, fields.user_id)
    const isPrivate = fields.private !== false && !isExposed()
    const note = addMessage(desk, ticket, apiActor(desk), {
      at: desk.booth.now(),
      html,
      incoming: fields.incoming === true,
      private: isPrivate,
      source: 2,
      userId,
      kind: 'note'
    })
    return reply.code(201).header('location', `${desk.origin}/api/v2/conversations/${note.id}`)
      .send(noteView(note, notified))
  })

  app.post('/api/v2/tickets/:id/reply', (request, reply) => {
    const ticket = openDoor(desk, request)
    const fields = readBody(request, REPLY)
    const more = {
      cc: emailsOf(fields, 'cc_emails'),
      bcc: emailsOf(fields, 'bcc_emails'),
      userId: authorOf(desk, ticket, fields.user_id)
    }
    const sent = sendReply(desk, ticket, bodyOf(fields), more)
    return reply.code(201).header('location', `${desk.origin}/api/v2/conversations/${sent.id}`).send(replyView(sent))
  })

  app.put('/api/v2/conversations/:id', request => {
    const { ticket, note } = noteOf(desk, request)
    const fields = readBody(request, { body: { kind: 'String', required: true } })
    editNote(desk, ticket, note, desk.booth.now(), apiActor(desk), String(fields.body))
    return conversationView(note)
  })

  app.delete('/api/v2/conversations/:id', (request, reply) => {
    const { ticket, note } = noteOf(desk, request)
    removeNote(desk, ticket, note, desk.booth.now(), apiActor(desk))
    return reply.code(204).send()
  })
}

/** Draws, per private note, whether its flag gets lost. */
function exposedNotes (desk: Desk): () => boolean {
  let seed = desk.booth.faults.seed
  let random = makeRandom(seed)
  return () => {
    const { faults } = desk.booth
    if (faults.seed !== seed) {
      seed = faults.seed
      random = makeRandom(seed)
    }
    return random() < faults.publicNotes
  }
}

/** Notes can be edited and removed; what was mailed cannot. */
function noteOf (desk: Desk, request: FastifyRequest): { ticket: Ticket, note: Conversation } {
  const note = desk.conversations.get(idIn(request))
  const ticket = desk.tickets.get(note?.ticket_id ?? -1)
  if (note === undefined || ticket === undefined) throw notFound()
  const isGone = ticket.row.spam || ticket.row.deleted === true
  if (note.source !== 2 || isGone) throw wrongVerb(request.method, ['GET'])
  return { ticket, note }
}

function bodyOf (fields: Fields): string {
  if (isText(fields.body)) {
    if (fields.body.trim() !== '') return fields.body
    throw wrongValue('body', 'It should not be blank as this is a mandatory field')
  }
  const contents = isRecord(fields.structured_body) ? fields.structured_body.body_contents : undefined
  const parts: unknown[] = Array.isArray(contents) ? contents : []
  const texts = parts.map(part => isRecord(part) && isRecord(part.data) ? part.data.content : undefined).filter(isText)
  if (texts.length > 0) return `<div>${texts.join('<br>')}</div>`
  throw invalid([{ field: 'body', message: 'It should be a/an String', code: 'missing_field' }])
}

/** Without user_id the owner of the key speaks. */
function authorOf (desk: Desk, ticket: Ticket, userId: unknown): number {
  if (userId === undefined) return desk.self.id
  if (typeof userId === 'number' && (desk.agents.has(userId) || userId === ticket.row.requester_id)) return userId
  throw wrongValue('user_id', 'There is no contact or agent matching the given user_id')
}

function agentEmails (desk: Desk, emails: unknown): string[] {
  const wanted: unknown[] = Array.isArray(emails) ? emails : []
  const known = new Set([...desk.agents.values()].map(agent => agent.email))
  const foreign = wanted.filter(email => !isText(email) || !known.has(email))
  if (foreign.length > 0) {
    throw wrongValue('notify_emails', `There are no agents matching these emails: '${foreign.join(', ')}'`)
  }
  return wanted.filter(isText)
}

function emailsOf (fields: Fields, name: string): string[] {
  const given: unknown = fields[name]
  const emails: unknown[] = Array.isArray(given) ? given : []
  const isEmail = (value: unknown): boolean => isText(value) && /^[^\s@]+@[^\s@]+$/.test(value)
  if (!emails.every(isEmail)) throw wrongValue(name, 'It should contain elements that are in the \'valid email address\' format')
  return emails.filter(isText)
}
