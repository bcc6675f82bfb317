// The ledger as people read it: items with what stands behind them, what is held back, what was decided, and releases.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import type { ItemState } from '../learn/ledger.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import type { TicketRef } from './stories.ts'

type Reader = Db | Transaction<Database>

export interface ItemLine {
  id: string, kind: 'answer' | 'topic' | 'threshold', topic: string, language: string, text: string, state: ItemState
  firstAt: Instant, lastAt: Instant
  tickets: number                                   // replies that taught it
  agents: number
  drafts: number                                    // that proposed it
  judged: number                                    // of which an agent has answered
  accepted: number                                  // as is or lightly edited
}

/** Items that fewer replies support are not worth a line, unless somebody must decide about them. */
export const LEAST_TICKETS = 3

const LINES = sql`
  select i.*, coalesce(e.tickets, 0) as tickets, coalesce(e.agents, 0) as agents, coalesce(d.drafts, 0) as drafts,
    coalesce(d.judged, 0) as judged, coalesce(d.accepted, 0) as accepted
  from learning_item i
  left join lateral (select count(*)::int as tickets, count(distinct agent)::int as agents
    from learning_evidence e where e.item = i.id and e.state <> 'held') e on true
  left join lateral (select count(*)::int as drafts, count(outcome)::int as judged,
    count(*) filter (where reward >= 0.5)::int as accepted from draft d where d.item = i.id) d on true`

interface Row {
  id: string, kind: ItemLine['kind'], topic: string, language: string, text: string, state: ItemState
  first_at: Date, last_at: Date, tickets: number, agents: number, drafts: number, judged: number, accepted: number
}

/** Items in some of the states, what changed last first; `before` pages on. */
export async function listItems (db: Reader, states: ItemState[], most: number, before?: Instant): Promise<ItemLine[]> {
  const { rows } = await sql<Row>`
    select * from (${LINES}) l where state = any(${states}) and kind = 'answer'
      and (tickets >= ${LEAST_TICKETS} or state <> 'active')
      and (${before ?? null}::timestamptz is null or last_at < ${before ?? null}::timestamptz)
    order by last_at desc, id limit ${most}`.execute(db)
  return rows.map(lineOf)
}

export async function findItem (db: Reader, id: string): Promise<ItemLine | null> {
  const { rows } = await sql<Row>`select * from (${LINES}) l where id = ${id}`.execute(db)
  return rows[0] === undefined ? null : lineOf(rows[0])
}

export interface Counts { review: number, active: number, held: number, reverted: number }

export async function countItems (db: Reader): Promise<Counts> {
  const { rows } = await sql<Counts>`select
    (select count(*)::int from learning_item where kind = 'answer' and state in ('review', 'watch')) as review,
    (select count(*)::int from learning_item i where kind = 'answer' and state = 'active' and (
      select count(*) from learning_evidence e
      where e.item = i.id and e.state <> 'held') >= ${LEAST_TICKETS}) as active,
    (select count(*)::int from learning_evidence where state = 'held') as held,
    (select count(*)::int from learning_item
      where kind = 'answer' and state in ('reverted', 'rejected', 'retired')) as reverted`.execute(db)
  return rows[0] ?? { review: 0, active: 0, held: 0, reverted: 0 }
}

export interface HeldLine {
  group: string | null, why: string, detail: string, topic: string, replies: number, agents: number, days: number
  firstAt: Instant, lastAt: Instant, tickets: TicketRef[]
}

/** What is held back, one line for a pattern: replies that say the same, or that are held in one topic for one reason. */
export async function listHeld (db: Reader, most: number): Promise<HeldLine[]> {
  const { rows } = await sql<{
    held_group: string | null, why: string, detail: string, topic: string, replies: number, agents: number, days: number
    first_at: Date, last_at: Date, tickets: Array<{ connection: string, ticketId: string }>
  }>`
    select held_group, why, max(detail) as detail, max(topic) as topic, count(*)::int as replies,
      count(distinct agent)::int as agents, count(distinct at::date)::int as days,
      min(at) as first_at, max(at) as last_at,
      (array_agg(json_build_object('connection', connection, 'ticketId', ticket_id) order by at desc))[1:5] as tickets
    from learning_evidence where state = 'held'
    group by held_group, why, case when held_group is null then topic end
    order by (why = 'conflict') desc, max(at) desc limit ${most}`.execute(db)
  return rows.map(r => ({
    group: r.held_group, why: r.why, detail: r.detail, topic: r.topic, replies: r.replies, agents: r.agents,
    days: r.days, firstAt: instantOf(r.first_at), lastAt: instantOf(r.last_at), tickets: r.tickets
  }))
}

/** How often each guard has caught something. */
export async function countHeld (db: Reader): Promise<Array<{ why: string, replies: number }>> {
  const { rows } = await sql<{ why: string, replies: number }>`
    select why, count(*)::int as replies from learning_evidence where state = 'held'
    group by why order by 2 desc, 1`.execute(db)
  return rows
}

export interface ChangeLine {
  seq: number, what: string, state: string | null, topic: string, at: Instant
  before: string | null, after: string | null
}

export interface EvidenceLine extends TicketRef { questionId: string, agent: string, at: Instant, state: string }

export interface DecisionLine { id: number, kind: string, by: string, reason: string, at: Instant, text: string | null }

/** Shares of good drafts and of lasting solutions, with the item and in its topic without it. Null: too few to say. */
export interface Effect {
  with: { judged: number, accepted: number, solved: number, lasting: number }
  without: { judged: number, accepted: number, solved: number, lasting: number }
}

export interface WholeItem {
  item: ItemLine, changes: ChangeLine[], evidence: EvidenceLine[], decisions: DecisionLine[], effect: Effect
  drafts: Array<TicketRef & { key: string, at: Instant, action: string, outcome: string | null }>
  conflicts: Array<{ id: string, text: string, state: string, tickets: number }>
}

const ON_PAGE = 50

export async function findWholeItem (db: Reader, id: string): Promise<WholeItem | null> {
  const item = await findItem(db, id)
  if (item === null) return null
  const changes = await db.selectFrom('learning_change').selectAll().where('item', '=', id).orderBy('seq', 'desc')
    .orderBy('n', 'desc').limit(ON_PAGE).execute()
  const evidence = await db.selectFrom('learning_evidence').selectAll().where('item', '=', id)
    .where('state', '<>', 'held').orderBy('at', 'desc').limit(ON_PAGE).execute()
  const decisions = await db.selectFrom('learning_decision').selectAll().where('item', '=', id)
    .orderBy('id', 'desc').execute()
  const drafts = await db.selectFrom('draft').select(['connection', 'ticket_id', 'key', 'asked_at', 'action', 'outcome'])
    .where('item', '=', id).orderBy('asked_at', 'desc').limit(ON_PAGE).execute()
  return {
    item,
    changes: changes.map(c => ({
      seq: Number(c.seq), what: c.what, state: c.state, topic: c.topic, at: instantOf(c.at), before: c.before,
      after: c.after
    })),
    evidence: evidence.map(e => ({
      connection: e.connection, ticketId: e.ticket_id, questionId: e.question_id, agent: e.agent, at: instantOf(e.at),
      state: e.state
    })),
    decisions: decisions.map(d => ({
      id: Number(d.id), kind: d.kind, by: d.by, reason: d.reason, at: instantOf(d.at),
      text: typeof d.body['text'] === 'string' ? d.body['text'] : null
    })),
    drafts: drafts.map(d => ({
      connection: d.connection, ticketId: d.ticket_id, key: d.key, at: instantOf(d.asked_at), action: d.action,
      outcome: d.outcome
    })),
    effect: await effectOf(db, item),
    conflicts: await conflictsOf(db, item)
  }
}

// With: drafts of the item since it is there. Without: those of its topic in as long a time before, and of its topic
// since then that proposed something else.
async function effectOf (db: Reader, item: ItemLine): Promise<Effect> {
  const { rows } = await sql<{ mine: boolean, judged: number, accepted: number, solved: number, lasting: number }>`
    select (d.item is not distinct from ${item.id}) as mine, count(d.outcome)::int as judged,
      count(*) filter (where d.reward >= 0.5)::int as accepted,
      count(*) filter (where s.stayed or s.reopened)::int as solved,
      count(*) filter (where s.stayed and not s.reopened)::int as lasting
    from draft d left join lateral (
      select bool_or(kind = 'stayed_solved') as stayed, bool_or(kind = 'reopened') as reopened from signal s
      where s.connection = d.connection and s.ticket_id = d.ticket_id and s.question_id = d.question_id) s on true
    where d.item = ${item.id} or (d.topic = ${item.topic} and d.asked_at >= ${item.firstAt}::timestamptz - (
      select greatest(interval '28 days', now() - ${item.firstAt}::timestamptz)))
    group by 1`.execute(db)
  const part = (mine: boolean): Effect['with'] => {
    const row = rows.find(r => r.mine === mine)
    return {
      judged: row?.judged ?? 0, accepted: row?.accepted ?? 0, solved: row?.solved ?? 0, lasting: row?.lasting ?? 0
    }
  }
  return { with: part(true), without: part(false) }
}

// Other answers of the same topic and language that people give as well.
async function conflictsOf (db: Reader, item: ItemLine): Promise<WholeItem['conflicts']> {
  const { rows } = await sql<{ id: string, text: string, state: string, tickets: number }>`
    select id, text, state, tickets from (${LINES}) l
    where kind = 'answer' and topic = ${item.topic} and language = ${item.language} and id <> ${item.id} and tickets >= ${LEAST_TICKETS} order by tickets desc, id limit 5`.execute(db)
  return rows.map(({ id, text, state, tickets }) => ({ id, text, state, tickets }))
}

/** Questions that an item answers or might: those it was proposed for and those of its topic, newest first. */
export async function findItemQuestions (
  db: Reader, item: ItemLine, since: Instant, most: number
): Promise<Array<TicketRef & { questionId: string, key: string }>> {
  const { rows } = await sql<{ connection: string, ticket_id: string, question_id: string, key: string }>`
    select connection, ticket_id, question_id, key from draft
    where asked_at >= ${since} and (item = ${item.id} or topic = ${item.topic} or exists (
      select 1 from learning_evidence e where e.item = ${item.id} and e.topic = draft.topic))
    order by asked_at desc, key limit ${most}`.execute(db)
  return rows.map(r => ({ connection: r.connection, ticketId: r.ticket_id, questionId: r.question_id, key: r.key }))
}

export interface ReleaseMarker { version: string, note: string, at: Instant }

export async function saveRelease (db: Db, release: ReleaseMarker): Promise<void> {
  await db.insertInto('release_marker').values(release)
    .onConflict(c => c.columns(['version', 'at']).doUpdateSet({ note: release.note })).execute()
}

export async function listReleases (db: Reader): Promise<ReleaseMarker[]> {
  const rows = await db.selectFrom('release_marker').selectAll().orderBy('at').orderBy('id').execute()
  return rows.map(r => ({ version: r.version, note: r.note, at: instantOf(r.at) }))
}

function lineOf (r: Row): ItemLine {
  return {
    id: r.id, kind: r.kind, topic: r.topic, language: r.language, text: r.text, state: r.state,
    firstAt: instantOf(r.first_at), lastAt: instantOf(r.last_at), tickets: r.tickets, agents: r.agents,
    drafts: r.drafts, judged: r.judged, accepted: r.accepted
  }
}
