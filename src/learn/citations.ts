// Which help article an agent will cite: the articles cited for similar questions, those that the words of the question
// call for, those whose own text is like it, and those cited most of late in its language, weighed by what came true. And
// how likely it is that he cites the first of them at all. The live house, the backtest and the evaluation all rank by this.
import type { Instant } from '../types.ts'
import { emptyCalibrator, learnOne as learnCalibrator, scoreOne as calibrate } from './calibrate.ts'
import type { Calibrator } from './calibrate.ts'
import { classifierOf, emptyCases, learnCase, wordsOf } from './cited-words.ts'
import type { Cases } from './cited-words.ts'
import { scoreOne as scoreClassifier } from './classify/classifier.ts'
import { stemsOfAddress } from './links.ts'
import { learnList, sharesOf } from './listwise.ts'
import { addDoc, countOne, emptyIndex, findNearest, forgetOldest, idfOf } from './nearest.ts'
import type { Index, Reach } from './nearest.ts'
import * as scorer from './scorer.ts'

export interface Citations {
  cases: Cases                                      // which article the words call for
  index: Index                                      // questions whose reply cited; how often a stem comes is counted elsewhere
  titles: Index                                     // the same questions by their titles alone
  cited: Fading                                     // by article
  byLanguage: Record<string, Fading>
  citing: Record<string, number>                    // by language: the share of late replies that cite anything
  known: Record<string, { lastAt: Instant, stems: string[] }>     // by article: when it was cited last, what its address says
  ranker: scorer.Scorer
  sure: scorer.Scorer
  calibrator: Calibrator
}

/** How often of late: each reply that cites makes the older ones fade, until nothing is left. */
type Fading = Record<string, number>

/** `title`: the stems of what stands first, the subject where there is one. */
export interface CitedQuestion { stems: string[], title: string[], language: string, at: Instant }

/** What similar questions were answered with: the articles of each reply, none or several. */
export interface Vote { articles: string[], similarity: number }

/** What is known beside the citations themselves. */
export interface Around {
  counts: Index                                     // of all questions: how often each stem was asked
  votes: Vote[]
  written: Array<{ article: string, similarity: number }>         // articles whose own text is like the question, 0 to 1
  titleOf: (article: string) => string[] | null     // the stems of its title; null: nobody knows its title
  isGone: (article: string) => boolean
}

export interface Suggestion { article: string, features: number[], logit: number }

/** `score`: how likely the reply cites the first of the list, calibrated, 0 to 1. */
export interface Suggested { list: Suggestion[], signs: number[], score: number }

/** What was suggested first, and why: all that must be kept until the reply comes. */
export interface Guess { article: string | null, signs: number[] }

// Share of the votes, the best vote, what the words call for, the same as log-odds, popularity, words in common, and
// these by their rarity; among questions that cited: share, best, log-odds of the share; popularity in the language, the
// same as log-odds; how lately it was cited; how like the question its own text is; among questions that cited and have a
// like title: share, best.
const FIRST_RANK = [3, 1, 2, 0.2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 0.5, 0.5]
// Intercept, logit and share of the first, share of the neighbours that cite, what its words call for, its best vote, the
// share of late replies in this language that cite, how like the question its own text is.
const FIRST_SURE = [-2, 0.5, 1, 1, 1, 0, 1, 5]
const FADE = 0.997
const FADE_LANGUAGE = 0.98
const FADE_CITING = 0.99
const FADED = 0.001
const FROM_WORDS = 15
const FROM_CITED = 15
const NEIGHBOURS = 60
const LATELY: Reach = Object.freeze({ postings: 3_000, perStem: 200 })          // what is cited changes faster than what is said
const MOST_DOCS = 5_000
const HALF_LIFE_DAYS = 120                          // of a citation's vote
const LATE_DAYS = 20
const DAY_MS = 86_400_000

export function emptyCitations (): Citations {
  return {
    cases: emptyCases(), index: emptyIndex(), titles: emptyIndex(), cited: {}, byLanguage: {}, citing: {}, known: {},
    ranker: scorer.emptyScorer(FIRST_RANK), sure: scorer.emptyScorer(FIRST_SURE), calibrator: emptyCalibrator()
  }
}

/** The articles that may be cited, likeliest first, and how likely it is that the first one is. Reads only. */
export function findArticles (state: Citations, question: CitedQuestion, around: Around): Suggested {
  const { language } = question
  const { votes, written } = around
  if (state.index.docs.length === 0 && written.length === 0 && votes.every(v => v.articles.length === 0)) {
    return { list: [], signs: signsOf(state, language, votes, [], 0), score: 0 }
  }
  const verdict = scoreClassifier(classifierOf(state.cases), wordsOf(question), FROM_WORDS)
  const shares = new Map(verdict.ranked.map(r => [r.label, r.share]))
  const list = listOf(state, question, around, shares)
  const signs = signsOf(state, language, votes, list, verdict.score)
  const score = list.length === 0 ? 0 : calibrate(state.calibrator, scorer.logitOf(state.sure, signs))
  return { list, signs, score }
}

function listOf (
  state: Citations, question: CitedQuestion, around: Around, shares: Map<string, number>
): Suggestion[] {
  const { language, at } = question
  const voted = countVotes(around.votes)
  const among = countVotes(votesAmong(state.index, question.stems, question, around.counts))
  const titled = countVotes(votesAmong(state.titles, question.title, question, state.titles))
  const inLanguage = state.byLanguage[keyOf(language)] ?? {}
  const total = sumOf(Object.values(state.cited)) || 1
  const totalHere = sumOf(Object.values(inLanguage)) || 1
  const popular = Object.entries(inLanguage).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, FROM_CITED).map(([key]) => key.slice(1))
  const written = new Map(around.written.map(w => [w.article, w.similarity]))
  const stems = new Set(question.stems)
  const candidates = new Set([...voted.of.keys(), ...among.of.keys(), ...shares.keys(), ...popular, ...written.keys()])
  return [...candidates].filter(article => !around.isGone(article)).map(article => {
    const share = shares.get(article) ?? 0
    const vote = voted.of.get(article)
    const near = among.of.get(article)
    const nearShare = (near?.sum ?? 0) / (among.sum || 1)
    const here = (inLanguage[keyOf(article)] ?? 0) / totalHere
    const own = around.titleOf(article) ?? state.known[keyOf(article)]?.stems ?? stemsOfAddress(article)
    const features = [
      (vote?.sum ?? 0) / (voted.sum || 1), vote?.best ?? 0, share, Math.log(share + 1e-3) / 2,
      Math.sqrt((state.cited[keyOf(article)] ?? 0) / total),
      likenessOf(stems, own, () => 1), likenessOf(stems, own, stem => idfOf(around.counts, stem)),
      nearShare, near?.best ?? 0, Math.log(nearShare + 0.01) / 2,
      Math.sqrt(here), Math.log(here + 0.002) / 2, latenessOf(state.known[keyOf(article)]?.lastAt, at),
      written.get(article) ?? 0,
      (titled.of.get(article)?.sum ?? 0) / (titled.sum || 1), titled.of.get(article)?.best ?? 0
    ]
    return { article, features, logit: scorer.logitOf(state.ranker, features) }
  }).sort((a, b) => b.logit - a.logit || (a.article < b.article ? -1 : 1))
}

function signsOf (state: Citations, language: string, votes: Vote[], list: Suggestion[], called: number): number[] {
  const [first] = list
  const all = sumOf(votes.map(v => v.similarity))
  const citing = sumOf(votes.filter(v => v.articles.length > 0).map(v => v.similarity))
  return [
    1, first?.logit ?? -5, sharesOf(list.map(c => c.logit))[0] ?? 0, citing / (all || 1), called,
    first?.features[1] ?? 0, state.citing[keyOf(language)] ?? 0, first?.features[13] ?? 0
  ]
}

export function guessOf ({ list, signs }: Suggested): Guess {
  return { article: list[0]?.article ?? null, signs: signs.map(sign => Math.round(sign * 1e4) / 1e4) }
}

/**
 * Learns which articles a reply cited; none is also told. `again`: what would be suggested for the question now, looked for
 * only where something is to be learned from it, so that long lists need not be kept until replies come. Changes `state`.
 */
export function learnOne (
  state: Citations, question: CitedQuestion, guess: Guess, articles: string[], counts: Index, again: () => Suggested
): void {
  const language = keyOf(question.language)
  if (guess.article !== null) {
    const right = articles.includes(guess.article)
    state.calibrator = learnCalibrator(state.calibrator, scorer.logitOf(state.sure, guess.signs), right)
    state.sure = scorer.learnOne(state.sure, guess.signs, right ? 1 : 0)
  }
  state.citing[language] = (state.citing[language] ?? 0) * FADE_CITING + (articles.length > 0 ? 1 - FADE_CITING : 0)
  if (articles.length === 0) return
  state.ranker = learnList(state.ranker, again().list.map(c => ({ ...c, right: articles.includes(c.article) })))
  const { at } = question
  countCited(state.cited, articles, FADE)
  countCited(state.byLanguage[language] ??= {}, articles, FADE_LANGUAGE)
  const doc = { connection: '', ticketId: '', language: question.language, at, answer: -1, articles }
  addDoc(state.index, question.stems, doc, counts)
  countOne(state.titles, question.title)
  addDoc(state.titles, question.title, doc)
  for (const index of [state.index, state.titles]) forgetOldest(index, MOST_DOCS)
  for (const article of articles) {
    const before = state.known[keyOf(article)]
    state.known[keyOf(article)] = { lastAt: at, stems: before?.stems ?? stemsOfAddress(article) }
  }
  for (const key of Object.keys(state.known)) if (state.cited[key] === undefined) delete state.known[key]
  learnCase(state.cases, { stems: question.stems, language: question.language, articles })
}

// Replies that cited, to questions of the same language; an older one counts less, and one half as alike a quarter.
function votesAmong (
  index: Index, stems: string[], { language, at }: CitedQuestion, counts: Index
): Array<Vote & { weight: number }> {
  return findNearest(index, stems, language, NEIGHBOURS, counts, LATELY).flatMap(({ doc, similarity }) => {
    const known = index.docs[doc]
    if (known === undefined) return []
    const days = Math.max(0, (Date.parse(at) - Date.parse(known.at)) / DAY_MS)
    const weight = similarity ** 2 * 0.5 ** (days / HALF_LIFE_DAYS)
    return [{ articles: known.articles ?? [], similarity, weight }]
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

/** How much of an article's own words a question shares, 0 to 1. */
function likenessOf (stems: ReadonlySet<string>, own: string[], weigh: (stem: string) => number): number {
  let all = 0
  let shared = 0
  for (const stem of own) {
    const weight = weigh(stem)
    all += weight
    if (stems.has(stem)) shared += weight
  }
  return all === 0 ? 0 : shared / all
}

function countCited (cited: Fading, articles: string[], fade: number): void {
  for (const [key, n] of Object.entries(cited)) {
    if (n * fade < FADED) delete cited[key]
    else cited[key] = n * fade
  }
  for (const article of articles) cited[keyOf(article)] = (cited[keyOf(article)] ?? 0) + 1
}

// Falls to a third within twenty days since it was cited last; never cited: 0.
function latenessOf (lastAt: Instant | undefined, at: Instant): number {
  return lastAt === undefined ? 0 : Math.exp(-Math.max(0, Date.parse(at) - Date.parse(lastAt)) / DAY_MS / LATE_DAYS)
}

// No language and no article is the name of something that every object has.
function keyOf (name: string): string {
  return `~${name}`
}

function sumOf (list: number[]): number {
  return list.reduce((a, b) => a + b, 0)
}
