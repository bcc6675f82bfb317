// Remembers: which past questions are like a new one, what was answered there, and how well each of these answers fits.
import type { Question } from '../types.ts'
import { EMPTY_BAG, bagF1, bagOf } from './bags.ts'
import type { Bag } from './bags.ts'
import { findSame, textOf, trustOf } from './answers.ts'
import type { Answer } from './answers.ts'
import { featuresOf, findChoices, scoreChoices } from './choice.ts'
import { contextFeaturesOf, findFits, fitsOf } from './context-features.ts'
import { stemsOf } from './features.ts'
import { findKnown } from './knowledge.ts'
import type { KnownHit } from './knowledge.ts'
import type { Suggested } from './citations.ts'
import type { Mind } from './mind.ts'
import { isOut } from './ledger.ts'
import { findNearest } from './nearest.ts'
import { coreOf, withoutSignature } from './reward.ts'
import { isStopWord } from './stop-words.ts'
import { logitOf, scoreOne } from './scorer.ts'
import { suggestFor } from './suggested.ts'
import { findTagged } from './tagged.ts'
import type { TopicRules } from './tags.ts'
import { findTopic, rateOf, rootOf, shareOf, tellingStems } from './topics.ts'

export interface RecallRules { neighbours: number, candidates: number, topics?: TopicRules }

/** A past ticket behind a draft. Similarity: cosine of its question with this one, 0 to 1. */
export interface Source { connection: string, ticketId: string, similarity: number }

/** What `ask` and `foldAsk` have in common: they may share one, so that a question is looked up once. */
export interface Thinking {
  topic: number | null
  tagged: number | null                             // the topic that tags name, or name most likely
  language: string
  stems: Map<string, string>
  title: string[]                                   // stems of the first line
  last: number | null                               // the answer that this ticket was given last
  context: string[]                                 // features of the place of asking; none is known: empty
  sources: Array<Source & { answer: number, at: string, articles: string[] }>
  suggested: Suggested                              // articles that the reply may cite
  known: KnownHit[]                                 // of what the team has written down
  choices: Array<{ answer: number, features: number[] }>          // the best first
  signs: number[]                                   // how sure one can be of the best
}

interface Voted { answer: number, similarities: number[], share: number, written: number }

interface Asked {
  question: Question, topic: number | null, stems: string[], wording: string[], context: string[]
  told: Array<number | null>                        // the answers that this ticket was given before
}

const DAY_MS = 86_400_000
const MOST_KNOWN = 4
const MOST_FITS = 3
const FEW_WORDS = 3
const AGAIN = '~@again'                             // no word has an @: marks a question that follows an answer

/** Finds what is like a question, and ranks what was answered there. Reads only. */
export function think (mind: Mind, rules: RecallRules, question: Question): Thinking {
  const { language } = question
  const stems = stemsIn(question)
  const list = [...stems.keys()]
  const title = titleOf(question.text)
  const tagged = findTagged(mind.tagged, rules.topics, question)
  const topic = tagged !== null
    ? rootOf(mind.topics, tagged)
    : findTopic(mind.topics, mind.index, [...tellingStems(stems).keys()], language)
  const sources = findSources(mind, rules, list, language)
  const known = findKnown(mind.knowledge, list, language, question.connection, MOST_KNOWN)
  const suggested = suggestFor(mind, { stems: list, title, language, at: question.at }, sources, known)
  const context = contextFeaturesOf(question)
  const told = (question.told ?? []).map(text => findSame(mind.answers, coreOf(text), question.language))
  const last = told.at(-1) ?? null
  const wording = featuresOf(list, last)
  const voted = voteOn(mind, rules, wording, language, sources, known, context)
  const choices = weigh(mind, { question, topic, stems: list, wording, context, told }, voted)
    .map(choice => ({ choice, logit: logitOf(mind.ranker, choice.features) }))
    .sort((a, b) => b.logit - a.logit || a.choice.answer - b.choice.answer)
    .slice(0, rules.candidates)
    .map(({ choice }) => choice)
  return {
    topic, tagged, language, stems, title, last, context, sources, suggested, known, choices,
    signs: signsOf(mind, topic, choices)
  }
}

// What speaks for the best candidate: its features, how much of the reply it should hold, its lead over the second, and
// how well drafts of its topic have done of late.
function signsOf (mind: Mind, topic: number | null, choices: Thinking['choices']): number[] {
  const [best, second] = choices
  if (best === undefined) return []
  const expected = scoreOne(mind.ranker, best.features)
  const lead = second === undefined ? expected : expected - scoreOne(mind.ranker, second.features)
  return [...best.features, expected, lead, rateOf(mind.topics, topic)]
}

// A question that follows an answer means what was asked before it, too.
function stemsIn (question: Question): Map<string, string> {
  const stems = withoutLittleWords(stemsOf(withoutSignature(question.text)))
  if (question.before === undefined) return stems
  const before = stemsOf(`${question.text}\n${question.before}`)
  for (const [stem, word] of before) stems.set(stem, word)
  return stems.set(AGAIN, 'again')
}

/** The stems of a question's first line: its subject, where it has one. */
export function titleOf (text: string): string[] {
  const [line = ''] = text.trimStart().split('\n', 1)
  return [...stemsOf(line).keys()]
}

// In a letter the little words are noise; of "yes, please do" they are all there is.
function withoutLittleWords (stems: Map<string, string>): Map<string, string> {
  const telling = new Map([...stems].filter(([stem, word]) => stem === '~#' || !isStopWord(word)))
  return telling.size < FEW_WORDS ? stems : telling
}

function findSources (mind: Mind, rules: RecallRules, stems: string[], language: string): Thinking['sources'] {
  return findNearest(mind.index, stems, language, rules.neighbours).flatMap(({ doc: id, similarity }) => {
    const doc = mind.index.docs[id]
    if (doc === undefined) return []
    const { connection, ticketId, answer, at, articles = [] } = doc
    return [{ connection, ticketId, similarity, answer, at, articles }]
  })
}

// Past questions vote for their answers by how similar they are; the question's own words may name further ones. What the
// team has written down is found apart and stands beside them: the ranker compares the two.
function voteOn (
  mind: Mind, rules: RecallRules, wording: string[], language: string, sources: Thinking['sources'], known: KnownHit[],
  context: string[]
): Voted[] {
  const votes = new Map<number, number[]>()
  for (const { answer } of findChoices(mind.choice, wording, rules.candidates)) {
    if (fits(mind, answer, language)) votes.set(answer, [])
  }
  for (const answer of findFits(mind.fit, context, MOST_FITS)) {
    if (fits(mind, answer, language) && !votes.has(answer)) votes.set(answer, [])
  }
  for (const { answer, similarity } of sources) votes.set(answer, [...votes.get(answer) ?? [], similarity])
  const all = sumOf(sources.map(s => s.similarity)) || 1
  const written = new Map(known.flatMap(k => k.answer === null ? [] : [[k.answer, k.similarity]]))
  const learned = [...votes].filter(([answer]) => mind.answers.list[answer]?.state !== 'retired')
    .map(([answer, similarities]) => (
      { answer, similarities, share: sumOf(similarities) / all, written: written.get(answer) ?? 0 }
    ))
    .sort((a, b) => b.share - a.share || a.answer - b.answer)
    .slice(0, rules.candidates * 3)
  const have = new Set(learned.map(v => v.answer))
  const further = [...written].filter(([answer]) => !have.has(answer))
  return [...learned, ...further.map(([answer, similarity]) => (
    { answer, similarities: [], share: 0, written: similarity }
  ))]
}

// The features of each candidate, in the order of the scorer's first opinion.
function weigh (
  mind: Mind, { question, topic, stems, wording, context, told }: Asked, voted: Voted[]
): Thinking['choices'] {
  const beliefs = scoreChoices(mind.choice, wording, voted.map(v => v.answer))
  const places = fitsOf(mind.fit, context, voted.map(v => v.answer), beliefs)
  const agreements = agreementsOf(mind, voted)
  const known = stems.length === 0 ? 0 : stems.filter(s => (mind.index.df[s] ?? 0) > 1).length / stems.length
  return voted.flatMap((v, i) => {
    const answer = mind.answers.list[v.answer]
    if (answer === undefined || isOut(mind.ledger, v.answer)) return []
    const others = voted.filter(o => o.answer !== v.answer)
    const features = [
      1,
      v.share,
      Math.max(0, ...v.similarities),
      sumOf(v.similarities) / (v.similarities.length || 1),
      trustOf(answer),
      Math.log1p(answer.replies) / 3,
      freshnessOf(answer, question),
      agreements[i] ?? 0,
      v.share - Math.max(0, ...others.map(o => o.share)),
      known,
      Math.log1p(answer.agents.length) / 2,
      topic === null ? 0 : 1,
      beliefs[i] ?? 0,
      shareOf(mind.topics, topic, v.answer),
      told.includes(v.answer) ? 1 : 0,
      v.written,
      answer.from === null ? 0 : 1,
      answer.replies === 0 ? 1 : 0,
      places[i] ?? 0
    ]
    return [{ answer: v.answer, features: features.map(inBrief) }]
  })
}

/** To four digits behind the point: a draft that waits for its reply is kept with all of them. */
function inBrief (feature: number): number {
  return Math.round(feature * 1e4) / 1e4
}

// Falls to a third within 45 days since somebody last said it.
function freshnessOf (answer: Answer, question: Question): number {
  const days = Math.max(0, (Date.parse(question.at) - Date.parse(answer.lastAt)) / DAY_MS)
  return Math.exp(-days / 45)
}

// How much the other candidates say the same, each by its share of the votes: what most of them say is the consensus
// (minimum Bayes risk under word F1, Kumar & Byrne 2004).
function agreementsOf (mind: Mind, voted: Voted[]): number[] {
  if (voted.length === 1) return [1]
  const bags: Bag[] = voted.map(v => bagOf(textIn(mind, v.answer)))
  const sums = voted.map(() => 0)
  for (const [i, bag] of bags.entries()) {
    for (let j = i + 1; j < bags.length; j++) {
      const f1 = bagF1(bag, bags[j] ?? EMPTY_BAG)
      sums[i] = (sums[i] ?? 0) + f1 * (voted[j]?.share ?? 0)
      sums[j] = (sums[j] ?? 0) + f1 * (voted[i]?.share ?? 0)
    }
  }
  const all = sumOf(voted.map(v => v.share))
  return voted.map((v, i) => (sums[i] ?? 0) / ((all - v.share) || 1))
}

function fits (mind: Mind, answer: number, language: string): boolean {
  const known = mind.answers.list[answer]?.language
  return known !== undefined && (language === 'und' || known === 'und' || known === language)
}

/** The text of an answer; empty when there is none of that number. */
export function textIn (mind: Mind, answer: number | undefined): string {
  const found = answer === undefined ? undefined : mind.answers.list[answer]
  return found === undefined ? '' : textOf(found)
}

function sumOf (list: number[]): number {
  return list.reduce((a, b) => a + b, 0)
}
