// Decides where and when an anomaly gets its message: at once, in the morning, or as a line of the day's roll-up; and what
// becomes due by the clock alone: the end of quiet hours and of a snooze.
import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import { readFacts } from '../learn/facts.ts'
import { moveLife } from '../learn/life.ts'
import type { Ask } from '../learn/life.ts'
import { channelOf, dayAt, dayStart, decideTelling, quietUntil, routeOf } from '../learn/telling.ts'
import type { TellRules } from '../learn/telling.ts'
import { findAnomaly, moveAnomaly } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import { recordEffect } from '../store/effects.ts'
import type { Database } from '../store/schema.ts'
import { countTold, endSnooze, growRollup, listAwake, listHeld, saveTelling } from '../store/telling.ts'
import type { Instant } from '../types.ts'
import { makeKey } from './key.ts'

/** Under this connection stand effects that no helpdesk is the cause of. */
const HOUSE = 'deskloop'
const OVER = new Set(['noise', 'merged'])

/** Gives a new anomaly its route, and its message when its time has come. */
export async function tellAnomaly (
  trx: Transaction<Database>, rules: TellRules, anomaly: Anomaly, at: Instant
): Promise<void> {
  const { kind, metric, topic, terms, telling } = anomaly
  if (telling.channel !== null) return              // told, or on its way
  const route = telling.toldAt === null && telling.heldUntil === null && telling.rolledUp === null
    ? routeOf({
      kind, metric, topic, terms, segments: readFacts(anomaly.facts).segments.map(s => s.kind)
    }, rules.revenueWords)
    : telling.route
  const channel = channelOf(rules, route, kind)
  if (channel === '') return
  const told = await countTold(trx, channel, dayStart(rules.zone, at))
  const decision = decideTelling(rules, { people: anomaly.people, told }, at)
  if (decision.kind === 'held') {
    await saveTelling(trx, anomaly.id, {
      route, channel: null, toldAt: null, heldUntil: decision.until, rolledUp: null
    })
  } else if (decision.kind === 'rolled up') {
    const key = telling.rolledUp ?? `${channel}/${dayAt(rules.zone, at)}`
    await saveTelling(trx, anomaly.id, {
      route, channel: null, toldAt: telling.toldAt ?? at, heldUntil: null, rolledUp: key
    })
    await tellRollup(trx, key)
  } else {
    await saveTelling(trx, anomaly.id, { route, channel, toldAt: at, heldUntil: null, rolledUp: telling.rolledUp })
    await recordEffect(trx, {
      id: randomUUID(), kind: 'slack-message', account: 'slack', connection: HOUSE, ticketId: anomaly.id, cause: 'message',
      marker: makeKey(), payload: { version: anomaly.version }, skipped: null
    })
  }
  if (telling.rolledUp !== null && decision.kind === 'now') await tellRollup(trx, telling.rolledUp)
}

/** The roll-up of a channel's day says something new: it is posted once, and edited in place from then on. */
export async function tellRollup (trx: Transaction<Database>, key: string): Promise<void> {
  const at = key.lastIndexOf('/')
  const rollup = await growRollup(trx, key.slice(0, at), key.slice(at + 1))
  const one = { account: 'slack', connection: HOUSE, ticketId: key, payload: { version: rollup.version }, skipped: null }
  if (rollup.version === 1) await recordEffect(trx, { ...one, id: randomUUID(), kind: 'slack-rollup', cause: 'message', marker: makeKey() })
  else if (rollup.ts !== null) {
    await recordEffect(trx, { ...one, id: randomUUID(), kind: 'slack-rollup-update', cause: `update:${rollup.version}`, marker: makeKey() })
  }
}

/** What is asked for by growth in quiet hours: the message shows it, but nobody is called by a reply. */
export function hush (rules: TellRules | undefined, anomaly: Anomaly, asks: Ask[], at: Instant): Ask[] {
  const isQuiet = rules !== undefined && anomaly.people < rules.loudFrom && quietUntil(rules, at) !== null
  return isQuiet ? asks.filter(ask => ask !== 'thread') : asks
}

/** What the clock alone makes due. `follow` carries on what a move asks for. */
export async function tellInTime (
  trx: Transaction<Database>, rules: TellRules, at: Instant, follow: (anomaly: Anomaly, asks: Ask[]) => Promise<void>
): Promise<void> {
  for (const anomaly of await listHeld(trx, at)) {
    await saveTelling(trx, anomaly.id, {
      route: anomaly.telling.route, channel: null, toldAt: null, heldUntil: null, rolledUp: anomaly.telling.rolledUp
    })
    // What ended in the night is told all the same: somebody may have been hit by it.
    if (!OVER.has(anomaly.state)) await tellAnomaly(trx, rules, anomaly, at)
  }
  for (const anomaly of await listAwake(trx, at)) {
    await endSnooze(trx, anomaly.id)
    const hasGrown = anomaly.tickets > (anomaly.telling.snoozedTickets ?? anomaly.tickets)
    const source = `awake ${anomaly.id} ${anomaly.snoozedUntil ?? ''}`
    const moved = hasGrown
      ? await moveAnomaly(trx, anomaly.id, { kind: 'grew' }, { by: 'the watch', at, source }, moveLife)
      : null
    if (moved?.asks != null) await follow(moved.after, hush(rules, moved.after, moved.asks, at))
    else {
      const after = await findAnomaly(trx, { id: anomaly.id })
      if (after !== null) await follow(after, ['update'])
    }
  }
}
