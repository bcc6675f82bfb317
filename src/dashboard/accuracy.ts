// Accuracy: is a score worth what it says, what would another threshold mean, and in which topics is it so.
import { html } from 'ghtml'
import { layOutEmpty, layOutPage, layOutTable } from './layout.ts'
import type { Column } from './layout.ts'
import { calibrationErrorOf, chanceErrorOf, binsOf, gapOf, overThreshold } from './measures.ts'
import type { Judged } from './measures.ts'
import { LEAST, NONE, showCount, showInterval, showPercent, showPoints, showShare } from './numbers.ts'

/** Of one topic, or of all: `threshold` is the one in use, Infinity when every draft is silent. */
export interface AccuracyLine { topic: number | null, name: string, judged: Judged[], threshold: number }

/** `leastOwn`: judged drafts from which a topic is promised for by itself. */
export interface Promised { risk: number, doubt: number, leastOwn: number }

export interface AccuracyPage {
  lines: AccuracyLine[], shown: AccuracyLine, weeks: number, days: number, promised: Promised
}

const MOST_LINES = 50
const STEPS = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]
const TOPIC_COLUMNS: Column[] = [
  { name: 'Topic', kind: 'wrap' },
  { name: 'Answered', kind: 'number', says: 'Questions with a draft, shown or not, that an agent has answered' },
  { name: 'Good', kind: 'number', says: 'Drafts that would have been sent as is or lightly edited ÷ answered' },
  { name: '95 %', kind: 'number', says: 'Wilson interval of the share before it' },
  { name: 'Gap', kind: 'number', says: 'Mean score minus share that was good: above 0 the scores promise too much' },
  { name: 'Threshold', kind: 'number', says: 'The score from which notes are written here now; a dash: none is' },
  { name: 'Drafts a week', kind: 'number', says: 'From that score on, by what was answered in this time' },
  { name: 'Expected wrong a week', kind: 'number', says: 'Of these, how many would have been replaced or rewritten' }
]
const STEP_COLUMNS: Column[] = [
  { name: 'Notes from', kind: 'number' }, { name: 'Cover', kind: 'number', says: 'Share of the answered questions' },
  { name: 'Good', kind: 'number' }, { name: '95 %', kind: 'number' }, { name: 'Drafts a week', kind: 'number' },
  { name: 'Expected wrong a week', kind: 'number' }
]

export function layOutAccuracy (page: AccuracyPage): string {
  const { shown, lines, days } = page
  const all = shown.topic === null
  const body = shown.judged.length === 0
    ? layOutEmpty('No draft has been judged yet.', 'Every answer that an agent sends is compared with the draft, shown or not; the first ones appear here at once.')
    : layOutFigures(page)
  return layOutPage('Accuracy', 'accuracy', html`!${all ? '' : '<p class="crumb"><a href="/accuracy">All topics</a></p>'}<h1>Accuracy!${all ? '' : html`: <span dir="auto">${shown.name}</span>`}</h1>
<p class="lead">Drafts of the last ${days} days beside what agents really sent, whether they were shown or not.</p>
!${body}
!${all ? layOutTopics(lines, page.weeks) + layOutPromise(page.promised) : ''}`)
}

function layOutPromise ({ risk, doubt, leastOwn }: Promised): string {
  return html`<section aria-labelledby="promise"><h2 id="promise">What is promised</h2>
<p>Of the notes that are written, at most ${showPercent(risk)} need more than a light edit. In a topic with ${leastOwn} judged drafts that holds for the topic by itself, with ${showPercent(1 - doubt / 2)} confidence; all smaller topics are promised for together, with ${showPercent(1 - doubt)}, and one of them alone may be worse. It is tested on the latest drafts and holds for as many to come, as long as these are like those. When they are not, each bad note raises the threshold of its topic at once, and good ones lower it again, down to what the test allows.</p></section>`
}

function layOutFigures ({ shown, weeks }: AccuracyPage): string {
  const { judged, threshold } = shown
  const n = judged.length
  const good = judged.filter(d => d.good).length
  const bins = binsOf(judged)
  const error = n < LEAST ? null : calibrationErrorOf(bins)
  const now = threshold === Infinity ? null : overThreshold(judged, threshold, weeks)
  return html`<dl class="facts">
<div><dt>Answered</dt><dd>${showCount(n)}</dd></div>
<div><dt>Good drafts</dt><dd>${showShare(good, n)} <small>${showInterval(good, n)}</small></dd></div>
<div><dt>Calibration error</dt><dd>${error === null ? NONE : error.toFixed(3)} <small>mean distance of score and truth!${error === null ? '' : html`; of so few, chance alone makes ${chanceErrorOf(bins)?.toFixed(3) ?? NONE}`}</small></dd></div>
<div><dt>Scores promise</dt><dd>${showPoints(error === null ? null : gapOf(bins))} <small>mean score minus share that was good</small></dd></div>
<div><dt>Notes from a score of</dt><dd>${threshold === Infinity ? NONE : showPercent(threshold)} <small>${threshold === Infinity ? 'no score is trusted yet' : ''}</small></dd></div>
<div><dt>That means</dt><dd>${now === null || n < LEAST ? NONE : `${aWeek(now.drafts_per_week)} drafts a week, ${aWeek(now.wrong_per_week)} wrong`}</dd></div>
</dl>
!${n < LEAST ? '' : layOutPictures(shown)}
<section aria-labelledby="steps"><h2 id="steps">If notes began at another score</h2>
!${layOutTable('Thresholds', STEP_COLUMNS, STEPS.flatMap(step => stepOf(judged, step, weeks)))}</section>`
}

function stepOf (judged: Judged[], step: number, weeks: number): string[][] {
  const over = overThreshold(judged, step, weeks)
  if (over === null) return []
  const { drafts, good } = over
  const rate = (n: number): string => drafts < LEAST ? NONE : aWeek(n)
  return [[
    showPercent(step), showShare(drafts, judged.length), showShare(good, drafts), showInterval(good, drafts),
    rate(over.drafts_per_week), rate(over.wrong_per_week)
  ]]
}

function layOutPictures ({ topic, judged, threshold }: AccuracyLine): string {
  const bins = binsOf(judged).map(b => `${showPercent(b.score)}: ${showPercent(b.good)} of ${b.n}`).join('; ')
  const dot = threshold === Infinity ? '' : ' The dot: the threshold in use.'
  return html`<div class="beside">
<figure class="chart">!${layOutPicture('reliability', topic, `Reliability, score and share that was good: ${bins}.`)}
<figcaption>Reliability: on the dotted line a score of 80 % is right in 80 % of cases. A dot’s size is how many drafts it stands for, the line through it its 95 % interval; fewer than ${LEAST} are no dot.</figcaption></figure>
<figure class="chart">!${layOutPicture('coverage', topic, 'Coverage against accuracy; the table below has the numbers.')}
<figcaption>Coverage against accuracy. Dashed: what holds with 95 % confidence.${dot}</figcaption></figure></div>`
}

function layOutPicture (name: string, topic: number | null, alt: string): string {
  const query = topic === null ? '' : `?topic=${topic}`
  return html`<picture><source srcset="/accuracy/${name}-dark.svg${query}" media="(prefers-color-scheme: dark)"><img src="/accuracy/${name}.svg${query}" alt="${alt}" width="520" height="320"></picture>`
}

// The largest first; of too few nothing can be said, and they are not listed.
function layOutTopics (lines: AccuracyLine[], weeks: number): string {
  const large = lines.filter(l => l.judged.length >= LEAST).sort((a, b) => b.judged.length - a.judged.length)
  const small = lines.length - large.length
  if (lines.length === 0) return ''
  const rest = small === 0 ? '' : html`<p class="hint">${showCount(small)} topics with fewer than ${LEAST} answered questions are not listed: they share the threshold of all.</p>`
  const table = large.length === 0 ? '' : layOutTable('Topics', TOPIC_COLUMNS, large.slice(0, MOST_LINES).map(l => rowOf(l, weeks)))
  return html`<section aria-labelledby="topics"><h2 id="topics">By topic</h2>!${table}!${rest}</section>`
}

function rowOf ({ topic, name, judged, threshold }: AccuracyLine, weeks: number): string[] {
  const n = judged.length
  const good = judged.filter(d => d.good).length
  const gap = judged.reduce((sum, d) => sum + d.score, 0) / n - good / n
  const over = threshold === Infinity ? null : overThreshold(judged, threshold, weeks)
  return [
    html`<a href="/accuracy?topic=${topic}" dir="auto">${name}</a>`, showCount(n), showShare(good, n), showInterval(good, n),
    showPoints(gap), threshold === Infinity ? NONE : showPercent(threshold), aWeek(over?.drafts_per_week ?? null),
    aWeek(over?.wrong_per_week ?? null)
  ]
}

/** `12`, `0.8`: of what is rare one digit more. */
function aWeek (n: number | null): string {
  if (n === null) return NONE
  return n >= 10 ? showCount(Math.round(n)) : n.toFixed(1)
}
