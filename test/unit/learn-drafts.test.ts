// Drafts out of what others replied, and the articles that agents cite.
import { countQuestion, emptyCitations, findArticles, learnOne as learnCitation } from '../../src/learn/citations.ts'
import type { Citations, CitedQuestion } from '../../src/learn/citations.ts'
import { emptyConsensus, findProposals, learnOne as learnProposals } from '../../src/learn/consensus.ts'
import type { Precedent } from '../../src/learn/consensus.ts'
import { featuresOf } from '../../src/learn/classify/hashed.ts'
import { stemsOf } from '../../src/learn/features.ts'
import { learnList, sharesOf } from '../../src/learn/listwise.ts'
import * as scorer from '../../src/learn/scorer.ts'

function precedent (text: string, similarity = 0.5): Precedent {
  return { text, similarity, ageDays: 1, replies: 3 }
}

test('the draft is the reply that says most of what the others say', () => {
  const proposals = findProposals(emptyConsensus(), [
    precedent('have a look at the harbour timetable instead', 0.6),
    precedent('restart the lantern and pair it again'),
    precedent('please restart the lantern then pair it again'),
    precedent('restart the lantern, wait, and pair it once more')
  ])
  expect(proposals[0]?.text).toContain('restart the lantern')
  expect(proposals.at(-1)?.text).toContain('harbour')
  expect(findProposals(emptyConsensus(), [])).toEqual([])
})

test('what is expected of a draft moves towards what came true, and the state before is untouched', () => {
  const precedents = [precedent('restart the lantern and pair it again'), precedent('restart the lantern')]
  const before = emptyConsensus()
  const frozen = structuredClone(before)
  let consensus = before
  for (let i = 0; i < 60; i++) consensus = learnProposals(consensus, findProposals(consensus, precedents), 'nothing of the kind helps')
  expect(before).toEqual(frozen)
  const expected = (state: typeof before): number => findProposals(state, precedents)[0]?.expected ?? 1
  expect(expected(consensus)).toBeLessThan(expected(before) / 2)
  const survivor: typeof consensus = JSON.parse(JSON.stringify(consensus))
  expect(findProposals(survivor, precedents)).toEqual(findProposals(consensus, precedents))
})

const QUESTIONS = [
  { text: 'my lantern does not pair with the phone', articles: ['help.lumen.example/pairing'] },
  { text: 'how do I change the battery of the lantern', articles: ['help.lumen.example/battery'] },
  { text: 'thank you for the lovely lamp', articles: [] }
]

function questionOf (text: string, day = 0, language = 'en'): CitedQuestion {
  return { features: featuresOf(text), stems: [...stemsOf(text).keys()], language, at: dayOf(day) }
}

function dayOf (day: number): string {
  return new Date(Date.UTC(2026, 2, 1) + day * 86_400_000).toISOString()
}

const none = (): number => 0

interface Taught { text: string, articles: string[], language?: string }

function taught (rounds: number, list: Taught[] = QUESTIONS): Citations {
  const state = emptyCitations(4)
  for (let i = 0; i < rounds; i++) {
    for (const { text, articles, language } of list) {
      const question = questionOf(text, i, language)
      const suggested = findArticles(state, question, [], none)
      countQuestion(state, question.stems)
      learnCitation(state, question, suggested, articles, dayOf(i))
    }
  }
  return state
}

function ask (state: Citations, text: string, day = 41, language = 'en'): ReturnType<typeof findArticles> {
  return findArticles(state, questionOf(text, day, language), [], none)
}

test('the article that a question calls for comes first, and thanks call for none', () => {
  const state = taught(40)
  expect(ask(state, 'the lantern will not pair').list[0]?.article).toBe('help.lumen.example/pairing')
  expect(ask(state, 'a new battery for the lantern').list[0]?.article).toBe('help.lumen.example/battery')
  expect(ask(state, 'thank you for the lovely lamp').score)
    .toBeLessThan(ask(state, 'my lantern does not pair with the phone').score)
})

test('an article that was cited for like questions is suggested though its words were never learned', () => {
  const votes = [{ articles: ['help.lumen.example/warranty'], similarity: 0.9 }]
  const question = questionOf('cracked glass')
  const { list, score } = findArticles(emptyCitations(1), question, votes, none)
  expect(list.map(s => s.article)).toEqual(['help.lumen.example/warranty'])
  expect(score).toBeGreaterThan(0)
  expect(score).toBeLessThan(1)
  expect(findArticles(emptyCitations(1), question, [], none)).toMatchObject({ list: [], score: 0 })
})

test('a question is given the article of its own language', () => {
  const state = taught(30, [
    { text: 'lantern pairing bluetooth', articles: ['help.lumen.example/pairing'] },
    { text: 'lantern pairing bluetooth', articles: ['help.lumen.example/koppeln'], language: 'de' }
  ])
  expect(ask(state, 'lantern pairing bluetooth').list[0]?.article).toBe('help.lumen.example/pairing')
  expect(ask(state, 'lantern pairing bluetooth', 41, 'de').list[0]?.article).toBe('help.lumen.example/koppeln')
})

test('of two articles for the same question the one that was cited three times now comes first, not the one of last year', () => {
  const state = taught(20, [
    { text: 'lantern firmware', articles: ['help.lumen.example/old'] },
    { text: 'battery of the lantern', articles: ['help.lumen.example/battery'] },
    { text: 'lantern pairing', articles: ['help.lumen.example/pairing'] }
  ])
  expect(ask(state, 'lantern firmware', 400).list[0]?.article).toBe('help.lumen.example/old')
  for (const day of [400, 401, 402]) {
    const question = questionOf('lantern firmware', day)
    learnCitation(state, question, findArticles(state, question, [], none), ['help.lumen.example/new'], dayOf(day))
  }
  const articles = ask(state, 'lantern firmware', 403).list.map(s => s.article)
  expect(articles.slice(0, 2)).toEqual(['help.lumen.example/new', 'help.lumen.example/old'])
})

test('asking for articles changes nothing', () => {
  const state = taught(10)
  const before = structuredClone({ ...state, words: null })
  ask(state, 'the lantern will not pair')
  expect({ ...state, words: null }).toEqual(before)
})

describe('a list with a right one', () => {
  const start = scorer.emptyScorer([1, 0, 0])
  function listOf (state: scorer.Scorer, rights: boolean[]): Parameters<typeof learnList>[1] {
    return rights.map((right, i) => {
      const features = [i / 2, right ? 1 : 0, 1]
      return { features, logit: scorer.logitOf(state, features), right }
    })
  }

  test('moves belief towards it, whatever all candidates have in common', () => {
    const frozen = structuredClone(start)
    let state = start
    for (let i = 0; i < 40; i++) state = learnList(state, listOf(state, [true, false, false]))
    expect(start).toEqual(frozen)
    const shares = sharesOf(listOf(state, [true, false, false]).map(c => c.logit))
    expect(shares[0]).toBeGreaterThan(0.8)
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1)
    expect(state.weights[2]).toBeCloseTo(0)
    expect(state.seen).toBe(40)
  })

  test('and nothing when none is right, or all are', () => {
    expect(learnList(start, listOf(start, [false, false]))).toEqual(start)
    const { weights } = learnList(start, listOf(start, [true, true]))
    for (const [i, w] of weights.entries()) expect(w).toBeCloseTo(start.weights[i] ?? 0)
  })
})
