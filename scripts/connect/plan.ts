// What an account's plan allows, as the helpdesk's own headers tell while it is looked at: how many calls a minute there
// are, how many of them Deskloop takes, and how long old tickets take with them.
import type { Connector, Helpdesk, Pace, Quota, Rate } from '../../src/types.ts'

/** `known`: the helpdesk said it; else it is the smallest plan's. */
export interface Plan { callsPerMinute: number, ours: number, known: boolean, hoursPer10000: number | null }

const MANY = 10_000

/** A pace that lets every call out at once and remembers the account's newest limit. */
export function listenToQuotas (): { pace: Pace, newest: () => Quota | null } {
  let newest: Quota | null = null
  return {
    pace: {
      begin: () => async (_call, speak, hear) => {
        const answer = await speak()
        newest = hear(answer).quotas.find(quota => quota.of === 'account') ?? newest
        return answer
      }
    },
    newest: () => newest
  }
}

export function planOf (rate: Rate, quota: Quota | null, share: number, helpdesk: Pick<Helpdesk, 'planCalls'>): Plan {
  const callsPerMinute = Math.round((quota?.limit ?? rate.limit) * 60_000 / rate.windowMs)
  const ours = Math.floor(callsPerMinute * share)
  const calls = helpdesk.planCalls?.(MANY)
  const hoursPer10000 = calls === undefined ? null : calls / Math.max(ours, 1) / 60
  return { callsPerMinute, ours, known: quota !== null, hoursPer10000 }
}

export function sayPlan ({ name }: Pick<Connector, 'name'>, plan: Plan): string {
  const allowed = plan.known
    ? `this account may make ${plan.callsPerMinute} calls a minute`
    : `${name} does not say how many calls this account may make; the smallest plan has ${plan.callsPerMinute} a minute`
  const hours = plan.hoursPer10000
  const time = (n: number): string => n < 1 ? `${Math.max(1, Math.round(n * 60))} minutes` : `${n.toFixed(1)} hours`
  const old = hours === null ? '' : `; ten thousand old tickets take about ${time(hours)}`
  return `PLAN    ${allowed}: Deskloop takes at most ${plan.ours}, notes first${old}`
}
