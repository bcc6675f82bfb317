// Articles and macros in all their editions, and what people said of topics: the lessons that thoughts name.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { ArticleFact } from '../learn/knowledge.ts'
import type { Lesson, TopicChange } from '../learn/taught.ts'
import type { Article, Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import { lockMind, recordThoughts } from './thoughts.ts'

/** What a lesson's thought has in the place of a ticket. */
export const NO_TICKET = ''

/**
 * Records what is new, changed or gone since the last complete reading of a connection's knowledge, with the thoughts that
 * teach it, under the lock of the mind. `articles` must be all there are. Returns how many editions that made.
 */
export async function recordArticles (db: Db, connection: string, articles: Article[], at: Instant): Promise<number> {
  return await db.transaction().execute(async trx => {
    await lockMind(trx)
    const known = await listKnown(trx, connection)
    const now = new Map(articles.map(a => [`${a.kind}/${a.id}`, a]))
    const changed = [...now].filter(([key, article]) => !isSame(known.get(key), article))
      .map(([, article]): ArticleFact => ({ ...article, connection }))
    const gone = [...known].filter(([key, fact]) => !now.has(key) && fact.gone !== true)
      .map(([, fact]): ArticleFact => ({ ...fact, text: '', gone: true, updatedAt: at }))
    const facts = [...gone, ...changed]
    if (facts.length === 0) return 0
    const rows = await trx.insertInto('article').values(facts.map(fact => ({
      connection, kind: fact.kind, article_id: fact.id, title: fact.title, text: fact.text, url: fact.url ?? null,
      language: fact.language ?? null, public: fact.public, updated_at: fact.updatedAt, gone: fact.gone === true
    }))).returning('edition').execute()
    const editions = rows.map(r => Number(r.edition)).sort((a, b) => a - b)
    await recordThoughts(trx, editions.map(edition => (
      { connection, ticketId: NO_TICKET, step: `article:${edition}`, rev: 0, at }
    )))
    return facts.length
  })
}

/** Records what a person said of a topic, with its thought, under the lock of the mind. */
export async function recordTopicChange (db: Db, change: TopicChange, at: Instant): Promise<void> {
  await db.transaction().execute(async trx => {
    await lockMind(trx)
    const row = await trx.insertInto('topic_change').values({
      kind: change.kind, topic: change.topic, into_topic: change.kind === 'merge' ? change.into : null,
      name: change.kind === 'rename' ? change.name : null, at
    }).returning('id').executeTakeFirstOrThrow()
    await recordThoughts(trx, [{ connection: '', ticketId: NO_TICKET, step: `topic:${row.id}`, rev: 0, at }])
  })
}

/** The lesson that a thought names; null when its row was erased: it then teaches nothing. */
export async function findLesson (db: Db | Transaction<Database>, step: string): Promise<Lesson | null> {
  const [kind, id = ''] = step.split(':')
  if (kind === 'article') {
    const r = await db.selectFrom('article').selectAll().where('edition', '=', id).executeTakeFirst()
    return r === undefined ? null : { kind: 'article', at: instantOf(r.updated_at), fact: factOf(r) }
  }
  if (kind !== 'topic') return null
  const r = await db.selectFrom('topic_change').selectAll().where('id', '=', id).executeTakeFirst()
  if (r === undefined) return null
  const at = instantOf(r.at)
  if (r.kind === 'merge') {
    return r.into_topic === null ? null : { kind: 'topic', at, change: { kind: 'merge', topic: r.topic, into: r.into_topic } }
  }
  if (r.kind === 'split') return { kind: 'topic', at, change: { kind: 'split', topic: r.topic } }
  return { kind: 'topic', at, change: { kind: 'rename', topic: r.topic, name: r.name } }
}

interface ArticleRow {
  connection: string, kind: 'article' | 'macro', article_id: string, title: string, text: string, url: string | null
  language: string | null, public: boolean, updated_at: Date, gone: boolean
}

function factOf (r: ArticleRow): ArticleFact {
  return {
    connection: r.connection, id: r.article_id, kind: r.kind, title: r.title, text: r.text,
    ...(r.url === null ? {} : { url: r.url }), ...(r.language === null ? {} : { language: r.language }),
    public: r.public, updatedAt: instantOf(r.updated_at), ...(r.gone ? { gone: true } : {})
  }
}

async function listKnown (trx: Transaction<Database>, connection: string): Promise<Map<string, ArticleFact>> {
  const { rows } = await sql<ArticleRow>`
    select distinct on (kind, article_id) connection, kind, article_id, title, text, url, language, public, updated_at, gone
    from article where connection = ${connection} order by kind, article_id, edition desc`.execute(trx)
  return new Map(rows.map(r => [`${r.kind}/${r.article_id}`, factOf(r)]))
}

function isSame (known: ArticleFact | undefined, now: Article): boolean {
  return known !== undefined && known.gone !== true && known.title === now.title && known.text === now.text &&
    known.url === now.url && known.language === now.language && known.public === now.public
}
