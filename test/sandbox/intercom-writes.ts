// Reading and applying what a program writes into a conversation of the pretend intercom: replies, notes and the
// manage actions.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/replyconversation
import { answer, ask, assign, close, jot, open, snooze } from './intercom-desk.ts'
import type { Act, Desk, Message } from './intercom-desk.ts'
import {
  bodyOf, flagOf, idOf, invalid, isFields, missing, notFound, oneOf, secondsOf, textOf
} from './intercom-refusals.ts'
import type { Fields } from './intercom-refusals.ts'
import { cleanHtml } from './intercom-text.ts'
import { authorOfAdmin, authorOfContact } from './intercom-world.ts'
import type { Admin, Attachment, Contact, Conversation, Part, Ref, World } from './intercom-model.ts'

const REPLY_FIELDS: readonly string[] = [
  'message_type', 'type', 'admin_id', 'intercom_user_id', 'user_id', 'email', 'body', 'created_at', 'reply_options',
  'attachment_urls', 'attachment_files', 'skip_notifications'
]

export interface Way { viaTicket: boolean, luck: () => boolean }

export function reply (desk: Desk, c: Conversation, raw: unknown, at: number, way: Way): Part {
  const body = bodyOf(raw, way.viaTicket ? [...REPLY_FIELDS, 'cross_post'] : REPLY_FIELDS)
  const type = oneOf(body, 'type', ['admin', 'user'])
  const kind = oneOf(body, 'message_type', type === 'user' ? ['comment'] : ['comment', 'note', 'quick_reply'])
  const text = textOf(body, 'body')
  const createdAt = secondsOf(body, 'created_at')
  const attachments = attachmentsOf(body)
  flagOf(body, 'skip_notifications')                // silences what people see; webhooks go out all the same
  flagOf(body, 'cross_post')
  const isWordless = kind === 'quick_reply' || attachments.length > 0
  if ((text === null || text.trim() === '') && !isWordless) throw invalid('Body is required', 'body')
  if (kind === 'quick_reply') checkReplyOptions(body)
  const html = text === null || text.trim() === '' ? null : cleanHtml(text)
  const rest = { at, body: html, attachments, byApi: true, ...createdAt === null ? {} : { createdAt } }
  if (type === 'user') {
    const contact = findContact(desk.world, body)
    if (contact === null) throw notFound('User Not Found')
    return ask(desk, c, contact, { ...rest, author: authorOfContact(contact) })
  }
  const message: Message = { ...rest, author: authorOfAdmin(getAdminOf(desk, body)), viaTicket: way.viaTicket }
  if (kind === 'note' && !way.luck()) return jot(desk, c, message)
  return answer(desk, c, { ...message, quickReply: kind === 'quick_reply' })
}

const MANAGE_FIELDS: Readonly<Record<string, readonly string[]>> = {
  close: ['body'], snoozed: ['snoozed_until'], open: [], assignment: ['assignee_id', 'body']
}

export function manage (desk: Desk, c: Conversation, raw: unknown, at: number): void {
  const any = bodyOf(raw, isFields(raw) ? Object.keys(raw) : [])
  const kind = oneOf(any, 'message_type', Object.keys(MANAGE_FIELDS))
  const body = bodyOf(raw, ['message_type', 'type', 'admin_id', ...MANAGE_FIELDS[kind] ?? []])
  const needsType = kind === 'close' || kind === 'assignment'
  const types = kind === 'assignment' ? ['admin', 'team'] : ['admin']
  const type = needsType || body.type !== undefined ? oneOf(body, 'type', types) : 'admin'
  const act: Act = { at, author: authorOfAdmin(getAdminOf(desk, body)), byApi: true }
  const text = textOf(body, 'body')
  const html = text === null || text.trim() === '' ? null : cleanHtml(text)
  if (kind === 'close') close(desk, c, { ...act, body: html })
  if (kind === 'open') open(desk, c, act)
  if (kind === 'snoozed') {
    const until = secondsOf(body, 'snoozed_until')
    if (until === null) throw missing('snoozed_until')
    if (until <= at) throw invalid('snoozed_until must be in the future', 'snoozed_until')
    snooze(desk, c, until, act)
  }
  if (kind === 'assignment') {
    const to = assigneeOf(desk.world, idOf(body, 'assignee_id'), type)
    assign(desk, c, to, { ...act, body: html })
  }
}

function assigneeOf (world: World, id: string, type: string): Ref {
  if (id === '0') return { type: 'nobody_admin', id: null }
  const isKnown = type === 'team' ? world.teams.has(id) : world.admins.has(id)
  if (!isKnown) throw notFound('Assignee not found', 'assignee_not_found')
  return { type, id }
}

/**
 * An admin that does not exist is answered like a conversation that does not exist, as the vendor's people explain in
 * https://github.com/intercom/intercom-node/issues/98.
 */
export function getAdminOf (desk: Desk, body: Fields): Admin {
  const admin = desk.world.admins.get(idOf(body, 'admin_id'))
  if (admin === undefined) throw notFound()
  return admin
}

/** The contact a body names: by the vendor's id, by the customer's own, or by address. */
export function findContact (world: World, body: Fields): Contact | null {
  const byId = textOf(body, 'intercom_user_id')
  if (byId !== null) return world.contacts.get(byId) ?? null
  const byOwnId = textOf(body, 'user_id')
  if (byOwnId !== null) return world.contactKeys.get(`id:${byOwnId}`) ?? null
  const email = textOf(body, 'email')
  return email === null ? null : world.contactKeys.get(`email:${email.toLowerCase()}`) ?? null
}

function checkReplyOptions (body: Fields): void {
  const options = body.reply_options
  const isWhole = (o: unknown): boolean => isFields(o) && typeof o.text === 'string' && typeof o.uuid === 'string'
  if (!Array.isArray(options) || options.length === 0 || !options.every(isWhole)) {
    throw invalid('reply_options must be an array of text and uuid', 'reply_options')
  }
}

function attachmentsOf (body: Fields): Attachment[] {
  const urls = listOf(body, 'attachment_urls').map(url => {
    if (typeof url !== 'string' || !URL.canParse(url)) throw invalid('attachment_urls is invalid', 'attachment_urls')
    return upload(url.split('/').at(-1) ?? 'file', url, 'application/octet-stream', 0)
  })
  const files = listOf(body, 'attachment_files').map(file => {
    const whole = isFields(file) ? file : {}
    const { name, content_type: contentType, data } = whole
    if (typeof name !== 'string' || typeof contentType !== 'string' || typeof data !== 'string') {
      throw invalid('attachment_files is invalid', 'attachment_files')
    }
    const size = Buffer.from(data, 'base64').length
    return upload(name, `https://files.fernhollow.example/${encodeURIComponent(name)}`, contentType, size)
  })
  return [...urls, ...files]
}

function listOf (body: Fields, field: string): unknown[] {
  const list = body[field] ?? []
  if (!Array.isArray(list)) throw invalid(`${field} must be an array`, field)
  if (list.length > 10) throw invalid(`${field} may have at most 10 entries`, field)
  return list
}

function upload (name: string, url: string, contentType: string, filesize: number): Attachment {
  return { type: 'upload', name, url, content_type: contentType, filesize, width: null, height: null }
}
