// Setting up ends when something real has come through the door: a delivery that was signed, believed and stored.
import { setTimeout as sleep } from 'node:timers/promises'

export interface Arrival {
  deliveryId: string
  afterMs: number                                   // since it was waited for
  events: number                                    // what it said; 0: it only told where to look
  lagSeconds: number | null                         // from the event at the helpdesk to its place here; null: none was read yet
}

export interface Found { id: string, events: number, lagSeconds: number | null }

export type FindArrival = (after: string | null) => Promise<Found | null>

const LOOK_MS = 250
const FOR_EVENTS_MS = 5_000                         // a delivery that only says "look" is looked at within that

/** Null when nothing came in time. */
export async function waitForArrival (
  find: FindArrival, after: string | null, patienceMs: number
): Promise<Arrival | null> {
  const startMs = performance.now()
  let arrivedMs: number | null = null
  for (;;) {
    const found = await find(after)
    const nowMs = performance.now()
    if (found !== null) {
      arrivedMs ??= nowMs
      if (found.lagSeconds !== null || nowMs - arrivedMs > FOR_EVENTS_MS) {
        const { id: deliveryId, events, lagSeconds } = found
        return { deliveryId, afterMs: Math.round(arrivedMs - startMs), events, lagSeconds }
      }
    } else if (nowMs - startMs >= patienceMs) {
      return null
    }
    await sleep(LOOK_MS)
  }
}

export function sayArrival (arrival: Arrival): string {
  const lag = arrival.lagSeconds === null ? 'it said nothing about a ticket' : `lag ${arrival.lagSeconds.toFixed(1)} s`
  return `HEARD   the first delivery by webhook came after ${(arrival.afterMs / 1000).toFixed(1)} s (${lag}): the connection is live`
}
