// Notices that an answer has stopped being right, by what agents make of its drafts: cumulative sums (Page 1954) against
// the answer's own record, so that an answer that was never better than fair is not accused of being so. State in, out.

/** `seen`: verdicts so far; `mean`: its usual share of good ones, 0 to 1; `sum`: evidence that it has fallen. */
export interface Staleness { seen: number, mean: number, sum: number }

// A fall of .4 is found after 18 verdicts in the median, and one verdict in ten thousand accuses a sound answer wrongly:
// measured by `deskloop evaluate poisoning`.
const SLACK = 0.14
const LIMIT = 5.5
const SETTLING = 12                                 // verdicts that first give an answer a record of its own
const SLOW = 1 / 300                                // how fast the record moves afterwards

export function emptyStaleness (): Staleness {
  return { seen: 0, mean: 0.5, sum: 0 }
}

/** Learns one verdict, 0 bad to 1 good. */
export function learnOne (state: Staleness, verdict: number): Staleness {
  const seen = state.seen + 1
  if (seen <= SETTLING) return { seen, mean: state.mean + (verdict - state.mean) / (seen + 1), sum: 0 }
  const sum = Math.max(0, state.sum + state.mean - verdict - SLACK)
  // While the sum grows the record stands still: a slow fall must not become the measure it is held to.
  const mean = sum > LIMIT / 3 ? state.mean : state.mean + (verdict - state.mean) * Math.max(SLOW, 1 / (seen + 1))
  return { seen, mean, sum }
}

export function isStale (state: Staleness): boolean {
  return state.sum >= LIMIT
}
