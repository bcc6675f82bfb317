// Tells a note what became of it, where notes can be changed in place: its last lines say that it was used, and how much
// was edited. Nothing more is written elsewhere.
import type { Helpdesk } from '../types.ts'
import type { Performer } from '../outside.ts'
import { GiveUp } from '../errors.ts'
import { findDraftByKey } from '../store/drafts.ts'
import { findWritten } from '../store/notes.ts'
import { makeNote } from './note-making.ts'
import type { NoteMaking } from './note-making.ts'

export function makeNoteUsedPerformer (deps: NoteMaking & { helpdesks: ReadonlyMap<string, Helpdesk> }): Performer {
  return {
    kind: 'note-used',
    resendAfterMs: 0,                               // the same words over the same note: twice is once
    look: async () => null,
    async send ({ account, ticketId, marker }, beforeWrite?: () => Promise<void>) {
      const draft = await findDraftByKey(deps.db, marker)
      if (draft === null || draft.verdict === null) throw new GiveUp('skipped: its draft was erased')
      if (draft.replacedBy !== null) throw new GiveUp('skipped: another note stands in its place')
      const editNote = deps.helpdesks.get(account)?.editNote
      const [written] = await findWritten(deps.db, [marker])
      if (editNote === undefined || written === undefined || written.vendorId === null) {
        throw new GiveUp('skipped: there is no note that could be changed')
      }
      const { answeredAt: at, outcome, similarity } = draft.verdict
      const note = await makeNote(deps, draft, { used: { at, outcome, similarity } })
      const receipt = await editNote(ticketId, written.vendorId, note, 'write', beforeWrite)
      if (receipt === null) throw new GiveUp('skipped: the note is gone, or a person has written into it')
      return { vendorId: receipt.noteId }
    }
  }
}
