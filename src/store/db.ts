// The way into PostgreSQL, and the migrations: plain SQL files, numbered, run once each, forward only.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Migration } from 'kysely/migration'
import pg from 'pg'
import type { Instant } from '../types.ts'
import type { Database } from './schema.ts'

export type Db = Kysely<Database>

export function openDb (url: string, name: string, connections = 20): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: name,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    query_timeout: 35_000,
    options: '-c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000',
    keepAlive: true
  })
  pool.on('error', () => { /* an idle connection was cut: the pool opens another when it is asked */ })
  // One in use that is cut says so twice: to its query, and as an event that would end the process if nobody heard it.
  // https://node-postgres.com/apis/pool#events
  pool.on('connect', client => { client.on('error', () => { /* whoever uses it hears it from his query */ }) })
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
}

export async function migrate (db: Db, folder: string): Promise<string[]> {
  const files = readdirSync(folder).filter(name => name.endsWith('.sql')).sort()
  const migrations = Object.fromEntries(files.map((name): [string, Migration] => [name.replace(/\.sql$/, ''), {
    async up (trx) { await sql.raw(readFileSync(join(folder, name), 'utf8')).execute(trx) }
  }]))
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error, results } = await migrator.migrateToLatest()
  if (error !== undefined) throw new Error('the database could not be brought up to date', { cause: error })
  return (results ?? []).map(r => r.migrationName)
}

/** A PostgreSQL instant in our form: whole seconds, UTC. */
export function instantOf (date: Date): Instant {
  return date.toISOString().slice(0, 19) + 'Z'
}

/** Serialization failures, deadlocks and locks not given in time: the same work may be done again at once. */
export function isConflict (error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false
  return ['40P01', '40001', '55P03'].includes(String(error.code))
}

/** The statement itself was refused (bad data, a broken rule): sending the same again changes nothing. */
export function isRefused (error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && /^(22|23)/.test(String(error.code))
}
