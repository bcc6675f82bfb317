// The learning curve on the overview: the picture, and beneath it the same numbers as a table.
import { html } from 'ghtml'
import type { CurvePoint } from '../store/stats.ts'
import type { Instant } from '../types.ts'
import { looks } from './chart.ts'
import type { Week } from './chart.ts'
import { layOutEmpty, layOutTable } from './layout.ts'
import type { Column } from './layout.ts'
import { LEAST, shareOf, showCount, showDay, showInterval, showPercent, showPoints, showShare } from './numbers.ts'

const MOST_WEEKS = 26
const WEEK_MS = 7 * 86_400_000

const COLUMNS: Column[] = [
  { name: 'Week of' },
  { name: 'Answered', kind: 'number', says: 'Questions that an agent answered in this week, whether a draft was shown or not' },
  { name: 'Would fit', kind: 'number', says: 'Drafts that would have been sent as is or lightly edited ÷ answered questions' },
  { name: '95 % interval', kind: 'number', says: 'Wilson interval of the share before it' },
  { name: 'Shown', kind: 'number', says: 'Notes that stood in the ticket at least 15 s before the answer ÷ answered questions' },
  { name: 'As is', kind: 'number', says: 'Of the notes shown: at least 97 % of the words were sent' },
  { name: 'Edited', kind: 'number', says: 'Of the notes shown: 40 to 97 % of the words were sent' },
  { name: 'Replaced', kind: 'number', says: 'Of the notes shown: less than 40 % of the words were sent' },
  { name: 'Gap', kind: 'number', says: 'Mean score minus share that would fit: above 0 the scores promise too much' }
]

/** The latest weeks without holes: a week in which nothing was answered is a week too. */
export function fillWeeks (points: CurvePoint[]): Week[] {
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined) return []
  const known = new Map(points.map(p => [p.week, p]))
  const weeks: Week[] = []
  const from = Math.max(Date.parse(first.week), Date.parse(last.week) - (MOST_WEEKS - 1) * WEEK_MS)
  for (let ms = from; ms <= Date.parse(last.week); ms += WEEK_MS) {
    const week = new Date(ms).toISOString().slice(0, 19) + 'Z'
    const point = known.get(week) ?? { week, answered: 0, good: 0, shown: 0, asIs: 0, edited: 0, replaced: 0, gap: 0 }
    weeks.push({ ...point, gap: point.answered < LEAST ? null : point.gap })
  }
  return weeks
}

export function layOutCurve (points: CurvePoint[], now: Instant): string {
  const weeks = fillWeeks(points)
  if (weeks.length === 0) {
    return layOutEmpty('No question has been answered yet.',
      'The curve begins with the first answer that an agent sends: every answer is compared with the draft, shown or not.')
  }
  const answered = points.reduce((sum, p) => sum + p.answered, 0)
  const good = points.reduce((sum, p) => sum + p.good, 0)
  return html`<p class="lead">!${summarise(good, answered)}</p>
<figure class="chart">
!${layOutPicture(describeCurve(weeks))}
<figcaption><ul class="legend">
<li><span class="key bar"></span>draft would have been sent as is or lightly edited</li>
<li><span class="key line"></span>shown as a note in time</li>
<li><span class="key gap"></span>calibration gap: mean score minus share that would fit</li>
</ul>
Weeks with fewer than ${LEAST} answers are left out.</figcaption>
</figure>
!${layOutTable('The learning curve in numbers', COLUMNS, weeks.toReversed().map(w => rowOf(w, now)))}`
}

function summarise (good: number, answered: number): string {
  const of = html`<b>${showCount(good)}</b> of <b>${showCount(answered)}</b> answered questions had a draft that would have been sent as is or lightly edited`
  return answered < LEAST ? `${of}.` : html`!${of}: <b>${showShare(good, answered)}</b> (95 % interval ${showInterval(good, answered)}).`
}

function rowOf (w: Week, now: Instant): string[] {
  const isOver = Date.parse(w.week) + WEEK_MS <= Date.parse(now)
  const week = html`<time datetime="${w.week.slice(0, 10)}">${showDay(w.week)}</time>!${isOver ? '' : ' <small>so far</small>'}`
  return [
    week, showCount(w.answered), withCount(w.good, w.answered), showInterval(w.good, w.answered),
    withCount(w.shown, w.answered), withCount(w.asIs, w.shown), withCount(w.edited, w.shown),
    withCount(w.replaced, w.shown), showPoints(w.gap)
  ]
}

function withCount (part: number, of: number): string {
  return html`${showShare(part, of)} <small>${showCount(part)}/${showCount(of)}</small>`
}

function layOutPicture (alt: string): string {
  const sources = [
    ['curve-narrow-dark.svg', '(max-width: 640px) and (prefers-color-scheme: dark)'],
    ['curve-narrow.svg', '(max-width: 640px)'],
    ['curve-dark.svg', '(prefers-color-scheme: dark)']
  ].map(([name = '', media]) =>
    html`<source srcset="/charts/${name}" media="${media}" width="${looks[name]?.width}" height="${looks[name]?.height}">`)
  const { width, height } = looks['curve.svg'] ?? { width: 0, height: 0 }
  return html`<picture>!${sources}<img src="/charts/curve.svg" alt="${alt}" width="${width}" height="${height}"></picture>`
}

/** The picture in one sentence, for those who do not see it. */
export function describeCurve (weeks: Week[]): string {
  const measured = weeks.filter(w => w.answered >= LEAST)
  const first = measured[0]
  const last = measured.at(-1)
  if (first === undefined || last === undefined) return `Learning curve: no week has ${LEAST} answered questions yet.`
  const say = (w: Week): string => `${showPercent(shareOf(w.good, w.answered))} in the week of ${showDay(w.week)}`
  const range = first === last ? say(first) : `${say(first)}, ${say(last)}`
  return `Learning curve: share of answered questions whose draft would have been sent as is or lightly edited: ${range}.`
}
