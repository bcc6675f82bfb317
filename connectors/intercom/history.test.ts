// The lists of the connector, with nock in Intercom's place: changed conversations, counts, articles and macros.
import nock from 'nock'
import connector from './index.ts'
import type { HistoryPage } from '../../src/types.ts'
import type { Fields } from './fields.ts'

const HOST = 'https://intercom.test'
const json = { 'content-type': 'application/json' }
const open = (): ReturnType<typeof connector.open> =>
  connector.open({ INTERCOM_URL: HOST, INTERCOM_ACCESS_TOKEN: 'token-of-the-test' }, 'ic')
const conversation = (id: string): Fields => ({
  type: 'conversation',
  id,
  created_at: 1_790_000_000,
  source: { id: `9${id}`, type: 'email', subject: 'Rota', body: '<p>Rota is stale</p>', author: { type: 'user', id: 'cust1' } },
  conversation_parts: { conversation_parts: [] }
})

beforeAll(() => { nock.disableNetConnect() })
afterEach(() => { nock.cleanAll() })
afterAll(() => { nock.restore() })

test('history goes page by page, resumes after a page, leaves out what is gone, and ends', async () => {
  const searches: unknown[] = []
  const onSearch = (ids: string[], at: number, next: string | null): nock.Scope =>
    nock(HOST).post('/conversations/search', body => searches.push(body) > 0).reply(200, {
      conversations: ids.map(id => ({ id, updated_at: at })),
      pages: next === null ? {} : { next: { starting_after: next } }
    }, json)
  const read = (id: string): void => {
    nock(HOST).get(`/conversations/${id}`).reply(200, conversation(id), json)
  }
  onSearch(['1', '2'], 1_790_000_100, 'mark-1')
  read('1')
  nock(HOST).get('/conversations/2').reply(404)
  const interrupted = open().fetchHistory('2026-09-21T14:13:20Z')[Symbol.asyncIterator]()
  const pages: HistoryPage[] = [(await interrupted.next()).value]
  expect(pages[0]?.stories.map(one => [one.ticketId, one.events.length])).toEqual([['1', 2]])
  onSearch(['3'], 1_790_000_300, null)
  read('3')
  for await (const page of open().fetchHistory('2026-09-21T14:13:20Z', pages[0]?.cursor)) pages.push(page)
  expect(pages[1]?.stories.map(one => one.ticketId)).toEqual(['3'])
  onSearch([], 0, null)
  for await (const page of open().fetchHistory('2026-09-21T14:13:20Z', pages[1]?.cursor)) pages.push(page)
  expect(pages).toHaveLength(2)
  const query = (value: number): Fields => ({ operator: 'AND', value: [{ field: 'updated_at', operator: '>', value }] })
  const sort = { field: 'updated_at', order: 'ascending' }
  expect(searches).toEqual([
    { query: query(1_789_999_999), sort, pagination: { per_page: 50 } },
    { query: query(1_789_999_999), sort, pagination: { per_page: 50, starting_after: 'mark-1' } },
    { query: query(1_790_000_299), sort, pagination: { per_page: 50 } }
  ])
})

test('tickets are counted by the helpdesk, with both bounds included in its comparison', async () => {
  nock(HOST).post('/conversations/search', body => {
    expect(body.query.value.map((one: Fields) => [one.operator, one.value])).toEqual([['>', 1_790_000_000], ['<', 1_790_000_059]])
    return true
  }).reply(200, { total_count: 12, conversations: [] }, json)
  expect(await open().countTickets('2026-09-21T14:13:20Z', '2026-09-21T14:14:20Z')).toBe(12)
  expect(await open().countTickets('2026-09-21T14:13:20Z', '2026-09-21T14:13:20Z')).toBe(0)
})

test('articles and macros are read until they are older than asked', async () => {
  const article = (id: number, at: number, state: string): Fields =>
    ({ id, title: `Page ${id}`, body: '<p>Press <b>sync</b></p>', state, updated_at: at, url: `https://help.example/${id}` })
  nock(HOST).get('/articles').query({ page: '1', per_page: '50' }).reply(200, {
    data: [article(1, 1_790_000_900, 'published'), article(2, 1_790_000_800, 'draft')], pages: { page: 1, total_pages: 3 }
  }, json)
  nock(HOST).get('/articles').query({ page: '2', per_page: '50' }).reply(200, {
    data: [article(3, 1_700_000_000, 'published')], pages: { page: 2, total_pages: 3 }
  }, json)
  nock(HOST).get('/macros').query({ per_page: '50', updated_since: '1790000000' }).reply(200, {
    data: [{ id: '5', name: 'Hello', body: '<p>x</p>', body_text: 'Hi {{user.name}}', updated_at: '2026-09-22T08:00:00.000Z' }],
    pages: { next: null }
  }, json)
  const read = await Array.fromAsync(open().fetchKnowledge('2026-09-21T14:13:20Z'))
  expect(read.map(one => [one.kind, one.id, one.text, one.public])).toEqual([
    ['article', '1', 'Press sync', true], ['article', '2', 'Press sync', false], ['macro', '5', 'Hi {{user.name}}', true]
  ])
})
