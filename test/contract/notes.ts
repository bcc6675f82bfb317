// What a connector writes: one private note, never twice, never too late, never to the customer.
import { setTimeout as sleep } from 'node:timers/promises'
import { GiveUp, PublicNote, RetryLater, Unclear } from '../../src/errors.ts'
import { htmlToText } from '../../src/text.ts'
import type { TicketEvent } from '../../src/types.ts'
import type { Faults } from '../sandbox/types.ts'
import { after, ask, failure, KEY, listen, makeNote, misbehave, seenByCustomer, writesOf } from './opened.ts'
import type { Desk, Traits, Use, WithDesk } from './opened.ts'

const DEADLINE_MS = 700
const LATE_MS = 1_100
const DRAFT = ['The oars are in the drying room.', 'Shall I bring them?']

type Trouble = [fault: keyof Faults, error: typeof Unclear | typeof RetryLater, notesAtTheEnd: number]

const TROUBLES: Trouble[] = [
  ['error500', Unclear, 0],
  ['rateLimited', RetryLater, 0],
  ['lostAnswer', Unclear, 1],
  ['hang', Unclear, 0],
  ['late', Unclear, 1]
]

export function describeNotes (withDesk: WithDesk, traits: Traits): void {
  test('a note is private, holds the draft, and is found by its key alone', () => withDesk(async o => {
    const { desk, helpdesk } = o
    const { ticketId, basis } = await ask(o)
    const receipt = await helpdesk.postNote(ticketId, makeNote(basis, DRAFT))
    expect(receipt).toMatchObject({ public: false })
    const [written, ...more] = notesOf(desk, ticketId)
    expect(more).toEqual([])
    expect(written).toMatchObject({ kind: 'note', by: 'api', public: false, messageId: receipt.noteId })
    for (const words of [...DRAFT, KEY, '3 similar tickets', 'Send your own version.']) expect(written?.text).toContain(words)
    expect(written?.authorId ?? (await helpdesk.fetchSelf()).id).toBe((await helpdesk.fetchSelf()).id)
    expect(await helpdesk.findNote(ticketId, KEY)).toEqual(receipt)
    expect(await helpdesk.findNote(ticketId, 'dl-contractbbbbb')).toBeNull()
    const other = await ask(o, 1_000)
    expect(await helpdesk.findNote(other.ticketId, KEY)).toBeNull()
    expect(seenByCustomer(desk, ticketId)).not.toContain(KEY)
  }))

  test('the same note is not written twice', () => withDesk(async o => {
    const { ticketId, basis } = await ask(o)
    const first = await o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT))
    const again = await o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT)).catch((error: unknown) => error)
    if (again instanceof Error) expect(again).toBeInstanceOf(GiveUp)
    else expect(again).toEqual(first)
    expect(notesOf(o.desk, ticketId)).toHaveLength(1)
  }))

  test('what must not be written any more is not written: the last word before the write is ours', () => withDesk(async o => {
    const { ticketId, basis } = await ask(o)
    const stop = async (): Promise<void> => { throw new RetryLater('stopped', 1_000) }
    expect(await failure(o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT), stop))).toMatchObject({ message: 'stopped' })
    expect(writesOf(o.desk)).toEqual([])
    let asked = 0
    await o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT), async () => {
      asked++
      expect(writesOf(o.desk)).toEqual([])
    })
    expect([asked, notesOf(o.desk, ticketId).length]).toEqual([1, 1])
  }))

  test('a copy that a late write made is listed beside the note, and taken back', () => withDesk(async o => {
    const { ticketId, basis } = await ask(o)
    if (o.helpdesk.listNotes === undefined) return  // who cannot list them says that there are no copies
    misbehave(o.desk, { late: 1, lateMs: LATE_MS })
    await failure(o.openWith(DEADLINE_MS).postNote(ticketId, makeNote(basis, DRAFT)))
    misbehave(o.desk, {})
    o.desk.setNow(after(40))                        // stamps count whole seconds: nobody sends again within one
    const { noteId } = await o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT))
    await sleep(LATE_MS)
    const all = await o.helpdesk.listNotes(ticketId, KEY)
    expect(all.filter(note => note.public)).toEqual([])
    // Where a write depends on the ticket's stamp the late one is refused.
    expect(all).toHaveLength(traits.lateCopies)
    expect(all[0]).toMatchObject({ noteId })
    for (const copy of all.slice(1)) await o.helpdesk.provision?.removeNote(ticketId, copy.noteId)
    expect(await o.helpdesk.listNotes(ticketId, KEY)).toEqual(all.slice(0, 1))
    expect(await o.helpdesk.findNote(ticketId, KEY)).toMatchObject({ noteId, public: false })
    expect(seenByCustomer(o.desk, ticketId)).not.toContain(KEY)
  }))

  test("a note's own webhook is no question and no answer", () => withDesk(async o => {
    const known = new Map<string, TicketEvent>()
    const { ticketId, basis } = await ask(o)
    await listen(o, known)
    const before = [...known.values()]
    await o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT))
    await listen(o, known)
    expect([...known.values()]).toEqual(before)
    expect(await o.helpdesk.fetchTicket(ticketId)).toHaveLength(before.length)
  }))

  const late: Array<[string, (o: Use, ticketId: string) => unknown]> = [
    ['an agent has answered', ({ desk }, id) => desk.agentReplies(id, { at: after(200), text: 'Found them.', agentId: 'mira' })],
    ['the customer has written again', ({ desk }, id) => desk.customerWrites(id, { at: after(200), text: 'And a paddle.' })]
  ]
  test.each(late)('a note that comes too late is not written: %s', (_, happens) => withDesk(async o => {
    const { ticketId, basis } = await ask(o)
    happens(o, ticketId)
    const error = await failure(o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT)))
    expect(error).toBeInstanceOf(GiveUp)
    expect(error.message).toMatch(/^too late:/)
    expect(writesOf(o.desk)).toEqual([])
  }))

  test('a note is written when only a bot or a note of an agent came after', () => withDesk(async o => {
    const { ticketId, basis } = await ask(o)
    o.desk.botReplies(ticketId, { at: after(200), text: 'We will answer soon.' })
    o.desk.agentNotes(ticketId, { at: after(210), text: 'I am looking.', agentId: 'mira' })
    expect(await o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT))).toMatchObject({ public: false })
  }))

  const gone: Array<[string, (o: Use, ticketId: string) => unknown]> = [
    ['merged into another', ({ desk }, id) => {
      const into = desk.openTicket({ at: after(190), subject: 'Oars', text: 'Oars again.', person: { id: 'p-3', name: 'Ole Falk', email: 'ole@saltmarsh.example' } })
      desk.merge(id, { at: after(200), into })
    }],
    ['deleted', ({ desk }, id) => desk.remove(id, { at: after(200) })]
  ]
  test.each(gone)('no note on a ticket that was %s', (_, happens) => withDesk(async o => {
    const { ticketId, basis } = await ask(o)
    happens(o, ticketId)
    const error = await failure(o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT)))
    expect(error).toBeInstanceOf(GiveUp)
    expect(error.message).toMatch(/^(skipped|too late):/)
    expect(writesOf(o.desk)).toEqual([])
  }))

  test(`a solved ticket ${traits.solvedTakesNotes ? 'still takes' : 'takes no'} notes`, () => withDesk(async o => {
    const { ticketId, basis } = await ask(o)
    o.desk.solve(ticketId, { at: after(200), agentId: 'mira' })
    const outcome = await o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT)).catch((error: unknown) => error)
    if (traits.solvedTakesNotes) expect(outcome).toMatchObject({ public: false })
    else expect(outcome).toMatchObject({ name: 'GiveUp', message: expect.stringMatching(/^skipped:/) })
    // It stays as the agent left it.
    expect(o.desk.journal.some(entry => entry.ticketId === ticketId && entry.kind === 'reopened')).toBe(false)
  }))

  test('a ticket that never was is given up, and what is no id is never asked for', () => withDesk(async o => {
    expect(await failure(o.helpdesk.fetchTicket('999999999'))).toBeInstanceOf(GiveUp)
    expect(await failure(o.helpdesk.postNote('999999999', makeNote('1', DRAFT)))).toBeInstanceOf(GiveUp)
    const asked = o.desk.requests.length
    for (const id of ['../users/1', 'last', '', '1/../2', '1?x=1']) {
      expect(await failure(o.helpdesk.fetchTicket(id))).toBeInstanceOf(GiveUp)
      expect(await failure(o.helpdesk.postNote(id, makeNote('1', DRAFT)))).toBeInstanceOf(GiveUp)
    }
    expect(o.desk.requests.slice(asked).filter(r => /users\/1|last|\.\.|x=1/.test(r.path))).toEqual([])
  }))

  test('a note that the helpdesk makes public is told, and the customer sees nothing at the end', () => withDesk(async o => {
    const { ticketId, basis } = await ask(o)
    misbehave(o.desk, { publicNotes: 1 })
    expect(await failure(o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT)))).toBeInstanceOf(PublicNote)
    // The fault was real: there was a moment in which it could be seen.
    expect(o.desk.journal.some(entry => entry.ticketId === ticketId && entry.by === 'api' && entry.kind === 'note' && !entry.public)).toBe(false)
    expect(seenByCustomer(o.desk, ticketId)).toContain('Friday evening')
    for (const words of [KEY, ...DRAFT]) expect(seenByCustomer(o.desk, ticketId)).not.toContain(words)
    const found = await o.helpdesk.findNote(ticketId, KEY)
    expect(found?.public ?? false).toBe(false)
    // Whatever the story tells of that moment, it is no words of the customer and no answer of a person.
    const told = (await o.helpdesk.fetchTicket(ticketId)).filter(event => 'text' in event && event.text.includes(KEY))
    expect(told.filter(event => event.kind !== 'answered' || event.by !== 'bot')).toEqual([])
  }))

  test('a public note whose answer was lost is hidden when it is asked for again, however late that is', () => withDesk(async o => {
    const { ticketId, basis } = await ask(o)
    misbehave(o.desk, { publicNotes: 1, lostAnswer: 1 })
    expect(await failure(o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT)))).toBeInstanceOf(Unclear)
    misbehave(o.desk, {})
    expect(seenByCustomer(o.desk, ticketId)).toContain(KEY)
    expect(await o.helpdesk.findNote(ticketId, KEY)).toMatchObject({ public: true })
    o.desk.agentReplies(ticketId, { at: after(200), text: 'Found them.', agentId: 'mira' })
    expect(await failure(o.helpdesk.postNote(ticketId, makeNote(basis, DRAFT)))).toBeInstanceOf(PublicNote)
    expect(seenByCustomer(o.desk, ticketId)).not.toContain(KEY)
    expect(notesOf(o.desk, ticketId).length).toBeLessThan(2)
  }))

  test.each(TROUBLES)('a write that meets %s is sent once and told truly', (fault, kind, notesAtTheEnd) => withDesk(async o => {
    const { ticketId, basis } = await ask(o)
    misbehave(o.desk, { [fault]: 1, lateMs: LATE_MS })
    const error = await failure(o.openWith(DEADLINE_MS).postNote(ticketId, makeNote(basis, DRAFT)))
    expect(error).toBeInstanceOf(kind)
    if (error instanceof RetryLater) expect(error.waitMs).toBeGreaterThan(0)
    expect(writesOf(o.desk)).toHaveLength(1)
    misbehave(o.desk, {})
    if (fault === 'late') await sleep(LATE_MS)
    const found = await o.helpdesk.findNote(ticketId, KEY)
    expect(found === null ? 0 : 1).toBe(notesAtTheEnd)
    expect(notesOf(o.desk, ticketId)).toHaveLength(notesAtTheEnd)
    expect(found?.public ?? false).toBe(false)
  }))

  test('hostile words in a draft are words in the note', () => withDesk(async o => {
    const { ticketId, basis } = await ask(o)
    const hostile = ['<script>alert(1)</script> & "x"', '</p><img src=x onerror=alert(1)>\n&lt;b&gt; dl-aaaaaaaaaaaaa 🚣 הסירה']
    const note = makeNote(basis, hostile)
    note.parts.splice(-1, 0, { kind: 'facts', items: [{ label: '<i>', text: '"><script>', link: { text: '<u>', url: 'javascript:alert(1)' } }] })
    const { noteId } = await o.helpdesk.postNote(ticketId, note)
    const html = htmlIn(writesOf(o.desk)[0]?.body)
    expect(html.match(/<\/?(?!(?:p|br|b|i|strong|em|ul|li|a|hr|div)\b)[a-z!][^>]*>/gi)).toBeNull()
    expect(html).not.toMatch(/javascript:|\son\w+\s*=(?![^<]*&gt;)/i)
    const text = htmlToText(html)
    for (const words of ['<script>alert(1)</script> & "x"', '</p><img src=x onerror=alert(1)>', '&lt;b&gt; dl-aaaaaaaaaaaaa 🚣 הסירה', '"><script>', '<u>']) {
      expect(text).toContain(words)
    }
    expect(await o.helpdesk.findNote(ticketId, KEY)).toMatchObject({ noteId, public: false })
  }))
}

function notesOf (desk: Desk, ticketId: string): Desk['journal'] {
  return desk.journal.filter(entry => entry.ticketId === ticketId && entry.kind === 'note')
}

/** The longest text in a body: what a note looks like is the vendor's business, that it is html is ours. */
function htmlIn (body: unknown): string {
  if (typeof body === 'string') return body
  if (typeof body !== 'object' || body === null) return ''
  return Object.values(body).map(htmlIn).reduce((a, b) => a.length >= b.length ? a : b, '')
}
