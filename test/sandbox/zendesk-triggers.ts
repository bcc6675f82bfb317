// The triggers of the pretend Zendesk: which of them an update fires, and the mail they send, which stands in the audit of
// that update. Conditions that are not known here match nothing.
// https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
import { isObject } from './zendesk-route.ts'
import type { AuditEvent, State, Ticket } from './zendesk-state.ts'

export interface Trigger {
  id: number, title: string, active: boolean, position: number, category_id: string, conditions: object
  actions: unknown[], description: string | null, created_at: string, updated_at: string
}

/** What an update was, as far as conditions ask for it. */
export interface Fired { publicComment: boolean | null, isNew: boolean }

/** The mails of all triggers that fire, in the order of the triggers. */
export function mailsOf (state: State, ticket: Ticket, fired: Fired): AuditEvent[] {
  const firing = [...state.triggers.values()].filter(trigger => trigger.active && matches(trigger, ticket, fired))
  return firing.flatMap(trigger =>
    trigger.actions.filter(isObject).filter(action => action.field === 'notification_user').map(action => {
      const [to, subject, body] = Array.isArray(action.value) ? action.value.map(String) : []
      const from = { deleted: false, title: trigger.title, id: trigger.id }
      return {
        id: state.nextId(),
        type: 'Notification',
        via: { channel: 'rule', source: { from, rel: 'trigger' } },
        subject: subject ?? '',
        body: body ?? '',
        recipients: [to === 'requester_id' ? ticket.values.requester_id : state.desk.id]
      }
    }))
}

function matches ({ conditions }: Trigger, ticket: Ticket, fired: Fired): boolean {
  const { all, any } = { all: [], any: [], ...conditions }
  const meets = (condition: unknown): boolean => isObject(condition) && meetsOne(condition, ticket, fired)
  return all.every(meets) && (any.length === 0 || any.some(meets))
}

function meetsOne ({ field, operator, value }: Record<string, unknown>, ticket: Ticket, fired: Fired): boolean {
  const same = (is: string): boolean => (is === String(value)) === !/not/.test(String(operator))
  if (field === 'update_type') return same(fired.isNew ? 'Create' : 'Change')
  if (field === 'comment_is_public') return fired.publicComment !== null && same(String(fired.publicComment))
  if (field === 'status') return same(ticket.values.status)
  return false
}
