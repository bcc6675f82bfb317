// Setting up Intercom: its API can create no subscription, so a person does it once in the Developer Hub, and this file
// says how and finds out what can be known without looking there.
// https://developers.intercom.com/docs/webhooks/setting-up-webhooks
import type { Finding, Provision, Settings } from '../../src/types.ts'
import type { IntercomCalls } from './client.ts'
import { fieldsOf, idOf, listOf, stringOf } from './fields.ts'
import { SUBSCRIPTIONS } from './normalize.ts'

const OPEN = 'Open https://app.intercom.com/a/apps/_/developer-hub and choose the app whose access token Deskloop uses.'
const HOSTS: Readonly<Record<string, string>> = { US: 'api.intercom.io', EU: 'api.eu.intercom.io', AU: 'api.au.intercom.io' }

export function makeProvision (
  calls: IntercomCalls, settings: Settings, fetchSelf: () => Promise<{ id: string, name: string }>
): Provision {
  return {
    notesComeBack: true,
    check: () => check(calls, settings, fetchSelf),
    plan: async () => [],
    apply: async () => [],
    steps: (door, after) => after === 'disconnected' ? stepsBack(door) : stepsThere(door),
    async removeNote (ticketId, noteId) {
      await calls.redactPart(ticketId, noteId)
      return 'redacted'
    }
  }
}

function stepsThere (door: string): string[] {
  return [
    OPEN,
    'Authentication: the permissions "Read conversations", "Write conversations", "Read tickets", "Read and list users and companies", "Read tags", "Read admins" and "Read articles" must be on.',
    'Basic information: the client secret there must be the value of INTERCOM_CLIENT_SECRET.',
    `Webhooks: enter ${door} as the endpoint. Intercom asks it with HEAD and takes it only if it answers 200, so Deskloop must be running and reachable before.`,
    `Webhooks: subscribe to these topics: ${SUBSCRIPTIONS.join(', ')}.`,
    'Webhooks: save, then send the test request there: it must be answered 200.'
  ]
}

function stepsBack (door: string): string[] {
  return [OPEN, `Webhooks: remove the endpoint ${door} and its topics. Until then Intercom goes on delivering there.`]
}

async function check (
  calls: IntercomCalls, settings: Settings, fetchSelf: () => Promise<{ id: string, name: string }>
): Promise<Finding[]> {
  const findings: Finding[] = []
  const me = fieldsOf(await calls.fetchMe())
  const self = await fetchSelf()
  const region = stringOf(fieldsOf(me.app).region)
  const host = new URL(settings.INTERCOM_URL || 'https://api.intercom.io').hostname
  const right = HOSTS[region]
  // Only the vendor's own addresses are judged: any other is a proxy that somebody chose.
  if (right !== undefined && host !== right && Object.values(HOSTS).includes(host)) {
    findings.push({ level: 'stop', what: `the workspace is in the region ${region}`, why: `set INTERCOM_URL to https://${right}` })
  }
  const admin = self.id === idOf(me.id)
    ? me
    : fieldsOf(listOf(fieldsOf(await calls.fetchAdmins()).admins).find(one => idOf(one.id) === self.id))
  if (admin.has_inbox_seat === false) {
    findings.push({
      level: 'stop',
      what: `${self.name} has no inbox seat`,
      why: 'notes are written in the name of a teammate who has one: give a seat, or name another in INTERCOM_ADMIN_ID'
    })
  }
  if (settings.INTERCOM_CLIENT_SECRET === undefined) {
    findings.push({
      level: 'stop',
      what: 'INTERCOM_CLIENT_SECRET is not set',
      why: 'it signs the deliveries: copy it from the Developer Hub, Basic information'
    })
  }
  return findings
}
