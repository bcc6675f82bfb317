// The page of topics: the ones with most to gain first, found by a word, a page at a time, its forms folded away. And how
// far an answer has come: nothing is called active that no note would show.
import { layOutTopics, readTopicsWish } from '../../src/dashboard/topics.ts'
import type { TopicLine } from '../../src/dashboard/topics.ts'
import { layOutState } from '../../src/dashboard/learning.ts'
import { livesOf } from '../../src/learn/item-life.ts'
import { isShown } from '../../src/learn/lifecycle.ts'
import { foldAsk, foldHear } from '../../src/learn/loop.ts'
import { emptyMind } from '../../src/learn/mind.ts'
import { usualRules } from '../support/house.ts'

interface Figures { judged?: number, good?: number, name?: string, lastAt?: string, word?: string }

function lineOf (topic: number, more: Figures = {}): TopicLine {
  const { judged = 40, good = 20, name = `topic ${topic}`, lastAt = '2026-10-01T00:00:00Z', word } = more
  return {
    view: {
      topic, name, named: false, language: 'en', questions: 100 - topic, lastAt,
      parts: [{ topic: 900 + topic, name: 'part', questions: 3 }],
      newWords: word === undefined ? [] : [{ word, questions: 4 }], answers: 2, promoted: 1, conflicts: []
    },
    stats: { tickets: judged, drafts: judged, noted: 0, judged, asIs: good, edited: 0, replaced: judged - good, good }
  }
}

function namesIn (page: string): string[] {
  return [...page.matchAll(/<td class="wrap"><span dir="auto">([^<]*)<\/span> <small>#/g)].map(m => m[1] ?? '')
}

describe('the page of topics', () => {
  const lines = [
    lineOf(1, { good: 39 }), lineOf(2, { judged: 200, good: 50 }), lineOf(3, { judged: 10, good: 0, word: 'dinghy' }),
    lineOf(4, { good: 4, name: 'Mooring <b>fees</b>', lastAt: '2026-11-01T00:00:00Z' })
  ]
  const shown = (query: Record<string, unknown>): string[] => namesIn(layOutTopics(lines, readTopicsWish(query)))

  test('the order is the one that was asked for, by most to gain without a wish', () => {
    expect(shown({})).toEqual(['topic 2', 'Mooring &#60;b&#62;fees&#60;/b&#62;', 'topic 3', 'topic 1'])
    expect(shown({ sort: 'questions' })[0]).toBe('topic 1')
    expect(shown({ sort: 'accuracy' })).toEqual(['Mooring &#60;b&#62;fees&#60;/b&#62;', 'topic 2', 'topic 1', 'topic 3'])
    expect(shown({ sort: 'latest' })[0]).toContain('Mooring')
    expect(shown({ sort: '__proto__', page: '-1', q: 7 })).toHaveLength(4)
  })

  test('a word finds names, numbers and new words, and what it does not find is said', () => {
    expect(shown({ q: 'MOORING' })).toHaveLength(1)
    expect(shown({ q: 'dinghy' })).toEqual(['topic 3'])
    expect(shown({ q: '#2' })).toEqual(['topic 2'])
    const none = layOutTopics(lines, readTopicsWish({ q: '"><script>' }))
    expect(none).toContain('No topic says')
    expect(none).not.toContain('<script>')
  })

  test('there are 25 on a page, every form is folded away, and what is asked for stays asked for', () => {
    const many = Array.from({ length: 60 }, (_, i) => lineOf(i + 1))
    const first = layOutTopics(many, readTopicsWish({ sort: 'questions', q: 'topic' }))
    expect(namesIn(first)).toHaveLength(25)
    expect(first.includes('href="/topics?q&#61;topic&#38;sort&#61;questions&#38;page&#61;2"')).toBe(true)
    expect(first.includes('<details open')).toBe(false)
    const outside = first.replace(/<details>.*?<\/details>/gs, '')
    expect(outside.includes('method="post"')).toBe(false)
    expect(namesIn(layOutTopics(many, readTopicsWish({ page: '3' })))).toHaveLength(10)
    expect(namesIn(layOutTopics(many, readTopicsWish({ page: '99' })))).toHaveLength(10)
  })
})

describe('how far an answer has come', () => {
  const rules = usualRules({ leastAgents: 2, leastCustomers: 3 })
  const mind = emptyMind()
  const give = (n: number, agentId: string, text: string, reply: string): void => {
    const at = `2026-10-0${1 + Math.floor(n / 3)}T08:${10 + n}:00Z`
    const where = { connection: 'desk', ticketId: String(n), questionId: `q${n}` }
    foldAsk(mind, rules, { ...where, at, text, personId: `p${n}`, channel: 'web', language: 'en' })
    foldHear(mind, rules, where, { text: reply, agentId, at })
  }
  const BERTH = 'Open the map of berths, choose yours and press Extend at the bottom.'
  const FUEL = 'The fuel dock opens at seven and takes cards and the harbour key.'
  const livesNow = (): Array<[string, string[]]> => [...livesOf(mind, rules).values()].map(l => [l.life, l.missing])

  test('an answer is observed, then proposed with what it lacks, and active only when a note would show it', () => {
    give(0, 'ann', 'How do I extend my berth for a week', BERTH)
    expect(livesNow()).toEqual([['observed', ['1 of 3 customers']]])
    give(1, 'bo', 'When does the fuel dock open on Sundays', FUEL)
    give(2, 'bo', 'How can I extend my berth for the week', BERTH)
    expect(livesNow()[0]).toEqual(['proposed', ['2 of 3 customers']])
    give(3, 'bo', 'Please extend my berth for another week', BERTH)
    expect(livesNow()).toEqual([['active', []], ['observed', ['1 of 2 agents', '1 of 3 customers']]])
    const lives = livesOf(mind, rules)
    for (const [i, id] of mind.ledger.ids.entries()) {
      const answer = mind.answers.list[i]
      expect(lives.get(id)?.life === 'active').toBe(answer !== undefined && isShown(answer))
    }
  })

  test('the page says it in its badge; what a person took out stays what the ledger says', () => {
    const lives = new Map([['a-1', { life: 'proposed' as const, missing: ['2 of 3 customers'] }]])
    expect(layOutState({ id: 'a-1', state: 'active' }, lives)).toMatch(/proposed.*2 of 3 customers/s)
    expect(layOutState({ id: 'a-1', state: 'active' }, lives)).not.toContain('active')
    expect(layOutState({ id: 'a-1', state: 'reverted' }, lives)).toContain('reverted')
    expect(layOutState({ id: 'a-2', state: 'review' }, lives)).toContain('to review')
  })
})
