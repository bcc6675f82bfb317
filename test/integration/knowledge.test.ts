// What the team has written down and what people say of topics, on a real database: recorded as thoughts, so that live
// gives the drafts of the backtest with the same articles, and a mind thrown away comes back the same.
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { topicPages } from '../../src/dashboard/topic-pages.ts'
import { changeTopic, topicApi } from '../../src/http/topics.ts'
import { runBacktest } from '../../src/learn/backtest.ts'
import type { Story } from '../../src/learn/backtest.ts'
import type { Lesson } from '../../src/learn/taught.ts'
import { saveConnection } from '../../src/store/connections.ts'
import type { Article, Instant } from '../../src/types.ts'
import { findMind, keepMind } from '../../src/work/mind.ts'
import { keepKnowledge, readKnowledge } from '../../src/work/knowledge.ts'
import { thinkOnce } from '../../src/work/think.ts'
import type { ThinkDeps } from '../../src/work/think.ts'
import { makeDemoArchive } from '../../scripts/demo/demo-archive.ts'
import { shareOut, storiesOf } from '../../scripts/share-out.ts'
import { openTestDatabase } from '../support/database.ts'
import type { TestDatabase } from '../support/database.ts'
import { EAGER, scriptDesk, silent, tell, usualRules } from '../support/house.ts'

const rules = usualRules(EAGER)
const HANDOVER = 'https://help.quayside.example/hc/en-us/articles/9000-handover'
const stories = storiesOf(shareOut(makeDemoArchive(2).slice(0, 60)))
  .map((story, i) => i < 15 || i % 3 === 2 ? story : linking(story))
const events = stories.flatMap(story => story.events)
const end = events.reduce((last, e) => e.at > last ? e.at : last, '')
const begin: Instant = '2026-01-01T00:00:00Z'

const macro: Article = {
  id: '5', kind: 'macro', title: 'Reset', public: true, updatedAt: begin, language: 'en',
  text: 'Choose Forgot password on the sign-in page; the link works for one hour.'
}
const article: Article = {
  id: '8', kind: 'article', title: 'Quarantine', public: false, updatedAt: begin, language: 'en', url: 'https://help.quayside.example/8',
  text: `${firstQuestion()} In this case staff may release it from quarantine.`
}

// An internal article in the words of a question that is asked in the archive
function firstQuestion (): string {
  const asked = events.find(e => e.kind === 'asked' && e.text.length > 80)
  return asked?.kind === 'asked' ? asked.text : ''
}

// Its words are in no question: only that agents link to it speaks for it.
const linked: Article = {
  id: '9', kind: 'article', title: 'Zwx', public: true, updatedAt: begin, language: 'en', url: HANDOVER, text: 'Zwx qvw.'
}

function linking (story: Story): Story {
  return {
    ...story,
    events: story.events.map(e => {
      return e.kind === 'answered' ? { ...e, text: `${e.text}\n\nSee ${HANDOVER.replace('en-us', 'de')}?x=1.` } : e
    })
  }
}

let base: TestDatabase
let known: Article[]

beforeEach(async () => {
  base = await openTestDatabase()
  known = [macro, article]
  for (const name of ['zendesk', 'intercom', 'freshdesk']) await saveConnection(base.db, name, name)
})
afterEach(async () => { await base.close() })

function desk (breaks = false): Parameters<typeof readKnowledge>[0] {
  const { helpdesk } = scriptDesk({
    async * fetchKnowledge () {
      for (const one of known) yield one
      if (breaks) throw new Error('the line is cut')
    }
  })
  return { db: base.db, log: silent, helpdesks: new Map([['zendesk', helpdesk]]), now: async () => begin }
}

function thinker (): ThinkDeps {
  return { db: base.db, log: silent, keeper: keepMind(rules), rules, mode: 'draft', replay: false }
}

async function thinkThrough (deps: ThinkDeps): Promise<void> {
  while (await thinkOnce(deps, end) > 0) { /* until nothing is due */ }
}

async function listDrafts (): Promise<unknown[][]> {
  const rows = await base.db.selectFrom('draft')
    .select(['connection', 'ticket_id', 'question_id', 'text', 'score', 'topic', 'articles'])
    .orderBy('connection').orderBy('ticket_id').orderBy('question_id').execute()
  return rows.map(r => [`${r.connection}/${r.ticket_id}/${r.question_id}`, r.text, r.score, r.topic, r.articles])
}

test('live with articles gives the drafts of the backtest with the same articles, and another thinker the same mind', async () => {
  known.push(linked)
  expect(await readKnowledge(desk(), 'zendesk')).toEqual({ articles: 3, changed: 3 })
  await tell(base.db, rules, events)
  const deps = thinker()
  await thinkThrough(deps)
  const lessons: Lesson[] = known.map(fact => ({ kind: 'article', at: begin, fact: { ...fact, connection: 'zendesk' } }))
  const byKey = (a: unknown[], b: unknown[]): number => String(a[0]) < String(b[0]) ? -1 : 1
  const expected = [...runBacktest(stories, rules, end, undefined, lessons)].map(({ where, questionId, draft }) =>
    [`${where.connection}/${where.ticketId}/${questionId}`, draft.text, draft.score, draft.topic, draft.articles]).sort(byKey)
  expect((await listDrafts()).sort(byKey)).toEqual(expected)
  expect(expected.some(d => JSON.stringify(d[4]).includes('Quarantine'))).toBe(true)
  expect(expected.some(d => String(d[1]).includes('staff may release'))).toBe(false)
  expect(expected.filter(d => /"Zwx".*"chance":0\.[2-9]/.test(JSON.stringify(d[4]))).length).toBeGreaterThan(10)
  const other = keepMind(rules)
  const again = await base.db.transaction().execute(trx => other.current(trx))
  expect(JSON.stringify(again)).toBe(JSON.stringify(deps.keeper.glance()))
})

test('what did not change is recorded once; what changed or is gone makes an edition; half a list makes none', async () => {
  expect((await readKnowledge(desk(), 'zendesk')).changed).toBe(2)
  expect((await readKnowledge(desk(), 'zendesk')).changed).toBe(0)
  known = [{ ...macro, text: `${macro.text} Ask us if it has expired.` }]
  await expect(readKnowledge(desk(true), 'zendesk')).rejects.toThrow('the line is cut')
  expect((await readKnowledge(desk(), 'zendesk')).changed).toBe(2)
  const rows = await base.db.selectFrom('article').select(['article_id', 'gone']).orderBy('edition').execute()
  expect(rows.map(r => [r.article_id, r.gone])).toEqual([['5', false], ['8', false], ['8', true], ['5', false]])
  const thoughts = await base.db.selectFrom('thought').select(['step', 'ticket_id']).orderBy('seq').execute()
  expect(thoughts.map(t => t.ticket_id + t.step)).toEqual(['article:1', 'article:2', 'article:3', 'article:4'])
  const deps = thinker()
  const mind = await base.db.transaction().execute(trx => deps.keeper.current(trx))
  expect(mind.knowledge.list.map(k => [k.title, k.gone, k.edition])).toEqual([['Reset', false, 2], ['Quarantine', true, 2]])
})

test('the loop that keeps knowledge reads it once in a while and outlives a helpdesk that fails', async () => {
  const failing = keepKnowledge(desk(true), 'zendesk')
  expect([await failing(), await failing()]).toEqual([0, 0])
  expect(await base.db.selectFrom('article').select('edition').execute()).toEqual([])
  const keeping = keepKnowledge(desk(), 'zendesk')
  await keeping()
  known = []
  await keeping()
  expect(await base.db.selectFrom('article').select('edition').execute()).toHaveLength(2)
})

describe('topics', () => {
  let app: FastifyInstance
  let deps: ThinkDeps

  beforeEach(async () => {
    await tell(base.db, rules, events)
    deps = thinker()
    await thinkThrough(deps)
    const topics = { db: base.db, now: async () => end, wake: () => {}, findMind: () => findMind(base.db, deps.keeper) }
    app = Fastify()
    await app.register(async scope => { await topicApi(scope, topics) })
    await app.register(async scope => {
      await topicPages(scope, { ...topics, change: (topic, how, fields) => changeTopic(topics, topic, how, fields) })
    })
  })
  afterEach(async () => { await app.close() })

  test('are listed with their figures, renamed, merged and split; each change outlives the mind that knew it', async () => {
    const list: Array<{ topic: number, name: string, questions: number, drafts: number }> = (await app.inject('/v1/topics')).json()
    const [first, second] = list
    if (first === undefined || second === undefined) throw new Error('the archive has no two topics')
    expect(first.questions).toBeGreaterThan(2)
    expect(list.some(t => t.drafts > 0)).toBe(true)
    const post = async (path: string, payload: object): Promise<number> =>
      (await app.inject({ method: 'POST', url: path, payload })).statusCode
    expect(await post(`/v1/topics/${first.topic}/rename`, { name: 'Signing <in>' })).toBe(200)
    expect(await post(`/v1/topics/${second.topic}/merge`, { into: first.topic })).toBe(200)
    expect(await thinkOnce(deps, end)).toBe(0)
    const page = await app.inject('/topics')
    expect(page.body).toContain('Signing &#60;in&#62;')
    expect(page.body).not.toContain('Signing <in>')
    expect(page.body).toContain(`action="/topics/${second.topic}/split"`)
    // A form does the same and leads back
    const form = await app.inject({
      method: 'POST', url: `/topics/${second.topic}/split`, payload: '', headers: { 'content-type': 'application/x-www-form-urlencoded' }
    })
    expect([form.statusCode, form.headers.location]).toEqual([303, '/topics'])
    await thinkOnce(deps, end)
    expect((await app.inject('/topics')).body).not.toContain(`action="/topics/${second.topic}/split"`)
    const again = keepMind(rules)
    const mind = await base.db.transaction().execute(trx => again.current(trx))
    expect(mind.topics.list[first.topic]?.name).toBe('Signing <in>')
    expect(mind.topics.list[second.topic]).toMatchObject({ into: null, apart: true })
  })

  test('a change that means nothing is refused and not recorded; looking changes nothing', async () => {
    const wrong: Array<[string, object, number]> = [
      ['/v1/topics/99999/rename', { name: 'x' }, 404], ['/v1/topics/0/merge', { into: 0 }, 400], ['/v1/topics/0/explode', {}, 404],
      ['/v1/topics/0/split', {}, 400], ['/v1/topics/0/rename', { name: 'x'.repeat(80) }, 400], ['/v1/topics/__proto__/rename', {}, 404]
    ]
    for (const [url, payload, status] of wrong) {
      const answer = await app.inject({ method: 'POST', url, payload })
      expect([url, answer.statusCode]).toEqual([url, status])
    }
    await app.inject('/topics')
    await app.inject({ method: 'GET', url: '/topics/0/rename?name=x' })
    expect(await base.db.selectFrom('topic_change').select('id').execute()).toEqual([])
  })
})
