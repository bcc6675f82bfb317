// The objects of the pretend intercom, as it keeps them. Times are unix seconds, texts are html, ids are strings.

export type PayloadVersion = '2.14' | '2.16'

export interface Admin { id: string, name: string, email: string, teamIds: string[] }
export interface Team { id: string, name: string }
export interface Tag { id: string, name: string }
export interface Ref { type: string, id: string | null }

export interface Author {
  id: string, type: 'user' | 'admin' | 'bot', name: string, email: string
  from_ai_agent: boolean, is_ai_answer: boolean
}

export interface Attachment {
  type: 'upload', name: string, url: string, content_type: string
  filesize: number, width: null, height: null
}

export type State = 'open' | 'closed' | 'snoozed'

export interface Part {
  id: string
  part_type: string
  body: string | null                               // html, as REST says it
  created_at: number                                // unix seconds, here and below
  updated_at: number
  assigned_to: Ref | null
  author: Author
  attachments: Attachment[]
  redacted: boolean
  state: State
  tags: Tag[]
  app_package_code: string | null                   // the app that wrote it through the API
}

export interface Statistics {
  time_to_assignment: number | null
  time_to_admin_reply: number | null
  time_to_first_close: number | null
  time_to_last_close: number | null
  median_time_to_reply: number | null
  first_contact_reply_at: number | null
  first_assignment_at: number | null
  first_admin_reply_at: number | null
  first_close_at: number | null
  last_assignment_at: number | null
  last_assignment_admin_reply_at: number | null
  last_contact_reply_at: number | null
  last_admin_reply_at: number | null
  last_close_at: number | null
  last_closed_by_id: string | null
  count_reopens: number
  count_assignments: number
  count_conversation_parts: number
}

export interface Contact {
  id: string, externalId: string, name: string, email: string
  created_at: number, updated_at: number, last_replied_at: number
  companyIds: string[], conversationIds: string[]
  mergedInto: string | null
}

export interface Company { id: string, companyId: string, name: string, plan: string | null, at: number }

export interface Conversation {
  ordinal: number                                   // order of creation: breaks ties of time
  id: string
  created_at: number
  updated_at: number
  waiting_since: number | null
  snoozed_until: number | null
  source: {
    type: 'conversation' | 'email', id: string, subject: string, body: string, author: Author
    url: string | null, redacted: boolean
  }
  contactId: string
  adminId: string | null
  teamId: string | null
  state: State
  read: boolean
  priority: 'none' | 'urgent'
  tags: Array<Tag & { applied_at: number, applied_by: string }>
  rating: { rating: number, remark: string | null, created_at: number, updated_at: number } | null
  teammateIds: string[]
  title: string
  attributes: Record<string, unknown>
  statistics: Statistics
  replyTimes: number[]                              // seconds from question to answer, for the median
  parts: Part[]
  ticket: { ticketId: string, title: string, category: 'submitted' | 'resolved' } | null
  answeredByAi: number | null
  mergedInto: string | null
}

export interface Article {
  id: string, title: string, description: string, body: string, state: 'published' | 'draft'
  created_at: number, updated_at: number
}

export interface Macro { id: string, name: string, body: string, created_at: number, updated_at: number }

export interface World {
  appId: string
  appCode: string
  payloadVersion: PayloadVersion
  self: Admin
  bot: Author
  admins: Map<string, Admin>
  agents: Map<string, Admin>                        // the caller's own name of an agent -> admin
  teams: Map<string, Team>
  teamNames: Map<string, Team>
  tags: Map<string, Tag>
  tagNames: Map<string, Tag>                        // lower case: names of tags ignore it
  contacts: Map<string, Contact>
  contactKeys: Map<string, Contact>                 // `id:…` (the customer's own) and `email:…`
  companies: Map<string, Company>
  conversations: Map<string, Conversation>
  byCreated: Conversation[]
  byUpdated: Conversation[]
  deleted: Array<{ id: string, deleted_at: number }>
  attributeNames: Set<string>
  articles: Map<string, Article>
  macros: Map<string, Macro>
  events: Map<string, unknown>
  next: (kind: string) => number
}
