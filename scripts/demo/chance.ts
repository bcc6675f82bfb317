// Chance from a seed: the same seed tells the same story, on every machine.

export interface Chance {
  next (): number                                   // 0 <= x < 1
  int (least: number, most: number): number         // both ends included
  happens (share: number): boolean
  pick<T> (items: readonly T[]): T
  weighted<T> (items: readonly T[], weight: (item: T, index: number) => number): T
  shuffled<T> (items: readonly T[]): T[]
}

/** Mulberry32 by Tommy Ettinger (public domain): small, and good enough for a story. */
export function makeChance (seed: number): Chance {
  let state = seed >>> 0

  function next (): number {
    state = (state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  function int (least: number, most: number): number {
    return least + Math.floor(next() * (most - least + 1))
  }

  function at<T> (items: readonly T[], index: number): T {
    const item = items[index]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }

  return {
    next,
    int,
    happens: share => next() < share,
    pick: items => at(items, int(0, items.length - 1)),
    weighted (items, weight) {
      const weights = items.map(weight)
      let left = next() * weights.reduce((sum, w) => sum + w, 0)
      const found = weights.findIndex(w => (left -= w) < 0)
      return at(items, found < 0 ? items.length - 1 : found)
    },
    shuffled (items) {
      const rest = [...items]
      return items.map(() => at(rest.splice(int(0, rest.length - 1), 1), 0))
    }
  }
}
