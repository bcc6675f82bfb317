// What a page says of a credential: one cell, and the lines of those that a person has to see to.
import { html } from 'ghtml'
import type { CredentialHealth } from '../store/credentials.ts'
import { layOutBadge } from './layout.ts'
import type { Badge } from './wording.ts'

export type CredentialsByConnection = ReadonlyMap<string, CredentialHealth>

const BADGES: Record<CredentialHealth['state'], Omit<Badge, 'detail'>> = {
  good: { label: 'taken', tone: 'good' },
  soon: { label: 'ends soon', tone: 'fair' },
  refused: { label: 'refused', tone: 'poor' }
}

/** A badge and a sentence. Undefined: nobody has signed in there yet. */
export function layOutCredential (health: CredentialHealth | undefined): string {
  if (health === undefined) return html`!${layOutBadge({ label: 'not tried yet', tone: 'open', detail: '' })}`
  const badge = layOutBadge({ ...BADGES[health.state], detail: '' })
  return html`!${badge} ${health.says}!${health.todo === null ? '' : html`<br><small>${health.todo}</small>`}`
}

/** For the list of what needs a person; empty on a good day. */
export function layOutCredentialNeeds (credentials: CredentialsByConnection): string[] {
  return [...credentials].flatMap(([connection, { state, says, todo }]) => {
    if (state === 'good') return []
    const what = state === 'refused' ? 'cannot sign in' : 'will soon not be able to sign in'
    return [html`<b>${connection}</b> ${what}: ${todo ?? says}. Its webhooks are still taken.`]
  })
}
