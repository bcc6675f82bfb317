// New kinds of tickets: what makes one, what is only another language or another word, and what belongs to an incident that
// is already told.
import { codesOf } from '../../src/learn/codes.ts'
import type { Alert } from '../../src/learn/incidents.ts'
import { emptyIncidents, openOrJoin, settle } from '../../src/learn/incidents.ts'
import { kinshipOf } from '../../src/learn/kinship.ts'
import { addTicket, emptyTerms } from '../../src/learn/terms.ts'
import { emptyWatch, foldTicket, tick } from '../../src/learn/watch.ts'
import type { WatchTicket } from '../../src/learn/watched.ts'
import { words } from '../../src/text.ts'
import { makeChance } from '../simulator/chance.ts'
import { shapeOf, simulate } from '../simulator/desk.ts'

const RULES = { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 }
const HOUR = 3600
const DAY = 24 * HOUR
const calm = simulate({ ...shapeOf('quiet'), topics: 20, perWeek: 700, weeks: 5 }, 11)
const NOON = calm.t0 + 30 * DAY + 10 * HOUR

/** Plays the calm desk with more tickets in it; only the last of its days count. */
function play (extra: Array<Partial<WatchTicket>>): Alert[] {
  const made = extra.map((given, i) =>
    ({ id: 900_000 + i, t: NOON + i * 600, topic: 'unknown', text: '', account: `new ${i}`, ...given }))
  const watch = emptyWatch({ t0: calm.t0, zone: calm.zone, deploys: [] }, RULES)
  const alerts: Alert[] = []
  const tickets = [...calm.tickets, ...made].sort((a, b) => a.t - b.t)
  let next = 0
  for (let t = calm.t0 + 300; t <= calm.end; t += 300) {
    for (let ticket = tickets[next]; ticket !== undefined && ticket.t <= t; ticket = tickets[++next]) {
      foldTicket(watch, ticket)
    }
    alerts.push(...tick(watch, t))
  }
  return alerts
}

// Words that about every fiftieth ticket of the calm desk holds, and no two of them the same ticket
function strangers (n: number): string[] {
  const holders = new Map<string, Set<number>>()
  for (const { id, text } of calm.tickets) {
    for (const word of words(text)) holders.set(word, (holders.get(word) ?? new Set()).add(id))
  }
  const found: string[] = []
  for (const [word, ids] of holders) {
    const share = ids.size / calm.tickets.length
    if (word.length < 4 || share < 0.012 || share > 0.03) continue
    if (found.every(other => ids.isDisjointFrom(holders.get(other) ?? new Set()))) found.push(word)
    if (found.length === n) break
  }
  return found
}

test('two ordinary words that never came together are told when they do', () => {
  const [one = '', two = ''] = strangers(2)
  expect(two).not.toBe('')
  const alerts = play(Array.from({ length: 8 }, () => ({ text: `${one} ${two}` }))).filter(a => a.action === 'open')
  expect(alerts).toHaveLength(1)
  expect(alerts[0]).toMatchObject({ kind: 'novel' })
  expect(alerts[0]?.tickets.filter(id => id >= 900_000).length).toBeGreaterThanOrEqual(3)
  expect(alerts[0]?.tickets.filter(id => id >= 900_000).length).toBeLessThan(8)
})

test('neither of the two alone is told', () => {
  const [one = '', two = ''] = strangers(2)
  expect(play(Array.from({ length: 8 }, (_, i) => ({ text: i % 2 === 0 ? one : two })))).toHaveLength(0)
})

describe('one cause, put in two ways', () => {
  const cause = {
    kind: 'novel' as const, topic: 'unknown', topics: [], terms: ['one'], tickets: [1, 2, 3], p: 1e-9, title: 'one'
  }
  const other = { ...cause, terms: ['two'], tickets: [7, 8, 9] }

  // An ordinary desk: every ticket holds some of forty words, none of them on purpose
  const chance = makeChance(7)
  const terms = emptyTerms(0)
  const add = (id: number, list: string[]): number =>
    addTicket(terms, { id, at: id * 600, account: `A${id}`, label: 'unknown', terms: list })
  const ordinary = (): string[] => Array.from({ length: 6 }, () => `word${chance.below(40)}`)
  for (let id = 0; id < 400; id++) add(id, ordinary())
  for (const id of [400, 401, 402]) add(id, [...ordinary(), 'fresh', 'word1', 'word2', 'code:INV-503'])
  for (const id of [403, 404, 405]) add(id, [...ordinary(), 'other', 'word1', 'word2', 'code:INV-503'])
  for (const id of [406, 407, 408]) add(id, [...ordinary(), 'third', 'word8', 'word9'])

  const incident = { tickets: [400, 401, 402], topics: [] }

  test('what shares a code and words with an incident is more like it than the rest of the desk', () => {
    expect(kinshipOf(terms, incident, [403, 404, 405])).toBeGreaterThan(0.97)
    expect(kinshipOf(terms, incident, [406, 407, 408])).toBeLessThan(0.84)
  })

  test('alike or not, another error code is another cause', () => {
    const told = (codes: [string, string]): number => {
      const incidents = emptyIncidents()
      const alike = (): number => 1e-9
      openOrJoin(incidents, { ...cause, terms: [codes[0]] }, 0, alike)
      openOrJoin(incidents, { ...other, terms: [codes[1]] }, 600, alike)
      return incidents.list.length
    }
    expect(told(['code:INV-503', 'code:BRD-07'])).toBe(2)
    expect(told(['code:INV-503', 'err:BRD-07'])).toBe(2)
    expect(told(['code:INV-503', 'two'])).toBe(1)
    expect(told(['one', 'two'])).toBe(1)
  })

  test('too much of everything, right after it was found, is its doing', () => {
    const told = (later: number): number => {
      const incidents = emptyIncidents()
      openOrJoin(incidents, cause, NOON)
      openOrJoin(incidents, { ...other, kind: 'spike', topic: '__all__', topics: ['__all__'], terms: [] }, NOON + later)
      return incidents.list.length
    }
    expect(told(30 * 60)).toBe(1)
    expect(told(60 * 60)).toBe(2)
  })

  test('with hardly anything to compare with, nothing is alike', () => {
    const young = emptyTerms(0)
    for (let id = 0; id < 9; id++) addTicket(young, { id, at: id, account: `A${id}`, label: 'unknown', terms: ['same'] })
    expect(kinshipOf(young, { tickets: [1, 2, 3], topics: [] }, [4, 5, 6])).toBe(0)
  })

  test('it joins the incident that it is not by chance like, and the one that it is least so', () => {
    const after = (chance: number): number => {
      const incidents = emptyIncidents()
      openOrJoin(incidents, cause, calm.t0)
      openOrJoin(incidents, other, calm.t0 + HOUR, () => chance)
      return incidents.list.length
    }
    expect([after(0.5), after(0.02), after(0.004), after(0)]).toEqual([2, 2, 1, 1])
    const incidents = emptyIncidents()
    openOrJoin(incidents, cause, calm.t0)
    openOrJoin(incidents, other, calm.t0)
    const third = { ...cause, terms: ['three'], tickets: [20, 21, 22] }
    expect(openOrJoin(incidents, third, calm.t0 + 2 * HOUR, i => i.terms.includes('two') ? 0.001 : 0.005)?.key)
      .toBe(incidents.list[1]?.key)
  })

  test('what is left of it after its end belongs to it', () => {
    const incidents = emptyIncidents()
    openOrJoin(incidents, cause, calm.t0)
    settle(incidents, calm.t0 + 2 * DAY, () => {})
    openOrJoin(incidents, { ...other, tickets: [2, 3, 9] }, calm.t0 + 2 * DAY)
    expect(incidents.list).toHaveLength(1)
    openOrJoin(incidents, { ...other, terms: ['three'], tickets: [20, 21, 22] }, calm.t0 + 2 * DAY)
    expect(incidents.list).toHaveLength(2)
  })
})

test('a code is one term, as it is written, and neither a number nor an address is one', () => {
  expect(codesOf('Export ends with INV-503, then E1042 (0x80070005) and ERR_TLS_VERSION. INV-503!'))
    .toEqual(['INV-503', 'E1042', '0x80070005', 'ERR_TLS_VERSION'])
  expect(codesOf('On 2024-10-03 at 12:30 I paid 503 to a-12@example.com, see /orders/AB-12 and v1.2.33')).toEqual([])
})

test('the size beside a title grows with the incident, the title stays', () => {
  const alerts = play(Array.from({ length: 24 }, () => ({ text: 'wexolar nurbiton' })))
  const [first, ...later] = alerts.filter(a => a.action !== 'close')
  expect(first).toMatchObject({ title: 'New: “wexolar”, “nurbiton”', size: '3 tickets in 20 minutes, usual is almost none' })
  expect(later.length).toBeGreaterThan(0)
  for (const alert of later) {
    expect(alert.title).toBe(first?.title)
    expect(alert.size).toMatch(new RegExp(`^${alert.tickets.length} tickets in `))
  }
  expect(later.at(-1)?.tickets.length).toBeGreaterThanOrEqual(6)
})

describe('a language that few customers write in', () => {
  const foreign = ['entonces', 'siempre', 'ninguna', 'ventana', 'apagado', 'carpeta', 'todavía', 'funciona']
  // Seven of these weeks' customers have written Spanish, of other things in other words
  const before = Array.from({ length: 28 }, (_, i) => ({
    t: calm.t0 + (i + 1) * DAY + 11 * HOUR, text: `el problema es que no ${foreign[i % 8] ?? ''} con la ${foreign[(i * 3 + 1) % 8] ?? ''}`
  }))
  const three = (word: string): Array<Partial<WatchTicket>> => ['ayer', 'hoy', 'pronto'].map((other, i) =>
    ({ t: NOON + i * 1500, text: `el correo es lo que ${word} por la ${other}`, account: `es ${i}` }))

  test('is no new kind of problem by its words, new as they are to the desk', () => {
    expect(play([...before, ...three('solamente')]).filter(a => a.action === 'open')).toEqual([])
  })

  test('the same word in the desk’s own language is one, with another that comes along', () => {
    const known = three('solamente')
    expect(play(known.map(({ text = '', ...rest }) => ({ ...rest, text: `${text.split(' ').at(-1) ?? ''} solamente wexolar` })))
      .filter(a => a.action === 'open')).toHaveLength(1)
  })
})

test('a single word that chance brought together needs more tickets than one that brings others along', () => {
  const first = (text: string): number => play(Array.from({ length: 12 }, (_, i) => ({ text, t: NOON + i * 1200 })))
    .find(a => a.action === 'open')?.tickets.length ?? 99
  const alone = first('wexolar')
  expect(alone).toBeGreaterThan(first('wexolar nurbiton'))
  expect(alone).toBeLessThan(8)
})

test('in its first fortnight a desk is not told that words have met: what belongs together is not known yet', () => {
  const [one = '', two = ''] = strangers(2)
  const early = calm.t0 + 8 * DAY + 10 * HOUR
  expect(play(Array.from({ length: 8 }, (_, i) => ({ text: `${one} ${two}`, t: early + i * 600 })))).toEqual([])
})
