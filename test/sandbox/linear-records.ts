// What a Linear workspace holds, as plain rows in maps, and how a new one looks before anybody did anything.
import { createHash } from 'node:crypto'
import { GraphQLError } from 'graphql'

export interface User { id: string, name: string, email: string, url: string, createdAt: string, admin: boolean }
export interface Team { id: string, key: string, name: string, triageEnabled: boolean, createdAt: string }
export interface State {
  id: string, teamId: string, name: string, type: string, color: string, position: number, createdAt: string
}
export interface Label {
  id: string, name: string, color: string, description: string | null, teamId: string | null, parentId: string | null
  isGroup: boolean, creatorId: string, createdAt: string, updatedAt: string
}
export interface Issue {
  id: string, number: number, teamId: string, title: string, description: string | null, priority: number
  stateId: string, labelIds: string[], assigneeId: string | null, creatorId: string, subscriberIds: string[]
  parentId: string | null, dueDate: string | null, estimate: number | null, sortOrder: number, prioritySortOrder: number
  createdAt: string, updatedAt: string, addedToTeamAt: string, startedAt: string | null, triagedAt: string | null
  completedAt: string | null, canceledAt: string | null, archivedAt: string | null, trashed: boolean | null
}
export interface Comment {
  id: string, issueId: string, userId: string, body: string, parentId: string | null, quotedText: string | null
  createdAt: string, updatedAt: string, editedAt: string | null
}
export interface Attachment {
  id: string, issueId: string, title: string, subtitle: string | null, url: string, metadata: Record<string, unknown>
  groupBySource: boolean, iconUrl: string | null, creatorId: string, createdAt: string, updatedAt: string
}
export interface Customer {
  id: string, name: string, domains: string[], externalIds: string[], slackChannelId: string | null
  revenue: number | null, size: number | null, tierId: string | null, statusId: string, ownerId: string | null
  logoUrl: string | null, slugId: string, createdAt: string, updatedAt: string
}
export interface Need {
  id: string, customerId: string, issueId: string, body: string | null, priority: number, attachmentId: string | null
  commentId: string | null, creatorId: string, createdAt: string, updatedAt: string
}
export interface Relation {
  id: string, issueId: string, relatedIssueId: string, type: string, createdAt: string, updatedAt: string
}
export interface Webhook {
  id: string, url: string, label: string | null, enabled: boolean, secret: string, resourceTypes: string[]
  teamId: string | null, allPublicTeams: boolean, createdAt: string, updatedAt: string
}
export interface Upload {
  id: string, contentType: string, filename: string, size: number, content: Buffer | null, metaData: unknown
}
/** A tier or a status of customers: the same shape, two lists. */
export interface Rank { id: string, name: string, color: string, position: number }

/** What hangs on one issue, so that nothing has to be searched for. */
export interface Thread { comments: Comment[], attachments: Attachment[], needs: Need[], relations: Relation[] }

/** Something that happened, as the webhooks will tell it. `before`: previous values of what an update changed. */
export interface Change {
  type: 'Issue' | 'Comment' | 'Attachment' | 'IssueLabel' | 'Customer' | 'CustomerNeed'
  action: 'create' | 'update' | 'remove'
  id: string
  actor: User
  at: string
  before?: Record<string, unknown>
}

export interface Workspace {
  organization: { id: string, name: string, urlKey: string, createdAt: string }
  viewer: User                                      // whose API key is used
  users: Map<string, User>
  teams: Map<string, Team>
  states: Map<string, State>
  labels: Map<string, Label>
  issues: Map<string, Issue>
  identifiers: Map<string, string>                  // SUP-7 -> id
  lastNumbers: Map<string, number>                  // per team
  threads: Map<string, Thread>
  comments: Map<string, Comment>
  attachments: Map<string, Attachment>
  attachmentsByUrl: Map<string, Attachment[]>
  customers: Map<string, Customer>
  customersByExternalId: Map<string, Customer>
  tiers: Map<string, Rank>
  statuses: Map<string, Rank>
  needs: Map<string, Need>
  relations: Map<string, Relation>
  webhooks: Map<string, Webhook>
  uploads: Map<string, Upload>
  lastSyncId: number
  newId: () => string                               // the next id the vendor would choose
  stamp: () => string                               // the vendor's present, in milliseconds, never twice the same
  changed: (change: Change) => void                 // makes the webhooks and the journal's entry
}

const BEGINNING = '2026-01-05T08:00:00.000Z'
const STATES = [
  ['Triage', 'triage', '#FC7840'], ['Backlog', 'backlog', '#bec2c8'], ['Todo', 'unstarted', '#e2e2e2'],
  ['In Progress', 'started', '#f2c94c'], ['Done', 'completed', '#5e6ad2'], ['Canceled', 'canceled', '#95a2b3'],
  ['Duplicate', 'duplicate', '#95a2b3']
] as const

export function makeWorkspace (clock: () => string, secret: string | null): Workspace {
  let made = 0
  let second = ''
  let tick = 0
  const newId = (): string => makeUuid(`linear ${++made}`)
  const person = (name: string, handle: string, admin: boolean): User => ({
    id: newId(), name, email: `${handle}@lanternworks.example`, admin, createdAt: BEGINNING,
    url: `https://linear.app/lanternworks/profiles/${handle}`
  })
  const viewer = person('Deskloop', 'deskloop', true)
  const people = [viewer, person('Mara Quill', 'mara', false), person('Jonas Ferrow', 'jonas', false)]
  const team: Team = { id: newId(), key: 'ESC', name: 'Escalations', triageEnabled: true, createdAt: BEGINNING }
  const ws: Workspace = {
    organization: { id: newId(), name: 'Lanternworks', urlKey: 'lanternworks', createdAt: BEGINNING },
    viewer,
    users: byId(people),
    teams: byId([team]),
    states: byId(STATES.map(([name, type, color], position) => ({
      id: newId(), teamId: team.id, name, type, color, position, createdAt: BEGINNING
    }))),
    labels: byId(['Bug', 'Customer'].map(name => ({
      id: newId(), name, color: '#EB5757', description: null, teamId: name === 'Bug' ? team.id : null, parentId: null,
      isGroup: false, creatorId: viewer.id, createdAt: BEGINNING, updatedAt: BEGINNING
    }))),
    issues: new Map(),
    identifiers: new Map(),
    lastNumbers: new Map([[team.id, 0]]),
    threads: new Map(),
    comments: new Map(),
    attachments: new Map(),
    attachmentsByUrl: new Map(),
    customers: new Map(),
    customersByExternalId: new Map(),
    tiers: byId(['Starter', 'Business'].map((name, position) => ({ id: newId(), name, color: '#5e6ad2', position }))),
    statuses: byId([{ id: newId(), name: 'Active', color: '#4cb782', position: 0 }]),
    needs: new Map(),
    relations: new Map(),
    webhooks: new Map(),
    uploads: new Map(),
    lastSyncId: 480_000_000,
    newId,
    stamp () {
      const now = clock()
      tick = now === second ? tick + 1 : 0
      second = now
      return new Date(Date.parse(now) + Math.min(tick, 999)).toISOString()
    },
    changed () { /* replaced by the one who delivers */ }
  }
  if (secret !== null) {
    const id = newId()
    ws.webhooks.set(id, {
      id, url: 'https://deskloop.lanternworks.example/hooks/linear', label: 'Deskloop', enabled: true, secret,
      resourceTypes: ['Issue', 'Comment', 'Attachment', 'IssueLabel', 'Customer', 'CustomerNeed'],
      teamId: null, allPublicTeams: true, createdAt: BEGINNING, updatedAt: BEGINNING
    })
  }
  return ws
}

export function byId<T extends { id: string }> (rows: readonly T[]): Map<string, T> {
  return new Map(rows.map(row => [row.id, row]))
}

/** A UUID of version 4 made from a name: the same name, the same id. */
export function makeUuid (name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4] ?? '8'
  return [hex.slice(0, 8), hex.slice(8, 12), '4' + hex.slice(13, 16), variant + hex.slice(17, 20), hex.slice(20, 32)].join('-')
}

export function identifierOf (ws: Workspace, issue: Issue): string {
  return `${ws.teams.get(issue.teamId)?.key ?? '?'}-${issue.number}`
}

export function issueUrl (ws: Workspace, issue: Issue): string {
  const slug = issue.title.toLowerCase().replaceAll('%', 'percent').replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
  return `https://linear.app/${ws.organization.urlKey}/issue/${identifierOf(ws, issue)}/${slug.slice(0, 80)}`
}

export function priorityLabel (priority: number): string {
  return ['No priority', 'Urgent', 'High', 'Medium', 'Low'][priority] ?? 'No priority'
}

export function threadOf (ws: Workspace, issueId: string): Thread {
  const thread = ws.threads.get(issueId)
  if (thread === undefined) throw new Error(`the pretend Linear has lost the thread of issue ${issueId}`)
  return thread
}

/** The row, or the vendor's error for a reference that leads nowhere. */
export function getRow<T> (rows: Map<string, T>, id: string, entity: string): T {
  const row = rows.get(id)
  if (row === undefined) throw notFound(entity)
  return row
}

/** Most arguments take the id of an issue or its identifier. */
export function getIssue (ws: Workspace, idOrIdentifier: string): Issue {
  return getRow(ws.issues, ws.identifiers.get(idOrIdentifier.toUpperCase()) ?? idOrIdentifier, 'Issue')
}

export function notFound (entity: string): GraphQLError {
  return inputError(`Entity not found: ${entity}`, `Could not find referenced ${entity}.`)
}

export function inputError (message: string, presentable: string, code = 'INPUT_ERROR'): GraphQLError {
  return new GraphQLError(message, {
    extensions: {
      type: 'invalid input', code, statusCode: 400, userError: true, userPresentableMessage: presentable
    }
  })
}

/** What the vendor says when an argument has the wrong form. The exact code is not documented. */
export function invalidArgument (presentable: string): GraphQLError {
  return inputError('Argument Validation Error', presentable, 'INVALID_INPUT')
}
