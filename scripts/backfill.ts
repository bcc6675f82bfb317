// deskloop backfill CONNECTION: reads a helpdesk's history back, or watches the service that is at it. What it does is
// written down after every page, so that it may be stopped at any time and goes on where it was.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../src/config.ts'
import { openLog } from '../src/log.ts'
import { findBackfill } from '../src/store/backfill.ts'
import type { Backfill } from '../src/store/backfill.ts'
import { saveConnection } from '../src/store/connections.ts'
import { migrate } from '../src/store/db.ts'
import type { Db } from '../src/store/db.ts'
import { progressOf, sayProgress } from '../src/store/progress.ts'
import type { Connector, Instant } from '../src/types.ts'
import { askForBackfill, backfillOnce } from '../src/work/backfill.ts'
import { openWire } from '../src/work/wire.ts'
import { withDatabase } from './database.ts'

export interface BackfillCommand {
  root: string, config: Config, connectors: Connector[], name: string, since: string | null, json: boolean
  out: { write (text: string): unknown, isTTY?: boolean, columns?: number }
  isStopping: () => boolean
}

const LOOK_MS = 1_000
const LINE_MS = 10_000
const USUAL_DAYS = 365
const REFUSED_MS = 300_000                          // it rests that long only where a person has to do something

/** Returns the exit code: 0 when all is read, 1 when it was stopped before. */
export async function backfillCommand (command: BackfillCommand): Promise<number> {
  const { config, connectors, name, json, out } = command
  const set = config.connections.find(one => one.name === name)
  const connector = connectors.find(one => one.name === set?.connector)
  if (set === undefined || connector === undefined) {
    throw new Error(`backfill needs one of these connections: ${config.connections.map(one => one.name).join(', ') || 'none is set up (see .env.example)'}`)
  }
  const now = wallNow()
  const since = command.since ?? new Date(Date.parse(now) - USUAL_DAYS * 86_400_000).toISOString().slice(0, 10)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(since) || Number.isNaN(Date.parse(since)) || since > now.slice(0, 10)) {
    throw new Error('--since must be a day of the past such as 2025-01-01')
  }
  const helpdesk = connector.open(set.settings, name)
  const wire = openWire(Date.now)
  try {
    return await withDatabase(config, 'deskloop-backfill', async db => {
      await migrate(db, join(command.root, 'migrations'))
      await saveConnection(db, name, set.connector)
      const running = await findBackfill(db, name)
      // Without --since a backfill that is under way goes on as it was asked for.
      const from = command.since === null && running !== null && running.part !== 'done' ? running.since : `${since}T00:00:00Z`
      await askForBackfill(db, name, from, now)
      const deps = { db, log: openLog('silent'), helpdesks: new Map([[name, helpdesk]]), rules: config.rules, wire, isStopping: command.isStopping, wake: () => {} }
      const show = json ? null : openBar(out)
      for (let toldMs = 0; ;) {
        const work = backfillOnce(deps, name)
        const ended = work.then(() => true, () => true)
        for (let isOver = false; !isOver;) {
          isOver = await Promise.race([ended, sleep(LOOK_MS, false, { ref: false })])
          const state = await find(db, name)
          if (show !== null && (out.isTTY === true || performance.now() - toldMs > LINE_MS || state.part === 'done')) {
            toldMs = performance.now()
            show(state)
          }
        }
        const outcome = await work
        const state = await find(db, name)
        const isRefused = outcome === 'failed' && Date.parse(state.notBefore) - Date.now() > REFUSED_MS
        if (isRefused && state.lastError !== null) throw new Error(state.lastError)
        if (state.part === 'done' || command.isStopping()) return end(state, show)
        await sleep(LOOK_MS)                        // it waits for the helpdesk, or the service is at it
      }
    })
  } finally {
    wire.close()
  }

  function end (state: Backfill, show: ReturnType<typeof openBar> | null): number {
    const done = state.part === 'done'
    if (show === null) out.write(JSON.stringify({ connection: name, since: state.since, ...progressOf(state), usableAt: state.usableAt, finishedAt: state.finishedAt }, null, 2) + '\n')
    else {
      show(state)
      out.write(`${out.isTTY === true ? '\n' : ''}${done ? 'Deskloop learns from it as soon as it runs (npm start).' : 'Stopped: the same command goes on where it was.'}\n`)
    }
    return done ? 0 : 1
  }
}

async function find (db: Db, name: string): Promise<Backfill> {
  const state = await findBackfill(db, name)
  if (state === null) throw new Error(`the backfill of ${name} has vanished from the database`)
  return state
}

const BAR = 24

/** A line that is written over on a terminal, one after the other elsewhere. */
function openBar (out: BackfillCommand['out']): (state: Backfill) => void {
  return state => {
    const { share } = progressOf(state)
    const full = Math.round((share ?? 0) * BAR)
    const line = `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${share === null ? '  –' : String(Math.floor(share * 100)).padStart(3)} %  ${sayProgress(state)}`
    if (out.isTTY === true) out.write(`\r\u001b[2K${line.slice(0, Math.max(40, (out.columns ?? 100) - 1))}`)
    else out.write(`${line}\n`)
  }
}

function wallNow (): Instant {
  return new Date().toISOString().slice(0, 19) + 'Z'
}
