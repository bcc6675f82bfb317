// The loops of a worker: tickets from the queue, thinking, effects, catching up, and the sweeper that finds what was
// forgotten. Each loop does one thing until there is nothing left, then sleeps until it is woken.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Helpdesk, Instant } from '../types.ts'
import { RetryLater, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Queue } from '../queue.ts'
import { purgeContext } from '../store/context.ts'
import type { Db } from '../store/db.ts'
import type { EscalationRules } from '../learn/escalation.ts'
import { listUndone } from '../store/stories.ts'
import { listDuties } from './duties.ts'
import type { Duty } from './duties.ts'
import { checkCredential } from './credential.ts'
import { accountsOnce } from './accounts.ts'
import type { AccountDeps } from './accounts.ts'
import { effectsOnce } from './effects.ts'
import type { EffectPerformer } from './effects.ts'
import { fileOnce } from './filing.ts'
import { keepKnowledge } from './knowledge.ts'
import { reconcileOnce } from './reconcile.ts'
import { probeOnce, probesOf } from './refused.ts'
import { usualTempo } from './schedule.ts'
import type { Tempo } from './schedule.ts'
import { keepProvisioned } from './provision.ts'
import { outletsOnce } from './outlets.ts'
import type { OutletDeps } from './outlets.ts'
import { onTicket } from './ticket.ts'
import { quarantineOnce } from './quarantine.ts'
import { thinkOnce } from './think.ts'
import type { ThinkDeps } from './think.ts'
import { unlearnOnce } from './unlearn.ts'
import { watchOnce } from './watch.ts'
import type { WatchDeps } from './watch.ts'
import { wordOnce } from './wording.ts'
import type { WordingDeps } from './wording.ts'
import { openWire } from './wire.ts'

export interface WorkerDeps {
  db: Db
  log: Log
  queue: Queue
  helpdesks: ReadonlyMap<string, Helpdesk>
  think: ThinkDeps
  /** Who carries out what: one performer for each kind of effect. */
  performers: readonly EffectPerformer[]
  tempo?: Tempo
  outlets?: OutletDeps
  /** Present: drafts are worded although no note will be written. */
  wording?: WordingDeps
  watch?: WatchDeps
  duties?: Duty[]                                   // of nobody's connection, such as digests
  escalation?: EscalationRules
  accounts?: AccountDeps
  now: () => Promise<Instant>
  catchUpMinutes: number
  checkSeconds?: number                             // default: ten minutes
}

export interface Worker { wake (): void, close (): Promise<void> }

const SWEEP_MS = 30_000
const CHECK_SECONDS = 600
const OUTLET_MS = 500
const WATCH_MS = 2_000
const WORDING_MS = 500
const RECONCILE_MS = 30_000
const PROBE_MS = 10_000
const KNOWLEDGE_LOOK_MS = 600_000
const PURGE_MS = 3_600_000
const LONGEST_TOLD_MS = 300_000
const ACCOUNT_MS = 5_000
const UNLEARN_MS = 60_000

export async function openWorker (deps: WorkerDeps): Promise<Worker> {
  const stop = new AbortController()
  const loops: Array<{ wake: () => void, ended: Promise<void> }> = []
  const effects = loop('effect', 250, () => effectsOnce(deps))
  const { wording, watch } = deps
  const holding = watch === undefined ? null : loop('quarantine', WATCH_MS, async () => await quarantineOnce(deps.think, await deps.now()))
  const watching = watch === undefined
    ? null
    : loop('watch', WATCH_MS, async () => {
      const looked = await watchOnce(watch, await deps.now())
      holding?.wake()
      return looked
    })
  const think = loop('think', 250, async () => {
    const taken = await thinkOnce(deps.think, await deps.now())
    if (taken > 0) {
      effects.wake()
      if (deps.think.replay) watching?.wake()       // an hour of a replay may pass before it would look by itself
      await deps.think.keeper.save(deps.db)
    }
    return taken
  })
  const { probeMs, recheckMs } = deps.tempo ?? usualTempo
  loop('reconcile', Math.min(RECONCILE_MS, recheckMs / 4), () => reconcileOnce(deps))
  loop('probe', Math.min(PROBE_MS, probeMs / 4), async () => {
    const resumed = await probeOnce(deps, probesOf(deps.performers), probeMs)
    if (resumed > 0) effects.wake()
    return 0
  })
  const unlearn = loop('unlearn', UNLEARN_MS, () => unlearnOnce({ ...deps.think, nowMs: () => performance.now() }))
  loop('sweep', SWEEP_MS, sweep)
  loop('purge', PURGE_MS, async () => { await purgeContext(deps.db); return 0 })
  const { outlets } = deps
  const outlet = outlets === undefined || outlets.outlets.length === 0 ? null : loop('outlet', OUTLET_MS, () => outletsOnce(outlets))
  const { filing } = watch ?? {}
  if (watch !== undefined && filing !== undefined && filing.automatic.length > 0) {
    loop('file', WATCH_MS, async () => await fileOnce({ ...watch, filing }, await deps.now()))
  }
  if (wording !== undefined) loop('wording', WORDING_MS, () => wordOnce(wording))
  const wire = openWire(Date.now)
  const duties = listDuties({
    ...deps, rules: deps.think.rules, replay: deps.think.replay, wire,
    wake: think.wake, isStopping: () => stop.signal.aborted
  })
  for (const { job, pauseMs, once } of [...duties, ...(deps.duties ?? [])]) loop(job, pauseMs, once)
  const checkMs = (deps.checkSeconds ?? CHECK_SECONDS) * 1000
  if (!deps.think.replay) {                         // a pretend present: nobody set up anything for it
    for (const connection of deps.helpdesks.keys()) {
      loop('provision', checkMs, async () => { await keepProvisioned(deps, connection); return 0 })
      loop('credential', checkMs, async () => { await checkCredential(deps, connection); return 0 })
      loop('knowledge', KNOWLEDGE_LOOK_MS, keepKnowledge(deps, connection))
    }
  }
  const { accounts } = deps
  if (accounts !== undefined) loop('account', ACCOUNT_MS, () => accountsOnce(accounts))
  const suggests = deps.think.mode === 'draft' ? { suggestAt: deps.now } : {}
  const ticket = { ...deps, ...suggests, people: accounts !== undefined, rules: deps.think.rules, wake: think.wake }
  await deps.queue.work(job => onTicket(ticket, job))
  return {
    wake () { think.wake(); effects.wake(); unlearn.wake(); outlet?.wake(); watching?.wake() },
    async close () {
      stop.abort()
      for (const l of loops) l.wake()
      await Promise.all(loops.map(l => l.ended))
      wire.close()
      await deps.think.keeper.save(deps.db, true)
    }
  }

  // A ticket with something new always has a job on its way; one that is still there after two looks has lost it.
  async function sweep (): Promise<number> {
    const before = await listUndone(deps.db, 1000)
    if (before.length === 0) return 0
    await sleep(5_000, null, { signal: stop.signal }).catch(() => { /* closing */ })
    const after = new Set((await listUndone(deps.db, 1000)).map(t => `${t.connection}/${t.ticketId}`))
    const forgotten = before.filter(t => after.has(`${t.connection}/${t.ticketId}`))
    if (forgotten.length === 0) return 0
    deps.log.warn({ job: 'sweep', tickets: forgotten.length, outcome: 'sent again' })
    await deps.db.transaction().execute(trx => deps.queue.send(trx, forgotten))
    deps.queue.wake()
    return 0
  }

  function loop (job: string, pauseMs: number, once: () => Promise<number>): { wake: () => void } {
    let woken = false
    let rouse: (() => void) | null = null
    const wake = (): void => { woken = true; rouse?.() }
    const run = async (): Promise<void> => {
      let failures = 0
      let toldMs = 0                                // how long somebody asked us to wait
      while (!stop.signal.aborted) {
        woken = false
        toldMs = 0
        try {
          const done = await once()
          failures = 0
          if (done > 0) continue
        } catch (error) {
          failures++
          toldMs = error instanceof RetryLater ? Math.min(error.waitMs, LONGEST_TOLD_MS) : 0
          deps.log.warn({ job, outcome: 'failed', failures, message: messageOf(error) })
        }
        if (woken && failures === 0) continue
        const waitMs = failures === 0 ? pauseMs : Math.max(toldMs, Math.min(30_000, 500 * 2 ** Math.min(failures, 6)))
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, waitMs)
          rouse = () => { clearTimeout(timer); resolve() }
          if (stop.signal.aborted || (woken && failures === 0)) rouse()
        })
        rouse = null
      }
    }
    const started = { wake, ended: run() }
    loops.push(started)
    return started
  }
}
