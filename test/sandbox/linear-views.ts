// Rows as GraphQL reads them: plain values, and a function for each field that leads to another row. graphql-js calls a
// function found on the source with the arguments of the field.
import {
  getRow, identifierOf, invalidArgument, issueUrl, priorityLabel, threadOf
} from './linear-records.ts'
import type {
  Attachment, Comment, Customer, Issue, Label, Need, Rank, Relation, State, Team, User, Webhook, Workspace
} from './linear-records.ts'
import { issueFacts, labelFacts, meets, stateFacts } from './linear-filter.ts'
import type { Filter } from './linear-filter.ts'

export interface Page {
  first?: number | null, after?: string | null, includeArchived?: boolean | null, orderBy?: string | null
}
export type Filtered = Page & { filter?: Filter | null }
export type View = Record<string, unknown>

const MOST_PER_PAGE = 250

/** A connection: `first` is 50 when absent, the cursor is the id of the last row. */
export function connect<T extends { id: string }> (rows: T[], page: Page, view: (row: T) => View): View {
  const first = page.first ?? 50
  if (first < 1 || first > MOST_PER_PAGE) throw invalidArgument(`first must not be greater than ${MOST_PER_PAGE}.`)
  const from = page.after ? rows.findIndex(row => row.id === page.after) + 1 : 0
  if (page.after && from === 0) throw invalidArgument('after must be a valid cursor.')
  const nodes = rows.slice(from, from + first)
  const pageInfo = {
    hasNextPage: from + nodes.length < rows.length, hasPreviousPage: from > 0,
    startCursor: nodes[0]?.id ?? null, endCursor: nodes.at(-1)?.id ?? null
  }
  return { nodes: nodes.map(view), pageInfo, totalCount: rows.length }
}

/** Newest first, by creation unless the other order is asked for; what is in the trash only on demand. */
export function listIssues (ws: Workspace, rows: Iterable<Issue>, args: Filtered): Issue[] {
  const isThere = (issue: Issue): boolean => args.includeArchived === true || issue.archivedAt === null
  const isMeant = (issue: Issue): boolean => !args.filter || meets(args.filter, issueFacts(ws, issue))
  return newestFirst([...rows].filter(issue => isThere(issue) && isMeant(issue)), args)
}

export function newestFirst<T extends { createdAt: string, updatedAt: string }> (rows: T[], page: Page): T[] {
  const key = page.orderBy === 'updatedAt' ? 'updatedAt' : 'createdAt'
  return [...rows].reverse().sort((a, b) => (a[key] < b[key] ? 1 : 0) - (a[key] > b[key] ? 1 : 0))
}

export function viewUser (ws: Workspace, user: User): View {
  return {
    ...user, displayName: user.name.toLowerCase().split(' ')[0], active: true, isMe: user.id === ws.viewer.id,
    organization: () => viewOrganization(ws)
  }
}

export function viewOrganization (ws: Workspace): View {
  return {
    ...ws.organization, customersEnabled: true,
    teams: (args: Page) => connect([...ws.teams.values()], args, team => viewTeam(ws, team))
  }
}

export function viewTeam (ws: Workspace, team: Team): View {
  const states = [...ws.states.values()].filter(state => state.teamId === team.id)
  const first = (type: string): View | null => {
    const state = states.find(row => row.type === type)
    return state === undefined ? null : viewState(ws, state)
  }
  return {
    ...team, displayName: team.name, organization: () => viewOrganization(ws),
    triageIssueState: () => team.triageEnabled ? first('triage') : null,
    defaultIssueState: () => first('backlog'),
    states: (args: Filtered) => connect(states.filter(state => meets(args.filter, stateFacts(ws, state))), args,
      state => viewState(ws, state)),
    labels: (args: Filtered) => connect(listLabels(ws, args, label => label.teamId === team.id), args,
      label => viewLabel(ws, label)),
    issues: (args: Filtered) => connect(
      listIssues(ws, [...ws.issues.values()].filter(issue => issue.teamId === team.id), args), args,
      row => viewIssue(ws, row))
  }
}

export function viewState (ws: Workspace, state: State): View {
  return { ...state, description: null, team: () => viewTeam(ws, getRow(ws.teams, state.teamId, 'Team')) }
}

export function listLabels (ws: Workspace, args: Filtered, also: (label: Label) => boolean = () => true): Label[] {
  return [...ws.labels.values()].filter(label => also(label) && meets(args.filter, labelFacts(ws, label)))
}

export function viewLabel (ws: Workspace, label: Label): View {
  const { teamId, parentId } = label
  return {
    ...label,
    team: () => teamId === null ? null : viewTeam(ws, getRow(ws.teams, teamId, 'Team')),
    parent: () => parentId === null ? null : viewLabel(ws, getRow(ws.labels, parentId, 'IssueLabel'))
  }
}

export function viewIssue (ws: Workspace, issue: Issue): View {
  const thread = threadOf(ws, issue.id)
  const user = (id: string | null) => () => id === null ? null : viewUser(ws, getRow(ws.users, id, 'User'))
  return {
    ...issue,
    identifier: identifierOf(ws, issue),
    url: issueUrl(ws, issue),
    branchName: `deskloop/${identifierOf(ws, issue).toLowerCase()}`,
    priorityLabel: priorityLabel(issue.priority),
    customerTicketCount: new Set(thread.needs.map(need => need.customerId)).size,
    previousIdentifiers: [],
    metadata: {},
    state: () => viewState(ws, getRow(ws.states, issue.stateId, 'WorkflowState')),
    team: () => viewTeam(ws, getRow(ws.teams, issue.teamId, 'Team')),
    assignee: user(issue.assigneeId),
    creator: user(issue.creatorId),
    parent: () => issue.parentId === null ? null : viewIssue(ws, getRow(ws.issues, issue.parentId, 'Issue')),
    labels: (args: Filtered) => connect(
      issue.labelIds.map(id => getRow(ws.labels, id, 'IssueLabel')).filter(label => meets(args.filter, labelFacts(ws, label))),
      args, label => viewLabel(ws, label)),
    comments: (args: Filtered) => connect(
      newestFirst(thread.comments.filter(row => meets(args.filter, row)), args), args, row => viewComment(ws, row)),
    attachments: (args: Page) => connect(newestFirst(thread.attachments, args), args, row => viewAttachment(ws, row)),
    needs: (args: Page) => connect(newestFirst(thread.needs, args), args, row => viewNeed(ws, row)),
    relations: (args: Page) => connect(newestFirst(thread.relations, args), args, row => viewRelation(ws, row))
  }
}

export function commentUrl (ws: Workspace, comment: Comment): string {
  return `${issueUrl(ws, getRow(ws.issues, comment.issueId, 'Issue'))}#comment-${comment.id.slice(0, 8)}`
}

export function viewComment (ws: Workspace, comment: Comment): View {
  const { parentId } = comment
  return {
    ...comment, url: commentUrl(ws, comment), botActor: null,
    issue: () => viewIssue(ws, getRow(ws.issues, comment.issueId, 'Issue')),
    user: () => viewUser(ws, getRow(ws.users, comment.userId, 'User')),
    parent: () => parentId === null ? null : viewComment(ws, getRow(ws.comments, parentId, 'Comment'))
  }
}

export function viewAttachment (ws: Workspace, attachment: Attachment): View {
  return {
    ...attachment, sourceType: 'api', source: { type: 'api', imageUrl: attachment.iconUrl },
    creator: () => viewUser(ws, getRow(ws.users, attachment.creatorId, 'User')),
    issue: () => viewIssue(ws, getRow(ws.issues, attachment.issueId, 'Issue'))
  }
}

export function customerUrl (ws: Workspace, customer: Customer): string {
  const name = customer.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return `https://linear.app/${ws.organization.urlKey}/customer/${name}-${customer.slugId}`
}

export function needsOf (ws: Workspace, customer: Customer): Need[] {
  return [...ws.needs.values()].filter(need => need.customerId === customer.id)
}

export function viewCustomer (ws: Workspace, customer: Customer): View {
  const { tierId, ownerId } = customer
  return {
    ...customer, url: customerUrl(ws, customer),
    approximateNeedCount: () => needsOf(ws, customer).length,
    status: () => viewRank(getRow(ws.statuses, customer.statusId, 'CustomerStatus')),
    tier: () => tierId === null ? null : viewRank(getRow(ws.tiers, tierId, 'CustomerTier')),
    owner: () => ownerId === null ? null : viewUser(ws, getRow(ws.users, ownerId, 'User')),
    needs: () => needsOf(ws, customer).map(need => viewNeed(ws, need))
  }
}

export function viewNeed (ws: Workspace, need: Need): View {
  const { attachmentId, commentId } = need
  return {
    ...need, url: () => issueUrl(ws, getRow(ws.issues, need.issueId, 'Issue')),
    customer: () => viewCustomer(ws, getRow(ws.customers, need.customerId, 'Customer')),
    issue: () => viewIssue(ws, getRow(ws.issues, need.issueId, 'Issue')),
    attachment: () => attachmentId === null ? null : viewAttachment(ws, getRow(ws.attachments, attachmentId, 'Attachment')),
    comment: () => commentId === null ? null : viewComment(ws, getRow(ws.comments, commentId, 'Comment')),
    creator: () => viewUser(ws, getRow(ws.users, need.creatorId, 'User'))
  }
}

export function viewRelation (ws: Workspace, relation: Relation): View {
  return {
    ...relation,
    issue: () => viewIssue(ws, getRow(ws.issues, relation.issueId, 'Issue')),
    relatedIssue: () => viewIssue(ws, getRow(ws.issues, relation.relatedIssueId, 'Issue'))
  }
}

export function viewWebhook (ws: Workspace, webhook: Webhook): View {
  const { teamId } = webhook
  return {
    ...webhook, creator: () => viewUser(ws, ws.viewer),
    team: () => teamId === null ? null : viewTeam(ws, getRow(ws.teams, teamId, 'Team'))
  }
}

function viewRank (rank: Rank): View {
  return { ...rank, displayName: rank.name }
}
