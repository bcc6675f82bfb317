// The whole house with each helpdesk: the customer writes on, and the note in the ticket is replaced; the agent presses a
// link in it, answers, and the note is told what became of it. The journals of the pretend helpdesks say what was applied.
import { plus } from '../../src/learn/story.ts'
import type { Instant } from '../../src/types.ts'
import type { JournalEntry, PretendHelpdesk } from '../sandbox/types.ts'
import { openHouse } from '../support/house.ts'
import type { House } from '../support/house.ts'

const NAMES = ['zendesk', 'intercom', 'freshdesk'] as const
const START = '2026-09-01T08:00:00Z'
const ENOUGH = 90
const KEY_QUESTION = 'How can I get a second key for my locker in the boathouse'
const KEY_ANSWER = 'You can have a second key at the boathouse. Bring the card of your locker and the deposit of 25 crowns.'
const CRANE_QUESTION = 'When does the crane lift sailing yachts out of the water before winter'
const CRANE_ANSWER = 'The crane lifts on the first two Saturdays of October. Book your lift with the harbour office until Thursday.'

let house: House
let now = START
let people = 0

beforeAll(async () => {
  house = await openHouse({ DESKLOOP_TIME_ZONE: 'Europe/Oslo' })
  for (let i = 0; i < ENOUGH; i++) {
    const desk = house.desks[NAMES[i % NAMES.length] ?? 'zendesk']
    const at = plus(START, i * 7200)
    const isMixed = i % 5 === 0
    const isKey = i % 2 === 0 && !isMixed
    const id = open(desk, at, isMixed ? `${KEY_QUESTION}. No: ${CRANE_QUESTION}? ${CRANE_QUESTION}` : isKey ? KEY_QUESTION : CRANE_QUESTION)
    reply(desk, id, plus(at, 600), i % 9 === 8 ? `Please see day ${i}, I will write tomorrow.` : isKey ? KEY_ANSWER : CRANE_ANSWER)
  }
  await move(ENOUGH * 7200 + 3600)
}, 120_000)
afterAll(async () => { await house.close() })

describe.each(NAMES)('with %s', name => {
  test('what the customer adds makes the note another one; the agent says it is outdated, answers, and the note says so', async () => {
    const desk = house.desks[name]
    const id = open(desk, plus(now, 60), KEY_QUESTION)
    await move(80)
    expect(notesOn(desk, id).map(e => e.kind)).toEqual(['note'])
    const [first = ''] = keysOn(desk, id)

    desk.customerWrites(id, { at: plus(now, 60), text: `I have mixed it up. ${CRANE_QUESTION}? ${CRANE_QUESTION}` })
    await move(90)
    const inPlace = name === 'freshdesk'
    const written = notesOn(desk, id)
    expect(written.map(e => [e.kind, e.public])).toEqual([['note', false], [inPlace ? 'note-edited' : 'note', false]])
    const newest = written.at(-1)?.text ?? ''
    expect(newest).toContain(CRANE_ANSWER)
    expect(newest).not.toContain(KEY_ANSWER)
    expect(newest).toMatch(inPlace ? /^AI draft · private .* · updated \d\d:\d\d/ : /^Replaces the draft of \d\d:\d\d · AI draft · private/)
    const second = keysOn(desk, id).at(-1) ?? ''
    expect(second).not.toBe(first)
    expect((await house.page(`/drafts/${first}`)).body).toContain(`a newer draft took its place: <a href="/drafts/${second}">`)
    expect((await house.page(linkIn(desk, first, 'open'))).body).toContain('Withdrawn')

    const wrong = linkIn(desk, second, 'wrong')
    for (let i = 0; i < 2; i++) {
      expect((await house.page(wrong)).status).toBe(200)
      const answer = await fetch(house.url + wrong, {
        method: 'POST', redirect: 'manual', body: new URLSearchParams({ reason: 'outdated' }), headers: { 'sec-fetch-site': 'same-origin' }
      })
      expect(answer.status).toBe(303)
    }
    await move(30)
    const signals = await house.db.selectFrom('signal').select(['kind', 'weight']).where('connection', '=', name).where('ticket_id', '=', id).execute()
    expect(signals).toEqual([{ kind: 'flagged', weight: 2 }])

    reply(desk, id, plus(now, 60), CRANE_ANSWER)
    await move(120)
    const all = notesOn(desk, id)
    expect(all.map(e => e.kind)).toEqual(inPlace ? ['note', 'note-edited', 'note-edited'] : ['note', 'note'])
    if (inPlace) expect(all.at(-1)?.text).toMatch(/Used \d\d:\d\d · sent as it is/)
    const drafts = await house.db.selectFrom('draft').select(['key', 'outcome', 'seen']).where('connection', '=', name)
      .where('ticket_id', '=', id).orderBy('asked_at').execute()
    expect(drafts).toEqual([{ key: first, outcome: null, seen: null }, { key: second, outcome: 'as_is', seen: 'seen' }])

    // Thanks are nothing to draft for, and nothing is written about them.
    desk.customerWrites(id, { at: plus(now, 60), text: 'Thank you very much!' })
    await move(120)
    expect(notesOn(desk, id)).toHaveLength(all.length)
    expect(desk.journal.filter(e => e.by === 'api' && e.public)).toEqual([])
  })

  test('no drafts on this ticket, by the link in its note', async () => {
    const desk = house.desks[name]
    const id = open(desk, plus(now, 60), KEY_QUESTION)
    await move(80)
    const quiet = linkIn(desk, keysOn(desk, id)[0] ?? '', 'quiet')
    await fetch(house.url + quiet, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ quiet: 'on' }) })
    desk.customerWrites(id, { at: plus(now, 60), text: `I have mixed it up. ${CRANE_QUESTION}? ${CRANE_QUESTION}` })
    await move(90)
    expect(notesOn(desk, id)).toHaveLength(1)
    expect((await house.page(quiet)).body).toContain('Write drafts here again')
  })
})

function open (desk: PretendHelpdesk, at: Instant, text: string): string {
  const n = ++people
  const person = { id: `sailor-${n}`, name: `Sailor ${n}`, email: `sailor-${n}@fjordlag.example` }
  return desk.openTicket({ at, subject: 'A question', text, person, channel: 'email' })
}

function reply (desk: PretendHelpdesk, id: string, at: Instant, text: string): void {
  desk.agentReplies(id, { at, text, agentId: 'agent-1' })
}

async function move (seconds: number): Promise<void> {
  now = plus(now, seconds)
  await house.live(now)
}

function notesOn (desk: PretendHelpdesk, id: string): JournalEntry[] {
  return desk.journal.filter(e => e.ticketId === id && e.by === 'api' && e.kind.startsWith('note'))
}

function keysOn (desk: PretendHelpdesk, id: string): string[] {
  return notesOn(desk, id).map(e => /dl-[a-z2-7]{13}$/.exec(e.text?.trim() ?? '')?.[0] ?? '')
}

/** The path of a link as it was written into a note, on this very server. */
function linkIn (desk: PretendHelpdesk, key: string, purpose: string): string {
  const bodies = desk.requests.map(r => JSON.stringify(r.body ?? '')).filter(body => body.includes(key))
  const found = new RegExp(`https://deskloop\\.example(/note/${purpose}/${key}\\?until=\\d+&amp;sign=[\\w-]{24})`).exec(bodies.join('\n'))
  return (found?.[1] ?? 'no link').replace('&amp;', '&')
}
