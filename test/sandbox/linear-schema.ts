// The part of Linear's GraphQL interface that the pretend Linear serves: names and types as the vendor has them, the
// choice and the order are ours. A field that is not here is refused, as the vendor refuses one it does not have.
// https://linear.app/developers/graphql

const page = 'first: Int, after: String, includeArchived: Boolean, orderBy: PaginationOrderBy'

const connections = ['Team', 'WorkflowState', 'IssueLabel', 'Issue', 'Comment', 'Attachment', 'CustomerNeed',
  'IssueRelation', 'Webhook', 'Customer', 'User']
  .map(name => `type ${name}Connection { nodes: [${name}!]!, pageInfo: PageInfo! }`).join('\n')

const issueFields = `
  id: ID!
  identifier: String!
  number: Float!
  title: String!
  description: String
  url: String!
  branchName: String!
  priority: Float!
  priorityLabel: String!
  estimate: Float
  dueDate: TimelessDate
  sortOrder: Float!
  createdAt: DateTime!
  updatedAt: DateTime!
  startedAt: DateTime
  triagedAt: DateTime
  completedAt: DateTime
  canceledAt: DateTime
  archivedAt: DateTime
  trashed: Boolean
  customerTicketCount: Int!
  labelIds: [String!]!
  previousIdentifiers: [String!]!
  state: WorkflowState!
  team: Team!
  assignee: User
  creator: User
  parent: Issue
  labels(filter: IssueLabelFilter, ${page}): IssueLabelConnection!
  comments(filter: CommentFilter, ${page}): CommentConnection!
  attachments(${page}): AttachmentConnection!
  needs(${page}): CustomerNeedConnection!
  relations(${page}): IssueRelationConnection!`

const stringTests = `
  eq: String, neq: String, in: [String!], nin: [String!]
  eqIgnoreCase: String, neqIgnoreCase: String
  contains: String, containsIgnoreCase: String, notContains: String, notContainsIgnoreCase: String
  startsWith: String, startsWithIgnoreCase: String, notStartsWith: String
  endsWith: String, notEndsWith: String`
const numberTests = 'eq: Float, neq: Float, in: [Float!], nin: [Float!], lt: Float, lte: Float, gt: Float, gte: Float'
const dateTests = ['eq', 'neq', 'lt', 'lte', 'gt', 'gte'].map(test => `${test}: DateTimeOrDuration`).join(', ')
const teamTests = 'id: IDComparator, key: StringComparator, name: StringComparator'
const labelTests = 'id: IDComparator, name: StringComparator, team: NullableTeamFilter, isGroup: BooleanComparator'
const attachmentTests = 'id: IDComparator, url: StringComparator, title: StringComparator'

const filters = `
input StringComparator { ${stringTests} }
input NullableStringComparator { null: Boolean, ${stringTests} }
input IDComparator { eq: ID, neq: ID, in: [ID!], nin: [ID!] }
input IssueIDComparator { eq: ID, neq: ID, in: [ID!], nin: [ID!] }
input BooleanComparator { eq: Boolean, neq: Boolean }
input NumberComparator { ${numberTests} }
input NullableNumberComparator { null: Boolean, ${numberTests} }
input DateComparator { ${dateTests} }
input NullableDateComparator { null: Boolean, ${dateTests} }
input TeamFilter { and: [TeamFilter!], or: [TeamFilter!], ${teamTests} }
input NullableTeamFilter { null: Boolean, and: [NullableTeamFilter!], or: [NullableTeamFilter!], ${teamTests} }
input NullableUserFilter { null: Boolean, id: IDComparator, name: StringComparator, email: StringComparator }
input WorkflowStateFilter {
  and: [WorkflowStateFilter!], or: [WorkflowStateFilter!]
  id: IDComparator, name: StringComparator, type: StringComparator, team: TeamFilter
}
input IssueLabelFilter { and: [IssueLabelFilter!], or: [IssueLabelFilter!], ${labelTests} }
input IssueLabelCollectionFilter {
  some: IssueLabelFilter, every: IssueLabelFilter, length: NumberComparator, null: Boolean, ${labelTests}
}
input AttachmentFilter { and: [AttachmentFilter!], or: [AttachmentFilter!], ${attachmentTests} }
input AttachmentCollectionFilter {
  some: AttachmentFilter, every: AttachmentFilter, length: NumberComparator, ${attachmentTests}
}
input CommentFilter {
  and: [CommentFilter!], or: [CommentFilter!], id: IDComparator, body: StringComparator, createdAt: DateComparator
}
input IssueFilter {
  and: [IssueFilter!], or: [IssueFilter!]
  id: IssueIDComparator, number: NumberComparator, title: StringComparator, description: NullableStringComparator
  priority: NullableNumberComparator, createdAt: DateComparator, updatedAt: DateComparator
  startedAt: NullableDateComparator, completedAt: NullableDateComparator, canceledAt: NullableDateComparator
  team: TeamFilter, state: WorkflowStateFilter, assignee: NullableUserFilter, creator: NullableUserFilter
  labels: IssueLabelCollectionFilter, attachments: AttachmentCollectionFilter
}`

const inputs = `
input IssueCreateInput {
  id: String, teamId: String!, title: String, description: String, priority: Int, stateId: String, assigneeId: String
  labelIds: [String!], subscriberIds: [String!], parentId: String, dueDate: TimelessDate, estimate: Int
  createdAt: DateTime, createAsUser: String, displayIconUrl: String
}
input IssueUpdateInput {
  title: String, description: String, priority: Int, stateId: String, assigneeId: String, labelIds: [String!]
  addedLabelIds: [String!], removedLabelIds: [String!], subscriberIds: [String!], parentId: String
  dueDate: TimelessDate, estimate: Int, trashed: Boolean
}
input CommentCreateInput {
  id: String, issueId: String, body: String, parentId: String, quotedText: String, doNotSubscribeToIssue: Boolean
  createdAt: DateTime, createAsUser: String, displayIconUrl: String
}
input CommentUpdateInput { body: String, quotedText: String, doNotSubscribeToIssue: Boolean }
input AttachmentCreateInput {
  id: String, issueId: String!, title: String!, url: String!, subtitle: String, iconUrl: String
  metadata: JSONObject, groupBySource: Boolean, commentBody: String, createAsUser: String, displayIconUrl: String
}
input AttachmentUpdateInput { title: String!, subtitle: String, metadata: JSONObject, iconUrl: String }
input CustomerUpsertInput {
  id: String, externalId: String, name: String, domains: [String!], slackChannelId: String, revenue: Int, size: Int
  tierId: String, tierName: String, statusId: String, ownerId: String, logoUrl: String
}
input CustomerNeedCreateInput {
  id: String, issueId: String, customerId: String, customerExternalId: String, body: String, priority: Float
  attachmentId: String, attachmentUrl: String, commentId: String, createdAt: DateTime, createAsUser: String
}
input IssueRelationCreateInput { id: String, issueId: String!, relatedIssueId: String!, type: IssueRelationType! }
input IssueLabelCreateInput {
  id: String, name: String!, color: String, description: String, teamId: String, parentId: String, isGroup: Boolean
}
input WebhookCreateInput {
  id: String, url: String!, resourceTypes: [String!]!, teamId: String, allPublicTeams: Boolean, secret: String
  label: String, enabled: Boolean = true
}`

const payloads = [
  ['IssuePayload', 'issue: Issue'], ['CommentPayload', 'comment: Comment!'], ['AttachmentPayload', 'attachment: Attachment!'],
  ['CustomerPayload', 'customer: Customer!'], ['CustomerNeedPayload', 'need: CustomerNeed!'],
  ['IssueRelationPayload', 'issueRelation: IssueRelation!'], ['IssueLabelPayload', 'issueLabel: IssueLabel!'],
  ['WebhookPayload', 'webhook: Webhook!'], ['UploadPayload', 'uploadFile: UploadFile'], ['DeletePayload', 'entityId: String!']
].map(([name, field]) => `type ${name} { success: Boolean!, lastSyncId: Float!, ${field} }`).join('\n')

export const linearSdl = `
scalar DateTime
scalar DateTimeOrDuration
scalar TimelessDate
scalar JSON
scalar JSONObject
enum PaginationOrderBy { createdAt, updatedAt }
enum IssueRelationType { blocks, duplicate, related, similar }

type PageInfo { hasNextPage: Boolean!, hasPreviousPage: Boolean!, startCursor: String, endCursor: String }
type Organization {
  id: ID!, name: String!, urlKey: String!, createdAt: DateTime!, customersEnabled: Boolean!
  teams(${page}): TeamConnection!
}
type User {
  id: ID!, name: String!, displayName: String!, email: String!, url: String!, active: Boolean!, admin: Boolean!
  isMe: Boolean!, createdAt: DateTime!, organization: Organization!
}
type Team {
  id: ID!, key: String!, name: String!, displayName: String!, triageEnabled: Boolean!, createdAt: DateTime!
  triageIssueState: WorkflowState, defaultIssueState: WorkflowState, organization: Organization!
  states(filter: WorkflowStateFilter, ${page}): WorkflowStateConnection!
  labels(filter: IssueLabelFilter, ${page}): IssueLabelConnection!
  issues(filter: IssueFilter, ${page}): IssueConnection!
}
type WorkflowState {
  id: ID!, name: String!, type: String!, color: String!, position: Float!, description: String, createdAt: DateTime!
  team: Team!
}
type IssueLabel {
  id: ID!, name: String!, color: String!, description: String, isGroup: Boolean!, createdAt: DateTime!
  updatedAt: DateTime!, team: Team, parent: IssueLabel
}
type Issue { ${issueFields} }
type IssueSearchResult { metadata: JSONObject!, ${issueFields} }
type IssueSearchPayload { totalCount: Float!, nodes: [IssueSearchResult!]!, pageInfo: PageInfo! }
type Comment {
  id: ID!, body: String!, url: String!, createdAt: DateTime!, updatedAt: DateTime!, editedAt: DateTime
  issueId: String, issue: Issue, user: User, botActor: ActorBot, parentId: String, parent: Comment, quotedText: String
}
type ActorBot { id: ID, type: String!, name: String }
type Attachment {
  id: ID!, title: String!, subtitle: String, url: String!, metadata: JSONObject!, source: JSONObject
  sourceType: String, groupBySource: Boolean!, createdAt: DateTime!, updatedAt: DateTime!, creator: User, issue: Issue!
}
type CustomerTier { id: ID!, name: String!, displayName: String!, color: String!, position: Float! }
type CustomerStatus { id: ID!, name: String!, displayName: String!, color: String!, position: Float! }
type Customer {
  id: ID!, name: String!, domains: [String!]!, externalIds: [String!]!, slackChannelId: String, revenue: Int
  size: Float, logoUrl: String, slugId: String!, url: String!, approximateNeedCount: Float!, createdAt: DateTime!
  updatedAt: DateTime!, status: CustomerStatus!, tier: CustomerTier, owner: User, needs: [CustomerNeed!]!
}
type CustomerNeed {
  id: ID!, body: String, priority: Float!, url: String, createdAt: DateTime!, updatedAt: DateTime!
  customer: Customer, issue: Issue, attachment: Attachment, comment: Comment, creator: User
}
type IssueRelation { id: ID!, type: String!, createdAt: DateTime!, updatedAt: DateTime!, issue: Issue!, relatedIssue: Issue! }
type Webhook {
  id: ID!, url: String, label: String, enabled: Boolean!, secret: String, resourceTypes: [String!]!
  allPublicTeams: Boolean!, createdAt: DateTime!, updatedAt: DateTime!, team: Team, creator: User
}
type UploadFileHeader { key: String!, value: String! }
type UploadFile {
  uploadUrl: String!, assetUrl: String!, contentType: String!, filename: String!, size: Int!
  headers: [UploadFileHeader!]!, metaData: JSONObject
}
${connections}
${payloads}
${filters}
${inputs}

type Query {
  viewer: User!
  organization: Organization!
  users(${page}): UserConnection!
  teams(filter: TeamFilter, ${page}): TeamConnection!
  team(id: String!): Team!
  workflowStates(filter: WorkflowStateFilter, ${page}): WorkflowStateConnection!
  issueLabels(filter: IssueLabelFilter, ${page}): IssueLabelConnection!
  issue(id: String!): Issue!
  issues(filter: IssueFilter, ${page}): IssueConnection!
  searchIssues(
    term: String!, teamId: String, filter: IssueFilter, includeComments: Boolean, ${page}
  ): IssueSearchPayload!
  comment(id: String, hash: String): Comment!
  attachment(id: String!): Attachment!
  attachmentsForURL(url: String!, ${page}): AttachmentConnection!
  customer(id: String!): Customer!
  customers(${page}): CustomerConnection!
  webhooks(${page}): WebhookConnection!
}

type Mutation {
  issueCreate(input: IssueCreateInput!): IssuePayload!
  issueUpdate(id: String!, input: IssueUpdateInput!): IssuePayload!
  commentCreate(input: CommentCreateInput!): CommentPayload!
  commentUpdate(id: String!, input: CommentUpdateInput!): CommentPayload!
  attachmentCreate(input: AttachmentCreateInput!): AttachmentPayload!
  attachmentUpdate(id: String!, input: AttachmentUpdateInput!): AttachmentPayload!
  attachmentDelete(id: String!): DeletePayload!
  attachmentLinkURL(issueId: String!, url: String!, title: String, id: String): AttachmentPayload!
  customerUpsert(input: CustomerUpsertInput!): CustomerPayload!
  customerNeedCreate(input: CustomerNeedCreateInput!): CustomerNeedPayload!
  issueRelationCreate(input: IssueRelationCreateInput!): IssueRelationPayload!
  issueLabelCreate(input: IssueLabelCreateInput!): IssueLabelPayload!
  webhookCreate(input: WebhookCreateInput!): WebhookPayload!
  webhookDelete(id: String!): DeletePayload!
  fileUpload(contentType: String!, filename: String!, size: Int!, makePublic: Boolean, metaData: JSON): UploadPayload!
}
`
