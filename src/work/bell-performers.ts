// How Slack messages and Linear issues are carried out exactly once. Linear takes an id of ours for all it creates; a Slack
// message carries the effect's id and is looked for by it.
import type { EffectRequest, Performed } from '../outside.ts'
import { GiveUp } from '../errors.ts'
import type { Linear } from '../bridge/linear.ts'
import type { IssueText } from '../bridge/linear-issue.ts'
import type { Slack } from '../bridge/slack.ts'
import type { Rendered } from '../bridge/slack-message.ts'
import { moveLife } from '../learn/life.ts'
import { findAnomaly, moveAnomaly } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import { hasNewer } from '../store/effects.ts'
import type { Instant } from '../types.ts'
import type { EffectPerformer } from './effects.ts'
import { follow } from './follow.ts'
import type { Neighbours } from './follow.ts'

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
  /** How long a lost message may still be posted; default a minute. */
  slackResendMs?: number
}

const LOOK_BACK_SECONDS = 30                        // clocks differ

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

function slackPerformers (deps: BellDeps, slack: Slack): EffectPerformer[] {
  const placeOf = ({ channel, ts }: { channel: string, ts: string }): Performed =>
    ({ vendorId: `${channel}/${ts}`, details: { channel, ts } })
  const showNewest = async (effect: EffectRequest, anomaly: Anomaly): Promise<Performed> => {
    if (anomaly.slackTs === null || anomaly.slackChannel === null) throw new GiveUp('skipped: its message is gone')
    const place = { channel: anomaly.slackChannel, ts: anomaly.slackTs }
    await slack.update({ ...place, effectId: effect.id, ...await deps.words.alert(anomaly) })
    return placeOf(place)
  }
  return [
    {
      kind: 'slack-message',
      resendAfterMs: deps.slackResendMs ?? 60_000,
      async look (effect) {
        const anomaly = await anomalyOf(deps.db, effect)
        const found = await slack.find(deps.channel(anomaly.kind), effect.id, since(effect))
        return found === null ? null : placeOf(found)
      },
      async send (effect) {
        const anomaly = await anomalyOf(deps.db, effect)
        const place = { channel: deps.channel(anomaly.kind), effectId: effect.id }
        return placeOf(await slack.post({ ...place, ...await deps.words.alert(anomaly) }))
      },
      async applied (trx, effect, { details }) {
        const { channel = '', ts = '' } = details ?? {}
        await trx.updateTable('anomaly').set({ slack_channel: channel, slack_ts: ts }).where('id', '=', effect.ticketId).execute()
        const anomaly = await findAnomaly(trx, { id: effect.ticketId })
        // It moved on while the message was on its way.
        if (anomaly === null || anomaly.version === effect.payload['version']) return
        await follow(trx, deps.to, anomaly, ['update'], await deps.now())
      }
    },
    {
      kind: 'slack-update',
      resendAfterMs: 0,
      async look () { return null },
      async send (effect) { return await showNewest(effect, await newestOf(deps.db, effect)) },
      async reconcile (effect) {                    // what came late may have brought an older state back
        await showNewest(effect, await anomalyOf(deps.db, effect))
        return 0
      }
    },
    {
      kind: 'slack-thread',
      resendAfterMs: deps.slackResendMs ?? 60_000,
      async look (effect) {
        const { slackChannel, slackTs } = await anomalyOf(deps.db, effect)
        if (slackChannel === null || slackTs === null) return null
        const found = await slack.find(slackChannel, effect.id, since(effect), slackTs)
        return found === null ? null : placeOf(found)
      },
      async send (effect) {
        const anomaly = await newestOf(deps.db, effect)
        if (anomaly.slackTs === null || anomaly.slackChannel === null) throw new GiveUp('skipped: its message is gone')
        const message = { channel: anomaly.slackChannel, threadTs: anomaly.slackTs, effectId: effect.id }
        return placeOf(await slack.post({ ...message, ...await deps.words.change(anomaly) }))
      }
    }
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
          issue_id: vendorId, issue_identifier: details?.['identifier'] ?? null, issue_url: details?.['url'] ?? null
        })
        if (moved?.asks != null) await follow(trx, deps.to, moved.after, moved.asks, now)
      }
    },
    {
      kind: 'linear-block',
      resendAfterMs: 0,
      async look () { return null },
      async send (effect) { return await describeNewest(effect, await newestOf(deps.db, effect)) },
      async reconcile (effect) {
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

async function anomalyOf (db: Db, effect: EffectRequest): Promise<Anomaly> {
  const anomaly = await findAnomaly(db, { id: effect.ticketId })
  if (anomaly === null) throw new GiveUp('skipped: the anomaly is gone')
  return anomaly
}

// What shows a state is worth sending only in its newest form: not when a later one of its kind is decided. One that may
// have been sent already is sent again all the same, so that it cannot come late over what is newer.
async function newestOf (db: Db, effect: EffectRequest): Promise<Anomaly> {
  const mayBeOut = effect.kind !== 'slack-thread' && 'look' in effect && effect.look === true
  if (!mayBeOut && await hasNewer(db, effect)) throw new GiveUp('skipped: a newer state is on its way')
  return await anomalyOf(db, effect)
}

function since (effect: EffectRequest): number {
  const ageSeconds = 'ageSeconds' in effect && typeof effect.ageSeconds === 'number' ? effect.ageSeconds : 3_600
  return Math.floor(Date.now() / 1000 - ageSeconds - LOOK_BACK_SECONDS)
}
