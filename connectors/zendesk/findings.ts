// What a Zendesk account lacks for us, and which of its own rules would act on a private note: each by name, with what to
// do about it. Changes nothing.

import type { Finding, Settings } from '../../src/types.ts'
import type { Api } from './client.ts'
import { recordOf, recordsOf, stringOf } from './shapes.ts'
import type { Json } from './shapes.ts'

const YEAR_S = 365 * 86_400

/** The seat and the rights of the one we are signed in as. */
export async function findLacking (api: Api): Promise<Finding[]> {
  const { name, role, restriction } = await api.findSelf()
  if (role === 'end-user') {
    const why = 'private notes need an agent: give that user an agent seat, or sign in as one who has it'
    return [{ level: 'stop', what: `${stringOf(name)} has no agent seat`, why }]
  }
  const findings: Finding[] = []
  if (typeof restriction === 'string' && restriction !== '') {
    const why = 'of the others no draft is made: give that agent access to all tickets'
    findings.push({ level: 'look', what: `${stringOf(name)} sees only some tickets (${restriction})`, why })
  }
  // The export is what catching up reads. https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
  const since = Math.floor(Date.now() / 1000) - YEAR_S
  const { status } = await api.manage('GET', `/incremental/tickets/cursor?start_time=${since}&per_page=1`)
  if (status === 403) {
    const why = 'incremental exports need an admin, and an OAuth token the scope read: without them nothing that a webhook missed is found'
    findings.push({ level: 'stop', what: 'these credentials may not read exports', why })
  }
  return findings
}

// https://developer.zendesk.com/api-reference/introduction/security-and-auth/#api-token
export function endingToken (settings: Settings): Finding[] {
  return settings.ZENDESK_OAUTH_TOKEN || settings.ZENDESK_OAUTH_CLIENT_SECRET
    ? []
    : [{
        level: 'look',
        what: 'Deskloop signs in with an API token, which Zendesk ends on 30 April 2027',
        why: 'set ZENDESK_OAUTH_CLIENT_ID and ZENDESK_OAUTH_CLIENT_SECRET before that day: from then on every call would be refused'
      }]
}

export async function findRulesInTheWay (api: Api): Promise<Finding[]> {
  return [
    ...await findRules(api, 'triggers', isMailing, title => ({
      level: 'look',
      what: `the trigger "${title}" mails the requester on any update`,
      why: 'it would also fire on a private note: give it the condition that the comment is public'
    })),
    ...await findRules(api, 'automations', isCounting, title => ({
      level: 'look',
      what: `the automation "${title}" counts the hours since the last update`,
      why: 'a private note is an update and starts its hours anew: let it count from the requester\'s or assignee\'s last update, or from the status'
    }))
  ]
}

async function findRules (
  api: Api, list: 'triggers' | 'automations', isInTheWay: (rule: Json) => boolean, tell: (title: string) => Finding
): Promise<Finding[]> {
  const { status } = await api.manage('GET', `/${list}?page%5Bsize%5D=1`)
  if (status === 403) {
    return [{ level: 'look', what: `these credentials may not read ${list}`, why: `so nobody has looked for ${list} that a private note would set off` }]
  }
  const found = await api.findAll(`/${list}?page%5Bsize%5D=100`, list)
  return (found?.rows ?? []).filter(rule => rule.active !== false && isInTheWay(rule))
    .map(rule => tell(stringOf(rule.title)))
}

// A private note is an update: a trigger that asks neither for the kind of update nor for a public comment fires on it.
// https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
function isMailing (trigger: Json): boolean {
  const { all, any } = recordOf(trigger.conditions)
  const guards = recordsOf(all).some(({ field, value }) =>
    field === 'comment_is_public' || (field === 'update_type' && value === 'Create') || (field === 'status' && value === 'solved'))
  const mails = recordsOf(trigger.actions).some(({ field, value }) =>
    field === 'notification_user' && /^requester/.test(String(Array.isArray(value) ? value[0] : value)))
  const onlyPublic = recordsOf(any).length > 0 && recordsOf(any).every(({ field }) => field === 'comment_is_public')
  return mails && !guards && !onlyPublic
}

/** Hours since any update: of the automation's conditions the one that a note touches. */
function isCounting (automation: Json): boolean {
  const { all, any } = recordOf(automation.conditions)
  return [...recordsOf(all), ...recordsOf(any)].some(({ field }) => field === 'updated_at')
}
