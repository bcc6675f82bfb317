// Tells customer success in Slack that an account shows new signs of leaving: reasons first, once for each jump of its risk.
// Small steps are not told, nor that a risk fell.
import { GiveUp } from '../errors.ts'
import type { EffectRequest, Performed } from '../outside.ts'
import type { Rendered } from '../bridge/slack-message.ts'
import type { Slack } from '../bridge/slack.ts'
import { reasonWords } from '../learn/risk.ts'
import { findAccountById } from '../store/accounts.ts'
import type { Account } from '../store/accounts.ts'
import type { Db } from '../store/db.ts'
import type { EffectPerformer } from './effects.ts'

export interface ChurnDeps {
  db: Db
  slack: Slack
  channel: string
  home: string
  resendMs?: number                                 // how long a lost message may still be posted; default a minute
}

const LOOK_BACK_SECONDS = 3_600
const MOST_REASONS = 3
const MOST_TICKETS = 3

export function makeChurnPerformer ({ db, slack, channel, home, resendMs = 60_000 }: ChurnDeps): EffectPerformer {
  const placeOf = (place: { channel: string, ts: string }): Performed => ({ vendorId: `${place.channel}/${place.ts}` })
  return {
    kind: 'slack-churn',
    resendAfterMs: resendMs,
    async look (effect) {
      const since = Math.floor(Date.now() / 1000) - ageOf(effect) - LOOK_BACK_SECONDS
      const found = await slack.find(channel, effect.id, since)
      return found === null ? null : placeOf(found)
    },
    async send (effect) {
      const account = await findAccountById(db, effect.ticketId)
      if (account === null) throw new GiveUp(`skipped: the account ${effect.ticketId} is not known any more`)
      const before = Number(effect.payload['before'] ?? 0)
      return placeOf(await slack.post({ channel, effectId: effect.id, ...renderChurn(account, before, home) }))
    },
    async probe (account) {
      if (account !== 'slack') throw new GiveUp(`${account} is not slack`)
      return await slack.fetchSelf()
    }
  }
}

/** Why, then how much, then the tickets behind it. */
export function renderChurn (account: Account, before: number, home: string): Rendered {
  const reasons = account.reasons.slice(0, MOST_REASONS)
  const why = reasons.map(reasonWords).join(', ') || 'no signs in the last 30 days any more'
  const score = `support risk ${account.risk ?? 0} of 100, was ${before}`
  const refs = new Map(reasons.flatMap(r => r.tickets).map(t => [`${t.connection}/${t.ticketId}`, t]))
  const tickets = [...refs.values()].slice(0, MOST_TICKETS).map(t => {
    const name = escape(`${t.connection} #${t.ticketId}`)
    const path = `v1/tickets/${encodeURIComponent(t.connection)}/${encodeURIComponent(t.ticketId)}/events`
    return home === '' ? name : `<${home}/${path}|${name}>`
  })
  const facts = account.facts.filter(fact => fact !== account.name)
  const lines = [
    `*${escape(why)}*`, `${escape(account.name)} · ${score}`,
    ...(facts.length === 0 ? [] : [escape(facts.join(' · '))]),
    ...(tickets.length === 0 ? [] : [tickets.join(' · ')])
  ]
  return {
    text: `${escape(account.name)}: ${escape(why)} (${score})`,
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: lines.join('\n').slice(0, 2_900) } }]
  }
}

function ageOf (effect: EffectRequest): number {
  return 'ageSeconds' in effect && typeof effect.ageSeconds === 'number' ? Math.ceil(effect.ageSeconds) : 0
}

function escape (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
