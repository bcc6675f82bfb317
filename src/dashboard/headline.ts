// The headline numbers of the overview: each with what it was counted from, and its definition.
import { html } from 'ghtml'
import type { Stats } from '../store/stats.ts'
import { LEAST, NONE, showCount, showInterval, showShare } from './numbers.ts'

interface Figure { name: string, value: string, of: string, says: string }

export function layOutHeadline (stats: Stats, proposed: number): string {
  const figures = figuresOf(stats, proposed)
  return html`<div class="figures">
!${layOutUse(stats)}
!${figures.map(layOutFigure).join('\n')}
</div>
<details class="definitions"><summary>How these numbers are counted</summary>
<dl>!${[...useParts(stats), ...figures].map(f => html`<dt>${f.name}</dt><dd>${f.says}</dd>`).join('')}</dl>
</details>`
}

function figuresOf (s: Stats, proposed: number): Figure[] {
  const answered = s.seen + s.tooLate
  const silent = s.drafts - s.noteDrafts
  const left = [[s.waiting, 'waiting'], [s.skipped, 'no longer wanted'], [s.parked, 'stopped']] as const
  const rest = left.filter(([n]) => n > 0).map(([n, word]) => ` · ${showCount(n)} ${word}`).join('')
  return [
    {
      name: 'Drafts', value: showCount(proposed), of: `of ${showCount(s.drafts)} questions`,
      says: 'Questions for which Deskloop had a text to propose, shown or not ÷ questions it has looked at.'
    },
    {
      name: 'Notes written', value: showCount(s.notes), of: `of ${showCount(s.noteDrafts)} sure enough${rest}`,
      says: 'Drafts that stand in a ticket as an internal note ÷ drafts that scored at least their threshold. ' +
        'While Deskloop only observes, none is written.'
    },
    {
      name: 'Too late', value: showShare(s.tooLate, answered), of: `${showCount(s.tooLate)} of ${showCount(answered)} notes with an answer`,
      says: 'Notes that stood there less than 15 s before the answer, or came after it ÷ notes whose question was answered. ' +
        'They count as neither used nor replaced.'
    },
    {
      name: 'Silent', value: showShare(silent, s.drafts), of: `${showCount(silent)} of ${showCount(s.drafts)} questions`,
      says: 'Questions for which no draft was sure enough to be shown ÷ questions looked at.'
    }
  ]
}

interface Part extends Figure { part: number, tone: string }

function useParts (s: Stats): Part[] {
  const of = `of ${showCount(s.seen)} notes seen in time`
  const seen = '÷ notes seen in time: written at least 15 s before the agent’s answer.'
  const part = (name: string, n: number, tone: string, says: string): Part =>
    ({ name, part: n, tone, value: showShare(n, s.seen), of: `${showCount(n)} ${of}`, says: `${says} ${seen}` })
  return [
    part('Used', s.asIs + s.edited, 'used', 'Notes that were sent as is or edited'),
    part('As is', s.asIs, 'good', 'Notes of which at least 97 % of the words were sent'),
    part('Edited', s.edited, 'fair', 'Notes of which 40 to 97 % of the words were sent'),
    part('Replaced', s.replaced, 'poor', 'Notes of which less than 40 % of the words were sent')
  ]
}

// The one number that matters most, with its interval and what it is made of.
function layOutUse (s: Stats): string {
  const [used, ...parts] = useParts(s)
  if (used === undefined) return ''
  const interval = s.seen < LEAST ? '' : html` <small>${showInterval(used.part, s.seen)}</small>`
  const hint = s.seen < LEAST ? html`<p class="hint">Shares are shown from ${LEAST} notes on.</p>` : ''
  return html`<section class="figure main-figure">
<h3 title="${used.says} With its 95 % Wilson interval.">${used.name}</h3>
<p class="value">${used.value}!${interval}</p>
<p class="of">${used.of}</p>
!${s.seen < LEAST ? hint : layOutBar(parts, s.seen)}
<ul class="parts">!${parts.map(p => html`<li title="${p.says}"><span class="dot ${p.tone}"></span>${p.name} <b>${p.value}</b> <small>${showCount(p.part)}</small></li>`).join('')}</ul>
</section>`
}

function layOutBar (parts: Part[], of: number): string {
  const label = parts.map(p => `${p.name} ${p.value}`).join(', ')
  const rects = parts.map((p, i) => {
    const before = parts.slice(0, i).reduce((sum, b) => sum + b.part, 0)
    return html`<rect class="${p.tone}" x="${percentOf(before, of)}" y="0" width="${percentOf(p.part, of)}" height="8"></rect>`
  })
  return html`<svg class="split" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="${label}">!${rects}</svg>`
}

function percentOf (part: number, of: number): string {
  return (part / of * 100).toFixed(2)
}

function layOutFigure (f: Figure): string {
  return html`<section class="figure">
<h3 title="${f.says}">${f.name}</h3>
<p class="value!${f.value === NONE ? ' none' : ''}">${f.value}</p>
<p class="of">${f.of}</p>
</section>`
}
