// A note is changed where it stands, as long as it is ours alone; the pretend Freshdesk says what was really applied.
import { GiveUp, PublicNote } from '../../src/errors.ts'
import type { Helpdesk, Note } from '../../src/types.ts'
import { openFreshdesk } from '../../test/sandbox/freshdesk.ts'
import { noFaults } from '../../test/sandbox/types.ts'
import type { JournalEntry, PretendHelpdesk } from '../../test/sandbox/types.ts'
import { openHelpdesk } from './helpdesk.ts'

const FIRST = 'dl-editnotefirst'
const SECOND = 'dl-editnotesecnd'

let desk: PretendHelpdesk
let helpdesk: Helpdesk
let ticketId = ''
let noteId = ''
let made = 0

beforeAll(async () => {
  desk = await openFreshdesk()
  helpdesk = openHelpdesk(desk.settings, 'freshdesk', 1_500)
})
afterAll(async () => { await desk.close() })

beforeEach(async () => {
  desk.faults = { ...noFaults }
  ticketId = desk.openTicket({
    at: at(0), subject: 'Berth', text: 'Is berth nine free in June', person: { id: `p-${++made}`, name: 'Ines', email: `ines-${made}@moorings.example` }
  })
  noteId = (await helpdesk.postNote(ticketId, noteOf(FIRST, 'description', 'Berth nine is free.'))).noteId
})

test('the one note says something else, is private, and is found by its new key', async () => {
  const message = desk.customerWrites(ticketId, { at: at(60), text: 'I meant July' })
  const receipt = await edit(noteOf(SECOND, message, 'In July it is taken.'), 'refuse')
  expect(receipt).toMatchObject({ noteId, public: false })
  expect(entries().map(e => [e.kind, e.public, e.messageId])).toEqual([['note', false, noteId], ['note-edited', false, noteId]])
  expect(entries()[1]?.text).toContain('In July it is taken.')
  expect(await helpdesk.findNote(ticketId, SECOND)).toMatchObject({ noteId, public: false })
  expect(await helpdesk.findNote(ticketId, FIRST)).toBeNull()
  // Its own echo is no event of the ticket.
  expect((await helpdesk.fetchTicket(ticketId)).map(e => e.kind)).toEqual(['opened', 'asked', 'asked'])
})

test('twice is once', async () => {
  const note = noteOf(SECOND, 'description', 'Berth nine is free from the second.')
  const [first, again] = [await edit(note, 'refuse'), await edit(note, 'refuse')]
  expect(again?.noteId).toBe(first?.noteId)
  expect(entries().filter(e => e.kind === 'note')).toHaveLength(1)
})

test('when the ticket has moved on it stays, unless it is told what became of it', async () => {
  desk.agentReplies(ticketId, { at: at(60), text: 'It is free.', agentId: 'mira' })
  await expect(edit(noteOf(SECOND, 'description', 'Other'), 'refuse')).rejects.toThrow(/^too late:/)
  expect(entries()).toHaveLength(1)
  expect(await edit(noteOf(FIRST, 'description', 'Berth nine is free. Used.'), 'write')).toMatchObject({ public: false })
  expect(entries().at(-1)?.text).toContain('Used.')
})

test('whoever is stopped right before the write has written nothing', async () => {
  const note = noteOf(SECOND, 'description', 'Other')
  const stopped = helpdesk.editNote?.(ticketId, noteId, note, 'refuse', async () => { throw new GiveUp('skipped: stopped') })
  await expect(stopped).rejects.toThrow('stopped')
  expect(entries().map(e => e.kind)).toEqual(['note'])
})

test.each(['refuse', 'write'] as const)('a note that is gone is not written anew by this road (%s)', async moved => {
  await helpdesk.provision?.removeNote(ticketId, noteId)
  expect(await edit(noteOf(SECOND, 'description', 'Other'), moved)).toBeNull()
  expect(entries().filter(e => e.kind === 'note-edited')).toEqual([])
})

test('the note of an agent is not ours to change', async () => {
  const foreign = desk.agentNotes(ticketId, { at: at(60), text: `I look into it. ${FIRST}`, agentId: 'mira' })
  expect(await helpdesk.editNote?.(ticketId, foreign, noteOf(SECOND, 'description', 'Other'), 'write')).toBeNull()
  expect(desk.journal.filter(e => e.kind === 'note-edited' && e.ticketId === ticketId)).toEqual([])
})

test('a closed or deleted ticket takes no changes', async () => {
  desk.remove(ticketId, { at: at(60) })
  const error: unknown = await edit(noteOf(SECOND, 'description', 'Other'), 'write').catch((e: unknown) => e)
  expect(error).toBeInstanceOf(GiveUp)
  expect(String(error)).toContain('skipped:')
})

test('a note that is found in public is taken away, and the words are not put there', async () => {
  desk.faults = { ...noFaults, publicNotes: 1, lostAnswer: 1 }
  await expect(helpdesk.postNote(ticketId, noteOf(SECOND, 'description', 'Other'))).rejects.toThrow('may have been applied')
  desk.faults = { ...noFaults }
  const shown = await helpdesk.findNote(ticketId, SECOND)
  expect(shown?.public).toBe(true)
  const error: unknown = await helpdesk.editNote?.(ticketId, shown?.noteId ?? '', noteOf(SECOND, 'description', 'More'), 'write')
    .catch((e: unknown) => e)
  expect(error).toBeInstanceOf(PublicNote)
  expect(entries().map(e => e.kind)).toEqual(['note', 'note', 'note-removed'])
  expect(await helpdesk.findNote(ticketId, SECOND)).toBeNull()
})

function edit (note: Note, moved: 'refuse' | 'write'): Promise<{ noteId: string, public: boolean } | null> {
  if (helpdesk.editNote === undefined) throw new Error('freshdesk can change notes')
  return helpdesk.editNote(ticketId, noteId, note, moved)
}

function entries (): JournalEntry[] {
  return desk.journal.filter(e => e.ticketId === ticketId && e.by === 'api' && e.kind.startsWith('note'))
}

function noteOf (key: string, basis: string, text: string): Note {
  return {
    key,
    basis,
    parts: [
      { kind: 'headline', label: 'AI draft · private', text: 'High confidence (90%) · berth' }, { kind: 'rule' },
      { kind: 'draft', paragraphs: [text] }, { kind: 'rule' }, { kind: 'footer', hint: '', links: [], key }
    ]
  }
}

function at (seconds: number): string {
  return new Date(Date.parse('2026-03-02T09:00:00Z') + made * 3_600_000 + seconds * 1000).toISOString().slice(0, 19) + 'Z'
}
