// A database of its own for a test file: a copy of the migrated template.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { openDb } from '../../src/store/db.ts'
import type { Db } from '../../src/store/db.ts'
import { withDatabase } from '../../src/store/embedded.ts'

export interface TestDatabase { url: string, db: Db, close: () => Promise<void> }

export async function openTestDatabase (): Promise<TestDatabase> {
  const server = process.env['DESKLOOP_TEST_SERVER']
  if (server === undefined) throw new Error('the test server is not running: start tests with npm test')
  const name = `test_${randomBytes(6).toString('hex')}`
  for (let tries = 0; ; tries++) {
    try {
      await run(server, `create database ${name} template deskloop`)
      break
    } catch (error) {
      // Two files that copy the template at the same moment: one of them waits.
      if (tries > 50 || !String(error).includes('being accessed by other users')) throw error
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
  const url = withDatabase(server, name)
  const db = openDb(url, 'deskloop-test', 10)
  return {
    url,
    db,
    async close () {
      await db.destroy()
      await run(server, `drop database if exists ${name} with (force)`)
    }
  }
}

async function run (server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try { await client.query(statement) } finally { await client.end() }
}
