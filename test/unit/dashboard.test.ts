// The dashboard as a reader meets it: through the server's door, with its policy, on rows made up here. Nothing that a
// customer wrote becomes markup.
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { topicPages } from '../../src/dashboard/topic-pages.ts'
import { accuracyPages } from '../../src/dashboard/accuracy-pages.ts'
import { learningPages } from '../../src/dashboard/learning-pages.ts'
import { dashboard } from '../../src/dashboard/pages.ts'
import { openHttp } from '../../src/http/server.ts'
import { openLog } from '../../src/log.ts'
import { ensurePartitions } from '../../src/store/partitions.ts'
import type { TestDatabase } from '../support/database.ts'
import { openTestDatabase } from '../support/database.ts'
import { usualRules } from '../support/house.ts'

const HOSTILE = '<script>alert("it\'s")</script>'

interface Row {
  ticketId?: string, questionId?: string, key?: string, askedAt?: string, topic?: string, text?: string, score?: number
  threshold?: number, action?: 'note' | 'silent', reason?: string, language?: string, notedAt?: string | null
  outcome?: 'as_is' | 'edited' | 'replaced' | null, seen?: 'seen' | 'too_late' | 'silent' | null, similarity?: number
  reward?: number, sources?: Array<{ connection: string, ticketId: string, similarity: number }>
}

let database: TestDatabase
let app: FastifyInstance
let drafts = 0

beforeEach(async () => {
  database = await openTestDatabase()
  app = await openHttp({ adminToken: null, log: openLog('silent') })
  await app.register(async scope => { await dashboard(scope, { db: database.db }) })
  await app.register(async scope => {
    await topicPages(scope, { db: database.db, findMind: async () => null, change: async () => null })
  })
  const nobody = async (): Promise<never> => { throw new Error('nobody decides here') }
  const decider = { item: nobody, goBack: nobody, admit: nobody, topic: nobody, preview: nobody }
  const now = async (): Promise<string> => '2026-11-22T09:10:00Z'
  await app.register(async scope => { await learningPages(scope, { db: database.db, decider, now }) })
  await app.register(async scope => {
    await accuracyPages(scope, { db: database.db, rules: usualRules(), now, findMind: async () => null })
  })
  drafts = 0
})

afterEach(async () => {
  await app.close()
  await database.close()
})

async function read (path: string): Promise<string> {
  const answer = await app.inject({ url: path })
  expect([path, answer.statusCode]).toEqual([path, 200])
  return answer.body
}

async function addConnection (pausedWhy: string | null = null): Promise<void> {
  await database.db.insertInto('connection').values({
    name: 'zendesk', connector: 'zendesk', paused_why: null
  }).execute()
  if (pausedWhy !== null) await database.db.insertInto('account_pause').values({ account: 'zendesk', kind: 'public', why: pausedWhy }).execute()
}

async function addDraft (row: Row = {}): Promise<string> {
  const n = String(++drafts).padStart(13, 'a')
  const key = row.key ?? `dl-${n}`
  await database.db.insertInto('draft').values({
    connection: 'zendesk', ticket_id: row.ticketId ?? `T${n}`, question_id: row.questionId ?? `Q${n}`, key,
    asked_at: row.askedAt ?? '2026-11-18T09:10:00Z', basis: 'm1', language: row.language ?? 'en',
    text: row.text ?? 'Open Settings and choose Kilns.', topic: row.topic ?? 'kiln booking', score: row.score ?? 0.91,
    threshold: row.threshold ?? 0.7, action: row.action ?? 'note', reason: row.reason ?? 'it scored enough',
    sources: JSON.stringify(row.sources ?? []), noted_at: row.notedAt ?? null, outcome: row.outcome ?? null,
    seen: row.seen ?? null, similarity: row.similarity ?? null, reward: row.reward ?? null,
    answered_at: row.outcome == null ? null : '2026-11-18T09:30:00Z', answer_id: row.outcome == null ? null : 'm2'
  }).execute()
  return key
}

async function addNote (key: string, ticketId: string, questionId: string, state: 'pending' | 'done' | 'parked', reason: string | null): Promise<void> {
  await database.db.insertInto('effect').values({
    id: randomUUID(), kind: 'note', connection: 'zendesk', ticket_id: ticketId, cause: questionId, marker: key,
    payload: '{}', state, vendor_id: null, reason
  }).execute()
}

async function addEvent (ticketId: string, kind: string, at: string, fact: object): Promise<void> {
  await ensurePartitions(database.db, [], [at])
  await database.db.insertInto('event').values({
    connection: 'zendesk', ticket_id: ticketId, key: `${kind} ${at}`, at, kind, fact: JSON.stringify(fact), rev: 1
  }).execute()
}

async function addAnswered (many: number, row: Row): Promise<void> {
  for (let i = 0; i < many; i++) await addDraft(row)
}

test('an empty house says what to do next and measures nothing', async () => {
  const page = await read('/')
  expect(page).toContain('No helpdesk is connected yet.')
  expect(page).toContain('No question has been answered yet.')
  expect(page).toContain('There are no drafts yet.')
  expect(page).not.toMatch(/>\s*0 %|NaN|null|undefined/)
  expect(await read('/drafts')).toContain('There are no drafts yet.')
})

test('a connected helpdesk that was never heard is told where to deliver', async () => {
  await addConnection()
  const page = await read('/')
  expect(page).toContain('No webhook has arrived yet: connect a helpdesk.')
  expect(page).toContain('/hooks/zendesk')
  expect(page).not.toContain('Needs a person')
})

test('a stopped connection and a stopped note ask for a person', async () => {
  await addConnection('note 7 of ticket 9 was read back as public')
  const key = await addDraft({ ticketId: '9', questionId: 'q9' })
  await addNote(key, '9', 'q9', 'parked', `refused ${HOSTILE}`)
  const page = await read('/')
  expect(page).toContain('Needs a person')
  expect(page).toContain('note 7 of ticket 9 was read back as public')
  expect(page).toContain('POST /v1/connections/zendesk/resume')
  expect(page).toContain(`<a href="/drafts/${key}" title="refused &#60;script&#62;`)
  expect(await read(`/drafts/${key}`)).toContain('a person must look: refused &#60;script&#62;')
})

test('the headline counts notes seen in time, with what they were counted from', async () => {
  await addConnection()
  await addAnswered(12, { outcome: 'as_is', seen: 'seen', similarity: 1, reward: 1 })
  await addAnswered(6, { outcome: 'edited', seen: 'seen', similarity: 0.8, reward: 0.83 })
  await addAnswered(6, { outcome: 'replaced', seen: 'seen', similarity: 0.1, reward: 0 })
  await addAnswered(8, { outcome: 'as_is', seen: 'too_late', similarity: 1, reward: 1 })
  await addAnswered(18, { action: 'silent', outcome: 'edited', seen: 'silent', similarity: 0.8, reward: 0.83 })
  const page = await read('/')
  expect(page).toContain('75 % <small>55–88 %</small>')
  expect(page).toContain('18 of 24 notes seen in time')
  expect(page).toMatch(/As is <b>50 %<\/b>.*Edited <b>25 %<\/b>.*Replaced <b>25 %<\/b>/)
  expect(page).toMatch(/>25 %<\/p>\s*<p class="of">8 of 32 notes with an answer/)
  expect(page).toMatch(/>36 %<\/p>\s*<p class="of">18 of 50 questions/)
  expect(page).toContain('<b>44</b> of <b>50</b> answered questions')
  expect(page).toMatch(/<td class="text"><time datetime="2026-11-16">16 Nov 2026<\/time>/)
  expect(page).toContain('88 % <small>44/50</small>')
  expect(page).toContain('+3 pt')
})

test('nothing that people wrote becomes markup, on any page', async () => {
  await addConnection(HOSTILE)
  const key = await addDraft({
    ticketId: HOSTILE, questionId: HOSTILE, topic: HOSTILE, text: HOSTILE, reason: HOSTILE, language: HOSTILE,
    sources: [{ connection: HOSTILE, ticketId: HOSTILE, similarity: 0.4 }], outcome: 'edited', seen: 'seen', similarity: 0.5
  })
  await addNote(key, HOSTILE, HOSTILE, 'pending', HOSTILE)
  await addEvent(HOSTILE, 'asked', '2026-11-18T09:10:00Z', { messageId: HOSTILE, text: `asked ${HOSTILE}`, person: { id: 'p' } })
  await addEvent(HOSTILE, 'answered', '2026-11-18T09:30:00Z', { messageId: 'm2', agentId: 'a', by: 'human', text: `sent ${HOSTILE}` })
  for (const path of ['/', '/drafts', `/drafts/${key}`]) {
    const page = await read(path)
    expect(page).not.toMatch(/<script|it's/i)
    expect(page).toContain('&#60;script&#62;alert(&#34;it&#39;s&#34;)&#60;/script&#62;')
  }
  const page = await read(`/drafts/${key}`)
  expect(page).toContain('asked &#60;script&#62;')
  expect(page).toContain('sent &#60;script&#62;')
})

test('the pages keep to the policy that they are sent with', async () => {
  await addConnection()
  await addAnswered(25, { outcome: 'as_is', seen: 'seen', similarity: 1, reward: 1 })
  const key = await addDraft()
  for (const path of ['/', '/drafts', `/drafts/${key}`, '/accuracy']) {
    const answer = await app.inject({ url: path })
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.headers['content-security-policy']).toContain("style-src 'self'")
    expect(answer.body).not.toMatch(/<script|<style|\sstyle=|\son\w+=/)
    const targets = [...answer.body.matchAll(/(?:href|src|srcset)="([^"]*)"/g)].map(m => m[1] ?? '')
    expect(targets.filter(t => !/^[/#](?!\/)/.test(t))).toEqual([])
    for (const target of new Set(targets.filter(t => t.startsWith('/')))) await read(target)
  }
})

test('pictures and styles come with headers of their own', async () => {
  const picture = await app.inject({ url: '/charts/curve-dark.svg' })
  expect(picture.headers['content-type']).toBe('image/svg+xml')
  expect(picture.headers['content-security-policy']).toContain('sandbox')
  expect((await app.inject({ url: '/assets/style.css' })).headers['content-type']).toContain('text/css')
  for (const path of ['/charts/other.svg', '/charts/constructor', '/assets/..%2fpages.ts', '/assets/toString']) {
    expect([path, (await app.inject({ url: path })).statusCode]).toEqual([path, 404])
  }
})

test('paging shows every draft once, also those of one second', async () => {
  const keys = []
  for (let i = 0; i < 120; i++) keys.push(await addDraft({ askedAt: i < 110 ? '2026-11-18T09:10:00Z' : '2026-11-17T09:10:00Z' }))
  const shown: string[] = []
  let path: string | undefined = '/drafts'
  for (let pages = 0; path !== undefined && pages < 10; pages++) {
    const page = await read(path)
    shown.push(...[...page.matchAll(/href="\/drafts\/(dl-\w+)"/g)].map(m => m[1] ?? ''))
    path = /<a rel="next" href="([^"]+)"/.exec(page)?.[1]
  }
  expect(shown).toHaveLength(120)
  expect([...shown].sort()).toEqual(keys.sort())
})

test('before may be a plain instant; anything else is refused', async () => {
  const newer = await addDraft({ askedAt: '2026-11-18T09:10:00Z' })
  const older = await addDraft({ askedAt: '2026-11-18T09:09:59Z' })
  const page = await read('/drafts?before=2026-11-18T09:10:00Z')
  expect(page).toContain(older)
  expect(page).not.toContain(newer)
  expect(await read('/drafts?before=2020-01-01T00:00:00Z')).toContain('There are no older drafts.')
  for (const before of ['yesterday', '', '2026-11-18T09:10:00Z,%00', '2026-11-18T09:10:00Z&before=2026-11-18T09:10:00Z']) {
    expect([before, (await app.inject({ url: `/drafts?before=${before}` })).statusCode]).toEqual([before, 400])
  }
})

test('a draft that is not there is a page that says so', async () => {
  for (const key of ['dl-aaaaaaaaaaaaa', 'dl-%00', '%3Cscript%3E']) {
    const answer = await app.inject({ url: `/drafts/${key}` })
    expect([key, answer.statusCode]).toEqual([key, 404])
    expect(answer.body).toContain('There is no such draft.')
  }
})

test('the page of a draft tells its whole story', async () => {
  await addConnection()
  const source = await addDraft({ ticketId: '40' })
  const key = await addDraft({
    ticketId: '41', questionId: 'q41', text: 'The kiln costs 12 EUR an hour, and you can book it under Kilns.', score: 0.72,
    notedAt: '2026-11-18T09:10:04Z', outcome: 'edited', seen: 'seen', similarity: 0.9, reward: 0.3,
    sources: [{ connection: 'zendesk', ticketId: '40', similarity: 0.66 }, { connection: 'zendesk', ticketId: '39', similarity: 0.5 }]
  })
  await addNote(key, '41', 'q41', 'done', null)
  await addEvent('41', 'asked', '2026-11-18T09:09:50Z', { messageId: 'q41', text: 'What is the kiln?', person: { id: 'p' } })
  await addEvent('41', 'answered', '2026-11-18T09:30:00Z', {
    messageId: 'm2', agentId: 'a', by: 'human', text: 'The kiln costs 14 EUR an hour, and you can book it under Kilns.'
  })
  await database.db.insertInto('signal').values({
    connection: 'zendesk', ticket_id: '41', question_id: 'q41', step: 's', kind: 'reopened', value: 0, weight: 0.8, at: '2026-11-19T10:00:00Z'
  }).execute()
  const page = await read(`/drafts/${key}`)
  expect(page).toContain('Medium <small>72 %</small>')
  expect(page).toContain('What is the kiln?')
  expect(page).toContain('12 EUR')
  expect(page).toContain('14 EUR')
  expect(page).toContain('A number or an address differs from the draft')
  expect(page).toContain('edited 90 %')
  expect(page).toContain('not fitting (reward 30 %)')
  expect(page).toContain('<time datetime="2026-11-18T09:10:04Z">18 Nov 2026 09:10</time>')
  expect(page).toContain(`<a href="/drafts/${source}">zendesk #40</a>`)
  expect(page).toMatch(/<td class="text">zendesk #39<\/td>/)
  expect(page).toContain('the ticket was reopened')
})

test('silence is explained, and a threshold that nothing can reach is a dash', async () => {
  const key = await addDraft({ text: '', score: 0, threshold: 1, action: 'silent', reason: 'no past question is like this one' })
  const page = await read(`/drafts/${key}`)
  expect(page).toContain('Why silent')
  expect(page).toContain('no past question is like this one')
  expect(page).toContain('Nothing was proposed.')
  expect(page).not.toMatch(/0 %|100 %/)
})

test('nothing of a deleted ticket is shown again', async () => {
  const key = await addDraft({ ticketId: '50', questionId: 'q50' })
  await addEvent('50', 'asked', '2026-11-18T09:09:50Z', { messageId: 'q50', text: 'my card number', person: { id: 'p' } })
  await addEvent('50', 'deleted', '2026-11-18T10:00:00Z', {})
  const page = await read(`/drafts/${key}`)
  expect(page).not.toContain('my card number')
  expect(page).toContain('The question is not shown.')
})
