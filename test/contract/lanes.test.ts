// Every connector lets the pace decide: notes and looks are live, history and knowledge can wait, and a call that is held
// back leaves as just that, with nothing sent.
import freshdesk from '../../connectors/freshdesk/index.ts'
import intercom from '../../connectors/intercom/index.ts'
import zendesk from '../../connectors/zendesk/index.ts'
import { HeldBack } from '../../src/errors.ts'
import type { Connector, Heard, Helpdesk, Lane, Pace, PacedCall } from '../../src/types.ts'
import { openFreshdesk } from '../sandbox/freshdesk.ts'
import { openIntercom } from '../sandbox/intercom.ts'
import type { PretendHelpdesk } from '../sandbox/types.ts'
import { openZendesk } from '../sandbox/zendesk.ts'
import { after, failure, KEY, makeNote, person, writesOf } from './opened.ts'

interface Seen extends PacedCall { lane: Lane, operation: number, heard: Heard }

/** Writes down what enters which lane; holds back what `stops` says. */
function recordingPace (stops: (call: PacedCall) => boolean = () => false): { pace: Pace, seen: Seen[] } {
  const seen: Seen[] = []
  let operations = 0
  return {
    seen,
    pace: {
      begin (lane) {
        const operation = ++operations
        return async (call, speak, hear) => {
          if (stops(call)) throw new HeldBack('no turn', 7_000)
          const answer = await speak()
          seen.push({ ...call, lane, operation, heard: hear(answer) })
          return answer
        }
      }
    }
  }
}

interface Case { name: string, connector: Connector, open: () => Promise<PretendHelpdesk>, limit: number }

const CASES: Case[] = [
  { name: 'zendesk', connector: zendesk, open: () => openZendesk(), limit: 700 },
  { name: 'intercom', connector: intercom, open: () => openIntercom(), limit: 1667 },
  { name: 'freshdesk', connector: freshdesk, open: () => openFreshdesk(), limit: 400 }
]

describe.each(CASES)('$name', ({ connector, open, limit }) => {
  let desk: PretendHelpdesk
  let ticketId: string
  let basis: string

  beforeEach(async () => {
    desk = await open()
    ticketId = desk.openTicket({ at: after(0), subject: 'Oars', text: 'Two oars are missing.', person })
    basis = desk.customerWrites(ticketId, { at: after(30), text: 'They were there on Friday.' })
  })
  afterEach(async () => { await desk.close() })

  const with_ = (pace: Pace): Helpdesk => connector.open(desk.settings, connector.name, pace)

  test('a note is one live operation, its write is known as one, and each answer tells the limit', async () => {
    const { pace, seen } = recordingPace()
    await with_(pace).postNote(ticketId, makeNote(basis, ['Look in the shed.']))
    expect(seen.length).toBeGreaterThanOrEqual(2)
    expect(new Set(seen.map(call => `${call.lane} ${call.operation}`)).size).toBe(1)
    expect(seen[0]?.lane).toBe('live')
    expect(seen.filter(call => call.write)).toHaveLength(1)
    expect(seen.every(call => !call.endpoint.includes(ticketId) && !call.endpoint.includes('?'))).toBe(true)
    for (const { heard } of seen) expect(heard.quotas[0]).toMatchObject({ of: 'account', limit })
    expect(seen.length).toBe(desk.requests.length)  // nothing goes past it
  })

  test('looks are live; history, knowledge and counting can wait', async () => {
    const { pace, seen } = recordingPace()
    const helpdesk = with_(pace)
    await helpdesk.fetchSelf()
    await helpdesk.fetchTicket(ticketId)
    await helpdesk.findNote(ticketId, KEY)
    expect(new Set(seen.splice(0).map(call => call.lane))).toEqual(new Set(['live']))
    for await (const page of helpdesk.fetchHistory('2026-01-01T00:00:00Z')) expect(page.cursor).not.toBe('')
    for await (const article of helpdesk.fetchKnowledge()) expect(article.id).not.toBe('')
    await helpdesk.countTickets('2026-03-01T00:00:00Z', '2026-03-03T00:00:00Z')
    expect(seen.length).toBeGreaterThanOrEqual(5)
    expect(new Set(seen.map(call => call.lane))).toEqual(new Set(['backfill']))
  })

  test('held back before the write: it says so, and nothing was written', async () => {
    const { pace } = recordingPace(call => call.write)
    const error = await failure(with_(pace).postNote(ticketId, makeNote(basis, ['Look in the shed.'])))
    expect(error).toBeInstanceOf(HeldBack)
    expect(error).toMatchObject({ waitMs: 7_000 })
    expect(writesOf(desk)).toEqual([])
  })

  test('held back while reading: whoever asks learns just that', async () => {
    const helpdesk = with_(recordingPace(() => true).pace)
    expect(await failure(helpdesk.fetchSelf())).toBeInstanceOf(HeldBack)
    expect(await failure(helpdesk.fetchTicket(ticketId))).toBeInstanceOf(HeldBack)
    expect(await failure(helpdesk.findNote(ticketId, KEY))).toBeInstanceOf(HeldBack)
    const [from, to] = ['2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z']
    expect(await failure(helpdesk.countTickets(from, to))).toBeInstanceOf(HeldBack)
    expect(desk.requests).toEqual([])
  })

  test('a note that turned out to be public is hidden without waiting for a turn', async () => {
    desk.faults = { ...desk.faults, publicNotes: 1 }
    const { pace, seen } = recordingPace()
    const error = await failure(with_(pace).postNote(ticketId, makeNote(basis, ['Look in the shed.'])))
    expect(error.name).toBe('PublicNote')
    expect(seen.filter(call => call.write).map(call => call.urgent)).toEqual([false, true])
  })
})

test('what a list of Freshdesk costs is told, so that it is paid for', async () => {
  const desk = await openFreshdesk()
  const { pace, seen } = recordingPace()
  const helpdesk = freshdesk.open(desk.settings, 'freshdesk', pace)
  for await (const page of helpdesk.fetchHistory('2026-01-01T00:00:00Z')) expect(page.cursor).not.toBe('')
  expect(seen.filter(call => call.endpoint === 'GET /tickets').map(call => call.heard.used)).toEqual([7, 7, 7])
  await desk.close()
})
