// Puts the bell together: what Slack and Linear are told is worded by the bridge, carried out by the effect machine and
// fed by the watch. Beside main.ts this is the only one that knows all of these.
import type { AlertsConfig } from './config.ts'
import { openLinear } from './bridge/linear.ts'
import type { Team } from './bridge/linear.ts'
import { renderIssue, replaceImpact } from './bridge/linear-issue.ts'
import { openSlack } from './bridge/slack.ts'
import { fileModal, noiseModal, renderAlert, renderChange, ticketsModal } from './bridge/slack-message.ts'
import { GiveUp } from './errors.ts'
import type { SlackPresses } from './http/slack.ts'
import { moveLife } from './learn/life.ts'
import { plus } from './learn/story.ts'
import {
  findAnomaly, findPrecision, listAnomalyTickets, listChanges, moveAnomaly, snoozeAnomaly
} from './store/anomalies.ts'
import type { Anomaly } from './store/anomalies.ts'
import type { Db } from './store/db.ts'
import type { Instant } from './types.ts'
import type { AnomalyView } from './outside.ts'
import { makeBellPerformers } from './work/bell-performers.ts'
import type { EffectPerformer } from './work/effects.ts'
import { follow } from './work/follow.ts'
import type { Neighbours } from './work/follow.ts'

export interface Bell {
  performers: EffectPerformer[]
  to: Neighbours
  presses: SlackPresses
  /** The type of an issue's present state; null when it is gone. */
  stateOf: (issueId: string) => Promise<string | null>
}

export function openBell (
  { db, alerts, home, now, notes, slackResendMs }: {
    db: Db, alerts: AlertsConfig, home: string, now: () => Promise<Instant>, notes: boolean, slackResendMs?: number
  }
): Bell {
  const slack = alerts.slack === null || alerts.channel === '' ? null : openSlack(alerts.slack)
  const linear = alerts.linear === null ? null : openLinear(alerts.linear)
  // A webhook waits for it, and Linear waits five seconds for the webhook.
  const quick = alerts.linear === null ? null : openLinear({ ...alerts.linear, deadlineMs: 3_500 })
  const to: Neighbours = { slack: slack !== null, linear: linear !== null, notes, verifyHours: alerts.verifyHours }

  async function viewOf (a: Anomaly): Promise<AnomalyView> {
    return {
      id: a.id,
      state: a.state,
      kind: a.kind,
      topic: a.topic,
      title: a.title,
      tickets: a.tickets,
      people: a.people,
      usual: a.usual,
      openedAt: a.openedAt,
      terms: a.terms,
      facts: [],
      chance: a.p,
      precision: await findPrecision(db, await now()),
      issue: a.issueIdentifier === null || a.issueUrl === null
        ? null
        : { identifier: a.issueIdentifier, url: a.issueUrl },
      filing: a.filing,
      assignee: a.assignee,
      approvedBy: a.approvedBy,
      reason: a.reason,
      release: null,
      home
    }
  }
  const linkOf = (connection: string, ticketId: string): string =>
    `${home === '' ? 'https://deskloop.invalid' : home}/t/${encodeURIComponent(connection)}/${encodeURIComponent(ticketId)}`
  const pageOf = (a: Anomaly): string => home === '' ? '' : `${home}/anomalies/${a.id}`
  async function teamOf (): Promise<Team> {
    const teams = await linear?.listTeams() ?? []
    const team = alerts.linearTeam === '' ? teams[0] : teams.find(t => t.key === alerts.linearTeam)
    if (team === undefined) throw new GiveUp(`linear has no team ${alerts.linearTeam}: set linearTeam in config/alerts.json`)
    return team
  }
  const performers = makeBellPerformers({
    db,
    slack,
    linear,
    to,
    now,
    ...(slackResendMs === undefined ? {} : { slackResendMs }),
    channel: kind => alerts.channels[kind] ?? alerts.channel,
    words: {
      alert: async a => renderAlert(await viewOf(a), null, ''),
      change: async a => renderChange(await viewOf(a)),
      issue: async a => {
        const team = await teamOf()
        const labelIds = team.labels.filter(label => label.name === 'from-support').map(label => label.id)
        return { ...renderIssue(await viewOf(a), { page: pageOf(a), slack: '' }), teamId: team.id, priority: alerts.linearPriority, labelIds }
      },
      block: async (a, description) => replaceImpact(description, await viewOf(a)),
      comment: (a, what) => what === 'comment_verified'
        ? `Verified: the rate of tickets is back to normal, ${alerts.verifyHours} h after this was done. ${a.tickets} tickets in all.`
        : `Not fixed: customers still write about it more than usual. ${a.tickets} tickets so far.`,
      link: linkOf
    }
  })
  const presses: SlackPresses = {
    async move (id, move, by, source) {
      const at = await now()
      const moved = await db.transaction().execute(async trx => {
        const made = await moveAnomaly(trx, id, move, { by, at, source }, moveLife)
        if (made?.asks != null) await follow(trx, to, made.after, made.asks, at)
        return made
      })
      if (moved === null || moved.asks !== null) return null
      const last = (await listChanges(db, id)).findLast(change => change.applied && change.by !== 'the watch')
      return last === undefined ? 'This makes no sense any more: the message shows how things stand.' : `${last.by} was faster: ${last.move.replaceAll('_', ' ')}.`
    },
    async snooze (id, hours, by, source) {
      const at = await now()
      await db.transaction().execute(trx => snoozeAnomaly(trx, id, plus(at, hours * 3600), { by, at, source }))
    },
    noiseModal,
    async fileModal (id) {
      const anomaly = await findAnomaly(db, { id })
      if (anomaly === null) throw new GiveUp(`there is no anomaly ${id}`)
      const team = await teamOf()
      const words = anomaly.terms.slice(0, 4).join(' ') || anomaly.topic
      const likely = await quick?.searchIssues(words, team.id).catch(() => []) ?? []
      return fileModal(id, anomaly.title, likely)
    },
    async ticketsModal (id) {
      const anomaly = await findAnomaly(db, { id })
      const tickets = await listAnomalyTickets(db, id, 10)
      return ticketsModal(anomaly?.title ?? 'Nothing is known of it', tickets.map(t => ({
        text: `${t.connection} #${t.ticketId}, ${t.at.slice(0, 16).replace('T', ' ')} UTC`,
        url: home === '' ? null : linkOf(t.connection, t.ticketId)
      })))
    },
    async whyModal (id) {
      const anomaly = await findAnomaly(db, { id })
      const { right, judged } = await findPrecision(db, await now())
      return ticketsModal(anomaly?.title ?? 'Nothing is known of it', anomaly === null
        ? []
        : [
            { text: `${anomaly.tickets} tickets of ${anomaly.people} customers; by accident about once in ${Math.round(Math.min(1e9, 1 / Math.max(anomaly.p, 1e-9)))}`, url: null },
            { text: `the desk accepts ${alerts.falseAlarmsPerWeek} false alarms a week; ${right} of ${judged} judged alerts of 30 days were real`, url: null }
          ])
    }
  }
  return {
    performers, to, presses, stateOf: async issueId => (await quick?.findIssue(issueId))?.state.type ?? null
  }
}
