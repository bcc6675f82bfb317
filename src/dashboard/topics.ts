// The topics: what customers ask about, how drafts do there, which words are new, and forms to name, merge and split them.
import { html } from 'ghtml'
import type { TopicView } from '../learn/topic-view.ts'
import type { TopicStats } from '../store/topics.ts'
import { layOutEmpty, layOutPage, layOutTable } from './layout.ts'
import type { Column } from './layout.ts'
import { NONE, showPercent, wilson } from './numbers.ts'

export interface TopicLine { view: TopicView, stats: Omit<TopicStats, 'topic' | 'lastAt'> }

const LEAST = 20                                    // below that a share says nothing
const ON_PAGE = 25
const MOST_LETTERS = 400                            // of each of two answers side by side
const COLUMNS: Column[] = [
  { name: 'Topic', kind: 'wrap', says: 'Found by Deskloop; named by its own words until a person names it' },
  { name: 'Questions', kind: 'number' },
  { name: 'To gain', kind: 'number', says: 'Answered drafts that did not fit, shown or not: what there is to win here' },
  { name: 'Notes', kind: 'number', says: 'Share of its questions that were sure enough for a note' },
  { name: 'As is · edited · replaced', kind: 'wrap', says: 'What agents sent beside the drafts, whether shown or not' },
  { name: 'Accuracy', kind: 'wrap', says: 'Share of drafts sent as is or lightly edited, with its 95 % Wilson interval' },
  { name: 'New words', kind: 'wrap', says: 'Words that came up within its last 28 days, at least three times' },
  { name: '', kind: 'wrap' }
]

/** Which of them are shown, and in which order. `page` counts from 1. */
export interface TopicsWish { q: string, sort: TopicSort, page: number }

export type TopicSort = 'gain' | 'questions' | 'accuracy' | 'latest'

const SORTS: ReadonlyArray<[TopicSort, string]> = [
  ['gain', 'most to gain'], ['questions', 'most questions'], ['accuracy', 'least accurate'], ['latest', 'asked last']
]

/** What a query string asks for; what it does not say, or says wrongly, is as usual. */
export function readTopicsWish (query: Readonly<Record<string, unknown>>): TopicsWish {
  const { q, sort, page } = query
  const known = SORTS.find(([name]) => name === sort)
  return {
    q: typeof q === 'string' ? q.trim().slice(0, 100) : '',
    sort: known?.[0] ?? 'gain',
    page: typeof page === 'string' && /^[1-9]\d{0,4}$/.test(page) ? Number(page) : 1
  }
}

export function layOutTopics (all: TopicLine[], wish: TopicsWish): string {
  const found = all.filter(line => matches(line, wish.q)).sort((a, b) => compare(a, b, wish.sort))
  const pages = Math.max(1, Math.ceil(found.length / ON_PAGE))
  const page = Math.min(wish.page, pages)
  const lines = found.slice((page - 1) * ON_PAGE, page * ON_PAGE)
  const body = layOutBody(all, lines, wish)
  return layOutPage('Topics', 'topics', html`<h1>Topics</h1>
<p class="lead">Found in the questions themselves, and merged when agents answer them alike. Every change is recorded and can be taken back.</p>
!${layOutConflicts(all)}!${all.length === 0 ? '' : layOutFilter(wish, found.length, all.length)}!${body}!${layOutPaging(wish, page, pages)}`)
}

function layOutBody (all: TopicLine[], lines: TopicLine[], wish: TopicsWish): string {
  if (all.length === 0) return layOutEmpty('There are no topics yet.', 'They are found in what customers ask; the first appears with the first question.')
  if (lines.length === 0) return layOutEmpty(`No topic says “${wish.q}”.`, 'Names, parts, new words and numbers are searched; a shorter word finds more.')
  return layOutTable('Topics', COLUMNS, lines.map(layOutLine))
}

function layOutFilter (wish: TopicsWish, found: number, all: number): string {
  const options = SORTS.map(([sort, name]) => sort === wish.sort
    ? html`<option value="${sort}" selected>${name}</option>`
    : html`<option value="${sort}">${name}</option>`)
  return html`<form method="get" action="/topics" class="act" role="search">
<label>Topic <input type="search" name="q" value="${wish.q}" maxlength="100"></label>
<label>First <select name="sort">!${options}</select></label><button>Show</button>
<small>${found === all ? `${all}` : `${found} of ${all}`} topics</small></form>`
}

function layOutPaging (wish: TopicsWish, page: number, pages: number): string {
  const link = (to: number, rel: string, name: string): string => {
    const query = new URLSearchParams({ ...(wish.q === '' ? {} : { q: wish.q }), sort: wish.sort, page: String(to) })
    return html`<a rel="${rel}" href="/topics?${query.toString()}">${name}</a>`
  }
  if (pages === 1) return ''
  return html`<p class="more">!${page > 1 ? link(page - 1, 'prev', 'Before') : ''} <span>page ${page} of ${pages}</span> !${page < pages ? link(page + 1, 'next', 'More') : ''}</p>`
}

// Names, numbers and new words, whatever their case.
function matches ({ view }: TopicLine, q: string): boolean {
  const said = [view.name, `#${view.topic}`, ...view.parts.map(p => p.name), ...view.newWords.map(w => w.word)]
  return said.some(text => text.toLowerCase().includes(q.toLowerCase()))
}

/** Answered drafts of a topic that did not fit: what there is to win in it. */
function gainOf ({ stats }: TopicLine): number {
  return stats.judged - stats.good
}

function compare (a: TopicLine, b: TopicLine, sort: TopicSort): number {
  const rank = { gain: gainOf, questions: questionsOf, accuracy: inaccuracyOf, latest: questionsOf }[sort]
  const late = sort === 'latest' ? Number(b.view.lastAt > a.view.lastAt) - Number(a.view.lastAt > b.view.lastAt) : 0
  return late || rank(b) - rank(a) || a.view.topic - b.view.topic
}

function questionsOf ({ view }: TopicLine): number {
  return view.questions
}

// What is too few to be a number comes last.
function inaccuracyOf ({ stats }: TopicLine): number {
  return stats.judged < LEAST ? -1 : 1 - stats.good / stats.judged
}

function layOutLine (line: TopicLine): string[] {
  const { view, stats } = line
  const parts = view.parts.map(part => html`<li><small dir="auto">${part.name} (${part.questions})</small> !${form(part.topic, 'split', '', 'Split off')}</li>`)
  const merged = parts.length === 0 ? '' : html`<details><summary><small>${parts.length} merged into it</small></summary><ul class="lines">!${parts}</ul></details>`
  return [
    html`<span dir="auto">${view.name}</span> <small>#${view.topic} · ${view.language}</small>!${merged}`,
    html`${view.questions}`,
    stats.judged === 0 ? NONE : html`${gainOf(line)}`,
    stats.drafts < LEAST ? NONE : showPercent(stats.noted / stats.drafts),
    stats.judged === 0 ? NONE : html`${stats.asIs} · ${stats.edited} · ${stats.replaced}`,
    showAccuracy(stats.good, stats.judged),
    view.newWords.length === 0 ? NONE : html`<span dir="auto">${view.newWords.map(w => `${w.word} (${w.questions})`).join(', ')}</span>`,
    html`<details><summary>Change</summary>!${form(view.topic, 'rename', html`<input name="name" maxlength="60" aria-label="New name of ${view.name}" placeholder="name">`, 'Rename')}!${form(view.topic, 'merge', html`<input name="into" inputmode="numeric" pattern="[0-9]+" required size="4" aria-label="Number of the topic that ${view.name} becomes a part of" placeholder="into #">`, 'Merge')}</details>`
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
