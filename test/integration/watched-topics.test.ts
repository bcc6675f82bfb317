// The watch follows a topic by its number, so that a new name begins no new topic, and its alert says the name.
import { saveConnection } from '../../src/store/connections.ts'
import { listAnomalies } from '../../src/store/anomalies.ts'
import { recordTopicChange } from '../../src/store/articles.ts'
import { listWatched } from '../../src/store/watches.ts'
import { plus } from '../../src/learn/story.ts'
import type { Instant, TicketEvent } from '../../src/types.ts'
import { keepMind } from '../../src/work/mind.ts'
import { thinkOnce } from '../../src/work/think.ts'
import { makeWatchKeeper, watchOnce } from '../../src/work/watch.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, silent, tell, usualRules } from '../support/house.ts'

const rules = usualRules(EAGER)
const START: Instant = '2026-04-06T08:00:00Z'
const DAY = 86_400
const FERRY = 'Why does the ferry timetable show no departures for the island today?'
const OTHERS = ['Which paint is allowed below the waterline of my dinghy?', 'Where can I park the trailer while the marina is closed?']

let base: TestDatabase
beforeAll(async () => {
  base = await openTestDatabase()
  await saveConnection(base.db, 'quay', 'zendesk')
})
afterAll(async () => { await base.close() })

test('an alert has the name that people gave its topic, though the watch knows only its number', async () => {
  const keeper = keepMind(rules)
  const think = async (until: Instant): Promise<void> => {
    while (await thinkOnce({ db: base.db, log: silent, keeper, rules, mode: 'observe', replay: false }, until) > 0) { /* until nothing is due */ }
  }
  for (let day = 0; day < 24; day++) {
    const facts = [...OTHERS, ...OTHERS, FERRY].flatMap((text, i) => opened(`d${day}-${i}`, plus(START, day * DAY + i * 5_000), text))
    await tell(base.db, rules, facts)
  }
  await think(plus(START, 24 * DAY))
  const [ferry] = (await listWatched(base.db, 0, 500)).filter(q => q.text.includes('ferry') && /^\d+$/.test(q.topic))
  await recordTopicChange(base.db, { kind: 'rename', topic: Number(ferry?.topic), name: 'Ferry timetable' }, plus(START, 24 * DAY))
  const surge = plus(START, 24 * DAY + 3_600)
  await tell(base.db, rules, Array.from({ length: 24 }, (_, i) => opened(`s${i}`, plus(surge, i * 60), FERRY)).flat())
  await think(plus(surge, 3_600))

  const labels = new Set((await listWatched(base.db, 0, 500)).filter(q => q.text.includes('ferry')).map(q => q.topic))
  labels.delete((await listWatched(base.db, 0, 500)).find(q => q.text.includes('ferry'))?.topic ?? '')
  expect([...labels]).toEqual([ferry?.topic])

  const deps = {
    db: base.db, log: silent, rules: { spikesPerWeek: 1, novelPerWeek: 1, driftsPerWeek: 1 }, zone: 'UTC',
    to: { slack: false, linear: false, notes: false, verifyHours: 24 }, keeper: makeWatchKeeper()
  }
  while (await watchOnce(deps, plus(surge, 3_600)) > 0) { /* until all are looked at */ }
  const told = await listAnomalies(base.db, 10)
  expect(told.map(a => [a.kind, a.topic])).toContainEqual(['spike', 'Ferry timetable'])
  expect(told.find(a => a.kind === 'spike')?.title).toBe('Ferry timetable: more tickets than usual')
})

function opened (ticketId: string, at: Instant, text: string): TicketEvent[] {
  const person = { id: `p-${ticketId}` }
  const common = { connection: 'quay', ticketId, at }
  return [
    { ...common, key: 'opened', kind: 'opened', subject: '', channel: 'web', person, tags: [] },
    { ...common, key: 'message:1', kind: 'asked', messageId: `m-${ticketId}`, text, person }
  ]
}
