// Watches the stream for what is out of the ordinary: every new question is folded into the watch, and every five minutes
// of the desk's time it says what there is to tell. Alerts become anomalies and effects in the transaction in which they
// are told; a watch that was lost is computed again from the thoughts, and what it then tells is known by its key.
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import type { Log } from '../log.ts'
import type { Alert } from '../learn/incidents.ts'
import { beginLife, moveLife } from '../learn/life.ts'
import { plus } from '../learn/story.ts'
import { emptyWatch, foldTicket, foldVerdict, tick } from '../learn/watch.ts'
import type { Watch, WatchRules } from '../learn/watched.ts'
import { addAnomaly, addTickets, findAnomaly, listToVerify, moveAnomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import type { Database } from '../store/schema.ts'
import { findOtherWatch, findThoughtOf, findTopicName, findWatch, listVerdicts, listWatched, lockWatch, markHeard, saveWatch } from '../store/watches.ts'
import type { WatchedQuestion } from '../store/watches.ts'
import { follow } from './follow.ts'
import type { Neighbours } from './follow.ts'
import { makeKey } from './key.ts'

export interface WatchDeps { db: Db, log: Log, rules: WatchRules, zone: string, to: Neighbours, keeper: WatchKeeper }

/**
 * The watch between two looks, in memory; empty after a start or a failure. `silentUntil`: what it finds up to then belongs to
 * a watch of another form, which has told its own; until then nothing is told or saved, so that a crash only begins anew.
 */
export interface WatchKeeper {
  watch: Watch | null, seq: number, tickedAt: Instant, unsaved: number, silentUntil: Instant
}

interface Told { alert: Alert, at: Instant }

/** Of the form of a watch: a saved one of another form is computed again. */
const VERSION = 2
const TICK_SECONDS = 300
const PAGE = 500
const SAVE_EVERY = 300
const CANCELS = /\b(cancel(led|ling|lation)?|terminate|unsubscribe|close (my|our) account|kündig\w*|résili\w*|cancelar|disdetta|opzeggen)\b/iu

export function makeWatchKeeper (): WatchKeeper {
  return { watch: null, seq: 0, tickedAt: '', unsaved: 0, silentUntil: '' }
}

/** Looks at what is new; returns how many questions. */
export async function watchOnce (deps: WatchDeps, now: Instant): Promise<number> {
  const { keeper } = deps
  try {
    return await deps.db.transaction().execute(async trx => {
      await lockWatch(trx)
      const questions = await openWatch(deps, trx)
      const watch = keeper.watch
      if (watch === null) return 0                  // nothing has ever been asked
      const told: Told[] = []
      const verdicts = await listVerdicts(trx)
      for (const v of verdicts) foldVerdict(watch, v.key, v.verdict, seconds(v.at))
      await markHeard(trx, verdicts.map(v => v.seq))
      for (const q of questions) {
        told.push(...ticksUntil(keeper, watch, q.at))
        foldTicket(watch, ticketOf(q))
        keeper.seq = q.seq
      }
      const isLast = questions.length < PAGE
      if (isLast) told.push(...ticksUntil(keeper, watch, now))
      for (const { alert, at } of told) if (at > keeper.silentUntil) await tellAlert(deps, trx, alert, at)
      if (isLast) await verifyFixes(deps, trx, watch, now)
      keeper.unsaved += questions.length
      // A verdict is marked as heard: it must not be lost with the memory.
      const isDue = keeper.unsaved >= SAVE_EVERY || verdicts.length > 0 || told.length > 0
      if (isDue && keeper.tickedAt >= keeper.silentUntil) {
        await saveWatch(trx, VERSION, { seq: keeper.seq, tickedAt: keeper.tickedAt, state: watch })
        keeper.unsaved = 0
      }
      return questions.length
    })
  } catch (error) {
    keeper.watch = null                             // it may be ahead of what was committed
    throw error
  }
}

// Brings the watch up to what is saved, or begins it with the first question that there is.
async function openWatch (deps: WatchDeps, trx: Transaction<Database>): Promise<WatchedQuestion[]> {
  const { keeper } = deps
  const saved = await findWatch(trx, VERSION)
  // Another process may have watched since.
  if (saved !== null && (keeper.watch === null || saved.seq > keeper.seq)) {
    const { state, seq, tickedAt } = saved
    if (isWatch(state)) Object.assign(keeper, { watch: state, seq, tickedAt, unsaved: 0, silentUntil: '' })
  } else if (keeper.watch === null) {
    const silentUntil = await findOtherWatch(trx, VERSION) ?? ''
    Object.assign(keeper, { seq: 0, tickedAt: '', unsaved: 0, silentUntil })
  }
  const questions = await listWatched(trx, keeper.seq, PAGE)
  const [first] = questions
  if (keeper.watch === null && first !== undefined) {
    keeper.watch = emptyWatch({ t0: seconds(first.at), zone: deps.zone, deploys: [] }, deps.rules)
    keeper.tickedAt = first.at
  }
  return questions
}

// Every five minutes that have passed, one after the other: what it tells does not depend on when somebody looked.
function ticksUntil (keeper: WatchKeeper, watch: Watch, until: Instant): Told[] {
  const told: Told[] = []
  for (let next = plus(keeper.tickedAt, TICK_SECONDS); next <= until; next = plus(next, TICK_SECONDS)) {
    told.push(...tick(watch, seconds(next)).map(alert => ({ alert, at: next })))
    keeper.tickedAt = next
  }
  return told
}

async function tellAlert (deps: WatchDeps, trx: Transaction<Database>, alert: Alert, at: Instant): Promise<void> {
  const known = await findAnomaly(trx, { key: alert.key })
  const tickets = await findThoughtOf(trx, alert.tickets)
  if (known === null) {
    if (alert.action === 'close') return
    const id = `an_${makeKey().slice(3)}`
    const { key, kind, metric = null, p } = alert
    const topic = await findTopicName(trx, alert.topic)
    const title = nameIn(alert.title, alert.topic, topic)
    const found = { id, key, kind, topic, metric, title, p, usual: 0, terms: [], at, tickets }
    const asks = await addAnomaly(trx, found, beginLife())
    const anomaly = await findAnomaly(trx, { id })
    if (asks === null || anomaly === null) return
    deps.log.warn({ job: 'watch', anomaly: id, kind, topic, tickets: tickets.length, outcome: 'told' })
    await follow(trx, deps.to, anomaly, asks, at)
    return
  }
  if (alert.action !== 'close') await addTickets(trx, known.id, tickets)
  if (alert.action !== 'close' && known.snoozedUntil !== null && at < known.snoozedUntil) return
  const source = `${alert.key} ${alert.action} ${alert.tickets.length} ${at}`
  const move = alert.action === 'close' ? { kind: 'quiet' as const } : { kind: 'grew' as const }
  const moved = await moveAnomaly(trx, known.id, move, { by: 'the watch', at, source }, moveLife)
  if (moved?.asks != null) await follow(trx, deps.to, moved.after, moved.asks, at)
}

// The watch knows topics by their numbers; whoever reads the title knows them by name.
function nameIn (title: string, topic: string, name: string): string {
  return title.startsWith(`${topic}: `) ? name + title.slice(topic.length) : title
}

// Done, and its time is up: is the watch still uneasy about it?
async function verifyFixes (deps: WatchDeps, trx: Transaction<Database>, watch: Watch, now: Instant): Promise<void> {
  for (const anomaly of await listToVerify(trx, now)) {
    const incident = watch.incidents.list.find(i => i.key === anomaly.key)
    const isHot = incident !== undefined && incident.closedAt === null && seconds(now) - incident.hotAt < 86_400
    const actor = { by: 'the watch', at: now, source: `verify ${anomaly.id} ${anomaly.fixedAt ?? ''}` }
    const moved = await moveAnomaly(trx, anomaly.id, { kind: isHot ? 'still_high' : 'calm' }, actor, moveLife)
    if (moved?.asks != null) await follow(trx, deps.to, moved.after, moved.asks, now)
  }
}

function ticketOf (q: WatchedQuestion): Parameters<typeof foldTicket>[1] {
  return {
    id: q.seq,
    t: seconds(q.at),
    topic: q.topic,
    text: q.text,
    account: `${q.connection}/${q.person}`,
    esc: q.escalated,
    cancel: CANCELS.test(q.text),
    ...(q.page === null ? {} : { page: q.page })
  }
}

function isWatch (value: unknown): value is Watch {
  return typeof value === 'object' && value !== null && 'desk' in value && 'topics' in value && 'incidents' in value && 'terms' in value
}

function seconds (at: Instant): number {
  return Math.floor(Date.parse(at) / 1000)
}
