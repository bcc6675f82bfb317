// Lends the thread that sends, and what it measured in the words of a report.
import { Worker } from 'node:worker_threads'
import type { Round, RoundResult } from './sender.ts'

export interface Load {
  prepare (round: Round): Promise<void>
  /** Sends what was prepared. */
  run (): Promise<RoundResult>
  close (): Promise<void>
}

type Answer = 'ready' | RoundResult | { failed: string }

export function openLoad (): Load {
  const worker = new Worker(new URL('./sender.ts', import.meta.url))
  const ask = (wish: { prepare: Round } | 'start'): Promise<Answer> => new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (answer: Answer) => {
      worker.off('error', reject)
      resolve(answer)
    })
    worker.postMessage(wish)
  })
  return {
    async prepare (round) { await ask({ prepare: round }) },
    async run () {
      const answer = await ask('start')
      if (answer === 'ready') throw new Error('the sender has lost its place: it answered a start with ready')
      if ('failed' in answer) throw new Error(answer.failed)
      return answer
    },
    close: async () => { await worker.terminate() }
  }
}

export interface Spread { p50: number, p90: number, p99: number, max: number }

/** The nearest-rank percentiles of sorted milliseconds; null when there are none. */
export function spreadOf (sortedMs: ArrayLike<number>): Spread | null {
  const at = (share: number): number =>
    Math.round((sortedMs[Math.max(0, Math.ceil(share * sortedMs.length) - 1)] ?? 0) * 100) / 100
  return sortedMs.length === 0 ? null : { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}
