// The service as the proofs of history use it: a process of its own, with a database in a fresh folder that can be looked
// into afterwards, and one pretend helpdesk.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDb } from '../../src/store/db.ts'
import type { Db } from '../../src/store/db.ts'
import { openEmbedded } from '../../src/store/embedded.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'
import { runService } from '../demo/service.ts'
import type { RunningService } from '../demo/service.ts'

export interface ProofHouse {
  service: RunningService
  /** Looks into the database of the service, whether it runs or not. */
  look<T> (fn: (db: Db) => Promise<T>): Promise<T>
  close (): Promise<void>
}

export async function openProofHouse (
  root: string, desk: Pick<PretendHelpdesk, 'name' | 'settings'>, env: Record<string, string> = {}
): Promise<ProofHouse> {
  const folder = mkdtempSync(join(tmpdir(), `deskloop-prove-${desk.name}-`))
  const data = join(folder, 'data')
  mkdirSync(data)
  const service = await runService(root, {
    ...desk.settings, DESKLOOP_DATA: data, DESKLOOP_PORT: '0', DESKLOOP_MODE: 'draft', DESKLOOP_LOG: 'info',
    DESKLOOP_CATCH_UP_MINUTES: '0', ...env
  }, join(folder, 'service.log'))
  return {
    service,
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
