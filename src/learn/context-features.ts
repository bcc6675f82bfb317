// What the place of asking says about which answer is right: page, last error, plan, language, version and region, each
// crossed with the answers that were given there. It learns only what the words do not tell already, and says nothing (0)
// where nothing is known: an archive without context is drafted to the last digit as if this file were not there.
import type { ContextName, Instant, Question, TicketEvent } from '../types.ts'
import { contextValue } from '../text.ts'
import { dropWeakest, featuresOf, moveWeight, scoreChoices, sumWeights } from './choice.ts'
import type { Choice, ChoiceRow } from './choice.ts'

/** For each feature the log-odds of answers. `seen`: how often it was told; the first time teaches nothing. */
export interface Fit { rows: Record<string, ChoiceRow>, seen: Record<string, number>, size: number }

const NAMESPACES: ReadonlyArray<[ContextName, string]> = [
  ['page', 'page'], ['error', 'err'], ['plan', 'plan'], ['language', 'lang'], ['version', 'ver'], ['region', 'region']
]
const MOST_PER_FEATURE = 40
const MOST_FEATURES = 20_000                        // errors with a number of their own must not fill the memory
const LEAST_BELIEF = 0.01

export function emptyFit (): Fit {
  return { rows: {}, seen: {}, size: 0 }
}

/** What a story tells of the place of asking up to an instant: of each name the latest value. Pure; never throws. */
export function contextAt (story: TicketEvent[], due: Instant): Partial<Record<ContextName, string>> {
  const found: Partial<Record<ContextName, string>> = {}
  for (const event of story) {
    if (event.kind === 'opened' && event.page !== undefined) {
      const page = contextValue('page', event.page)
      if (page !== null) found.page = page
    }
    if (event.kind === 'context' && event.at <= due) found[event.name] = event.value
  }
  return found
}

/**
 * The namespaced features of a question's context, such as `page:/billing/:id` and `err:e42`; of a page also its first part,
 * so that what holds in all of `/billing` is learned once. Empty when nothing is known.
 */
export function contextFeaturesOf (question: Pick<Question, 'context'>): string[] {
  const { context } = question
  if (context === undefined) return []
  return NAMESPACES.flatMap(([name, namespace]) => {
    const value = context[name]
    if (value === undefined) return []
    const section = name === 'page' ? /^\/[^/]+(?=\/)/.exec(value)?.[0] : undefined
    return section === undefined ? [`${namespace}:${value}`] : [`${namespace}:${value}`, `${namespace}:${section}/*`]
  })
}

/** The answers that a context speaks for, most first, at most `most`; none that it does not speak for. */
export function findFits (fit: Fit, features: string[], most: number): number[] {
  return [...sumWeights(fit.rows, features)].filter(([, sum]) => sum > 0)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most).map(([answer]) => answer)
}

/**
 * How much more (above 0) or less each answer is given in this context than its words alone would say: log-odds against the
 * average of the candidates (by `beliefs`, which sum to 1), -1 to 1. All 0 where the context was never learned from.
 */
export function fitsOf (fit: Fit, features: string[], answers: number[], beliefs: number[]): number[] {
  const sums = sumWeights(fit.rows, features)
  if (sums.size === 0) return answers.map(() => 0)
  const scale = 1 / Math.sqrt(features.length)
  const own = answers.map(answer => (sums.get(answer) ?? 0) * scale)
  const usual = own.reduce((sum, o, i) => sum + o * (beliefs[i] ?? 0), 0)
  return own.map(o => Math.tanh((o - usual) / 2))
}

/**
 * Learns that in this context, of the answers that were considered, one was given: a step of multinomial logistic regression
 * whose offsets are what the words say, so that only what they leave open is learned. Changes `fit`.
 */
export function learnFit (
  fit: Fit, choice: Choice,
  asked: { context: string[], stems: string[], last?: number | null, choices: Array<{ answer: number }> },
  given: number
): void {
  if (asked.context.length === 0) return
  const considered = asked.choices.map(c => c.answer)
  const answers = considered.includes(given) ? considered : [...considered, given]
  const beliefs = scoreChoices(choice, featuresOf(asked.stems, asked.last), answers)
  const sums = sumWeights(fit.rows, asked.context)
  const scale = 1 / Math.sqrt(asked.context.length)
  const powers = answers.map((answer, i) =>
    Math.max(LEAST_BELIEF, beliefs[i] ?? 0) * Math.exp((sums.get(answer) ?? 0) * scale))
  const all = powers.reduce((a, b) => a + b, 0)
  for (const feature of asked.context) {
    if (!isKnown(fit, feature)) continue
    const row = fit.rows[feature] ??= []
    for (const [i, answer] of answers.entries()) {
      moveWeight(row, answer, ((powers[i] ?? 0) / all - (answer === given ? 1 : 0)) * scale)
    }
    while (row.length > 3 * MOST_PER_FEATURE) dropWeakest(row)
  }
}

// Counts the feature, and says whether it came before. When there are too many, those that came once are forgotten.
function isKnown (fit: Fit, feature: string): boolean {
  const before = fit.seen[feature] ?? 0
  if (before === 0) {
    if (fit.size >= MOST_FEATURES) forgetRare(fit)
    if (fit.size >= MOST_FEATURES) return false
    fit.size++
  }
  fit.seen[feature] = before + 1
  return before > 0
}

function forgetRare (fit: Fit): void {
  fit.seen = Object.fromEntries(Object.entries(fit.seen).filter(([, n]) => n > 1))
  fit.size = Object.keys(fit.seen).length
}
