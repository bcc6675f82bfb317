// Topics that the team names by its tags: the tickets that were tagged, in the order in which they were, and the classifier
// they teach. Only the tickets are kept; the classifier is what they make, and is left out of JSON. So a tag that was wrong
// is taken out without a trace: what remains is what would be there had nobody ever set it.
import type { Instant, Question } from '../types.ts'
import { copyClassifier, emptyClassifier, learnOne, scoreOne } from './classify/classifier.ts'
import type { Classifier, Verdict } from './classify/classifier.ts'
import { featuresOf, packFeatures, subjectOf, unpackFeatures } from './classify/hashed.ts'
import type { Features } from './classify/hashed.ts'
import type { TopicRules } from './tags.ts'

/** `features` as `packFeatures` makes them. `at`: since when the ticket has this label. */
export interface TaggedTicket { ticket: string, label: string, at: Instant, features: number[] }

export interface Tagged {
  list: TaggedTicket[]                              // in the order in which they were learned
  topics: Record<string, number>                    // label -> its topic, for ever
}

interface Made { classifier: Classifier, learned: number }

// What the list has made so far, and the same as it was a while ago.
interface Derived extends Made { earlier: Made | null }

// In a stream some topics are a hundred times as frequent as others, and that is worth knowing: no examples are repeated. What
// is frequent changes, too, when something breaks and when a team sorts its tickets in another way.
export const TAG_RULES = { replays: 0, keptPerClass: 0, named: true, memory: 120 }
const MOST = 3_000                                  // tickets that are remembered: the newest
const SLACK = 1_500                                 // above it, so that forgetting is rare: it begins anew
const EARLIER = 128                                 // tickets: most tags are corrected before so many more have come
const LEAST = 30                                    // tickets before anything is said
const SEED = 20_260

export function emptyTagged (): Tagged {
  return { list: [], topics: {} }
}

/** What a question's topic is told by. Deterministic: a question looks the same whenever it is learned. */
export function tagFeatures ({ text, language }: Pick<Question, 'text' | 'language'>): Features {
  return featuresOf(text, [`language=${language}`], subjectOf(text))
}

/**
 * Sets the label that a ticket has as of `at`; null: none. What it was before is forgotten wholly. A label that is older than
 * the one that is known changes nothing. Changes `tagged`; says whether anything changed.
 */
export function setLabel (
  tagged: Tagged, ticket: string, label: string | null, at: Instant, features: Features
): boolean {
  const { list } = tagged
  const known = list.findLastIndex(t => t.ticket === ticket)
  const before = list[known]
  if (before === undefined && label === null) return false
  if (before !== undefined && (before.at > at || before.label === label)) return false
  if (before !== undefined) {
    list.splice(known, 1)
    stepBack(tagged, known)
  }
  if (label !== null) list.push({ ticket, label, at, features: packFeatures(features) })
  if (list.length > MOST + SLACK) {
    list.splice(0, list.length - MOST)
    derivedOf(tagged, null)
  }
  return true
}

/** The label that a question calls for, and how likely it is right. Reads only; null while too few tickets are tagged. */
export function guessLabel (tagged: Tagged, features: Features): Verdict | null {
  if (tagged.list.length < LEAST) return null
  return scoreOne(classifierOf(tagged).classifier, features, 1)
}

/**
 * The topic of a question: the one its ticket's tags name, else a sure guess; null when tags tell nothing of it. What is
 * newer than nearly all that was tagged is not guessed at, however sure the best of the known topics looks.
 */
export function findTagged (tagged: Tagged, rules: TopicRules | undefined, question: Question): number | null {
  if (rules === undefined || rules.tags.length === 0) return null
  if (question.tag !== undefined) return topicOf(tagged, question.tag)
  const verdict = guessLabel(tagged, tagFeatures(question))
  const [best] = verdict?.ranked ?? []
  if (best === undefined || verdict === null || verdict.isNew || verdict.score < rules.sure) return null
  return topicOf(tagged, best.label)
}

export function topicOf (tagged: Tagged, label: string): number | null {
  return Object.hasOwn(tagged.topics, label) ? tagged.topics[label] ?? null : null
}

/** The classifier that the list makes: learned on from where it was, or anew. */
export function classifierOf (tagged: Tagged): Made {
  const made = derivedOf(tagged) ?? derivedOf(tagged, { classifier: emptyClassifier(SEED), learned: 0, earlier: null })
  if (made === null) throw new Error('what was just made is not there')
  for (; made.learned < tagged.list.length; made.learned++) {
    if (made.learned % EARLIER === 0 && made.learned > 0) {
      made.earlier = { classifier: copyClassifier(made.classifier), learned: made.learned }
    }
    const next = tagged.list[made.learned]
    if (next !== undefined) learnOne(made.classifier, unpackFeatures(next.features), next.label, TAG_RULES)
  }
  return made
}

// A ticket was taken out of the list: what the rest makes is learned again from the last moment before it.
function stepBack (tagged: Tagged, at: number): void {
  const made = derivedOf(tagged)
  if (made === null || at >= made.learned) return
  const { earlier } = made
  derivedOf(tagged, earlier === null || earlier.learned > at
    ? null
    : { classifier: copyClassifier(earlier.classifier), learned: earlier.learned, earlier })
}

const DERIVED = 'derived'

// Beside the plain data and no part of it: neither JSON nor a comparison sees it.
function derivedOf (tagged: Tagged & { [DERIVED]?: Derived | null }, next?: Derived | null): Derived | null {
  if (next !== undefined) {
    Object.defineProperty(tagged, DERIVED, { value: next, enumerable: false, writable: true, configurable: true })
  }
  return tagged[DERIVED] ?? null
}
