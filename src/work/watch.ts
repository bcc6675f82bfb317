// Watches the stream for what is out of the ordinary: every new question is folded into the watch, and every five minutes
// of the desk's time it says what there is to tell. Alerts become anomalies and effects in the transaction in which they
// are told; a watch that was lost is computed again from the thoughts, and what it then tells is known by its key.
import type { Transaction } from 'kysely'
import type { Instant } from '../types.ts'
import type { Log } from '../log.ts'
import type { FilingRules } from '../learn/filing.ts'
import type { Alert } from '../learn/incidents.ts'
import { beginLife, moveLife } from '../learn/life.ts'
import type { AnomalyState, Move } from '../learn/life.ts'
import { plus } from '../learn/story.ts'
import { seenOf } from '../learn/trace.ts'
import type { Seen } from '../learn/trace.ts'
import { emptyWatch, foldTicket, foldVerdict, tick } from '../learn/watch.ts'
import type { Watch, WatchRules } from '../learn/watched.ts'
import { nameAnomaly } from '../store/anomaly-facts.ts'
import { addAnomaly, addTickets, findAnomaly, listToVerify, moveAnomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import type { Database } from '../store/schema.ts'
import {
  adoptAnomaly, findOtherWatch, findThoughtOf, findTopicName, findWatch, findWatchSeq, listForgotten, listVerdicts,
  listWatched, lockWatch, markHeard, saveWatch
} from '../store/watches.ts'
import type { WatchedQuestion } from '../store/watches.ts'
import { listDue, listUndone } from '../store/stories.ts'
import { describeAnomaly } from './anomaly-facts.ts'
import type { Redact } from './anomaly-facts.ts'
import { follow } from './follow.ts'
import type { Neighbours } from './follow.ts'
import { makeKey } from './key.ts'
import { remaining } from './merge.ts'
import { hush, tellInTime } from './telling.ts'

export interface WatchDeps {
  db: Db, log: Log, rules: WatchRules, zone: string, to: Neighbours, keeper: WatchKeeper, redact?: Redact
  /** True while an archive is replayed: nothing is looked at before all that is due has been thought about. */
  replay?: boolean
  filing?: FilingRules                              // what is filed without a person, and what it must have
}

/**
 * The watch between two looks, in memory; empty after a start or a failure. `silentUntil`: what it finds up to then belongs to
 * a watch of another form, which has told its own; until then nothing is told or saved, so that a crash only begins anew.
 */
export interface WatchKeeper {
  watch: Watch | null, seq: number, tickedAt: Instant, unsaved: number, silentUntil: Instant
}

/** An alert with what the watch made of it at that very tick. */
interface Told { alert: Alert, at: Instant, seen: Seen | null, terms: string[] }

/** Of the form of a watch: a saved one of another form is computed again. */
const VERSION = 3
const TICK_SECONDS = 300
const PAGE = 500
const ENDED: readonly AnomalyState[] = ['closed', 'verified', 'noise', 'merged']
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
      if (deps.replay === true && await isThinking(trx, now)) return 0
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
      for (const one of told) {
        if (one.at > keeper.silentUntil) await tellAlert(deps, trx, one)
        else await adoptAnomaly(trx, one.alert.key, await findThoughtOf(trx, one.alert.tickets))
      }
      if (keeper.silentUntil !== '' && keeper.tickedAt > keeper.silentUntil) await closeForgotten(deps, trx, watch)
      if (isLast) {
        await verifyFixes(deps, trx, watch, now)
        const { tell } = deps.to
        if (tell !== undefined) {
          await tellInTime(
            trx, tell, now, (anomaly, asks) => follow(trx, deps.to, anomaly, asks, now)
          )
        }
      }
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

// It has caught up with the watch of another form: what that one left open and this one does not see has no end otherwise.
async function closeForgotten (deps: WatchDeps, trx: Transaction<Database>, watch: Watch): Promise<void> {
  const { keeper } = deps
  const at = keeper.tickedAt
  for (const id of await listForgotten(trx, watch.incidents.list.filter(i => i.closedAt === null).map(i => i.key))) {
    const moved = await moveAnomaly(trx, id, { kind: 'quiet' }, { by: 'the watch', at, source: `forgotten ${id} ${at}` }, moveLife)
    if (moved?.asks != null) await follow(trx, deps.to, moved.after, moved.asks, at)
  }
  keeper.silentUntil = ''
}

async function isThinking (trx: Transaction<Database>, now: Instant): Promise<boolean> {
  return (await listUndone(trx, 1)).length > 0 || (await listDue(trx, now, 1)).length > 0
}

// Brings the watch up to what is saved, or begins it with the first question that there is.
async function openWatch (deps: WatchDeps, trx: Transaction<Database>): Promise<WatchedQuestion[]> {
  const { keeper } = deps
  // Another process may have watched since.
  const isNews = keeper.watch === null || await findWatchSeq(trx, VERSION) > keeper.seq
  const saved = isNews ? await findWatch(trx, VERSION) : null
  if (saved !== null) {
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
    const at = next
    told.push(...tick(watch, seconds(at)).map(alert => {
      const incident = watch.incidents.list.find(i => i.key === alert.key)
      const seen = incident === undefined ? null : seenOf(watch, incident, seconds(at))
      return { alert, at, seen, terms: incident?.terms ?? [] }
    }))
    keeper.tickedAt = next
  }
  return told
}

async function tellAlert (deps: WatchDeps, trx: Transaction<Database>, told: Told): Promise<void> {
  const { alert, at } = told
  const first = await findAnomaly(trx, { key: alert.key })
  const known = first === null ? null : await remaining(trx, first)
  const tickets = await findThoughtOf(trx, alert.tickets)
  if (known === null) {
    if (alert.action === 'close') return
    const id = `an_${makeKey().slice(3)}`
    const { key, kind, metric = null, p } = alert
    const topic = await findTopicName(trx, alert.topic)
    const title = nameIn(alert.title, alert.topic, topic)
    const topicNumber = numberOf(alert.topic)
    const found = { id, key, kind, topic, metric, title, p, usual: 0, terms: [], at, tickets, topicNumber }
    const asks = await addAnomaly(trx, found, beginLife())
    if (asks === null) return
    const [saying] = await describeAnomaly(trx, id, at, told, deps.redact)
    // Single words in the order of a text say less than a phrase that customers share.
    if (kind === 'novel' && saying !== undefined) await nameAnomaly(trx, id, `New: customers say “${saying.text}”`)
    const anomaly = await findAnomaly(trx, { id })
    if (anomaly === null) return
    deps.log.warn({ job: 'watch', anomaly: id, kind, topic, tickets: tickets.length, outcome: 'told' })
    await follow(trx, deps.to, anomaly, asks, at)
    return
  }
  if (alert.action === 'close' && known.key !== alert.key) return    // the other one goes on by itself
  // Between two updates it gathers tickets in silence; with its end the last of them are told.
  const added = await addTickets(trx, known.id, tickets)
  // The course of the one is not the course of the other.
  if (known.key === alert.key && (alert.action !== 'close' || added.length > 0)) {
    await describeAnomaly(trx, known.id, at, told, deps.redact)
  }
  if (alert.action !== 'close' && known.snoozedUntil !== null && at < known.snoozedUntil) return
  const hasEnded = ENDED.includes(known.state)
  const moves: Move[] = alert.action === 'close'
    ? [...(added.length > 0 && !hasEnded ? [{ kind: 'grew' as const }] : []), { kind: 'quiet' }]
    : [{ kind: 'grew' }]
  for (const move of moves) {
    const source = `${alert.key} ${alert.action} ${alert.tickets.length} ${at}${move.kind === 'grew' && alert.action === 'close' ? ' grew' : ''}`
    const moved = await moveAnomaly(trx, known.id, move, { by: 'the watch', at, source }, moveLife)
    if (moved?.asks == null) continue
    await follow(trx, deps.to, moved.after, hush(deps.to.tell, moved.after, moved.asks, at), at)
  }
}

// The whole desk, and what fits no topic, have no number.
function numberOf (topic: string): number | null {
  return /^\d{1,9}$/.test(topic) ? Number(topic) : null
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
