// Reads what the team has written down at the helpdesk, all of it, and records what is new, changed or gone. A reading that
// breaks off records nothing: half a list would look as if the other half had been deleted.
import type { Article, Helpdesk, Instant } from '../types.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { recordArticles } from '../store/articles.ts'
import type { Db } from '../store/db.ts'

export interface KnowledgeDeps {
  db: Db, log: Log, helpdesks: ReadonlyMap<string, Helpdesk>, now: () => Promise<Instant>
}

const READ_EVERY_MS = 6 * 3_600_000
const AFTER_FAILURE_MS = 3_600_000

/** Reads a connection's knowledge every six hours; what failed is said and tried again after an hour. Never throws. */
export function keepKnowledge (deps: KnowledgeDeps, connection: string): () => Promise<number> {
  let nextMs = 0
  return async () => {
    if (performance.now() < nextMs) return 0
    try {
      await readKnowledge(deps, connection)
      nextMs = performance.now() + READ_EVERY_MS
    } catch {
      nextMs = performance.now() + AFTER_FAILURE_MS   // the log has said why
    }
    return 0
  }
}

/** Returns how many articles and macros there are, and how many editions were recorded. */
export async function readKnowledge (
  deps: KnowledgeDeps, connection: string
): Promise<{ articles: number, changed: number }> {
  const helpdesk = deps.helpdesks.get(connection)
  if (helpdesk === undefined) throw new Error(`there is no connection ${connection}`)
  const startedMs = performance.now()
  const tell = (outcome: string, more: Record<string, unknown>): void => {
    deps.log.info({ job: 'knowledge', connection, outcome, ms: Math.round(performance.now() - startedMs), ...more })
  }
  try {
    const articles: Article[] = []
    for await (const article of helpdesk.fetchKnowledge()) articles.push(article)
    const changed = await recordArticles(deps.db, connection, articles, await deps.now())
    tell('done', { articles: articles.length, changed })
    return { articles: articles.length, changed }
  } catch (error) {
    tell('failed', { message: messageOf(error) })
    throw error
  }
}
