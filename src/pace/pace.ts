// The pace of one account: its lanes, its bucket in the database, what the vendor says of its limit, and the rest it gets
// when it fails too often. While the database is away each process goes on by itself, on half of the budget.
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { ensurePace, holdPace, restPace, savePaceQuota, takePaceTurns, wakePace } from '../store/pace.ts'
import type { PaceBucket } from '../store/pace.ts'
import type { Db } from '../store/db.ts'
import type { Ask, Heard, Lane, Pace, Quota, Rate } from '../types.ts'
import { makeBucket, takeTurns, waitsOf } from './bucket.ts'
import type { Given, PaceState } from './bucket.ts'
import { CLOSED_MS, heldBack, openLanes } from './lanes.ts'
import { sampleOne } from './sample.ts'
import type { Sample } from './sample.ts'

export interface PaceOptions {
  db: Db
  log: Log
  connection: string
  rate: Rate                                        // what the smallest plan allows
  share?: number                                    // of the plan's limit; half of it when nothing is said
  limit?: number                                    // the plan's limit, when a person has told it
  nowMs?: () => number
}

/** Of an account's limit, where nothing else is set. */
export const SHARE = 0.5
// What has begun is not sent away by what has not: half a page of history, read again from its start, would be for nothing.
const PATIENCE_MS = { live: { fresh: 5_000, begun: 30_000 }, backfill: { fresh: 30_000, begun: 60_000 } }
const REST_MS = [10_000, 20_000, 40_000, 60_000]
const PROBE_MS = 20_000                             // longer than the deadline of any call
const AWAY_MS = 5_000                               // the database is not asked again before that
const ANSWER_WITHIN_MS = 1_000
const FIRST_ANSWER_WITHIN_MS = 5_000                // a process that starts opens its connections and has much else to do
const TOLD_EVERY_MS = 5_000
const KEPT_FOR_OTHERS = 0.2
const NEARLY_NONE = 0.02
const MOST_HELD_MS = 3_600_000

/** `close`: backfill ends at once, so that a process can end; what is live is finished. */
export function openPace (options: PaceOptions): Pace & { close (): void } {
  const { db, log, connection, rate, share = SHARE, nowMs = Date.now } = options
  const sample: Sample = { seconds: [] }
  const stop = new AbortController()
  const held = new Map<string, number>()            // endpoints whose own limit is used up, until when
  const alone: PaceState = { tokens: 1e9, filledMs: nowMs(), heldUntilMs: 0, backfillUntilMs: 0, restUntilMs: null }
  let rests = 0                                     // as far as this process knows
  let learnt: number | null = null
  let debt = 0
  let ready = false
  let awayUntilMs = 0
  let told: { limit: number, atMs: number } | null = null      // what the others were told last

  const bucketOf = (part: number): PaceBucket =>
    makeBucket(options.limit ?? learnt ?? rate.limit, share * part, rate.windowMs)
  const lanes = openLanes({ connection, take, eachMs: () => 1 / bucketOf(1).perMs, nowMs })

  async function take (live: number, backfill: number): Promise<Given> {
    const owed = debt
    debt = 0
    const given = await takeShared(live, backfill, owed).catch((error: unknown) => { stayAway(error); return null }) ??
      takeTurns(alone, bucketOf(0.5), { live, backfill, debt: owed }, nowMs(), PROBE_MS)
    if (given.liveWhy === 'resting') sample.seconds = []        // what comes back from before the rest is old news
    return given
  }

  async function takeShared (live: number, backfill: number, owed: number): Promise<Given | null> {
    if (nowMs() < awayUntilMs) return null
    const bucket = bucketOf(1)
    const turn = await within(async () => {
      if (!ready) await ensurePace(db, connection)
      ready = true
      return await takePaceTurns(db, connection, bucket, { live, backfill, debt: owed }, PROBE_MS)
    })
    if (turn === null) { ready = false; return null }           // the server crashed and forgot: begun anew next time
    learnt = turn.planLimit ?? learnt
    alone.heldUntilMs = nowMs() + turn.heldMs
    alone.backfillUntilMs = nowMs() + turn.othersMs
    alone.restUntilMs = turn.restMs > 0 ? nowMs() + turn.restMs : null
    return waitsOf(turn, bucket)
  }

  function begin (lane: Lane): Ask {
    let begun = false
    let wrote = false
    return async (call, speak, hear) => {
      let probe = false
      // A note that was written must be proven private, whatever the budget says: it is paid for afterwards.
      if (wrote || call.urgent === true) debt++
      else {
        const patienceMs = PATIENCE_MS[lane][begun ? 'begun' : 'fresh']
        await waitFor(call.endpoint, lane, patienceMs)
        probe = (await lanes.enter(lane, begun, patienceMs)).probe
      }
      begun = true
      wrote = wrote || (call.write && lane === 'live')
      let heard: Heard = { failed: true, quotas: [], waitMs: null }
      try {
        const answer = await speak()
        heard = hear(answer)
        return answer
      } finally {
        await learn(call.endpoint, heard, probe).catch(stayAway)
      }
    }
  }

  async function waitFor (endpoint: string, lane: Lane, patienceMs: number): Promise<void> {
    const signal = lane === 'backfill' ? { signal: stop.signal } : {}
    if (signal.signal?.aborted === true) throw heldBack(connection, lane, 'closing', CLOSED_MS)
    const waitMs = (held.get(endpoint) ?? 0) - nowMs()
    if (waitMs <= 0) { held.delete(endpoint); return }
    if (waitMs > patienceMs) throw heldBack(connection, lane, 'endpoint', waitMs)
    await sleep(waitMs, null, signal).catch(() => { throw heldBack(connection, lane, 'closing', CLOSED_MS) })
  }

  async function learn (endpoint: string, heard: Heard, probe: boolean): Promise<void> {
    debt += Math.max(0, (heard.used ?? 1) - 1)
    await judge(heard.failed, probe)
    const account = heard.quotas.find(q => q.of === 'account') ?? null
    for (const quota of heard.quotas) {
      if (quota.of === 'endpoint' && quota.remaining < 1) held.set(endpoint, nowMs() + resetOf(quota))
    }
    if (heard.waitMs !== null) await obey(endpoint, account, Math.min(heard.waitMs, MOST_HELD_MS))
    if (account !== null) await heed(account)
  }

  async function judge (failed: boolean, probe: boolean): Promise<void> {
    if (probe && !failed) {
      rests = 0
      alone.restUntilMs = null
      sample.seconds = []
      log.warn({ job: 'pace', connection, outcome: 'works again' })
      await within(() => wakePace(db, connection))
    } else if (probe || (sampleOne(sample, failed, nowMs()) && alone.restUntilMs === null)) {
      const leastMs = REST_MS[Math.min(rests++, REST_MS.length - 1)] ?? 0
      alone.restUntilMs = nowMs() + leastMs
      log.warn({ job: 'pace', connection, outcome: 'resting', waitMs: leastMs })
      const why = probe ? 'it still fails' : 'half of its calls failed within 30 seconds'
      await within(() => restPace(db, connection, REST_MS, why, probe))
    }
    if (probe) lanes.again()                        // those that came with it need not sleep any longer
  }

  // With many calls left in the account it can only be the limit of this kind of call.
  async function obey (endpoint: string, account: Quota | null, waitMs: number): Promise<void> {
    const plenty = account !== null && account.remaining > KEPT_FOR_OTHERS / 2 * account.limit
    if (plenty) held.set(endpoint, nowMs() + waitMs)
    else await hold('all', waitMs, 'it asked to wait')
  }

  // Other programs use the account as well: what is nearly used up is left to them, backfill first.
  async function heed (account: Quota): Promise<void> {
    const few = Math.min(KEPT_FOR_OTHERS, (1 - share) / 2) * account.limit
    if (account.remaining <= NEARLY_NONE * account.limit) await hold('all', resetOf(account), 'its limit is nearly used up')
    else if (account.remaining < few) await hold('backfill', resetOf(account), '')
    const { limit, remaining } = account
    if (limit > 0) learnt = limit
    const atMs = nowMs()
    if (told !== null && told.limit === limit && atMs - told.atMs < TOLD_EVERY_MS) return
    const before = told
    told = { limit, atMs }                          // at once: calls that end together tell it once
    try {
      await within(() => savePaceQuota(db, connection, { limit, remaining, budget: bucketOf(1).budget }))
    } catch (error) {
      told = before                                 // the next call tells it
      throw error
    }
  }

  async function hold (of: 'all' | 'backfill', waitMs: number, why: string): Promise<void> {
    const untilMs = nowMs() + waitMs
    const known = of === 'all' ? alone.heldUntilMs : alone.backfillUntilMs
    if (untilMs < known + 500) return               // known already, as good as to the moment
    if (of === 'all') alone.heldUntilMs = untilMs
    else alone.backfillUntilMs = untilMs
    await within(() => holdPace(db, connection, of, waitMs, why))
  }

  // Vendors that name no reset count in windows: a quarter of one later it is looked at again.
  function resetOf (quota: Quota): number {
    return Math.min(quota.resetMs ?? rate.windowMs / 4, MOST_HELD_MS)
  }

  // The database is asked, but never waited for.
  async function within<T> (ask: () => Promise<T>): Promise<T> {
    if (nowMs() < awayUntilMs) throw new Error('the database is away')
    const withinMs = ready ? ANSWER_WITHIN_MS : FIRST_ANSWER_WITHIN_MS
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      // A process that was itself too busy reads first what has come meanwhile.
      timer = setTimeout(() => setImmediate(() => { reject(new Error(`no answer within ${withinMs} ms`)) }), withinMs)
    })
    return await Promise.race([ask(), late]).finally(() => { clearTimeout(timer) })
  }

  function stayAway (error: unknown): void {
    if (nowMs() < awayUntilMs) return
    awayUntilMs = nowMs() + AWAY_MS
    log.warn({ job: 'pace', connection, outcome: 'on its own', message: messageOf(error) }, 'the pace is not shared for a moment')
  }

  return { begin, close () { stop.abort(); lanes.close() } }
}
