// deskloop prove conformance: every request that our clients make is held against the vendors' own machine-readable
// descriptions. Without a journal it records one: the contract tests and a short demo, or, asked for the whole, every test
// and the demo as it is.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judgeJournal } from '../../test/conformance/report.ts'
import type { VendorReport } from '../../test/conformance/report.ts'
import { makeDemoArchive } from '../demo/demo-archive.ts'
import type { Proof, ProofOptions } from '../prove.ts'

const TICKETS = 180                                 // of the demo's archive: some ten days of it
const TESTS = [
  'test/contract', 'test/integration/connect', 'test/integration/credentials', 'test/integration/accounts', 'test/integration/bell', 'test/integration/linear-issue',
  'test/integration/churn', 'test/integration/linear-missed', 'test/integration/split.test', 'connectors'
]
// What is said to a pretend vendor to see that it refuses is not said by a client of ours.
const NOT_OURS = ['sandbox-', 'test/unit/conformance']

export async function proveConformance ({ root, specs, journal, words }: ProofOptions): Promise<Proof> {
  if (specs === null || !existsSync(specs)) {
    const lines = [
      `SKIPPED  the vendors' descriptions are ${specs === null ? 'not given' : `not in ${specs}`}: nothing was checked.`,
      '         Name their folder with --specs FOLDER or DESKLOOP_SPECS; test/conformance/vendors.ts says which files are read.'
    ]
    return { kept: true, lines, figures: { skipped: true } }
  }
  if (journal !== null) return await judged(journal, specs)
  const folder = mkdtempSync(join(tmpdir(), 'deskloop-conformance-'))
  try {
    const file = join(folder, 'requests.ndjson')
    writeFileSync(file, '')
    await record(root, folder, file, words?.includes('whole') === true)
    return await judged(file, specs)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function record (root: string, folder: string, file: string, whole: boolean): Promise<void> {
  const env = { ...process.env, SANDBOX_REQUESTS: file, DESKLOOP_DATA: folder, DESKLOOP_PORT: '0' }
  const which = whole ? NOT_OURS.map(part => `--testPathIgnorePatterns=${part}`) : TESTS
  await run(root, ['--no-warnings', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js', ...which], env)
  const demo = ['--no-warnings', 'scripts/deskloop.ts', 'demo', '--exit', '--json']
  if (whole) { await run(root, demo, env); return }
  const tickets = join(folder, 'tickets.ndjson')
  writeFileSync(tickets, makeDemoArchive(1).slice(0, TICKETS).map(ticket => JSON.stringify(ticket)).join('\n'))
  // Eager rules: so few tickets earn no note otherwise, and writing notes is what matters most here.
  const DESKLOOP_RULES = JSON.stringify({ risk: 1, leastScore: 0 })
  await run(root, [...demo, '--tickets', tickets], { ...env, DESKLOOP_RULES })
}

async function run (root: string, args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] })
  let told = ''
  child.stderr.on('data', (part: Buffer) => { told = (told + part.toString('utf8')).slice(-2_000) })
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  if (code !== 0) throw new Error(`node ${args.slice(-4).join(' ')} ended with ${String(code)}: ${told}`)
}

async function judged (journal: string, specs: string): Promise<Proof> {
  const reports = await judgeJournal(journal, specs)
  const ours = reports.flatMap(report => report.violations.filter(({ because }) => because === null))
  const lines = [
    `${'vendor'.padEnd(10)} ${['requests', 'checked', 'operations', 'undescribed', 'faults of ours', 'of the description'].map(one => one.padStart(12)).join(' ')}`,
    ...reports.flatMap(layOut),
    ours.length === 0 ? 'KEPT     no request of ours is against a description' : `BROKEN   ${ours.length} kinds of faults are ours`
  ]
  return { kept: ours.length === 0, lines, figures: { vendors: reports } }
}

function layOut (report: VendorReport): string[] {
  const mine = report.violations.filter(({ because }) => because === null)
  const theirs = report.violations.length - mine.length
  const numbers = [report.requests, report.checked, report.operations, report.undescribed, mine.length, theirs]
  return [
    `${report.vendor.padEnd(10)} ${numbers.map(number => String(number).padStart(12)).join(' ')}`,
    ...report.note === null ? [] : [`           ${report.note}`],
    ...mine.map(({ what, times, example }) => `  OURS     ${times} times ${what}: ${example}`),
    ...report.violations.filter(one => one.because !== null).map(({ what, times, because }) => `  THEIRS   ${times} times ${what}: ${because ?? ''}`)
  ]
}
