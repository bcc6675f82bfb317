// What the two automation rules must hold, and in what a rule differs from that: pure. Private notes are no event of
// ours and neither rule listens to the system itself, so that what Deskloop writes does not call Deskloop.
// https://developers.freshdesk.com/api/#automations
import type { Fields } from './records.ts'
import { isFields } from './records.ts'

export interface Kind { type: 1 | 4, rule: string, name: string, tab: string, when: string, does: string }

const MARK = 'Deskloop · do not edit'
export const HEADER = 'X-Deskloop-Secret'

export const KINDS: readonly Kind[] = [{
  type: 1,
  rule: 'ticket_created',
  name: `${MARK} · new tickets`,
  tab: 'Ticket creation',
  when: 'condition "Priority is any of Low, Medium, High, Urgent"',
  does: 'runs for every new ticket'
}, {
  type: 4,
  rule: 'ticket_updated',
  name: `${MARK} · changes`,
  tab: 'Ticket updates',
  when: 'performed by agent or requester, events: status, agent, group and priority changed, reply sent, public note added; ' +
    'condition "Priority is any of Low, Medium, High, Urgent"',
  does: 'runs when an agent or a requester changes status, agent, group or priority, replies, or adds a public note'
}]

const ANY = { from: '--', to: '--' }

/** True whatever an account has customised: a rule needs some condition. */
const ALWAYS = [{
  name: 'condition_set_1',
  match_type: 'any',
  properties: [{ resource_type: 'ticket', field_name: 'priority', operator: 'in', value: [1, 2, 3, 4] }]
}]

export function wantedRule (kind: Kind, door: string, secret: string): Fields {
  const rule = {
    name: kind.name,
    description: describe(door),
    active: true,
    conditions: ALWAYS,
    // An action that lacks one of these keys makes the vendor fail instead of refusing.
    actions: [{
      field_name: 'trigger_webhook',
      request_type: 'POST',
      url: door,
      content_type: 'JSON',
      content_layout: '2',
      custom_headers: { [HEADER]: secret },
      content: templateOf(kind)
    }]
  }
  if (kind.type === 1) return rule
  const events = [
    { field_name: 'status', ...ANY }, { field_name: 'responder_id', ...ANY },
    { field_name: 'group_id', ...ANY }, { field_name: 'priority', ...ANY },
    { field_name: 'reply_sent' }, { field_name: 'note_type', value: 'public' }
  ]
  return { ...rule, performer: { type: 3 }, events }
}

/** Texts would break the document, for the vendor escapes nothing: a number, labels and tags are all that is sent. */
export function templateOf (kind: Kind): Fields {
  return {
    schema: 'deskloop.freshdesk/1',
    rule: kind.rule,
    ticket_id: '{{ticket.id}}',
    triggered_event: '{{triggered_event}}',
    status: '{{ticket.status}}',
    tags: '{{ticket.tags}}'
  }
}

export function isMarked (rule: Fields): boolean {
  return typeof rule.name === 'string' && rule.name.startsWith(MARK)
}

// Two Deskloops may share one account: a rule is ours if it carries the mark and either of two places names our door,
// so that an edit of the other place is mended and not taken for somebody else's.
export function isOurs (rule: Fields, door: string): boolean {
  if (!isMarked(rule)) return false
  return rule.description === describe(door) || actionsOf(rule).some(action => action.url === door)
}

function describe (door: string): string {
  return `Tells Deskloop at ${door} about tickets. Deskloop made it and mends it: disconnect there instead of editing here.`
}

/** In words, without the secret. The description is not compared: not every account gives it back. */
export function faultsOf (rule: Fields, wanted: Fields): string[] {
  const faults: string[] = []
  if (rule.name !== wanted.name) faults.push(`is called "${String(rule.name)}"`)
  if (rule.active === false) faults.push('is switched off')
  if (!holds(rule.conditions, wanted.conditions)) faults.push('has other conditions')
  if (wanted.events !== undefined && !holds(rule.events, wanted.events)) faults.push('listens to other events')
  if (wanted.performer !== undefined && !holds(rule.performer, wanted.performer)) faults.push('listens to other people')
  const [action] = actionsOf(wanted)
  const found = actionsOf(rule)
  const hook = found.find(one => one.field_name === 'trigger_webhook')
  if (hook === undefined) return [...faults, 'calls no webhook']
  if (found.length > 1) faults.push('does more than to call our webhook')
  if (hook.url !== action?.url) faults.push(`calls ${String(hook.url)}`)
  if (!sends(hook.custom_headers, action?.custom_headers)) faults.push('sends another secret')
  if (hook.request_type !== 'POST' || !holds(hook.content, action?.content)) faults.push('sends other content')
  return faults
}

function actionsOf (rule: Fields): Fields[] {
  return Array.isArray(rule.actions) ? rule.actions.filter(isFields) : []
}

/** Everything that is wanted is there; order, further keys and numbers written as text make no difference. */
function holds (found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    const isAsLong = Array.isArray(found) && found.length === wanted.length
    return isAsLong && wanted.every(one => found.some(other => holds(other, one)))
  }
  if (!isFields(wanted)) return String(found) === String(wanted)
  const there = typeof found === 'string' ? parse(found) : found   // some accounts keep the content as one text
  return isFields(there) && Object.entries(wanted).every(([name, value]) => holds(there[name], value))
}

// Where an account shows stars instead of a secret, the secret is taken for right: it cannot be compared.
function sends (found: unknown, wanted: unknown): boolean {
  if (!isFields(found) || !isFields(wanted)) return false
  const given = new Map(Object.entries(found).map(([name, value]) => [name.toLowerCase(), String(value)]))
  return Object.entries(wanted).every(([name, value]) => {
    const shown = given.get(name.toLowerCase()) ?? ''
    return shown === value || /^[*•]{3,}$/.test(shown)
  })
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null                                     // no JSON is other content
  }
}
