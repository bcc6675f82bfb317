// How Slack messages and Linear issues are carried out exactly once. Linear takes an id of ours for all it creates; a Slack
// message carries the effect's id and is looked for by it.
import type { EffectRequest, Performed } from '../outside.ts'
import { GiveUp } from '../errors.ts'
import type { Linear } from '../bridge/linear.ts'
import type { IssueText } from '../bridge/linear-issue.ts'
import type { Slack } from '../bridge/slack.ts'
import type { Rendered } from '../bridge/slack-message.ts'
import { moveLife } from '../learn/life.ts'
import { moveAnomaly } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import type { Instant } from '../types.ts'
import type { EffectPerformer } from './effects.ts'
import { follow } from './follow.ts'
import type { Neighbours } from './follow.ts'
import { anomalyOf, newestOf, slackPerformers } from './slack-performers.ts'

/** How things are worded; made of what the bridge room offers, handed in so that this room need not know it. */
export interface BellWords {
  alert: (a: Anomaly) => Promise<Rendered>
  change: (a: Anomaly) => Promise<Rendered>
  issue: (a: Anomaly) => Promise<IssueText & { teamId: string, priority: number, labelIds: string[] }>
  /** Null: engineers have taken the block out. */
  block: (a: Anomaly, description: string) => Promise<string | null>
  comment: (a: Anomaly, what: string) => string
  link: (connection: string, ticketId: string) => string
}

export interface BellDeps {
  db: Db
  slack: Slack | null
  linear: Linear | null
  words: BellWords
  /** Where an anomaly of this kind is told. */
  channel: (kind: string) => string
  to: Neighbours
  now: () => Promise<Instant>
  /** The picture of an anomaly's course; null: none is known. Absent: messages go without. */
  draw?: (a: Anomaly) => Uint8Array | null
  /** How long a lost message may still be posted; default a minute. */
  slackResendMs?: number
}

export function makeBellPerformers (deps: BellDeps): EffectPerformer[] {
  const { slack, linear } = deps
  // Whoever refused our token is asked whether it takes it again.
  const asking = (name: string, client: Slack | Linear) => (p: EffectPerformer): EffectPerformer => ({
    ...p,
    async probe (account) {
      if (account !== name) throw new GiveUp(`${account} is not ${name}`)
      return await client.fetchSelf()
    }
  })
  return [
    ...(slack === null ? [] : slackPerformers(deps, slack).map(asking('slack', slack))),
    ...(linear === null ? [] : linearPerformers(deps, linear).map(asking('linear', linear)))
  ]
}

function linearPerformers (deps: BellDeps, linear: Linear): EffectPerformer[] {
  const performedOf = (issue: { id: string, identifier: string, url: string }): Performed =>
    ({ vendorId: issue.id, details: { identifier: issue.identifier, url: issue.url } })
  const issueOf = async (effect: EffectRequest): Promise<{ anomaly: Anomaly, issueId: string }> => {
    const anomaly = await anomalyOf(deps.db, effect)
    if (anomaly.issueId === null) throw new GiveUp('skipped: its issue is gone')
    return { anomaly, issueId: anomaly.issueId }
  }
  return [
    {
      kind: 'linear-issue',
      resendAfterMs: 0,                             // the same id cannot make a second issue
      async look (effect) {
        const issue = await linear.findIssue(effect.id)
        return issue === null ? null : performedOf(issue)
      },
      async send (effect) {
        const anomaly = await anomalyOf(deps.db, effect)
        const { title, description, teamId, priority, labelIds } = await deps.words.issue(anomaly)
        try {
          const input = { id: effect.id, title, description, teamId, priority, labelIds }
          return performedOf(await linear.createIssue(input))
        } catch (error) {
          // What a taken id is answered is nowhere written: any refusal may mean that it stands there.
          const issue = error instanceof GiveUp ? await linear.findIssue(effect.id) : null
          if (issue !== null) return performedOf(issue)
          throw error
        }
      },
      async applied (trx, effect, { vendorId, details }) {
        const now = await deps.now()
        const actor = { by: 'deskloop', at: now, source: `effect ${effect.id}` }
        const moved = await moveAnomaly(trx, effect.ticketId, { kind: 'filed' }, actor, moveLife, {
          issue_id: vendorId, issue_identifier: details?.['identifier'] ?? null, issue_url: details?.['url'] ?? null
        })
        if (moved?.asks != null) await follow(trx, deps.to, moved.after, moved.asks, now)
      }
    },
    {
      kind: 'linear-block',
      resendAfterMs: 0,
      async look () { return null },
      async send (effect) {
        const { issueId } = await issueOf(effect)
        const anomaly = await newestOf(deps.db, effect)
        const issue = await linear.findIssue(issueId)
        if (issue === null) throw new GiveUp('skipped: its issue is gone')
        const description = await deps.words.block(anomaly, issue.description)
        if (description === null) throw new GiveUp('skipped: the block was taken out of the issue')
        if (description !== issue.description) await linear.describeIssue(issueId, description)
        return { vendorId: issueId }
      }
    },
    {
      kind: 'linear-link',
      resendAfterMs: 0,                             // one link per issue and address
      async look () { return null },
      async send (effect) {
        const { issueId } = await issueOf(effect)
        const { connection, ticketId, at } = effect.payload
        const url = deps.words.link(String(connection), String(ticketId))
        await linear.attach({ id: effect.id, issueId, url, title: `Ticket of ${String(connection)}`, subtitle: String(at) })
        return { vendorId: effect.id }
      }
    },
    {
      kind: 'linear-comment',
      resendAfterMs: 0,
      async look (effect) { return await linear.hasComment(effect.id) ? { vendorId: effect.id } : null },
      async send (effect) {
        const { anomaly, issueId } = await issueOf(effect)
        const body = deps.words.comment(anomaly, String(effect.payload['what']))
        await linear.createComment({ id: effect.id, issueId, body })
        return { vendorId: effect.id }
      }
    }
  ]
}
