// What presses in Slack do to an anomaly, and what their modals show: put together of what the bridge words and the work room
// does. Part of main-bell.ts, which alone knows it.
import { fileModal, mergeModal, noiseModal, ticketsModal, whyModal } from './bridge/slack-modals.ts'
import { GiveUp } from './errors.ts'
import type { SlackPresses } from './http/slack-actions.ts'
import { readFacts, reasonsOf } from './learn/facts.ts'
import type { FilingRules, Likeness } from './learn/filing.ts'
import type { Move } from './learn/life.ts'
import { plus } from './learn/story.ts'
import { readAnomalyTickets } from './store/anomaly-facts.ts'
import { findAnomaly, findPrecision, listAnomalies, listChanges, snoozeAnomaly } from './store/anomalies.ts'
import type { Anomaly } from './store/anomalies.ts'
import type { Db } from './store/db.ts'
import type { Instant } from './types.ts'
import type { Redact } from './work/anomaly-facts.ts'
import { makeMove, whyNotFiled } from './work/filing.ts'
import { follow } from './work/follow.ts'
import type { Neighbours } from './work/follow.ts'
import { mergeInto } from './work/merge.ts'

export interface PressDeps {
  db: Db
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

export function makePresses (deps: PressDeps): SlackPresses {
  const { db, to, filing, now, home, redact } = deps
  async function press (id: string, move: Move, by: string, source: string, title = ''): Promise<string | null> {
    const at = await now()
    const moved = await db.transaction().execute(trx =>
      makeMove(trx, { to, filing }, id, move, { by, at, source }, title))
    if (moved === null || moved.asks !== null) return null
    if (moved.refused !== null) return moved.refused
    const last = (await listChanges(db, id)).findLast(change => change.applied && change.by !== 'the watch')
    if (last === undefined) return 'This makes no sense any more: the message shows how things stand.'
    const seconds = Math.max(0, Math.round((Date.parse(at) - Date.parse(last.at)) / 1000))
    const ago = seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`
    return `${last.by} was faster, ${ago}: ${last.move.replaceAll('_', ' ')}.`
  }
  async function anomalyOf (id: string): Promise<Anomaly> {
    const anomaly = await findAnomaly(db, { id })
    if (anomaly === null) throw new GiveUp(`there is no anomaly ${id}`)
    return anomaly
  }
  return {
    move: press,
    async file (id, { title, issue, reason }, by, source) {
      if (issue !== '') return await press(id, { kind: 'attach', issue }, by, source)
      return await press(id, { kind: 'file', ...(reason === '' ? {} : { reason }) }, by, source, title)
    },
    async merge (id, into, by, source) {
      const at = await now()
      return await db.transaction().execute(trx =>
        mergeInto(trx, id, into, { by, at, source }, (anomaly, asks) => follow(trx, to, anomaly, asks, at)))
    },
    async snooze (id, hours, by, source) {
      const at = await now()
      await db.transaction().execute(async trx => {
        const snoozed = await snoozeAnomaly(trx, id, plus(at, hours * 3600), { by, at, source })
        if (snoozed !== null) await follow(trx, to, snoozed, ['update'], at)
      })
    },
    noiseModal,
    async fileModal (id) {
      const anomaly = await anomalyOf(id)
      return fileModal(id, anomaly.title, await deps.likely(anomaly), await whyNotFiled(db, filing, id, await now()))
    },
    async mergeModal (id) {
      return mergeModal(id, (await listAnomalies(db, 50)).filter(a => a.id !== id && LIVE.includes(a.state)))
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
    },
    async whisper (id, user, text) {
      const { slackChannel } = await anomalyOf(id)
      if (slackChannel !== null) await deps.whisper(slackChannel, user, text)
    }
  }
}
