// Puts the bell together: what Slack and Linear are told is worded by the bridge, carried out by the effect machine and
// fed by the watch. Beside main.ts this is the only one that knows all of these.
import type { Transaction } from 'kysely'
import type { AlertsConfig } from './config.ts'
import { openLinear } from './bridge/linear.ts'
import type { Team } from './bridge/linear.ts'
import { escapeMarkdown, renderIssue, replaceImpact, scrubView } from './bridge/linear-issue.ts'
import { drawPng } from './bridge/picture.ts'
import { openSlack } from './bridge/slack.ts'
import { readAuditDigest, readLearningDigest, renderAudit, renderLearning, renderRollup } from './bridge/slack-digest.ts'
import { renderAlert, renderChange } from './bridge/slack-message.ts'
import { drawCourse, slackLook } from './dashboard/anomaly-chart.ts'
import { openRedactor } from './drafter/redact.ts'
import { GiveUp } from './errors.ts'
import type { LinearHookDeps } from './http/linear.ts'
import type { SlackPresses } from './http/slack-actions.ts'
import { courseWords, lastHour, readFacts, tellFacts } from './learn/facts.ts'
import { rankIssues } from './learn/filing.ts'
import type { Likeness } from './learn/filing.ts'
import type { SplitTicket } from './learn/split.ts'
import { worthOf } from './learn/worth.ts'
import { channelOf } from './learn/telling.ts'
import type { TellRules } from './learn/telling.ts'
import type { Log } from './log.ts'
import { findAccountById } from './store/accounts.ts'
import { findPrecision } from './store/anomalies.ts'
import type { Anomaly } from './store/anomalies.ts'
import type { Db } from './store/db.ts'
import { countToldFixed, findOpenIssue, findPlan, listCompanies } from './store/filings.ts'
import { findOrigin } from './store/splits.ts'
import { listWorth } from './store/worth.ts'
import type { Database } from './store/schema.ts'
import type { Instant } from './types.ts'
import type { AnomalyView } from './outside.ts'
import type { Redact } from './work/anomaly-facts.ts'
import { makeBellPerformers } from './work/bell-performers.ts'
import { makeChurnPerformer } from './work/churn.ts'
import type { Duty } from './work/duties.ts'
import type { EffectPerformer } from './work/effects.ts'
import { onComment, wordAnswer } from './work/engineer.ts'
import type { IssueComment } from './work/engineer.ts'
import { RULE, whyNotFiled } from './work/filing.ts'
import type { Neighbours } from './work/follow.ts'
import { heedIssue, issueDuty } from './work/issues.ts'
import { priorityOf, tellIssue } from './work/issue-context.ts'
import type { MakeScrub } from './work/issue-context.ts'
import { makePresses } from './main-presses.ts'
import { listChoices } from './work/split.ts'
import { digestDuty, makeTellingPerformers } from './work/telling-performers.ts'

export interface Bell {
  performers: EffectPerformer[]
  duties: Duty[]
  to: Neighbours
  presses: SlackPresses
  redact: Redact
  churn: boolean                                    // whether accounts at risk are told in Slack
  /** An issue's present state; null when it is gone. */
  stateOf: (issueId: string) => Promise<{ name: string, type: string } | null>
  onComment: (log: Log, comment: IssueComment) => Promise<boolean>
  /** Moves an anomaly as its issue's state asks for. */
  heedIssue: LinearHookDeps['heed']
  /** Its tickets, redacted, as a person may split them. */
  listChoices: (id: string) => Promise<SplitTicket[]>
  /** Why an anomaly should not be filed, in a sentence; null: it may be. */
  whyNotFiled: (id: string, trx?: Transaction<Database>) => Promise<string | null>
}

export function openBell (
  { db, log, alerts, home, now, notes, slackResendMs, issuesEveryMs, renewalDays }: {
    db: Db, log?: Log, alerts: AlertsConfig, home: string, now: () => Promise<Instant>, notes: boolean
    slackResendMs?: number, issuesEveryMs?: number
    renewalDays?: number                            // how near a renewal is told; absent: nothing is known of companies
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
  const { verifyHours } = alerts
  const to: Neighbours = {
    slack: slack !== null, linear: linear !== null, notes, verifyHours, tell, needs: alerts.linearCustomers === true
  }
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
  const redact: Redact = (text, names) => openRedactor(names).hide(text)

  async function viewOf (a: Anomaly): Promise<AnomalyView> {
    const facts = readFacts(a.facts)
    const shown = courseWords(a.topic, facts)
    const at = await now()
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
      precision: await findPrecision(db, at),
      issue: a.issueIdentifier === null || a.issueUrl === null
        ? null
        : { identifier: a.issueIdentifier, url: a.issueUrl },
      filing: a.filing,
      assignee: a.assignee,
      approvedBy: a.approvedBy,
      reason: a.reason,
      release: facts.release,
      split: await findOrigin(db, a.id),
      toldAt: at,
      end: { peak: facts.trace === null ? null : Math.max(...facts.trace.counts), told: a.state === 'verified' ? await countToldFixed(db, a.id) : 0 },
      rate: facts.trace === null ? null : lastHour(facts.trace),
      worth: renewalDays === undefined ? null : worthOf(await listWorth(db, a.id), at, renewalDays),
      snoozed: a.snoozedUntil === null ? null : { until: a.snoozedUntil, by: a.telling.snoozedBy ?? 'somebody' },
      picture: a.telling.chartFile === null || shown === null ? null : { file: a.telling.chartFile, words: shown },
      home
    }
  }
  // How many companies is no secret; what they pay is told among ourselves only.
  const forChannel = (view: AnomalyView, channel: string): AnomalyView => {
    const { worth } = view
    if (worth === undefined || worth === null || (alerts.internalChannels ?? []).includes(channel)) return view
    return { ...view, worth: { ...worth, arr: null, arrKnown: 0, renewals: 0, renewalArr: null, renewalKnown: 0 } }
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
    ...(slackResendMs === undefined ? {} : { slackResendMs }),
    channel: kind => channelOf(tell, 'incident', kind),
    draw: a => {
      const svg = drawCourse(readFacts(a.facts), slackLook, tell.zone)
      return svg === null ? null : drawPng(svg, slackLook.width)
    },
    words: {
      alert: async a => {
        const view = forChannel(await viewOf(a), a.telling.channel ?? channelOf(tell, 'incident', a.kind))
        const issue = await findOpenIssue(db, a.id)
        if (issue !== null) view.facts.unshift({ label: 'Known issue', text: `${issue} is open for the same topic` })
        return renderAlert(view, view.picture?.file ?? null, view.picture?.words ?? '')
      },
      change: async a => renderChange(await viewOf(a)),
      issue: async a => {
        const team = await teamOf()
        const wanted = ['from-support', a.topic.toLowerCase()]
        const labelIds = team.labels.filter(label => wanted.includes(label.name.toLowerCase())).map(label => label.id)
        const { slackChannel, slackTs } = a
        const place = slackChannel === null || slackTs === null ? null : { channel: slackChannel, ts: slackTs }
        const said = place === null ? null : await slack?.linkTo(place) ?? null
        const { scrub, context } = await tellIssue(db, a.id, makeScrub)
        const view = scrubView(await viewOf(a), scrub)
        const likely = await searchLike(a, team).catch(() => null)
        const priority = await priorityOf(db, a, alerts, a.approvedBy !== null && a.approvedBy !== RULE)
        const issue = renderIssue(view, { page: pageOf(a), slack: said ?? '' }, { ...context, likely, verifyHours })
        const title = a.telling.issueTitle === null ? issue.title : scrub(a.telling.issueTitle)
        const triage = team.triage === null ? {} : { stateId: team.triage }
        return { ...issue, title, teamId: team.id, priority, labelIds, ...triage }
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
  const { presses, duty: pressing } = makePresses({
    db,
    ...(log === undefined ? {} : { log }),
    to, filing, now, home, redact, falseAlarmsPerWeek: alerts.falseAlarmsPerWeek,
    linkOf,
    whisper: async (channel, user, text) => { await slack?.whisper(channel, user, text) },
    // Filing waits for nobody: the modal opens without Linear, too, and says that nobody has looked.
    likely: async a => await teamOf().then(team => searchLike(a, team)).catch(() => null)
  })
  const digests = slack === null || log === undefined || digestChannel === ''
    ? []
    : [digestDuty({ db, log, zone: tell.zone, kinds: alerts.digests ?? ['learning', 'audit'], now })]
  const asking = linear === null || log === undefined
    ? []
    : [issueDuty({
        db, log, to, now, askIssues: (ids, since) => linear.askIssues(ids, since),
        onComment: comment => onComment(db, log, comment),
        ...(issuesEveryMs === undefined ? {} : { everyMs: issuesEveryMs })
      })]
  const churns = slack === null || churn === '' ? [] : [makeChurnPerformer({ db, slack, channel: churn, home })]
  return {
    performers: [...performers, ...more, ...churns],
    duties: [...(alerts.slack === null ? [] : [pressing]), ...asking, ...digests],
    to, presses, redact, churn: churns.length > 0,
    stateOf: async issueId => (await quick?.findIssue(issueId))?.state ?? null,
    onComment: (log, comment) => onComment(db, log, comment),
    heedIssue: (anomaly, state, actor) => heedIssue({ db, to }, anomaly, state, actor),
    listChoices: id => listChoices(db, redact, id),
    whyNotFiled: async (id, trx) => await whyNotFiled(trx ?? db, filing, id, await now())
  }
}
