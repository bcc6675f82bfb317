// A note is private, written once, never too late, and hostile text in it stays text.

import { once } from 'node:events'
import { createServer } from 'node:http'
import nock from 'nock'
import { GiveUp, PublicNote, Refused, RetryLater, Unclear } from '../../src/errors.ts'
import type { Note } from '../../src/types.ts'
import { renderNote } from './note.ts'
import {
  api, audit, comment, failure, fresh, helpdesk, keepInside, KEY, noteAudit, ORIGIN, readable, said, SETTINGS, stored
} from './scripted-ticket.ts'
import type { Json } from './shapes.ts'

const NOTE: Note = {
  key: KEY,
  basis: '7701',
  parts: [
    { kind: 'headline', label: 'AI draft · private', text: 'High confidence (91%)' },
    { kind: 'rule' },
    { kind: 'draft', paragraphs: ['Hello Ilse,', 'ask your admin for the export right.\nThen reload.'] },
    { kind: 'rule' },
    { kind: 'facts', items: [{ label: 'Why', text: '4 similar tickets', link: { text: '#8100', url: 'https://acme.test/8100' } }] },
    { kind: 'footer', hint: 'Send your own version.', links: [{ text: 'Open draft', url: 'https://loop.test/d/1' }], key: KEY }
  ]
}

keepInside()

describe('notes', () => {
  test('a note is private, carries its key, depends on the stamp, and is read back', async () => {
    const sent = postable([comment(7799, 3, '08:40:00', `x ${KEY}`, false)])
    expect(await helpdesk().postNote('9041', NOTE)).toEqual({ noteId: '7799', public: false, at: '2026-11-20T08:40:00Z' })
    expect(sent).toEqual([{
      ticket: {
        comment: { html_body: renderNote(NOTE), public: false },
        metadata: { deskloop: { key: KEY } },
        safe_update: true,
        updated_stamp: '2026-11-20T08:30:44Z'
      }
    }])
  })

  test('a note that is read back as public is hidden and reported', async () => {
    postable([comment(7799, 3, '08:40:00', 'x', true)])
    nock(ORIGIN).put('/api/v2/tickets/9041/comments/7799/make_private').reply(200, '""', { 'content-type': 'application/json' })
    api('GET', '/tickets/9041/comments', 200, { comments: [comment(7799, 3, '08:40:00', 'x', false)], meta: { has_more: false } })
    const error = await failure(helpdesk().postNote('9041', NOTE))
    expect(error).toBeInstanceOf(PublicNote)
    expect(error.message).toContain('hidden again')
  })

  test('a public note that cannot be hidden says so', async () => {
    readable(fresh())
    api('PUT', '/tickets/9041', 200, stored(true))
    api('PUT', '/tickets/9041/comments/7799/make_private', 500, {})
    api('GET', '/tickets/9041/comments', 500, {})
    const error = await failure(helpdesk().postNote('9041', NOTE))
    expect(error).toBeInstanceOf(PublicNote)
    expect(error.message).toContain('could not hide')
  })

  test.each<[string, Json]>([
    ['an agent has answered', comment(7702, 9, '08:31:00', 'Done.')],
    ['the customer has written again', comment(7702, 71, '08:31:00', 'And another thing')],
    ['an agent sent a file without a word', comment(7702, 9, '08:31:00', '')]
  ])('too late: %s', async (_, late) => {
    readable({ ...fresh(), comments: [...fresh().comments, late] })
    expect((await failure(helpdesk().postNote('9041', NOTE))).message).toMatch(/^too late:/)
  })

  test('too late when the message it answers is gone; a note or a bot in between is not too late', async () => {
    readable({ ...fresh(), comments: fresh().comments.slice(0, 1) })
    expect(await failure(helpdesk().postNote('9041', NOTE))).toBeInstanceOf(GiveUp)
    readable({
      ...fresh(),
      comments: [...fresh().comments.slice(0, 1), comment(7701, 71, '08:30:44', 'Hidden since', false)],
      audits: [audit(5, 9, '08:50:00', [{ id: 9, type: 'CommentPrivacyChange', comment_id: 7701, public: false }])]
    })
    expect((await failure(helpdesk().postNote('9041', NOTE))).message).toMatch(/^too late:/)
    postable([comment(7799, 3, '08:40:00', 'x', false)], [
      comment(7702, 9, '08:31:00', 'Ask finance', false), comment(7703, -1, '08:31:01', 'Received')
    ])
    expect((await helpdesk().postNote('9041', NOTE)).noteId).toBe('7799')
  })

  test('a closed or deleted ticket is skipped', async () => {
    readable({ ...fresh(), ticket: { ...fresh().ticket, status: 'closed' } })
    expect((await failure(helpdesk().postNote('9041', NOTE))).message).toMatch(/^skipped:/)
    api('GET', '/tickets/9041', 404, {})
    expect((await failure(helpdesk().postNote('9041', NOTE))).message).toMatch(/^skipped:/)
  })

  test('a note that is there already is not written again', async () => {
    readable({ ...fresh(), comments: [...fresh().comments, comment(7799, 3, '08:40:00', 'x', false)], audits: [noteAudit(false)] })
    expect((await helpdesk().postNote('9041', NOTE)).noteId).toBe('7799')
  })

  test.each<[number, Json | string, Record<string, string>, unknown, string, number | null]>([
    [401, { error: "Couldn't authenticate you" }, {}, Refused, '(401 on PUT /tickets/9041): renew ZENDESK_API_TOKEN', null],
    [422, { error: 'RecordInvalid', details: { status: [{ description: 'closed prevents ticket update' }] } }, {}, GiveUp, 'skipped: zendesk refused the call (422 on PUT /tickets/9041): RecordInvalid, closed prevents', null],
    [422, { error: 'RecordInvalid', details: { base: [{ description: 'Comment is too long' }] } }, {}, GiveUp, 'Comment is too long', null],
    [404, { error: 'RecordNotFound' }, {}, GiveUp, 'skipped: zendesk refused the call (404 on PUT /tickets/9041)', null],
    [403, { error: 'Forbidden' }, {}, Refused, '(403 on PUT /tickets/9041): renew ZENDESK_API_TOKEN or widen its rights', null],
    [409, { error: 'UpdateConflict' }, {}, RetryLater, 'newer change', 4_000],
    [429, {}, { 'retry-after': '37', 'x-ratelimit-reset': '1793491200' }, RetryLater, 'wait', 37_000],
    [429, {}, { 'ratelimit-reset': '12', 'x-ratelimit-reset': '1793491200' }, RetryLater, 'wait', 12_000],
    [429, {}, {}, RetryLater, 'wait', 30_000],
    [429, {}, { 'retry-after': '-1' }, RetryLater, 'wait', 30_000],
    [429, {}, { 'retry-after': '1000000000' }, RetryLater, 'wait', 3_600_000],
    [503, '<html>', { 'retry-after': '30' }, RetryLater, 'wait', 30_000],
    [500, '<html>', {}, Unclear, '500 on PUT /tickets/9041', null],
    [302, '', { location: 'https://evil.test/' }, GiveUp, 'ZENDESK_URL', null],
    [200, '<html>sign in</html>', {}, Unclear, 'no JSON object', null],
    [200, { ticket: { id: 9041 } }, {}, Unclear, 'without the note', null]
  ])('a write answered %i is sent once and told truly (%j, %j)', async (status, body, headers, kind, words, waitMs) => {
    readable(fresh())
    const count = counted(nock(ORIGIN).persist().put('/api/v2/tickets/9041'), status, body, headers)
    const error = await failure(helpdesk().postNote('9041', NOTE))
    nock.cleanAll()
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toContain(words)
    expect(count()).toBe(1)
    if (waitMs !== null) expect(error).toMatchObject({ waitMs })
  })

  test('a wait told as a date is counted from now', async () => {
    readable(fresh())
    nock(ORIGIN).put('/api/v2/tickets/9041').reply(429, {}, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() })
    const error = await failure(helpdesk().postNote('9041', NOTE))
    if (!(error instanceof RetryLater)) throw error
    expect(error.waitMs).toBeGreaterThan(50_000)
    expect(error.waitMs).toBeLessThanOrEqual(60_000)
  })

  test('a note that cannot be read back is unclear', async () => {
    readable(fresh())
    api('PUT', '/tickets/9041', 200, stored(false))
    api('GET', '/tickets/9041/comments', 500, {})
    expect(await failure(helpdesk().postNote('9041', NOTE))).toBeInstanceOf(Unclear)
  })

  test('a note is found by its metadata, and by its last line only if it is ours', async () => {
    const listed = (audits: Json[]) => api('GET', '/tickets/9041/audits', 200, { audits, meta: { has_more: false } })
    const byLine = (author: number) => audit(5, author, '08:40:00', [said(7799, author, `Open draft · ${KEY}`, false)])
    const comments = () => api('GET', '/tickets/9041/comments', 200, { comments: [comment(7799, 3, '08:40:00', 'x', false)], meta: { has_more: false } })
    const receipt = { noteId: '7799', public: false, at: '2026-11-20T08:40:00Z' }
    listed([noteAudit(true)])
    comments()
    expect(await helpdesk().findNote('9041', KEY)).toEqual(receipt)
    listed([byLine(3)])
    comments()
    api('GET', '/users/me.json', 200, { user: { id: 3, name: 'Deskloop' } })
    expect(await helpdesk().findNote('9041', KEY)).toEqual(receipt)
    listed([byLine(9)])
    api('GET', '/users/me.json', 200, { user: { id: 3, name: 'Deskloop' } })
    expect(await helpdesk().findNote('9041', KEY)).toBeNull()
    listed([audit(5, 3, '08:40:00', [said(7799, 3, 'another dl-zzzzzzzzzzzzz', false)])])
    expect(await helpdesk().findNote('9041', KEY)).toBeNull()
  })
})

describe('the wire', () => {
  beforeAll(() => nock.restore())
  afterAll(() => nock.activate())

  test.each(['hang', 'cut', 'half'] as const)('an answer that does not come whole (%s) is unclear; sent once', async how => {
    await withServer(how, async (settings, puts) => {
      expect(await failure(helpdesk(400, settings).postNote('9041', NOTE))).toBeInstanceOf(Unclear)
      expect(puts()).toBe(1)
    })
  })

  test('a write that never left is tried again soon, a read that never left is an ordinary failure', async () => {
    await withServer('refuse', async (settings, puts) => {
      const error = await failure(helpdesk(400, settings).postNote('9041', NOTE))
      expect(error).toBeInstanceOf(RetryLater)
      expect(error).toMatchObject({ waitMs: 5_000 })
      expect(puts()).toBe(0)
      expect((await failure(helpdesk(400, settings).fetchTicket('9041'))).name).toBe('Error')
    })
  })
})

describe('the html', () => {
  test('a draft stands alone between two rules, and the last line ends with the key', () => {
    const html = renderNote(NOTE)
    expect(html.split('<hr>')[1]?.trim())
      .toBe('<p>Hello Ilse,</p>\n<p>ask your admin for the export right.<br>Then reload.</p>')
    expect(html.endsWith(`<a href="https://loop.test/d/1">Open draft</a> · ${KEY}</p>`)).toBe(true)
    expect([...html.matchAll(/<\/?([a-z]+)/g)].map(tag => tag[1]).filter(tag => !/^(p|br|strong|em|ul|li|a|hr)$/.test(tag ?? '')))
      .toEqual([])
  })

  test('hostile text stays text', () => {
    const evil = '<script>alert(1)</script> & "x" \'y\' <img src=x onerror=alert(1)>'
    const told = '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot; &#39;y&#39; &lt;img src=x onerror=alert(1)&gt;'
    const link = { text: evil, url: 'javascript:alert(1)' }
    expect(renderNote({
      key: KEY,
      basis: '1',
      parts: [
        { kind: 'headline', label: evil, text: evil }, { kind: 'rule' },
        { kind: 'draft', paragraphs: [`${evil}\nsecond line`, 'last'] }, { kind: 'rule' },
        { kind: 'facts', items: [{ label: 'Why', text: evil, link }, { label: 'See', text: '', link: { text: 'a', url: 'https://a.test/?q="><b>' } }] },
        { kind: 'footer', hint: evil, links: [link], key: KEY }
      ]
    })).toBe([
      `<p><strong>${told}</strong> · ${told}</p>`, '<hr>', `<p>${told}<br>second line</p>`, '<p>last</p>', '<hr>', '<ul>',
      `<li><strong>Why:</strong> ${told} · ${told}</li>`,
      '<li><strong>See:</strong> <a href="https://a.test/?q=&quot;&gt;&lt;b&gt;">a</a></li>', '</ul>',
      `<p><em>${told}</em><br>${told} · ${KEY}</p>`
    ].join('\n'))
  })
})

/** Answers a note's whole way; what was sent is in the list afterwards. */
function postable (readBack: Json[], between: Json[] = []): unknown[] {
  const sent: unknown[] = []
  readable({ ...fresh(), comments: [...fresh().comments, ...between] })
  nock(ORIGIN).put('/api/v2/tickets/9041', body => sent.push(body) > 0).reply(200, stored(false))
  api('GET', '/tickets/9041/comments', 200, { comments: readBack, meta: { has_more: false } })
  return sent
}

function counted (
  to: nock.Interceptor, status: number, body: Json | string, headers: Record<string, string>
): () => number {
  const seen: string[] = []
  to.reply((uri: string) => {
    seen.push(uri)
    return [status, body, { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json', ...headers }]
  })
  return () => seen.length
}

type Trouble = 'hang' | 'cut' | 'half' | 'refuse'

/** A server that answers reads, and troubles the write. */
async function withServer (
  how: Trouble, use: (settings: Record<string, string>, puts: () => number) => Promise<void>
): Promise<void> {
  const { ticket, comments, audits, users } = fresh()
  const seen: string[] = []
  const server = createServer((request, response) => {
    if (request.method === 'PUT') {
      seen.push(request.url ?? '')
      if (how === 'cut') request.socket.destroy()
      if (how === 'half') response.writeHead(200, { 'content-type': 'application/json', 'content-length': 900 }).write('{"ti')
      if (how === 'half') setTimeout(() => request.socket.destroy(), 20)
      return
    }
    const audit = request.url?.includes('/audits') ?? false
    const list = request.url?.includes('/comments') ? { comments, users } : audit ? { audits } : { ticket }
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' })
    response.end(JSON.stringify({ ...list, meta: { has_more: false } }))
    if (how === 'refuse' && audit) server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  try {
    await use({ ...SETTINGS, ZENDESK_URL: `http://127.0.0.1:${address.port}` }, () => seen.length)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
