// A note's parts in the html that Freshdesk's editor keeps: div, b, i, br, ul, li, a, hr, and nothing with a style.
// Every text is escaped, and a link that is not http or https is only its text.
import { escapeHtml } from '../../src/text.ts'
import type { Link, Note, NotePart } from '../../src/types.ts'

export function renderNote (note: Note): string {
  return note.parts.map(renderPart).join('')
}

function renderPart (part: NotePart): string {
  switch (part.kind) {
    case 'headline': return `<div><b>${line(part.label)}</b> · ${line(part.text)}</div>`
    case 'rule': return '<hr>'
    // One block without anything of ours in it, so that it can be selected, copied and pasted as it is.
    case 'draft': return `<div>${part.paragraphs.map(lines).join('<br><br>')}</div>`
    case 'facts': return part.items.length === 0 ? '' : `<ul>${part.items.map(renderFact).join('')}</ul>`
    case 'footer': {
      const ends = [...part.links.map(renderLink), line(part.key)].join(' · ')
      return `<div>${part.hint === '' ? '' : `<i>${line(part.hint)}</i><br>`}${ends}</div>`
    }
  }
}

function renderFact (item: { label: string, text: string, link?: Link }): string {
  const link = item.link === undefined ? '' : ` ${renderLink(item.link)}`
  return `<li><b>${line(item.label)}:</b> ${line(item.text)}${link}</li>`
}

function renderLink (link: Link): string {
  const protocol = URL.parse(link.url)?.protocol
  if (protocol !== 'https:' && protocol !== 'http:') return line(link.text)
  return `<a href="${escapeHtml(link.url)}">${line(link.text)}</a>`
}

function line (text: string): string {
  return escapeHtml(text.replace(/\s+/g, ' ').trim())
}

function lines (text: string): string {
  return escapeHtml(text).replaceAll('\n', '<br>')
}
