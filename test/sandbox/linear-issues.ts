// Writes on issues, comments and relations, with the rules of the vendor: client-chosen ids, labels of the right team,
// and the instants that move with the state. https://linear.app/developers/graphql
import {
  getIssue, getRow, identifierOf, inputError, invalidArgument, notFound, threadOf
} from './linear-records.ts'
import type { Comment, Issue, Relation, State, Team, User, Workspace } from './linear-records.ts'

type Maybe<T> = T | null | undefined

export interface IssueInput {
  title?: Maybe<string>, description?: Maybe<string>, priority?: Maybe<number>, stateId?: Maybe<string>
  assigneeId?: Maybe<string>, labelIds?: Maybe<string[]>, subscriberIds?: Maybe<string[]>, parentId?: Maybe<string>
  dueDate?: Maybe<string>, estimate?: Maybe<number>
}
export interface IssueCreateInput extends IssueInput {
  id?: Maybe<string>, teamId: string, createdAt?: Maybe<string>, createAsUser?: Maybe<string>
  displayIconUrl?: Maybe<string>
}
export interface IssueUpdateInput extends IssueInput {
  addedLabelIds?: Maybe<string[]>, removedLabelIds?: Maybe<string[]>, trashed?: Maybe<boolean>
}
export interface CommentCreateInput {
  id?: Maybe<string>, issueId?: Maybe<string>, body?: Maybe<string>, parentId?: Maybe<string>
  quotedText?: Maybe<string>, createdAt?: Maybe<string>, createAsUser?: Maybe<string>, displayIconUrl?: Maybe<string>
}

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

export function createIssue (ws: Workspace, input: IssueCreateInput, actor: User): Issue {
  refuseActorNames(input)
  const id = chosenId(ws, input.id, ws.issues, 'Issue')
  const team = getRow(ws.teams, input.teamId, 'Team')
  if (typeof input.title !== 'string' || input.title.trim() === '') throw invalidArgument('title should not be empty.')
  const fields = checkedFields(ws, team, input)
  const state = input.stateId ? getRow(ws.states, input.stateId, 'WorkflowState') : defaultState(ws, team)
  const at = givenTime(input.createdAt) ?? ws.stamp()
  const number = (ws.lastNumbers.get(team.id) ?? 0) + 1
  const issue: Issue = {
    id, number, teamId: team.id, title: input.title, description: null, priority: 0, stateId: state.id, labelIds: [],
    assigneeId: null, creatorId: actor.id, subscriberIds: [actor.id], parentId: null, dueDate: null, estimate: null,
    sortOrder: -100.5 * number, prioritySortOrder: -200.25 * number, createdAt: at, updatedAt: at, addedToTeamAt: at,
    startedAt: null, triagedAt: null, completedAt: null, canceledAt: null, archivedAt: null, trashed: null,
    ...fields, ...instantsOf(state, null, at)
  }
  ws.lastNumbers.set(team.id, number)
  ws.issues.set(id, issue)
  ws.identifiers.set(identifierOf(ws, issue), id)
  ws.threads.set(id, { comments: [], attachments: [], needs: [], relations: [] })
  ws.changed({ type: 'Issue', action: 'create', id, actor, at })
  return issue
}

export function updateIssue (ws: Workspace, issue: Issue, input: IssueUpdateInput, actor: User): Issue {
  const team = getRow(ws.teams, issue.teamId, 'Team')
  const fields = checkedFields(ws, team, input)
  if (input.title !== undefined && !input.title?.trim()) throw invalidArgument('title should not be empty.')
  if (input.addedLabelIds || input.removedLabelIds) {
    if (input.labelIds) throw invalidArgument('labelIds cannot be used together with addedLabelIds or removedLabelIds.')
    const added = checkedLabels(ws, team, input.addedLabelIds ?? [])
    const removed = checkedLabels(ws, team, input.removedLabelIds ?? [])
    fields.labelIds = [...new Set([...issue.labelIds, ...added])].filter(id => !removed.includes(id))
  }
  if (input.trashed === true && issue.trashed !== true) return trashIssue(ws, issue, actor)
  if (input.trashed === false) Object.assign(fields, { trashed: null, archivedAt: null })
  return changeIssue(ws, issue, fields, actor)
}

/** Applies what differs, moves what follows from the state, and tells the previous values. */
export function changeIssue (ws: Workspace, issue: Issue, wanted: Partial<Issue>, actor: User): Issue {
  const previous: Record<string, unknown> = { ...issue }
  const differs = ([key, value]: [string, unknown]): boolean => JSON.stringify(previous[key]) !== JSON.stringify(value)
  const changes: Partial<Issue> = Object.fromEntries(Object.entries(wanted).filter(differs))
  if (Object.keys(changes).length === 0) return issue
  const at = ws.stamp()
  if (changes.stateId !== undefined) {
    const old = getRow(ws.states, issue.stateId, 'WorkflowState')
    Object.assign(changes, instantsOf(getRow(ws.states, changes.stateId, 'WorkflowState'), { issue, old }, at))
    changes.sortOrder = issue.sortOrder - 24.25
  }
  changes.updatedAt = at
  const changed = Object.entries(changes).filter(differs)
  const before = Object.fromEntries(changed.map(([key]) => [key, previous[key] ?? null]))
  Object.assign(issue, changes)
  ws.changed({ type: 'Issue', action: 'update', id: issue.id, actor, at, before })
  return issue
}

export function trashIssue (ws: Workspace, issue: Issue, actor: User): Issue {
  const at = ws.stamp()
  Object.assign(issue, { trashed: true, archivedAt: at, updatedAt: at })
  ws.changed({ type: 'Issue', action: 'remove', id: issue.id, actor, at })
  return issue
}

export function createComment (ws: Workspace, input: CommentCreateInput, actor: User): Comment {
  refuseActorNames(input)
  const id = chosenId(ws, input.id, ws.comments, 'Comment')
  if (!input.issueId) throw invalidArgument('issueId should not be empty.')
  const issue = getIssue(ws, input.issueId)
  if (!input.body?.trim()) throw invalidArgument('body should not be empty.')
  const parent = input.parentId ? getRow(ws.comments, input.parentId, 'Comment') : null
  if (parent !== null && parent.issueId !== issue.id) throw notFound('Comment')
  const at = givenTime(input.createdAt) ?? ws.stamp()
  const comment: Comment = {
    id, issueId: issue.id, userId: actor.id, body: input.body, parentId: parent?.id ?? null,
    quotedText: input.quotedText ?? null, createdAt: at, updatedAt: at, editedAt: null
  }
  ws.comments.set(id, comment)
  threadOf(ws, issue.id).comments.push(comment)
  ws.changed({ type: 'Comment', action: 'create', id, actor, at })
  return comment
}

export function updateComment (ws: Workspace, id: string, body: Maybe<string>, actor: User): Comment {
  const comment = getRow(ws.comments, id, 'Comment')
  if (body === undefined || body === comment.body) return comment
  if (!body?.trim()) throw invalidArgument('body should not be empty.')
  const at = ws.stamp()
  const before = { body: comment.body, editedAt: comment.editedAt, updatedAt: comment.updatedAt }
  Object.assign(comment, { body, editedAt: at, updatedAt: at })
  ws.changed({ type: 'Comment', action: 'update', id, actor, at, before })
  return comment
}

/** A duplicate moves to the team's own state for duplicates, which the vendor manages. */
export function createRelation (
  ws: Workspace, input: { id?: Maybe<string>, issueId: string, relatedIssueId: string, type: string }, actor: User
): Relation {
  const id = chosenId(ws, input.id, ws.relations, 'IssueRelation')
  const issue = getIssue(ws, input.issueId)
  const related = getIssue(ws, input.relatedIssueId)
  if (issue.id === related.id) throw invalidArgument('An issue cannot be related to itself.')
  const at = ws.stamp()
  const relation: Relation = {
    id, issueId: issue.id, relatedIssueId: related.id, type: input.type, createdAt: at, updatedAt: at
  }
  ws.relations.set(id, relation)
  threadOf(ws, issue.id).relations.push(relation)
  if (input.type === 'duplicate') changeIssue(ws, issue, { stateId: stateOfType(ws, issue.teamId, 'duplicate').id }, actor)
  return relation
}

export function stateOfType (ws: Workspace, teamId: string, type: string): State {
  const state = [...ws.states.values()].find(row => row.teamId === teamId && row.type === type)
  if (state === undefined) throw notFound('WorkflowState')
  return state
}

/** An id that the client chose, or the next one of ours. What a taken id answers is not documented: it is an error. */
export function chosenId (ws: Workspace, id: Maybe<string>, rows: Map<string, unknown>, entity: string): string {
  if (id === null || id === undefined) return ws.newId()
  if (!UUID_V4.test(id)) throw invalidArgument('id must be a UUID.')
  if (rows.has(id)) {
    throw inputError(`Entity already exists: ${entity}`, `A record of type ${entity} with this id already exists.`)
  }
  return id
}

/** Only an OAuth application acting as itself may write under another name. */
export function refuseActorNames (input: { createAsUser?: Maybe<string>, displayIconUrl?: Maybe<string> }): void {
  if (!input.createAsUser && !input.displayIconUrl) return
  throw invalidArgument('createAsUser and displayIconUrl are only available to OAuth applications in actor=app mode.')
}

export function givenTime (at: Maybe<string>): string | null {
  if (at === null || at === undefined) return null
  const time = Date.parse(at)
  if (Number.isNaN(time)) throw invalidArgument('createdAt must be a valid date.')
  return new Date(time).toISOString()
}

function defaultState (ws: Workspace, team: Team): State {
  return stateOfType(ws, team.id, team.triageEnabled ? 'triage' : 'backlog')
}

function checkedFields (ws: Workspace, team: Team, input: IssueInput): Partial<Issue> {
  const fields: Partial<Issue> = {}
  if (input.title) fields.title = input.title
  if (input.description !== undefined) fields.description = input.description
  if (typeof input.priority === 'number') {
    if (input.priority < 0 || input.priority > 4) throw invalidArgument('priority must not be greater than 4.')
    fields.priority = input.priority
  }
  if (input.stateId) {
    const state = getRow(ws.states, input.stateId, 'WorkflowState')
    if (state.teamId !== team.id) throw invalidArgument('The workflow state does not belong to the team of the issue.')
    fields.stateId = state.id
  }
  if (input.assigneeId !== undefined) {
    fields.assigneeId = input.assigneeId === null ? null : getRow(ws.users, input.assigneeId, 'User').id
  }
  if (input.labelIds) fields.labelIds = checkedLabels(ws, team, input.labelIds)
  if (input.subscriberIds) fields.subscriberIds = input.subscriberIds.map(id => getRow(ws.users, id, 'User').id)
  if (input.parentId !== undefined) fields.parentId = input.parentId === null ? null : getIssue(ws, input.parentId).id
  if (input.dueDate !== undefined) {
    if (input.dueDate !== null && !/^\d{4}-\d{2}-\d{2}$/.test(input.dueDate)) {
      throw invalidArgument('dueDate must be a date of the form YYYY-MM-DD.')
    }
    fields.dueDate = input.dueDate
  }
  if (input.estimate !== undefined) fields.estimate = input.estimate
  return fields
}

function checkedLabels (ws: Workspace, team: Team, ids: string[]): string[] {
  return ids.map(id => {
    const label = getRow(ws.labels, id, 'IssueLabel')
    if (label.teamId !== null && label.teamId !== team.id) {
      throw invalidArgument(`The label '${label.name}' is not associated with the same team as the issue.`)
    }
    return label.id
  })
}

function instantsOf (state: State, from: { issue: Issue, old: State } | null, at: string): Partial<Issue> {
  const moved: Partial<Issue> = {
    completedAt: state.type === 'completed' ? at : null,
    canceledAt: state.type === 'canceled' || state.type === 'duplicate' ? at : null
  }
  if (state.type === 'started') moved.startedAt = from?.issue.startedAt ?? at
  if (['backlog', 'unstarted'].includes(state.type)) moved.startedAt = null
  if (from?.old.type === 'triage') moved.triagedAt = at
  return moved
}
