// Which article the words of a question call for: the questions whose replies cited, and the classifier that they teach.
// Only the newest of them are kept; the classifier is what they make, and is left out of JSON. So a mind that is read back,
// or folded anew without some lesson, has the classifier that it would always have had.
import { emptyClassifier, learnOne } from './classify/classifier.ts'
import type { Classifier } from './classify/classifier.ts'
import { featuresOf } from './classify/hashed.ts'
import type { Features } from './classify/hashed.ts'

export interface CitedCase { stems: string[], language: string, articles: string[] }

export interface Cases { list: CitedCase[] }

interface Made { classifier: Classifier, learned: number }

const TEACHING = { replays: 2, keptPerClass: 10 }
const MOST = 3_000                                  // that are remembered: the newest
const SLACK = 1_500                                 // above it, so that forgetting is rare: it begins anew
const SEED = 20_261

export function emptyCases (): Cases {
  return { list: [] }
}

/** What a question tells of the article it calls for. */
export function wordsOf ({ stems, language }: Omit<CitedCase, 'articles'>): Features {
  return featuresOf(stems.map(stem => stem.slice(1)).join(' '), [`language=${language}`])
}

/** Learns a question whose reply cited. Changes `cases`. */
export function learnCase (cases: Cases, example: CitedCase): void {
  cases.list.push(example)
  if (cases.list.length <= MOST + SLACK) return
  cases.list.splice(0, cases.list.length - MOST)
  madeOf(cases, null)
}

/** The classifier that the questions make: learned on from where it was, or anew. Of articles, several of one question. */
export function classifierOf (cases: Cases): Classifier {
  const made = madeOf(cases) ?? { classifier: emptyClassifier(SEED), learned: 0 }
  for (; made.learned < cases.list.length; made.learned++) {
    const next = cases.list[made.learned]
    if (next === undefined) break
    const features = wordsOf(next)
    for (const article of next.articles) learnOne(made.classifier, features, article, TEACHING)
  }
  madeOf(cases, made)
  return made.classifier
}

const MADE = 'made'

// Beside the plain data and no part of it: neither JSON nor a comparison sees it.
function madeOf (cases: Cases & { [MADE]?: Made | null }, next?: Made | null): Made | null {
  if (next !== undefined) {
    Object.defineProperty(cases, MADE, { value: next, enumerable: false, writable: true, configurable: true })
  }
  return cases[MADE] ?? null
}
