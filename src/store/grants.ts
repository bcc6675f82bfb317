// The tokens that connections were granted: sealed, shared by every process, and renewed by one of them at a time. The
// lease is short; whoever dies with it only delays the others. Nobody speaks to a helpdesk while a row is locked.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Grant, Grants } from '../types.ts'
import type { Db } from './db.ts'
import type { Vault } from './vault.ts'

const LEASE_SECONDS = 30

export function openGrants (db: Db, vault: Vault, connection: string): Grants {
  const place = `${connection}/grant`

  async function find (): Promise<Grant | null> {
    const row = await db.selectFrom('oauth_grant').select(['sealed', 'key_id'])
      .where('connection', '=', connection).executeTakeFirst()
    if (row === undefined || row.sealed === null || row.key_id === null) return null
    // What no key of ours opens any more is as good as nothing: another one is granted in its place.
    const text = vault.open(row.sealed, row.key_id, place)
    const grant: unknown = text === null ? null : JSON.parse(text)
    return isGrant(grant) ? grant : null
  }

  return {
    find,
    async renew (grant) {
      const lease = randomUUID()
      const { rows } = await sql`insert into oauth_grant as g (connection, lease, leased_until)
        values (${connection}, ${lease}, now() + make_interval(secs => ${LEASE_SECONDS}))
        on conflict (connection) do update set lease = excluded.lease, leased_until = excluded.leased_until
          where g.lease is null or g.leased_until < now() returning 1`.execute(db)
      if (rows.length === 0) return null
      try {
        const next = await grant(await find())
        const { sealed, keyId } = vault.seal(JSON.stringify(next), place)
        await db.updateTable('oauth_grant').set({ sealed, key_id: keyId, renewed_at: next.grantedAt })
          .where('connection', '=', connection).where('lease', '=', lease).execute()
        return next
      } finally {
        await db.updateTable('oauth_grant').set({ lease: null, leased_until: null })
          .where('connection', '=', connection).where('lease', '=', lease).execute()
      }
    }
  }
}

export async function removeGrant (db: Db, connection: string): Promise<void> {
  await db.deleteFrom('oauth_grant').where('connection', '=', connection).execute()
  await db.deleteFrom('credential').where('connection', '=', connection).execute()
}

function isGrant (value: unknown): value is Grant {
  return typeof value === 'object' && value !== null && 'access' in value && typeof value.access === 'string' &&
    'expiresAt' in value && typeof value.expiresAt === 'string' && 'grantedAt' in value &&
    typeof value.grantedAt === 'string' && 'refresh' in value && 'refreshExpiresAt' in value
}
