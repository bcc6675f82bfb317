// Topics as people look at them: names, parts, new words, answers and what contradicts. Reads the mind only.
import { textOf } from './answers.ts'
import { listConflicts } from './conflicts.ts'
import type { Mind } from './mind.ts'
import { nameOf, newWordsOf, ownWords } from './topic-names.ts'
import { membersOf } from './topics.ts'

export interface TopicView {
  topic: number
  name: string
  named: boolean                                    // by a person
  language: string
  questions: number
  lastAt: string
  parts: Array<{ topic: number, name: string, questions: number }>  // merged into it
  newWords: Array<{ word: string, questions: number }>
  answers: number
  promoted: number
  conflicts: Array<{ one: string, other: string, differs: [string, string] }>
}

/** The topics that remain, those with most questions first. */
export function viewTopics (mind: Mind): TopicView[] {
  const conflicts = listConflicts(mind.topics, mind.answers)
  const text = (answer: number): string => {
    const found = mind.answers.list[answer]
    return found === undefined ? '' : textOf(found)
  }
  return mind.topics.list.flatMap((topic, id): TopicView[] => {
    if (topic.into !== null) return []
    const members = membersOf(mind.topics, id)
    const answers = Object.keys(topic.answers).flatMap(a => mind.answers.list[Number(a)] ?? [])
    return [{
      topic: id,
      name: nameOf(mind.topics, mind.index, id),
      named: topic.name !== null,
      language: topic.language,
      questions: members.reduce((sum, m) => sum + (mind.topics.list[m]?.questions ?? 0), 0),
      lastAt: topic.lastAt,
      parts: members.slice(1).map(m => ({
        topic: m, name: ownWords(mind.topics, mind.index, [m]), questions: mind.topics.list[m]?.questions ?? 0
      })),
      newWords: newWordsOf(mind.topics, id),
      answers: answers.length,
      promoted: answers.filter(a => a.state === 'promoted').length,
      conflicts: conflicts.filter(c => c.topic === id)
        .map(c => ({ one: text(c.answers[0]), other: text(c.answers[1]), differs: c.differs }))
    }]
  }).sort((a, b) => b.questions - a.questions || a.topic - b.topic)
}
