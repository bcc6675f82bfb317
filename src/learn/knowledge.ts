// What the team has written down: macros and help-centre articles, a pool of its own beside the learned answers. A macro
// and each passage of a public article may be a draft; what is internal is only cited to the agent, never in a draft.
import type { Instant } from '../types.ts'
import { words } from '../text.ts'
import { learnWritten } from './answers.ts'
import type { Answers } from './answers.ts'
import { languageOf, stemsOf } from './features.ts'
import { doubt } from './lifecycle.ts'
import { addressOf, articleOf, linksIn } from './links.ts'
import { addDoc, countOne, emptyIndex, findNearest } from './nearest.ts'
import type { Index } from './nearest.ts'
import { coreOf } from './reward.ts'

/** An article as it was read, or that it is gone. */
export interface ArticleFact {
  connection: string                                // empty: of no helpdesk, for all
  id: string
  kind: 'article' | 'macro'
  title: string
  text: string
  url?: string
  language?: string
  public: boolean                                   // may be shown to customers
  updatedAt: Instant
  gone?: boolean
}

export interface Known {
  key: string
  connection: string
  kind: 'article' | 'macro'
  title: string
  url: string | null
  language: string
  public: boolean
  updatedAt: Instant
  gone: boolean
  edition: number                                   // how often it changed: passages of older ones are not found any more
  answers: number[]
  titleStems: string[]
}

export interface Knowledge { list: Known[], byKey: Record<string, number>, byUrl: Record<string, number>, index: Index }

/** A passage like the question. Similarity: cosine, 0 to 1. `answer` is null where the passage must not be a draft. */
export interface KnownHit { known: number, answer: number | null, similarity: number }

const PASSAGE_WORDS = 90
const MOST_PASSAGES = 12

export function emptyKnowledge (): Knowledge {
  return { list: [], byKey: {}, byUrl: {}, index: emptyIndex() }
}

/** Learns an article, its change or its end; what was drafted from the older one is doubted. Changes both. */
export function learnArticle (knowledge: Knowledge, answers: Answers, fact: ArticleFact): void {
  const key = `~${fact.connection}/${fact.kind}/${fact.id}`
  const before = knowledge.list[knowledge.byKey[key] ?? -1]
  const language = fact.language?.slice(0, 2).toLowerCase() || languageOf(fact.text)
  for (const id of before?.answers ?? []) {
    const answer = answers.list[id]
    if (answer !== undefined && answer.from === key) doubt(answer, fact.updatedAt)
  }
  const known: Known = {
    key, connection: fact.connection, kind: fact.kind, title: fact.title, url: fact.url ?? null, language,
    public: fact.public, updatedAt: fact.updatedAt, gone: fact.gone === true, edition: (before?.edition ?? 0) + 1,
    answers: [], titleStems: [...stemsOf(fact.title).keys()]
  }
  const at = knowledge.byKey[key] ?? knowledge.list.push(known) - 1
  knowledge.byKey[key] = at
  knowledge.list[at] = known
  if (known.url !== null) knowledge.byUrl[keyOf(known.url)] = at
  // A macro that is not public is one agent's own, or a comment for colleagues: nobody else is shown it
  if (known.gone || (fact.kind === 'macro' && !fact.public)) return
  for (const passage of passagesOf(fact)) {
    const stems = [...stemsOf(`${fact.title}\n${passage}`).keys()]
    const answer = fact.public ? learnWritten(answers, passage, language, key, fact.updatedAt) : -1
    const written = answers.list[answer]
    if (written !== undefined) {
      known.answers.push(answer)
      // What the team has just written replaces what was sent before it
      written.state = 'promoted'
      written.stateAt = fact.updatedAt
    }
    countOne(knowledge.index, stems)
    addDoc(knowledge.index, stems, {
      connection: String(known.edition), ticketId: String(at), language, at: fact.updatedAt, answer
    })
  }
}

/** The passages most like a question, best first, each article once. A macro belongs to its own helpdesk. Reads only. */
export function findKnown (
  knowledge: Knowledge, stems: string[], language: string, connection: string, most: number
): KnownHit[] {
  if (knowledge.list.length === 0) return []
  const seen = new Set<number>()
  return findNearest(knowledge.index, stems, language, most * 8).flatMap(({ doc: id, similarity }) => {
    const doc = knowledge.index.docs[id]
    const at = Number(doc?.ticketId)
    const known = knowledge.list[at]
    if (doc === undefined || known === undefined || known.gone || seen.has(at)) return []
    if (String(known.edition) !== doc.connection) return []
    if (known.kind === 'macro' && known.connection !== '' && known.connection !== connection) return []
    seen.add(at)
    return [{ known: at, answer: doc.answer < 0 ? null : doc.answer, similarity }]
  }).slice(0, most)
}

/** What an article is called where it is cited: the address that links to it have in common; without one its own key. */
export function nameOf (known: Known): string {
  return known.url === null ? known.key : addressOf(known.url)
}

/** The article of a name, gone or not; null: nobody has told of it. */
export function findNamed (knowledge: Knowledge, name: string): Known | null {
  return knowledge.list[knowledge.byUrl[`~${name}`] ?? knowledge.byKey[name] ?? -1] ?? null
}

/** The articles that a text links to, by name: those that are known, and whatever else looks like one. */
export function citedIn (knowledge: Knowledge, text: string): string[] {
  return [...new Set(linksIn(text).flatMap(link => {
    const known = knowledge.list[knowledge.byUrl[keyOf(link)] ?? -1]
    const name = known === undefined ? articleOf(link) : nameOf(known)
    return name === null ? [] : [name]
  }))]
}

// A macro is one passage; an article is cut between its paragraphs.
function passagesOf (fact: ArticleFact): string[] {
  if (fact.kind === 'macro') {
    const core = coreOf(fact.text)
    return core === '' ? [] : [core]
  }
  const passages: string[] = []
  let current: string[] = []
  let size = 0
  for (const paragraph of fact.text.split('\n\n')) {
    const n = words(paragraph).length
    if (size > 0 && size + n > PASSAGE_WORDS) {
      passages.push(current.join('\n\n'))
      current = []
      size = 0
    }
    current.push(paragraph)
    size += n
  }
  if (size > 0) passages.push(current.join('\n\n'))
  return passages.slice(0, MOST_PASSAGES)
}

function keyOf (url: string): string {
  return `~${addressOf(url)}`
}
