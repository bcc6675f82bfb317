// Writes on what surrounds issues: attachments (one per issue and address), customers, their requests, labels, webhooks
// and uploads. https://linear.app/developers/attachments
import { chosenId, createComment, givenTime, refuseActorNames } from './linear-issues.ts'
import { getIssue, getRow, inputError, invalidArgument, makeUuid, threadOf } from './linear-records.ts'
import type { Attachment, Customer, Label, Need, Upload, User, Webhook, Workspace } from './linear-records.ts'

type Maybe<T> = T | null | undefined

export interface AttachmentInput {
  id?: Maybe<string>, issueId: string, title: string, url: string, subtitle?: Maybe<string>, iconUrl?: Maybe<string>
  metadata?: Maybe<Record<string, unknown>>, groupBySource?: Maybe<boolean>, commentBody?: Maybe<string>
  createAsUser?: Maybe<string>, displayIconUrl?: Maybe<string>
}
export interface CustomerInput {
  id?: Maybe<string>, externalId?: Maybe<string>, name?: Maybe<string>, domains?: Maybe<string[]>
  slackChannelId?: Maybe<string>, revenue?: Maybe<number>, size?: Maybe<number>, tierId?: Maybe<string>
  tierName?: Maybe<string>, statusId?: Maybe<string>, ownerId?: Maybe<string>, logoUrl?: Maybe<string>
}
export interface NeedInput {
  id?: Maybe<string>, issueId?: Maybe<string>, customerId?: Maybe<string>, customerExternalId?: Maybe<string>
  body?: Maybe<string>, priority?: Maybe<number>, attachmentId?: Maybe<string>, attachmentUrl?: Maybe<string>
  commentId?: Maybe<string>, createdAt?: Maybe<string>, createAsUser?: Maybe<string>
}
export interface LabelInput {
  id?: Maybe<string>, name: string, color?: Maybe<string>, description?: Maybe<string>, teamId?: Maybe<string>
  parentId?: Maybe<string>, isGroup?: Maybe<boolean>
}
export interface WebhookInput {
  id?: Maybe<string>, url: string, resourceTypes: string[], teamId?: Maybe<string>, allPublicTeams?: Maybe<boolean>
  secret?: Maybe<string>, label?: Maybe<string>, enabled?: Maybe<boolean>
}

const RESOURCES = new Set(['Issue', 'Comment', 'Attachment', 'IssueLabel', 'Reaction', 'Project', 'ProjectUpdate', 'Cycle',
  'Customer', 'CustomerNeed', 'IssueSLA', 'Document', 'Initiative', 'InitiativeUpdate', 'User', 'Release'])
const PUBLIC_MAIL = new Set(['gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'yahoo.com', 'icloud.com',
  'aol.com', 'proton.me', 'protonmail.com', 'gmx.de', 'gmx.net', 'web.de'])

/** The address is the natural key: the same one on the same issue updates what is there. */
export function saveAttachment (ws: Workspace, input: AttachmentInput, actor: User): Attachment {
  refuseActorNames(input)
  const issue = getIssue(ws, input.issueId)
  if (!URL.canParse(input.url)) throw invalidArgument('url must be a URL address.')
  if (input.title.trim() === '') throw invalidArgument('title should not be empty.')
  const metadata = checkedMetadata(input.metadata)
  const found = ws.attachmentsByUrl.get(input.url)?.find(row => row.issueId === issue.id)
  if (found !== undefined) return updateAttachment(ws, found, input, actor)
  const id = chosenId(ws, input.id, ws.attachments, 'Attachment')
  const at = ws.stamp()
  const attachment: Attachment = {
    id, issueId: issue.id, title: input.title, subtitle: input.subtitle ?? null, url: input.url,
    metadata: metadata ?? {}, groupBySource: input.groupBySource ?? false, iconUrl: input.iconUrl ?? null,
    creatorId: actor.id, createdAt: at, updatedAt: at
  }
  ws.attachments.set(id, attachment)
  ws.attachmentsByUrl.set(input.url, [...ws.attachmentsByUrl.get(input.url) ?? [], attachment])
  threadOf(ws, issue.id).attachments.push(attachment)
  ws.changed({ type: 'Attachment', action: 'create', id, actor, at })
  if (input.commentBody) createComment(ws, { issueId: issue.id, body: input.commentBody }, actor)
  return attachment
}

export function updateAttachment (
  ws: Workspace, attachment: Attachment, input: Omit<AttachmentInput, 'issueId' | 'url'>, actor: User
): Attachment {
  const wanted: Record<string, unknown> = { title: input.title }
  if (input.subtitle !== undefined) wanted.subtitle = input.subtitle
  if (input.iconUrl !== undefined) wanted.iconUrl = input.iconUrl
  const metadata = checkedMetadata(input.metadata)
  if (metadata !== null) wanted.metadata = metadata
  const before = applyChanges(attachment, wanted, ws.stamp())
  if (before !== null) {
    ws.changed({ type: 'Attachment', action: 'update', id: attachment.id, actor, at: attachment.updatedAt, before })
  }
  return attachment
}

/** Gone for good: the same address may be linked again. */
export function removeAttachment (ws: Workspace, attachment: Attachment): void {
  const others = (rows: Attachment[]): Attachment[] => rows.filter(row => row !== attachment)
  ws.attachments.delete(attachment.id)
  ws.attachmentsByUrl.set(attachment.url, others(ws.attachmentsByUrl.get(attachment.url) ?? []))
  const thread = threadOf(ws, attachment.issueId)
  thread.attachments = others(thread.attachments)
}

/** Matched by id, else by external id, else by domain, else by Slack channel. */
export function upsertCustomer (ws: Workspace, input: CustomerInput, actor: User): Customer {
  if (input.tierId && input.tierName) throw invalidArgument('tierId cannot be used together with tierName.')
  for (const domain of input.domains ?? []) {
    if (PUBLIC_MAIL.has(domain.toLowerCase())) throw invalidArgument(`The domain ${domain} is a public email domain.`)
  }
  const all = [...ws.customers.values()]
  const found = ws.customers.get(input.id ?? '') ?? ws.customersByExternalId.get(input.externalId ?? '') ??
    all.find(row => row.domains.some(domain => input.domains?.includes(domain))) ??
    all.find(row => row.slackChannelId !== null && row.slackChannelId === input.slackChannelId)
  const wanted = wantedOf(ws, input)
  if (found !== undefined) {
    const externalIds = input.externalId ? [...new Set([...found.externalIds, input.externalId])] : found.externalIds
    const before = applyChanges(found, { ...wanted, externalIds }, ws.stamp())
    if (input.externalId) ws.customersByExternalId.set(input.externalId, found)
    if (before !== null) {
      ws.changed({ type: 'Customer', action: 'update', id: found.id, actor, at: found.updatedAt, before })
    }
    return found
  }
  if (!input.name?.trim()) throw invalidArgument('name should not be empty.')
  const id = chosenId(ws, input.id, ws.customers, 'Customer')
  const at = ws.stamp()
  const customer: Customer = {
    id, name: input.name, domains: [], externalIds: input.externalId ? [input.externalId] : [], slackChannelId: null,
    revenue: null, size: null, tierId: null, statusId: [...ws.statuses.keys()][0] ?? '', ownerId: null, logoUrl: null,
    slugId: makeUuid(`slug ${id}`).slice(-12), createdAt: at, updatedAt: at, ...wanted
  }
  ws.customers.set(id, customer)
  if (input.externalId) ws.customersByExternalId.set(input.externalId, customer)
  ws.changed({ type: 'Customer', action: 'create', id, actor, at })
  return customer
}

export function createNeed (ws: Workspace, input: NeedInput, actor: User): Need {
  refuseActorNames(input)
  const id = chosenId(ws, input.id, ws.needs, 'CustomerNeed')
  if (!input.issueId) throw invalidArgument('Either issueId or projectId must be provided.')
  if (input.customerId && input.customerExternalId) {
    throw invalidArgument('customerId cannot be used together with customerExternalId.')
  }
  const issue = getIssue(ws, input.issueId)
  const customer = input.customerExternalId
    ? getRow(ws.customersByExternalId, input.customerExternalId, 'Customer')
    : getRow(ws.customers, input.customerId ?? '', 'Customer')
  if (input.priority !== null && input.priority !== undefined && ![0, 1].includes(input.priority)) {
    throw invalidArgument('priority must be one of the following values: 0, 1.')
  }
  const attachment = sourceOf(ws, input, issue.id, customer, actor)
  const at = givenTime(input.createdAt) ?? ws.stamp()
  const need: Need = {
    id, customerId: customer.id, issueId: issue.id, body: input.body ?? null, priority: input.priority ?? 0,
    attachmentId: attachment?.id ?? null,
    commentId: input.commentId ? getRow(ws.comments, input.commentId, 'Comment').id : null,
    creatorId: actor.id, createdAt: at, updatedAt: at
  }
  ws.needs.set(id, need)
  threadOf(ws, issue.id).needs.push(need)
  ws.changed({ type: 'CustomerNeed', action: 'create', id, actor, at })
  return need
}

export function createLabel (ws: Workspace, input: LabelInput, actor: User): Label {
  const id = chosenId(ws, input.id, ws.labels, 'IssueLabel')
  const teamId = input.teamId ? getRow(ws.teams, input.teamId, 'Team').id : null
  const parentId = input.parentId ? getRow(ws.labels, input.parentId, 'IssueLabel').id : null
  if (input.name.trim() === '') throw invalidArgument('name should not be empty.')
  const same = (row: Label): boolean => row.name.toLowerCase() === input.name.toLowerCase()
  const meet = (row: Label): boolean => row.teamId === null || teamId === null || row.teamId === teamId
  if ([...ws.labels.values()].some(row => same(row) && meet(row))) {
    throw inputError('duplicate label name', `A label with the name "${input.name}" already exists.`)
  }
  const at = ws.stamp()
  const label: Label = {
    id, name: input.name, color: input.color ?? '#bec2c8', description: input.description ?? null, teamId, parentId,
    isGroup: input.isGroup ?? false, creatorId: actor.id, createdAt: at, updatedAt: at
  }
  ws.labels.set(id, label)
  ws.changed({ type: 'IssueLabel', action: 'create', id, actor, at })
  return label
}

/** The vendor calls public https addresses only; the sandbox's own loopback is allowed beside them. */
export function createWebhook (ws: Workspace, input: WebhookInput): Webhook {
  const id = chosenId(ws, input.id, ws.webhooks, 'Webhook')
  if (!/^https:\/\/|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(input.url) || !URL.canParse(input.url)) {
    throw invalidArgument('url must be a valid https URL.')
  }
  if (input.resourceTypes.length === 0) throw invalidArgument('resourceTypes should not be empty.')
  const strange = input.resourceTypes.find(type => !RESOURCES.has(type))
  if (strange !== undefined) throw invalidArgument(`resourceTypes: ${strange} is not a resource of webhooks.`)
  if (!input.teamId && input.allPublicTeams !== true) throw invalidArgument('Either teamId or allPublicTeams must be given.')
  if (input.teamId && input.allPublicTeams === true) throw invalidArgument('teamId cannot be used with allPublicTeams.')
  const byKey = [...ws.teams.values()].find(team => team.key === input.teamId)?.id
  const teamId = input.teamId ? getRow(ws.teams, byKey ?? input.teamId, 'Team').id : null
  if ([...ws.webhooks.values()].some(row => row.url === input.url && row.teamId === teamId)) {
    throw inputError('url not unique', 'A webhook with this url already exists.')
  }
  const at = ws.stamp()
  const webhook: Webhook = {
    id, url: input.url, label: input.label ?? null, enabled: input.enabled ?? true,
    secret: input.secret ?? `lin_wh_${makeUuid(`secret ${id}`).replaceAll('-', '')}`,
    resourceTypes: input.resourceTypes, teamId, allPublicTeams: input.allPublicTeams ?? false,
    createdAt: at, updatedAt: at
  }
  ws.webhooks.set(id, webhook)
  return webhook
}

export function createUpload (
  ws: Workspace, input: { contentType: string, filename: string, size: number, metaData?: unknown }
): Upload {
  if (input.size <= 0) throw invalidArgument('size must be a positive number.')
  if (!/^[\w.+-]+\/[\w.+-]+$/.test(input.contentType)) throw invalidArgument('contentType must be a valid content type.')
  const { contentType, filename, size, metaData = null } = input
  const upload: Upload = { id: ws.newId(), contentType, filename, size, metaData, content: null }
  ws.uploads.set(upload.id, upload)
  return upload
}

function sourceOf (
  ws: Workspace, input: NeedInput, issueId: string, customer: Customer, actor: User
): Attachment | null {
  if (input.attachmentId) return getRow(ws.attachments, input.attachmentId, 'Attachment')
  if (!input.attachmentUrl) return null
  const there = ws.attachmentsByUrl.get(input.attachmentUrl)?.find(row => row.issueId === issueId)
  return there ?? saveAttachment(ws, { issueId, url: input.attachmentUrl, title: customer.name }, actor)
}

function wantedOf (ws: Workspace, input: CustomerInput): Partial<Customer> {
  const wanted: Partial<Customer> = {}
  if (input.name?.trim()) wanted.name = input.name
  if (input.domains) wanted.domains = input.domains
  if (typeof input.revenue === 'number') wanted.revenue = input.revenue
  if (typeof input.size === 'number') wanted.size = input.size
  if (input.slackChannelId) wanted.slackChannelId = input.slackChannelId
  if (input.logoUrl) wanted.logoUrl = input.logoUrl
  if (input.ownerId) wanted.ownerId = getRow(ws.users, input.ownerId, 'User').id
  if (input.statusId) wanted.statusId = getRow(ws.statuses, input.statusId, 'CustomerStatus').id
  if (input.tierId) wanted.tierId = getRow(ws.tiers, input.tierId, 'CustomerTier').id
  if (input.tierName) {                             // a tier that is not there is made
    const known = [...ws.tiers.values()].find(tier => tier.name === input.tierName)
    const tier = known ?? { id: ws.newId(), name: input.tierName, color: '#5e6ad2', position: ws.tiers.size }
    ws.tiers.set(tier.id, tier)
    wanted.tierId = tier.id
  }
  return wanted
}

function checkedMetadata (metadata: Maybe<Record<string, unknown>>): Record<string, unknown> | null {
  if (metadata === null || metadata === undefined) return null
  const flat = Object.values(metadata).every(value => ['string', 'number'].includes(typeof value))
  if (!flat) throw invalidArgument('metadata must be an object of strings and numbers.')
  return metadata
}

function applyChanges (row: { updatedAt: string }, wanted: object, at: string): Record<string, unknown> | null {
  const previous: Record<string, unknown> = { ...row }
  const differs = ([key, value]: [string, unknown]): boolean => JSON.stringify(previous[key]) !== JSON.stringify(value)
  const changed = Object.entries(wanted).filter(differs)
  if (changed.length === 0) return null
  const before = Object.fromEntries(changed.map(([key]) => [key, previous[key] ?? null]))
  Object.assign(row, Object.fromEntries(changed), { updatedAt: at })
  return { updatedAt: previous.updatedAt, ...before }
}
