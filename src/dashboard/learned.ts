// One learned answer with all that belongs to it: why it is believed, what changed it, what it touched, what may be done.
import { html } from 'ghtml'
import { words } from '../text.ts'
import type { ItemLife } from '../learn/item-life.ts'
import type { Preview } from '../store/wish.ts'
import type { ChangeLine, Effect, WholeItem } from '../store/learning.ts'
import type { Tie } from '../store/quarantines.ts'
import { layOutBadge, layOutPage, layOutTable, layOutTime } from './layout.ts'
import { count, firstWords, layOutAct, stateBadge } from './learning.ts'
import { NONE, showCount, showShare } from './numbers.ts'

/** `tie`: the incident in whose time it was learned. */
export function layOutLearned (
  whole: WholeItem, lives?: ReadonlyMap<string, ItemLife>, tie: Tie | null = null
): string {
  const { item } = whole
  const life = item.state === 'active' ? lives?.get(item.id) : undefined
  const badge = stateBadge(life?.life ?? item.state)
  const missing = life === undefined || life.missing.length === 0 ? '' : html` (${life.missing.join(', ')})`
  return layOutPage('Learned answer', 'learning', html`<p class="crumb"><a href="/learning">Learning</a></p>
<h1>Learned answer</h1>
<p class="lead"><span dir="auto">${item.topic}</span> · !${layOutBadge(badge)} ${badge.detail}!${missing} · <code>${item.id}</code></p>
<article class="message ours"><p class="prose" dir="auto">${item.text}</p></article>
<dl class="facts">
<div><dt>Behind it</dt><dd>${count(item.tickets, 'ticket')}, ${count(item.agents, 'agent')}</dd></div>
<div><dt>Drafts that proposed it</dt><dd>${showCount(item.drafts)}</dd></div>
<div><dt>First reply</dt><dd>!${layOutTime(item.firstAt)}</dd></div>
<div><dt>Last change</dt><dd>!${layOutTime(item.lastAt)}</dd></div>
!${layOutTie(tie)}</dl>
!${layOutActions(whole)}
<section aria-labelledby="effect"><h2 id="effect">Effect</h2>!${layOutEffect(whole.effect)}</section>
<section aria-labelledby="changes"><h2 id="changes">What changed</h2>!${layOutChanges(whole)}</section>
!${layOutConflicts(whole)}
<section aria-labelledby="evidence"><h2 id="evidence">Replies behind it</h2>
!${layOutTable('Replies', [{ name: 'Time' }, { name: 'Ticket' }, { name: 'Agent' }, { name: 'Counts' }], whole.evidence.map(e => [
    layOutTime(e.at), html`${e.connection} #${e.ticketId}`, html`${e.agent}`, e.state === 'taught' ? 'yes' : 'taken back'
  ]))}</section>
<section aria-labelledby="drafts"><h2 id="drafts">Drafts that proposed it</h2>
!${whole.drafts.length === 0
    ? '<p class="hint">None yet.</p>'
    : layOutTable('Drafts', [{ name: 'Time' }, { name: 'Ticket' }, { name: 'Shown' }, { name: 'Outcome' }], whole.drafts.map(d => [
      layOutTime(d.at), html`<a href="/drafts/${d.key}">${d.connection} #${d.ticketId}</a>`, d.action === 'note' ? 'note' : 'silent',
      html`${d.outcome?.replace('_', ' ') ?? NONE}`
    ]))}</section>`)
}

// A workaround is true as long as its issue is open.
function layOutTie (tie: Tie | null): string {
  if (tie === null) return ''
  const issue = tie.issue === null || tie.url === null ? '' : html`, <a href="${tie.url}">${tie.issue}</a>`
  return html`<div><dt>Learned while</dt><dd><a href="/anomalies/${tie.anomaly}">${tie.title}</a>!${issue}</dd></div>`
}

function layOutActions ({ item }: WholeItem): string {
  if (item.kind !== 'answer') return '<p class="hint">This follows from its answers: decide about one of them.</p>'
  const act = (action: string, label: string, more = ''): string => layOutAct(`/learning/${item.id}/${action}`, label, more)
  if (['reverted', 'rejected', 'retired'].includes(item.state)) return act('reinstate', 'Reinstate')
  const edit = html`<label>Text <textarea name="text" rows="5" required dir="auto">${item.text}</textarea></label>`
  const approve = item.state === 'active' ? '' : act('approve', 'Approve') + act('reject', 'Reject')
  return html`<p class="more"><a href="/learning/${item.id}/preview">Which of last month’s drafts does it change?</a></p>
!${approve}!${act('revert', 'Revert')}
<details class="definitions"><summary>Edit its text</summary>!${act('edit', 'Save the text', edit)}</details>`
}

function layOutEffect (effect: Effect): string {
  const row = (name: string, e: Effect['with']): string[] => [
    name, html`${showShare(e.accepted, e.judged)} <small>of ${showCount(e.judged)}</small>`,
    html`${showShare(e.lasting, e.solved)} <small>of ${showCount(e.solved)}</small>`
  ]
  return layOutTable('Effect', [
    { name: 'Drafts' }, { name: 'Accepted', kind: 'number', says: 'As is or lightly edited ÷ answered' },
    { name: 'Lasting', kind: 'number', says: 'Stayed solved and was not reopened ÷ solved tickets' }
  ], [row('that proposed it', effect.with), row('of its topic, that did not', effect.without)])
}

function layOutChanges (whole: WholeItem): string {
  const reasons = new Map(whole.decisions.map(d => [`${d.kind} ${d.at}`, d]))
  return layOutTable('Changes', [{ name: 'Time' }, { name: 'What' }, { name: 'By' }, { name: 'Before and after', kind: 'prose' }],
    whole.changes.map(change => {
      const decision = reasons.get(`${change.what} ${change.at}`)
      const by = decision === undefined ? 'replies' : html`${decision.by}<br><small>${decision.reason}</small>`
      return [layOutTime(change.at), html`${CHANGES[change.what] ?? change.what}`, by, layOutDiff(change)]
    }))
}

const CHANGES: Readonly<Record<string, string>> = {
  new: 'learned', text: 'worded otherwise', watch: 'grew stale', back: 'in use again', review: 'waits for approval',
  tie: 'tied to an incident', retire: 'retired', revert: 'reverted', reject: 'rejected', approve: 'approved', edit: 'edited', reinstate: 'reinstated', return: 'gone back'
}

// Words that went and words that came; what stayed stands as it is.
function layOutDiff ({ before, after, what }: ChangeLine): string {
  if (what === 'watch') return html`its drafts were accepted in ${before ?? NONE} of cases`
  if (what === 'tie') return html`<a href="/anomalies/${after ?? ''}">${after ?? NONE}</a>`
  if (before === null) return html`<span dir="auto">${after === null ? NONE : firstWords(after)}</span>`
  const old = new Set(words(before))
  const now = new Set(words(after ?? ''))
  const mark = (text: string, other: Set<string>, tag: 'del' | 'ins'): string => text.split(/(\s+)/).map(part =>
    words(part).some(w => !other.has(w)) ? `<${tag}>${html`${part}`}</${tag}>` : html`${part}`).join('')
  return `<p dir="auto">${mark(before, now, 'del')}</p><p dir="auto">${mark(after ?? '', old, 'ins')}</p>`
}

function layOutConflicts (whole: WholeItem): string {
  if (whole.conflicts.length === 0) return ''
  const list = whole.conflicts.map(c => html`<li><a href="/learning/${c.id}" dir="auto">${firstWords(c.text)}</a> <small>${count(c.tickets, 'ticket')}, ${c.state}</small></li>`)
  return html`<section aria-labelledby="others"><h2 id="others">Other answers of this topic</h2><ul>!${list.join('')}</ul></section>`
}

export function layOutPreview (id: string, preview: Preview): string {
  const rows = preview.most.map(m => [
    html`<a href="/drafts/${m.key}">${m.connection} #${m.ticketId}</a>`,
    html`<span dir="auto">${m.before === '' ? 'nothing' : firstWords(m.before)}</span>`,
    html`<span dir="auto">${m.after === '' ? 'nothing' : firstWords(m.after)}</span>`
  ])
  return layOutPage('Impact', 'learning', html`<p class="crumb"><a href="/learning/${id}">Learned answer</a></p>
<h1>What it changes</h1>
<p class="lead"><b>${showCount(preview.changed)}</b> of the ${showCount(preview.asked)} questions of its topics in the last 30 days would be answered otherwise with it than without it; ${showCount(preview.shown)} of these as a note. All were asked again just now.</p>
!${rows.length === 0 ? '' : layOutTable('Changes', [{ name: 'Ticket' }, { name: 'Without it', kind: 'prose' }, { name: 'With it', kind: 'prose' }], rows)}`)
}
