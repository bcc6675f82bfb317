// What makes the watch tell apart: clumps from outbreaks, a copied message from ordinary words, one cause from two, weeks of
// growth from a bad day.
import type { Alert } from '../../src/learn/incidents.ts'
import { emptyIncidents, openOrJoin } from '../../src/learn/incidents.ts'
import { clumpingOf, emptyBaseline, learnClumping } from '../../src/learn/baseline.ts'
import { addDay, emptyVolume } from '../../src/learn/drift-volume.ts'
import { termsOf } from '../../src/learn/terms.ts'
import { sizeInWords, spanInWords, titleOfCluster, titleOfShare, titleOfSpike, usualInWords } from '../../src/learn/titles.ts'
import type { WatchTicket } from '../../src/learn/watched.ts'
import { emptyWatch, foldTicket, tick } from '../../src/learn/watch.ts'
import { makeChance } from '../simulator/chance.ts'
import { shapeOf, simulate } from '../simulator/desk.ts'
import { makeOutbreaks } from '../simulator/outbreaks.ts'
import { simulateTown, townOf } from '../simulator/town.ts'

const HOUR = 3600
const DAY = 24 * HOUR

describe('clumping', () => {
  // Arrivals of forty weeks with a rhythm, restless days, and `clump` more tickets within twenty minutes of each
  const arrivals = (clump: number, outbreaks = 0): number[] => {
    const chance = makeChance(12)
    const times: number[] = []
    for (let hour = 0; hour < 40 * 168; hour++) {
      const day = 0.5 + chance.gamma(2) / 4 * (Math.floor(hour / 24) % 3)
      const mean = (hour % 24 > 7 && hour % 24 < 18 ? 0.5 : 0.05) * day / (1 + clump)
      for (let n = chance.poisson(mean); n > 0; n--) {
        const at = (hour + chance.next()) * HOUR
        times.push(at)
        for (let more = chance.poisson(clump); more > 0; more--) times.push(at + chance.next() * 1200)
      }
    }
    for (let i = 0; i < outbreaks; i++) {
      const from = chance.next() * 40 * 168 * HOUR
      for (let n = 0; n < 40; n++) times.push(from + chance.next() * 12 * HOUR)
    }
    return times.sort((a, b) => a - b)
  }
  const measured = (times: number[]): number => {
    const baseline = emptyBaseline(40, 0)
    for (const [i, t] of times.entries()) learnClumping(baseline, times.slice(Math.max(0, i - 200), i), t, 0.4)
    return clumpingOf(baseline, 1.1)
  }

  test('rhythm and restless days are none', () => expect(measured(arrivals(0))).toBeLessThan(1.1))
  test('tickets that bring others along are', () => expect(measured(arrivals(0.3))).toBeGreaterThan(1.25))
  test('outbreaks hardly change what is thought of it', () => {
    expect(measured(arrivals(0, 6))).toBeLessThan(1.15)
  })
})

const calm = simulate({ ...shapeOf('quiet'), topics: 20, perWeek: 700, weeks: 5 }, 11)
const NOON = calm.t0 + 30 * DAY + 10 * HOUR

function told (extra: Array<Partial<WatchTicket>>): Alert[] {
  const made = extra.map((given, i) => ({
    id: 900_000 + i, t: NOON + i * 900, topic: `T0${10 + i % 9}`, text: 'bakelo mira', account: `new ${i}`, ...given
  }))
  const tickets = [...calm.tickets, ...made].sort((a, b) => a.t - b.t)
  const rules = { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 }
  const watch = emptyWatch({ t0: calm.t0, zone: calm.zone, deploys: [] }, rules)
  let next = 0
  const alerts: Alert[] = []
  for (let t = calm.t0 + 300; t <= calm.end; t += 300) {
    for (let one = tickets[next]; one !== undefined && one.t <= t; one = tickets[++next]) foldTicket(watch, one)
    alerts.push(...tick(watch, t))
  }
  return alerts.filter(alert => alert.action === 'open')
}

describe('friction by page and by error', () => {
  // What customers of this desk always write, each about another topic
  const sayings = calm.tickets.slice(900, 2400).filter((_, i) => i % 150 === 0)
  const sayingOf = (i: number): { text: string, topic: string } =>
    ({ text: sayings[i]?.text ?? '', topic: sayings[i]?.topic ?? 'unknown' })

  test('an error that nobody had before is told by its code and its page, though the words are ordinary', () => {
    const alerts = told(Array.from({ length: 7 }, (_, i) => ({ err: 'PAY-409', page: '/till/confirm', ...sayingOf(i) })))
    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toMatchObject({ kind: 'novel' })
    expect(alerts[0]?.title).toMatch(/^New: error PAY-409, page \/till\/confirm$/)
  })

  test('a page that is always busy is measured by its own usual', () => {
    const page = calm.tickets.find(ticket => ticket.topic === 'T001')?.page ?? ''
    expect(calm.tickets.filter(ticket => ticket.page === page).length).toBeGreaterThan(100)
    const some = Array.from({ length: 5 }, (_, i) => ({ ...sayingOf(i), page, topic: 'T001', t: NOON + i * 3 * HOUR }))
    expect(told(some)).toHaveLength(0)
  })
})

test('a copied message of ordinary words is a new cluster, and its words stand in the title', () => {
  const ordinary = [...new Set(calm.tickets.slice(0, 40).flatMap(ticket => ticket.text.split(' ')))]
  const chance = makeChance(8)
  const draw = (n: number): string[] => Array.from({ length: n }, () => ordinary[chance.below(ordinary.length)] ?? '')
  const copied = draw(12)
  const mixed = (): string => draw(12).sort().join(' ')
  const alerts = told(Array.from({ length: 8 }, () => ({ text: `${mixed()} ${copied.join(' ')} ${mixed()}` })))
  expect(alerts).toHaveLength(1)
  expect(alerts[0]?.title).toContain('the same words “')
  // What all share is found whatever stands around it
  const sketch = (text: string): string[] => termsOf({ text }).filter(term => term.startsWith('copy:'))
  const other = sketch(`${copied.join(' ')} ${mixed()}`)
  const both = sketch(`${mixed()} ${copied.join(' ')}`).filter(run => other.includes(run))
  expect(both.length).toBeGreaterThan(0)
})

describe('one cause or two', () => {
  const T0 = Date.UTC(2025, 8, 1) / 1000
  const cause = (topic: string, from: number, tickets: number[]): Parameters<typeof openOrJoin>[1] =>
    ({ kind: 'spike', topic, topics: [topic], terms: [], tickets, p: 1e-8, title: topic, from })

  test('what began together is one, however long the second took to show', () => {
    const incidents = emptyIncidents()
    openOrJoin(incidents, cause('A', T0, [1, 2, 3]), T0 + HOUR)
    expect(openOrJoin(incidents, cause('B', T0 + 900, [4, 5, 6]), T0 + 4 * HOUR)?.action).toBe('update')
    expect(incidents.list).toHaveLength(1)
  })

  test('what began at another time is another', () => {
    const incidents = emptyIncidents()
    openOrJoin(incidents, cause('A', T0, [1, 2, 3]), T0 + HOUR)
    expect(openOrJoin(incidents, cause('B', T0 + 3 * HOUR, [4, 5, 6]), T0 + 4 * HOUR)?.action).toBe('open')
  })

  test('a surge takes in topics while it lasts, and not the day after', () => {
    const incidents = emptyIncidents()
    openOrJoin(incidents, cause('__all__', T0, [1, 2, 3]), T0 + HOUR)
    expect(openOrJoin(incidents, cause('B', T0 + 2 * HOUR, [4, 5]), T0 + 3 * HOUR)?.action).toBe('update')
    expect(openOrJoin(incidents, cause('C', T0 + 9 * HOUR, [6, 7]), T0 + 10 * HOUR)?.action).toBe('open')
  })
})

test('volume: weeks of half as many again add up, one terrible day does not', () => {
  const chance = makeChance(4)
  const days = (mean: (day: number) => number): number => {
    const volume = emptyVolume()
    let most = 0
    for (let day = 0; day < 150; day++) {
      most = Math.max(most, addDay(volume, Math.log(0.01), chance.poisson(mean(day)), 10, 0.08))
    }
    return most
  }
  expect(days(() => 10)).toBeLessThan(7)
  expect(days(day => day === 120 ? 300 : 10)).toBeLessThan(7)
  expect(days(day => day < 100 ? 10 : 16)).toBeGreaterThan(10)
})

test('titles say what, and beside them how many, in what time, and what is usual', () => {
  expect([70, 900, 3300, 4000, 11_676, 200_000].map(spanInWords))
    .toEqual(['a minute', '15 minutes', 'an hour', 'an hour', '3 hours', '2 days'])
  expect([0.01, 0.34, 3.14, 55.8].map(usualInWords)).toEqual(['almost none', 'about 0.3', 'about 3.1', 'about 56'])
  expect(titleOfSpike('Refunds', true)).toBe('Refunds: more tickets than usual, after a release')
  expect(titleOfSpike('__all__', false)).toBe('Over all topics: more tickets than usual')
  expect(titleOfCluster(['sepa', 'err:E7', 'page:/pay'])).toBe('New: error E7, page /pay, “sepa”')
  expect(titleOfCluster(['error', 'code:INV-503', 'export'])).toBe('New: error INV-503, “export”')
  expect(titleOfCluster(['code:RX-20', 'copy:where is the new one'])).toBe('New: “RX-20”, the same words “where is the new one”')
  expect(sizeInWords(7, 1500, 0.31)).toBe('7 tickets in 25 minutes, usual is about 0.3')
  expect(titleOfShare('__all__', 'cancel', 0.062, 0.031))
    .toBe('Over all topics: 6.2 % of the tickets ask to cancel, usual is 3.1 %')
})

describe('the invented desks', () => {
  test('a town is the same with the same seed, and another with another', () => {
    const town = { ...townOf('town-small'), weeks: 9 }
    const one = simulateTown(town, 5)
    expect(simulateTown(town, 5)).toEqual(one)
    expect(simulateTown(town, 6).tickets.length).not.toBe(one.tickets.length)
    expect(new Set(one.truths.map(truth => truth.kind))).toEqual(new Set(['spike', 'novel', 'drift', 'surge', 'flood']))
  })

  test('the published scenarios are 42, and their outbreaks lie in the weeks that are judged', () => {
    const all = makeOutbreaks(1)
    expect(all).toHaveLength(42)
    expect(new Set(all.map(series => series.family)).size).toBe(42)
    expect(all.every(series => series.counts.length === 624 && series.outbreaks.every(o => o.from >= 575))).toBe(true)
  })
})
