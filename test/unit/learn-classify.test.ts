// The classifier: what every learner owes, and what this one promises beyond it.
import fc from 'fast-check'
import {
  emptyClassifier, learnOne, learnVerdict, packClassifier, scoreOne, sizeOf, unpackClassifier, wordsOfLabel
} from '../../src/learn/classify/classifier.ts'
import type { Classifier } from '../../src/learn/classify/classifier.ts'
import { featuresOf, stemList, subjectOf } from '../../src/learn/classify/hashed.ts'
import { drawOne, emptyReplay, keepOne } from '../../src/learn/classify/replay.ts'
import { addPlace, emptyTable, openRow, packTable, placeOf, unpackTable } from '../../src/learn/classify/table.ts'
import { fieldsOf, turnFeatures } from '../../src/learn/classify/turn.ts'
import { makeChance } from '../../scripts/demo/chance.ts'

const RULES = { replays: 2, keptPerClass: 10 }
const TOPICS: Record<string, string[]> = {
  invoice: ['invoice', 'billing', 'vat', 'receipt', 'charge', 'amount'],
  delivery: ['parcel', 'courier', 'shipping', 'doorstep', 'delayed', 'tracking'],
  login: ['password', 'signin', 'locked', 'account', 'reset', 'code']
}
const FILLER = ['please', 'help', 'today', 'again', 'my', 'the', 'with', 'still']

interface Example { text: string, label: string }

function examples (count: number, seed: number, labels = Object.keys(TOPICS)): Example[] {
  const chance = makeChance(seed)
  return Array.from({ length: count }, () => {
    const label = chance.pick(labels)
    const own = chance.shuffled(TOPICS[label] ?? []).slice(0, 2)
    return { label, text: chance.shuffled([...own, ...chance.shuffled(FILLER).slice(0, 3)]).join(' ') }
  })
}

function taught (list: Example[], rules = RULES, state = emptyClassifier(3)): Classifier {
  for (const { text, label } of list) learnOne(state, featuresOf(text), label, rules)
  return state
}

function accuracy (state: Classifier, list: Example[]): number {
  return list.filter(e => scoreOne(state, featuresOf(e.text)).ranked[0]?.label === e.label).length / list.length
}

test('before it has learned anything it names nothing', () => {
  expect(scoreOne(emptyClassifier(1), featuresOf('where is my parcel'))).toEqual({ ranked: [], score: 0, novelty: 0.5, isNew: false })
})

test('it learns topics from a few examples of each', () => {
  expect(accuracy(taught(examples(60, 1)), examples(200, 2))).toBeGreaterThan(0.95)
})

test('shares, scores and novelty stay in range, whatever is asked', () => {
  const state = taught(examples(40, 4))
  fc.assert(fc.property(fc.string(), fc.array(fc.string(), { maxLength: 5 }), (text, facts) => {
    const { ranked, score, novelty } = scoreOne(state, featuresOf(text, facts), 3)
    expect(ranked.reduce((sum, r) => sum + r.share, 0)).toBeCloseTo(1, 6)
    for (const share of [score, novelty, ...ranked.map(r => r.share)]) {
      expect(share).toBeGreaterThanOrEqual(0)
      expect(share).toBeLessThanOrEqual(1)
    }
  }))
})

test('asking changes nothing, and learning leaves the example as it was', () => {
  const state = taught(examples(30, 5))
  const before = JSON.stringify(packClassifier(state))
  const features = featuresOf('the parcel is delayed')
  scoreOne(state, features)
  expect(JSON.stringify(packClassifier(state))).toBe(before)
  const copy = structuredClone(features)
  learnOne(state, features, 'delivery', RULES)
  expect(features).toEqual(copy)
  expect(JSON.stringify(packClassifier(state))).not.toBe(before)
})

test('it survives JSON in the middle of learning, to the last bit', () => {
  const list = examples(60, 6)
  const whole = taught(list)
  const half = unpackClassifier(JSON.parse(JSON.stringify(packClassifier(taught(list.slice(0, 30))))))
  const resumed = taught(list.slice(30), RULES, half)
  expect(JSON.stringify(packClassifier(resumed))).toBe(JSON.stringify(packClassifier(whole)))
  expect(sizeOf(half)).toBe(sizeOf(whole))
})

test('the same examples make the same state', () => {
  const list = examples(40, 7)
  expect(packClassifier(taught(list))).toEqual(packClassifier(taught(list)))
})

test('the order of features plays no part in what is named', () => {
  const state = taught(examples(60, 8))
  const { ids, values } = featuresOf('reset my password please')
  const turned = { ids: ids.toReversed(), values: values.toReversed() }
  const [a, b] = [scoreOne(state, { ids, values }), scoreOne(state, turned)]
  expect(b.ranked.map(r => r.label)).toEqual(a.ranked.map(r => r.label))
  expect(b.score).toBeCloseTo(a.score, 9)
})

test('what came often of late is likelier to come next, where the rules say so', () => {
  const vague = featuresOf('nothing known')
  const list = [...examples(120, 1), ...examples(90, 2, ['delivery'])]
  const shareOfDelivery = (rules: typeof RULES): number =>
    scoreOne(taught(list, rules), vague).ranked.find(r => r.label === 'delivery')?.share ?? 0
  const lately = { ...RULES, replays: 0, memory: 40 }
  expect(shareOfDelivery(lately)).toBeGreaterThan(shareOfDelivery({ ...RULES, replays: 0 }) + 0.05)
  const state = taught(list, lately)
  const again = unpackClassifier(JSON.parse(JSON.stringify(packClassifier(state))))
  expect(scoreOne(again, vague)).toEqual(scoreOne(state, vague))
})

test('a flood of one topic does not make the others forgotten', () => {
  const flood = examples(300, 9, ['login'])
  const after = taught([...examples(60, 1), ...flood])
  expect(accuracy(after, examples(200, 2, ['invoice', 'delivery']))).toBeGreaterThan(0.9)
})

test('a text like nothing learned is newer than one of a known topic', () => {
  const state = taught(examples(200, 10))
  const fresh = examples(50, 12).map(e => scoreOne(state, featuresOf(e.text)).novelty)
  const usual = fresh.reduce((a, b) => a + b, 0) / fresh.length
  const strange = scoreOne(state, featuresOf('zoological quartz meditation brochure')).novelty
  expect(strange).toBeGreaterThan(usual + 0.2)
})

describe('what belongs to no topic', () => {
  const STRANGE = ['zoological', 'quartz', 'meditation', 'brochure', 'saxophone', 'glacier', 'pudding', 'parliament']
  const strange = (count: number, seed: number): string[] => {
    const chance = makeChance(seed)
    return Array.from({ length: count }, () =>
      [...chance.shuffled(STRANGE).slice(0, 1), ...chance.shuffled(FILLER).slice(0, 4)].join(' '))
  }
  const noveltyIn = (state: Classifier, texts: string[]): number[] =>
    texts.map(text => scoreOne(state, featuresOf(text)).novelty)

  test('is told apart better once it has been seen: examples without a topic teach what is new, and no topic', () => {
    const state = taught(examples(200, 10))
    const fresh = examples(80, 12).map(e => e.text)
    const overlap = (): number => {
      const known = noveltyIn(state, fresh).sort((a, b) => b - a)[4] ?? 1
      return noveltyIn(state, strange(80, 13)).filter(n => n <= known).length
    }
    const before = { overlap: overlap(), right: accuracy(state, examples(200, 2)) }
    for (const text of strange(40, 14)) learnVerdict(state, featuresOf(text), null)
    expect(overlap()).toBeLessThanOrEqual(before.overlap)
    expect(Math.min(...noveltyIn(state, strange(80, 13)))).toBeGreaterThan(0.5)
    expect(accuracy(state, examples(200, 2))).toBe(before.right)
    expect(state.labels).not.toContain('')
  })

  test('is newer than all but a few of what is known', () => {
    const state = taught(examples(300, 10))
    const isNew = (texts: string[]): number =>
      texts.filter(text => scoreOne(state, featuresOf(text)).isNew).length / texts.length
    expect(isNew(examples(300, 12).map(e => e.text))).toBeLessThan(0.08)
    expect(isNew(strange(100, 13))).toBeGreaterThan(0.9)
  })

  test('makes a first guess less sure: it was wrong', () => {
    const state = taught(examples(200, 10))
    const scoreOf = (texts: string[]): number => texts.reduce((sum, t) => sum + scoreOne(state, featuresOf(t)).score, 0)
    const before = scoreOf(strange(50, 13))
    for (const text of strange(60, 14)) learnVerdict(state, featuresOf(text), null)
    expect(scoreOf(strange(50, 13))).toBeLessThan(before)
  })
})

test('a score means what it says: of those scored high nearly all are right, of noise not', () => {
  const chance = makeChance(11)
  const noisy = examples(600, 11).map(e => chance.happens(0.3) ? { ...e, label: chance.pick(Object.keys(TOPICS)) } : e)
  const state = taught(noisy.slice(0, 400))
  const verdicts = noisy.slice(400).map(e => ({ e, v: scoreOne(state, featuresOf(e.text)) }))
  const promised = verdicts.reduce((sum, { v }) => sum + v.score, 0) / verdicts.length
  const kept = verdicts.filter(({ e, v }) => v.ranked[0]?.label === e.label).length / verdicts.length
  expect(Math.abs(promised - kept)).toBeLessThan(0.1)
})

describe('the features', () => {
  test('of a text are distinct, within the table, and at least as many as its stems', () => {
    fc.assert(fc.property(fc.string(), text => {
      const { ids, values } = featuresOf(text)
      expect(new Set(ids).size).toBe(ids.length)
      expect(values).toHaveLength(ids.length)
      expect(ids.every(id => Number.isInteger(id) && id >= 0 && id < 2 ** 20)).toBe(true)
      expect(ids.length).toBeGreaterThanOrEqual(new Set(stemList(text)).size)
    }))
  })

  test('hide numbers, addresses and links', () => {
    expect(stemList('order 48213 of mara@quill.example at https://quill.example/a/9')).toEqual(['order', '#', 'of', 'at'])
  })

  test('of a subject count for more than the same words behind it', () => {
    const text = 'broken badge\nhello, it does not open the gate'
    expect([subjectOf(text), subjectOf('broken badge'), subjectOf(`${'word '.repeat(40)}\nmore`)]).toEqual(['broken badge', '', ''])
    const [plain, told] = [featuresOf(text), featuresOf(text, [], subjectOf(text))]
    expect(told.ids).toEqual(plain.ids)
    const more = told.values.filter((v, i) => v > (plain.values[i] ?? 0))
    expect(more).toHaveLength(2)
  })

  test('long texts have no pieces of words', () => {
    const long = Array.from({ length: 120 }, (_, i) => `word${i % 7}`).join(' ')
    expect(featuresOf(long).ids.length).toBeLessThan(40)
  })

  test('of a turn tell the same word apart in the question, the look-up and the answer before', () => {
    const turn = { said: 'blue', earlier: '', given: [], by: null, lookup: '', lookedUp: '', fields: [] }
    const plain = turnFeatures(turn)
    const looked = turnFeatures({ ...turn, said: '', lookup: 'blue' })
    const after = turnFeatures({ ...turn, given: ['ask_colour'] })
    const apart = (a: number[], b: number[]): number[] => a.filter(id => !b.includes(id))
    expect(apart(looked.ids, plain.ids).length).toBeGreaterThan(0)
    expect(apart(after.ids, plain.ids).length).toBeGreaterThan(0)
    const before = turnFeatures({ ...turn, said: '', lookedUp: 'blue' })
    expect(apart(before.ids, looked.ids).length).toBeGreaterThan(0)
    expect(apart(turnFeatures({ ...turn, by: 'agent-4' }).ids, plain.ids).length).toBeGreaterThan(0)
    // The same word beside another kind of result, and nothing of the kind without one
    const beside = (lookup: string): number[] =>
      apart(turnFeatures({ ...turn, lookup }).ids, turnFeatures({ ...turn, said: '', lookup }).ids)
    const yes = beside('booked: room 4')
    expect(apart(yes, beside('')).length).toBe(1)
    expect(apart(yes, beside('nothing free: room 4')).length).toBe(1)
  })

  test('of a ticket are its plain fields, in an order of their own', () => {
    expect(fieldsOf({ plan: 'gold', areas: ['maps', 'routes'], deep: { a: 1 }, none: null, live: true }))
      .toEqual(['areas=maps', 'areas=routes', 'live=true', 'plan=gold'])
  })
})

describe('what is kept to be repeated', () => {
  test('is bounded by class, and every example has its chance', () => {
    const replay = emptyReplay(5)
    for (let i = 0; i < 2000; i++) keepOne(replay, 0, { ids: [i], values: [1] }, 10)
    const kept = (replay.kept[0] ?? []).map(f => f.ids[0] ?? 0)
    expect(kept).toHaveLength(10)
    expect(Math.max(...kept)).toBeGreaterThan(1000)
    expect(Math.min(...kept)).toBeLessThan(1000)
  })

  test('takes turns: of a class the example that was repeated least comes next', () => {
    const replay = emptyReplay(4)
    for (let i = 0; i < 10; i++) keepOne(replay, 0, { ids: [i], values: [1] }, 10)
    const drawn = Array.from({ length: 30 }, () => drawOne(replay)?.features.ids[0])
    for (let i = 0; i < 10; i++) expect(drawn.filter(d => d === i)).toHaveLength(3)
  })

  test('is drawn more often from small classes than they came, and from large ones still more', () => {
    const replay = emptyReplay(6)
    for (let i = 0; i < 900; i++) keepOne(replay, 0, { ids: [i], values: [1] }, 10)
    for (let i = 0; i < 100; i++) keepOne(replay, 1, { ids: [i], values: [1] }, 10)
    const draws = Array.from({ length: 4000 }, () => drawOne(replay)?.klass)
    expect(draws.filter(k => k === 1).length / draws.length).toBeCloseTo(0.25, 1)
    expect(drawOne(emptyReplay(1))).toBeNull()
  })
})

test('the table keeps every place it has given, however its rows move, and packs without loss', () => {
  const places = fc.array(fc.tuple(fc.constantFrom(3, 9, 1_000_000), fc.nat(60_000)), { minLength: 1, maxLength: 120 })
  fc.assert(fc.property(places, fc.float({ noNaN: true }), (asked, value) => {
    const table = emptyTable()
    const given = new Map<string, number>()
    for (const [i, [feature, klass]] of asked.entries()) {
      const row = openRow(table, feature)
      if (given.has(`${feature} ${klass}`)) continue
      table.values[addPlace(table, row, klass)] = value + i
      given.set(`${feature} ${klass}`, Math.fround(value + i))
    }
    const again = unpackTable(JSON.parse(JSON.stringify(packTable(table))))
    for (const [key, expected] of given) {
      const [feature = 0, klass = 0] = key.split(' ').map(Number)
      for (const t of [table, again]) expect(t.values[placeOf(t, openRow(t, feature), klass)]).toBe(expected)
    }
    expect(packTable(again)).toEqual(packTable(table))
    expect(placeOf(table, openRow(table, 3), 60_001)).toBe(-1)
  }), { numRuns: 40 })
})

describe('a label that is made of words', () => {
  const named = { ...RULES, named: true }
  const once = Object.keys(TOPICS).map(label => ({ label, text: `${TOPICS[label]?.[0]} please` }))

  test('is its first example: what nobody has shown yet is found by its name', () => {
    const list = [...once, { label: 'gift_card::balance', text: 'how much is left' }]
    const asked = featuresOf('balance of a gift card')
    const shareOfGift = (state: Classifier): number =>
      scoreOne(state, asked).ranked.find(r => r.label === 'gift_card::balance')?.share ?? 0
    expect(scoreOne(taught(list, named), asked).ranked[0]?.label).toBe('gift_card::balance')
    expect(shareOfGift(taught(list, named))).toBeGreaterThan(shareOfGift(taught(list)) + 0.1)
  })

  test.each([['card_arrival', 'card arrival'], ['billing::vatInvoice-2', 'billing vat Invoice'], ['2024', '']])('%s', (label, words) => {
    expect(wordsOfLabel(label)).toBe(words)
  })
})
