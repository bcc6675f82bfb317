// Remembers: which past questions are like a new one, what was answered there, and how well each of these answers fits.
import type { Question } from '../types.ts'
import { words } from '../text.ts'
import { findSame, textOf, trustOf } from './answers.ts'
import type { Answer } from './answers.ts'
import { featuresOf, findChoices, scoreChoices } from './choice.ts'
import { stemsOf } from './features.ts'
import type { Mind } from './mind.ts'
import { isOut } from './ledger.ts'
import { findNearest } from './nearest.ts'
import { coreOf, wordF1 } from './reward.ts'
import { logitOf } from './scorer.ts'
import { findTopic, shareOf } from './topics.ts'

export interface RecallRules { neighbours: number, candidates: number }

/** A past ticket behind a draft. Similarity: cosine of its question with this one, 0 to 1. */
export interface Source { connection: string, ticketId: string, similarity: number }

/** What `ask` and `foldAsk` have in common: they may share one, so that a question is looked up once. */
export interface Thinking {
  topic: number | null
  language: string
  stems: Map<string, string>
  sources: Array<Source & { answer: number, at: string }>
  choices: Array<{ answer: number, features: number[] }>          // the best first
}

interface Voted { answer: number, similarities: number[], share: number }

const DAY_MS = 86_400_000
const AGAIN = '~@again'                             // no word has an @: marks a question that follows an answer

/** Finds what is like a question, and ranks what was answered there. Reads only. */
export function think (mind: Mind, rules: RecallRules, question: Question): Thinking {
  const { language } = question
  const stems = stemsIn(question)
  const list = [...stems.keys()]
  const topic = findTopic(mind.topics, mind.index, list, language)
  const sources = findSources(mind, rules, list, language)
  const voted = voteOn(mind, rules, list, language, sources)
  const choices = weigh(mind, question, topic, list, voted)
    .map(choice => ({ choice, logit: logitOf(mind.scorer, choice.features) }))
    .sort((a, b) => b.logit - a.logit || a.choice.answer - b.choice.answer)
    .slice(0, rules.candidates)
    .map(({ choice }) => choice)
  return { topic, language, stems, sources, choices }
}

// A question that follows an answer means what was asked before it, too.
function stemsIn (question: Question): Map<string, string> {
  const stems = stemsOf(question.text)
  if (question.before === undefined) return stems
  for (const [stem, word] of stemsOf(`${question.text}\n${question.before}`)) stems.set(stem, word)
  return stems.set(AGAIN, 'again')
}

function findSources (mind: Mind, rules: RecallRules, stems: string[], language: string): Thinking['sources'] {
  return findNearest(mind.index, stems, language, rules.neighbours).flatMap(({ doc: id, similarity }) => {
    const doc = mind.index.docs[id]
    if (doc === undefined) return []
    const { connection, ticketId, answer, at } = doc
    return [{ connection, ticketId, similarity, answer, at }]
  })
}

// Past questions vote for their answers by how similar they are; the question's own words may name further ones.
function voteOn (
  mind: Mind, rules: RecallRules, stems: string[], language: string, sources: Thinking['sources']
): Voted[] {
  const votes = new Map<number, number[]>()
  for (const { answer } of findChoices(mind.choice, featuresOf(stems), rules.candidates)) {
    if (fits(mind, answer, language)) votes.set(answer, [])
  }
  for (const { answer, similarity } of sources) votes.set(answer, [...votes.get(answer) ?? [], similarity])
  const all = sumOf(sources.map(s => s.similarity)) || 1
  return [...votes].map(([answer, similarities]) => ({ answer, similarities, share: sumOf(similarities) / all }))
    .sort((a, b) => b.share - a.share || a.answer - b.answer)
    .slice(0, rules.candidates * 3)
}

// The features of each candidate, in the order of the scorer's first opinion.
function weigh (
  mind: Mind, question: Question, topic: number | null, stems: string[], voted: Voted[]
): Thinking['choices'] {
  const beliefs = scoreChoices(mind.choice, featuresOf(stems), voted.map(v => v.answer))
  const texts = new Map(voted.map(v => [v.answer, words(textIn(mind, v.answer))]))
  const known = stems.length === 0 ? 0 : stems.filter(s => (mind.index.df[s] ?? 0) > 1).length / stems.length
  const told = new Set((question.told ?? []).map(text => findSame(mind.answers, coreOf(text), question.language)))
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
      agreementOf(texts, v, others),
      v.share - Math.max(0, ...others.map(o => o.share)),
      known,
      Math.log1p(answer.agents.length) / 2,
      topic === null ? 0 : 1,
      beliefs[i] ?? 0,
      shareOf(mind.topics, topic, v.answer),
      told.has(v.answer) ? 1 : 0
    ]
    return [{ answer: v.answer, features }]
  })
}

// Falls to a third within 45 days since somebody last said it.
function freshnessOf (answer: Answer, question: Question): number {
  const days = Math.max(0, (Date.parse(question.at) - Date.parse(answer.lastAt)) / DAY_MS)
  return Math.exp(-days / 45)
}

// How much the other candidates say the same, each by its share of the votes.
function agreementOf (texts: ReadonlyMap<number, string[]>, own: Voted, others: Voted[]): number {
  if (others.length === 0) return 1
  const mine = texts.get(own.answer) ?? []
  const agreed = sumOf(others.map(o => o.share * wordF1(mine, texts.get(o.answer) ?? [])))
  return agreed / (sumOf(others.map(o => o.share)) || 1)
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
