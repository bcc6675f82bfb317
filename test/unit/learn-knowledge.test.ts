// What the team has written down: found beside the learned answers, changed and taken away, and never leaked.
import { ask, foldAsk, foldHear } from '../../src/learn/loop.ts'
import type { LoopRules } from '../../src/learn/loop.ts'
import { emptyMind } from '../../src/learn/mind.ts'
import type { Mind } from '../../src/learn/mind.ts'
import type { ArticleFact } from '../../src/learn/knowledge.ts'
import { foldTaught } from '../../src/learn/taught.ts'
import { think } from '../../src/learn/recall.ts'
import type { Question } from '../../src/types.ts'
import { usualRules } from '../support/house.ts'

const RULES: LoopRules = usualRules()
const AT = '2026-11-02T09:00:00Z'
const TIDES = 'Open Berths, choose the quay and press Tide table at the top right to print the tide table.'

function teach (mind: Mind, fact: Partial<ArticleFact>): void {
  foldTaught(mind, {
    kind: 'article',
    at: AT,
    fact: {
      connection: '', id: '1', kind: 'macro', title: 'Tide table', text: TIDES, public: true, updatedAt: AT,
      language: 'en', ...fact
    }
  })
}

function question (text: string, n = 1, more: Partial<Question> = {}): Question {
  return {
    connection: 'quayside', ticketId: String(n), questionId: `m-${n}`, at: '2026-11-03T09:00:00Z', text,
    personId: `p-${n}`, language: 'en', channel: 'web', ...more
  }
}

const ASKED = 'Where can I print the tide table of our quay?'

describe('a macro', () => {
  test('is drafted before anybody has sent it, its placeholders kept', () => {
    const mind = emptyMind()
    teach(mind, { text: `Hello {{ticket.requester.first_name}},\n\n${TIDES} Your harbour is {{ticket.organization.name}}.` })
    const draft = ask(mind, RULES, question(ASKED))
    expect(draft.text).toBe(`${TIDES} Your harbour is {{ticket.organization.name}}.`)
    expect(draft.articles).toEqual([{ kind: 'macro', title: 'Tide table', url: null, updatedAt: AT, public: true }])
    expect(draft.sources).toEqual([])
  })

  test('that only colleagues may read, or of another helpdesk, is neither drafted nor cited', () => {
    for (const fact of [{ public: false }, { connection: 'zendesk' }]) {
      const mind = emptyMind()
      teach(mind, fact)
      expect(ask(mind, RULES, question(ASKED))).toMatchObject({ text: '', articles: [] })
    }
  })

  test('and the replies that say the same are one answer', () => {
    const mind = emptyMind()
    teach(mind, {})
    for (const n of [1, 2, 3]) {
      foldAsk(mind, RULES, question(ASKED, n))
      foldHear(mind, RULES, question(ASKED, n), { text: `Hi,\n${TIDES}\nBest,\nOla`, agentId: `a-${n}`, at: '2026-11-03T09:30:00Z' })
    }
    expect(mind.answers.list).toHaveLength(1)
    expect(mind.answers.list[0]).toMatchObject({ replies: 3, agents: ['quayside/a-1', 'quayside/a-2', 'quayside/a-3'] })
    expect(mind.answers.list[0]?.good).toBeCloseTo(3)
  })

  test('that is taken away is not drafted any more; one that changes is drafted as it is now', () => {
    const mind = emptyMind()
    teach(mind, {})
    const now = 'To print tides, ask the harbour office: printing from the berth page has ended for every quay.'
    teach(mind, { text: now, updatedAt: '2026-11-02T12:00:00Z' })
    expect(ask(mind, RULES, question(ASKED)).text).toBe(now)
    teach(mind, { gone: true, text: '', updatedAt: '2026-11-02T13:00:00Z' })
    expect(ask(mind, RULES, question(ASKED))).toMatchObject({ text: '', articles: [] })
  })
})

describe('an article', () => {
  const LONG = ['Berths are booked a week ahead in the calendar of the harbour.', TIDES,
    'Fees are due at the end of each month and are collected by the office.'].map(p => `${p} ${'Ask the office for more. '.repeat(14)}`)

  test('gives the passage that is like the question, and is cited with link and date', () => {
    const mind = emptyMind()
    const url = 'https://help.quayside.example/en/articles/7-tides'
    teach(mind, { kind: 'article', title: 'Tides and quays', text: LONG.join('\n\n'), url })
    const draft = ask(mind, RULES, question(ASKED))
    expect(draft.text).toContain(TIDES)
    expect(draft.text).not.toContain('Fees are due')
    expect(draft.articles).toEqual([{ kind: 'article', title: 'Tides and quays', url, updatedAt: AT, public: true }])
  })

  test('that is internal is cited to the agent, and no word of it stands in a draft', () => {
    const mind = emptyMind()
    teach(mind, { kind: 'article', title: 'Tide table (staff)', public: false, text: `${TIDES} The master key hangs in room 4.` })
    const draft = ask(mind, RULES, question(ASKED))
    expect(draft.text).toBe('')
    expect(draft.articles.map(a => [a.title, a.public])).toEqual([['Tide table (staff)', false]])
    expect(JSON.stringify(mind.answers)).not.toContain('master key')
  })

  test('that replies to such questions link to is cited, whatever its words', () => {
    const mind = emptyMind()
    teach(mind, { kind: 'article', id: '9', title: 'Appendix', text: 'Numbers in columns.', public: false, url: 'https://help.quayside.example/hc/en-us/articles/9-appendix' })
    const reply = { text: 'Please look at https://help.quayside.example/hc/de/articles/9-appendix?x=1 for it.', agentId: 'a', at: '2026-11-03T09:30:00Z' }
    foldAsk(mind, RULES, question('The crane on the north quay is stuck again', 5))
    foldHear(mind, RULES, question('The crane on the north quay is stuck again', 5), reply)
    expect(ask(mind, RULES, question('Our crane on the north quay is stuck', 6)).articles.map(a => a.title)).toEqual(['Appendix'])
  })

  test('in another language is left alone', () => {
    const mind = emptyMind()
    teach(mind, { kind: 'article', language: 'de-DE' })
    expect(ask(mind, RULES, question(ASKED)).text).toBe('')
  })
})

test('a mind with articles survives JSON, and hostile titles and links break nothing', () => {
  const mind = emptyMind()
  for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    teach(mind, { id: word, title: word, text: `${word} ${TIDES}`, url: `https://${word}`, kind: 'article' })
  }
  const again: Mind = JSON.parse(JSON.stringify(mind))
  expect(ask(again, RULES, question(`${ASKED} __proto__`))).toEqual(ask(mind, RULES, question(`${ASKED} __proto__`)))
  expect(think(mind, RULES, question(ASKED)).known.length).toBeGreaterThan(1)
})
