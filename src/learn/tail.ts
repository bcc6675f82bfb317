// How unlikely a count is: the upper tail of the negative binomial law, and of the Poisson law as its limit.

const MOST_TERMS = 20_000
const POISSON_FROM = 1e6                            // a size beyond which the two laws cannot be told apart

/** Logarithm of the gamma function for x > 0 (Lanczos 1964, g = 7, nine terms), exact to about 1e-14. */
export function logGamma (x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  let sum = 0.99999999999980993
  for (const [i, c] of LANCZOS.entries()) sum += c / (x + i)
  const t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7
]

/**
 * P(X >= k) for X negative binomial with this mean and size (variance = mean + mean^2 / size); 0 to 1.
 * A size of a million or more means Poisson. Summed term by term on the side of the mean where the sum is short.
 */
export function upperTail (k: number, mean: number, size: number): number {
  if (k <= 0) return 1
  if (mean <= 0) return 0
  const poisson = size >= POISSON_FROM
  const share = poisson ? 0 : mean / (size + mean)
  const up = (n: number): number => poisson ? mean / (n + 1) : (n + size) / (n + 1) * share    // term n+1 over term n
  const first = k > mean ? k : k - 1
  let term = Math.exp(poisson
    ? first * Math.log(mean) - mean - logGamma(first + 1)
    : logGamma(first + size) - logGamma(size) - logGamma(first + 1) -
      size * Math.log1p(mean / size) + first * Math.log(share))
  let sum = term
  if (k > mean) {
    for (let n = first; n < first + MOST_TERMS && term > sum * 1e-13; n++) sum += term *= up(n)
    return Math.min(1, sum)
  }
  for (let n = first; n > 0 && term > sum * 1e-16; n--) sum += term /= up(n - 1)
  return Math.max(0, Math.min(1, 1 - sum))
}

/** Size of a negative binomial law whose variance is mean + spread x mean^2. */
export function sizeOf (spread: number): number {
  return spread <= 1 / POISSON_FROM ? POISSON_FROM : 1 / spread
}
