// What came of the bell, counted from what the pretend vendors really hold: messages and issues of each anomaly, and the
// notes on its tickets. Deskloop is asked only which anomalies and tickets there are.
import type { PretendLinear } from '../../test/sandbox/linear.ts'
import type { PretendSlack } from '../../test/sandbox/slack.ts'
import type { PretendHelpdesk } from '../../test/sandbox/types.ts'
import { isFixedNote, rowsOf } from './checks.ts'
import type { RunningService } from './service.ts'

export interface CountedNotes {
  wanted: number                                    // tickets that had asked when it was done, and are still there
  once: number
  twice: number
  missing: number
  public: number
  elsewhere: number                                 // tickets that were told although they are none of its
}

export interface CountedAnomaly {
  id: string, title: string, state: string, openedAt: string, tickets: number
  messages: number                                  // in the channel, not in its threads
  issues: number
  replies: number                                   // in its thread
  repeated: number                                  // effects that show in more than one message
  slackSays: string
  issue: string | null
  issueState: string
  impact: number | null                             // tickets, as the issue's block says
  links: number
  verifiedComments: number
  notes: CountedNotes
}

type Journalled = Pick<PretendHelpdesk, 'name' | 'journal'>

const NOBODY_READS = new Set(['spam', 'deleted', 'merged'])

/** `strays`: messages and issues that name an anomaly which is not known here. */
export async function countBell (
  service: Pick<RunningService, 'get'>, slack: PretendSlack, linear: PretendLinear, channel: string,
  desks: readonly Journalled[]
): Promise<{ anomalies: CountedAnomaly[], strays: number }> {
  const known = rowsOf(await service.get('/v1/anomalies'))
  const anomalies: CountedAnomaly[] = []
  for (const row of known) anomalies.push(await countOne(service, slack, linear, desks, String(row['id'])))
  const ids = new Set(anomalies.map(a => a.id))
  const said = slack.messages(channel).filter(m => m.byBot && m.threadTs === null)
    .map(m => idsIn(JSON.stringify(m.blocks)))
  const filed = linear.issues().map(issue => issue.description ?? '').filter(text => text.includes('dl-cluster'))
    .map(idsIn)
  const strays = [...said, ...filed].filter(named => named.some(id => !ids.has(id))).length
  return { anomalies, strays }
}

function idsIn (text: string): string[] {
  return [...new Set(text.match(/\ban_[a-z0-9]{13}\b/g) ?? [])]
}

async function countOne (
  service: Pick<RunningService, 'get'>, slack: PretendSlack, linear: PretendLinear, desks: readonly Journalled[],
  id: string
): Promise<CountedAnomaly> {
  const a = fieldsOf(await service.get(`/v1/anomalies/${id}`))
  const tickets = rowsOf(a['tickets']).map(t => ({ ref: `${String(t['connection'])}/${String(t['ticketId'])}`, at: String(t['at']) }))
  // Its own: a list of several is a summary and no alarm.
  const said = slack.messages().filter(m => m.byBot)
  const messages = said.filter(m => m.threadTs === null && isOnly(idsIn(JSON.stringify(m.blocks)), id))
  const replies = said.filter(m => messages.some(parent => parent.ts === m.threadTs))
  const effects = [...messages, ...replies].map(m => JSON.stringify(m.metadata))
  const issues = linear.issues().filter(issue => issue.description?.includes(`dl-cluster ${id}`) === true)
  const [issue] = issues
  const impact = /\| (\d+) \| \d+ \|/.exec(issue?.description ?? '')?.[1]
  const comments = issue === undefined ? [] : linear.comments(issue.id)
  const fixedAt = typeof a['fixedAt'] === 'string' ? a['fixedAt'] : null
  return {
    id,
    title: String(a['title']),
    state: String(a['state']),
    openedAt: String(a['openedAt']),
    tickets: tickets.length,
    messages: messages.length,
    issues: issues.length,
    replies: replies.length,
    repeated: effects.length - new Set(effects).size,
    slackSays: messages[0]?.text ?? 'nothing',
    issue: typeof a['issueIdentifier'] === 'string' ? a['issueIdentifier'] : null,
    issueState: issue?.state.type ?? 'none',
    impact: impact === undefined ? null : Number(impact),
    links: issue === undefined ? 0 : linear.attachments(issue.id).length,
    verifiedComments: comments.filter(c => c.body.startsWith('Verified')).length,
    notes: countNotes(desks, fixedAt === null ? [] : tickets.filter(t => t.at <= fixedAt).map(t => t.ref), tickets.map(t => t.ref), issue?.identifier ?? '')
  }
}

function isOnly (ids: string[], id: string): boolean {
  return ids.length === 1 && ids[0] === id
}

function countNotes (
  desks: readonly Journalled[], wanted: string[], all: string[], issue: string
): CountedNotes {
  const entries = desks.flatMap(desk => desk.journal.map(e => ({ ...e, ref: `${desk.name}/${e.ticketId}` })))
  const gone = new Set(entries.filter(e => NOBODY_READS.has(e.kind)).map(e => e.ref))
  const taken = new Set(entries.filter(e => e.kind === 'note-removed' || e.kind === 'redacted').map(e => `${e.ref} ${e.messageId ?? ''}`))
  const told = entries.filter(e => e.by === 'api' && e.kind === 'note' && isFixedNote(e.text) &&
    (issue !== '' && e.text?.includes(issue) === true) && !taken.has(`${e.ref} ${e.messageId ?? ''}`))
  const counts = new Map<string, number>()
  for (const { ref } of told) counts.set(ref, (counts.get(ref) ?? 0) + 1)
  const still = wanted.filter(ref => !gone.has(ref))
  const times = still.map(ref => counts.get(ref) ?? 0)
  return {
    wanted: still.length,
    once: times.filter(n => n === 1).length,
    twice: [...counts.values()].filter(n => n > 1).length,
    missing: times.filter(n => n === 0).length,
    public: told.filter(e => e.public).length,
    elsewhere: [...counts.keys()].filter(ref => !all.includes(ref)).length
  }
}

function fieldsOf (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
