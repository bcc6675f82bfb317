// What a team already wrote down: help-centre articles and macros, and how many tickets Zendesk itself counts.

import { GiveUp } from '../../src/errors.ts'
import { htmlToText, plainText } from '../../src/text.ts'
import type { Article, Instant } from '../../src/types.ts'
import type { Api } from './client.ts'
import { idOf, instantOf, recordsOf, stringOf } from './shapes.ts'
import type { Json } from './shapes.ts'

export async function * fetchKnowledge (api: Api, since?: Instant): AsyncGenerator<Article> {
  yield * fetchArticles(api, since)
  const macros = await api.findAll('/macros?active=true&page%5Bsize%5D=50', 'macros')
  for (const macro of macros?.rows ?? []) {
    const article = readMacro(macro)
    if (article !== null && (since === undefined || article.updatedAt >= since)) yield article
  }
}

export async function countTickets (api: Api, from: Instant, to: Instant): Promise<number> {
  const query = `type:ticket created>=${from} created<${to}`
  const { count } = await api.read(`/search/count?query=${encodeURIComponent(query)}`)
  if (typeof count !== 'number') throw new Error('zendesk answered GET /search/count without a count')
  return count
}

// This export has no `end_of_stream`: it has ended when its time stands still.
// https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/
async function * fetchArticles (api: Api, since?: Instant): AsyncGenerator<Article> {
  const seen = new Set<string>()
  let start = since === undefined ? 0 : Math.floor(Date.parse(since) / 1000)
  if (Number.isNaN(start)) throw new GiveUp(`knowledge cannot begin at "${since}": that is no instant`)
  for (;;) {
    const page = await api.findOne(`/help_center/incremental/articles?start_time=${start}`)
    if (page === null) return                       // an account without a help centre
    for (const row of recordsOf(page.articles)) {
      const article = readArticle(row)
      const form = `${article?.id} ${stringOf(row.updated_at)}`
      if (article !== null && !seen.has(form)) yield article
      seen.add(form)
    }
    const end = page.end_time
    if (stringOf(page.next_page) === '' || typeof end !== 'number' || end <= start) return
    start = end
  }
}

// Whoever must be signed in to read an article is named by a segment; everyone has none.
function readArticle (row: Json): Article | null {
  const id = idOf(row.id)
  const updatedAt = instantOf(row.edited_at) ?? instantOf(row.updated_at)
  const text = htmlToText(stringOf(row.body))
  if (id === null || updatedAt === null || text === '') return null
  const [url, language] = [stringOf(row.html_url), stringOf(row.locale)]
  return {
    id,
    kind: 'article',
    title: plainText(stringOf(row.title)),
    text,
    ...(url === '' ? {} : { url }),
    ...(language === '' ? {} : { language }),
    public: row.user_segment_id === null && row.draft === false,
    updatedAt
  }
}

// A macro's words are one of its actions, as html or plain, sometimes with the channel before them.
function readMacro (row: Json): Article | null {
  const id = idOf(row.id)
  const updatedAt = instantOf(row.updated_at)
  const actions = new Map(recordsOf(row.actions).map(action => [action.field, lastOf(action.value)]))
  const html = stringOf(actions.get('comment_value_html'))
  const text = html === '' ? plainText(stringOf(actions.get('comment_value'))) : htmlToText(html)
  if (id === null || updatedAt === null || text === '') return null
  const shared = row.restriction === null || row.restriction === undefined
  const forCustomers = stringOf(actions.get('comment_mode_is_public')) !== 'false'
  return { id, kind: 'macro', title: plainText(stringOf(row.title)), text, public: shared && forCustomers, updatedAt }
}

function lastOf (value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value
}
