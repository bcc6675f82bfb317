// The whole mind: it is data, asking it changes nothing, and no word of a stranger breaks it.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { ask, foldAsk, foldHear, foldOutcome, hear, LATER } from '../../src/learn/loop.ts'
import type { LoopRules } from '../../src/learn/loop.ts'
import { emptyMind } from '../../src/learn/mind.ts'
import type { Mind } from '../../src/learn/mind.ts'
import { think } from '../../src/learn/recall.ts'
import type { Question } from '../../src/types.ts'
import { makeChance } from '../../scripts/demo/chance.ts'

const RULES: LoopRules = JSON.parse(readFileSync(new URL('../../config/learning.json', import.meta.url), 'utf8'))
const HOSTILE = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', 'isPrototypeOf', '__defineGetter__']
const SUBJECTS = [
  ['How do I export the roster of one crew', 'Open Rosters, choose the crew and press Export at the top right.'],
  ['The invoice has our old address on it', 'Change the address under Company, then send the invoice again from its page.'],
  ['Can two people share one phone in the van', 'Yes, choose Switch person on the lock screen and sign in with your own code.'],
  ['Wie lege ich einen neuen Standort an', 'Unter Firma gibt es oben den Knopf Standort, dort ist er in einer Minute angelegt.']
] as const

interface Lesson { question: Question, reply: { text: string, agentId: string, at: string } }

function questionOf (n: number, text: string, more: Partial<Question> = {}): Question {
  const at = instantOf(n * 6000)
  return {
    connection: 'desk', ticketId: String(n), questionId: `m-${n}`, at, text, personId: `p-${n}`, channel: 'web',
    language: /\bWie\b/.test(text) ? 'de' : 'en', ...more
  }
}

function instantOf (seconds: number): string {
  return new Date(Date.UTC(2026, 10, 2) + seconds * 1000).toISOString().slice(0, 19) + 'Z'
}

function lessonsOf (n: number, seed = 1): Lesson[] {
  const chance = makeChance(seed)
  return Array.from({ length: n }, (_, i) => {
    const [asked, answer] = chance.pick(SUBJECTS)
    const extra = chance.pick(['', ' please', ' thanks', ', it is urgent', ' for 20417'])
    const text = chance.happens(0.15) ? 'We looked into it and will come back to you tomorrow.' : answer
    return {
      question: questionOf(i, asked + extra),
      reply: { text: `Hi,\n${text}\nBest,\nOla`, agentId: `ag-${i % 3}`, at: instantOf(i * 6000 + 300) }
    }
  })
}

function teach (mind: Mind, lessons: Lesson[]): Mind {
  for (const { question, reply } of lessons) {
    foldAsk(mind, RULES, question)
    foldHear(mind, RULES, question, reply)
  }
  return mind
}

function survivor (mind: Mind): Mind {
  return JSON.parse(JSON.stringify(mind))
}

function frozen<T> (value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) frozen(part)
    Object.freeze(value)
  }
  return value
}

describe('a mind that has seen nothing', () => {
  test('is silent and says why', () => {
    expect(ask(emptyMind(), RULES, questionOf(1, 'How do I export the roster'))).toMatchObject({
      text: '', score: 0, action: 'silent', reason: 'nothing has been learned yet', sources: [], topic: 'export roster'
    })
  })

  test('shows nothing before the gate has something to hold a promise with', () => {
    const mind = emptyMind()
    for (const [i, lesson] of lessonsOf(24).entries()) {
      expect([i, ask(mind, RULES, lesson.question).action]).toEqual([i, 'silent'])
      teach(mind, [lesson])
    }
  })
})

describe('a mind that has learned', () => {
  const mind = frozen(teach(emptyMind(), lessonsOf(300)))
  const next = lessonsOf(40, 2).map(l => l.question)

  test('drafts what agents answer, in the language of the question, with its sources and a score', () => {
    const draft = ask(mind, RULES, questionOf(301, 'How do I export the roster of one crew?'))
    expect(draft).toMatchObject({ text: SUBJECTS[0][1], language: 'en', action: 'note' })
    expect(draft.score).toBeGreaterThan(0.5)
    expect(draft.score).toBeGreaterThanOrEqual(draft.threshold)
    expect(draft.sources.length).toBeGreaterThan(0)
    expect(draft.sources.length).toBeLessThanOrEqual(5)
    expect(draft.facts.agents).toBe(3)
    expect(ask(mind, RULES, questionOf(302, 'Wie legt man einen Standort an')).text).toBe(SUBJECTS[3][1])
  })

  test('scores, thresholds and features are shares or finite numbers', () => {
    for (const question of next) {
      const draft = ask(mind, RULES, question)
      for (const share of [draft.score, draft.threshold, ...draft.sources.map(s => s.similarity)]) {
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1)
      }
      const { choices } = think(mind, RULES, question)
      expect(choices.length).toBeLessThanOrEqual(RULES.candidates)
      for (const { features } of choices) {
        expect(features).toHaveLength(mind.ranker.weights.length)
        expect(features.every(Number.isFinite)).toBe(true)
      }
    }
  })

  test('asking it changes nothing: a mind that cannot change answers too', () => {
    const before = JSON.stringify(mind)
    for (const question of next) {
      ask(mind, RULES, frozen(question))
      think(mind, RULES, question)
    }
    expect(JSON.stringify(mind)).toBe(before)
  })

  test('survives JSON: the same drafts, and the same mind after more lessons', () => {
    const again = survivor(mind)
    expect(again).toEqual(mind)
    for (const question of next) expect(ask(again, RULES, question)).toEqual(ask(mind, RULES, question))
    const [one, other] = [structuredClone(mind), survivor(mind)].map(m => teach(m, lessonsOf(30, 3)))
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
  })

  test('the same lessons make the same mind, byte by byte', () => {
    expect(JSON.stringify(teach(emptyMind(), lessonsOf(300)))).toBe(JSON.stringify(mind))
  })

  test('a question that is like none is met with silence', () => {
    const draft = ask(mind, RULES, questionOf(303, 'Quel temps fait-il demain', { language: 'fr' }))
    expect(draft).toMatchObject({ text: '', action: 'silent', score: 0, reason: 'no past question is like this one' })
  })

  test('what the customer was told already is proposed with less belief', () => {
    const text = 'How do I export the roster of one crew'
    const fresh = ask(mind, RULES, questionOf(903, text, { before: 'Hello' }))
    const told = ask(mind, RULES, questionOf(903, text, { before: 'Hello', told: [SUBJECTS[0][1]] }))
    expect(fresh.text).toBe(SUBJECTS[0][1])
    expect(told.text === fresh.text ? told.score : 0).toBeLessThan(fresh.score)
  })

  test('hear compares and keeps what was sent', () => {
    const reply = { text: SUBJECTS[0][1], agentId: 'ag-1', at: instantOf(0) }
    expect(hear({ text: SUBJECTS[0][1] }, reply)).toMatchObject({ ...reply, outcome: 'as_is', reward: 1 })
  })
})

describe('what comes later', () => {
  const where = { connection: 'desk', ticketId: '700', questionId: 'm-700' }

  function usedMind (): { mind: Mind, answer: number } {
    const mind = teach(emptyMind(), lessonsOf(60))
    foldAsk(mind, RULES, questionOf(700, SUBJECTS[0][0], { personId: 'p-new' }))
    foldHear(mind, RULES, where, { text: SUBJECTS[0][1], agentId: 'ag-1', at: instantOf(4_200_500) })
    const answer = mind.used['desk/700/m-700']
    if (answer === undefined) throw new Error('the draft was not used')
    return { mind, answer }
  }

  test.each(['stayed_solved', 'rated_good', 'rated_bad', 'escalated'] as const)('%s counts with its weight', what => {
    const { mind, answer } = usedMind()
    const before = structuredClone(mind.answers.list[answer])
    foldOutcome(mind, RULES, where, what, instantOf(4_201_000))
    const { value, weight } = LATER[what]
    expect(mind.answers.list[answer]?.good).toBeCloseTo((before?.good ?? 0) + value * weight, 9)
    expect(mind.answers.list[answer]?.bad).toBeCloseTo((before?.bad ?? 0) + (1 - value) * weight, 9)
  })

  test('a reopening takes back what a lasting solution gave', () => {
    const { mind, answer } = usedMind()
    const before = mind.answers.list[answer]?.good ?? 0
    foldOutcome(mind, RULES, where, 'stayed_solved', instantOf(4_201_000))
    foldOutcome(mind, RULES, where, 'reopened', instantOf(4_201_000))
    expect(mind.answers.list[answer]?.good).toBeCloseTo(before, 9)
  })

  test('an answer that was not proposed is not judged, a reply to no question teaches nothing', () => {
    const { mind } = usedMind()
    const before = JSON.stringify(mind)
    foldOutcome(mind, RULES, { ...where, questionId: 'm-other' }, 'rated_bad', instantOf(4_201_000))
    foldHear(mind, RULES, { ...where, questionId: 'm-other' }, { text: 'Something else entirely, sorry.', agentId: 'ag-1', at: instantOf(9) })
    expect(JSON.stringify(mind)).toBe(before)
  })

  test('a reply is heard once', () => {
    const { mind } = usedMind()
    const before = JSON.stringify(mind)
    foldHear(mind, RULES, where, { text: SUBJECTS[0][1], agentId: 'ag-1', at: instantOf(4_200_500) })
    expect(JSON.stringify(mind)).toBe(before)
  })
})

describe('hostile words', () => {
  const text = fc.array(fc.constantFrom(...HOSTILE, 'roster', '\u{1D5CD}\u{1D5CE}', '<b>', '\n'), { maxLength: 8 })
    .map(list => list.join(' '))
  const lesson = fc.record({ text, reply: text, agentId: fc.constantFrom(...HOSTILE, 'ag-1'), id: fc.constantFrom(...HOSTILE, '1') })

  test('never break it, as question, reply, ticket or agent', () => {
    const shape = Object.getOwnPropertyNames(Object.prototype).sort()
    fc.assert(fc.property(fc.array(lesson, { maxLength: 12 }), text, (list, asked) => {
      const mind = emptyMind()
      for (const [i, { text, reply, agentId, id }] of list.entries()) {
        const question = questionOf(i, text, {
          connection: id, ticketId: id, questionId: id, language: id, personId: id
        })
        ask(mind, RULES, question)
        teach(mind, [{ question, reply: { text: reply, agentId, at: instantOf(i * 600 + 9) } }])
        foldOutcome(mind, RULES, question, 'rated_good', instantOf(i * 600 + 30))
      }
      const draft = ask(mind, RULES, questionOf(99, asked))
      expect([typeof draft.text, typeof draft.topic, Number.isFinite(draft.score)]).toEqual(['string', 'string', true])
      expect(ask(survivor(mind), RULES, questionOf(99, asked))).toEqual(draft)
    }), { numRuns: 60 })
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(shape)
  })

  test('are learned like any other word', () => {
    const mind = emptyMind()
    for (let i = 0; i < 6; i++) {
      const question = questionOf(i, 'what does constructor __proto__ toString mean')
      teach(mind, [{ question, reply: { text: 'The toString constructor is a word of our manual, page 9.', agentId: 'constructor', at: instantOf(i * 600 + 9) } }])
    }
    expect(ask(mind, RULES, questionOf(50, 'constructor __proto__ toString?')).text).toBe('The toString constructor is a word of our manual, page 9.')
  })
})
