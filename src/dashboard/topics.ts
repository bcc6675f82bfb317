// The topics: what customers ask about, how drafts do there, which words are new, and forms to name, merge and split them.
import { html } from 'ghtml'
import type { TopicView } from '../learn/topic-view.ts'
import type { TopicStats } from '../store/topics.ts'
import { layOutEmpty, layOutPage, layOutTable } from './layout.ts'
import type { Column } from './layout.ts'
import { NONE, showPercent, wilson } from './numbers.ts'

export interface TopicLine { view: TopicView, stats: Omit<TopicStats, 'topic' | 'lastAt'> }

const LEAST = 20                                    // below that a share says nothing
const MOST_LINES = 200
const MOST_LETTERS = 400                            // of each of two answers side by side
const COLUMNS: Column[] = [
  { name: 'Topic', kind: 'wrap', says: 'Found by Deskloop; named by its own words until a person names it' },
  { name: 'Questions', kind: 'number' },
  { name: 'Notes', kind: 'number', says: 'Share of its questions that were sure enough for a note' },
  { name: 'As is · edited · replaced', kind: 'wrap', says: 'What agents sent beside the drafts, whether shown or not' },
  { name: 'Accuracy', kind: 'wrap', says: 'Share of drafts sent as is or lightly edited, with its 95 % Wilson interval' },
  { name: 'New words', kind: 'wrap', says: 'Words that came up within its last 28 days, at least three times' },
  { name: 'Change', kind: 'prose' }
]

export function layOutTopics (lines: TopicLine[]): string {
  const body = lines.length === 0
    ? layOutEmpty('There are no topics yet.', 'They are found in what customers ask; the first appears with the first question.')
    : layOutTable('Topics', COLUMNS, lines.slice(0, MOST_LINES).map(layOutLine))
  const more = lines.length > MOST_LINES ? html`<p class="more">${lines.length - MOST_LINES} smaller topics are not shown.</p>` : ''
  return layOutPage('Topics', 'topics', html`<h1>Topics</h1>
<p class="lead">Found in the questions themselves, and merged when agents answer them alike. Every change is recorded and can be taken back.</p>
!${layOutConflicts(lines)}!${body}!${more}`)
}

function layOutLine ({ view, stats }: TopicLine): string[] {
  const parts = view.parts.map(part => html`<br><small dir="auto">+ ${part.name} (${part.questions})</small> !${form(part.topic, 'split', '', 'Split off')}`)
  return [
    html`<span dir="auto">${view.name}</span> <small>#${view.topic} · ${view.language}</small>!${parts.join('')}`,
    html`${view.questions}`,
    stats.drafts < LEAST ? NONE : showPercent(stats.noted / stats.drafts),
    stats.judged === 0 ? NONE : html`${stats.asIs} · ${stats.edited} · ${stats.replaced}`,
    showAccuracy(stats.good, stats.judged),
    view.newWords.length === 0 ? NONE : html`<span dir="auto">${view.newWords.map(w => `${w.word} (${w.questions})`).join(', ')}</span>`,
    form(view.topic, 'rename', html`<input name="name" maxlength="60" aria-label="New name of ${view.name}" placeholder="name">`, 'Rename') +
      form(view.topic, 'merge', html`<input name="into" inputmode="numeric" pattern="[0-9]+" required size="4" aria-label="Number of the topic that ${view.name} becomes a part of" placeholder="into #">`, 'Merge')
  ]
}

function showAccuracy (good: number, of: number): string {
  const interval = of < LEAST ? null : wilson(good, of)
  if (interval === null) return NONE
  return html`${showPercent(good / of)} <small>${showPercent(interval.low)} to ${showPercent(interval.high)} of ${of}</small>`
}

function layOutConflicts (lines: TopicLine[]): string {
  const conflicts = lines.flatMap(({ view }) => view.conflicts.map(conflict => ({ name: view.name, ...conflict })))
  if (conflicts.length === 0) return ''
  return html`<section aria-labelledby="conflicts"><h2 id="conflicts">Answers that contradict each other</h2>
!${layOutTable('Contradictions', [{ name: 'Topic', kind: 'wrap' }, { name: 'One says', kind: 'prose' }, { name: 'Another says', kind: 'prose' }],
    conflicts.map(c => [
      html`<span dir="auto">${c.name}</span>`, html`<strong>${c.differs[0]}</strong><br><span dir="auto">${start(c.one)}</span>`,
      html`<strong>${c.differs[1]}</strong><br><span dir="auto">${start(c.other)}</span>`
    ]))}</section>`
}

function start (text: string): string {
  const letters = [...text]
  return letters.length <= MOST_LETTERS ? text : letters.slice(0, MOST_LETTERS - 1).join('') + '…'
}

function form (topic: number, action: string, field: string, button: string): string {
  return html`<form method="post" action="/topics/${topic}/${action}">!${field}<button>${button}</button></form>`
}
