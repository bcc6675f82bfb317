// The tables, as Kysely knows them. What a column means stands in migrations/*.sql.
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Decision, ItemState } from '../learn/ledger.ts'
import type { Move } from '../learn/life.ts'
import type { RiskReason } from '../learn/risk.ts'
import type { SplitChoice } from '../learn/split.ts'

type At = ColumnType<Date, Date | string, Date | string>
type MaybeAt = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>
type DefaultAt = ColumnType<Date, Date | string | undefined, Date | string>

export interface Database {
  connection: {
    name: string, connector: string, paused_at: MaybeAt, paused_why: string | null
    created_at: DefaultAt
  }
  delivery_identity: { connection: string, identity: string, received_at: At }
  delivery: {
    connection: string, id: Generated<string>, received_at: At, identity: string | null
    headers: JSONColumnType<Record<string, string>>, body: Buffer, state: string, error: string | null, events: number
  }
  event: {
    connection: string, ticket_id: string, key: string, at: At, seq: Generated<string>, kind: string
    fact: JSONColumnType<Record<string, unknown>>, rev: number, recorded_at: DefaultAt, txid: Generated<string>
  }
  ticket: {
    connection: string, ticket_id: string, rev: Generated<number>, done_rev: Generated<number>,
    look_rev: Generated<number>
    looked_rev: Generated<number>, due_at: MaybeAt, first_at: At, last_at: At, quiet: Generated<boolean>
    held: Generated<boolean>, late: Generated<boolean>, swept_at: MaybeAt
  }
  thought: {
    seq: Generated<string>, connection: string, ticket_id: string, step: string, rev: number, at: At
    made_at: DefaultAt
  }
  draft: {
    connection: string, ticket_id: string, question_id: string, key: string, asked_at: At, at: DefaultAt, basis: string
    language: string, text: string, topic: string, score: number, threshold: number, action: 'note' | 'silent',
    reason: string
    sources: JSONColumnType<DraftSource[]>, noted_at: MaybeAt, outcome: 'as_is' | 'edited' | 'replaced' | null
    seen: 'seen' | 'too_late' | 'silent' | null, similarity: number | null, reward: number | null
    answered_at: MaybeAt, answer_id: string | null, late: Generated<boolean>, arm: 'treated' | 'held_out' | null
    turn_id: Generated<string | null>, replaced_by: Generated<string | null>, replaced_at: MaybeAt
    articles: ColumnType<DraftArticle[], string | undefined, string>, topic_number: number | null, item: string | null
  }
  draft_flag: { connection: string, ticket_id: string, key: string, reason: string, comment: string, at: At }
  link_key: { one: Generated<boolean>, key: Buffer, made_at: DefaultAt }
  signal: {
    connection: string, ticket_id: string, question_id: string, step: string, kind: string, value: number,
    weight: number, at: At
  }
  mind: { name: string, seq: string, taken_at: DefaultAt, version: number, state: Buffer }
  effect: {
    id: string, kind: string, connection: string, ticket_id: string, cause: string, marker: string
    payload: JSONColumnType<Record<string, unknown>>, state: 'pending' | 'inflight' | 'done' | 'skipped' | 'parked'
    attempts: Generated<number>, not_before: DefaultAt, unclear_at: MaybeAt, vendor_id: string | null,
    reason: string | null
    created_at: DefaultAt, updated_at: DefaultAt
    account: ColumnType<string | null, string | null | undefined, string | null>, claims: Generated<number>
    ever_unclear: Generated<boolean>, recheck_at: MaybeAt, rechecked_at: MaybeAt
    copies: Generated<number>
  }
  account_pause: {
    account: string, kind: 'public' | 'refused', why: string, paused_at: DefaultAt, probed_at: DefaultAt
  }
  anomaly: {
    id: string, key: string, kind: string, topic: string, metric: string | null, title: string, state: string
    has_issue: Generated<boolean>, filing: Generated<boolean>, merged_into: string | null, reason: string | null
    p: number, usual: Generated<number>, terms: JSONColumnType<string[]>
    facts: JSONColumnType<Record<string, unknown>>, opened_at: At, grown_at: At, closed_at: MaybeAt, fixed_at: MaybeAt
    verify_at: MaybeAt, snoozed_until: MaybeAt, assignee: string | null, approved_by: string | null
    verdict: 'real' | 'noise' | null, slack_channel: string | null, slack_ts: string | null, issue_id: string | null
    issue_identifier: string | null, issue_url: string | null, version: Generated<number>, updated_at: DefaultAt
    topic_number: number | null, learner_version: number | null, learner_holds: Generated<boolean>
    issue_state: string | null, attach_to: string | null
    route: Generated<string>, told_channel: string | null, held_until: MaybeAt, rolled_up: string | null
    told_at: MaybeAt, chart_file: string | null, chart_at: MaybeAt, chart_next: string | null, chart_next_at: MaybeAt
    snoozed_by: string | null, snoozed_tickets: number | null, issue_title: string | null, split_from: string | null
  }
  press: {
    source: string, anomaly_id: string, by: string, user_id: string, act: JSONColumnType<PressAct>, at: DefaultAt
    not_before: DefaultAt, attempts: Generated<number>, ended_at: MaybeAt, said: string | null
  }
  rollup: { key: string, channel: string, day: string, version: Generated<number>, ts: string | null, at: DefaultAt }
  digest: { kind: string, period: string, at: At, told: boolean, body: JSONColumnType<Record<string, unknown>> }
  anomaly_ticket: { anomaly_id: string, connection: string, ticket_id: string, at: At, person: string }
  anomaly_change: {
    anomaly_id: string, seq: Generated<string>, at: At, by: string, move: string, detail: string | null
    applied: boolean, heard: Generated<boolean>, source: string | null
  }
  watch: { one: Generated<boolean>, seq: string, ticked_at: At, version: number, state: Buffer, at: DefaultAt }
  draft_wording: {
    key: string, state: 'asked' | 'worded' | 'kept', text: Generated<string>, reason: Generated<string>
    sent: Generated<string>, hidden: JSONColumnType<Record<string, number>>, model: string
    used_sources: JSONColumnType<string[]>, tokens_in: Generated<number>, tokens_out: Generated<number>, at: DefaultAt
  }
  note_alarm: {
    id: Generated<string>, at: DefaultAt, account: string, ticket_id: string | null, effect_id: string | null
    why: string, cleared_at: MaybeAt
  }
  audit: { id: Generated<string>, at: DefaultAt, who: string, action: string, subject: string, why: string }
  dead_job: { connection: string, ticket_id: string, at: DefaultAt, message: string, attempts: number }
  pace: {
    connection: string, plan_limit: number | null, remaining: number | null, budget: number, tokens: number
    filled_at: DefaultAt, slot: string, used: number, held_until: MaybeAt, held_why: string | null
    backfill_until: MaybeAt, rest_until: MaybeAt, rest_why: string | null, rests: Generated<number>
  }
  cursor: { connection: string, name: string, value: string, at: DefaultAt }
  failure: {
    id: Generated<string>, at: DefaultAt, work: string, connection: string | null, ticket_id: string | null,
    message: string
  }
  clock: { one: Generated<boolean>, at: At }
  outlet: {
    name: string, txid: string, seq: string, delivered: Generated<string>, attempts: Generated<number>
    refused: Generated<number>, failing_since: MaybeAt, last_error: string | null, delivered_at: MaybeAt
    not_before: DefaultAt, paused_at: MaybeAt, paused_why: string | null, lease: string | null, leased_until: MaybeAt
  }
  outlet_refusal: {
    outlet: string, txid: string, seq: string, event_id: string, attempts: number, error: string, at: DefaultAt
  }
  backfill: {
    connection: string, since: At, border: At, part: 'recent' | 'older' | 'done', cursor: string | null, reached: MaybeAt
    page_size: number | null, good_pages: Generated<number>, planned: number | null, planned_calls: number | null
    fetched: Generated<number>, stored: Generated<number>, calls: Generated<number>, waits: Generated<number>
    failures: Generated<number>, last_error: string | null, active_ms: Generated<string>, not_before: DefaultAt
    lease: string | null, leased_until: MaybeAt, started_at: DefaultAt, usable_at: MaybeAt, finished_at: MaybeAt
  }
  completeness: {
    connection: string, day: string, theirs: number, listed: number, ours: number, missing: string[], healed: string[]
    extra: JSONColumnType<ExtraTicket[]>, checked_at: DefaultAt
  }
  alarm: {
    id: Generated<string>, connection: string, kind: AlarmKind, message: string, raised_at: DefaultAt, ended_at: MaybeAt
    ending: string | null
  }
  ticket_person: { connection: string, ticket_id: string, email_hash: string }
  person_account: {
    email_hash: string, account_id: string | null, changed_at: DefaultAt, fetched_at: MaybeAt, next_at: DefaultAt
  }
  account: {
    id: string, name: string, facts: JSONColumnType<string[]>, health: number | null, renewal_at: MaybeAt
    arr: number | null, fetched_at: At
    risk: number | null, reasons: JSONColumnType<RiskReason[], string | undefined, string>, tickets: Generated<number>
    open_tickets: Generated<number>, computed_at: MaybeAt, told_risk: number | null, told_at: MaybeAt
  }
  context_event: {
    id: Generated<string>, message_id: string, kind: 'identify' | 'page' | 'track', user_id: string | null
    anonymous_id: string | null, email_hash: string | null, name: string, data: JSONColumnType<Record<string, unknown>>
    at: At, received_at: DefaultAt, expires_at: At
  }
  oauth_grant: {
    connection: string, sealed: Buffer | null, key_id: string | null, renewed_at: MaybeAt, lease: string | null
    leased_until: MaybeAt
  }
  credential: {
    connection: string, kind: string, setting: string, renews: boolean, expires_at: MaybeAt, used_at: MaybeAt
    refused_at: MaybeAt, refused_why: string | null, told_at: MaybeAt
  }
  webhook_secret: {
    connection: string, fingerprint: string, sealed: Buffer | null, key_id: string | null, added_at: DefaultAt
    ends_at: MaybeAt
  }
  article: {
    edition: Generated<string>, connection: string, kind: 'article' | 'macro', article_id: string, title: string
    text: string, url: string | null, language: string | null, public: boolean, updated_at: At
    gone: Generated<boolean>, recorded_at: DefaultAt
  }
  topic_change: {
    id: Generated<string>, kind: 'rename' | 'merge' | 'split', topic: number, into_topic: number | null
    name: string | null, at: DefaultAt
  }
  learning_item: {
    id: string, kind: 'answer' | 'topic' | 'threshold', topic: string, language: string, text: string, state: ItemState
    first_at: At, last_at: At
  }
  learning_change: {
    seq: string, n: number, item: string, what: string, state: string | null, topic: string, at: At
    before: string | null, after: string | null
  }
  learning_evidence: {
    connection: string, ticket_id: string, question_id: string, seq: string, at: At, topic: string, agent: string
    state: 'taught' | 'held' | 'retracted', item: string | null, why: string | null, detail: string | null
    held_group: string | null
  }
  learning_decision: {
    id: Generated<string>, kind: Decision['kind'], item: string | null, by: string, reason: string, at: At
    body: JSONColumnType<Record<string, unknown>>, made_at: DefaultAt
  }
  release_marker: { id: Generated<string>, version: string, note: string, at: At }
}

export interface DraftArticle {
  kind: 'article' | 'macro', title: string, url: string | null, updatedAt: string, public: boolean
  chance?: number                                   // how likely agents cite it here, where that was learned
}

export interface DraftSource { connection: string, ticketId: string, similarity: number }

/** A ticket that we hold and the helpdesk does not name for its day. */
export interface ExtraTicket { ticketId: string, why: string }

export type AlarmKind = 'silence' | 'clock'

/**
 * What a press asks for. Of `file`: `title` as it was worded in the modal, empty: as it is; `issue`: the one that it is the
 * same as, empty: a new one; `reason`: why a new one all the same, where the gate would not have it.
 */
export type PressAct =
  | { kind: 'move', move: Move }
  | { kind: 'file', title: string, issue: string, reason: string }
  | { kind: 'merge', into: string }
  | { kind: 'snooze', hours: number }
  | { kind: 'split', choice: SplitChoice, title: string }
