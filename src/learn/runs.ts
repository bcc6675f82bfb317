// Runs of words: what a copied message has in common, even when each of its words is ordinary. Almost every run comes only
// once; until it comes again it is one number under its hash, and only then a term with its name and counts.
export const COPY = 'copy:'

const RUN = 5                                       // words in a row: four or fewer come together by chance
const SKETCH = 6                                    // runs kept of a ticket
const MOST_SKETCHED = 150                           // words

/** `seen`: hash of a run -> the place of its term, or -1 minus the number of the only ticket that has held it so far. */
export interface Runs {
  seen: Record<number, number>
  hashes: number[]                                  // of the runs that came only once, oldest first, and their tickets
  owners: number[]
  first: number                                     // number of the ticket at labels[0]
  labels: number[]                                  // of tickets whose runs may still come again, with their weights
  weights: number[]
}

export function emptyRuns (): Runs {
  return { seen: {}, hashes: [], owners: [], first: 0, labels: [], weights: [] }
}

/** The least few of a text's runs of five words by their hash (bottom-k sketch: Broder 1997). */
export function sketchOf (said: string[]): string[] {
  const hashes: number[] = []
  for (let i = 0; i < said.length && i < MOST_SKETCHED; i++) hashes.push(hashOf(said[i] ?? ''))
  const least: number[] = []                        // rising
  const places: number[] = []
  for (let at = 0; at + RUN <= hashes.length; at++) {
    let hash = 0
    for (let i = at; i < at + RUN; i++) hash = Math.imul(hash ^ (hashes[i] ?? 0), 0x9E3779B1) >>> 0
    if (least.length === SKETCH && hash >= (least[SKETCH - 1] ?? 0)) continue
    if (least.includes(hash)) continue
    let place = least.length === SKETCH ? SKETCH - 1 : least.length
    for (; place > 0 && (least[place - 1] ?? 0) > hash; place--) {
      least[place] = least[place - 1] ?? 0
      places[place] = places[place - 1] ?? 0
    }
    least[place] = hash
    places[place] = at
  }
  return places.map(at => COPY + said.slice(at, at + RUN).join(' '))
}

/** The key of a run in `seen`, of the 31 bits that a small whole number has in memory. */
export function keyOf (run: string): number {
  return hashOf(run) >>> 1
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
function hashOf (word: string): number {
  let hash = 0x811C9DC5
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** Keeps of the newest ticket what a term would have to know if one of its runs came again. Changes `runs`. */
export function noteTicket (runs: Runs, label: number, weight: number): void {
  runs.labels.push(label)
  runs.weights.push(weight)
}

/** A run that came for the first time, with the ticket of this number. Changes `runs`. */
export function noteRun (runs: Runs, hash: number, number: number): void {
  runs.seen[hash] = -1 - number
  runs.hashes.push(hash)
  runs.owners.push(number)
}

/** Forgets the runs that only a ticket before `number` has held; returns how many. Changes `runs`. */
export function forgetRuns (runs: Runs, number: number): number {
  let gone = 0
  let past = 0
  for (; (runs.owners[past] ?? number) < number; past++) {
    const hash = runs.hashes[past] ?? 0
    if (runs.seen[hash] !== -1 - (runs.owners[past] ?? 0)) continue    // it came again
    delete runs.seen[hash]
    gone++
  }
  runs.hashes = runs.hashes.slice(past)
  runs.owners = runs.owners.slice(past)
  const old = Math.max(0, number - runs.first)
  runs.labels = runs.labels.slice(old)
  runs.weights = runs.weights.slice(old)
  runs.first += old
  return gone
}
