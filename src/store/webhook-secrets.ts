// The secrets that webhooks are signed with, beside those in the settings: added, ended and believed while the service
// runs. Each is named by its fingerprint; the secret itself is sealed and never shown again.
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Vault } from './vault.ts'

/** `secret` null: it stands in the settings, or no master key of ours opens it. */
export interface KeptSecret { fingerprint: string, secret: string | null, addedAt: Instant, endsAtMs: number | null }

export function fingerprintOf (secret: string): string {
  return createHash('sha256').update('deskloop secret ').update(secret).digest('hex').slice(0, 12)
}

/** Newest first. */
export async function listKeptSecrets (db: Db, vault: Vault, connection: string): Promise<KeptSecret[]> {
  const rows = await db.selectFrom('webhook_secret').selectAll().where('connection', '=', connection)
    .orderBy('added_at', 'desc').orderBy('fingerprint').execute()
  return rows.map(r => ({
    fingerprint: r.fingerprint,
    secret: r.sealed === null || r.key_id === null ? null : vault.open(r.sealed, r.key_id, placeOf(connection)),
    addedAt: instantOf(r.added_at),
    endsAtMs: r.ends_at === null ? null : r.ends_at.getTime()
  }))
}

/** Those in force, newest first. */
export async function listLiveSecrets (db: Db, vault: Vault, connection: string, nowMs: number): Promise<string[]> {
  return (await listKeptSecrets(db, vault, connection))
    .flatMap(({ secret, endsAtMs }) => secret !== null && (endsAtMs === null || endsAtMs > nowMs) ? [secret] : [])
}

/** From now on it is believed, also where it had ended before. Returns its fingerprint. */
export async function addSecret (db: Db, vault: Vault, connection: string, secret: string): Promise<string> {
  const fingerprint = fingerprintOf(secret)
  const { sealed, keyId } = vault.seal(secret, placeOf(connection))
  await sql`insert into webhook_secret (connection, fingerprint, sealed, key_id)
    values (${connection}, ${fingerprint}, ${sealed}, ${keyId})
    on conflict (connection, fingerprint) do update set sealed = excluded.sealed, key_id = excluded.key_id,
      added_at = now(), ends_at = null`.execute(db)
  return fingerprint
}

/** Refused from then on, wherever it stands. An end that comes earlier stays. */
export async function endSecret (db: Db, connection: string, fingerprint: string, inSeconds: number): Promise<void> {
  await sql`insert into webhook_secret as w (connection, fingerprint, ends_at)
    values (${connection}, ${fingerprint}, now() + make_interval(secs => ${inSeconds}))
    on conflict (connection, fingerprint) do update set ends_at = least(w.ends_at, excluded.ends_at)`.execute(db)
}

function placeOf (connection: string): string {
  return `${connection}/webhook-secret`
}
