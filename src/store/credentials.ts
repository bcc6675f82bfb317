// What each connection signs in with, and how that stands: looked at every few minutes, so that a token never ends
// without a word. `judgeCredential` puts it into the sentences that people read, here and in the log and on the pages.
import { sql } from 'kysely'
import type { Credential, Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'

export interface CredentialRow extends Credential {
  connection: string, usedAt: Instant | null, refusedAt: Instant | null, refusedWhy: string | null
}

/** `good`: nothing to do. `soon`: it ends within two weeks. `refused`: nothing works before a person has acted. */
export interface CredentialHealth {
  state: 'good' | 'soon' | 'refused'
  kind: string
  expiresAt: Instant | null
  daysLeft: number | null
  lastUsedAt: Instant | null
  says: string                                      // one sentence
  todo: string | null                               // what a person should do; null: nothing
}

const WARN_DAYS = 14
const DAY_MS = 86_400_000

export async function saveCredential (db: Db, connection: string, c: Credential): Promise<void> {
  await sql`insert into credential (connection, kind, setting, renews, expires_at, used_at)
    values (${connection}, ${c.kind}, ${c.setting}, ${c.renews}, ${c.expiresAt}, now())
    on conflict (connection) do update set kind = excluded.kind, setting = excluded.setting, renews = excluded.renews,
      expires_at = excluded.expires_at, used_at = now(), refused_at = null, refused_why = null,
      told_at = case when credential.refused_at is null then credential.told_at end`.execute(db)
}

/** Since when it is refused stays, however often it is refused again. */
export async function saveRefusal (db: Db, connection: string, why: string): Promise<void> {
  await sql`insert into credential (connection, kind, setting, renews, refused_at, refused_why)
    values (${connection}, 'a credential that was never taken', '', false, now(), ${why})
    on conflict (connection) do update set refused_at = coalesce(credential.refused_at, now()), refused_why = ${why},
      told_at = case when credential.refused_at is not null then credential.told_at end`.execute(db)
}

/** True once a day, and whenever its state has changed: then the log speaks of it. */
export async function takeTelling (db: Db, connection: string): Promise<boolean> {
  const { rows } = await sql`update credential set told_at = now()
    where connection = ${connection} and (told_at is null or told_at < now() - interval '1 day') returning 1`.execute(db)
  return rows.length > 0
}

export async function listCredentials (db: Db): Promise<CredentialRow[]> {
  const rows = await db.selectFrom('credential').selectAll().orderBy('connection').execute()
  return rows.map(r => ({
    connection: r.connection, kind: r.kind, setting: r.setting, renews: r.renews,
    expiresAt: r.expires_at === null ? null : instantOf(r.expires_at),
    usedAt: r.used_at === null ? null : instantOf(r.used_at),
    refusedAt: r.refused_at === null ? null : instantOf(r.refused_at), refusedWhy: r.refused_why
  }))
}

/** Health of the credentials by connection, as the API and the pages show it. */
export async function listCredentialHealth (db: Db, now: Instant): Promise<Map<string, CredentialHealth>> {
  return new Map((await listCredentials(db)).map(row => [row.connection, judgeCredential(row, now)]))
}

/** Pure. */
export function judgeCredential (row: CredentialRow, now: Instant): CredentialHealth {
  const leftMs = row.expiresAt === null ? null : Date.parse(row.expiresAt) - Date.parse(now)
  const daysLeft = leftMs === null ? null : Math.floor(leftMs / DAY_MS)
  const base = { kind: row.kind, expiresAt: row.expiresAt, daysLeft, lastUsedAt: row.usedAt }
  if (row.refusedAt !== null) {
    const why = row.refusedWhy ?? 'no reason was given'
    const last = row.usedAt === null ? 'it was never taken' : `it was last taken ${row.usedAt}`
    return { ...base, state: 'refused', says: `refused since ${row.refusedAt} (${last})`, todo: why }
  }
  const until = row.expiresAt === null ? '' : `, until ${row.expiresAt}`
  const says = `signs in with ${row.kind}${until}; last taken ${row.usedAt ?? 'never'}`
  // What Deskloop renews is renewed long before: if so little is left, renewing fails.
  if (daysLeft === null || daysLeft >= WARN_DAYS) return { ...base, state: 'good', says, todo: null }
  const left = leftMs !== null && leftMs <= 0 ? 'has ended' : `ends in ${daysLeft} day${daysLeft === 1 ? '' : 's'}`
  return { ...base, state: 'soon', says, todo: `it ${left}: put a new one into ${row.setting} and start again` }
}
