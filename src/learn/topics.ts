// Topics, found without labels: a question joins the topic it resembles most, or begins a new one (leader clustering,
// Hartigan 1975). A topic is named by its own words.
import { idfOf } from './nearest.ts'
import type { Index } from './nearest.ts'

export interface Topic {
  weights: Record<string, number>                   // how many of its questions hold the stem
  forms: Record<string, string>                     // the word that a stem was first cut from
  norm: number                                      // length of its idf-weighted centroid, as of its last question
  answers: Record<string, number>                   // what was answered here, older replies fading
  questions: number
  lastAt: string
  language: string
}

export interface Topics { list: Topic[], byStem: Record<string, number[]> }

const LIKE = 0.22                                   // cosine from which a question belongs to a topic
const MOST_STEMS = 60                               // of a topic: the heaviest are kept
const MOST_TOPICS = 600

export function emptyTopics (): Topics {
  return { list: [], byStem: {} }
}

/** The topic of a question, by cosine of idf-weighted stems with what the topic has seen; null when it is like none. */
export function findTopic (topics: Topics, index: Index, stems: string[], language: string): number | null {
  const dots = new Map<number, number>()
  let size = 0
  for (const stem of stems) {
    const idf = idfOf(index, stem)
    size += idf * idf
    for (const id of topics.byStem[stem] ?? []) {
      const topic = topics.list[id]
      if (topic === undefined || topic.language !== language) continue
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

/** Lets a question shape its topic, or begin one. Changes `topics`; returns the topic's number. */
export function learnTopic (
  topics: Topics, index: Index, stems: ReadonlyMap<string, string>, language: string, at: string
): number {
  const list = [...stems.keys()]
  const found = findTopic(topics, index, list, language)
  const id = found ?? topics.list.push(
    { weights: {}, forms: {}, norm: 1, answers: {}, questions: 0, lastAt: at, language }
  ) - 1
  const topic = topics.list[id]
  if (topic === undefined) throw new Error(`there is no topic ${id}`)
  topic.questions++
  topic.lastAt = at
  for (const [stem, form] of stems) {
    if (topic.weights[stem] === undefined) {
      topic.forms[stem] = form
      const known = topics.byStem[stem] ??= []
      if (!known.includes(id)) known.push(id)
    }
    topic.weights[stem] = (topic.weights[stem] ?? 0) + 1
  }
  if (Object.keys(topic.weights).length > MOST_STEMS * 2) prune(topics, topic, id, index)
  let size = 0
  for (
    const [stem, weight] of Object.entries(topic.weights)
  ) size += (weight / topic.questions * idfOf(index, stem)) ** 2
  topic.norm = Math.sqrt(size) || 1
  return id
}

const FADE = 0.95                                   // an answer loses a twentieth of its share with each reply of the topic

/** Notes what was answered in a topic. Changes `topics`. */
export function noteAnswer (topics: Topics, id: number, answer: number): void {
  const topic = topics.list[id]
  if (topic === undefined) return
  for (const [key, n] of Object.entries(topic.answers)) {
    if (n * FADE < 0.02) delete topic.answers[key]
    else topic.answers[key] = n * FADE
  }
  topic.answers[answer] = (topic.answers[answer] ?? 0) + 1
}

/** The share of a topic's recent replies that gave this answer, 0 to 1. */
export function shareOf (topics: Topics, id: number | null, answer: number): number {
  const topic = id === null ? undefined : topics.list[id]
  if (topic === undefined) return 0
  const all = Object.values(topic.answers).reduce((a, b) => a + b, 0)
  return all === 0 ? 0 : (topic.answers[answer] ?? 0) / (all + 1)
}

/** A topic in its own words: the two that are frequent in it and rare elsewhere (class-based tf-idf). */
export function nameOf (topics: Topics, index: Index, id: number): string {
  const topic = topics.list[id]
  if (topic === undefined) return 'new topic'
  const named = Object.entries(topic.weights)
    .filter(([stem]) => (topic.forms[stem] ?? '').length > 2 && stem !== '~#')
    .map(([stem, n]) => ({ form: topic.forms[stem] ?? '', weight: (n / topic.questions) * idfOf(index, stem), n }))
    .filter(({ n }) => n >= Math.min(2, topic.questions))
    .sort((a, b) => b.weight - a.weight || (a.form < b.form ? -1 : 1))
  return named.slice(0, 2).map(n => n.form).join(' ') || 'new topic'
}

function prune (topics: Topics, topic: Topic, id: number, index: Index): void {
  const kept = Object.entries(topic.weights)
    .sort((a, b) => b[1] * idfOf(index, b[0]) - a[1] * idfOf(index, a[0]) || (a[0] < b[0] ? -1 : 1))
  for (const [stem] of kept.slice(MOST_STEMS)) {
    delete topic.weights[stem]
    delete topic.forms[stem]
    const list = topics.byStem[stem] ?? []
    const at = list.indexOf(id)
    if (at >= 0) list.splice(at, 1)
    if (list.length === 0) delete topics.byStem[stem]
  }
}
