// The handler of a wake-up: something about this ticket is new. It looks at the helpdesk if a delivery only said "look",
// then reads the story so far and writes when its next step is due. Doing it again does nothing.
import type { Transaction } from 'kysely'
import type { Helpdesk } from '../types.ts'
import { GiveUp, Refused, RetryLater } from '../errors.ts'
import type { TicketJob } from '../queue.ts'
import type { Log } from '../log.ts'
import type { LearnRules } from '../learn/steps.ts'
import { emailOf } from '../learn/account.ts'
import { sortStory, whatNext } from '../learn/story.ts'
import { savePerson } from '../store/accounts.ts'
import { recordFacts } from '../store/recorder.ts'
import { ensurePartitions } from '../store/partitions.ts'
import { recordFailure } from '../store/effects.ts'
import { findPause } from '../store/pauses.ts'
import { isConflict } from '../store/db.ts'
import type { Db } from '../store/db.ts'
import type { Database } from '../store/schema.ts'
import { findLook, lockTickets, readDone, readStories, refOf, saveLooked, savePlans } from '../store/stories.ts'
import { judgeRefusal } from './refused.ts'
import { recordEscalations } from './escalate.ts'
import type { EscalateDeps } from './escalate.ts'

export interface TicketDeps extends EscalateDeps {
  db: Db, log: Log, helpdesks: ReadonlyMap<string, Helpdesk>, rules: LearnRules, wake: () => void
  people?: boolean                                  // whether to keep who asks, for the company behind the ticket
}

export async function onTicket (deps: TicketDeps, job: TicketJob): Promise<void> {
  await lookAtTicket(deps, job)
  for (let tries = 0; ; tries++) {
    try {
      await planTicket(deps, job)
      deps.wake()
      return
    } catch (error) {
      if (!isConflict(error) || tries >= 3) throw error
    }
  }
}

async function lookAtTicket (deps: TicketDeps, job: TicketJob): Promise<void> {
  const look = await findLook(deps.db, job)
  if (look === null || look.lookRev <= look.lookedRev) return
  // It takes nothing from us at present: the look stays asked for, and the sweeper sends it when the token works again.
  if ((await findPause(deps.db, job.connection))?.kind === 'refused') return
  const helpdesk = deps.helpdesks.get(job.connection)
  if (helpdesk === undefined) {
    throw new GiveUp(
    `${job.connection} is not connected any more: its ticket ${job.ticketId} cannot be read`
    )
  }
  try {
    const events = await helpdesk.fetchTicket(job.ticketId)
    await ensurePartitions(deps.db, [], events.map(e => e.at))
    await deps.db.transaction().execute(async trx => {
      await recordFacts(trx, [{ connection: job.connection, facts: events }])
      await saveLooked(trx, job, look.lookRev)
    })
  } catch (error) {
    if (!(error instanceof GiveUp)) throw error
    if (error instanceof Refused) {
      const verdict = await judgeRefusal(deps, job.connection, error, () => helpdesk.fetchSelf())
      if (verdict === 'account') return
      if (verdict === 'unknown') throw new RetryLater(error.message, 60_000, { cause: error })
    }
    await recordFailure(deps.db, 'look', job, error.message)      // gone or refused: said once, and the rest goes on
    await saveLooked(deps.db, job, look.lookRev)
  }
}

async function planTicket (deps: TicketDeps, job: TicketJob): Promise<void> {
  await deps.db.transaction().execute(async trx => { await planTickets(deps, trx, [job]) })
}

export type PlanDeps = EscalateDeps & { rules: LearnRules, people?: boolean }

/** Records what rules make of the stories, and writes when the next step of each is due. Doing it again does nothing. */
export async function planTickets (deps: PlanDeps, trx: Transaction<Database>, jobs: TicketJob[]): Promise<void> {
  const rows = await lockTickets(trx, jobs)
  const stories = await readStories(trx, rows)
  const done = await readDone(trx, rows)
  const plans = []
  for (const row of rows) {
    const { story, rev } = await recordEscalations(deps, trx, row, stories.get(refOf(row)) ?? [])
    const email = deps.people === true ? emailOf(sortStory(story)) : null
    if (email !== null) await savePerson(trx, row, email)
    const [next] = whatNext(story, done.get(refOf(row)) ?? new Set(), deps.rules)
    plans.push({ connection: row.connection, ticketId: row.ticketId, rev, dueAt: next?.at ?? null })
  }
  await savePlans(trx, plans)
}
