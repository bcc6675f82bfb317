// What connecting has to do with our own database: leave word for the service, and see what has arrived. Opened only when
// it is needed, for looking alone shall start no server.
import { join } from 'node:path'
import type { Config, ConnectionConfig } from '../../src/config.ts'
import { saveConnection, saveDoor } from '../../src/store/connections.ts'
import { migrate, openDb } from '../../src/store/db.ts'
import type { Db } from '../../src/store/db.ts'
import { findNewest } from '../../src/store/deliveries.ts'
import { openEmbedded } from '../../src/store/embedded.ts'

export interface Memory {
  remember (door: string | null): Promise<void>
  newest (): Promise<string | null>
  close (): Promise<void>
}

export function openMemory (config: Config, root: string, set: ConnectionConfig): Memory {
  let opening: Promise<{ db: Db, close: () => Promise<void> }> | null = null
  const use = async (): Promise<Db> => (await (opening ??= open())).db

  async function open (): Promise<{ db: Db, close: () => Promise<void> }> {
    const server = config.databaseUrl === null
      ? await openEmbedded(config.dataFolder)
      : { url: config.databaseUrl, close: async () => {} }
    const db = openDb(server.url, 'deskloop-connect', 2)
    const close = async (): Promise<void> => { await db.destroy(); await server.close() }
    try {
      await migrate(db, join(root, 'migrations'))
      return { db, close }
    } catch (error) {
      await close()
      throw error
    }
  }

  return {
    async remember (door) {
      await saveConnection(await use(), set.name, set.connector)
      await saveDoor(await use(), set.name, door)
    },
    newest: async () => await findNewest(await use(), set.name),
    async close () {
      const opened = await opening?.catch(() => null) // why it did not open was told to whoever asked
      await opened?.close()
    }
  }
}
