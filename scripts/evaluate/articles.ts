// Links to a help centre, as the same article whatever its language, and the words that an article is known by.
import { stemsOf } from '../../src/learn/features.ts'
import type { Likeness } from '../../src/learn/citations.ts'
import { linesOf } from '../archive.ts'

// Where help centres keep their articles: /hc/…/articles/ (Zendesk), /articles/ (Intercom), /support/solutions/articles/
// (Freshdesk), /kb/ (Kitsune and many of their own making).
const ARTICLE = /\/(?:kb|articles|solutions\/articles)\/([^/?#]+)/

/** The articles that a text links to, in order, each once. */
export function articlesIn (text: string): string[] {
  const links = text.match(/https?:\/\/[^\s<>()[\]"']+/g) ?? []
  return [...new Set(links.flatMap(link => {
    const id = articleOf(link)
    return id === null ? [] : [id]
  }))]
}

/** The host and name of an article, without language, query and place in the page. Null: the link is to no article. */
export function articleOf (link: string): string | null {
  const clean = link.replace(/[.,;:!?'"]+$/, '')
  if (!URL.canParse(clean)) return null
  const { host, pathname } = new URL(clean)
  const name = ARTICLE.exec(pathname)?.[1]
  return name === undefined ? null : `${host}/${name.toLowerCase()}`
}

/** How much of an article's own words a question shares: of its title where that is known, else of its address. */
export function makeLikeness (titles: ReadonlyMap<string, string>): Likeness {
  const known = new Map<string, string[]>()
  return (stems, article, weigh = () => 1) => {
    let own = known.get(article)
    if (own === undefined) {
      const title = titles.get(article) ?? article.slice(article.indexOf('/') + 1).replaceAll(/[-_+%\d]+/g, ' ')
      own = [...stemsOf(title).keys()]
      known.set(article, own)
    }
    const all = own.reduce((sum, s) => sum + weigh(s), 0)
    return all === 0 ? 0 : own.reduce((sum, s) => sum + (stems.has(s) ? weigh(s) : 0), 0) / all
  }
}

/** Titles by article, from one JSON with `title` and `url` per line. */
export async function readTitles (file: string | null): Promise<Map<string, string>> {
  const titles = new Map<string, string>()
  if (file === null) return titles
  for await (const text of linesOf(file)) {
    if (text.trim() === '') continue
    const row: unknown = JSON.parse(text)
    if (typeof row !== 'object' || row === null || !('title' in row) || !('url' in row)) continue
    const id = articleOf(String(row.url))
    if (id !== null && typeof row.title === 'string') titles.set(id, row.title)
  }
  return titles
}
