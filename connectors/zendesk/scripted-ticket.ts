// One ticket's life for the tests: as Zendesk shows it afterwards, as its webhooks told it, and answered by nock.

import nock from 'nock'
import type { Article, Helpdesk, HistoryPage, TicketEvent } from '../../src/types.ts'
import { open } from './helpdesk.ts'
import type { Json } from './shapes.ts'

export const ORIGIN = 'https://acme.zendesk.test'
export const SETTINGS = { ZENDESK_URL: `${ORIGIN}/`, ZENDESK_EMAIL: 'loop@example.org', ZENDESK_API_TOKEN: 't0k' }
export const KEY = 'dl-0123456789abc'

export const USERS = [
  { id: 71, name: 'Ilse Brandt', email: 'ilse@example.org', role: 'end-user' },
  { id: 9, name: 'Jon Abara', email: 'jon@acme.test', role: 'agent' },
  { id: 3, name: 'Deskloop', email: 'loop@example.org', role: 'admin' }
]

export interface Told { ticket: Json, comments: Json[], audits: Json[], users: Json[] }

/** One ticket's life, as Zendesk shows it afterwards and as it told it while it happened. */
export function script (): Told & { webhooks: Json[] } {
  const ticket = {
    id: 9041, status: 'open', subject: 'Renamed later', description: 'The export button stays grey.', via: { channel: 'web' },
    created_at: '2026-11-20T08:02:11Z', updated_at: '2026-11-20T08:30:44Z', requester_id: 71, assignee_id: 9, group_id: 22,
    tags: ['deskloop_draft', 'export_bug', 'vip'], custom_fields: [{ id: 31, value: null }, { id: 32, value: 'https://app.acme.test/reports' }],
    satisfaction_rating: { id: 801, score: 'bad', comment: 'Too slow' }
  }
  const comments = [
    comment(7700, 71, '08:02:11', 'The export button stays grey.'), comment(7701, 71, '08:30:44', 'Firefox&nbsp;too'),
    comment(7702, 9, '08:35:00', 'Ask finance', false), comment(7703, 9, '08:36:00', 'Please reload.\n\nJon'),
    comment(7704, -1, '08:36:30', 'How did we do?'), comment(7705, 9, '08:37:00', 'Wrong ticket, sorry', false)
  ]
  const audits = [
    audit(1, 71, '08:02:11', [
      said(7700, 71, 'The export button stays grey.', true), { id: 1, type: 'Create', field_name: 'subject', value: 'Export button stays grey' },
      { id: 2, type: 'Create', field_name: 'tags', value: ['export'] }, { id: 3, type: 'Create', field_name: 'status', value: 'new' },
      { id: 4, type: 'Create', field_name: 'priority', value: 'low' }, { id: 5, type: 'Create', field_name: 'requester_id', value: '71' }
    ]),
    audit(2, 9, '08:05:00', [
      change('assignee_id', '9', null), change('group_id', '22', '21'), change('tags', ['export', 'a'], ['export']),
      change('tags', ['export_bug', 'vip', 'deskloop_draft'], ['export', 'a']), change('priority', 'urgent', 'low')
    ]),
    audit(3, 71, '08:30:44', [said(7701, 71, 'Firefox too', true)]),
    audit(4, 9, '08:36:00', [change('status', 'solved', 'new'), change('subject', 'Renamed later', 'Export button stays grey')]),
    audit(5, 9, '08:50:00', [{ id: 9, type: 'CommentPrivacyChange', comment_id: 7705, public: false }]),
    audit(6, 71, '08:55:00', [change('status', 'open', 'solved')]),
    audit(7, 71, '09:00:00', [{ id: 10, type: 'SatisfactionRating', score: 'bad', assignee_id: 9 }]),
    audit(8, 9, '09:10:00', [
      change('status', 'closed', 'open'), { id: 12, type: 'Comment', public: false, body: 'This was closed and merged into request #9038.' },
      change('tags', ['closed_by_merge', 'export_bug', 'vip'], ['export_bug', 'vip'])
    ])
  ]
  const web = (kind: string, time: string, event: Json, actor = '71') => ({
    id: `${kind}${time}`, type: `zen:event-type:ticket.${kind}`, subject: 'zen:ticket:9041', time: `2026-11-20T${time}.987654321Z`,
    detail: { id: '9041', actor_id: actor, requester_id: '71' }, event
  })
  const wrote = (id: string, author: string, name: string, body: string, isPublic = true) =>
    ({ comment: { id, body, is_public: isPublic, author: { id: author, name, is_staff: author === '9' } } })
  const webhooks = [
    web('created', '08:02:11', {}), web('priority_changed', '08:05:00', { current: 'URGENT', previous: 'LOW' }),
    web('agent_assignment_changed', '08:05:00', { current: '9', previous: null }),
    web('group_assignment_changed', '08:05:00', { current: '22', previous: '21' }),
    web('tags_changed', '08:05:00', { tags_added: ['vip', 'deskloop_draft', 'export_bug'], tags_removed: ['export'] }),
    web('comment_added', '08:30:44', wrote('7701', '71', 'Ilse Brandt', 'Firefox too')),
    web('comment_added', '08:35:00', wrote('7702', '9', 'Jon Abara', 'Ask finance', false), '9'),
    web('comment_added', '08:36:00', wrote('7703', '9', 'Jon Abara', 'Please reload.\r\n\r\nJon'), '9'),
    web('status_changed', '08:36:00', { current: 'SOLVED', previous: 'NEW' }, '9'),
    web('comment_added', '08:36:30', wrote('7704', '-1', 'System', 'How did we do?'), '-1'),
    web('comment_added', '08:37:00', wrote('7705', '9', 'Jon Abara', 'Wrong ticket, sorry'), '9'),
    web('comment_made_private', '08:50:00', { comment: { id: '7705' } }, '9'),
    web('status_changed', '08:55:00', { current: 'OPEN', previous: 'SOLVED' }),
    web('csat_received', '09:00:00', { satisfaction_score: { score: 'BAD' } }),
    web('status_changed', '09:10:00', { current: 'CLOSED', previous: 'OPEN' }, '9'),
    web('tags_changed', '09:10:00', { tags_added: ['closed_by_merge'], tags_removed: [] }, '9'),
    web('merged', '09:10:00', { target_ticket_id: '9038' }, '9')
  ]
  return { ticket, comments, audits, users: USERS, webhooks }
}

export function fresh (): Told {
  const { ticket, comments } = script()
  return { ticket, comments: comments.slice(0, 2), audits: [], users: USERS }
}

export function comment (id: number, author: number, time: string, body: string, isPublic = true): Json {
  return { id, type: 'Comment', author_id: author, public: isPublic, body, plain_body: body, created_at: `2026-11-20T${time}Z` }
}

export function said (id: number, author: number, body: string, isPublic: boolean): Json {
  return { id, type: 'Comment', author_id: author, body, plain_body: body, public: isPublic }
}

export function change (field: string, value: unknown, previous: unknown): Json {
  return { id: 1, type: 'Change', field_name: field, value, previous_value: previous }
}

export function audit (id: number, author: number, time: string, events: Json[], custom: Json = {}): Json {
  return { id, ticket_id: 9041, created_at: `2026-11-20T${time}Z`, author_id: author, metadata: { system: {}, custom }, events, via: { channel: 'web' } }
}

export function noteAudit (isPublic: boolean): Json {
  return audit(6, 3, '08:40:00', [said(7799, 3, 'without the line', isPublic)], { deskloop: { key: KEY } })
}

export function stored (isPublic: boolean): Json {
  return { ticket: { id: 9041 }, audit: noteAudit(isPublic) }
}

export function api (method: 'GET' | 'PUT', path: string, status: number, body: Json, headers: Record<string, string> = {}): void {
  nock(ORIGIN).intercept(`/api/v2${path}`, method).query(true).reply(status, body, headers)
}

export function readable (told: Told): void {
  api('GET', '/tickets/9041', 200, { ticket: told.ticket })
  api('GET', '/tickets/9041/comments', 200, { comments: told.comments, users: told.users, meta: { has_more: false } })
  api('GET', '/tickets/9041/audits', 200, { audits: told.audits, meta: { has_more: false } })
}

export async function tell (told: Told): Promise<TicketEvent[]> {
  readable(told)
  return await helpdesk().fetchTicket('9041')
}

export async function failure (promise: Promise<unknown>): Promise<Error> {
  const error: unknown = await promise.then(() => null, (cause: unknown) => cause)
  if (!(error instanceof Error)) throw new Error('nothing failed, or what was thrown is no error')
  return error
}

export async function collect<T extends HistoryPage | Article> (from: AsyncIterable<T>): Promise<T[]> {
  return await Array.fromAsync(from)
}

export function byKey (a: TicketEvent, b: TicketEvent): number {
  return a.key < b.key ? -1 : 1
}

export function helpdesk (deadlineMs = 2_000, settings: Record<string, string> = SETTINGS): Helpdesk {
  return open(settings, 'main', deadlineMs)
}

/** Nothing leaves the machine, and each answer that was prepared is asked for. */
export function keepInside (): void {
  beforeAll(() => nock.disableNetConnect())
  afterEach(() => {
    const left = nock.pendingMocks()
    nock.cleanAll()
    expect(left).toEqual([])
  })
  afterAll(() => nock.restore())
}
