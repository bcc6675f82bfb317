// When to stay silent: the lowest score at which at most `risk` of the drafts needed more than a light edit, held with
// confidence 1 - doubt. Learn-then-test by a fixed sequence (Angelopoulos et al. 2021, arXiv 2110.01052) with the exact
// binomial bound of Clopper & Pearson (1934), over the latest decisions. It holds while the future is like that window.

export interface Decision { score: number, good: boolean, topic: number }

export interface Gate { window: Decision[] }

export interface GateRules { risk: number, doubt: number, leastScore: number, gateWindow: number }

const STEP = 25                                     // decisions from one tested threshold to the next
/** Decisions before the first test: with fewer, chance alone often ends the sequence. */
export const FIRST = 75

export function emptyGate (): Gate {
  return { window: [] }
}

/** Adds what became of a draft, whether it was shown or not: people always answer, so every decision is judged. */
export function learnOne (gate: Gate, decision: Decision, rules: GateRules): Gate {
  const window = gate.window.length < rules.gateWindow
    ? gate.window
    : gate.window.slice(
      gate.window.length - rules.gateWindow + 1
    )
  return { window: [...window, decision] }
}

/**
 * The threshold for a topic, 0 to 1: from its own decisions when there are enough, else from all. Infinity when the
 * bound can not be held at any score, or not enough has been seen to know. The first test is of the best fortieth: one
 * unlucky decision among the very first would end the sequence.
 */
export function thresholdOf (gate: Gate, topic: number | null, rules: GateRules): number {
  const own = topic === null ? [] : gate.window.filter(d => d.topic === topic)
  const window = own.length >= 4 * STEP ? own : gate.window
  const sorted = [...window].sort((a, b) => b.score - a.score)
  const first = Math.max(FIRST, Math.floor(sorted.length / 40))
  let threshold = Infinity
  let errors = 0
  let tested = 0                                    // decisions since the last test
  for (const [i, decision] of sorted.entries()) {
    if (!decision.good) errors++
    const n = i + 1
    tested++
    if (decision.score === sorted[n]?.score) continue       // equal scores are shown together or not at all
    if (n < first || (tested < STEP && n !== sorted.length)) continue
    tested = 0
    if (upperBound(errors, n, rules.doubt) > rules.risk) break
    threshold = decision.score
  }
  return threshold === Infinity ? Infinity : Math.max(threshold, rules.leastScore)
}

/**
 * The largest error rate under which seeing at most `errors` in `n` is still as likely as `doubt` (one-sided
 * Clopper-Pearson). 0 to 1; 1 when every one was an error.
 */
export function upperBound (errors: number, n: number, doubt: number): number {
  if (errors >= n) return 1
  let low = errors / n
  let high = 1
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2
    if (atMost(errors, n, middle) > doubt) low = middle
    else high = middle
  }
  return high
}

// P(X <= k) of a binomial: terms summed in logarithms, k is at most the window's errors.
function atMost (k: number, n: number, p: number): number {
  if (p <= 0) return 1
  if (p >= 1) return k >= n ? 1 : 0
  let term = n * Math.log1p(-p)
  let sum = Math.exp(term)
  for (let i = 1; i <= k; i++) {
    term += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p)
    sum += Math.exp(term)
  }
  return Math.min(1, sum)
}
