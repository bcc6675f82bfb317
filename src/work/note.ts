// What a note says: line one tells an agent whether to read on, then the draft as one block, then why. Made as data from
// one source; each helpdesk renders it in its own html, and the plain form here is the reference.
import type { Link, Note, NotePart } from '../types.ts'
import type { DraftRow } from '../store/drafts.ts'
import { citedFacts } from './cited.ts'

export interface NoteRules { highScore: number }

/**
 * The parts of a draft's note. `home` is where agents reach Deskloop; empty: the note carries no links. `context` is what
 * the customer did in the product before asking.
 */
export function layOutNote (draft: DraftRow, rules: NoteRules, home: string, context: string[] = []): Note {
  const sure = draft.score >= rules.highScore ? 'High' : 'Medium'
  const parts: NotePart[] = [
    {
      kind: 'headline', label: 'AI draft · private',
      text: `${sure} confidence (${Math.round(draft.score * 100)}%) · ${draft.topic}`
    },
    { kind: 'rule' },
    { kind: 'draft', paragraphs: draft.text.split('\n\n') },
    { kind: 'rule' }
  ]
  const similar = draft.sources.filter(s => s.connection === draft.connection).map(s => `#${s.ticketId}`).slice(0, 3)
  const count = draft.sources.length
  const why = count === 0 ? 'your team has written this down' : count === 1 ? 'an agent answered a similar ticket like this' : `agents answered ${count} similar tickets like this`
  const text = similar.length > 0 ? `${why}, e.g. ${similar.join(', ')}` : why
  const items: Array<{ label: string, text: string, link?: Link }> = [{ label: 'Why', text }]
  items.push(...citedFacts(draft.articles))
  if (context.length > 0) items.push({ label: 'Context', text: context.join('; ') })
  const blanks = [...new Set(draft.text.match(/\[[a-z][a-z ]{1,30}\]|\{\{[^{}\n]{1,80}\}\}/g) ?? [])]
  if (blanks.length > 0) items.push({ label: 'Check', text: `fill in ${blanks.join(', ')}` })
  parts.push({ kind: 'facts', items })
  const links = home === '' ? [] : [{ text: 'Open draft', url: `${home}/drafts/${draft.key}` }]
  parts.push(
    { kind: 'footer', hint: 'Send your own version as usual: we learn from what you send.', links, key: draft.key }
  )
  return { key: draft.key, basis: draft.basis, parts }
}

const RULE = '-'.repeat(62)

/** The note as plain text: what a helpdesk without html would show, and what the tests compare with. */
export function renderNoteText (note: Note): string {
  return note.parts.map(renderPart).join('\n')
}

function renderPart (part: NotePart): string {
  switch (part.kind) {
    case 'headline': return `${part.label} · ${part.text}`
    case 'rule': return RULE
    case 'draft': return part.paragraphs.join('\n\n')
    case 'facts': return part.items.map(({ label, text, link }) => {
      return `${label.padEnd(6)} ${text}${link === undefined ? '' : ` (${link.url})`}`
    }).join('\n')
    case 'footer': {
      const last = [...part.links.map(l => `${l.text}: ${l.url}`), part.key].join(' · ')
      return `${part.hint}\n${last}`
    }
  }
}
