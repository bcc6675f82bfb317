// What the proofs share: a folder of their own, the command line as a person uses it, and the service as a process.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runService } from '../demo/service.ts'
import type { RunningService } from '../demo/service.ts'

export interface House {
  folder: string
  /** Runs `deskloop …` with the same settings; throws what it said when it fails. */
  deskloop (args: string[], input?: string): Promise<string>
  open (more?: Record<string, string>): Promise<RunningService>
  /** What the service has logged so far. */
  log (): Array<Record<string, unknown>>
  close (): Promise<void>
}

export function makeHouse (root: string, name: string, env: Record<string, string>): House {
  const folder = mkdtempSync(join(tmpdir(), `deskloop-${name}-`))
  const logFile = join(folder, 'service.log')
  const services: RunningService[] = []
  // Nothing of the operator's own environment may reach a real helpdesk.
  const own: Record<string, string> = {
    DESKLOOP_DATA: folder, DATABASE_URL: '', DESKLOOP_PORT: '0', DESKLOOP_LOG: 'info', DESKLOOP_ADMIN_TOKEN: '',
    ...env
  }
  return {
    folder,
    deskloop (args, input = '') {
      const child = spawn(process.execPath, ['--no-warnings', join(root, 'scripts/deskloop.ts'), ...args], {
        cwd: root, env: { PATH: process.env['PATH'], ...own }, stdio: ['pipe', 'pipe', 'pipe']
      })
      child.stdin.end(input)
      let said = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => { said += part.toString('utf8') })
      return new Promise((resolve, reject) => child.once('close', code => {
        if (code === 0) resolve(said)
        else reject(new Error(`deskloop ${args.join(' ')} ended with ${String(code)}: ${said.slice(-1_000)}`))
      }))
    },
    async open (more = {}) {
      Object.assign(own, more)                      // what is run later knows the same
      const service = await runService(root, own, logFile)
      services.push(service)
      await service.ready()
      return service
    },
    log () {
      return readFileSync(logFile, 'utf8').split('\n').flatMap(line => {
        if (!line.startsWith('{')) return []
        const said: unknown = JSON.parse(line)
        return typeof said === 'object' && said !== null ? [{ ...said }] : []
      })
    },
    async close () {
      for (const service of services) await service.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** One line of a table, padded. */
export function row (cells: string[], widths: number[]): string {
  return cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ').trimEnd()
}
