// Whether a draft still fits its conversation: nobody may have written in public since the draft was made.
import type { Note } from '../../src/types.ts'
import { fieldsOf, idOf, listOf, stringOf } from './fields.ts'
import type { Fields } from './fields.ts'
import { isNote, roleOf } from './message.ts'
import { partsOf } from './story.ts'

/** Why a note must not be written now, as the message of the error; null when it may be. */
export function whyNotNow (conversation: Fields, { basis, closedToo }: Pick<Note, 'basis' | 'closedToo'>): string | null {
  const isClosed = conversation.state === 'closed' || conversation.open === false
  if (isClosed && closedToo !== true) return 'skipped: the conversation is closed'
  const messages = listPublic(conversation)
  const seen = messages.findIndex(message => message.id === basis)
  if (seen < 0) return `too late: the message the draft was made from (${basis}) is not there any more`
  const newer = messages.slice(seen + 1).find(message => message.by !== 'bot')
  if (newer === undefined) return null
  return newer.by === 'human'
    ? `too late: answered meanwhile (message ${newer.id})`
    : `too late: the customer wrote again (message ${newer.id})`
}

// Not the story: a picture without words is no question and no answer, but it is a message that was seen.
function listPublic (conversation: Fields): Array<{ id: string, by: 'customer' | 'human' | 'bot' }> {
  const source = fieldsOf(conversation.source)
  const opening: Fields = { ...source, id: idOf(source.id) ?? 'source', part_type: 'comment' }
  return [opening, ...partsOf(conversation)].flatMap(fields => {
    const type = stringOf(fields.part_type)
    const hasContent = stringOf(fields.body).trim() !== '' || listOf(fields.attachments).length > 0
    if (isNote(type) || fields.redacted === true || !hasContent) return []
    const id = idOf(fields.id)
    const by = roleOf(fieldsOf(fields.author), type)
    return id === null || by === null || by === 'automation' ? [] : [{ id, by }]
  })
}
