// What a language model made of drafts, and what that cost.
import { sql } from 'kysely'
import type { Instant } from '../types.ts'
import type { Wording } from '../outside.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'

export interface WordingRow extends Omit<Wording, 'state'> { key: string, state: 'asked' | 'worded' | 'kept', at: Instant }

/** Claims a draft for its wording. False: somebody has it already. */
export async function claimWording (db: Db, key: string, model: string): Promise<boolean> {
  const { rows } = await sql`
    insert into draft_wording (key, state, model) values (${key}, 'asked', ${model}) on conflict do nothing returning 1`.execute(db)
  return rows.length > 0
}

export async function saveWording (db: Db, key: string, w: Wording): Promise<void> {
  await db.updateTable('draft_wording').set({
    state: w.state,
    text: w.text,
    reason: w.reason,
    sent: w.sent,
    hidden: JSON.stringify(w.hidden),
    used_sources: JSON.stringify(w.usedSources),
    tokens_in: w.tokensIn,
    tokens_out: w.tokensOut
  }).where('key', '=', key).execute()
}

export async function findWording (db: Db, key: string): Promise<WordingRow | null> {
  const r = await db.selectFrom('draft_wording').selectAll().where('key', '=', key).executeTakeFirst()
  return r === undefined ? null : wordingOf(r)
}

/** The latest, newest first. */
export async function listWordings (db: Db, most: number): Promise<WordingRow[]> {
  const rows = await db.selectFrom('draft_wording').selectAll().orderBy('at', 'desc').orderBy('key').limit(most).execute()
  return rows.map(wordingOf)
}

export interface Meter { calls: number, worded: number, tokensIn: number, tokensOut: number }

/** What the model did within the latest hours. */
export async function findMeter (db: Db, hours: number): Promise<Meter> {
  const { rows } = await sql<Meter>`
    select count(*)::int as calls, count(*) filter (where state = 'worded')::int as worded,
      coalesce(sum(tokens_in), 0)::float8 as "tokensIn", coalesce(sum(tokens_out), 0)::float8 as "tokensOut"
    from draft_wording where at > now() - ${hours} * interval '1 hour'`.execute(db)
  return rows[0] ?? { calls: 0, worded: 0, tokensIn: 0, tokensOut: 0 }
}

/** Drafts worth a note that nobody has worded yet: those of the last hour, oldest first. */
export async function listUnworded (db: Db, most: number): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select d.key from draft d left join draft_wording w on w.key = d.key
    where d.action = 'note' and d.text <> '' and d.answered_at is null and w.key is null
      and d.at > now() - interval '1 hour'
    order by d.at, d.key limit ${most}`.execute(db)
  return rows.map(r => r.key)
}

interface Raw {
  key: string, state: 'asked' | 'worded' | 'kept', text: string, reason: string, sent: string
  hidden: Record<string, number>, model: string, used_sources: string[], tokens_in: number, tokens_out: number, at: Date
}

function wordingOf (r: Raw): WordingRow {
  return {
    key: r.key,
    state: r.state,
    text: r.text,
    reason: r.reason,
    sent: r.sent,
    hidden: r.hidden,
    model: r.model,
    usedSources: r.used_sources,
    tokensIn: r.tokens_in,
    tokensOut: r.tokens_out,
    at: instantOf(r.at)
  }
}
