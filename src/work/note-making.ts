// Makes a draft's note from all that belongs to it, and writes it: over the one it replaces where the helpdesk can change
// notes, else as a new one that says so.
import { RetryLater } from '../errors.ts'
import { contextFacts } from '../learn/context.ts'
import { coreOf } from '../learn/reward.ts'
import { sortStory, turnsOf } from '../learn/story.ts'
import { findAsker, listContext } from '../store/context.ts'
import type { Db } from '../store/db.ts'
import type { DraftRow } from '../store/drafts.ts'
import { makeLink } from '../store/links.ts'
import type { LinkPurpose } from '../store/links.ts'
import { findWritten } from '../store/notes.ts'
import { readStories, refOf } from '../store/stories.ts'
import type { Helpdesk, Instant, Note, NoteReceipt } from '../types.ts'
import { layOutNote } from './note.ts'
import type { NoteExtras, NoteFrame, NoteRules } from './note.ts'

export interface NoteMaking {
  db: Db
  rules: NoteRules
  home: string
  frame?: NoteFrame
  /** Adds what is known of the company behind the ticket, or nothing. */
  addAccount?: (note: Note, ref: { connection: string, ticketId: string }) => Promise<Note>
  /** The signed addresses in a draft's note. */
  links?: (draftKey: string) => Promise<NonNullable<NoteExtras['links']>>
}

/** The addresses of a draft's pages below `home`, signed from now on for their seven days. */
export function linksBelow (home: string, linkKey: Buffer, nowMs: () => number): NonNullable<NoteMaking['links']> {
  return async draftKey => {
    const now = Math.floor(nowMs() / 1000)
    const link = (purpose: LinkPurpose): string => home + makeLink(linkKey, purpose, draftKey, now)
    return { open: link('open'), wrong: link('wrong'), quiet: link('quiet') }
  }
}

/** The whole note of a draft; `extras` says what became of it or what it replaces. */
export async function makeNote (deps: NoteMaking, draft: DraftRow, extras: NoteExtras = {}): Promise<Note> {
  const tried = await findTried(deps.db, draft)
  const note = layOutNote(draft, deps.rules, deps.home, await findContext(deps.db, draft), {
    ...(deps.frame === undefined ? {} : { frame: deps.frame }),
    ...(deps.links === undefined || deps.home === '' ? {} : { links: await deps.links(draft.key) }),
    ...(tried.length === 0 ? {} : { tried }),
    ...extras
  })
  return await deps.addAccount?.(note, draft) ?? note
}

/**
 * Writes the note of an effect. A note that it replaces must have come to its own end before, so that there are never two.
 * `beforeWrite` as for `editNote`; `post` puts a new note into the ticket.
 */
export async function writeNote (
  deps: NoteMaking, helpdesk: Helpdesk, effect: { ticketId: string, payload: Readonly<Record<string, unknown>> },
  draft: DraftRow, beforeWrite?: () => Promise<void>,
  post = (note: Note): Promise<NoteReceipt> => helpdesk.postNote(effect.ticketId, note)
): Promise<NoteReceipt> {
  const { ticketId, payload } = effect
  const earlier = await findWritten(deps.db, keysIn(payload.replaces))
  if (earlier.some(n => n.state === 'pending' || n.state === 'inflight')) {
    throw new RetryLater('the note that it replaces is still on its way', WAIT_MS)
  }
  const standing = earlier.findLast(n => n.state === 'done')
  if (standing === undefined) return await post(await makeNote(deps, draft))
  const at = standing.notedAt ?? draft.askedAt
  if (helpdesk.editNote !== undefined && standing.vendorId !== null) {
    const note = await makeNote(deps, draft, { replaces: { at, inPlace: true } })
    const receipt = await helpdesk.editNote(ticketId, standing.vendorId, note, 'refuse', beforeWrite)
    if (receipt !== null) return receipt
  }
  return await post(await makeNote(deps, draft, { replaces: { at, inPlace: false } }))
}

const WAIT_MS = 2_000

function keysIn (value: unknown): string[] {
  return Array.isArray(value) ? value.filter(key => typeof key === 'string') : []
}

// What the customer was answered before in this ticket and has come back from.
async function findTried (db: Db, draft: DraftRow): Promise<Array<{ text: string, at: Instant }>> {
  const stories = await readStories(db, [{ connection: draft.connection, ticketId: draft.ticketId }])
  const turns = turnsOf(sortStory(stories.get(refOf(draft)) ?? []))
  const at = turns.findIndex(t => t.messages.some(m => m.id === draft.questionId))
  return turns.slice(0, Math.max(0, at)).flatMap(({ answer }) =>
    answer === null ? [] : [{ text: coreOf(answer.text), at: answer.at }])
}

async function findContext (db: Db, draft: DraftRow): Promise<string[]> {
  const asker = await findAsker(db, draft.connection, draft.ticketId)
  return asker === null ? [] : contextFacts(await listContext(db, asker, draft.askedAt), draft.askedAt)
}
