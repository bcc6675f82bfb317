// The help articles beside a draft: which of them an agent will cite, as the citations tell, said as the note says it; and
// what the reply teaches about it. The guard has let pass what is learned here.
import type { Instant } from '../types.ts'
import { findArticles, learnOne } from './citations.ts'
import type { Around, CitedQuestion, Guess, Suggested } from './citations.ts'
import { citedIn, findKnown, findNamed, nameOf } from './knowledge.ts'
import type { Known, KnownHit } from './knowledge.ts'
import type { Mind } from './mind.ts'
import { findNearest } from './nearest.ts'
import { sharesOf } from './listwise.ts'

/** What a note says of an article. `chance`: how likely agents cite it here, where that was learned, 0 to 1. */
export interface Cited {
  kind: 'article' | 'macro', title: string, url: string | null, updatedAt: Instant, public: boolean, chance?: number
}

const MOST_CITED = 2
const MOST_KNOWN = 4
const LEAST_CHANCE = 0.2                            // one in five: below it an article is not worth an agent's glance
const LIKE_ENOUGH = 0.15                            // cosine from which a macro is

/** The articles that may be cited, likeliest first. `sources`: similar questions and what their replies cited. Reads only. */
export function suggestFor (
  mind: Mind, question: CitedQuestion, sources: Array<{ similarity: number, articles: string[] }>, known: KnownHit[]
): Suggested {
  const written = known.flatMap(({ known: at, similarity }) => {
    const found = mind.knowledge.list[at]
    return found?.kind === 'article' ? [{ article: nameOf(found), similarity }] : []
  })
  const around: Around = {
    counts: mind.index, votes: sources, written,
    titleOf: name => findNamed(mind.knowledge, name)?.titleStems ?? null,
    isGone: name => findNamed(mind.knowledge, name)?.gone === true
  }
  return findArticles(mind.citations, question, around)
}

/**
 * What an agent should look at beside the draft, at most two: where the draft's text comes from, then what he is likely
 * enough to cite, then macros that are like the question. Reads only.
 */
export function citedFor (mind: Mind, from: string | null, suggested: Suggested, hits: KnownHit[]): Cited[] {
  const source = mind.knowledge.list[mind.knowledge.byKey[from ?? ''] ?? -1]
  const found: Array<{ known: Known | null | undefined, chance?: number }> = [{ known: source }]
  const shares = sharesOf(suggested.list.map(s => s.logit))
  for (const [i, { article }] of suggested.list.entries()) {
    // Calibrated is the first; the others are as much less likely as the ranking says.
    const chance = suggested.score * (shares[i] ?? 0) / (shares[0] ?? 1)
    if (chance < LEAST_CHANCE) break
    found.push({ known: findNamed(mind.knowledge, article), chance })
  }
  const macros = hits.filter(h => h.similarity >= LIKE_ENOUGH).map(h => mind.knowledge.list[h.known])
  found.push(...macros.filter(known => known?.kind === 'macro').map(known => ({ known })))
  const seen = new Set<string>()
  return found.flatMap(({ known, chance }): Cited[] => {
    if (known === null || known === undefined || known.gone || seen.has(known.key)) return []
    seen.add(known.key)
    const { kind, title, url, updatedAt, public: isPublic } = known
    const cited = { kind, title, url, updatedAt, public: isPublic }
    return [chance === undefined ? cited : { ...cited, chance: Math.round(chance * 100) / 100 }]
  }).slice(0, MOST_CITED)
}

/** Learns which articles a reply cited, and returns them. `neighbours`: as many similar questions as a draft looks at. Changes `mind`. */
export function learnCited (
  mind: Mind, neighbours: number, connection: string,
  asked: { stems: string[], title: string[], language: string, cited: Guess }, reply: { text: string, at: Instant }
): string[] {
  const { stems, title, language, cited } = asked
  const articles = citedIn(mind.knowledge, reply.text)
  const question = { stems, title, language, at: reply.at }
  const again = (): Suggested => {
    const sources = findNearest(mind.index, stems, language, neighbours)
      .map(({ doc, similarity }) => ({ similarity, articles: mind.index.docs[doc]?.articles ?? [] }))
    return suggestFor(mind, question, sources, findKnown(mind.knowledge, stems, language, connection, MOST_KNOWN))
  }
  learnOne(mind.citations, question, cited, articles, mind.index, again)
  return articles
}
