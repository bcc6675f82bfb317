// The queue, behind a port of our own: wake-ups that carry ids, sent in the transaction of their cause. pg-boss keeps
// them; a handler may run twice and must not mind. The order of a ticket's events is never the queue's business.
import { PgBoss, fromKysely } from 'pg-boss'
import type { Transaction } from 'kysely'
import type { Database } from './store/schema.ts'
import { GiveUp, RetryLater, messageOf } from './errors.ts'
import type { Log } from './log.ts'

export interface TicketJob { connection: string, ticketId: string }
export interface Jobs { ticket: TicketJob }
export type JobName = keyof Jobs

export interface Queue {
  /** In the caller's transaction: the job exists if and only if its cause does. One waiting job per ticket. */
  send (trx: Transaction<Database>, jobs: TicketJob[]): Promise<void>
  /** Tells the workers of this process that something may be there; those of others look twice a second. */
  wake (): void
  work (handler: (job: TicketJob) => Promise<void>): Promise<void>
  onFailure (tell: (job: TicketJob, message: string) => Promise<void>): void
  close (): Promise<void>
}

const QUEUE = 'ticket'
const DEAD = 'ticket-dead'

export async function openQueue (url: string, log: Log, options: { worker: boolean }): Promise<Queue> {
  const boss = new PgBoss({
    connectionString: url,                          // a few connections of its own, for what no transaction of ours causes
    application_name: 'deskloop-queue',
    max: 4,
    supervise: options.worker,
    schedule: false,
    useListenNotify: false                          // a notifying commit holds a lock of the whole database
  })
  boss.on('error', error => log.warn({ job: 'queue', message: messageOf(error) }, 'the queue had trouble'))
  await boss.start()
  await boss.createQueue(DEAD)                      // before it is named
  await boss.createQueue(QUEUE, {
    policy: 'short',                                // one waiting job per key; safe because the ticket's row is locked first
    deadLetter: DEAD,
    retryLimit: 6,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 300,
    expireInSeconds: 120,
    heartbeatSeconds: 10,
    deleteAfterSeconds: 60,
    retentionSeconds: 14 * 86_400
  })
  const workers: string[] = []
  let tellFailure: ((job: TicketJob, message: string) => Promise<void>) | null = null
  return {
    async send (trx, jobs) {
      if (jobs.length === 0) return
      await boss.insert(QUEUE, jobs.map(data => ({ data, singletonKey: `${data.connection}/${data.ticketId}` })),
        { db: fromKysely(trx) })
    },
    wake () { for (const id of workers) boss.notifyWorker(id) },
    async work (handler) {
      // batchSize 1 with bursts starves a backlog, hence batches that are worked one job after the other.
      const id = await boss.work<TicketJob>(QUEUE, {
        batchSize: 8, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5, localConcurrency: 4, perJobResults: true
      }, async jobs => {
        const results = []
        for (const job of jobs) {
          const startedMs = performance.now()
          try {
            await handler(job.data)
            results.push({ id: job.id, status: 'completed' as const })
          } catch (error) {
            const ms = Math.round(performance.now() - startedMs)
            const known = error instanceof GiveUp || error instanceof RetryLater
            log.warn({ job: QUEUE, ...job.data, ms, outcome: known ? error.name : 'failed', message: messageOf(error) })
            if (error instanceof GiveUp) await tellFailure?.(job.data, messageOf(error))
            results.push(error instanceof GiveUp
              ? { id: job.id, status: 'completed' as const }
              : { id: job.id, status: 'failed' as const, output: { message: messageOf(error) } })
          }
        }
        return results
      })
      workers.push(id)
    },
    onFailure (tell) { tellFailure = tell },
    async close () { await boss.stop({ graceful: true, timeout: 10_000 }) }
  }
}
