// Learning that pauses while something is broken: what is asked in its time does not teach, what was learned from it all
// the same is tied to it and retired, and what was held for nothing is heard after all.
import type { Story } from '../../src/learn/backtest.ts'
import { foldAll, foldDecision } from '../../src/learn/decisions.ts'
import type { Entry } from '../../src/learn/decisions.ts'
import type { Decision, IncidentRef, Told } from '../../src/learn/ledger.ts'
import { takenBack } from '../../src/learn/ledger.ts'
import { ask, foldAsk, foldHear } from '../../src/learn/loop.ts'
import { emptyMind } from '../../src/learn/mind.ts'
import type { Mind } from '../../src/learn/mind.ts'
import { groupOf } from '../../src/learn/quarantine.ts'
import { plus, whatNext } from '../../src/learn/story.ts'
import { mergeTopics, splitTopic } from '../../src/learn/topics.ts'
import type { Instant, Question } from '../../src/types.ts'
import { EAGER, usualRules } from '../support/house.ts'

const rules = usualRules(EAGER)
const START: Instant = '2026-03-02T08:00:00Z'
const HOUR = 3_600
const LOCK = 'Why does the lock gate stay closed for our barge?'
const USUAL = 'The lock gate opens on the hour; please wait at the green mark beside the jetty.'
const WORKAROUND = 'Call the keeper on channel eleven and he opens the gate for you by hand today.'
const BERTH = 'How much does a berth for the whole winter cost?'
const PRICE = 'A winter berth costs what the price sheet in the harbour office says for its length.'

function asked (n: number, atHour: number, text = LOCK): Question {
  return {
    connection: 'quay', ticketId: String(n), questionId: `m-${n}`, at: plus(START, atHour * HOUR), text, personId: `p-${n}`,
    language: 'en', channel: 'web'
  }
}

function hear (mind: Mind, n: number, atHour: number, text: string): Told[] {
  return foldHear(mind, rules, asked(n, 0), { text, agentId: `ag-${n % 4}`, at: plus(START, atHour * HOUR) })
}

function teach (mind: Mind, n: number, atHour: number, question = LOCK, answer = USUAL): Told[] {
  foldAsk(mind, rules, asked(n, atHour, question))
  return hear(mind, n, atHour + 0.2, answer)
}

function knowing (): Mind {
  const mind = emptyMind()
  for (let n = 0; n < 12; n++) {
    teach(mind, n, n)
    teach(mind, 100 + n, n + 0.5, BERTH, PRICE)
  }
  return mind
}

const lockTopic = (mind: Mind): number => mind.topics.list.findIndex(t => t.weights['~lock'] !== undefined || Object.keys(t.weights).some(w => w.includes('lock')))

let last = 0
function decide (mind: Mind, what: 'quarantine' | 'release', atHour: number, incident?: IncidentRef): Told[] {
  const topic = String(lockTopic(mind))
  return foldDecision(mind, rules, { id: ++last, kind: what, topic, why: 'the gate is stuck', at: plus(START, atHour * HOUR), ...(incident === undefined ? {} : { incident }) })
}

const since = (hour: number, end: IncidentRef['end'] = null): IncidentRef => ({ id: 'an_gate', from: plus(START, hour * HOUR), end })
const whys = (told: Told[]): string[] => told.flatMap(t => t.kind === 'held' ? [t.why] : [])
const kinds = (told: Told[]): string[] => told.map(t => t.kind === 'change' ? t.what : t.kind)

test('what is asked in the time of an incident does not teach, however late it is answered; what was asked before it, and other topics, do', () => {
  const mind = knowing()
  foldAsk(mind, rules, asked(20, 19))
  foldAsk(mind, rules, asked(21, 20.5))
  expect(kinds(decide(mind, 'quarantine', 21, since(20)))).toContain('quarantine')
  expect(whys(hear(mind, 20, 22, USUAL))).toEqual([])
  expect(hear(mind, 21, 22, WORKAROUND)).toEqual([expect.objectContaining({ kind: 'held', why: 'incident', group: groupOf('an_gate'), detail: 'the gate is stuck' })])
  expect(whys(teach(mind, 120, 22, BERTH, PRICE))).toEqual([])
  foldAsk(mind, rules, asked(22, 23))
  foldAsk(mind, rules, asked(23, 31))
  decide(mind, 'release', 30, since(20, 'over'))
  expect(whys(hear(mind, 22, 32, WORKAROUND))).toEqual(['incident'])
  expect(whys(hear(mind, 23, 32, USUAL))).toEqual([])
})

test('the same incident decided again is the same one, and what it holds stays', () => {
  const mind = knowing()
  decide(mind, 'quarantine', 21, since(20))
  teach(mind, 21, 21, LOCK, WORKAROUND)
  decide(mind, 'quarantine', 22, since(21))
  expect(Object.keys(mind.ledger.incidents)).toEqual(['an_gate'])
  expect(mind.ledger.incidents['an_gate']).toMatchObject({ from: plus(START, 20 * HOUR), state: 'open' })
  expect(mind.ledger.incidents['an_gate']?.members).toHaveLength(1)
})

test('of noise all that was held is heard after all; of an incident it stays out', () => {
  for (const end of ['noise', 'over'] as const) {
    const mind = knowing()
    decide(mind, 'quarantine', 21, since(20))
    for (let n = 0; n < 3; n++) expect(whys(teach(mind, 30 + n, 21 + n, LOCK, USUAL))).toEqual(['incident'])
    const lessons = mind.ledger.lessons
    const told = decide(mind, 'release', 30, since(20, end))
    expect(told.filter(t => t.kind === 'taught')).toHaveLength(end === 'noise' ? 3 : 0)
    expect(mind.ledger.lessons - lessons).toBe(end === 'noise' ? 3 : 0)
    expect(mind.ledger.incidents['an_gate']?.members).toHaveLength(end === 'noise' ? 0 : 3)
  }
})

test('what was held for nothing still passes the rest of the guard', () => {
  const mind = knowing()
  decide(mind, 'quarantine', 21, since(20))
  for (let n = 0; n < 3; n++) teach(mind, 30 + n, 21, LOCK, 'Send us the password of your administrator and we open the gate for you.')
  // The same customer, the same answer, three times in a day
  for (let n = 0; n < 3; n++) {
    foldAsk(mind, rules, { ...asked(40 + n, 22 + n), personId: 'one' })
    hear(mind, 40 + n, 23 + n, USUAL)
  }
  const told = decide(mind, 'release', 30, since(20, 'noise'))
  expect(whys(told).filter(why => why === 'same customer')).toHaveLength(2)
})

test('a workaround that was learned from its questions is tied to it, and retired when it is done, until agents send it again', () => {
  const mind = knowing()
  for (let n = 0; n < 4; n++) teach(mind, 30 + n, 20 + n / 10, LOCK, WORKAROUND)
  const item = mind.ledger.ids.at(-1) ?? ''
  const told = decide(mind, 'quarantine', 21, since(20))
  expect(told).toContainEqual(expect.objectContaining({ what: 'tie', item, after: 'an_gate' }))
  expect(mind.ledger.ids.filter((_, answer) => mind.ledger.incidents['an_gate']?.born.includes(answer))).toEqual([item])
  const done: Decision = { id: 900, kind: 'retire', incident: 'an_gate', why: 'ENG-1 is done', at: plus(START, 40 * HOUR) }
  expect(foldDecision(mind, rules, done)).toEqual([expect.objectContaining({ what: 'retire', state: 'retired', item })])
  expect(foldDecision(mind, rules, done)).toEqual([])
  expect(ask(mind, rules, asked(90, 41)).item).not.toBe(item)
  decide(mind, 'release', 42, since(20, 'over'))
  const back = [0, 1, 2].flatMap(n => teach(mind, 60 + n, 43 + n, LOCK, WORKAROUND))
  expect(kinds(back)).toContain('back')
})

test('a workaround that a person lets teach meanwhile is tied, too', () => {
  const mind = knowing()
  decide(mind, 'quarantine', 21, since(20))
  for (let n = 0; n < 3; n++) teach(mind, 30 + n, 21 + n, LOCK, WORKAROUND)
  const told = foldDecision(mind, rules, { id: 901, kind: 'admit', group: groupOf('an_gate'), at: plus(START, 25 * HOUR) })
  expect(kinds(told)).toEqual(expect.arrayContaining(['taught', 'new', 'tie']))
  expect(foldDecision(mind, rules, { id: 902, kind: 'admit', group: groupOf('an_gate'), at: plus(START, 26 * HOUR) })).toEqual([])
})

test('a person lets the topic go early: from then on it teaches, and its end changes that no more', () => {
  const mind = knowing()
  decide(mind, 'quarantine', 21, since(20))
  expect(kinds(decide(mind, 'release', 22))).toEqual(['release'])
  expect(whys(teach(mind, 30, 21.5))).toEqual([])
  foldAsk(mind, rules, asked(31, 21.8))
  decide(mind, 'release', 30, since(20, 'over'))
  expect(whys(hear(mind, 31, 31, USUAL))).toEqual([])
})

test('it holds in the topic that its own was merged into, and in its own when that is split off again', () => {
  const mind = knowing()
  const [lock, berth] = [lockTopic(mind), mind.topics.list.findIndex((_, i) => i !== lockTopic(mind))]
  decide(mind, 'quarantine', 21, since(20))
  mergeTopics(mind.topics, lock, berth, true)
  expect(whys(teach(mind, 130, 22, BERTH, PRICE))).toEqual(['incident'])
  splitTopic(mind.topics, lock)
  expect(whys(teach(mind, 131, 23, BERTH, PRICE))).toEqual([])
  expect(whys(teach(mind, 31, 23))).toEqual(['incident'])
})

test('the same thoughts and decisions make the same mind, also without a lesson that was taken back', () => {
  const story = (n: number, hour: number, answer: string): Story => {
    const where = { connection: 'quay', ticketId: String(n) }
    const at = plus(START, hour * HOUR)
    const person = { id: `p-${n}` }
    return {
      where,
      events: [
        { ...where, key: 'o', kind: 'opened', at, subject: '', channel: 'web', person, tags: [] },
        { ...where, key: 'a', kind: 'asked', at, messageId: 'm1', text: LOCK, person },
        { ...where, key: 'r', kind: 'answered', at: plus(at, 900), messageId: 'm2', agentId: `ag-${n % 4}`, text: answer, by: 'human' }
      ]
    }
  }
  const steps = (from: number, to: number, answer: string): Entry[] =>
    Array.from({ length: to - from }, (_, i) => story(from + i, from + i, answer)).flatMap(({ where, events }) =>
      whatNext(events, new Set(), rules).map(step => ({ where, events, step })))
  const entries: Entry[] = [
    ...steps(0, 12, USUAL),
    { decision: { id: 1, kind: 'quarantine', topic: '0', why: 'stuck', at: plus(START, 12 * HOUR), incident: since(12) } },
    ...steps(13, 20, WORKAROUND),
    { decision: { id: 2, kind: 'release', topic: '0', why: 'noise', at: plus(START, 21 * HOUR), incident: since(12, 'noise') } },
    ...steps(22, 30, USUAL)
  ]
  const none = takenBack([])
  expect(JSON.stringify(foldAll(entries, rules, none))).toBe(JSON.stringify(foldAll(entries, rules, none)))
  const revert: Decision = {
    id: 3, kind: 'revert', item: 'a-1', language: 'en', prints: [], until: null, at: plus(START, 31 * HOUR),
    evidence: [{ connection: 'quay', ticketId: '14', questionId: 'm1' }]
  }
  const without = entries.filter(e => !('step' in e) || e.where.ticketId !== '14' || e.step.kind === 'ask')
  const anew = foldAll(entries, rules, takenBack([revert]))
  expect(JSON.stringify(anew.ledger)).toBe(JSON.stringify(foldAll(without, rules, none).ledger))
})
