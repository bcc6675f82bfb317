// Small commands for operators: bring the database up to date, read unreadable deliveries again.
import { join } from 'node:path'
import type { Config } from '../src/config.ts'
import { readDelivery } from '../src/http/webhooks.ts'
import { openLog } from '../src/log.ts'
import { openQueue } from '../src/queue.ts'
import { listUnreadable, saveRead } from '../src/store/deliveries.ts'
import { migrate, openDb } from '../src/store/db.ts'
import type { Db } from '../src/store/db.ts'
import { openEmbedded } from '../src/store/embedded.ts'
import type { Connector } from '../src/types.ts'

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
    let read = 0
    let still = 0
    for (const delivery of await listUnreadable(db)) {
      const set = config.connections.find(c => c.name === delivery.connection)
      const connector = connectors.find(c => c.name === set?.connector)
      if (set === undefined || connector === undefined) { still++; continue }
      const arrival = readDelivery(
        { name: set.name, connector, settings: set.settings }, delivery.headers, delivery.body, false
      )
      if (arrival.state !== 'read') { still++; continue }
      await saveRead(db, queue, delivery, arrival)
      read++
    }
    await queue.close()
    process.stdout.write(`${read} deliveries were read, ${still} still cannot be.\n`)
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
