// How good a candidate is, before calibration: logistic regression, learned one example at a time (AdaGrad, Duchi,
// Hazan & Singer 2011). State in, state out.

export interface Scorer { weights: number[], sums: number[], seen: number }

const RATE = 0.3
const L2 = 1e-4

/** A scorer that begins with the given weights: an opinion to start from, which examples correct. */
export function emptyScorer (weights: number[]): Scorer {
  return { weights: [...weights], sums: weights.map(() => 1), seen: 0 }
}

/** The log-odds that a candidate is sent as is or lightly edited. `features` is as long as the weights. */
export function logitOf (scorer: Scorer, features: number[]): number {
  return scorer.weights.reduce((sum, w, i) => sum + w * (features[i] ?? 0), 0)
}

/** The same as a probability, 0 to 1, not calibrated. */
export function scoreOne (scorer: Scorer, features: number[]): number {
  return sigmoid(logitOf(scorer, features))
}

/** Learns that a candidate with these features earned `target` (0 to 1), with a weight of 0 or more. */
export function learnOne (scorer: Scorer, features: number[], target: number, weight = 1): Scorer {
  const miss = (scoreOne(scorer, features) - target) * weight
  const gradients = scorer.weights.map((w, i) => miss * (features[i] ?? 0) + L2 * w)
  const sums = scorer.sums.map((s, i) => s + (gradients[i] ?? 0) ** 2)
  const weights = scorer.weights.map((w, i) => w - RATE * (gradients[i] ?? 0) / Math.sqrt(sums[i] ?? 1))
  return { weights, sums, seen: scorer.seen + 1 }
}

export function sigmoid (x: number): number {
  return 1 / (1 + Math.exp(-Math.max(-30, Math.min(30, x))))
}
