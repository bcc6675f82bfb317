// Questions as the recorder and the thinker would leave them: facts, a draft and a thought for each, in their order.
import { sql } from 'kysely'
import { ensurePartitions } from '../../src/store/partitions.ts'
import { recordFacts } from '../../src/store/recorder.ts'
import type { TicketEvent } from '../../src/types.ts'
import type { TestDatabase } from './database.ts'

export interface Asked {
  ticketId: string, at: string, topic: string, text: string, person?: string, email?: string, name?: string
}

export async function recordAsked (base: TestDatabase, rows: Asked[]): Promise<void> {
  const facts = rows.flatMap(({ at, text, ticketId, person, email, name }): TicketEvent[] => {
    const where = { connection: 'zendesk', ticketId, at }
    const who = { id: person ?? `p${ticketId}`, ...(email === undefined ? {} : { email }), ...(name === undefined ? {} : { name }) }
    return [
      { ...where, key: 'o', kind: 'opened', subject: '', channel: 'web', person: who, tags: [] },
      { ...where, key: 'm', kind: 'asked', messageId: 'm', text, person: who }
    ]
  })
  await ensurePartitions(base.db, [], facts.map(f => f.at))
  for (let i = 0; i < facts.length; i += 1000) {
    await base.db.transaction().execute(trx => recordFacts(trx, [{ connection: 'zendesk', facts: facts.slice(i, i + 1000) }]))
  }
  await sql`
    insert into draft (connection, ticket_id, question_id, key, asked_at, basis, language, text, topic, score, threshold, action, reason, sources)
    select 'zendesk', n.id, 'm', 'dl-' || n.id, n.at, 'm', 'en', '', n.topic, 0, 1, 'silent', '', '[]'::jsonb
    from unnest(${rows.map(r => r.ticketId)}::text[], ${rows.map(r => r.at)}::timestamptz[],
      ${rows.map(r => r.topic)}::text[]) as n (id, at, topic)`.execute(base.db)
  await sql`
    insert into thought (connection, ticket_id, step, rev, at)
    select 'zendesk', n.id, 'ask:m', 1, n.at from unnest(${rows.map(r => r.ticketId)}::text[],
      ${rows.map(r => r.at)}::timestamptz[]) with ordinality as n (id, at, i) order by n.i`.execute(base.db)
}
