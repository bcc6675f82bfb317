// What a threshold is raised by between two tests: each bad draft that it let through raises it, each good one lowers it, never
// below what the test allows. So errors that come with a change of the desk are answered at once, and not when the window has
// moved on (adaptive conformal inference, Gibbs & Candes 2021, arXiv 2106.00170, used only to tighten).

/** By the pool whose decisions were tested together: what its threshold is raised by, 0 to 1. What is missing is 0. */
export type Caution = Readonly<Record<string, number>>

const STEP = 0.01
const MOST = 1
const HELD_BACK = 0.05                              // what a good draft counts for that caution alone did not let through

/** What the threshold of a pool is raised by. */
export function cautionOf (caution: Caution, pool: string): number {
  return Object.hasOwn(caution, pool) ? caution[pool] ?? 0 : 0
}

/**
 * Learns what became of a draft. `threshold`: of the test alone; Infinity changes nothing, and so does a score below it. In the
 * long run the share of bad ones among those let through is at most about `risk` (0 to 1), whatever the scores become. What
 * caution alone holds back can only lower it, slowly: people answer that question, too.
 */
export function learnOne (
  caution: Caution, pool: string, threshold: number, decision: { score: number, good: boolean }, risk: number
): Caution {
  const before = cautionOf(caution, pool)
  const { score, good } = decision
  if (score < threshold || (score < threshold + before && !good)) return caution
  const weight = score < threshold + before ? HELD_BACK : 1
  const after = Math.min(MOST, Math.max(0, before + STEP * weight * ((good ? 0 : 1) - risk)))
  return after === before ? caution : { ...caution, [pool]: after }
}
