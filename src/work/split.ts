// An anomaly that turned out to be two: a person takes some of its tickets out, and they become one of their own, told by a
// message of its own and filed by nobody but people. What comes later goes to the nearer of the two; only a person joins them
// again, by merging. An issue stays with the anomaly that was split: its numbers and links follow the tickets that are left.
import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import { GiveUp } from '../errors.ts'
import { readFacts } from '../learn/facts.ts'
import { beginLife, moveLife } from '../learn/life.ts'
import { chosenBy, nearestAmong } from '../learn/split.ts'
import type { SplitChoice, SplitTicket } from '../learn/split.ts'
import { addAnomaly, findAnomaly, lockAnomaly, moveAnomaly } from '../store/anomalies.ts'
import type { Actor, Anomaly, AnomalyTicket } from '../store/anomalies.ts'
import { nameAnomaly } from '../store/anomaly-facts.ts'
import type { Db } from '../store/db.ts'
import { recordEffect } from '../store/effects.ts'
import { recordAudit } from '../store/pauses.ts'
import type { Database } from '../store/schema.ts'
import {
  forgetLinks, listFamily, listSplitTickets, listStanding, moveTickets, readSplitTickets, refTo, saveOrigin
} from '../store/splits.ts'
import type { AskedSplitTicket } from '../store/splits.ts'
import type { TicketRef } from '../store/stories.ts'
import { saveTelling } from '../store/telling.ts'
import { describeAnomaly } from './anomaly-facts.ts'
import type { Redact } from './anomaly-facts.ts'
import { HOUSE, follow } from './follow.ts'
import type { Neighbours } from './follow.ts'
import { makeKey } from './key.ts'
import { remaining } from './merge.ts'

export interface SplitDeps { to: Neighbours, redact: Redact }

const LONGEST_READ = 800
const LONGEST_SHOWN = 600
const MOST_COMPARED = 100                           // tickets of each anomaly that a new one is compared with

/**
 * The tickets of an anomaly as a person may choose among them: redacted, and of long ones the beginning, because a modal waits
 * for it. What is cut through at its end might no longer be known as personal: the last part is dropped again.
 */
export async function listChoices (
  db: Db | Transaction<Database>, redact: Redact, id: string
): Promise<Array<AskedSplitTicket & SplitTicket>> {
  return (await listSplitTickets(db, id)).map(t => {
    const isLong = t.text.length > LONGEST_READ
    const text = redact(isLong ? t.text.slice(0, LONGEST_READ).toWellFormed() : t.text, t.names)
    return { ...t, text: isLong ? text.slice(0, LONGEST_SHOWN).toWellFormed() : text }
  })
}

/** What is wrong with a choice, in a sentence; null: it leaves some and takes some. */
export function whyNotSplit (total: number, chosen: number): string | null {
  if (total < 2) return 'It has one ticket: there is nothing to split.'
  if (chosen === 0) return 'None of its tickets are meant by that any more: choose others.'
  return chosen === total ? 'That is all of its tickets: nothing would remain. Leave some here.' : null
}

/** Null: it was done, or this press was heard before. A sentence: why it was not. `title` empty: one is made. */
export async function splitOff (
  trx: Transaction<Database>, { to, redact }: SplitDeps, id: string, choice: SplitChoice, title: string, actor: Actor
): Promise<string | null> {
  const before = await lockAnomaly(trx, id)
  if (before === null) throw new GiveUp(`there is no anomaly ${id}`)
  const all = await listChoices(trx, redact, id)
  const chosen = new Set(chosenBy(all, choice))
  const refused = whyNotSplit(before.tickets, chosen.size)
  const detail = refused ?? `${chosen.size} of ${before.tickets} tickets`
  const moved = await moveAnomaly(trx, id, { kind: 'split' }, { ...actor, detail }, refused === null ? moveLife : () => null)
  if (moved === null) return null
  if (refused !== null) return refused
  if (moved.asks === null) return 'It cannot be split any more: it is closed, merged or called no anomaly.'
  const tickets = all.filter(t => chosen.has(t.ref))
  const part = await beginPart(trx, redact, before, tickets, title, actor)
  await recordAudit(trx, 'split', id, { who: actor.by, why: `${detail} into ${part}` })
  const left = await findAnomaly(trx, { id })
  if (left !== null) {
    await describeAgain(trx, redact, left, actor.at)
    await unlink(trx, left, tickets)
    await follow(trx, to, left, moved.asks, actor.at)
  }
  await tellPart(trx, to, before, part, actor.at)
  return null
}

// A part begins its own life: open, without an issue, whatever became of the one that it was part of.
async function beginPart (
  trx: Transaction<Database>, redact: Redact, whole: Anomaly, tickets: AskedSplitTicket[], title: string, actor: Actor
): Promise<string> {
  const id = `an_${makeKey().slice(3)}`
  const { kind, topic, metric, p, terms } = whole
  const { topic_number: topicNumber } = await trx.selectFrom('anomaly').select('topic_number').where('id', '=', whole.id).executeTakeFirstOrThrow()
  const found = { id, key: `split-${id}`, kind, topic, metric, p, usual: 0, terms, at: actor.at, topicNumber }
  const opened = { by: actor.by, at: actor.at, detail: `split off from ${whole.id}` }
  await addAnomaly(trx, { ...found, title: title === '' ? whole.title : title, tickets: [] }, beginLife(), opened)
  await moveTickets(trx, whole.id, id, tickets)
  await saveOrigin(trx, id, whole.id)
  const [saying] = await describeAnomaly(trx, id, actor.at, { seen: null, drift: null, terms: [] }, redact)
  if (title === '') {
    await nameAnomaly(trx, id, saying === undefined ? `Split off from: ${whole.title}` : `Customers say “${saying.text}”`)
  }
  return id
}

// What its tickets have in common is counted anew; its course stays what the watch saw.
async function describeAgain (trx: Transaction<Database>, redact: Redact, a: Anomaly, at: string): Promise<void> {
  const { trace, hours, drift } = readFacts(a.facts)
  const seen = trace === null || hours === null ? null : { trace, usual: a.usual, hours }
  await describeAnomaly(trx, a.id, at, { seen, drift, terms: a.terms }, redact)
}

// Where the whole was told by a message, its part is told by one at once, at night and beyond the day's share too: a person
// is at it. Where it was not, the part waits its turn like any other.
async function tellPart (
  trx: Transaction<Database>, to: Neighbours, { telling }: Anomaly, id: string, at: string
): Promise<void> {
  const part = await findAnomaly(trx, { id })
  if (part === null) return
  if (!to.slack || to.tell === undefined || telling.channel === null) return await follow(trx, to, part, ['message'], at)
  const { route, channel } = telling
  await saveTelling(trx, id, { route, channel, toldAt: at, heldUntil: null, rolledUp: null })
  await recordEffect(trx, {
    id: randomUUID(), kind: 'slack-message', account: 'slack', connection: HOUSE, ticketId: id, cause: 'message',
    marker: makeKey(), payload: { version: part.version }, skipped: null
  })
}

// A link that was made for a ticket which is elsewhere now is taken off the issue.
async function unlink (trx: Transaction<Database>, a: Anomaly, tickets: AskedSplitTicket[]): Promise<void> {
  for (const { id, ...ref } of await forgetLinks(trx, a.id, a.version, tickets)) {
    await recordEffect(trx, {
      id: randomUUID(), kind: 'linear-unlink', account: 'linear', connection: HOUSE, ticketId: a.id,
      cause: `unlink:${refTo(ref)}:${a.version}`, marker: makeKey(), payload: { link: id, ...ref }, skipped: null
    })
  }
}

/** Which part of what was split the words of a new question are nearest to; null where nothing of it was split. */
export async function nearestPart (
  trx: Transaction<Database>, id: string, ref: TicketRef, text: string
): Promise<string | null> {
  const members = await listFamily(trx, id)
  const parts = members.length > 1 ? await partsOf(trx, members) : []
  if (parts.length < 2) return null
  const [asked] = await readSplitTickets(trx, [{ ...ref, at: '', person: '' }])
  return asked === undefined ? null : parts[nearestAmong(parts.map(p => p.tickets))({ ...asked, text })]?.to ?? null
}

/**
 * To which anomaly each of these tickets belongs, where those given were split: to the one that holds it, else to the
 * nearest. Without a split, to `known`.
 */
export async function placeTickets (
  trx: Transaction<Database>, known: Anomaly, origins: string[], tickets: AnomalyTicket[]
): Promise<Map<string, AnomalyTicket[]>> {
  const members = [...new Set((await Promise.all(origins.map(id => listFamily(trx, id)))).flat())]
  const parts = members.length > 1 ? await partsOf(trx, members) : []
  if (parts.length < 2) return new Map([[known.id, tickets]])
  const standing = await listStanding(trx, members, tickets)
  const fresh = tickets.filter(t => !standing.has(refTo(t)))
  const nearest = nearestAmong(parts.map(p => p.tickets))
  const placed = new Map<string, AnomalyTicket[]>()
  for (const ticket of await readSplitTickets(trx, fresh)) {
    const to = parts[nearest(ticket)]?.to ?? known.id
    const { connection, ticketId, at, person } = ticket
    placed.set(to, [...placed.get(to) ?? [], { connection, ticketId, at, person }])
  }
  return placed
}

// Those that were split, each with its tickets; one that was merged stands for the one it was merged into.
async function partsOf (
  trx: Transaction<Database>, members: string[]
): Promise<Array<{ to: string, tickets: SplitTicket[] }>> {
  const parts: Array<{ to: string, tickets: SplitTicket[] }> = []
  for (const id of members) {
    const member = await findAnomaly(trx, { id })
    if (member === null) continue
    parts.push({ to: (await remaining(trx, member)).id, tickets: await listSplitTickets(trx, id, MOST_COMPARED) })
  }
  return new Set(parts.map(p => p.to)).size < 2 ? [] : parts
}
