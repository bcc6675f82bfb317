// A note as the html Zendesk keeps: p, br, strong, em, ul, li, a and hr; its editor throws styles and tables away.
// Every text is escaped, and only http and https links stay links.

import { escapeHtml } from '../../src/text.ts'
import type { Link, Note, NotePart } from '../../src/types.ts'

/** The draft stands alone between two rules, so that it can be selected and pasted as it is. */
export function renderNote (note: Note): string {
  return note.parts.map(renderPart).filter(html => html !== '').join('\n')
}

function renderPart (part: NotePart): string {
  switch (part.kind) {
    case 'headline': return `<p>${[bold(part.label), escapeHtml(part.text)].filter(Boolean).join(' · ')}</p>`
    case 'rule': return '<hr>'
    case 'draft': return part.paragraphs.map(text => `<p>${lines(text)}</p>`).join('\n')
    case 'facts': return part.items.length === 0 ? '' : `<ul>\n${part.items.map(renderFact).join('\n')}\n</ul>`
    case 'footer': {
      const ends = [...part.links.map(renderLink), escapeHtml(part.key)].join(' · ')
      return `<p>${part.hint === '' ? '' : `<em>${escapeHtml(part.hint)}</em><br>`}${ends}</p>`
    }
  }
}

function renderFact (item: { label: string, text: string, link?: Link }): string {
  const said = [lines(item.text), item.link === undefined ? '' : renderLink(item.link)].filter(Boolean).join(' · ')
  return `<li>${[bold(item.label === '' ? '' : `${item.label}:`), said].filter(Boolean).join(' ')}</li>`
}

function renderLink (link: Link): string {
  const text = escapeHtml(link.text)
  return isWebAddress(link.url) ? `<a href="${escapeHtml(link.url)}">${text}</a>` : text
}

function isWebAddress (url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url)
}

function bold (text: string): string {
  return text === '' ? '' : `<strong>${escapeHtml(text)}</strong>`
}

function lines (text: string): string {
  return escapeHtml(text).replaceAll('\n', '<br>')
}
