// What is kept for one connection beside its settings, as its connector is handed it.
import type { Kept } from '../types.ts'
import type { Db } from './db.ts'
import { openGrants } from './grants.ts'
import type { Vault } from './vault.ts'
import { listLiveSecrets } from './webhook-secrets.ts'

export function makeKept (db: Db, vault: Vault, connection: string): Kept {
  return {
    grants: openGrants(db, vault, connection),
    secrets: () => listLiveSecrets(db, vault, connection, Date.now())
  }
}
