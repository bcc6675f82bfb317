// The page of topics and its forms. A form changes by POST only and leads back to the page; who may post is decided by the
// server's own door, which also refuses what comes from another site.
import type { FastifyInstance } from 'fastify'
import type { Mind } from '../learn/mind.ts'
import { viewTopics } from '../learn/topic-view.ts'
import { membersOf } from '../learn/topics.ts'
import type { Db } from '../store/db.ts'
import { listTopicStats, sumStats } from '../store/topics.ts'
import { layOutTopics, readTopicsWish } from './topics.ts'

export interface TopicPageDeps {
  db: Db
  findMind: () => Promise<Mind | null>
  change: (topic: string, action: string, fields: Record<string, string>) => Promise<unknown>
}

export async function topicPages (app: FastifyInstance, deps: TopicPageDeps): Promise<void> {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 10_000 },
    (_request, body, done) => { done(null, Object.fromEntries(new URLSearchParams(String(body)))) })

  app.get<{ Querystring: Record<string, unknown> }>('/topics', async (request, reply) => {
    const mind = await deps.findMind()
    const stats = new Map((await listTopicStats(deps.db)).map(s => [s.topic, s]))
    const lines = mind === null
      ? []
      : viewTopics(mind).map(view => ({ view, stats: sumStats(stats, membersOf(mind.topics, view.topic)) }))
    return await reply.type('text/html; charset=utf-8').send(layOutTopics(lines, readTopicsWish(request.query)))
  })

  app.post<{ Params: { topic: string, action: string }, Body: Record<string, string> | null }>(
    '/topics/:topic/:action', async (request, reply) => {
      await deps.change(request.params.topic, request.params.action, { ...request.body })
      return await reply.redirect('/topics', 303)
    })
}
