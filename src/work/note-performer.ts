// How the machine writes internal notes: laid out from their draft when it is their turn, looked for by their key, and
// hidden at once when one is found in public.
import type { EffectRequest, Helpdesk, Instant, Note, Performed } from '../types.ts'
import { GiveUp, PublicNote, messageOf } from '../errors.ts'
import { contextFacts } from '../learn/context.ts'
import { findAsker, listContext } from '../store/context.ts'
import type { Db } from '../store/db.ts'
import { findDraftByKey, saveNoted } from '../store/drafts.ts'
import type { DraftRow } from '../store/drafts.ts'
import type { Effect } from '../store/effects.ts'
import type { EffectPerformer } from './effects.ts'
import { layOutNote } from './note.ts'

export interface NoteDeps {
  db: Db
  helpdesks: ReadonlyMap<string, Helpdesk>
  /** How long a lost write may still be applied, per connection: not sent again before that. */
  resendAfterMs: (connection: string) => number
  rules: { highScore: number }
  home: string
  /** Adds what is known of the company behind the ticket, or nothing. */
  addAccount?: (note: Note, ref: { connection: string, ticketId: string }) => Promise<Note>
  /** When the note came to stand in the ticket. */
  notedAt: (effect: Effect) => Instant
}

/** Which helpdesk an effect goes to is its account: a connection. */
export function makeNotePerformer (deps: NoteDeps): EffectPerformer {
  return {
    kind: 'note',
    readsFirst: true,
    resendAfterMs: deps.resendAfterMs,
    async look (effect) {
      const helpdesk = helpdeskOf(effect)
      const found = await helpdesk.findNote(effect.ticketId, effect.marker)
      if (found === null) return null
      if (found.public) throw await hide(helpdesk, effect, found.noteId)
      return { vendorId: found.noteId }
    },
    async send (effect, beforeWrite): Promise<Performed> {
      const helpdesk = helpdeskOf(effect)
      const note = await findNote(effect)
      if (note === null) throw new GiveUp('skipped: its draft was erased')
      return { vendorId: (await helpdesk.postNote(effect.ticketId, note, beforeWrite)).noteId }
    },
    async reconcile (effect, vendorId) {
      const helpdesk = helpdeskOf(effect)
      const all = await helpdesk.listNotes?.(effect.ticketId, effect.marker) ?? []
      const shown = all.find(note => note.public)
      if (shown !== undefined) throw await hide(helpdesk, effect, shown.noteId)
      // The copy we know stays, for its id is in our records; where it is gone, the oldest.
      const kept = all.find(note => note.noteId === vendorId) ?? all[0]
      const copies = all.filter(note => note !== kept)
      for (const copy of copies) {
        if (helpdesk.provision === undefined) throw new GiveUp(`${effect.account} cannot take back note ${copy.noteId}: remove it by hand`)
        await helpdesk.provision.removeNote(effect.ticketId, copy.noteId)
      }
      return copies.length
    },
    probe: async account => await helpdeskOf({ account }).fetchSelf(),
    async applied (trx, effect) { await saveNoted(trx, effect.marker, deps.notedAt(effect)) }
  }

  function helpdeskOf ({ account }: Pick<EffectRequest, 'account'>): Helpdesk {
    const helpdesk = deps.helpdesks.get(account)
    if (helpdesk === undefined) throw new GiveUp(`skipped: ${account} is not connected any more`)
    return helpdesk
  }

  async function findNote (effect: EffectRequest): Promise<Note | null> {
    const draft = await findDraftByKey(deps.db, effect.marker)
    if (draft === null) return null
    const note = layOutNote(draft, deps.rules, deps.home, await findFacts(deps.db, draft))
    return await deps.addAccount?.(note, draft) ?? note
  }

  // A connector that is asked to write a note which is there already writes none: it hides it when it is public. When it
  // sees another copy instead, this one is taken back by its id.
  async function hide (helpdesk: Helpdesk, effect: EffectRequest, noteId: string): Promise<PublicNote> {
    const { account, ticketId, marker } = effect
    const stop = async (): Promise<void> => { throw new GiveUp('nothing is written while a note is public') }
    const note = await findNote(effect) ?? emptyNote(marker)
    const told = await helpdesk.postNote(ticketId, note, stop).catch((error: unknown) => error)
    if (told instanceof PublicNote) return told
    const end = await helpdesk.provision?.removeNote(ticketId, noteId)
      .then(() => 'it was taken back', (error: unknown) => `it could NOT be taken back, do it by hand (${messageOf(error)})`)
    return new PublicNote(`${account} showed note ${marker} on ticket ${ticketId} in public: ${end ?? 'look at it'}`)
  }
}

// Of a draft that was erased only the key is left.
function emptyNote (key: string): Note {
  return { key, basis: '', parts: [{ kind: 'footer', hint: '', links: [], key }] }
}

async function findFacts (db: Db, draft: DraftRow): Promise<string[]> {
  const asker = await findAsker(db, draft.connection, draft.ticketId)
  return asker === null ? [] : contextFacts(await listContext(db, asker, draft.askedAt), draft.askedAt)
}
