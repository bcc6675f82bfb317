// The risk of an account: bounded, explained, no better by one more bad sign; and what is told of a company.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { dayWords, emailOf, readAccount, riskWords } from '../../src/learn/account.ts'
import { isJump, readCancellation, reasonWords, scoreRisk } from '../../src/learn/risk.ts'
import type { RiskTicket } from '../../src/learn/risk.ts'
import { plus } from '../../src/learn/story.ts'
import type { EventFact, TicketEvent } from '../../src/types.ts'
import type { Company, CrmView } from '../../src/outside.ts'

const NOW = '2026-11-20T10:00:00Z'
const DAY = 86_400
const PERSON = { id: 'p-7' }
const view: CrmView = JSON.parse(readFileSync(new URL('../../config/hubspot.json', import.meta.url), 'utf8'))
const cancellation = readCancellation(view.cancellation)

function ticket (ticketId: string, facts: Array<[daysAgo: number, EventFact]>, topic = ''): RiskTicket {
  const events = facts.map(([days, fact], i): TicketEvent =>
    ({ key: `e-${i}`, connection: 'quay', ticketId, at: plus(NOW, -days * DAY), ...fact }))
  return { connection: 'quay', ticketId, topic, events }
}

const opened: EventFact = { kind: 'opened', subject: 'Roster', channel: 'email', person: PERSON, tags: [] }
const asks = (text: string): EventFact => ({ kind: 'asked', messageId: 'm', text, person: PERSON })
const bad: EventFact = { kind: 'rated', good: false }

test('no tickets, and tickets without a sign, are no risk and have no reason', () => {
  expect(scoreRisk([], cancellation, NOW)).toEqual({ score: 0, reasons: [], tickets: 0, open: 0 })
  const calm = ticket('1', [[3, opened], [3, asks('How do I export?')], [2, { kind: 'solved' }], [2, { kind: 'rated', good: true }]])
  expect(scoreRisk([calm], cancellation, NOW)).toEqual({ score: 0, reasons: [], tickets: 1, open: 0 })
})

test('each sign counts, with its tickets, and the points add up to the score', () => {
  const risk = scoreRisk([
    ticket('1', [[9, opened], [9, asks('It fails again')], [8, { kind: 'solved' }], [7, { kind: 'reopened' }], [6, bad], [5, bad]], 'roster'),
    ticket('2', [[4, opened], [4, asks('We will cancel our contract.')], [3, { kind: 'escalated', how: 'tag' }], [2, { kind: 'escalated', how: 'priority' }]], 'roster'),
    ticket('3', [[1, opened]], 'billing')
  ], cancellation, NOW)
  expect(risk.reasons.map(r => [r.sign, r.count, r.tickets.map(t => t.ticketId)])).toEqual([
    ['bad_rating', 2, ['1']], ['cancellation', 1, ['2']], ['escalated', 1, ['2']], ['reopened', 1, ['1']], ['repeat', 1, ['2']]
  ])
  // 1 − .8² · .65 · .85 · .9 · .9 = .7135904
  expect(risk.score).toBe(71)
  expect(risk.reasons.map(reasonWords)).toEqual([
    '2 bad ratings', '1 ticket speaks of leaving', '1 ticket was escalated', '1 reopening', '1 repeat contact'
  ])
  const points = risk.reasons.reduce((sum, r) => sum + r.points, 0)
  expect(Math.abs(points - risk.score)).toBeLessThanOrEqual(risk.reasons.length)
  expect(risk).toMatchObject({ tickets: 3, open: 3 })
})

test('what happened before the window, after now, on spam and on another topic does not count', () => {
  const old = ticket('1', [[40, opened], [31, bad], [31, asks('we cancel our contract')]])
  expect(scoreRisk([old], cancellation, NOW).score).toBe(0)
  expect(scoreRisk([ticket('1', [[1, opened], [-1, bad]])], cancellation, NOW).score).toBe(0)
  expect(scoreRisk([ticket('1', [[3, opened], [2, bad], [1, { kind: 'spam' }]])], cancellation, NOW).score).toBe(0)
  const solved = ticket('1', [[9, opened], [8, { kind: 'solved' }]], 'roster')
  expect(scoreRisk([solved, ticket('2', [[4, opened]], 'billing')], cancellation, NOW).score).toBe(0)
  expect(scoreRisk([solved, ticket('2', [[0.5, opened]], 'roster')], cancellation, NOW).score).toBe(0)
  expect(scoreRisk([solved, ticket('2', [[4, opened]], '')], cancellation, NOW).score).toBe(0)
  expect(scoreRisk([solved, ticket('2', [[4, opened]], 'roster')], cancellation, NOW).score).toBe(10)
})

test.each([
  'We want to cancel our subscription', 'We are switching to another provider', 'I am looking for an alternative',
  'Wir möchten unseren Vertrag kündigen', 'Hiermit die Kündigung', 'Nous voulons résilier notre contrat',
  'Queremos cancelar nuestra suscripción', 'Vogliamo disdire il contratto', 'Wij willen ons contract opzeggen', 'Queremos cancelar o contrato'
])('speaks of leaving: %s', text => {
  expect(scoreRisk([ticket('1', [[1, asks(text)]])], cancellation, NOW).reasons.map(r => r.sign)).toEqual(['cancellation'])
})

test.each([
  'How do I cancel a shift?', 'Please switch the language', 'Wie lösche ich eine Schicht?', 'Comment annuler un quart ?',
  'How do I switch to another team?', 'Is there a plan for two branches?'
])('does not speak of leaving: %s', text => {
  expect(scoreRisk([ticket('1', [[1, asks(text)]])], cancellation, NOW).score).toBe(0)
})

const anyTicket = fc.array(fc.tuple(fc.integer({ min: 0, max: 45 }), fc.oneof(
  fc.constant(opened), fc.constantFrom('hello', 'we cancel our contract').map(asks), fc.constantFrom<EventFact>(
    bad, { kind: 'rated', good: true }, { kind: 'escalated', how: 'x' }, { kind: 'reopened' }, { kind: 'solved' }, { kind: 'spam' })
)), { maxLength: 8 })
const anyTickets = fc.array(fc.tuple(anyTicket, fc.constantFrom('', 'a', 'b')), { maxLength: 12 })
  .map(all => all.map(([facts, topic], i) => ticket(String(i), facts, topic)))

test('always from 0 to 99, the same in any order, and never lower by one more bad rating', () => {
  fc.assert(fc.property(anyTickets, tickets => {
    const before = structuredClone(tickets)
    const { score, reasons } = scoreRisk(tickets, cancellation, NOW)
    expect(tickets).toEqual(before)
    expect(Number.isInteger(score) && score >= 0 && score <= 99).toBe(true)
    expect(score > 0).toBe(reasons.length > 0)
    const mixed = tickets.map(t => ({ ...t, events: [...t.events, ...t.events].reverse() })).reverse()
    expect(scoreRisk(mixed, cancellation, NOW).score).toBe(score)
    expect(scoreRisk([...tickets, ticket('more', [[1, opened], [0, bad]])], cancellation, NOW).score).toBeGreaterThanOrEqual(score)
  }))
})

test('a jump is 15 points from what was told, in either direction', () => {
  expect([isJump(null, 14), isJump(null, 15), isJump(40, 26), isJump(40, 25), isJump(40, 54), isJump(40, 55)])
    .toEqual([false, true, false, true, false, true])
})

const COMPANY: Company = {
  id: '9', name: 'Pell Mills', owner: 'Mara Quill',
  properties: { lifecyclestage: 'customer', tier: 'Growth', annualrevenue: '212000', renews: '2026-12-12', score: '34' }
}
const FULL: CrmView = {
  ...view, show: ['company', 'lifecycle', 'plan', 'arr', 'renewal', 'health', 'owner'],
  properties: { lifecycle: 'lifecyclestage', plan: 'tier', arr: 'annualrevenue', renewal: 'renews', health: 'score' }
}

test('of a company only what the config lists is kept, in its order', () => {
  expect(readAccount(COMPANY, FULL)).toEqual({
    facts: ['Pell Mills', 'customer', 'plan Growth', 'ARR 212k', 'renewal 12 Dec', 'health 34', 'owner Mara Quill'],
    health: 34, renewalAt: '2026-12-12T00:00:00Z', arr: 212_000
  })
  expect(readAccount(COMPANY, { ...FULL, show: ['plan'] })).toEqual({ facts: ['plan Growth'], health: null, renewalAt: null, arr: null })
  expect(readAccount({ ...COMPANY, owner: null, properties: {} }, FULL)).toEqual({ facts: ['Pell Mills'], health: null, renewalAt: null, arr: null })
  const odd = { ...COMPANY, name: ' <b>Pell</b>\nhttps://evil.example\u202E ', properties: { score: 'poor', renews: 'soon', annualrevenue: '-' } }
  expect(readAccount(odd, FULL)).toMatchObject({ facts: ['b Pell /b', 'owner Mara Quill'], health: null, renewalAt: null })
  expect(readAccount({ ...COMPANY, properties: { renews: '1765497600000' } }, FULL).renewalAt).toBe('2025-12-12T00:00:00Z')
})

test('at risk in words, when health is low or the tickets are loud', () => {
  const calm = { health: 70, renewalAt: '2026-12-12T00:00:00Z', risk: 10 }
  expect(riskWords(calm, view, NOW)).toBeNull()
  expect(riskWords({ ...calm, health: null, risk: null }, view, NOW)).toBeNull()
  expect(riskWords({ ...calm, health: 34 }, view, NOW)).toBe('Account at risk (HubSpot 34, renewal 12 Dec)')
  expect(riskWords({ ...calm, risk: 50 }, view, NOW)).toBe('Account at risk (HubSpot 70, support risk 50, renewal 12 Dec)')
  expect(riskWords({ health: 34, renewalAt: '2027-11-12T00:00:00Z', risk: null }, view, NOW)).toBe('Account at risk (HubSpot 34)')
  expect(dayWords('2026-01-05T00:00:00Z')).toBe('5 Jan')
})

test('the address is that of whoever asked first', () => {
  const story = ticket('1', [[2, { ...opened, person: { id: 'a' } }], [1, { ...asks('x'), person: { id: 'b', email: 'b@x.example' } } as EventFact]]).events
  expect(emailOf(story)).toBeNull()
  expect(emailOf([...story, ...ticket('1', [[0, { ...opened, person: { id: 'a', email: 'a@x.example' } }]]).events])).toBe('a@x.example')
})
