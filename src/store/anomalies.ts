// Anomalies that were told, the tickets behind them, and every move that was made with them. A move and what follows from
// it are one transaction, under the anomaly's row lock: two who press at once are one after the other.
import { sql } from 'kysely'
import type { Transaction, Updateable } from 'kysely'
import type { AnomalyState, Ask, Life, Move, Moved } from '../learn/life.ts'
import type { Instant } from '../types.ts'
import type { Db } from './db.ts'
import { instantOf } from './db.ts'
import type { Database } from './schema.ts'
import type { TicketRef } from './stories.ts'

export interface Anomaly extends Life {
  id: string
  key: string
  kind: string
  topic: string
  metric: string | null
  title: string
  p: number
  usual: number
  terms: string[]
  openedAt: Instant
  grownAt: Instant
  closedAt: Instant | null
  fixedAt: Instant | null
  verifyAt: Instant | null
  snoozedUntil: Instant | null
  assignee: string | null
  approvedBy: string | null
  verdict: 'real' | 'noise' | null
  slackChannel: string | null
  slackTs: string | null
  issueId: string | null
  issueIdentifier: string | null
  issueUrl: string | null
  version: number
  tickets: number
  people: number
  facts: unknown                                    // as written down; `readFacts` makes them whole
  telling: Telling
}

/** Where and when it is told, and its picture. */
export interface Telling {
  route: string, channel: string | null, toldAt: Instant | null, heldUntil: Instant | null, rolledUp: string | null
  chartFile: string | null, chartAt: Instant | null, chartNext: string | null, chartNextAt: Instant | null
  snoozedBy: string | null, snoozedTickets: number | null, issueTitle: string | null
}

export interface AnomalyTicket extends TicketRef { at: Instant, person: string }

export interface NewAnomaly {
  id: string, key: string, kind: string, topic: string, metric: string | null, title: string, p: number, usual: number
  terms: string[], at: Instant, tickets: AnomalyTicket[]
  topicNumber?: number | null                       // as the learner counts topics
}

export interface Actor { by: string, at: Instant, detail?: string, source?: string }

type Reader = Db | Transaction<Database>

export const COLUMNS = sql`a.*, (select count(*)::int from anomaly_ticket t where t.anomaly_id = a.id) as tickets,
  (select count(distinct t.person)::int from anomaly_ticket t where t.anomaly_id = a.id) as people`

/** Adds an anomaly; null when its key is known. Returns what is asked for. */
export async function addAnomaly (
  trx: Transaction<Database>, a: NewAnomaly, { life, asks }: Moved, opened: Actor = { by: 'the watch', at: a.at }
): Promise<Ask[] | null> {
  const { rows } = await sql`
    insert into anomaly (id, key, kind, topic, metric, title, state, p, usual, terms, opened_at, grown_at, topic_number)
    values (${a.id}, ${a.key}, ${a.kind}, ${a.topic}, ${a.metric}, ${a.title}, ${life.state}, ${a.p}, ${a.usual},
      ${JSON.stringify(a.terms)}::jsonb, ${a.at}, ${a.at}, ${a.topicNumber ?? null})
    on conflict do nothing returning 1`.execute(trx)
  if (rows.length === 0) return null
  await addTickets(trx, a.id, a.tickets)
  await recordChange(trx, a.id, opened, 'opened', true)
  return asks
}

/** Adds tickets; returns those that are new. */
export async function addTickets (
  trx: Transaction<Database>, id: string, tickets: AnomalyTicket[]
): Promise<TicketRef[]> {
  if (tickets.length === 0) return []
  const { rows } = await sql<{ connection: string, ticket_id: string }>`
    insert into anomaly_ticket (anomaly_id, connection, ticket_id, at, person)
    select ${id}, * from unnest(${tickets.map(t => t.connection)}::text[], ${tickets.map(t => t.ticketId)}::text[],
      ${tickets.map(t => t.at)}::timestamptz[], ${tickets.map(t => t.person)}::text[])
    on conflict do nothing returning connection, ticket_id`.execute(trx)
  return rows.map(r => ({ connection: r.connection, ticketId: r.ticket_id }))
}

/**
 * Makes a move, as `decide` (moveLife) sees it under the row's lock. Null: there is no such anomaly, or this press was heard before. `asks` is null when the move made no
 * sense any more; it is kept all the same.
 */
export async function moveAnomaly (
  trx: Transaction<Database>, id: string, move: Move, actor: Actor, decide: (life: Life, move: Move) => Moved | null,
  more: Updateable<Database['anomaly']> = {}
): Promise<{ before: Anomaly, after: Anomaly, asks: Ask[] | null } | null> {
  const before = await lockAnomaly(trx, id)
  if (before === null) return null
  const moved = decide(before, move)
  const isNew = await recordChange(trx, id, actor, move.kind, moved !== null)
  if (!isNew) return null
  if (moved === null) return { before, after: before, asks: null }
  const { state, hasIssue, filing, mergedInto, reason } = moved.life
  await trx.updateTable('anomaly').set({
    state,
    has_issue: hasIssue,
    filing,
    merged_into: mergedInto,
    reason,
    version: before.version + 1,
    updated_at: new Date(),
    ...(move.kind === 'grew' ? { grown_at: actor.at } : {}),
    ...(['closed', 'verified', 'noise', 'merged'].includes(state) ? { closed_at: actor.at } : { closed_at: null }),
    ...(move.kind === 'done' ? { fixed_at: actor.at } : {}),
    ...(move.kind === 'ack' ? { assignee: actor.by } : {}),
    ...(move.kind === 'file' || move.kind === 'attach' ? { approved_by: actor.by } : {}),
    ...(move.kind === 'noise' ? { verdict: 'noise' } : {}),
    ...(move.kind === 'real' || move.kind === 'file' || move.kind === 'attach' ? { verdict: 'real' } : {}),
    ...more
  }).where('id', '=', id).execute()
  const after = await lockAnomaly(trx, id)
  return after === null ? null : { before, after, asks: moved.asks }
}

/** Growth is not told before that instant; its tickets are counted all the same. Null: this press was heard before. */
export async function snoozeAnomaly (
  trx: Transaction<Database>, id: string, until: Instant, actor: Actor
): Promise<Anomaly | null> {
  const before = await lockAnomaly(trx, id)
  if (before === null || !await recordChange(trx, id, { ...actor, detail: `until ${until}` }, 'snooze', true)) return null
  await trx.updateTable('anomaly').set({
    snoozed_until: until, snoozed_by: actor.by, snoozed_tickets: before.tickets, version: before.version + 1
  }).where('id', '=', id).execute()
  return await lockAnomaly(trx, id)
}

async function recordChange (
  trx: Transaction<Database>, id: string, actor: Actor, move: string, applied: boolean
): Promise<boolean> {
  const { rows } = await sql`
    insert into anomaly_change (anomaly_id, at, by, move, detail, applied, source)
    values (${id}, ${actor.at}, ${actor.by}, ${move}, ${actor.detail ?? null}, ${applied}, ${actor.source ?? null})
    on conflict (source) do nothing returning 1`.execute(trx)
  return rows.length > 0
}

export async function lockAnomaly (trx: Transaction<Database>, id: string): Promise<Anomaly | null> {
  const { rows } = await sql<Raw>`select ${COLUMNS} from anomaly a where a.id = ${id} for update of a`.execute(trx)
  return rows[0] === undefined ? null : anomalyOf(rows[0])
}

export async function findAnomaly (
  db: Reader, where: { id: string } | { key: string } | { issueId: string }
): Promise<Anomaly | null> {
  const condition = 'id' in where
    ? sql`a.id = ${where.id}`
    : 'key' in where ? sql`a.key = ${where.key}` : sql`a.issue_id = ${where.issueId}`
  const { rows } = await sql<Raw>`select ${COLUMNS} from anomaly a where ${condition} limit 1`.execute(db)
  return rows[0] === undefined ? null : anomalyOf(rows[0])
}

/** The latest, those that live first. */
export async function listAnomalies (db: Reader, most: number): Promise<Anomaly[]> {
  const { rows } = await sql<Raw>`
    select ${COLUMNS} from anomaly a
    order by a.state in ('closed', 'merged', 'noise', 'verified'), a.opened_at desc limit ${most}`.execute(db)
  return rows.map(anomalyOf)
}

export async function listAnomalyTickets (db: Reader, id: string, most = 500): Promise<AnomalyTicket[]> {
  const rows = await db.selectFrom('anomaly_ticket').selectAll().where('anomaly_id', '=', id)
    .orderBy('at', 'desc').orderBy('connection').orderBy('ticket_id').limit(most).execute()
  return rows.map(r => ({ connection: r.connection, ticketId: r.ticket_id, at: instantOf(r.at), person: r.person }))
}

export interface Change { at: Instant, by: string, move: string, detail: string | null, applied: boolean }

export async function listChanges (db: Reader, id: string): Promise<Change[]> {
  const rows = await db.selectFrom('anomaly_change').selectAll().where('anomaly_id', '=', id).orderBy('seq').execute()
  return rows.map(r => ({ at: instantOf(r.at), by: r.by, move: r.move, detail: r.detail, applied: r.applied }))
}

/** How often the detector was right of late: alerts called real or filed, of those judged at all. What people split off is no alert of its. */
export async function findPrecision (db: Reader, now: Instant): Promise<{ right: number, judged: number }> {
  const { rows } = await sql<{ right: number, judged: number }>`
    select count(*) filter (where verdict = 'real')::int as right, count(verdict)::int as judged from anomaly
    where opened_at > ${now}::timestamptz - interval '30 days' and split_from is null`.execute(db)
  return rows[0] ?? { right: 0, judged: 0 }
}

/** Fixed ones whose time has come to be looked at again. */
export async function listToVerify (db: Reader, now: Instant): Promise<Anomaly[]> {
  const { rows } = await sql<Raw>`
    select ${COLUMNS} from anomaly a where a.state = 'fixed' and a.verify_at <= ${now}::timestamptz
    order by a.id limit 50`.execute(db)
  return rows.map(anomalyOf)
}

export interface Raw {
  id: string, key: string, kind: string, topic: string, metric: string | null, title: string, state: AnomalyState
  has_issue: boolean, filing: boolean, merged_into: string | null, reason: string | null, p: number, usual: number
  terms: string[], opened_at: Date, grown_at: Date
  closed_at: Date | null, fixed_at: Date | null, verify_at: Date | null
  snoozed_until: Date | null, assignee: string | null, approved_by: string | null, verdict: 'real' | 'noise' | null
  slack_channel: string | null, slack_ts: string | null, issue_id: string | null, issue_identifier: string | null
  issue_url: string | null, version: number, tickets: number, people: number, facts: unknown, route: string
  told_channel: string | null, told_at: Date | null, held_until: Date | null, rolled_up: string | null
  chart_file: string | null, chart_at: Date | null, chart_next: string | null, chart_next_at: Date | null
  snoozed_by: string | null, snoozed_tickets: number | null, issue_title: string | null
}

export function anomalyOf (r: Raw): Anomaly {
  const maybe = (at: Date | null): Instant | null => at === null ? null : instantOf(at)
  return {
    id: r.id,
    key: r.key,
    kind: r.kind,
    topic: r.topic,
    metric: r.metric,
    title: r.title,
    state: r.state,
    hasIssue: r.has_issue,
    filing: r.filing,
    mergedInto: r.merged_into,
    reason: r.reason,
    p: r.p,
    usual: r.usual,
    terms: r.terms,
    openedAt: instantOf(r.opened_at),
    grownAt: instantOf(r.grown_at),
    closedAt: maybe(r.closed_at),
    fixedAt: maybe(r.fixed_at),
    verifyAt: maybe(r.verify_at),
    snoozedUntil: maybe(r.snoozed_until),
    assignee: r.assignee,
    approvedBy: r.approved_by,
    verdict: r.verdict,
    slackChannel: r.slack_channel,
    slackTs: r.slack_ts,
    issueId: r.issue_id,
    issueIdentifier: r.issue_identifier,
    issueUrl: r.issue_url,
    version: r.version,
    tickets: r.tickets,
    people: r.people,
    facts: r.facts,
    telling: {
      route: r.route, channel: r.told_channel, toldAt: maybe(r.told_at), heldUntil: maybe(r.held_until),
      rolledUp: r.rolled_up, chartFile: r.chart_file, chartAt: maybe(r.chart_at), chartNext: r.chart_next,
      chartNextAt: maybe(r.chart_next_at), snoozedBy: r.snoozed_by, snoozedTickets: r.snoozed_tickets,
      issueTitle: r.issue_title
    }
  }
}
