// The watch over the stream: what it tells, what it keeps to itself, and that it can be put down and taken up again.
import fc from 'fast-check'
import type { Alert } from '../../src/learn/incidents.ts'
import { absorb, emptyIncidents, openOrJoin, settle } from '../../src/learn/incidents.ts'
import { upperTail } from '../../src/learn/tail.ts'
import type { Watch, WatchTicket } from '../../src/learn/watched.ts'
import { emptyWatch, foldTicket, foldVerdict, tick } from '../../src/learn/watch.ts'
import { hourOfWeek, offsetAt } from '../../src/learn/week-clock.ts'
import { judgeWeek, judgeWeeks } from '../../src/learn/weekly.ts'
import { makeChance } from '../simulator/chance.ts'
import { shapeOf, simulate } from '../simulator/desk.ts'

const RULES = { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 }
const HOUR = 3600
const DAY = 24 * HOUR
const T0 = Date.UTC(2025, 8, 1) / 1000
const calm = simulate({ ...shapeOf('quiet'), topics: 20, perWeek: 700, weeks: 5 }, 11)

function begin (): Watch {
  return emptyWatch({ t0: calm.t0, zone: calm.zone, deploys: [] }, RULES)
}

function feed (watch: Watch, tickets: WatchTicket[], from: number, to: number): Alert[] {
  const alerts: Alert[] = []
  const due = tickets.filter(ticket => ticket.t > from && ticket.t <= to)
  let next = 0
  for (let t = from + 300; t <= to; t += 300) {
    for (let ticket = due[next]; ticket !== undefined && ticket.t <= t; ticket = due[++next]) {
      foldTicket(watch,
        ticket)
    }
    alerts.push(...tick(watch, t))
  }
  return alerts
}

function told (alerts: Alert[]): Alert[] {
  return alerts.filter(alert => alert.action === 'open')
}

// Extra tickets of a topic in the last week of the calm desk, on its Wednesday noon
const NOON = calm.t0 + 30 * DAY + 10 * HOUR

function among (extra: Array<Partial<WatchTicket>>): WatchTicket[] {
  const made = extra.map((given, i) => ({
    id: 900_000 + i, t: NOON + i * 120, topic: 'T015', text: 'bakelo mira',
    account: `new ${i}`, ...given
  }))
  return [...calm.tickets, ...made].sort((a, b) => a.t - b.t)
}

describe('the tail of the negative binomial law', () => {
  test.each([
    // Poisson: 1 - e^-2 (1 + 2 + 2); geometric (size 1): (m / (1 + m))^k; size 2, mean 2: sum of (k + 1) / 2^(k + 2)
    [3, 2, 1e9, 1 - Math.exp(-2) * 5], [5, 1, 1, 1 / 32], [40, 1, 1, 2 ** -40], [1, 2, 2, 0.75], [2, 2, 2, 0.5],
    [5, 2, 2, 1 - (1 / 4 + 2 / 8 + 3 / 16 + 4 / 32 + 5 / 64)], [10, 0.1, 1e9, 2.5163e-17]
  ])('P(X >= %p) with mean %p and size %p', (k, mean, size, p) => {
    expect(upperTail(k, mean, size) / p).toBeCloseTo(1, 4)
  })

  test('it falls with the count, rises with the mean, and is a probability', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.double({ min: 0.2, max: 1e4, noNaN: true }), (k, mean, size) => {
        const p = upperTail(k, mean, size)
        expect(p).toBeGreaterThanOrEqual(0)
        expect(p).toBeLessThanOrEqual(1)
        expect(upperTail(k + 1, mean, size)).toBeLessThanOrEqual(p + 1e-12)
        expect(upperTail(k, mean * 1.2, size)).toBeGreaterThanOrEqual(p - 1e-9)
      }))
  })
})

test('the hour of the week follows the wall clock when it is set back', () => {
  const before = Date.UTC(2025, 9, 25, 7) / 1000    // Saturday, nine in Berlin
  const after = Date.UTC(2025, 9, 26, 8) / 1000     // Sunday, nine in Berlin: 25 hours later
  expect(hourOfWeek(before, offsetAt('Europe/Berlin', before))).toBe(5 * 24 + 9)
  expect(hourOfWeek(after, offsetAt('Europe/Berlin', after))).toBe(6 * 24 + 9)
})

test('a quiet desk stays quiet', () => {
  expect(told(feed(begin(), calm.tickets, calm.t0, calm.end))).toHaveLength(0)
})

test('a clear spike is told once, within minutes of the tickets that show it, and closed when it is over', () => {
  const alerts = feed(begin(), among(Array.from({ length: 30 }, () => ({}))), calm.t0, calm.end)
  expect(told(alerts)).toHaveLength(1)
  const [open] = told(alerts)
  expect(open?.tickets.filter(id => id >= 900_000).length).toBeGreaterThanOrEqual(3)
  expect(open?.tickets.filter(id => id >= 900_000).length).toBeLessThan(15)
  expect(alerts.filter(a => a.key === open?.key).map(a => a.action)).toEqual(expect.arrayContaining(['open',
    'update', 'close']))
})

test('one account that floods a topic is never told', () => {
  const flood = Array.from({ length: 40 }, () => ({ account: 'one', text: 'wexolar nurbiton dapperly' }))
  expect(told(feed(begin(), among(flood), calm.t0, calm.end))).toHaveLength(0)
})

test('words that nobody used before are a new cluster, even when every ticket is filed under another topic', () => {
  const fresh = Array.from({ length: 8 }, (_, i) =>
    ({ topic: `T0${10 + i}`, text: 'wexolar nurbiton dapperly', t: NOON + i * 1500 }))
  const alerts = told(feed(begin(), among(fresh), calm.t0, calm.end))
  expect(alerts).toHaveLength(1)
  expect(alerts[0]).toMatchObject({ kind: 'novel' })
  expect(alerts[0]?.tickets.filter(id => id >= 900_000).length).toBeGreaterThanOrEqual(3)
})

test('put down as JSON and taken up again, it says the same', () => {
  const tickets = among(Array.from({ length: 30 }, () => ({})))
  const half = calm.t0 + 30 * DAY + 11 * HOUR
  const whole = begin()
  feed(whole, tickets, calm.t0, half)
  const again: Watch = JSON.parse(JSON.stringify(whole))
  expect(again).toEqual(whole)
  expect(feed(again, tickets, half, calm.end)).toEqual(feed(whole, tickets, half, calm.end))
})

test('what it keeps of a ticket is forgotten: with the same desk for longer, the state hardly grows', () => {
  const watch = begin()
  const chance = makeChance(3)
  const sizes: number[] = []
  for (let i = 0; i < 24_000; i++) {
    const t = calm.t0 + i * 120
    const text = `bakelo word${chance.below(2000)}x word${chance.below(2000)}x odd${i}y`
    foldTicket(watch, { id: i, t, topic: `T${chance.below(15)}`, text, account: `A${chance.below(3000)}` })
    tick(watch, t)
    if (i % 8000 === 7999) sizes.push(JSON.stringify(watch).length)
  }
  expect((sizes[2] ?? 0) / (sizes[1] ?? 1)).toBeLessThan(1.25)
  expect(watch.terms.queue.length).toBeLessThan(4000)
})

test('a ticket costs no more after a long history than after a short one', () => {
  const watch = begin()
  const chance = makeChance(5)
  const cost = (from: number): number => {
    const began = performance.now()
    for (let i = from; i < from + 8000; i++) {
      foldTicket(watch, {
        id: i, t: calm.t0 + i * 100, topic: `T${chance.below(15)}`,
        text: `bakelo word${chance.below(900)}x`, account: `A${chance.below(3000)}`
      })
    }
    return performance.now() - began
  }
  cost(0)
  const early = cost(8000)
  for (let n = 2; n < 5; n++) cost(n * 8000)
  expect(cost(40_000)).toBeLessThan(early * 4 + 50)
})

test('what a person called noise must be exceeded before it is told again', () => {
  const spike = (at: number, id: number, n: number): WatchTicket[] =>
    Array.from({ length: n }, (_, i) => ({
      id: id + i, t: at + i * 200, topic: 'T015', text: 'bakelo',
      account: `new ${id + i}`
    }))
  const first = NOON - 9 * DAY
  const tickets = [...calm.tickets, ...spike(first, 900_000, 8), ...spike(NOON, 910_000, 8)].sort((a, b) => a.t - b.t)
  const heard = begin()
  const opened = told(feed(heard, tickets, calm.t0, first + DAY))
  expect(opened).toHaveLength(1)
  const unheard: Watch = JSON.parse(JSON.stringify(heard))
  for (let n = 0; n < 2; n++) foldVerdict(heard, opened[0]?.key ?? '', 'noise', first + DAY)
  const peak = heard.topics['T015']?.noise[0]?.peak ?? 0
  expect(peak).toBeGreaterThan(4)
  expect(told(feed(unheard, tickets, first + DAY, calm.end)).length).toBeGreaterThan(0)
  expect(told(feed(heard, tickets, first + DAY, calm.end))).toHaveLength(0)
})

describe('the life of an incident', () => {
  const cause = {
    kind: 'spike' as const, topic: 'A', topics: ['A'], terms: [], tickets: [1, 2, 3], p: 1e-7,
    title: 'A'
  }

  test('the same cause is opened once, and reopened under its key within 96 hours', () => {
    const incidents = emptyIncidents()
    const open = openOrJoin(incidents, cause, T0)
    expect(open?.action).toBe('open')
    expect(openOrJoin(incidents, cause, T0 + 100)).toBeNull()
    const closed = settle(incidents, T0 + 100 + DAY, () => {})
    expect(closed.map(a => [a.action, a.key])).toEqual([['close', open?.key]])
    expect(openOrJoin(incidents, { ...cause, tickets: [7, 8, 9] }, T0 + 3 * DAY)).toMatchObject({
      action: 'update',
      key: open?.key
    })
    settle(incidents, T0 + 5 * DAY, () => {})
    expect(openOrJoin(incidents, { ...cause, tickets: [17, 18, 19] },
      T0 + 20 * DAY)).toMatchObject({ action: 'open' })
  })

  test('a second spike within the hour is the same cause, a later one is not', () => {
    const incidents = emptyIncidents()
    openOrJoin(incidents, cause, T0)
    openOrJoin(incidents, { ...cause, topic: 'B', topics: ['B'], tickets: [4, 5, 6] }, T0 + 1800)
    expect(incidents.list).toHaveLength(1)
    expect(openOrJoin(incidents, { ...cause, topic: 'C', topics: ['C'], tickets: [7, 8, 9] },
      T0 + 2 * HOUR)?.action).toBe('open')
  })

  test('a surge of the whole desk takes in the spikes of single topics for hours', () => {
    const incidents = emptyIncidents()
    openOrJoin(incidents, cause, T0)
    openOrJoin(incidents, { ...cause, topic: '__all__', topics: ['__all__'], tickets: [10, 11, 12] }, T0 + 600)
    expect(openOrJoin(incidents, { ...cause, topic: 'B', topics: ['B'], tickets: [4, 5, 6] }, T0 + 3 * HOUR)?.action).toBe('update')
    expect(incidents.list).toHaveLength(1)
  })

  test('whatever happens, each key opens once, and updates come at most hourly', () => {
    const steps = fc.array(fc.record({
      wait: fc.integer({ min: 60, max: 40_000 }), topic: fc.constantFrom('A', 'B',
        'C'), id: fc.nat(200)
    }), { maxLength: 60 })
    fc.assert(fc.property(steps, list => {
      const incidents = emptyIncidents()
      const lines: Array<Alert & { at: number }> = []
      let t = T0
      for (const { wait, topic, id } of list) {
        t += wait
        lines.push(...settle(incidents, t, () => {}).map(a => ({ ...a, at: t })))
        const alert = openOrJoin(incidents, { ...cause, topic, topics: [topic], tickets: [id, id + 1, id + 2] }, t)
        if (alert !== null) lines.push({ ...alert, at: t })
      }
      const opened = lines.filter(a => a.action === 'open').map(a => a.key)
      expect(new Set(opened).size).toBe(opened.length)
      for (const topic of ['A', 'B', 'C']) {
        expect(incidents.list.filter(i => i.closedAt === null &&
          i.topics.includes(topic)).length).toBeLessThanOrEqual(1)
      }
    }))
  })

  test('it is told again when it has doubled, but not within the hour', () => {
    const incidents = emptyIncidents()
    openOrJoin(incidents, cause, T0)
    const [incident] = incidents.list
    if (incident === undefined) throw new Error('no incident')
    const more = { topics: [], terms: [], tickets: [4, 5, 6], p: 1e-8 }
    expect(absorb(incident, more, T0 + 600)).toBeNull()
    expect(absorb(incident, { ...more, tickets: [7] }, T0 + 2 * HOUR)).toMatchObject({ action: 'update', p: 1e-8 })
    expect(absorb(incident, { ...more, tickets: [8] }, T0 + 4 * HOUR)).toBeNull()
  })
})

describe('counts by week', () => {
  const chance = makeChance(21)
  const year = Array.from({ length: 160 }, (_, i) => chance.poisson(12 + 5 * Math.cos(2 * Math.PI * i / 52.18)))

  test('an ordinary week is ordinary, a week of three times as many is not', () => {
    expect(judgeWeek(year).p).toBeGreaterThan(0.005)
    expect(judgeWeek([...year, 50]).p).toBeLessThan(1e-5)
  })

  test('weeks after the newest play no part, and the season is expected', () => {
    const p = judgeWeek([...year, 17]).p
    expect(judgeWeek([...year, 17, 400].slice(0, -1)).p).toBe(p)
    const winter = Math.round(52.18 * 3)
    expect(judgeWeek([...year.slice(0, winter), 20]).p).toBeGreaterThan(judgeWeek([...year.slice(0, winter - 26),
      20]).p)
  })

  test('after a week that was already unlikely the next one needs less to be called, an ordinary one a little more', () => {
    const week = [...year, 19]
    const { p, alone } = judgeWeek(week)
    expect(judgeWeek(week, [0.5, 0.001]).p).toBeLessThan(p / 5)
    expect(judgeWeek(week, [0.5, 0.001]).alone).toBe(alone)
    expect(judgeWeek(week, [0.9, 0.9]).p).toBeGreaterThan(alone)
    // What is nothing by itself is not called, whatever came before
    expect(judgeWeek([...year, 3], [1e-12, 1e-12]).p).toBeGreaterThan(0.02)
  })

  test('an outbreak of two weeks is called in both, and the years before are judged as ever', () => {
    const verdicts = judgeWeeks([...year, 30, 24, 9], 49)
    expect(verdicts).toHaveLength(49)
    expect(verdicts.slice(-3).map(verdict => verdict.p < 0.01)).toEqual([true, true, false])
    expect(verdicts[0]).toEqual(judgeWeeks(year.slice(0, year.length - 45), 1)[0])
  })

  // Random series of calm weeks: at p < 0.02 about two in a hundred are called, whether counts are few, clumped or many
  test.each([[0.3, 1.5], [4, 3], [40, 1.1]])('calm weeks of %p a week, dispersion %p, are called as seldom as the level says',
    (mean, dispersion) => {
      const draws = makeChance(77)
      let called = 0
      for (let series = 0; series < 8; series++) {
        const counts = Array.from({ length: 205 }, () =>
          draws.poisson(draws.gamma(mean / (dispersion - 1)) * (dispersion - 1)))
        called += judgeWeeks(counts, 49).filter(verdict => verdict.p < 0.02).length
      }
      expect(called / (8 * 49)).toBeGreaterThan(0.005)
      expect(called / (8 * 49)).toBeLessThan(0.035)
    })
})
