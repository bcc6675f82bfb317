// What the mind is taught beside tickets: articles and macros as they change, and what people say of topics. Each is a
// recorded thought like any step of a ticket, folded in at its own place in their order.
import type { Instant } from '../types.ts'
import { textOf } from './answers.ts'
import { nameOf as hashName } from './guard-hash.ts'
import { learnArticle } from './knowledge.ts'
import type { ArticleFact } from './knowledge.ts'
import type { Told } from './ledger.ts'
import { regroup } from './mind.ts'
import type { Mind } from './mind.ts'
import { mergeTopics, renameTopic, splitTopic } from './topics.ts'

export type TopicChange =
  | { kind: 'rename', topic: number, name: string | null }
  | { kind: 'merge', topic: number, into: number }
  | { kind: 'split', topic: number }

export type Lesson =
  | { kind: 'article', at: Instant, fact: ArticleFact }
  | { kind: 'topic', at: Instant, change: TopicChange }

/**
 * Folds a lesson in and tells what is new in the ledger. What speaks of a topic that does not exist changes nothing.
 * Changes `mind`.
 */
export function foldTaught (mind: Mind, lesson: Lesson): Told[] {
  if (lesson.kind === 'article') {
    learnArticle(mind.knowledge, mind.answers, lesson.fact)
    return noteArticle(mind, lesson)
  }
  if (foldTopicChange(mind, lesson.change)) regroup(mind)
  return []
}

// Each macro and passage that may be a draft is an item of the ledger, so that people can read it there, edit it and take
// it back. It waits for no approval: the team has written it to be sent. Its id is made of its own text, because no reply
// founded it.
function noteArticle (mind: Mind, { fact, at }: Lesson & { kind: 'article' }): Told[] {
  const { ledger } = mind
  const key = `~${fact.connection}/${fact.kind}/${fact.id}`
  const known = mind.knowledge.list[mind.knowledge.byKey[key] ?? -1]
  return [...new Set(known?.answers)].flatMap((id): Told[] => {
    const answer = mind.answers.list[id]
    if (answer === undefined || ledger.ids[id] !== undefined) return []
    const text = textOf(answer)
    const item = `a-${hashName(`${key} ${text}`)}`
    ledger.ids[id] = item
    ledger.born[id] = at
    const topic = fact.title
    return [{ kind: 'change', item, what: 'new', state: 'active', topic, language: answer.language, at, before: null, after: text }]
  })
}

function foldTopicChange (mind: Mind, change: TopicChange): boolean {
  switch (change.kind) {
    case 'rename': return renameTopic(mind.topics, change.topic, change.name)
    case 'merge': return mergeTopics(mind.topics, change.topic, change.into, true)
    case 'split': return splitTopic(mind.topics, change.topic)
  }
}

/** The order in which lessons are folded in: by time, those of one moment as they are given. */
export function sortLessons (lessons: Lesson[]): Lesson[] {
  return lessons.map((lesson, i) => ({ lesson, i }))
    .sort((a, b) => a.lesson.at < b.lesson.at ? -1 : a.lesson.at > b.lesson.at ? 1 : a.i - b.i)
    .map(({ lesson }) => lesson)
}
