// What the team has written down: published articles of the help centre, and shared canned responses. Freshdesk has no
// list of changes for either, so all of it is read and what did not change is left out here.
// https://developers.freshdesk.com/api/#solutions and https://developers.freshdesk.com/api/#canned_responses
import { htmlToText, plainText } from '../../src/text.ts'
import type { Article, Instant } from '../../src/types.ts'
import type { Client } from './client.ts'
import { idOf, instantOf, isFields, lineOf, rowsOf } from './records.ts'
import type { Fields } from './records.ts'

const PUBLISHED = 2
const EVERYBODY = 1                                 // the other visibilities ask for a login, a company or an agent
const MAX_DEPTH = 8

export async function * fetchKnowledge (client: Client, since?: Instant): AsyncIterable<Article> {
  for await (const article of fetchArticles(client)) if (isNews(article, since)) yield article
  for await (const macro of fetchMacros(client)) if (isNews(macro, since)) yield macro
}

function isNews (article: Article, since: Instant | undefined): boolean {
  return article.text !== '' && (since === undefined || article.updatedAt >= since)
}

async function * fetchArticles (client: Client): AsyncIterable<Article> {
  for await (const category of rowsIn(client, '/solutions/categories')) {
    const id = idOf(category.id)
    if (id !== null) yield * fetchFolders(client, `/solutions/categories/${id}/folders`, 0)
  }
}

async function * fetchFolders (client: Client, path: string, depth: number): AsyncIterable<Article> {
  if (depth > MAX_DEPTH) return
  for await (const folder of rowsIn(client, path)) {
    const id = idOf(folder.id)
    if (id === null) continue
    for await (const row of rowsIn(client, `/solutions/folders/${id}/articles`)) {
      const article = await readArticle(client, row, folder.visibility === EVERYBODY)
      if (article !== null) yield article
    }
    const inside = folder.sub_folders_count
    if (typeof inside !== 'number' || inside < 1) continue
    yield * fetchFolders(client, `/solutions/folders/${id}/subfolders`, depth + 1)
  }
}

async function * rowsIn (client: Client, path: string): AsyncIterable<Fields> {
  for await (const rows of client.list(path)) yield * rows
}

async function readArticle (client: Client, row: Fields, isPublic: boolean): Promise<Article | null> {
  const id = idOf(row.id)
  const updatedAt = instantOf(row.updated_at)
  if (id === null || updatedAt === null || row.status !== PUBLISHED) return null
  const short = row.description === undefined && row.description_text === undefined
  const { body } = short ? await client.read(`/solutions/articles/${id}`) : { body: row }
  const whole = isFields(body) ? body : row
  const language = languageOf(row)
  return {
    id,
    kind: 'article',
    title: lineOf(row.title) ?? '',
    text: textOf(whole.description, whole.description_text),
    url: `${client.origin}/support/solutions/articles/${id}`,
    ...(language === null ? {} : { language }),
    public: isPublic,
    updatedAt
  }
}

/** The path from the category down says in which language its names are. */
function languageOf (row: Fields): string | null {
  const data = rowsOf(row.hierarchy)?.[0]?.data
  return isFields(data) ? lineOf(data.language) : null
}

async function * fetchMacros (client: Client): AsyncIterable<Article> {
  for (const folder of await readList(client, '/canned_response_folders')) {
    const folderId = idOf(folder.id)
    if (folderId === null || folder.personal === true) continue   // an agent's own are not the team's
    for (const row of await readList(client, `/canned_response_folders/${folderId}/responses`)) {
      const id = idOf(row.id)
      const updatedAt = instantOf(row.updated_at)
      if (id === null || updatedAt === null) continue
      const text = textOf(row.content_html, row.content)
      yield { id, kind: 'macro', title: lineOf(row.title) ?? '', text, public: true, updatedAt }
    }
  }
}

/** These two lists have no pages. */
async function readList (client: Client, path: string): Promise<Fields[]> {
  const rows = rowsOf((await client.read(path)).body)
  if (rows === null) throw new Error(`freshdesk answered no list to GET ${path}`)
  return rows
}

function textOf (html: unknown, plain: unknown): string {
  const text = typeof html === 'string' ? htmlToText(html) : ''
  if (text !== '') return text
  return typeof plain === 'string' ? plainText(plain) : ''
}
