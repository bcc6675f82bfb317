// Moves of an anomaly as people and rules make them: an issue is asked for only where the gate holds, or where a person says
// why all the same; both are kept. One anomaly may also be said to be an issue that stands in Linear already.
import type { Transaction } from 'kysely'
import { whyNotFile } from '../learn/filing.ts'
import type { FilingRules } from '../learn/filing.ts'
import { moveLife } from '../learn/life.ts'
import type { Ask, Move } from '../learn/life.ts'
import type { Log } from '../log.ts'
import { moveAnomaly } from '../store/anomalies.ts'
import type { Actor, Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import { findFilingFacts, listFileable } from '../store/filings.ts'
import type { Database } from '../store/schema.ts'
import { lockWatch } from '../store/watches.ts'
import type { Instant } from '../types.ts'
import { follow } from './follow.ts'
import type { Neighbours } from './follow.ts'

/** Who files what no person has approved. */
export const RULE = 'a rule'

/** The sentence that says why it should not be filed; null: the gate holds, or there is none. */
export async function whyNotFiled (
  db: Db | Transaction<Database>, filing: FilingRules | null, id: string, now: Instant
): Promise<string | null> {
  const facts = filing === null ? null : await findFilingFacts(db, id, now)
  return filing === null || facts === null ? null : whyNotFile(facts, filing)
}

export interface Made { after: Anomaly, asks: Ask[] | null, refused: string | null }

/**
 * Makes a move and records what follows; `title`: of the issue, as a person worded it. Null: there is no such anomaly, or this
 * press was heard before.
 */
export async function makeMove (
  trx: Transaction<Database>, { to, filing }: { to: Neighbours, filing: FilingRules | null }, id: string, move: Move,
  actor: Actor, title = ''
): Promise<Made | null> {
  const reason = move.kind === 'file' ? move.reason ?? '' : ''
  const refused = move.kind === 'file' && reason === '' ? await whyNotFiled(trx, filing, id, actor.at) : null
  if (refused !== null) {
    const kept = await moveAnomaly(trx, id, move, { ...actor, detail: refused }, () => null)
    return kept === null ? null : { after: kept.after, asks: null, refused }
  }
  const detail = move.kind === 'attach' ? `the same as ${move.issue}` : reason
  const more = {
    ...(move.kind === 'attach' ? { attach_to: move.issue } : {}),
    ...(move.kind === 'file' && title !== '' ? { issue_title: title } : {})
  }
  const moved = await moveAnomaly(trx, id, move, { ...actor, ...(detail === '' ? {} : { detail }) }, moveLife, more)
  if (moved === null) return null
  if (moved.asks !== null) await follow(trx, to, moved.after, moved.asks, actor.at)
  return { after: moved.after, asks: moved.asks, refused: null }
}

export interface FileDeps { db: Db, log: Log, to: Neighbours, filing: FilingRules }

/** Files what may be filed without a person; returns how many. What the gate refuses waits, and is not written down. */
export async function fileOnce (deps: FileDeps, now: Instant): Promise<number> {
  const { db, log, to, filing } = deps
  let filed = 0
  if (!to.linear) return 0
  for (const id of await listFileable(db, filing.automatic)) {
    const done = await db.transaction().execute(async trx => {
      await lockWatch(trx)                          // two workers count the issues of a day one after the other
      if (await whyNotFiled(trx, filing, id, now) !== null) return false
      const actor = { by: RULE, at: now, source: `rule files ${id}` }
      const made = await makeMove(trx, { to, filing }, id, { kind: 'file' }, actor)
      return made?.asks != null
    })
    if (!done) continue
    filed++
    log.info({ job: 'file', anomaly: id, outcome: 'asked for' })
  }
  return filed
}
