// Chance that can be repeated: the same seed gives the same numbers everywhere.

export interface Chance {
  next (): number                                   // uniform in [0, 1)
  normal (): number
  gamma (shape: number): number                     // mean = shape
  poisson (mean: number): number
  below (n: number): number                         // whole number in [0, n)
}

/** SplitMix32 (Steele, Lea, Flood 2014), with the usual laws on top: Box-Muller, Marsaglia-Tsang, Knuth. */
export function makeChance (seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x9E3779B9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21F0AAAD)
    z = Math.imul(z ^ (z >>> 15), 0x735A2D97)
    return ((z ^ (z >>> 15)) >>> 0) / 4294967296
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * (1 - next()) ** (1 / shape)
    const d = shape - 1 / 3
    const c = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = normal()
      const v = (1 + c * x) ** 3
      if (v > 0 && Math.log(1 - next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
    }
  }
  const poisson = (mean: number): number => {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
    const limit = Math.exp(-mean)
    let n = 0
    for (let p = next(); p > limit; p *= next()) n++
    return n
  }
  return { next, normal, gamma, poisson, below: n => Math.floor(next() * n) }
}
