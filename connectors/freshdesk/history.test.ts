// Walking all tickets, the help centre, and counting.
import nock from 'nock'
import connector from './index.ts'
import { API, INES, makeQuestion, makeRating, makeReply, makeTicket, serveTicket, settings } from './fixtures/rest.ts'
import type { Article, HistoryPage } from '../../src/types.ts'

beforeAll(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())
afterAll(() => {
  nock.enableNetConnect()
  nock.restore()
})

const START = '2026-11-01T00:00:00Z'
type Row = ReturnType<typeof makeTicket>

/** A ticket list as the vendor keeps it: filtered, ordered by change, in pages, with a link while there are more. */
function serveList (rows: Row[], asked: string[] = [], headers: Record<string, string> = {}): void {
  nock(API).persist().get('/tickets').query(true).reply((request: Request) => {
    const query = new URL(request.url).searchParams
    asked.push([query.get('filter') ?? 'all', query.get('updated_since'), query.get('page')].join(' '))
    if (Number(query.get('page')) > 300) return [400, { code: 'invalid_value' }]
    const filter = query.get('filter')
    const size = Number(query.get('per_page'))
    const all = rows
      .filter(row => filter === 'deleted' ? row.deleted === true : row.deleted !== true)
      .filter(row => filter === 'spam' ? row.spam === true : row.spam !== true)
      .filter(row => String(row.updated_at) >= String(query.get('updated_since')))
      .sort((a, b) => Number(String(a.updated_at) > String(b.updated_at)) || -1)
    const from = (Number(query.get('page')) - 1) * size
    const link = from + size < all.length ? { link: `<${API}/tickets?page=2>; rel="next"` } : {}
    return [200, all.slice(from, from + size), { ...link, ...headers, 'content-type': 'application/json' }]
  })
}

function serveRest (): void {
  nock(API).persist().get(/^\/api\/v2\/tickets\/\d+\/(conversations|satisfaction_ratings)/).query(true).reply(200, [])
  serveRatings([])
}

/** The ratings of all tickets, as the vendor lists them: those made since. */
function serveRatings (ratings: Row[], asked: string[] = []): void {
  nock(API).persist().get('/surveys/satisfaction_ratings').query(true).reply((request: Request) => {
    const since = new URL(request.url).searchParams.get('created_since') ?? ''
    asked.push(since)
    return [200, ratings.filter(rating => String(rating.created_at) >= since), { 'content-type': 'application/json' }]
  })
}

function second (n: number): string {
  return new Date(Date.parse(START) + n * 1000).toISOString().replace('.000', '')
}

function listTickets (count: number, perSecond: number): Row[] {
  return Array.from({ length: count }, (_, i) => {
    return makeTicket({ id: 1000 + i, updated_at: second(Math.floor(i / perSecond)) })
  })
}

async function walk (cursor?: string, most = Infinity): Promise<{ pages: HistoryPage[], ids: string[] }> {
  const pages: HistoryPage[] = []
  for await (const page of connector.open(settings, 'fd').fetchHistory(START, cursor)) {
    pages.push(page)
    if (pages.length >= most) break
  }
  return { pages, ids: pages.flatMap(page => page.stories.map(story => story.ticketId)) }
}

test('a ticket in the history has the very events of the ticket alone', async () => {
  const ticket = makeTicket({ spam: true, status: 4, stats: { resolved_at: '2026-11-02T11:00:00Z' } })
  serveList([ticket])
  serveTicket(ticket, [makeQuestion(71, '2026-11-02T09:00:00Z', 'Any news?'), makeReply(72, '2026-11-02T10:00:00Z', 'Sent.')], [makeRating(5, '2026-11-03T10:00:00Z', 1)])
  serveRatings([])
  const alone = await connector.open(settings, 'fd').fetchTicket('90311')
  expect(alone).toHaveLength(7)
  expect((await walk()).pages.flatMap(page => page.stories)).toEqual([{ ticketId: '90311', events: alone }])
})

test('every ticket is told once, oldest change first, then the bin, then spam', async () => {
  const rows = listTickets(230, 3)
  const bin = makeTicket({ id: 7, deleted: true, updated_at: second(5) })
  const spam = makeTicket({ id: 8, spam: true, updated_at: second(4) })
  const asked: string[] = []
  serveList([...rows, bin, spam].reverse(), asked)
  serveRest()
  const { pages, ids } = await walk()
  expect(ids).toHaveLength(232)
  expect(new Set(ids).size).toBe(232)
  expect(ids.slice(-2)).toEqual(['7', '8'])
  const changes = new Map(rows.map(row => [String(row.id), String(row.updated_at)]))
  const walked = ids.slice(0, -2).map(id => changes.get(id) ?? '')
  expect(walked).toEqual([...walked].sort())
  expect(asked.map(words => words.split(' ').at(-1))).toEqual(asked.map(() => '1'))
  // The next walk begins a minute before the last change, in each list, and is caught up at once.
  expect(pages.at(-1)?.stories).toEqual([])
  asked.length = 0
  await walk(pages.at(-1)?.cursor)
  expect(asked.filter((_, i) => i === 0 || asked[i - 1]?.split(' ')[0] !== asked[i]?.split(' ')[0])).toEqual([
    `all ${second(76 - 60)} 1`, `deleted ${START} 1`, `spam ${START} 1`
  ])
})

test('after any page the walk goes on where it stopped, and misses nothing though tickets change meanwhile', async () => {
  const rows = listTickets(120, 40)
  serveList(rows)
  serveRest()
  const seen = new Set<string>()
  let cursor: string | undefined
  let runs = 0
  for (; runs < 40; runs++) {
    const { pages, ids } = await walk(cursor, 1)
    for (const id of ids) seen.add(id)
    cursor = pages[0]?.cursor
    if (pages[0]?.stories.length === 0) break
    for (const row of rows) if (runs < 20 && row.id === 1000 + runs) row.updated_at = second(100 + runs)
    rows.sort((a, b) => Number(String(a.updated_at) > String(b.updated_at)) || -1)
  }
  expect(seen.size).toBe(120)
  expect(runs).toBeLessThan(40)
})

test('a cursor of nobody starts over', async () => {
  serveList([makeTicket()])
  serveRest()
  for (const cursor of ['', 'x', '7', '{}', '{"list":9,"since":"2026-11-01T00:00:00Z","told":{},"marks":[]}']) {
    expect((await walk(cursor)).ids).toEqual(['90311'])
  }
})

test('a second in which more tickets changed than the vendor lists is said, not walked for ever', async () => {
  const rows = Array.from({ length: 100 }, (_, i) => makeTicket({ id: 1000 + i, updated_at: START }))
  const link = `<${API}/tickets?page=2>; rel="next"`
  let calls = 0
  nock(API).persist().get('/tickets').query(true).reply(() => {
    calls++
    return [200, rows, { link, 'content-type': 'application/json' }]
  })
  serveRest()
  await expect(walk()).rejects.toMatchObject({ name: 'GiveUp', message: expect.stringContaining('29000') })
  expect(calls).toBe(290)
})

test('the history stops for others when few calls are left, but never before its first page', async () => {
  serveList(Array.from({ length: 30 }, (_, i) => makeTicket({ id: 1000 + i })), [], { 'x-ratelimit-total': '100', 'x-ratelimit-remaining': '12' })
  serveRest()
  expect((await walk(undefined, 1)).ids).toHaveLength(10)
  await expect(walk()).rejects.toMatchObject({ name: 'RetryLater', waitMs: 60_000 })
})

test('a ticket that was only rated is told, though its own time of change never moved', async () => {
  const ticket = makeTicket()
  const rating = makeRating(5, '2026-11-03T10:00:00Z', 103)
  const asked: string[] = []
  serveList([ticket])
  serveTicket(ticket, [], [rating])
  serveRatings([rating], asked)
  const first = await walk()
  const isRated = (page: HistoryPage): boolean => page.stories.some(story => story.events.some(event => event.kind === 'rated'))
  expect(first.ids).toEqual(['90311', '90311'])
  expect(first.pages.slice(1).some(isRated)).toBe(true)
  expect(asked).toEqual([START])
  // The next walk lists the ticket no more; it asks for ratings from a minute before the last one.
  ticket.updated_at = '2026-10-01T00:00:00Z'
  const second = await walk(first.pages.at(-1)?.cursor)
  expect(asked).toEqual([START, '2026-11-03T09:59:00Z'])
  expect([second.ids, second.pages.some(isRated)]).toEqual([['90311'], true])
  // Nothing newer came: the place stays, and goes on as soon as there is something.
  const late = makeRating(6, '2026-11-05T08:00:00Z', -103, { ticket_id: 90312 })
  nock.cleanAll()
  serveList([])
  serveTicket(makeTicket({ id: 90312 }), [], [late])
  nock(API).persist().get(/^\/api\/v2\/tickets\/(archived\/)?90311/).query(true).reply(404)
  serveRatings([rating, late], asked)
  const third = await walk(second.pages.at(-1)?.cursor)
  expect([asked.at(-1), third.ids]).toEqual(['2026-11-03T09:59:00Z', ['90312']])
  await walk(third.pages.at(-1)?.cursor)
  expect(asked.at(-1)).toBe('2026-11-05T07:59:00Z')
})

test('a walk that stops before the ratings were told asks for them again', async () => {
  const asked: string[] = []
  serveList([makeTicket()])
  serveTicket(makeTicket())
  serveRatings(Array.from({ length: 12 }, (_, i) => makeRating(i, second(i), 1, { ticket_id: 500 + i })), asked)
  for (let i = 0; i < 12; i++) serveTicket(makeTicket({ id: 500 + i }))
  const { pages, ids } = await walk(undefined, 2)
  expect(ids).toHaveLength(11)
  const again = await walk(pages.at(-1)?.cursor)
  expect(asked).toEqual([START, START])
  expect(again.ids.slice(-12)).toEqual(Array.from({ length: 12 }, (_, i) => String(500 + i)))
})

test('a plan without surveys has no ratings, and its walk ends like any other', async () => {
  serveList([makeTicket()])
  serveTicket(makeTicket())
  nock(API).get('/surveys/satisfaction_ratings').query(true).reply(403, { code: 'require_feature', message: 'upgrade' })
  const { pages, ids } = await walk()
  expect([ids, pages.at(-1)?.stories]).toEqual([['90311'], []])
  expect(JSON.parse(pages.at(-1)?.cursor ?? '')).toMatchObject({ rated: START })
})

test('ratings that are refused for another reason stop the walk, after all tickets were told', async () => {
  serveList([makeTicket()])
  serveTicket(makeTicket())
  nock(API).get('/surveys/satisfaction_ratings').query(true).reply(403, { code: 'access_denied' })
  const told: string[] = []
  await expect((async () => {
    for await (const page of connector.open(settings, 'fd').fetchHistory(START)) told.push(...page.stories.map(story => story.ticketId))
  })()).rejects.toMatchObject({ name: 'Refused' })
  expect(told).toEqual(['90311'])
})

test('a cursor from before ratings were asked for goes on, and asks for those since its last walk', async () => {
  const asked: string[] = []
  const ratings: string[] = []
  serveList([], asked)
  serveRatings([], ratings)
  const marks = ['2026-11-04T00:00:00Z', START, START]
  const { pages } = await walk(JSON.stringify({ list: 0, since: marks[0], told: {}, marks }))
  expect(asked).toEqual([`all ${marks[0]} 1`, `deleted ${START} 1`, `spam ${START} 1`])
  expect(ratings).toEqual([marks[0]])
  expect(JSON.parse(pages.at(-1)?.cursor ?? '')).toMatchObject({ marks, rated: marks[0] })
})

test('rows without their texts are read one by one, and one that vanished meanwhile is left out', async () => {
  const { description, ...bare } = makeTicket()
  expect(description).toBeDefined()
  nock(API).get('/tickets').query(query => query.include !== undefined).reply(200, 'x'.repeat(6 * 1024 * 1024), { 'content-type': 'application/json' })
  nock(API).get('/tickets').query(query => query.include === undefined).reply(200, [bare, { ...bare, id: 4 }])
  serveList([])
  serveRatings([])
  serveTicket(makeTicket())
  nock(API).get('/tickets/4').query(true).reply(404)
  nock(API).get('/tickets/archived/4').reply(404)
  const stories = (await walk()).pages.flatMap(page => page.stories)
  expect(stories.map(story => story.ticketId)).toEqual(['90311'])
  expect(stories[0]?.events[1]).toMatchObject({ kind: 'asked', text: 'Two of the four poles are not in the bag.' })
})

test('a thread too large for one answer is read in smaller pages, and no other origin is ever asked', async () => {
  nock(API).get('/tickets/90311').query(true).reply(200, makeTicket())
  nock(API).get('/tickets/90311/satisfaction_ratings').reply(403, { code: 'require_feature' })
  const path = '/tickets/90311/conversations'
  nock(API).get(path).query({ per_page: 100, page: 1 }).reply(200, 'x'.repeat(6 * 1024 * 1024), { 'content-type': 'application/json' })
  const ten = Array.from({ length: 10 }, (_, i) => makeQuestion(71 + i, second(90_000 + i), 'Any news?'))
  nock(API).get(path).query({ per_page: 10, page: 1 }).reply(200, ten)
  nock(API).get(path).query({ per_page: 10, page: 2 }).reply(200, [makeReply(90, second(95_000), 'Sent.')], { link: '<https://evil.example.com/api/v2/x?page=3>; rel="next"' })
  expect(await connector.open(settings, 'fd').fetchTicket('90311')).toHaveLength(13)
})

test('knowledge is what is published: articles of all folders and shared canned responses', async () => {
  const hierarchy = [{ level: 0, type: 'category', data: { id: 1, name: 'Tents', language: 'pt' } }]
  const article = { id: 31, title: 'Poles', description: '<p>Count them.</p>', status: 2, hierarchy, updated_at: '2026-10-01T00:00:00Z' }
  const { description, ...short } = article
  nock(API).persist().get('/solutions/categories').query(true).reply(200, [{ id: 1 }])
  nock(API).persist().get('/solutions/categories/1/folders').query(true).reply(200, [{ id: 2, visibility: 1, sub_folders_count: 1 }])
  nock(API).persist().get('/solutions/folders/2/articles').query(true).reply(200, [article, { ...article, id: 32, status: 1 }])
  nock(API).persist().get('/solutions/folders/2/subfolders').query(true).reply(200, [{ id: 3, visibility: 3, sub_folders_count: 0 }])
  nock(API).persist().get('/solutions/folders/3/articles').query(true).reply(200, [{ ...short, id: 33, updated_at: '2026-11-01T00:00:00Z' }])
  nock(API).persist().get('/solutions/articles/33').reply(200, { ...article, id: 33, description })
  nock(API).persist().get('/canned_response_folders').reply(200, [{ id: 4, personal: false }, { id: 5, personal: true }])
  nock(API).persist().get('/canned_response_folders/4/responses').reply(200, [
    { id: 41, title: 'Sent', content: 'Hi {{ticket.requester.name}}', content_html: '<div>Hi {{ticket.requester.name}},<br>sent.</div>', updated_at: '2026-11-05T00:00:00Z' }
  ])
  const read = async (since?: string) => {
    const all: Article[] = []
    for await (const one of connector.open(settings, 'fd').fetchKnowledge(since)) all.push(one)
    return all
  }
  const url = 'https://northtent.freshdesk.com/support/solutions/articles'
  const first = { id: '31', kind: 'article', title: 'Poles', text: 'Count them.', url: `${url}/31`, language: 'pt', public: true, updatedAt: '2026-10-01T00:00:00Z' }
  const macro = { id: '41', kind: 'macro', title: 'Sent', text: 'Hi {{ticket.requester.name}},\nsent.', public: true, updatedAt: '2026-11-05T00:00:00Z' }
  expect(await read()).toEqual([first, { ...first, id: '33', url: `${url}/33`, public: false, updatedAt: '2026-11-01T00:00:00Z' }, macro])
  expect((await read('2026-11-02T00:00:00Z')).map(one => one.id)).toEqual(['41'])
})

test('whole days are counted by one search, other spans row by row', async () => {
  const { countTickets } = connector.open(settings, 'fd')
  nock(API).get('/search/tickets').query({ query: '"created_at:>\'2026-11-01\' AND created_at:<\'2026-11-07\'"' }).reply(200, { total: 812, results: [] })
  expect(await countTickets('2026-11-01T00:00:00Z', '2026-11-08T00:00:00Z')).toBe(812)
  const rows = ['05', '04', '04', '03', '02'].map((hour, i) => makeTicket({ id: i < 3 ? i + 1 : i, requester_id: INES, created_at: `2026-11-01T${hour}:30:00Z` }))
  nock(API).get('/tickets').query(query => query.order_by === 'created_at' && query.updated_since === '2026-11-01T03:00:00Z').reply(200, rows)
  expect(await countTickets('2026-11-01T03:00:00Z', '2026-11-01T05:00:00Z')).toBe(2)
  expect(await countTickets('2026-11-01T05:00:00Z', '2026-11-01T05:00:00Z')).toBe(0)
})
