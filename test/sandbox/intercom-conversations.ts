// The conversation routes of the pretend intercom.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations
import type { FastifyReply, FastifyRequest } from 'fastify'
import { redactMessage, record, tag as attachTag } from './intercom-desk.ts'
import type { Desk } from './intercom-desk.ts'
import { findContact, getAdminOf, manage, reply } from './intercom-writes.ts'
import {
  bodyOf, countOf, flagOf, idOf, invalid, isFields, notFound, oneOf, queryOf, Refusal, since, textOf, versionOf
} from './intercom-refusals.ts'
import { cutPage, readSearch } from './intercom-search.ts'
import { conversationSearch, searchConversations } from './intercom-finding.ts'
import { conversationShape, conversationWithParts } from './intercom-shapes.ts'
import type { How } from './intercom-shapes.ts'
import { authorOfAdmin, touch } from './intercom-world.ts'
import type { Conversation } from './intercom-model.ts'

export interface Limits { luck: () => boolean }     // true: the private flag of this note is dropped

export function addConversationRoutes (desk: Desk, limits: Limits): void {
  const { booth, world } = desk
  const app = booth.app
  const now = (): number => Math.floor(Date.parse(booth.now()) / 1000)
  const versionIn = (request: FastifyRequest): string =>
    versionOf(request.headers['intercom-version'], world.payloadVersion)
  const howOf = (request: FastifyRequest, plain = false): How =>
    ({ version: versionIn(request), plain, webhook: false })

  app.get('/conversations', request => {
    const query = queryOf(request.query, ['per_page', 'starting_after'])
    const perPage = countOf(query.per_page, 'per_page', 20, 150)
    const rows = [...world.byUpdated].reverse()
    const page = cutPage(rows, c => c.updated_at, c => Number(c.id), perPage, query.starting_after ?? null, false)
    return listOf(desk, page, howOf(request))
  })

  app.post('/conversations/search', request => {
    const search = readSearch(request.body, conversationSearch)
    return listOf(desk, searchConversations(world, search), howOf(request))
  })

  app.get('/conversations/deleted', request => {
    since(versionIn(request), '2.15')
    const query = queryOf(request.query, ['page', 'per_page', 'order'])
    const perPage = countOf(query.per_page, 'per_page', 20, 60)
    const page = countOf(query.page, 'page', 1, 1_000_000)
    const order = query.order ?? 'desc'
    if (order !== 'asc' && order !== 'desc') throw invalid('order must be asc or desc', 'order')
    const rows = order === 'asc' ? world.deleted : [...world.deleted].reverse()
    const totalPages = Math.max(1, Math.ceil(rows.length / perPage))
    const path = `/conversations/deleted?per_page=${perPage}&order=${order}&page=${page + 1}`
    const next = page < totalPages ? `${request.protocol}://${request.host}${path}` : null
    return {
      type: 'conversations.list',
      total_count: rows.length,
      pages: { type: 'pages', next, page, per_page: perPage, total_pages: totalPages },
      conversations: rows.slice((page - 1) * perPage, page * perPage)
        .map(row => ({ type: 'conversation', id: row.id, metrics_retained: true, deleted_at: row.deleted_at }))
    }
  })

  app.get<{ Params: { id: string } }>('/conversations/:id', request => {
    const query = queryOf(request.query, ['display_as', 'include_translations'])
    const plain = isPlain(query.display_as)
    return conversationWithParts(world, conversationOf(desk, request.params.id), howOf(request, plain))
  })

  app.put<{ Params: { id: string } }>('/conversations/:id', request => {
    const query = queryOf(request.query, ['display_as'])
    const c = conversationOf(desk, request.params.id)
    const body = bodyOf(request.body, ['read', 'title', 'custom_attributes', 'company_id'])
    const [read, title, companyId] = [flagOf(body, 'read'), textOf(body, 'title'), textOf(body, 'company_id')]
    const attributes = body.custom_attributes ?? {}
    if (!isFields(attributes)) throw invalid('custom_attributes must be an object', 'custom_attributes')
    for (const name of Object.keys(attributes)) {
      const isKnown = world.attributeNames.has(name)
      if (!isKnown) throw invalid(`Custom attribute '${name}' does not exist`, 'custom_attributes')
    }
    if (companyId !== null && !world.companies.has(companyId)) throw notFound('Company Not Found', 'company_not_found')
    c.read = read ?? c.read
    c.title = title ?? c.title
    Object.assign(c.attributes, attributes)
    touch(world, c, now())
    record(desk, c, { at: now(), author: authorOfAdmin(world.self), byApi: true }, 'updated', false)
    return conversationWithParts(world, c, howOf(request, isPlain(query.display_as)))
  })

  app.post<{ Params: { id: string } }>('/conversations/:id/reply', request => {
    const { id } = request.params
    const find = (): Conversation => id === 'last' ? lastOf(desk, request.body) : conversationOf(desk, id)
    const c = find()
    reply(desk, c, request.body, now(), { viaTicket: false, luck: limits.luck })
    return conversationWithParts(world, c, howOf(request))
  })

  app.post<{ Params: { id: string } }>('/conversations/:id/parts', request => {
    const c = conversationOf(desk, request.params.id)
    manage(desk, c, request.body, now())
    return conversationWithParts(world, c, howOf(request))
  })

  app.post('/conversations/redact', request => {
    const fields = ['type', 'conversation_id', 'conversation_part_id', 'source_id']
    const body = bodyOf(request.body, fields)
    const type = oneOf(body, 'type', ['conversation_part', 'source'])
    const messageId = idOf(body, type === 'source' ? 'source_id' : 'conversation_part_id')
    const c = world.conversations.get(idOf(body, 'conversation_id'))
    const part = c?.parts.find(known => known.id === messageId)
    const isThere = type === 'source' ? c?.source.id === messageId : part !== undefined
    if (c === undefined || !isThere) {
      throw notFound('Conversation part or message not found', 'conversation_part_or_message_not_found')
    }
    const act = { at: now(), author: authorOfAdmin(world.self), byApi: true }
    if (!redactMessage(desk, c, messageId, act)) {
      throw new Refusal(400, 'conversation_part_not_redactable', 'Conversation part is not redactable')
    }
    return conversationWithParts(world, c, howOf(request))
  })

  app.post<{ Params: { id: string } }>('/conversations/:id/tags', request => {
    const c = conversationOf(desk, request.params.id, 'Conversation not found')
    const body = bodyOf(request.body, ['id', 'admin_id'])
    const found = world.tags.get(idOf(body, 'id'))
    const author = authorOfAdmin(getAdminOf(desk, body))
    if (found === undefined) throw notFound('Tag not found', 'tag_not_found')
    attachTag(desk, c, found, { at: now(), author, byApi: true })
    return appliedTag(c, found.id)
  })

  app.delete<{ Params: { id: string, tagId: string } }>('/conversations/:id/tags/:tagId', request => {
    const c = conversationOf(desk, request.params.id, 'Conversation not found')
    const author = authorOfAdmin(getAdminOf(desk, bodyOf(request.body, ['admin_id'])))
    const answer = appliedTag(c, request.params.tagId)
    c.tags = c.tags.filter(known => known.id !== request.params.tagId)
    touch(world, c, now())
    record(desk, c, { at: now(), author, byApi: true }, 'tagged', false)
    return answer
  })
}

/** A method that this path does not have is told apart from a path that nobody knows. */
export function refusePath (request: FastifyRequest, reply: FastifyReply, methods: string[]): Refusal {
  if (methods.length === 0) return notFound('Requested resource was not found')
  reply.header('allow', methods.join(', '))
  return new Refusal(405, 'client_error', `${request.method} is not allowed here`)
}

function isPlain (displayAs: string | undefined): boolean {
  if (displayAs !== undefined && displayAs !== 'plaintext') throw invalid("bad 'display_as' parameter", 'display_as')
  return displayAs === 'plaintext'
}

export function conversationOf (desk: Desk, id: string, message?: string): Conversation {
  const found = desk.world.conversations.get(id)
  if (found === undefined) throw notFound(message)
  return found
}

function lastOf (desk: Desk, body: unknown): Conversation {
  const contact = isFields(body) ? findContact(desk.world, body) : null
  const id = contact?.conversationIds.findLast(known => desk.world.conversations.has(known))
  return conversationOf(desk, id ?? '')
}

function listOf (desk: Desk, page: { rows: Conversation[], total: number, pages: unknown }, how: How): unknown {
  return {
    type: 'conversation.list',
    pages: page.pages,
    total_count: page.total,
    conversations: page.rows.map(c => conversationShape(desk.world, c, how))
  }
}

function appliedTag (c: Conversation, tagId: string): unknown {
  const found = c.tags.find(known => known.id === tagId)
  if (found === undefined) throw notFound('Tag not found', 'tag_not_found')
  const appliedBy = { type: 'admin', id: found.applied_by }
  return { type: 'tag', id: found.id, name: found.name, applied_at: found.applied_at, applied_by: appliedBy }
}
