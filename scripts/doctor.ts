// deskloop doctor: looks at everything that can go wrong, says of each in one line how it is, and of what is not well what
// to do. Changes nothing.
import { existsSync, readdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Config } from '../src/config.ts'
import { GiveUp, messageOf } from '../src/errors.ts'
import { findTagHints, lineOfHint, sayHint, taggedQuestionOf } from '../src/learn/tag-hints.ts'
import { findConnectionState, sayState } from '../src/store/connection-state.ts'
import type { Line } from '../src/store/connection-state.ts'
import type { Db } from '../src/store/db.ts'
import { listNewestStories } from '../src/store/tag-samples.ts'
import type { Connector, Instant, Settings } from '../src/types.ts'
import { saySkew } from '../src/work/silence.ts'
import { openWire } from '../src/work/wire.ts'
import type { Wire } from '../src/work/wire.ts'
import { withDatabase } from './database.ts'

export interface Finding extends Line { about: string }

export interface Patient { root: string, config: Config, connectors: Connector[] }

const DISK_LOOK_BYTES = 5 * 2 ** 30
const DISK_STOP_BYTES = 2 ** 30
const SKEW_LOOK_MS = 30_000
const SKEW_STOP_MS = 240_000                        // signatures of webhooks are refused at five minutes
const SLOW_MS = 250
const MOST_TICKETS = 3_000

export async function examine (patient: Patient): Promise<Finding[]> {
  const { config, connectors } = patient
  const findings: Finding[] = [lookAtDisk(config)]
  const add = (about: string, line: Line): void => { findings.push({ about, ...line }) }
  if (config.connections.length === 0) {
    add('settings', { level: 'look', what: 'no helpdesk is set up', todo: 'set the variables of one, as .env.example lists them' })
  }
  try {
    const hasDatabase = config.databaseUrl !== null || existsSync(join(config.dataFolder, 'postgres', 'PG_VERSION'))
    if (!hasDatabase) add('database', { level: 'look', what: 'there is none yet', todo: 'npm start makes it' })
    else {
      await withDatabase(config, 'deskloop-doctor', async db => {
        add('database', await lookAtDatabase(db))
        const migrations = await lookAtMigrations(db, patient.root)
        add('migrations', migrations)
        if (migrations.level === 'stop') return
        for (const { name } of config.connections) {
          const state = await findConnectionState(db, name)
          if (state === null) add(name, { level: 'look', what: 'Deskloop has never run with it', todo: 'npm start' })
          else for (const line of sayState(state, wallNow())) add(name, line)
        }
        if (config.rules.topics === undefined || config.rules.topics.tags.length === 0) {
          const line = await lookAtTags(db)
          if (line !== null) add('topics', line)
        }
      })
    }
  } catch (error) {
    const where = config.databaseUrl === null ? `see ${join(config.dataFolder, 'postgres.log')}` : 'see whether DATABASE_URL is right and its server runs'
    add('database', { level: 'stop', what: `it cannot be used: ${messageOf(error)}`, todo: where })
  }
  const wire = openWire(Date.now)
  try {
    for (const { name, connector: type, settings } of config.connections) {
      const connector = connectors.find(one => one.name === type)
      if (connector === undefined) continue
      for (const line of await lookAtHelpdesk(wire, name, connector, settings)) add(name, line)
    }
  } finally {
    wire.close()
  }
  return findings
}

function lookAtDisk (config: Config): Finding {
  try {
    const disk = statfsSync(config.databaseUrl === null ? config.dataFolder : '.')
    return { about: 'disk', ...sayDisk(disk.bavail * disk.bsize, config.databaseUrl === null ? config.dataFolder : 'this folder') }
  } catch {
    return { about: 'disk', level: 'look', what: `there is no folder ${config.dataFolder} yet`, todo: 'it is made by npm start, or by deskloop migrate' }
  }
}

export function sayDisk (freeBytes: number, where: string): Line {
  const what = `${Math.round(freeBytes / 2 ** 30 * 10) / 10} GiB are free for ${where}`
  if (freeBytes >= DISK_LOOK_BYTES) return { level: 'ok', what }
  return { level: freeBytes < DISK_STOP_BYTES ? 'stop' : 'look', what, todo: 'make room: without it webhooks are answered 503, and PostgreSQL stops' }
}

async function lookAtDatabase (db: Db): Promise<Line> {
  const startedMs = performance.now()
  const { rows } = await sql<{ version: string, size: string }>`select current_setting('server_version') as version,
    pg_size_pretty(pg_database_size(current_database())) as size`.execute(db)
  const ms = Math.round(performance.now() - startedMs)
  const version = rows[0]?.version ?? '?'
  const what = `PostgreSQL ${version}, ${rows[0]?.size ?? '?'}, answers in ${ms} ms`
  if (Number.parseInt(version) < 15) return { level: 'stop', what, todo: 'it must be PostgreSQL 15 or newer' }
  return ms < SLOW_MS ? { level: 'ok', what } : { level: 'look', what, todo: 'it is slow: see what else its machine does' }
}

async function lookAtMigrations (db: Db, root: string): Promise<Line> {
  const wanted = readdirSync(join(root, 'migrations')).filter(name => name.endsWith('.sql')).map(name => name.replace(/\.sql$/, '')).sort()
  const done = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
    .then(({ rows }) => rows.map(row => row.name), (): string[] => [])
  const open = wanted.filter(name => !done.includes(name))
  const strange = done.filter(name => !wanted.includes(name))
  if (strange.length > 0) return { level: 'stop', what: `the database is newer than this Deskloop: it has ${strange.join(', ')}`, todo: 'run the newer Deskloop' }
  if (open.length > 0) return { level: 'stop', what: `not applied yet: ${open.join(', ')}`, todo: 'npx deskloop migrate' }
  return { level: 'ok', what: `${done.length} applied, the last is ${done.at(-1) ?? 'none'}` }
}

// Zendesk sets the options of drop-down fields as tags, too: fields that name topics are found by these.
async function lookAtTags (db: Db): Promise<Line | null> {
  const stories = await listNewestStories(db, MOST_TICKETS)
  const [hint] = findTagHints(stories.flatMap(story => taggedQuestionOf(story) ?? []))
  if (hint === undefined) return null
  return { level: 'look', what: `tags could name topics. ${sayHint(hint)}`, todo: `in config/learning.json: ${lineOfHint(hint)}` }
}

async function lookAtHelpdesk (wire: Wire, name: string, connector: Connector, settings: Settings): Promise<Line[]> {
  try {
    const self = await wire.measure(name, () => connector.open(settings, name).fetchSelf())
    const { skewMs } = wire.meter(name)
    const answers: Line = { level: 'ok', what: `${connector.name} knows us as ${self.name} (${self.id})` }
    return skewMs === null ? [answers] : [answers, sayClock(skewMs)]
  } catch (error) {
    const todo = error instanceof GiveUp ? 'do what it says' : 'see whether this machine reaches it; a helpdesk may also be down'
    return [{ level: 'stop', what: `${connector.name} cannot be asked: ${messageOf(error)}`, todo }]
  }
}

export function sayClock (skewMs: number): Line {
  const off = Math.abs(skewMs)
  if (off < SKEW_LOOK_MS) return { level: 'ok', what: `its clock and ours agree within ${Math.max(1, Math.ceil(off / 1000))} s` }
  return { level: off < SKEW_STOP_MS ? 'look' : 'stop', what: saySkew(skewMs) }
}

const SIGNS: Record<Line['level'], string> = { ok: 'ok  ', look: 'look', stop: 'ACT ' }

/** Returns the exit code: 1 when something has to be done. */
export async function doctor (patient: Patient, json: boolean): Promise<number> {
  const findings = await examine(patient)
  const isIll = findings.some(finding => finding.level === 'stop')
  if (json) process.stdout.write(JSON.stringify({ well: !isIll, findings }, null, 2) + '\n')
  else for (const { level, about, what, todo } of findings) process.stdout.write(`${SIGNS[level]}  ${about.padEnd(11)} ${what}${todo === undefined ? '' : `\n      ${' '.repeat(11)} -> ${todo}`}\n`)
  return isIll ? 1 : 0
}

function wallNow (): Instant {
  return new Date().toISOString().slice(0, 19) + 'Z'
}
