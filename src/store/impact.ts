// What notes change: the outcomes of drafts that were sure enough for a note, beside those of customers drawn by lot who
// got none. One value per customer, because customers were drawn, not tickets.
import { sql } from 'kysely'
import type { Arm } from '../learn/lift.ts'
import type { Instant } from '../types.ts'
import type { Db } from './db.ts'

export const OUTCOMES = ['durable', 'reopened', 'repeat', 'escalated', 'csat', 'within_hour'] as const
export type OutcomeName = typeof OUTCOMES[number]

export interface Impact {
  outcomes: Record<OutcomeName, { treated: Arm, heldOut: Arm }>
  minutes: { treated: number | null, heldOut: number | null }     // to the first answer, median of tickets
  tickets: { treated: number, heldOut: number, maturing: number }
}

const DAYS = 90
const MATURE_DAYS = 7                               // before that a ticket may still be reopened or come back

/** Over the tickets of the last 90 days that are at least seven days old. */
export async function findImpact (db: Db, now: Instant): Promise<Impact> {
  const { rows } = await sql<Record<string, string | number | null> & { arm: 'treated' | 'held_out' }>`
    with opened as materialized (
      select connection, ticket_id, at, fact->'person'->>'id' as person from event
      where kind = 'opened' and at > ${now}::timestamptz - ${DAYS + 60} * interval '1 day'
    ), eligible as (
      select distinct on (d.connection, d.ticket_id) d.connection, d.ticket_id, d.arm, d.asked_at, d.answered_at, d.topic, o.person
      from draft d join opened o using (connection, ticket_id)
      where d.arm is not null and d.asked_at > ${now}::timestamptz - ${DAYS} * interval '1 day'
        and d.asked_at <= ${now}::timestamptz - ${MATURE_DAYS} * interval '1 day'
      order by d.connection, d.ticket_id, d.asked_at
    ), told as (
      select e.connection, e.ticket_id, e.arm, e.person, e.asked_at, e.answered_at,
        min(x.at) filter (where x.kind = 'solved') as solved_at,
        max(x.at) filter (where x.kind = 'reopened') as reopened_at,
        bool_or(x.kind = 'escalated') as escalated,
        (array_agg((x.fact->>'good')::boolean order by x.at) filter (where x.kind = 'rated'))[1] as good,
        (select count(*) from opened o join draft d2 on d2.connection = o.connection and d2.ticket_id = o.ticket_id
          where o.connection = e.connection and o.person = e.person and o.ticket_id <> e.ticket_id and d2.topic = e.topic
            and o.at > e.asked_at and o.at <= e.asked_at + ${MATURE_DAYS} * interval '1 day') > 0 as came_back
      from eligible e left join event x on x.connection = e.connection and x.ticket_id = e.ticket_id and x.at >= e.asked_at
        and x.at <= e.asked_at + ${MATURE_DAYS} * interval '1 day' and x.kind in ('solved', 'reopened', 'escalated', 'rated')
      group by e.connection, e.ticket_id, e.arm, e.person, e.asked_at, e.answered_at, e.topic
    ), people as (
      select arm, connection, person,
        avg(case when solved_at is null then null when reopened_at > solved_at or came_back then 0 else 1 end) as durable,
        avg(case when solved_at is null then null when reopened_at > solved_at then 1 else 0 end) as reopened,
        avg(case when solved_at is null then null when came_back then 1 else 0 end) as repeat,
        avg(case when escalated then 1 else 0 end) as escalated,
        avg(case good when true then 1 when false then 0 end) as csat,
        avg(case when answered_at is null then 0 when answered_at - asked_at <= interval '1 hour' then 1 else 0 end) as within_hour
      from told group by arm, connection, person
    ), medians as (
      select arm, count(*) as tickets,
        percentile_cont(0.5) within group (order by extract(epoch from answered_at - asked_at) / 60) as minutes
      from told group by arm
    )
    select p.arm, max(m.tickets)::float8 as tickets, max(m.minutes)::float8 as minutes,
      ${sql.join(OUTCOMES.map(name => sql`count(${sql.ref(name)})::float8 as ${sql.ref(`${name}_n`)},
        coalesce(avg(${sql.ref(name)}), 0)::float8 as ${sql.ref(`${name}_mean`)},
        coalesce(var_samp(${sql.ref(name)}), 0)::float8 as ${sql.ref(`${name}_variance`)}`))}
    from people p join medians m on m.arm = p.arm group by p.arm`.execute(db)
  const maturing = await sql<{ n: number }>`
    select count(distinct (connection, ticket_id))::int as n from draft
    where arm is not null and asked_at > ${now}::timestamptz - ${MATURE_DAYS} * interval '1 day'`.execute(db)
  const row = (arm: 'treated' | 'held_out'): Record<string, string | number | null> => rows.find(r => r.arm === arm) ?? {}
  const armOf = (arm: 'treated' | 'held_out', name: OutcomeName): Arm => ({
    n: Number(row(arm)[`${name}_n`] ?? 0), mean: Number(row(arm)[`${name}_mean`] ?? 0), variance: Number(row(arm)[`${name}_variance`] ?? 0)
  })
  const minutesOf = (arm: 'treated' | 'held_out'): number | null => {
    const minutes = row(arm)['minutes'] ?? null
    return minutes === null ? null : Number(minutes)
  }
  const both = (name: OutcomeName): { treated: Arm, heldOut: Arm } =>
    ({ treated: armOf('treated', name), heldOut: armOf('held_out', name) })
  return {
    outcomes: {
      durable: both('durable'),
      reopened: both('reopened'),
      repeat: both('repeat'),
      escalated: both('escalated'),
      csat: both('csat'),
      within_hour: both('within_hour')
    },
    minutes: { treated: minutesOf('treated'), heldOut: minutesOf('held_out') },
    tickets: {
      treated: Number(row('treated')['tickets'] ?? 0), heldOut: Number(row('held_out')['tickets'] ?? 0), maturing: maturing.rows[0]?.n ?? 0
    }
  }
}
