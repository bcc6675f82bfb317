// Scores and what became of them: of each question the last draft that an agent has answered.
import { sql } from 'kysely'
import type { Instant } from '../types.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'

export interface JudgedRow { topic: number | null, score: number, good: boolean, at: Instant }

/** Those answered since, the latest of them first, at most so many. `topic`: by its number when the draft was made. */
export async function listJudgedScores (db: Db, since: Instant, most: number): Promise<JudgedRow[]> {
  const { rows } = await sql<{ topic: number | null, score: number, good: boolean, at: Date }>`
    select topic_number as topic, score, coalesce(reward >= 0.5, false) as good, answered_at as at from (
      select distinct on (connection, ticket_id, coalesce(turn_id, question_id)) * from draft
      where outcome is not null and answered_at > ${since}
      order by connection, ticket_id, coalesce(turn_id, question_id), asked_at desc) d
    order by answered_at desc, connection, ticket_id limit ${most}`.execute(db)
  return rows.map(r => ({ topic: r.topic, score: r.score, good: r.good, at: instantOf(r.at) }))
}
