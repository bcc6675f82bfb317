// What an issue is made of: the gate before it, issues that look alike, counted facts, words that nobody wrote alone, and
// what an engineer may ask.
import fc from 'fast-check'
import { rankIssues, whyNotFile } from '../../src/learn/filing.ts'
import { answerFrom, readQuestion } from '../../src/learn/engineer-question.ts'
import { sharedQuotes } from '../../src/learn/shared-words.ts'
import { countFacts, tellFact } from '../../src/learn/ticket-facts.ts'
import type { Fact, FactKind, FactTicket } from '../../src/learn/ticket-facts.ts'
import { renderIssue } from '../../src/bridge/linear-issue.ts'
import type { AnomalyView } from '../../src/outside.ts'

const RULES = { leastTickets: 5, leastCustomers: 3, perDay: 2, automatic: [] }
const GOOD = { tickets: 5, customers: 3, evidence: 5, openIssue: null, filedToday: 1 }

test.each([
  [{}, null],
  [{ tickets: 1 }, 'It has 1 ticket, and an issue should have 5.'],
  [{ customers: 2 }, 'They come from 2 customers, and an issue should have 3.'],
  [{ evidence: 0 }, 'What its customers wrote is not there any more.'],
  [{ openIssue: 'ENG-7' }, 'ENG-7 is open for the same topic.'],
  [{ filedToday: 2 }, '2 issues were filed within 24 hours, as many as are wanted in a day.'],
  [{ tickets: 4, openIssue: 'ENG-7' }, 'It has 4 tickets, and an issue should have 5; ENG-7 is open for the same topic.']
])('the gate, of %j', (different, says) => {
  expect(whyNotFile({ ...GOOD, ...different }, RULES)).toBe(says)
})

test('the issue that says the same is the most alike, one of something else is not', () => {
  const issue = (identifier: string, title: string, description = ''): Parameters<typeof rankIssues>[1][number] => ({ id: identifier, identifier, title, url: '', description })
  const ranked = rankIssues('Export stops export inv-503 stalls', [
    issue('ENG-1', 'Calendar shows the wrong week'), issue('ENG-2', 'Export stops with INV-503', 'It stalls at 40 percent.'), issue('ENG-3', 'Export to CSV: new column')
  ])
  expect(ranked.map(i => i.identifier)).toEqual(['ENG-2', 'ENG-3', 'ENG-1'])
  expect(ranked[0]?.score).toBeGreaterThan(0.6)
  expect(ranked[2]?.score).toBe(0)
})

const ticket = (n: number, text: string, more: Partial<FactTicket> = {}): FactTicket => ({ customer: `c${n}`, at: '2026-11-20T09:10:00Z', text, page: null, plan: null, ...more })
const NONE: Fact = { kind: 'page', values: [], stated: 0, of: 0 }
const fact = (tickets: FactTicket[], kind: FactKind): string =>
  tellFact(countFacts(tickets).find(f => f.kind === kind) ?? NONE)

test.each<[FactKind, string[], string]>([
  ['browser', ['in Chrome', 'Chrome and Firefox', 'firefox', 'nothing'], 'Chrome 2, Firefox 2, not stated 1'],
  ['error', ['says E42', 'E42 again', 'error: 500', 'Error 500 here'], '500 2, E42 2'],
  ['error', ['only mine says K19'], ''],
  ['version', ['since v4.12', 'version 4.12', 'v4.12 broke it'], 'v4.12 3'],
  ['system', ['on my iPhone', 'iOS 17', 'Windows 11'], 'iOS 2, not stated 0'],
  ['steps', ['Settings > SSO > Test', 'I opened Settings › SSO › Test'], 'Settings › SSO › Test 2'],
  ['language', ['Der Export bricht immer wieder ab und wir wissen nicht warum', 'The export stops and we do not know why'], 'de 1, en 1'],
  ['page', ['a', 'b'], '/export/:id 2']
])('%s, counted: %j', (kind, texts, told) => {
  const said = fact(texts.map((t, n) => ticket(n, t, kind === 'page' ? { page: `https://x.example/export/${n}12345?user=Lopez#top` } : {})), kind)
  expect(said).toBe(told.replace(', not stated 0', said.includes('not stated') ? ', not stated 1' : ''))
})

test('the order of tickets plays no part, and nothing that one customer alone wrote is told', () => {
  const text = fc.constantFrom('Chrome E42', 'Safari K19', 'v1.2 Windows', 'Settings > Team > Start', 'nothing')
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), text), { maxLength: 12 }), list => {
    const tickets = list.map(([n, t]) => ticket(n, t))
    expect(countFacts([...tickets].reverse())).toEqual(countFacts(tickets))
    const own = countFacts(tickets.map(t => ({ ...t, customer: 'one' })))
    expect(own.filter(f => !['language', 'hour'].includes(f.kind)).flatMap(f => f.values)).toEqual([])
  }))
})

test('a name is not told, not even one that everybody mentions; what all say is', () => {
  const texts = Array.from({ length: 6 }, (_, n) => ({ customer: `c${n}`, text: `the export stops at forty percent every time. Quentin said it works again soon. Call Zeb${n} about the export now.` }))
  const quotes = sharedQuotes(texts)
  expect(quotes.map(q => q.text)).toContain('the export stops at forty percent every time.')
  expect(JSON.stringify(quotes)).not.toMatch(/Quentin|Zeb/)
  expect(sharedQuotes(texts.slice(0, 1))).toEqual([])
})

test.each<[string, FactKind[] | null]>([
  ['which browser?', ['browser']], ['On what OS does it happen?', ['system']], ['Looking into it.', null], ['> which browser?\nfixed', null],
  ['```\nwhich browser?\n```\nsee the log', null], ['does it rain?', []], ['any steps to reproduce, and since when?', ['hour', 'steps']]
])('an engineer writes %j', (comment, kinds) => {
  expect(readQuestion(comment)?.kinds ?? null).toEqual(kinds)
})

test('an answer names what is known where it does not know, and escapes what it tells', () => {
  const facts = countFacts([ticket(1, 'Chrome', { plan: 'Growth*' }), ticket(2, 'Chrome', { plan: 'Growth*' })])
  const told = answerFrom({ kinds: ['plan', 'version'], numbers: true }, facts, { tickets: 2, customers: 1 }, t => t.replaceAll('*', '\\*'))
  expect(told).toContain('- 2 tickets of 1 customer\n- Plan: Growth\\* 2')
  expect(told).toMatch(/Not known: version\. Known: browser, language, asked, the number of tickets\.$/)
})

test('a title says symptom, place, for whom and since when, without the numbers of the alert', () => {
  const view: AnomalyView = {
    id: 'an_1', state: 'open', kind: 'spike', topic: 'export', title: 'Export <b>: 24 tickets in an hour, usual is 1.2', tickets: 24, people: 14, usual: 1,
    openedAt: '2026-11-20T09:10:00Z', terms: [], facts: [{ label: 'Page', text: '/x' }], chance: 0, precision: { right: 0, judged: 0 }, issue: null,
    filing: true, assignee: null, approvedBy: 'Ana [x](y)', reason: null, release: { name: 'v4.12', minutes: 40 }, home: ''
  }
  const context = {
    facts: [{ label: 'page', text: 'told already' }, { label: 'Browser', text: 'Chrome 9' }], steps: [], quotes: [], notKnown: ['steps'], place: '/export', who: 'Growth',
    workaround: null, likely: [{ identifier: 'ENG-80', score: 0.412 }], verifyHours: 48
  }
  const { title, description } = renderIssue(view, { page: '', slack: '' }, context)
  expect(title).toBe('Export <b> on /export for Growth since v4.12 (24 tickets, 14 customers)')
  expect(description).toContain('approved by Ana \\[x\\]\\(y\\)')
  expect(description).toContain('Began 40 min after release `v4.12` (correlation, not proof)')
  expect(description).toContain('possible duplicates checked: ENG-80 (0.41)</sub>')
  expect(description).not.toContain('told already')
  expect(description).not.toContain('### Steps')
  expect(renderIssue({ ...view, title: '12 tickets from 9 accounts say: loop, okta', release: null }, { page: '', slack: '' }).title)
    .toBe('Customers say loop, okta since 2026-11-20 09:10 UTC (24 tickets, 14 customers)')
})
