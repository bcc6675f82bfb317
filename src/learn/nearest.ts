// Past questions, found again by what they have in common with a new one: an inverted index of stems that grows by one
// question at a time. The work of a look-up is bounded, so that it does not grow with the years.

export interface Doc {
  connection: string, ticketId: string, language: string, at: string, answer: number
  articles?: string[]                               // that its reply cited
}

/** `norms` and `languages` are those of the docs once more: of thousands of them a look-up reads nothing else. */
export interface Index {
  seen: number, df: Record<string, number>, lists: Record<string, number[]>, docs: Doc[]
  norms: number[], languages: number[], languageNames: string[]
}

export interface Hit { doc: number, similarity: number }

/** How much a look-up reads: so many entries of questions in all, rare stems first, and the newest so many of each stem. */
export interface Reach { postings: number, perStem: number }

export const FAR: Reach = Object.freeze({ postings: 6_000, perStem: 500 })

export function emptyIndex (): Index {
  return { seen: 0, df: {}, lists: {}, docs: [], norms: [], languages: [], languageNames: [] }
}

/** Inverse document frequency, log((n + 1) / (df + .5)), never below .05. A stem never seen weighs as one seen once. */
export function idfOf (index: Index, stem: string): number {
  return Math.max(0.05, Math.log((index.seen + 1) / (Math.max(1, index.df[stem] ?? 1) + 0.5)))
}

/** Counts a question's stems. Every question counts, also one that is never answered. Changes `index`. */
export function countOne (index: Index, stems: string[]): void {
  index.seen++
  for (const stem of stems) index.df[stem] = (index.df[stem] ?? 0) + 1
}

export function normOf (index: Index, stems: string[]): number {
  return Math.sqrt(stems.reduce((sum, s) => sum + idfOf(index, s) ** 2, 0)) || 1
}

/** Adds an answered question. `counts`: the index that counts its stems, where it is another one. Changes `index`. */
export function addDoc (index: Index, stems: string[], doc: Doc, counts = index): void {
  const id = index.docs.push({ ...doc }) - 1
  index.norms.push(normOf(counts, stems))
  index.languages.push(numberOf(index, doc.language))
  for (const stem of stems) {
    const list = index.lists[stem] ??= []
    list.push(id)
    // No look-up goes further back: what lies beyond is let go now and then
    if (list.length >= 2 * FAR.perStem) list.splice(0, list.length - FAR.perStem)
  }
}

/** Lets go of the oldest questions once there are twice as many as `most`. Changes `index`. */
export function forgetOldest (index: Index, most: number): void {
  const gone = index.docs.length - most
  if (gone < most) return
  for (const list of [index.docs, index.norms, index.languages]) list.splice(0, gone)
  for (const [stem, list] of Object.entries(index.lists)) {
    const left = list.filter(id => id >= gone).map(id => id - gone)
    if (left.length > 0) index.lists[stem] = left
    else delete index.lists[stem]
  }
}

/**
 * The most similar past questions, best first: cosine of idf-weighted stems (Salton & Buckley 1988), 0 to 1, over the
 * rarest stems of the question and the newest questions that hold them. Same language only, where it is known. `counts`: the
 * index that counts stems, where it is another one; `reach` is no farther than `FAR`.
 */
export function findNearest (
  index: Index, stems: string[], language: string, most: number, counts = index, reach = FAR
): Hit[] {
  if (index.docs.length === 0) return []
  const weighed = stems.map(stem => (
    { stem, idf: idfOf(counts, stem) }
  )).sort((a, b) => b.idf - a.idf || (a.stem < b.stem ? -1 : 1))
  const { slots, sums, filled } = emptySums()
  let found = 0
  let postings = 0
  for (const { stem, idf } of weighed) {
    const list = index.lists[stem]
    if (list === undefined) continue
    const worth = idf * idf
    const end = Math.max(0, list.length - reach.perStem)
    for (let i = list.length - 1; i >= end; i--) {
      const name = (list[i] ?? 0) + 1               // 0 is an empty slot
      let slot = Math.imul(name, SPREAD) >>> SHIFT
      while (slots[slot] !== 0 && slots[slot] !== name) slot = (slot + 1) & (SLOTS - 1)
      if (slots[slot] === 0) {
        slots[slot] = name
        filled[found++] = slot
      }
      sums[slot] = (sums[slot] ?? 0) + worth
    }
    postings += list.length - end
    if (postings >= reach.postings) break
  }
  const norm = normOf(counts, stems)
  const anyLanguage = language === 'und'
  const own = index.languageNames.indexOf(language)
  const unknown = index.languageNames.indexOf('und')
  const best: Hit[] = []
  for (let f = 0; f < found; f++) {
    const slot = filled[f] ?? 0
    const doc = (slots[slot] ?? 0) - 1
    if (!anyLanguage && index.languages[doc] !== own && index.languages[doc] !== unknown) continue
    const similarity = Math.min(1, (sums[slot] ?? 0) / (norm * (index.norms[doc] ?? 1)))
    const last = best[best.length - 1]
    if (best.length === most && last !== undefined && !isNearer({ doc, similarity }, last)) continue
    keepBest(best, { doc, similarity }, most)
  }
  return best
}

function numberOf (index: Index, language: string): number {
  const known = index.languageNames.indexOf(language)
  return known >= 0 ? known : index.languageNames.push(language) - 1
}

// Best first, of equals the newer; at most `most` are kept. Changes `best`.
function keepBest (best: Hit[], hit: Hit, most: number): void {
  let at = best.length
  for (let above = best[at - 1]; above !== undefined; above = best[at - 1]) {
    if (isNearer(above, hit)) break
    at--
  }
  best.splice(at, 0, hit)
  if (best.length > most) best.pop()
}

function isNearer (a: Hit, b: Hit): boolean {
  return a.similarity > b.similarity || (a.similarity === b.similarity && a.doc > b.doc)
}

// A table of sums by question, open addressing (Knuth, vol. 3, 6.4): of one size whatever has been learned, and never more
// than half full, because a look-up reads fewer postings than half its slots.
const SLOTS = 1 << 14
const SHIFT = 32 - 14
const SPREAD = 0x9E3779B1                           // Fibonacci hashing: neighbours lie far apart

function emptySums (): { slots: Int32Array, sums: Float64Array, filled: Int32Array } {
  return { slots: new Int32Array(SLOTS), sums: new Float64Array(SLOTS), filled: new Int32Array(SLOTS / 2) }
}
