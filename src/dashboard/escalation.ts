// The rules of escalation as they stand, how often each came up lately and on which tickets.
import { html } from 'ghtml'
import { namesHow, ruleOfKey } from '../learn/escalation.ts'
import type { EscalatedTicket, EscalationCount } from '../store/escalations.ts'
import type { EscalationRule } from '../types.ts'
import { layOutEmpty, layOutPage, layOutTable, layOutTime } from './layout.ts'
import type { Column } from './layout.ts'
import { NONE, showCount } from './numbers.ts'

export interface EscalationView {
  rules: EscalationRule[], counts: EscalationCount[], latest: EscalatedTicket[], days: number
}

const RULES: Column[] = [
  { name: 'Rule' },
  { name: 'What sets it off', kind: 'prose' },
  { name: 'Then', kind: 'wrap', says: 'Every rule counts; some also suggest it to the agents in an internal note' },
  { name: 'Came up', kind: 'number', says: 'How often, in the days shown' },
  { name: 'Tickets', kind: 'number' },
  { name: 'Last' }
]
const LATEST: Column[] = [{ name: 'Time' }, { name: 'Ticket', kind: 'wrap' }, { name: 'Rule, or what the helpdesk said', kind: 'wrap' }]

export function layOutEscalation (view: EscalationView): string {
  const { rules, counts, latest, days } = view
  const rows = rules.map(rule => layOutRule(rule, counts.filter(c => belongs(rule, c))))
  const others = counts.filter(c => !rules.some(rule => belongs(rule, c)))
    .map(c => [html`${nameOf(c)}`, c.key === '' ? 'told by the helpdesk, in no rule' : 'a rule that is no longer there', NONE, ...numbersOf([c])])
  const table = rows.length + others.length === 0
    ? layOutEmpty('There are no rules.', 'Write them into config/escalation.json; the file’s schema says how.')
    : layOutTable('Rules of escalation', RULES, [...rows, ...others])
  const tickets = latest.length === 0
    ? layOutEmpty('Nothing was escalated in this time.', 'What a rule finds is shown here as soon as the ticket has been looked at.')
    : layOutTable('Latest escalations', LATEST, latest.map(e => [
      layOutTime(e.at),
      html`<a href="/v1/tickets/${encodeURIComponent(e.connection)}/${encodeURIComponent(e.ticketId)}/events">${e.connection} #${e.ticketId}</a>`,
      html`${nameOf(e)}`
    ]))
  return layOutPage('Escalation', 'escalation', html`<h1>Escalation</h1>
<p class="lead">When a ticket counts as escalated: the rules of config/escalation.json, and what came of them in ${days} days.</p>
!${table}
<section aria-labelledby="latest"><h2 id="latest">Latest</h2>
!${tickets}</section>`)
}

function layOutRule (rule: EscalationRule, counts: EscalationCount[]): string[] {
  return [
    html`<code>${rule.id}</code> <small>v${rule.version}</small>`,
    html`${rule.says} <small>${causeOf(rule)}</small>`,
    rule.suggest === true ? html`suggests it${rule.to === undefined ? '' : `: ${rule.to}`}` : 'counts',
    ...numbersOf(counts)
  ]
}

function numbersOf (counts: EscalationCount[]): string[] {
  const last = counts.map(c => c.lastAt).sort().at(-1) ?? null
  const fired = counts.reduce((sum, c) => sum + c.fired, 0)
  const tickets = counts.reduce((sum, c) => sum + c.tickets, 0)
  return [showCount(fired), showCount(tickets), layOutTime(last)]
}

function belongs (rule: EscalationRule, c: { key: string, how: string }): boolean {
  const by = ruleOfKey(c.key)
  return by === null ? namesHow(rule, c.how) : by === rule.id
}

function nameOf (c: { key: string, how: string }): string {
  return ruleOfKey(c.key) ?? c.how
}

/** The cause in a few words, with the words and names that are looked for. */
export function causeOf ({ when }: EscalationRule): string {
  if ('helpdesk' in when) return `helpdesk: ${when.helpdesk.join(', ')}`
  if ('group' in when) return `group: ${when.group.join(', ')}`
  if ('tag' in when) return `tag: ${when.tag.join(', ')}`
  if ('agents' in when) return `${when.agents} different people`
  const count = Object.values(when.phrases).flat().length
  return `${count} phrases in ${Object.keys(when.phrases).join(', ')}`
}
