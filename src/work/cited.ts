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
  chance: (percent: number) => string               // that an agent links to it in such a ticket
}

const en: SourceWords = {
  see: 'See', macro: 'macro', article: 'article', internal: 'internal article', asOf: 'as of', open: 'open',
  chance: percent => `agents link it in ${percent} % of such tickets`
}

const WORDS: Readonly<Record<string, SourceWords>> = {
  en,
  de: {
    see: 'Siehe', macro: 'Makro', article: 'Artikel', internal: 'interner Artikel', asOf: 'Stand', open: 'öffnen',
    chance: percent => `in ${percent} % solcher Tickets verlinkt`
  },
  fr: {
    see: 'Voir', macro: 'macro', article: 'article', internal: 'article interne', asOf: 'au', open: 'ouvrir',
    chance: percent => `lié dans ${percent} % des tickets de ce genre`
  },
  es: {
    see: 'Ver', macro: 'macro', article: 'artículo', internal: 'artículo interno', asOf: 'a fecha de', open: 'abrir',
    chance: percent => `enlazado en el ${percent} % de estos tickets`
  },
  it: {
    see: 'Vedi', macro: 'macro', article: 'articolo', internal: 'articolo interno', asOf: 'al', open: 'apri',
    chance: percent => `collegato nel ${percent} % di questi ticket`
  },
  pt: {
    see: 'Ver', macro: 'macro', article: 'artigo', internal: 'artigo interno', asOf: 'em', open: 'abrir',
    chance: percent => `ligado em ${percent} % destes tickets`
  },
  nl: {
    see: 'Zie', macro: 'macro', article: 'artikel', internal: 'intern artikel', asOf: 'stand', open: 'openen',
    chance: percent => `in ${percent} % van zulke tickets gelinkt`
  }
}

/** In the agents' language; English where it is not known. */
export function wordsOfSources (language: string): SourceWords {
  return WORDS[language] ?? en
}

/** One line for each, to stand among a note's facts. */
export function citedFacts (
  articles: DraftArticle[], say: SourceWords = en
): Array<{ label: string, text: string, link?: Link }> {
  return articles.map(({ kind, title, url, updatedAt, public: isPublic, chance }) => {
    const what = kind === 'macro' ? say.macro : isPublic ? say.article : say.internal
    const how = chance === undefined ? '' : `, ${say.chance(Math.round(chance * 100))}`
    const text = `${what} “${title}”, ${say.asOf} ${updatedAt.slice(0, 10)}${how}`
    return { label: say.see, text, ...(url === null ? {} : { link: { text: say.open, url } }) }
  })
}
