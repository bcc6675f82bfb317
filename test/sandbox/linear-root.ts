// The roots of the graph: what each query and mutation does. The schema has already checked the forms of the arguments.
import {
  createComment, createIssue, createRelation, updateComment, updateIssue
} from './linear-issues.ts'
import type { CommentCreateInput, IssueCreateInput, IssueUpdateInput } from './linear-issues.ts'
import {
  createLabel, createNeed, createUpload, createWebhook, removeAttachment, saveAttachment, updateAttachment,
  upsertCustomer
} from './linear-links.ts'
import type { AttachmentInput, CustomerInput, LabelInput, NeedInput, WebhookInput } from './linear-links.ts'
import { getIssue, getRow, identifierOf, invalidArgument, threadOf } from './linear-records.ts'
import type { Attachment, Issue, Relation, Upload, Workspace } from './linear-records.ts'
import { meets, stateFacts } from './linear-filter.ts'
import {
  connect, listIssues, listLabels, newestFirst, viewAttachment, viewComment, viewCustomer, viewIssue, viewLabel,
  viewNeed, viewOrganization, viewRelation, viewState, viewTeam, viewUser, viewWebhook
} from './linear-views.ts'
import type { Filtered, Page, View } from './linear-views.ts'

/** `origin`: where the pretend Linear listens, for the addresses of uploads. `once`: a search, which has its own limit. */
export function makeRoot (ws: Workspace, origin: () => string, once: () => void): View {
  return { ...queries(ws, once), ...mutations(ws, origin) }
}

function queries (ws: Workspace, once: () => void): View {
  return {
    viewer: () => viewUser(ws, ws.viewer),
    organization: () => viewOrganization(ws),
    users: (args: Page) => connect([...ws.users.values()], args, row => viewUser(ws, row)),
    teams: (args: Filtered) => connect([...ws.teams.values()].filter(row => meets(args.filter, row)), args,
      row => viewTeam(ws, row)),
    team: ({ id }: { id: string }) => viewTeam(ws, getRow(ws.teams, id, 'Team')),
    workflowStates: (args: Filtered) => connect(
      [...ws.states.values()].filter(row => meets(args.filter, stateFacts(ws, row))), args, row => viewState(ws, row)),
    issueLabels: (args: Filtered) => connect(listLabels(ws, args), args, row => viewLabel(ws, row)),
    issue: ({ id }: { id: string }) => viewIssue(ws, getIssue(ws, id)),
    issues: (args: Filtered) => connect(listIssues(ws, ws.issues.values(), args), args, row => viewIssue(ws, row)),
    searchIssues (args: Filtered & { term: string, teamId?: string | null, includeComments?: boolean | null }) {
      once()
      return connect(searchIssues(ws, args), args, row => viewIssue(ws, row))
    },
    comment ({ id }: { id?: string | null }) {
      if (!id) throw invalidArgument('id should not be empty.')
      return viewComment(ws, getRow(ws.comments, id, 'Comment'))
    },
    attachment: ({ id }: { id: string }) => viewAttachment(ws, getRow(ws.attachments, id, 'Attachment')),
    attachmentsForURL: (args: Page & { url: string }) => connect(
      newestFirst((ws.attachmentsByUrl.get(args.url) ?? []).filter(row => isOpen(ws, row)), args), args,
      row => viewAttachment(ws, row)),
    customer: ({ id }: { id: string }) => viewCustomer(ws, getRow(ws.customers, id, 'Customer')),
    customers: (args: Page) => connect(
      newestFirst([...ws.customers.values()], args), args, row => viewCustomer(ws, row)),
    webhooks: (args: Page) => connect([...ws.webhooks.values()], args, row => viewWebhook(ws, row))
  }
}

function mutations (ws: Workspace, origin: () => string): View {
  const me = ws.viewer
  const done = (field: View): View => ({ success: true, lastSyncId: ++ws.lastSyncId, ...field })
  const linked = (attachment: Attachment): View => done({ attachment: viewAttachment(ws, attachment) })
  return {
    issueCreate: ({ input }: { input: IssueCreateInput }) => done({ issue: viewIssue(ws, createIssue(ws, input, me)) }),
    issueUpdate: ({ id, input }: { id: string, input: IssueUpdateInput }) =>
      done({ issue: viewIssue(ws, updateIssue(ws, getIssue(ws, id), input, me)) }),
    commentCreate: ({ input }: { input: CommentCreateInput }) =>
      done({ comment: viewComment(ws, createComment(ws, input, me)) }),
    commentUpdate: ({ id, input }: { id: string, input: { body?: string | null } }) =>
      done({ comment: viewComment(ws, updateComment(ws, id, input.body, me)) }),
    attachmentCreate: ({ input }: { input: AttachmentInput }) => linked(saveAttachment(ws, input, me)),
    attachmentUpdate: ({ id, input }: { id: string, input: Omit<AttachmentInput, 'issueId' | 'url'> }) =>
      linked(updateAttachment(ws, getRow(ws.attachments, id, 'Attachment'), input, me)),
    attachmentDelete ({ id }: { id: string }) {
      removeAttachment(ws, getRow(ws.attachments, id, 'Attachment'))
      return done({ entityId: id })
    },
    attachmentLinkURL ({ title, ...link }: Pick<AttachmentInput, 'issueId' | 'url' | 'id'> & { title?: string | null }) {
      return linked(saveAttachment(ws, { ...link, title: title ?? link.url }, me))
    },
    customerUpsert: ({ input }: { input: CustomerInput }) =>
      done({ customer: viewCustomer(ws, upsertCustomer(ws, input, me)) }),
    customerNeedCreate: ({ input }: { input: NeedInput }) => done({ need: viewNeed(ws, createNeed(ws, input, me)) }),
    issueRelationCreate ({ input }: { input: Pick<Relation, 'issueId' | 'relatedIssueId' | 'type'> & { id?: string | null } }) {
      return done({ issueRelation: viewRelation(ws, createRelation(ws, input, me)) })
    },
    issueLabelCreate: ({ input }: { input: LabelInput }) =>
      done({ issueLabel: viewLabel(ws, createLabel(ws, input, me)) }),
    webhookCreate: ({ input }: { input: WebhookInput }) =>
      done({ webhook: viewWebhook(ws, createWebhook(ws, input)) }),
    webhookDelete ({ id }: { id: string }) {
      getRow(ws.webhooks, id, 'Webhook')
      ws.webhooks.delete(id)
      return done({ entityId: id })
    },
    fileUpload: (args: Pick<Upload, 'contentType' | 'filename' | 'size'> & { metaData?: unknown }) =>
      done({ uploadFile: viewUpload(createUpload(ws, args), origin()) })
  }
}

/** The addresses carry a signature, as those of the vendor's storage do: only the headers given back open them. */
export function uploadHeaders (upload: Upload): Record<string, string> {
  return {
    'x-goog-content-length-range': `${upload.size},${upload.size}`,
    'Content-Disposition': `attachment; filename="${upload.filename.replaceAll('"', '')}"`
  }
}

function viewUpload (upload: Upload, origin: string): View {
  const headers = Object.entries(uploadHeaders(upload)).map(([key, value]) => ({ key, value }))
  const { contentType, filename, size, metaData } = upload
  return {
    contentType, filename, size, metaData, headers,
    uploadUrl: `${origin}/uploads/${upload.id}?signature=${upload.id.slice(0, 8)}`, assetUrl: `${origin}/assets/${upload.id}`
  }
}

// Every word of the term stands in the title, the description, the identifier or, when asked, in a comment.
function searchIssues (
  ws: Workspace, args: Filtered & { term: string, teamId?: string | null, includeComments?: boolean | null }
): Issue[] {
  const wanted = args.term.toLowerCase().split(/\s+/).filter(word => word !== '')
  if (wanted.length === 0) throw invalidArgument('term should not be empty.')
  return listIssues(ws, ws.issues.values(), args).filter(issue => {
    if (args.teamId && issue.teamId !== args.teamId) return false
    const comments = args.includeComments === true ? threadOf(ws, issue.id).comments.map(row => row.body) : []
    const text = [issue.title, issue.description ?? '', identifierOf(ws, issue), ...comments].join('\n').toLowerCase()
    return wanted.every(word => text.includes(word))
  })
}

function isOpen (ws: Workspace, attachment: Attachment): boolean {
  return getRow(ws.issues, attachment.issueId, 'Issue').archivedAt === null
}
