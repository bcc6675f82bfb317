// Weekly counts with outbreaks, after the simulation study of Noufaily, Enki, Farrington, Garthwaite, Andrews and Charlett,
// Statistics in Medicine 2013: negative binomial counts around a log-linear trend with harmonics of the year; an outbreak
// of k standard deviations is spread over weeks by a log-normal law. Seven levels, with and without trend, three seasons.
import { makeChance } from './chance.ts'

export interface Series {
  family: string, counts: number[], outbreaks: Array<{ from: number, to: number }>, ill: boolean[]
  means: number[]                                   // what the law expects of each week without an outbreak
  dispersion: number                                // variance over mean
}

interface Level { name: string, log: number, slope: number, cosine: number, sine: number, dispersion: number }

const LEVELS: Level[] = [
  { name: 'one', log: 0.1, slope: 0.0025, cosine: 0.6, sine: 0.6, dispersion: 1.5 },
  { name: 'rare', log: -2, slope: 0.005, cosine: 0.1, sine: 0.3, dispersion: 2 },
  { name: 'few', log: 1.5, slope: 0.003, cosine: 0.2, sine: -0.4, dispersion: 1 },
  { name: 'wild', log: 0.5, slope: 0.002, cosine: 0.5, sine: 0.5, dispersion: 5 },
  { name: 'seasonal', log: 2.5, slope: 0.001, cosine: 1, sine: 0.1, dispersion: 3 },
  { name: 'many', log: 3.75, slope: 0.001, cosine: 0.1, sine: -0.1, dispersion: 1.1 },
  { name: 'most', log: 5, slope: 0.0001, cosine: 0.05, sine: 0.01, dispersion: 1.2 }
]
const PAST_SIZES = [0, 2, 3, 5, 10]               // standard deviations, one for all four of a series
export const WEEKS = 624
export const JUDGED = 49

/** All 42 scenarios once. Outbreaks: four in the years before, one in the last 49 weeks, of 2 to 10 standard deviations. */
export function makeOutbreaks (seed: number): Series[] {
  return LEVELS.flatMap((level, l) => [0, 1].flatMap(trend => [0, 1, 2].map(harmonics =>
    makeSeries(level, trend === 1, harmonics, seed * 1009 + l * 37 + trend * 11 + harmonics))))
}

function makeSeries (level: Level, hasTrend: boolean, harmonics: number, seed: number): Series {
  const chance = makeChance(seed)
  const mean = (week: number): number => {
    let log = level.log + (hasTrend ? level.slope * week : 0)
    for (let h = 1; h <= harmonics; h++) {
      log += level.cosine * Math.cos(2 * Math.PI * h * week / 52) + level.sine * Math.sin(2 * Math.PI * h * week / 52)
    }
    return Math.exp(log)
  }
  // Large means in parts: each part is drawn exactly, and the tail is that of the law
  const poisson = (m: number): number => {
    const parts = Math.ceil(m / 25)
    return Array.from({ length: parts }, () => chance.poisson(m / parts)).reduce((a, b) => a + b, 0)
  }
  const draw = (m: number): number => level.dispersion <= 1
    ? poisson(m)
    : poisson(chance.gamma(m / (level.dispersion - 1)) * (level.dispersion - 1))
  const means = Array.from({ length: WEEKS }, (_, week) => mean(week))
  const counts = means.map(draw)
  const ill = counts.map(() => false)
  const outbreaks: Series['outbreaks'] = []
  const past = PAST_SIZES[chance.below(PAST_SIZES.length)] ?? 0
  const old = [0, 1, 2, 3].map(() => ({ from: 52 + chance.below(WEEKS - JUDGED - 60), k: past }))
  for (const { from, k } of [...old, { from: WEEKS - JUDGED + chance.below(JUDGED - 8), k: 1 + chance.below(10) }]) {
    const size = poisson(k * Math.sqrt(level.dispersion * mean(from)))
    let to = from
    for (let n = 0; n < size; n++) {
      const week = Math.min(WEEKS - 1, from + Math.floor(Math.exp(0.5 * chance.normal())))
      counts[week] = (counts[week] ?? 0) + 1
      ill[week] = true
      to = Math.max(to, week)
    }
    if (size > 0 && from >= WEEKS - JUDGED) outbreaks.push({ from: ill.indexOf(true, from), to })
  }
  const trend = hasTrend ? 'trend' : 'level'
  return { family: `${level.name} ${trend} ${harmonics}`, counts, outbreaks, ill, means, dispersion: level.dispersion }
}
