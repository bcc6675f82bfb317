// Which help article an agent will cite: the articles cited for similar questions, those that the words of the question
// call for, and those cited most of late, weighed by what came true. And how likely it is that he cites that one at all.
import { emptyClassifier, learnOne as learnClassifier, scoreOne as scoreClassifier } from './classify/classifier.ts'
import type { Classifier } from './classify/classifier.ts'
import type { Features } from './classify/hashed.ts'
import { emptyCalibrator, learnOne as learnCalibrator, scoreOne as calibrate } from './calibrate.ts'
import type { Calibrator } from './calibrate.ts'
import * as scorer from './scorer.ts'

export interface Citations {
  words: Classifier
  cited: Record<string, number>                     // how often of late: each reply that cites makes the older ones fade
  ranker: scorer.Scorer
  citing: scorer.Scorer
  calibrator: Calibrator
}

/** What similar questions were answered with: the articles of each reply, none or several. */
export interface Vote { articles: string[], similarity: number }

export interface Suggestion { article: string, features: number[], logit: number }

export interface Suggested { list: Suggestion[], signs: number[], score: number }

// Share of the votes, the best vote, what the words call for, the same as log-odds, recent popularity, words in common.
const FIRST_RANK = [-3, 3, 1, 2, 0.2, 1, 1]
const FIRST_CITING = [-2, 0.5, 1, 1, 0]
const FADE = 0.997
const FROM_WORDS = 15
const FROM_CITED = 15
const TEACHING = { replays: 2, keptPerClass: 10 }

export function emptyCitations (seed: number): Citations {
  return {
    words: emptyClassifier(seed),
    cited: {},
    ranker: scorer.emptyScorer(FIRST_RANK),
    citing: scorer.emptyScorer(FIRST_CITING),
    calibrator: emptyCalibrator()
  }
}

/**
 * The articles that may be cited, likeliest first, and how likely it is that the first one is (calibrated, 0 to 1).
 * `likeness` says how much of an article's own words the question shares, 0 to 1. Reads only.
 */
export function findArticles (
  state: Citations, features: Features, votes: Vote[], likeness: (article: string) => number
): Suggested {
  const verdict = scoreClassifier(state.words, features, FROM_WORDS)
  const shares = new Map(verdict.ranked.map(r => [r.label, r.share]))
  const voted = new Map<string, { sum: number, best: number }>()
  let all = 0
  let citing = 0
  for (const { articles, similarity } of votes) {
    all += similarity
    if (articles.length > 0) citing += similarity
    for (const article of articles) {
      const v = voted.get(article) ?? { sum: 0, best: 0 }
      voted.set(article, { sum: v.sum + similarity, best: Math.max(v.best, similarity) })
    }
  }
  const total = Object.values(state.cited).reduce((a, b) => a + b, 0) || 1
  const popular = Object.entries(state.cited).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, FROM_CITED).map(([article]) => article)
  const list = [...new Set([...voted.keys(), ...shares.keys(), ...popular])].map(article => {
    const share = shares.get(article) ?? 0
    const vote = voted.get(article)
    const list = [
      1, (vote?.sum ?? 0) / (citing || 1), vote?.best ?? 0, share, Math.log(share + 1e-3) / 2,
      Math.sqrt((state.cited[article] ?? 0) / total), likeness(article)
    ]
    return { article, features: list, logit: scorer.logitOf(state.ranker, list) }
  }).sort((a, b) => b.logit - a.logit || (a.article < b.article ? -1 : 1))
  const signs = [1, list[0]?.logit ?? -5, citing / (all || 1), verdict.score, list[0]?.features[2] ?? 0]
  const score = list.length === 0 ? 0 : calibrate(state.calibrator, scorer.logitOf(state.citing, signs))
  return { list, signs, score }
}

/** Learns which articles a reply cited; none is also told. Changes `state`. */
export function learnOne (state: Citations, features: Features, suggested: Suggested, articles: string[]): void {
  const [first] = suggested.list
  if (first !== undefined) {
    const right = articles.includes(first.article)
    state.calibrator = learnCalibrator(state.calibrator, scorer.logitOf(state.citing, suggested.signs), right)
    state.citing = scorer.learnOne(state.citing, suggested.signs, right ? 1 : 0)
  }
  if (articles.length === 0) return
  for (const { article, features: why } of suggested.list) {
    state.ranker = scorer.learnOne(state.ranker, why, articles.includes(article) ? 1 : 0)
  }
  for (const [article, n] of Object.entries(state.cited)) state.cited[article] = n * FADE
  for (const article of articles) {
    state.cited[article] = (state.cited[article] ?? 0) + 1
    learnClassifier(state.words, features, article, TEACHING)
  }
}
