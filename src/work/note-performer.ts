// How the machine writes internal notes: laid out from their draft when it is their turn, looked for by their key, and
// hidden at once when one is found in public.
import type { Helpdesk, Instant, Note, NoteReceipt } from '../types.ts'
import type { EffectRequest, Performed } from '../outside.ts'
import { GiveUp, PublicNote, messageOf } from '../errors.ts'
import { findDraftByKey, saveNoted } from '../store/drafts.ts'
import type { DraftRow } from '../store/drafts.ts'
import type { Effect } from '../store/effects.ts'
import type { EffectPerformer } from './effects.ts'
import { makeNote, writeNote } from './note-making.ts'
import type { NoteMaking } from './note-making.ts'

export interface NoteDeps extends NoteMaking {
  helpdesks: ReadonlyMap<string, Helpdesk>
  /** How long a lost write may still be applied, per connection: not sent again before that. */
  resendAfterMs: (connection: string) => number
  /** Has a draft put into words; absent: its note says the learned answer. */
  word?: (draft: DraftRow) => Promise<string>
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
      const draft = await findWorded(effect)
      if (draft === null) throw new GiveUp('skipped: its draft was erased')
      const post = (note: Note): Promise<NoteReceipt> => helpdesk.postNote(effect.ticketId, note, beforeWrite)
      return { vendorId: (await writeNote(deps, helpdesk, effect, draft, beforeWrite, post)).noteId }
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

  async function findWorded (effect: EffectRequest): Promise<DraftRow | null> {
    const draft = await findDraftByKey(deps.db, effect.marker)
    return draft === null ? null : { ...draft, text: await deps.word?.(draft) ?? draft.text }
  }

  async function findNote (effect: EffectRequest): Promise<Note | null> {
    const draft = await findWorded(effect)
    return draft === null ? null : await makeNote(deps, draft)
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
