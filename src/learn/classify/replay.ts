// A few examples of each class, kept to be repeated, so that a flood of one class does not make the others forgotten
// (reservoir sampling, Vitter 1985; class-balanced, Chrysakis & Moens 2020). Chance is a number inside the state.
import type { Features } from './hashed.ts'

/** By class: the examples kept, how often each was repeated, and how many have passed. */
export interface Replay { kept: Features[][], times: number[][], passed: number[], chance: number }

export function emptyReplay (seed: number): Replay {
  return { kept: [], times: [], passed: [], chance: seed >>> 0 }
}

/** Offers an example of a class: each one of the class is kept with the same probability. Changes `replay`. */
export function keepOne (replay: Replay, klass: number, features: Features, most: number): void {
  const list = replay.kept[klass] ??= []
  const times = replay.times[klass] ??= []
  const passed = (replay.passed[klass] ?? 0) + 1
  replay.passed[klass] = passed
  const at = list.length < most ? list.length : Math.floor(draw(replay) * passed)
  if (at >= most) return
  list[at] = features
  times[at] = 0
}

/**
 * One example, its class drawn by the square root of how often it came: small classes are repeated more than they came,
 * but not as if they were the rule. Null while nothing is kept. Changes `replay`.
 */
export function drawOne (replay: Replay): { klass: number, features: Features } | null {
  const all = replay.passed.reduce((sum, n) => sum + Math.sqrt(n), 0)
  let left = draw(replay) * all
  let klass = replay.passed.findIndex(n => (left -= Math.sqrt(n)) < 0)
  if (klass < 0) klass = replay.passed.length - 1
  const times = replay.times[klass] ?? []
  const at = leastOf(times, Math.floor(draw(replay) * times.length))
  const features = replay.kept[klass]?.[at]
  if (features === undefined) return null
  times[at] = (times[at] ?? 0) + 1
  return { klass, features }
}

// The one that was repeated least, looked for from a place on, so that of equal ones each has its turn.
function leastOf (times: number[], from: number): number {
  let least = from
  for (let i = 0; i < times.length; i++) {
    const at = (from + i) % times.length
    if ((times[at] ?? 0) < (times[least] ?? 0)) least = at
  }
  return least
}

// A linear congruential generator (Numerical Recipes, 1992): its upper bits are even enough to choose an example by.
function draw (replay: Replay): number {
  replay.chance = (Math.imul(replay.chance, 1664525) + 1013904223) >>> 0
  return replay.chance / 4294967296
}
