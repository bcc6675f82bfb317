// A topic in words that people read: whole words that are frequent in it and rare elsewhere (class-based tf-idf, Grootendorst
// 2022, arXiv 2203.05794), two that follow each other before two that do not; and the words that are new in it.
import type { Index } from './nearest.ts'
import { isStopWord } from './stop-words.ts'
import { nameOfLabel } from './tags.ts'
import { isMark, membersOf, rootOf } from './topics.ts'
import type { Topic, Topics } from './topics.ts'

const NEW_DAYS = 28
const LEAST_NEW = 3
const LEAST_PEOPLE = 2                              // who write a new word: one alone writes names, too
const DAY_MS = 86_400_000
const MANY = 8                                      // people who use a word: from there on it is nobody's name
const CODE_SHARE = 0.5
const LONGEST = 24                                  // letters of a word that people say
const MACHINE = /\p{N}.*\p{Ll}.*\p{N}/u              // 20020a1709: of a header or a hash
const PAIR_SHARE = 0.4                              // of the questions that hold its better word: from there on a pair is a term

/** What a topic is called: the name that people gave it, else its own words. */
export function nameOf (topics: Topics, index: Index, id: number): string {
  const root = rootOf(topics, id)
  const topic = topics.list[root]
  if (topic === undefined) return 'new topic'
  if (topic.name === null && topic.tag !== null) return nameOfLabel(topic.tag)
  return topic.name ?? ownWords(topics, index, membersOf(topics, root))
}

/** The words that name the questions of these topics together. */
export function ownWords (topics: Topics, index: Index, members: number[]): string {
  const parts = members.flatMap(i => topics.list[i] ?? [])
  const questions = parts.reduce((sum, t) => sum + t.questions, 0)
  const seen = topics.seen[parts[0]?.language ?? ''] ?? 0
  const [counts, pairs] = [sumBy(parts, t => t.weights), sumBy(parts, t => t.pairs)]
  const weightOf = (stem: string): number => {
    // Words are rarely shared between languages: what is common is common within its own
    const idf = Math.max(0.05, Math.log((seen + 1) / (Math.min(seen, index.df[stem] ?? 1) + 0.5)))
    const n = counts.get(stem) ?? 0
    // A customer's name may be rare, but it comes in many topics
    const concentration = Math.sqrt(Math.min(1, n / Math.max(1, index.df[stem] ?? 1)))
    return n / questions * idf * concentration
  }
  const least = Math.min(2, questions)
  const peopleOf = (stem: string): number => countPeople(topics, parts[0]?.language ?? '', stem)
  const terms = [...counts].filter(([stem, n]) => n >= least && isTerm(parts, stem))
    .map(([stem, n]) => ({ stem, n, weight: weightOf(stem) * peopleOf(stem) }))
    .sort((a, b) => b.weight - a.weight || (a.stem < b.stem ? -1 : 1))
  const [first] = terms
  if (first === undefined) return 'new topic'
  const known = new Set(terms.slice(0, 8).map(t => t.stem))
  const isPair = (stems: string[], n: number): boolean => n >= 2 && stems.length === 2 &&
    stems.every(s => known.has(s)) && n >= PAIR_SHARE * Math.max(...stems.map(s => counts.get(s) ?? 0))
  const pair = [...pairs].map(([text, n]) => ({ stems: text.split(' '), n })).filter(({ stems, n }) => isPair(stems, n))
    .map(({ stems, n }) => ({ stems, weight: n / questions * stems.reduce((sum, s) => sum + weightOf(s), 0) }))
    .sort((a, b) => b.weight - a.weight || (a.stems.join() < b.stems.join() ? -1 : 1))[0]
  const shown = (stem: string): string => formOf(parts, codeOf(stem, counts) ?? stem)
  if (pair !== undefined && pair.stems.includes(first.stem)) return pair.stems.map(shown).join(' ')
  const second = terms.find(t => !t.stem.startsWith(first.stem) && !first.stem.startsWith(t.stem))
  return [first, second].flatMap(t => t === undefined ? [] : [shown(t.stem)]).join(' ')
}

/** What a question that begins a topic is about, in its own words. */
export function nameOfQuestion (stems: ReadonlyMap<string, string>): string {
  const list = [...stems].filter(([stem, word]) => !isMark(stem) && !isStopWord(word)).map(([, word]) => word)
  return list.filter(w => w.length > 4).slice(0, 2).join(' ') || list[0] || 'new topic'
}

/**
 * Words that a topic has begun to use within the last 28 days, most frequent first: vocabulary that drifts. A topic that is
 * younger than that has none.
 */
export function newWordsOf (topics: Topics, id: number): Array<{ word: string, questions: number }> {
  const parts = membersOf(topics, id).flatMap(i => topics.list[i] ?? [])
  const lastAt = parts.reduce((last, t) => t.lastAt > last ? t.lastAt : last, '')
  if (lastAt === '') return []
  const from = new Date(Date.parse(lastAt) - NEW_DAYS * DAY_MS).toISOString()
  if (parts.every(t => t.firstAt > from)) return []
  const counts = sumBy(parts, t => t.weights)
  // What one of its parts said before is new in none
  const old = new Set(parts.flatMap(t => Object.keys(t.since).filter(stem => (t.since[stem] ?? '') <= from)))
  const people = (stem: string): number => new Set(parts.flatMap(t => t.people[stem] ?? [])).size
  return [...counts]
    .filter(([stem, n]) => !old.has(stem) && n >= LEAST_NEW && people(stem) >= LEAST_PEOPLE && isTerm(parts, stem))
    .map(([stem, n]) => ({ word: formOf(parts, stem), questions: n }))
    .sort((x, y) => y.questions - x.questions || (x.word < y.word ? -1 : 1)).slice(0, 5)
}

// The error code that a stem is the beginning of, where it mostly is: INV-503 says more than inv.
function codeOf (stem: string, counts: Map<string, number>): string | undefined {
  const least = CODE_SHARE * (counts.get(stem) ?? 0)
  return [...counts].find(([other, n]) => n >= least && other.startsWith(`${stem}-`))?.[0]
}

// How many people write a word, up to MANY, in any topic of the language. What one firm alone writes is a name, and nobody's
// name belongs above the questions of all.
function countPeople (topics: Topics, language: string, stem: string): number {
  const people = new Set<string>()
  for (const id of topics.byStem[stem] ?? []) {
    const topic = topics.list[id]
    if (topic?.language !== language) continue
    for (const who of topic.people[stem] ?? []) people.add(who)
    if (people.size >= MANY) return MANY
  }
  return people.size
}

function isTerm (parts: Topic[], stem: string): boolean {
  const form = formOf(parts, stem)
  return !isMark(stem) && !isStopWord(form) && form.length <= LONGEST && !MACHINE.test(form)
}

function formOf (parts: Topic[], stem: string): string {
  let best: [string, number] = ['', -1]
  for (const part of parts) {
    const form = part.forms[stem]
    if (form !== undefined && form[1] > best[1]) best = form
  }
  return best[0]
}

function sumBy (parts: Topic[], of: (topic: Topic) => Record<string, number>): Map<string, number> {
  const sums = new Map<string, number>()
  for (const part of parts) for (const [key, n] of Object.entries(of(part))) sums.set(key, (sums.get(key) ?? 0) + n)
  return sums
}
