// The calls of one account that wait in this process: what has begun, then what is new, then backfill. One question at a
// time goes to whoever gives the turns. Nobody waits longer than he has patience: whoever would, is told so at once.
import { HeldBack } from '../errors.ts'
import type { Lane } from '../types.ts'
import type { Given, Why } from './bucket.ts'

export interface Turn { probe: boolean }

export interface Lanes {
  /** Resolves when it is the call's turn; throws `HeldBack` when that would be too late. */
  enter (lane: Lane, begun: boolean, patienceMs: number): Promise<Turn>
  /** Something has changed: asks for turns at once. */
  again (): void
  /** Whoever waits for backfill is told to come another time: the process is closing. */
  close (): void
}

export interface LanesDeps {
  connection: string
  take: (live: number, backfill: number) => Promise<Given>
  /** How long one call takes to earn, in milliseconds. */
  eachMs: () => number
  nowMs: () => number
}

interface Waiter { untilMs: number, go: (turn: Turn) => void, fail: (error: Error) => void }

const LEAST_SLEEP_MS = 5
/** So long that nobody waits for it who would wait a moment. */
export const CLOSED_MS = 3_600_000

export function openLanes (deps: LanesDeps): Lanes {
  const begun: Waiter[] = []
  const fresh: Waiter[] = []
  const backfill: Waiter[] = []
  let running = false
  let rouse: (() => void) | null = null

  async function run (): Promise<void> {
    running = true
    try {
      while (begun.length + fresh.length + backfill.length > 0) {
        const given = await deps.take(begun.length + fresh.length, backfill.length)
        const turn: Turn = { probe: given.probe }
        for (let i = 0; i < given.live; i++) (begun.shift() ?? fresh.shift())?.go(turn)
        for (let i = 0; i < given.backfill; i++) backfill.shift()?.go(turn)
        const wakeMs = dismiss(given)
        if (wakeMs !== null) await sleep(Math.max(LEAST_SLEEP_MS, wakeMs))
      }
    } catch (error) {
      // A mistake of ours must not leave anybody waiting for ever.
      const failure = error instanceof Error ? error : new Error(String(error))
      for (const waiter of [begun, fresh, backfill].flatMap(queue => queue.splice(0))) waiter.fail(failure)
    } finally {
      running = false
    }
  }

  // Sends away who would wait too long; returns when the next one may go, null when nobody is left.
  function dismiss (given: Given): number | null {
    const nowMs = deps.nowMs()
    const eachMs = deps.eachMs()
    const check = (queue: Waiter[], firstMs: number, why: Why, lane: Lane): void => {
      const kept: Waiter[] = []
      for (const waiter of queue.splice(0)) {
        const waitMs = firstMs + kept.length * eachMs
        if (nowMs + waitMs <= waiter.untilMs) kept.push(waiter)
        else waiter.fail(heldBack(deps.connection, lane, why, Math.ceil(Math.max(waitMs, 1000))))
      }
      queue.push(...kept)
    }
    check(begun, given.liveWaitMs, given.liveWhy, 'live')
    check(fresh, given.liveWaitMs + begun.length * eachMs, given.liveWhy, 'live')
    const ahead = begun.length + fresh.length
    check(backfill, given.backfillWaitMs + ahead * eachMs, given.backfillWhy, 'backfill')
    if (ahead > 0) return given.liveWaitMs
    return backfill.length > 0 ? given.backfillWaitMs : null
  }

  async function sleep (ms: number): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms)
      rouse = () => { clearTimeout(timer); resolve() }
    })
    rouse = null
  }

  return {
    async enter (lane, hasBegun, patienceMs) {
      const first = lane === 'live' && begun.length + fresh.length === 0
      const queue = lane === 'backfill' ? backfill : hasBegun ? begun : fresh
      return await new Promise<Turn>((resolve, reject) => {
        queue.push({ untilMs: deps.nowMs() + patienceMs, go: resolve, fail: reject })
        if (!running) run().catch(reject)           // it tells whoever waits by itself
        else if (first) rouse?.()                   // who sleeps, sleeps for backfill: live calls may go sooner
      })
    },
    again () { rouse?.() },
    close () {
      for (const waiter of backfill.splice(0)) waiter.fail(heldBack(deps.connection, 'backfill', 'closing', CLOSED_MS))
      rouse?.()
    }
  }
}

export function heldBack (
  connection: string, lane: Lane, why: Why | 'endpoint' | 'closing', waitMs: number
): HeldBack {
  const says: Record<typeof why, string> = {
    resting: 'failed too often and is left in peace for a while',
    asked: 'has asked us to wait',
    others: 'has few calls left for other programs',
    budget: `has no turn for ${lane} calls soon`,
    endpoint: 'has reached the limit of this kind of call',
    closing: 'is not asked any more by a process that ends'
  }
  return new HeldBack(`${connection} ${says[why]}: nothing was sent, again in ${Math.ceil(waitMs / 1000)} s`, waitMs)
}
