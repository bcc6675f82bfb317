// What reading history back asks of every connector: an end in time, smaller pages, what can be read for many at once,
// and the names of the tickets of a day, however many they are.
import freshdesk from '../../connectors/freshdesk/index.ts'
import intercom from '../../connectors/intercom/index.ts'
import zendesk from '../../connectors/zendesk/index.ts'
import { sortStory } from '../../src/learn/story.ts'
import type { Connector, HistoryOptions, HistoryPage } from '../../src/types.ts'
import { openFreshdesk } from '../sandbox/freshdesk.ts'
import { openIntercom } from '../sandbox/intercom.ts'
import { openZendesk } from '../sandbox/zendesk.ts'
import { noFaults } from '../sandbox/types.ts'
import { openRelay } from '../support/relay.ts'
import type { PretendHelpdesk } from '../sandbox/types.ts'
import { after } from './opened.ts'

const DESKS: Array<[name: string, connector: Connector, open: () => Promise<PretendHelpdesk>]> = [
  ['zendesk', zendesk, openZendesk], ['intercom', intercom, openIntercom], ['freshdesk', freshdesk, openFreshdesk]
]

function fill (desk: PretendHelpdesk, tickets: number, secondsApart: number): string[] {
  const ids = Array.from({ length: tickets }, (_, i) => desk.openTicket({
    at: after(i * secondsApart), subject: `Berth ${i}`, text: `Is berth ${i} free?`, person: { id: `p${i % 7}`, name: `P ${i % 7}`, email: `p${i % 7}@quay.example` }
  }))
  for (const [i, id] of ids.entries()) if (i % 3 === 0) desk.agentReplies(id, { at: after(i * secondsApart + 30), text: `Berth ${i} is free.`, agentId: 'mira' })
  desk.pending.length = 0
  return ids
}

describe.each(DESKS)('%s', (name, connector, open) => {
  async function withDesk (use: (desk: PretendHelpdesk) => Promise<void>): Promise<void> {
    const desk = await open()
    try { await use(desk) } finally { await desk.close() }
  }
  async function read (desk: PretendHelpdesk, since: number, options: HistoryOptions): Promise<HistoryPage[]> {
    return await Array.fromAsync(connector.open(desk.settings, name).fetchHistory(after(since), undefined, options))
  }
  const idsOf = (pages: HistoryPage[]): string[] =>
    [...new Set(pages.flatMap(page => page.stories.map(story => story.ticketId)))].sort()

  test('what was read until an instant and what was read from there on are everything', () => withDesk(async desk => {
    const ids = fill(desk, 60, 600)
    desk.setNow(after(90_000))
    const older = await read(desk, 0, { until: after(30 * 600), bulk: true })
    const newer = await read(desk, 30 * 600, { bulk: true })
    expect(idsOf([...older, ...newer])).toEqual(ids.toSorted())
    expect(idsOf(older).length).toBeLessThan(33)
    expect(idsOf(newer).length).toBeLessThan(33)
    expect(older.some(page => page.reached !== undefined && page.reached >= after(20 * 600))).toBe(true)
  }))

  test('in bulk each story is the one that reading the ticket tells, ratings and all, in fewer calls', () => withDesk(async desk => {
    const ids = fill(desk, 40, 600)
    for (const id of ids.slice(0, 6)) desk.rate(id, { at: after(50_000), good: id !== ids[2], comment: 'thanks' })
    desk.pending.length = 0
    desk.setNow(after(90_000))
    const before = desk.requests.length
    const pages = await read(desk, 0, { bulk: true })
    const calls = desk.requests.length - before
    expect(calls).toBeLessThanOrEqual((connector.open(desk.settings, name).planCalls?.(ids.length) ?? 0) + 3)
    const helpdesk = connector.open(desk.settings, name)
    const told = new Map(pages.flatMap(page => page.stories).map(story => [story.ticketId, story.events]))
    for (const id of ids) expect(sortStory(told.get(id) ?? [])).toEqual(sortStory(await helpdesk.fetchTicket(id)))
    expect([...told.values()].flat().filter(event => event.kind === 'rated')).toHaveLength(6)
  }))

  test('smaller pages tell the same', () => withDesk(async desk => {
    const ids = fill(desk, 23, 600)
    desk.setNow(after(90_000))
    const pages = await read(desk, 0, { pageSize: 5, bulk: true })
    expect(idsOf(pages)).toEqual(ids.toSorted())
    expect(Math.max(...pages.map(page => page.stories.length))).toBeLessThanOrEqual(5)
  }))

  test('told to wait in the midst of a page, it waits and loses nothing', () => withDesk(async desk => {
    const ids = fill(desk, 30, 600)
    desk.setNow(after(90_000))
    desk.faults = { ...noFaults, seed: 3, rateLimited: 0.04, onlyWrites: false }
    expect(idsOf(await read(desk, 0, { bulk: true }))).toEqual(ids.toSorted())
    expect(desk.requests.some(request => request.status === 429)).toBe(true)
  }), 30_000)

  test('one ticket that is refused holds up no other: it is named; a token that is refused stops everything', () => withDesk(async desk => {
    const ids = fill(desk, 24, 600)
    desk.setNow(after(90_000))
    const odd = ids[6] ?? ''
    let isLockedOut = false
    const relay = await openRelay(desk.url, path => {
      if (isLockedOut && !path.includes('/search')) return 401
      return new RegExp(`/(tickets|conversations)/${odd}(/conversations|/comments|\\?|$)`).test(path) ? 400 : null
    })
    try {
      const settings = { ...desk.settings, [`${name.toUpperCase()}_URL`]: relay.url }
      const read = async (options: HistoryOptions): Promise<HistoryPage[]> =>
        await Array.fromAsync(connector.open(settings, name).fetchHistory(after(0), undefined, options))
      const pages = await read({ bulk: true })
      expect(pages.flatMap(page => page.unread ?? [])).toEqual([{ ticketId: odd, why: expect.stringContaining('refused') }])
      expect(idsOf(pages)).toEqual(ids.filter(id => id !== odd).sort())
      await expect(read({})).rejects.toThrow('refused')
      isLockedOut = true
      await expect(read({ bulk: true })).rejects.toThrow(/renew/)
    } finally {
      relay.close()
    }
  }))

  test('all tickets of a busy day are named, more than one answer of the search holds', () => withDesk(async desk => {
    const ids = fill(desk, name === 'zendesk' ? 1_300 : 420, 30)
    const [first = ''] = ids
    for (const id of ids.slice(0, 200)) desk.escalate(id, { at: after(50_000) })
    desk.remove(first, { at: after(50_100) })
    desk.setNow(after(90_000))
    const helpdesk = connector.open(desk.settings, name)
    const [from, to] = ['2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z']
    const named = await helpdesk.listCreated?.(from, to) ?? []
    expect(named.toSorted()).toEqual(ids.slice(1).sort())
    expect(await helpdesk.countTickets(from, to)).toBe(named.length)
    expect(await helpdesk.listCreated?.('2026-03-01T00:00:00Z', from)).toEqual([])
  }))
})
