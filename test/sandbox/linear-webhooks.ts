// The webhooks of Linear: the vendor's envelope around the row as it now is. What is unset is left out of an issue, as
// the vendor does, and an update carries the previous values. https://linear.app/developers/webhooks
import { createHmac } from 'node:crypto'
import type { Booth } from './booth.ts'
import type { Delivery, JournalEntry } from './types.ts'
import { getRow, identifierOf, issueUrl, makeUuid, priorityLabel } from './linear-records.ts'
import type { Attachment, Change, Issue, Rank, User, Webhook, Workspace } from './linear-records.ts'
import { commentUrl, customerUrl, needsOf } from './linear-views.ts'

// The journal has one list of kinds for every vendor: a comment is a note, because no customer sees it.
const KINDS: Record<string, JournalEntry['kind']> = {
  'Issue.create': 'opened', 'Issue.remove': 'deleted', 'Comment.create': 'note', 'Comment.update': 'note-edited'
}

/** The journal's entry, and one delivery for each webhook that listens to this resource of this team. */
export function tellChange (ws: Workspace, booth: Booth, change: Change, made: () => number): void {
  const told = tell(ws, change)
  booth.record({
    at: booth.now(), ticketId: told.ticketId, kind: KINDS[`${change.type}.${change.action}`] ?? 'updated', public: false,
    by: change.actor === ws.viewer ? 'api' : 'agent', messageId: change.id, authorId: change.actor.id, text: told.text
  })
  for (const webhook of ws.webhooks.values()) {
    if (!webhook.enabled || !webhook.resourceTypes.includes(change.type)) continue
    if (webhook.teamId !== null && told.teamId !== null && webhook.teamId !== told.teamId) continue
    const body = {
      action: change.action,
      actor: { ...childUser(change.actor), type: 'user' },
      createdAt: change.at,
      data: told.data,
      ...(change.before === undefined ? {} : { updatedFrom: change.before }),
      ...(change.action === 'remove' || told.url === '' ? {} : { url: told.url }),
      type: change.type,
      organizationId: ws.organization.id,
      webhookTimestamp: Date.parse(change.at),
      webhookId: webhook.id
    }
    const event = `${change.type}.${change.action}`
    booth.deliver({ event, ticketId: told.ticketId, body: JSON.stringify(body), headers: () => ({}) })
    const delivery = booth.pending.at(-1)
    if (delivery !== undefined) sign(delivery, webhook, change.type, makeUuid(`linear delivery ${made()}`))
  }
}

/** The bytes are stamped when they are first sent and stay the same when they are sent again. */
export function stampDeliveries (pending: Delivery[], sentAt: number): void {
  for (const delivery of pending) {
    delivery.body = delivery.body.replace(/"webhookTimestamp":\d+(?=,"webhookId":"[^"]+"\}$)/, `"webhookTimestamp":${sentAt}`)
  }
}

export function linearSignature (secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex')
}

function sign (delivery: Delivery, webhook: Webhook, type: string, id: string): void {
  delivery.headers = () => ({
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Linear-Webhook',
    'linear-delivery': id,
    'linear-event': type,
    'linear-signature': linearSignature(webhook.secret, delivery.body),
    'linear-timestamp': /"webhookTimestamp":(\d+),"webhookId"/.exec(delivery.body)?.[1] ?? ''
  })
}

interface Told { data: Record<string, unknown>, url: string, teamId: string | null, ticketId: string, text: string }

function tell (ws: Workspace, change: Change): Told {
  switch (change.type) {
    case 'Issue': {
      const issue = getRow(ws.issues, change.id, 'Issue')
      return {
        data: issueData(ws, issue), url: issueUrl(ws, issue), teamId: issue.teamId, ticketId: issue.id,
        text: issue.title
      }
    }
    case 'Comment': {
      const comment = getRow(ws.comments, change.id, 'Comment')
      const issue = getRow(ws.issues, comment.issueId, 'Issue')
      const user = childUser(getRow(ws.users, comment.userId, 'User'))
      const data = { ...withoutNulls(comment), reactionData: [], issue: childIssue(ws, issue), user }
      return { data, url: commentUrl(ws, comment), teamId: issue.teamId, ticketId: issue.id, text: comment.body }
    }
    case 'Attachment': {
      const attachment = getRow(ws.attachments, change.id, 'Attachment')
      const issue = getRow(ws.issues, attachment.issueId, 'Issue')
      const data = attachmentData(attachment)
      return { data, url: issueUrl(ws, issue), teamId: issue.teamId, ticketId: issue.id, text: attachment.url }
    }
    case 'IssueLabel': {
      const label = getRow(ws.labels, change.id, 'IssueLabel')
      return { data: withoutNulls(label), url: '', teamId: label.teamId, ticketId: label.id, text: label.name }
    }
    case 'Customer': {
      const customer = getRow(ws.customers, change.id, 'Customer')
      const rank = ({ id, name, color }: Rank): object => ({ id, name, color })
      const tier = ws.tiers.get(customer.tierId ?? '')
      const status = getRow(ws.statuses, customer.statusId, 'CustomerStatus')
      const data = {
        ...withoutNulls(customer), status: { ...rank(status), description: '', type: 'active' },
        ...(tier === undefined ? {} : { tier: { ...rank(tier), displayName: tier.name, description: '' } }),
        approximateNeedCount: needsOf(ws, customer).length, mainSourceId: null, url: customerUrl(ws, customer)
      }
      return { data, url: customerUrl(ws, customer), teamId: null, ticketId: customer.id, text: customer.name }
    }
    case 'CustomerNeed': {
      const need = getRow(ws.needs, change.id, 'CustomerNeed')
      const issue = getRow(ws.issues, need.issueId, 'Issue')
      const { id, name, domains, externalIds } = getRow(ws.customers, need.customerId, 'Customer')
      const attachment = ws.attachments.get(need.attachmentId ?? '')
      const source = attachment === undefined ? {} : { attachment: attachmentData(attachment) }
      const data = {
        ...withoutNulls(need), customer: { id, name, domains, externalIds }, issue: childIssue(ws, issue), ...source
      }
      return { data, url: issueUrl(ws, issue), teamId: issue.teamId, ticketId: issue.id, text: need.body ?? '' }
    }
  }
}

function issueData (ws: Workspace, issue: Issue): Record<string, unknown> {
  const { id, color, name, type } = getRow(ws.states, issue.stateId, 'WorkflowState')
  const assignee = ws.users.get(issue.assigneeId ?? '')
  return {
    ...withoutNulls(issue), slaType: 'all', previousIdentifiers: [], reactionData: [], botActor: null,
    identifier: identifierOf(ws, issue), url: issueUrl(ws, issue), priorityLabel: priorityLabel(issue.priority),
    state: { id, color, name, type }, team: childTeam(ws, issue.teamId),
    labels: issue.labelIds.map(labelId => {
      const label = getRow(ws.labels, labelId, 'IssueLabel')
      return { id: label.id, color: label.color, name: label.name, parentId: label.parentId }
    }),
    ...(assignee === undefined ? {} : { assignee: childUser(assignee) })
  }
}

function attachmentData (attachment: Attachment): Record<string, unknown> {
  const { iconUrl, ...rest } = attachment
  return { ...withoutNulls(rest), sourceType: 'api', source: { type: 'api', imageUrl: iconUrl } }
}

function childIssue (ws: Workspace, issue: Issue): Record<string, unknown> {
  return {
    id: issue.id, title: issue.title, teamId: issue.teamId, team: childTeam(ws, issue.teamId),
    identifier: identifierOf(ws, issue), url: issueUrl(ws, issue)
  }
}

function childTeam (ws: Workspace, teamId: string): Record<string, unknown> {
  const { id, key, name } = getRow(ws.teams, teamId, 'Team')
  return { id, key, name }
}

function childUser ({ id, name, email, url }: User): Record<string, unknown> {
  return { id, name, email, url }
}

function withoutNulls (row: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
}
