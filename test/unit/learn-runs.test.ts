// Runs of words that came only once are one number; whatever comes again is a term that knows all its tickets.
import { emptyTerms, addTicket, homeOf, termsOf } from '../../src/learn/terms.ts'
import type { Term, Terms } from '../../src/learn/terms.ts'

const HOUR = 3600
const SAID = 'the printer prints nothing but stripes'

function add (terms: Terms, id: number, at: number, text: string, label = 'printing'): void {
  addTicket(terms, { id, at, account: `A${id}`, label, terms: termsOf({ text }) })
}

function runsIn (terms: Terms): Term[] {
  return terms.list.flatMap(term => term !== null && term.name.startsWith('copy:') ? [term] : [])
}

test('a run is a number until it comes again, and then a term with both tickets', () => {
  const terms = emptyTerms(0)
  add(terms, 1, 0, SAID)
  expect(runsIn(terms)).toEqual([])
  expect(Object.keys(terms.runs.seen)).toHaveLength(2)
  add(terms, 2, HOUR, SAID)
  expect(runsIn(terms).map(term => [term.name, term.recent])).toEqual(expect.arrayContaining([
    ['copy:the printer prints nothing but', [0, 1]], ['copy:printer prints nothing but stripes', [0, 1]]
  ]))
  add(terms, 3, 80 * HOUR, SAID)                    // the first two are older than three days now
  expect(runsIn(terms).map(term => [term.recent, term.old])).toEqual([[[2], [0, 1]], [[2], [0, 1]]])
})

test('what it was filed under when it came first counts, though it was three days ago', () => {
  const terms = emptyTerms(0)
  add(terms, 1, HOUR, SAID, 'printing')
  add(terms, 2, 2 * HOUR, 'none of these words is one of those words', 'other')
  add(terms, 3, 74 * HOUR, SAID, 'other')
  const [term] = runsIn(terms)
  expect(term).toMatchObject({ counts: [term?.n], recent: [2], old: [0] })
  expect(term?.n).toBeCloseTo(1, 2)
  expect(term === undefined ? null : homeOf(terms, term)).toBe('printing')
})

test('a run that did not come again within days is forgotten', () => {
  const terms = emptyTerms(0)
  const sizes: number[] = []
  for (let day = 0; day < 60; day++) {
    for (let i = 0; i < 20; i++) {
      const n = 20 * day + i
      add(terms, n, day * 24 * HOUR + i * HOUR, `odd${n}a odd${n}b odd${n}c odd${n}d odd${n}e odd${n}f odd${n}g`)
    }
    sizes.push(Object.keys(terms.runs.seen).length)
  }
  expect(Math.max(...sizes)).toBeLessThanOrEqual(3 * 20 * 8)
  expect(terms.runs.hashes.length).toBeLessThanOrEqual(3 * 20 * 8)
  expect(terms.runs.labels.length).toBeLessThanOrEqual(20 * 8)
  expect(terms.size).toBe(terms.list.filter(term => term !== null).length + Object.keys(terms.runs.seen).length)
})
