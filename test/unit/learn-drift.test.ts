// Slow change: how evidence for a rise is weighed, that a drift is told once, where it began, and how its course is shown.
import fc from 'fast-check'
import { drawPng } from '../../src/bridge/picture.ts'
import { drawCourse, slackLook } from '../../src/dashboard/anomaly-chart.ts'
import { evidenceOf, makeRise } from '../../src/learn/drift.ts'
import { driftCourseOf, driftWords } from '../../src/learn/drift-course.ts'
import { addTicket, closeCourse, emptyCourse, sharesOf } from '../../src/learn/drift-days.ts'
import { NO_FACTS, readFacts } from '../../src/learn/facts.ts'
import type { Alert } from '../../src/learn/incidents.ts'
import type { Watch, WatchTicket } from '../../src/learn/watched.ts'
import { emptyWatch, foldTicket, tick } from '../../src/learn/watch.ts'
import { makeChance } from '../simulator/chance.ts'

const DAY = 86_400
const WEEK = 7 * DAY
const T0 = Date.UTC(2025, 8, 1) / 1000              // a Monday

describe('evidence for a rise', () => {
  const rises = [makeRise(1.6, 0, 84), makeRise(2.5, 28, 84)]

  test('is the ratio of both probabilities with the rate integrated out', () => {
    // One beginning only, seven days before the end: 20 seen where 10 were usual, then 9 where 3 were, at twice the rate
    const x = [...Array.from({ length: 7 }, () => 20 / 7), ...Array.from({ length: 7 }, () => 9 / 7)]
    const e = [...Array.from({ length: 7 }, () => 10 / 7), ...Array.from({ length: 7 }, () => 3 / 7)]
    const nats = 9 * Math.log(2) - (5 + 20 + 9) * Math.log((2 + 10 + 2 * 3) / (2 + 10 + 3))
    const found = evidenceOf(x, e, { x: 5, e: 2 }, [makeRise(2, 0, 84)], 4)
    expect(found.nats).toBeCloseTo(nats, 10)
    expect(found.back).toBe(7)
  })

  test('does not depend on the unit of what is usual, and grows with what is seen last', () => {
    const days = fc.array(fc.nat(6), { minLength: 21, maxLength: 84 })
    fc.assert(fc.property(days, fc.double({ min: 0.1, max: 50, noNaN: true }), (x, unit) => {
      const e = x.map(() => 2)
      const one = evidenceOf(x, e, { x: 10, e: 10 }, rises, 12.5)
      const other = evidenceOf(x, e.map(value => value * unit), { x: 10, e: 10 * unit }, rises, 12.5 * unit)
      expect(other.nats).toBeCloseTo(one.nats, 6)
      const more = evidenceOf([...x.slice(0, -1), (x.at(-1) ?? 0) + 3], e, { x: 10, e: 10 }, rises, 12.5)
      expect(more.nats).toBeGreaterThan(one.nats)
    }))
  })

  test('calm weeks bring little of it, a rise that creeps brings much, and the beginning is about right', () => {
    const chance = makeChance(5)
    const draw = (riseAt: (day: number) => number): number[] =>
      Array.from({ length: 84 }, (_, day) => chance.poisson(1.2 * riseAt(day)))
    const e = Array.from({ length: 84 }, () => 1)
    const weigh = (x: number[]): ReturnType<typeof evidenceOf> => evidenceOf(x, e, { x: 120, e: 100 }, rises, 60)
    const calm = Array.from({ length: 200 }, () => weigh(draw(() => 1)).nats)
    expect(calm.filter(nats => nats > 4).length).toBeLessThanOrEqual(6)
    const creep = (day: number): number => 1 + 1.5 * Math.max(0, Math.min(1, (day - 49) / 21))
    const risen = Array.from({ length: 50 }, () => weigh(draw(creep)))
    expect(risen.filter(({ nats }) => nats > 6).length).toBeGreaterThan(45)
    const backs = risen.map(({ back }) => back).sort((a, b) => a - b)
    expect(backs[25]).toBeGreaterThanOrEqual(21)
    expect(backs[25]).toBeLessThanOrEqual(42)
  })
})

test('twelve weeks are kept day by day, what lies before is a sum that fades', () => {
  const all = emptyCourse()
  for (let day = 0; day < 400; day++) {
    for (let i = 0; i < 10; i++) addTicket(all, i === 0, false, day * 10 + i)
    closeCourse(all, 10, 10, sharesOf(all))
    if (day === 83) expect(all.before.n).toBe(0)
  }
  expect(all.days).toHaveLength(84)
  expect(all.days[0]).toEqual({ n: 10, esc: 1, cancel: 0, count: 10, usual: 10 })
  expect(all.before.esc / all.before.n).toBeCloseTo(0.1, 10)
  // 316 days would be 3160; fading by 3 % a week leaves fewer
  expect(all.before.n).toBeGreaterThan(1500)
  expect(all.before.n).toBeLessThan(2200)
  expect(all.before.escUsual).toBeCloseTo(all.before.esc, -1)
  expect(all.ids.esc).toHaveLength(60)
  expect(JSON.stringify(all).length).toBeLessThan(8000)
})

// Eight topics, about eighteen tickets a day each, a twentieth of them escalated; then it rises
function play (rises: (topic: number, day: number) => number, days = 105): {
  watch: Watch, told: Alert[], tickets: WatchTicket[]
} {
  const chance = makeChance(31)
  const tickets: WatchTicket[] = []
  for (let day = 0; day < days; day++) {
    for (let topic = 0; topic < 8; topic++) {
      for (let n = chance.poisson(day % 7 < 5 ? 22 : 8); n > 0; n--) {
        const t = T0 + Math.floor((day + 0.3 + 0.4 * chance.next()) * DAY)
        const esc = chance.next() < 0.05 * rises(topic, day)
        tickets.push({ id: 0, t, topic: `T${topic}`, text: '', account: `A${chance.below(1e6)}`, esc })
      }
    }
  }
  tickets.sort((a, b) => a.t - b.t).forEach((ticket, id) => { ticket.id = id })
  const rules = { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 }
  const watch = emptyWatch({ t0: T0, zone: 'UTC', deploys: [] }, rules)
  const told: Alert[] = []
  let next = 0
  for (let t = T0 + 3600; t <= T0 + days * DAY + 3600; t += 3600) {
    for (let one = tickets[next]; one !== undefined && one.t <= t; one = tickets[++next]) foldTicket(watch, one)
    told.push(...tick(watch, t).filter(alert => alert.action === 'open' && alert.kind === 'drift'))
  }
  return { watch, told, tickets }
}

const creeping = (day: number, from: number, most: number): number =>
  1 + (most - 1) * Math.max(0, Math.min(1, (day - from) / 21))

describe('a drift', () => {
  const one = play((topic, day) => topic === 3 ? creeping(day, 70, 3) : 1)

  test('of one topic is told once, with the tickets that show it, and no other topic is', () => {
    expect(one.told.map(alert => [alert.topic, alert.metric])).toEqual([['T3', 'esc']])
    const [alert] = one.told
    expect(alert?.title).toMatch(/^T3: \d+(\.\d)? % of the tickets are escalated, usual is [45]\.\d %$/)
    const shown = (alert?.tickets ?? []).map(id => one.tickets[id])
    expect(shown.length).toBeGreaterThan(10)
    expect(shown.every(ticket => ticket?.topic === 'T3' && ticket.esc === true && ticket.t > T0 + 60 * DAY)).toBe(true)
  })

  test('of all is told once for all', () => {
    expect(play((_, day) => creeping(day, 70, 1.8)).told.map(alert => [alert.topic, alert.metric]))
      .toEqual([['__all__', 'esc']])
  })

  test('is none where nothing rises, nor where one terrible day does', () => {
    expect(play((topic, day) => topic === 2 && day === 80 ? 14 : 1).told).toEqual([])
  })

  test('is shown week by week: what was, what is usual, and where it began', () => {
    const incident = one.watch.incidents.list.find(i => i.key === one.told[0]?.key)
    if (incident === undefined) throw new Error('nothing was told')
    const until = T0 + 105 * DAY + 3600
    const course = driftCourseOf(one.watch, incident, until)
    if (course === null) throw new Error('nothing is shown')
    expect(course.values).toHaveLength(12)
    expect(course.from).toBe(T0 + 105 * DAY - 12 * WEEK)
    for (const [week, value] of course.values.entries()) {
      const from = course.from + week * WEEK
      const own = one.tickets.filter(ticket => ticket.topic === 'T3' && ticket.t >= from && ticket.t < from + WEEK)
      expect(value).toBeCloseTo(own.filter(ticket => ticket.esc === true).length / own.length, 3)
    }
    const above = course.values.map((value, week) => value > (course.high[week] ?? 0))
    expect(above.slice(0, 6).filter(Boolean).length).toBeLessThanOrEqual(1)
    expect(above.slice(-3)).toEqual([true, true, true])
    expect(Math.abs((course.began ?? 0) - T0 - 70 * DAY)).toBeLessThanOrEqual(21 * DAY)
    expect(driftWords('T3', course)).toMatch(/^Share of the tickets that are escalated, T3, by week over 12 weeks\. Last/)

    const facts = readFacts(JSON.parse(JSON.stringify({ ...NO_FACTS, drift: course })))
    expect(facts.drift).toEqual(course)
    const svg = drawCourse(facts, slackLook, 'UTC') ?? ''
    expect(svg).toContain('began about here')
    expect(svg).toContain('Last week:')
    const png = Buffer.from(drawPng(svg, slackLook.width))
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([800, 320])
    expect(readFacts({ ...NO_FACTS, drift: { values: 'none' } })).toEqual(NO_FACTS)
  })
})
