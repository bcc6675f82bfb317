// What an anomaly means for its topic: which ones the learner has not been told of as they stand now, and which known
// issue a new question belongs to.
import { sql } from 'kysely'
import type { RawBuilder, Transaction } from 'kysely'
import type { AnomalyState } from '../learn/life.ts'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'

type Reader = Db | Transaction<Database>

export interface Covering {
  id: string, topic: number, title: string, state: AnomalyState, hasIssue: boolean, issue: string | null
  firstAt: Instant                                  // when the first of its tickets was asked
  grownAt: Instant
  version: number
}

/**
 * Anomalies that moved since the learner was told of them, or that hold a topic for longer than since `oldest`. Drifts are
 * no incidents: what creeps up over weeks is what customers ask now.
 */
export async function listUnheard (db: Reader, oldest: Instant): Promise<Covering[]> {
  const { rows } = await sql<{
    id: string, topic_number: number, title: string, state: AnomalyState, has_issue: boolean
    issue_identifier: string | null
    first_at: Date, grown_at: Date, version: number
  }>`
    select a.id, a.topic_number, a.title, a.state, a.has_issue, a.issue_identifier, a.grown_at, a.version,
      coalesce((select min(t.at) from anomaly_ticket t where t.anomaly_id = a.id), a.opened_at) as first_at
    from anomaly a where a.topic_number is not null and a.kind <> 'drift'
      and (a.learner_version is distinct from a.version or (a.learner_holds and a.grown_at < ${oldest}::timestamptz))
    order by a.opened_at, a.id limit 50`.execute(db)
  return rows.map(r => ({
    id: r.id, topic: r.topic_number, title: r.title, state: r.state, hasIssue: r.has_issue, issue: r.issue_identifier,
    firstAt: instantOf(r.first_at), grownAt: instantOf(r.grown_at), version: r.version
  }))
}

export async function saveHeard (
  trx: Transaction<Database>, id: string, version: number, holds: boolean
): Promise<void> {
  await trx.updateTable('anomaly').set({ learner_version: version, learner_holds: holds })
    .where('id', '=', id).execute()
}

export interface Tie { anomaly: string, title: string, issue: string | null, url: string | null }

/** The incident in whose time an answer was learned; null: it was learned in quiet times. */
export async function findTie (db: Reader, item: string): Promise<Tie | null> {
  const { rows } = await sql<{ id: string, title: string, issue_identifier: string | null, issue_url: string | null }>`
    select a.id, a.title, a.issue_identifier, a.issue_url from learning_change c join anomaly a on a.id = c.after
    where c.item = ${item} and c.what = 'tie' order by c.seq desc limit 1`.execute(db)
  const [row] = rows
  if (row === undefined) return null
  return { anomaly: row.id, title: row.title, issue: row.issue_identifier, url: row.issue_url }
}

/** The topic that is held for an anomaly; null: none is. */
export async function findHeldTopic (db: Reader, anomaly: string): Promise<number | null> {
  const row = await db.selectFrom('anomaly').select('topic_number').where('id', '=', anomaly)
    .where('learner_holds', '=', true).executeTakeFirst()
  return row?.topic_number ?? null
}

export interface KnownIssue {
  id: string, topic: number, title: string, state: AnomalyState, issue: string, issueState: string | null
  people: number, openedAt: Instant, grownAt: Instant
}

/** Anomalies with an issue that is open, the newest first: what customers may ask about is known there. */
export async function listKnownIssues (db: Reader): Promise<KnownIssue[]> {
  const { rows } = await knownWhere(db, sql`a.state in ('filed', 'not_fixed') and a.kind <> 'drift'`)
  return rows.map(knownOf)
}

export async function findKnownIssue (db: Reader, id: string): Promise<KnownIssue | null> {
  const { rows } = await knownWhere(db, sql`a.id = ${id}`)
  return rows[0] === undefined ? null : knownOf(rows[0])
}

interface KnownRow {
  id: string, topic_number: number, title: string, state: AnomalyState, issue_identifier: string
  issue_state: string | null, opened_at: Date, grown_at: Date, people: number
}

async function knownWhere (db: Reader, condition: RawBuilder<unknown>): Promise<{ rows: KnownRow[] }> {
  return await sql<KnownRow>`
    select a.id, a.topic_number, a.title, a.state, a.issue_identifier, a.issue_state, a.opened_at, a.grown_at,
      (select count(distinct t.person)::int from anomaly_ticket t where t.anomaly_id = a.id) as people
    from anomaly a where a.issue_id is not null and a.topic_number is not null and ${condition}
    order by a.opened_at desc, a.id limit 50`.execute(db)
}

function knownOf (r: KnownRow): KnownIssue {
  return {
    id: r.id, topic: r.topic_number, title: r.title, state: r.state, issue: r.issue_identifier,
    issueState: r.issue_state, people: r.people, openedAt: instantOf(r.opened_at), grownAt: instantOf(r.grown_at)
  }
}

/** What agents may tell meanwhile: the newest answer of the incident's time that a person has approved. Null: none is. */
export async function findWorkaround (db: Reader, anomaly: string): Promise<string | null> {
  const { rows } = await sql<{ text: string }>`
    select i.text from learning_change c join learning_item i on i.id = c.item
    where c.what = 'tie' and c.after = ${anomaly} and i.state = 'active'
      and exists (select 1 from learning_decision d where d.item = i.id and d.kind in ('approve', 'edit'))
    order by c.seq desc limit 1`.execute(db)
  return rows[0]?.text ?? null
}

export async function saveIssueState (db: Reader, anomaly: string, state: string): Promise<void> {
  await db.updateTable('anomaly').set({ issue_state: state.slice(0, 80) }).where('id', '=', anomaly).execute()
}
