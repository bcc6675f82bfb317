// How the machine writes internal notes: laid out from their draft when it is their turn, looked for by their key, and
// hidden at once when one is found in public.
import type { Helpdesk, Instant, Note, NoteReceipt } from '../types.ts'
import type { EffectRequest, Performed } from '../outside.ts'
import { GiveUp } from '../errors.ts'
import { findDraftByKey, saveNoted } from '../store/drafts.ts'
import type { DraftRow } from '../store/drafts.ts'
import type { Effect } from '../store/effects.ts'
import type { EffectPerformer } from './effects.ts'
import { makePrivateNotes } from './private-notes.ts'
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

export function makeNotePerformer (deps: NoteDeps): EffectPerformer {
  const notes = makePrivateNotes({ helpdesks: deps.helpdesks, note: findNote })
  return {
    kind: 'note',
    readsFirst: true,
    resendAfterMs: deps.resendAfterMs,
    look: notes.look,
    reconcile: notes.reconcile,
    probe: notes.probe,
    async send (effect, beforeWrite): Promise<Performed> {
      const helpdesk = notes.helpdeskOf(effect)
      const draft = await findWorded(effect)
      if (draft === null) throw new GiveUp('skipped: its draft was erased')
      const post = (note: Note): Promise<NoteReceipt> => helpdesk.postNote(effect.ticketId, note, beforeWrite)
      return { vendorId: (await writeNote(deps, helpdesk, effect, draft, beforeWrite, post)).noteId }
    },
    async applied (trx, effect) { await saveNoted(trx, effect.marker, deps.notedAt(effect)) }
  }

  async function findWorded (effect: EffectRequest): Promise<DraftRow | null> {
    const draft = await findDraftByKey(deps.db, effect.marker)
    return draft === null ? null : { ...draft, text: await deps.word?.(draft) ?? draft.text }
  }

  async function findNote (effect: EffectRequest): Promise<Note | null> {
    const draft = await findWorded(effect)
    return draft === null ? null : await makeNote(deps, draft)
  }
}
