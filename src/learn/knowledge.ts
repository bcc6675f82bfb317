// What the team has written down: macros and help-centre articles, a pool of its own beside the learned answers. A macro
// and each passage of a public article may be a draft; what is internal is only cited to the agent, never in a draft.
import type { Instant } from '../types.ts'
import { words } from '../text.ts'
import { learnWritten } from './answers.ts'
import type { Answers } from './answers.ts'
import { languageOf, stemsOf } from './features.ts'
import { doubt } from './lifecycle.ts'
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
}

export interface Knowledge { list: Known[], byKey: Record<string, number>, byUrl: Record<string, number>, index: Index }

/** A passage like the question. Similarity: cosine, 0 to 1. `answer` is null where the passage must not be a draft. */
export interface KnownHit { known: number, answer: number | null, similarity: number }

/** What a note says of an article. */
export interface Cited { kind: 'article' | 'macro', title: string, url: string | null, updatedAt: Instant, public: boolean }

const PASSAGE_WORDS = 90
const MOST_PASSAGES = 12
const LIKE_ENOUGH = 0.15                            // cosine from which an article is worth an agent's glance

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
    answers: []
  }
  const at = knowledge.byKey[key] ?? knowledge.list.push(known) - 1
  knowledge.byKey[key] = at
  knowledge.list[at] = known
  if (known.url !== null) knowledge.byUrl[addressOf(known.url)] = at
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

/** The articles that a text links to, by key. */
export function linkedIn (knowledge: Knowledge, text: string): string[] {
  if (knowledge.list.length === 0) return []
  const links = text.match(/https?:\/\/[^\s<>()[\]"']+/g) ?? []
  return [...new Set(links.flatMap(link => {
    const known = knowledge.list[knowledge.byUrl[addressOf(link)] ?? -1]
    return known === undefined ? [] : [known.key]
  }))]
}

/**
 * What an agent should look at beside the draft, at most two: where the draft's text comes from, then what replies to
 * similar questions link to, then what is like the question. `votes` hold article keys with the similarity of their question.
 */
export function citedFor (
  knowledge: Knowledge, from: string | null, votes: Array<{ key: string, similarity: number }>, hits: KnownHit[]
): Cited[] {
  const voted = new Map<string, number>()
  for (const { key, similarity } of votes) voted.set(key, (voted.get(key) ?? 0) + similarity)
  const ranked = [...voted].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([key]) => key)
  const like = hits.filter(h => h.similarity >= LIKE_ENOUGH).map(h => knowledge.list[h.known]?.key ?? '')
  const keys = [...new Set([...(from === null ? [] : [from]), ...ranked, ...like])]
  return keys.flatMap(key => {
    const known = knowledge.list[knowledge.byKey[key] ?? -1]
    if (known === undefined || known.gone) return []
    const { kind, title, url, updatedAt, public: isPublic } = known
    return [{ kind, title, url, updatedAt, public: isPublic }]
  }).slice(0, 2)
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

// Without language, query and place in the page.
function addressOf (url: string): string {
  const bare = url.replace(/[?#].*$/, '').replace(/[.,;:!?'"/]+$/, '').toLowerCase()
  return '~' + bare.replace(/^https?:\/\//, '').replace(/\/[a-z]{2}(-[a-z]{2,4})?(?=\/)/g, '')
}
