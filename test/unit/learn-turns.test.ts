// When a draft is due, what ends a turn, and what a ticket tells later about an answer.
import { questionOf } from '../../src/learn/steps.ts'
import { plus, silencedAt, sortStory, turnsOf, whatNext } from '../../src/learn/story.ts'
import type { Step } from '../../src/learn/story.ts'
import type { EventFact, TicketEvent } from '../../src/types.ts'

const RULES = { quietSeconds: 15, quietCapSeconds: 60, durableHours: 72, reopenDays: 7 }
const START = '2026-11-02T09:00:00Z'
const HOUR = 3_600
const DAY = 24 * HOUR
const WHERE = { connection: 'desk', ticketId: '41' }
const PERSON = { id: 'p-7', name: 'Nora Feld' }
const LONG = 'the roster of next week is empty'

function tell (...told: Array<[seconds: number, fact: EventFact]>): TicketEvent[] {
  return told.map(([seconds, fact], i) => ({ ...WHERE, key: `k-${i}`, at: plus(START, seconds), ...fact }))
}

function asks (messageId: string, text = LONG): EventFact {
  return { kind: 'asked', messageId, text, person: PERSON }
}

function opens (subject: string): EventFact {
  return { kind: 'opened', subject, channel: 'chat', person: PERSON, page: '/roster', tags: [] }
}

function replies (messageId: string, by: 'human' | 'bot' = 'human'): EventFact {
  return { kind: 'answered', messageId, agentId: 'ag-3', text: 'Please reload the page.', by }
}

function steps (events: TicketEvent[]): Step[] {
  return whatNext(events, new Set(), RULES)
}

function dueAfter (events: TicketEvent[], id = 'ask:q1'): number | null {
  const step = steps(events).find(s => s.id === id)
  return step === undefined ? null : (Date.parse(step.at) - Date.parse(START)) / 1000
}

function outcomes (events: TicketEvent[]): Array<[what: string, seconds: number, questionId: string]> {
  return steps(events).flatMap(s => {
    return s.kind === 'outcome' ? [[s.what, (Date.parse(s.at) - Date.parse(START)) / 1000, s.questionId]] : []
  })
}

describe('when a draft is due', () => {
  test.each<[name: string, due: number, story: TicketEvent[]]>([
    ['after a quiet time', 15, tell([0, asks('q1')])],
    ['later when the customer goes on writing', 25, tell([0, asks('q1')], [10, asks('q2')])],
    ['not later for what comes after the quiet time', 15, tell([0, asks('q1')], [16, asks('q2')])],
    ['still later for what comes in its last second', 30, tell([0, asks('q1')], [15, asks('q2')])],
    ['at the cap however long he writes', 60, tell(...[0, 12, 24, 36, 48, 59].map((s, i): [number, EventFact] => [s, asks(`q${i + 1}`)]))],
    ['at the cap when there is only a greeting', 60, tell([0, asks('q1', 'Hello!')])],
    ['at the cap for several greetings', 60, tell([0, asks('q1', 'Hi')], [5, asks('q2', 'good morning')])],
    ['a quiet time after the first real words', 45, tell([0, asks('q1', 'Hi')], [30, asks('q2')])],
    ['when few words become enough together', 24, tell([0, asks('q1', 'roster is empty')], [9, asks('q2', 'since Monday')])],
    ['a quiet time after a greeting whose subject says it', 15, tell([0, opens('Roster of next week empty')], [0, asks('q1', 'Hi')])],
    ['at the cap when the subject greets too', 60, tell([0, opens('Hello')], [0, asks('q1', 'Hi')])],
    ['at once when a person answers before', 8, tell([0, asks('q1')], [8, replies('a1')])],
    ['not at once when a bot answers', 15, tell([0, asks('q1')], [8, replies('b1', 'bot')])]
  ])('%s', (_name, due, story) => {
    expect(dueAfter(story)).toBe(due)
  })

  test('what was written after the draft was due is no part of its question', () => {
    const events = tell([0, asks('q1')], [10, asks('q2', 'I use the phone for it')], [40, asks('q3', 'never mind the phone')])
    const { question, basis } = questionOf(WHERE, events, 'q1', RULES)
    expect(question.text).toBe(`${LONG}\n\nI use the phone for it`)
    expect([question.at, basis]).toEqual([plus(START, 25), 'q2'])
  })
})

describe('who writes on after the draft was due', () => {
  const asked = (events: TicketEvent[], done: string[] = []): Array<[id: string, seconds: number]> =>
    whatNext(events, new Set(done), RULES).flatMap(s => s.kind === 'ask' ? [[s.id, (Date.parse(s.at) - Date.parse(START)) / 1000]] : [])

  test.each<[name: string, asks: Array<[string, number]>, story: TicketEvent[]]>([
    ['gets another draft at the next quiet time', [['ask:q1', 15], ['ask:q1:q2', 115]], tell([0, asks('q1')], [100, asks('q2')])],
    ['one for all that comes together', [['ask:q1', 15], ['ask:q1:q2', 125]], tell([0, asks('q1')], [100, asks('q2')], [110, asks('q3')])],
    ['at the cap for few words', [['ask:q1', 15], ['ask:q1:q2', 160]], tell([0, asks('q1')], [100, asks('q2', 'hello?')])],
    ['and again', [['ask:q1', 15], ['ask:q1:q2', 115], ['ask:q1:q3', 215]], tell([0, asks('q1')], [100, asks('q2')], [200, asks('q3')])],
    ['none when a person answers before', [['ask:q1', 15]], tell([0, asks('q1')], [100, asks('q2')], [115, replies('a1')])],
    ['one when only a bot does', [['ask:q1', 15], ['ask:q1:q2', 115]], tell([0, asks('q1')], [100, asks('q2')], [110, replies('b1', 'bot')])],
    ['a turn of its own after the answer', [['ask:q1', 15], ['ask:q2', 115]], tell([0, asks('q1')], [50, replies('a1')], [100, asks('q2')])]
  ])('%s', (_name, expected, story) => { expect(asked(story)).toEqual(expected) })

  test('not without end: an unanswered monologue is drafted for a dozen times', () => {
    const story = tell(...Array.from({ length: 40 }, (_, i): [number, EventFact] => [i * 100, asks(`q${i}`)]))
    expect(asked(story)).toHaveLength(12)
  })

  test('what was answered and heard is over, also for a message that is told late', () => {
    const story = tell([0, asks('q1')], [100, asks('q2')], [300, replies('a1')])
    expect(asked(story, ['ask:q1', 'hear:q1'])).toEqual([])
    expect(asked(story, ['ask:q1'])).toEqual([['ask:q1:q2', 115]])
  })

  test('the question is then all that was written, and its newest message the last of it', () => {
    const story = tell([0, asks('q1')], [100, asks('q2', 'only on the phone')], [400, asks('q3')])
    const { question, basis } = questionOf(WHERE, story, 'q1', RULES, 'q2')
    expect([question.questionId, question.text, basis]).toEqual(['q1', `${LONG}\n\nonly on the phone`, 'q2'])
    expect(() => questionOf(WHERE, story, 'q1', RULES, 'q9')).toThrow('no further draft')
  })
})

describe('turns', () => {
  test('a person ends a turn, a bot does not', () => {
    const events = tell(
      [0, asks('q1')], [20, replies('b1', 'bot')], [30, asks('q2')], [90, replies('a1')], [200, asks('q3')]
    )
    const turns = turnsOf(sortStory(events))
    expect(turns.map(t => [t.questionId, t.messages.map(m => m.id), t.answer?.id ?? null]))
      .toEqual([['q1', ['q1', 'q2'], 'a1'], ['q3', ['q3'], null]])
  })

  test('a second answer in a row is heard for no question', () => {
    const heard = steps(tell([0, asks('q1')], [90, replies('a1')], [95, replies('a2')])).filter(s => s.kind === 'hear')
    expect(heard).toEqual([{ kind: 'hear', id: 'hear:q1', at: plus(START, 90), questionId: 'q1', answerId: 'a1' }])
  })

  test('an agent who begins a ticket answers nothing', () => {
    expect(steps(tell([0, replies('a1')])).map(s => s.id)).toEqual([])
    expect(steps(tell([0, replies('a1')], [60, asks('q1')])).map(s => s.id)).toEqual(['ask:q1'])
  })

  test('of one second, the question comes before the answer', () => {
    expect(steps(tell([5, replies('a1')], [5, asks('q1')])).map(s => [s.id, s.at]))
      .toEqual([['ask:q1', plus(START, 5)], ['hear:q1', plus(START, 5)]])
  })

  test('the subject stands before the first turn only, and is not said twice', () => {
    const opened = opens('Empty roster')
    const events = tell([0, opened], [0, asks('q1')], [60, replies('a1')], [90, asks('q2', 'It is still empty, sorry')])
    const first = questionOf(WHERE, events, 'q1', RULES).question
    expect(first).toMatchObject({ text: `Empty roster\n${LONG}`, channel: 'chat', page: '/roster', personId: 'p-7', language: 'en' })
    expect(first).not.toHaveProperty('before')
    const second = questionOf(WHERE, events, 'q2', RULES).question
    expect(second).toMatchObject({
      text: 'It is still empty, sorry', before: `Empty roster\n${LONG}`, told: ['Please reload the page.']
    })
    const again = tell([0, opened], [0, asks('q1', 'Empty roster since Monday')])
    expect(questionOf(WHERE, again, 'q1', RULES).question.text).toBe('Empty roster since Monday')
  })

  test('a question that is not there is a mistake of the caller, told with its ticket', () => {
    expect(() => questionOf(WHERE, tell([0, asks('q1')]), 'q9', RULES)).toThrow('desk/41 has no question q9')
  })
})

describe('spam, deleted and merged tickets', () => {
  test.each<EventFact>([{ kind: 'spam' }, { kind: 'deleted' }, { kind: 'merged', into: '40' }])('$kind silences what comes after it, nothing before', fact => {
    const before = tell([0, asks('q1')], [100, replies('a1')], [200, { kind: 'rated', good: true }])
    const events = [...before, ...tell([300, fact], [301, asks('q2')], [400, replies('a2')], [500, { kind: 'escalated', how: 'tag' }])
      .map(e => ({ ...e, key: `later-${e.key}` }))]
    expect(steps(events)).toEqual(steps(before))
    expect(silencedAt(sortStory(events))).toBe(plus(START, 300))
  })

  test('a draft that would have been due after it is never due', () => {
    expect(steps(tell([0, asks('q1')], [14, { kind: 'spam' }]))).toEqual([])
    expect(steps(tell([0, asks('q1')], [15, { kind: 'spam' }]))).toEqual([])
    expect(steps(tell([0, asks('q1')], [16, { kind: 'spam' }])).map(s => s.id)).toEqual(['ask:q1'])
  })

  test('a ticket that is none of it is silenced never', () => {
    expect(silencedAt(tell([0, asks('q1')], [9, { kind: 'solved' }], [10, { kind: 'abandoned' }]))).toBeNull()
  })
})

describe('what a ticket tells later', () => {
  const answered: Array<[number, EventFact]> = [[0, asks('q1')], [100, replies('a1')]]

  test.each<[name: string, later: Array<[number, EventFact]>, expected: Array<[string, number]>]>([
    ['solved and quiet for three days', [[200, { kind: 'solved' }]], [['stayed_solved', 200 + 72 * HOUR]]],
    ['solved twice counts from the first time', [[200, { kind: 'solved' }], [900, { kind: 'solved' }]], [['stayed_solved', 200 + 72 * HOUR]]],
    ['reopened the next day', [[200, { kind: 'solved' }], [DAY, { kind: 'reopened' }]], [['reopened', DAY]]],
    ['reopened on the fifth day: it had stayed solved until then', [[200, { kind: 'solved' }], [5 * DAY, { kind: 'reopened' }]],
      [['stayed_solved', 200 + 72 * HOUR], ['reopened', 5 * DAY]]],
    ['reopened in the last second that counts', [[200, { kind: 'solved' }], [200 + 7 * DAY, { kind: 'reopened' }]],
      [['stayed_solved', 200 + 72 * HOUR], ['reopened', 200 + 7 * DAY]]],
    ['reopened a second too late to blame the answer', [[200, { kind: 'solved' }], [201 + 7 * DAY, { kind: 'reopened' }]],
      [['stayed_solved', 200 + 72 * HOUR]]],
    ['reopened without having been solved', [[200, { kind: 'reopened' }]], []],
    ['solved again after a reopening', [[200, { kind: 'solved' }], [HOUR, { kind: 'reopened' }], [2 * HOUR, { kind: 'solved' }]],
      [['reopened', HOUR], ['stayed_solved', 2 * HOUR + 72 * HOUR]]],
    ['rated well', [[300, { kind: 'rated', good: true, score: 5 }]], [['rated_good', 300]]],
    ['rated badly', [[300, { kind: 'rated', good: false }]], [['rated_bad', 300]]],
    ['a rating that was thought over', [[300, { kind: 'rated', good: false }], [400, { kind: 'rated', good: true }]],
      [['rated_bad', 300], ['rated_good', 400]]],
    ['handed on to others', [[300, { kind: 'escalated', how: 'second level' }]], [['escalated', 300]]],
    ['given up by its customer: that says nothing', [[300, { kind: 'abandoned' }]], []]
  ])('%s', (_name, later, expected) => {
    expect(outcomes(tell(...answered, ...later))).toEqual(expected.map(([what, at]) => [what, at, 'q1']))
  })

  test('it is told of the answer that was given last before it', () => {
    const events = tell(...answered, [200, asks('q2')], [300, { kind: 'rated', good: false }], [400, replies('a2')], [500, { kind: 'rated', good: true }])
    expect(outcomes(events)).toEqual([['rated_bad', 300, 'q1'], ['rated_good', 500, 'q2']])
  })

  test('what comes before any answer judges none', () => {
    expect(outcomes(tell([0, asks('q1')], [50, { kind: 'escalated', how: 'tag' }], [60, { kind: 'solved' }], [100, replies('a1')]))).toEqual([])
  })
})
