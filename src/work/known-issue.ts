// The note that stands in place of a draft while what is asked about is known to be broken: which issue, how it stands, a
// holding reply in the customer's language, and what helps meanwhile once a person has approved that.
import type { Transaction } from 'kysely'
import { randomUUID } from 'node:crypto'
import { GiveUp } from '../errors.ts'
import { languageOf } from '../learn/features.ts'
import type { Mind } from '../learn/mind.ts'
import { silencedAt, sortStory, turnsOf } from '../learn/story.ts'
import { rootOf } from '../learn/topics.ts'
import type { EffectRequest } from '../outside.ts'
import type { Db } from '../store/db.ts'
import { recordEffect } from '../store/effects.ts'
import { findKnownIssue, findWorkaround, listKnownIssues } from '../store/quarantines.ts'
import type { KnownIssue } from '../store/quarantines.ts'
import type { Database } from '../store/schema.ts'
import { findPart } from '../store/splits.ts'
import { readStories, refOf } from '../store/stories.ts'
import type { TicketRef } from '../store/stories.ts'
import type { Helpdesk, Note } from '../types.ts'
import type { EffectPerformer } from './effects.ts'
import { makeNotePerformerOf } from './private-notes.ts'
import { nearestPart } from './split.ts'

export interface KnownIssueDeps {
  db: Db
  helpdesks: ReadonlyMap<string, Helpdesk>
  home: string
  resendAfterMs: (connection: string) => number
  /** The signed addresses of a draft, by its key. */
  links?: (draftKey: string) => Promise<{ quiet: string }>
}

// What every language says: that it is known, that it is being worked on, that we write. No date, and no cause.
const HOLDING: Record<string, string> = {
  en: 'Thank you for telling us. This is a problem on our side that we know about, and our engineers are working on it.\n\nI will write to you here as soon as it is solved.',
  de: 'Vielen Dank für Ihre Nachricht. Das ist ein Problem auf unserer Seite, das wir kennen, und unsere Technik arbeitet daran.\n\nIch melde mich hier, sobald es behoben ist.',
  fr: 'Merci de nous avoir prévenus. Il s’agit d’un problème de notre côté que nous connaissons, et nos ingénieurs y travaillent.\n\nJe vous écrirai ici dès qu’il sera résolu.',
  es: 'Gracias por avisarnos. Es un problema nuestro que ya conocemos, y nuestros ingenieros están trabajando en él.\n\nLe escribiré aquí en cuanto esté resuelto.',
  it: 'Grazie della segnalazione. È un problema dalla nostra parte che conosciamo, e i nostri tecnici ci stanno lavorando.\n\nLe scriverò qui non appena sarà risolto.',
  pt: 'Obrigado por nos avisar. É um problema do nosso lado que já conhecemos, e os nossos engenheiros estão a trabalhar nele.\n\nEscrevo-lhe aqui assim que estiver resolvido.',
  nl: 'Bedankt voor uw melding. Dit is een probleem aan onze kant dat we kennen, en onze technici werken eraan.\n\nIk schrijf u hier zodra het is opgelost.'
}
const LONGEST_WORKAROUND = 600

/**
 * The issue that a question of this topic is about, as the mind joins topics at present; null: none is known. Where a person
 * split the anomaly, that of the part to which the question is nearest, which may have none yet.
 */
export async function findIssueFor (
  trx: Transaction<Database>, mind: Mind, topic: number | null, ref: TicketRef, text: string
): Promise<KnownIssue | null> {
  if (topic === null) return null
  const root = rootOf(mind.topics, topic)
  const known = (await listKnownIssues(trx)).filter(one => rootOf(mind.topics, one.topic) === root)
  const [first] = known
  if (first === undefined) return null
  const part = await nearestPart(trx, first.id, ref, text)
  return part === null ? first : known.find(one => one.id === part) ?? null
}

/** Asks for the note, once a turn. `marker`: the key of the turn's draft, which says when it was asked. */
export async function recordKnownIssue (
  trx: Transaction<Database>, ref: TicketRef,
  note: { turn: string, marker: string, basis: string, skipped: string | null },
  issue: KnownIssue
): Promise<void> {
  const { connection, ticketId } = ref
  const { turn, marker, basis, skipped } = note
  await recordEffect(trx, {
    id: randomUUID(), kind: 'known-issue', connection, ticketId, cause: turn, marker,
    payload: { anomaly: issue.id, basis }, skipped
  })
}

export function makeKnownIssuePerformer (deps: KnownIssueDeps): EffectPerformer {
  const { helpdesks, resendAfterMs } = deps
  return makeNotePerformerOf('known-issue', { helpdesks, resendAfterMs, note: makeNote })

  async function makeNote (effect: EffectRequest): Promise<Note> {
    const ref = { connection: effect.account, ticketId: effect.ticketId }
    const named = String(effect.payload['anomaly'])
    // The ticket may have been split off since then: what is known there counts.
    const issue = await findKnownIssue(deps.db, await findPart(deps.db, named, ref) ?? named)
    if (issue === null) throw new GiveUp('skipped: the anomaly is gone')
    if (issue.state !== 'filed' && issue.state !== 'not_fixed') throw new GiveUp('skipped: it is not an open issue any more')
    const story = sortStory((await readStories(deps.db, [ref])).get(refOf(ref)) ?? [])
    if (silencedAt(story) !== null) throw new GiveUp('skipped: the ticket was deleted, merged or marked as spam')
    const basis = String(effect.payload['basis'])
    const turn = turnsOf(story).findLast(t => [...t.messages, ...t.noise].some(m => m.id === basis))
    if (turn === undefined) throw new GiveUp('skipped: its messages were erased')
    if (turn.answer !== null) throw new GiveUp('skipped: a person has answered meanwhile')
    const language = languageOf(turn.messages.map(m => m.text).join('\n'))
    const workaround = await findWorkaround(deps.db, issue.id)
    const quiet = deps.home === '' ? null : (await deps.links?.(effect.marker))?.quiet ?? null
    return layOutKnownIssue(issue, { key: effect.marker, basis, language, workaround, quiet }, deps.home)
  }
}

export interface KnownIssueExtras {
  key: string, basis: string, language: string, workaround: string | null, quiet: string | null
}

/** Line one says what is known; the reply stands alone between two rules. */
export function layOutKnownIssue (issue: KnownIssue, extras: KnownIssueExtras, home: string): Note {
  const { key, basis, language, workaround, quiet } = extras
  const stands = issue.state === 'not_fixed' ? 'done, and not fixed' : issue.issueState ?? 'filed'
  const customers = `${issue.people} customer${issue.people === 1 ? '' : 's'}`
  const text = HOLDING[language] ?? HOLDING['en'] ?? ''
  return {
    key,
    basis,
    parts: [
      { kind: 'headline', label: 'Known issue · private', text: `${issue.issue} ${stands} · ${customers}` },
      { kind: 'rule' },
      { kind: 'draft', paragraphs: text.split('\n\n') },
      { kind: 'rule' },
      {
        kind: 'facts',
        items: [
          { label: 'Why', text: `this question is about ${issue.title}` },
          { label: 'Last update', text: `${showTime(issue.grownAt)}; known since ${showTime(issue.openedAt)}` },
          ...(workaround === null ? [] : [{ label: 'Workaround', text: shorten(workaround) }])
        ]
      },
      {
        kind: 'footer',
        hint: 'No draft was made: what was answered before this broke may be wrong now.',
        links: [
          ...(home === '' ? [] : [{ text: 'All of them', url: `${home}/anomalies/${issue.id}` }]),
          ...(quiet === null ? [] : [{ text: 'No drafts on this ticket', url: quiet }])
        ],
        key
      }
    ]
  }
}

function shorten (text: string): string {
  const letters = [...text.replace(/\s+/g, ' ')]
  return letters.length <= LONGEST_WORKAROUND ? letters.join('') : `${letters.slice(0, LONGEST_WORKAROUND - 1).join('')}…`
}

function showTime (at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`
}
