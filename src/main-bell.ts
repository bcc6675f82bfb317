// Puts the bell together: what Slack and Linear are told is worded by the bridge, carried out by the effect machine and
// fed by the watch. Beside main.ts this is the only one that knows all of these.
import type { AlertsConfig } from './config.ts'
import { openLinear } from './bridge/linear.ts'
import type { Team } from './bridge/linear.ts'
import { renderIssue, replaceImpact } from './bridge/linear-issue.ts'
import { drawPng } from './bridge/picture.ts'
import { openSlack } from './bridge/slack.ts'
import { readAuditDigest, readLearningDigest, renderAudit, renderLearning, renderRollup } from './bridge/slack-digest.ts'
import { renderAlert, renderChange } from './bridge/slack-message.ts'
import { fileModal, mergeModal, noiseModal, ticketsModal, whyModal } from './bridge/slack-modals.ts'
import { drawCourse, slackLook } from './dashboard/anomaly-chart.ts'
import { openRedactor } from './drafter/redact.ts'
import { GiveUp } from './errors.ts'
import type { SlackPresses } from './http/slack-actions.ts'
import { readFacts, reasonsOf, tellFacts, traceWords } from './learn/facts.ts'
import { moveLife } from './learn/life.ts'
import type { Move } from './learn/life.ts'
import { plus } from './learn/story.ts'
import { channelOf } from './learn/telling.ts'
import type { TellRules } from './learn/telling.ts'
import type { Log } from './log.ts'
import { readAnomalyTickets } from './store/anomaly-facts.ts'
import { findAnomaly, findPrecision, listAnomalies, listChanges, moveAnomaly, snoozeAnomaly } from './store/anomalies.ts'
import type { Anomaly } from './store/anomalies.ts'
import type { Db } from './store/db.ts'
import type { Instant } from './types.ts'
import type { AnomalyView } from './outside.ts'
import type { Redact } from './work/anomaly-facts.ts'
import { makeBellPerformers } from './work/bell-performers.ts'
import type { Duty } from './work/duties.ts'
import type { EffectPerformer } from './work/effects.ts'
import { follow } from './work/follow.ts'
import type { Neighbours } from './work/follow.ts'
import { mergeInto } from './work/merge.ts'
import { digestDuty, makeTellingPerformers } from './work/telling-performers.ts'

export interface Bell {
  performers: EffectPerformer[]
  duties: Duty[]
  to: Neighbours
  presses: SlackPresses
  redact: Redact
  /** An issue's present state; null when it is gone. */
  stateOf: (issueId: string) => Promise<{ name: string, type: string } | null>
}

export function openBell (
  { db, log, alerts, home, now, notes, slackResendMs }: {
    db: Db, log?: Log, alerts: AlertsConfig, home: string, now: () => Promise<Instant>, notes: boolean
    slackResendMs?: number
  }
): Bell {
  const tell: TellRules = {
    zone: alerts.timezone, channel: alerts.channel, channels: alerts.channels, revenueWords: alerts.revenueWords ?? [],
    quiet: alerts.quiet ?? null, loudFrom: alerts.loudFrom ?? 10, dailyCap: alerts.dailyCap ?? Infinity
  }
  const hasChannel = tell.channel !== '' || Object.values(tell.channels).some(channel => (channel ?? '') !== '')
  const slack = alerts.slack === null || !hasChannel ? null : openSlack(alerts.slack)
  const linear = alerts.linear === null ? null : openLinear(alerts.linear)
  // A webhook waits for it, and Linear waits five seconds for the webhook.
  const quick = alerts.linear === null ? null : openLinear({ ...alerts.linear, deadlineMs: 3_500 })
  const to: Neighbours = {
    slack: slack !== null, linear: linear !== null, notes, verifyHours: alerts.verifyHours, tell
  }
  const redact: Redact = (text, names) => openRedactor(names).hide(text)

  async function viewOf (a: Anomaly): Promise<AnomalyView> {
    const facts = readFacts(a.facts)
    return {
      id: a.id,
      state: a.state,
      kind: a.kind,
      topic: a.topic,
      title: a.title,
      tickets: a.tickets,
      people: a.people,
      usual: a.usual,
      hours: facts.hours,
      openedAt: facts.beganAt ?? a.openedAt,
      terms: a.terms,
      facts: tellFacts(facts),
      chance: a.p,
      precision: await findPrecision(db, await now()),
      issue: a.issueIdentifier === null || a.issueUrl === null
        ? null
        : { identifier: a.issueIdentifier, url: a.issueUrl },
      filing: a.filing,
      assignee: a.assignee,
      approvedBy: a.approvedBy,
      reason: a.reason,
      release: facts.release,
      snoozed: a.snoozedUntil === null ? null : { until: a.snoozedUntil, by: a.telling.snoozedBy ?? 'somebody' },
      picture: a.telling.chartFile === null || facts.trace === null
        ? null
        : { file: a.telling.chartFile, words: traceWords(a.topic, facts.trace) },
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
    channel: kind => channelOf(tell, 'incident', kind),
    draw: a => {
      const svg = drawCourse(readFacts(a.facts), slackLook, tell.zone)
      return svg === null ? null : drawPng(svg, slackLook.width)
    },
    words: {
      alert: async a => {
        const view = await viewOf(a)
        return renderAlert(view, view.picture?.file ?? null, view.picture?.words ?? '')
      },
      change: async a => renderChange(await viewOf(a)),
      issue: async a => {
        const team = await teamOf()
        const labelIds = team.labels.filter(label => label.name === 'from-support').map(label => label.id)
        const issue = renderIssue(await viewOf(a), { page: pageOf(a), slack: '' })
        const title = a.telling.issueTitle ?? issue.title
        return { ...issue, title, teamId: team.id, priority: alerts.linearPriority, labelIds }
      },
      block: async (a, description) => replaceImpact(description, await viewOf(a)),
      comment: (a, what) => what === 'comment_verified'
        ? `Verified: the rate of tickets is back to normal, ${alerts.verifyHours} h after this was done. ${a.tickets} tickets in all.`
        : `Not fixed: customers still write about it more than usual. ${a.tickets} tickets so far.`,
      link: linkOf
    }
  })
  const digestChannel = channelOf(tell, 'learning')
  const more = slack === null
    ? []
    : makeTellingPerformers({
      db,
      slack,
      digestChannel,
      words: {
        rollup: (list, day) => renderRollup(list, day, home),
        digest: (kind, period, body) => kind === 'learning'
          ? renderLearning(readLearningDigest(body), period, home)
          : renderAudit(readAuditDigest(body), period, home)
      }
    })
  async function press (
    id: string, move: Move, by: string, source: string, set: { issue_title?: string } = {}
  ): Promise<string | null> {
    const at = await now()
    const moved = await db.transaction().execute(async trx => {
      const made = await moveAnomaly(trx, id, move, { by, at, source }, moveLife, set)
      if (made?.asks != null) await follow(trx, to, made.after, made.asks, at)
      return made
    })
    if (moved === null || moved.asks !== null) return null
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
  const presses: SlackPresses = {
    move: press,
    file: (id, title, by, source) => press(id, { kind: 'file' }, by, source, title === '' ? {} : { issue_title: title }),
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
      const team = await teamOf()
      const words = anomaly.terms.slice(0, 4).join(' ') || anomaly.topic
      const likely = await quick?.searchIssues(words, team.id).catch(() => []) ?? []
      return fileModal(id, anomaly.title, likely)
    },
    async mergeModal (id) {
      const live = ['open', 'acknowledged', 'filed', 'fixed', 'not_fixed']
      return mergeModal(id, (await listAnomalies(db, 50)).filter(a => a.id !== id && live.includes(a.state)))
    },
    async ticketsModal (id) {
      const anomaly = await anomalyOf(id)
      const tickets = await readAnomalyTickets(db, id, 10)
      return ticketsModal(anomaly.title, tickets.map(t => {
        const said = redact(t.subject === '' ? t.text : t.subject, t.name === null ? [] : [t.name]).replace(/\s+/g, ' ').trim()
        const when = t.at.slice(0, 16).replace('T', ' ')
        return { text: `${t.connection} #${t.ticketId}, ${when} UTC: ${[...said].slice(0, 90).join('')}`, url: home === '' ? null : linkOf(t.connection, t.ticketId) }
      }))
    },
    async whyModal (id) {
      const anomaly = await anomalyOf(id)
      const { right, judged } = await findPrecision(db, await now())
      return whyModal(anomaly.title, reasonsOf(anomaly, readFacts(anomaly.facts), {
        right, judged, accepted: alerts.falseAlarmsPerWeek
      }))
    },
    async whisper (id, user, text) {
      const { slackChannel } = await anomalyOf(id)
      if (slackChannel !== null) await slack?.whisper(slackChannel, user, text)
    }
  }
  const duties = slack === null || log === undefined || digestChannel === ''
    ? []
    : [digestDuty({ db, log, zone: tell.zone, kinds: alerts.digests ?? ['learning', 'audit'], now })]
  return {
    performers: [...performers, ...more], duties, to, presses, redact,
    stateOf: async issueId => (await quick?.findIssue(issueId))?.state ?? null
  }
}
