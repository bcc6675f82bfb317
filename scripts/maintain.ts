// Small commands for operators: bring the database up to date, read unreadable deliveries again.
import { join } from 'node:path'
import type { Config } from '../src/config.ts'
import { readDelivery } from '../src/http/webhooks.ts'
import { openLog } from '../src/log.ts'
import { openQueue } from '../src/queue.ts'
import { migrate, openDb } from '../src/store/db.ts'
import type { Db } from '../src/store/db.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import type { Connector } from '../src/types.ts'
import { replayAll } from '../src/work/replay.ts'

export async function migrateOnly (config: Config, root: string): Promise<void> {
  await withDb(config, async db => {
    const done = await migrate(db, join(root, 'migrations'))
    process.stdout.write(done.length === 0 ? 'The database is up to date.\n' : `Applied ${done.join(', ')}.\n`)
  })
}

/** Deliveries that could not be read when they came are read again, after whatever stood in the way was mended. */
export async function replayFailed (config: Config, connectors: Connector[]): Promise<void> {
  await withDb(config, async (db, url) => {
    const queue = await openQueue(url, openLog('silent'), { worker: false })
    const { replayed, still } = await replayAll({
      db,
      queue,
      read (delivery) {
        const set = config.connections.find(c => c.name === delivery.connection)
        const connector = connectors.find(c => c.name === set?.connector)
        if (set === undefined || connector === undefined) return null
        const door = { name: set.name, connector, settings: set.settings }
        return readDelivery(door, delivery.headers, delivery.body, false)
      }
    }, 'delivery')
    await queue.close()
    process.stdout.write(`${replayed} deliveries were read, ${still} still cannot be.\n`)
  })
}

async function withDb (config: Config, fn: (db: Db, url: string) => Promise<void>): Promise<void> {
  const server = config.databaseUrl === null
    ? await openEmbedded(config.dataFolder)
    : {
        url: config.databaseUrl, close: async () => {}
      }
  const db = openDb(server.url, 'deskloop-maintain', 3)
  try {
    await fn(db, server.url)
  } finally {
    await db.destroy()
    await server.close()
  }
}
