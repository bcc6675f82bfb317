// Which answer a question's words call for: a multinomial logistic regression over answers, one pass, learned reply by
// reply (AdaGrad, Duchi, Hazan & Singer 2011). A reply teaches only the answers that were considered, so that the cost of
// learning does not grow with the number of answers.

/** What one word says about answers: parallel lists, so that a look-up reads numbers and nothing else. */
export interface ChoiceRow { answers: number[], weights: number[], sums: number[] }

export interface Choice { rows: Record<string, ChoiceRow>, seen: Record<string, number> }

const RATE = 0.5
const MOST_FEATURES = 160
const LEAST_STEP = 0.001
const MOST_PER_FEATURE = 60                         // answers a word can speak for: the weakest makes room

export function emptyChoice (): Choice {
  return { rows: {}, seen: {} }
}

/** Stems and pairs of neighbouring stems, at most 160. */
export function featuresOf (stems: string[]): string[] {
  const pairs = stems.slice(1).map((stem, i) => `${stems[i]} ${stem}`)
  return [...stems, ...pairs].slice(0, MOST_FEATURES)
}

/** The answers that the words speak for, with their log-odds, best first. */
export function findChoices (
  choice: Choice, features: string[], most: number
): Array<{ answer: number, logit: number }> {
  const scale = 1 / Math.sqrt(features.length || 1)
  const logits = new Map<number, number>()
  for (const f of features) {
    const row = choice.rows[f]
    if (row === undefined) continue
    const { answers, weights } = row
    for (let i = 0; i < answers.length; i++) {
      const answer = answers[i] ?? 0
      logits.set(answer, (logits.get(answer) ?? 0) + (weights[i] ?? 0) * scale)
    }
  }
  return [...logits].map(([answer, logit]) => ({ answer, logit }))
    .sort((a, b) => b.logit - a.logit || a.answer - b.answer).slice(0, most)
}

/** The share of belief that each of these answers gets (softmax), in their order. */
export function scoreChoices (choice: Choice, features: string[], answers: number[]): number[] {
  const scale = 1 / Math.sqrt(features.length || 1)
  const places = new Map(answers.map((answer, i) => [answer, i]))
  const logits = answers.map(() => 0)
  for (const f of features) {
    const row = choice.rows[f]
    if (row === undefined) continue
    for (let k = 0; k < row.answers.length; k++) {
      const i = places.get(row.answers[k] ?? -1)
      if (i !== undefined) logits[i] = (logits[i] ?? 0) + (row.weights[k] ?? 0)
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
    choice.seen[f] = (choice.seen[f] ?? 0) + 1
    if ((choice.seen[f] ?? 0) < 2) continue
    const row = choice.rows[f] ??= { answers: [], weights: [], sums: [] }
    for (const [i, answer] of answers.entries()) {
      moveWeight(row, answer, ((beliefs[i] ?? 0) - (answer === given ? 1 : 0)) * scale)
    }
    if (row.answers.length > MOST_PER_FEATURE) dropWeakest(row)
  }
}

/** A step of AdaGrad (Duchi, Hazan & Singer 2011) on one weight; what is next to nothing is not taken. Changes `row`. */
export function moveWeight (row: ChoiceRow, answer: number, gradient: number): void {
  if (Math.abs(gradient) < LEAST_STEP) return
  let at = row.answers.indexOf(answer)
  if (at < 0) {
    at = row.answers.push(answer) - 1
    row.weights.push(0)
    row.sums.push(0.01)
  }
  const sum = (row.sums[at] ?? 0) + gradient * gradient
  row.sums[at] = sum
  row.weights[at] = (row.weights[at] ?? 0) - RATE * gradient / Math.sqrt(sum)
}

/** Forgets the answer whose weight says least. Changes `row`. */
export function dropWeakest (row: ChoiceRow): void {
  let weakest = 0
  for (let i = 1; i < row.weights.length; i++) {
    if (Math.abs(row.weights[i] ?? 0) < Math.abs(row.weights[weakest] ?? 0)) weakest = i
  }
  for (const list of [row.answers, row.weights, row.sums]) list.splice(weakest, 1)
}
