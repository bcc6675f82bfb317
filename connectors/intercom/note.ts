// A note as html for Intercom's conversation view. Only p, b, i, ul, li, a and br: notes accept "some HTML formatting"
// (https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/replyconversation), and a
// horizontal rule is not documented, so rules are a line of dashes.
import { escapeHtml } from '../../src/text.ts'
import type { Link, Note, NotePart } from '../../src/types.ts'

const RULE = '<p>————————</p>'

export function renderNote (note: Note): string {
  return note.parts.map(renderPart).join('')
}

function renderPart (part: NotePart): string {
  switch (part.kind) {
    case 'headline': return `<p>${joined([`<b>${escapeHtml(part.label)}</b>`, escapeHtml(part.text)])}</p>`
    case 'rule': return RULE
    case 'draft': return part.paragraphs.map(text => `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`).join('')
    case 'facts': return part.items.length === 0 ? '' : `<ul>${part.items.map(renderFact).join('')}</ul>`
    case 'footer': return renderFooter(part)
  }
}

function renderFact (fact: { label: string, text: string, link?: Link }): string {
  const words = [`<b>${escapeHtml(fact.label)}:</b>`, escapeHtml(fact.text), fact.link ? renderLink(fact.link) : '']
  return `<li>${words.filter(word => word !== '').join(' ')}</li>`
}

function renderFooter (footer: { hint: string, links: Link[], key: string }): string {
  const hint = footer.hint === '' ? '' : `<i>${escapeHtml(footer.hint)}</i><br>`
  return `<p>${hint}${joined([...footer.links.map(renderLink), escapeHtml(footer.key)])}</p>`
}

// An address that is not http or https is no link: its words stay.
function renderLink (link: Link): string {
  const url = URL.parse(link.url)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return escapeHtml(link.text)
  return `<a href="${escapeHtml(url.href)}">${escapeHtml(link.text)}</a>`
}

function joined (words: string[]): string {
  return words.filter(word => word !== '').join(' · ')
}
