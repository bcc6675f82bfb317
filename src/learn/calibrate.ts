// Makes a score mean what it says: of the drafts scored .8, eight in ten are sent as is or lightly edited. Online Platt
// scaling (Platt 1999; online by Gupta & Ramdas 2023, arXiv 2305.00070): p = sigmoid(a * logit + b), a and b learned by AdaGrad.
import { sigmoid } from './scorer.ts'

export interface Calibrator { a: number, b: number, sumA: number, sumB: number, seen: number }

const RATE = 0.15

/** Says what it is told until it has seen something: a = 1, b = 0. */
export function emptyCalibrator (): Calibrator {
  return { a: 1, b: 0, sumA: 1, sumB: 1, seen: 0 }
}

/** The calibrated probability of a log-odds, 0 to 1. */
export function scoreOne (calibrator: Calibrator, logit: number): number {
  return sigmoid(calibrator.a * bound(logit) + calibrator.b)
}

/** Learns what became of a draft that was scored at this log-odds. */
export function learnOne (calibrator: Calibrator, logit: number, good: boolean): Calibrator {
  const x = bound(logit)
  const miss = scoreOne(calibrator, logit) - (good ? 1 : 0)
  const sumA = calibrator.sumA + (miss * x) ** 2
  const sumB = calibrator.sumB + miss ** 2
  return {
    a: Math.max(0.05, calibrator.a - RATE * miss * x / Math.sqrt(sumA)),   // never turns the order around
    b: calibrator.b - RATE * miss / Math.sqrt(sumB),
    sumA,
    sumB,
    seen: calibrator.seen + 1
  }
}

function bound (logit: number): number {
  return Math.max(-8, Math.min(8, logit))
}
