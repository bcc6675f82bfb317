// Two answers of one topic that say the same with another number, address or "not": a customer would be told two things.
// Layout and case play no part.
import { words } from '../text.ts'
import { bagF1, bagOf } from './bags.ts'
import type { Answer, Answers } from './answers.ts'
import { rootOf } from './topics.ts'
import type { Topics } from './topics.ts'

export interface Conflict { topic: number, answers: [number, number], differs: [string, string] }

const ALIKE = 0.5                                   // word F1 from which two texts speak of the same thing
const LEAST_SHARE = 0.05                            // of a topic's replies
const NEGATION = new Set(['not', 'never', 'cannot', "can't", "don't", "doesn't", "isn't", "won't", 'nicht', 'kein', 'keine', 'keinen', 'nie', 'jamais', 'pas', 'nunca', 'non', 'niet', 'geen', 'não'])

/** In what two texts contradict each other, as one example of each; null when they do not. */
export function contradictionOf (a: string, b: string): [string, string] | null {
  if (bagF1(bagOf(a), bagOf(b)) < ALIKE) return null
  const [mine, theirs] = [factsOf(a), factsOf(b)]
  const [only, other] = [mine.find(f => !theirs.includes(f)), theirs.find(f => !mine.includes(f))]
  if (only !== undefined && other !== undefined) return [only, other]
  const [no, yes] = [negationOf(a), negationOf(b)]
  return (no === null) === (yes === null) ? null : [no ?? 'without “not”', yes ?? 'without “not”']
}

/** The promoted answers of each topic that contradict each other. */
export function listConflicts (topics: Topics, answers: Answers): Conflict[] {
  return topics.list.flatMap((topic, id) => {
    if (topic.into !== null) return []
    const all = Object.values(topic.answers).reduce((a, b) => a + b, 0) || 1
    const shown = Object.entries(topic.answers).filter(([, n]) => n / all >= LEAST_SHARE)
      .map(([answer]) => Number(answer))
      .filter(answer => answers.list[answer]?.state === 'promoted').sort((a, b) => a - b)
    return shown.flatMap((a, i) => shown.slice(i + 1).flatMap(b => {
      const differs = contradictionOf(answers.list[a]?.text ?? '', answers.list[b]?.text ?? '')
      return differs === null ? [] : [{ topic: id, answers: [a, b] satisfies [number, number], differs }]
    }))
  })
}

/**
 * The promoted answers of the topic that an answer contradicts. One that nobody has sent since this one was first sent is
 * `outdated`; one that is still sent is a `rival`, and people must decide.
 */
export function rivalsOf (
  topics: Topics, answers: Answers, topic: number, own: number
): { outdated: Answer[], rivals: Answer[] } {
  const answer = answers.list[own]
  const others = Object.keys(topics.list[rootOf(topics, topic)]?.answers ?? {}).map(Number).filter(id => id !== own)
    .flatMap(id => answers.list[id] ?? [])
    .filter(other => other.state === 'promoted' && contradictionOf(answer?.text ?? '', other.text) !== null)
  return {
    outdated: others.filter(other => other.lastAt < (answer?.firstAt ?? '')),
    rivals: others.filter(other => other.lastAt >= (answer?.firstAt ?? ''))
  }
}

function factsOf (text: string): string[] {
  const found = text.match(/https?:\/\/\S+|\p{N}+(?:[.,:]\p{N}+)*/gu) ?? []
  return [...new Set(found.map(fact => fact.replace(/[.,;:!?)\]]+$/, '').toLowerCase()))]
}

function negationOf (text: string): string | null {
  return words(text).find(word => NEGATION.has(word.replaceAll('’', "'"))) ?? null
}
