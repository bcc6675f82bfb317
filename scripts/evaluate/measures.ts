// How good scores are: whether they mean what they say (ECE, Brier), whether they put the right ones first (AUROC, AURC).

export interface Judged { score: number, correct: boolean }

const BINS = 15                                     // of equal mass

export function shareOf (judged: Judged[]): number | null {
  return judged.length === 0 ? null : judged.filter(j => j.correct).length / judged.length
}

/** Expected calibration error over bins of equal mass (Guo et al. 2017, https://arxiv.org/abs/1706.04599). */
export function calibrationError (judged: Judged[]): number | null {
  if (judged.length === 0) return null
  const sorted = [...judged].sort((a, b) => a.score - b.score)
  let error = 0
  for (let bin = 0; bin < BINS; bin++) {
    const part = sorted.slice(Math.floor(bin * sorted.length / BINS), Math.floor((bin + 1) * sorted.length / BINS))
    const right = part.filter(j => j.correct).length
    error += Math.abs(part.reduce((sum, j) => sum + j.score, 0) - right) / sorted.length
  }
  return error
}

export function brier (judged: Judged[]): number | null {
  return meanOf(judged.map(j => (j.score - (j.correct ? 1 : 0)) ** 2))
}

/** How likely a right one is scored above a wrong one; equals count half. Null when there is only one kind. */
export function auroc (judged: Judged[]): number | null {
  const sorted = [...judged].sort((a, b) => a.score - b.score)
  const right = sorted.filter(j => j.correct).length
  const wrong = sorted.length - right
  if (right === 0 || wrong === 0) return null
  let ranks = 0
  for (let from = 0; from < sorted.length;) {
    let to = from
    while (to < sorted.length && sorted[to]?.score === sorted[from]?.score) to++
    ranks += sorted.slice(from, to).filter(j => j.correct).length * (from + to + 1) / 2
    from = to
  }
  return (ranks - right * (right + 1) / 2) / (right * wrong)
}

/** Of the wrong ones, the share that is let through at the highest score that lets 95 in 100 right ones through. */
export function falseAt95 (judged: Judged[]): number | null {
  const right = judged.filter(j => j.correct).map(j => j.score).sort((a, b) => b - a)
  const wrong = judged.filter(j => !j.correct)
  const least = right[Math.ceil(right.length * 0.95) - 1]
  return least === undefined || wrong.length === 0 ? null : wrong.filter(j => j.score >= least).length / wrong.length
}

/** The error rate of those accepted, averaged over every coverage (Geifman & El-Yaniv 2017, https://arxiv.org/abs/1705.08500). */
export function riskOverCoverage (judged: Judged[]): number | null {
  if (judged.length === 0) return null
  let wrong = 0
  let sum = 0
  for (const [i, j] of bestFirst(judged).entries()) {
    if (!j.correct) wrong++
    sum += wrong / (i + 1)
  }
  return sum / judged.length
}

/** The largest share that can be accepted, best scores first, with this precision. */
export function coverageAt (judged: Judged[], precision: number): number | null {
  if (judged.length === 0) return null
  let right = 0
  let most = 0
  for (const [i, j] of bestFirst(judged).entries()) {
    if (j.correct) right++
    if (right / (i + 1) >= precision) most = i + 1
  }
  return most / judged.length
}

/** The same figure for consecutive parts of equal length. */
export function inParts<T, R> (list: T[], parts: number, figure: (part: T[]) => R): R[] {
  return Array.from({ length: parts }, (_, i) =>
    figure(list.slice(Math.floor(i * list.length / parts), Math.floor((i + 1) * list.length / parts))))
}

/** The same figure for windows that end at 250, 500, 1,000 and so on, and at the end. */
export function inWindows<T, R> (list: T[], figure: (part: T[]) => R): Record<string, R> {
  const windows: Record<string, R> = {}
  let from = 0
  for (let to = 250; from < list.length; to *= 2) {
    const end = Math.min(to, list.length)
    windows[end] = figure(list.slice(from, end))
    from = end
  }
  return windows
}

export function meanOf (values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length
}

export function spreadOf (values: number[]): number | null {
  const mean = meanOf(values)
  if (mean === null || values.length < 2) return null
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1))
}

function bestFirst (judged: Judged[]): Judged[] {
  return [...judged].sort((a, b) => b.score - a.score)
}
