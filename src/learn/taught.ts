// What the mind is taught beside tickets: articles and macros as they change, and what people say of topics. Each is a
// recorded thought like any step of a ticket, folded in at its own place in their order.
import type { Instant } from '../types.ts'
import { learnArticle } from './knowledge.ts'
import type { ArticleFact } from './knowledge.ts'
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

/** Folds a lesson in. What speaks of a topic that does not exist changes nothing. Changes `mind`. */
export function foldLesson (mind: Mind, lesson: Lesson): void {
  if (lesson.kind === 'article') learnArticle(mind.knowledge, mind.answers, lesson.fact)
  else if (foldTopicChange(mind, lesson.change)) regroup(mind)
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
