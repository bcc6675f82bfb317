// The demo's archive is read on screen and learned from: it must look like a real desk and be the same every time.

import { readFileSync } from 'node:fs'
import type { ArchiveTicket } from '../../scripts/archive.ts'
import { makeClock } from '../../scripts/demo/clock.ts'
import { makeDemoArchive } from '../../scripts/demo/demo-archive.ts'
import { demoTopics, ordinaryTopics } from '../../scripts/demo/topics.ts'
import { words } from '../../src/text.ts'

const archive = makeDemoArchive(1)
const INSTANT = /^2026-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const incident = archive.filter(ticket => ticket.topic_label === 'incident_inv503')
const answered = archive.filter(ticket => ticket.messages.some(message => message.role === 'agent'))

function countBy<T> (items: T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return counts
}

function languageOf (ticket: ArchiveTicket): string {
  return String(ticket.context?.['language'] ?? '')
}

function minutesBetween (from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 60_000
}

function firstAnswer (ticket: ArchiveTicket): string {
  return ticket.messages.find(message => message.role === 'agent')?.text ?? ''
}

function bodyOf (answer: string): string {
  const parts = answer.split('\n\n')
  if (/^(Hi|Hello|Dear|Hallo|Guten Tag) [^.]{1,40},$/.test(parts[0] ?? '')) parts.shift()
  if (/^(Best|Kind|Cheers|Viele|Beste|Freundliche)\b[^.]{1,60}$/.test(parts.at(-1) ?? '')) parts.pop()
  return parts.join('\n\n')
}

/** Shared tokens by the longer of the two. */
function overlap (one: string, other: string): number {
  const left = words(one)
  const right = countBy(words(other), word => word)
  let shared = 0
  for (const word of left) {
    const rest = right.get(word) ?? 0
    if (rest > 0) shared++
    right.set(word, rest - 1)
  }
  return shared / Math.max(left.length, words(other).length)
}

test('the same seed gives the same archive, another seed another one', () => {
  expect(makeDemoArchive(1)).toEqual(archive)
  expect(makeDemoArchive(2)).not.toEqual(archive)
})

test('the archive is plain data', () => {
  expect(JSON.parse(JSON.stringify(archive))).toEqual(archive)
})

test('there are at least 720 tickets from about 120 customers of 60 companies, answered by 8 agents', () => {
  expect(archive.length).toBeGreaterThanOrEqual(720)
  const known = archive.filter(ticket => ticket.topic_label !== 'spam')
  const customers = new Set(known.map(ticket => ticket.customer_id)).size
  expect(customers).toBeGreaterThan(105)
  expect(customers).toBeLessThanOrEqual(120)
  expect(new Set(known.map(ticket => ticket.context?.['company'])).size).toBeGreaterThan(55)
  const agents = archive.flatMap(ticket => ticket.messages.flatMap(message => message.agent_id ?? []))
  expect(new Set(agents).size).toBe(8)
})

test('ids are unique, of tickets and of messages', () => {
  expect(new Set(archive.map(ticket => ticket.id)).size).toBe(archive.length)
  const ids = archive.flatMap(ticket => ticket.messages.map(message => message.id))
  expect(new Set(ids).size).toBe(ids.length)
})

test('tickets are in order, messages within them too, and no two share a second', () => {
  const opened = archive.map(ticket => ticket.opened_at)
  expect(opened).toEqual([...opened].sort())
  for (const { messages, opened_at: openedAt } of archive) {
    const ats = messages.map(message => message.at)
    expect(ats[0]).toBe(openedAt)
    expect(ats.every((at, nth) => nth === 0 || at > (ats[nth - 1] ?? ''))).toBe(true)
  }
  const all = archive.flatMap(ticket => ticket.messages.map(message => message.at))
  expect(new Set(all).size).toBe(all.length)
})

test('a second that is taken is not given away again', () => {
  const clock = makeClock()
  expect([100, 100, 101, 100.4].map(at => clock.take(at))).toEqual([100, 101, 102, 103])
})

test('every instant has one form and lies within the eight weeks that end on 2026-11-20', () => {
  const instants = archive.flatMap(ticket => [
    ticket.opened_at, ...ticket.messages.map(message => message.at), ticket.solved_at ?? [], ticket.reopened_at ?? [],
    ticket.csat?.at ?? []
  ].flat())
  expect(instants.filter(at => !INSTANT.test(at))).toEqual([])
  expect(instants.filter(at => at < '2026-09-28' || at >= '2026-11-21')).toEqual([])
})

test('four of five customers write English, the others German', () => {
  const known = archive.filter(ticket => ticket.topic_label !== 'spam')
  const german = known.filter(ticket => languageOf(ticket) === 'de').length / known.length
  expect(german).toBeGreaterThan(0.15)
  expect(german).toBeLessThan(0.26)
  expect(known.every(ticket => ['de', 'en'].includes(languageOf(ticket)))).toBe(true)
})

test('more than 25 topics come up, few of them often, and each has a readable name', () => {
  const counts = countBy(archive, ticket => ticket.topic_label ?? '')
  expect(counts.size).toBeGreaterThan(25)
  expect([...counts.keys()].filter(label => demoTopics[label] === undefined)).toEqual([])
  const sorted = [...counts.values()].sort((a, b) => b - a)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  expect((sorted[0] ?? 0) / median).toBeGreaterThan(2.5)
})

test('each topic has enough to say in both languages', () => {
  expect(new Set(ordinaryTopics.map(topic => topic.label)).size).toBe(ordinaryTopics.length)
  for (const { en, de } of ordinaryTopics) {
    expect(new Set(en.questions).size).toBeGreaterThanOrEqual(8)
    expect(new Set(de.questions).size).toBeGreaterThanOrEqual(4)
    for (const { house, extras, special, stuck, second, subjects } of [en, de]) {
      expect(house.length).toBeGreaterThanOrEqual(3)
      expect(house.length).toBeLessThanOrEqual(8)
      const rest = [extras, special, stuck, second, subjects]
      expect(rest.every(lines => lines.length > 0)).toBe(true)
    }
  }
})

test('nothing unfilled is left in what people read', () => {
  const texts = archive.flatMap(ticket => [ticket.subject ?? '', ...ticket.messages.map(message => message.text)])
  expect(texts.filter(text => /[{}|]|undefined|\bNaN\b/.test(text))).toEqual([])
})

test('every address ends in .example, so that nobody real is ever written to', () => {
  const addresses = JSON.stringify(archive).match(/[^\s"@\\]+@[^\s",;]+/g) ?? []
  expect(addresses.length).toBeGreaterThan(500)
  expect(addresses.filter(address => !/\.example[.;,]?$/.test(address))).toEqual([])
})

test('the desk works on weekdays and first answers within 4 to 90 minutes', () => {
  const weekday = (at: string) => new Date(at).getUTCDay()
  const atWork = answered.filter(ticket => ![0, 6].includes(weekday(ticket.opened_at)))
  expect(atWork.length / answered.length).toBeGreaterThan(0.95)
  for (const ticket of answered) {
    const first = ticket.messages.find(message => message.role === 'agent')?.at ?? ''
    const waited = minutesBetween(ticket.opened_at, first)
    expect(waited).toBeGreaterThanOrEqual(4)
    expect(waited).toBeLessThanOrEqual(90)
  }
})

test('some questions come in several short messages within a minute', () => {
  const bursts = archive.filter(ticket => ticket.messages[1]?.role === 'customer')
  expect(bursts.length).toBeGreaterThan(30)
  for (const { messages } of bursts) {
    expect(minutesBetween(messages[0]?.at ?? '', messages[1]?.at ?? '')).toBeLessThan(1)
  }
})

test('most answers to a topic that came up before are repeated word for word', () => {
  const past = new Map<string, string[]>()
  let scored = 0
  let repeated = 0
  for (const ticket of answered) {
    const key = `${ticket.topic_label ?? ''} ${languageOf(ticket)}`
    const seen = past.get(key) ?? []
    const body = bodyOf(firstAnswer(ticket))
    if (seen.length > 0) scored++
    if (seen.some(earlier => overlap(earlier, body) >= 0.97)) repeated++
    past.set(key, [...seen, body])
  }
  expect(scored).toBeGreaterThan(600)
  expect(repeated / scored).toBeGreaterThan(0.55)
  expect(repeated / scored).toBeLessThan(0.75)
})

test('the price and the place of invitations change in week 5, save for agents who are behind', () => {
  const prices = answered.filter(ticket => ticket.topic_label === 'plan_price')
  const isNew = (ticket: ArchiveTicket) => /2[03] euros|2[03] Euro/.test(firstAnswer(ticket))
  expect(prices.filter(ticket => ticket.opened_at < '2026-10-26' && isNew(ticket))).toEqual([])
  const settled = prices.filter(ticket => ticket.opened_at >= '2026-11-02')
  expect(settled.filter(ticket => /19 euros|19 Euro/.test(firstAnswer(ticket)))).toEqual([])
  expect(settled.filter(isNew).length).toBeGreaterThan(settled.length / 2)
  const later = answered.filter(ticket => ticket.topic_label === 'invite_users' && ticket.opened_at >= '2026-11-02')
  expect(later.filter(ticket => /Office > Users|Büro > Benutzer/.test(firstAnswer(ticket)))).toEqual([])
})

test('in week 7 about 45 tickets of 30 customers arrive within five hours, are held, then answered', () => {
  expect(incident.length).toBeGreaterThanOrEqual(43)
  expect(new Set(incident.map(ticket => ticket.customer_id)).size).toBeGreaterThanOrEqual(28)
  const opened = incident.map(ticket => ticket.opened_at)
  expect(minutesBetween(opened[0] ?? '', opened.at(-1) ?? '')).toBeLessThanOrEqual(300)
  expect(opened.every(at => at.startsWith('2026-11-11'))).toBe(true)
  for (const { messages } of incident) {
    const texts = messages.filter(message => message.role === 'agent').map(message => message.text)
    const held = texts.findIndex(text => /paused all invoice mails|Rechnungsmails vorerst angehalten/.test(text))
    const fixed = texts.findIndex(text => /fault is repaired|Fehler ist behoben/.test(text))
    expect(held).toBeGreaterThanOrEqual(0)
    expect(fixed).toBeGreaterThan(held)
  }
})

test('tickets end as on a real desk: solved, sometimes rated, seldom reopened', () => {
  const solved = archive.filter(ticket => ticket.solved_at !== undefined)
  const rated = solved.filter(ticket => ticket.csat !== undefined)
  const reopened = solved.filter(ticket => ticket.reopened_at !== undefined)
  const good = rated.filter(ticket => ticket.csat?.good === true)
  const shares = [
    [solved.length / archive.length, 0.85], [rated.length / solved.length, 0.3], [good.length / rated.length, 0.88]
  ] as const
  for (const [share, wanted] of shares) expect(Math.abs(share - wanted)).toBeLessThan(0.06)
  expect(reopened.length / archive.length).toBeGreaterThan(0.035)
  expect(reopened.length / archive.length).toBeLessThan(0.085)
  for (const ticket of solved) {
    const solvedAt = ticket.solved_at ?? ''
    const before = ticket.messages.filter(message => message.role === 'agent' && message.at < solvedAt).at(-1)
    const waited = minutesBetween(before?.at ?? '', solvedAt)
    expect(waited).toBeGreaterThanOrEqual(10)
    expect(waited).toBeLessThanOrEqual(2 * 24 * 60)
    expect((ticket.csat?.at ?? '9') > solvedAt && (ticket.reopened_at ?? '9') > solvedAt).toBe(true)
  }
})

test('spam is labelled and never answered', () => {
  const spam = archive.filter(ticket => ticket.topic_label === 'spam')
  expect(spam.length).toBeGreaterThan(4)
  expect(spam.every(ticket => ticket.messages.length === 1 && ticket.solved_at === undefined)).toBe(true)
})

test('the generator takes no clock and no chance but its seed', () => {
  const folder = new URL('../../scripts/demo/', import.meta.url)
  for (const file of ['chance', 'clock', 'story', 'answers', 'questions', 'slots', 'people', 'demo-archive']) {
    const source = readFileSync(new URL(`${file}.ts`, folder), 'utf8')
    expect(source).not.toMatch(/Math\.random|Date\.now|new Date\(\)|process\./)
  }
})
