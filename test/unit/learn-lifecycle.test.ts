// The life of an answer, and the blanks in its text: nothing is shown that only one person stands behind, and nothing of
// one customer is proposed to another.
import { learnReply, emptyAnswers } from '../../src/learn/answers.ts'
import type { Answer } from '../../src/learn/answers.ts'
import { doubt, isShown, moveOn, stateOf, whyHeld } from '../../src/learn/lifecycle.ts'
import { ask, foldAsk, foldHear } from '../../src/learn/loop.ts'
import { emptyMind } from '../../src/learn/mind.ts'
import { withBlanks } from '../../src/learn/slots.ts'
import { plus } from '../../src/learn/story.ts'
import { usualRules } from '../support/house.ts'

const AT = '2026-11-02T09:00:00Z'
const SUPPORT = { leastAgents: 2, leastCustomers: 3 }

function answer (change: Partial<Answer> = {}): Answer {
  const answers = emptyAnswers()
  learnReply(answers, 'Open Berths and press Book.', 'en', 'a-1', AT, 'c-1')
  const [made] = answers.list
  if (made === undefined) throw new Error('nothing was learned')
  return { ...made, ...change }
}

describe('an answer', () => {
  const many = { replies: 3, agents: ['a-1', 'a-2'], customers: ['c-1', 'c-2', 'c-3'] }

  test.each<[string, Partial<Answer>, number, string]>([
    ['said once is observed', {}, 5, 'observed'],
    ['said twice is a candidate', { replies: 2 }, 5, 'candidate'],
    ['of one agent of many stays one', { ...many, agents: ['a-1'] }, 5, 'candidate'],
    ['to too few customers stays one', { ...many, customers: ['c-1', 'c-2'] }, 5, 'candidate'],
    ['with enough of both is promoted', many, 5, 'promoted'],
    ['of the only agent there is needs no second', { ...many, agents: ['a-1'] }, 1, 'promoted'],
    ['that was written down to be sent is promoted', { from: '~/macro/1' }, 5, 'promoted'],
    ['that has already failed is not', { ...many, good: 0, bad: 20 }, 5, 'candidate'],
    ['whose drafts fail is watched', { ...many, state: 'promoted', good: 1, bad: 20 }, 5, 'watch'],
    ['that proves itself is promoted again', { ...many, state: 'watch', good: 20, bad: 2 }, 5, 'promoted']
  ])('%s', (_name, change, team, state) => {
    expect(stateOf(answer(change), team, AT, SUPPORT)).toBe(state)
  })

  test('that nobody sends for sixty days while watched is retired, and a candidate when it is sent again', () => {
    const old = answer({ state: 'watch', bad: 9 })
    expect(moveOn(old, 5, '2026-12-30T09:00:00Z', SUPPORT)).toBe(false)
    expect(moveOn(old, 5, '2027-01-02T09:00:00Z', SUPPORT)).toBe(true)
    expect(old).toMatchObject({ state: 'retired', stateAt: '2027-01-02T09:00:00Z' })
    expect(stateOf({ ...old, lastAt: '2027-02-01T09:00:00Z' }, 5, '2027-02-01T09:00:00Z', SUPPORT)).toBe('candidate')
  })

  test('whose source changed is watched, with half of its record', () => {
    const made = answer({ state: 'promoted', from: '~/macro/1', good: 8, bad: 2 })
    doubt(made, AT)
    expect(made).toMatchObject({ state: 'watch', from: null, good: 4, bad: 1 })
    expect(isShown(made)).toBe(false)
  })

  test('that is held back says why', () => {
    expect(whyHeld(answer())).toBe('so far 1 agent sent it to 1 customer: more must stand behind it')
  })
})

test('a sure draft is no note while only one agent has sent it; the same by two is one', () => {
  const rules = { ...usualRules(), risk: 1, leastScore: 0 }
  const actions = [1, 2].map(agents => {
    const mind = emptyMind()
    const asked = (n: number): Parameters<typeof foldAsk>[2] => ({
      connection: 'quayside', ticketId: String(n), questionId: `m-${n}`, at: plus(AT, n * 6_000), text: 'How do I book a berth for the night?',
      personId: `p-${n}`, language: 'en', channel: 'web'
    })
    for (let n = 0; n < 90; n++) {
      foldAsk(mind, rules, asked(n))
      foldHear(mind, rules, asked(n), { text: 'Open Berths, choose the night and press Book.', agentId: `a-${n % agents}`, at: plus(AT, n * 6_000 + 300) })
    }
    // The team has two, whoever answered
    mind.answers.team = ['quayside/a-0', 'quayside/a-1']
    for (const one of mind.answers.list) { one.state = 'candidate'; moveOn(one, 2, AT, rules) }
    return ask(mind, rules, asked(100))
  })
  expect(actions.map(d => d.action)).toEqual(['silent', 'note'])
  expect(actions[0]?.reason).toContain('1 agent sent it to 20 customers')
})

describe('blanks', () => {
  const others = ['Your berth 12 is booked under Mills until 9:30.', 'Your berth 44 is booked under Ortega until 17:10.']

  test('stand for what differs from customer to customer', () => {
    expect(withBlanks('Your berth 7 is booked under Hansen until 8:15.', others)).toBe('Your berth [number] is booked under [name] until [time].')
  })

  test('stand for addresses and long codes even in a reply that came once', () => {
    expect(withBlanks('I wrote to mia@home.example about QR-2026-00417, see https://q.example/t?id=55123.', []))
      .toBe('I wrote to [address] about [number], see [link].')
  })

  test('do not stand for what every reply says, for short numbers, formats and macro placeholders', () => {
    const text = 'Hi {{ticket.requester.name}}, write to dock@quayside.example within 3 days as UTF-8.'
    expect(withBlanks(text, [])).toBe(text.replace('dock@quayside.example', '[address]'))
    expect(withBlanks(text, [text, text])).toBe(text)
  })

  test('are found in time that grows with the text, whatever the text', () => {
    const startedMs = performance.now()
    for (const hostile of ['a'.repeat(60_000), '1a'.repeat(30_000), ', '.repeat(30_000), 'A-1 '.repeat(15_000), '@'.repeat(60_000)]) {
      withBlanks(hostile, [])
    }
    expect(performance.now() - startedMs).toBeLessThan(3_000)
  })
})
