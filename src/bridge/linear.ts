// Speaks to Linear. Every create carries an id of ours, so that what may have been applied can be looked for by it and
// sent again without harm. One document per call: the SDK's own helpers ask twice. https://linear.app/developers/graphql
import { LinearClient, LinearError } from '@linear/sdk'
import { GiveUp, Refused, RetryLater, Unclear, messageOf } from '../errors.ts'

export interface LinearSettings { url: string, apiKey: string, deadlineMs?: number }

export interface Issue {
  id: string, identifier: string, url: string, title: string, description: string
  state: { id: string, name: string, type: string }
}

/** `triage`: the state in which new issues wait to be looked at, where the team has one. */
export interface Team {
  id: string, key: string, name: string, labels: Array<{ id: string, name: string }>, triage: string | null
}

export interface NewIssue {
  id: string, teamId: string, title: string, description: string, priority: number, labelIds: string[]
  stateId?: string                                  // absent: the team's own beginning
}

/** An issue as it stands; `state` null: it is gone. `comments`: new ones of people. */
export interface IssueNow {
  id: string, state: { name: string, type: string } | null, comments: Array<{ id: string, body: string }>
}

/** A request of a customer for an issue; companies are known by our own name for them. https://linear.app/docs/customer-requests */
export interface CustomerNeed { id: string, issueId: string, customer: string, body: string, priority: 0 | 1 }

export interface Linear {
  createIssue (issue: NewIssue): Promise<Issue>
  /** Null: there is none of that id. */
  findIssue (id: string): Promise<Issue | null>
  /** All of these at once, at most fifty; `since`: whose comments are new. */
  askIssues (ids: string[], since: string): Promise<IssueNow[]>
  describeIssue (id: string, description: string): Promise<void>
  createComment (comment: { id: string, issueId: string, body: string }): Promise<void>
  hasComment (id: string): Promise<boolean>
  /** The same address on the same issue is changed, never doubled. */
  attach (link: { id: string, issueId: string, url: string, title: string, subtitle: string }): Promise<void>
  /** Takes a link off its issue; one that is gone is gone. */
  detach (id: string): Promise<void>
  /** Open issues whose words are like these, best first. */
  searchIssues (term: string, teamId: string): Promise<Issue[]>
  listTeams (): Promise<Team[]>
  /** The same `externalId` is changed, never doubled. */
  saveCustomer (customer: { externalId: string, name: string, tierName?: string }): Promise<void>
  createNeed (need: CustomerNeed): Promise<void>
  hasNeed (issueId: string, id: string): Promise<boolean>
  fetchSelf (): Promise<{ id: string, name: string }>
}

const DEADLINE_MS = 20_000
const DEFAULT_WAIT_MS = 30_000
const READ_WAIT_MS = 3_000
const MOST_WAIT_MS = 3_600_000
const MOST_ASKED = 50
const ISSUE = 'id identifier url title description state { id name type }'

/** `url`: the origin, such as https://api.linear.app. */
export function openLinear (settings: LinearSettings): Linear {
  // A client per call: the SDK hands one signal to every request of a client.
  async function ask<T> (query: string, variables: Record<string, unknown>, isWrite: boolean): Promise<T> {
    const client = new LinearClient({
      apiKey: settings.apiKey, apiUrl: `${settings.url}/graphql`, signal: AbortSignal.timeout(settings.deadlineMs ?? DEADLINE_MS), redirect: 'error'
    })
    try {
      const { data } = await client.client.rawRequest<T, Record<string, unknown>>(query, variables)
      if (data === undefined || data === null) throw new Unclear('linear answered without data')
      return data
    } catch (error) {
      throw meaningOf(error, isWrite)
    }
  }

  return {
    async createIssue (input) {
      const data = await ask<{ issueCreate: { issue: RawIssue } }>(
        `mutation IssueCreate($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { ${ISSUE} } } }`, { input }, true
      )
      return issueOf(data.issueCreate.issue)
    },
    async findIssue (id) {
      try {
        const data = await ask<{ issue: RawIssue }>(`query Issue($id: String!) { issue(id: $id) { ${ISSUE} } }`, { id }, false)
        return issueOf(data.issue)
      } catch (error) {
        if (error instanceof Missing) return null
        throw error
      }
    },
    async askIssues (ids, since) {
      const data = await ask<{ issues: { nodes: RawNow[] } }>(
        `query IssuesNow($ids: [ID!]!, $since: DateTimeOrDuration!) {
          issues(filter: { id: { in: $ids } }, first: ${MOST_ASKED}, includeArchived: true) { nodes {
            id state { name type }
            comments(first: 20, filter: { createdAt: { gt: $since } }) { nodes { id body user { id } botActor { id } } }
          } }
        }`, { ids, since }, false
      )
      const found = data.issues.nodes.map(({ id, state, comments }): IssueNow => {
        const byPeople = comments.nodes.filter(c => c.user !== null && c.botActor === null)
        return { id, state, comments: byPeople.map(c => ({ id: c.id, body: c.body })) }
      })
      // What a list leaves out may be hidden from it; only Linear's own word on it counts as its end.
      for (const id of ids.filter(one => !found.some(f => f.id === one))) {
        const issue = await this.findIssue(id)
        found.push({ id, state: issue?.state ?? null, comments: [] })
      }
      return found
    },
    async describeIssue (id, description) {
      await ask(
        'mutation IssueUpdate($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }',
        { id, input: { description } }, true
      )
    },
    async createComment (input) {
      await ask('mutation CommentCreate($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id } } }', { input }, true)
    },
    async hasComment (id) {
      try {
        await ask('query Comment($id: String!) { comment(id: $id) { id } }', { id }, false)
        return true
      } catch (error) {
        if (error instanceof Missing) return false
        throw error
      }
    },
    async attach (input) {
      await ask(
        'mutation AttachmentCreate($input: AttachmentCreateInput!) { attachmentCreate(input: $input) { success attachment { id } } }', { input }, true
      )
    },
    async detach (id) {
      try {
        await ask('mutation AttachmentDelete($id: String!) { attachmentDelete(id: $id) { success } }', { id }, true)
      } catch (error) {
        if (!(error instanceof Missing)) throw error
      }
    },
    async searchIssues (term, teamId) {
      const data = await ask<{ searchIssues: { nodes: RawIssue[] } }>(
        `query SearchIssues($term: String!, $teamId: String) { searchIssues(term: $term, teamId: $teamId, first: 10) { nodes { ${ISSUE} } } }`,
        { term, teamId }, false
      )
      return data.searchIssues.nodes.map(issueOf).filter(i => !['completed', 'canceled', 'duplicate'].includes(i.state.type))
    },
    async listTeams () {
      const data = await ask<{ teams: { nodes: RawTeam[] } }>(
        'query Teams { teams(first: 50) { nodes { id key name labels(first: 100) { nodes { id name } } triageIssueState { id } } } }', {}, false
      )
      return data.teams.nodes.map(({ id, key, name, labels, triageIssueState }) =>
        ({ id, key, name, labels: labels.nodes, triage: triageIssueState?.id ?? null }))
    },
    async saveCustomer (input) {
      await ask(
        'mutation CustomerUpsert($input: CustomerUpsertInput!) { customerUpsert(input: $input) { success customer { id } } }', { input }, true
      )
    },
    async createNeed ({ id, issueId, customer, body, priority }) {
      const input = { id, issueId, customerExternalId: customer, body, priority }
      await ask(
        'mutation CustomerNeedCreate($input: CustomerNeedCreateInput!) { customerNeedCreate(input: $input) { success need { id } } }',
        { input }, true
      )
    },
    async hasNeed (issueId, id) {
      const data = await ask<{ issue: { needs: { nodes: Array<{ id: string }> } } }>(
        'query IssueNeeds($id: String!) { issue(id: $id) { needs(first: 250) { nodes { id } } } }', { id: issueId }, false
      )
      return data.issue.needs.nodes.some(need => need.id === id)
    },
    async fetchSelf () {
      const data = await ask<{ viewer: { id: string, name: string } }>('query Viewer { viewer { id name } }', {}, false)
      return data.viewer
    }
  }
}

type RawTeam = Omit<Team, 'labels' | 'triage'> & { labels: { nodes: Team['labels'] }, triageIssueState: { id: string } | null }
interface RawNow {
  id: string, state: { name: string, type: string }
  comments: { nodes: Array<{ id: string, body: string, user: object | null, botActor: object | null }> }
}
type RawIssue = Omit<Issue, 'description'> & { description: string | null }

function issueOf (raw: RawIssue): Issue {
  return { ...raw, description: raw.description ?? '' }
}

/** Linear has nothing of that id. */
class Missing extends GiveUp {}

// What an error of the SDK means for us. Rate limits come as HTTP 400 with a code; the SDK gives them no class of their own
// unless the body says more. https://linear.app/developers/rate-limiting
function meaningOf (error: unknown, isWrite: boolean): Error {
  if (error instanceof Unclear) return error
  const first = firstError(error)
  const code = textOf(first?.['code'])
  const status = error instanceof LinearError ? error.status ?? null : null
  const type = textOf(first?.['type'])
  if (code === 'RATELIMITED' || type === 'ratelimited' || status === 429) {
    return new RetryLater('linear asks to wait', waitOf(error))
  }
  if (code === 'AUTHENTICATION_ERROR' || type === 'authentication error' || status === 401 || status === 403) {
    return new Refused('linear refused the key: renew LINEAR_API_KEY', status ?? 401)
  }
  if (/entity not found/i.test(messageOf(error))) return new Missing('linear does not have it')
  if (first !== null && (type === 'invalid input' || code === 'INPUT_ERROR' || type === 'user error' || type === 'forbidden')) {
    return new GiveUp(`linear refused the request (${code || type})`)
  }
  if (status !== null && status >= 400 && status < 500) return new GiveUp(`linear refused the request (${status})`)
  const what = `linear gave no clear answer (${status ?? nameOf(error)})`
  return isWrite ? new Unclear(what) : new RetryLater(what, READ_WAIT_MS)
}

function firstError (error: unknown): Record<string, unknown> | null {
  if (!(error instanceof LinearError)) return null
  const raw: unknown = error.raw
  const response = fieldsOf(fieldsOf(raw)['response'])
  const list = response['errors']
  const [first] = Array.isArray(list) ? list : []
  return first === undefined ? null : fieldsOf(fieldsOf(first)['extensions'])
}

function waitOf (error: unknown): number {
  const after = error instanceof LinearError && 'retryAfter' in error ? Number(error.retryAfter) * 1000 : Number.NaN
  return Number.isFinite(after) && after > 0 ? Math.min(MOST_WAIT_MS, after) : DEFAULT_WAIT_MS
}

function nameOf (error: unknown): string {
  return error instanceof Error ? error.name : 'an error'
}

function textOf (value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function fieldsOf (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
