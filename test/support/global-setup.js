// One PostgreSQL server for the whole run, with one migrated database that each test file copies.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default async function setUp () {
  const { openEmbedded, withDatabase } = await import('../../src/store/embedded.ts')
  const { openDb, migrate } = await import('../../src/store/db.ts')
  const { openQueue } = await import('../../src/queue.ts')
  const { openLog } = await import('../../src/log.ts')
  const folder = mkdtempSync(join(tmpdir(), 'deskloop-test-'))
  const server = await openEmbedded(folder)
  const db = openDb(server.url, 'deskloop-test', 3)
  await migrate(db, new URL('../../migrations', import.meta.url).pathname)
  const queue = await openQueue(server.url, openLog('silent'), { worker: false })
  await queue.close()
  await db.destroy()
  process.env.DESKLOOP_TEST_SERVER = withDatabase(server.url, 'postgres')
  globalThis.deskloopTestServer = { server, folder }
}
