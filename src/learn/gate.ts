// When to stay silent: the lowest score at which at most `risk` of the drafts needed more than a light edit, held with
// confidence 1 - doubt, in truth and in as many drafts to come. Learn-then-test by a fixed sequence (Angelopoulos et al.
// 2021, arXiv 2110.01052), over the latest decisions of a topic, or of all that have too few of their own; raised between tests.
import { cautionOf, learnOne as learnCaution } from './caution.ts'
import type { Caution } from './caution.ts'

export interface Decision { score: number, good: boolean, topic: number }

/** Without `caution` nothing is raised. */
export interface Gate { window: Decision[], caution?: Caution }

/** Which decisions were tested together, and the threshold that the test allows; Infinity: none. */
export interface Tested { pool: string, threshold: number }

/** `gateWindow`: how many decisions a threshold rests on at most. `risk`, `doubt` and `leastScore` are 0 to 1. */
export interface GateRules { risk: number, doubt: number, leastScore: number, gateWindow: number }

const STEP = 25                                     // decisions from one tested threshold to the next
const STEP_OWN = 10                                 // the same among the decisions of one topic
/** Decisions before the first test: with fewer, chance alone often ends the sequence. */
export const FIRST = 75
const FIRST_OWN = 40                                // the fewest of one topic by which a tenth can be promised at all
/** Decisions from which a topic is judged by its own. */
export const LEAST_OWN = 100
const NEARLY_SURE = 3                               // standard deviations between the risk and the errors that scores expect
const KEPT = 5                                      // windows that are kept, so that a topic finds its own decisions in them

export function emptyGate (): Gate {
  return { window: [], caution: {} }
}

/**
 * Adds what became of a draft, whether it was shown or not: people always answer, so every decision is judged. `tested`: the
 * test before it, to save doing it again.
 */
export function learnOne (
  gate: Gate, decision: Decision, rules: GateRules, tested = testedOf(gate, decision.topic, rules)
): Gate {
  const most = rules.gateWindow * KEPT
  const window = gate.window.length < most ? gate.window : gate.window.slice(gate.window.length - most + 1)
  const { pool, threshold } = tested
  const caution = learnCaution(gate.caution ?? {}, pool, threshold, decision, rules.risk)
  return { window: [...window, decision], caution }
}

/**
 * The threshold for a topic, 0 to 1; Infinity when the bound can not be held at any score, or not enough
 * has been seen to know. The promise is made for each topic with `LEAST_OWN` decisions by itself, and for all others
 * together; among these a topic's own few decisions can only raise its threshold. Null: one threshold for all topics
 * together. The test's part of it holds while what comes is like the window; when it is not, caution raises it.
 */
export function thresholdOf (gate: Gate, topic: number | null, rules: GateRules): number {
  return raised(gate, testedOf(gate, topic, rules))
}

/** What a test allows, raised by what went wrong since; Infinity when no score is that high. */
export function raised (gate: Gate, { pool, threshold }: Tested): number {
  const sum = threshold + cautionOf(gate.caution ?? {}, pool)
  return sum > 1 ? Infinity : sum
}

/** The threshold that the test alone allows. `shared`: what `sharedOf` says, to save finding it again. */
export function testedOf (gate: Gate, topic: number | null, rules: GateRules, shared?: number): Tested {
  if (topic === null) {
    return { pool: 'all', threshold: atLeast(testAll(gate.window.slice(-rules.gateWindow), rules), rules) }
  }
  const own = gate.window.filter(d => d.topic === topic).slice(-rules.gateWindow)
  if (own.length >= LEAST_OWN) return { pool: String(topic), threshold: atLeast(testOwn(own, rules), rules) }
  return { pool: 'rest', threshold: atLeast(raise(own, shared ?? sharedOf(gate, rules), rules), rules) }
}

/** The threshold of topics without enough decisions of their own: they are tested together. */
export function sharedOf (gate: Gate, rules: GateRules): number {
  const counts = new Map<number, number>()
  for (const d of gate.window) counts.set(d.topic, (counts.get(d.topic) ?? 0) + 1)
  const rest = gate.window.filter(d => (counts.get(d.topic) ?? 0) < LEAST_OWN)
  return testAll((rest.length >= 2 * FIRST ? rest : gate.window).slice(-rules.gateWindow), rules)
}

function atLeast (threshold: number, rules: GateRules): number {
  return threshold === Infinity ? Infinity : Math.max(threshold, rules.leastScore)
}

function testAll (window: Decision[], rules: GateRules): number {
  return test(window, FIRST, STEP, rules)
}

// With half the doubt, because there are many topics and each one counts.
function testOwn (window: Decision[], rules: GateRules): number {
  return test(window, FIRST_OWN, STEP_OWN, { ...rules, doubt: rules.doubt / 2 })
}

// From strict to loose, until a test fails.
function test (window: Decision[], least: number, step: number, rules: GateRules): number {
  const sorted = [...window].sort((a, b) => b.score - a.score)
  const first = firstOf(sorted, least, rules)
  let threshold = Infinity
  let errors = 0
  let tested = 0                                    // decisions since the last test
  for (const [i, decision] of sorted.entries()) {
    if (!decision.good) errors++
    const n = i + 1
    tested++
    if (decision.score === sorted[n]?.score) continue       // equal scores are shown together or not at all
    if (n < first || (tested < step && n !== sorted.length)) continue
    tested = 0
    if (!isHeld(errors, n, rules)) break
    threshold = decision.score
  }
  return threshold
}

// Where the sequence begins: at the strictest threshold that is nearly sure to pass if scores mean what they say, else at
// the likeliest. Of the very first decisions one unlucky one would end it. Only scores are looked at, never what became
// of the drafts, so that the order of the tests is as good as fixed beforehand.
function firstOf (sorted: Decision[], least: number, rules: GateRules): number {
  const spread = Math.sqrt(2 * rules.risk * (1 - rules.risk))
  let best = least
  let most = 0
  let expected = 0
  for (const [i, { score }] of sorted.entries()) {
    expected += 1 - score
    if (i + 1 < least) continue
    const room = (rules.risk * (i + 1) - expected) / (spread * Math.sqrt(i + 1))
    if (room >= NEARLY_SURE) return i + 1
    if (room > most) { most = room; best = i + 1 }
  }
  return best
}

// For a topic with too few decisions to be tested by them: higher, while more than the risk of those that it would show
// were bad. One bad draft proves nothing, two of few do.
function raise (own: Decision[], threshold: number, rules: GateRules): number {
  const shown = own.filter(d => d.score >= threshold).sort((a, b) => a.score - b.score)
  let errors = shown.filter(d => !d.good).length
  for (const [i, d] of shown.entries()) {
    const isFirst = d.score !== shown[i - 1]?.score       // equal scores stay or go together
    if (isFirst && errors <= Math.max(1, rules.risk * (shown.length - i))) return i === 0 ? threshold : d.score
    if (!d.good) errors--
  }
  return shown.length === 0 ? threshold : Infinity
}

/**
 * Whether `errors` in `n` let the risk be promised, with confidence 1 - doubt: of the error rate itself (one-sided, Clopper
 * & Pearson 1934), and of its share in the next `n`. The second asks for more. The first alone would be broken in almost
 * every fifth window that people count: what they count is a sample, too.
 */
export function isHeld (errors: number, n: number, rules: Pick<GateRules, 'risk' | 'doubt'>): boolean {
  if (errors > rules.risk * n) return false
  return atMost(errors, n, rules.risk) <= rules.doubt && chanceAhead(errors, n, rules.risk) <= rules.doubt
}

/**
 * How likely at most `errors` of these `n` would be wrong, if just more than `risk` of the next `n` were: all 2n come in any
 * order, so the number of wrong ones in the first half is hypergeometric (exact under exchangeability). 0 to 1.
 */
export function chanceAhead (errors: number, n: number, risk: number): number {
  const wrong = errors + Math.floor(risk * n) + 1
  const least = Math.max(0, wrong - n)
  if (wrong > 2 * n || least > errors) return 0
  let term = Math.exp(lnChoose(wrong, errors) + lnChoose(2 * n - wrong, n - errors) - lnChoose(2 * n, n))
  let sum = term
  for (let i = errors; i > least && term > sum * 1e-12; i--) {
    term *= i * (n - wrong + i) / ((wrong - i + 1) * (n - i + 1))
    sum += term
  }
  return Math.min(1, sum)
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

// P(X <= k) of a binomial, summed from its largest term down: k is at most what is expected, or little above it.
function atMost (k: number, n: number, p: number): number {
  if (p <= 0 || k >= n) return 1
  if (p >= 1) return 0
  const from = Math.min(k, Math.ceil(n * p))
  let sum = 0
  let term = Math.exp(lnChoose(n, from) + from * Math.log(p) + (n - from) * Math.log1p(-p))
  const first = term
  for (let i = from; i >= 0 && (term > first * 1e-14); i--) {
    sum += term
    term *= i * (1 - p) / ((n - i + 1) * p)
  }
  term = first
  for (let i = from + 1; i <= k; i++) {
    term *= (n - i + 1) * p / (i * (1 - p))
    sum += term
  }
  return Math.min(1, sum)
}

function lnChoose (n: number, k: number): number {
  return k < 0 || k > n ? -Infinity : lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k)
}

// Stirling's series; for small numbers, where it is not exact enough, a step up and back down.
function lnFactorial (n: number): number {
  let x = n + 1
  let less = 0
  while (x < 12) less += Math.log(x++)
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3) - less
}
