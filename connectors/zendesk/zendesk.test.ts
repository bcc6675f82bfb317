// Zendesk's webhooks, by fixtures, and the smaller questions a helpdesk is asked, answered by nock.

import { createHmac } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import nock from 'nock'
import { GiveUp } from '../../src/errors.ts'
import type { Article } from '../../src/types.ts'
import zendesk from './index.ts'
import { api, collect, failure, helpdesk, keepInside, ORIGIN, SETTINGS } from './scripted-ticket.ts'
import { recordOf, stringOf } from './shapes.ts'
import type { Json } from './shapes.ts'

const fixtures = readdirSync(new URL('./fixtures/', import.meta.url)).map(name => ({ name, ...readFixture(name) }))

keepInside()

describe('webhooks', () => {
  test.each(fixtures)('$name', ({ body, events }) => {
    expect(zendesk.normalize(body, 'main')).toEqual(events)
  })

  test('whatever arrives, normalizing neither throws nor depends on chance', () => {
    const anyBody = fc.oneof(fc.jsonValue(), fc.constantFrom(...fixtures).chain(({ body }) =>
      fc.tuple(fc.constantFrom(...pathsOf(body)), fc.jsonValue()).map(([path, value]) => replaced(body, path, value))))
    fc.assert(fc.property(anyBody, body => {
      const before = JSON.stringify(body)
      const events = zendesk.normalize(body, 'main')
      expect(zendesk.normalize(JSON.parse(before), 'main')).toEqual(events)
      expect(JSON.stringify(body)).toBe(before)
      for (const { ticketId } of events) expect(ticketId).toMatch(/^[1-9]\d*$/)
      zendesk.identify(body)
    }), { numRuns: 2_000 })
  })

  test('an object whose own toString is no function does no harm', () => {
    const body = { ...fixtures.find(one => one.name === 'status-solved.json')?.body, time: { toString: 1, valueOf: 1 } }
    expect(zendesk.normalize(body, 'main')).toEqual([{ kind: 'look', ticketId: '9041' }])
  })

  test('a delivery is known by the id inside the signed body, a trigger by nothing', () => {
    expect(zendesk.identify({ id: 'c0ffee', type: 'zen:event-type:ticket.created' })).toBe('c0ffee')
    expect(zendesk.identify({ schema: 'deskloop.zendesk.trigger/1', ticket_id: '1' })).toBeNull()
  })

  test('the signature is over timestamp and body, as Zendesk writes it', () => {
    const { signature } = zendesk
    if (signature.kind !== 'hmac') throw new Error('Zendesk signs its webhooks')
    expect(signature).toMatchObject({ header: 'x-zendesk-webhook-signature', secret: 'ZENDESK_WEBHOOK_SECRET' })
    expect(signature.timestamp).toBe('x-zendesk-webhook-signature-timestamp')
    // The vendor's public test secret, used as it is and not decoded
    const digest = createHmac(signature.hash, 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==')
      .update('2026-11-20T08:30:45Z').update('{"a":1}').digest(signature.encoding)
    expect(digest).toBe('HGjah5d9s4+MpPgpPx9MEvsF+kKv/Wm9wBbGkH7bAOU=')
  })
})

describe('everything else', () => {
  test('we know who we are, and notice when nobody does', async () => {
    nock(ORIGIN, { reqheaders: { authorization: `Basic ${Buffer.from('loop@example.org/token:t0k').toString('base64')}` } })
      .get('/api/v2/users/me.json').reply(200, { user: { id: 3, name: 'Deskloop' } })
    expect(await helpdesk().fetchSelf()).toEqual({ id: '3', name: 'Deskloop' })
    api('GET', '/users/me.json', 200, { user: { id: null, name: 'Anonymous user' } })
    await expect(helpdesk().fetchSelf()).rejects.toBeInstanceOf(GiveUp)
    api('GET', '/users/me.json', 429, {}, { 'retry-after': '7' })
    await expect(helpdesk().fetchSelf()).rejects.toMatchObject({ waitMs: 7_000 })
  })

  test('an OAuth token goes first, and its refusal names it', async () => {
    nock(ORIGIN, { reqheaders: { authorization: 'Bearer oa' } }).get('/api/v2/search/count').query(true).reply(403, { error: { title: 'Forbidden' } })
    const desk = zendesk.open({ ...SETTINGS, ZENDESK_OAUTH_TOKEN: 'oa' }, 'main')
    const error = await failure(desk.countTickets('2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z'))
    expect(error).toBeInstanceOf(GiveUp)
    expect(error.message).toContain('(403 on GET /search/count): renew ZENDESK_OAUTH_TOKEN')
  })

  test.each([
    { ZENDESK_URL: 'acme' }, { ZENDESK_URL: 'http://acme.zendesk.test' }, { ZENDESK_API_TOKEN: '' }
  ])('cannot be opened with %j', wrong => {
    expect(() => zendesk.open({ ...SETTINGS, ...wrong }, 'main')).toThrow(GiveUp)
  })

  test('a read that fails is an ordinary failure, and a giant answer is refused', async () => {
    const count = () => failure(helpdesk().countTickets('2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z'))
    const words = { 500: '500 on GET /search/count', giant: 'did not answer', html: 'no JSON object' }
    for (const reply of [500, 'giant', 'html'] as const) {
      const get = nock(ORIGIN).get('/api/v2/search/count').query(true)
      if (reply === 500) get.reply(500, '<html>')
      else if (reply === 'giant') get.reply(200, { count: 1, pad: 'x'.repeat(6 << 20) })
      else get.reply(200, '{"count":1}', { 'content-type': 'text/html' })
      const error = await count()
      expect(error.name).toBe('Error')
      expect(error.message).toContain(words[reply])
    }
  })

  test('tickets are counted by Zendesk itself', async () => {
    nock(ORIGIN).get('/api/v2/search/count')
      .query({ query: 'type:ticket created>=2026-11-01T00:00:00Z created<2026-11-02T00:00:00Z' }).reply(200, { count: 17 })
    expect(await helpdesk().countTickets('2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z')).toBe(17)
  })

  test('knowledge is articles and macros, and a missing help centre is no failure', async () => {
    const article = {
      id: 501, title: 'Export', body: '<p>Ask for the <b>right</b>.</p>', html_url: `${ORIGIN}/hc/501`, locale: 'en-us', draft: false,
      user_segment_id: null, edited_at: '2026-11-02T00:00:00Z', updated_at: '2026-11-05T00:00:00Z'
    }
    const macro = (id: number, actions: Json[], updated = '2026-11-03T00:00:00Z') => ({ id, title: 'Export', active: true, updated_at: updated, actions, restriction: null })
    const macros = () => api('GET', '/macros', 200, {
      macros: [
        macro(601, [{ field: 'comment_value_html', value: '<p>Hi</p>' }]), macro(602, [{ field: 'status', value: 'open' }]),
        macro(603, [{ field: 'comment_value', value: ['channel:all', 'For us'] }, { field: 'comment_mode_is_public', value: 'false' }]),
        macro(604, [{ field: 'comment_value', value: 'old' }], '2026-10-01T00:00:00Z')
      ],
      meta: { has_more: false }
    })
    const at = (start: number, body: Json) => nock(ORIGIN).get('/api/v2/help_center/incremental/articles').query({ start_time: start }).reply(200, body)
    at(1793491200, { articles: [article], next_page: 'next', end_time: 1793836800 })
    at(1793836800, { articles: [article, { ...article, id: 502, user_segment_id: 4 }], next_page: 'next', end_time: 1793836800 })
    macros()
    const found: Article[] = await collect(helpdesk().fetchKnowledge('2026-11-01T00:00:00Z'))
    expect(found.map(one => [one.id, one.kind, one.text, one.public])).toEqual([
      ['501', 'article', 'Ask for the right.', true], ['502', 'article', 'Ask for the right.', false],
      ['601', 'macro', 'Hi', true], ['603', 'macro', 'For us', false]
    ])
    nock(ORIGIN).get('/api/v2/help_center/incremental/articles').query(true).reply(404, '<html>')
    macros()
    expect((await collect(helpdesk().fetchKnowledge())).length).toBe(3)
  })
})

function readFixture (name: string): { source: string, body: Json, events: unknown[] } {
  const { source, body, events } = recordOf(JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')))
  if (!Array.isArray(events) || stringOf(source) === '') throw new Error(`${name} is no fixture`)
  return { source: stringOf(source), body: recordOf(body), events }
}

function pathsOf (value: unknown, path: string[] = []): string[][] {
  const inner = Object.entries(recordOf(value)).flatMap(([name, one]) => pathsOf(one, [...path, name]))
  return [path, ...inner]
}

function replaced (value: unknown, path: string[], by: unknown): unknown {
  const [name, ...rest] = path
  return name === undefined ? by : { ...recordOf(value), [name]: replaced(recordOf(value)[name], rest, by) }
}
