// The database for a command that stands beside the service: the one that is running, or one that is started for it.
import type { Config } from '../src/config.ts'
import { openDb } from '../src/store/db.ts'
import type { Db } from '../src/store/db.ts'
import { openEmbedded } from '../src/store/embedded.ts'

export async function withDatabase<T> (
  config: Config, name: string, fn: (db: Db, url: string) => Promise<T>
): Promise<T> {
  const server = config.databaseUrl === null
    ? await openEmbedded(config.dataFolder)
    : { url: config.databaseUrl, close: async () => {} }
  const db = openDb(server.url, name, 6)
  try {
    return await fn(db, server.url)
  } finally {
    await db.destroy()
    await server.close()
  }
}
