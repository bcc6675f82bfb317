// The half of the connector that speaks, with nock in Intercom's place: what is sent, how often, and what each answer means.
import nock from 'nock'
import { openHelpdesk } from './helpdesk.ts'
import { GiveUp, PublicNote, RetryLater, Unclear } from '../../src/errors.ts'
import type { Note } from '../../src/types.ts'
import type { Fields } from './fields.ts'

type Answer = (write: nock.Interceptor) => nock.Scope

const HOST = 'https://intercom.test'
const KEY = 'dl-q1w2e3r4t5y6u'
const settings = { INTERCOM_URL: HOST, INTERCOM_ACCESS_TOKEN: 'token-of-the-test' }
const json = { 'content-type': 'application/json; charset=utf-8' }
const US = { type: 'admin', id: '900', name: 'Deskloop (AI draft)' }
const AGENT = { type: 'admin', id: '45', name: 'Nils' }
const CUSTOMER = { type: 'user', id: 'cust1', name: 'Ada' }

const note: Note = {
  key: KEY,
  basis: '31',
  parts: [
    { kind: 'rule' }, { kind: 'draft', paragraphs: ['Press sync.'] }, { kind: 'rule' },
    { kind: 'footer', hint: '', links: [], key: KEY }
  ]
}

const part = (id: string, type: string, author: Fields, at: number, body: string, more: Fields = {}): Fields =>
  ({ type: 'conversation_part', id, part_type: type, author, created_at: at, updated_at: at, body, ...more })
const asked = part('31', 'comment', CUSTOMER, 1_790_000_100, '<p>Still stale.</p>')
const ourNote = (type = 'note', author: Fields = US): Fields =>
  part('70', type, author, 1_790_000_500, `<p>Press sync.</p><p>${KEY}</p>`)

function conversation (parts: Fields[], more: Fields = {}): Fields {
  return {
    type: 'conversation',
    id: '77',
    created_at: 1_790_000_000,
    updated_at: 1_790_000_100,
    state: 'open',
    open: true,
    ticket: null,
    source: { type: 'conversation', id: '30', delivered_as: 'customer_initiated', body: '<p>Rota is stale</p>', author: CUSTOMER },
    contacts: { contacts: [{ type: 'contact', id: 'cust1' }] },
    conversation_parts: { conversation_parts: parts },
    ...more
  }
}

const open = (more = {}): ReturnType<typeof openHelpdesk> => openHelpdesk({ ...settings, ...more }, 'ic')
const onMe = (): nock.Scope => nock(HOST).get('/me').reply(200, { type: 'admin', id: '900', name: US.name }, json)
const onRead = (body: Fields): nock.Scope => nock(HOST).get('/conversations/77').reply(200, body, json)

async function failure (promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(value => { throw new Error(`did not fail: ${JSON.stringify(value)}`) }, (error: unknown) => error)
}

/** Posts a note to a conversation that waits for one; `answer` is what the write meets, and how often it came is told. */
async function postMeets (answer: Answer): Promise<{ error: unknown, writes: number }> {
  let writes = 0
  onMe()
  onRead(conversation([asked]))
  answer(nock(HOST).post('/conversations/77/reply', () => { writes++; return true })).persist()
  return { error: await failure(open().postNote('77', note)), writes }
}

beforeAll(() => { nock.disableNetConnect() })
afterEach(() => { nock.cleanAll() })
afterAll(() => { nock.restore() })

describe('a note', () => {
  test('is sent once as a note by our teammate, and its id comes from what was stored', async () => {
    onMe()
    onRead(conversation([asked]))
    const sent: unknown[] = []
    nock(HOST).post('/conversations/77/reply', body => sent.push(body) > 0)
      .matchHeader('intercom-version', '2.16').matchHeader('authorization', 'Bearer token-of-the-test')
      .reply(200, conversation([asked, ourNote()]), json)
    expect(await open().postNote('77', note)).toEqual({ noteId: '70', public: false, at: '2026-09-21T14:21:40Z' })
    expect(sent).toEqual([{
      message_type: 'note',
      type: 'admin',
      admin_id: '900',
      body: `<p>————————</p><p>Press sync.</p><p>————————</p><p>${KEY}</p>`
    }])
  })

  test('is read back when the answer does not show it', async () => {
    onMe()
    onRead(conversation([asked]))
    nock(HOST).post('/conversations/77/reply').reply(200, conversation([asked]), json)
    onRead(conversation([asked, ourNote()]))
    expect(await open().postNote('77', note)).toMatchObject({ noteId: '70', public: false })
  })

  test('that cannot be read back may be there', async () => {
    onMe()
    onRead(conversation([asked]))
    nock(HOST).post('/conversations/77/reply').reply(200, conversation([asked]), json)
    nock(HOST).get('/conversations/77').reply(500)
    expect(await failure(open().postNote('77', note))).toBeInstanceOf(Unclear)
  })

  test.each([[200, /it was redacted$/], [500, /could NOT be redacted/]])('that became public is redacted (%i), and all stops', async (status, words) => {
    onMe()
    onRead(conversation([asked]))
    nock(HOST).post('/conversations/77/reply').reply(200, conversation([asked, ourNote('comment')]), json)
    const redact = nock(HOST).post('/conversations/redact', {
      type: 'conversation_part', conversation_id: '77', conversation_part_id: '70'
    }).reply(status, conversation([asked]), json)
    const error = await failure(open().postNote('77', note))
    expect(error).toBeInstanceOf(PublicNote)
    expect(error).toHaveProperty('message', expect.stringMatching(words))
    expect(redact.isDone()).toBe(true)
  })

  const stale: Array<[string, Fields, RegExp]> = [
    ['an agent has answered', conversation([asked, part('32', 'comment', AGENT, 1_790_000_200, '<p>Done.</p>')]), /^too late: answered meanwhile/],
    ['an agent has sent a picture', conversation([asked, part('32', 'comment', AGENT, 1_790_000_200, '', { attachments: [{ type: 'upload' }] })]), /^too late: answered/],
    ['the customer wrote again', conversation([asked, part('32', 'comment', CUSTOMER, 1_790_000_200, '<p>Hello?</p>')]), /^too late: the customer/],
    ['the message is not there any more', conversation([{ ...asked, redacted: true }]), /^too late: the message/],
    ['it was closed', conversation([asked], { state: 'closed', open: false }), /^skipped:/]
  ]
  test.each(stale)('is not written when %s', async (_why, now, words) => {
    onMe()
    onRead(now)
    const write = nock(HOST).post(/./).reply(200, {}, json)
    const error = await failure(open().postNote('77', note))
    expect(error).toBeInstanceOf(GiveUp)
    expect(error).toHaveProperty('message', expect.stringMatching(words))
    expect(write.isDone()).toBe(false)
  })

  test('is written on a closed conversation when it holds news', async () => {
    onMe()
    onRead(conversation([asked], { state: 'closed', open: false }))
    const now = conversation([asked, ourNote()], { state: 'closed', open: false })
    nock(HOST).post('/conversations/77/reply').reply(200, now, json)
    expect(await open().postNote('77', { ...note, closedToo: true })).toMatchObject({ noteId: '70', public: false })
  })

  test('is written when only a bot or another note came after', async () => {
    const later = [part('32', 'comment', { type: 'bot', id: '1' }, 1_790_000_200, '<p>We reply soon.</p>'),
      part('33', 'note', AGENT, 1_790_000_210, '<p>Looking.</p>')]
    onMe()
    onRead(conversation([asked, ...later]))
    nock(HOST).post('/conversations/77/reply').reply(200, conversation([asked, ...later, ourNote()]), json)
    expect(await open().postNote('77', note)).toMatchObject({ noteId: '70' })
  })

  test('to a conversation that is gone is skipped, and never goes to "last"', async () => {
    onMe()
    nock(HOST).get('/conversations/77').reply(404, { errors: [{ code: 'not_found' }] }, json)
    const error = await failure(open().postNote('77', note))
    expect(error).toBeInstanceOf(GiveUp)
    expect(error).toHaveProperty('message', expect.stringMatching(/^skipped: .*404 not_found on GET \/conversations\/77/))
    onMe()
    expect(await failure(open().postNote('last', note))).toBeInstanceOf(GiveUp)
  })

  test('without its key at the end is not sent at all', async () => {
    expect(await failure(open().postNote('77', { ...note, parts: note.parts.slice(0, 3) }))).toBeInstanceOf(Error)
  })
})

describe('an answer to a write', () => {
  test.each([401, 403])('%i names the setting and the call', async status => {
    const { error, writes } = await postMeets(write => write.reply(status, { errors: [{ code: 'unauthorized' }] }, json))
    expect(error).toBeInstanceOf(GiveUp)
    expect(error).toHaveProperty('message',
      `intercom refused the token (${status} unauthorized on POST /conversations/77/reply): renew INTERCOM_ACCESS_TOKEN`)
    expect(writes).toBe(1)
  })

  const soon = (): string => String(Math.floor(Date.now() / 1000) + 8)
  const waits: Array<[string, () => Record<string, string>, number, number]> = [
    ['Retry-After in seconds', () => ({ 'retry-after': '17', 'x-ratelimit-reset': soon() }), 17_000, 17_000],
    ['Retry-After as a date', () => ({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() }), 55_000, 60_000],
    ["Intercom's own reset", () => ({ 'x-ratelimit-reset': soon() }), 5_000, 8_000],
    ['nothing', () => ({}), 30_000, 30_000],
    ['nonsense', () => ({ 'retry-after': '-1', 'x-ratelimit-reset': 'soon' }), 30_000, 30_000],
    ['a thousand years', () => ({ 'retry-after': '1000000000' }), 3_600_000, 3_600_000]
  ]
  test.each(waits)('429 waits as told by %s', async (_by, headers, least, most) => {
    const { error, writes } = await postMeets(write => write.reply(429, {}, { ...json, ...headers() }))
    expect(error).toBeInstanceOf(RetryLater)
    const waitMs = error instanceof RetryLater ? error.waitMs : Number.NaN
    expect(waitMs).toBeGreaterThanOrEqual(least)
    expect(waitMs).toBeLessThanOrEqual(most)
    expect(writes).toBe(1)
  })

  const unclear: Array<[string, Answer]> = [
    ['500', write => write.reply(500)],
    ['503 without a time', write => write.reply(503, '<html>', { 'content-type': 'text/html' })],
    ['a login page', write => write.reply(200, '<html>', { 'content-type': 'text/html' })],
    ['broken JSON', write => write.reply(200, '{"type":"conv', json)],
    ['a flood', write => write.reply(200, JSON.stringify('x'.repeat(5 * 1024 * 1024)), json)],
    ['a cut line', write => write.replyWithError(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))]
  ]
  test.each(unclear)('%s leaves it unclear, and nothing is sent again', async (_what, answer) => {
    const { error, writes } = await postMeets(answer)
    expect(error).toBeInstanceOf(Unclear)
    expect(writes).toBe(1)
  })

  test('that never left is tried later, and so is 503 with a time', async () => {
    const refused = await postMeets(write => write.replyWithError(
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })))
    expect(refused.error).toMatchObject({ name: 'RetryLater', waitMs: 5000 })
    nock.cleanAll()
    const busy = await postMeets(write => write.reply(503, '', { 'retry-after': '4' }))
    expect(busy.error).toMatchObject({ name: 'RetryLater', waitMs: 4000 })
  })

  test.each([400, 404, 410, 422, 302])('%i is final', async status => {
    const { error, writes } = await postMeets(write => write.reply(status, '{}', { ...json, location: `${HOST}/elsewhere` }))
    expect(error).toBeInstanceOf(GiveUp)
    // A conversation that went between our look and our write is nobody's to look at.
    expect(/^skipped: /.test(error instanceof Error ? error.message : '')).toBe(status === 404 || status === 410)
    expect(writes).toBe(1)
  })
})

describe('reading', () => {
  test('our note is found by its key and by us, never the same words by another', async () => {
    const quoted = part('69', 'comment', AGENT, 1_790_000_400, `<p>${KEY}</p>`)
    onMe()
    onRead(conversation([asked, quoted, ourNote()]))
    const desk = open()
    expect(await desk.findNote('77', KEY)).toEqual({ noteId: '70', public: false, at: '2026-09-21T14:21:40Z' })
    onRead(conversation([asked, quoted]))
    expect(await desk.findNote('77', KEY)).toBeNull()
    onRead(conversation([asked, ourNote('comment')]))
    expect(await desk.findNote('77', KEY)).toMatchObject({ noteId: '70', public: true })
  })

  test('we are the owner of the token, or the teammate of the setting', async () => {
    onMe()
    expect(await open().fetchSelf()).toEqual({ id: '900', name: US.name })
    onMe()
    nock(HOST).get('/admins').times(2).reply(200, { admins: [{ id: '901', name: 'Desk two' }] }, json)
    expect(await open({ INTERCOM_ADMIN_ID: '901' }).fetchSelf()).toEqual({ id: '901', name: 'Desk two' })
    onMe()
    expect(await failure(open({ INTERCOM_ADMIN_ID: '902' }).fetchSelf())).toBeInstanceOf(GiveUp)
  })

  test('a failed reading is an outage, a missing ticket is final', async () => {
    nock(HOST).get('/conversations/77').reply(502)
    const outage = await failure(open().fetchTicket('77'))
    expect(outage).toHaveProperty('name', 'Error')
    nock(HOST).get('/conversations/77').reply(404)
    expect(await failure(open().fetchTicket('77'))).toBeInstanceOf(GiveUp)
  })

  test("a conversation that is a ticket is told with the ticket's states", async () => {
    onRead(conversation([asked], { ticket: { type: 'ticket', id: '77' } }))
    const state = part('80', 'ticket_state_updated_by_admin', AGENT, 1_790_000_600, '', { ticket_state: 'resolved' })
    nock(HOST).get('/tickets/77').reply(200, { id: '77', ticket_parts: { ticket_parts: [state] } }, json)
    expect((await open().fetchTicket('77')).map(one => one.kind)).toEqual(['opened', 'asked', 'asked', 'solved'])
  })
})
