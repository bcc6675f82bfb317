// New kinds of tickets: what makes one, what is only another language or another word, and what belongs to an incident that is
// already told.
import type { Alert } from '../../src/learn/incidents.ts'
import { emptyWatch, foldTicket, tick } from '../../src/learn/watch.ts'
import type { WatchTicket } from '../../src/learn/watched.ts'
import { words } from '../../src/text.ts'
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
    for (let ticket = tickets[next]; ticket !== undefined && ticket.t <= t; ticket = tickets[++next]) foldTicket(watch, ticket)
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
