// How an anomaly's issue, its block of numbers, its links and its comments are carried out exactly once: Linear takes an id
// of ours for all that it creates.
import { GiveUp } from '../errors.ts'
import type { Issue, Linear } from '../bridge/linear.ts'
import { moveLife } from '../learn/life.ts'
import type { EffectRequest, Performed } from '../outside.ts'
import { moveAnomaly } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import { anomalyOf, newestOf } from './bell-anomaly.ts'
import type { BellDeps } from './bell-performers.ts'
import type { EffectPerformer } from './effects.ts'
import { follow } from './follow.ts'

export function linearPerformers (deps: BellDeps, linear: Linear): EffectPerformer[] {
  const performedOf = (issue: Issue): Performed =>
    ({ vendorId: issue.id, details: { identifier: issue.identifier, url: issue.url, state: issue.state.name } })
  const issueOf = async (effect: EffectRequest): Promise<{ anomaly: Anomaly, issueId: string }> => {
    const anomaly = await anomalyOf(deps.db, effect)
    if (anomaly.issueId === null) throw new GiveUp('skipped: its issue is gone')
    return { anomaly, issueId: anomaly.issueId }
  }
  const describeNewest = async (effect: EffectRequest, anomaly: Anomaly): Promise<Performed> => {
    const { issueId } = await issueOf(effect)
    const issue = await linear.findIssue(issueId)
    if (issue === null) throw new GiveUp('skipped: its issue is gone')
    const description = await deps.words.block(anomaly, issue.description)
    if (description === null) throw new GiveUp('skipped: the block was taken out of the issue')
    if (description !== issue.description) await linear.describeIssue(issueId, description)
    return { vendorId: issueId }
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
          issue_id: vendorId, issue_identifier: details?.['identifier'] ?? null, issue_url: details?.['url'] ?? null, issue_state: details?.['state'] ?? null
        })
        if (moved?.asks != null) await follow(trx, deps.to, moved.after, moved.asks, now)
      }
    },
    {
      kind: 'linear-block',
      resendAfterMs: 0,
      async look () { return null },
      async send (effect) { return await describeNewest(effect, await newestOf(deps.db, effect)) },
      async reconcile (effect) {                    // what came late may have brought an older state back
        await describeNewest(effect, await anomalyOf(deps.db, effect))
        return 0
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
