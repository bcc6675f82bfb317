// Drafts out of what others replied, and the articles that agents cite.
import { emptyCitations, findArticles, guessOf, learnOne as learnCitation } from '../../src/learn/citations.ts'
import type { Around, Citations, CitedQuestion } from '../../src/learn/citations.ts'
import { emptyConsensus, findProposals, learnOne as learnProposals } from '../../src/learn/consensus.ts'
import type { Precedent } from '../../src/learn/consensus.ts'
import { stemsOf } from '../../src/learn/features.ts'
import { learnList, sharesOf } from '../../src/learn/listwise.ts'
import { countOne, emptyIndex } from '../../src/learn/nearest.ts'
import type { Index } from '../../src/learn/nearest.ts'
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
  const stems = [...stemsOf(text).keys()]
  return { stems, title: stems, language, at: dayOf(day) }
}

function dayOf (day: number): string {
  return new Date(Date.UTC(2026, 2, 1) + day * 86_400_000).toISOString()
}

interface Taught { text: string, articles: string[], language?: string }

interface Desk { citations: Citations, counts: Index }

function emptyDesk (): Desk {
  return { citations: emptyCitations(), counts: emptyIndex() }
}

function around (desk: Desk, more: Partial<Around> = {}): Around {
  return { counts: desk.counts, votes: [], written: [], titleOf: () => null, isGone: () => false, ...more }
}

function tell (desk: Desk, question: CitedQuestion, articles: string[]): void {
  const suggested = findArticles(desk.citations, question, around(desk))
  countOne(desk.counts, question.stems)
  learnCitation(desk.citations, question, guessOf(suggested), articles, desk.counts,
    () => findArticles(desk.citations, question, around(desk)))
}

function taught (rounds: number, list: Taught[] = QUESTIONS): Desk {
  const desk = emptyDesk()
  for (let i = 0; i < rounds; i++) {
    for (const { text, articles, language } of list) tell(desk, questionOf(text, i, language), articles)
  }
  return desk
}

function ask (
  desk: Desk, text: string, day = 41, language = 'en', more: Partial<Around> = {}
): ReturnType<typeof findArticles> {
  return findArticles(desk.citations, questionOf(text, day, language), around(desk, more))
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
  const { list, score } = ask(emptyDesk(), 'cracked glass', 41, 'en', { votes })
  expect(list.map(s => s.article)).toEqual(['help.lumen.example/warranty'])
  expect(score).toBeGreaterThan(0)
  expect(score).toBeLessThan(1)
  expect(ask(emptyDesk(), 'cracked glass')).toMatchObject({ list: [], score: 0 })
})

test('an article that nobody has cited yet is suggested for its own words, one that is gone never', () => {
  const written = [{ article: 'help.lumen.example/glass', similarity: 0.6 }]
  const first = ask(emptyDesk(), 'cracked glass', 1, 'en', { written }).list
  expect(first.map(s => s.article)).toEqual(['help.lumen.example/glass'])
  const isGone = (article: string): boolean => article.endsWith('pairing')
  const articles = ask(taught(10), 'my lantern does not pair with the phone', 41, 'en', { isGone }).list.map(s => s.article)
  expect(articles).not.toContain('help.lumen.example/pairing')
  expect(articles).toContain('help.lumen.example/battery')
})

test('a desk whose agents never cite learns to keep silent about articles', () => {
  const written = [{ article: 'help.lumen.example/glass', similarity: 0.6 }]
  const desk = emptyDesk()
  const before = ask(desk, 'cracked glass', 1, 'en', { written }).score
  for (let i = 0; i < 60; i++) {
    const question = questionOf('cracked glass', i)
    const guess = guessOf(findArticles(desk.citations, question, around(desk, { written })))
    learnCitation(desk.citations, question, guess, [], desk.counts, () => { throw new Error('nothing to look for') })
  }
  expect(before).toBeGreaterThan(0.2)
  expect(ask(desk, 'cracked glass', 61, 'en', { written }).score).toBeLessThan(0.1)
})

test('what citations keep is bounded, survives JSON, and says the same afterwards', () => {
  const desk = emptyDesk()
  const nothing = { list: [], signs: [], score: 0 }
  for (let i = 0; i < 2_500; i++) {
    const article = i < 20 ? `help.lumen.example/old-${i}` : `help.lumen.example/new-${i % 3}`
    const question = questionOf(`part ${i % 40} of lantern ${i % 7}`, i / 10)
    countOne(desk.counts, question.stems)
    learnCitation(desk.citations, question, { article: null, signs: [] }, [article], desk.counts, () => nothing)
  }
  const { citations } = desk
  for (const kept of [citations.known, citations.cited, citations.byLanguage['~en']]) {
    expect(Object.keys(kept ?? {}).sort()).toEqual([0, 1, 2].map(n => `~help.lumen.example/new-${n}`))
  }
  const read: Desk = JSON.parse(JSON.stringify(desk))
  expect(ask(read, 'part 3 of lantern 5', 251)).toEqual(ask(desk, 'part 3 of lantern 5', 251))
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
    tell(state, questionOf('lantern firmware', day), ['help.lumen.example/new'])
  }
  const articles = ask(state, 'lantern firmware', 403).list.map(s => s.article)
  expect(articles.slice(0, 2)).toEqual(['help.lumen.example/new', 'help.lumen.example/old'])
})

test('asking for articles changes nothing', () => {
  const state = taught(10)
  const before = JSON.stringify(state)
  ask(state, 'the lantern will not pair')
  expect(JSON.stringify(state)).toBe(before)
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
