// Our own PostgreSQL server through the lives and deaths of those who use it: it outlives them, is found again, recovers
// by itself, and stops when the last one leaves.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { openEmbedded } from '../../src/store/embedded.ts'

const ROOT = join(import.meta.dirname, '../..')
const folders: string[] = []
const children: ChildProcess[] = []

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) {
    await stopServer(folder)
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the first start makes a cluster, a second joins it, and the last one out stops it', async () => {
  const folder = newFolder()
  const first = await openEmbedded(folder)
  expect(await ask(first.url, 'show synchronous_commit')).toBe('on')
  expect(await ask(first.url, 'show fsync')).toBe('on')
  expect(await ask(first.url, 'show data_directory')).toBe(join(folder, 'postgres'))
  const pid = pidOf(folder)

  const second = await openEmbedded(folder)
  expect(second.url).toBe(first.url)
  const using = await connect(second.url)
  await first.close()
  expect([pidOf(folder), isAlive(pid)]).toEqual([pid, true])
  expect((await using.query('select 7 as n')).rows).toEqual([{ n: 7 }])

  await using.end()
  await second.close()
  expect([existsSync(join(folder, 'postgres/postmaster.pid')), await isGone(pid)]).toEqual([false, true])
  await expect(ask(second.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
  await second.close()                              // closing what is closed is no fault
})

test('what was committed outlives its process, its server, and a file that either left behind', async () => {
  const folder = newFolder()
  const child = runChild(folder, 'stay')
  const url = await child.said
  const pid = pidOf(folder)
  child.process.kill('SIGKILL')
  await child.ended
  expect(isAlive(pid)).toBe(true)

  // Killed Node: the server runs on and is joined.
  const joined = await openEmbedded(folder)
  expect([joined.url, pidOf(folder)]).toEqual([url, pid])
  expect(await ask(joined.url, 'select count(*)::int from kept')).toBe(1000)

  // Killed server, one of its sessions deep in its work: the next start waits until that has noticed, and recovers.
  const busy = await connect(joined.url)
  const work = busy.query('select count(*) from generate_series(1, 40000000)').catch((error: unknown) => error)
  await ask(joined.url, 'insert into kept select 5000 + generate_series(1, 10)')
  process.kill(pid, 'SIGKILL')
  const recovered = await openEmbedded(folder)
  await work
  await busy.end().catch(() => { /* its server is gone */ })
  expect(pidOf(folder)).not.toBe(pid)
  expect(await ask(recovered.url, 'select count(*)::int from kept')).toBe(1010)
  await recovered.close()

  // A lock file of a process that is no more, or that is another program by now.
  const stranger = spawn('sleep', ['60'], process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {})
  children.push(stranger)
  for (const stale of [pid, stranger.pid ?? 0]) {
    const lines = [stale, join(folder, 'postgres'), 1_700_000_000, new URL(url).port, '', '127.0.0.1', '  1 1', 'ready   ']
    writeFileSync(join(folder, 'postgres/postmaster.pid'), lines.join('\n') + '\n')
    const server = await openEmbedded(folder)
    expect(pidOf(folder)).not.toBe(stale)
    expect(await ask(server.url, 'select count(*)::int from kept')).toBe(1010)
    await server.close()
  }
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
})

test('two processes that open an empty folder at the same moment make one cluster, and both leave it whole', async () => {
  const folder = newFolder()
  const both = [runChild(folder, 'leave'), runChild(folder, 'leave')]
  const [one, other] = await Promise.all(both.map(child => child.said))
  expect(one).toBe(other)
  expect(await ask(one ?? '', 'select count(*)::int from kept')).toBe(2000)
  const pid = pidOf(folder)
  for (const { process: child } of both) child.stdin?.end()
  expect(await Promise.all(both.map(child => child.ended))).toEqual([0, 0])
  expect([existsSync(join(folder, 'postgres/postmaster.pid')), await isGone(pid)]).toEqual([false, true])
})

function newFolder (): string {
  const folder = mkdtempSync(join(tmpdir(), 'deskloop-embedded-'))
  folders.push(folder)
  return folder
}

// A process of its own that opens the folder, commits a thousand rows and says where. One that leaves does so, through
// the front door, when it hears that nobody speaks to it any more.
function runChild (folder: string, then: 'stay' | 'leave'): { process: ChildProcess, said: Promise<string>, ended: Promise<number | null> } {
  const source = `
    import pg from 'pg'
    import { openEmbedded } from './src/store/embedded.ts'
    const server = await openEmbedded(${JSON.stringify(folder)})
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client.query('begin')
    await client.query("select pg_advisory_xact_lock(1)")
    await client.query('create table if not exists kept (n int)')
    await client.query('insert into kept select generate_series(1, 1000)')
    await client.query('commit')
    process.stdout.write(server.url + '\\n')
    process.stdin.resume()
    ${then === 'stay' ? '' : "process.stdin.on('end', async () => { await client.end(); await server.close() })"}`
  const options = { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit'] }
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', source], options)
  children.push(child)
  const ended = new Promise<number | null>(resolve => { child.once('exit', resolve) })
  const said = new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => { resolve(line.toString().trim()) })
    child.once('exit', () => { reject(new Error('it ended without a word')) })
  })
  return { process: child, said, ended }
}

async function connect (url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => { /* its server was killed: that is what is tested */ })
  await client.connect()
  return client
}

/** The first value of the first row. */
async function ask (url: string, statement: string): Promise<unknown> {
  const client = await connect(url)
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement)
    return Object.values(rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

function pidOf (folder: string): number {
  return Number(readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])
}

function isAlive (pid: number): boolean {
  try { process.kill(pid, 0) } catch { return false }
  return true
}

async function isGone (pid: number): Promise<boolean> {
  for (let i = 0; i < 100 && isAlive(pid); i++) await sleep(50)
  return !isAlive(pid)
}

/** Whatever a test has left: only a server that lives in this folder. */
async function stopServer (folder: string): Promise<void> {
  if (!existsSync(join(folder, 'postgres/postmaster.pid'))) return
  const pid = pidOf(folder)
  if (pid > 1 && readCommand(pid).includes(folder)) process.kill(pid, 'SIGQUIT')
  await isGone(pid)
}

function readCommand (pid: number): string {
  try { return readFileSync(`/proc/${pid}/cmdline`, 'utf8') } catch { return '' }
}
