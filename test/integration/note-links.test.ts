// The links in a note: whoever holds one needs no login, sees one draft and nothing else, and acts only by pressing a
// button. Looking does nothing, pressing twice is once, and after seven days it is over.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { noteLinks } from '../../src/dashboard/note-links.ts'
import { layOutNoLink, layOutQuietForm } from '../../src/dashboard/note-page.ts'
import { speechIn } from '../../src/dashboard/note-page-words.ts'
import { openHttp } from '../../src/http/server.ts'
import { saveConnection } from '../../src/store/connections.ts'
import { recordDraft } from '../../src/store/drafts.ts'
import { recordEffect } from '../../src/store/effects.ts'
import { checkLink, findLinkKey, LINK_SECONDS, makeLink } from '../../src/store/links.ts'
import type { LinkPurpose } from '../../src/store/links.ts'
import type { EventFact, TicketEvent } from '../../src/types.ts'
import { makeKey } from '../../src/work/key.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { silent, tell, usualRules } from '../support/house.ts'

const ADMIN = 'an-admin-token-of-the-link-test'
const NOW = '2026-11-02T10:00:00Z'
const HOSTILE = '<script>alert(1)</script>'

let base: TestDatabase
let app: FastifyInstance
let linkKey: Buffer
let nowMs = Date.parse(NOW)
let sent: string[] = []
let made = 0

beforeAll(async () => {
  base = await openTestDatabase()
  await saveConnection(base.db, 'quay', 'zendesk')
  linkKey = await findLinkKey(base.db, null)
  app = await openHttp({ adminToken: ADMIN, log: silent })
  const queue = {
    send: async (_trx: unknown, jobs: Array<{ ticketId: string }>) => { sent.push(...jobs.map(j => j.ticketId)) },
    wake: () => {}
  }
  const rules = { highScore: 0.85, leastScore: 0.5 }
  await app.register(async scope => {
    await noteLinks(scope, { db: base.db, queue, linkKey, rules, language: 'en', now: async () => NOW, nowMs: () => nowMs })
  })
  await app.ready()
})
afterAll(async () => {
  await app.close()
  await base.close()
})
beforeEach(() => {
  nowMs = Date.parse(NOW)
  sent = []
})

test('the key is drawn once for all processes, and a key of the settings goes before', async () => {
  expect(await findLinkKey(base.db, null)).toEqual(linkKey)
  expect(linkKey.length).toBe(32)
  expect((await findLinkKey(base.db, 'a key that was set by the operator')).toString()).toBe('a key that was set by the operator')
})

test('a link shows one draft, escaped, without a login, and tells no other site its address', async () => {
  const { key, ticketId } = await draft()
  const { statusCode, headers, body } = await get(link('open', key))
  expect(statusCode).toBe(200)
  expect(body).toContain('Berth nine is free.')
  expect(body).toContain('&#60;script&#62;')
  expect(body).not.toContain(HOSTILE)
  expect(body).toContain(`/drafts/${key}`)
  expect(body).toContain(ticketId)
  expect(body).not.toContain('4711')                // a ticket behind the draft
  expect(body).not.toContain('Is berth nine free')  // nor the question itself
  expect(headers['referrer-policy']).toBe('same-origin')
  expect(headers['content-security-policy']).toContain("default-src 'none'")
  expect(headers['cache-control']).toBe('no-store')
  // The normal pages keep their door.
  expect((await get(`/drafts/${key}`)).statusCode).toBe(401)
})

test.each<[LinkPurpose]>([['open'], ['wrong'], ['quiet']])('looking at %s changes nothing, however often', async purpose => {
  const { key } = await draft()
  const before = await countAll()
  for (let i = 0; i < 3; i++) expect((await get(link(purpose, key))).statusCode).toBe(200)
  expect((await app.inject({ method: 'HEAD', url: link(purpose, key) })).statusCode).toBe(404)
  expect(await countAll()).toEqual(before)
  expect(sent).toEqual([])
})

test('a link of another purpose, draft, key or time is none', async () => {
  const { key } = await draft()
  const other = await draft()
  const good = link('open', key)
  const foreign = [
    good.replace('/open/', '/wrong/'), good.replace('/open/', '/quiet/'), good.replace(key, other.key),
    good.replace(/until=\d+/, `until=${Math.floor(nowMs / 1000) + 10 * LINK_SECONDS}`), good.replace(/sign=.+/, 'sign='), good.slice(0, -4),
    good.replace(/\?.*/, ''), makeLink(Buffer.alloc(32, 7), 'open', key, Math.floor(nowMs / 1000)), '/note/open/dl-nosuchdraft00?until=1&sign=x',
    link('open', 'dl-nosuchdraft00'), good.replace('/open/', '/delete/')
  ]
  const before = await countAll()
  for (const url of foreign) {
    const { statusCode, body } = await get(url)
    expect([url, statusCode]).toEqual([url, 404])
    expect(body).not.toContain('Berth nine is free')
    expect((await press(url, { reason: 'wrong', quiet: 'on' })).statusCode).toBe(404)
  }
  expect(await countAll()).toEqual(before)
})

test('after seven days it says so, offers the normal page, and does nothing any more', async () => {
  const { key, ticketId } = await draft()
  const url = link('wrong', key)
  nowMs += (LINK_SECONDS - 1) * 1000
  expect((await get(url)).statusCode).toBe(200)
  nowMs += 1000
  const { statusCode, body } = await get(url)
  expect(statusCode).toBe(410)
  expect(body).toContain('This link has expired')
  expect(body).toContain(`/drafts/${key}`)
  expect(body).not.toContain('Berth nine is free')
  expect((await press(url, { reason: 'wrong' })).statusCode).toBe(410)
  expect(await flagsOf(ticketId)).toEqual([])
})

test('wrong or outdated: said once, heard once, and shown', async () => {
  const { key, ticketId } = await draft()
  const url = link('wrong', key)
  const answer = await press(url, { reason: 'outdated', comment: `The price is 30 now ${HOSTILE}` })
  expect([answer.statusCode, answer.headers.location]).toEqual([303, url])
  await press(url, { reason: 'tone', comment: 'again' })
  expect(await flagsOf(ticketId)).toEqual([[key, 'outdated', `The price is 30 now ${HOSTILE}`]])
  const { rows } = await sql<{ fact: unknown, key: string }>`select key, fact from event where ticket_id = ${ticketId} and kind = 'flagged'`.execute(base.db)
  expect(rows).toEqual([{ key: `flagged:${key}`, fact: { questionId: 'turn-1', reason: 'outdated' } }])
  expect(sent).toEqual([ticketId])
  const { body } = await get(url)
  expect(body).toContain('Noted: It was right once and is outdated')
  expect(body).toContain('The price is 30 now &#60;script&#62;')
  expect(body).not.toContain('<form')
})

test('two who press at once are one', async () => {
  const { key, ticketId } = await draft()
  await Promise.all(Array.from({ length: 6 }, () => press(link('wrong', key), { reason: 'wrong' })))
  expect(await flagsOf(ticketId)).toHaveLength(1)
  expect(sent).toEqual([ticketId])
})

test('no drafts on this ticket: what waits is not written; it can be taken back', async () => {
  const { key, ticketId } = await draft()
  await base.db.transaction().execute(trx => recordEffect(trx, {
    id: randomUUID(), kind: 'note', connection: 'quay', ticketId, cause: 'q', marker: key, payload: {}, skipped: null
  }))
  const url = link('quiet', key)
  expect((await get(url)).body).toContain('No drafts on this ticket</button>')
  for (let i = 0; i < 2; i++) expect((await press(url, { quiet: 'on' })).statusCode).toBe(303)
  expect(await quietOf(ticketId)).toEqual([true, 'skipped'])
  expect((await get(url)).body).toContain('Write drafts here again</button>')
  await press(url, { quiet: 'off' })
  expect(await quietOf(ticketId)).toEqual([false, 'skipped'])
})

test('what is no answer to the question is refused', async () => {
  const { key } = await draft()
  const before = await countAll()
  for (const [purpose, form] of [['wrong', { reason: 'because' }], ['wrong', {}], ['quiet', { quiet: 'maybe' }], ['quiet', {}]] as const) {
    expect((await press(link(purpose, key), form)).statusCode).toBe(400)
  }
  expect((await press(link('open', key), { reason: 'wrong' })).statusCode).toBe(405)
  expect((await press(link('wrong', key), { reason: 'wrong', comment: 'x'.repeat(20_000) })).statusCode).toBe(413)
  const json = { method: 'POST', url: link('wrong', key), payload: { reason: 'wrong' } } as const
  expect((await app.inject(json)).statusCode).toBe(400)
  expect(await countAll()).toEqual(before)
})

test('a form of another site is refused, one of our own page is taken', async () => {
  const { key, ticketId } = await draft()
  const url = link('wrong', key)
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://elsewhere.example' }, { origin: 'null' }]) {
    expect([headers, (await press(url, { reason: 'wrong' }, headers)).statusCode]).toEqual([headers, 403])
  }
  expect(await flagsOf(ticketId)).toEqual([])
  expect((await press(url, { reason: 'wrong' }, { origin: 'http://deskloop.test', host: 'deskloop.test' })).statusCode).toBe(303)
  expect(await flagsOf(ticketId)).toHaveLength(1)
})

test('the draft of a deleted ticket is not shown', async () => {
  const { key, ticketId } = await draft()
  await tell(base.db, usualRules(), [event(ticketId, { kind: 'deleted' })])
  for (const purpose of ['open', 'wrong'] as const) expect((await get(link(purpose, key))).body).not.toContain('Berth nine is free')
})

test('a link is checked in the order of right first, time second', () => {
  const now = Math.floor(nowMs / 1000)
  const url = new URL(makeLink(linkKey, 'quiet', 'dl-a', now), 'http://deskloop.test')
  const parts = { purpose: 'quiet' as const, draftKey: 'dl-a', until: Number(url.searchParams.get('until')), sign: url.searchParams.get('sign') ?? '' }
  expect(checkLink(linkKey, parts, now)).toBe('valid')
  expect(checkLink(linkKey, parts, now + LINK_SECONDS)).toBe('expired')
  expect(checkLink(linkKey, { ...parts, draftKey: 'dl-b' }, now + LINK_SECONDS)).toBe('foreign')
})

async function draft (): Promise<{ key: string, ticketId: string }> {
  const [key, ticketId] = [makeKey(), String(++made)]
  await tell(base.db, usualRules(), [event(ticketId, { kind: 'asked', messageId: 'q', text: 'Is berth nine free', person: { id: 'p' } })])
  await base.db.transaction().execute(trx => recordDraft(trx, {
    connection: 'quay', ticketId, questionId: 'q', turnId: 'turn-1', key, askedAt: '2026-11-02T09:00:00Z', basis: 'q', language: 'en',
    text: `Berth nine is free.\n${HOSTILE}`, topic: `berth ${HOSTILE}`, score: 0.9, threshold: 0.5, action: 'note', reason: 'sure',
    sources: [{ connection: 'quay', ticketId: '4711', similarity: 0.9 }]
  }))
  return { key, ticketId }
}

function event (ticketId: string, fact: EventFact): TicketEvent {
  return { key: fact.kind, connection: 'quay', ticketId, at: '2026-11-02T09:00:00Z', ...fact }
}

function link (purpose: LinkPurpose, key: string): string {
  return makeLink(linkKey, purpose, key, Math.floor(Date.parse(NOW) / 1000))
}

async function get (url: string): Promise<LightMyRequestResponse> {
  return await app.inject({ method: 'GET', url })
}

async function press (
  url: string, form: Record<string, string>, headers: Record<string, string> = {}
): Promise<LightMyRequestResponse> {
  const payload = new URLSearchParams(form).toString()
  return await app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } })
}

async function flagsOf (ticketId: string): Promise<string[][]> {
  const rows = await base.db.selectFrom('draft_flag').selectAll().where('ticket_id', '=', ticketId).execute()
  return rows.map(r => [r.key, r.reason, r.comment])
}

async function quietOf (ticketId: string): Promise<unknown[]> {
  const { rows } = await sql<{ quiet: boolean, state: string }>`select t.quiet, e.state from ticket t join effect e on e.ticket_id = t.ticket_id
    where t.ticket_id = ${ticketId}`.execute(base.db)
  return rows.flatMap(r => [r.quiet, r.state])
}

async function countAll (): Promise<unknown> {
  const { rows } = await sql`select (select count(*) from draft_flag) as flags, (select count(*) from event) as events,
    (select count(*) from ticket where quiet) as quiet, (select sum(rev) from ticket) as rev`.execute(base.db)
  return rows[0]
}

test('the pages speak the language of the agents, and English where we have no words', () => {
  const draft = {
    key: 'dl-i2ynwd7vkj5qj', ticketId: '7', topic: 'berth', language: 'en', text: 'Berth nine.', score: 0.9, askedAt: NOW,
    replacedBy: null, outcome: null, isGone: false
  }
  const german = layOutQuietForm(draft, false, '/note', speechIn('de'))
  expect(german).toContain('<html lang="de">')
  expect(german).toContain('Keine Entwürfe in diesem Ticket')
  expect(german).not.toMatch(/drafts|ticket is meant/)
  expect(layOutNoLink('expired', null, speechIn('ja'))).toContain('<html lang="en">')
  expect(layOutNoLink('expired', null, speechIn('toString'))).toContain('This link has expired')
})
