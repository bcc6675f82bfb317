// The service as the proofs of history use it: a process of its own, with a database in a fresh folder that can be looked
// into afterwards, and pretend helpdesks.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDb } from '../../src/store/db.ts'
import type { Db } from '../../src/store/db.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'
import { runService } from '../demo/service.ts'
import type { RunningService } from '../demo/service.ts'

export interface ProofHouse {
  service (): RunningService
  /** Stops it; `start` opens it again on the same data. */
  stop (): Promise<void>
  start (): Promise<void>
  /** Looks into the database of the service, whether it runs or not. */
  look<T> (fn: (db: Db) => Promise<T>): Promise<T>
  close (): Promise<void>
}

export async function openProofHouse (
  root: string, desks: Array<Pick<PretendHelpdesk, 'name' | 'settings'>>, env: Record<string, string> = {}
): Promise<ProofHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'deskloop-prove-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  const run = async (): Promise<RunningService> => {
    const settings = Object.assign({}, ...desks.map(desk => desk.settings))
    const service = await runService(root, {
      ...settings, DESKLOOP_DATA: data, DESKLOOP_PORT: '0', DESKLOOP_MODE: 'draft', DESKLOOP_LOG: 'info',
      // The pretend helpdesks of these proofs keep no limit a minute: what a pace costs is shown by `prove rate`.
      DESKLOOP_CATCH_UP_MINUTES: '0', DESKLOOP_RATE: 'off', ...env
    }, join(folder, 'service.log'))
    await service.ready()
    return service
  }
  let service = await run()
  return {
    service: () => service,
    stop: async () => await service.stop(),
    async start () { service = await run() },
    async look (fn) {
      const server = await openEmbedded(data)
      const db = openDb(server.url, 'deskloop-prove', 2)
      try {
        return await fn(db)
      } finally {
        await db.destroy()
        await server.close()
      }
    },
    async close () {
      await service.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

export function fieldOf (value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined
}

export function numberOf (value: unknown, name: string): number {
  const found = fieldOf(value, name)
  return typeof found === 'number' ? found : 0
}

/** Asks until the answer is as wanted. */
export async function until<T> (
  ask: () => Promise<T>, isWanted: (answer: T) => boolean, patienceMs: number, what: string
): Promise<T> {
  const untilMs = performance.now() + patienceMs
  for (;;) {
    const answer = await ask()
    if (isWanted(answer)) return answer
    if (performance.now() > untilMs) throw new Error(`${what} did not come within ${patienceMs / 1000} s: ${JSON.stringify(answer).slice(0, 300)}`)
    await sleep(250)
  }
}
