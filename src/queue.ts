// The queue, behind a port of our own: wake-ups that carry ids, sent in the transaction of their cause. pg-boss keeps
// them; a handler may run twice and must not mind. The order of a ticket's events is never the queue's business.
import { PgBoss, fromKysely } from 'pg-boss'
import type { JobResult, JobWithMetadata } from 'pg-boss'
import type { Transaction } from 'kysely'
import type { Database } from './store/schema.ts'
import { GiveUp, HeldBack, RetryLater, messageOf } from './errors.ts'
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
  /** Called with a job that failed as often as it may. */
  onDead (tell: (job: TicketJob, message: string, attempts: number) => Promise<void>): void
  close (): Promise<void>
}

const QUEUE = 'ticket'
const DEAD = 'ticket-dead'
const LONGEST_HELD_MS = 60_000                     // so that what is new meanwhile does not wait longer than that
const WORKERS = 2                                   // each takes up to eight tickets at a time

export async function openQueue (url: string, log: Log, options: { worker: boolean }): Promise<Queue> {
  const boss = new PgBoss({
    connectionString: url,                          // a few connections of its own, for what no transaction of ours causes
    application_name: 'deskloop-queue',
    max: 4,
    supervise: options.worker,
    superviseIntervalSeconds: 3,                    // a job whose worker was killed is somebody else's within seconds
    monitorIntervalSeconds: 3,
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
  let tellDead: ((job: TicketJob, message: string, attempts: number) => Promise<void>) | null = null
  let tellFailure: ((job: TicketJob, message: string) => Promise<void>) | null = null
  return {
    async send (trx, jobs) {
      if (jobs.length === 0) return
      await boss.insert(QUEUE, jobs.map(data => ({ data, singletonKey: `${data.connection}/${data.ticketId}` })),
        { db: fromKysely(trx) })
    },
    wake () { for (const id of workers) boss.notifyWorker(id) },
    async work (handler) {
      const workOne = async (job: { id: string, data: TicketJob }): Promise<JobResult> => {
        const startedMs = performance.now()
        try {
          await handler(job.data)
          return { id: job.id, status: 'completed' }
        } catch (error) {
          const ms = Math.round(performance.now() - startedMs)
          const known = error instanceof GiveUp || error instanceof RetryLater
          const message = messageOf(error)
          if (error instanceof HeldBack) {
            // No failure and no attempt: the same wake-up, later. One that waits already for this ticket will do as well.
            const startAfter = Math.ceil(Math.min(error.waitMs, LONGEST_HELD_MS) / 1000)
            await boss.send(QUEUE, job.data, { singletonKey: `${job.data.connection}/${job.data.ticketId}`, startAfter })
            log.info({ job: QUEUE, ...job.data, ms, outcome: 'held back', message })
            return { id: job.id, status: 'completed' }
          }
          log.warn({ job: QUEUE, ...job.data, ms, outcome: known ? error.name : 'failed', message })
          if (!(error instanceof GiveUp)) return { id: job.id, status: 'failed', output: { message } }
          await tellFailure?.(job.data, message)
          return { id: job.id, status: 'completed' }
        }
      }
      // batchSize 1 with bursts starves a backlog; and only a worker of its own id can be woken, hence several.
      const options = {
        batchSize: 8, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5, perJobResults: true
      } as const
      for (let i = 0; i < WORKERS; i++) {
        workers.push(await boss.work<TicketJob>(QUEUE, options, jobs => Promise.all(jobs.map(workOne))))
      }
      const dead = { batchSize: 20, pollingIntervalSeconds: 2, includeMetadata: true } as const
      await boss.work(DEAD, dead, async (jobs: Array<JobWithMetadata<TicketJob>>) => {
        for (const job of jobs) {
          const { sourceOutput: output } = job
          const said = typeof output === 'object' && output !== null && 'message' in output ? String(output.message) : 'no reason was kept'
          await tellDead?.(job.data, said, (job.sourceRetryCount ?? 0) + 1)
        }
      })
    },
    onFailure (tell) { tellFailure = tell },
    onDead (tell) { tellDead = tell },
    async close () { await boss.stop({ graceful: true, timeout: 10_000 }) }
  }
}
