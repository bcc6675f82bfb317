// Whom it hits more than others: what the customers of an anomaly have in common that the desk's other customers have
// not. Customers are counted, never tickets: one who writes twenty times is one.
import { logGamma } from './tail.ts'

export const SEGMENTS = ['plan', 'size', 'version', 'page', 'language', 'error'] as const
export type SegmentKind = typeof SEGMENTS[number]

/** One customer; a kind is missing where nothing is known of it. */
export interface Customer { person: string, is: Partial<Record<SegmentKind, string>> }

export interface Segment {
  kind: SegmentKind
  value: string
  hits: number                                      // customers of the anomaly who are in it
  of: number                                        // customers of the anomaly of whom the kind is known
  usual: number                                     // share of the desk's other customers, 0 to 1
  ratio: number | null                              // share here over usual share; null: nobody else is in it
  p: number                                         // of so many by chance, after Bonferroni, 0 to 1
}

const LEAST_HITS = 3
const LEAST_RATIO = 1.5
const LEAST_OTHERS = 20                             // fewer say nothing of what is usual
const DOUBT = 0.05
const MOST = 4

/**
 * Segments over-represented among `mine` against `others` (the desk's customers of the last weeks; whoever is in both
 * counts as mine). One-sided hypergeometric test (Fisher's exact test) per value, Bonferroni over all values looked at;
 * told at p < 0.05 with at least 3 customers and 1.5 times the usual share; at most 4, the surest first, one per kind.
 * Customers of whom a kind is unknown are left out of its test, but an error that nobody wrote of is no error.
 */
export function segmentsOf (mine: Customer[], others: Customer[]): { segments: Segment[], tested: number } {
  const here = merge(mine)
  const known = new Set(here.map(c => c.person))
  const there = merge(others).filter(c => !known.has(c.person))
  const found: Segment[] = []
  let tested = 0
  for (const kind of SEGMENTS) {
    const [a, b] = [tally(here, kind), tally(there, kind)]
    if (b.of < LEAST_OTHERS) continue
    for (const [value, hits] of a.counts) {
      if (hits < 2) continue                        // what one customer is cannot be what they share
      tested++
      const elsewhere = b.counts.get(value) ?? 0
      const usual = elsewhere / b.of
      const ratio = elsewhere === 0 ? null : hits / a.of / usual
      const p = chanceOf(hits, a.of, hits + elsewhere, a.of + b.of)
      if (hits >= LEAST_HITS && (ratio === null || ratio >= LEAST_RATIO)) {
        found.push({
          kind, value, hits, of: a.of, usual, ratio, p
        })
      }
    }
  }
  const sure = found.map(s => ({ ...s, p: Math.min(1, s.p * tested) })).filter(s => s.p < DOUBT)
    .toSorted((x, y) => x.p - y.p || y.hits - x.hits || (x.value < y.value ? -1 : 1))
  return { segments: sure.filter((s, i) => sure.findIndex(t => t.kind === s.kind) === i).slice(0, MOST), tested }
}

/**
 * P(X >= hits) for X hypergeometric: `drawn` of `all` without putting back, of which `marked` are marked; 0 to 1.
 */
export function chanceOf (hits: number, drawn: number, marked: number, all: number): number {
  let sum = 0
  for (let k = hits; k <= Math.min(drawn, marked); k++) {
    if (drawn - k > all - marked) continue
    sum += Math.exp(choose(marked, k) + choose(all - marked, drawn - k) - choose(all, drawn))
  }
  return Math.min(1, sum)
}

function choose (n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
}

// What was known first of a customer stands; what came later fills the gaps.
function merge (customers: Customer[]): Customer[] {
  const all = new Map<string, Customer>()
  for (const { person, is } of customers) {
    const known = all.get(person)
    all.set(person, { person, is: known === undefined ? { ...is } : { ...is, ...known.is } })
  }
  return [...all.values()]
}

function tally (customers: Customer[], kind: SegmentKind): { counts: Map<string, number>, of: number } {
  const counts = new Map<string, number>()
  let of = 0
  for (const { is } of customers) {
    const value = is[kind]
    if (value !== undefined && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1)
    if (kind === 'error' || (value !== undefined && value !== '')) of++
  }
  return { counts, of }
}

const CODES = [
  /\b(?:error|err|code|fehler|erreur|fout|errore)(?:\s+code)?\s*[:#]?\s*([A-Z]{0,6}[-_]?\d{2,6})\b/i,
  /\b([A-Z]{1,6}[-_]?\d{2,5})\b/,
  /\b((?:ERR|ERROR|E)_[A-Z][A-Z_]{2,30})\b/
]

/** The error code that a text names first, in capitals; null: none. */
export function errorOf (text: string): string | null {
  for (const code of CODES) {
    const found = code.exec(text.slice(0, 4_000))?.[1]
    if (found !== undefined) return found.toUpperCase()
  }
  return null
}

/** `/settings/sso` of an address or a path: no query, and no numbers or long ids that would make each page its own. */
export function pathOf (page: string): string {
  const path = page.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/[?#].*$/s, '')
  const parts = path.split('/').filter(part => part !== '').map(part =>
    /^\d+$/.test(part) || /^[0-9a-f-]{16,}$/i.test(part) ? '…' : part.slice(0, 40))
  return `/${parts.slice(0, 5).join('/')}`
}

/** `11 to 50` of a number of employees or seats; null where it is no such number. */
export function sizeBand (value: unknown): string | null {
  const n = typeof value === 'number' ? value : Number(/^\s*(\d{1,7})\s*$/.exec(String(value))?.[1] ?? NaN)
  if (!Number.isFinite(n) || n < 1) return null
  if (n <= 10) return 'up to 10'
  if (n <= 50) return '11 to 50'
  if (n <= 200) return '51 to 200'
  return n <= 1000 ? '201 to 1000' : 'over 1000'
}
