// Tells the learner what the anomalies mean: a topic is held while one of its own lasts, and let go when it has ended. Each
// is a decision among the thoughts, made under the lock of the mind and by what the mind holds already: whoever looks
// again, after a crash or beside another worker, finds it decided.
import type { Transaction } from 'kysely'
import type { Log } from '../log.ts'
import type { IncidentRef } from '../learn/ledger.ts'
import type { Mind } from '../learn/mind.ts'
import { plus } from '../learn/story.ts'
import type { Db } from '../store/db.ts'
import type { NewDecision } from '../store/ledger.ts'
import { listUnheard, saveHeard } from '../store/quarantines.ts'
import type { Covering } from '../store/quarantines.ts'
import type { Database } from '../store/schema.ts'
import { lockMind } from '../store/thoughts.ts'
import type { Instant } from '../types.ts'
import { decideIn } from './decide.ts'
import type { MindKeeper } from './mind.ts'

export interface QuarantineDeps { db: Db, log: Log, keeper: MindKeeper }

/** An issue may stay open for months, and a topic must not stand still for it: so long after it last grew it is let go. */
export const LONGEST_DAYS = 14
const BY = 'the watch'
const LASTS: ReadonlySet<Covering['state']> = new Set(['open', 'acknowledged', 'filed', 'not_fixed'])
const ENDED: ReadonlySet<Covering['state']> = new Set(['verified', 'closed', 'noise', 'merged'])
const DONE: ReadonlySet<Covering['state']> = new Set(['fixed', 'verified'])

/** Decides what is to be decided at present; returns how many anomalies were looked at. */
export async function quarantineOnce (deps: QuarantineDeps, now: Instant): Promise<number> {
  const oldest = plus(now, -LONGEST_DAYS * 86_400)
  if ((await listUnheard(deps.db, oldest)).length === 0) return 0
  try {
    return await deps.db.transaction().execute(async trx => {
      await lockMind(trx)
      const unheard = await listUnheard(trx, oldest)
      for (const anomaly of unheard) await tellLearner(deps, trx, anomaly, now)
      return unheard.length
    })
  } catch (error) {
    deps.keeper.forget()                            // it may have folded what was rolled back
    throw error
  }
}

async function tellLearner (
  deps: QuarantineDeps, trx: Transaction<Database>, anomaly: Covering, now: Instant
): Promise<void> {
  const mind = await deps.keeper.current(trx)
  for (const { decision, reason } of wantedFor(mind, anomaly, now)) {
    await decideIn(trx, deps.keeper, decision, { by: BY, reason })
    deps.log.info({ job: 'quarantine', anomaly: anomaly.id, topic: anomaly.topic, outcome: decision.kind })
  }
  const after = await deps.keeper.current(trx)
  await saveHeard(trx, anomaly.id, anomaly.version, after.ledger.incidents[anomaly.id]?.state === 'open')
}

interface Wanted { decision: NewDecision, reason: string }

/** What the learner must be told of an anomaly as it stands, given what it knows. Reads only. */
export function wantedFor (mind: Mind, anomaly: Covering, now: Instant): Wanted[] {
  const { id, state, title, issue } = anomaly
  const topic = String(anomaly.topic)
  const known = mind.ledger.incidents[id]
  const name = issue === null ? title : `${issue}: ${title}`
  const ref = (end: IncidentRef['end']): IncidentRef => ({ id, from: anomaly.firstAt, end })
  const isLong = anomaly.grownAt < plus(now, -LONGEST_DAYS * 86_400)
  const wanted: Wanted[] = []
  if (LASTS.has(state) && !isLong && (known === undefined || known.state === 'over' || known.state === 'noise')) {
    const why = `${title} lasts, and what is answered meanwhile is about that`
    wanted.push({ decision: { kind: 'quarantine', topic, why, at: now, incident: ref(null) }, reason: why })
  }
  if (known === undefined) return wanted
  if (DONE.has(state) && anomaly.hasIssue && !known.retired) {
    const why = `${name} is done`
    wanted.push({ decision: { kind: 'retire', incident: id, why, at: now }, reason: why })
  }
  const isEnded = ENDED.has(state)
  if ((isEnded && (known.state === 'open' || known.state === 'early')) || (isLong && known.state === 'open')) {
    const why = isEnded ? `${name} has ended (${state})` : `${name} has not grown for ${LONGEST_DAYS} days`
    const end = state === 'noise' ? 'noise' : 'over'
    wanted.push({ decision: { kind: 'release', topic, why, at: now, incident: ref(end) }, reason: why })
  }
  return wanted
}
