// The learning curve of a backtest, week by week: what drafts were worth, and how many questions got one.
import type { BacktestDraft } from '../../src/learn/backtest.ts'

/** `maturing`: late answers, ratings and reopenings may still come. `shown` of `answered` is the coverage. */
export interface WeekLine {
  week: string, answered: number, good: number, shown: number, shown_good: number, maturing: boolean
}

const DAY_MS = 86_400_000

/** By the Monday of the answer, in order; a week without answers has no line. `days`: how long a ticket may come back. */
export function weekLines (heard: BacktestDraft[], days: number): WeekLine[] {
  const weeks = new Map<string, Omit<WeekLine, 'maturing'>>()
  let end = 0
  for (const d of heard) {
    const at = d.answeredAt ?? d.at
    end = Math.max(end, Date.parse(at))
    const week = mondayOf(at)
    const line = weeks.get(week) ?? { week, answered: 0, good: 0, shown: 0, shown_good: 0 }
    line.answered++
    if (d.light === true) line.good++
    if (d.draft.action === 'note') { line.shown++; if (d.light === true) line.shown_good++ }
    weeks.set(week, line)
  }
  return [...weeks.values()].sort((a, b) => a.week < b.week ? -1 : 1)
    .map(line => ({ ...line, maturing: Date.parse(line.week) + (7 + days) * DAY_MS > end }))
}

/** How many weeks lie between the first answer and the last; a day at least. */
export function spanInWeeks (heard: BacktestDraft[]): number {
  const times = heard.map(d => Date.parse(d.answeredAt ?? d.at))
  const first = times.reduce((a, b) => Math.min(a, b), Infinity)
  const last = times.reduce((a, b) => Math.max(a, b), -Infinity)
  return times.length === 0 ? 0 : Math.max(DAY_MS, last - first) / (7 * DAY_MS)
}

function mondayOf (at: string): string {
  const date = new Date(at)
  date.setUTCDate(date.getUTCDate() - (date.getUTCDay() + 6) % 7)
  return date.toISOString().slice(0, 10)
}
