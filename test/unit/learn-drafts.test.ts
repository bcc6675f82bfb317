// Drafts out of what others replied, and the articles that agents cite.
import { emptyCitations, findArticles, learnOne as learnCitation } from '../../src/learn/citations.ts'
import type { Citations } from '../../src/learn/citations.ts'
import { emptyConsensus, findProposals, learnOne as learnProposals } from '../../src/learn/consensus.ts'
import type { Precedent } from '../../src/learn/consensus.ts'
import { featuresOf } from '../../src/learn/classify/hashed.ts'

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

function taught (rounds: number): Citations {
  const state = emptyCitations(4)
  for (let i = 0; i < rounds; i++) {
    for (const { text, articles } of QUESTIONS) {
      const features = featuresOf(text)
      learnCitation(state, features, findArticles(state, features, [], () => 0), articles)
    }
  }
  return state
}

test('the article that a question calls for comes first, and thanks call for none', () => {
  const state = taught(40)
  const ask = (text: string): ReturnType<typeof findArticles> => findArticles(state, featuresOf(text), [], () => 0)
  expect(ask('the lantern will not pair').list[0]?.article).toBe('help.lumen.example/pairing')
  expect(ask('a new battery for the lantern').list[0]?.article).toBe('help.lumen.example/battery')
  expect(ask('thank you for the lovely lamp').score).toBeLessThan(ask('my lantern does not pair with the phone').score)
})

test('an article that was cited for like questions is suggested though its words were never learned', () => {
  const votes = [{ articles: ['help.lumen.example/warranty'], similarity: 0.9 }]
  const { list, score } = findArticles(emptyCitations(1), featuresOf('cracked glass'), votes, () => 0)
  expect(list.map(s => s.article)).toEqual(['help.lumen.example/warranty'])
  expect(score).toBeGreaterThan(0)
  expect(score).toBeLessThan(1)
  expect(findArticles(emptyCitations(1), featuresOf('cracked glass'), [], () => 0)).toMatchObject({ list: [], score: 0 })
})
