// The companies behind tickets for customer success: reasons beside every number, and how fresh what HubSpot said is.
import { html } from 'ghtml'
import { reasonWords } from '../learn/risk.ts'
import type { RiskReason } from '../learn/risk.ts'
import type { Account } from '../store/accounts.ts'
import { layOutEmpty, layOutPage, layOutTable, layOutTime } from './layout.ts'
import type { Column } from './layout.ts'
import { NONE, showCount } from './numbers.ts'

const COLUMNS: Column[] = [
  { name: 'Company', kind: 'wrap' },
  { name: 'Risk', kind: 'number', says: 'Ours, 0 to 99, from the tickets of the last 30 days; your own health score is never touched' },
  { name: 'Why', kind: 'prose', says: 'Each sign with its part of the risk, the weightiest first' },
  { name: 'Tickets', kind: 'number', says: 'With something new in the last 37 days' },
  { name: 'Open', kind: 'number' },
  { name: 'Repeat', kind: 'number', says: 'Tickets opened within 7 days after another of the same topic was solved' },
  { name: 'HubSpot says', kind: 'prose' },
  { name: 'As of' },
  { name: 'Written there', says: 'The risk that was last sent to HubSpot; only a change by 15 points or more is' }
]
const MOST_LINKS = 5

export function layOutAccounts (accounts: Account[]): string {
  const table = accounts.length === 0
    ? layOutEmpty('No company is known yet.',
      'Set HUBSPOT_ACCESS_TOKEN; the companies of people who ask are then looked up by their address, new ones within seconds.')
    : layOutTable('Accounts', COLUMNS, accounts.map(layOutRow))
  return layOutPage('Accounts', 'accounts', html`<h1>Accounts</h1>
<p class="lead">The companies behind your tickets, the riskiest first, with the reasons for every number.</p>
!${table}`)
}

function layOutRow (a: Account): string[] {
  const repeats = a.reasons.find(reason => reason.sign === 'repeat')?.count ?? 0
  return [
    html`<strong>${a.name}</strong> <small>${a.people} ${a.people === 1 ? 'person' : 'people'}</small>`,
    a.risk === null ? NONE : html`${a.risk}`,
    a.reasons.length === 0 ? NONE : a.reasons.map(layOutReason).join('<br>'),
    showCount(a.tickets), showCount(a.open), showCount(repeats),
    a.facts.length === 0 ? NONE : html`${a.facts.join('; ')}`,
    layOutTime(a.fetchedAt),
    a.toldRisk === null ? NONE : html`${a.toldRisk} <small>!${layOutTime(a.toldAt)}</small>`
  ]
}

function layOutReason (reason: RiskReason): string {
  const links = reason.tickets.slice(0, MOST_LINKS).map(t =>
    html`<a href="/v1/tickets/${encodeURIComponent(t.connection)}/${encodeURIComponent(t.ticketId)}/events">${t.connection} #${t.ticketId}</a>`)
  const more = reason.tickets.length > MOST_LINKS ? ' …' : ''
  return html`${reasonWords(reason)} <small>+${reason.points}</small>: !${links.join(', ')}${more}`
}
