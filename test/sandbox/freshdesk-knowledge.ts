// What the support team has written down: canned responses and help-centre articles, as the account
// holds them and as the API shows them. https://developers.freshdesk.com/api/#solutions
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Instant } from './types.ts'
import type { Desk } from './freshdesk-model.ts'
import { BORN, nextId } from './freshdesk-model.ts'
import { toHtml } from './freshdesk-html.ts'
import { PAGE_KEYS, Refusal, cutPage, idIn, isRecord, notFound, pagingOf, readQuery } from './freshdesk-refusals.ts'
import type { Json } from './freshdesk-shapes.ts'

export interface Article { id: number, folder: number, title: string, text: string, status: 1 | 2, at: Instant }
export interface Canned { id: number, title: string, text: string, at: Instant }
export interface Knowledge { articles: Article[], canned: Canned[] }

export type Audience = 'everyone' | 'agents'

const CATEGORY = { id: 61000110001, name: 'Help centre' }
const FOLDERS = [
  { id: 61000115001, name: 'Questions and answers', visibility: 1 },
  { id: 61000115002, name: 'For the team', visibility: 3 }
]
const CANNED_FOLDER = 61000014001

export function addArticle (
  desk: Desk, o: { at: Instant, title: string, text: string, audience?: Audience, draft?: boolean }
): string {
  const folder = o.audience === 'agents' ? 61000115002 : 61000115001
  const status = o.draft === true ? 1 : 2
  const article: Article = { id: nextId(desk, 'article'), folder, title: o.title, text: o.text, status, at: o.at }
  desk.knowledge.articles.push(article)
  return String(article.id)
}

export function addCanned (desk: Desk, o: { at: Instant, title: string, text: string }): string {
  const canned = { id: nextId(desk, 'canned'), title: o.title, text: o.text, at: o.at }
  desk.knowledge.canned.push(canned)
  return String(canned.id)
}

/** A young account is not empty: one article for all, one for agents, one draft, one canned response. */
export function fillKnowledge (desk: Desk): void {
  addArticle(desk, { at: BORN, title: 'Returning a tool', text: 'Print the label in your account.\n\nWe refund within five days.' })
  addArticle(desk, { at: BORN, title: 'Who handles returns', text: 'The depot in Leith does.', audience: 'agents' })
  addArticle(desk, { at: BORN, title: 'Warranty terms', text: 'Still being written.', draft: true })
  addCanned(desk, { at: BORN, title: 'Ask for the serial number', text: 'Hello {{ticket.requester.firstname}}, which serial number does it have?' })
}

export function addKnowledgeReads (app: FastifyInstance, desk: Desk): void {
  const { articles, canned } = desk.knowledge

  app.get('/api/v2/canned_response_folders', request => {
    readQuery(request, [])
    return [cannedFolder(canned.length)]
  })
  app.get('/api/v2/canned_response_folders/:id', request => {
    readQuery(request, [])
    expectId(request, [CANNED_FOLDER])
    const titles = canned.map(one => ({ id: one.id, title: one.title }))
    return { id: CANNED_FOLDER, name: 'General', canned_responses: titles }
  })
  app.get('/api/v2/canned_response_folders/:id/responses', (request, reply) => {
    const paging = pagingOf(readQuery(request, PAGE_KEYS))
    expectId(request, [CANNED_FOLDER])
    return cutPage(desk, request, reply, canned, paging).map(cannedView)
  })
  app.get('/api/v2/canned_responses/:id', request => {
    readQuery(request, [])
    return cannedView(found(canned, request))
  })

  app.get('/api/v2/solutions/categories', request => {
    readQuery(request, PAGE_KEYS)
    return [{ ...CATEGORY, description: null, visible_in_portals: [], created_at: BORN, updated_at: BORN }]
  })
  app.get('/api/v2/solutions/categories/:id/folders', (request, reply) => {
    const paging = pagingOf(readQuery(request, PAGE_KEYS))
    expectId(request, [CATEGORY.id])
    const counted = FOLDERS.map(folder => folderView(folder, articles.filter(one => one.folder === folder.id).length))
    return cutPage(desk, request, reply, counted, paging)
  })
  app.get('/api/v2/solutions/folders/:id/subfolders', request => {
    readQuery(request, PAGE_KEYS)
    expectId(request, FOLDERS.map(folder => folder.id))
    return []
  })
  app.get('/api/v2/solutions/folders/:id/articles', (request, reply) => {
    const paging = pagingOf(readQuery(request, PAGE_KEYS))
    const id = expectId(request, FOLDERS.map(folder => folder.id))
    const inside = articles.filter(one => one.folder === id)
    return cutPage(desk, request, reply, inside, paging).map(one => articleView(desk, one))
  })
  app.get('/api/v2/solutions/articles/:id', request => {
    readQuery(request, [])
    return articleView(desk, found(articles, request))
  })
  app.get('/api/v2/solutions/articles/:id/:language', request => {
    readQuery(request, [])
    const params: unknown = request.params
    if (!isRecord(params) || params.language !== 'en') throw notFound()
    return articleView(desk, found(articles, request))
  })
  app.get('/api/v2/search/solutions', (request, reply) => {
    const query = readQuery(request, ['term', ...PAGE_KEYS])
    const term = query.term?.toLowerCase()
    if (term === undefined || term === '') {
      const fault = { field: 'term', message: 'It should be a/an String', code: 'missing_field' }
      throw new Refusal(400, { description: 'Validation failed', errors: [fault] })
    }
    const hits = articles.filter(one => `${one.title} ${one.text}`.toLowerCase().includes(term))
    return cutPage(desk, request, reply, hits, pagingOf(query)).map(one => searchedArticle(desk, one))
  })
}

function expectId (request: FastifyRequest, ids: number[]): number {
  const id = idIn(request)
  if (!ids.includes(id)) throw notFound()
  return id
}

function found<T extends { id: number }> (rows: T[], request: FastifyRequest): T {
  const id = idIn(request)
  const row = rows.find(one => one.id === id)
  if (row === undefined) throw notFound()
  return row
}

function cannedFolder (count: number): Json {
  return {
    id: CANNED_FOLDER, name: 'General', personal: false, responses_count: count, created_at: BORN, updated_at: BORN
  }
}

function cannedView (canned: Canned): Json {
  return {
    id: canned.id,
    title: canned.title,
    folder_id: CANNED_FOLDER,
    content: canned.text,
    content_html: toHtml(canned.text),
    attachments: [],
    created_at: canned.at,
    updated_at: canned.at
  }
}

function folderView (folder: { id: number, name: string, visibility: number }, count: number): Json {
  return {
    id: folder.id,
    name: folder.name,
    description: null,
    articles_count: count,
    created_at: BORN,
    updated_at: BORN,
    icon_url: null,
    parent_folder_id: null,
    sub_folders_count: 0,
    hierarchy: hierarchy(null),
    visibility: folder.visibility
  }
}

function hierarchy (folder: { id: number, name: string } | null): unknown[] {
  const levels = [{ level: 0, type: 'category', data: { ...CATEGORY, language: 'en' } }]
  if (folder === null) return levels
  const data = { id: folder.id, name: folder.name, language: 'en' }
  return [...levels, { level: 1, type: 'folder', data }]
}

function articleCore (desk: Desk, article: Article): Json {
  const folder = FOLDERS.find(one => one.id === article.folder) ?? null
  return {
    id: article.id,
    type: 1,
    category_id: CATEGORY.id,
    folder_id: article.folder,
    hierarchy: hierarchy(folder),
    agent_id: desk.self.id,
    title: article.title,
    description: toHtml(article.text),
    description_text: article.text,
    status: article.status,
    created_at: article.at,
    updated_at: article.at
  }
}

function articleView (desk: Desk, article: Article): Json {
  return {
    ...articleCore(desk, article),
    thumbs_up: 0,
    thumbs_down: 0,
    hits: 0,
    tags: [],
    seo_data: { meta_title: article.title, meta_description: '' },
    attachments: [],
    cloud_files: [],
    suggested: 0,
    feedback_count: 0
  }
}

function searchedArticle (desk: Desk, article: Article): Json {
  const folder = FOLDERS.find(one => one.id === article.folder)
  return {
    ...articleCore(desk, article),
    folder_visibility: folder?.visibility ?? 1,
    path: `${article.id}-${article.title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`,
    modified_at: article.at,
    modified_by: desk.self.id,
    language_id: 6,
    category_name: CATEGORY.name,
    folder_name: folder?.name ?? ''
  }
}
