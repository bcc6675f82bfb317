// Puts the bell together: what Slack and Linear are told is worded by the bridge, carried out by the effect machine and
// fed by the watch. Beside main.ts this is the only one that knows all of these.
import type { AlertsConfig } from './config.ts'
import { openLinear } from './bridge/linear.ts'
import type { Team } from './bridge/linear.ts'
import { renderIssue, replaceImpact } from './bridge/linear-issue.ts'
import { openSlack } from './bridge/slack.ts'
import { renderAlert, renderChange } from './bridge/slack-message.ts'
import { GiveUp } from './errors.ts'
import { findPrecision } from './store/anomalies.ts'
import type { Anomaly } from './store/anomalies.ts'
import type { Db } from './store/db.ts'
import type { Instant } from './types.ts'
import type { AnomalyView } from './outside.ts'
import { makeBellPerformers } from './work/bell-performers.ts'
import type { EffectPerformer } from './work/effects.ts'
import type { Neighbours } from './work/follow.ts'

export interface Bell { performers: EffectPerformer[], to: Neighbours }

export function openBell (
  { db, alerts, home, now }: { db: Db, alerts: AlertsConfig, home: string, now: () => Promise<Instant> }
): Bell {
  const slack = alerts.slack === null || alerts.channel === '' ? null : openSlack(alerts.slack)
  const linear = alerts.linear === null ? null : openLinear(alerts.linear)
  const to: Neighbours = { slack: slack !== null, linear: linear !== null, verifyHours: alerts.verifyHours }

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
      link: (connection, ticketId) => `${home === '' ? 'https://deskloop.invalid' : home}/t/${encodeURIComponent(connection)}/${encodeURIComponent(ticketId)}`
    }
  })
  return { performers, to }
}
