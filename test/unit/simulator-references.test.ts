// The yardstick itself: the true intensity of an invented desk, how clear its spikes are called, and who knows the truth
// is hard to beat.
import { emptyIntensity, confuse, expectedOf, gradeSpikes, setIntensity } from '../simulator/intensity.ts'
import { scoreReference } from '../simulator/references.ts'
import { shapeOf, simulate } from '../simulator/desk.ts'
import { simulateTown, townOf } from '../simulator/town.ts'

test('a router moves tickets from topic to topic and loses those that it does not know', () => {
  const intensity = emptyIntensity(['A', 'B'], 1, 1)
  setIntensity(intensity, 0, 0, 10)
  setIntensity(intensity, 0, 1, 2)
  confuse(intensity, 0, 0.8, i => 1 - i, 0.06, 0.04)
  expect([...intensity.means].map(x => Math.round(x * 1000) / 1000)).toEqual([8 + 0.36 + 0.08, 1.6 + 0.36 + 0.4])
})

test('what is expected of an hour and a half is that part of its hours', () => {
  const intensity = emptyIntensity(['A'], 3, 1)
  for (const [hour, mean] of [4, 6, 8].entries()) setIntensity(intensity, hour, 0, mean)
  expect(expectedOf(intensity, 'A', 1800, 7200)).toBeCloseTo(8)
  expect(expectedOf(intensity, 'A', 0, 1e9)).toBeCloseTo(18)
})

test('a spike is as clear as its tickets are unlikely: five where one is usual is not what it is where none is', () => {
  const intensity = emptyIntensity(['rare', 'usual'], 1, 1)
  setIntensity(intensity, 0, 0, 0.02)
  setIntensity(intensity, 0, 1, 4)
  const tickets = [...Array.from({ length: 5 }, () => ({ topic: 'rare' })), ...Array.from({ length: 5 }, () => ({ topic: 'usual' }))]
  const spike = (topic: string, first: number): Parameters<typeof gradeSpikes>[0][number] =>
    ({ kind: 'spike', topics: [topic], from: 0, to: 3600, tickets: [0, 1, 2, 3, 4].map(i => first + i) })
  const truths = [spike('rare', 0), spike('usual', 5)]
  gradeSpikes(truths, tickets, 0, intensity)
  expect(truths.map(t => t.strength)).toEqual(['strong', 'weak'])
})

describe.each([
  ['the first desk', () => simulate({ ...shapeOf('base'), topics: 40, perWeek: 1500, weeks: 10, spikes: 24, novels: 0 }, 3)],
  ['the second', () => simulateTown({ ...townOf('town-base'), topics: 40, perWeek: 1500, weeks: 10, spikes: 24, novels: 0, surges: 0 }, 3)]
])('%s', (_, make) => {
  const desk = make()

  test('brings what its intensity says', () => {
    const { means, names } = desk.intensity
    const extras = new Set(desk.truths.flatMap(t => t.kind === 'drift' ? [] : t.tickets))
    const came = desk.tickets.filter(t => names.includes(t.topic) && !extras.has(t.id)).length
    expect(came / means.reduce((a, b) => a + b, 0)).toBeGreaterThan(0.97)
    expect(came / means.reduce((a, b) => a + b, 0)).toBeLessThan(1.03)
  })

  test('who knows the truth tells almost every clear spike and keeps the budget', () => {
    const reply = scoreReference('oracle', desk, 1)
    const strong = reply.findings.filter(f => f.truth.strength === 'strong')
    expect(strong.length).toBeGreaterThan(7)
    expect(strong.filter(f => f.told !== null).length / strong.length).toBeGreaterThan(0.8)
    expect(reply.false.length / reply.weeks).toBeLessThanOrEqual(1)
  })

  test('the rule of the day tells more often than is true', () => {
    const reply = scoreReference('day', desk, 1)
    expect(reply.false.length / reply.weeks).toBeGreaterThan(5)
  })
})
