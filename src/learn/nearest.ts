// Past questions, found again by what they have in common with a new one: an inverted index of stems that grows by one
// question at a time. The work of a look-up is bounded, so that it does not grow with the years.

export interface Doc {
  connection: string, ticketId: string, language: string, at: string, answer: number, norm: number
}

export interface Index { seen: number, df: Record<string, number>, lists: Record<string, number[]>, docs: Doc[] }

export interface Hit { doc: number, similarity: number }

const MOST_POSTINGS = 6_000                         // of a look-up: rare stems first, newest questions first
const MOST_PER_STEM = 500

export function emptyIndex (): Index {
  return { seen: 0, df: {}, lists: {}, docs: [] }
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

/** Adds an answered question. Changes `index`. */
export function addDoc (index: Index, stems: string[], doc: Omit<Doc, 'norm'>): void {
  const id = index.docs.push({ ...doc, norm: normOf(index, stems) }) - 1
  for (const stem of stems) (index.lists[stem] ??= []).push(id)
}

/**
 * The most similar past questions, best first: cosine of idf-weighted stems (Salton & Buckley 1988), 0 to 1, over the
 * rarest stems of the question and the newest questions that hold them. Same language only, where it is known.
 */
export function findNearest (index: Index, stems: string[], language: string, most: number): Hit[] {
  const weighed = stems.map(stem => (
    { stem, idf: idfOf(index, stem) }
  )).sort((a, b) => b.idf - a.idf || (a.stem < b.stem ? -1 : 1))
  const sums = new Map<number, number>()
  let postings = 0
  for (const { stem, idf } of weighed) {
    const list = index.lists[stem]
    if (list === undefined) continue
    for (let i = list.length - 1; i >= Math.max(0, list.length - MOST_PER_STEM); i--) {
      const doc = list[i] ?? 0
      sums.set(doc, (sums.get(doc) ?? 0) + idf * idf)
      postings++
    }
    if (postings >= MOST_POSTINGS) break
  }
  const norm = normOf(index, stems)
  const hits: Hit[] = []
  for (const [doc, sum] of sums) {
    const found = index.docs[doc]
    if (
      found !== undefined && (found.language === language || language === 'und' || found.language === 'und')
    ) hits.push({ doc, similarity: Math.min(1, sum / (norm * found.norm)) })
  }
  return hits.sort((a, b) => b.similarity - a.similarity || b.doc - a.doc).slice(0, most)
}
