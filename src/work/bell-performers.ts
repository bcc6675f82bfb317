// How Slack messages and Linear issues are carried out exactly once. Linear takes an id of ours for all it creates; a Slack
// message carries the effect's id and is looked for by it.
import { GiveUp } from '../errors.ts'
import type { Linear } from '../bridge/linear.ts'
import type { Slack } from '../bridge/slack.ts'
import type { BellDeps } from './bell-deps.ts'
import type { EffectPerformer } from './effects.ts'
import { linearPerformers } from './linear-performers.ts'
import { slackPerformers } from './slack-performers.ts'

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
