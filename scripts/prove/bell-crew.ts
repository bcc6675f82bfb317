// Web and two workers as real processes, killed without a word at a chosen moment and started again at once. Nothing of
// the operator's environment reaches them, so that nothing real can be meant by accident.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Who } from './bell-terms.ts'

export interface Crew {
  kill (who: Who): void
  kills (): number
  close (): Promise<void>
}

interface Seat { role: 'web' | 'worker', child: ChildProcess }

export function openCrew (root: string, env: Record<string, string>, logFile: string): Crew {
  const cache = join(env['DESKLOOP_DATA'] ?? '', 'compiled')
  const seats: Seat[] = []
  const ended: Array<Promise<unknown>> = []
  let kills = 0
  let isClosing = false
  for (const role of ['web', 'worker', 'worker'] as const) seats.push({ role, child: start(role) })
  return {
    kill (who) {
      for (const seat of seats) {
        if ((who === 'web') !== (seat.role === 'web')) continue
        seat.child.kill('SIGKILL')
        kills++
        seat.child = start(seat.role)
      }
    },
    kills: () => kills,
    async close () {
      isClosing = true
      for (const { child } of seats) child.kill('SIGKILL')
      await Promise.all(ended)
    }
  }

  function start (role: 'web' | 'worker'): ChildProcess {
    const log = openSync(logFile, 'a')
    const child = spawn(process.execPath, ['--no-warnings', join(root, 'scripts/prove/bell-process.ts'), role], {
      cwd: root, stdio: ['ignore', log, log],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', NODE_COMPILE_CACHE: cache, ...env }
    })
    closeSync(log)
    ended.push(new Promise(resolve => child.once('exit', (code, signal) => {
      if (signal === null && code !== 0 && !isClosing) {
        process.stderr.write(`a process ended by itself (${code}): ${readFileSync(logFile, 'utf8').slice(-600)}\n`)
      }
      resolve(null)
    })))
    return child
  }
}
