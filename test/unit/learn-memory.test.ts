// What is remembered: past questions, answers and topics. Best first, bounded, and proof against hostile words.
import fc from 'fast-check'
import { emptyAnswers, findSame, learnReply, mostTypical, textOf, trustOf } from '../../src/learn/answers.ts'
import type { Answer, Answers } from '../../src/learn/answers.ts'
import { languageOf, stemsOf } from '../../src/learn/features.ts'
import { addDoc, countOne, emptyIndex, findNearest, forgetOldest, idfOf } from '../../src/learn/nearest.ts'
import type { Index } from '../../src/learn/nearest.ts'
import { nameOf } from '../../src/learn/topic-names.ts'
import { emptyTopics, findTopic, learnTopic, noteAnswer, shareOf } from '../../src/learn/topics.ts'
import type { Topics } from '../../src/learn/topics.ts'

const AT = '2026-11-02T09:00:00Z'
const HOSTILE = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', '__defineGetter__']
const WORDS = ['roster', 'invoice', 'phone', 'export', 'branch', 'holiday', 'crew', ...HOSTILE]
const wording = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 }).map(l => l.join(' '))
const wordings = fc.array(wording, { maxLength: 20 })

function indexOf (texts: string[], language = 'en'): Index {
  const index = emptyIndex()
  for (const [i, text] of texts.entries()) {
    const stems = [...stemsOf(text).keys()]
    Object.freeze(stems)
    countOne(index, stems)
    addDoc(index, stems, Object.freeze({ connection: 'desk', ticketId: String(i), language, at: AT, answer: i }))
  }
  return index
}

function survivor<T> (state: T): T {
  return JSON.parse(JSON.stringify(state))
}

describe('stems', () => {
  test('are distinct, in order, cut to six letters, with the word they were cut from', () => {
    expect([...stemsOf('Rosters and the rostering of a roster')])
      .toEqual([['~roster', 'rosters'], ['~and', 'and'], ['~the', 'the'], ['~of', 'of']])
  })

  test('numbers stand for each other, codes for themselves; addresses say nothing', () => {
    expect([...stemsOf('invoice 20417 and 88123, code e404, see https://x.example/a or mia@x.example').keys()])
      .toEqual(['~invoic', '~#', '~and', '~code', '~e404', '~see', '~or'])
  })

  test('no word of a hostile text is the name of something that every object has', () => {
    const stems = [...stemsOf(HOSTILE.join(' ')).keys()]
    expect(stems.length).toBeGreaterThan(4)
    expect(stems.filter(stem => stem in {} || !stem.startsWith('~'))).toEqual([])
  })

  test('there are at most 120 of them', () => {
    expect(stemsOf(Array.from({ length: 500 }, (_, i) => `w${i}`).join(' ')).size).toBe(120)
  })

  test('a message of one endless word is read in a moment', () => {
    const word = 'a'.repeat(12_000)
    const tookMs = [1, 2].map(() => {
      const startedMs = performance.now()
      stemsOf(word)
      return performance.now() - startedMs
    })
    expect(Math.min(...tookMs)).toBeLessThan(50)
  })

  test('a letter of two halves is not cut in half', () => {
    expect([...stemsOf('abcde\u{1D5CD}\u{1D5CE}').keys()].every(stem => stem.isWellFormed())).toBe(true)
  })
})

describe('the language of a text', () => {
  test.each([
    ['en', 'Please tell me how I can change the roster for our crew'],
    ['de', 'Ich kann den Dienstplan nicht öffnen, bitte wie geht das'],
    ['fr', 'Je ne peux pas ouvrir le planning dans mon compte'],
    ['es', 'Hola, no puedo abrir el plan y los turnos para mi equipo'],
    ['it', 'Non riesco ad aprire il piano che ho con la mia squadra'],
    ['pt', 'Não consigo abrir o plano quando estou com os clientes'],
    ['nl', 'Ik kan het rooster niet openen op mijn telefoon'],
    ['und', 'constructor __proto__ toString'],
    ['und', '']
  ])('%s: %s', (language, text) => {
    expect(languageOf(text)).toBe(language)
  })
})

describe('past questions', () => {
  test('nothing is near before anything was seen', () => {
    expect(findNearest(emptyIndex(), ['~roster'], 'en', 5)).toEqual([])
  })

  test('come best first, the newer of equals first, no more than asked for, each similarity a share', () => {
    fc.assert(fc.property(wordings, wording, fc.integer({ min: 0, max: 8 }), (texts, question, most) => {
      const index = indexOf(texts)
      const before = survivor(index)
      const hits = findNearest(index, [...stemsOf(question).keys()], 'en', most)
      expect(hits.length).toBeLessThanOrEqual(most)
      for (const [i, hit] of hits.entries()) {
        expect(hit.similarity).toBeGreaterThan(0)
        expect(hit.similarity).toBeLessThanOrEqual(1)
        const next = hits[i + 1]
        if (next === undefined) continue
        expect(hit.similarity).toBeGreaterThanOrEqual(next.similarity)
        if (hit.similarity === next.similarity) expect(hit.doc).toBeGreaterThan(next.doc)
      }
      expect(survivor(index)).toEqual(before)
      expect(findNearest(survivor(index), [...stemsOf(question).keys()], 'en', most)).toEqual(hits)
    }))
  })

  test('the same question is the nearest', () => {
    const index = indexOf(['roster is empty', 'invoice has the wrong address', 'phone does not ring', 'roster on the phone'])
    expect(findNearest(index, [...stemsOf('invoice with the wrong address').keys()], 'en', 2)[0]?.doc).toBe(1)
  })

  test('the order of stems does not matter', () => {
    const mixed = fc.uniqueArray(fc.constantFrom(...WORDS.map(w => `~${w.slice(0, 6)}`)), { minLength: 1 })
      .chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })))
    fc.assert(fc.property(wordings, mixed, (texts, [one, other]) => {
      const index = indexOf(texts)
      const [left, right] = [findNearest(index, one, 'en', 99), findNearest(index, other, 'en', 99)]
      const similarities = new Map(right.map(h => [h.doc, h.similarity]))
      expect(left).toHaveLength(right.length)
      for (const hit of left) expect(hit.similarity).toBeCloseTo(similarities.get(hit.doc) ?? NaN, 9)
    }))
  })

  test('another language is not near, an unknown one may be', () => {
    const index = indexOf(['roster export'], 'de')
    expect(findNearest(index, ['~roster'], 'en', 5)).toEqual([])
    expect(findNearest(index, ['~roster'], 'de', 5)).toHaveLength(1)
    expect(findNearest(index, ['~roster'], 'und', 5)).toHaveLength(1)
    expect(findNearest(indexOf(['roster export'], 'und'), ['~roster'], 'en', 5)).toHaveLength(1)
  })

  test('a rare stem weighs more than a common one, a new one as much as one seen once', () => {
    const index = indexOf(['roster holiday', 'roster', 'roster', 'roster crew'])
    expect(idfOf(index, '~roster')).toBeLessThan(idfOf(index, '~crew'))
    expect(idfOf(index, '~never')).toBe(idfOf(index, '~crew'))
    expect(idfOf(emptyIndex(), '~never')).toBeGreaterThanOrEqual(0.05)
  })

  test('the newest five hundred questions of a word are looked through', () => {
    const index = indexOf(Array.from({ length: 700 }, () => 'roster'))
    const hits = findNearest(index, ['~roster'], 'en', 1_000)
    expect(hits).toHaveLength(500)
    expect(Math.min(...hits.map(h => h.doc))).toBe(200)
  })

  test('are found as by comparing with each of them', () => {
    const texts = Array.from({ length: 40_000 }, (_, i) => [7, 31, 113, 457].map(m => `w${m}x${i % m}`).join(' '))
    const index = indexOf(texts)
    for (const question of ['w7x3 w31x30 w113x112 w457x456', 'w31x8 w113x9', 'w457x1 w457x2 w457x3 w7x1']) {
      const stems = [...stemsOf(question).keys()]
      const norm = Math.hypot(...stems.map(s => idfOf(index, s)))
      const newest = new Map(stems.map(s => [s, new Set((index.lists[s] ?? []).slice(-500))]))
      const dotOf = (doc: number): number =>
        stems.reduce((sum, s) => sum + (newest.get(s)?.has(doc) === true ? idfOf(index, s) ** 2 : 0), 0)
      const all = index.docs.map((_, i) => ({ doc: i, similarity: dotOf(i) / (norm * (index.norms[i] ?? NaN)) }))
        .filter(h => h.similarity > 0)
        .sort((a, b) => b.similarity - a.similarity || b.doc - a.doc).slice(0, 20)
      const found = findNearest(index, stems, 'en', 20)
      expect(found).toHaveLength(20)
      for (const [i, hit] of found.entries()) expect(hit.similarity).toBeCloseTo(all[i]?.similarity ?? NaN, 9)
    }
  })

  test('are let go when there are twice as many as wanted, the oldest first; the rest is found as before', () => {
    const texts = Array.from({ length: 40 }, (_, i) => `roster ${i < 20 ? 'old' : 'new'} w${i}`)
    const index = indexOf(texts)
    forgetOldest(index, 21)
    expect(index.docs).toHaveLength(40)
    forgetOldest(index, 20)
    expect([index.docs.length, index.norms.length, index.languages.length]).toEqual([20, 20, 20])
    expect(index.lists['~old']).toBeUndefined()
    const [first] = findNearest(index, ['~roster', '~new', '~w33'], 'en', 3)
    expect(index.docs[first?.doc ?? -1]?.ticketId).toBe('33')
    expect(first?.similarity).toBeCloseTo(1)
  })

  test('beyond those that are looked through, a word keeps no list of them', () => {
    const index = indexOf(Array.from({ length: 5_000 }, () => 'roster'))
    expect(index.lists['~roster']?.length).toBeLessThan(1_000)
    expect(findNearest(index, ['~roster'], 'en', 1)[0]?.doc).toBe(4_999)
  })
})

describe('answers', () => {
  const RELOAD = 'Please reload the page and open the roster again, then it shows all shifts.'

  function learn (answers: Answers, text: string, agent = 'ag-1', at = AT, language = 'en'): number {
    return learnReply(answers, text, language, agent, at)
  }

  test('replies that say the same are one answer, others are not', () => {
    const answers = emptyAnswers()
    expect(learn(answers, RELOAD)).toBe(0)
    expect(learn(answers, `${RELOAD} Sorry!`, 'ag-2', '2026-11-03T09:00:00Z')).toBe(0)
    expect(learn(answers, 'The invoice is corrected, you get it tomorrow.')).toBe(1)
    expect(learn(answers, RELOAD, 'ag-1', AT, 'de')).toBe(2)
    expect(answers.list[0]).toMatchObject({ replies: 2, agents: ['ag-1', 'ag-2'], lastAt: '2026-11-03T09:00:00Z' })
    expect(findSame(answers, 'a text that nobody has sent yet', 'en')).toBeNull()
  })

  test('the latest instant stays, whatever order replies are learned in', () => {
    const answers = emptyAnswers()
    learn(answers, RELOAD, 'ag-1', '2026-11-05T09:00:00Z')
    learn(answers, RELOAD, 'ag-1', AT)
    expect(answers.list[0]?.lastAt).toBe('2026-11-05T09:00:00Z')
  })

  test('its text is the most typical one, not the newest', () => {
    const answers = emptyAnswers()
    for (let i = 0; i < 3; i++) learn(answers, RELOAD)
    learn(answers, `${RELOAD} By the way, our office is closed on Friday.`)
    const [answer] = answers.list
    expect(answer === undefined ? null : textOf(answer)).toBe(RELOAD)
    expect(mostTypical(['a b c', 'a b d', 'x y z'])).toBe(1)
    expect(mostTypical(['only'])).toBe(0)
  })

  test('six versions and twelve agents are kept, however many there are', () => {
    const answers = emptyAnswers()
    for (let i = 0; i < 30; i++) learn(answers, RELOAD, `ag-${i}`)
    expect(answers.list[0]).toMatchObject({ replies: 30 })
    expect(answers.list[0]?.versions).toHaveLength(6)
    expect(answers.list[0]?.agents).toHaveLength(12)
  })

  test('trust is a share, low before anything is known, and grows with what was good', () => {
    const unknown: Answer = {
      language: 'en', versions: [], typical: 0, text: '', replies: 0, agents: [], customers: [], good: 0, bad: 0,
      firstAt: AT, lastAt: AT, from: null, state: 'observed', stateAt: AT
    }
    const of = (good: number, bad: number): number => trustOf({ ...unknown, good, bad })
    expect(of(0, 0)).toBeLessThan(0.2)
    expect(of(20, 0)).toBeGreaterThan(0.85)
    fc.assert(fc.property(fc.nat(500), fc.nat(500), (good, bad) => {
      expect(of(good, bad)).toBeGreaterThanOrEqual(0)
      expect(of(good, bad)).toBeLessThanOrEqual(1)
      expect(of(good + 1, bad)).toBeGreaterThanOrEqual(of(good, bad))
      expect(of(good, bad + 1)).toBeLessThanOrEqual(of(good, bad))
    }))
  })

  test('the same replies make the same answers, also with JSON in between', () => {
    fc.assert(fc.property(wordings, wording, (texts, next) => {
      const [one, other] = [emptyAnswers(), emptyAnswers()]
      for (const text of texts) { learn(one, text); learn(other, text) }
      const again = survivor(other)
      expect(learn(again, next)).toBe(learn(one, next))
      expect(again).toEqual(one)
      expect(one.list.reduce((n, a) => n + a.replies, 0)).toBe(texts.length + 1)
    }))
  })
})

describe('topics', () => {
  function learned (texts: string[], index: Index): Topics {
    const topics = emptyTopics()
    for (const text of texts) {
      countOne(index, [...stemsOf(text).keys()])
      learnTopic(topics, index, stemsOf(text), 'en', AT)
    }
    return topics
  }

  test('nothing is like a topic before there is one', () => {
    expect(findTopic(emptyTopics(), emptyIndex(), ['~roster'], 'en')).toBeNull()
    expect(nameOf(emptyTopics(), emptyIndex(), 0)).toBe('new topic')
    expect(shareOf(emptyTopics(), null, 0)).toBe(0)
  })

  test('questions alike share a topic, others and other languages begin one', () => {
    const index = emptyIndex()
    const topics = learned(['please invoice wrong', 'please wrong invoice', 'roster export please', 'roster please export', 'invoice wrong'], index)
    expect(topics.list.map(t => t.questions)).toEqual([3, 2])
    expect(findTopic(topics, index, ['~invoic', '~wrong'], 'en')).toBe(0)
    expect(findTopic(topics, index, ['~invoic', '~wrong'], 'de')).toBeNull()
    expect([0, 1].map(id => nameOf(topics, index, id))).toEqual(['invoice wrong', 'export roster'])
  })

  test('every question is in one topic; the same questions make the same topics, also with JSON in between', () => {
    fc.assert(fc.property(wordings, wording, (texts, next) => {
      const index = emptyIndex()
      const topics = learned(texts, index)
      expect(topics.list.reduce((n, t) => n + t.questions, 0)).toBe(texts.length)
      const again = survivor(topics)
      const id = learnTopic(topics, index, stemsOf(next), 'en', AT)
      expect(learnTopic(again, survivor(index), stemsOf(next), 'en', AT)).toBe(id)
      expect(again).toEqual(topics)
      expect(nameOf(topics, index, id)).not.toBe('')
    }))
  })

  test('the share of an answer fades as others are given, and shares stay under one', () => {
    const topics = learned(['roster export'], emptyIndex())
    for (let i = 0; i < 20; i++) noteAnswer(topics, 0, 1)
    const share = shareOf(topics, 0, 1)
    expect(share).toBeGreaterThan(0.9)
    for (let i = 0; i < 20; i++) noteAnswer(topics, 0, 2)
    expect(shareOf(topics, 0, 1)).toBeLessThan(share / 2)
    expect(shareOf(topics, 0, 1) + shareOf(topics, 0, 2)).toBeLessThan(1)
    for (let i = 0; i < 200; i++) noteAnswer(topics, 0, 2)
    expect(shareOf(topics, 0, 1)).toBe(0)
  })

  test('a topic keeps its heaviest stems and forgets the others everywhere', () => {
    const index = emptyIndex()
    const topics = emptyTopics()
    const core = 'roster export empty branch holiday invoice'
    for (let i = 0; i < 500; i++) countOne(index, [])
    for (let i = 0; i < 60; i++) {
      const stems = stemsOf(`${core} ${['a', 'b', 'c'].map(x => `${x}${i}x`).join(' ')}`)
      countOne(index, [...stems.keys()])
      learnTopic(topics, index, stems, 'en', AT)
    }
    const [topic] = topics.list
    expect(topics.list).toHaveLength(1)
    expect(Object.keys(topic?.weights ?? {}).length).toBeLessThanOrEqual(120)
    expect(Object.keys(topic?.weights ?? {})).toEqual(expect.arrayContaining(['~roster', '~export']))
    expect(Object.keys(topics.byStem).sort()).toEqual(Object.keys(topic?.weights ?? {}).sort())
    expect(Object.keys(topic?.forms ?? {}).sort()).toEqual(Object.keys(topic?.weights ?? {}).sort())
  })
})
