// The ledger's rows as the thinking writes them: what each thought taught, held back or changed, and what people decided.
import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { Instant, TicketEvent } from '../types.ts'
import type { Decision, ItemState, Ref, Told } from '../learn/ledger.ts'
import { NO_TICKET } from './articles.ts'
import { instantOf } from './db.ts'
import type { Db } from './db.ts'
import type { Database } from './schema.ts'
import { eventOf } from './stories.ts'

type Reader = Db | Transaction<Database>

/** Where decisions stand among the thoughts: no connection can be called so. */
export const LEDGER = '~ledger'

export interface ToldBy { seq: number, told: Told[] }

/** Writes down what thoughts told. Writing the same again changes nothing. */
export async function recordTold (trx: Transaction<Database>, list: ToldBy[]): Promise<void> {
  await saveEvidence(trx, list.flatMap(({ seq, told }) => told.flatMap(t => t.kind === 'change' ? [] : [{ ...t, seq }])))
  const changes = list.flatMap(({ seq, told }) =>
    told.filter(t => t.kind === 'change').map((t, n) => ({ ...t, seq, n })))
  for (const c of changes) {
    const { rows } = await sql`
      insert into learning_change (seq, n, item, what, state, topic, at, before, after)
      values (${c.seq}, ${c.n}, ${c.item}, ${c.what}, ${c.state}, ${c.topic}, ${c.at}, ${c.before}, ${c.after})
      on conflict do nothing returning seq`.execute(trx)
    if (rows.length === 0) continue                 // told before: the item may have changed since
    const kind = c.item === 'threshold' ? 'threshold' : c.item.startsWith('t-') ? 'topic' : 'answer'
    // A name, not a text: what a verdict or a decision tells beside the state.
    const text = ['watch', 'drift', 'quarantine', 'release', 'tie', 'retire'].includes(c.what) ? null : c.after
    await sql`
      insert into learning_item (id, kind, topic, language, text, state, first_at, last_at)
      values (${c.item}, ${kind}, ${c.topic}, ${c.language}, ${text ?? ''}, ${c.state ?? 'active'}, ${c.at}, ${c.at})
      on conflict (id) do update set state = coalesce(${c.state}, learning_item.state),
        text = coalesce(${text}, learning_item.text), last_at = greatest(learning_item.last_at, excluded.last_at),
        topic = case when excluded.topic = '' then learning_item.topic else excluded.topic end`.execute(trx)
  }
}

type EvidenceTold = Exclude<Told, { kind: 'change' }> & { seq: number }

async function saveEvidence (trx: Transaction<Database>, list: EvidenceTold[]): Promise<void> {
  // Within one batch a held reply may be taught after all: the later word counts.
  const rows = [...new Map(list.map(t => [`${t.ref.connection}/${t.ref.ticketId}/${t.ref.questionId}`, t])).values()]
  for (let from = 0; from < rows.length; from += 1_000) {
    const part = rows.slice(from, from + 1_000)
    const held = <T>(pick: (t: EvidenceTold & { kind: 'held' }) => T): Array<T | null> =>
      part.map(t => t.kind === 'held' ? pick(t) : null)
    await sql`
      insert into learning_evidence (connection, ticket_id, question_id, seq, at, topic, agent, state, item, why, detail, held_group)
      select * from unnest(${part.map(t => t.ref.connection)}::text[], ${part.map(t => t.ref.ticketId)}::text[],
        ${part.map(t => t.ref.questionId)}::text[], ${part.map(t => t.seq)}::bigint[], ${part.map(t => t.at)}::timestamptz[],
        ${part.map(t => t.topic)}::text[], ${part.map(t => t.agent)}::text[], ${part.map(t => t.kind)}::text[],
        ${part.map(t => t.kind === 'taught' ? t.item : null)}::text[], ${held(t => t.why)}::text[],
        ${held(t => t.detail)}::text[], ${held(t => t.group)}::text[])
      on conflict (connection, ticket_id, question_id) do update set seq = excluded.seq, topic = excluded.topic,
        state = excluded.state, item = excluded.item, why = excluded.why, detail = excluded.detail,
        held_group = excluded.held_group`.execute(trx)
  }
}

/** Brings the ledger to what a mind folded anew has told: its evidence is the evidence. */
export async function saveFolded (
  trx: Transaction<Database>, told: ToldBy[], items: Array<{ id: string, text: string, state: ItemState }>
): Promise<void> {
  await sql`update learning_evidence set state = 'retracted', why = 'taken back', held_group = null`.execute(trx)
  await saveEvidence(trx, told.flatMap(({ seq, told }) => told.flatMap(t => t.kind === 'change' ? [] : [{ ...t, seq }])))
  await sql`
    update learning_item i set text = n.text, state = n.state
    from unnest(${items.map(i => i.id)}::text[], ${items.map(i => i.text)}::text[], ${items.map(i => i.state)}::text[])
      as n (id, text, state)
    where i.id = n.id and (i.text, i.state) is distinct from (n.text, n.state)`.execute(trx)
}

export interface DecisionRow { decision: Decision, by: string, reason: string, madeAt: Instant }

export type NewDecision = Decision extends infer D ? D extends { id: number } ? Omit<D, 'id'> : never : never

/** Adds a decision and its thought. Call it under the lock of `lockMind`. */
export async function recordDecision (
  trx: Transaction<Database>, decision: NewDecision, by: string, reason: string
): Promise<number> {
  const { kind, at, ...body } = decision
  const item = 'item' in decision ? decision.item : 'group' in decision ? decision.group : 'topic' in decision ? decision.topic : 'incident' in decision ? decision.incident : null
  const { rows } = await sql<{ id: string }>`
    insert into learning_decision (kind, item, by, reason, at, body)
    values (${kind}, ${item}, ${by}, ${reason}, ${at}, ${JSON.stringify(body)}) returning id`.execute(trx)
  const id = Number(rows[0]?.id)
  await recordLedgerThought(trx, id, `${kind}:${item ?? ('to' in decision ? decision.to : '')}`, at)
  return id
}

/** Adds a thought of the ledger; returns its number. */
export async function recordLedgerThought (
  trx: Transaction<Database>, decision: number, step: string, at: Instant
): Promise<number> {
  const { rows } = await sql<{ seq: string }>`
    insert into thought (connection, ticket_id, step, rev, at)
    values (${LEDGER}, ${String(decision)}, ${step}, 0, ${at}) returning seq`.execute(trx)
  return Number(rows[0]?.seq)
}

/** Decisions, oldest first: after one of them, up to one of them, or all. */
export async function listDecisions (
  db: Reader, { after = 0, upTo = Number.MAX_SAFE_INTEGER }: { after?: number, upTo?: number } = {}
): Promise<DecisionRow[]> {
  const rows = await db.selectFrom('learning_decision').selectAll()
    .where('id', '>', String(after)).where('id', '<=', String(upTo)).orderBy('id').execute()
  return rows.map(r => {
    const whole: object = { ...r.body, id: Number(r.id), kind: r.kind, at: instantOf(r.at) }
    if (!isDecision(whole)) throw new Error(`the decision ${r.id} is not one that we can read`)
    return { decision: whole, by: r.by, reason: r.reason, madeAt: instantOf(r.made_at) }
  })
}

const NEEDS: Readonly<Record<string, string[]>> = {
  revert: ['item', 'language', 'prints', 'evidence'], reject: ['item', 'language', 'prints', 'evidence'],
  approve: ['item'], reinstate: ['item'], edit: ['item', 'text'], return: ['to'], admit: ['group'],
  quarantine: ['topic', 'why'], release: ['topic', 'why'], retire: ['incident', 'why']
}

function isDecision (value: object): value is Decision {
  return 'kind' in value && typeof value.kind === 'string' && (NEEDS[value.kind]?.every(name => name in value) ?? false)
}

/** The last time the mind was folded anew without what was taken back: its thought, and up to which decision. */
export async function findUnlearned (db: Reader): Promise<{ seq: number, decision: number } | null> {
  const { rows } = await sql<{ seq: string, ticket_id: string }>`
    select seq, ticket_id from thought where connection = ${LEDGER} and step = 'unlearn' order by seq desc limit 1`.execute(db)
  const row = rows[0]
  return row === undefined ? null : { seq: Number(row.seq), decision: Number(row.ticket_id) }
}

/** The questions behind an item that taught it, newest first. */
export async function listTaught (db: Reader, item: string): Promise<Ref[]> {
  const rows = await db.selectFrom('learning_evidence').select(['connection', 'ticket_id', 'question_id'])
    .where('item', '=', item).where('state', '=', 'taught').orderBy('at', 'desc').orderBy('seq', 'desc').execute()
  return rows.map(r => ({ connection: r.connection, ticketId: r.ticket_id, questionId: r.question_id }))
}

export interface Revised { rev: number, event: TicketEvent }

/** Whole stories with the revision of each event, to cut them to what they were at several moments. */
export async function readRevised (
  db: Reader, refs: Array<{ connection: string, ticketId: string }>
): Promise<Map<string, Revised[]>> {
  const { rows } = await sql<{
    connection: string, ticket_id: string, key: string, at: Date, kind: string, fact: object, rev: number
  }>`
    select e.connection, e.ticket_id, e.key, e.at, e.kind, e.fact, e.rev
    from (select distinct * from unnest(${refs.map(r => r.connection)}::text[], ${refs.map(r => r.ticketId)}::text[])
      as d (connection, ticket_id)) n
    join event e on e.connection = n.connection and e.ticket_id = n.ticket_id`.execute(db)
  const stories = new Map<string, Revised[]>()
  for (const row of rows) {
    const ref = { connection: row.connection, ticketId: row.ticket_id }
    const name = `${ref.connection}/${ref.ticketId}`
    const list = stories.get(name) ?? []
    if (list.length === 0) stories.set(name, list)
    const { rev, key, kind, fact } = row
    list.push({ rev, event: eventOf({ ...ref, key, at: instantOf(row.at), kind, fact }) })
  }
  return stories
}

/** Decisions with how many steps of tickets had been taken before each: where a backtest has to fold them in. */
export async function listPlaced (db: Reader): Promise<Array<{ after: number, decision: Decision }>> {
  const { rows } = await sql<{ id: string, after: number }>`
    select t.ticket_id as id, (select count(*)::int from thought s
      where s.seq < t.seq and s.connection <> ${LEDGER} and s.ticket_id <> ${NO_TICKET}) as after
    from thought t where t.connection = ${LEDGER} and t.step <> 'unlearn' order by t.seq`.execute(db)
  const decisions = new Map((await listDecisions(db)).map(d => [d.decision.id, d.decision]))
  return rows.flatMap(({ id, after }) => {
    const decision = decisions.get(Number(id))
    return decision === undefined ? [] : [{ after, decision }]
  })
}
