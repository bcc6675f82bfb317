// A few examples of each class, kept to be repeated, so that a flood of one class does not make the others forgotten
// (reservoir sampling, Vitter 1985; class-balanced, Chrysakis & Moens 2020). Chance is a number inside the state.
import type { Features } from './hashed.ts'

export interface Replay { kept: Features[][], passed: number[], chance: number }

export function emptyReplay (seed: number): Replay {
  return { kept: [], passed: [], chance: seed >>> 0 }
}

/** Offers an example of a class: each one of the class is kept with the same probability. Changes `replay`. */
export function keepOne (replay: Replay, klass: number, features: Features, most: number): void {
  const list = replay.kept[klass] ??= []
  const passed = (replay.passed[klass] ?? 0) + 1
  replay.passed[klass] = passed
  if (list.length < most) list.push(features)
  else {
    const at = Math.floor(draw(replay) * passed)
    if (at < most) list[at] = features
  }
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
  const list = replay.kept[klass]
  const features = list?.[Math.floor(draw(replay) * list.length)]
  return features === undefined ? null : { klass, features }
}

// A linear congruential generator (Numerical Recipes, 1992): its upper bits are even enough to choose an example by.
function draw (replay: Replay): number {
  replay.chance = (Math.imul(replay.chance, 1664525) + 1013904223) >>> 0
  return replay.chance / 4294967296
}
