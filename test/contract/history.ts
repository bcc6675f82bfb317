// What a connector reads in bulk: every ticket that changed, from any cursor on, as many as the helpdesk itself counts,
// and what the team has written down.
import type { HistoryPage, TicketEvent } from '../../src/types.ts'
import { sortStory } from '../../src/learn/story.ts'
import { after } from './opened.ts'
import type { Use, WithDesk } from './opened.ts'

const TICKETS = 64

export function describeHistory (withDesk: WithDesk): void {
  test('history is read to its end, and each story is the one that reading the ticket tells', () => withDesk(async o => {
    const ids = fill(o)
    const pages = await Array.fromAsync(o.helpdesk.fetchHistory(after(0)))
    expect(pages.filter(page => page.stories.length > 0).length).toBeGreaterThan(1)
    const told = storiesOf(pages)
    expect([...told.keys()].sort()).toEqual(ids.toSorted())
    for (const id of ids) expect(sortStory(told.get(id) ?? [])).toEqual(sortStory(await o.helpdesk.fetchTicket(id)))
  }))

  test('it goes on after every cursor without a gap, and what changes after the end is found from the last', () => withDesk(async o => {
    const ids = fill(o)
    const pages = await Array.fromAsync(o.helpdesk.fetchHistory(after(0)))
    for (const [i, page] of pages.entries()) {
      const rest = await Array.fromAsync(o.helpdesk.fetchHistory(after(0), page.cursor))
      const found = new Set([...storiesOf(pages.slice(0, i + 1)).keys(), ...storiesOf(rest).keys()])
      expect([...found].sort()).toEqual(ids.toSorted())
    }
    const changed = ids[3] ?? ''
    o.desk.customerWrites(changed, { at: after(90_000), text: 'One more thing.' })
    const rated = ids[8] ?? ''
    o.desk.rate(rated, { at: after(90_100), good: true })
    o.desk.setNow(after(100_000))
    const news = storiesOf(await Array.fromAsync(o.helpdesk.fetchHistory(after(0), pages.at(-1)?.cursor)))
    expect(news.get(changed)?.some(event => event.kind === 'asked' && event.text === 'One more thing.')).toBe(true)
    expect(news.get(rated)?.some(event => event.kind === 'rated' && event.good)).toBe(true)
    // An overlap is fine, a second walk through everything is not.
    expect(news.size).toBeLessThan(TICKETS / 2)
  }))

  test('since leaves out what did not change', () => withDesk(async o => {
    const ids = fill(o)
    const told = storiesOf(await Array.fromAsync(o.helpdesk.fetchHistory(after(40 * 600))))
    expect(ids.slice(40).filter(id => !told.has(id))).toEqual([])
    expect(ids.slice(0, 38).filter(id => told.has(id))).toEqual([])
    expect(storiesOf(await Array.fromAsync(o.helpdesk.fetchHistory(after(60_000)))).size).toBe(0)
  }))

  test('it counts as the helpdesk counts: from the first instant, up to but without the last', () => withDesk(async o => {
    fill(o)
    expect(await o.helpdesk.countTickets('2026-03-02T00:00:00Z', '2026-03-03T00:00:00Z')).toBe(TICKETS)
    expect(await o.helpdesk.countTickets('2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z')).toBe(0)
    expect(await o.helpdesk.countTickets(after(600), after(1_800))).toBe(2)
    expect(await o.helpdesk.countTickets(after(600), after(600))).toBe(0)
    expect(await o.helpdesk.countTickets(after(601), after(1_801))).toBe(2)
  }))

  test('what the team wrote down says whether customers may read it', () => withDesk(async o => {
    const articles = await Array.fromAsync(o.helpdesk.fetchKnowledge())
    expect(articles.some(article => article.public)).toBe(true)
    expect(articles.some(article => !article.public)).toBe(true)
    expect(articles.some(article => article.kind === 'macro')).toBe(true)
    for (const { id, title, text, updatedAt } of articles) {
      expect(id).toMatch(/\S/)
      expect(title).toMatch(/\S/)
      expect(text).not.toMatch(/<\/?[a-z]+>/)
      expect(updatedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    }
    expect(new Set(articles.map(({ kind, id }) => `${kind} ${id}`)).size).toBe(articles.length)
    expect(await Array.fromAsync(o.helpdesk.fetchKnowledge('2099-01-01T00:00:00Z'))).toEqual([])
  }))
}

/** Tickets, ten minutes apart, some of them with an answer; the helpdesk's present is well after the last. */
function fill ({ desk }: Use): string[] {
  const ids: string[] = []
  for (let i = 0; i < TICKETS; i++) {
    const person = { id: `crew-${i % 9}`, name: `Rower ${i % 9}`, email: `rower${i % 9}@saltmarsh.example` }
    ids.push(desk.openTicket({ at: after(i * 600), subject: `Seat ${i}`, text: `Seat ${i} of the boat is loose.`, person }))
    if (i % 4 === 0) desk.agentReplies(ids[i] ?? '', { at: after(i * 600 + 60), text: `Seat ${i} is fixed.`, agentId: 'mira' })
  }
  desk.setNow(after(85_000))
  return ids
}

function storiesOf (pages: HistoryPage[]): Map<string, TicketEvent[]> {
  return new Map(pages.flatMap(page => page.stories).map(story => [story.ticketId, story.events]))
}
