// Makes a score mean what it says: of the drafts scored .8, eight in ten are sent as is or lightly edited. Online Platt
// scaling (Platt 1999; online by Gupta & Ramdas 2023, arXiv 2305.00070): p = sigmoid(a * logit + b), a and b learned by
// AdaGrad. What no such curve can say (that the surest are right in eight of ten cases, not in nine) is told by ten bins of
// it: how far the truth lay from the score in each (calibeating, Foster & Hart 2023, arXiv 2209.04892).
import { sigmoid } from './scorer.ts'

/** `counts`: how many fell into each bin, up to a limit; `misses`: what was true of them minus what was said, on average. */
export interface Calibrator {
  a: number, b: number, sumA: number, sumB: number, seen: number, counts: number[], misses: number[]
}

const RATE = 0.15
const BINS = 10
const DOUBT = 40                                    // how many that came true as said each bin begins with
const MOST_COUNTED = 300                            // in a bin: what was true long ago fades

/** Says what it is told until it has seen something: a = 1, b = 0, no bin missed anything. */
export function emptyCalibrator (): Calibrator {
  const none = Array<number>(BINS).fill(0)
  return { a: 1, b: 0, sumA: 1, sumB: 1, seen: 0, counts: none, misses: [...none] }
}

/** The calibrated probability of a log-odds, 0 to 1. */
export function scoreOne (calibrator: Calibrator, logit: number): number {
  return corrected(calibrator, curveAt(calibrator, logit))
}

/** Learns what became of a draft that was scored at this log-odds. */
export function learnOne (calibrator: Calibrator, logit: number, good: boolean): Calibrator {
  const x = bound(logit)
  const said = curveAt(calibrator, logit)
  const miss = said - (good ? 1 : 0)
  const sumA = calibrator.sumA + (miss * x) ** 2
  const sumB = calibrator.sumB + miss ** 2
  const bin = binOf(said)
  const counts = calibrator.counts.with(bin, Math.min(MOST_COUNTED, (calibrator.counts[bin] ?? 0) + 1))
  const missed = calibrator.misses[bin] ?? 0
  return {
    a: Math.max(0.05, calibrator.a - RATE * miss * x / Math.sqrt(sumA)),   // never turns the order around
    b: calibrator.b - RATE * miss / Math.sqrt(sumB),
    sumA,
    sumB,
    seen: calibrator.seen + 1,
    counts,
    misses: calibrator.misses.with(bin, missed + (-miss - missed) / (counts[bin] ?? 1))
  }
}

function curveAt ({ a, b }: Calibrator, logit: number): number {
  return sigmoid(a * bound(logit) + b)
}

function binOf (p: number): number {
  return Math.min(BINS - 1, Math.floor(p * BINS))
}

// A line from 0 through what came true at the middle of each bin to 1: a higher score never becomes a lower one.
function corrected (calibrator: Calibrator, p: number): number {
  const truths = truthsOf(calibrator)
  const at = p * BINS + 0.5
  const below = Math.floor(at)
  const pointAt = (i: number): { x: number, y: number } => {
    if (i <= 0) return { x: 0, y: 0 }
    return i > BINS ? { x: 1, y: 1 } : { x: (i - 0.5) / BINS, y: truths[i - 1] ?? 0 }
  }
  const from = pointAt(below)
  const to = pointAt(below + 1)
  return from.y + (to.y - from.y) * (p - from.x) / (to.x - from.x)
}

// What is true at the middle of each bin, never falling: bins that contradict their order become one (pool adjacent
// violators, Ayer et al. 1955).
function truthsOf ({ counts, misses }: Calibrator): number[] {
  const pools: Array<{ truth: number, weight: number, bins: number }> = []
  for (let i = 0; i < BINS; i++) {
    const n = counts[i] ?? 0
    const truth = (i + 0.5) / BINS + n / (n + DOUBT) * (misses[i] ?? 0)
    let pool = { truth: Math.max(0, Math.min(1, truth)), weight: n + DOUBT, bins: 1 }
    for (let last = pools.at(-1); last !== undefined && last.truth > pool.truth; last = pools.at(-1)) {
      pools.pop()
      const weight = last.weight + pool.weight
      const truth = (last.truth * last.weight + pool.truth * pool.weight) / weight
      pool = { truth, weight, bins: last.bins + pool.bins }
    }
    pools.push(pool)
  }
  return pools.flatMap(({ truth, bins }) => Array<number>(bins).fill(truth))
}

function bound (logit: number): number {
  return Math.max(-8, Math.min(8, logit))
}
