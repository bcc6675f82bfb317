// Forgets what a class was, where it has become something else: the examples kept of it go, and its weights may move
// quickly again. Changes the state.
import type { Classifier } from './classifier.ts'
import { CENTRE, DOUBT, SUM, placeOf } from './table.ts'

const QUICKER = 0.25                                // of the gradient sums that slow learning down (AdaGrad)
const FAINTER = 0.25                                // of the centre
const DOUBTFUL = 0.5                                // AROW believes none of its weights more than that

/** Evicts a class; nothing happens when it is not known. O(features). */
export function evict (state: Classifier, label: string): void {
  const klass = state.numbers.get(label)
  if (klass === undefined) return
  state.replay.kept[klass] = []
  state.replay.times[klass] = []
  state.replay.passed[klass] = 0
  state.norms[klass] = (state.norms[klass] ?? 0) * FAINTER * FAINTER
  const { table } = state
  for (let row = 0; row < table.rows; row++) {
    const at = placeOf(table, row, klass)
    if (at < 0) continue
    table.values[at + SUM] = (table.values[at + SUM] ?? 0) * QUICKER
    table.values[at + CENTRE] = (table.values[at + CENTRE] ?? 0) * FAINTER
    table.values[at + DOUBT] = Math.max(DOUBTFUL, table.values[at + DOUBT] ?? 1)
  }
}
