// After a replay: is everything there, was nothing said to a customer, and would the backtest have said the same?
import { isDeepStrictEqual } from 'node:util'
import { GiveUp } from '../../src/errors.ts'
import { runBacktest } from '../../src/learn/backtest.ts'
import type { PlacedDecision, Story } from '../../src/learn/backtest.ts'
import { isRuleEvent, readEscalation } from '../../src/learn/escalation.ts'
import type { LearnRules } from '../../src/learn/steps.ts'
import { sortStory } from '../../src/learn/story.ts'
import type { EscalationRule, Helpdesk, TicketEvent } from '../../src/types.ts'
import type { JournalEntry } from '../../test/sandbox/types.ts'
import { storiesOf } from '../share-out.ts'
import type { Shared } from '../share-out.ts'
import type { Desks, Played } from './player.ts'
import type { RunningService } from './service.ts'

export interface Check { name: string, ok: boolean, says: string }

/** What the customers saw, from the journals of the helpdesks alone. */
export function checkJournals (desks: Desks): Check[] {
  const entries = Object.values(desks).flatMap(desk => desk.journal.map(e => (
    { ...e, ticketId: `${desk.name}/${e.ticketId}` }
  )))
  const byApi = entries.filter(e => e.by === 'api')
  const publicWrites = byApi.filter(e => e.public)
  const notes = byApi.filter(e => e.kind === 'note')
  const replies = entries.filter(e => e.kind === 'message' && e.public && e.by === 'agent').length
  let twoLive = 0
  let answered = 0
  const live = new Map<string, number>()
  const open = new Map<string, boolean>()
  for (const e of entries) {
    const { ticketId } = e
    if (e.kind === 'opened' || (e.kind === 'message' && e.by === 'customer')) open.set(ticketId, true)
    if (e.kind === 'message' && e.by === 'agent') { open.set(ticketId, false); live.set(ticketId, 0) }
    if (e.kind !== 'note' || e.by !== 'api' || isFixedNote(e.text)) continue
    if (open.get(ticketId) !== true) answered++
    // A suggestion to escalate may come beside a draft that stands already: the customer has said something worse since.
    if (e.text?.includes('Suggest escalation') === true) continue
    live.set(ticketId, (live.get(ticketId) ?? 0) + 1)
    if ((live.get(ticketId) ?? 0) > 1) twoLive++
  }
  const doubled = countDoubled(notes)
  return [
    check(
      'public writes by Deskloop', publicWrites.length === 0,
      `${publicWrites.length} of ${replies} public replies; ${replies} were written by the archive's agents`
    ),
    check('tickets with two live notes', twoLive === 0, `${twoLive} (${notes.length} notes)`),
    check('notes on tickets already answered', answered === 0, `${answered} (${notes.length} notes)`),
    check('notes written twice', doubled === 0, `${doubled} (${notes.length} notes)`)
  ]
}

/** Deliveries sent against deliveries stored. A redelivery of the same notification is answered and not stored again. */
export async function checkDeliveries (desks: Desks, service: RunningService): Promise<Check> {
  const health = await service.get('/v1/connections')
  const stored = new Map(rowsOf(health).map(r => [String(r['name']), Number(r['deliveries'])]))
  const parts = Object.values(desks).map(desk => {
    const answered = desk.sent.map(d => d.attempts.filter(a => a.status === 200).length)
    const distinct = answered.filter(n => n > 0).length
    // Freshdesk names no delivery: there each one counts, also one whose answer was lost.
    const least = desk.name === 'freshdesk' ? answered.reduce((a, b) => a + b, 0) : distinct
    const most = desk.name === 'freshdesk' ? desk.sent.reduce((sum, d) => sum + d.attempts.length, 0) : distinct
    return { name: desk.name, least, most, stored: stored.get(desk.name) ?? 0, refused: desk.sent.length - distinct }
  })
  const ok = parts.every(p => p.stored >= p.least && p.stored <= p.most && p.refused === 0)
  return check(
    'deliveries answered = stored', ok,
    parts.map(p => `${p.name} ${p.least}${p.most > p.least ? ` to ${p.most}` : ''} = ${p.stored}`).join(', ')
  )
}

/** Each ticket's stored story against what the helpdesk tells now. */
export async function checkStories (
  shared: Shared[], played: Played, service: RunningService, helpdesks: ReadonlyMap<string, Helpdesk>
): Promise<Check> {
  const different: string[] = []
  let past = 0
  for (const s of shared) {
    const id = played.ids.get(s.n) ?? ''
    const answer = await service.get(`/v1/tickets/${s.connection}/${id}/events`)
    const stored = sortStory((Array.isArray(answer) ? answer : []).filter(isEvent)).filter(e => !isRuleEvent(e))
    const told = await findStory(helpdesks.get(s.connection), id)
    if (told === null) {                            // spam and deleted tickets are shown to nobody any more
      if (!stored.some(e => e.kind === 'spam' || e.kind === 'deleted')) different.push(`${s.connection}/${id}`)
      continue
    }
    const keys = new Set(told.map(e => e.key))
    // Freshdesk keeps only the last time a ticket was solved or reopened: what we heard of earlier ones stays ours.
    const kept = s.connection === 'freshdesk'
      ? stored.filter(e => keys.has(e.key) || (
        e.kind !== 'solved' && e.kind !== 'reopened'
      ))
      : stored
    past += stored.length - kept.length
    if (
      !isDeepStrictEqual(kept.map(comparable), told.map(comparable))
    ) different.push(`${s.connection}/${id} (${firstDifference(kept, told)})`)
  }
  const extra = past === 0 ? '' : `; ${past} earlier states that Freshdesk no longer tells`
  return check('stories by webhook = by fetchTicket', different.length === 0,
    `${shared.length - different.length} of ${shared.length} tickets${extra}${different.length > 0 ? `; different: ${different.slice(0, 5).join(', ')}` : ''}`)
}

/** The drafts of the live run against those of the backtest over the same archive. */
export async function checkDrafts (
  shared: Shared[], played: Played, service: RunningService, rules: LearnRules, escalation: EscalationRule[]
): Promise<Check> {
  const live = new Map<string, Array<Record<string, unknown>>>()
  const rows = rowsOf(await service.get('/v1/drafts?limit=100000'))
  for (const row of rows) {
    const key = `${String(row['connection'])}/${String(row['ticketId'])}`
    live.set(key, [...live.get(key) ?? [], row])
  }
  for (const list of live.values()) list.sort((a, b) => String(a['askedAt']) < String(b['askedAt']) ? -1 : 1)
  // What was decided on the way, such as that a topic does not teach while something is broken, is folded in where it stood.
  const placed: unknown = await service.get('/v1/learning/decisions')
  const decisions = Array.isArray(placed) ? placed.filter(isPlaced) : []
  const told = runBacktest(playedStories(shared), rules, played.until, readEscalation(escalation), [], decisions)
  const expected = [...told].sort((a, b) => a.at < b.at ? -1 : 1)
  let same = 0
  let worst = 0
  const different: string[] = []
  for (const e of expected) {
    const key = `${e.where.connection}/${played.ids.get(Number(e.where.ticketId)) ?? ''}`
    const row = live.get(key)?.shift()
    const gap = Math.abs(Number(row?.['score'] ?? NaN) - e.draft.score)
    if (gap > worst) worst = gap
    const equal = row !== undefined && row['askedAt'] === e.at && row['text'] === e.draft.text && row['topic'] === e.draft.topic &&
      row['action'] === e.draft.action && gap < 1e-9 && (row['outcome'] ?? null) === e.outcome
    if (equal) same++
    else different.push(`${key} ${e.at}`)
  }
  return check('drafts and scores = backtest', same === expected.length && rows.length === expected.length,
    `${same} of ${expected.length} (live ${rows.length}), largest difference of scores ${worst.toExponential(1)}${different.length > 0 ? `; first: ${different.slice(0, 3).join(', ')}` : ''}`)
}

// What the pretend helpdesks were told: of the place of asking only the page, and of that a path. Intercom knows no page of
// a mail.
function playedStories (shared: Shared[]): Story[] {
  const isBare = (events: TicketEvent[]): boolean => events.some(e => e.kind === 'opened' && e.channel === 'email')
  return storiesOf(shared).map(({ where, events }) => ({
    where,
    events: events
      .filter(e => e.kind !== 'context' || (e.name === 'page' && !(where.connection === 'intercom' && isBare(events))))
      .map(e => e.kind === 'context' && !e.value.startsWith('/') ? { ...e, value: `/${e.value}` } : e)
  }))
}

function firstDifference (stored: TicketEvent[], told: TicketEvent[]): string {
  const other = new Map(told.map(e => [e.key, e]))
  for (const e of stored) {
    const o = other.get(e.key)
    if (o === undefined) return `${e.key} is only stored`
    if (
      !isDeepStrictEqual(comparable(e), comparable(o))
    ) return `${e.key}: ${JSON.stringify(e)} is told as ${JSON.stringify(o)}`
    other.delete(e.key)
  }
  return `${[...other.keys()][0] ?? 'the order'} is only told`
}

async function findStory (helpdesk: Helpdesk | undefined, id: string): Promise<TicketEvent[] | null> {
  try {
    return sortStory(await helpdesk?.fetchTicket(id) ?? [])
  } catch (error) {
    if (error instanceof GiveUp) return null
    throw error
  }
}

/** A note that says that an issue is done. It comes whether or not somebody waits for an answer. */
export function isFixedNote (text: string | undefined): boolean {
  return text?.includes('Fixed · private') === true
}

function countDoubled (notes: JournalEntry[]): number {
  const seen = new Map<string, number>()
  for (const n of notes) {
    for (
      const marker of new Set(n.text?.match(/\bdl-[a-z0-9]{13}\b/g) ?? [])
    ) seen.set(marker, (seen.get(marker) ?? 0) + 1)
  }
  return [...seen.values()].filter(n => n > 1).length
}

// Of a deleted ticket the helpdesk tells a time that moves.
function comparable (event: TicketEvent): unknown {
  const { connection: _connection, ...rest } = event
  return event.kind === 'spam' || event.kind === 'deleted' ? { key: event.key } : rest
}

function check (name: string, ok: boolean, says: string): Check {
  return { name, ok, says }
}

export function rowsOf (value: unknown): Array<Record<string, unknown>> {
  return Array.isArray(value)
    ? value.filter(
      (v): v is Record<string, unknown> => typeof v === 'object' && v !== null
    )
    : []
}

function isPlaced (value: unknown): value is PlacedDecision {
  return typeof value === 'object' && value !== null && 'after' in value && typeof value.after === 'number' && 'decision' in value
}

function isEvent (value: unknown): value is TicketEvent {
  return typeof value === 'object' && value !== null && 'key' in value && 'kind' in value && 'at' in value
}
