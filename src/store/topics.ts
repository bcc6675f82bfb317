// What became of the drafts of each topic, by the number that it had when the draft was made.
import { sql } from 'kysely'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'

export interface TopicStats {
  topic: number
  tickets: number
  drafts: number                                    // questions
  noted: number                                     // that were sure enough for a note
  judged: number                                    // that an agent has answered
  asIs: number
  edited: number
  replaced: number
  good: number                                      // as is or lightly edited
  lastAt: string
}

export async function listTopicStats (db: Db): Promise<TopicStats[]> {
  const { rows } = await sql<{
    topic: number, tickets: string, drafts: string, noted: string, judged: string, as_is: string, edited: string
    replaced: string, good: string, last_at: Date
  }>`
    select topic_number as topic, count(distinct (connection, ticket_id)) as tickets, count(*) as drafts,
      count(*) filter (where action = 'note') as noted, count(*) filter (where outcome is not null) as judged,
      count(*) filter (where outcome = 'as_is') as as_is, count(*) filter (where outcome = 'edited') as edited,
      count(*) filter (where outcome = 'replaced') as replaced, count(*) filter (where reward >= 0.5) as good,
      max(asked_at) as last_at
    from draft where topic_number is not null group by topic_number`.execute(db)
  return rows.map(r => ({
    topic: r.topic, tickets: Number(r.tickets), drafts: Number(r.drafts), noted: Number(r.noted),
    judged: Number(r.judged),
    asIs: Number(r.as_is), edited: Number(r.edited), replaced: Number(r.replaced), good: Number(r.good),
    lastAt: instantOf(r.last_at)
  }))
}

/** The figures of a topic that consists of several. Tickets of two parts count in both. */
export function sumStats (stats: ReadonlyMap<number, TopicStats>, parts: number[]): Omit<TopicStats, 'topic' | 'lastAt'> {
  const of = (figure: (s: TopicStats) => number): number =>
    parts.reduce((sum, part) => { const s = stats.get(part); return s === undefined ? sum : sum + figure(s) }, 0)
  return {
    tickets: of(s => s.tickets), drafts: of(s => s.drafts), noted: of(s => s.noted), judged: of(s => s.judged),
    asIs: of(s => s.asIs), edited: of(s => s.edited), replaced: of(s => s.replaced), good: of(s => s.good)
  }
}
