// How the issues of anomalies stand, asked of Linear in batches: at the start and every few minutes. Linear sends a webhook
// four times within seven hours and then no more; what was missed is found here, and moves the anomaly as the webhook would.
import { messageOf } from '../errors.ts'
import { issueMove, moveLife } from '../learn/life.ts'
import { plus } from '../learn/story.ts'
import type { Log } from '../log.ts'
import type { IssueNow } from '../bridge/linear.ts'
import { lockAnomaly, moveAnomaly } from '../store/anomalies.ts'
import type { Actor } from '../store/anomalies.ts'
import { claimTurn, findCursor, giveBackTurn, saveCursor } from '../store/connections.ts'
import type { Db } from '../store/db.ts'
import { listFollowed } from '../store/filings.ts'
import { saveIssueState } from '../store/quarantines.ts'
import type { Instant } from '../types.ts'
import type { Duty } from './duties.ts'
import type { IssueComment } from './engineer.ts'
import { follow } from './follow.ts'
import type { Neighbours } from './follow.ts'

export interface IssueDeps {
  db: Db
  log: Log
  to: Neighbours
  now: () => Promise<Instant>
  /** The issues as they stand, with the comments of people since then; one that is gone for good has no state. */
  askIssues: (ids: string[], since: Instant) => Promise<IssueNow[]>
  /** A person has commented; says whether an answer follows. */
  onComment: (comment: IssueComment) => Promise<boolean>
  everyMs?: number                                  // default: five minutes
}

const EVERY_MS = 300_000
const LOOK_MS = 5_000
const BATCH = 50                                    // about 3,000 of the 10,000 points that a query may cost
const FOLLOWED_DAYS = 30                            // after its end an issue may still be opened again
const OVERLAP_SECONDS = 600
const FIRST_SECONDS = 3 * 86_400
const CURSOR = 'comments'

/**
 * Moves an anomaly as its issue's present state asks for; `state` null: the issue is gone. False: the anomaly has moved
 * since `version`, before Linear was asked, so that what it said may be old: ask again.
 */
export async function heedIssue (
  { db, to }: Pick<IssueDeps, 'db' | 'to'>, { id, version }: { id: string, version: number },
  state: { name: string, type: string } | null, actor: Actor
): Promise<'old' | 'moved' | 'same'> {
  return await db.transaction().execute(async trx => {
    const anomaly = await lockAnomaly(trx, id)
    if (anomaly === null || anomaly.version !== version) return 'old'
    if (state !== null) await saveIssueState(trx, id, state.name)
    const move = issueMove(state?.type ?? null, anomaly)
    if (move === null) return 'same'
    const moved = await moveAnomaly(trx, id, move, actor, moveLife)
    if (moved?.asks == null) return 'same'
    await follow(trx, to, moved.after, moved.asks, actor.at)
    return 'moved'
  })
}

/** Asks once; returns how many anomalies moved and how many comments are answered. */
export async function issuesOnce (deps: IssueDeps): Promise<{ asked: number, moved: number, answers: number }> {
  const { db, log } = deps
  const at = await deps.now()
  const since = await findCursor(db, 'linear', CURSOR) ?? plus(at, -FIRST_SECONDS)
  const followed = await listFollowed(db, plus(at, -FOLLOWED_DAYS * 86_400))
  const ids = [...new Set(followed.map(f => f.issueId))]
  let moved = 0
  let answers = 0
  for (let from = 0; from < ids.length; from += BATCH) {
    for (const issue of await deps.askIssues(ids.slice(from, from + BATCH), since)) {
      for (const anomaly of followed.filter(f => f.issueId === issue.id)) {
        // Who moved it meanwhile knows better; the next look sees whether anything is left to do.
        const outcome = await heedIssue(deps, anomaly, issue.state, { by: 'Linear', at, detail: 'found by asking' })
        if (outcome === 'moved') moved++
      }
      for (const comment of issue.comments) if (await deps.onComment({ ...comment, issueId: issue.id })) answers++
    }
  }
  await saveCursor(db, 'linear', CURSOR, plus(at, -OVERLAP_SECONDS))
  if (moved + answers > 0) {
    log.warn({ job: 'issues', asked: ids.length, moved, answers, outcome: 'found by asking' }, 'Linear had news that no webhook brought: see whether its webhook is enabled')
  }
  return { asked: ids.length, moved, answers }
}

/** One process asks for all; `wake` when there is something to do. */
export function issueDuty (deps: IssueDeps, wake: () => void = () => {}): Duty {
  const everyMs = deps.everyMs ?? EVERY_MS
  return {
    job: 'issues',
    pauseMs: Math.min(LOOK_MS, everyMs / 2),
    async once () {
      if (!await claimTurn(deps.db, 'linear', 'issues', everyMs)) return 0
      try {
        const { moved, answers } = await issuesOnce(deps)
        if (moved + answers > 0) wake()
        return 0
      } catch (error) {
        await giveBackTurn(deps.db, 'linear', 'issues').catch(() => { /* the database is away: the turn ends by itself */ })
        throw new Error(`Linear could not be asked how issues stand: ${messageOf(error)}`, { cause: error })
      }
    }
  }
}
