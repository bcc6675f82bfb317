// What a backtest is asked beyond its totals: how sure, per topic, and which drafts to look at with one's own eyes.
import { upperBound, thresholdOf } from '../../src/learn/gate.ts'
import type { BacktestDraft } from '../../src/learn/backtest.ts'
import type { LearnRules } from '../../src/learn/steps.ts'

export interface TopicLine {
  topic: string
  answered: number
  good: number                                      // would have been sent as is or lightly edited
  shown: number
  shown_good: number
  threshold: number | null                          // suggested: the lowest score that holds the bound; null: none does yet
  drafts_per_week: number | null                    // from that score on
  wrong_per_week: number | null                     // of these, what agents would have had to replace or to rewrite
}

export interface Suggested {
  threshold: number, drafts: number, good: number, coverage: number, drafts_per_week: number, wrong_per_week: number
}

export interface Bin { from: number, to: number, n: number, score: number, good: number }

export interface Sample {
  id: string, topic: string, score: number, outcome: string, question: string, draft: string, reply: string
}

export interface CurvePoint { threshold: number, coverage: number, precision: number, worst: number }

const LEAST_TOPIC = 20

/** The largest topics, by answered questions; those with fewer than twenty are one line at the end. */
export function topicLines (heard: BacktestDraft[], rules: LearnRules, weeks: number, most = 25): TopicLine[] {
  const groups = new Map<string, BacktestDraft[]>()
  for (const d of heard) groups.set(d.draft.topic, [...groups.get(d.draft.topic) ?? [], d])
  const large = [...groups].filter(([, of]) => of.length >= LEAST_TOPIC)
    .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
  const small = [...groups].filter(([, of]) => of.length < LEAST_TOPIC).flatMap(([, of]) => of)
  const rest = [...large.slice(most).flatMap(([, of]) => of), ...small]
  const lines = large.slice(0, most).map(([topic, of]) => lineOf(topic, of, rules, weeks))
  return rest.length === 0 ? lines : [...lines, lineOf('all smaller topics', rest, rules, weeks)]
}

function lineOf (topic: string, of: BacktestDraft[], rules: LearnRules, weeks: number): TopicLine {
  const suggested = suggestedOf(of, rules, weeks)
  const shown = of.filter(d => d.draft.action === 'note')
  return {
    topic,
    answered: of.length,
    good: of.filter(d => d.light).length,
    shown: shown.length,
    shown_good: shown.filter(d => d.light).length,
    threshold: suggested?.threshold ?? null,
    drafts_per_week: suggested?.drafts_per_week ?? null,
    wrong_per_week: suggested?.wrong_per_week ?? null
  }
}

/**
 * From which score on notes would keep the risk that is set, by the same test as live, and what that would have meant: how
 * many drafts a week, how many of them wrong. Null: no score holds it. `weeks`: the time that the drafts cover.
 */
export function suggestedOf (of: BacktestDraft[], rules: LearnRules, weeks: number): Suggested | null {
  const window = of.map(d => ({ score: d.draft.score, good: d.light === true, topic: 0 }))
  const threshold = thresholdOf({ window }, null, rules)
  if (threshold === Infinity || weeks <= 0) return null
  const over = of.filter(d => d.draft.score >= threshold)
  const good = over.filter(d => d.light).length
  return {
    threshold,
    drafts: over.length,
    good,
    coverage: over.length / of.length,
    drafts_per_week: over.length / weeks,
    wrong_per_week: (over.length - good) / weeks
  }
}

/** Scores beside what became of them, in ten bins of equal width; empty bins are left out. */
export function reliability (heard: BacktestDraft[]): Bin[] {
  return Array.from({ length: 10 }, (_, i) => {
    const of = heard.filter(d => Math.min(9, Math.floor(d.draft.score * 10)) === i)
    return {
      from: i / 10,
      to: (i + 1) / 10,
      n: of.length,
      score: of.reduce((sum, d) => sum + d.draft.score, 0) / (of.length || 1),
      good: of.filter(d => d.light).length / (of.length || 1)
    }
  }).filter(bin => bin.n > 0)
}

/** From strict to loose: how many questions a threshold would cover, and how many of these drafts would be good. */
export function coverageCurve (heard: BacktestDraft[], points = 60): CurvePoint[] {
  const sorted = heard.map(d => ({ score: d.draft.score, good: d.light === true })).sort((a, b) => b.score - a.score)
  const curve = []
  let good = 0
  const step = Math.max(10, Math.floor(sorted.length / points))
  for (const [i, d] of sorted.entries()) {
    if (d.good) good++
    const n = i + 1
    if (n < 20 || (n % step !== 0 && n !== sorted.length)) continue
    const worst = 1 - upperBound(n - good, n, 0.05)
    curve.push({ threshold: d.score, coverage: n / sorted.length, precision: good / n, worst })
  }
  return curve
}

/**
 * Good and bad drafts to look at: of the shown ones, evenly spread over time; the bad are those with the highest score
 * first, because these are the ones that would have hurt. The same archive gives the same samples.
 */
export function samplesOf (
  heard: BacktestDraft[], textOf: (d: BacktestDraft) => { id: string, question: string, reply: string }, most = 8
): { good: Sample[], bad: Sample[] } {
  const shown = heard.filter(d => d.draft.action === 'note' && d.draft.text !== '')
  const good = shown.filter(d => d.light)
  const bad = shown.filter(d => d.light === false)
    .sort((a, b) => b.draft.score - a.draft.score || (a.at < b.at ? -1 : 1))
  const spread = good.filter((_, i) => i % Math.max(1, Math.floor(good.length / most)) === 0)
  const sampleOf = (d: BacktestDraft): Sample => {
    const { id, question, reply } = textOf(d)
    return { id, topic: d.draft.topic, score: d.draft.score, outcome: d.outcome ?? '', question, draft: d.draft.text, reply }
  }
  return { good: spread.slice(0, most).map(sampleOf), bad: bad.slice(0, most).map(sampleOf) }
}
