// Which help article an agent will cite: the articles cited for similar questions, those that the words of the question
// call for, and those cited most of late in its language, weighed by what came true. And how likely it is that he cites
// the first of them at all.
import { emptyClassifier, learnOne as learnClassifier, scoreOne as scoreClassifier } from './classify/classifier.ts'
import type { Classifier } from './classify/classifier.ts'
import type { Features } from './classify/hashed.ts'
import { emptyCalibrator, learnOne as learnCalibrator, scoreOne as calibrate } from './calibrate.ts'
import type { Calibrator } from './calibrate.ts'
import { learnList, sharesOf } from './listwise.ts'
import { addDoc, countOne, emptyIndex, findNearest, idfOf } from './nearest.ts'
import type { Index } from './nearest.ts'
import * as scorer from './scorer.ts'

export interface Citations {
  words: Classifier
  index: Index                                      // questions whose reply cited, found again by their words
  replies: string[][]                               // the articles that each of them cited
  cited: Fading                                     // by article
  byLanguage: Record<string, Fading>
  citing: Record<string, number>                    // by language: the share of late replies that cite anything
  lastAt: Record<string, string>                    // by article
  ranker: scorer.Scorer
  sure: scorer.Scorer
  calibrator: Calibrator
}

/** How often of late: each reply that cites makes the older ones fade. */
type Fading = Record<string, number>

/** What is asked: its words as features and as stems, its language, and when. */
export interface CitedQuestion { features: Features, stems: string[], language: string, at: string }

/** What similar questions were answered with: the articles of each reply, none or several. */
export interface Vote { articles: string[], similarity: number }

export interface Suggestion { article: string, features: number[], logit: number }

export interface Suggested { list: Suggestion[], signs: number[], score: number }

/** How much of an article's own words a question shares, 0 to 1; `weigh` says how much a stem counts. */
export type Likeness = (stems: ReadonlySet<string>, article: string, weigh?: (stem: string) => number) => number

// Share of the votes, the best vote, what the words call for, the same as log-odds, popularity, words in common, and
// these by their rarity; among questions that cited: share, best, log-odds of the share; popularity in the language, the
// same as log-odds; how lately it was cited.
const FIRST_RANK = [3, 1, 2, 0.2, 1, 1, 1, 1, 1, 1, 1, 1, 1]
// Intercept, logit and share of the first, share of the neighbours that cite, what its words call for, its best vote, the
// share of late replies in this language that cite.
const FIRST_SURE = [-2, 0.5, 1, 1, 1, 0, 1]
const FADE = 0.997
const FADE_LANGUAGE = 0.98
const FADE_CITING = 0.99
const FROM_WORDS = 15
const FROM_CITED = 15
const NEIGHBOURS = 60
const HALF_LIFE_DAYS = 120                          // of a citation's vote
const LATE_DAYS = 20
const DAY_MS = 86_400_000
const TEACHING = { replays: 2, keptPerClass: 10 }

export function emptyCitations (seed: number): Citations {
  return {
    words: emptyClassifier(seed),
    index: emptyIndex(),
    replies: [],
    cited: {},
    byLanguage: {},
    citing: {},
    lastAt: {},
    ranker: scorer.emptyScorer(FIRST_RANK),
    sure: scorer.emptyScorer(FIRST_SURE),
    calibrator: emptyCalibrator()
  }
}

/**
 * The articles that may be cited, likeliest first, and how likely it is that the first one is (calibrated, 0 to 1).
 * `votes`: what questions like this one were answered with, whether the reply cites or not. Reads only.
 */
export function findArticles (
  state: Citations, question: CitedQuestion, votes: Vote[], likeness: Likeness
): Suggested {
  const { features, language, at } = question
  const verdict = scoreClassifier(state.words, features, FROM_WORDS)
  const shares = new Map(verdict.ranked.map(r => [r.label, r.share]))
  const voted = countVotes(votes)
  const among = countVotes(votesAmong(state, question))
  const inLanguage = state.byLanguage[keyOf(language)] ?? {}
  const total = sumOf(Object.values(state.cited)) || 1
  const totalHere = sumOf(Object.values(inLanguage)) || 1
  const popular = Object.entries(inLanguage).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, FROM_CITED).map(([article]) => article)
  const stems = new Set(question.stems)
  const weigh = (stem: string): number => idfOf(state.index, stem)
  const candidates = new Set([...voted.of.keys(), ...among.of.keys(), ...shares.keys(), ...popular])
  const list = [...candidates].map(article => {
    const share = shares.get(article) ?? 0
    const vote = voted.of.get(article)
    const near = among.of.get(article)
    const nearShare = (near?.sum ?? 0) / (among.sum || 1)
    const here = (inLanguage[article] ?? 0) / totalHere
    const why = [
      (vote?.sum ?? 0) / (voted.sum || 1), vote?.best ?? 0, share, Math.log(share + 1e-3) / 2,
      Math.sqrt((state.cited[article] ?? 0) / total), likeness(stems, article), likeness(stems, article, weigh),
      nearShare, near?.best ?? 0, Math.log(nearShare + 0.01) / 2,
      Math.sqrt(here), Math.log(here + 0.002) / 2, latenessOf(state.lastAt[article], at)
    ]
    return { article, features: why, logit: scorer.logitOf(state.ranker, why) }
  }).sort((a, b) => b.logit - a.logit || (a.article < b.article ? -1 : 1))
  const [first] = list
  const all = sumOf(votes.map(v => v.similarity))
  const citing = sumOf(votes.filter(v => v.articles.length > 0).map(v => v.similarity))
  const signs = [
    1, first?.logit ?? -5, sharesOf(list.map(c => c.logit))[0] ?? 0, citing / (all || 1), verdict.score,
    first?.features[1] ?? 0, state.citing[keyOf(language)] ?? 0
  ]
  const score = first === undefined ? 0 : calibrate(state.calibrator, scorer.logitOf(state.sure, signs))
  return { list, signs, score }
}

/** Counts a question's words, whatever becomes of it: what is rare is worth more. Changes `state`. */
export function countQuestion (state: Citations, stems: string[]): void {
  countOne(state.index, stems)
}

/** Learns which articles a reply cited; none is also told. Changes `state`. */
export function learnOne (
  state: Citations, question: CitedQuestion, suggested: Suggested, articles: string[], at: string
): void {
  const { features, stems } = question
  const language = keyOf(question.language)
  const [first] = suggested.list
  if (first !== undefined) {
    const right = articles.includes(first.article)
    state.calibrator = learnCalibrator(state.calibrator, scorer.logitOf(state.sure, suggested.signs), right)
    state.sure = scorer.learnOne(state.sure, suggested.signs, right ? 1 : 0)
  }
  state.citing[language] = (state.citing[language] ?? 0) * FADE_CITING + (articles.length > 0 ? 1 - FADE_CITING : 0)
  if (articles.length === 0) return
  state.ranker = learnList(state.ranker, suggested.list.map(c => ({ ...c, right: articles.includes(c.article) })))
  const here = state.byLanguage[language] ??= {}
  countCited(state.cited, articles, FADE)
  countCited(here, articles, FADE_LANGUAGE)
  const answer = state.replies.push([...articles]) - 1
  addDoc(state.index, stems, { connection: '', ticketId: '', language: question.language, at, answer })
  for (const article of articles) {
    state.lastAt[article] = at
    learnClassifier(state.words, features, article, TEACHING)
  }
}

// Replies that cited, to questions of the same language; an older one counts less, and one half as alike a quarter.
function votesAmong (state: Citations, { stems, language, at }: CitedQuestion): Array<Vote & { weight: number }> {
  return findNearest(state.index, stems, language, NEIGHBOURS).flatMap(({ doc, similarity }) => {
    const known = state.index.docs[doc]
    if (known === undefined) return []
    const days = Math.max(0, (Date.parse(at) - Date.parse(known.at)) / DAY_MS)
    const weight = similarity ** 2 * 0.5 ** (days / HALF_LIFE_DAYS)
    return [{ articles: state.replies[known.answer] ?? [], similarity, weight }]
  })
}

interface Votes { sum: number, of: Map<string, { sum: number, best: number }> }

function countVotes (votes: Array<Vote & { weight?: number }>): Votes {
  const of: Votes['of'] = new Map()
  let sum = 0
  for (const { articles, similarity, weight = similarity } of votes) {
    if (articles.length > 0) sum += weight
    for (const article of articles) {
      const vote = of.get(article) ?? { sum: 0, best: 0 }
      of.set(article, { sum: vote.sum + weight, best: Math.max(vote.best, similarity) })
    }
  }
  return { sum, of }
}

function countCited (cited: Fading, articles: string[], fade: number): void {
  for (const [article, n] of Object.entries(cited)) cited[article] = n * fade
  for (const article of articles) cited[article] = (cited[article] ?? 0) + 1
}

// Falls to a third within twenty days since it was cited last; never cited: 0.
function latenessOf (lastAt: string | undefined, at: string): number {
  return lastAt === undefined ? 0 : Math.exp(-Math.max(0, Date.parse(at) - Date.parse(lastAt)) / DAY_MS / LATE_DAYS)
}

// No language is the name of something that every object has.
function keyOf (language: string): string {
  return `~${language}`
}

function sumOf (list: number[]): number {
  return list.reduce((a, b) => a + b, 0)
}
