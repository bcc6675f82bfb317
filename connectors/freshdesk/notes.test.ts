// A note is never public, never late and never written twice by the connector itself.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import nock from 'nock'
import connector from './index.ts'
import { openHelpdesk } from './helpdesk.ts'
import { renderNote } from './note.ts'
import { AGENT, API, INES, KEY, makeNote, makeQuestion, makeReply, makeTicket, ORIGIN, SELF, settings } from './fixtures/rest.ts'
import type { NoteReceipt } from '../../src/types.ts'

beforeAll(() => nock.disableNetConnect())
afterEach(() => {
  nock.cleanAll()
  nock.disableNetConnect()
})
afterAll(() => {
  nock.enableNetConnect()
  nock.restore()
})

const AT = '2026-11-02T08:10:00Z'
const sent: unknown[] = []
beforeEach(() => { sent.length = 0 })

/** What the vendor answers to the note itself; every request for it is counted in `sent`. */
function onPost (status: number, body: unknown = '', headers: Record<string, string> = {}): void {
  nock(API).persist().post('/tickets/90311/notes').reply(async (request: Request) => {
    sent.push(await request.json())
    return [status, body, headers]
  })
}

function stored (over: Record<string, unknown> = {}): Record<string, unknown> {
  const { source, ...note } = makeReply(501, AT, `Hi Ines ${KEY}`, { user_id: SELF, private: true, ...over })
  return note
}

function before (conversations: unknown[] = [], ticket = makeTicket()): void {
  nock(API).get('/tickets/90311').reply(200, ticket)
  nock(API).get('/tickets/90311/conversations').query({ per_page: 100, page: 1 }).reply(200, conversations)
}

function after (rows: unknown[]): void {
  nock(API).get('/tickets/90311/conversations').query({ per_page: 100, page: 1 }).reply(200, rows)
}

/** A real server on this machine, for silence: what it was asked. */
async function withServer (onRequest: RequestListener, fn: (url: string) => Promise<void>): Promise<string[]> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    onRequest(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  nock.enableNetConnect('127.0.0.1')
  try {
    await fn(`http://127.0.0.1:${address.port}`)
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  return asked
}

function post (note = makeNote()): Promise<NoteReceipt> {
  return openHelpdesk(settings, 'fd', 300).postNote('90311', note)
}

describe('writing', () => {
  test('a note is sent as private, read back and returned', async () => {
    before([makeQuestion(71, '2026-11-02T08:05:00Z', 'Any news?')])
    onPost(201, stored())
    after([makeQuestion(71, '2026-11-02T08:05:00Z', 'Any news?'), stored()])
    expect(await post(makeNote({ basis: '71' }))).toEqual({ noteId: '501', public: false, at: AT })
    expect(sent).toEqual([{ body: renderNote(makeNote()), private: true }])
    expect(nock.pendingMocks()).toEqual([])
  })

  test('a note that its own answer calls public is deleted and reported', async () => {
    before()
    onPost(201, stored({ private: false }))
    const removal = nock(API).delete('/conversations/501').reply(204)
    await expect(post()).rejects.toMatchObject({ name: 'PublicNote', message: expect.stringContaining('deleted again') })
    expect(removal.isDone()).toBe(true)
  })

  test('a note that only the list calls public is deleted and reported, even when deleting fails', async () => {
    before()
    onPost(201, stored())
    after([stored({ private: false })])
    nock(API).delete('/conversations/501').reply(500)
    await expect(post()).rejects.toMatchObject({ name: 'PublicNote', message: expect.stringContaining('delete it by hand') })
  })

  test('a note that is not listed yet is believed by its answer', async () => {
    before()
    onPost(201, stored())
    after([])
    expect(await post()).toMatchObject({ noteId: '501', public: false })
  })

  test.each([
    ['could not be read back', 503, stored()],
    ['does not say whether', 200, stored({ private: null })]
  ])('a note that %s is unclear, and is not sent again', async (words, status, answer) => {
    before()
    onPost(201, answer)
    nock(API).get('/tickets/90311/conversations').query(true).reply(status, [answer], { 'retry-after': '1' })
    await expect(post()).rejects.toMatchObject({ name: 'Unclear', message: expect.stringContaining(words) })
    expect(sent).toHaveLength(1)
  })
})

describe('too late', () => {
  test.each([
    ['an agent answered', [makeReply(72, AT, 'Sent.')], 'description', 'too late: ticket 90311 was answered meanwhile'],
    ['an agent sent only a file', [makeReply(72, AT, '')], 'description', 'too late: ticket 90311 was answered meanwhile'],
    ['the customer wrote again', [makeQuestion(72, AT, 'Hello?')], 'description', 'too late: ticket 90311 has a newer question meanwhile'],
    ['the question is gone', [], '71', 'too late: message 71 of ticket 90311 is not there any more']
  ])('when %s', async (_, conversations, basis, message) => {
    before(conversations)
    onPost(201, stored())
    await expect(post(makeNote({ basis }))).rejects.toMatchObject({ name: 'GiveUp', message })
    expect(sent).toEqual([])
  })

  test('not when only notes, machines or older answers stand there', async () => {
    const rows = [
      makeReply(70, '2026-11-02T08:04:00Z', 'Which tent?'), makeQuestion(71, '2026-11-02T08:05:00Z', 'The blue one'),
      makeReply(72, AT, 'We got it', { automation_id: 6 }), makeReply(73, AT, 'hm', { private: true, source: 2 })
    ]
    before(rows)
    onPost(201, stored())
    after([...rows, stored()])
    expect(await post(makeNote({ basis: '71' }))).toMatchObject({ public: false })
  })

  test.each([['closed', { status: 5 }], ['spam', { spam: true }], ['deleted', { deleted: true }]])('skipped when %s', async (word, over) => {
    before([], makeTicket(over))
    onPost(201, stored())
    await expect(post()).rejects.toMatchObject({ name: 'GiveUp', message: `skipped: ticket 90311 is ${word}` })
    expect(sent).toEqual([])
  })

  test('news are written on a closed ticket, too', async () => {
    before([], makeTicket({ status: 5 }))
    onPost(201, stored())
    after([stored()])
    expect(await post(makeNote({ closedToo: true }))).toMatchObject({ public: false })
  })

  test('skipped when the ticket is thrown away at that very moment', async () => {
    before()
    onPost(405, { message: 'POST method is not allowed' })
    await expect(post()).rejects.toMatchObject({ name: 'GiveUp', message: expect.stringMatching(/^skipped: .*405/) })
  })
})

describe('refusals of a write', () => {
  const inAnHour = new Date(Date.now() + 7_200_000).toUTCString()
  test.each([
    [401, {}, { code: 'invalid_credentials' }, { name: 'Refused', message: 'freshdesk refused the key (401 invalid_credentials on POST /tickets/90311/notes): renew FRESHDESK_API_KEY' }],
    [400, {}, { errors: [{ field: 'notify', code: 'invalid_field' }] }, { name: 'GiveUp', message: expect.stringContaining('400 invalid_field notify on POST') }],
    [422, {}, '', { name: 'GiveUp' }],
    [302, { location: 'http://169.254.169.254/' }, '', { name: 'GiveUp', message: expect.stringContaining('never followed') }],
    [429, { 'retry-after': '34' }, { message: 'limit' }, { name: 'RetryLater', waitMs: 34_000 }],
    [429, { 'retry-after': '-1' }, '', { name: 'RetryLater', waitMs: 30_000 }],
    [429, { 'retry-after': '1000000000' }, '', { name: 'RetryLater', waitMs: 3_600_000 }],
    [429, { 'retry-after': inAnHour }, '', { name: 'RetryLater', waitMs: 3_600_000 }],
    [429, {}, '', { name: 'RetryLater', waitMs: 30_000 }],
    [503, { 'retry-after': '7' }, '', { name: 'RetryLater', waitMs: 7000 }],
    [503, {}, '', { name: 'Unclear' }],
    [500, {}, '', { name: 'Unclear', message: 'freshdesk failed (500 on POST /tickets/90311/notes): it may have been applied' }],
    [201, { 'content-type': 'text/html' }, '<html>log in</html>', { name: 'Unclear', message: expect.stringContaining('text/html') }],
    [201, { 'content-type': 'application/json' }, '{"id":', { name: 'Unclear', message: expect.stringContaining('broken JSON') }],
    [201, { 'content-type': 'application/json' }, '{"id":null}', { name: 'Unclear' }]
  ])('%i %j', async (status, headers, body, error) => {
    before()
    onPost(status, body, headers)
    await expect(post()).rejects.toMatchObject(error)
    expect(sent).toHaveLength(1)
  })

  test('no answer is unclear, and exactly one request was sent', async () => {
    const reads: Record<string, unknown> = { '/api/v2/tickets/90311': makeTicket(), '/api/v2/tickets/90311/conversations': [] }
    const asked = await withServer((request, response) => {
      const answer = reads[request.url?.split('?')[0] ?? '']
      if (answer !== undefined) response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
    }, async url => {
      const { postNote } = openHelpdesk({ ...settings, FRESHDESK_URL: url }, 'fd', 300)
      await expect(postNote('90311', makeNote())).rejects.toMatchObject({
        name: 'Unclear', message: 'freshdesk did not answer POST /tickets/90311/notes: it may have been applied'
      })
    })
    expect(asked.filter(call => call.startsWith('POST'))).toEqual(['POST /api/v2/tickets/90311/notes'])
  })

  test('a connection cut after sending is unclear, one that was never made is tried later', async () => {
    for (const [error, name] of [
      [Object.assign(new Error('cut'), { code: 'ECONNRESET', syscall: 'read' }), 'Unclear'],
      [Object.assign(new Error('no way'), { code: 'EHOSTUNREACH', syscall: 'connect' }), 'RetryLater']
    ] as const) {
      nock.cleanAll()
      before()
      nock(API).post('/tickets/90311/notes').replyWithError(error)
      await expect(post()).rejects.toMatchObject({ name })
    }
  })
})

describe('refusals of a read', () => {
  const read = () => openHelpdesk(settings, 'fd', 300).fetchSelf()

  test.each([
    [403, { code: 'access_denied' }, {}, { name: 'Refused', message: expect.stringMatching(/^freshdesk refused the key \(403 access_denied on GET \/agents\/me\): renew FRESHDESK_API_KEY/) }],
    [500, '', {}, { name: 'Error', message: 'freshdesk failed (500 on GET /agents/me)' }],
    [200, 'hello', { 'content-type': 'text/plain' }, { name: 'Error', message: expect.stringContaining('text/plain instead of JSON') }],
    [200, JSON.stringify('x'.repeat(5 * 1024 * 1024)), { 'content-type': 'application/json' }, { name: 'GiveUp', message: expect.stringContaining('more than 5 MiB') }]
  ])('%i', async (status, body, headers, error) => {
    nock(API).get('/agents/me').reply(status, body as nock.Body, headers as Record<string, string>)
    await expect(read()).rejects.toMatchObject(error)
  })

  test('a silent server is an outage, a closed port is tried again soon', async () => {
    let address = ''
    await withServer(() => {}, async url => {
      address = url
      const { fetchSelf } = openHelpdesk({ ...settings, FRESHDESK_URL: url }, 'fd', 300)
      await expect(fetchSelf()).rejects.toMatchObject({ name: 'Error', message: 'freshdesk did not answer GET /agents/me' })
    })
    nock.enableNetConnect('127.0.0.1')
    const { fetchSelf } = openHelpdesk({ ...settings, FRESHDESK_URL: address }, 'fd')
    await expect(fetchSelf()).rejects.toMatchObject({ name: 'RetryLater', waitMs: 5000 })
  })

  test('the key goes along as the user name, and an address that is none is refused at once', async () => {
    nock(API).get('/agents/me').basicAuth({ user: 'key-of-northtent', pass: 'X' }).reply(200, { id: SELF, contact: { name: 'Deskloop (AI draft)' } })
    expect(await read()).toEqual({ id: String(SELF), name: 'Deskloop (AI draft)' })
    expect(() => connector.open({ ...settings, FRESHDESK_URL: 'acme' }, 'fd')).toThrow('FRESHDESK_URL')
    await expect(connector.open(settings, 'fd').fetchTicket('1/../2')).rejects.toMatchObject({ name: 'GiveUp' })
  })
})

describe('finding a note again', () => {
  function find (rows: unknown[]): Promise<NoteReceipt | null> {
    nock(API).get('/agents/me').reply(200, { id: SELF, contact: {} })
    after(rows)
    return connector.open({ ...settings, FRESHDESK_URL: `${ORIGIN}/` }, 'fd').findNote('90311', KEY)
  }

  test('by its key and our name on it, on whatever page', async () => {
    nock(API).get('/agents/me').reply(200, { id: SELF, contact: {} })
    const many = Array.from({ length: 100 }, (_, i) => makeQuestion(100 + i, AT, 'again'))
    const link = `<${API}/tickets/90311/conversations?per_page=100&page=2>; rel="next"`
    nock(API).get('/tickets/90311/conversations').query({ per_page: 100, page: 1 }).reply(200, many, { link })
    nock(API).get('/tickets/90311/conversations').query({ per_page: 100, page: 2 }).reply(200, [stored()])
    expect(await connector.open(settings, 'fd').findNote('90311', KEY)).toEqual({ noteId: '501', public: false, at: AT })
  })

  test('a public one is found as public', async () => {
    expect(await find([stored({ private: false })])).toEqual({ noteId: '501', public: true, at: AT })
  })

  test('not when others quote the key or the note has another', async () => {
    expect(await find([stored({ user_id: AGENT }), stored({ user_id: INES, incoming: true }), makeReply(9, AT, 'dl-zzzzzzzzzzzzz', { user_id: SELF })])).toBeNull()
  })
})

test('a note that a person has written into is not written over', async () => {
  const whoWeAre = { id: SELF, contact: { name: 'Deskloop' } }
  for (const [editor, over] of [[AGENT, null], [SELF, 'written']] as const) {
    before([stored({ last_edited_user_id: editor })])
    nock(API).get('/agents/me').reply(200, whoWeAre)
    if (over !== null) {
      nock(API).put('/conversations/501', { body: renderNote(makeNote()) }).reply(200, stored())
      after([stored({ last_edited_user_id: SELF })])
    }
    const receipt = await openHelpdesk(settings, 'fd', 300).editNote?.('90311', '501', makeNote(), 'write')
    expect([editor, receipt?.noteId ?? null, nock.pendingMocks()]).toEqual([editor, over === null ? null : '501', []])
    nock.cleanAll()
  }
})
