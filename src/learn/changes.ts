// What the ledger tells of a change, and a topic as it calls it.
import type { Instant } from '../types.ts'
import type { ChangeKind, ItemState, Told } from './ledger.ts'
import type { Mind } from './mind.ts'
import { nameOf } from './topic-names.ts'

export interface Reply { text: string, agentId: string, at: Instant }

export function changeOf (
  mind: Mind, item: string, what: ChangeKind, state: ItemState | null, topic: number, language: string, at: Instant,
  before: string | null, after: string | null
): Told & { kind: 'change' } {
  return { kind: 'change', item, what, state, topic: topicName(mind, topic), language, at, before, after }
}

export function topicName (mind: Mind, topic: number): string {
  return nameOf(mind.topics, mind.index, topic)
}
