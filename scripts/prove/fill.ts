// Fills a pretend helpdesk with a past: tickets over many days, answered, solved, rated, some spam, some in the bin. Every
// message carries a mark of its own, so that it can be said of each whether it arrived, and how often.
import { makeRandom } from '../../test/sandbox/random.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'

/** What must be found here afterwards. */
export interface Past {
  tickets: Set<string>                              // that the helpdesk still shows
  marks: Map<string, string>                        // of each message that can be read: its ticket
  created: Map<string, string>                      // ticket: when it was opened
}

export interface FillOptions { tickets: number, days: number, untilMs: number, seed: number }

const ABOUT = ['the gate code', 'the invoice of March', 'the mooring fee', 'a broken winch', 'the winter storage', 'the key card']
const ANSWERS = [
  'The code is sent by text message on the morning of your stay, please look there first.',
  'We have corrected the invoice and sent it to you again, nothing is owed for that month.',
  'The fee is counted by the metre, and the guests of the club pay half of it.',
  'Our rigger comes on Thursdays and will look at it, you need not be there.',
  'Storage begins in October, and the place is kept for you until the first of the month.',
  'A new card can be had at the desk against the old one, it costs nothing.'
]

export function fillPast (desk: PretendHelpdesk, { tickets, days, untilMs, seed }: FillOptions): Past {
  const random = makeRandom(seed)
  const past: Past = { tickets: new Set(), marks: new Map(), created: new Map() }
  const at = (ms: number): string => new Date(Math.min(ms, untilMs)).toISOString().slice(0, 19) + 'Z'
  let numbered = 0
  for (let i = 0; i < tickets; i++) {
    const opened = untilMs - Math.floor((tickets - i) / tickets * days * 86_400_000)
    const about = i % ABOUT.length
    const person = { id: `guest-${i % 1500}`, name: `Guest ${i % 1500}`, email: `guest${i % 1500}@moorings.example` }
    const mark = (): string => `m${seed}n${numbered++}`
    const marks: string[] = []
    const text = (words: string): string => { const m = mark(); marks.push(m); return `${words} Ref ${m}.` }
    const id = desk.openTicket({ at: at(opened), subject: `About ${ABOUT[about]}`, text: text(`Could you tell me about ${ABOUT[about]}?`), person })
    let now = opened
    const later = (): string => at(now += 600_000 + Math.floor(random() * 7_200_000))
    if (random() < 0.9) {
      desk.agentReplies(id, { at: later(), text: text(ANSWERS[about] ?? ''), agentId: `agent-${i % 12}` })
      if (random() < 0.25) {
        desk.customerWrites(id, { at: later(), text: text('Thank you, and one thing more.') })
        desk.agentReplies(id, { at: later(), text: text(ANSWERS[(about + 1) % ANSWERS.length] ?? ''), agentId: `agent-${i % 12}` })
      }
      if (random() < 0.75) {
        desk.solve(id, { at: later(), agentId: `agent-${i % 12}` })
        if (random() < 0.1) desk.rate(id, { at: later(), good: random() < 0.8 })
      }
    }
    const fate = random()
    if (fate < 0.005) desk.remove(id, { at: later() })
    else if (fate < 0.01) desk.spam(id, { at: later() })
    const isRemoved = fate < 0.005
    past.created.set(id, at(opened))
    // What a deleted ticket still shows differs: Zendesk its number, Intercom nothing, Freshdesk everything.
    const isReadable = fate >= 0.01 || desk.name === 'freshdesk' || (desk.name === 'intercom' && !isRemoved)
    if (!isRemoved || desk.name !== 'intercom') past.tickets.add(id)
    if (isReadable) for (const m of marks) past.marks.set(m, id)
    desk.pending.length = 0                         // it was all long ago: no webhook tells of it
  }
  desk.setNow(new Date(untilMs + 120_000).toISOString().slice(0, 19) + 'Z')
  return past
}
