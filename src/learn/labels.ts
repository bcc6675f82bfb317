// A ticket's tags have named its topic, or another one than before: what that teaches. Changes the mind, like all folding.
import type { Instant, Question } from '../types.ts'
import { hostileIn } from './guard-screen.ts'
import type { Mind } from './mind.ts'
import { setLabel, tagFeatures, topicOf } from './tagged.ts'
import { openTagged, rootOf } from './topics.ts'

/**
 * Folds in that a ticket's topic has this label since `at`; null: none any more. `first` is its first question. Drafts of its
 * `turns` that wait for their reply go to that topic. A label keeps the topic it was first given, so that its number means
 * the same for ever. Changes `mind`.
 */
export function foldLabel (mind: Mind, first: Question, label: string | null, at: Instant, turns: string[]): void {
  if (hostileIn(first.text) !== null) return
  const ticket = `${first.connection}/${first.ticketId}`
  if (!setLabel(mind.tagged, ticket, label, at, tagFeatures(first)) || label === null) return
  const topic = topicForLabel(mind, label, at)
  for (const questionId of turns) {
    const pending = mind.pending[`${ticket}/${questionId}`]
    if (pending !== undefined) pending.topic = rootOf(mind.topics, topic)
  }
}

/** The topic of a label, begun when it has none. Changes `mind`. */
export function topicForLabel (mind: Mind, label: string, at: Instant): number {
  const known = topicOf(mind.tagged, label)
  if (known !== null) return known
  const topic = openTagged(mind.topics, label, at)
  // A label may be called like something that every object has
  const kept = { value: topic, enumerable: true, writable: true, configurable: true }
  Object.defineProperty(mind.tagged.topics, label, kept)
  return topic
}
