// Automation rules: the only source of webhooks. A save fires each matching rule once and names one
// change, the first event of that rule that matched.
// https://support.freshdesk.com/support/solutions/articles/132589
import type { Delivery, Instant } from './types.ts'
import type { Desk, Ticket } from './freshdesk-model.ts'
import { BORN, HELPDESK_NAME, PRIORITIES, SOURCES, STATUSES, nextId } from './freshdesk-model.ts'
import { isRecord, isText } from './freshdesk-refusals.ts'

/** Who saved: a rule's performer type 3 means agent or requester, never the system. */
export type Performer = 'agent' | 'requester' | 'system'

export interface Change { field: string, from?: Value, to?: Value, value?: string }
export type Value = string | number | null

export interface RuleEvent { field_name: string, from?: unknown, to?: unknown, value?: unknown }
export interface Condition { field_name: string, operator: string, value: unknown }
export interface ConditionSet { name: string, match_type: string, properties: Condition[] }

export interface Rule {
  id: number, automation_type_id: number, name: string, description?: string
  position: number, active: boolean, operator?: string
  performer?: { type: number, members?: number[] }
  events?: RuleEvent[]
  conditions: ConditionSet[]
  actions: Array<Record<string, unknown>>
  created_at: Instant, updated_at: Instant, last_updated_by: number, runs: number
}

/** What Deskloop installs: one rule per kind, both with its template, none for private notes. */
export function installDefaults (desk: Desk, secret: string): void {
  const conditions = [{
    name: 'condition_set_1',
    match_type: 'any',
    properties: [{ resource_type: 'ticket', field_name: 'priority', operator: 'in', value: [1, 2, 3, 4] }]
  }]
  const any = { from: '--', to: '--' }
  const events = [
    { field_name: 'status', ...any }, { field_name: 'responder_id', ...any },
    { field_name: 'group_id', ...any }, { field_name: 'priority', ...any },
    { field_name: 'reply_sent' }, { field_name: 'note_type', value: 'public' }
  ]
  const common = { position: 1, active: true, conditions, last_updated_by: desk.self.id, runs: 0 }
  const times = { created_at: BORN, updated_at: BORN }
  desk.rules.push({
    id: nextId(desk, 'rule'),
    automation_type_id: 1,
    name: 'Tell Deskloop about new tickets',
    ...common,
    actions: [webhookAction('ticket_created', secret)],
    ...times
  }, {
    id: nextId(desk, 'rule'),
    automation_type_id: 4,
    name: 'Tell Deskloop about changes',
    ...common,
    performer: { type: 3 },
    events,
    actions: [webhookAction('ticket_updated', secret)],
    ...times
  })
}

function webhookAction (rule: string, secret: string): Record<string, unknown> {
  return {
    field_name: 'trigger_webhook',
    request_type: 'POST',
    url: 'https://deskloop.northwharf.example/hooks/freshdesk/desk',
    content_type: 'JSON',
    content_layout: '2',
    custom_headers: { 'X-Deskloop-Secret': secret },
    content: {
      schema: 'deskloop.freshdesk/1',
      rule,
      ticket_id: '{{ticket.id}}',
      triggered_event: '{{triggered_event}}',
      status: '{{ticket.status}}',
      tags: '{{ticket.tags}}'
    }
  }
}

/** Rules for new tickets see conditions only; each that matches runs, or the first alone. */
export function fireCreated (desk: Desk, ticket: Ticket): void {
  for (const rule of desk.rules) {
    if (rule.automation_type_id !== 1 || !rule.active || !meets(rule, ticket)) continue
    run(desk, rule, ticket, '{ticket_action:created}')
    if (!desk.runsAllRules) return
  }
}

/** One save. Tickets in spam or trash are outside of automation. */
export function fireUpdated (
  desk: Desk, ticket: Ticket, performer: Performer, userId: number | null, changes: Change[]
): void {
  const isGone = ticket.row.spam || ticket.row.deleted === true
  if (isGone && !changes.some(change => change.field === 'ticket_action')) return
  for (const rule of desk.rules) {
    if (rule.automation_type_id !== 4 || !rule.active) continue
    if (!isPerformedBy(rule, performer, userId) || !meets(rule, ticket)) continue
    const change = firstChange(rule.events ?? [], changes)
    if (change !== null) run(desk, rule, ticket, triggeredEvent(change))
  }
}

/** Ruby-like text, not JSON: `{status:{from:2,to:4}}`, `{note_type:public}`. */
export function triggeredEvent (change: Change): string {
  if (change.value !== undefined) return `{${change.field}:${change.value}}`
  return `{${change.field}:{from:${change.from ?? ''},to:${change.to ?? ''}}}`
}

function isPerformedBy (rule: Rule, performer: Performer, userId: number | null): boolean {
  const type = rule.performer?.type ?? 3
  const members = rule.performer?.members ?? []
  if (type === 4 || performer === 'system') return type === 4 && performer === 'system'
  if (type === 2) return performer === 'requester'
  if (type === 3 && performer === 'requester') return true
  return performer === 'agent' && (members.length === 0 || (userId !== null && members.includes(userId)))
}

function firstChange (events: RuleEvent[], changes: Change[]): Change | null {
  for (const event of events) {
    const change = changes.find(one => one.field === event.field_name && suits(event, one))
    if (change !== undefined) return change
  }
  return null
}

function suits (event: RuleEvent, change: Change): boolean {
  const fits = (wanted: unknown, is: unknown): boolean =>
    wanted === undefined || wanted === '--' || String(wanted) === String(is ?? '')
  if (change.value !== undefined) return fits(event.value, change.value)
  return fits(event.from, change.from) && fits(event.to, change.to)
}

function meets (rule: Rule, ticket: Ticket): boolean {
  const sets = rule.conditions.filter(set => set.properties.length > 0)
  const isMet = (set: ConditionSet): boolean => set.match_type === 'all'
    ? set.properties.every(one => holds(one, ticket))
    : set.properties.some(one => holds(one, ticket))
  if (sets.length === 0) return true
  return /\bor\b/.test(rule.operator ?? '') ? sets.some(isMet) : sets.every(isMet)
}

function holds (condition: Condition, ticket: Ticket): boolean {
  const wanted: unknown[] = Array.isArray(condition.value) ? condition.value : [condition.value]
  const { row } = ticket
  const known: Record<string, unknown[]> = {
    priority: [row.priority],
    status: [row.status],
    source: [row.source],
    ticket_type: [row.type],
    responder_id: [row.responder_id],
    group_id: [row.group_id],
    tag_names: row.tags
  }
  const found = (known[condition.field_name] ?? []).some(value => wanted.includes(value))
  return condition.operator.startsWith('not') || condition.operator === 'is_not' ? !found : found
}

function run (desk: Desk, rule: Rule, ticket: Ticket, event: string): void {
  rule.runs++
  for (const action of rule.actions) {
    if (action.field_name !== 'trigger_webhook') continue
    const delivery: Omit<Delivery, 'id' | 'attempts'> = {
      event,
      ticketId: String(ticket.row.id),
      body: render(desk, action, ticket, event),
      // Read when it is sent: a rule that got a new secret signs what still waits with the new one.
      headers: () => headersOf(action)
    }
    desk.booth.deliver(delivery)
  }
}

function headersOf (action: Record<string, unknown>): Record<string, string> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' }
  if (isRecord(action.custom_headers)) {
    for (const [name, value] of Object.entries(action.custom_headers)) headers[name] = String(value)
  }
  const auth = action.auth_header
  if (isText(action.api_key)) headers.Authorization = basic(action.api_key, 'X')
  else if (isRecord(auth)) headers.Authorization = basic(String(auth.username), String(auth.password))
  return headers
}

function basic (user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** Placeholders go into the text as they are: a quote in a tag breaks the document, as it does there. */
function render (desk: Desk, action: Record<string, unknown>, ticket: Ticket, event: string): string {
  const isSimple = action.content_layout === '1' || action.content_layout === 'simple'
  const content = isSimple ? { freshdesk_webhook: action.content } : action.content
  const template = isText(content) ? content : JSON.stringify(content)
  return template.replace(/\{\{\s*([a-z_.0-9]+)\s*\}\}/g, (_, name: string) =>
    name === 'triggered_event' ? event : placeholder(desk, ticket, name))
}

function placeholder (desk: Desk, ticket: Ticket, name: string): string {
  const { row } = ticket
  const contact = desk.contacts.get(row.requester_id)
  const agent = desk.agents.get(row.responder_id ?? -1)
  const [first = '', ...rest] = (contact?.name ?? '').split(' ')
  const host = new URL(desk.origin).host
  const known: Record<string, () => string> = {
    'ticket.id': () => String(row.id),
    'ticket.subject': () => row.subject,
    'ticket.description': () => ticket.description,
    'ticket.description_text': () => ticket.descriptionText,
    'ticket.url': () => `${host}/helpdesk/tickets/${row.id}`,
    'ticket.portal_url': () => `${host}/support/tickets/${row.id}`,
    'ticket.ticket_type': () => row.type ?? '',
    'ticket.status': () => STATUSES[row.status]?.[0] ?? '',
    'ticket.priority': () => PRIORITIES[row.priority] ?? '',
    'ticket.source': () => SOURCES[row.source] ?? '',
    'ticket.due_by_time': () => row.due_by,
    'ticket.tags': () => row.tags.join(', '),
    'ticket.latest_public_comment': () => latest(desk, ticket, false),
    'ticket.latest_private_comment': () => latest(desk, ticket, true),
    'ticket.group.name': () => desk.groups.get(row.group_id ?? -1)?.name ?? '',
    'ticket.agent.name': () => agent?.name ?? '',
    'ticket.agent.email': () => agent?.email ?? '',
    'ticket.company.name': () => desk.companies.get(row.company_id ?? -1)?.name ?? '',
    'person.name': () => contact?.name ?? '',
    'person.firstname': () => first,
    'person.lastname': () => rest.join(' '),
    'person.email': () => contact?.email ?? '',
    helpdesk_name: () => HELPDESK_NAME,
    'ticket.portal_name': () => HELPDESK_NAME
  }
  const custom = /^ticket\.(cf_\w+)$/.exec(name)?.[1]
  if (custom !== undefined) return row.custom_fields[custom] ?? ''
  return known[name.replace(/^ticket\.(requester|contact)\./, 'person.')]?.() ?? ''
}

function latest (desk: Desk, ticket: Ticket, isPrivate: boolean): string {
  const last = ticket.conversations.findLast(one => one.private === isPrivate)
  if (last === undefined) return ''
  const author = desk.agents.get(last.user_id)?.name ?? desk.contacts.get(last.user_id)?.name ?? ''
  return `${author} : ${last.body}`
}
