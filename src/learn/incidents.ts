// The life of an incident.
//
//   openOrJoin            absorb               settle (24 h quiet, or 10 days)
//   alarm ------> open ------------> growing ------------------------------> closed
//                  ^                                                           |
//                  +------------ openOrJoin, same cause within 96 h -----------+
//
// Invariants: (1) one cause has at most one open incident; (2) an incident is told by `open` exactly once, whatever
// follows is `update` or `close` under the same key; (3) updates are at most hourly; (4) closed ones are forgotten
// after 30 days. The list is changed in place.
import { sizeInWords } from './titles.ts'
import { DAY, HOUR } from './week-clock.ts'

export type Kind = 'spike' | 'novel' | 'drift'
export type Action = 'open' | 'update' | 'close'

export interface Cause {
  kind: Kind
  topic: string                                     // a topic, `unknown` or `__all__`
  metric?: 'esc' | 'cancel' | 'volume'
  topics: string[]                                  // all that it touches, without `unknown`
  terms: string[]
  tickets: number[]
  p: number
  title: string
  from?: number                                     // when it seems to have begun
  usual?: number                                    // tickets a second that were to be expected
  akin?: string[]                                   // incidents of these topics may be the same cause; else of `topics`
}

export interface Incident extends Cause {
  key: string
  openedAt: number
  hotAt: number                                     // last sign of life
  toldAt: number
  told: number                                      // tickets when it was last told
  grown: number                                     // steps of GROWTH already told
  base: number                                      // tickets when it opened
  closedAt: number | null
  surgedAt: number                                  // when all topics together were last too many
}

export interface Alert {
  kind: Kind, key: string, topic: string, metric?: 'esc' | 'cancel' | 'volume',
  tickets: number[], action: Action, p: number, title: string
  size?: string                                     // in words, as of this alert; a drift has none
}

/** The chance that a cause of its own would come so soon and be so much alike to an incident, 0 to 1. */
export type Coincidence = (incident: Incident, cause: Cause) => number

export interface Incidents { list: Incident[], opened: number }

const ALL = '__all__'
const QUIET = DAY
const LONGEST = 10 * DAY
const LONGEST_DRIFT = 42 * DAY
const REOPEN = 96 * HOUR
const SAME_TERM = 72 * HOUR
const TOGETHER = 6 * HOUR                           // a second spike may be the same cause so long
const AT_ONCE = 40 * 60                             // and so soon it rather is
const SAME_BEGINNING = 20 * 60                      // later only when both began so close to each other, or closer than
const OF_ITS_AGE = 0.15                             // this part of the time that they have lasted
const SURGING = 3 * HOUR                            // what single topics bring so soon after is part of the surge
const KIN = 0.01                                    // chance of a coincidence below which it is none
const FORGET = 60 * DAY
const MOST_TICKETS = 300
const GROWTH = [2, 5, 10, 20, 50]

export function emptyIncidents (): Incidents {
  return { list: [], opened: 0 }
}

/** A cause that is above its threshold: the incident it belongs to, or a new one; and what there is to tell. */
export function openOrJoin (incidents: Incidents, cause: Cause, t: number, coincidence?: Coincidence): Alert | null {
  const known = findSame(incidents, cause, t, coincidence)
  if (known === null) {
    const topics = cause.kind === 'drift'
      ? cause.topics
      : cause.topics.filter(topic => findOpen(incidents,
        topic) === null)
    const incident: Incident = {
      ...cause, topics, key: `${cause.kind}-${++incidents.opened}-${t}`, openedAt: t, hotAt: t, toldAt: t,
      told: cause.tickets.length, grown: 0,
      base: cause.tickets.length, closedAt: null,
      surgedAt: cause.topics.includes(ALL) ? t : 0
    }
    incidents.list.push(incident)
    return tell(incident, 'open', t)
  }
  const wasClosed = known.closedAt !== null
  if (wasClosed) {
    known.closedAt = null
    known.openedAt = t
    if (cause.from !== undefined) known.from = cause.from
  }
  // A topic that another open incident counts on stays there
  const topics = cause.topics.filter(topic => known.topics.includes(topic) || findOpen(incidents, topic) === null)
  return absorb(known, { ...cause, topics }, t, wasClosed)
}

/** More of the same: told again when it has doubled, quintupled … or touches a new topic, at most once an hour. */
export function absorb (incident: Incident, cause: Pick<Cause, 'topics' | 'terms' | 'tickets' | 'p'>, t: number,
  force = false): Alert | null {
  incident.hotAt = t
  if (cause.topics.includes(ALL)) incident.surgedAt = t
  incident.p = Math.min(incident.p, cause.p)
  const news = cause.topics.some(topic => !incident.topics.includes(topic))
  incident.topics = union(incident.topics, cause.topics)
  incident.terms = union(incident.terms, cause.terms).slice(0, 24)
  incident.tickets = union(incident.tickets, cause.tickets).slice(-MOST_TICKETS)
  const step = GROWTH[incident.grown]
  const grown = step !== undefined && incident.tickets.length >= step * incident.base
  if (!force && ((!news && !grown) || t - incident.toldAt < HOUR)) return null
  if (grown) incident.grown++
  incident.toldAt = t
  incident.told = incident.tickets.length
  return tell(incident, 'update', t)
}

/** Closes what has been quiet for a day or open for too long; `onClose` sees each. */
export function settle (incidents: Incidents, t: number, onClose: (incident: Incident) => void): Alert[] {
  const alerts: Alert[] = []
  for (const incident of incidents.list) {
    if (incident.closedAt !== null) continue
    const longest = incident.kind === 'drift' ? LONGEST_DRIFT : LONGEST
    if (incident.kind === 'drift'
      ? t - incident.openedAt < longest
      : t - incident.hotAt < QUIET &&
      t - incident.openedAt < longest) continue
    incident.closedAt = t
    alerts.push(tell(incident, 'close', t))
    onClose(incident)
  }
  if (incidents.list.some(i => i.closedAt !== null && t - i.closedAt > FORGET)) {
    incidents.list = incidents.list.filter(i => i.closedAt === null || t - i.closedAt <= FORGET)
  }
  return alerts
}

/** The open incident that counts on this topic, if any; drifts do not count. */
export function findOpen (incidents: Incidents, topic: string): Incident | null {
  return incidents.list.find(i => i.closedAt === null && i.kind !== 'drift' && i.topics.includes(topic)) ?? null
}

function findSame (incidents: Incidents, cause: Cause, t: number, coincidence?: Coincidence): Incident | null {
  const alive = incidents.list.filter(i => i.closedAt === null || t - i.closedAt < REOPEN || i.kind === 'drift')
  if (cause.kind === 'drift') {
    return alive.find(i => i.kind === 'drift' && i.topic === cause.topic && i.metric === cause.metric) ?? null
  }
  const akin = cause.akin ?? cause.topics
  const rivals = alive.filter(i => i.kind !== 'drift')
  return rivals.find(i => i.closedAt === null && i.topics.some(topic => akin.includes(topic))) ??
    rivals.find(i => (i.closedAt === null || cause.kind === 'novel') && sharesTickets(i, cause)) ??
    rivals.find(i => t - i.hotAt < REOPEN && i.topics.some(topic => akin.includes(topic))) ??
    rivals.find(i => t - i.hotAt < SAME_TERM && i.terms.some(term => cause.terms.includes(term))) ??
    rivals.find(i => i.closedAt === null && beganTogether(i, cause, t)) ??
    (cause.kind === 'spike' ? rivals.find(i => i.closedAt === null && t - i.surgedAt < SURGING) : undefined) ??
    (coincidence === undefined ? null : closest(rivals.filter(i => i.closedAt === null), cause, coincidence))
}

// One cause in several topics begins in all of them at once, however long each takes to show it
function beganTogether (incident: Incident, cause: Cause, t: number): boolean {
  // A new problem and, while it is fresh, too much of everything
  if (incident.kind === 'novel' && cause.topics.includes(ALL) && t - incident.openedAt < AT_ONCE) return true
  if (incident.kind !== 'spike' || cause.kind !== 'spike' || t - incident.openedAt > TOGETHER) return false
  const isAtOnce = t - incident.openedAt < AT_ONCE
  if (incident.from === undefined || cause.from === undefined) return isAtOnce
  if (isAtOnce && (incident.topics.includes(ALL) || cause.topics.includes(ALL))) return true
  const apart = Math.abs(incident.from - cause.from)
  return apart <= SAME_BEGINNING + OF_ITS_AGE * (t - Math.min(incident.from, cause.from))
}

// The one that it is least by chance like, if it is not by chance at all
function closest (open: Incident[], cause: Cause, coincidence: Coincidence): Incident | null {
  let best: Incident | null = null
  let least = KIN
  for (const incident of open) {
    const chance = haveOtherCodes(incident, cause) ? 1 : coincidence(incident, cause)
    if (chance >= least) continue
    best = incident
    least = chance
  }
  return best
}

// What shows another error is another matter, however alike people complain of it
function haveOtherCodes (incident: Incident, cause: Cause): boolean {
  const one = incident.terms.filter(isCode)
  const other = cause.terms.filter(isCode)
  return one.length > 0 && other.length > 0 && !other.some(code => one.includes(code))
}

function isCode (term: string): boolean {
  return term.startsWith('code:') || term.startsWith('err:')
}

/** When the open spikes began that one found now may be part of, and whether they were told just now. */
export function beginningsOf (incidents: Incidents, t: number): Array<{ from: number, isAtOnce: boolean }> {
  return incidents.list.flatMap(i => i.closedAt === null && i.kind === 'spike' && t - i.openedAt <= TOGETHER &&
    i.from !== undefined
    ? [{ from: i.from, isAtOnce: t - i.openedAt < AT_ONCE }]
    : [])
}

function sharesTickets (incident: Incident, cause: Cause): boolean {
  const shared = cause.tickets.filter(id => incident.tickets.includes(id)).length
  return shared >= 2 && shared * 3 >= cause.tickets.length
}

function tell (incident: Incident, action: Action, t: number): Alert {
  const { kind, key, topic, metric, tickets, p, title, from, usual } = incident
  const seconds = t - (from ?? t)
  const size = usual === undefined ? undefined : sizeInWords(tickets.length, seconds, usual * seconds)
  return {
    kind, key, topic, ...(metric === undefined ? {} : { metric }), tickets: [...tickets], action, p, title,
    ...(size === undefined ? {} : { size })
  }
}

function union<T> (one: T[], two: T[]): T[] {
  const known = new Set(one)
  return [...one, ...two.filter(x => !known.has(x))]
}
