// Topics for programs: what there is, and what people say of them. A change is recorded as a thought and takes effect when
// the mind has read it, a moment later.
import type { FastifyInstance } from 'fastify'
import { BadRequest } from '../errors.ts'
import { viewTopics } from '../learn/topic-view.ts'
import type { Mind } from '../learn/mind.ts'
import { membersOf } from '../learn/topics.ts'
import type { TopicChange } from '../learn/taught.ts'
import { recordTopicChange } from '../store/articles.ts'
import type { Db } from '../store/db.ts'
import { listTopicStats, sumStats } from '../store/topics.ts'
import { plainText } from '../text.ts'
import type { Instant } from '../types.ts'

export interface TopicDeps {
  db: Db, now: () => Promise<Instant>, findMind: () => Promise<Mind | null>, wake: () => void
}

const LONGEST_NAME = 60

export async function topicApi (app: FastifyInstance, deps: TopicDeps): Promise<void> {
  app.get('/v1/topics', async () => {
    const mind = await deps.findMind()
    if (mind === null) return []
    const stats = new Map((await listTopicStats(deps.db)).map(s => [s.topic, s]))
    return viewTopics(mind).map(view => ({ ...view, ...sumStats(stats, membersOf(mind.topics, view.topic)) }))
  })
  app.post<{ Params: { topic: string, action: string }, Body: unknown }>('/v1/topics/:topic/:action', async request =>
    await changeTopic(deps, request.params.topic, request.params.action, request.body))
}

/** Records a rename, merge or split after checking that it means something. */
export async function changeTopic (
  deps: TopicDeps, topic: string, action: string, body: unknown
): Promise<{ recorded: TopicChange }> {
  const change = readChange(await deps.findMind(), topic, action, body)
  await recordTopicChange(deps.db, change, await deps.now())
  deps.wake()
  return { recorded: change }
}

function readChange (mind: Mind | null, given: string, action: string, body: unknown): TopicChange {
  const topics = mind?.topics.list ?? []
  const known = (text: unknown): number => {
    const n = typeof text === 'number' ? text : /^\d{1,6}$/.test(String(text)) ? Number(text) : -1
    if (topics[n] === undefined) throw new BadRequest(`there is no topic ${String(text).slice(0, 20)}`, 404)
    return n
  }
  const fields: object = typeof body === 'object' && body !== null ? body : {}
  const topic = known(given)
  if (action === 'rename') {
    const name = 'name' in fields && typeof fields.name === 'string' ? plainText(fields.name).replaceAll('\n', ' ').trim() : ''
    if (name.length > LONGEST_NAME) throw new BadRequest(`a name has at most ${LONGEST_NAME} letters`)
    return { kind: 'rename', topic, name: name === '' ? null : name }
  }
  if (action === 'merge') {
    const into = known('into' in fields ? fields.into : '')
    if (mind !== null && membersOf(mind.topics, topic).includes(into)) throw new BadRequest('a topic cannot be merged into itself')
    return { kind: 'merge', topic, into }
  }
  if (action !== 'split') throw new BadRequest('a topic can be given: rename, merge, split', 404)
  if (topics[topic]?.into === null) throw new BadRequest(`the topic ${topic} is no part of another`)
  return { kind: 'split', topic }
}
