// The watch over the stream: every ticket is folded in, every five minutes somebody asks what there is to tell.
// `foldTicket`, `tick` and `foldVerdict` change the state in place (it is large; copying it would cost more than
// looking); the state survives JSON, and the same tickets in the same order make the same alerts. Times: unix seconds.
import { barOf, emptyBar } from './bar.ts'
import type { Baseline } from './baseline.ts'
import { clumpingOf, emptyBaseline, learnClumping, levelOf, unrestOf } from './baseline.ts'
import type { Alert, Coincidence, Incident } from './incidents.ts'
import { absorb, beginningsOf, emptyIncidents, findOpen, openOrJoin, settle } from './incidents.ts'
import { clusterAt } from './clusters.ts'
import { addToHour, busyness, emptyDesk, rollHours } from './desk.ts'
import { emptyDrifts, foldDrift } from './drifts.ts'
import { languageOf } from './features.ts'
import { kinshipOf } from './kinship.ts'
import type { Arrivals, Law, Surprise } from './surprise.ts'
import { addArrival, emptyArrivals, firstAfter, hasWritten, surpriseAt, surpriseSince } from './surprise.ts'
import type { Rhythm } from './rhythm.ts'
import { rhythmOf } from './rhythm.ts'
import { SPANS, addTicket, emptyTerms, recentOf, termsOf, weightAt } from './terms.ts'
import { titleOfCluster, titleOfSpike } from './titles.ts'
import type { Calendar, Watch, WatchedTopic, WatchRules, WatchTicket } from './watched.ts'
import { DAY, HOUR, WEEK } from './week-clock.ts'

const MOST_NOISE = 12
const NOISE_DAYS = 120
const LEAST_HISTORY = 400                           // tickets before a cluster can be new
const FEW = 0.2                                     // three tickets may be one person's friends: less of the budget
const OF_THE_BUDGET = 0.5                           // the rest is for what is new, and for a law that is not quite true
const AT_ONCE_AS_WELL = 1000                        // and of two that show within minutes nearly anything is
const AS_WELL = 10                                  // times as likely is still as well
const RECALLED = 60 * DAY                           // incidents of so long say how frequent they are
const AWAKE = 2                                     // times as frequent while the desk works
const LEAST_KIN = 0.75                              // no more alike than the rest of the desk: another cause
const SURGE = 1.8                                   // times what is usual of all topics together: one busy day is no surge
const JUDGED = 28 * DAY                             // what was called noise for so long is compared with the budget
const OF_SURGES = 0.02                              // part of the budget: the desk is one of many series
const OVERLAP = 3                                   // a week holds so many times as many windows that differ as fit into it
const LASTING_SURGE = 1.5                           // for longer than a day
const CROWDED = 7                                   // power of the crowd
const HOT = 1e-2                                    // an incident lives while its last hours are this unlikely

export function emptyWatch (calendar: Calendar, rules: WatchRules): Watch {
  return {
    rules, calendar, desk: emptyDesk(calendar.zone, calendar.t0), topics: {},
    terms: emptyTerms(calendar.t0),
    drifts: emptyDrifts(), incidents: emptyIncidents(), pending: [], bar: emptyBar(), strict: 0, falseAt: []
  }
}

/** Folds one ticket in. O(1) in the length of the history. */
export function foldTicket (watch: Watch, ticket: WatchTicket): void {
  const { t } = ticket
  rollHours(watch, t)
  const name = ticket.topic in Object.prototype ? `${ticket.topic} ` : ticket.topic
  const account = ticket.account ?? `ticket ${ticket.id}`
  const terms = termsOf(ticket)
  const language = languageOf(ticket.text)
  const number = addTicket(watch.terms, { id: ticket.id, at: t, account, label: name, language, terms })
  foldDrift(watch, ticket, name)
  lookForCluster(watch, number, terms, t)
  const topic = watch.topics[name] ??= beginTopic(watch)
  // The same account says the same thing once a day
  if (hasWritten(topic.arrivals, account, t - DAY)) return
  topic.hourCount++
  addToHour(watch, topic)
  const { desk } = watch
  const rhythm = rhythmOf(topic.baseline, desk.shape, desk.hour, desk.how)
  const perHour = levelOf(topic.baseline) * rhythm.share * busyness(desk, t)
  if (topic.openSince === null) learnClumping(topic.baseline, topic.arrivals.at, t, perHour)
  addArrival(topic.arrivals, t, ticket.id, account)
  // What one topic brings too many is no surge of all
  if (topic.openSince === null) addArrival(desk.arrivals, t, ticket.id, account)
  if (name !== 'unknown') lookForSpike(watch, name, topic, rhythm, perHour, t)
  lookForSurge(watch, t)
}

/** What there is to tell since the last time. */
export function tick (watch: Watch, t: number): Alert[] {
  rollHours(watch, t)
  const closed = settle(watch.incidents, t, incident => {
    for (const name of incident.topics) {
      const topic = watch.topics[name]
      if (topic === undefined || incident.kind === 'drift') continue
      topic.notBefore = t
      topic.openSince = null
    }
    if (incident.topic === '__all__') watch.desk.notBefore = t
  })
  const alerts = [...watch.pending, ...closed]
  watch.pending = []
  return alerts
}

/**
 * A person's word on an incident. Noise raises the bar of its topics; the thresholds of all follow slowly, down only while
 * more is called noise than is accepted, up only while it is less (an integral controller).
 */
export function foldVerdict (watch: Watch, key: string, verdict: 'real' | 'noise', t: number): void {
  const incident = watch.incidents.list.find(i => i.key === key)
  if (incident === undefined) return
  watch.falseAt = [...watch.falseAt, ...(verdict === 'noise' ? [t] : [])].filter(at => t - at < JUDGED)
  const isOver = watch.falseAt.length > watch.rules.spikesPerWeek * JUDGED / WEEK
  const step = verdict === 'real' && !isOver ? 0.015 : verdict === 'noise' && isOver ? -0.06 : 0
  watch.strict = Math.max(-1, Math.min(0.3, watch.strict + step))
  for (const name of incident.topics) {
    const topic = watch.topics[name]
    if (topic === undefined) continue
    if (verdict === 'real') topic.noise.shift()
    else topic.noise = [...topic.noise, { at: t, peak: -Math.log10(Math.max(incident.p, 1e-300)) }].slice(-MOST_NOISE)
  }
}

/** How a topic's windows vary: clumping, unrest of its days, how well G is known, and how new it all is. */
export function lawOf (watch: Watch, baseline: Baseline, rhythm: Rhythm): Law {
  const { desk } = watch
  const ageDays = (desk.hour * HOUR - watch.calendar.t0) / DAY
  const warmUp = ageDays < 28 ? 2.5 * Math.exp(-ageDays / 2.5) : 0
  return {
    phi: clumpingOf(baseline, desk.phi), unrest: unrestOf(baseline, desk.unrest), rhythm: rhythm.doubt,
    extra: warmUp + 0.01
  }
}

function beginTopic (watch: Watch): WatchedTopic {
  const known = Math.max(20, Object.keys(watch.topics).length)
  const perWeek = Math.max(0.5, 0.3 * levelOf(watch.desk.baseline) / known)
  return {
    baseline: emptyBaseline(perWeek, watch.desk.hour), arrivals: emptyArrivals(), hourCount: 0, notBefore: 0,
    openSince: null, least: 1, noise: []
  }
}

// On a large desk terms meet by chance far more often than on a small one, and the law of a term reaches further into its tail
// than it is true: without this three times the tickets bring six times the false alarms. Measured at 400 and 2,000 topics.
function crowdOf (perWeek: number): number {
  return Math.max(1, perWeek / 10_000)
}

/** The threshold of one test: the accepted false alarms. A desk of few tickets has fewer. */
function alphaOf (watch: Watch): number {
  const perWeek = Math.max(200, levelOf(watch.desk.baseline))
  const accepted = OF_THE_BUDGET * watch.rules.spikesPerWeek * Math.min(1, Math.sqrt(perWeek / 4000))
  return 10 ** watch.strict * barOf(watch.bar, accepted, perWeek)
}

function lookForSpike (watch: Watch, name: string, topic: WatchedTopic, rhythm: Rhythm, perHour: number,
  t: number): void {
  const { desk } = watch
  const law = lawOf(watch, topic.baseline, rhythm)
  const surprise = surpriseAt(topic.arrivals, topic.baseline, law, desk.hour, perHour, t, topic.notBefore)
  const p = surprise.count <= 3 ? surprise.p / FEW : surprise.p
  topic.least = Math.min(topic.least, p)
  const open = findOpen(watch.incidents, name)
  if (open !== null && surprise.p < HOT && surprise.window <= 8 * HOUR) {
    const newest = topic.arrivals.id.at(-1) ?? 0
    const alert = absorb(open, { topics: [], terms: [], tickets: [newest], p: surprise.p }, t)
    if (alert !== null) watch.pending.push(alert)
  }
  if (open !== null || t - watch.calendar.t0 < DAY ||
    p >= alphaOf(watch) || isUsualNoise(topic, surprise, t)) return
  // One cause begins in all its topics at once: if this may as well have begun with an open one, it did
  const since = beginningsOf(watch.incidents, t).find(({ from, isAtOnce }) => from > topic.notBefore &&
    from < t - 900 && surpriseSince(topic.arrivals, topic.baseline, law, desk.hour, perHour, t, from) <
    (isAtOnce ? AT_ONCE_AS_WELL : AS_WELL) * surprise.p)
  tellSpike(watch, name, { ...surprise, from: since?.from ?? surprise.from }, topic.arrivals, t)
  topic.openSince ??= t
}

// What was called noise here before must be exceeded
function isUsualNoise (topic: WatchedTopic, surprise: Surprise, t: number): boolean {
  const peaks = topic.noise.filter(n => t - n.at < NOISE_DAYS * DAY).map(n => n.peak)
  if (peaks.length === 0) return false
  const mean = peaks.reduce((a, b) => a + b, 0) / peaks.length
  const sd = Math.sqrt(peaks.reduce((a, b) => a + (b - mean) ** 2, 0) / peaks.length + 0.5)
  return -Math.log10(Math.max(surprise.p, 1e-300)) < mean + 1.3 * sd
}

function lookForSurge (watch: Watch, t: number): void {
  const { desk } = watch
  if (t - watch.calendar.t0 < 7 * DAY) return
  const perHour = levelOf(desk.baseline) * desk.share
  const law = { phi: Math.max(1.2, desk.phi * 1.5), unrest: Math.max(desk.calm, 0.012), rhythm: 0, extra: 0.02 }
  const surprise = surpriseAt(desk.arrivals, desk.baseline, law, desk.hour, perHour, t, desk.notBefore)
  const least = surprise.window > DAY ? LASTING_SURGE : SURGE
  if (surprise.count < least * surprise.mean ||
    surprise.p >= 10 ** watch.strict * watch.rules.spikesPerWeek * OF_SURGES * surprise.window /
      (OVERLAP * WEEK)) return
  tellSpike(watch, '__all__', surprise, desk.arrivals, t)
}

function tellSpike (watch: Watch, name: string, surprise: Surprise, arrivals: Arrivals, t: number): void {
  const title = titleOfSpike(name, watch.calendar.deploys.some(at => at <= t && t - at < 2 * HOUR))
  const tickets = arrivals.id.slice(firstAfter(arrivals, surprise.from))
  const alert = openOrJoin(watch.incidents, {
    kind: 'spike', topic: name, topics: [name], terms: [], tickets, p: surprise.p, title, from: surprise.from,
    usual: surprise.mean / surprise.window
  }, t, coincidenceIn(watch, t))
  if (alert !== null) watch.pending.push(alert)
}

// How often this desk has incidents says how often two begin within hours of each other by chance
function coincidenceIn (watch: Watch, t: number): Coincidence {
  const since = Math.max(watch.calendar.t0, t - RECALLED)
  const opened = watch.incidents.list.filter(i => i.kind !== 'drift' && i.openedAt >= since).length
  const perHour = AWAKE * (opened + 1) / Math.max(24, (t - since) / HOUR)
  return (incident, { kind, topic, tickets }) => {
    // The words of a rush on one topic are the topic's
    if (kind === 'spike' && topic !== '__all__') return 1
    const kinship = kinshipOf(watch.terms, incident, tickets)
    return kinship < LEAST_KIN ? 1 : (1 - kinship) * Math.min(1, perHour * Math.max(1, (t - incident.openedAt) / HOUR))
  }
}

function lookForCluster (watch: Watch, number: number, terms: string[], t: number): void {
  const perWeek = Math.max(50, levelOf(watch.desk.baseline))
  const alpha = 10 ** (watch.strict - 1.7) * watch.rules.novelPerWeek * Math.min(1,
    Math.sqrt(perWeek / 4000)) / (12 * perWeek * crowdOf(perWeek) ** CROWDED)
  const known = watch.terms.n / weightAt(watch.terms, t)
  // With less behind it than the three days it looks at, everything would be new
  if (known < Math.max(LEAST_HISTORY, 1.2 * recentOf(watch.terms, SPANS.length - 1))) return
  const ageDays = (t - watch.calendar.t0) / DAY
  const cluster = clusterAt(watch.terms, number, alpha, 2 * Math.exp(-ageDays / 5))
  if (cluster === null || (cluster.accounts <= 3 && cluster.p > alpha * FEW)) return
  const most = Object.entries(cluster.labels).reduce<[string, number]>((best, one) => one[1] > best[1] ? one : best,
    ['unknown', 0])
  const topic = most[1] * 2 > cluster.tickets.length ? most[0] : 'unknown'
  const topics = [...new Set([cluster.home ?? 'unknown', topic].filter(name => name !== 'unknown'))]
  const title = titleOfCluster(cluster.terms)
  const alive: Incident[] = watch.incidents.list.filter(i => i.closedAt === null && i.kind !== 'drift' &&
    cluster.terms.some(term => i.terms.includes(term)))
  const [same] = alive
  const alert = same !== undefined
    ? absorb(same, { ...cluster, topics: [] }, t)
    : openOrJoin(watch.incidents, {
      kind: 'novel', topic, topics, akin: cluster.home === null ? [] : [cluster.home],
      terms: cluster.terms, tickets: cluster.tickets, p: cluster.p, title,
      from: cluster.from, usual: cluster.mean / cluster.span
    }, t, coincidenceIn(watch, t))
  if (alert !== null) watch.pending.push(alert)
}
