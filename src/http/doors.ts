// One door per connection, with the secrets that are live there, and the watch that reads again what was added or ended
// while the service runs: what is ended is refused within five seconds, on every machine.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log.ts'
import { findDoor } from '../store/connections.ts'
import type { Db } from '../store/db.ts'
import type { Vault } from '../store/vault.ts'
import { listKeptSecrets } from '../store/webhook-secrets.ts'
import type { Connector, Helpdesk, Settings } from '../types.ts'
import { openSecrets } from './secrets.ts'
import type { Door } from './webhooks.ts'

export interface DoorDeps { db: Db, vault: Vault, log: Log }

const RELOAD_MS = 2_000

export function makeDoor (
  { db, vault, log }: DoorDeps, name: string, connector: Connector, settings: Settings, helpdesk: Helpdesk
): Door {
  const ask = helpdesk.provision?.fetchSecrets
  const fetchSecrets = ask === undefined
    ? null
    : async (): Promise<string[]> => {
      const door = await findDoor(db, name)
      return door === null ? [] : await ask(door)
    }
  const listKept = (): ReturnType<typeof listKeptSecrets> => listKeptSecrets(db, vault, name)
  const { secret: setting } = connector.signature
  const secrets = openSecrets({ settings, setting, fetchSecrets, listKept, log, nowMs: Date.now })
  return { name, connector, settings, secrets }
}

/** Reads all of them once, and again every other second until it is closed. */
export async function watchDoors (doors: ReadonlyMap<string, Door>): Promise<{ close: () => Promise<void> }> {
  const stop = new AbortController()
  const reload = async (): Promise<void> => { for (const door of doors.values()) await door.secrets?.reload() }
  await reload()
  const watching = (async () => {
    while (!stop.signal.aborted) {
      await sleep(RELOAD_MS, null, { signal: stop.signal }).catch(() => { /* closing */ })
      if (!stop.signal.aborted) await reload()
    }
  })()
  return {
    async close () {
      stop.abort()
      await watching
    }
  }
}
