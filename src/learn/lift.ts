// Whether notes help: customers drawn by lot get none, and their tickets are compared with the others'. Who was to get a
// note counts as having got one (intent to treat), and the interval may be looked at every day without being fooled.

export interface Arm { n: number, mean: number, variance: number }

export interface Lift {
  difference: number                                // treated minus held out
  low: number
  high: number
  /** `real`: the interval leaves zero out. `open`: it does not. `few`: too few customers in one of the arms. */
  verdict: 'real' | 'open' | 'few'
}

/** Customers in the smaller arm before anything is said. */
export const LEAST_CUSTOMERS = 50                                    // with fewer the interval, which is asymptotic, is too narrow
const DOUBT = 0.05
const PRIOR = 0.1                                   // the size of effects that the interval is sharpest for: ten points

/**
 * The difference of two means with a 95 % confidence sequence: it holds at all times at once, so that stopping when it
 * looks good is allowed. Normal mixture (Robbins 1970; the mixture SPRT of Johari, Pekelis & Walsh 2017, arXiv
 * 1512.04922): radius = sqrt(s2 (s2 + t2) / t2 * ln((s2 + t2) / (s2 a2))), with s2 = v1/n1 + v0/n0, t the prior scale and
 * a the doubt. `mean` and `variance` are over customers, who are what was drawn by lot; each value is 0 to 1.
 */
export function liftOf (treated: Arm, heldOut: Arm): Lift {
  const difference = treated.mean - heldOut.mean
  if (treated.n < LEAST_CUSTOMERS || heldOut.n < LEAST_CUSTOMERS) return { difference, low: -1, high: 1, verdict: 'few' }
  // A small arm of rare failures looks calmer than it is: as if two more of each kind had been seen (Agresti & Coull 1998).
  const of = ({ n, mean, variance }: Arm): number => {
    const p = (mean * n + 2) / (n + 4)
    return Math.max(variance, p * (1 - p)) / n
  }
  const s2 = of(treated) + of(heldOut)
  const t2 = PRIOR * PRIOR
  const radius = Math.sqrt(s2 * (s2 + t2) / t2 * Math.log((s2 + t2) / (s2 * DOUBT * DOUBT)))
  const low = Math.max(-1, difference - radius)
  const high = Math.min(1, difference + radius)
  return { difference, low, high, verdict: low > 0 || high < 0 ? 'real' : 'open' }
}

/**
 * Whether a customer is held out: the same answer for ever, from his id alone. `share` 0 to 1 of all customers. An id is
 * hashed by FNV-1a (Fowler, Noll & Vo 1991), its bits mixed as in MurmurHash3's finaliser, because ids are often numbered.
 */
export function isHeldOut (connection: string, personId: string, share: number): boolean {
  if (personId === '') return false                 // nobody we could stay with
  let hash = 0x811c9dc5
  for (const c of `${connection}/${personId}`) hash = Math.imul(hash ^ (c.codePointAt(0) ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 < share
}

/**
 * How many tickets it takes to see a difference at all: 7.85 p (1 - p) / d2 (1/h + 1/(1 - h)), for 80 % power at 5 %
 * (Lehr 1992). `p` and `difference` are shares, `held` the share held out, all above 0 and below 1.
 */
export function ticketsNeeded (p: number, difference: number, held: number): number {
  return Math.ceil(7.85 * p * (1 - p) / (difference * difference) * (1 / held + 1 / (1 - held)))
}
