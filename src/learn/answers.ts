// What agents answer: replies that say the same are one answer. Its text is the most typical of them, not the newest,
// with blanks for what belongs to one customer, and it carries its own record of how often a draft of it was good.
import { words } from '../text.ts'
import type { AnswerState } from './lifecycle.ts'
import { wordF1 } from './reward.ts'
import { withBlanks } from './slots.ts'

export interface Answer {
  language: string
  versions: string[]                                // the latest few replies, without greeting and sign-off
  typical: number                                   // which of them is the most like the others
  text: string                                      // that one with blanks: what a draft of it says
  replies: number                                   // how many replies said it
  agents: string[]                                  // who, up to a limit
  customers: string[]                               // to whom, up to a limit
  good: number                                      // rewards that its drafts earned, and those they missed
  bad: number
  firstAt: string
  lastAt: string
  from: string | null                               // the macro or article whose text it is
  state: AnswerState
  stateAt: string
}

export interface Answers { list: Answer[], shingles: Record<string, number[]>, team: string[] }

const SAME = 0.6                                    // Jaccard similarity of 3-word shingles from which two replies are one answer
const MOST_VERSIONS = 6
const MOST_AGENTS = 12
const MOST_CUSTOMERS = 20
const MOST_TEAM = 200
const MOST_PER_SHINGLE = 40

export function emptyAnswers (): Answers {
  return { list: [], shingles: {}, team: [] }
}

/** What a draft of it says; empty when it has no words yet. */
export function textOf (answer: Answer): string {
  return answer.text
}

/** Lower bound of the share of good drafts: mean minus 1.28 standard deviations of a Beta(1 + good, 1 + bad). 0 to 1. */
export function trustOf (answer: Answer): number {
  const { mean, spread } = beliefOf(answer)
  return Math.max(0, mean - 1.28 * spread)
}

/** The upper bound of the same, 0 to 1. */
export function hopeOf (answer: Answer): number {
  const { mean, spread } = beliefOf(answer)
  return Math.min(1, mean + 1.28 * spread)
}

function beliefOf (answer: Answer): { mean: number, spread: number } {
  const a = 1 + answer.good
  const b = 1 + answer.bad
  return { mean: a / (a + b), spread: Math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1))) }
}

/** The answer that a reply says again, by shingles (Broder 1997); null when it is a new one. */
export function findSame (answers: Answers, core: string, language: string): number | null {
  const mine = shinglesOf(core)
  const votes = new Map<number, number>()
  for (const shingle of mine) for (const id of answers.shingles[shingle] ?? []) votes.set(id, (votes.get(id) ?? 0) + 1)
  let best: number | null = null
  let most = SAME
  for (const [id] of [...votes].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 4)) {
    const answer = answers.list[id]
    if (answer === undefined || answer.language !== language) continue
    const known = new Set([answer.versions[answer.typical] ?? '', answer.versions.at(-1) ?? ''])
    const similarity = Math.max(...[...known].map(v => jaccard(mine, shinglesOf(v))))
    if (similarity >= most) { most = similarity; best = id }
  }
  return best
}

/** Learns one reply: it joins the answer that it repeats, or is a new one. Changes `answers`; returns the answer's number. */
export function learnReply (
  answers: Answers, core: string, language: string, agentId: string, at: string, customerId: string | null = null
): number {
  const id = findSame(answers, core, language) ?? addAnswer(answers, language, at)
  const answer = getAnswer(answers, id)
  answer.replies++
  answer.lastAt = at > answer.lastAt ? at : answer.lastAt
  addOnce(answer.agents, agentId, MOST_AGENTS)
  if (customerId !== null) addOnce(answer.customers, customerId, MOST_CUSTOMERS)
  addOnce(answers.team, agentId, MOST_TEAM)
  addVersion(answers, id, core)
  return id
}

/**
 * Learns what the team has written down to be sent: it joins the answer that already says it, or is a new one that nobody
 * has sent yet. Changes `answers`; returns the answer's number.
 */
export function learnWritten (answers: Answers, core: string, language: string, from: string, at: string): number {
  const id = findSame(answers, core, language) ?? addAnswer(answers, language, at)
  const answer = getAnswer(answers, id)
  answer.from = from
  if (!answer.versions.includes(core)) addVersion(answers, id, core)
  return id
}

function addAnswer (answers: Answers, language: string, at: string): number {
  return answers.list.push({
    language, versions: [], typical: 0, text: '', replies: 0, agents: [], customers: [], good: 0, bad: 0,
    firstAt: at, lastAt: at, from: null, state: 'observed', stateAt: at
  }) - 1
}

function getAnswer (answers: Answers, id: number): Answer {
  const answer = answers.list[id]
  if (answer === undefined) throw new Error(`there is no answer ${id}`)
  return answer
}

function addVersion (answers: Answers, id: number, core: string): void {
  const answer = getAnswer(answers, id)
  answer.versions.push(core)
  if (answer.versions.length > MOST_VERSIONS) answer.versions.splice(answer.typical === 0 ? 1 : 0, 1)
  answer.typical = mostTypical(answer.versions)
  answer.text = withBlanks(answer.versions[answer.typical] ?? '', answer.versions.filter((_, i) => i !== answer.typical))
  addShingles(answers, id, core)
}

function addShingles (answers: Answers, id: number, text: string): void {
  for (const shingle of shinglesOf(text)) {
    const list = answers.shingles[shingle] ??= []
    if (!list.includes(id) && list.length < MOST_PER_SHINGLE) list.push(id)
  }
}

/** Puts a text of a person's own in the place of what agents sent; later replies may move it again. Changes `answers`. */
export function rewrite (answers: Answers, id: number, text: string): void {
  const answer = answers.list[id]
  if (answer === undefined) return
  answer.versions = [text]
  answer.typical = 0
  answer.text = text
  addShingles(answers, id, text)
}

function addOnce (list: string[], value: string, most: number): void {
  if (list.length < most && !list.includes(value)) list.push(value)
}

/** The text that has the most in common with the others (the medoid under word F1); of equals the later. */
export function mostTypical (texts: string[]): number {
  const split = texts.map(words)
  let best = texts.length - 1
  let most = -1
  for (const [i, a] of split.entries()) {
    const sum = split.reduce((s, b, j) => s + (i === j ? 0 : wordF1(a, b)), 0)
    if (sum >= most) { most = sum; best = i }
  }
  return best
}

function shinglesOf (core: string): Set<string> {
  const list = words(core)
  if (list.length < 3) return new Set([`~${list.join(' ')}`])
  const shingles = new Set<string>()
  for (
    let i = 0; i + 3 <= list.length && shingles.size < 300; i++
  ) shingles.add(`~${list[i]} ${list[i + 1]} ${list[i + 2]}`)
  return shingles
}

function jaccard (a: Set<string>, b: Set<string>): number {
  let common = 0
  for (const s of a) if (b.has(s)) common++
  return common / (a.size + b.size - common || 1)
}
