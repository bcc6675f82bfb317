// Whether the mean of a stream of numbers has changed, over windows of every length at once: ADWIN (Bifet & Gavaldà 2007)
// with an exponential histogram. Memory and work grow with the logarithm of the window. State in, state out.

interface Bucket { n: number, sum: number, squares: number }

/** Oldest bucket first; the sizes are powers of two. */
export interface Adwin { buckets: Bucket[], changes: number }

const PER_SIZE = 5
const DELTA = 0.002                                 // chance of a false cut at each test
const LEAST = 8                                     // examples on each side of a cut
const TESTED_EVERY = 4

export function emptyAdwin (): Adwin {
  return { buckets: [], changes: 0 }
}

export function sizeOf (state: Adwin): number {
  return state.buckets.reduce((n, b) => n + b.n, 0)
}

/** Mean over the present window, 0 when nothing was seen. */
export function meanOf (state: Adwin): number {
  return state.buckets.reduce((sum, b) => sum + b.sum, 0) / (sizeOf(state) || 1)
}

/** Learns one value, 0 to 1. When the mean has changed the older part is forgotten and `fell` says by how much it fell. */
export function learnOne (state: Adwin, value: number): { state: Adwin, fell: number | null } {
  const buckets = compress([...state.buckets, { n: 1, sum: value, squares: value * value }])
  if (sizeOf({ buckets, changes: 0 }) % TESTED_EVERY !== 0) return { state: { ...state, buckets }, fell: null }
  const cut = cutOf(buckets)
  if (cut === null) return { state: { ...state, buckets }, fell: null }
  return { state: { buckets: buckets.slice(cut.at), changes: state.changes + 1 }, fell: cut.fell }
}

// The oldest cut at which both sides differ by more than chance allows (the bound of theorem 3.1, with variance).
function cutOf (buckets: Bucket[]): { at: number, fell: number } | null {
  const all = total(buckets)
  if (all.n < 2 * LEAST) return null
  const mean = all.sum / all.n
  const variance = Math.max(0, all.squares / all.n - mean * mean)
  const doubt = Math.log(2 * Math.log(all.n) / DELTA)
  const old = { n: 0, sum: 0 }
  for (const [i, bucket] of buckets.entries()) {
    old.n += bucket.n
    old.sum += bucket.sum
    const recent = all.n - old.n
    if (old.n < LEAST) continue
    if (recent < LEAST) return null
    const m = 1 / (1 / old.n + 1 / recent)
    const bound = Math.sqrt(2 / m * variance * doubt) + 2 / (3 * m) * doubt
    const fell = old.sum / old.n - (all.sum - old.sum) / recent
    if (Math.abs(fell) > bound) return { at: i + 1, fell }
  }
  return null
}

// Of more than five buckets of one size the two oldest become one of twice the size.
function compress (buckets: Bucket[]): Bucket[] {
  const list = buckets
  for (let size = 1; ; size *= 2) {
    const from = list.findIndex(b => b.n === size)
    if (from < 0) return list
    let count = 0
    while (list[from + count]?.n === size) count++
    if (count <= PER_SIZE) return list
    list.splice(from, 2, total(list.slice(from, from + 2)))
  }
}

function total (buckets: Bucket[]): Bucket {
  return buckets.reduce((sum, b) => (
    { n: sum.n + b.n, sum: sum.sum + b.sum, squares: sum.squares + b.squares }
  ), { n: 0, sum: 0, squares: 0 })
}
