// What a note says of macros and articles: the draft's own source or what the agent may want to read, with link and date.
// Only agents read a note, so an internal article may be named in it; its text never stands in a draft.
import type { Link } from '../types.ts'
import type { DraftArticle } from '../store/schema.ts'

/** One line for each, to stand among a note's facts. */
export function citedFacts (articles: DraftArticle[]): Array<{ label: string, text: string, link?: Link }> {
  return articles.map(({ kind, title, url, updatedAt, public: isPublic }) => {
    const what = kind === 'macro' ? 'macro' : isPublic ? 'article' : 'internal article'
    const text = `${what} “${title}”, as of ${updatedAt.slice(0, 10)}`
    return { label: 'See', text, ...(url === null ? {} : { link: { text: 'open', url } }) }
  })
}
