// The load, in a thread of its own. With a rate the instants of sending are fixed in advance and an answer is timed from
// its instant, however late the request really left: a service that stalls cannot slow its own measurement down
// ("coordinated omission", https://github.com/giltene/wrk2).
import { parentPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { makeDelivery, signedHeaders } from './deliveries.ts'
import type { BenchDelivery } from './deliveries.ts'
import { openLine } from './line.ts'
import type { Line } from './line.ts'

/** `rate` null: closed loop, each connection sends as soon as it was answered. */
export interface Round { port: number, first: number, rate: number | null, seconds: number, connections: number }

export interface RoundResult {
  sent: number
  acknowledged: Uint32Array                         // numbers of the deliveries that were answered 200
  latenciesMs: Float64Array                         // of those, sorted
  errors: Record<string, number>                    // by status; `none`: no answer came
  elapsedMs: number                                 // from the first instant to the last answer
}

const ANSWERED_WITHIN_MS = 20_000                   // after the last instant
const MOST_PREPARED = 300_000                       // bodies in memory, some 600 MB

type Wish = { prepare: Round } | 'start'

if (parentPort !== null) obey(parentPort)

function obey (port: MessagePort): void {
  let run: (() => Promise<RoundResult>) | null = null
  port.on('message', (wish: Wish) => {
    if (wish !== 'start') {
      run = prepare(wish.prepare)
      port.postMessage('ready')
      return
    }
    run?.().then(
      result => port.postMessage(result),
      (error: unknown) => port.postMessage({ failed: String(error) }))
  })
}

/** The bodies are made before the clock starts; only what signs the present time is left to do. */
export function prepare (round: Round): () => Promise<RoundResult> {
  const planned = round.rate === null ? Infinity : Math.round(round.rate * round.seconds)
  const atMs = Date.now()
  const prepared = Array.from({ length: Math.min(planned, round.seconds * 8000, MOST_PREPARED) },
    (_, i) => makeDelivery(round.first + i, atMs))
  const take = (i: number): BenchDelivery => prepared[i] ?? makeDelivery(round.first + i, Date.now())
  return async () => {
    const lines = Array.from({ length: round.connections }, () => openLine(round.port))
    try {
      return await drive(round, planned, lines, take)
    } finally {
      for (const line of lines) line.close()
    }
  }
}

function drive (
  round: Round, planned: number, lines: Line[], take: (i: number) => BenchDelivery
): Promise<RoundResult> {
  const acknowledged: number[] = []
  const latencies: number[] = []
  const errors: Record<string, number> = {}
  const free = [...lines]
  const startMs = performance.now() + 20
  const stopMs = startMs + round.seconds * 1000
  let sent = 0
  let answered = 0
  let lastMs = startMs

  const dueMs = (i: number): number =>
    round.rate === null ? Math.max(startMs, performance.now()) : startMs + i * 1000 / round.rate
  const isOver = (): boolean => round.rate === null ? performance.now() >= stopMs : sent >= planned

  return new Promise(resolve => {
    const finish = (): void => {
      clearInterval(timer)
      if (sent > answered) errors['none'] = (errors['none'] ?? 0) + sent - answered
      resolve({
        sent,
        acknowledged: Uint32Array.from(acknowledged),
        latenciesMs: Float64Array.from(latencies).sort(),
        errors,
        elapsedMs: lastMs - startMs
      })
    }
    const pump = (): void => {
      while (!isOver() && dueMs(sent) <= performance.now()) {
        const line = free.pop()
        if (line === undefined) break
        sendOne(line, sent++)
      }
      const isLate = performance.now() > stopMs + ANSWERED_WITHIN_MS
      if (isLate || (isOver() && answered === sent)) finish()
    }
    const sendOne = (line: Line, i: number): void => {
      const intendedMs = dueMs(i)
      const delivery = take(i)
      line.send(headOf(delivery, round.port), delivery.body, status => {
        answered++
        lastMs = performance.now()
        if (status === 200) {
          acknowledged.push(round.first + i)
          latencies.push(lastMs - intendedMs)
        } else {
          const name = status === 0 ? 'none' : String(status)
          errors[name] = (errors[name] ?? 0) + 1
        }
        free.push(line)
        pump()
      })
    }
    const timer = setInterval(pump, 1)
  })
}

function headOf (delivery: BenchDelivery, port: number): string {
  return `POST /hooks/${delivery.connection} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n` +
    `${signedHeaders(delivery, Date.now())}content-length: ${delivery.body.length}\r\n\r\n`
}
