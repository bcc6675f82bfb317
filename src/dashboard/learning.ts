// The learned, as a lead reads it: one line for a pattern, never for a ticket. What must be decided, what is in use, what
// was held back and why, and what was taken back.
import { html } from 'ghtml'
import { incidentIn } from '../learn/quarantine.ts'
import type { Instant } from '../types.ts'
import type { ItemLife } from '../learn/item-life.ts'
import type { Counts, HeldLine, ItemLine } from '../store/learning.ts'
import { layOutBadge, layOutEmpty, layOutPage, layOutTable, layOutTime } from './layout.ts'
import type { Column } from './layout.ts'
import { showCount, showShare } from './numbers.ts'
import type { Badge } from './wording.ts'

export type LearningTab = 'review' | 'active' | 'quarantine' | 'reverted'

export interface LearningPage {
  tab: LearningTab, counts: Counts, items: ItemLine[], held: HeldLine[], caught: Array<{ why: string, replies: number }>
  older: Instant | null, now: Instant
  lives?: ReadonlyMap<string, ItemLife>             // how far each answer has come, as far as the mind knows it
}

const TABS: Array<{ tab: LearningTab, name: string, count: keyof Counts }> = [
  { tab: 'review', name: 'To review', count: 'review' }, { tab: 'active', name: 'Learned', count: 'active' },
  { tab: 'quarantine', name: 'Quarantine', count: 'held' }, { tab: 'reverted', name: 'Reverted', count: 'reverted' }
]

const ITEM_COLUMNS: Column[] = [
  { name: 'Answer', kind: 'prose', says: 'Its most typical wording' },
  { name: 'Topic', kind: 'wrap' },
  { name: 'State', kind: 'wrap', says: 'Only what is active is drafted: observed, proposed, active, drifting, retired' },
  { name: 'Behind it', kind: 'wrap', says: 'Tickets whose replies taught it, and how many agents wrote them' },
  { name: 'Accepted', kind: 'number', says: 'Drafts of it that were sent as is or lightly edited ÷ answered drafts of it, shown or not' },
  { name: 'Changed', says: 'When it last changed' }
]

const HELD_COLUMNS: Column[] = [
  { name: 'Why', kind: 'prose' }, { name: 'Topic', kind: 'wrap' },
  { name: 'Replies', kind: 'wrap', says: 'How many, by how many agents, on how many days' },
  { name: 'Tickets', kind: 'wrap', says: 'The latest of them' }, { name: 'Last' }, { name: 'Let it teach', kind: 'prose' }
]

export function layOutLearning (page: LearningPage): string {
  const tabs = TABS.map(({ tab, name, count }) => {
    const label = html`${name} <small>${showCount(page.counts[count])}</small>`
    return tab === page.tab
      ? html`<a href="/learning?tab=${tab}" aria-current="page">!${label}</a>`
      : html`<a href="/learning?tab=${tab}">!${label}</a>`
  }).join('')
  const body = page.tab === 'quarantine' ? layOutHeld(page) : layOutLives(page) + layOutItems(page)
  const older = page.older === null
    ? ''
    : html`<p class="more"><a rel="next" href="/learning?tab=${page.tab}&amp;before=${page.older}">Older</a></p>`
  return layOutPage('Learning', 'learning', html`<h1>Learning</h1>
<p class="lead">What Deskloop has learned from replies, one line for each pattern. Everything here can be taken back.</p>
<nav class="tabs" aria-label="Learning">!${tabs}</nav>
!${body}
!${older}
!${page.tab === 'active' ? layOutGoBack(page) : ''}`)
}

// How many answers are how far, of all there are and not only of this page.
function layOutLives ({ tab, lives }: LearningPage): string {
  if (tab !== 'active' || lives === undefined || lives.size === 0) return ''
  const all = [...lives.values()]
  const parts = (['active', 'proposed', 'observed', 'drifting', 'retired'] as const).map(life =>
    html`<li title="${stateBadge(life).detail}"><b>${showCount(all.filter(l => l.life === life).length)}</b> ${life}</li>`)
  return html`<ul class="parts">!${parts}</ul>`
}

function layOutItems (page: LearningPage): string {
  if (page.items.length === 0) return layOutEmpty(...EMPTY[page.tab])
  return layOutTable('Learned answers', ITEM_COLUMNS, page.items.map(item => [
    html`<a href="/learning/${item.id}" dir="auto">${firstWords(item.text)}</a>`,
    html`<span dir="auto">${item.topic}</span>`,
    layOutState(item, page.lives),
    html`${count(item.tickets, 'ticket')}, ${count(item.agents, 'agent')}`,
    html`${showShare(item.accepted, item.judged)} <small>of ${showCount(item.judged)}</small>`,
    layOutTime(item.lastAt)
  ]))
}

/** What the ledger says, and where that is no more than that nobody took it out, how far the answer has come. */
export function layOutState (item: { id: string, state: string }, lives: LearningPage['lives']): string {
  const life = item.state === 'active' ? lives?.get(item.id) : undefined
  if (life === undefined) return layOutBadge(stateBadge(item.state))
  const missing = life.missing.length === 0 ? '' : html`<br><small>${life.missing.join(', ')}</small>`
  return layOutBadge(stateBadge(life.life)) + missing
}

const EMPTY: Readonly<Record<LearningTab, [what: string, next: string]>> = {
  review: ['Nothing waits for a decision.', 'What is learned of risky topics, or would change many drafts at once, waits here before it is used.'],
  active: ['Nothing has been learned often enough yet.', 'An answer is listed as soon as three replies say it.'],
  quarantine: ['Nothing was held back.', 'Replies that should not teach are listed here with the reason.'],
  reverted: ['Nothing was taken back.', 'Whatever is reverted or rejected stays listed here, and can be reinstated.']
}

function layOutHeld (page: LearningPage): string {
  if (page.held.length === 0) return layOutEmpty(...EMPTY.quarantine)
  const caught = page.caught.map(c => html`<li><b>${showCount(c.replies)}</b> ${c.why}</li>`).join('')
  return html`<ul class="parts">!${caught}</ul>
!${layOutTable('Held back', HELD_COLUMNS, page.held.map(held => [
    html`<b>${held.why}</b><br><small>!${layOutDetail(held)}</small>`,
    html`<span dir="auto">${held.topic}</span>`,
    html`${count(held.replies, 'reply', 'replies')}, ${count(held.agents, 'agent')}, ${count(held.days, 'day')}`,
    held.tickets.map(t => html`${t.connection} #${t.ticketId}`).join('<br>'),
    layOutTime(held.lastAt),
    held.group === null ? '' : layOutAct(`/learning/held/${held.group}/admit`, 'Let it teach') + layOutRelease(held.group)
  ]))}`
}

// What is held for an incident names it: there stands what is broken, and the issue.
function layOutDetail ({ group, detail }: HeldLine): string {
  const incident = incidentIn(group)
  return incident === null ? html`${detail}` : html`<a href="/anomalies/${incident}">${detail}</a>`
}

function layOutRelease (group: string): string {
  return incidentIn(group) === null ? '' : layOutAct(`/learning/held/${group}/release`, 'Let the whole topic teach again')
}

function layOutGoBack (page: LearningPage): string {
  return html`<section aria-labelledby="back"><h2 id="back">Go back to a moment</h2>
<p class="lead">What was learned from replies after it is taken back, and stays listed. It is now !${layOutTime(page.now)}.</p>
<form method="post" action="/learning/return" class="act">
<label>Moment, UTC <input name="to" required placeholder="2026-11-20T18:00:00Z" pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z"></label>
!${layOutWho()}<button>Go back</button></form></section>`
}

/** A form that does one thing, with who and why. */
export function layOutAct (action: string, label: string, more = ''): string {
  return html`<form method="post" action="${action}" class="act">!${more}!${layOutWho()}<button>${label}</button></form>`
}

function layOutWho (): string {
  return '<label>Why <input name="reason" required maxlength="1000"></label><label>Who <input name="by" maxlength="100"></label>'
}

export function stateBadge (state: string): Badge {
  switch (state) {
    case 'observed': return { label: 'observed', tone: 'quiet', detail: 'it was sent once, and is not drafted' }
    case 'proposed': return { label: 'proposed', tone: 'fair', detail: 'more must stand behind it before it is drafted' }
    case 'drifting': return { label: 'drifting', tone: 'poor', detail: 'it fails of late: it is not drafted until it does not' }
    case 'retired': return { label: 'retired', tone: 'quiet', detail: 'nobody has sent it for a long time, or what it worked around works again' }
    case 'active': return { label: 'active', tone: 'good', detail: 'it is drafted' }
    case 'review': return { label: 'to review', tone: 'fair', detail: 'it is not drafted before a person has approved it' }
    case 'watch': return { label: 'watch', tone: 'fair', detail: 'agents stopped sending it: it is not drafted until they do again' }
    case 'reverted': return { label: 'reverted', tone: 'poor', detail: 'it was taken back' }
    case 'rejected': return { label: 'rejected', tone: 'poor', detail: 'a person said no' }
    default: return { label: state, tone: 'quiet', detail: '' }
  }
}

export function firstWords (text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= 140 ? line : `${line.slice(0, 139)}…`
}

export function count (n: number, one: string, many = `${one}s`): string {
  return `${showCount(n)} ${n === 1 ? one : many}`
}
