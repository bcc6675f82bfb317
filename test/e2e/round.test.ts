// The whole house, once around with each helpdesk: agents answer, a new question gets one internal note with what they
// usually say, the agent sends his own version, and what became of the draft is learned.
import { htmlToText } from '../../src/text.ts'
import { plus } from '../../src/learn/story.ts'
import type { Instant } from '../../src/types.ts'
import type { JournalEntry, PretendHelpdesk } from '../sandbox/types.ts'
import { openHouse } from '../support/house.ts'
import type { House } from '../support/house.ts'

const NAMES = ['zendesk', 'intercom', 'freshdesk'] as const
const ENOUGH = 81                                   // replies after which the gate speaks
const START = '2026-09-01T08:00:00Z'
const USUAL = 'You can have a second key at the boathouse. Bring the card of your locker and five crowns for the deposit.\n\n' +
  'The warden writes your name into the book, and the key is yours until the season ends.'
const EDITED = 'You can have a second key at the boathouse. Bring the card of your locker and five crowns for the deposit.\n\n' +
  'This week the warden is away, so please ring the bell of the café next door and ask for Halvard there.'
const OTHER = 'Sorry, lockers below the stairs are being rebuilt. We will write to you when it is finished.'
const QUESTIONS = [
  'How can I get a second key for my locker in the boathouse?',
  'We need another key for the boathouse locker, where do we get it?',
  'Is there a way to have a second locker key for my daughter?',
  'Can you give me one more key to our locker in the boathouse, please?'
]
const ODD = [
  'My trailer does not fit below the bridge, who measures it?', 'The ice on the jetty is thick, will somebody throw sand?',
  'Do I have to pay for the crane when the mast stays on?', 'I lost an oar near the buoy, it is red with a white blade.',
  'Our boy wants to row in spring, how old must he be?'
]

interface Row { [name: string]: unknown }

let house: House
let now = START
let people = 0
const between: Record<string, { asked: number, noted: number }> = {}      // questions of `makeSure`

beforeAll(async () => {
  house = await openHouse()
  for (let i = 0; i < ENOUGH; i++) {
    const desk = house.desks[NAMES[i % NAMES.length] ?? 'zendesk']
    const at = plus(START, i * 900)
    // Some ask for something else and are answered in no usual way: where every draft is right, no doubt is learned.
    const odd = i % 8 === 5
    const text = odd ? ODD[Math.floor(i / 8) % ODD.length] : QUESTIONS[i % QUESTIONS.length]
    const id = ask(desk, at, text ?? '')
    answer(desk, id, plus(at, 400), odd ? `About your note of day ${i}: ${ODD[(i + 3) % ODD.length] ?? ''}` : USUAL)
  }
  await move(ENOUGH * 900 + 3600)
})
afterAll(async () => { await house.close() })

test('while replies are still being learned nothing is written', async () => {
  const nothing = { notes: 0, seen: 0, parked: 0, failures: 0, unreadable: 0 }
  expect(await stats()).toMatchObject({ tickets: ENOUGH, drafts: ENOUGH, ...nothing })
  expect(notes()).toEqual([])
})

describe.each(NAMES)('a round with %s', name => {
  let desk: PretendHelpdesk
  beforeAll(() => { desk = house.desks[name] })

  test('a question gets one internal note with the usual answer; sent as it is, it counts as such', async () => {
    const id = await askNow(desk)
    const [note, ...more] = notesOn(desk, id)
    expect(more).toEqual([])
    expect(note).toMatchObject({ kind: 'note', by: 'api', public: false })
    const draft = await draftOf(name, id)
    expect(draft).toMatchObject({ action: 'note', noteState: 'done', text: USUAL, outcome: null })
    expectLayout(desk, String(draft['key']), Number(draft['score']))

    // The webhook of our own note is no event, wakes nobody up for long, and is answered by nothing.
    const before = await eventsOf(name, id)
    const writes = writesOf(desk)
    await move(60)
    expect(await eventsOf(name, id)).toEqual(before)
    expect([notesOn(desk, id).length, writesOf(desk)]).toEqual([1, writes])
    expect(before.map(e => e['kind']).sort()).toEqual(['asked', 'opened'])

    answer(desk, id, plus(now, 60), `Hi there,\n\n${USUAL}\n\nBest regards`)
    await move(120)
    expect(await draftOf(name, id)).toMatchObject({ outcome: 'as_is', seen: 'seen', similarity: 1 })
    desk.solve(id, { at: plus(now, 30), agentId: 'agent-1' })
    await move(60)
    desk.reopen(id, { at: plus(now, 3600) })
    await move(3700)
    expect(await signalsOf(name, id)).toEqual(['as_is', 'reopened'])
    expect((await eventsOf(name, id)).map(e => e['kind'])).toContain('reopened')
  })

  test('a draft that was changed, and a ticket that stayed solved and was rated well', async () => {
    const id = await askNow(desk)
    answer(desk, id, plus(now, 60), EDITED)
    desk.solve(id, { at: plus(now, 90), agentId: 'agent-1' })
    await move(100)
    const draft = await draftOf(name, id)
    expect(draft).toMatchObject({ noteState: 'done', outcome: 'edited', seen: 'seen' })
    expect(Number(draft['similarity'])).toBeGreaterThan(0.4)
    desk.rate(id, { at: plus(now, 600), good: true })
    await move(4 * 86_400)
    expect(await signalsOf(name, id)).toEqual(['edited', 'rated_good', 'stayed_solved'])
    expect(notesOn(desk, id)).toHaveLength(1)
  })

  test('a draft that was replaced, and a customer who was not content', async () => {
    const id = await askNow(desk)
    answer(desk, id, plus(now, 60), OTHER)
    await move(100)
    expect(await draftOf(name, id)).toMatchObject({ noteState: 'done', outcome: 'replaced', seen: 'seen', reward: 0 })
    desk.solve(id, { at: plus(now, 10), agentId: 'agent-1' })
    desk.rate(id, { at: plus(now, 600), good: false })
    await move(3600)
    expect(await signalsOf(name, id)).toEqual(['rated_bad', 'replaced'])
  })

  test('an agent who is faster than the draft is not disturbed', async () => {
    await makeSure(name)
    const at = plus(now, 60)
    const id = ask(desk, at, QUESTIONS[0] ?? '')
    answer(desk, id, plus(at, 5), USUAL)
    await move(120)
    expect(notesOn(desk, id)).toEqual([])
    expect(await draftOf(name, id)).toMatchObject({
      noteState: 'skipped', noteReason: 'answered before the draft was ready', outcome: 'as_is', seen: 'silent'
    })
  })
})

test('what the pages and the numbers say adds up to what really happened', async () => {
  const live = await stats()
  const desks = Object.values(house.desks)
  const written = notes()
  const sumOf = (of: 'asked' | 'noted'): number => Object.values(between).reduce((all, b) => all + b[of], 0)
  const more = { asked: sumOf('asked'), noted: sumOf('noted') }
  expect(more.noted).toBeLessThan(20)
  expect(written).toHaveLength(9 + more.noted)
  expect(live).toMatchObject({
    tickets: desks.reduce((n, desk) => n + desk.ticketIds().length, 0),
    deliveries: desks.reduce((n, desk) => n + desk.sent.length, 0),
    notes: 9 + more.noted, seen: 9 + more.noted, asIs: 3 + more.noted, edited: 3, replaced: 3,
    parked: 0, waiting: 0, unreadable: 0, failures: 0
  })
  const drafts = rows(await house.get('/v1/drafts?limit=1000'))
  expect(drafts).toHaveLength(Number(live['drafts']))
  expect(drafts.filter(d => d['noteState'] === 'done').map(d => d['key']).sort()).toEqual(written.map(keyIn).sort())
  const curve = rows(await house.get('/v1/curve'))
  const sum = (column: string): number => curve.reduce((n, week) => n + Number(week[column]), 0)
  expect([sum('answered'), sum('shown'), sum('asIs'), sum('edited'), sum('replaced')]).toEqual([ENOUGH + 12 + more.asked, 9 + more.noted, 3 + more.noted, 3, 3])
  expect(rows(await house.get('/v1/connections'))).toMatchObject([...NAMES].sort().map(name => ({ name, pausedWhy: null, waiting: 0, notes: 3 + (between[name]?.noted ?? 0) })))
  // Not a word of ours was ever public, in any of them.
  expect(desks.flatMap(desk => desk.journal.filter(entry => entry.by === 'api' && entry.public))).toEqual([])

  const [first] = drafts.filter(d => d['noteState'] === 'done')
  const key = String(first?.['key'])
  for (const [path, word] of [['/', key], ['/drafts', key], [`/drafts/${key}`, key], ['/charts/curve.svg', '<svg']] as const) {
    const { status, body } = await house.page(path)
    expect([path, status, body.includes(word)]).toEqual([path, 200, true])
  }
  const whole = htmlToText((await house.page(`/drafts/${key}`)).body)
  for (const part of USUAL.split('\n\n')) expect(whole).toContain(part)
  expect((await house.page('/drafts/dl-nosuchdraft00')).status).toBe(404)
})

// After drafts that were not sent as they were, a few that are: until the next is sure enough for a note again.
async function makeSure (name: typeof NAMES[number]): Promise<void> {
  const count = between[name] = { asked: 0, noted: 0 }
  for (let inARow = 0; inARow < 2 && count.asked < 8;) {
    const id = await askNow(house.desks[name])
    count.asked++
    const isNoted = notesOn(house.desks[name], id).length > 0
    inARow = isNoted ? inARow + 1 : 0
    count.noted += isNoted ? 1 : 0
    answer(house.desks[name], id, plus(now, 60), USUAL)
    await move(100)
  }
}

function ask (desk: PretendHelpdesk, at: Instant, text: string): string {
  const n = ++people
  const person = { id: `rower-${n}`, name: `Rower ${n}`, email: `rower-${n}@fjordlag.example` }
  return desk.openTicket({ at, subject: 'Key of the locker', text, person, channel: 'email' })
}

function answer (desk: PretendHelpdesk, id: string, at: Instant, text: string): void {
  desk.agentReplies(id, { at, text, agentId: 'agent-1' })
}

/** A new question, and the time after which its note stands there. */
async function askNow (desk: PretendHelpdesk): Promise<string> {
  const id = ask(desk, plus(now, 60), QUESTIONS[people % QUESTIONS.length] ?? '')
  await move(80)
  return id
}

async function move (seconds: number): Promise<void> {
  now = plus(now, seconds)
  await house.live(now)
  await house.catchUp(plus(now, 120))
  await house.live(now)
}

function notesOn (desk: PretendHelpdesk, id: string): JournalEntry[] {
  return desk.journal.filter(entry => entry.ticketId === id && entry.kind === 'note' && entry.by === 'api')
}

function notes (): JournalEntry[] {
  return Object.values(house.desks).flatMap(desk => desk.journal.filter(entry => entry.kind === 'note' && entry.by === 'api'))
}

function writesOf (desk: PretendHelpdesk): number {
  return desk.requests.filter(request => request.method !== 'GET').length
}

function keyIn (note: JournalEntry): string {
  return /dl-[a-z2-7]{13}/.exec(note.text ?? '')?.[0] ?? 'no key'
}

// What stands above the first rule says whether to read on; between the rules is the draft and nothing else.
function expectLayout (desk: PretendHelpdesk, key: string, score: number): void {
  const written = desk.requests.map(request => htmlIn(request.body)).findLast(html => html.includes(key)) ?? ''
  const [head, draft, below, ...more] = htmlToText(written.replaceAll('<hr>', '<p>————</p>')).split(/\n*—{4,}\n*/)
  expect(more).toEqual([])
  const sure = score >= house.rules.highScore ? 'High' : 'Medium'
  expect(head).toMatch(new RegExp(`^AI draft · private · ${sure} confidence \\(${Math.round(score * 100)}%\\) · \\S[^\\n]*$`))
  expect(draft).toBe(USUAL)
  expect(below).toMatch(/^- Why: agents answered \d similar tickets like this, e\.g\. #\w+/)
  const hint = 'Send your own version as usual: we learn from what you send.'
  const link = (words: string, purpose: string): string => `${words} (https://deskloop.example/note/${purpose}/${key}?…)`
  const end = [link('Open draft', 'open'), link('Wrong or outdated?', 'wrong'), link('No drafts on this ticket', 'quiet'), key]
  expect(below?.replace(/\s+/g, ' ').replace(/\?until=\d+&sign=[\w-]{24}/g, '?…')).toContain(`${hint} ${end.join(' · ')}`)
  expect(below?.endsWith(key)).toBe(true)
}

function htmlIn (body: unknown): string {
  if (typeof body === 'string') return body
  if (typeof body !== 'object' || body === null) return ''
  return Object.values(body).map(htmlIn).reduce((a, b) => a.length >= b.length ? a : b, '')
}

async function stats (): Promise<Row> {
  return rows([await house.get('/v1/stats')])[0] ?? {}
}

async function draftOf (connection: string, ticketId: string): Promise<Row> {
  const found = rows(await house.get('/v1/drafts?limit=1000')).filter(d => d['connection'] === connection && d['ticketId'] === ticketId)
  const row = await house.db.selectFrom('draft').select('reward').where('key', '=', String(found.at(-1)?.['key'])).executeTakeFirst()
  return { ...found.at(-1), ...row }
}

async function eventsOf (connection: string, ticketId: string): Promise<Row[]> {
  return rows(await house.get(`/v1/tickets/${connection}/${ticketId}/events`))
}

async function signalsOf (connection: string, ticketId: string): Promise<string[]> {
  const found = await house.db.selectFrom('signal').select('kind').where('connection', '=', connection).where('ticket_id', '=', ticketId).execute()
  return found.map(row => row.kind).sort()
}

function rows (value: unknown): Row[] {
  return Array.isArray(value) ? value.filter((v): v is Row => typeof v === 'object' && v !== null) : []
}
