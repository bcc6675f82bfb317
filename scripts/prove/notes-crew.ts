// The workers of the proof: real processes, killed without a word one after the other and started again at once. Nothing
// of the operator's environment reaches them, so that no real helpdesk can be meant by accident.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Terms } from './notes-terms.ts'

export interface CrewOptions {
  workers: number, killEveryMs: number, mostKills: number, terms: Terms, env: Record<string, string>, folder: string
}

interface Seat { child: ChildProcess, openSince: number | null }

/** Kills only who has been at work for a moment: a worker that never gets to work proves nothing. */
export function openCrew (root: string, options: CrewOptions): { close: () => Promise<number> } {
  const seats: Seat[] = []
  const ended: Array<Promise<unknown>> = []
  const logFile = join(options.folder, 'workers.log')
  let kills = 0
  let next = 0
  let closed: Promise<number> | null = null
  for (let i = 0; i < options.workers; i++) seats.push(start())
  const timer = setInterval(() => {
    const seat = seats[next % seats.length]
    if (kills >= options.mostKills) return
    if (seat === undefined || seat.openSince === null || Date.now() - seat.openSince < options.killEveryMs / 2) return
    seat.child.kill('SIGKILL')
    kills++
    seats[next % seats.length] = start()
    next++
  }, options.killEveryMs)
  return {
    close () {
      closed ??= (async () => {
        clearInterval(timer)
        for (const { child } of seats) child.kill('SIGKILL')
        await Promise.all(ended)
        return kills
      })()
      return closed
    }
  }

  function start (): Seat {
    const log = openSync(logFile, 'a')
    const child = spawn(process.execPath, [
      '--no-warnings', join(root, 'scripts/prove/notes-worker.ts'), JSON.stringify(options.terms)
    ], {
      cwd: root,
      stdio: ['ignore', 'pipe', log],
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', DESKLOOP_MODE: 'draft', DESKLOOP_CATCH_UP_MINUTES: '0',
        DESKLOOP_RATE: 'off', DESKLOOP_DATA: options.folder, ...options.env
      }
    })
    closeSync(log)
    const seat: Seat = { child, openSince: null }
    let said = ''
    child.stdout?.on('data', (bytes: Buffer) => {
      if (seat.openSince !== null) return
      said += bytes.toString('utf8')
      if (said.includes('the worker is open')) seat.openSince = Date.now()
    })
    ended.push(new Promise(resolve => child.once('exit', (code, signal) => {
      if (signal === null && code !== 0 && closed === null) {
        process.stderr.write(`a worker ended by itself (${code}): ${readFileSync(logFile, 'utf8').slice(-400)}\n`)
      }
      resolve(null)
    })))
    return seat
  }
}
