// What a note says of macros and articles: the draft's own source or what the agent may want to read, with link and date.
// Only agents read a note, so an internal article may be named in it; its text never stands in a draft.
import type { Link } from '../types.ts'
import type { DraftArticle } from '../store/schema.ts'

export interface SourceWords {
  see: string
  macro: string
  article: string
  internal: string
  asOf: string
  open: string
}

const en: SourceWords = {
  see: 'See', macro: 'macro', article: 'article', internal: 'internal article', asOf: 'as of', open: 'open'
}

const WORDS: Readonly<Record<string, SourceWords>> = {
  en,
  de: { see: 'Siehe', macro: 'Makro', article: 'Artikel', internal: 'interner Artikel', asOf: 'Stand', open: 'öffnen' },
  fr: { see: 'Voir', macro: 'macro', article: 'article', internal: 'article interne', asOf: 'au', open: 'ouvrir' },
  es: { see: 'Ver', macro: 'macro', article: 'artículo', internal: 'artículo interno', asOf: 'a fecha de', open: 'abrir' },
  it: { see: 'Vedi', macro: 'macro', article: 'articolo', internal: 'articolo interno', asOf: 'al', open: 'apri' },
  pt: { see: 'Ver', macro: 'macro', article: 'artigo', internal: 'artigo interno', asOf: 'em', open: 'abrir' },
  nl: { see: 'Zie', macro: 'macro', article: 'artikel', internal: 'intern artikel', asOf: 'stand', open: 'openen' }
}

/** In the agents' language; English where it is not known. */
export function wordsOfSources (language: string): SourceWords {
  return WORDS[language] ?? en
}

/** One line for each, to stand among a note's facts. */
export function citedFacts (
  articles: DraftArticle[], say: SourceWords = en
): Array<{ label: string, text: string, link?: Link }> {
  return articles.map(({ kind, title, url, updatedAt, public: isPublic }) => {
    const what = kind === 'macro' ? say.macro : isPublic ? say.article : say.internal
    const text = `${what} “${title}”, ${say.asOf} ${updatedAt.slice(0, 10)}`
    return { label: say.see, text, ...(url === null ? {} : { link: { text: say.open, url } }) }
  })
}
