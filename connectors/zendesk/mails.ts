// Whether a private note set off mail: the audit that holds the note also holds the mails that triggers sent because of
// it. https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/

import type { Mail } from '../../src/types.ts'
import type { Api } from './client.ts'
import { checkId } from './reading.ts'
import { idOf, recordOf, recordsOf, stringOf } from './shapes.ts'

const MAIL = /^Notification/

export async function findMails (api: Api, ticketId: string, noteId: string): Promise<Mail[]> {
  const id = checkId(ticketId)
  const found = await api.findAll(`/tickets/${id}/audits?page%5Bsize%5D=100`, 'audits')
  const audits = found?.rows ?? []
  const home = audits.findIndex(audit => recordsOf(audit.events).some(event => idOf(event.id) === noteId))
  const self = idOf((await api.findSelf()).id)
  if (home < 0) throw new Error(`zendesk shows no audit with the note ${noteId} of ticket ${ticketId}`)
  // Taking the note back is an update too.
  const ours = audits.slice(home).filter(audit => idOf(audit.author_id) === self)
  const mails: Mail[] = []
  for (const event of ours.flatMap(audit => recordsOf(audit.events)).filter(({ type }) => MAIL.test(stringOf(type)))) {
    const from = recordOf(recordOf(recordOf(event.via).source).from)
    const to = await isToCustomer(api, event.recipients) ? 'customer' : 'staff'
    mails.push({ rule: stringOf(from.title) || 'a rule without a name', to })
  }
  return mails
}

// Whom nobody knows any more is taken for a customer.
async function isToCustomer (api: Api, recipients: unknown): Promise<boolean> {
  for (const recipient of Array.isArray(recipients) ? recipients : []) {
    const id = idOf(recipient)
    const user = id === null ? null : await api.findUser(id)
    if (user === null || user.role === 'end-user') return true
  }
  return false
}
