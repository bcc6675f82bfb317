// The tables, as Kysely knows them. What a column means stands in migrations/*.sql.
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Decision, ItemState } from '../learn/ledger.ts'

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
    answered_at: MaybeAt, answer_id: string | null, item: string | null
  }
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
  context_event: {
    id: Generated<string>, message_id: string, kind: 'identify' | 'page' | 'track', user_id: string | null
    anonymous_id: string | null, email_hash: string | null, name: string, data: JSONColumnType<Record<string, unknown>>
    at: At, received_at: DefaultAt, expires_at: At
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

export interface DraftSource { connection: string, ticketId: string, similarity: number }
