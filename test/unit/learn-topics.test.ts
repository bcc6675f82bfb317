// Topics over time: readable names, numbers that keep their meaning, merging by what is answered, and what people say.
import { contradictionOf, listConflicts } from '../../src/learn/conflicts.ts'
import { stemsOf } from '../../src/learn/features.ts'
import { emptyMind } from '../../src/learn/mind.ts'
import type { Mind } from '../../src/learn/mind.ts'
import { countOne } from '../../src/learn/nearest.ts'
import { learnReply } from '../../src/learn/answers.ts'
import { isStopWord } from '../../src/learn/stop-words.ts'
import { foldTaught } from '../../src/learn/taught.ts'
import { nameOf, newWordsOf } from '../../src/learn/topic-names.ts'
import { findTopic, learnTopic, membersOf, mergeTopics, noteAnswer, rootOf, shareOf, tellingStems } from '../../src/learn/topics.ts'

const AT = '2026-11-02T09:00:00Z'

function hear (mind: Mind, text: string, at = AT, language = 'en', who = 'somebody'): number {
  const stems = stemsOf(text)
  countOne(mind.index, [...stems.keys()])
  return learnTopic(mind.topics, mind.index, tellingStems(stems), language, at, null, who)
}

function findIn (mind: Mind, text: string): number | null {
  return findTopic(mind.topics, mind.index, [...tellingStems(stemsOf(text)).keys()], 'en')
}

// Enough other talk, so that a word can be rare.
function talk (mind: Mind): void {
  for (const what of ['crane', 'buoy', 'pilot', 'rope', 'anchor', 'ferry', 'lock', 'mast']) {
    for (const more of ['broken near gate', 'missing since storm', 'painted by mistake']) hear(mind, `the ${what} is ${more}`)
  }
}

describe('names', () => {
  test('two words that follow each other, in the form that people write, without little words', () => {
    const mind = emptyMind()
    talk(mind)
    for (const text of [
      'Why did you charge a dunning fee on this invoice?', 'There is a dunning fee again, please remove it',
      'We paid in time and still got the dunning fee', 'als wir bezahlten: dunning fee'
    ]) hear(mind, text)
    const topic = findIn(mind, 'dunning fee')
    expect(topic).not.toBeNull()
    expect(nameOf(mind.topics, mind.index, topic ?? -1)).toBe('dunning fee')
  })

  test('words that many people write, before the names of the one who writes most', () => {
    const mind = emptyMind()
    talk(mind)
    for (let i = 0; i < 6; i++) hear(mind, `Quentin Merrow asks for mooring permits, ${i}`, AT, 'en', 'merrow')
    for (let i = 0; i < 3; i++) hear(mind, `Quentin asks where mooring permits are, ${i}`, AT, 'en', `skipper ${i}`)
    expect(nameOf(mind.topics, mind.index, findIn(mind, 'mooring permits') ?? -1)).toBe('mooring permits')
  })

  test('a merged topic tells a new word once, and none that one of its parts knew', () => {
    const mind = emptyMind()
    talk(mind)
    const early = '2026-09-01T09:00:00Z'
    for (let i = 0; i < 3; i++) hear(mind, 'berth booking fails at the quay', early)
    for (let i = 0; i < 3; i++) hear(mind, 'winch motor smokes badly tonight', early)
    const [one, two] = [findIn(mind, 'berth booking') ?? -1, findIn(mind, 'winch motor') ?? -1]
    for (let i = 0; i < 2; i++) {
      for (const text of ['berth booking fails quickdock winch', 'winch motor smokes quickdock']) {
        hear(mind, text, '2026-11-01T09:00:00Z', 'en', `skipper ${text.length} ${i}`)
      }
    }
    expect(mergeTopics(mind.topics, two, one, true)).toBe(true)
    expect(newWordsOf(mind.topics, one)).toEqual([{ word: 'quickdock', questions: 4 }])
  })

  test('words that machines write name nothing', () => {
    const mind = emptyMind()
    talk(mind)
    for (let i = 0; i < 4; i++) hear(mind, 'quay lights blink 20020a1709060a8f00 in 4fc49b86si55', AT, 'en', `skipper ${i}`)
    expect(nameOf(mind.topics, mind.index, findIn(mind, 'quay lights blink') ?? -1)).not.toMatch(/\d/)
  })

  test('an error code as it is written', () => {
    const mind = emptyMind()
    talk(mind)
    for (let i = 0; i < 4; i++) hear(mind, 'The crossing shows INV-503 at the ticket desk', AT, 'en', `skipper ${i}`)
    expect(nameOf(mind.topics, mind.index, findIn(mind, 'INV-503') ?? -1)).toContain('INV-503')
  })

  test.each(['als', 'wir', 'the', 'dans', 'para', 'questo', 'você', 'niet', 'a', '42', 'I’m'])('%s names nothing', word => {
    expect(isStopWord(word.toLowerCase())).toBe(true)
  })

  test('a word that a topic takes up is told while it is new', () => {
    const mind = emptyMind()
    talk(mind)
    for (let i = 0; i < 6; i++) hear(mind, 'berth booking fails at the quay', '2026-09-01T09:00:00Z')
    const topic = findIn(mind, 'berth booking fails') ?? -1
    expect(newWordsOf(mind.topics, topic)).toEqual([])
    for (let i = 0; i < 3; i++) hear(mind, 'berth booking fails, Hargreave', '2026-11-01T09:00:00Z')
    for (let i = 0; i < 3; i++) hear(mind, 'berth booking fails at the quay with quickdock', '2026-11-01T09:00:00Z', 'en', `skipper ${i}`)
    expect(newWordsOf(mind.topics, topic)).toEqual([{ word: 'quickdock', questions: 3 }])
  })
})

describe('merging', () => {
  function twoTopics (): { mind: Mind, a: number, b: number } {
    const mind = emptyMind()
    talk(mind)
    let [a, b] = [-1, -1]
    for (let i = 0; i < 6; i++) {
      a = hear(mind, 'gangway light flickers tonight')
      b = hear(mind, 'bulb on the boarding bridge keeps blinking')
    }
    expect(a).not.toBe(b)
    return { mind, a, b }
  }

  test('topics that get the same answers become one; numbers keep their meaning', () => {
    const { mind, a, b } = twoTopics()
    for (let i = 0; i < 8; i++) {
      expect(noteAnswer(mind.topics, a, 7)).toBe(false)
      noteAnswer(mind.topics, b, i < 2 ? 8 : 7)
    }
    expect(rootOf(mind.topics, b)).toBe(a)
    expect(membersOf(mind.topics, a)).toEqual([a, b])
    expect(findIn(mind, 'the bulb on the bridge is blinking')).toBe(a)
    expect(shareOf(mind.topics, b, 7)).toBe(shareOf(mind.topics, a, 7))
  })

  test('topics with other answers stay two, however many replies there are', () => {
    const { mind, a, b } = twoTopics()
    for (let i = 0; i < 40; i++) {
      noteAnswer(mind.topics, a, i % 2 === 0 ? 7 : 8)
      noteAnswer(mind.topics, b, i % 2 === 0 ? 7 : 9)
    }
    expect(rootOf(mind.topics, b)).toBe(b)
  })

  test('people rename, merge and split; what they split is not merged again by itself', () => {
    const { mind, a, b } = twoTopics()
    const say = (change: Parameters<typeof foldTaught>[1] & { kind: 'topic' }): void => { foldTaught(mind, change) }
    say({ kind: 'topic', at: AT, change: { kind: 'rename', topic: a, name: 'Lights' } })
    say({ kind: 'topic', at: AT, change: { kind: 'merge', topic: b, into: a } })
    expect(nameOf(mind.topics, mind.index, b)).toBe('Lights')
    mind.gate = { window: [{ score: 0.5, good: true, topic: b }] }
    say({ kind: 'topic', at: AT, change: { kind: 'split', topic: b } })
    for (let i = 0; i < 9; i++) for (const topic of [a, b]) noteAnswer(mind.topics, topic, 7)
    expect(rootOf(mind.topics, b)).toBe(b)
    say({ kind: 'topic', at: AT, change: { kind: 'merge', topic: b, into: a } })
    expect([rootOf(mind.topics, b), mind.gate.window[0]?.topic]).toEqual([a, a])
    say({ kind: 'topic', at: AT, change: { kind: 'merge', topic: a, into: b } })       // a circle changes nothing
    say({ kind: 'topic', at: AT, change: { kind: 'rename', topic: 9_999, name: 'x' } })
    expect(rootOf(mind.topics, a)).toBe(a)
  })
})

describe('contradictions', () => {
  const FIRST = 'You can return the mooring permit within 14 days at the harbour office.'

  test.each<[string, [string, string] | null]>([
    ['You can return the mooring permit within 30 days at the harbour office.', ['14', '30']],
    ['You cannot return the mooring permit at the harbour office.', ['without “not”', 'cannot']],
    ['  you can return the mooring permit\nwithin 14 days at the harbour office ', null],
    ['The crane is repaired and will be back on 30 March.', null]
  ])('%s', (second, differs) => {
    expect(contradictionOf(FIRST, second)).toEqual(differs)
  })

  test('are told of promoted answers of one topic only', () => {
    const mind = emptyMind()
    const topic = hear(mind, 'return of mooring permit')
    const ids = [FIRST, 'Within 30 days you can return the mooring permit: come to our harbour office.']
      .map(text => learnReply(mind.answers, text, 'en', 'a', AT))
    for (const id of ids) noteAnswer(mind.topics, topic, id)
    expect(new Set(ids).size).toBe(2)
    expect(listConflicts(mind.topics, mind.answers)).toEqual([])
    for (const answer of mind.answers.list) answer.state = 'promoted'
    expect(listConflicts(mind.topics, mind.answers)).toEqual([{ topic, answers: ids, differs: ['14', '30'] }])
  })
})
