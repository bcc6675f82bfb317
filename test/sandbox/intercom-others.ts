// The other routes of the pretend intercom: who we are, people, knowledge, tickets, events.
// https://developers.intercom.com/docs/references/rest-api/api.intercom.io
import type { FastifyRequest } from 'fastify'
import { conversationOf } from './intercom-conversations.ts'
import type { Limits } from './intercom-conversations.ts'
import type { Desk } from './intercom-desk.ts'
import { contactSearch, searchContacts, searchConversations, ticketSearch } from './intercom-finding.ts'
import {
  bodyOf, countOf, idOf, invalid, isFields, missing, notFound, queryOf, Refusal, secondsOf, since, textOf, versionOf
} from './intercom-refusals.ts'
import { cutPage, readSearch } from './intercom-search.ts'
import {
  adminShape, articleShape, companyShape, contactShape, macroShape, meShape, teamShape, ticketPartShape, ticketShape
} from './intercom-shapes.ts'
import { toPlain } from './intercom-text.ts'
import { findContact, reply } from './intercom-writes.ts'
import { getTag } from './intercom-world.ts'
import type { Contact, Conversation } from './intercom-model.ts'

export function addOtherRoutes (desk: Desk, limits: Limits): void {
  const { booth, world } = desk
  const app = booth.app
  const now = (): number => Math.floor(Date.parse(booth.now()) / 1000)
  const versionIn = (request: FastifyRequest): string =>
    versionOf(request.headers['intercom-version'], world.payloadVersion)

  app.get('/me', () => meShape(world))
  app.get('/admins', () => ({ type: 'admin.list', admins: [...world.admins.values()].map(adminShape) }))
  app.get('/teams', () => ({ type: 'team.list', teams: [...world.teams.values()].map(t => teamShape(world, t)) }))
  app.get('/tags', () => ({ type: 'list', data: [...world.tags.values()].map(t => ({ type: 'tag', ...t })) }))

  app.post('/tags', request => {
    const name = isFields(request.body) ? request.body.name : undefined
    if (typeof name !== 'string' || name === '') throw invalid('invalid tag parameters')
    const body = bodyOf(request.body, ['name', 'id'])
    if (body.id === undefined) return { type: 'tag', ...getTag(world, name) }
    const tag = world.tags.get(idOf(body, 'id'))
    if (tag === undefined) throw notFound('Tag not found', 'tag_not_found')
    world.tagNames.delete(tag.name.toLowerCase())
    tag.name = name
    world.tagNames.set(name.toLowerCase(), tag)
    return { type: 'tag', ...tag }
  })

  app.get<{ Params: { id: string } }>('/contacts/:id', (request, answer) => {
    const contact = contactOf(desk, request.params.id)
    if (contact.mergedInto !== null) {
      answer.header('link', `</contacts/${contact.mergedInto}>; rel="canonical"`)
      throw new Refusal(410, 'contact_merged',
        "This contact has been merged. See the 'Link' header for the canonical contact.")
    }
    return contactShape(world, contact)
  })

  app.get<{ Params: { id: string } }>('/contacts/:id/companies', request => {
    const query = queryOf(request.query, ['page', 'per_page'])
    const contact = contactOf(desk, request.params.id)
    const all = contact.companyIds.map(id => world.companies.get(id)).filter(c => c !== undefined)
    const page = byPage(all, query, 50)
    const pages = { type: 'pages', next: null, page: page.page, per_page: page.perPage, total_pages: page.totalPages }
    return { type: 'list', data: page.rows.map(c => companyShape(world, c)), pages, total_count: all.length }
  })

  app.post('/contacts/search', request => {
    const page = searchContacts(world, readSearch(request.body, contactSearch))
    const data = page.rows.map(contact => contactShape(world, contact))
    return { type: 'list', data, total_count: page.total, pages: page.pages }
  })

  app.get('/articles', request => {
    const query = queryOf(request.query, ['page', 'per_page'])
    const all = [...world.articles.values()].sort((a, b) => b.updated_at - a.updated_at || Number(b.id) - Number(a.id))
    const page = byPage(all, query, 25)
    const url = `${request.protocol}://${request.host}/articles?per_page=${page.perPage}&page=${page.page + 1}`
    const next = page.page < page.totalPages ? { next: url } : {}
    const pages = { type: 'pages', page: page.page, per_page: page.perPage, total_pages: page.totalPages, ...next }
    return { type: 'list', pages, total_count: all.length, data: page.rows.map(a => articleShape(world, a)) }
  })

  app.get('/articles/search', request => {
    const query = queryOf(request.query, ['phrase', 'state', 'help_center_id', 'highlight'])
    const state = query.state ?? 'published'
    if (!['published', 'draft', 'all'].includes(state)) throw invalid("bad 'state' parameter", 'state')
    const words = (query.phrase ?? '').toLowerCase().split(/\s+/).filter(word => word !== '')
    const found = [...world.articles.values()].filter(article => {
      const text = `${article.title} ${toPlain(article.body)}`.toLowerCase()
      return (state === 'all' || article.state === state) && words.every(word => text.includes(word))
    })
    const articles = found.slice(0, 10).map(a => articleShape(world, a))
    const shown = query.highlight === 'true' ? found.slice(0, 10) : []
    const highlights = shown.map(article => ({
      article_id: article.id,
      highlighted_title: [{ type: 'plain', text: article.title }],
      highlighted_summary: [[{ type: 'plain', text: toPlain(article.body).slice(0, 120) }]]
    }))
    const totalPages = Math.max(1, Math.ceil(found.length / 10))
    const pages = { type: 'pages', page: 1, total_pages: totalPages, per_page: 10 }
    return { type: 'list', total_count: found.length, data: { articles, highlights }, pages }
  })

  app.get('/macros', request => {
    since(versionIn(request), '2.15')
    const query = queryOf(request.query, ['per_page', 'starting_after', 'updated_since'])
    const perPage = countOf(query.per_page, 'per_page', 50, 150)
    const after = query.updated_since
    if (after !== undefined && !/^\d{1,11}$/.test(after)) throw invalid('Invalid updated_since timestamp')
    const rows = [...world.macros.values()].filter(m => m.updated_at >= Number(after ?? 0))
      .sort((a, b) => b.updated_at - a.updated_at || Number(b.id) - Number(a.id))
    const page = cutPage(rows, m => m.updated_at, m => Number(m.id), perPage, query.starting_after ?? null, false)
    const next = isFields(page.pages.next) ? { starting_after: page.pages.next.starting_after } : null
    return { type: 'list', data: page.rows.map(macroShape), pages: { type: 'pages', per_page: perPage, next } }
  })

  app.get<{ Params: { id: string } }>('/tickets/:id', request =>
    ticketShape(world, ticketOf(desk, request.params.id), false))

  app.post('/tickets/search', request => {
    const page = searchConversations(world, readSearch(request.body, ticketSearch), ticketSearch)
    const tickets = page.rows.map(c => ticketShape(world, c, false))
    return { type: 'ticket.list', pages: page.pages, total_count: page.total, tickets }
  })

  app.post<{ Params: { id: string } }>('/tickets/:id/reply', request => {
    const c = ticketOf(desk, request.params.id)
    return ticketPartShape(reply(desk, c, request.body, now(), { viaTicket: true, luck: limits.luck }))
  })

  app.post('/events', (request, answer) => {
    const body = bodyOf(request.body, ['event_name', 'created_at', 'user_id', 'id', 'email', 'metadata'])
    const name = textOf(body, 'event_name')
    const at = secondsOf(body, 'created_at')
    if (name === null || name === '') throw missing('event_name')
    if (at === null) throw missing('created_at')
    const metadata = body.metadata ?? {}
    if (!isFields(metadata) || Object.keys(metadata).length > 10) throw invalid('metadata is invalid', 'metadata')
    const { id, user_id: ownId, email } = body
    if (id === undefined && ownId === undefined && email === undefined) throw missing('id')
    const contact = findContact(world, { intercom_user_id: id, user_id: ownId, email })
    if (contact === null) throw notFound('User Not Found')
    world.events.set(`${contact.id} ${name} ${at}`, body)      // the same one again counts once
    return answer.code(202).send()
  })
}

function contactOf (desk: Desk, id: string): Contact {
  const found = desk.world.contacts.get(id)
  if (found === undefined) throw notFound('User Not Found')
  return found
}

function ticketOf (desk: Desk, id: string): Conversation {
  const found = conversationOf(desk, id)
  if (found.ticket === null) throw notFound()
  return found
}

interface Numbered<Row> { rows: Row[], page: number, perPage: number, totalPages: number }

function byPage<Row> (all: Row[], query: Record<string, string>, fallback: number): Numbered<Row> {
  const perPage = countOf(query.per_page, 'per_page', fallback, 150)
  const page = countOf(query.page, 'page', 1, 1_000_000)
  const totalPages = Math.max(1, Math.ceil(all.length / perPage))
  return { rows: all.slice((page - 1) * perPage, page * perPage), page, perPage, totalPages }
}
