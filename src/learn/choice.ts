// Which answer a question's words call for: a multinomial logistic regression over answers, one pass, learned reply by
// reply (AdaGrad, Duchi, Hazan & Singer 2011). A reply teaches only the answers that were considered, so that the cost of
// learning does not grow with the number of answers.

export interface Choice {
  rows: Record<string, Record<string, [weight: number, sum: number]>>, seen: Record<string, number>
}

const RATE = 0.5
const MOST_FEATURES = 160
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
  const logits = new Map<string, number>()
  for (const f of features) {
    for (
      const [answer, [weight]] of Object.entries(choice.rows[f] ?? {})
    ) logits.set(answer, (logits.get(answer) ?? 0) + weight * scale)
  }
  return [...logits].map(([answer, logit]) => ({ answer: Number(answer), logit }))
    .sort((a, b) => b.logit - a.logit || a.answer - b.answer).slice(0, most)
}

/** The share of belief that each of these answers gets (softmax), in their order. */
export function scoreChoices (choice: Choice, features: string[], answers: number[]): number[] {
  const scale = 1 / Math.sqrt(features.length || 1)
  const logits = answers.map(answer => features.reduce((sum, f) => sum + (
    choice.rows[f]?.[answer]?.[0] ?? 0
  ), 0) * scale)
  const top = Math.max(...logits)
  const powers = logits.map(l => Math.exp(l - top))
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
    const row = choice.rows[f] ??= {}
    for (const [i, answer] of answers.entries()) {
      const gradient = ((beliefs[i] ?? 0) - (answer === given ? 1 : 0)) * scale
      if (Math.abs(gradient) < 0.001) continue
      const [weight, sum] = row[answer] ?? [0, 0.01]
      const next = sum + gradient * gradient
      row[answer] = [weight - RATE * gradient / Math.sqrt(next), next]
    }
    const keys = Object.keys(row)
    if (keys.length > MOST_PER_FEATURE) {
      let weakest = keys[0] ?? ''
      for (const k of keys) if (Math.abs(row[k]?.[0] ?? 0) < Math.abs(row[weakest]?.[0] ?? 0)) weakest = k
      delete row[weakest]
    }
  }
}
