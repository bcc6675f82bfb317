// What a note says: line one tells an agent whether to read on, then the draft as one block, then why. Made as data from
// one source; each helpdesk renders it in its own html, and the plain form here is the reference.
import type { Instant, Link, Note, NotePart } from '../types.ts'
import type { DraftRow } from '../store/drafts.ts'
import { citedFacts, wordsOfSources } from './cited.ts'
import { wordsIn } from './note-words.ts'
import type { NoteWords } from './note-words.ts'

export interface NoteRules { highScore: number }

/** How notes are framed for the people who read them. */
export interface NoteFrame { language: string, timeZone: string }

/** What a note says besides its draft, as far as there is something to say. */
export interface NoteExtras {
  frame?: NoteFrame
  links?: { open: string, wrong: string, quiet: string }    // addresses; without them the draft's own page is linked
  tried?: Array<{ text: string, at: Instant }>      // what the customer was answered before in this ticket, newest last
  replaces?: { at: Instant, inPlace: boolean }      // the draft that stood there, and whether this one stands in its place
  used?: { at: Instant, outcome: 'as_is' | 'edited' | 'replaced', similarity: number }
}

type Fact = Extract<NotePart, { kind: 'facts' }>['items'][number]

const USUAL_FRAME: NoteFrame = { language: 'en', timeZone: 'UTC' }
const LONGEST_TRIED = 90
const MOST_TRIED = 2
const MOST_CHECKED = 3

/**
 * The parts of a draft's note. `home` is where agents reach Deskloop; empty: the note carries no links. `context` is what
 * the customer did in the product before asking.
 */
export function layOutNote (
  draft: DraftRow, rules: NoteRules, home: string, context: string[] = [], extras: NoteExtras = {}
): Note {
  const frame = extras.frame ?? USUAL_FRAME
  const say = wordsIn(frame.language)
  const blanks = [...new Set(draft.text.match(/\[[a-z][a-z ]{1,30}\]|\{\{[^{}\n]{1,80}\}\}/g) ?? [])]
  const isHigh = draft.score >= rules.highScore && blanks.length === 0      // what has blanks is not ready
  const checks = blanks.length > 0 || isHigh ? listBlanks(say, blanks) : listChecks(say, draft.text)
  const reasons = [
    ...layOutWhy(say, draft), ...citedFacts(draft.articles ?? [], wordsOfSources(frame.language)),
    ...context.length === 0 ? [] : [{ label: say.context, text: context.join('; ') }]
  ]
  const items = [
    ...isHigh ? [...reasons, ...checks] : [...checks, ...reasons],
    ...layOutTried(say, frame, extras.tried ?? [], draft.askedAt), ...layOutLanguage(say, frame, draft.language)
  ]
  return {
    key: draft.key,
    basis: draft.basis,
    parts: [
      layOutHeadline(say, frame, draft, isHigh, extras.replaces),
      { kind: 'rule' },
      { kind: 'draft', paragraphs: draft.text.split('\n\n') },
      { kind: 'rule' },
      { kind: 'facts', items },
      {
        kind: 'footer',
        hint: extras.used === undefined ? say.hint : layOutUse(say, frame, extras.used),
        links: layOutLinks(say, draft.key, home, extras),
        key: draft.key
      }
    ]
  }
}

function layOutHeadline (
  say: NoteWords, frame: NoteFrame, draft: DraftRow, isHigh: boolean, replaces: NoteExtras['replaces']
): NotePart {
  const sure = say.confidence(isHigh ? say.high : say.medium, Math.round(draft.score * 100))
  const text = `${sure} · ${draft.topic}`
  if (replaces === undefined) return { kind: 'headline', label: say.aiDraft, text }
  if (replaces.inPlace) {
    return { kind: 'headline', label: say.aiDraft, text: `${text} · ${say.updated(timeIn(frame, draft.askedAt))}` }
  }
  return { kind: 'headline', label: `${say.replaces(timeIn(frame, replaces.at, draft.askedAt))} · ${say.aiDraft}`, text }
}

function layOutWhy (say: NoteWords, draft: DraftRow): Fact[] {
  const similar = draft.sources.filter(s => s.connection === draft.connection).map(s => `#${s.ticketId}`).slice(0, 3)
  const why = whySimilar(say, draft.sources.length)
  return [{ label: say.why, text: similar.length > 0 ? why + say.example(similar.join(', ')) : why }]
}

function whySimilar (say: NoteWords, count: number): string {
  if (count === 0) return say.written               // a macro or an article that nobody has sent yet
  return count === 1 ? say.oneTicket : say.tickets(count)
}

function listBlanks (say: NoteWords, blanks: string[]): Fact[] {
  return blanks.length === 0 ? [] : [{ label: say.fillIn, text: blanks.join(', ') }]
}

// Of a draft that is not sure: the numbers and addresses in it, because those are what makes an answer wrong.
function listChecks (say: NoteWords, text: string): Fact[] {
  const found = text.match(/https?:\/\/[^\s<>()]+|(?<![\p{N}.,:])(?:\p{N}{2,}|\p{N}+[.,:]\p{N})[\p{N}.,:]*/gu) ?? []
  const facts = [...new Set(found.map(fact => fact.replace(/[.,;:!?]+$/, '')))].slice(0, MOST_CHECKED)
  return facts.length === 0 ? [] : [{ label: say.check, text: say.stillRight(facts.join(', ')) }]
}

function layOutTried (say: NoteWords, frame: NoteFrame, tried: NonNullable<NoteExtras['tried']>, now: Instant): Fact[] {
  if (tried.length === 0) return []
  const said = tried.slice(-MOST_TRIED).map(t => say.at(shortened(t.text), timeIn(frame, t.at, now)))
  return [{ label: say.tried, text: said.join('; ') }]
}

// No gist: there is nobody here who could translate.
function layOutLanguage (say: NoteWords, frame: NoteFrame, language: string): Fact[] {
  if (language === frame.language || language === 'und') return []
  const name = new Intl.DisplayNames([frame.language], { type: 'language' }).of(language) ?? language
  return [{ label: say.language, text: say.writes(name) }]
}

function layOutUse (say: NoteWords, frame: NoteFrame, used: NonNullable<NoteExtras['used']>): string {
  const time = timeIn(frame, used.at)
  if (used.outcome === 'as_is') return say.asItIs(time)
  if (used.outcome === 'replaced') return say.otherwise(time)
  return say.edited(time, Math.round((1 - used.similarity) * 100))
}

function layOutLinks (say: NoteWords, key: string, home: string, extras: NoteExtras): Link[] {
  if (home === '') return []
  const { links } = extras
  const open = { text: say.openDraft, url: links?.open ?? `${home}/drafts/${key}` }
  if (links === undefined || extras.used !== undefined) return [open]
  return [open, { text: say.wrong, url: links.wrong }, { text: say.quiet, url: links.quiet }]
}

/**
 * The time of day where the agents are, with the zone only when nobody has said where that is, and with the day when it
 * is not that of `today`.
 */
export function timeIn (frame: NoteFrame, at: Instant, today: Instant = at): string {
  const { language, timeZone } = frame
  const show = (instant: Instant, locale: string, parts: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(locale, { timeZone, ...parts }).format(new Date(instant))
  const time = show(at, 'en-GB', { hour: '2-digit', minute: '2-digit' }) + (timeZone === 'UTC' ? ' UTC' : '')
  const [day, now] = [at, today].map(instant => show(instant, 'en-GB', { dateStyle: 'short' }))
  return day === now ? time : `${show(at, language === 'en' ? 'en-GB' : language, { day: 'numeric', month: 'short' })} ${time}`
}

function shortened (text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line.length <= LONGEST_TRIED) return line
  return line.slice(0, LONGEST_TRIED).replace(/\s+\S*$/, '').toWellFormed() + '…'
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
