// What goes over the wire while a piece of work runs: how many calls it makes, and what time the other side has. Node's
// own fetch tells of every request it sends: https://undici.nodejs.org/#/docs/api/DiagnosticsChannel
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/**
 * `refused`: calls that were answered "too many". `skewMs`: how far the other side's clock is ahead of ours, as of the last
 * answer; null while nothing was answered.
 */
export interface Meter { calls: number, refused: number, skewMs: number | null }

export interface Wire {
  /** Every request that `work` sends, at any depth, counts for `name`. */
  measure<T> (name: string, work: () => Promise<T>): Promise<T>
  meter (name: string): Readonly<Meter>
  close (): void
}

export function openWire (nowMs: () => number): Wire {
  const meters = new Map<string, Meter>()
  const running = new AsyncLocalStorage<Meter>()
  const asked = new WeakMap<object, { meter: Meter, atMs: number }>()
  const meterOf = (name: string): Meter => {
    const meter = meters.get(name) ?? { calls: 0, refused: 0, skewMs: null }
    meters.set(name, meter)
    return meter
  }
  const onRequest = (message: unknown): void => {
    const meter = running.getStore()
    const request = requestOf(message)
    if (meter === undefined || request === null) return
    meter.calls++
    asked.set(request, { meter, atMs: nowMs() })
  }
  const onAnswer = (message: unknown): void => {
    const request = requestOf(message)
    const known = request === null ? undefined : asked.get(request)
    if (known === undefined) return
    const { statusCode, headers } = answerOf(message)
    if (statusCode === TOO_MANY) known.meter.refused++
    const dateMs = dateOf(headers)
    if (dateMs === null) return
    // The header tells whole seconds, so its truth lies half a second later on average.
    known.meter.skewMs = Math.round(dateMs + 500 - (known.atMs + nowMs()) / 2)
  }
  subscribe('undici:request:create', onRequest)
  subscribe('undici:request:headers', onAnswer)
  return {
    measure: (name, work) => running.run(meterOf(name), work),
    meter: meterOf,
    close () {
      unsubscribe('undici:request:create', onRequest)
      unsubscribe('undici:request:headers', onAnswer)
    }
  }
}

function requestOf (message: unknown): object | null {
  if (typeof message !== 'object' || message === null || !('request' in message)) return null
  return typeof message.request === 'object' ? message.request : null
}

/** Headers come as they stood on the wire: name, value, name, value. */
function answerOf (message: unknown): { statusCode: unknown, headers: unknown[] } {
  const none = { statusCode: null, headers: [] }
  if (typeof message !== 'object' || message === null || !('response' in message)) return none
  const { response } = message
  if (typeof response !== 'object' || response === null || !('headers' in response)) return none
  const statusCode = 'statusCode' in response ? response.statusCode : null
  return { statusCode, headers: Array.isArray(response.headers) ? response.headers : [] }
}

function dateOf (headers: unknown[]): number | null {
  const at = headers.findIndex((name, i) => i % 2 === 0 && String(name).toLowerCase() === 'date')
  const ms = at < 0 ? Number.NaN : Date.parse(String(headers[at + 1]))
  return Number.isNaN(ms) ? null : ms
}

const TOO_MANY = 429
