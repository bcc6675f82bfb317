// What presses in Slack do to an anomaly, and what their modals show: put together of what the bridge words and the work room
// does. Part of main-bell.ts, which alone knows it.
import type { Transaction } from 'kysely'
import { fileModal, mergeModal, noiseModal, splitModal, ticketsModal, whyModal } from './bridge/slack-modals.ts'
import { GiveUp } from './errors.ts'
import type { SlackPresses } from './http/slack-actions.ts'
import { readFacts, reasonsOf } from './learn/facts.ts'
import type { FilingRules, Likeness } from './learn/filing.ts'
import type { Move } from './learn/life.ts'
import { chosenBy, groupsOf } from './learn/split.ts'
import { plus } from './learn/story.ts'
import type { Log } from './log.ts'
import { readAnomalyTickets } from './store/anomaly-facts.ts'
import { findAnomaly, findPrecision, listAnomalies, listChanges, snoozeAnomaly } from './store/anomalies.ts'
import type { Actor, Anomaly } from './store/anomalies.ts'
import type { Db } from './store/db.ts'
import { recordPress } from './store/presses.ts'
import type { Press } from './store/presses.ts'
import type { Database } from './store/schema.ts'
import type { Instant } from './types.ts'
import type { Redact } from './work/anomaly-facts.ts'
import type { Duty } from './work/duties.ts'
import { makeMove, whyNotFiled } from './work/filing.ts'
import { follow } from './work/follow.ts'
import type { Neighbours } from './work/follow.ts'
import { mergeInto } from './work/merge.ts'
import { carryOutPress, pressDuty } from './work/presses.ts'
import { listChoices, splitOff, whyNotSplit } from './work/split.ts'

export interface PressDeps {
  db: Db
  log?: Log
  to: Neighbours
  filing: FilingRules | null
  now: () => Promise<Instant>
  home: string
  redact: Redact
  falseAlarmsPerWeek: number
  linkOf: (connection: string, ticketId: string) => string
  whisper: (channel: string, user: string, text: string) => Promise<void>
  /** Issues that look like it, the likest first; null: Linear did not answer. */
  likely: (a: Anomaly) => Promise<Likeness[] | null>
}

const LIVE = ['open', 'acknowledged', 'filed', 'fixed', 'not_fixed']
const LIKELY_MS = 1_200                             // the modal must stand within three seconds of the press

export function makePresses (deps: PressDeps): { presses: SlackPresses, duty: Duty } {
  const { db, to, filing, now, home, redact } = deps
  async function move (
    trx: Transaction<Database>, id: string, what: Move, actor: Actor, title = ''
  ): Promise<string | null> {
    const moved = await makeMove(trx, { to, filing }, id, what, actor, title)
    if (moved === null || moved.asks !== null) return null
    if (moved.refused !== null) return moved.refused
    const last = (await listChanges(trx, id)).findLast(change => change.applied && change.by !== 'the watch')
    if (last === undefined) return 'This makes no sense any more: the message shows how things stand.'
    const seconds = Math.max(0, Math.round((Date.parse(actor.at) - Date.parse(last.at)) / 1000))
    const ago = seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`
    return `${last.by} was faster, ${ago}: ${last.move.replaceAll('_', ' ')}.`
  }
  async function act (trx: Transaction<Database>, press: Press): Promise<string | null> {
    const { anomaly: id, by, source, act: wish } = press
    const at = await now()
    const actor = { by, at, source }
    switch (wish.kind) {
      case 'move': return await move(trx, id, wish.move, actor)
      case 'file':
        if (wish.issue !== '') return await move(trx, id, { kind: 'attach', issue: wish.issue }, actor)
        return await move(trx, id, { kind: 'file', ...(wish.reason === '' ? {} : { reason: wish.reason }) }, actor, wish.title)
      case 'merge':
        return await mergeInto(trx, id, wish.into, actor, (anomaly, asks) => follow(trx, to, anomaly, asks, at))
      case 'split': return await splitOff(trx, { to, redact }, id, wish.choice, wish.title, actor)
      case 'snooze': {
        const snoozed = await snoozeAnomaly(trx, id, plus(at, wish.hours * 3600), actor)
        if (snoozed !== null) await follow(trx, to, snoozed, ['update'], at)
        return null
      }
    }
  }
  async function anomalyOf (id: string): Promise<Anomaly> {
    const anomaly = await findAnomaly(db, { id })
    if (anomaly === null) throw new GiveUp(`there is no anomaly ${id}`)
    return anomaly
  }
  const carrying = {
    db,
    ...(deps.log === undefined ? {} : { log: deps.log }),
    act,
    async tell ({ anomaly, user }: Press, text: string) {
      const { slackChannel } = await anomalyOf(anomaly)
      if (slackChannel !== null) await deps.whisper(slackChannel, user, text)
    }
  }
  const presses: SlackPresses = {
    async take (press) { await recordPress(db, press) },
    carryOut: async source => (await carryOutPress(carrying, source))?.said ?? null,
    async check (id, wish) {
      if (wish.kind === 'file' && wish.issue === '' && wish.reason === '') {
        const against = await whyNotFiled(db, filing, id, await now())
        return against === null ? null : { why: `${against} Say why, or choose the issue that it is the same as.` }
      }
      if (wish.kind !== 'split') return null
      const tickets = await listChoices(db, redact, id)
      const wrong = whyNotSplit(tickets.length, chosenBy(tickets, wish.choice).length)
      return wrong === null ? null : { words: wrong }
    },
    noiseModal,
    async fileModal (id) {
      const anomaly = await anomalyOf(id)
      const [likely, against] = await Promise.all([
        within(deps.likely(anomaly), LIKELY_MS), now().then(at => whyNotFiled(db, filing, id, at))
      ])
      return fileModal(id, anomaly.title, likely, against)
    },
    async mergeModal (id) {
      return mergeModal(id, (await listAnomalies(db, 50)).filter(a => a.id !== id && LIVE.includes(a.state)))
    },
    async splitModal (id) {
      const tickets = await listChoices(db, redact, id)
      return splitModal(id, tickets.length, groupsOf(tickets).map(g => ({ ...g, tickets: g.refs.length })))
    },
    async ticketsModal (id) {
      const anomaly = await anomalyOf(id)
      const tickets = await readAnomalyTickets(db, id, 10)
      return ticketsModal(anomaly.title, tickets.map(t => {
        const said = redact(t.subject === '' ? t.text : t.subject, t.name === null ? [] : [t.name]).replace(/\s+/g, ' ').trim()
        const when = t.at.slice(0, 16).replace('T', ' ')
        return {
          text: `${t.connection} #${t.ticketId}, ${when} UTC: ${[...said].slice(0, 90).join('')}`,
          url: home === '' ? null : deps.linkOf(t.connection, t.ticketId)
        }
      }))
    },
    async whyModal (id) {
      const anomaly = await anomalyOf(id)
      const { right, judged } = await findPrecision(db, await now())
      return whyModal(anomaly.title, reasonsOf(anomaly, readFacts(anomaly.facts), {
        right, judged, accepted: deps.falseAlarmsPerWeek
      }))
    }
  }
  return { presses, duty: pressDuty(carrying) }
}

async function within<T> (work: Promise<T | null>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>(resolve => { timer = setTimeout(() => { resolve(null) }, ms) })
  try { return await Promise.race([work, late]) } finally { clearTimeout(timer) }
}
