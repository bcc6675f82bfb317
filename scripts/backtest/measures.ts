// What a backtest is asked beyond its totals: how sure, per topic, and which drafts to look at with one's own eyes.
import { binsOf, coverageOf, overThreshold } from '../../src/dashboard/measures.ts'
import type { Bin, CurvePoint, Judged, Over } from '../../src/dashboard/measures.ts'
import { thresholdOf } from '../../src/learn/gate.ts'
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

export type Suggested = Over

export interface Sample {
  id: string, topic: string, score: number, outcome: string, question: string, draft: string, reply: string
}

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
  const judged = judgedOf(of)
  const threshold = thresholdOf({ window: judged.map(d => ({ ...d, topic: 0 })) }, null, rules)
  return threshold === Infinity ? null : overThreshold(judged, threshold, weeks)
}

/** Scores beside what became of them, in ten bins of equal width; empty bins are left out. */
export function reliability (heard: BacktestDraft[]): Bin[] {
  return binsOf(judgedOf(heard))
}

/** From strict to loose: how many questions a threshold would cover, and how many of these drafts would be good. */
export function coverageCurve (heard: BacktestDraft[]): CurvePoint[] {
  return coverageOf(judgedOf(heard))
}

function judgedOf (heard: BacktestDraft[]): Judged[] {
  return heard.map(d => ({ score: d.draft.score, good: d.light === true }))
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
