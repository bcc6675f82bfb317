// Which shares and volumes are watched for drift, and when one is told. Topics are measured against what the whole desk
// does, so that a drift of all is told once. Changes the state in place.
import { levelOf, unrestOf } from './baseline.ts'
import type { Metric, Share } from './drift.ts'
import {
  acceptShare, addDay, addShare, baseShare, closeWeek, emptyShare, emptyVolume, riseOf,
  shareNow, weekOf
} from './drift.ts'
import type { Alert } from './incidents.ts'
import { openOrJoin } from './incidents.ts'
import { titleOfShare, titleOfVolume } from './titles.ts'
import type { Drifts, Watch, Watched, WatchTicket } from './watched.ts'
import { DAY } from './week-clock.ts'

const WARM_UP = 42 * DAY
const RISE = { esc: { topic: 1.7, all: 1.2 }, cancel: { topic: 2, all: 1.35 } }
const BAR = { topic: 7.5, all: 10, volume: 10 }     // nats, at a tenth of a false alarm a week
const USUAL = 0.1
const SILENCE = 42 * DAY                            // after a drift was told, its topic and metric are left alone

export function emptyDrifts (t0: number): Drifts {
  return { all: emptyWatched(), topics: {}, week: weekOf(t0) }
}

function emptyWatched (): Watched {
  return { esc: emptyShare(), cancel: emptyShare(), volume: emptyVolume() }
}

/** One ticket: did it escalate, did it cancel? */
export function foldDrift (watch: Watch, ticket: WatchTicket, name: string): Alert[] {
  const { drifts } = watch
  const own = drifts.topics[name] ??= emptyWatched()
  const alerts: Alert[] = []
  const easier = easierOf(watch)
  for (const metric of ['esc', 'cancel'] as const) {
    const hit = ticket[metric] === true
    const all = drifts.all[metric]
    const around = baseShare(all, null)
    const rise = Math.max(1, Math.min(2, riseOf(all)))
    const sumAll = addShare(all, hit, ticket.id, around, RISE[metric].all)
    const sumOwn = addShare(own[metric], hit, ticket.id, Math.min(0.5, baseShare(own[metric], around) * rise),
      RISE[metric].topic)
    if (ticket.t - watch.calendar.t0 < WARM_UP) { own[metric].sum = all.sum = 0; continue }
    if (sumAll > BAR.all - easier) alerts.push(...tell(watch, '__all__', metric, all, ticket.t))
    if (sumOwn > BAR.topic - easier && name !== 'unknown') {
      alerts.push(...tell(watch, name, metric, own[metric],
        ticket.t))
    }
  }
  return alerts
}

// What the operator accepts, as nats off the bars
function easierOf (watch: Watch): number {
  return Math.log(Math.max(0.01, watch.rules.driftsPerWeek) / USUAL)
}

function tell (watch: Watch, topic: string, metric: 'esc' | 'cancel', share: Share, t: number): Alert[] {
  const tickets = [...share.tickets]
  const p = Math.exp(-share.sum)
  const title = titleOfShare(topic, metric, shareNow(share), baseShare(share, null))
  acceptShare(share)
  if (toldLately(watch, topic, metric, t)) return []
  return report(watch, topic, metric, tickets, p, title, t)
}

function report (watch: Watch, topic: string, metric: Metric, tickets: number[], p: number, title: string,
  t: number): Alert[] {
  const alert = openOrJoin(watch.incidents, {
    kind: 'drift', topic, metric,
    topics: topic === '__all__' ? [] : [topic], terms: [], tickets, p, title
  }, t)
  return alert === null ? [] : [alert]
}

// One drift is told once, and those of single topics not beside the same drift of all
function toldLately (watch: Watch, topic: string, metric: Metric, t: number): boolean {
  return watch.incidents.list.some(i => i.kind === 'drift' && i.metric === metric && (i.topic === topic ||
    i.topic === '__all__') && t - i.openedAt < SILENCE)
}

/** A day ends: volumes are compared, and once a week the baselines of the shares move on. */
export function closeDriftDay (watch: Watch, end: number): void {
  const { drifts } = watch
  const easier = easierOf(watch)
  if (weekOf(end) !== drifts.week) {
    drifts.week = weekOf(end)
    for (const watched of [drifts.all, ...Object.values(drifts.topics)]) {
      closeWeek(watched.esc)
      closeWeek(watched.cancel)
    }
  }
  for (const [name, topic] of Object.entries(watch.topics)) {
    const own = drifts.topics[name]
    if (own === undefined || name === 'unknown') continue
    if (topic.openSince !== null) continue            // an outbreak says nothing of the weeks
    const { baseline } = topic
    const { count, mean } = baseline.yesterday
    // Days resemble the day before: half as much again as by themselves
    const clumps = (watch.desk.phi - 1) / Math.max(mean, 0.1)
    const spread = 1.5 * unrestOf(baseline, watch.desk.unrest) + clumps + 1 / baseline.a
    const sum = addDay(own.volume, Math.log(levelOf(baseline) / levelOf(watch.desk.baseline)), count, mean, spread)
    if (sum < BAR.volume - easier || end - watch.calendar.t0 < WARM_UP || baseline.a < 30) continue
    const tickets = topic.arrivals.id.slice(-40)
    const times = Math.exp(Math.log(levelOf(baseline) / levelOf(watch.desk.baseline)) - own.volume.level)
    own.volume = emptyVolume()
    if (!toldLately(watch, name, 'volume', end)) {
      watch.pending.push(...report(watch, name, 'volume', tickets, 1e-4, titleOfVolume(name, times),
        end))
    }
  }
}
