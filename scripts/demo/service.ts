// The service as a process of its own, so that it can be killed like one. Speaks to it only by its public interface.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { openSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RunningService {
  url: string
  kills: number
  get (path: string): Promise<unknown>
  post (path: string, body?: unknown): Promise<unknown>
  /** Kills it without a word (SIGKILL) and starts it again at once. */
  kill (): void
  /** Waits until it answers. */
  ready (): Promise<void>
  stop (): Promise<void>
}

const PATIENCE_MS = 90_000

export async function runService (root: string, env: Record<string, string>, logFile: string): Promise<RunningService> {
  const port = await freePort(Number(env['DESKLOOP_PORT'] ?? 8080))
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | null = null
  let wanted = true
  const start = (): void => {
    const log = openSync(logFile, 'a')
    const inherited: Record<string, string | undefined> = process.env
    child = spawn(process.execPath, ['--no-warnings', join(root, 'scripts/deskloop.ts'), 'start'], {
      cwd: root, stdio: ['ignore', log, log],
      env: { ...inherited, ...env, DESKLOOP_PORT: String(port), DESKLOOP_URL: url, DATABASE_URL: '' }
    })
    closeSync(log)
    child.on('exit', () => { if (wanted) setTimeout(() => { if (wanted) start() }, 200) })
  }
  start()
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const until = Date.now() + PATIENCE_MS
    for (;;) {
      try {
        const answer = await fetch(url + path, {
          method,
          ...(
            body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
          ),
          signal: AbortSignal.timeout(60_000)
        })
        const text = await answer.text()
        if (answer.status < 500) {
          if (!answer.ok) throw new Refused(`${method} ${path} was answered ${answer.status}: ${text.slice(0, 200)}`)
          return text === '' ? null : JSON.parse(text)
        }
      } catch (error) {
        if (error instanceof Refused || Date.now() > until) throw error
      }
      if (Date.now() > until) throw new Error(`the service at ${url} did not answer ${method} ${path}: see ${logFile}`)
      await sleep(100)                              // it was killed and is coming back
    }
  }
  const running: RunningService = {
    url,
    kills: 0,
    get: path => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    kill () {
      running.kills++
      child?.kill('SIGKILL')
    },
    async ready () { await ask('GET', '/healthz') },
    async stop () {
      wanted = false
      const ending = child
      if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return
      const ended = new Promise(resolve => ending.once('exit', resolve))
      ending.kill('SIGTERM')
      await Promise.race([ended, sleep(30_000, null, { ref: false })])
    }
  }
  return running
}

class Refused extends Error {}

async function freePort (wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const found = await new Promise<number | null>(resolve => {
      const probe = createServer()
      probe.on('error', () => resolve(null))
      probe.listen(port, '127.0.0.1', () => {
        const address = probe.address()
        probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null))
      })
    })
    if (found !== null) return found
  }
  throw new Error('no port is free on 127.0.0.1')
}
