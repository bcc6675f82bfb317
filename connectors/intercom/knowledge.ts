// What the team has written down: help-centre articles and macros. Both lists come newest change first.
import { htmlToText, plainText } from '../../src/text.ts'
import type { Article, Instant } from '../../src/types.ts'
import type { IntercomCalls } from './client.ts'
import { fieldsOf, idOf, instantOf, listOf, stringOf } from './fields.ts'
import type { Fields } from './fields.ts'
import { secondsOf } from './history.ts'

export async function * fetchKnowledge (calls: IntercomCalls, since?: Instant): AsyncGenerator<Article> {
  yield * fetchArticles(calls, since)
  yield * fetchMacros(calls, since)
}

async function * fetchArticles (calls: IntercomCalls, since?: Instant): AsyncGenerator<Article> {
  for (let page = 1; ; page++) {
    const answer = fieldsOf(await calls.fetchArticles(page))
    const items = listOf(answer.data)
    for (const item of items) {
      const article = articleOf(item)
      if (article === null) continue
      if (since !== undefined && article.updatedAt < since) return
      yield article
    }
    const pages = Number(fieldsOf(answer.pages).total_pages) || 1
    if (items.length === 0 || page >= pages) return
  }
}

async function * fetchMacros (calls: IntercomCalls, since?: Instant): AsyncGenerator<Article> {
  let startingAfter = ''
  while (true) {
    const answer = fieldsOf(await calls.fetchMacros({
      ...(startingAfter === '' ? {} : { startingAfter }),
      ...(since === undefined ? {} : { updatedSince: secondsOf(since) })
    }))
    for (const item of listOf(answer.data)) {
      const macro = macroOf(item)
      if (macro !== null && (since === undefined || macro.updatedAt >= since)) yield macro
    }
    const next = stringOf(fieldsOf(fieldsOf(answer.pages).next).starting_after)
    if (next === '' || next === startingAfter) return
    startingAfter = next
  }
}

function articleOf (item: Fields): Article | null {
  const id = idOf(item.id)
  const updatedAt = instantOf(item.updated_at)
  if (id === null || updatedAt === null) return null
  const url = plainText(stringOf(item.url))
  const language = stringOf(item.default_locale)
  return {
    id,
    kind: 'article',
    title: plainText(stringOf(item.title)),
    text: htmlToText(stringOf(item.body)),
    ...(/^https?:/.test(url) ? { url } : {}),
    ...(language === '' ? {} : { language }),
    public: item.state === 'published' && item.help_center_audience !== 'restricted',
    updatedAt
  }
}

// `body` is html with <attribute key=… default=…/>, which would vanish; `body_text` keeps the placeholders readable.
function macroOf (item: Fields): Article | null {
  const id = idOf(item.id)
  const updatedAt = instantOf(item.updated_at)
  if (id === null || updatedAt === null) return null
  const text = plainText(stringOf(item.body_text)) || htmlToText(stringOf(item.body))
  return { id, kind: 'macro', title: plainText(stringOf(item.name)), text, public: true, updatedAt }
}
