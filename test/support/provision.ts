// What the tests of setting up share: a pretend helpdesk with its connector, and a hand of its own at the vendor's API,
// which does what people and other programs do there.
import { join } from 'node:path'
import { findConnectors } from '../../src/connectors.ts'
import type { Connector, Finding, Helpdesk, PlannedChange, Provision, Settings } from '../../src/types.ts'
import type { PretendHelpdesk } from '../sandbox/types.ts'

export type Row = Record<string, unknown>

export const HOME = 'https://desk.harbour.example/hooks/'
export const MARK = 'Deskloop · do not edit'

export interface Opened<Desk> {
  desk: Desk, connector: Connector, provision: Provision, settings: Settings
  call: (method: string, path: string, body?: object) => Promise<unknown>
}

/** Opens what is lent to one test. `authorize`: the header with which the hand signs in. */
export async function openConnected<Desk extends PretendHelpdesk> (
  desk: Desk, authorize: (settings: Settings) => string
): Promise<Opened<Desk>> {
  const connectors = await findConnectors(join(import.meta.dirname, '../../connectors'))
  const connector = connectors.find(one => one.name === desk.name)
  if (connector === undefined) throw new Error(`there is no connector ${desk.name}`)
  return {
    desk,
    connector,
    settings: desk.settings,
    provision: provisionOf(connector.open(desk.settings, desk.name)),
    async call (method, path, body) {
      const answer = await fetch(`${desk.url}/api/v2${path}`, {
        method,
        headers: {
          authorization: `Basic ${Buffer.from(authorize(desk.settings)).toString('base64')}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' })
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return text === '' ? null : JSON.parse(text)
    }
  }
}

export function provisionOf (helpdesk: Helpdesk): Provision {
  if (helpdesk.provision === undefined) throw new Error('this helpdesk cannot be set up')
  return helpdesk.provision
}

export function actionsOf (changes: PlannedChange[]): string[] {
  return changes.map(({ action }) => action)
}

export function textOf (findings: Finding[]): string {
  return findings.map(({ level, what, why }) => `${level}: ${what}: ${why}`).join('\n')
}

export function rowOf (value: unknown): Row {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

export function rowsOf (value: unknown): Row[] {
  return Array.isArray(value) ? value.map(rowOf) : []
}
