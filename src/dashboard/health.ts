// The connections on the overview: is each helpdesk heard, is anything stuck, and why does one write nothing.
import { html } from 'ghtml'
import type { Alarm } from '../store/alarms.ts'
import type { OutletHealth } from '../store/outlets.ts'
import type { StoppedNote } from '../store/pages.ts'
import type { ConnectionHealth, Stats } from '../store/stats.ts'
import { layOutCredentialNeeds } from './credential.ts'
import type { CredentialsByConnection } from './credential.ts'
import { layOutBadge, layOutEmpty, layOutTable, layOutTime } from './layout.ts'
import type { Column } from './layout.ts'
import { NONE, showCount, showDuration } from './numbers.ts'
import type { Badge } from './wording.ts'

const COLUMNS: Column[] = [
  { name: 'Connection' },
  { name: 'State' },
  { name: 'Last event', says: 'When something last happened to a ticket, by the helpdesk’s clock' },
  { name: 'Last delivery', says: 'When a webhook last arrived here' },
  { name: 'Deliveries', kind: 'number', says: 'Webhooks received' },
  { name: 'Tickets', kind: 'number', says: 'Tickets that Deskloop knows' },
  { name: 'Waiting', kind: 'number', says: 'Tickets with something new that nobody has looked at yet' },
  { name: 'Lag', kind: 'number', says: 'From the event to its record here: median of the last 50 events of the past hour' },
  { name: 'Notes', kind: 'number', says: 'Internal notes written' },
  { name: 'Calls', kind: 'number', says: 'Calls to the helpdesk in its current window, of those that Deskloop allows itself' }
]

export function layOutHealth (health: ConnectionHealth[]): string {
  if (health.length === 0) {
    return layOutEmpty('No helpdesk is connected yet.',
      'Set the variables of your helpdesk in the environment (.env.example lists them, each with a sentence) and start Deskloop again.')
  }
  const rows = health.map(c => [
    html`<b>${c.name}</b>!${c.connector === c.name ? '' : html`<br><small>${c.connector}</small>`}`,
    layOutBadge(stateOf(c)) + layOutRest(c), layOutTime(c.lastEventAt), layOutTime(c.lastDeliveryAt),
    showCount(c.deliveries),
    showCount(c.tickets), showCount(c.waiting), showDuration(c.lagSeconds), showCount(c.notes),
    c.pace == null ? NONE : `${showCount(c.pace.used)} of ${showCount(c.pace.budget)}`
  ])
  return layOutTable('Connections', COLUMNS, rows) + layOutFirstStep(health)
}

function stateOf (c: ConnectionHealth): Badge {
  if (c.pausedWhy !== null) return { label: 'writing stopped', tone: 'poor', detail: '' }
  if (c.pace?.restingUntil != null) return { label: 'resting', tone: 'fair', detail: '' }
  if (c.deliveries === 0 && c.tickets === 0) return { label: 'nothing yet', tone: 'open', detail: '' }
  return { label: 'connected', tone: 'good', detail: '' }
}

// Why nobody speaks to it at the moment, and until when.
function layOutRest ({ pace }: ConnectionHealth): string {
  if (pace == null) return ''
  const { restingUntil, restingWhy, heldUntil, heldWhy, backfillUntil } = pace
  if (restingUntil !== null) {
    return html`<br><small>resting until !${layOutTime(restingUntil)}: ${restingWhy ?? ''}</small>`
  }
  if (heldUntil !== null) return html`<br><small>waits until !${layOutTime(heldUntil)}: ${heldWhy ?? ''}</small>`
  if (backfillUntil === null) return ''
  return html`<br><small>history waits until !${layOutTime(backfillUntil)}: other programs use the account</small>`
}

function layOutFirstStep (health: ConnectionHealth[]): string {
  const silent = health.filter(c => c.deliveries === 0).map(c => c.name)
  if (silent.length < health.length) return ''
  return layOutEmpty('No webhook has arrived yet: connect a helpdesk.',
    `Let its webhooks be sent to ${silent.map(name => `/hooks/${name}`).join(', ')} at the address of this page, signed with the secret that Deskloop was given.`)
}

/** What a person has to do; empty on a good day. `stopped` are the latest of the notes that stopped. */
export function layOutNeeds (
  health: ConnectionHealth[], stats: Stats, stopped: StoppedNote[], outlets: OutletHealth[], alarms: Alarm[] = [],
  credentials: CredentialsByConnection = new Map()
): string {
  const needs = health.flatMap(c => c.pausedWhy === null ? [] : [layOutPaused(c, c.pausedWhy)])
  needs.push(...layOutCredentialNeeds(credentials))
  if (stats.parked > 0) {
    const links = stopped.map(n => html`<a href="/drafts/${n.key}" title="${n.reason}">${n.connection} #${n.ticketId}</a>`)
    const more = stats.parked > stopped.length ? ' and more' : ''
    needs.push(html`<b>${numbered(stats.parked, 'note')}</b> could not be written and will not be tried again: !${links.join(', ')}${more}. <a href="/failures">What stopped</a>`)
  }
  if (stats.unreadable > 0) {
    needs.push(html`<b>${numbered(stats.unreadable, 'delivery', 'deliveries')}</b> could not be read: kept as received. <a href="/failures">What stopped</a>`)
  }
  for (const o of outlets) {
    if (o.pausedWhy === null) continue
    needs.push(html`The outlet <b>${o.name}</b> is sent no events: ${o.pausedWhy}. Nothing is lost: mend it, then <code>POST /v1/outlets/${o.name}/resume</code>.`)
  }
  for (const a of alarms) needs.push(html`<a href="/connections"><b>${a.connection}</b></a>: ${a.message}`)
  if (needs.length === 0) return ''
  return html`<section class="needs" aria-label="Needs a person"><h2>Needs a person</h2><ul>!${needs.map(n => `<li>${n}</li>`)}</ul></section>`
}

// A refused token mends itself as soon as it is renewed; a public note never does.
function layOutPaused (c: ConnectionHealth, why: string): string {
  const next = c.pausedKind === 'refused'
    ? html`Nothing is lost: it goes on by itself within a minute after the token works again, or by <code>POST /v1/connections/${c.name}/resume</code>.`
    : html`Look at the ticket, then clear the alarm at the top of this page, or <code>POST /v1/connections/${c.name}/resume</code>.`
  return html`<b>${c.name}</b> writes no notes: ${why}. !${next}`
}

function numbered (n: number, one: string, many = `${one}s`): string {
  return `${showCount(n)} ${n === 1 ? one : many}`
}
