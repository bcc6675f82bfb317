// The watch over the desk as a whole: waves over all topics, and what people's verdicts do to all thresholds.
import type { Alert } from '../../src/learn/incidents.ts'
import { openOrJoin } from '../../src/learn/incidents.ts'
import { emptyWatch, foldTicket, foldVerdict, tick } from '../../src/learn/watch.ts'
import type { Watch } from '../../src/learn/watched.ts'
import { shapeOf, simulate } from '../simulator/desk.ts'

const DAY = 86_400
const calm = simulate({ ...shapeOf('quiet'), topics: 20, perWeek: 700, weeks: 5 }, 11)

function begin (): Watch {
  const rules = { spikesPerWeek: 1, novelPerWeek: 0.5, driftsPerWeek: 0.1 }
  return emptyWatch({ t0: calm.t0, zone: calm.zone, deploys: [] }, rules)
}

test('a wave over all topics is told once, as the whole desk\'s; an ordinary busy day is not', () => {
  const from = calm.t0 + 29 * DAY
  const wave = (times: number): Alert[] => {
    const more = calm.tickets.filter(({ t }) => t > from && t <= from + 2 * DAY).flatMap((ticket, i) =>
      Array.from({ length: times }, (_, n) => ({
        ...ticket, id: 800_000 + i * 10 + n, account: `wave ${i} ${n}`, t: ticket.t + 60 * (n + 1), text: ''
      })))
    const all = [...calm.tickets, ...more].sort((a, b) => a.t - b.t)
    const watch = begin()
    const alerts: Alert[] = []
    for (const ticket of all.filter(({ t }) => t <= from + 3 * DAY)) {
      foldTicket(watch, ticket)
      alerts.push(...tick(watch, ticket.t))
    }
    return alerts.filter(a => a.topic === '__all__' && a.action === 'open')
  }
  expect(wave(2)).toHaveLength(1)
  expect(wave(0)).toHaveLength(0)
})

test('noise lowers the thresholds only when there is more of it than is accepted', () => {
  const watch = begin()
  const key = openOrJoin(watch.incidents, {
    kind: 'spike', topic: 'calm.t001', topics: ['calm.t001'], terms: [], tickets: [1, 2, 3], p: 1e-9, title: 'calm.t001'
  }, calm.t0)?.key ?? ''
  for (let n = 0; n < 4; n++) foldVerdict(watch, key, 'noise', calm.t0 + n * DAY)
  expect(watch.strict).toBe(0)                       // four in four weeks are the one a week that was accepted
  foldVerdict(watch, key, 'noise', calm.t0 + 5 * DAY)
  expect(watch.strict).toBeLessThan(0)
  const low = watch.strict
  foldVerdict(watch, key, 'real', calm.t0 + 6 * DAY)
  expect(watch.strict).toBe(low)
  foldVerdict(watch, key, 'real', calm.t0 + 60 * DAY)
  expect(watch.strict).toBeGreaterThan(low)
})
