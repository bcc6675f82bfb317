// Numbers for people: what came in, what was drafted, what became of it.
import { sql } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { PauseKind } from './pauses.ts'
import { listPaces } from './pace.ts'
import type { PaceHealth } from './pace.ts'

export interface Stats {
  deliveries: number, unreadable: number, events: number, tickets: number, drafts: number, noteDrafts: number
  notes: number, skipped: number, waiting: number, parked: number
  asIs: number, edited: number, replaced: number, seen: number, tooLate: number, thoughts: number, failures: number
}

export async function findStats (db: Db): Promise<Stats> {
  const { rows } = await sql<Record<keyof Stats, string>>`select
    (select count(*) from delivery) as "deliveries", (
      select count(*) from delivery where state = 'unreadable'
    ) as "unreadable",
    (select count(*) from event) as "events", (
      select count(*) from ticket
    ) as "tickets", (select count(*) from draft) as "drafts",
    (select count(*) from draft where action = 'note') as "noteDrafts",
    (select count(*) from effect where kind = 'note' and state = 'done') as "notes", (
      select count(*) from effect where state = 'skipped'
    ) as "skipped",
    (
      select count(*) from effect where state in ('pending', 'inflight')
    ) as "waiting", (select count(*) from effect where state = 'parked') as "parked",
    (select count(*) from draft where seen = 'seen' and outcome = 'as_is') as "asIs",
    (select count(*) from draft where seen = 'seen' and outcome = 'edited') as "edited",
    (select count(*) from draft where seen = 'seen' and outcome = 'replaced') as "replaced",
    (select count(*) from draft where seen = 'seen') as "seen", (
      select count(*) from draft where seen = 'too_late'
    ) as "tooLate",
    (select count(*) from thought) as "thoughts", (select count(*) from failure) as "failures"`.execute(db)
  const row = rows[0]
  const n = (key: keyof Stats): number => Number(row?.[key] ?? 0)
  return {
    deliveries: n('deliveries'), unreadable: n('unreadable'), events: n('events'), tickets: n('tickets'),
    drafts: n('drafts'), noteDrafts: n('noteDrafts'),
    notes: n('notes'), skipped: n('skipped'), waiting: n('waiting'), parked: n('parked'), asIs: n('asIs'),
    edited: n('edited'), replaced: n('replaced'),
    seen: n('seen'), tooLate: n('tooLate'), thoughts: n('thoughts'), failures: n('failures')
  }
}

export interface CurvePoint {
  week: Instant                                     // its Monday
  answered: number                                  // questions that an agent answered
  good: number                                      // drafts that would have been sent as is or lightly edited
  shown: number                                     // notes that stood there in time
  asIs: number
  edited: number
  replaced: number
  gap: number                                       // mean score minus share good: 0 is honest
}

/** The learning curve, by week of the answer. Every answered question counts, also where we were silent. */
export async function listCurve (db: Db): Promise<CurvePoint[]> {
  const { rows } = await sql<{
    week: Date, answered: number, good: number, shown: number, as_is: number, edited: number, replaced: number,
    gap: number
  }>`
    select date_trunc('week', answered_at at time zone 'UTC') at time zone 'UTC' as week, count(*)::int as answered,
      count(*) filter (where reward >= 0.5)::int as good, count(*) filter (where seen = 'seen')::int as shown,
      count(*) filter (where seen = 'seen' and outcome = 'as_is')::int as as_is,
      count(*) filter (where seen = 'seen' and outcome = 'edited')::int as edited,
      count(*) filter (where seen = 'seen' and outcome = 'replaced')::int as replaced,
      (avg(score) - avg(case when reward >= 0.5 then 1 else 0 end))::float8 as gap
    from draft where outcome is not null and not late group by 1 order by 1`.execute(db)
  return rows.map(r => (
    {
      week: instantOf(r.week), answered: r.answered, good: r.good, shown: r.shown, asIs: r.as_is, edited: r.edited,
      replaced: r.replaced, gap: r.gap
    }
  ))
}

export interface ConnectionHealth {
  name: string, connector: string, pausedWhy: string | null, pausedKind: PauseKind | null
  lastDeliveryAt: Instant | null, lastEventAt: Instant | null
  deliveries: number, tickets: number, waiting: number, notes: number, lagSeconds: number | null
  pace?: PaceHealth | null                          // null: nobody has spoken to it yet
}

/** What each connection is doing. Lag: between the newest event and its delivery, in the median of the last 50 deliveries' hour. */
export async function listHealth (db: Db): Promise<ConnectionHealth[]> {
  const { rows } = await sql<{
    name: string, connector: string, paused_why: string | null, paused_kind: PauseKind | null,
    last_delivery: Date | null, last_event: Date | null,
    deliveries: number, tickets: number, waiting: number, notes: number, lag: number | null
  }>`
    select c.name, c.connector, (select p.why from account_pause p where p.account = c.name) as paused_why,
      (select p.kind from account_pause p where p.account = c.name) as paused_kind,
      (select max(received_at) from delivery d where d.connection = c.name) as last_delivery,
      (select max(last_at) from ticket t where t.connection = c.name) as last_event,
      (select count(*)::int from delivery d where d.connection = c.name) as deliveries,
      (select count(*)::int from ticket t where t.connection = c.name) as tickets,
      (
        select count(*)::int from ticket t where t.connection = c.name and (
          t.rev > t.done_rev or t.look_rev > t.looked_rev
        )
      ) as waiting,
      (
        select count(*)::int from effect e where e.connection = c.name and e.kind = 'note' and e.state = 'done'
      ) as notes,
      (select percentile_cont(0.5) within group (order by extract(epoch from e.recorded_at - e.at))::float8
         from (select recorded_at, at from event e where e.connection = c.name and e.kind <> 'context' and e.recorded_at > now() - interval '1 hour' order by e.txid desc, e.seq desc limit 50) e) as lag
    from connection c order by c.name`.execute(db)
  const paces = await listPaces(db)
  return rows.map(r => ({
    name: r.name, connector: r.connector, pausedWhy: r.paused_why, pausedKind: r.paused_kind,
    lastDeliveryAt: r.last_delivery === null ? null : instantOf(r.last_delivery),
    lastEventAt: r.last_event === null ? null : instantOf(r.last_event), deliveries: r.deliveries, tickets: r.tickets,
    waiting: r.waiting, notes: r.notes, lagSeconds: r.lag, pace: paces.get(r.name) ?? null
  }))
}

export interface DraftLine {
  connection: string, ticketId: string, questionId: string, key: string, askedAt: Instant, topic: string,
  language: string, text: string, score: number, threshold: number
  action: string, reason: string, outcome: string | null, seen: string | null, similarity: number | null,
  notedAt: Instant | null, noteState: string | null, noteReason: string | null
}

/** Drafts, newest first; `before` pages on. */
export async function listDrafts (db: Db, most: number, before?: Instant): Promise<DraftLine[]> {
  const { rows } = await sql<{
    connection: string, ticket_id: string, question_id: string, key: string, asked_at: Date, topic: string,
    language: string, text: string, score: number, threshold: number, action: string, reason: string,
    outcome: string | null, seen: string | null, similarity: number | null, noted_at: Date | null,
    state: string | null, note_reason: string | null
  }>`
    select d.*, e.state, e.reason as note_reason from draft d left join effect e on e.kind = 'note' and e.connection = d.connection and e.ticket_id = d.ticket_id and e.cause = d.question_id
    where ${before ?? null}::timestamptz is null or d.asked_at < ${before ?? null}::timestamptz
    order by d.asked_at desc, d.connection, d.ticket_id limit ${most}`.execute(db)
  return rows.map(r => ({
    connection: r.connection, ticketId: r.ticket_id, questionId: r.question_id, key: r.key,
    askedAt: instantOf(r.asked_at), topic: r.topic, language: r.language, text: r.text, score: r.score,
    threshold: r.threshold, action: r.action, reason: r.reason, outcome: r.outcome, seen: r.seen,
    similarity: r.similarity,
    notedAt: r.noted_at === null ? null : instantOf(r.noted_at), noteState: r.state, noteReason: r.note_reason
  }))
}

/** Is everything up to the clock's instant done? What waits for its own time does not count. */
export async function isIdle (db: Db, now: Instant): Promise<boolean> {
  const { rows } = await sql<{ busy: boolean }>`select
    exists (select 1 from ticket where rev > done_rev or look_rev > looked_rev) or
    exists (select 1 from ticket where due_at <= ${now}) or
    exists (select 1 from effect e
      where not exists (select 1 from account_pause p where p.account = coalesce(e.account, e.connection)) and ((e.state = 'pending' and e.not_before <= now()) or (
        e.state = 'inflight' and e.updated_at > now() - interval '20 seconds'
      ))) as busy`.execute(db)
  return rows[0]?.busy === false
}
