// Which of several candidates is the right one: their weights are learned so that the right one gets the share of belief
// (listwise softmax, the ListNet loss of Cao et al. 2007), one list at a time, by AdaGrad. State in, state out.
import type { Scorer } from './scorer.ts'

const RATE = 0.3

/** The share of belief that each candidate gets from its logit, in their order; they add up to 1. */
export function sharesOf (logits: number[]): number[] {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const powers = logits.map(l => Math.exp(l - top))
  const all = powers.reduce((a, b) => a + b, 0)
  return powers.map(p => p / all)
}

/**
 * Learns which of a list were right; several may be, and then the likelier of them count more. A list without a right one
 * teaches nothing. `features` of each candidate are as long as the weights.
 */
export function learnList (scorer: Scorer, list: Array<{ features: number[], logit: number, right: boolean }>): Scorer {
  const shares = sharesOf(list.map(c => c.logit))
  const right = list.reduce((sum, c, i) => sum + (c.right ? shares[i] ?? 0 : 0), 0)
  if (right === 0) return scorer
  const misses = list.map((c, i) => (shares[i] ?? 0) * (c.right ? 1 - 1 / right : 1))
  const gradients = scorer.weights.map((_, w) =>
    list.reduce((sum, c, i) => sum + (misses[i] ?? 0) * (c.features[w] ?? 0), 0))
  const sums = scorer.sums.map((s, w) => s + (gradients[w] ?? 0) ** 2)
  const weights = scorer.weights.map((weight, w) => weight - RATE * (gradients[w] ?? 0) / Math.sqrt(sums[w] ?? 1))
  return { weights, sums, seen: scorer.seen + 1 }
}
