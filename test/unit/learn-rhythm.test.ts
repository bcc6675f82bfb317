// What is expected of a topic in the running hour, how unlikely is unlikely enough, and when two spikes are one cause.
import { barOf, emptyBar, learnBar } from '../../src/learn/bar.ts'
import { deskShare, emptyBaseline, learnShape } from '../../src/learn/baseline.ts'
import type { Baseline, Shape } from '../../src/learn/baseline.ts'
import { emptyDesk } from '../../src/learn/desk.ts'
import type { Alert } from '../../src/learn/incidents.ts'
import { rhythmOf } from '../../src/learn/rhythm.ts'
import { emptyWatch, foldTicket, tick } from '../../src/learn/watch.ts'
import { shapeOf, simulate } from '../simulator/desk.ts'

const HOUR = 3600
const MONDAY = Date.UTC(2025, 8, 1) / 1000
const FIRST = MONDAY / HOUR

const office = (h: number): number => (h % 24 >= 9 && h % 24 < 17 ? 1 : 0.1) * (h >= 120 ? 0.2 : 1)
const evening = (h: number): number => (h % 24 >= 17 && h % 24 < 22 ? 1 : 0.05) * (h >= 120 ? 0.2 : 1)

// Plays whole and broken weeks; `look` is asked before each hour is learned
function play (hours: number, perWeek: number, form: (h: number) => number,
  look: (desk: Shape, topic: Baseline, hour: number, h: number) => void): void {
  const { shape } = emptyDesk('UTC', MONDAY)
  const topic = emptyBaseline(10, FIRST)
  const sum = (of: (h: number) => number): number =>
    Array.from({ length: 168 }, (_, h) => of(h)).reduce((a, b) => a + b)
  for (let k = 0; k < hours; k++) {
    const h = k % 168
    look(shape, topic, FIRST + k, h)
    learnShape(shape, FIRST + k, h, 8000 * office(h) / sum(office))
    learnShape(topic, FIRST + k, h, perWeek * form(h) / sum(form))
  }
}

describe('the share of the running hour', () => {
  const share = (form: (h: number) => number, h: number): number =>
    form(h) / Array.from({ length: 168 }, (_, i) => form(i)).reduce((a, b) => a + b)

  test('in the second week, hours to come are expected as much as those that are over', () => {
    const off: number[] = []
    play(2 * 168, 300, office, (desk, topic, hour, h) => {
      const isEdge = [8, 9, 16, 17].includes(h % 24)          // shares are smoothed over the neighbouring hours
      if (hour - FIRST >= 168 && !isEdge && h % 24 !== 0 && h % 24 !== 23) {
        off.push(deskShare(desk, h) / share(office, h), rhythmOf(topic, desk, hour, h).share / share(office, h))
      }
    })
    expect(Math.min(...off)).toBeGreaterThan(0.85)
    expect(Math.max(...off)).toBeLessThan(1.2)
  })

  test('a topic of the evenings is known as one from few tickets, and the doubt falls', () => {
    const doubts: number[] = []
    let late = 0
    play(5 * 168, 15, evening, (desk, topic, hour, h) => {
      if (h !== 43) return                                    // Tuesday, seven in the evening
      const rhythm = rhythmOf(topic, desk, hour, h)
      doubts.push(rhythm.doubt)
      late = rhythm.share / deskShare(desk, h)
    })
    expect(share(evening, 43) / share(office, 43)).toBeGreaterThan(8)
    expect(late).toBeGreaterThan(2)
    expect(doubts).toEqual([...doubts].sort((a, b) => b - a))
    expect(doubts.at(-1)).toBeLessThan(0.8 * (doubts[0] ?? 0))
  })
})

describe('the bar', () => {
  const after = (days: number, near: number): number => {
    const bar = emptyBar()
    for (let day = 0; day < days; day++) learnBar(bar, [...Array.from({ length: near }, () => 5e-4), 0.2, 1])
    return barOf(bar, 1, 8000)
  }

  test('twice as many near misses halve it, twice the budget doubles it', () => {
    expect(after(200, 10) / after(200, 20)).toBeGreaterThan(1.7)
    expect(after(200, 10) / after(200, 20)).toBeLessThan(2.1)
    expect(barOf(emptyBar(), 2, 8000) / barOf(emptyBar(), 1, 8000)).toBeCloseTo(2)
  })

  test('ten near misses a day and one alarm a week: a seventieth of what is near', () => {
    expect(after(400, 10)).toBeGreaterThan(1e-3 / 78)
    expect(after(400, 10)).toBeLessThan(1e-3 / 68)
  })

  test('it never rises above what is near, and forgets', () => {
    expect(barOf(emptyBar(), 1e9, 8000)).toBe(1e-3)
    const bar = emptyBar()
    for (let day = 0; day < 100; day++) learnBar(bar, Array.from({ length: 40 }, () => 1e-4))
    const busy = barOf(bar, 1, 8000)
    for (let day = 0; day < 168; day++) learnBar(bar, [1e-4])
    expect(barOf(bar, 1, 8000)).toBeGreaterThan(3 * busy)
  })
})

test('one cause in two topics is told once, though the second shows it hours later by a burst', () => {
  const calm = simulate({ ...shapeOf('quiet'), topics: 20, perWeek: 700, weeks: 5 }, 11)
  const noon = calm.t0 + 30 * 24 * HOUR + 10 * HOUR
  const extra = [
    ...Array.from({ length: 12 }, (_, i) => ({ topic: 'T015', t: noon + i * 120 })),
    ...[12, 35, 60, 85, 110, 135, 141, 145, 149, 153].map(minute => ({ topic: 'T018', t: noon + minute * 60 }))
  ].map((one, i) => ({ ...one, id: 900_000 + i, text: 'bakelo mira', account: `new ${i}` }))
  const tickets = [...calm.tickets, ...extra].sort((a, b) => a.t - b.t)
  const rules = { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 }
  const watch = emptyWatch({ t0: calm.t0, zone: calm.zone, deploys: [] }, rules)
  const alerts: Alert[] = []
  let next = 0
  for (let t = calm.t0 + 300; t <= calm.end; t += 300) {
    for (let one = tickets[next]; one !== undefined && one.t <= t; one = tickets[++next]) foldTicket(watch, one)
    alerts.push(...tick(watch, t))
  }
  expect(alerts.filter(a => a.action === 'open').map(a => a.topic)).toEqual(['T015'])
  expect(watch.incidents.list[0]?.topics).toEqual(['T015', 'T018'])
})
