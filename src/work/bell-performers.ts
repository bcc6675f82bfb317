// How Slack messages and Linear issues are carried out exactly once. Linear takes an id of ours for all it creates; a Slack
// message carries the effect's id and is looked for by it.
import type { EffectRequest, Performed } from '../outside.ts'
import { GiveUp } from '../errors.ts'
import type { Linear } from '../bridge/linear.ts'
import type { IssueText } from '../bridge/linear-issue.ts'
import type { Slack } from '../bridge/slack.ts'
import type { Rendered } from '../bridge/slack-message.ts'
import { findAnomaly } from '../store/anomalies.ts'
import type { Anomaly } from '../store/anomalies.ts'
import type { Db } from '../store/db.ts'
import type { Instant } from '../types.ts'
import { anomalyOf, newestOf } from './bell-anomaly.ts'
import type { EffectPerformer } from './effects.ts'
import { follow } from './follow.ts'
import type { Neighbours } from './follow.ts'
import { linearPerformers } from './linear-performers.ts'

/** How things are worded; made of what the bridge room offers, handed in so that this room need not know it. */
export interface BellWords {
  alert: (a: Anomaly) => Promise<Rendered>
  change: (a: Anomaly) => Promise<Rendered>
  issue: (a: Anomaly) => Promise<IssueText & { teamId: string, priority: number, labelIds: string[], stateId?: string }>
  /** Null: engineers have taken the block out. */
  block: (a: Anomaly, description: string) => Promise<string | null>
  comment: (a: Anomaly, what: string) => string
  /** The answer to what an engineer asked. */
  answer?: (a: Anomaly, payload: Readonly<Record<string, unknown>>) => Promise<string>
  /** What a company's request says; null: the company is not known any more. */
  need?: (a: Anomaly, account: string) => Promise<{ name: string, tierName?: string, body: string } | null>
  linkTitle?: (connection: string, ticketId: string) => Promise<string>
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
      async send (effect) {
        const anomaly = await newestOf(deps.db, effect)
        if (anomaly.slackTs === null || anomaly.slackChannel === null) throw new GiveUp('skipped: its message is gone')
        const place = { channel: anomaly.slackChannel, ts: anomaly.slackTs }
        await slack.update({ ...place, effectId: effect.id, ...await deps.words.alert(anomaly) })
        return placeOf(place)
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

function since (effect: EffectRequest): number {
  const ageSeconds = 'ageSeconds' in effect && typeof effect.ageSeconds === 'number' ? effect.ageSeconds : 3_600
  return Math.floor(Date.now() / 1000 - ageSeconds - LOOK_BACK_SECONDS)
}
