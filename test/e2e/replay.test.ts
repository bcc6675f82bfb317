// The demo as its users run it: a small archive through the three pretend helpdesks by true webhooks, on a server of its
// own. In order, in disorder, and with the service killed on the way: at the end the same drafts, and no word in public.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ArchiveTicket } from '../../scripts/archive.ts'
import { makeDemoArchive } from '../../scripts/demo/demo-archive.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import { EAGER, ROOT } from '../support/house.ts'

const TICKETS = 100                                 // more than the gate asks for before its first note: not every reply may teach
const PER_DAY = 50
const WORRIED = 6                                   // every sixth customer has lost data
const PATIENCE_MS = 100_000

interface Told {
  tickets: number, bad_lines: number, kills: number, dropped: number
  stats: Record<string, number>
  curve: unknown
  checks: Array<{ name: string, ok: boolean, says: string }>
}

let folder: string
let archive: string
const children: ChildProcess[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'deskloop-replay-'))
  archive = join(folder, 'tickets.ndjson')
  const lines = makeDemoArchive(5).slice(0, TICKETS).map((ticket, i) => JSON.stringify(crowded(ticket, i)))
  writeFileSync(archive, [...lines, '{"id":'].join('\n') + '\n')
})

afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGTERM')
  for (const name of ['plain', 'disorder', 'kills']) {
    const data = join(folder, name, 'demo')
    // A server that a demo which failed has left behind.
    if (existsSync(join(data, 'postgres/postmaster.pid'))) await (await openEmbedded(data)).close()
  }
  rmSync(folder, { recursive: true, force: true })
})

const whole = {
  'public writes by Deskloop': /^0 of \d+ public replies/,
  'tickets with two live notes': /^0 \([1-9]\d* notes\)/,
  'notes on tickets already answered': /^0 /,
  'notes written twice': /^0 /,
  'deliveries answered = stored': /zendesk \d+/,
  'stories by webhook = by fetchTicket': new RegExp(`^${TICKETS} of ${TICKETS} tickets`),
  'drafts and scores = backtest': /^(\d+) of \1 \(live \1\)/,
  'one message and at most one issue each': /^\d+ anomalies, .* 0 of unknown ones$/
}

test('an archive in the order of its time, in disorder, and through two crashes: all is there, and all the same', async () => {
  const plain = await replay('plain', [])
  expect(plain).toMatchObject({ tickets: TICKETS, bad_lines: 1, kills: 0, dropped: 0 })
  expectWhole(plain)
  expect(plain.stats['notes']).toBeGreaterThan(0)
  expect(plain.stats).toMatchObject({ unreadable: 0, parked: 0, failures: 0, waiting: 0 })
  const written = /\((\d+) notes\)/.exec(plain.checks.find(c => c.name === 'notes written twice')?.says ?? '')?.[1]
  expect(Number(written)).toBeGreaterThan(Number(plain.stats['notes']))       // drafts, and suggestions to escalate

  const disorder = await replay('disorder', ['--disorder'])
  expect(disorder.dropped).toBeGreaterThan(0)
  expectWhole(disorder)
  expect(learned(disorder)).toEqual(learned(plain))

  const kills = await replay('kills', ['--kills', '2'])
  expect(kills.kills).toBe(2)
  expectWhole(kills)
  expect(learned(kills)).toEqual(learned(plain))
}, 3 * PATIENCE_MS)

/** The same tickets on a few busy days: what happens to many of them at once takes the demo one step and not many. */
function crowded (ticket: ArchiveTicket, i: number): unknown {
  const opened = Date.parse('2026-09-07T09:00:00Z') + Math.floor(i / PER_DAY) * 3 * 86_400_000 + i % PER_DAY * 60_000
  const byMs = opened - Date.parse(ticket.opened_at)
  return JSON.parse(JSON.stringify(withWorry(ticket, i)), (name, value) => {
    const isInstant = typeof value === 'string' && (name === 'at' || name.endsWith('_at'))
    return isInstant ? new Date(Date.parse(value) + byMs).toISOString().slice(0, 19) + 'Z' : value
  })
}

// Some customers say what sets off a rule of escalation: first, and once more after they were answered.
function withWorry (ticket: ArchiveTicket, i: number): ArchiveTicket {
  if (i % WORRIED !== 5) return ticket
  const messages = ticket.messages.map(m => m.role === 'customer' ? { ...m, text: `${m.text} We lost all our data!` } : m)
  return { ...ticket, messages }
}

function expectWhole (told: Told): void {
  expect(told.checks.filter(check => !check.ok)).toEqual([])
  expect(told.checks.map(check => check.name).sort()).toEqual(Object.keys(whole).sort())
  for (const [name, says] of Object.entries(whole)) {
    expect([name, told.checks.find(check => check.name === name)?.says]).toEqual([name, expect.stringMatching(says)])
  }
}

/** What must not depend on how the deliveries travelled. */
function learned ({ stats, checks }: Told): unknown {
  const { tickets, drafts, noteDrafts, thoughts } = stats
  const check = checks.find(c => c.name === 'drafts and scores = backtest')
  return [tickets, drafts, noteDrafts, thoughts, check?.says.split(',')[0]]
}

async function replay (name: string, more: string[]): Promise<Told> {
  const data = join(folder, name)
  const { DATABASE_URL: _none, ...inherited } = process.env
  const env = { ...inherited, DESKLOOP_DATA: data, DESKLOOP_PORT: '0', DESKLOOP_RULES: JSON.stringify(EAGER) }
  const args = ['--no-warnings', join(ROOT, 'scripts/deskloop.ts'), 'demo', '--tickets', archive, '--json', ...more]
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let said = ''
  let heard = ''
  let told: unknown = null
  child.stderr.on('data', (part: Buffer) => { heard += part.toString() })
  child.stdout.on('data', (part: Buffer) => {
    said += part.toString()
    if (!said.endsWith('}\n')) return
    told = JSON.parse(said)
    child.kill('SIGTERM')                           // all is said: it closes what it has opened and goes
  })
  const tooLong = setTimeout(() => child.kill('SIGTERM'), PATIENCE_MS)
  const code = await new Promise<number | null>(resolve => { child.once('close', resolve) })
  clearTimeout(tooLong)
  if (!isTold(told)) {
    const log = join(data, 'demo/service.log')
    throw new Error(`the demo ended with ${code}:\n${heard}\n${existsSync(log) ? readFileSync(log, 'utf8').slice(-2000) : ''}`)
  }
  expect([name, code, existsSync(join(data, 'demo/postgres/postmaster.pid'))]).toEqual([name, 0, false])
  return told
}

function isTold (value: unknown): value is Told {
  return typeof value === 'object' && value !== null && 'checks' in value && Array.isArray(value.checks) && 'stats' in value
}
