// What every internal note has in common, whatever it says: it is looked for by its key, a copy that came late is taken
// back, and one that is found in public is hidden at once.
import type { Helpdesk, Note } from '../types.ts'
import type { EffectRequest, Performed } from '../outside.ts'
import { GiveUp, PublicNote, messageOf } from '../errors.ts'
import type { EffectPerformer } from './effects.ts'

export interface PrivateNotes {
  helpdesks: ReadonlyMap<string, Helpdesk>
  /** The note of an effect; null when what it was made of is gone. */
  note: (effect: EffectRequest) => Promise<Note | null>
}

export interface PrivateNoteParts {
  helpdeskOf: (effect: Pick<EffectRequest, 'account'>) => Helpdesk
  look: (effect: EffectRequest) => Promise<Performed | null>
  reconcile: (effect: EffectRequest, vendorId: string) => Promise<number>
  probe: (account: string) => Promise<unknown>
}

/** Which helpdesk an effect goes to is its account: a connection. */
export function makePrivateNotes (deps: PrivateNotes): PrivateNoteParts {
  return {
    helpdeskOf,
    async look (effect) {
      const helpdesk = helpdeskOf(effect)
      const found = await helpdesk.findNote(effect.ticketId, effect.marker)
      if (found === null) return null
      if (found.public) throw await hide(helpdesk, effect, found.noteId)
      return { vendorId: found.noteId }
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
    probe: async account => await helpdeskOf({ account }).fetchSelf()
  }

  function helpdeskOf ({ account }: Pick<EffectRequest, 'account'>): Helpdesk {
    const helpdesk = deps.helpdesks.get(account)
    if (helpdesk === undefined) throw new GiveUp(`skipped: ${account} is not connected any more`)
    return helpdesk
  }

  // A connector that is asked to write a note which is there already writes none: it hides it when it is public. When it
  // sees another copy instead, this one is taken back by its id.
  async function hide (helpdesk: Helpdesk, effect: EffectRequest, noteId: string): Promise<PublicNote> {
    const { account, ticketId, marker } = effect
    const stop = async (): Promise<void> => { throw new GiveUp('nothing is written while a note is public') }
    const note = await deps.note(effect).catch(() => null) ?? emptyNote(marker)
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

/** A performer whose note is made anew each time it is sent; `note` throws when nothing is to be written any more. */
export function makeNotePerformerOf (kind: string, deps: {
  helpdesks: ReadonlyMap<string, Helpdesk>, resendAfterMs: (connection: string) => number
  note: (effect: EffectRequest) => Promise<Note>
}): EffectPerformer {
  const { look, reconcile, probe, helpdeskOf } = makePrivateNotes(deps)
  return {
    kind,
    readsFirst: true,
    resendAfterMs: deps.resendAfterMs,
    look,
    reconcile,
    probe,
    async send (effect, beforeWrite) {
      const note = await deps.note(effect)
      return { vendorId: (await helpdeskOf(effect).postNote(effect.ticketId, note, beforeWrite)).noteId }
    }
  }
}
