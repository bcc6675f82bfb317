// Which messages ask nothing: a labelled corpus. No question may be taken for noise; of noise some may be missed.
import { noiseOf } from '../../src/learn/noise.ts'
import { turnsOf, whatNext } from '../../src/learn/story.ts'
import { questionOf } from '../../src/learn/steps.ts'
import type { TicketEvent } from '../../src/types.ts'
import { usualRules } from '../support/house.ts'
import { MACHINES } from '../support/noise/machines.ts'
import { QUESTIONS } from '../support/noise/questions.ts'
import { THANKS } from '../support/noise/thanks.ts'

const LEAST_FOUND = 0.95

test('the corpus is large enough, and nothing stands in it twice', () => {
  const all = [...MACHINES.map(([, m]) => m), ...THANKS.map(text => ({ text })), ...QUESTIONS]
  expect(all.length).toBeGreaterThanOrEqual(120)
  expect(new Set(all.map(m => JSON.stringify(m))).size).toBe(all.length)
})

test('no message that asks something is taken for noise', () => {
  expect(QUESTIONS.filter(m => noiseOf(m) !== null).map(m => [noiseOf(m), m])).toEqual([])
})

test('machines, absent people and mail that came back are told by what they say', () => {
  const missed = MACHINES.filter(([kind, m]) => noiseOf(m) !== kind)
  const found = 1 - missed.length / MACHINES.length
  if (found < LEAST_FOUND) throw new Error(`only ${found} are found: ${JSON.stringify(missed)}`)
  expect(missed.filter(([, m]) => noiseOf(m) !== null)).toEqual([])    // missed, never mixed up
})

test('a plain thank you is one in every language', () => {
  const missed = THANKS.filter(text => noiseOf({ text }) !== 'thanks')
  expect(missed).toEqual([])
})

test('a sentence more makes a question of any thanks', () => {
  for (const text of THANKS) expect([text, noiseOf({ text: `${text} The export is empty.` })]).toEqual([text, null])
})

test('a hostile message costs no more than a long one', () => {
  const started = performance.now()
  for (const piece of ['this is an automated ', 'ich bin bis ', 'thanks thanks ', 'remote server ', 'I am out of the ', '> ', '\n-- ']) {
    noiseOf({ text: piece.repeat(5_000), subject: piece.repeat(50) })
  }
  expect(performance.now() - started).toBeLessThan(500)
})

describe('in a ticket', () => {
  const rules = usualRules()
  const where = { connection: 'moorings', ticketId: '7' }
  const person = { id: 'p' }
  const at = (s: number): string => new Date(Date.parse('2026-11-02T09:00:00Z') + s * 1000).toISOString().slice(0, 19) + 'Z'
  const asked = (s: number, text: string): TicketEvent =>
    ({ ...where, key: `m${s}`, at: at(s), kind: 'asked', messageId: `m${s}`, text, person })
  const answered = (s: number): TicketEvent =>
    ({ ...where, key: `m${s}`, at: at(s), kind: 'answered', messageId: `m${s}`, agentId: 'a', text: 'Please ring twice.', by: 'human' })
  const QUESTION = 'Where do I get a second key for my locker'

  test('thanks after an answer ask for no draft, what follows them does', () => {
    const story = [asked(0, QUESTION), answered(600), asked(700, 'Thanks a lot!')]
    expect(whatNext(story, new Set(), rules).map(s => s.id)).toEqual(['ask:m0', 'hear:m0'])
    const more = [...story, asked(800, 'Thanks, but the second key does not turn')]
    expect(whatNext(more, new Set(), rules).map(s => s.id)).toEqual(['ask:m0', 'hear:m0', 'ask:m800'])
  })

  test('a ticket that is an absence note asks nothing at all', () => {
    const opened: TicketEvent = {
      ...where, key: 'opened', at: at(0), kind: 'opened', subject: 'Automatic reply: Your berth', channel: 'email', person, tags: []
    }
    const story = [opened, asked(0, 'I am out of the office until Monday.')]
    expect([turnsOf(story), whatNext(story, new Set(), rules)]).toEqual([[], []])
  })

  test('noise does not keep a draft waiting, is no part of the question, and is what the helpdesk shows as newest', () => {
    const story = [asked(0, QUESTION), asked(10, 'Thanks!')]
    const [step] = whatNext(story, new Set(), rules)
    expect(step).toMatchObject({ id: 'ask:m0', at: at(15) })
    const { question, basis } = questionOf(where, story, 'm0', rules)
    expect([question.text, basis]).toEqual([QUESTION, 'm10'])
  })
})
