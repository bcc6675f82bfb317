// Which answer a question's words call for: a multinomial logistic regression over answers, one pass, learned reply by
// reply (AdaGrad, Duchi, Hazan & Singer 2011). A reply teaches only the answers that were considered, so that the cost of
// learning does not grow with the number of answers; and what is kept is bounded, so that it does not grow with the years.

/**
 * What one word says about answers, three whole numbers for each: the answer, its weight in ten-thousandths, its sum of
 * squared gradients in hundred-thousandths. One list, because a mind holds ten thousands of them.
 */
export type ChoiceRow = number[]

/** `seen`: how often a feature came of late; `size`: how many features are in it. */
export interface Choice { rows: Record<string, ChoiceRow>, seen: Record<string, number>, size: number }

const RATE = 0.5
const MOST_FEATURES = 160
const MOST_AFTER = 24
const LEAST_STEP = 0.001
const MOST_PER_FEATURE = 60                         // answers a word can speak for: the weakest makes room
const MOST_SEEN = 100_000                           // features that are counted: those that came least are forgotten
const WEIGHT_UNIT = 1e4
const SUM_UNIT = 1e5
const FIRST_SUM = 0.01

export function emptyChoice (): Choice {
  return { rows: {}, seen: {}, size: 0 }
}

/**
 * Stems and pairs of neighbouring stems, at most 160; and where the ticket was answered before, what was answered last, by
 * itself and with each stem: after "have you restarted it?" a yes calls for something else than after "is it solved?".
 */
export function featuresOf (stems: string[], last: number | null = null): string[] {
  const pairs = stems.slice(1).map((stem, i) => `${stems[i]} ${stem}`)
  const after = last === null ? [] : [`@${last}`, ...stems.slice(0, MOST_AFTER).map(stem => `@${last} ${stem}`)]
  return [...after, ...[...stems, ...pairs].slice(0, MOST_FEATURES)]
}

/** The answers that the words speak for, with their log-odds, best first. */
export function findChoices (
  choice: Choice, features: string[], most: number
): Array<{ answer: number, logit: number }> {
  const scale = 1 / Math.sqrt(features.length || 1)
  return [...sumWeights(choice.rows, features)].map(([answer, sum]) => ({ answer, logit: sum * scale }))
    .sort((a, b) => b.logit - a.logit || a.answer - b.answer).slice(0, most)
}

/** The weights of all answers that these features speak for, added up. */
export function sumWeights (rows: Record<string, ChoiceRow>, features: string[]): Map<number, number> {
  const sums = new Map<number, number>()
  for (const f of features) {
    const row = rows[f]
    if (row === undefined) continue
    for (let i = 0; i < row.length; i += 3) {
      const answer = row[i] ?? 0
      sums.set(answer, (sums.get(answer) ?? 0) + (row[i + 1] ?? 0) / WEIGHT_UNIT)
    }
  }
  return sums
}

/** The share of belief that each of these answers gets (softmax), in their order. */
export function scoreChoices (choice: Choice, features: string[], answers: number[]): number[] {
  const scale = 1 / Math.sqrt(features.length || 1)
  const places = new Map(answers.map((answer, i) => [answer, i]))
  const logits = answers.map(() => 0)
  for (const f of features) {
    const row = choice.rows[f]
    if (row === undefined) continue
    for (let k = 0; k < row.length; k += 3) {
      const i = places.get(row[k] ?? -1)
      if (i !== undefined) logits[i] = (logits[i] ?? 0) + (row[k + 1] ?? 0) / WEIGHT_UNIT
    }
  }
  const top = logits.reduce((a, b) => Math.max(a, b * scale), -Infinity)
  const powers = logits.map(l => Math.exp(l * scale - top))
  const all = powers.reduce((a, b) => a + b, 0)
  return powers.map(p => p / all)
}

/**
 * Learns that of these answers this one was given. A word gets a row of weights when it is seen the second time: most
 * words come once. Changes `choice`.
 */
export function learnOne (choice: Choice, features: string[], considered: number[], given: number): void {
  const answers = considered.includes(given) ? considered : [...considered, given]
  const beliefs = scoreChoices(choice, features, answers)
  const scale = 1 / Math.sqrt(features.length || 1)
  for (const f of features) {
    const before = choice.seen[f]
    choice.seen[f] = (before ?? 0) + 1
    if (before === undefined) {
      choice.size++
      continue
    }
    const row = choice.rows[f] ??= []
    for (const [i, answer] of answers.entries()) {
      moveWeight(row, answer, ((beliefs[i] ?? 0) - (answer === given ? 1 : 0)) * scale)
    }
    while (row.length > 3 * MOST_PER_FEATURE) dropWeakest(row)
  }
  while (choice.size > MOST_SEEN) forgetRare(choice)
}

/** A step of AdaGrad (Duchi, Hazan & Singer 2011) on one weight; what is next to nothing is not taken. Changes `row`. */
export function moveWeight (row: ChoiceRow, answer: number, gradient: number): void {
  if (Math.abs(gradient) < LEAST_STEP) return
  let at = 0
  while (at < row.length && row[at] !== answer) at += 3
  if (at === row.length) row.push(answer, 0, Math.round(FIRST_SUM * SUM_UNIT))
  const sum = (row[at + 2] ?? 0) + Math.round(gradient * gradient * SUM_UNIT)
  row[at + 2] = sum
  row[at + 1] = (row[at + 1] ?? 0) - Math.round(WEIGHT_UNIT * RATE * gradient / Math.sqrt(sum / SUM_UNIT))
}

/** Forgets the answer whose weight says least. Changes `row`. */
export function dropWeakest (row: ChoiceRow): void {
  let weakest = 0
  for (let i = 3; i < row.length; i += 3) {
    if (Math.abs(row[i + 1] ?? 0) < Math.abs(row[weakest + 1] ?? 0)) weakest = i
  }
  row.splice(weakest, 3)
}

// All counts are halved, and what is left of none goes with its row: what came once since the last time, and at last what
// has not come for long (as in lossy counting, Manku & Motwani 2002).
function forgetRare (choice: Choice): void {
  const left = Object.entries(choice.seen).map(([f, n]): [string, number] => [f, n >> 1]).filter(([, n]) => n > 0)
  choice.seen = Object.fromEntries(left)
  choice.size = left.length
  choice.rows = Object.fromEntries(Object.entries(choice.rows).filter(([f]) => choice.seen[f] !== undefined))
}
