// What connecting has to do with our own database: leave word for the service, and see what has arrived. Opened only when
// something is needed from it: a kept token or secret, a word to leave, a delivery to hear of.
import { join } from 'node:path'
import type { Config, ConnectionConfig } from '../../src/config.ts'
import { saveConnection, saveDoor } from '../../src/store/connections.ts'
import { migrate, openDb } from '../../src/store/db.ts'
import type { Db } from '../../src/store/db.ts'
import { findArrival, findNewest } from '../../src/store/deliveries.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { removeGrant } from '../../src/store/grants.ts'
import { makeKept } from '../../src/store/kept.ts'
import { openVault } from '../../src/store/vault.ts'
import type { Kept } from '../../src/types.ts'
import type { FindArrival } from './arrival.ts'

export interface Memory {
  remember (door: string | null): Promise<void>
  newest (): Promise<string | null>
  arrived: FindArrival
  kept: Kept
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

  // Tokens are renewed from the same place as the service's: a refresh token works only once.
  const vault = openVault(config.masterKeys, config.dataFolder)
  const keep = async (): Promise<Kept> => makeKept(await use(), vault, set.name)

  return {
    kept: {
      grants: {
        find: async () => await (await keep()).grants.find(),
        renew: async grant => await (await keep()).grants.renew(grant)
      },
      secrets: async () => await (await keep()).secrets()
    },
    async remember (door) {
      await saveConnection(await use(), set.name, set.connector)
      await saveDoor(await use(), set.name, door)
      if (door === null) await removeGrant(await use(), set.name)
    },
    newest: async () => await findNewest(await use(), set.name),
    arrived: async after => await findArrival(await use(), set.name, after),
    async close () {
      const opened = await opening?.catch(() => null) // why it did not open was told to whoever asked
      await opened?.close()
    }
  }
}
