// Topics, found without labels: a question joins the topic it resembles most, or begins a new one (leader clustering,
// Hartigan 1975). Split finely, then merged by what is answered: topics that are given the same answers are one. A merged
// topic keeps its number and points to the one that remains, so that a number means the same for ever.
import { idfOf } from './nearest.ts'
import type { Index } from './nearest.ts'
import { isStopWord } from './stop-words.ts'

export interface Topic {
  weights: Record<string, number>                   // how many of its questions hold the stem
  forms: Record<string, [word: string, lead: number]>  // the word that most often stands for a stem
  pairs: Record<string, number>                     // stems that follow each other, `~one ~two`
  since: Record<string, string>                     // when a stem was first seen here
  people: Record<string, string[]>                  // who used a stem, at most MOST_PEOPLE of them: a name has few users
  norm: number                                      // length of its idf-weighted centroid, as of its last question
  answers: Record<string, number>                   // what was answered here, older replies fading
  replies: number
  good: number                                      // drafts sent as is or lightly edited, and all that were judged, fading
  judged: number
  questions: number
  firstAt: string
  lastAt: string
  language: string
  into: number | null                               // merged: the topic that remains
  apart: boolean                                    // a person split it off: it is not merged again by itself
  name: string | null                               // what people call it
  tag: string | null                                // the label by which the team's tags name it; null: it was found without
}

export interface Topics { list: Topic[], byStem: Record<string, number[]>, seen: Record<string, number> }

const LIKE = 0.22                                   // cosine from which a question belongs to a topic
const MOST_STEMS = 60                               // of a topic: the heaviest are kept
const MOST_PAIRS = 80
const MOST_TOPICS = 600
const MOST_PEOPLE = 8
const SAME_ANSWERS = 0.6                            // share of answers in common from which two topics are one,
const SAME_OF_FEW = 0.67                           // while one of them has few replies
const REPLIES_TO_MERGE = 3
const FEW_REPLIES = 8
const GENERIC = 4                                   // an answer of more topics, and of more than
const GENERIC_SHARE = 0.1                           // this share of all, tells nothing about any

export function emptyTopics (): Topics {
  return { list: [], byStem: {}, seen: {} }
}

/** The topic that remains of a topic: itself, unless it was merged. */
export function rootOf (topics: Topics, id: number): number {
  let root = id
  for (let i = 0; i < topics.list.length; i++) {
    const into = topics.list[root]?.into ?? null
    if (into === null) return root
    root = into
  }
  return root
}

/** The numbers of the topics that a topic consists of, itself first. */
export function membersOf (topics: Topics, id: number): number[] {
  return [id, ...topics.list.flatMap((_, i) => i !== id && rootOf(topics, i) === id ? [i] : [])]
}

/** The topic of a question, by cosine of idf-weighted stems with what the topic has seen; null when it is like none. */
export function findTopic (topics: Topics, index: Index, stems: string[], language: string): number | null {
  const found = findPart(topics, index, stems, language)
  return found === null ? null : rootOf(topics, found)
}

function findPart (topics: Topics, index: Index, stems: string[], language: string): number | null {
  const dots = new Map<number, number>()
  let size = 0
  for (const stem of stems) {
    const idf = idfOf(index, stem)
    size += idf * idf
    for (const id of topics.byStem[stem] ?? []) {
      const topic = topics.list[id]
      if (topic === undefined || topic.tag !== null || topic.language !== language) continue
      dots.set(id, (dots.get(id) ?? 0) + idf * idf * (topic.weights[stem] ?? 0) / topic.questions)
    }
  }
  let best: number | null = null
  let most = topics.list.length >= MOST_TOPICS ? -1 : LIKE
  for (const [id, dot] of dots) {
    const similarity = dot / ((topics.list[id]?.norm ?? 1) * (Math.sqrt(size) || 1))
    if (similarity > most || (similarity === most && best !== null && id < best)) { most = similarity; best = id }
  }
  return best
}

/** Begins a topic that tags name. People alone merge it with others. Changes `topics`; returns its number. */
export function openTagged (topics: Topics, tag: string, at: string): number {
  return topics.list.push({ ...emptyTopic(at, 'und'), tag }) - 1
}

/**
 * Lets a question shape its topic, or begin one; `given`: the one it is known to belong to, `who`: wrote it. Changes
 * `topics`; returns the number of the topic that remains.
 */
export function learnTopic (
  topics: Topics, index: Index, stems: ReadonlyMap<string, string>, language: string, at: string,
  given: number | null = null, who = ''
): number {
  const list = [...stems.keys()]
  topics.seen[language] = (topics.seen[language] ?? 0) + 1
  const found = given ?? findPart(topics, index, list, language)
  const id = found ?? topics.list.push(emptyTopic(at, language)) - 1
  const topic = topics.list[id]
  if (topic === undefined) throw new Error(`there is no topic ${id}`)
  topic.questions++
  topic.lastAt = at
  for (const [stem, form] of stems) {
    countStem(topics, topic, id, stem, form, at)
    const people = topic.people[stem] ??= []
    if (people.length < MOST_PEOPLE && !people.includes(who)) people.push(who)
  }
  for (const [i, stem] of list.entries()) {
    const next = list[i + 1]
    if (next === undefined || isMark(stem) || isMark(next)) continue
    const pair = `${stem} ${next}`
    topic.pairs[pair] = (topic.pairs[pair] ?? 0) + 1
  }
  if (Object.keys(topic.weights).length > MOST_STEMS * 2) prune(topics, topic, id, index)
  let size = 0
  for (
    const [stem, weight] of Object.entries(topic.weights)
  ) size += (weight / topic.questions * idfOf(index, stem)) ** 2
  topic.norm = Math.sqrt(size) || 1
  return rootOf(topics, id)
}

function emptyTopic (at: string, language: string): Topic {
  return {
    weights: {}, forms: {}, pairs: {}, since: {}, people: {}, norm: 1, answers: {}, replies: 0, good: 0, judged: 0,
    questions: 0, firstAt: at, lastAt: at, language, into: null, apart: false, name: null, tag: null
  }
}

function countStem (topics: Topics, topic: Topic, id: number, stem: string, form: string, at: string): void {
  if (topic.weights[stem] === undefined) {
    topic.since[stem] = at
    const known = topics.byStem[stem] ??= []
    if (!known.includes(id)) known.push(id)
  }
  topic.weights[stem] = (topic.weights[stem] ?? 0) + 1
  // The majority, kept with one counter (Boyer & Moore 1981)
  const leading = topic.forms[stem]
  if (leading === undefined || leading[1] <= 0) topic.forms[stem] = [form, 1]
  else leading[1] += leading[0] === form ? 1 : -1
}

const FADE = 0.95                                   // an answer loses a twentieth of its share with each reply of the topic

/** Notes what was answered in a topic. Changes `topics`; says whether topics were merged by it. */
export function noteAnswer (topics: Topics, id: number, answer: number): boolean {
  const root = rootOf(topics, id)
  const topic = topics.list[root]
  if (topic === undefined) return false
  topic.replies++
  for (const [key, n] of Object.entries(topic.answers)) {
    if (n * FADE < 0.02) delete topic.answers[key]
    else topic.answers[key] = n * FADE
  }
  topic.answers[answer] = (topic.answers[answer] ?? 0) + 1
  const twin = findTwin(topics, root, answer)
  return twin !== null && mergeTopics(topics, Math.max(twin, root), Math.min(twin, root), false)
}

// The topic that is given the same answers, among those that were given this one.
function findTwin (topics: Topics, id: number, answer: number): number | null {
  const topic = topics.list[id]
  if (topic === undefined || topic.apart || topic.replies < REPLIES_TO_MERGE) return null
  let alive = 0
  const holders: number[] = []
  for (const [i, one] of topics.list.entries()) {
    if (one.into !== null) continue
    alive++
    if (one.answers[answer] !== undefined) holders.push(i)
  }
  if (holders.length > Math.max(GENERIC, GENERIC_SHARE * alive)) return null
  for (const other of holders) {
    const twin = topics.list[other]
    if (other === id || twin === undefined || twin.apart || twin.replies < REPLIES_TO_MERGE) continue
    const least = Math.min(twin.replies, topic.replies) < FEW_REPLIES ? SAME_OF_FEW : SAME_ANSWERS
    if (twin.language === topic.language && commonAnswers(topic, twin) >= least) return other
  }
  return null
}

/** The share of answers that two topics have in common, 0 to 1 (overlap of their distributions). */
export function commonAnswers (a: Topic, b: Topic): number {
  const allA = sumOf(a)
  const allB = sumOf(b)
  if (allA === 0 || allB === 0) return 0
  return Object.entries(a.answers)
    .reduce((sum, [answer, n]) => sum + Math.min(n / allA, (b.answers[answer] ?? 0) / allB), 0)
}

/**
 * Merges a topic into another, which remains. Changes `topics`; says whether anything changed. `wanted`: by a person, who
 * may also take back a split.
 */
export function mergeTopics (topics: Topics, from: number, into: number, wanted: boolean): boolean {
  const goes = rootOf(topics, from)
  const stays = rootOf(topics, into)
  const topic = topics.list[goes]
  const other = topics.list[stays]
  if (topic === undefined || other === undefined || goes === stays) return false
  if (!wanted && (topic.apart || other.apart)) return false
  topic.into = stays
  if (wanted) topic.apart = false
  for (const [answer, n] of Object.entries(topic.answers)) other.answers[answer] = (other.answers[answer] ?? 0) + n
  other.replies += topic.replies
  return true
}

/** Makes a merged topic one of its own again, for good. Changes `topics`; says whether anything changed. */
export function splitTopic (topics: Topics, id: number): boolean {
  const topic = topics.list[id]
  if (topic === undefined || topic.into === null) return false
  topic.into = null
  topic.apart = true
  return true
}

/** Gives a topic the name that people use; null: its own words again. Changes `topics`. */
export function renameTopic (topics: Topics, id: number, name: string | null): boolean {
  const topic = topics.list[rootOf(topics, id)]
  if (topic === undefined) return false
  topic.name = name
  return true
}

/** The share of a topic's recent replies that gave this answer, 0 to 1. */
export function shareOf (topics: Topics, id: number | null, answer: number): number {
  const topic = id === null ? undefined : topics.list[rootOf(topics, id)]
  if (topic === undefined) return 0
  const all = sumOf(topic)
  return all === 0 ? 0 : (topic.answers[answer] ?? 0) / (all + 1)
}

/** Notes what became of a draft. Changes `topics`. */
export function noteRate (topics: Topics, id: number, good: boolean): void {
  const topic = topics.list[rootOf(topics, id)]
  if (topic === undefined) return
  topic.good = topic.good * FADE + (good ? 1 : 0)
  topic.judged = topic.judged * FADE + 1
}

/** The share of a topic's recent drafts that were good, 0 to 1, drawn towards one half while there are few. */
export function rateOf (topics: Topics, id: number | null): number {
  const topic = id === null ? undefined : topics.list[rootOf(topics, id)]
  return topic === undefined ? 0.5 : (topic.good + 2) / (topic.judged + 4)
}

function sumOf (topic: Topic): number {
  return Object.values(topic.answers).reduce((a, b) => a + b, 0)
}

/** What of a question says what it is about: its stems without little words, numbers and marks. */
export function tellingStems (stems: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...stems].filter(([stem, word]) => !isMark(stem) && !isStopWord(word)))
}

/** A stem that is no word: a number, or a mark of ours. */
export function isMark (stem: string): boolean {
  return stem === '~#' || stem.startsWith('~@')
}

function prune (topics: Topics, topic: Topic, id: number, index: Index): void {
  const kept = Object.entries(topic.weights)
    .sort((a, b) => b[1] * idfOf(index, b[0]) - a[1] * idfOf(index, a[0]) || (a[0] < b[0] ? -1 : 1))
  for (const [stem] of kept.slice(MOST_STEMS)) {
    delete topic.weights[stem]
    delete topic.forms[stem]
    delete topic.since[stem]
    delete topic.people[stem]
    const list = topics.byStem[stem] ?? []
    const at = list.indexOf(id)
    if (at >= 0) list.splice(at, 1)
    if (list.length === 0) delete topics.byStem[stem]
  }
  const pairs = Object.entries(topic.pairs).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  for (const [pair] of pairs.slice(MOST_PAIRS)) delete topic.pairs[pair]
}
