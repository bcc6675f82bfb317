// A backtest that is killed in the middle, really and more than once, goes on where it was: in the end its report, its page
// and its dump are byte for byte those of a run that nobody disturbed.
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDemoArchive } from '../../scripts/demo/demo-archive.ts'
import { ROOT } from '../support/house.ts'

let folder: string
let archive: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'deskloop-test-'))
  archive = join(folder, 'archive.ndjson')
  writeFileSync(archive, makeDemoArchive(1).map(ticket => JSON.stringify(ticket)).join('\n') + '\n')
})
afterAll(() => { rmSync(folder, { recursive: true }) })

interface Ran { code: number | null, signal: string | null, out: string, err: string }

/** `killAfter`: ends it with SIGKILL as soon as that holds. */
async function run (name: string, killAfter?: () => boolean, file = archive): Promise<Ran> {
  const kept = join(folder, name)
  const args = [
    '--no-warnings', join(ROOT, 'scripts/deskloop.ts'), 'backtest', file, '--json', '--resume', kept, '--html',
    join(folder, `${name}.html`), '--dump', join(folder, `${name}.dump`)
  ]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const ran: Ran = { code: null, signal: null, out: '', err: '' }
  child.stdout.on('data', (part: Buffer) => { ran.out += part.toString() })
  child.stderr.on('data', (part: Buffer) => { ran.err += part.toString() })
  const ended = new Promise<void>(resolve => child.once('close', (code, signal) => {
    Object.assign(ran, { code, signal })
    resolve()
  }))
  const watch = killAfter === undefined ? null : setInterval(() => { if (killAfter()) child.kill('SIGKILL') }, 5)
  await ended
  if (watch !== null) clearInterval(watch)
  return ran
}

function inodeOf (file: string): number {
  return existsSync(file) ? statSync(file).ino : 0
}

test('killed three times, it ends with the bytes of a run that was not', async () => {
  const whole = await run('whole')
  expect([whole.code, whole.err.includes('steps,')]).toEqual([0, true])
  const state = join(folder, 'killed', 'state.ndjson')
  let kills = 0
  for (let tries = 0; tries < 3; tries++) {
    const before = inodeOf(state)
    const ran = await run('killed', () => inodeOf(state) !== before)
    if (ran.signal === 'SIGKILL') kills++
  }
  expect(kills).toBeGreaterThan(0)
  // What a killed writer left half-written after the last saved state is no part of the run.
  appendFileSync(join(folder, 'killed', 'drafts.ndjson'), '{"where":{"connection":"zen')
  const last = await run('killed')
  const [, from, all] = /going on after (\d+) of (\d+) steps/.exec(last.err) ?? []
  expect(Number(from)).toBeGreaterThan(0)
  expect(Number(all)).toBeGreaterThan(2_000)
  expect(last.code).toBe(0)
  expect(last.out).toBe(whole.out)
  for (const end of ['html', 'dump']) {
    expect(readFileSync(join(folder, `killed.${end}`), 'utf8')).toBe(readFileSync(join(folder, `whole.${end}`), 'utf8'))
  }
}, 300_000)

test('a folder of another archive is refused, and one that is not whole is named', async () => {
  const other = join(folder, 'other.ndjson')
  writeFileSync(other, makeDemoArchive(2).slice(0, 20).map(ticket => JSON.stringify(ticket)).join('\n') + '\n')
  expect((await run('small', undefined, other)).code).toBe(0)
  const refused = await run('small')
  expect([refused.code, refused.out]).toEqual([1, ''])
  expect(refused.err).toContain('holds a run over another archive')
  const state = join(folder, 'small', 'state.ndjson')
  writeFileSync(state, readFileSync(state, 'utf8').replace('{"whole":true}\n', ''))
  const broken = await run('small', undefined, other)
  expect([broken.code, broken.err.includes('is not whole')]).toEqual([1, true])
}, 120_000)
