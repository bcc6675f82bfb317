// What the pretend Zendesk knows from the start: a few articles of its help centre and macros of its agents.
import type { Instant } from './types.ts'

export interface Article {
  id: number, title: string, body: string, locale: string, updatedAt: Instant, draft: boolean
  segment: number | null                            // not null: only for some readers
}
export interface Macro {
  id: number, title: string, active: boolean, updatedAt: Instant
  actions: Array<{ field: string, value: string | string[] }>
}

const MADE: Instant = '2025-01-06T08:00:00Z'

export const ARTICLES: readonly Article[] = [
  {
    id: 42000000000001,
    title: 'Change the delivery address of an order',
    body: '<p>Open <strong>Orders</strong>, choose the order and press <em>Edit address</em>.</p><p>Once the parcel is packed the address is fixed.</p>',
    locale: 'en-us',
    segment: null,
    draft: false,
    updatedAt: '2025-02-03T10:00:00Z'
  },
  {
    id: 42000000000002,
    title: 'When a refund arrives',
    body: '<p>A refund leaves us on the day we receive the goods. Banks need up to five working days.</p>',
    locale: 'en-us',
    segment: null,
    draft: false,
    updatedAt: '2025-03-10T15:30:00Z'
  },
  {
    id: 42000000000003,
    title: 'Credit notes by hand (staff)',
    body: '<p>Ask the bookkeeping desk for the number range before you write one.</p>',
    locale: 'en-us',
    segment: 42100000000001,
    draft: false,
    updatedAt: '2025-03-11T09:00:00Z'
  }
]

export const MACROS: readonly Macro[] = [
  {
    id: 42200000000001,
    title: 'Shipping::Parcel is late',
    active: true,
    actions: [
      { field: 'comment_value_html', value: '<p>I have asked the carrier about your parcel and will write again by tomorrow noon.</p>' },
      { field: 'comment_mode_is_public', value: 'true' },
      { field: 'status', value: 'pending' }
    ],
    updatedAt: '2025-02-14T11:00:00Z'
  },
  {
    id: 42200000000002,
    title: 'Account::Password link',
    active: true,
    actions: [{ field: 'comment_value', value: ['channel:all', 'Use "Forgot password" on the sign-in page; the link works for one hour.'] }],
    updatedAt: '2025-02-20T11:00:00Z'
  },
  {
    id: 42200000000003,
    title: 'Old::Holiday notice',
    active: false,
    actions: [{ field: 'comment_value', value: 'We are back on Monday.' }],
    updatedAt: '2025-01-07T11:00:00Z'
  }
]

export function showArticle (origin: string, article: Article): Record<string, unknown> {
  const slug = `${article.id}-${article.title.replace(/[^A-Za-z0-9]+/g, '-')}`
  return {
    id: article.id,
    url: `${origin}/api/v2/help_center/${article.locale}/articles/${article.id}.json`,
    html_url: `${origin}/hc/${article.locale}/articles/${slug}`,
    author_id: 41_100_000_000_002,
    comments_disabled: false,
    draft: article.draft,
    promoted: false,
    position: 0,
    vote_sum: 0,
    vote_count: 0,
    section_id: 42300000000001,
    created_at: MADE,
    updated_at: article.updatedAt,
    name: article.title,
    title: article.title,
    source_locale: article.locale,
    locale: article.locale,
    outdated: false,
    outdated_locales: [],
    edited_at: article.updatedAt,
    user_segment_id: article.segment,
    permission_group_id: 42400000000001,
    content_tag_ids: [],
    label_names: [],
    body: article.body
  }
}

export function showMacro (origin: string, macro: Macro): Record<string, unknown> {
  return {
    url: `${origin}/api/v2/macros/${macro.id}.json`,
    id: macro.id,
    title: macro.title,
    active: macro.active,
    updated_at: macro.updatedAt,
    created_at: MADE,
    default: false,
    position: 1,
    description: null,
    actions: macro.actions,
    restriction: null,
    raw_title: macro.title
  }
}
