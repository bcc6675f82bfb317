// Puts the bell together: what Slack and Linear are told is worded by the bridge, carried out by the effect machine and
// fed by the watch. Beside main.ts this is the only one that knows all of these.
import type { Transaction } from 'kysely'
import type { AlertsConfig } from './config.ts'
import type { Log } from './log.ts'
import { openLinear } from './bridge/linear.ts'
import type { Team } from './bridge/linear.ts'
import { escapeMarkdown, renderIssue, replaceImpact, scrubView } from './bridge/linear-issue.ts'
import { openSlack } from './bridge/slack.ts'
import { fileModal, noiseModal, renderAlert, renderChange, ticketsModal } from './bridge/slack-message.ts'
import { GiveUp } from './errors.ts'
import type { SlackPresses } from './http/slack.ts'
import { openRedactor } from './drafter/redact.ts'
import { rankIssues } from './learn/filing.ts'
import type { Likeness } from './learn/filing.ts'
import { plus } from './learn/story.ts'
import { findAccountById } from './store/accounts.ts'
import { findAnomaly, findPrecision, listAnomalyTickets, listChanges, snoozeAnomaly } from './store/anomalies.ts'
import type { Anomaly } from './store/anomalies.ts'
import type { Db } from './store/db.ts'
import { findPlan, listCompanies } from './store/filings.ts'
import type { Database } from './store/schema.ts'
import type { Instant } from './types.ts'
import type { AnomalyView } from './outside.ts'
import { makeBellPerformers } from './work/bell-performers.ts'
import type { EffectPerformer } from './work/effects.ts'
import { makeChurnPerformer } from './work/churn.ts'
import { onComment, wordAnswer } from './work/engineer.ts'
import type { IssueComment } from './work/engineer.ts'
import { makeMove, RULE, whyNotFiled } from './work/filing.ts'
import type { Neighbours } from './work/follow.ts'
import { priorityOf, tellIssue } from './work/issue-context.ts'
import type { MakeScrub } from './work/issue-context.ts'

export interface Bell {
  performers: EffectPerformer[]
  to: Neighbours
  presses: SlackPresses
  churn: boolean                                    // whether accounts at risk are told in Slack
  /** An issue's present state; null when it is gone. */
  stateOf: (issueId: string) => Promise<{ name: string, type: string } | null>
  onComment: (log: Log, comment: IssueComment) => Promise<boolean>
  /** Why an anomaly should not be filed, in a sentence; null: it may be. */
  whyNotFiled: (id: string, trx?: Transaction<Database>) => Promise<string | null>
}

export function openBell (
  { db, alerts, home, now, notes }: {
    db: Db, alerts: AlertsConfig, home: string, now: () => Promise<Instant>, notes: boolean
  }
): Bell {
  const slack = alerts.slack === null || alerts.channel === '' ? null : openSlack(alerts.slack)
  const linear = alerts.linear === null ? null : openLinear(alerts.linear)
  // A webhook waits for it, and Linear waits five seconds for the webhook.
  const quick = alerts.linear === null ? null : openLinear({ ...alerts.linear, deadlineMs: 3_500 })
  const needs = alerts.linearCustomers === true
  const { verifyHours } = alerts
  const to: Neighbours = { slack: slack !== null, linear: linear !== null, notes, verifyHours, needs }
  const filing = alerts.filing ?? null
  const churn = alerts.channels['churn'] ?? ''
  const makeScrub: MakeScrub = names => {
    const redactor = openRedactor(names)
    return text => redactor.hide(text).replace(/\[([A-Z]+)_\d+\]/g, (hidden, kind: string) => {
      const was = redactor.restore(hidden)
      // What an engineer looks for: a name with a short number is the code of a fault, not of a person.
      return kind === 'ID' && /^[a-z]{2,}(?:[-_][a-z]*){1,4}\d{1,4}$/i.test(was) ? was : `[${kind.toLowerCase()}]`
    })
  }

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
  // Searched by the words of its title and those that its tickets share; scored by ourselves, so that the score can be told.
  async function searchLike (a: Anomaly, team: Team): Promise<Likeness[] | null> {
    const said = [...a.terms.slice(0, 4), a.topic].join(' ')
    const found = await quick?.searchIssues(said.replace(/[^\p{L}\p{N} ._-]+/gu, ' ').slice(0, 200), team.id) ?? null
    return found === null ? null : rankIssues(`${a.title} ${said}`, found.filter(i => i.id !== a.issueId))
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
        const { scrub, context } = await tellIssue(db, a.id, makeScrub)
        const view = scrubView(await viewOf(a), scrub)
        const likely = await searchLike(a, team).catch(() => null)
        const priority = await priorityOf(db, a, alerts, a.approvedBy !== null && a.approvedBy !== RULE)
        return {
          ...renderIssue(view, { page: pageOf(a), slack: '' }, { ...context, likely, verifyHours: alerts.verifyHours }),
          teamId: team.id, priority, labelIds, ...(team.triage === null ? {} : { stateId: team.triage })
        }
      },
      block: async (a, description) => replaceImpact(description, await viewOf(a)),
      answer: (a, payload) => wordAnswer(db, a, payload, makeScrub, escapeMarkdown),
      async need (a, id) {
        const account = await findAccountById(db, id)
        const tickets = (await listCompanies(db, a.id)).find(c => c.account === id)?.tickets ?? 0
        const tier = account?.facts.find(fact => fact.startsWith('plan '))?.slice(5)
        if (account === null || alerts.linearCustomers !== true) return null
        const body = `${tickets} ticket${tickets === 1 ? '' : 's'} of this company in ${a.id}`
        return { name: account.name, body, ...(tier === undefined ? {} : { tierName: tier }) }
      },
      async linkTitle (connection, ticketId) {
        const plan = await findPlan(db, connection, ticketId)
        return plan === null ? `Ticket of ${connection}` : `Ticket of a customer on ${plan}`
      },
      comment: (a, what) => {
        const numbers = `${a.tickets} tickets of ${a.people} customers`
        if (what === 'attached') return `Support has the same: ${numbers}, said ${escapeMarkdown(a.approvedBy ?? 'a rule')}. They are linked here.`
        return what === 'comment_verified'
          ? `Verified: the rate of tickets is back to normal, ${verifyHours} h after this was done. ${a.tickets} tickets in all.`
          : `Not fixed: customers still write about it more than usual. ${a.tickets} tickets so far.`
      },
      link: linkOf
    }
  })
  const presses: SlackPresses = {
    async move (id, move, by, source) {
      const at = await now()
      const moved = await db.transaction().execute(trx => makeMove(trx, { to, filing }, id, move, { by, at, source }))
      if (moved === null || moved.asks !== null) return null
      if (moved.refused !== null) return moved.refused
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
      const likely = await searchLike(anomaly, team).catch(() => []) ?? []
      return fileModal(id, anomaly.title, likely, await whyNotFiled(db, filing, id, await now()))
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
  const churns = slack === null || churn === '' ? [] : [makeChurnPerformer({ db, slack, channel: churn, home })]
  return {
    performers: [...performers, ...churns], to, presses, churn: churns.length > 0,
    stateOf: async issueId => (await quick?.findIssue(issueId))?.state ?? null,
    onComment: (log, comment) => onComment(db, log, comment),
    whyNotFiled: async (id, trx) => await whyNotFiled(trx ?? db, filing, id, await now())
  }
}
