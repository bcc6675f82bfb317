// What the digests tell: the week of the learner in numbers with what needs a person, and a month's sample of drafts and
// learned items for somebody to look at.
import { sql } from 'kysely'
import type { Instant } from '../types.ts'
import { LEAST_TICKETS } from './learning.ts'
import type { Db } from './db.ts'

export interface LearningWeek {
  learned: number                                   // answers that at least three replies stand behind
  accepted: number                                  // of these, those in use without anybody having been asked
  changed: number
  retired: number                                   // rejected, or put under watch
  drifting: string[]                                // topics whose answers began to change
  reverted: number
  quarantined: number                               // replies held back
  waiting: number                                   // for review, now
  review: Array<{ id: string, topic: string }>      // the newest of them
}

/** Numbers of the week [from, until); `waiting` and `review` are of now. */
export async function findLearningWeek (db: Db, from: Instant, until: Instant): Promise<LearningWeek> {
  const { rows } = await sql<Omit<LearningWeek, 'review'>>`
    with change as (
      select c.what, c.state, c.item, c.topic, i.state as now, (
        select count(*) from learning_evidence e where e.item = c.item and e.state <> 'held') as tickets
      from learning_change c join learning_item i on i.id = c.item and i.kind = 'answer'
      where c.at >= ${from} and c.at < ${until})
    select
      (select count(distinct item)::int from change where what = 'new' and tickets >= ${LEAST_TICKETS}) as learned,
      (select count(distinct item)::int from change where what = 'new' and tickets >= ${LEAST_TICKETS} and now = 'active') as accepted,
      (select count(distinct item)::int from change where what in ('text', 'usual', 'edit')) as changed,
      (select count(distinct item)::int from change where state in ('watch', 'rejected')) as retired,
      (select coalesce(array_agg(distinct topic order by topic), '{}') from learning_change
        where what = 'drift' and at >= ${from} and at < ${until}) as drifting,
      (select count(*)::int from learning_decision
        where kind in ('revert', 'return') and at >= ${from} and at < ${until}) as reverted,
      (select count(*)::int from learning_evidence where state = 'held' and at >= ${from} and at < ${until}) as quarantined,
      (select count(*)::int from learning_item where kind = 'answer' and state in ('review', 'watch')) as waiting`.execute(db)
  const review = await sql<{ id: string, topic: string }>`
    select id, topic from learning_item where kind = 'answer' and state in ('review', 'watch')
    order by last_at desc, id limit 5`.execute(db)
  const none = {
    learned: 0, accepted: 0, changed: 0, retired: 0, drifting: [], reverted: 0, quarantined: 0, waiting: 0
  }
  return { ...none, ...rows[0], review: review.rows }
}

export interface AuditMonth {
  drafts: Array<{ key: string, topic: string, action: string, outcome: string | null }>
  items: Array<{ id: string, topic: string }>
  of: { drafts: number, items: number }             // out of how many they were drawn
}

/** Five drafts and five learned answers of [from, until), drawn by lot: the same ones whenever it is asked. */
export async function drawAuditMonth (db: Db, period: string, from: Instant, until: Instant): Promise<AuditMonth> {
  const drafts = await sql<AuditMonth['drafts'][number] & { n: number }>`
    select key, topic, action, outcome, count(*) over ()::int as n from draft
    where asked_at >= ${from} and asked_at < ${until} and item is not null
    order by md5(${period} || key), key limit 5`.execute(db)
  const items = await sql<AuditMonth['items'][number] & { n: number }>`
    select i.id, i.topic, count(*) over ()::int as n from learning_item i
    where i.kind = 'answer' and exists (
      select 1 from learning_change c where c.item = i.id and c.at >= ${from} and c.at < ${until})
      and (select count(*) from learning_evidence e where e.item = i.id and e.state <> 'held') >= ${LEAST_TICKETS}
    order by md5(${period} || i.id), i.id limit 5`.execute(db)
  return {
    drafts: drafts.rows.map(({ key, topic, action, outcome }) => ({ key, topic, action, outcome })),
    items: items.rows.map(({ id, topic }) => ({ id, topic })),
    of: { drafts: drafts.rows[0]?.n ?? 0, items: items.rows[0]?.n ?? 0 }
  }
}
